//! From a session's JSON to a principal.

use std::time::Duration;

use serde_json::json;
use shared_protocol::events::{IdError, Kind, Namespace};

use super::super::error::{AuthError, SessionFault};
use super::super::principal::Pointers;
use super::super::session::{Bearer, Moment, Session, parse};
use super::*;

const NO_TTL: i64 = -1;

fn parsed_with(settings: &[(&str, &str)], json: &str, ttl_ms: i64) -> Result<Session, SessionFault> {
    let pointers = Pointers::new(&session_config(settings));
    parse(json.as_bytes(), ttl_ms, Moment::now(), &pointers)
}

fn parsed(json: &str) -> Result<Session, SessionFault> {
    parsed_with(&[], json, NO_TTL)
}

fn user(user: &serde_json::Value) -> String {
    json!({ "user": user }).to_string()
}

#[test]
fn sessions_of_real_servers_have_principals() {
    let fastify = r#"{"cookie":{"expires":"2126-11-24T03:55:27.259Z","originalMaxAge":3600000,"sameSite":"lax",
        "secure":false,"path":"/","httpOnly":true,"domain":null},"userId":"u_1",
        "user":{"id":"u_1","tenantId":"acme","name":"Zoë","role":"member"}}"#;
    let session = parsed(fastify).unwrap();
    assert!(session.known_end.is_some());
    let principal = session.principal_for(Namespace::Tenant).unwrap();
    assert_eq!(
        (principal.user.as_str(), principal.name.as_deref()),
        ("u_1", Some("Zoë"))
    );
    assert_eq!(principal.realm.tenant().unwrap().as_str(), "acme");
    assert!(matches!(
        session.principal_for(Namespace::Manage),
        Err(AuthError::NotForYou)
    ));

    let express =
        r#"{"cookie":{"originalMaxAge":null,"expires":null,"httpOnly":true,"path":"/"},"passport":{"user":7},"org":3}"#;
    let settings = [
        ("REALTIME_SESSION_USER_ID", "/passport/user"),
        ("REALTIME_SESSION_TENANT_ID", "/org"),
    ];
    let session = parsed_with(&settings, express, NO_TTL).unwrap();
    assert_eq!(session.known_end, None);
    let principal = session.principal_for(Namespace::Tenant).unwrap();
    assert_eq!(
        (principal.user.as_str(), principal.realm.tenant().unwrap().as_str()),
        ("7", "3")
    );
}

