//! The chat as the sockets use it.

use shared_protocol::events::AckError;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use uuid::Uuid;

use super::announce::Announce;
use super::batch::Job;
use super::body::Draft;
use super::drivers::Drivers;
use super::error::ChatError;
use super::lane::Lane;
use super::marks::{Marked, Saying, marks};
use super::metrics::ChatMetrics;
use super::pending::{PendingMessage, SEND_TIMEOUT};
use super::unread::{Reader, unread};
use super::unsettled::Unsettled;
use super::writer::Writer;
use crate::db::Postgres;
use crate::hub::SocketId;
use crate::reach::Reachable;

/// Messages that may wait to be written: some seconds' worth at full load. With bodies of the greatest size about 64 MiB.
const QUEUE_MAX: usize = 4_096;

/// Sends and reads messages. Cheap to clone.
#[derive(Clone)]
pub struct ChatService {
    pub(super) postgres: Postgres,
    queue: mpsc::Sender<Job>,
    pub(super) marks: Lane<Saying, Marked>,
    pub(super) unread: Lane<Reader, i64>,
    body_max: usize,
    metrics: ChatMetrics,
}

impl ChatService {
    /// A service, and what must be driven beside it. `body_max` counts Unicode scalar values; `announce` is called for every
    /// fresh message, in the order of numbers within a conversation, and for every mark that has risen.
    pub fn new(postgres: Postgres, body_max: usize, announce: Announce, metrics: ChatMetrics) -> (Self, Drivers) {
        let (sender, receiver) = mpsc::channel(QUEUE_MAX);
        let writer = Writer {
            postgres: postgres.clone(),
            queue: receiver,
            announce: announce.message,
            connection: None,
            unsettled: Unsettled::default(),
            metrics: metrics.clone(),
        };
        let (marks, mark_driver) = marks(postgres.clone(), announce.mark);
        let (unread, unread_driver) = unread(postgres.clone());
        let service = Self {
            postgres,
            queue: sender,
            marks,
            unread,
            body_max,
            metrics,
        };
        let drivers = Drivers {
            messages: writer,
            marks: mark_driver,
            unread: unread_driver,
        };
        (service, drivers)
    }

    /// Checks what a client wants to send.
    pub fn validate(&self, body: String, client_message_id: &str) -> Result<Draft, AckError> {
        Ok(Draft::new(body, client_message_id, self.body_max)?)
    }

    /// Queues a message at once, in the order of calls; the answer resolves after the commit. Messages that one socket submits
    /// in order to one conversation get ascending numbers. Must be called inside a Tokio runtime.
    pub fn submit(&self, reachable: Reachable, draft: Draft, from_socket: SocketId) -> PendingMessage {
        let deadline = Instant::now() + SEND_TIMEOUT;
        let (answer, outcome) = oneshot::channel();
        let job = Job {
            id: Uuid::now_v7(),
            reachable,
            draft,
            from_socket,
            deadline,
            answer,
        };
        match self.queue.try_send(job) {
            Ok(()) => PendingMessage::queued(outcome, deadline),
            Err(error) => {
                let refusal = match error {
                    mpsc::error::TrySendError::Full(_) => ChatError::QueueFull,
                    mpsc::error::TrySendError::Closed(_) => ChatError::Outage,
                };
                self.metrics.outcome(&Err(refusal.clone()));
                PendingMessage::refused(refusal)
            }
        }
    }
}
