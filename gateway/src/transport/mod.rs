//! Engine.IO v4: handshakes, and one task for each connection. Knows HTTP and WebSocket, not what travels inside.
//!
//! | file | what |
//! |---|---|
//! | `endpoint.rs` | the HTTP endpoint: checks a request in the protocol's order and hands it to whom it is for |
//! | `query.rs`, `origin.rs`, `gate.rs` | what is asked for, from where, and whether there is room |
//! | `open.rs`, `poll_requests.rs`, `upgrade.rs` | the three kinds of request: a new connection, polling, a WebSocket for a polling one |
//! | `core.rs` | what a connection is, whatever carries it |
//! | `websocket_loop.rs`, `polling.rs` | the loops that own a connection |
//! | `connection.rs` | the one door out |
//! | `heartbeat.rs` | when to ping and when to give up, without a clock of its own |
//! | `websocket.rs`, `fragments.rs`, `answer.rs` | packets to and from WebSocket frames; HTTP answers |
//! | `registry.rs`, `sid.rs` | connections by their secret names |
//! | `forward.rs`, `peer_stamp.rs` | requests for a connection of another instance, and the proof that a peer passed one on |
//! | `metrics.rs` | what is counted |
//! | `client_address.rs` | where a client is |

mod answer;
mod client_address;
mod connection;
mod core;
mod endpoint;
mod forward;
mod fragments;
mod gate;
mod heartbeat;
mod metrics;
mod open;
mod origin;
mod peer_stamp;
mod poll_requests;
mod polling;
mod query;
mod registry;
mod sid;
mod upgrade;
mod websocket;
mod websocket_loop;

pub use endpoint::{Engine, EngineSettings, MayUse, Open, ReadCookie, serve};
pub use forward::{Peers, peer_client};
pub use gate::{Closed, Gate, GateLimits, Ticket};
pub use metrics::TransportMetrics;
pub use origin::OriginRule;
pub use registry::Registry;
pub use sid::Sids;
