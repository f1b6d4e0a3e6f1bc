//! Engine.IO v4: handshakes, and one task for each connection. Knows HTTP and WebSocket, not what travels inside.
//!
//! | file | what |
//! |---|---|
//! | `endpoint.rs` | the HTTP endpoint: checks a request in the protocol's order and opens a connection |
//! | `query.rs`, `origin.rs`, `gate.rs` | what is asked for, from where, and whether there is room |
//! | `connection.rs` | the loop that owns a connection: five arms, one door out |
//! | `heartbeat.rs` | when to ping and when to give up, without a clock of its own |
//! | `websocket.rs` | packets to and from WebSocket frames |
//! | `sid.rs` | secret names of connections |

mod connection;
mod endpoint;
mod gate;
mod heartbeat;
mod origin;
mod query;
mod sid;
mod websocket;

pub use endpoint::{Engine, EngineSettings, Open, ReadCookie, serve};
pub use gate::{Closed, Gate, GateLimits, Ticket};
pub use origin::OriginRule;
