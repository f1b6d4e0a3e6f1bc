//! The keys with which instances trust each other.

use hkdf::Hkdf;
use sha2::Sha256;

use super::{Config, Secret};

/// A key of exactly the length that HMAC-SHA256 wants. Debug hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct PeerKey([u8; 32]);

impl PeerKey {
    /// The key itself, for the one place that needs it.
    pub fn reveal(&self) -> &[u8; 32] {
        &self.0
    }

    fn derive(secret: &Secret) -> Self {
        let mut key = [0; 32];
        // The label keeps this key apart from whatever else may be derived from the same secret.
        let expanded =
            Hkdf::<Sha256>::new(None, secret.reveal().as_bytes()).expand(b"realtime-gateway peer v1", &mut key);
        debug_assert!(expanded.is_ok(), "32 bytes are within what HKDF gives");
        Self(key)
    }
}

impl std::fmt::Debug for PeerKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[hidden]")
    }
}

impl Config {
    /// The key for what this instance signs, first, and then those it accepts from peers that still have a former secret
    /// (or, in the middle of a rotation, already have the next one).
    ///
    /// Empty when there is neither a peer secret nor a session secret: then there are no peers either, and a random key
    /// that lives as long as the process will do.
    pub fn peer_keys(&self) -> Vec<PeerKey> {
        match &self.listen.peer_secret {
            Some(current) => std::iter::once(current)
                .chain(&self.listen.former_peer_secrets)
                .map(PeerKey::derive)
                .collect(),
            None => self.session.shared_secrets().into_iter().map(PeerKey::derive).collect(),
        }
    }
}
