//! The Socket.IO layer: namespaces multiplexed over one link, and the gateway's own socket behind each.
//!
//! | file | what |
//! |---|---|
//! | `link.rs` | one connection's namespaces: order, acks, joins and leaves. Knows neither HTTP nor who is behind it |
//! | `upper_layer.rs` | what a link is to the transport |
//! | `handler.rs` | what a link asks of whoever serves its namespaces |
//! | `disconnect_reason.rs` | why something ended, and whether the client should come back |
//! | `portals.rs` → `connect.rs` → `membership.rs` | the gateway's own handler: how a socket joins, and what it holds |
//! | `joined.rs` → `on_client_event.rs` → `context.rs`, `payload.rs` | a joined socket, its events, who asks, what for |
//! | `chat_events.rs`, `presence_events.rs`, `typing.rs` | the events, by subject |
//! | `users.rs`, `budget.rs` | how many sockets and events one user may have |

mod budget;
mod chat_events;
mod connect;
mod context;
mod disconnect_reason;
mod handler;
mod joined;
mod link;
mod membership;
mod metrics;
mod on_client_event;
mod payload;
mod portals;
mod presence_events;
mod typing;
mod upper_layer;
mod users;

pub use budget::BudgetLimits;
pub use disconnect_reason::DisconnectReason;
pub use handler::{Ack, ConnectRequest, Handler, Joined, Peer, Refusal, RefusalData, Stage, Welcome};
pub use joined::PortalSocket;
pub use link::Link;
pub use metrics::SocketMetrics;
pub use portals::Portals;
pub use typing::TypingThrottle;
pub use upper_layer::{Output, UpperLayer};
pub use users::Users;
