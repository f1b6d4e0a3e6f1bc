//! What is written together.

use std::collections::HashMap;

use shared_protocol::events::{ClientMessageId, UserId};
use tokio::sync::oneshot;
use tokio::time::Instant;
use uuid::Uuid;

use super::body::Draft;
use super::error::ChatError;
use super::pending::Stored;
use crate::hub::SocketId;
use crate::reach::Reachable;

/// One message in the writer's queue.
#[derive(Debug)]
pub(super) struct Job {
    /// The id that it will have, made once: a repeated attempt that finds it in the table knows its own work.
    pub(super) id: Uuid,
    /// From whom to whom, authorised.
    pub(super) reachable: Reachable,
    /// What.
    pub(super) draft: Draft,
    /// The socket that sent it.
    pub(super) from_socket: SocketId,
    /// After which nobody waits for it.
    pub(super) deadline: Instant,
    /// To whom the outcome goes.
    pub(super) answer: oneshot::Sender<Result<Stored, ChatError>>,
}

impl Job {
    fn name(&self) -> (UserId, ClientMessageId) {
        (self.reachable.caller().clone(), self.draft.client_message_id.clone())
    }
}

/// Messages of one round trip, in the order in which they were submitted, each name once.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// What is written.
    pub(super) jobs: Vec<Job>,
    /// Resends of a message in the same batch, with its place: they get its outcome, unless that is a refusal.
    pub(super) resends: Vec<(usize, Job)>,
}

impl Batch {
    /// Sorts a queue's jobs into a batch. Those whose sender has been told `unavailable` are left out: "nothing was stored"
    /// should stay true wherever it can.
    pub(super) fn gather(queued: Vec<Job>, now: Instant) -> Self {
        let mut batch = Self::default();
        let mut places = HashMap::with_capacity(queued.len());
        for job in queued {
            if job.deadline <= now {
                drop(job.answer.send(Err(ChatError::Outage)));
                continue;
            }
            match places.entry(job.name()) {
                std::collections::hash_map::Entry::Occupied(place) => batch.resends.push((*place.get(), job)),
                std::collections::hash_map::Entry::Vacant(place) => {
                    place.insert(batch.jobs.len());
                    batch.jobs.push(job);
                }
            }
        }
        batch
    }
}
