//! Who is writing just now. Volatile: what comes late is worthless.

use serde::{Deserialize, Serialize};

use super::ids::UserId;

/// `typing`, from a client.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields = nullable))]
pub struct TypingRequest {
    /// The peer's user id.
    pub to: String,
    /// Whether they write.
    pub typing: bool,
}

/// The event `typing`, to the peer. Clients let it expire after 5 s.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct TypingNotice {
    /// Who writes.
    pub from: UserId,
    /// Whether they still do.
    pub typing: bool,
}
