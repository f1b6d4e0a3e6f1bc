//! JWTs, and attacks on them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::Utc;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use super::super::error::BadCredential;
use super::*;

const KEY: &str = "supersecretsupersecretsupersecret";
const ED_PRIVATE: &str = "-----BEGIN PRIVATE KEY-----\n\
    MC4CAQAwBQYDK2VwBCIEINtO7b8lvFzc4/07JFM22EgSaaquY5q9gHdkhZjUFG3f\n-----END PRIVATE KEY-----\n";
const ED_PUBLIC: &str = "-----BEGIN PUBLIC KEY-----\n\
    MCowBQYDK2VwAyEAnSe3TiLAKSNbfswbyu0thvpYpV9E2aejICIkyo7eG/Y=\n-----END PUBLIC KEY-----\n";

fn hs256(claims: &Value) -> String {
    encode(&Header::default(), claims, &EncodingKey::from_secret(KEY.as_bytes())).unwrap()
}

fn in_secs(seconds: i64) -> i64 {
    Utc::now().timestamp() + seconds
}

fn checked(settings: &[(&str, &str)], token: &str) -> Identity {
    let jwt = [
        ("REALTIME_SESSION_FORMAT", "jwt"),
        ("REALTIME_JWT_KEY", KEY),
        ("REALTIME_SESSION_SECRET", ""),
    ];
    identity(&[&jwt, settings].concat(), &format!("sessionId={token}"))
}

#[test]
fn the_claim_names_the_session() {
    let token = hs256(&json!({"sid": "abc", "exp": in_secs(60), "aud": "anything", "iss": "anyone"}));
    assert_eq!(named(&checked(&[], &token)), "abc");
    let other = hs256(&json!({"session": 9_007_199_254_740_993_u64, "exp": in_secs(60)}));
    let claim = [("REALTIME_JWT_SESSION_CLAIM", "session")];
    assert_eq!(named(&checked(&claim, &other)), "9007199254740993");
}

#[test]
fn a_token_without_a_usable_claim_names_nobody() {
    for claims in [
        json!({}),
        json!({"sid": ""}),
        json!({"sid": null}),
        json!({"sid": ["a"]}),
        json!({"sid": 1.5}),
    ] {
        let mut claims = claims;
        claims["exp"] = in_secs(60).into();
        let token = hs256(&claims);
        assert_eq!(
            checked(&[], &token),
            Identity::Bad(BadCredential::SessionId),
            "{claims}"
        );
    }
}

#[test]
fn times_are_kept_within_a_few_seconds() {
    for (claims, expected) in [
        (json!({"exp": in_secs(-3)}), None),
        (json!({"exp": in_secs(-30)}), Some(BadCredential::TokenExpired)),
        (json!({}), Some(BadCredential::Token)),
        (json!({"exp": "soon"}), Some(BadCredential::Token)),
        (
            json!({"exp": in_secs(60), "nbf": in_secs(30)}),
            Some(BadCredential::Token),
        ),
    ] {
        let mut with_sid = claims.clone();
        with_sid["sid"] = "abc".into();
        let identity = checked(&[], &hs256(&with_sid));
        match expected {
            None => assert_eq!(named(&identity), "abc", "{claims}"),
            Some(fault) => assert_eq!(identity, Identity::Bad(fault), "{claims}"),
        }
    }
}

#[test]
fn issuer_and_audience_count_when_configured() {
    let settings = [("REALTIME_JWT_ISSUER", "us"), ("REALTIME_JWT_AUDIENCE", "realtime")];
    for (claims, fits) in [
        (json!({"iss": "us", "aud": "realtime"}), true),
        (json!({"iss": "us", "aud": ["other", "realtime"]}), true),
        (json!({"iss": "them", "aud": "realtime"}), false),
        (json!({"iss": "us", "aud": "other"}), false),
        (json!({"aud": "realtime"}), false),
        (json!({"iss": "us"}), false),
    ] {
        let mut whole = claims.clone();
        whole["sid"] = "abc".into();
        whole["exp"] = in_secs(60).into();
        let identity = checked(&settings, &hs256(&whole));
        assert_eq!(matches!(identity, Identity::Session(_)), fits, "{claims}");
    }
}

#[test]
fn a_token_cannot_choose_how_it_is_checked() {
    let claims = json!({"sid": "abc", "exp": in_secs(60)});
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let good = hs256(&claims);
    let signature = good.rsplit_once('.').unwrap().1;
    let mut attacks = vec![
        String::new(),
        "..".to_owned(),
        "a.b.c".to_owned(),
        good[..good.len() - 2].to_owned(),
    ];
    for algorithm in ["none", "None", "NONE", "", "HS512", "RS256"] {
        let unsigned = format!("{}.{}", part(&json!({"alg": algorithm, "typ": "JWT"})), part(&claims));
        attacks.push(format!("{unsigned}."));
        attacks.push(format!("{unsigned}.{signature}"));
    }
    let other_key = EncodingKey::from_secret(b"another secret");
    attacks.push(encode(&Header::default(), &claims, &other_key).unwrap());
    let hs384 = Header::new(Algorithm::HS384);
    attacks.push(encode(&hs384, &claims, &EncodingKey::from_secret(KEY.as_bytes())).unwrap());
    let payload = part(&json!({"sid": "admin", "exp": in_secs(60)}));
    let parts: Vec<&str> = good.split('.').collect();
    attacks.push(format!("{}.{payload}.{}", parts[0], parts[2]));
    for attack in attacks {
        assert_eq!(checked(&[], &attack), Identity::Bad(BadCredential::Token), "{attack}");
    }
}

#[test]
fn a_public_key_is_no_secret() {
    let settings = [("REALTIME_JWT_KEY", ED_PUBLIC), ("REALTIME_JWT_ALGORITHM", "EdDSA")];
    let claims = json!({"sid": "abc", "exp": in_secs(60)});
    let signing = EncodingKey::from_ed_pem(ED_PRIVATE.as_bytes()).unwrap();
    let good = encode(&Header::new(Algorithm::EdDSA), &claims, &signing).unwrap();
    assert_eq!(named(&checked(&settings, &good)), "abc");
    // Whoever knows the public key signs with it, as if it were a secret.
    let forged = encode(
        &Header::default(),
        &claims,
        &EncodingKey::from_secret(ED_PUBLIC.as_bytes()),
    )
    .unwrap();
    assert_eq!(checked(&settings, &forged), Identity::Bad(BadCredential::Token));
}

#[test]
fn a_cookie_signature_round_the_token_is_taken_off() {
    let token = hs256(&json!({"sid": "abc", "exp": in_secs(60)}));
    // @fastify/cookie signs the token as it signs any value.
    let signed = |secret: &str| {
        use hmac::{Hmac, KeyInit as _, Mac as _};
        let mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        let signature = mac.chain_update(&token).finalize().into_bytes();
        let signature = base64::engine::general_purpose::STANDARD_NO_PAD.encode(signature);
        format!("{token}.{signature}")
    };
    assert_eq!(named(&checked(&[], &signed("unknown to us"))), "abc");
    let known = [("REALTIME_SESSION_SECRET", "cookiesecret")];
    assert_eq!(named(&checked(&known, &signed("cookiesecret"))), "abc");
    assert_eq!(named(&checked(&known, &token)), "abc");
    assert_eq!(checked(&known, &signed("other")), Identity::Bad(BadCredential::Forged));
    assert_eq!(
        checked(&[], &format!("{token}.a.b")),
        Identity::Bad(BadCredential::Token)
    );
}
