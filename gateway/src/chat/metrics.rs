//! What is counted of messages on their way into the table.

use super::error::ChatError;
use super::pending::Stored;
use crate::telemetry::{Counter, Counters, Gauge, Histogram, Metrics, SECONDS};

/// Messages of one batch, in powers of two up to the most there can be.
const MESSAGES: [f64; 9] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];

/// See the module. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ChatMetrics {
    /// Messages that wait for the writer.
    pub(super) queued: Gauge,
    /// Messages of one round trip.
    pub(super) batch_messages: Histogram,
    /// One round trip, its commit included.
    pub(super) commit_seconds: Histogram,
    stored: Counter,
    resent: Counter,
    unwritten: Counters<1>,
}

impl ChatMetrics {
    /// Registers them.
    pub fn new(metrics: &mut Metrics) -> Self {
        let messages = metrics.counters(
            "messages",
            ["outcome"],
            "Messages, by what became of them: stored, resent (it was there), or why they are not written",
        );
        Self {
            queued: metrics.gauge("messages_queued", "Messages that wait for the batch writer"),
            batch_messages: metrics.histogram("message_batch_size", "Messages written in one round trip", MESSAGES),
            commit_seconds: metrics.histogram(
                "message_commit_seconds",
                "One batch's round trip, with its commit",
                SECONDS,
            ),
            stored: messages.with(["stored"]),
            resent: messages.with(["resent"]),
            unwritten: messages,
        }
    }

    /// Counts what became of one message.
    pub(super) fn outcome(&self, outcome: &Result<Stored, ChatError>) {
        match outcome {
            Ok(stored) if stored.fresh => self.stored.inc(),
            Ok(_) => self.resent.inc(),
            Err(error) => self.unwritten.with([error.label()]).inc(),
        };
    }
}