#[test]
fn numbers_are_their_exact_digits() {
    for (id, expected) in [
        ("42", Ok("42")),
        ("9007199254740993", Ok("9007199254740993")),
        ("123456789012345678901234567890", Ok("123456789012345678901234567890")),
        ("-5", Ok("-5")),
        ("\"042\"", Ok("042")),
        ("1e3", Err(SessionFault::IdType)),
        ("1.0", Err(SessionFault::IdType)),
        ("true", Err(SessionFault::IdType)),
        ("{}", Err(SessionFault::IdType)),
        ("\"\\ud800\"", Err(SessionFault::IdType)),
        ("null", Err(SessionFault::Anonymous)),
        ("\"\"", Err(SessionFault::UserId(IdError::Length))),
        ("\"a b\"", Err(SessionFault::UserId(IdError::Alphabet))),
        ("\"a:b\"", Err(SessionFault::UserId(IdError::Alphabet))),
        ("\"ä\"", Err(SessionFault::UserId(IdError::Alphabet))),
    ] {
        let session = parsed(&format!(r#"{{"user":{{"id":{id},"tenantId":"acme"}}}}"#));
        let user = session.map(|session| session.principal_for(Namespace::Tenant).unwrap().user.to_string());
        assert_eq!(user.as_deref().map_err(|fault| *fault), expected, "{id}");
    }
}

#[test]
fn bad_tenants_and_broken_json_make_nobody_known() {
    for (json, fault) in [
        (
            user(&json!({"id": "u", "tenantId": "a:b"})),
            SessionFault::TenantId(IdError::Alphabet),
        ),
        (
            user(&json!({"id": "u", "tenantId": "x".repeat(65)})),
            SessionFault::TenantId(IdError::Length),
        ),
        (user(&json!({"id": "u", "tenantId": [1]})), SessionFault::IdType),
        ("{}".to_owned(), SessionFault::Anonymous),
        ("[]".to_owned(), SessionFault::Anonymous),
        ("null".to_owned(), SessionFault::Anonymous),
        (String::new(), SessionFault::Malformed),
        ("{\"user\":".to_owned(), SessionFault::Malformed),
        ("{} trailing".to_owned(), SessionFault::Malformed),
        ("[".repeat(100_000), SessionFault::Malformed),
    ] {
        assert_eq!(parsed(&json).unwrap_err(), fault, "{:.80}", json);
    }
    let no_utf8 = parse(
        b"{\"a\":\"\xff\"}",
        NO_TTL,
        Moment::now(),
        &Pointers::new(&session_config(&[])),
    );
    assert_eq!(no_utf8.unwrap_err(), SessionFault::Malformed);
}

#[test]
fn the_role_alone_says_the_kind() {
    let settings = [("REALTIME_MANAGE_ROLES", "admin,support")];
    for (role, tenant, kind) in [
        (json!("admin"), json!(null), Some(Kind::Manage)),
        (json!("support"), json!("acme"), Some(Kind::Manage)),
        (json!(["member", "support"]), json!(null), Some(Kind::Manage)),
        (json!("Admin"), json!("acme"), Some(Kind::Tenant)),
        (json!("administrator"), json!("acme"), Some(Kind::Tenant)),
        (json!(null), json!("acme"), Some(Kind::Tenant)),
        (json!({"admin": true}), json!("acme"), Some(Kind::Tenant)),
        (json!("member"), json!(null), None),
        (json!(null), json!(null), None),
    ] {
        let json = user(&json!({"id": "u", "tenantId": tenant, "role": role}));
        let session = parsed_with(&settings, &json, NO_TTL).unwrap();
        let found = match &session.bearer {
            Bearer::Principal(principal) => Some(principal.realm.kind()),
            Bearer::Homeless(_) => None,
        };
        assert_eq!(found, kind, "{json}");
        for namespace in Namespace::ALL {
            let may = session.principal_for(namespace).is_ok();
            let is_home = kind.is_some_and(|kind| (kind == Kind::Manage) == (namespace == Namespace::Manage));
            assert_eq!(may, is_home, "{json} in {namespace:?}");
        }
    }
}

#[test]
fn names_are_cut_and_empty_ones_are_none() {
    for (name, expected) in [
        (json!("Zoë"), Some("Zoë".to_owned())),
        (json!("ä".repeat(300)), Some("ä".repeat(200))),
        (json!("a\u{0}b"), Some("ab".to_owned())),
        (json!(""), None),
        (json!("  \n"), None),
        (json!(null), None),
        (json!(7), None),
    ] {
        let json = user(&json!({"id": "u", "tenantId": "acme", "name": name}));
        let session = parsed(&json).unwrap();
        assert_eq!(
            session.principal_for(Namespace::Tenant).unwrap().name,
            expected,
            "{json}"
        );
    }
}

#[test]
fn the_earlier_end_counts() {
    let now = chrono::Utc::now();
    let expires = |seconds: i64| json!((now + chrono::Duration::seconds(seconds)).to_rfc3339());
    for (expires, ttl_ms, seconds) in [
        (json!(null), NO_TTL, None),
        (json!(null), 10_000, Some(10)),
        (expires(20), 10_000, Some(10)),
        (expires(10), 20_000, Some(10)),
        (expires(10), NO_TTL, Some(10)),
        (json!((now.timestamp() + 10) * 1000), NO_TTL, Some(10)),
        (json!("never"), NO_TTL, None),
        (json!(false), i64::MAX, None),
    ] {
        let json = json!({"cookie": {"expires": expires}, "user": {"id": "u", "tenantId": "t"}}).to_string();
        let at = Moment::now();
        let end = parsed_with(&[], &json, ttl_ms)
            .unwrap()
            .known_end
            .map(|end| end - at.steady);
        let Some(seconds) = seconds else {
            assert!(end.is_none_or(|end| end > Duration::from_hours(24 * 365)), "{json}");
            continue;
        };
        let end = end.unwrap();
        let near = Duration::from_secs(seconds - 2)..=Duration::from_secs(seconds + 1);
        assert!(near.contains(&end), "{json}: {end:?}");
    }
}

#[test]
fn a_session_past_its_cookies_end_is_over() {
    for expires in [json!("2020-01-01T00:00:00.000Z"), json!(1_577_836_800_000_i64)] {
        let json = json!({"cookie": {"expires": expires}, "user": {"id": "u", "tenantId": "t"}}).to_string();
        assert_eq!(parsed_with(&[], &json, 60_000).unwrap_err(), SessionFault::Expired);
    }
}
