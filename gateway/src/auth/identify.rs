//! Which session a request speaks for.

use super::cookie;
use super::error::{AuthError, BadCredential};
use super::format::Values;
use super::session_id::SessionId;
use crate::config::SessionConfig;

/// What a request says about its session. Nothing has been looked up yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    /// Neither a cookie nor a token.
    Nobody,
    /// There is one, but it names no session that we would trust.
    Bad(BadCredential),
    /// It names this session.
    Session(SessionId),
}

/// Names the session of a request.
#[derive(Debug)]
pub struct Identifier {
    cookie: String,
    values: Values,
}

impl Identifier {
    /// For the configured cookie and format. Fails where a JWT key cannot be used, which the config has refused before.
    pub fn new(config: &SessionConfig) -> Result<Self, String> {
        Ok(Self {
            cookie: config.cookie.clone(),
            values: Values::new(config)?,
        })
    }

    /// The session cookie's decoded value out of the raw `Cookie` headers.
    pub fn cookie<'a>(&self, headers: impl IntoIterator<Item = &'a [u8]>) -> Option<String> {
        cookie::find(headers, &self.cookie)
    }

    /// Names the session. `cookie` is what [`Self::cookie`] found, `token` is `auth.token` of CONNECT, in the form of the
    /// cookie's value, encoded or not. A cookie that is present wins even when it is bad: whoever holds a browser's cookie
    /// cannot be made to join as somebody else by a script on the page.
    pub fn identify(&self, cookie: Option<&str>, token: Option<&str>) -> Identity {
        let checked = match (cookie, token) {
            (Some(value), _) => self.values.session_id(value),
            (None, Some(token)) => self.values.session_id(&cookie::percent_decoded(token.as_bytes())),
            (None, None) => return Identity::Nobody,
        };
        match checked {
            Ok(session) => Identity::Session(session),
            Err(bad) => Identity::Bad(bad),
        }
    }
}

impl Identity {
    /// The session to look up at CONNECT.
    pub fn session(self) -> Result<SessionId, AuthError> {
        match self {
            Self::Nobody => Err(AuthError::NoCredentials),
            Self::Bad(bad) => Err(bad.into()),
            Self::Session(session) => Ok(session),
        }
    }

    /// Whether a request that says this may use a connection that `opener` opened: a connection belongs to the session
    /// that opened it, whatever its cookie is signed with meanwhile. A request without any cookie is let in, since the
    /// connection's own id is a secret; so is any on a connection that no session opened.
    pub fn may_use(&self, opener: &Self) -> bool {
        match (self, opener) {
            (Self::Nobody, _) | (_, Self::Nobody) | (Self::Bad(_), Self::Bad(_)) => true,
            (Self::Session(session), Self::Session(other)) => session == other,
            (Self::Bad(_), Self::Session(_)) | (Self::Session(_), Self::Bad(_)) => false,
        }
    }
}
