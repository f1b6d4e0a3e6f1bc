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

#[derive(Debug, Default)]
pub(super) struct Unsettled {
    attempts: HashMap<Uuid, Concerned>,
    due: Option<Instant>,
}

impl Unsettled {
    /// Remembers an attempt of unknown outcome.
    pub(super) fn remember(&mut self, job: &Job) {
        if self.attempts.len() >= REMEMBERED_MAX {
            return;
        }
        let concerned = Concerned {
            recipient_namespace: job.reachable.recipient_realm().namespace(),
            sender_namespace: job.reachable.caller_realm().namespace(),
            looks: 0,
        };
        self.attempts.insert(job.id, concerned);
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
