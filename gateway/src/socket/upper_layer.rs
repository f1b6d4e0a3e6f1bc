//! What Engine.IO carries: the layer above a connection, as the transport sees it.
//!
//! Two implementations live: the Socket.IO [`Link`](super::Link), and the echo that Engine.IO's conformance suite talks to.

use bytes::Bytes;
use bytestring::ByteString;
use futures_util::future::BoxFuture;
use shared_protocol::socketio::Frame;

use super::disconnect_reason::DisconnectReason;
use crate::hub::{Delivery, Inbox};

/// What the connection has to do after something happened above it.
#[derive(Debug, Default)]
pub struct Output {
    /// To be written, in this order.
    pub frames: Vec<Frame>,
    /// Then the connection ends.
    pub end: Option<DisconnectReason>,
}

/// See the module.
pub trait UpperLayer: Send + 'static {
    /// A text message came.
    fn on_text(&mut self, text: ByteString) -> Result<(), DisconnectReason>;

    /// A binary message came.
    fn on_binary(&mut self, bytes: Bytes) -> Result<(), DisconnectReason>;

    /// Something was in the mailbox.
    fn on_delivery(&mut self, delivery: Delivery, output: &mut Output);

    /// Waits until there is something to write. Cancel safe; pending for ever while there is nothing to wait for.
    fn advance(&mut self) -> impl Future<Output = Output> + Send;

    /// Whether the connection should read on. While it does not, the client's packets wait in its own buffers.
    fn wants_input(&self) -> bool;

    /// Whether deliveries may be taken out of the mailbox.
    fn wants_deliveries(&self) -> bool;

    /// Whether a message has begun and not ended: its attachments are due, within the same time-out.
    fn is_half_received(&self) -> bool;

    /// Whether the client has got as far as it must within the connect time-out.
    fn is_joined(&self) -> bool;

    /// The connection is over. What comes back, if anything, is work that the client left behind; it takes a bounded time and has
    /// to be driven to its end.
    fn close(self, inbox: Inbox, reason: DisconnectReason) -> Option<BoxFuture<'static, ()>>;
}
