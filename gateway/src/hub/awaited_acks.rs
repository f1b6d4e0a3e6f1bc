//! Acks that the API waits for: it pushed an event with an ack through the stock adapter, and every socket that got it here is
//! to answer.
//!
//! One number serves a whole push, so that its frame is encoded once for all sockets. What is kept is bounded in number and in
//! time; a push beyond the bounds is delivered all the same, and nobody is waited for.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::member::SocketKey;

/// Pushes whose acks are awaited together.
const PUSHES_MAX: usize = 1024;
/// Sockets that are awaited, over all pushes.
const SOCKETS_MAX: usize = 100_000;
/// When the asking process does not say how long it waits.
const WAIT_DEFAULT: Duration = Duration::from_secs(5);
/// However long it says.
const WAIT_MAX: Duration = Duration::from_secs(60);

/// See the module.
#[derive(Debug, Default)]
pub struct AwaitedAcks(Mutex<Book>);

/// Where one ack goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asker {
    /// The request that the ack belongs to.
    pub request_id: String,
    /// Where its answers are published.
    pub channel: String,
}

#[derive(Debug, Default)]
struct Book {
    last: u64,
    pushes: HashMap<u64, Push>,
    /// Sockets over all pushes.
    sockets: usize,
}

#[derive(Debug)]
struct Push {
    asker: Arc<Asker>,
    waiting: HashSet<SocketKey>,
    until: Instant,
}

impl AwaitedAcks {
    /// Awaits an ack of each of these sockets; `None` when too many are awaited already. The number is the ack's id on the wire.
    pub fn expect(
        &self,
        asker: Asker,
        sockets: impl IntoIterator<Item = SocketKey>,
        wait: Option<Duration>,
    ) -> Option<u64> {
        let now = Instant::now();
        let mut book = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        book.forget_old(now);
        let waiting: HashSet<SocketKey> = sockets.into_iter().collect();
        if book.pushes.len() >= PUSHES_MAX || book.sockets + waiting.len() > SOCKETS_MAX {
            return None;
        }
        book.last += 1;
        book.sockets += waiting.len();
        let (number, until) = (book.last, now + wait.unwrap_or(WAIT_DEFAULT).min(WAIT_MAX));
        let asker = Arc::new(asker);
        book.pushes.insert(number, Push { asker, waiting, until });
        Some(number)
    }

    /// A socket's ack of that number: for whom it is, once; `None` when nobody waits for it, or not any more.
    pub fn take(&self, number: u64, socket: SocketKey) -> Option<Arc<Asker>> {
        let mut book = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let push = book.pushes.get_mut(&number)?;
        if !push.waiting.remove(&socket) {
            return None;
        }
        let in_time = push.until >= Instant::now();
        let asker = Arc::clone(&push.asker);
        if push.waiting.is_empty() {
            book.pushes.remove(&number);
        }
        book.sockets -= 1;
        in_time.then_some(asker)
    }
}

impl Book {
    fn forget_old(&mut self, now: Instant) {
        let sockets = &mut self.sockets;
        self.pushes.retain(|_, push| {
            let keep = push.until >= now && !push.waiting.is_empty();
            if !keep {
                *sockets -= push.waiting.len();
            }
            keep
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asker(request_id: &str) -> Asker {
        Asker {
            request_id: request_id.to_owned(),
            channel: String::from("socket.io-response#/tenant#"),
        }
    }

    #[test]
    fn each_socket_answers_once_and_only_what_it_was_asked() {
        let acks = AwaitedAcks::default();
        let [one, other, stranger] = [(); 3].map(|()| SocketKey::next());
        let number = acks.expect(asker("r1"), [one, other], None).unwrap();
        assert_eq!(acks.take(number, stranger), None);
        assert_eq!(acks.take(number + 1, one), None);
        assert_eq!(acks.take(number, one).unwrap().request_id, "r1");
        assert_eq!(acks.take(number, one), None);
        assert!(acks.take(number, other).is_some());
        let book = acks.0.lock().unwrap();
        assert_eq!((book.pushes.len(), book.sockets), (0, 0));
    }

    #[test]
    fn late_acks_go_nowhere_and_leave_room() {
        let acks = AwaitedAcks::default();
        let socket = SocketKey::next();
        let late = acks.expect(asker("late"), [socket], Some(Duration::ZERO)).unwrap();
        assert_eq!(acks.take(late, socket), None);
        acks.expect(asker("never"), [socket], Some(Duration::ZERO)).unwrap();
        acks.expect(asker("next"), [socket], None).unwrap();
        let book = acks.0.lock().unwrap();
        assert_eq!((book.pushes.len(), book.sockets), (1, 1));
    }

    #[test]
    fn what_is_awaited_is_bounded() {
        let acks = AwaitedAcks::default();
        for _ in 0..PUSHES_MAX {
            assert!(acks.expect(asker("r"), [SocketKey::next()], None).is_some());
        }
        assert_eq!(acks.expect(asker("r"), [SocketKey::next()], None), None);

        let acks = AwaitedAcks::default();
        let many = || (0..=SOCKETS_MAX / 2).map(|_| SocketKey::next());
        assert!(acks.expect(asker("r"), many(), None).is_some());
        assert_eq!(acks.expect(asker("r"), many(), None), None);
    }
}
