//! Messages whose outcome nobody learnt.
//!
//! Race: the statement was cut off by our time limit, yet Postgres committed it (a hanging server that wakes up does). The sender
//! was told `unavailable`, and nobody was told of the message. Either the sender repeats it here, and the repeat finds the row; or
//! we look for it ourselves, once Postgres answers and its own limit for the statement has passed.

use std::collections::HashMap;
use std::time::Duration;

use shared_protocol::events::Namespace;
use tokio::time::Instant;
use uuid::Uuid;

use super::batch::Job;

/// Attempts that are remembered; beyond it `sync` has to do.
const REMEMBERED_MAX: usize = 10_000;
/// Between an attempt and the look for it, and between two looks: longer than Postgres goes on with a statement (4 s).
const LOOK_AFTER: Duration = Duration::from_secs(5);
/// Looks that Postgres has answered. A server that hung may commit right after the first one.
const LOOKS: u8 = 2;

/// Whom to tell of a message.
#[derive(Debug)]
pub(super) struct Concerned {
    pub(super) recipient_namespace: Namespace,
    pub(super) sender_namespace: Namespace,
    looks: u8,
}

impl Concerned {
    /// By a message in the writer's hands.
    pub(super) fn by(job: &Job) -> Self {
        Self {
            recipient_namespace: job.reachable.recipient_realm().namespace(),
            sender_namespace: job.reachable.caller_realm().namespace(),
            looks: 0,
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Unsettled {
    attempts: HashMap<Uuid, Concerned>,
    due: Option<Instant>,
}

impl Unsettled {
    /// Remembers an attempt of unknown outcome.
    pub(super) fn remember(&mut self, id: Uuid, concerned: Concerned) {
        if self.attempts.len() >= REMEMBERED_MAX {
            return;
        }
        self.attempts.insert(id, concerned);
        self.due.get_or_insert_with(|| Instant::now() + LOOK_AFTER);
    }

    /// Whether a row that was found is the work of such an attempt, and so was never announced. Answers once.
    pub(super) fn settle(&mut self, id: Uuid) -> Option<Concerned> {
        self.attempts.remove(&id)
    }

    /// When to look next; `None`: there is nothing to look for.
    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }

    /// What to look for.
    pub(super) fn ids(&self) -> Vec<Uuid> {
        self.attempts.keys().copied().collect()
    }

    /// A look is over. `answered`: what was not found then may still come, and is given up after the next look.
    pub(super) fn looked(&mut self, answered: bool) {
        if answered {
            self.attempts.retain(|_, concerned| {
                concerned.looks += 1;
                concerned.looks < LOOKS
            });
        }
        self.due = (!self.attempts.is_empty()).then(|| Instant::now() + LOOK_AFTER);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remember(unsettled: &mut Unsettled) -> Uuid {
        let id = Uuid::now_v7();
        let concerned = Concerned {
            recipient_namespace: Namespace::Tenant,
            sender_namespace: Namespace::Tenant,
            looks: 0,
        };
        unsettled.remember(id, concerned);
        id
    }

    #[test]
    fn an_attempt_is_settled_once_and_memory_is_bounded() {
        let mut unsettled = Unsettled::default();
        let first = remember(&mut unsettled);
        assert!(unsettled.settle(first).is_some());
        assert!(unsettled.settle(first).is_none());
        for _ in 0..2 * REMEMBERED_MAX {
            remember(&mut unsettled);
        }
        assert_eq!(unsettled.ids().len(), REMEMBERED_MAX);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_not_found_is_looked_for_until_postgres_has_answered_twice() {
        let mut unsettled = Unsettled::default();
        assert!(unsettled.due().is_none());
        let id = remember(&mut unsettled);
        let first = unsettled.due().unwrap();
        assert!(first - Instant::now() >= LOOK_AFTER);
        for answered in [false, false, true] {
            tokio::time::advance(LOOK_AFTER).await;
            unsettled.looked(answered);
            assert_eq!(unsettled.ids(), [id]);
            assert_eq!(unsettled.due().unwrap() - Instant::now(), LOOK_AFTER);
        }
        unsettled.looked(true);
        assert!(unsettled.ids().is_empty() && unsettled.due().is_none());
    }
}
