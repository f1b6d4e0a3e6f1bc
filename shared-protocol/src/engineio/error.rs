//! Why bytes were refused as Engine.IO packets.

/// A fault in one packet or payload. Each of them ends the connection (spec §1.3), none is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PacketError {
    /// A packet without even a type: `""`, or two separators in a row.
    #[error("empty packet")]
    Empty,
    /// The first character is no packet type.
    #[error("unknown packet type")]
    UnknownType,
    /// What follows `b` is no padded standard base64.
    #[error("binary packet is not base64")]
    NotBase64,
    /// A text packet that is not UTF-8.
    #[error("packet is not UTF-8")]
    NotUtf8,
    /// A payload with more packets than the caller takes.
    #[error("too many packets in one payload")]
    TooManyPackets,
}

impl PacketError {
    /// The value of the metric label that counts this fault.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Empty => "packet_empty",
            Self::UnknownType => "packet_unknown_type",
            Self::NotBase64 => "packet_not_base64",
            Self::NotUtf8 => "packet_not_utf8",
            Self::TooManyPackets => "payload_too_many_packets",
        }
    }
}
