//! Messages whose outcome nobody learnt.
//!
//! Race: the statement was cut off by our time limit, yet Postgres committed it (a hanging server that wakes up does). The sender
//! was told `unavailable` and repeats; the repeat finds the row, so it is no fresh message, and nobody would be told live.
//! Remembering the ids of such attempts closes that on this instance; elsewhere `sync` does.

use std::collections::{HashSet, VecDeque};

use uuid::Uuid;

/// Ids that are remembered; the oldest give way.
const REMEMBERED_MAX: usize = 10_000;

#[derive(Debug, Default)]
pub(super) struct Unsettled {
    ids: HashSet<Uuid>,
    order: VecDeque<Uuid>,
}

impl Unsettled {
    /// Remembers an attempt of unknown outcome.
    pub(super) fn remember(&mut self, id: Uuid) {
        if self.ids.insert(id) {
            self.order.push_back(id);
        }
        if self.order.len() > REMEMBERED_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.ids.remove(&oldest);
        }
    }

    /// Whether a row that was found is the work of such an attempt, and so was never announced. True once.
    pub(super) fn settle(&mut self, id: Uuid) -> bool {
        !self.ids.is_empty() && self.ids.remove(&id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attempt_is_settled_once_and_memory_is_bounded() {
        let mut unsettled = Unsettled::default();
        let first = Uuid::now_v7();
        unsettled.remember(first);
        assert!(unsettled.settle(first));
        assert!(!unsettled.settle(first));
        for _ in 0..2 * REMEMBERED_MAX {
            unsettled.remember(Uuid::now_v7());
        }
        assert!(unsettled.ids.len() <= REMEMBERED_MAX && unsettled.order.len() <= REMEMBERED_MAX);
    }
}
