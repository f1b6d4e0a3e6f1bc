//! Engine.IO protocol v4: the lower layer of the link between gateway and client.
//!
//! | file | what it holds |
//! |---|---|
//! | `packet` | one packet, as text and as WebSocket frame |
//! | `open` | the handshake's first packet |
//! | `payload` | many packets in one polling body |
//! | `handshake_error` | the refusals that clients and proxies see as HTTP |
//! | `error` | why bytes were no packet |

mod error;
mod handshake_error;
mod open;
mod packet;
pub mod payload;

pub use error::PacketError;
pub use handshake_error::HandshakeError;
pub use open::{Open, PROTOCOL_VERSION};
pub use packet::{Packet, WebSocketFrame};
