//! Bounds that are part of the wire contract, whatever an installation configures.

/// A reply never exceeds this many bytes; pages end early, with `hasMore` or `nextCursor`.
pub const REPLY_BYTES_MAX: usize = 512 * 1024;
/// `message:history`: messages a page, at most and by default.
pub const HISTORY_MAX: u32 = 200;
/// See [`HISTORY_MAX`].
pub const HISTORY_DEFAULT: u32 = 50;
/// `conversation:list`: conversations a page, at most and by default.
pub const CONVERSATIONS_MAX: u32 = 100;
/// See [`CONVERSATIONS_MAX`].
pub const CONVERSATIONS_DEFAULT: u32 = 50;
/// `user:search`: users at most, and by default.
pub const SEARCH_MAX: u32 = 50;
/// See [`SEARCH_MAX`].
pub const SEARCH_DEFAULT: u32 = 20;
/// `sync`: messages a page, at most and by default.
pub const SYNC_MAX: u32 = 1000;
/// See [`SYNC_MAX`].
pub const SYNC_DEFAULT: u32 = 500;
/// `sync`: conversations that `since` may name.
pub const SYNC_SINCE_MAX: usize = 500;
/// `presence:list`: users a page, at most and by default.
pub const PRESENCE_LIST_MAX: u32 = 500;
/// See [`PRESENCE_LIST_MAX`].
pub const PRESENCE_LIST_DEFAULT: u32 = 100;
/// Users in the snapshot of a socket that watches instead of following everybody.
pub const WATCH_SNAPSHOT_USERS: usize = 100;
/// Display names are cut at this many Unicode scalar values.
pub const NAME_CHARS_MAX: usize = 200;
/// `presence:watch`: users that one socket may watch.
pub const WATCH_MAX: usize = 500;
