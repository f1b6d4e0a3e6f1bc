//! The nouns of the wire.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::ids::{ClientMessageId, ConversationId, TenantId, UserId};
use super::realm::{Kind, Portal};
use super::timestamp::Timestamp;

/// A person, online or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// Who.
    pub id: UserId,
    /// Their tenant; `null` for manage users.
    pub tenant_id: Option<TenantId>,
    /// Display name, when the session carries one.
    pub name: Option<String>,
    /// Member of a tenant, or staff.
    pub kind: Kind,
    /// When they last went offline; `null` when never seen.
    pub last_seen_at: Option<Timestamp>,
}

/// A person who is online now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct OnlineUser {
    /// The person.
    #[serde(flatten)]
    pub user: User,
    /// The portals they have open, over all tabs and instances, sorted.
    pub portals: Vec<Portal>,
    /// When they came online.
    pub since: Timestamp,
}

/// A person who has just gone offline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct OfflineUser {
    /// Who.
    pub id: UserId,
    /// Their tenant; `null` for manage users.
    pub tenant_id: Option<TenantId>,
    /// When they were last there.
    pub last_seen_at: Timestamp,
}

/// A chat message. `seq` counts 1, 2, 3 … without a gap inside one conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// UUID version 7, made by the gateway.
    #[cfg_attr(test, ts(type = "string"))]
    pub id: Uuid,
    /// Whose conversation.
    pub conversation_id: ConversationId,
    /// Place in the conversation, from 1.
    pub seq: i64,
    /// The tenant of the tenant user(s); `null` between two manage users.
    pub tenant_id: Option<TenantId>,
    /// Who wrote it.
    pub sender_id: UserId,
    /// To whom.
    pub recipient_id: UserId,
    /// The text as it was sent; empty once erased.
    pub body: String,
    /// The sender's own name for it.
    pub client_message_id: ClientMessageId,
    /// When it was stored.
    pub created_at: Timestamp,
    /// Present and `true` when its text was erased.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(test, ts(optional, type = "true"))]
    pub erased: bool,
}
