//! What arrives on the bus and cannot be used.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use shared_protocol::adapter::AdapterError;
use tokio::time::Instant;

/// How often junk is mentioned. Others write on some of these channels too: they must not be able to fill the log.
const MENTION_EVERY: Duration = Duration::from_secs(10);

/// Counts junk and mentions it now and then.
#[derive(Debug, Default)]
pub(super) struct Junk(Mutex<Tally>);

#[derive(Debug, Default)]
struct Tally {
    since_mentioned: u64,
    mentioned_at: Option<Instant>,
}

impl Junk {
    pub(super) fn note(&self, what: &str, error: &str) {
        let mut tally = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tally.since_mentioned += 1;
        if tally.mentioned_at.is_none_or(|at| at.elapsed() >= MENTION_EVERY) {
            tracing::warn!(
                error,
                since_last = tally.since_mentioned,
                "{what} on the bus could not be used"
            );
            *tally = Tally {
                since_mentioned: 0,
                mentioned_at: Some(Instant::now()),
            };
        }
    }

    pub(super) fn note_api(&self, error: AdapterError) {
        // Another namespace's traffic is somebody else's, and no junk.
        if !matches!(error, AdapterError::OtherNamespace) {
            self.note("a message of the API's", error.label());
        }
    }
}
