//! The typed events that travel inside Socket.IO packets: names, payloads, shapes, ids, error codes and limits.
//!
//! Field names are camelCase, times are RFC 3339 UTC with milliseconds, unknown fields are ignored and an optional field that
//! is `null` counts as absent. Adding an event or a field is fine, renaming one breaks the portals.

mod codes;
mod conversations;
mod from_client;
mod ids;
pub mod limits;
mod marks;
pub mod names;
mod realm;
mod search;
mod shapes;
mod timestamp;
mod to_client;
#[cfg(test)]
mod typescript;
mod typing;

pub use codes::{AckError, ErrorCode, Reply};
pub use conversations::{Conversation, ConversationListPage, ConversationListRequest};
pub use from_client::{
    HistoryRequest, PresenceListRequest, PresenceTenantsRequest, PresenceWatchRequest, SendRequest, SyncOthers,
    SyncRequest,
};
pub use ids::{ClientMessageId, ConversationId, IdError, TenantId, UserId};
pub use marks::{DeliveredAnswer, MarkMoved, MarkRequest, ReadAnswer};
pub use realm::{Kind, Namespace, Portal, Realm};
pub use search::{UserSearchRequest, UsersFound};
pub use shapes::{Message, OfflineUser, OnlineUser, User};
pub use timestamp::Timestamp;
pub use to_client::{
    HistoryPage, LimitsInfo, Nothing, PresenceCount, PresenceDiff, PresenceListPage, PresenceMode, PresenceModeKind,
    PresenceSnapshot, PresenceTenantsPage, PresenceWatched, ReadMarks, ServerDraining, SessionEndReason,
    SessionExpired, SessionReady, SyncPage, TenantOnline,
};
pub use typing::{TypingNotice, TypingRequest};
