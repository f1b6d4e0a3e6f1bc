//! Which topics are wanted, and how far each has come: the subscriber's memory, without any I/O.

use std::collections::HashMap;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

/// How long a topic nobody holds stays subscribed: a reload comes back within it and costs no round trip.
pub(super) const LINGER: Duration = Duration::from_secs(10);

/// Something that one can subscribe to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Topic {
    /// One channel.
    Channel(String),
    /// All channels that match a glob.
    Pattern(String),
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Book {
    entries: HashMap<Topic, Entry>,
}

#[derive(Debug, Default)]
struct Entry {
    holders: usize,
    state: State,
    waiters: Vec<oneshot::Sender<()>>,
    released_at: Option<Instant>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Wanted,
    Requested,
    Confirmed,
    Refused,
}

impl Book {
    /// Takes a hold. `None` when the topic is already confirmed, else a receiver that hears of it.
    pub(super) fn hold(&mut self, topic: Topic) -> Option<oneshot::Receiver<()>> {
        let entry = self.entries.entry(topic).or_default();
        entry.holders += 1;
        entry.released_at = None;
        if entry.state == State::Confirmed {
            return None;
        }
        let (sender, receiver) = oneshot::channel();
        if entry.state == State::Refused {
            return Some(receiver);
        }
        // Those who gave up while Redis was away must not pile up.
        entry.waiters.retain(|waiter| !waiter.is_closed());
        entry.waiters.push(sender);
        Some(receiver)
    }

    /// Gives a hold back.
    pub(super) fn release(&mut self, topic: &Topic, now: Instant) {
        let Some(entry) = self.entries.get_mut(topic) else {
            return;
        };
        entry.holders = entry.holders.saturating_sub(1);
        if entry.holders == 0 {
            entry.released_at = Some(now);
        }
    }

    /// The topics that have to be asked for now; the caller confirms them or reports the link lost.
    pub(super) fn take_wanted(&mut self) -> Vec<Topic> {
        let wanted = self
            .entries
            .iter_mut()
            .filter(|(_, entry)| entry.state == State::Wanted && entry.holders > 0);
        wanted
            .map(|(topic, entry)| {
                entry.state = State::Requested;
                topic.clone()
            })
            .collect()
    }

    /// Redis has confirmed them.
    pub(super) fn confirm(&mut self, topics: &[Topic]) {
        for topic in topics {
            let Some(entry) = self.entries.get_mut(topic) else {
                continue;
            };
            entry.state = State::Confirmed;
            for waiter in entry.waiters.drain(..) {
                // Whoever waited may have given up; its hold is given back by itself.
                let _ = waiter.send(());
            }
        }
    }

    /// Redis will not have them: whoever waits hears so at once. They are asked for again over the next link.
    pub(super) fn refuse(&mut self, topics: &[Topic]) {
        for topic in topics {
            if let Some(entry) = self.entries.get_mut(topic) {
                entry.state = State::Refused;
                entry.waiters.clear();
            }
        }
    }

    /// Forgets the topics that nobody has held for [`LINGER`]; the caller unsubscribes from those that are returned.
    pub(super) fn take_lapsed(&mut self, now: Instant) -> Vec<Topic> {
        let mut lapsed = Vec::new();
        self.entries.retain(|topic, entry| {
            let keep = entry.holders > 0
                || entry.state == State::Requested
                || entry.released_at.is_none_or(|at| now.duration_since(at) < LINGER);
            if !keep && entry.state == State::Confirmed {
                lapsed.push(topic.clone());
            }
            keep
        });
        lapsed
    }

    /// The connection is gone: everything held has to be asked for again.
    pub(super) fn link_lost(&mut self) {
        self.entries.retain(|_, entry| entry.holders > 0);
        for entry in self.entries.values_mut() {
            entry.state = State::Wanted;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn channel(name: &str) -> Topic {
        Topic::Channel(name.to_owned())
    }

    #[test]
    fn a_topic_is_asked_for_once_and_told_to_all_who_wait() {
        let mut book = Book::default();
        let mut first = book.hold(channel("a")).unwrap();
        let mut second = book.hold(channel("a")).unwrap();
        assert_eq!(book.take_wanted(), vec![channel("a")]);
        assert!(book.take_wanted().is_empty());
        assert!(first.try_recv().is_err());
        book.confirm(&[channel("a")]);
        assert!(first.try_recv().is_ok() && second.try_recv().is_ok());
        assert!(book.hold(channel("a")).is_none(), "confirmed already");
    }

    #[test]
    fn a_released_topic_lingers_and_then_lapses() {
        let mut book = Book::default();
        let start = Instant::now();
        drop(book.hold(channel("a")));
        let topics = book.take_wanted();
        book.confirm(&topics);
        book.release(&channel("a"), start);
        assert!(book.take_lapsed(start).is_empty());
        assert!(book.hold(channel("a")).is_none(), "a reload finds it still confirmed");
        book.release(&channel("a"), start);
        assert_eq!(book.take_lapsed(start + LINGER), vec![channel("a")]);
        assert!(book.hold(channel("a")).is_some(), "it has to be asked for again");
    }

    #[test]
    fn a_refused_topic_is_told_at_once_and_tried_again_over_the_next_link() {
        let mut book = Book::default();
        let mut waiting = book.hold(channel("a")).unwrap();
        let topics = book.take_wanted();
        book.refuse(&topics);
        assert!(matches!(waiting.try_recv(), Err(oneshot::error::TryRecvError::Closed)));
        let mut late = book.hold(channel("a")).unwrap();
        assert!(matches!(late.try_recv(), Err(oneshot::error::TryRecvError::Closed)));
        assert!(book.take_wanted().is_empty());
        book.link_lost();
        assert_eq!(book.take_wanted(), vec![channel("a")]);
    }

    #[test]
    fn a_lost_link_asks_again_for_what_is_held_only() {
        let mut book = Book::default();
        drop(book.hold(channel("held")));
        drop(book.hold(channel("left")));
        let topics = book.take_wanted();
        book.confirm(&topics);
        book.release(&channel("left"), Instant::now());
        book.link_lost();
        assert_eq!(book.take_wanted(), vec![channel("held")]);
    }
}
