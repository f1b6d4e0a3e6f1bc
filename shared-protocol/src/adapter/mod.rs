//! The envelopes of the stock `@socket.io/redis-adapter` and `@socket.io/redis-emitter`: how the existing API pushes to
//! our sockets and asks about them.
//!
//! | file | what it holds |
//! |---|---|
//! | `channels` | names of the Redis channels of one namespace |
//! | `broadcast` | events on their way to rooms |
//! | `opts` | which sockets a broadcast or request is about |
//! | `request` | questions and orders |
//! | `response` | the answers |
//! | `value` | MessagePack and JSON as one kind of tree, read tolerantly |
//! | `event_json` | MessagePack → JSON with attachments, as `JSON.stringify` would have it |
//! | `timestamp` | MessagePack's dates |
//! | `error` | why a payload was refused |
//!
//! Whatever is refused here is dropped and counted by the caller: there is nobody to tell.

pub mod broadcast;
mod channels;
mod error;
mod event_json;
mod opts;
pub mod request;
pub mod response;
#[cfg(test)]
mod tests;
mod timestamp;
mod value;

pub use broadcast::Broadcast;
pub use channels::{Channels, Target};
pub use error::AdapterError;
pub use event_json::EventJson;
pub use opts::{Flags, Opts};
pub use request::{Request, RequestKind};
