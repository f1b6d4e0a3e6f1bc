//! Event names, each once.

/// Client to server.
pub mod from_client {
    #![expect(missing_docs, reason = "the event catalogue in ARCHITECTURE.md describes each")]
    pub const MESSAGE_SEND: &str = "message:send";
    pub const MESSAGE_HISTORY: &str = "message:history";
    pub const MESSAGE_READ: &str = "message:read";
    pub const MESSAGE_DELIVERED: &str = "message:delivered";
    pub const CONVERSATION_LIST: &str = "conversation:list";
    pub const SYNC: &str = "sync";
    pub const TYPING: &str = "typing";
    pub const PRESENCE_LIST: &str = "presence:list";
    pub const PRESENCE_TENANTS: &str = "presence:tenants";
    pub const PRESENCE_WATCH: &str = "presence:watch";
    pub const USER_SEARCH: &str = "user:search";

    /// All of them.
    pub const ALL: [&str; 11] = [
        MESSAGE_SEND,
        MESSAGE_HISTORY,
        MESSAGE_READ,
        MESSAGE_DELIVERED,
        CONVERSATION_LIST,
        SYNC,
        TYPING,
        PRESENCE_LIST,
        PRESENCE_TENANTS,
        PRESENCE_WATCH,
        USER_SEARCH,
    ];
}

/// Server to client.
pub mod to_client {
    #![expect(missing_docs, reason = "the event catalogue in ARCHITECTURE.md describes each")]
    pub const SESSION_READY: &str = "session:ready";
    pub const SESSION_EXPIRED: &str = "session:expired";
    pub const PRESENCE_SNAPSHOT: &str = "presence:snapshot";
    pub const PRESENCE_DIFF: &str = "presence:diff";
    pub const PRESENCE_COUNT: &str = "presence:count";
    pub const PRESENCE_MODE: &str = "presence:mode";
    pub const MESSAGE_NEW: &str = "message:new";
    pub const MESSAGE_DELIVERED: &str = "message:delivered";
    pub const MESSAGE_READ: &str = "message:read";
    pub const TYPING: &str = "typing";
    pub const SYNC_REQUIRED: &str = "sync:required";
    pub const SERVER_DRAINING: &str = "server:draining";
}
