//! Socket.IO protocol v5: packets inside Engine.IO messages.
//!
//! | file | what it holds |
//! |---|---|
//! | `packet` | the packets, as a decoder hands them out |
//! | `args` | an event and the arguments of an event or ack: raw JSON, decoded by type on demand |
//! | `decoder` | text and binary messages of one link → packets |
//! | `header` | the part of a packet before its JSON |
//! | `json` | checks and repairs of raw JSON before anything is decoded from it |
//! | `placeholder` | which attachment stands where |
//! | `frame` | packets → text and attachments, encoded once for any number of links |
//! | `error` | why bytes were no packet, or a packet could not be written |

mod args;
mod attachments;
mod decoder;
mod error;
mod frame;
mod header;
mod json;
mod packet;
mod placeholder;
#[cfg(test)]
mod tests;

pub use args::{Args, Event};
pub use attachments::{Attachments, MAX_ATTACHMENTS};
pub use decoder::{Decoder, Limits};
pub use error::{DecodeError, EncodeError};
pub use frame::Frame;
pub use json::MAX_DEPTH;
pub(crate) use json::{push_string, replace_lone_surrogates};
pub use packet::Packet;

/// The namespace that the wire leaves out.
pub const ROOT_NAMESPACE: &str = "/";

/// Names that the reference client and server keep for themselves (spec §2.1). From a client they end the link, and no
/// frame is written with one: a stock client would take it for its own life cycle.
pub const RESERVED_EVENTS: [&str; 6] = [
    "connect",
    "connect_error",
    "disconnect",
    "disconnecting",
    "newListener",
    "removeListener",
];

/// Whether an event must not have this name.
pub fn is_reserved(name: &str) -> bool {
    RESERVED_EVENTS.contains(&name)
}
