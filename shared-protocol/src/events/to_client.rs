//! Payloads of the server's events, and the answers of acked events.

use std::collections::HashMap;

use serde::Serialize;

use super::ids::{ConversationId, TenantId};
use super::realm::Portal;
use super::shapes::{Message, OfflineUser, OnlineUser, User};
use super::timestamp::Timestamp;

/// `session:ready`: the first event of a socket that has just joined.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct SessionReady {
    /// Who the gateway takes this socket for.
    #[serde(rename = "self")]
    pub me: User,
    /// The portal it was opened from.
    pub portal: Portal,
    /// The server's clock.
    pub server_time: Timestamp,
    /// Unread messages in all conversations; `null` while the database is away.
    pub unread_total: Option<i64>,
    /// How presence will be told.
    pub presence: PresenceMode,
    /// What the client must keep to.
    pub limits: LimitsInfo,
}

/// How presence is told to a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct PresenceMode {
    /// Everybody, or only those watched.
    pub mode: PresenceModeKind,
    /// Users online in the socket's scope.
    pub online: usize,
}

/// See [`PresenceMode`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum PresenceModeKind {
    /// Every change of the scope.
    All,
    /// Changes of watched users, and the count.
    Watch,
}

/// Bounds that a client should know before it hits them.
#[derive(Clone, Copy, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct LimitsInfo {
    /// Unicode scalar values in a message's body.
    pub body_max: usize,
    /// Bytes of one Engine.IO packet from the client.
    pub max_payload: usize,
}

/// `session:expired`, followed by DISCONNECT.
#[derive(Clone, Copy, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SessionExpired {
    /// Why.
    pub reason: SessionEndReason,
}

/// How a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum SessionEndReason {
    /// Its known end has passed.
    Expired,
    /// It was gone before: a logout.
    Revoked,
    /// It now belongs to another user, tenant or kind.
    Changed,
}

impl SessionEndReason {
    /// Every reason.
    pub const ALL: [Self; 3] = [Self::Expired, Self::Revoked, Self::Changed];

    /// The reason as it stands on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::Changed => "changed",
        }
    }
}

/// `presence:snapshot`: who is online at the moment of joining.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PresenceSnapshot {
    /// Everybody in scope, or the first of them.
    pub users: Vec<OnlineUser>,
    /// How many are online in scope.
    pub online: usize,
    /// Whether `users` is everybody.
    pub complete: bool,
}

/// `presence:diff`: the net changes of one window, to be applied as upserts.
#[derive(Debug, Default, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PresenceDiff {
    /// Who came.
    pub online: Vec<OnlineUser>,
    /// Who left.
    pub offline: Vec<OfflineUser>,
    /// Who is still here with other portals or another name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(optional, as = "Option<Vec<OnlineUser>>"))]
    pub changed: Vec<OnlineUser>,
}

/// `presence:count`: to sockets in mode `watch`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PresenceCount {
    /// Users online in the socket's scope.
    pub online: usize,
}

/// `server:draining`: the instance goes away, and the transport is about to close.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ServerDraining {
    /// When to come back, in milliseconds.
    pub reconnect_in_ms: u64,
}

/// An object without fields: `sync:required`, and the answer of `typing`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(type = "Record<string, never>"))]
pub struct Nothing {}

/// Answer of `presence:list`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct PresenceListPage {
    /// Online users, by tenant and id.
    pub users: Vec<OnlineUser>,
    /// How many are online in scope, whatever the query.
    pub online: usize,
    /// Where the next page begins; `null` on the last one.
    pub next_cursor: Option<String>,
}

/// Answer of `presence:tenants`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct PresenceTenantsPage {
    /// By id.
    pub tenants: Vec<TenantOnline>,
    /// Where the next page begins; `null` on the last one.
    pub next_cursor: Option<String>,
}

/// One tenant with somebody online.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct TenantOnline {
    /// Which.
    pub tenant_id: TenantId,
    /// How many.
    pub online: usize,
}

/// Answer of `presence:watch`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PresenceWatched {
    /// Who of the watched is online now.
    pub users: Vec<OnlineUser>,
}

/// Answer of `message:history`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct HistoryPage {
    /// Ascending by `seq`.
    pub messages: Vec<Message>,
    /// Whether more lie beyond the page, in the direction asked.
    pub has_more: bool,
}

/// Answer of `sync`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct SyncPage {
    /// Ascending by `seq` in each conversation.
    pub messages: Vec<Message>,
    /// Marks of the conversations concerned.
    pub reads: HashMap<ConversationId, ReadMarks>,
    /// Call again with an advanced `since`.
    pub has_more: bool,
}

/// How far both sides of a conversation have come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ReadMarks {
    /// The caller has read up to here.
    pub my_read_seq: i64,
    /// The peer has read up to here.
    pub peer_read_seq: i64,
    /// The peer's devices hold up to here.
    pub peer_delivered_seq: i64,
}
