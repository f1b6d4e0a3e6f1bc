//! Secret names of connections: which instance owns it, and a secret that cannot be guessed, under a MAC.
//!
//! With the instance in it, a request that reaches another instance can be passed on without sticky sessions; with the MAC,
//! junk costs no look-up. Layout before base64url: instance (16 bytes), random (16), MAC (12).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use rand::Rng as _;
use sha2::Sha256;
use uuid::Uuid;

const MAC_BYTES: usize = 12;
const SID_BYTES: usize = 16 + 16 + MAC_BYTES;
/// Keeps these MACs apart from others under the same key.
const LABEL: &[u8] = b"sid";

/// A key of the instances among themselves.
pub(super) type Key = [u8; 32];

/// Mints and reads sids.
#[derive(Clone)]
pub struct Sids {
    instance: Uuid,
    keys: Vec<Key>,
}

impl Sids {
    /// For this instance. The first key signs, all are accepted; without any a random one is made, and no peer's sid is known.
    pub fn new(instance: Uuid, mut keys: Vec<[u8; 32]>) -> Self {
        if keys.is_empty() {
            let mut key = Key::default();
            rand::rng().fill_bytes(&mut key);
            keys.push(key);
        }
        Self { instance, keys }
    }

    /// This instance.
    pub(super) fn instance(&self) -> Uuid {
        self.instance
    }

    /// The keys, current first.
    pub(super) fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// A new name, with 128 random bits: whoever knows a polling connection's name can speak for it (CVE-2017-16031).
    pub(super) fn mint(&self) -> String {
        let mut bytes = [0_u8; SID_BYTES];
        bytes[..16].copy_from_slice(self.instance.as_bytes());
        rand::rng().fill_bytes(&mut bytes[16..32]);
        if let Some(mac) = self.keys.first().and_then(|key| mac(key, &bytes[..32])) {
            bytes[32..].copy_from_slice(&mac.finalize().into_bytes()[..MAC_BYTES]);
        }
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The instance that minted a name; `None` when none of ours did.
    pub(super) fn owner(&self, sid: &str) -> Option<Uuid> {
        let mut bytes = [0_u8; SID_BYTES];
        // The length first: a name of another length must not even be decoded.
        if sid.len() != SID_BYTES.div_ceil(3) * 4 - 1 {
            return None;
        }
        let length = URL_SAFE_NO_PAD.decode_slice(sid, &mut bytes).ok()?;
        if length != SID_BYTES {
            return None;
        }
        let genuine = self
            .keys
            .iter()
            .filter_map(|key| mac(key, &bytes[..32]))
            .any(|mac| mac.verify_truncated_left(&bytes[32..]).is_ok());
        let instance: [u8; 16] = bytes[..16].try_into().ok()?;
        genuine.then(|| Uuid::from_bytes(instance))
    }
}

fn mac(key: &Key, content: &[u8]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(LABEL);
    mac.update(content);
    Some(mac)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sid_names_its_instance_to_whoever_has_the_key() {
        let instance = Uuid::now_v7();
        let minted = Sids::new(instance, vec![[1; 32]]).mint();
        let peer = Sids::new(Uuid::now_v7(), vec![[2; 32], [1; 32]]);
        assert_eq!(peer.owner(&minted), Some(instance));
        assert_eq!(Sids::new(instance, vec![[2; 32]]).owner(&minted), None);
    }

    #[test]
    fn sids_differ_and_cannot_be_made_up() {
        let sids = Sids::new(Uuid::now_v7(), Vec::new());
        let minted = sids.mint();
        assert_ne!(minted, sids.mint());
        assert_eq!(sids.owner(&minted), Some(sids.instance()));
        for at in [0, 20, 40, minted.len() - 1] {
            let mut forged = minted.clone().into_bytes();
            forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
            assert_eq!(
                sids.owner(std::str::from_utf8(&forged).unwrap()),
                None,
                "changed at {at}"
            );
        }
        for junk in ["", "x", "ä", &"A".repeat(59), &"A".repeat(5000)] {
            assert_eq!(sids.owner(junk), None);
        }
    }
}
