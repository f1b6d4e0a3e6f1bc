//! Which secrets a start needs, and that none of them is shown.

use super::tests::{ED_PEM, NEEDED, read, read_only};

#[test]
fn signed_formats_need_their_secret_and_jwt_its_key() {
    let database = NEEDED[0];
    let refused = |variables: &[(&str, &str)]| {
        let faults = read_only(&[&[database], variables].concat()).unwrap_err();
        faults.0.into_iter().map(|fault| fault.variable).collect::<Vec<_>>()
    };
    for format in ["fastify", "express"] {
        assert_eq!(
            refused(&[("REALTIME_SESSION_FORMAT", format)]),
            ["REALTIME_SESSION_SECRET"]
        );
    }
    assert!(read_only(&[database, ("REALTIME_SESSION_FORMAT", "plain")]).is_ok());
    let jwt = ("REALTIME_SESSION_FORMAT", "jwt");
    assert_eq!(refused(&[jwt]), ["REALTIME_JWT_KEY"]);
    // A public key that HS256 would take for its secret: everybody could sign.
    assert_eq!(refused(&[jwt, ("REALTIME_JWT_KEY", ED_PEM)]), ["REALTIME_JWT_KEY"]);
    let ed = ("REALTIME_JWT_ALGORITHM", "EdDSA");
    assert_eq!(
        refused(&[jwt, ed, ("REALTIME_JWT_KEY", "secret")]),
        ["REALTIME_JWT_KEY"]
    );
    let config = read_only(&[database, jwt, ed, ("REALTIME_JWT_KEY_FILE", &format!("/file/{ED_PEM}"))]).unwrap();
    assert_eq!(config.session.jwt.unwrap().algorithm, jsonwebtoken::Algorithm::EdDSA);
}

#[test]
fn peers_need_a_secret_that_is_one() {
    let database = NEEDED[0];
    let advertise = ("REALTIME_ADVERTISE_URL", "http://10.0.0.5:8080");
    let plain = ("REALTIME_SESSION_FORMAT", "plain");
    let jwt = ("REALTIME_SESSION_FORMAT", "jwt");
    let (ed, ed_key) = (("REALTIME_JWT_ALGORITHM", "EdDSA"), ("REALTIME_JWT_KEY", ED_PEM));
    for no_secret in [&[plain][..], &[jwt, ed, ed_key]] {
        let without_peers = read_only(&[&[database], no_secret].concat()).unwrap();
        assert!(without_peers.peer_keys().is_empty());
        let faults = read_only(&[&[database, advertise], no_secret].concat()).unwrap_err();
        assert_eq!(faults.0[0].variable, "REALTIME_PEER_SECRET");
        let peer = ("REALTIME_PEER_SECRET", "peer");
        assert!(read_only(&[&[database, advertise, peer], no_secret].concat()).is_ok());
    }
    let shared = read_only(&[database, advertise, jwt, ("REALTIME_JWT_KEY", "shared")]).unwrap();
    assert_eq!(shared.peer_keys().len(), 1);
}

#[test]
fn peer_keys_follow_the_session_secret_through_a_rotation() {
    let before = read(&[]).unwrap().peer_keys();
    let after = read(&[("REALTIME_SESSION_SECRET", "next-secret,current-secret")])
        .unwrap()
        .peer_keys();
    assert_eq!(before[0], after[1]);
    assert_ne!(before[0], after[0]);
    assert_ne!(before[0].reveal()[..], b"current-secret"[..]);
    let own = read(&[("REALTIME_PEER_SECRET", "a,b")]).unwrap().peer_keys();
    assert_eq!(own.len(), 1);
    assert_ne!(own[0], before[0]);
}

#[test]
fn nothing_that_is_shown_holds_a_secret() {
    let variables = [
        ("DATABASE_URL", "postgres://me:hunter2@db/app?sslpassword=hunter2"),
        ("REDIS_URL", "redis://:hunter2@redis"),
        ("REALTIME_SESSION_SECRET", "hunter2"),
        ("REALTIME_PEER_SECRET", "hunter2"),
        ("REALTIME_JWT_KEY", "hunter2"),
    ];
    let config = read(&variables).unwrap();
    let shown = format!("{config:?}\n{}\n{:?}", config.summary, config.peer_keys());
    assert!(!shown.contains("hunter2"), "{shown}");
    assert!(
        shown.contains("DATABASE_URL = postgres://me:***@db/app?sslpassword=***"),
        "{shown}"
    );
    assert!(shown.contains("REALTIME_SESSION_SECRET = [set]"), "{shown}");
    let bad = read(&[
        ("DATABASE_URL", "mysql://me:hunter2@db"),
        ("REDIS_URL", "http://:hunter2@redis"),
    ]);
    let faults = bad.unwrap_err().to_string();
    assert!(!faults.contains("hunter2"), "{faults}");
}
