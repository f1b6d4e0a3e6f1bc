//! From a cookie's value to the session id in it: signed by the API, or not believed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Sha256, Sha512};
use subtle::ConstantTimeEq as _;

use super::error::BadCredential;
use super::session_id::SessionId;
use super::token::Tokens;
use crate::config::{Secret, SessionConfig, SessionFormat};

/// Bytes of the longest value: browsers cut cookies at 4096, tokens in CONNECT may be a little longer.
const VALUE_BYTES_MAX: usize = 8192;

/// Checks values of the configured format.
#[derive(Debug)]
pub(super) struct Values {
    format: SessionFormat,
    secrets: Vec<Secret>,
    tokens: Option<Tokens>,
}

impl Values {
    pub(super) fn new(config: &SessionConfig) -> Result<Self, String> {
        Ok(Self {
            format: config.format,
            secrets: config.secrets.clone(),
            tokens: config.jwt.as_ref().map(Tokens::new).transpose()?,
        })
    }

    /// The session that a decoded value names.
    pub(super) fn session_id(&self, value: &str) -> Result<SessionId, BadCredential> {
        if value.len() > VALUE_BYTES_MAX {
            return Err(BadCredential::TooLong);
        }
        match self.format {
            // With `cookiePrefix: "s:"` @fastify/session writes the prefix before the signed part. It is tried second, since
            // an id of the API's own making might begin with it.
            SessionFormat::Fastify => match (self.unsign(value), value.strip_prefix("s:")) {
                (Err(_), Some(rest)) => self.unsign(rest),
                (result, _) => result,
            },
            SessionFormat::Express => self.unsign(value.strip_prefix("s:").ok_or(BadCredential::Shape)?),
            SessionFormat::Plain => SessionId::parse(value).ok_or(BadCredential::SessionId),
            SessionFormat::Jwt => self.session_in_token(value),
        }
    }

    /// `text.signature`, split at the last dot, since ids may hold dots and signatures never do.
    fn unsign(&self, signed: &str) -> Result<SessionId, BadCredential> {
        let (text, signature) = signed.rsplit_once('.').ok_or(BadCredential::Shape)?;
        if !is_signed(text, signature, &self.secrets) {
            return Err(BadCredential::Forged);
        }
        SessionId::parse(text).ok_or(BadCredential::SessionId)
    }

    /// @fastify/jwt with `signed: true` leaves `jwt.cookie-signature`, four parts. The JWT speaks for itself, so the outer
    /// signature is only asked for where its secret is known.
    fn session_in_token(&self, value: &str) -> Result<SessionId, BadCredential> {
        let tokens = self.tokens.as_ref().ok_or(BadCredential::Token)?;
        match (value.matches('.').count(), value.rsplit_once('.')) {
            (3, Some((token, signature))) if self.secrets.is_empty() || is_signed(token, signature, &self.secrets) => {
                tokens.session_id(token)
            }
            (3, _) => Err(BadCredential::Forged),
            _ => tokens.session_id(value),
        }
    }
}

/// Whether one of the secrets made the signature: base64 of an HMAC, standard alphabet, no padding.
///
/// What we would have written is compared, not what a decoder makes of the signature: so stray bits after the last
/// character, padding or line breaks do not pass. All secrets are tried, and each comparison takes the same time whatever
/// differs.
fn is_signed(text: &str, signature: &str, secrets: &[Secret]) -> bool {
    let mut fits = subtle::Choice::from(0);
    for secret in secrets {
        let key = secret.reveal().as_bytes();
        // @fastify/session can be told to use SHA-512; the length says which it was.
        let expected = match signature.len() {
            86 => hmac_sha512(key, text.as_bytes()),
            _ => hmac_sha256(key, text.as_bytes()),
        };
        // An empty signature must never equal a missing one.
        if let Some(expected) = expected {
            fits |= expected.as_bytes().ct_eq(signature.as_bytes());
        }
    }
    fits.into()
}

fn hmac_sha256(key: &[u8], text: &[u8]) -> Option<String> {
    // HMAC takes keys of any length, so there always is a text.
    let mac = Hmac::<Sha256>::new_from_slice(key).ok();
    mac.map(|mac| STANDARD_NO_PAD.encode(mac.chain_update(text).finalize().into_bytes()))
}

fn hmac_sha512(key: &[u8], text: &[u8]) -> Option<String> {
    let mac = Hmac::<Sha512>::new_from_slice(key).ok();
    mac.map(|mac| STANDARD_NO_PAD.encode(mac.chain_update(text).finalize().into_bytes()))
}
