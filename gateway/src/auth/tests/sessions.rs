//! Look-ups against a real Redis.

use std::time::Duration;

use harness::redis::RedisServer;
use shared_protocol::events::ErrorCode;
use tokio::task::JoinSet;

use super::super::error::AuthError;
use super::super::session_id::SessionId;
use super::super::sessions::Sessions;
use super::*;
use crate::config::{RedisConfig, Secret};
use crate::db::Redis;

/// A connection to a test's server.
pub(in super::super) fn connect(server: &RedisServer) -> Redis {
    let config = RedisConfig {
        url: Secret::new(server.url()),
        prefix: "rt:".to_owned(),
        adapter_key: "socket.io".to_owned(),
    };
    Redis::new(&config).unwrap()
}

/// A session of that user, as an API would store it.
pub(in super::super) fn json_of(user: &str, tenant: &str, name: &str) -> String {
    serde_json::json!({"user": {"id": user, "tenantId": tenant, "name": name}}).to_string()
}

/// Runs one command.
pub(in super::super) async fn command(redis: &Redis, parts: &[&str]) -> redis::Value {
    let mut command = redis::cmd(parts[0]);
    command.arg(&parts[1..]);
    command.query_async(&mut redis.commands()).await.unwrap()
}

fn id(text: &str) -> SessionId {
    SessionId::parse(text).unwrap()
}

#[tokio::test]
async fn sessions_are_found_and_never_written() {
    let server = RedisServer::start();
    let redis = connect(&server);
    let (sessions, reads) = Sessions::new(redis.clone(), &session_config(&[]));
    let mut drivers = JoinSet::new();
    drivers.spawn(reads.run());

    command(
        &redis,
        &["SET", "sess:a", &json_of("u_1", "acme", "Ada"), "PX", "100000"],
    )
    .await;
    command(&redis, &["SET", "sess:anonymous", "{}"]).await;
    command(&redis, &["HSET", "sess:hash", "user", "u_1"]).await;
    let writes_before = format!("{:?}", command(&redis, &["INFO", "keyspace"]).await);

    let session = sessions.lookup(&id("a")).await.unwrap().unwrap();
    let left = session.known_end.unwrap() - tokio::time::Instant::now();
    assert!(
        left > Duration::from_secs(90) && left <= Duration::from_secs(100),
        "{left:?}"
    );
    for absent in ["b", "hash", "anonymous", "a\r\nDEL sess:a", "*"] {
        let found = sessions.find(&id(absent)).await.map(|_| ());
        assert_eq!(found.unwrap_err().code(), ErrorCode::Unauthorized, "{absent}");
    }
    let keyspace = format!("{:?}", command(&redis, &["INFO", "keyspace"]).await);
    assert_eq!(keyspace.split(',').next(), writes_before.split(',').next());
    let stats = format!("{:?}", command(&redis, &["INFO", "commandstats"]).await);
    for written in [
        "cmdstat_expire",
        "cmdstat_pexpire",
        "cmdstat_del",
        "cmdstat_touch",
        "cmdstat_getex",
    ] {
        assert!(!stats.contains(written), "{stats}");
    }
}

#[tokio::test]
async fn a_storm_of_look_ups_is_a_few_round_trips() {
    let server = RedisServer::start();
    let redis = connect(&server);
    let (sessions, reads) = Sessions::new(redis.clone(), &session_config(&[]));
    let mut lookups = JoinSet::new();
    for number in 0..1000 {
        command(
            &redis,
            &[
                "SET",
                &format!("sess:{number}"),
                &json_of(&format!("u{number}"), "t", "n"),
            ],
        )
        .await;
        let sessions = sessions.clone();
        lookups.spawn(async move {
            let found = sessions.find(&id(&number.to_string())).await.unwrap();
            let principal = found
                .principal_for(shared_protocol::events::Namespace::Tenant)
                .unwrap()
                .clone();
            assert_eq!(principal.user.as_str(), format!("u{number}"));
        });
    }
    // All of them ask before the first is answered.
    tokio::task::yield_now().await;
    let mut drivers = JoinSet::new();
    drivers.spawn(reads.run());
    while let Some(result) = lookups.join_next().await {
        result.unwrap();
    }
    let stats = format!("{:?}", command(&redis, &["INFO", "commandstats"]).await);
    let calls = stats
        .split("cmdstat_mget:calls=")
        .nth(1)
        .unwrap()
        .split(',')
        .next()
        .unwrap();
    assert!(calls.parse::<u32>().unwrap() <= 8, "{calls} round trips");
}

#[tokio::test]
async fn nobody_can_tell_while_redis_is_away() {
    let mut server = RedisServer::start();
    let redis = connect(&server);
    let (sessions, reads) = Sessions::new(redis.clone(), &session_config(&[]));
    let mut drivers = JoinSet::new();
    drivers.spawn(reads.run());
    assert!(matches!(sessions.find(&id("a")).await, Err(AuthError::NoSuchSession)));

    server.stop();
    let error = sessions.find(&id("a")).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Unavailable);
    let told = shared_protocol::events::AckError::from(&error);
    assert!(!told.message.contains("127.0.0.1"), "{}", told.message);

    server.restart(harness::redis::Restart::Empty);
    while !matches!(sessions.find(&id("a")).await, Err(AuthError::NoSuchSession)) {
        tokio::task::yield_now().await;
    }
    drop(sessions);
    drivers.join_next().await.unwrap().unwrap();
}
