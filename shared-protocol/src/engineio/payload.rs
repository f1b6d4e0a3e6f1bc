//! Many packets in one polling body: encoded packets joined by the record separator (spec §1.3).

use bytes::Bytes;
use bytestring::ByteString;

use super::{Packet, PacketError, packet::push_base64};

/// What stands between two packets. No packet of the layer above holds it: JSON escapes control characters.
pub const SEPARATOR: char = '\u{1e}';

/// Reads a body of at most `max_packets` packets, in one pass.
///
/// The packets before a bad one are handed back together with its fault: the caller processes them and then ends the
/// connection. An empty body is one empty packet, and so a fault.
pub fn decode(body: &Bytes, max_packets: usize) -> (Vec<Packet>, Option<PacketError>) {
    let mut packets = Vec::new();
    for part in body.split(|&byte| byte == SEPARATOR as u8) {
        if packets.len() == max_packets {
            return (packets, Some(PacketError::TooManyPackets));
        }
        // The separator is ASCII, so a multi-byte character is never cut, and each part stands for itself.
        let packet = ByteString::try_from(body.slice_ref(part))
            .map_err(|_| PacketError::NotUtf8)
            .and_then(Packet::decode_text);
        match packet {
            Ok(packet) => packets.push(packet),
            Err(error) => return (packets, Some(error)),
        }
    }
    (packets, None)
}

/// Writes a body packet by packet.
///
/// ```
/// use shared_protocol::engineio::payload::Encoder;
///
/// let mut encoder = Encoder::new();
/// encoder.push_encoded("4hello");
/// encoder.push_binary(&[1, 2, 3, 4]);
/// assert_eq!(encoder.finish(), "4hello\u{1e}bAQIDBA==");
/// ```
#[derive(Debug, Default)]
pub struct Encoder {
    body: String,
    packets: usize,
}

impl Encoder {
    /// An empty body.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty body with room for as many bytes.
    pub fn with_capacity(bytes: usize) -> Self {
        Self {
            body: String::with_capacity(bytes),
            packets: 0,
        }
    }

    /// Appends a packet.
    pub fn push(&mut self, packet: &Packet) {
        match packet {
            Packet::Binary(bytes) => self.push_binary(bytes),
            Packet::Message(text) => {
                self.separate();
                self.body.push('4');
                self.body.push_str(text);
            }
            other => self.push_encoded(&other.encode_text()),
        }
    }

    /// Appends a text packet that is encoded already, type digit first.
    pub fn push_encoded(&mut self, packet: &str) {
        self.separate();
        self.body.push_str(packet);
    }

    /// Appends a binary message.
    pub fn push_binary(&mut self, bytes: &[u8]) {
        self.separate();
        push_base64(&mut self.body, bytes);
    }

    /// The size so far, in bytes.
    pub fn len_bytes(&self) -> usize {
        self.body.len()
    }

    /// Whether no packet was pushed yet.
    pub fn is_empty(&self) -> bool {
        self.packets == 0
    }

    /// The body.
    pub fn finish(self) -> ByteString {
        self.body.into()
    }

    fn separate(&mut self) {
        if self.packets > 0 {
            self.body.push(SEPARATOR);
        }
        self.packets += 1;
    }
}

/// Writes a body of all packets.
pub fn encode<'a>(packets: impl IntoIterator<Item = &'a Packet>) -> ByteString {
    let mut encoder = Encoder::new();
    for packet in packets {
        encoder.push(packet);
    }
    encoder.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &'static str) -> Packet {
        Packet::Message(ByteString::from_static(text))
    }

    #[test]
    fn packets_before_a_bad_one_are_kept() {
        let cases: [(&[u8], Vec<Packet>, Option<PacketError>); 7] = [
            (
                b"4a\x1e4b\x1e3",
                vec![message("a"), message("b"), Packet::Pong("".into())],
                None,
            ),
            (
                b"4a\x1ebAQIDBA==",
                vec![message("a"), Packet::Binary(vec![1, 2, 3, 4].into())],
                None,
            ),
            (b"", vec![], Some(PacketError::Empty)),
            (b"4a\x1e", vec![message("a")], Some(PacketError::Empty)),
            (b"4a\x1e9\x1e4b", vec![message("a")], Some(PacketError::UnknownType)),
            (b"4a\x1e4\xff\x1e4b", vec![message("a")], Some(PacketError::NotUtf8)),
            (b"4\xc3\x1e4b", vec![], Some(PacketError::NotUtf8)),
        ];
        for (body, packets, error) in cases {
            assert_eq!(decode(&Bytes::from_static(body), 16), (packets, error), "{body:?}");
        }
    }

    #[test]
    fn packets_beyond_the_cap_are_refused() {
        let body = Bytes::from_static(b"4a\x1e4b\x1e4c");
        assert_eq!(decode(&body, 3).1, None);
        let (packets, error) = decode(&body, 2);
        assert_eq!((packets.len(), error), (2, Some(PacketError::TooManyPackets)));
        assert_eq!(decode(&body, 0), (vec![], Some(PacketError::TooManyPackets)));
    }

    #[test]
    fn body_joins_packets() {
        let packets = [
            Packet::Noop,
            Packet::Close,
            message("x"),
            Packet::Binary(vec![1].into()),
        ];
        assert_eq!(encode(&packets), "6\u{1e}1\u{1e}4x\u{1e}bAQ==");
        assert_eq!(encode([]), "");
        assert!(Encoder::new().is_empty());
    }
}
