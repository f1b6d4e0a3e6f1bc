//! What goes wrong, as the client hears it: a closed list of codes, each of which says whether a retry makes sense.

use serde::Serialize;

/// Codes of refused events and of CONNECT_ERROR's `data.code`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// No cookie and no token, bad signature, no such session, expired or malformed. Retry after a new login.
    Unauthorized,
    /// The session ended while connected. Retry after a new login.
    SessionExpired,
    /// A real session in a namespace, portal or event that is not for it.
    Forbidden,
    /// CONNECT to a namespace that nobody serves.
    InvalidNamespace,
    /// CONNECT beyond the number of sockets one user may hold on one instance.
    TooManySockets,
    /// A missing field, wrong type, out of range, empty body or a NUL character; the message names the field.
    InvalidPayload,
    /// More Unicode scalar values than the body may have.
    BodyTooLong,
    /// Unknown user, or one out of the caller's reach: the two cannot be told apart.
    RecipientNotFound,
    /// Over the user's budget on this instance; carries `retryAfterMs`.
    RateLimited,
    /// Postgres or Redis cannot be reached just now; nothing was stored. Retry with the same `clientMessageId`.
    Unavailable,
    /// No such event.
    UnknownEvent,
    /// A bug of ours; logged with the request's id.
    Internal,
}

impl ErrorCode {
    /// The code as it stands on the wire, also used as a metric label.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unauthorized => "unauthorized",
            Self::SessionExpired => "session_expired",
            Self::Forbidden => "forbidden",
            Self::InvalidNamespace => "invalid_namespace",
            Self::TooManySockets => "too_many_sockets",
            Self::InvalidPayload => "invalid_payload",
            Self::BodyTooLong => "body_too_long",
            Self::RecipientNotFound => "recipient_not_found",
            Self::RateLimited => "rate_limited",
            Self::Unavailable => "unavailable",
            Self::UnknownEvent => "unknown_event",
            Self::Internal => "internal",
        }
    }
}

/// A refused event: it answers that one event and keeps the socket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct AckError {
    /// What went wrong, for programs.
    pub code: ErrorCode,
    /// What went wrong, for people. Never holds internals or anything about another tenant.
    pub message: String,
    /// Milliseconds after which the same event may be sent again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub retry_after_ms: Option<u64>,
}

impl AckError {
    /// An error without a retry hint.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            retry_after_ms: None,
        }
    }

    /// `invalid_payload` that names the field.
    pub fn invalid(field: &str, fault: &str) -> Self {
        Self::new(ErrorCode::InvalidPayload, format!("{field}: {fault}"))
    }
}

/// The one argument of every ack: `{ ok: true, data }` or `{ ok: false, error }`.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(untagged)]
pub enum Reply<T> {
    /// The event took effect.
    Ok {
        /// Always `true`.
        #[cfg_attr(test, ts(type = "true"))]
        ok: bool,
        /// The event's own answer.
        data: T,
    },
    /// It did not.
    Err {
        /// Always `false`.
        #[cfg_attr(test, ts(type = "false"))]
        ok: bool,
        /// Why.
        error: AckError,
    },
}

impl<T> From<Result<T, AckError>> for Reply<T> {
    fn from(result: Result<T, AckError>) -> Self {
        match result {
            Ok(data) => Self::Ok { ok: true, data },
            Err(error) => Self::Err { ok: false, error },
        }
    }
}
