//! Secret names of connections.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::Rng as _;

/// 24 url-safe characters that hold 144 random bits: whoever knows a polling connection's name can speak for it, so it
/// must not be guessable (CVE-2017-16031).
pub(super) fn random_sid() -> String {
    let mut bytes = [0_u8; 18];
    rand::rng().fill_bytes(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}
