//! Packets to and from WebSocket frames (Engine.IO §websocket): one packet a frame.

use std::io;
use std::time::Duration;

use actix_ws::{CloseCode, CloseReason, Message, MessageStream, ProtocolError, Session};
use bytestring::ByteString;
use shared_protocol::engineio::{Packet, PacketError, WebSocketFrame};
use shared_protocol::socketio::Frame;

use super::core::Outgoing;
use super::fragments::{self, FragmentError, Fragments};
use crate::socket::DisconnectReason;

/// The client's end of the line.
pub(super) struct WebSocket {
    session: Session,
    stream: MessageStream,
    fragments: Fragments,
    base64_only: bool,
    write_timeout: Duration,
    /// What the client's close frame said.
    farewell: Option<CloseReason>,
}

/// Why nothing more comes or goes.
#[derive(Debug, thiserror::Error)]
pub(super) enum WebSocketError {
    #[error("the client closed the connection")]
    Closed,
    #[error("a frame is larger than the payload limit")]
    TooLarge,
    #[error("a text frame holds no text")]
    NotText,
    #[error("the WebSocket protocol was broken")]
    Protocol,
    #[error(transparent)]
    Packet(#[from] PacketError),
    #[error("the client did not read in time")]
    NotRead,
}

impl WebSocket {
    pub(super) fn new(
        session: Session,
        stream: MessageStream,
        base64_only: bool,
        max_payload: usize,
        write_timeout: Duration,
    ) -> Self {
        let stream = stream.max_frame_size(max_payload);
        Self {
            session,
            stream,
            fragments: Fragments::new(max_payload),
            base64_only,
            write_timeout,
            farewell: None,
        }
    }

    /// The next packet. Cancel safe. Pings of RFC 6455 are answered on the way.
    pub(super) async fn receive(&mut self) -> Result<Packet, WebSocketError> {
        loop {
            let whole = match self.stream.recv().await {
                Some(Ok(Message::Text(text))) => return Ok(Packet::decode_text(text)?),
                Some(Ok(Message::Binary(bytes))) => return Ok(Packet::Binary(bytes)),
                Some(Ok(Message::Continuation(item))) => self.fragments.push(item)?,
                Some(Ok(Message::Ping(payload))) => {
                    self.session.pong(&payload).await.map_err(|_| WebSocketError::Closed)?;
                    None
                }
                Some(Ok(Message::Pong(_) | Message::Nop)) => None,
                Some(Ok(Message::Close(farewell))) => {
                    self.farewell = farewell;
                    return Err(WebSocketError::Closed);
                }
                None => return Err(WebSocketError::Closed),
                Some(Err(ProtocolError::Overflow)) => return Err(WebSocketError::TooLarge),
                Some(Err(ProtocolError::Io(error))) => return Err(WebSocketError::of_io(&error)),
                Some(Err(_)) => return Err(WebSocketError::Protocol),
            };
            match whole {
                Some(fragments::Message::Text(bytes)) => {
                    let text = ByteString::try_from(bytes).map_err(|_| WebSocketError::NotText)?;
                    return Ok(Packet::decode_text(text)?);
                }
                Some(fragments::Message::Binary(bytes)) => return Ok(Packet::Binary(bytes)),
                None => {}
            }
        }
    }

    /// Writes one packet.
    pub(super) async fn send(&mut self, packet: &Packet) -> Result<(), WebSocketError> {
        self.write(packet.encode_websocket(self.base64_only)).await
    }

    /// Writes what waits, in its order.
    pub(super) async fn send_all(&mut self, outgoing: Vec<Outgoing>) -> Result<(), WebSocketError> {
        for item in outgoing {
            match item {
                Outgoing::Frame(frame) => self.send_frame(&frame).await?,
                Outgoing::Packet(packet) => self.send(&packet).await?,
            }
        }
        Ok(())
    }

    /// Writes one message: its text, then its attachments, nothing in between.
    async fn send_frame(&mut self, frame: &Frame) -> Result<(), WebSocketError> {
        if !frame.text().is_empty() {
            self.write(WebSocketFrame::Text(frame.text().clone())).await?;
        }
        for attachment in frame.attachments() {
            self.write(WebSocketFrame::binary(attachment.clone(), self.base64_only))
                .await?;
        }
        Ok(())
    }

    /// Closes; with that code if there is one, else with the client's own when it is the client who closes.
    pub(super) async fn close(self, code: Option<CloseCode>) {
        let code = code.or(self.farewell.map(|farewell| farewell.code));
        // A peer that does not read gets no farewell: dropping the session ends the connection as well.
        let closing = self.session.close(code.map(CloseReason::from));
        let _ = tokio::time::timeout(Duration::from_secs(1), closing).await;
    }

    async fn write(&mut self, frame: WebSocketFrame) -> Result<(), WebSocketError> {
        let sending = async {
            match frame {
                WebSocketFrame::Text(text) => self.session.text(text).await,
                WebSocketFrame::Binary(bytes) => self.session.binary(bytes).await,
            }
        };
        match tokio::time::timeout(self.write_timeout, sending).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(WebSocketError::Closed),
            Err(_) => Err(WebSocketError::NotRead),
        }
    }
}

impl From<FragmentError> for WebSocketError {
    fn from(error: FragmentError) -> Self {
        match error {
            FragmentError::TooLarge => Self::TooLarge,
            FragmentError::TooMany | FragmentError::OutOfPlace => Self::Protocol,
        }
    }
}

impl WebSocketError {
    /// A link that breaks is no fault of the protocol; text that is no UTF-8 comes in the same guise.
    fn of_io(error: &io::Error) -> Self {
        if error.kind() == io::ErrorKind::InvalidData {
            Self::NotText
        } else {
            Self::Closed
        }
    }

    /// What the close frame says of it.
    pub(super) fn close_code(&self) -> Option<CloseCode> {
        match self {
            Self::TooLarge => Some(CloseCode::Size),
            Self::NotText => Some(CloseCode::Invalid),
            Self::Closed | Self::Protocol | Self::Packet(_) | Self::NotRead => None,
        }
    }

    /// What it means for the connection.
    pub(super) fn reason(&self) -> DisconnectReason {
        match self {
            Self::Closed => DisconnectReason::TransportClosed,
            Self::TooLarge => DisconnectReason::ProtocolError("too_large"),
            Self::NotText => DisconnectReason::ProtocolError("not_text"),
            Self::Protocol => DisconnectReason::ProtocolError("websocket"),
            Self::Packet(error) => DisconnectReason::ProtocolError(error.label()),
            Self::NotRead => DisconnectReason::SlowConsumer,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_that_look_alike_are_told_apart() {
        let cases = [
            (
                io::Error::new(io::ErrorKind::InvalidData, "no UTF-8"),
                Some(CloseCode::Invalid),
            ),
            (io::Error::new(io::ErrorKind::ConnectionReset, "gone"), None),
            (io::Error::other("incomplete"), None),
        ];
        for (error, code) in cases {
            assert_eq!(WebSocketError::of_io(&error).close_code(), code, "{error}");
        }
    }
}
