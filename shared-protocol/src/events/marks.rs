//! How far somebody has come in a conversation: read and delivered marks.

use serde::{Deserialize, Serialize};

use super::ids::{ConversationId, UserId};
use super::timestamp::Timestamp;

/// `message:read` and `message:delivered`: monotone, and clamped to the last message.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields = nullable))]
#[serde(rename_all = "camelCase")]
pub struct MarkRequest {
    /// The peer's user id.
    pub with: String,
    /// The highest `seq` read, or held.
    pub up_to_seq: i64,
}

/// Answer of `message:read`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ReadAnswer {
    /// Where the mark stands now.
    pub up_to_seq: i64,
    /// Messages of the peer that lie beyond it.
    pub unread: i64,
}

/// Answer of `message:delivered`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct DeliveredAnswer {
    /// Where the mark stands now.
    pub up_to_seq: i64,
}

/// The events `message:read` and `message:delivered`: a participant's mark has moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct MarkMoved {
    /// Where.
    pub conversation_id: ConversationId,
    /// Whose mark.
    pub by: UserId,
    /// Where it stands now.
    pub up_to_seq: i64,
    /// When it moved.
    pub at: Timestamp,
}
