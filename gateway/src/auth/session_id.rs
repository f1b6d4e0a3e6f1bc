//! The name of a login session: whoever knows it can pose as its user, so nothing prints it.

use std::fmt;
use std::sync::Arc;

/// A session id as it stands in Redis, after its prefix. Cheap to clone. Debug hides it.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionId(Arc<str>);

impl SessionId {
    /// Bytes of the longest id. The stock generators make 32; an API may have its own.
    pub const MAX_BYTES: usize = 512;

    /// Takes an id out of a checked cookie. `None`: empty, or too long.
    pub fn parse(text: &str) -> Option<Self> {
        (1..=Self::MAX_BYTES)
            .contains(&text.len())
            .then(|| Self(Arc::from(text)))
    }

    /// The id itself, for keys and channels; never for logs.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[session]")
    }
}
