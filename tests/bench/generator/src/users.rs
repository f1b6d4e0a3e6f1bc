//! Who is logged in. The n-th user's id begins with `u<n>-`, so that an id on the wire is a number without a look-up.

use std::fmt;
use std::path::Path;

use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};

/// A user with a session that the API would have stored.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) tenant_id: String,
    /// The whole `Cookie` header.
    pub(crate) cookie: String,
}

/// Why there are no users.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UsersError {
    #[error("the users cannot be read: {0}")]
    Unreadable(#[from] std::io::Error),
    #[error("the users are no JSON of ours: {0}")]
    Malformed(#[from] serde_json::Error),
}

pub(crate) fn read(file: &Path) -> Result<Vec<User>, UsersError> {
    Ok(serde_json::from_slice(&std::fs::read(file)?)?)
}

/// The number in a user's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct UserNumber(pub(crate) u32);

impl UserNumber {
    pub(crate) fn in_id(id: &str) -> Option<Self> {
        let (number, _) = id.strip_prefix('u')?.split_once('-')?;
        number.parse().ok().map(Self)
    }

    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

impl<'de> Deserialize<'de> for UserNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(InId)
    }
}

struct InId;

impl Visitor<'_> for InId {
    type Value = UserNumber;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a user id that begins with u<number>-")
    }

    fn visit_str<E: de::Error>(self, id: &str) -> Result<UserNumber, E> {
        UserNumber::in_id(id).ok_or_else(|| E::invalid_value(de::Unexpected::Str(id), &self))
    }
}
