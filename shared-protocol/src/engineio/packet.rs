//! One Engine.IO packet.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use bytestring::ByteString;

use super::PacketError;

/// An Engine.IO packet (spec §1.3), in both directions.
///
/// What follows the type digit is kept where the protocol gives it a meaning (`probe`), and dropped where it has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Packet {
    /// `0`: the handshake's JSON, see [`Open`](super::Open). Ignored when a client sends it.
    Open(ByteString),
    /// `1`: the sender leaves.
    Close,
    /// `2`: the server's heartbeat, or the client's `probe` on the transport it wants to upgrade to.
    Ping(ByteString),
    /// `3`: the answer, with the ping's content.
    Pong(ByteString),
    /// `4`: text for the layer above, without the digit.
    Message(ByteString),
    /// `b…`, or a binary WebSocket frame: bytes for the layer above.
    Binary(Bytes),
    /// `5`: the client has moved to the new transport.
    Upgrade,
    /// `6`: an answer for a poll that has to end.
    Noop,
}

/// What one packet becomes on a WebSocket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WebSocketFrame {
    /// A text frame.
    Text(ByteString),
    /// A binary frame: the bytes of a message and nothing else.
    Binary(Bytes),
}

impl Packet {
    /// Reads one text packet: a WebSocket text frame, or one part of a polling payload. Copies nothing but base64.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "the packet keeps views of the text; the frame is done with"
    )]
    pub fn decode_text(text: ByteString) -> Result<Self, PacketError> {
        let kind = *text.as_bytes().first().ok_or(PacketError::Empty)?;
        let packet = match kind {
            b'0' => Self::Open(after_type(&text)),
            b'1' => Self::Close,
            b'2' => Self::Ping(after_type(&text)),
            b'3' => Self::Pong(after_type(&text)),
            b'4' => Self::Message(after_type(&text)),
            b'5' => Self::Upgrade,
            b'6' => Self::Noop,
            // Clients that cannot send binary frames use this form on a WebSocket too.
            b'b' => {
                let encoded = text.as_bytes().slice(1..);
                Self::Binary(STANDARD.decode(&encoded).map_err(|_| PacketError::NotBase64)?.into())
            }
            _ => return Err(PacketError::UnknownType),
        };
        Ok(packet)
    }

    /// Writes the packet as text, binary as `b` and base64.
    pub fn encode_text(&self) -> ByteString {
        match self {
            Self::Open(json) => with_type("0", json),
            Self::Close => ByteString::from_static("1"),
            Self::Ping(content) if content.is_empty() => ByteString::from_static("2"),
            Self::Ping(content) => with_type("2", content),
            Self::Pong(content) if content.is_empty() => ByteString::from_static("3"),
            Self::Pong(content) => with_type("3", content),
            Self::Message(text) => with_type("4", text),
            Self::Binary(bytes) => base64_text(bytes),
            Self::Upgrade => ByteString::from_static("5"),
            Self::Noop => ByteString::from_static("6"),
        }
    }

    /// Writes the packet for a WebSocket. With `b64`, the peer said that it takes no binary frames (`b64=1`).
    pub fn encode_websocket(&self, b64: bool) -> WebSocketFrame {
        match self {
            Self::Binary(bytes) => WebSocketFrame::binary(bytes.clone(), b64),
            _ => WebSocketFrame::Text(self.encode_text()),
        }
    }
}

impl WebSocketFrame {
    /// The frame for a binary message; see [`Packet::encode_websocket`] about `b64`.
    pub fn binary(bytes: Bytes, b64: bool) -> Self {
        if b64 {
            Self::Text(base64_text(&bytes))
        } else {
            Self::Binary(bytes)
        }
    }
}

fn after_type(text: &ByteString) -> ByteString {
    text.slice_ref(text.get(1..).unwrap_or_default())
}

fn with_type(digit: &str, content: &str) -> ByteString {
    let mut text = String::with_capacity(digit.len() + content.len());
    text.push_str(digit);
    text.push_str(content);
    text.into()
}

fn base64_text(bytes: &[u8]) -> ByteString {
    let mut text = String::new();
    push_base64(&mut text, bytes);
    text.into()
}

/// Appends a binary message in its text form, so that a payload needs no buffer in between.
pub(super) fn push_base64(text: &mut String, bytes: &[u8]) {
    text.reserve(1 + bytes.len().div_ceil(3) * 4);
    text.push('b');
    STANDARD.encode_string(bytes, text);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &'static str) -> ByteString {
        ByteString::from_static(text)
    }

    #[test]
    fn every_packet_has_one_text_form() {
        let cases = [
            ("0{}", Packet::Open(text("{}"))),
            ("1", Packet::Close),
            ("2", Packet::Ping(text(""))),
            ("2probe", Packet::Ping(text("probe"))),
            ("3", Packet::Pong(text(""))),
            ("3probe", Packet::Pong(text("probe"))),
            ("4", Packet::Message(text(""))),
            ("4hellö", Packet::Message(text("hellö"))),
            ("5", Packet::Upgrade),
            ("6", Packet::Noop),
            ("b", Packet::Binary(Bytes::new())),
            ("bAQIDBA==", Packet::Binary(Bytes::from_static(&[1, 2, 3, 4]))),
        ];
        for (wire, packet) in cases {
            assert_eq!(Packet::decode_text(text(wire)), Ok(packet.clone()), "{wire}");
            assert_eq!(packet.encode_text(), wire);
        }
    }

    #[test]
    fn faults_are_told_apart() {
        let cases = [
            ("", PacketError::Empty),
            ("7", PacketError::UnknownType),
            ("9abc", PacketError::UnknownType),
            ("é", PacketError::UnknownType),
            ("bAQI", PacketError::NotBase64),
            ("b????", PacketError::NotBase64),
            ("bé", PacketError::NotBase64),
        ];
        for (wire, error) in cases {
            assert_eq!(Packet::decode_text(text(wire)), Err(error), "{wire:?}");
        }
    }

    #[test]
    fn content_without_meaning_is_dropped() {
        assert_eq!(Packet::decode_text(text("1bye")), Ok(Packet::Close));
        assert_eq!(Packet::decode_text(text("6\u{1F600}")), Ok(Packet::Noop));
    }

    #[test]
    fn message_shares_the_frames_memory() {
        let wire = ByteString::from(String::from("42[\"a\"]"));
        let start = wire.as_ptr();
        let Ok(Packet::Message(body)) = Packet::decode_text(wire) else {
            panic!("a message")
        };
        assert_eq!(body.as_ptr(), start.wrapping_add(1));
    }

    #[test]
    fn binary_follows_the_peers_wish() {
        let packet = Packet::Binary(Bytes::from_static(&[1, 2, 3, 4]));
        assert_eq!(
            packet.encode_websocket(false),
            WebSocketFrame::Binary(Bytes::from_static(&[1, 2, 3, 4]))
        );
        assert_eq!(packet.encode_websocket(true), WebSocketFrame::Text(text("bAQIDBA==")));
        assert_eq!(Packet::Noop.encode_websocket(false), WebSocketFrame::Text(text("6")));
    }
}
