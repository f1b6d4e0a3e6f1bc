//! What proves that a request was passed on by a peer: a MAC over what it says, good for a short time.

use std::net::IpAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::sid::Key;

/// The header that carries the stamp: `<unix ms>,<client address or ->,<MAC>`.
pub(super) const STAMP: &str = "x-realtime-peer";
/// Clocks of instances may differ by this much.
const TOLERANCE: Duration = Duration::from_secs(30);

/// A request that a peer has passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PassedOn {
    /// The client's address, as the peer saw it.
    pub client: Option<IpAddr>,
}

/// Stamps a request about a connection.
pub(super) fn stamp(key: &Key, method: &str, sid: &str, client: Option<IpAddr>) -> String {
    let client = client.map_or_else(|| "-".to_owned(), |client| client.to_string());
    let at = now_ms();
    let mac = mac(key, at, method, sid, &client).map(|mac| URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()));
    format!("{at},{client},{}", mac.unwrap_or_default())
}

/// Reads a stamp. `None`: nobody of ours made it, or too long ago.
pub(super) fn verify(keys: &[Key], method: &str, sid: &str, stamp: &str) -> Option<PassedOn> {
    let mut parts = stamp.splitn(3, ',');
    let (at, client, tag) = (parts.next()?, parts.next()?, parts.next()?);
    let at: u64 = at.parse().ok()?;
    if now_ms().abs_diff(at) > u64::try_from(TOLERANCE.as_millis()).ok()? {
        return None;
    }
    let tag = URL_SAFE_NO_PAD.decode(tag).ok()?;
    let genuine = keys
        .iter()
        .filter_map(|key| mac(key, at, method, sid, client))
        .any(|mac| mac.verify_slice(&tag).is_ok());
    genuine.then(|| PassedOn {
        client: client.parse().ok(),
    })
}

fn mac(key: &Key, at: u64, method: &str, sid: &str, client: &str) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    // No part can contain the separator: numbers, a method's letters, base64, an address.
    mac.update(format!("forward,{at},{method},{sid},{client}").as_bytes());
    Some(mac)
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_good_for_what_it_says_and_no_more() {
        let (key, client) = ([7; 32], "10.1.2.3".parse().ok());
        let stamped = stamp(&key, "GET", "sid", client);
        assert_eq!(
            verify(&[[1; 32], key], "GET", "sid", &stamped),
            Some(PassedOn { client })
        );
        assert_eq!(verify(&[key], "POST", "sid", &stamped), None);
        assert_eq!(verify(&[key], "GET", "other", &stamped), None);
        assert_eq!(verify(&[[1; 32]], "GET", "sid", &stamped), None);
        assert_eq!(
            verify(&[key], "GET", "sid", &stamped.replace("10.1.2.3", "10.1.2.4")),
            None
        );
        assert_eq!(verify(&[key], "GET", "sid", "0,-,"), None);
        assert_eq!(verify(&[key], "GET", "sid", ""), None);
    }
}
