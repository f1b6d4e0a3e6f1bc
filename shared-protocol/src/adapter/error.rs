//! Why a payload from Node was refused.

use crate::socketio::EncodeError;

/// Why a payload is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AdapterError {
    /// Neither MessagePack nor JSON, or more than one value.
    #[error("payload is neither MessagePack nor JSON")]
    Malformed,
    /// Nested deeper than [`MAX_DEPTH`](crate::socketio::MAX_DEPTH).
    #[error("payload nested too deep")]
    TooDeep,
    /// A field is missing or of the wrong type.
    #[error("field {0} is missing or of the wrong type")]
    BadField(&'static str),
    /// Not about the namespace whose channels it came on; channel names are ambiguous, so this is no fault.
    #[error("payload of another namespace")]
    OtherNamespace,
    /// A packet that is no event.
    #[error("packet is no event")]
    NotAnEvent,
    /// An event without a name that is a string or a number.
    #[error("bad event name")]
    BadEventName,
    /// An event that stock clients would take for their own life cycle.
    #[error("reserved event name")]
    ReservedEventName,
    /// More attachments than a stock client takes.
    #[error("too many attachments")]
    TooManyAttachments,
    /// A value that has no JSON form: an extension type or a key of a map that nobody knows.
    #[error("value has no JSON form")]
    UnsupportedValue,
    /// A request of a later version of the adapter.
    #[error("unknown request type")]
    UnknownRequestType,
}

impl AdapterError {
    /// The value of the metric label that counts this fault.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::TooDeep => "too_deep",
            Self::BadField(_) => "bad_field",
            Self::OtherNamespace => "other_namespace",
            Self::NotAnEvent => "not_an_event",
            Self::BadEventName => "bad_event_name",
            Self::ReservedEventName => "reserved_event_name",
            Self::TooManyAttachments => "too_many_attachments",
            Self::UnsupportedValue => "unsupported_value",
            Self::UnknownRequestType => "unknown_request_type",
        }
    }
}

impl From<EncodeError> for AdapterError {
    fn from(error: EncodeError) -> Self {
        match error {
            EncodeError::TooManyAttachments => Self::TooManyAttachments,
            EncodeError::ReservedEventName => Self::ReservedEventName,
            EncodeError::Json(_) | EncodeError::NotAMessage => Self::UnsupportedValue,
        }
    }
}
