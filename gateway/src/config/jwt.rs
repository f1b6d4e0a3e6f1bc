//! How the cookie's JWT is checked; only for the session format `jwt`.

use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey};

use super::Secret;
use super::reader::Reader;
use super::setting::{Section, Setting};

const KEY: Setting = Setting::new(
    "REALTIME_JWT_KEY",
    "a-long-random-secret",
    "The JWT's secret (HS256), or the PEM public key (RS256, ES256, EdDSA), best by file.",
)
.or_else("required for jwt")
.hidden();
const ALGORITHM: Setting = Setting::new(
    "REALTIME_JWT_ALGORITHM",
    "RS256",
    "The one algorithm that is accepted, whatever a token says of itself.",
)
.or("HS256");
const CLAIM: Setting = Setting::new("REALTIME_JWT_SESSION_CLAIM", "sid", "The claim that names the session.").or("sid");
const ISSUER: Setting = Setting::new(
    "REALTIME_JWT_ISSUER",
    "https://login.example.com",
    "The token's iss; checked when set.",
);
const AUDIENCE: Setting = Setting::new(
    "REALTIME_JWT_AUDIENCE",
    "realtime",
    "The token's aud; checked when set.",
);

pub(super) const SECTION: Section = Section {
    title: "JWT (session format jwt)",
    settings: &[KEY, ALGORITHM, CLAIM, ISSUER, AUDIENCE],
};

/// See the module.
#[derive(Clone, Debug)]
pub struct JwtConfig {
    /// Secret, or a PEM public key.
    pub key: Secret,
    /// The one algorithm that is accepted. Default HS256.
    pub algorithm: Algorithm,
    /// The claim that names the session. Default `sid`.
    pub session_claim: String,
    /// Checked when set.
    pub issuer: Option<String>,
    /// Checked when set.
    pub audience: Option<String>,
}

impl JwtConfig {
    /// `None` where the format is another one, or the key cannot be used.
    pub(super) fn read(reader: &mut Reader<'_>, wanted: bool) -> Option<Self> {
        let algorithm = reader.parse(&ALGORITHM, |text| {
            text.parse::<Algorithm>()
                .map_err(|_| "is no algorithm (HS256, RS256, ES256, EdDSA)")
        });
        let key = if wanted {
            reader.required(&KEY, "; the format of the session cookie is jwt")
        } else {
            reader.text(&KEY)
        };
        let session_claim = reader.text(&CLAIM).unwrap_or_default();
        let issuer = reader.text(&ISSUER);
        let audience = reader.text(&AUDIENCE);
        if !wanted {
            return None;
        }
        let config = Self {
            key: Secret::new(key?),
            algorithm: algorithm?,
            session_claim,
            issuer,
            audience,
        };
        match config.decoding_key() {
            Ok(_) => Some(config),
            Err(fault) => {
                reader.fault(&KEY, fault);
                None
            }
        }
    }

    /// The key in the form that checks signatures.
    pub fn decoding_key(&self) -> Result<DecodingKey, String> {
        let pem = self.key.reveal().as_bytes();
        let looks_like_pem = self.key.reveal().trim_start().starts_with("-----BEGIN");
        let unreadable = |_| format!("is no PEM public key for {:?}", self.algorithm);
        match self.algorithm.family() {
            // A public key is no secret: whoever has it could sign sessions.
            AlgorithmFamily::Hmac if looks_like_pem => Err(format!(
                "is a PEM key, which {:?} would take for a secret",
                self.algorithm
            )),
            AlgorithmFamily::Hmac => Ok(DecodingKey::from_secret(pem)),
            AlgorithmFamily::Rsa => DecodingKey::from_rsa_pem(pem).map_err(unreadable),
            AlgorithmFamily::Ec => DecodingKey::from_ec_pem(pem).map_err(unreadable),
            AlgorithmFamily::Ed => DecodingKey::from_ed_pem(pem).map_err(unreadable),
        }
    }
}

/// Whether the algorithm's key is known to the API and the gateways only.
pub(super) fn is_shared_secret(algorithm: Algorithm) -> bool {
    matches!(algorithm.family(), AlgorithmFamily::Hmac)
}
