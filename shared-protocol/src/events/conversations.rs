//! The list of a user's conversations.

use serde::{Deserialize, Serialize};

use super::ids::ConversationId;
use super::shapes::{Message, User};

/// `conversation:list`: latest first.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields = nullable))]
#[serde(rename_all = "camelCase", default)]
pub struct ConversationListRequest {
    /// Where the last page ended.
    pub cursor: Option<String>,
    /// Conversations a page.
    pub limit: Option<u32>,
}

/// Answer of `conversation:list`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ConversationListPage {
    /// Latest first.
    pub conversations: Vec<Conversation>,
    /// Where the next page begins; `null` on the last one.
    pub next_cursor: Option<String>,
}

/// A conversation as one of its two participants sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Conversation {
    /// Which.
    pub conversation_id: ConversationId,
    /// The other participant.
    pub peer: User,
    /// The latest message.
    pub last_message: Option<Message>,
    /// The peer's messages that the caller has not read.
    pub unread: i64,
    /// The caller has read up to here.
    pub my_read_seq: i64,
    /// The peer has read up to here.
    pub peer_read_seq: i64,
    /// The peer's devices hold up to here.
    pub peer_delivered_seq: i64,
}
