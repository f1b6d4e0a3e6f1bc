//! The binary parts of one packet.

use std::{ops::Deref, sync::Arc};

use bytes::Bytes;

/// How many attachments one packet may have. Stock parsers since 4.2.6 drop the link beyond it (spec §2.1).
pub const MAX_ATTACHMENTS: usize = 10;

/// The binary parts of one packet, in the order of their placeholders' numbers.
///
/// A clone costs nothing for a packet without attachments, and one reference count otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attachments(Option<Arc<[Bytes]>>);

impl Attachments {
    /// No attachments.
    pub const NONE: Self = Self(None);

    /// The sum of their sizes.
    pub fn len_bytes(&self) -> usize {
        self.iter().map(Bytes::len).sum()
    }
}

impl Deref for Attachments {
    type Target = [Bytes];

    fn deref(&self) -> &[Bytes] {
        self.0.as_deref().unwrap_or_default()
    }
}

impl From<Vec<Bytes>> for Attachments {
    fn from(parts: Vec<Bytes>) -> Self {
        Self((!parts.is_empty()).then(|| parts.into()))
    }
}
