//! A login session as Redis holds it: who, and until when.

use chrono::{DateTime, Utc};
use serde_json::value::RawValue;
use shared_protocol::events::{Namespace, UserId};
use tokio::time::Instant;

use super::error::{AuthError, SessionFault};
use super::pointer::find;
use super::principal::{Pointers, Principal};

/// Where the session middlewares of Node keep the cookie's end; Redis' TTL may be off, so it is always looked at.
const EXPIRES: &str = "/cookie/expires";

/// A session that is there.
#[derive(Clone, Debug)]
pub struct Session {
    /// Whose it is.
    pub bearer: Bearer,
    /// The earlier of Redis' TTL and `cookie.expires`. `None`: it has no end.
    pub known_end: Option<Instant>,
}

/// Whose a session is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bearer {
    /// Somebody with a place.
    Principal(Principal),
    /// A real user without tenant and manage role, who may join nothing.
    Homeless(UserId),
}

impl Session {
    /// The principal, when this namespace is theirs.
    pub fn principal_for(&self, namespace: Namespace) -> Result<&Principal, AuthError> {
        match &self.bearer {
            Bearer::Principal(principal) if principal.realm.namespace() == namespace => Ok(principal),
            Bearer::Principal(_) | Bearer::Homeless(_) => Err(AuthError::NotForYou),
        }
    }
}

/// A moment, by both clocks: the wall's, in which the API writes ends, and the steady one, in which we wait for them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    pub(super) wall: DateTime<Utc>,
    pub(super) steady: Instant,
}

impl Moment {
    pub(super) fn now() -> Self {
        Self {
            wall: Utc::now(),
            steady: Instant::now(),
        }
    }
}

/// Makes a session of its JSON and its TTL in milliseconds (negative: none), as read at that moment.
pub(super) fn parse(json: &[u8], ttl_ms: i64, at: Moment, pointers: &Pointers) -> Result<Session, SessionFault> {
    let document: &RawValue = serde_json::from_slice(json).map_err(|_| SessionFault::Malformed)?;
    let ttl = u64::try_from(ttl_ms).ok().map(std::time::Duration::from_millis);
    // Milliseconds beyond the clock's range are no end that anybody will see.
    let mut known_end = ttl.and_then(|ttl| at.steady.checked_add(ttl));
    if let Some(expires) = find(document, EXPIRES).and_then(time) {
        let left = (expires - at.wall).to_std().map_err(|_| SessionFault::Expired)?;
        let end = at.steady.checked_add(left);
        known_end = match (known_end, end) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
    }
    let bearer = pointers.bearer(document)?;
    Ok(Session { bearer, known_end })
}

/// A date as JSON.stringify writes it, or milliseconds since 1970. What is neither says nothing, as in JavaScript, where a
/// comparison with an invalid date is false.
fn time(value: &RawValue) -> Option<DateTime<Utc>> {
    match serde_json::from_str::<String>(value.get()) {
        Ok(text) => DateTime::parse_from_rfc3339(&text).ok().map(|time| time.to_utc()),
        Err(_) => serde_json::from_str::<i64>(value.get())
            .ok()
            .and_then(DateTime::from_timestamp_millis),
    }
}
