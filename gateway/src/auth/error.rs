//! What goes wrong on the way from a cookie to a principal, and what a client may know of it.
//!
//! The texts of these errors are for operators. A client gets a code and a fixed sentence: whether a signature was bad or a
//! session gone is nothing that a stranger should learn.

use std::sync::Arc;

use shared_protocol::events::{AckError, ErrorCode, IdError, SessionEndReason};

use crate::db::RedisError;

/// Why somebody may not join.
#[derive(Clone, Debug, thiserror::Error)]
pub enum AuthError {
    /// Neither a cookie nor a token.
    #[error("no cookie and no token")]
    NoCredentials,
    /// The cookie or token names no session that we would trust.
    #[error("bad credential: {0}")]
    BadCredential(#[from] BadCredential),
    /// Redis has no such session: logged out, or expired.
    #[error("no such session")]
    NoSuchSession,
    /// There is a session, but it makes nobody known.
    #[error("unusable session: {0}")]
    BadSession(#[from] SessionFault),
    /// A real session, in a namespace that is not for it.
    #[error("the session may not join there")]
    NotForYou,
    /// The session ended while its socket was joining.
    #[error("the session has ended: {}", .0.as_str())]
    Ended(SessionEndReason),
    /// Nobody can tell just now.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Why a cookie's or token's value names no session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum BadCredential {
    /// Longer than any session cookie.
    #[error("too long")]
    TooLong,
    /// No signature in it, or not of the configured format.
    #[error("not of the configured format")]
    Shape,
    /// No secret of the list made that signature.
    #[error("signature does not fit any secret")]
    Forged,
    /// The session id in it is empty, or too long to be one.
    #[error("no session id inside")]
    SessionId,
    /// A JWT past its `exp`.
    #[error("token has expired")]
    TokenExpired,
    /// A JWT that fails in another way: algorithm, signature, issuer, audience, form.
    #[error("token is not valid")]
    Token,
}

/// Why a session that Redis holds makes nobody known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SessionFault {
    /// No JSON.
    #[error("is no JSON")]
    Malformed,
    /// No user id: a visitor who has not logged in.
    #[error("holds no user id")]
    Anonymous,
    /// A user id that cannot be one. The operator has to look at the pointers.
    #[error("user id {0}")]
    UserId(IdError),
    /// A tenant id that cannot be one.
    #[error("tenant id {0}")]
    TenantId(IdError),
    /// A user or tenant id that is neither a text nor an integer.
    #[error("an id is neither a text nor an integer")]
    IdType,
    /// `cookie.expires` has passed.
    #[error("has expired")]
    Expired,
}

/// Why a session could not be looked up.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Unavailable {
    /// Redis did not answer, or not as it should.
    #[error("redis: {0}")]
    Redis(Arc<RedisError>),
    /// More look-ups wait than Redis can answer in time.
    #[error("too many session look-ups are waiting")]
    Busy,
    /// This instance is going away.
    #[error("session look-ups have stopped")]
    Stopped,
}

impl SessionFault {
    /// Whether an operator has to mend something: the API stores ids that this gateway cannot use.
    pub fn is_news(self) -> bool {
        match self {
            Self::Malformed | Self::UserId(_) | Self::TenantId(_) | Self::IdType => true,
            Self::Anonymous | Self::Expired => false,
        }
    }
}

impl From<RedisError> for Unavailable {
    fn from(error: RedisError) -> Self {
        Self::Redis(Arc::new(error))
    }
}

impl AuthError {
    /// What the client is told.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::NoCredentials
            | Self::BadCredential(_)
            | Self::NoSuchSession
            | Self::BadSession(_)
            | Self::Ended(_) => ErrorCode::Unauthorized,
            Self::NotForYou => ErrorCode::Forbidden,
            Self::Unavailable(_) => ErrorCode::Unavailable,
        }
    }
}

/// The `data` of CONNECT_ERROR, and its message.
impl From<&AuthError> for AckError {
    fn from(error: &AuthError) -> Self {
        let code = error.code();
        let message = match code {
            ErrorCode::Forbidden => "Not for this session",
            ErrorCode::Unavailable => "Sessions cannot be looked up just now",
            _ => "Unauthorized",
        };
        Self::new(code, message)
    }
}
