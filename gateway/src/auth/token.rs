//! JWTs whose claim names the session. The token only has to lead to a session; who somebody is, Redis tells.

use std::collections::HashMap;

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{DecodingKey, Validation, decode};
use serde_json::value::RawValue;

use super::error::BadCredential;
use super::pointer::exact_text;
use super::session_id::SessionId;
use crate::config::JwtConfig;

/// Seconds that clocks may differ by. The library's own default of a minute would be a minute of use after the end.
const LEEWAY_SECS: u64 = 5;

/// Checks tokens.
pub(super) struct Tokens {
    key: DecodingKey,
    validation: Validation,
    session_claim: String,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokens").finish_non_exhaustive()
    }
}

impl Tokens {
    pub(super) fn new(config: &JwtConfig) -> Result<Self, String> {
        // One algorithm, ours: what a token's header says must equal it, so neither `none` nor a public key taken for an
        // HMAC secret gets through.
        let mut validation = Validation::new(config.algorithm);
        validation.leeway = LEEWAY_SECS;
        validation.validate_nbf = true;
        // `exp` is required by default; a claim that is configured must be there too, or leaving it out would pass.
        let mut required = vec!["exp"];
        if let Some(issuer) = &config.issuer {
            validation.set_issuer(&[issuer]);
            required.push("iss");
        }
        if let Some(audience) = &config.audience {
            validation.set_audience(&[audience]);
            required.push("aud");
        } else {
            validation.validate_aud = false;
        }
        validation.set_required_spec_claims(&required);
        Ok(Self {
            key: config.decoding_key()?,
            validation,
            session_claim: config.session_claim.clone(),
        })
    }

    /// The session that a token names.
    pub(super) fn session_id(&self, token: &str) -> Result<SessionId, BadCredential> {
        let claims = decode::<HashMap<String, Box<RawValue>>>(token, &self.key, &self.validation)
            .map_err(|error| match error.kind() {
                ErrorKind::ExpiredSignature => BadCredential::TokenExpired,
                _ => BadCredential::Token,
            })?
            .claims;
        claims
            .get(&self.session_claim)
            .and_then(|claim| exact_text(claim))
            .and_then(|text| SessionId::parse(&text))
            .ok_or(BadCredential::SessionId)
    }
}
