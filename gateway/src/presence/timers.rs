//! Deadlines of many things in one place, waited for by one future.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use tokio::sync::Notify;
use tokio::time::Instant;

/// At most one deadline for each key.
#[derive(Debug)]
pub(super) struct Timers<K> {
    table: Mutex<Table<K>>,
    /// An earlier deadline than the one being waited for has come in.
    earlier: Notify,
}

#[derive(Debug)]
struct Table<K> {
    order: BTreeSet<(Instant, K)>,
    of: HashMap<K, Instant>,
}

impl<K> Default for Timers<K> {
    fn default() -> Self {
        Self {
            table: Mutex::new(Table {
                order: BTreeSet::new(),
                of: HashMap::new(),
            }),
            earlier: Notify::new(),
        }
    }
}

impl<K: Clone + Ord + Hash> Timers<K> {
    /// Sets a deadline, in place of an earlier or later one; `None` takes it away.
    pub(super) fn set(&self, key: &K, at: Option<Instant>) {
        self.change(key, |_| at);
    }

    /// Sets a deadline unless there is an earlier one.
    pub(super) fn set_earliest(&self, key: &K, at: Instant) {
        self.change(key, |present| Some(present.map_or(at, |present| present.min(at))));
    }

    fn change(&self, key: &K, to: impl FnOnce(Option<Instant>) -> Option<Instant>) {
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        let present = table.of.get(key).copied();
        let wanted = to(present);
        if wanted == present {
            return;
        }
        if let Some(present) = present {
            table.order.remove(&(present, key.clone()));
            table.of.remove(key);
        }
        if let Some(wanted) = wanted {
            let earlier = table.order.first().is_none_or(|(first, _)| wanted < *first);
            table.order.insert((wanted, key.clone()));
            table.of.insert(key.clone(), wanted);
            drop(table);
            if earlier {
                self.earlier.notify_one();
            }
        }
    }

    /// Waits until something is due, and takes all that is. For one waiter.
    pub(super) async fn due(&self) -> Vec<K> {
        loop {
            let next = {
                let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
                let due = table.take(Instant::now());
                if !due.is_empty() {
                    return due;
                }
                table.order.first().map(|(at, _)| *at)
            };
            let wait = async {
                match next {
                    Some(at) => tokio::time::sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = wait => {}
                () = self.earlier.notified() => {}
            }
        }
    }
}

impl<K: Clone + Ord + Hash> Table<K> {
    fn take(&mut self, now: Instant) -> Vec<K> {
        let mut due = Vec::new();
        while let Some((at, _)) = self.order.first()
            && *at <= now
            && let Some((_, key)) = self.order.pop_first()
        {
            self.of.remove(&key);
            due.push(key);
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn deadlines_come_in_order_and_can_be_moved() {
        let timers = Timers::default();
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        timers.set_earliest(&"a", after(5));
        timers.set_earliest(&"a", after(9));
        timers.set(&"b", Some(after(3)));
        timers.set(&"b", Some(after(7)));
        timers.set(&"c", Some(after(1)));
        timers.set(&"c", None);
        assert_eq!(timers.due().await, ["a"]);
        assert_eq!(start.elapsed().as_secs(), 5);
        assert_eq!(timers.due().await, ["b"]);
        assert_eq!(start.elapsed().as_secs(), 7);

        let (due, ()) = tokio::join!(timers.due(), async { timers.set(&"d", Some(after(8))) });
        assert_eq!(due, ["d"]);
    }
}
