//! Why bytes were refused as Socket.IO packets, and why packets could not be written.

/// A protocol error of the peer. Each of them ends the whole link, without an answer (spec §2.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// An Engine.IO message without content.
    #[error("empty message")]
    Empty,
    /// The first character is no packet type.
    #[error("unknown packet type")]
    UnknownType,
    /// CONNECT_ERROR, which only a server sends.
    #[error("packet of the other direction")]
    WrongDirection,
    /// The count of attachments is missing, no number, zero, or over the limit.
    #[error("bad count of attachments")]
    BadAttachmentCount,
    /// The attachments of one packet are larger than the limit in sum.
    #[error("attachments too large")]
    AttachmentsTooLarge,
    /// The ack id does not fit 64 bits.
    #[error("ack id out of range")]
    BadId,
    /// The payload is missing where there must be one, is there where there must be none, is not one JSON text, or of
    /// the wrong kind.
    #[error("bad payload")]
    BadPayload,
    /// JSON nested deeper than [`MAX_DEPTH`](super::MAX_DEPTH).
    #[error("payload nested too deep")]
    TooDeep,
    /// An event without a name that is a string or a number.
    #[error("bad event name")]
    BadEventName,
    /// An event with one of the [`RESERVED_EVENTS`](super::RESERVED_EVENTS).
    #[error("reserved event name")]
    ReservedEventName,
    /// A placeholder whose number is the index of no attachment.
    #[error("bad placeholder")]
    BadPlaceholder,
    /// Text while attachments are due.
    #[error("text while attachments are due")]
    UnexpectedText,
    /// Binary while none is due.
    #[error("binary while no attachment is due")]
    UnexpectedBinary,
}

impl DecodeError {
    /// The value of the metric label that counts this fault.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::UnknownType => "unknown_type",
            Self::WrongDirection => "wrong_direction",
            Self::BadAttachmentCount => "bad_attachment_count",
            Self::AttachmentsTooLarge => "attachments_too_large",
            Self::BadId => "bad_id",
            Self::BadPayload => "bad_payload",
            Self::TooDeep => "too_deep",
            Self::BadEventName => "bad_event_name",
            Self::ReservedEventName => "reserved_event_name",
            Self::BadPlaceholder => "bad_placeholder",
            Self::UnexpectedText => "unexpected_text",
            Self::UnexpectedBinary => "unexpected_binary",
        }
    }
}

/// Why a frame could not be written.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// The value has no JSON form.
    #[error("value has no JSON form: {0}")]
    Json(#[from] serde_json::Error),
    /// The event has one of the [`RESERVED_EVENTS`](super::RESERVED_EVENTS).
    #[error("reserved event name")]
    ReservedEventName,
    /// More than [`MAX_ATTACHMENTS`](super::MAX_ATTACHMENTS): a stock client would drop the link.
    #[error("too many attachments")]
    TooManyAttachments,
    /// Text that does not start as an Engine.IO message.
    #[error("no Engine.IO message")]
    NotAMessage,
}

impl EncodeError {
    /// The value of the metric label that counts this fault.
    pub const fn label(&self) -> &'static str {
        match self {
            Self::Json(_) => "json",
            Self::ReservedEventName => "reserved_event_name",
            Self::TooManyAttachments => "too_many_attachments",
            Self::NotAMessage => "not_a_message",
        }
    }
}
