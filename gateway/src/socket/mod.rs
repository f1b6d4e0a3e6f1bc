//! The Socket.IO layer: namespaces multiplexed over one link, and the gateway's own socket behind each.
//!
//! | file | what |
//! |---|---|
//! | `link.rs` | one connection's namespaces: order, acks, joins and leaves. Knows neither HTTP nor who is behind it |
//! | `upper_layer.rs` | what a link is to the transport |
//! | `handler.rs` | what a link asks of whoever serves its namespaces |
//! | `disconnect_reason.rs` | why something ended, and whether the client should come back |

mod disconnect_reason;
mod handler;
mod link;
mod upper_layer;

pub use disconnect_reason::DisconnectReason;
pub use handler::{Ack, ConnectRequest, Handler, Joined, Peer, Refusal, RefusalData, Stage, Welcome};
pub use link::Link;
pub use upper_layer::{Output, UpperLayer};
