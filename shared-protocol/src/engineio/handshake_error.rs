//! The table of refusals that Engine.IO answers by HTTP.

/// Why a request was refused, as the protocol numbers it (spec §1.2).
///
/// The order in which the checks run is the caller's; the first that fails wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HandshakeError {
    /// `transport` is missing or not served.
    #[error("Transport unknown")]
    TransportUnknown,
    /// `sid` is not, or no longer, a connection.
    #[error("Session ID unknown")]
    SessionIdUnknown,
    /// A handshake by another method than GET.
    #[error("Bad handshake method")]
    BadHandshakeMethod,
    /// Anything else that does not fit the connection's state.
    #[error("Bad request")]
    BadRequest,
    /// Admission was refused, for instance because of the `Origin`.
    #[error("Forbidden")]
    Forbidden,
    /// `EIO` is not 4.
    #[error("Unsupported protocol version")]
    UnsupportedProtocolVersion,
}

impl HandshakeError {
    /// Every refusal, in the order of its code.
    pub const ALL: [Self; 6] = [
        Self::TransportUnknown,
        Self::SessionIdUnknown,
        Self::BadHandshakeMethod,
        Self::BadRequest,
        Self::Forbidden,
        Self::UnsupportedProtocolVersion,
    ];

    /// The protocol's number.
    pub const fn code(self) -> u8 {
        match self {
            Self::TransportUnknown => 0,
            Self::SessionIdUnknown => 1,
            Self::BadHandshakeMethod => 2,
            Self::BadRequest => 3,
            Self::Forbidden => 4,
            Self::UnsupportedProtocolVersion => 5,
        }
    }

    /// The protocol's text; also the body of a refused WebSocket upgrade.
    pub const fn message(self) -> &'static str {
        match self {
            Self::TransportUnknown => "Transport unknown",
            Self::SessionIdUnknown => "Session ID unknown",
            Self::BadHandshakeMethod => "Bad handshake method",
            Self::BadRequest => "Bad request",
            Self::Forbidden => "Forbidden",
            Self::UnsupportedProtocolVersion => "Unsupported protocol version",
        }
    }

    /// The HTTP status: 403 for a refused admission, else 400.
    pub const fn http_status(self) -> u16 {
        match self {
            Self::Forbidden => 403,
            _ => 400,
        }
    }

    /// The body of the HTTP answer, `application/json`.
    pub const fn json(self) -> &'static str {
        match self {
            Self::TransportUnknown => r#"{"code":0,"message":"Transport unknown"}"#,
            Self::SessionIdUnknown => r#"{"code":1,"message":"Session ID unknown"}"#,
            Self::BadHandshakeMethod => r#"{"code":2,"message":"Bad handshake method"}"#,
            Self::BadRequest => r#"{"code":3,"message":"Bad request"}"#,
            Self::Forbidden => r#"{"code":4,"message":"Forbidden"}"#,
            Self::UnsupportedProtocolVersion => r#"{"code":5,"message":"Unsupported protocol version"}"#,
        }
    }

    /// The value of the metric label that counts this refusal.
    pub const fn label(self) -> &'static str {
        match self {
            Self::TransportUnknown => "transport_unknown",
            Self::SessionIdUnknown => "sid_unknown",
            Self::BadHandshakeMethod => "bad_handshake_method",
            Self::BadRequest => "bad_request",
            Self::Forbidden => "forbidden",
            Self::UnsupportedProtocolVersion => "unsupported_protocol_version",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_holds_code_and_message() {
        for (index, error) in HandshakeError::ALL.into_iter().enumerate() {
            assert_eq!(usize::from(error.code()), index);
            assert_eq!(error.to_string(), error.message());
            let expected = serde_json::json!({ "code": error.code(), "message": error.message() }).to_string();
            assert_eq!(error.json(), expected);
        }
    }

    #[test]
    fn only_a_refused_admission_is_403() {
        let statuses = HandshakeError::ALL.map(HandshakeError::http_status);
        assert_eq!(statuses, [400, 400, 400, 400, 403, 400]);
    }
}
