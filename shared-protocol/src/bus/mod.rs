//! What gateways tell each other over Redis pub/sub.
//!
//! | file | channel | what it holds |
//! |---|---|---|
//! | `envelope` | one a room | a frame on its way to the sockets of a room |
//! | `control` | one for all instances | orders to every instance |
//! | `error` | | why a payload was refused |
//!
//! Instances of two versions run side by side while a deployment rolls, so both forms begin with a version; what is
//! newer than the receiver is ignored and counted, never guessed at.

mod control;
mod envelope;
mod error;
mod forwarded;

pub use control::{Control, SyncReason};
pub use envelope::{Envelope, Scope};
pub use error::{ControlError, EnvelopeError};
pub use forwarded::ForwardedHead;
