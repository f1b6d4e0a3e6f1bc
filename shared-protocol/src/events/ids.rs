//! Ids: opaque strings with a closed alphabet, so that a value that parsed can stand in a key, a room or a channel name.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize};

/// Why a text is no id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Empty, or longer than 64 characters.
    #[error("must have 1 to 64 characters")]
    Length,
    /// A character outside the alphabet.
    #[error("must be visible ASCII without a colon")]
    Alphabet,
}

fn check(text: &str, colon_allowed: bool) -> Result<(), IdError> {
    if text.is_empty() || text.len() > 64 {
        return Err(IdError::Length);
    }
    let visible = text
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && (colon_allowed || byte != b':'));
    if visible { Ok(()) } else { Err(IdError::Alphabet) }
}

macro_rules! opaque_id {
    ($(#[$doc:meta])* $name:ident, colon_allowed = $colon:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
        #[cfg_attr(test, derive(ts_rs::TS), ts(type = "string"))]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Takes a text that is an id.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                check(text, $colon)?;
                Ok(Self(Arc::from(text)))
            }

            /// The id's text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
                Self::parse(&text).map_err(serde::de::Error::custom)
            }
        }
    };
}

opaque_id! {
    /// A user of the platform: 1 to 64 visible ASCII characters without `:`. One id names one person across the platform.
    UserId, colon_allowed = false
}
opaque_id! {
    /// A tenant: 1 to 64 visible ASCII characters without `:`.
    TenantId, colon_allowed = false
}
opaque_id! {
    /// The client's own name for a message, which makes a resend recognisable: 1 to 64 visible ASCII characters.
    ClientMessageId, colon_allowed = true
}

/// `<tenantId>:<min>:<max>`: the two user ids by byte order, the tenant empty between two manage users.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(type = "string"))]
#[serde(transparent)]
pub struct ConversationId(Arc<str>);

impl ConversationId {
    /// The conversation of two different users.
    pub fn between(tenant: Option<&TenantId>, one: &UserId, other: &UserId) -> Self {
        let (min, max) = if one <= other { (one, other) } else { (other, one) };
        let tenant = tenant.map_or("", TenantId::as_str);
        Self(Arc::from(format!("{tenant}:{min}:{max}")))
    }

    /// Takes a text that has the three parts.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let mut parts = text.split(':');
        let (Some(tenant), Some(min), Some(max), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(IdError::Alphabet);
        };
        if !tenant.is_empty() {
            check(tenant, false)?;
        }
        check(min, false)?;
        check(max, false)?;
        if min >= max {
            Err(IdError::Alphabet)
        } else {
            Ok(Self(Arc::from(text)))
        }
    }

    /// The id's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The tenant part; `None` between two manage users.
    pub fn tenant(&self) -> Option<&str> {
        self.0.split(':').next().filter(|tenant| !tenant.is_empty())
    }

    /// The two users, by byte order.
    pub fn users(&self) -> (&str, &str) {
        let mut parts = self.0.splitn(3, ':').skip(1);
        (parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
    }
}

impl fmt::Display for ConversationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for ConversationId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_keep_to_their_alphabet() {
        for good in ["u_1", "42", "a-b/c#d", &"x".repeat(64)] {
            assert_eq!(UserId::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", "a:b", "ä", "a b", "a\u{7f}", "a\n", &"x".repeat(65)] {
            assert!(UserId::parse(bad).is_err(), "{bad:?}");
        }
        assert!(ClientMessageId::parse("tab:1").is_ok());
    }

    #[test]
    fn a_conversation_has_one_id_whoever_writes_first() {
        let (tenant, a, b) = (
            TenantId::parse("acme").unwrap(),
            UserId::parse("Zoe").unwrap(),
            UserId::parse("adam").unwrap(),
        );
        let id = ConversationId::between(Some(&tenant), &a, &b);
        assert_eq!(id, ConversationId::between(Some(&tenant), &b, &a));
        assert_eq!(id.as_str(), "acme:Zoe:adam");
        assert_eq!((id.tenant(), id.users()), (Some("acme"), ("Zoe", "adam")));
        assert_eq!(ConversationId::between(None, &a, &b).tenant(), None);
    }

    #[test]
    fn crafted_conversation_ids_are_refused() {
        for bad in ["", "a", "a:b", "a:c:b", "a:b:b", "a:b:c:d", ":b:", "a b:c:d"] {
            assert!(ConversationId::parse(bad).is_err(), "{bad:?}");
        }
    }
}
