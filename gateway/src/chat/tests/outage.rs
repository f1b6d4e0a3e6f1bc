//! Guarantee 5: Postgres away or hanging.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use harness::postgres::Postgres as Server;
use shared_protocol::events::ErrorCode;

use super::{Chat, code, database, read, send};

/// The contract's bound.
const BOUND: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread")]
async fn a_hanging_postgres_makes_senders_unavailable_in_time_and_recovers() {
    let server = database().await;
    let chat = Chat::start(&server);
    chat.submit(send("acme", "ann", "bob"), "hi", "before").await.unwrap();

    server.pause();
    let asked = Instant::now();
    // Far more than one batch, so that most of them wait in the queue.
    let sends: Vec<_> = (0..1000)
        .map(|turn| chat.submit(send("acme", "ann", "bob"), "hi", &format!("m{turn}")))
        .collect();
    let outcomes = join_all(sends).await;
    assert!(asked.elapsed() < BOUND, "{:?}", asked.elapsed());
    assert!(
        outcomes
            .into_iter()
            .all(|outcome| code(outcome) == ErrorCode::Unavailable)
    );

    server.resume();
    // The same names again: whatever became of the first try, each is there once, and its recipient has been told once.
    let again: Vec<_> = (0..1000)
        .map(|turn| chat.submit(send("acme", "ann", "bob"), "hi", &format!("m{turn}")))
        .collect();
    assert!(join_all(again).await.iter().all(Result::is_ok));
    assert_eq!(
        server.sql(r#"select count(*), max(seq), count(distinct seq) from realtime."ChatMessage""#),
        "1001|1001|1001"
    );
    let mut announced = chat.announced_seqs("acme:ann:bob");
    announced.sort_unstable();
    assert_eq!(announced, (1..=1001).collect::<Vec<_>>());
}

/// A first message, and a second one that Postgres has read and its sender was told is not stored.
async fn with_an_outcome_that_nobody_learnt() -> (Server, Chat) {
    let server = database().await;
    let chat = Chat::start(&server);
    chat.submit(send("acme", "ann", "bob"), "hi", "before").await.unwrap();
    server.pause();
    let outcome = chat.submit(send("acme", "ann", "bob"), "hi", "during").await;
    assert_eq!(code(outcome), ErrorCode::Unavailable);
    server.resume();
    (server, chat)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_whose_outcome_nobody_learnt_is_announced_by_its_resend() {
    let (server, chat) = with_an_outcome_that_nobody_learnt().await;
    // Postgres read the statement before we gave it up, and commits it for nobody.
    while server.sql(r#"select count(*) from realtime."ChatMessage""#) != "2" {
        tokio::task::yield_now().await;
    }
    assert_eq!(chat.announced_seqs("acme:ann:bob"), [1]);
    let stored = chat.submit(send("acme", "ann", "bob"), "hi", "during").await.unwrap();
    assert_eq!((stored.message.seq, stored.fresh), (2, true));
    let again = chat.submit(send("acme", "ann", "bob"), "hi", "during").await.unwrap();
    assert!(!again.fresh);
    assert_eq!(chat.announced_seqs("acme:ann:bob"), [1, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_whose_outcome_nobody_learnt_is_announced_without_a_resend_too() {
    let (_server, chat) = with_an_outcome_that_nobody_learnt().await;
    let begun = Instant::now();
    while chat.announced_seqs("acme:ann:bob") != [1, 2] {
        assert!(begun.elapsed() < Duration::from_secs(20), "never announced");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let again = chat.submit(send("acme", "ann", "bob"), "hi", "during").await.unwrap();
    assert!(!again.fresh, "told once");
    assert_eq!(chat.announced_seqs("acme:ann:bob"), [1, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_postgres_makes_senders_unavailable_in_time_and_recovers() {
    let mut server = database().await;
    let chat = Chat::start(&server);
    chat.submit(send("acme", "ann", "bob"), "hi", "before").await.unwrap();

    server.stop();
    let asked = Instant::now();
    let outcome = chat.submit(send("acme", "ann", "bob"), "hi", "during").await;
    assert_eq!(code(outcome), ErrorCode::Unavailable);
    let page = chat
        .service
        .history(&read("acme", "ann", "bob"), None, None, None)
        .await;
    assert_eq!(code(page), ErrorCode::Unavailable);
    assert!(asked.elapsed() < BOUND, "{:?}", asked.elapsed());

    server.restart();
    let stored = chat.submit(send("acme", "ann", "bob"), "hi", "during").await.unwrap();
    assert_eq!(stored.message.seq, 2);
    let page = chat
        .service
        .history(&read("acme", "ann", "bob"), None, None, None)
        .await;
    assert_eq!(page.unwrap().messages.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_short_restart_is_not_noticed() {
    let mut server = database().await;
    let chat = Chat::start(&server);
    chat.submit(send("acme", "ann", "bob"), "hi", "before").await.unwrap();
    server.stop();
    let pending = chat.submit(send("acme", "ann", "bob"), "hi", "during");
    server.restart();
    let stored = pending.await.unwrap();
    assert!(stored.fresh);
    assert_eq!(chat.announced_seqs("acme:ann:bob"), [1, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_of_a_hanging_postgres_are_bounded() {
    let server = database().await;
    let chat = Chat::start(&server);
    server.pause();
    let asked = Instant::now();
    let readable = read("acme", "ann", "bob");
    let reads = (0..40).map(|_| chat.service.history(&readable, None, None, None));
    for page in join_all(reads).await {
        assert_eq!(code(page), ErrorCode::Unavailable);
    }
    assert!(asked.elapsed() < BOUND, "{:?}", asked.elapsed());
    server.resume();
    assert!(chat.service.history(&readable, None, None, None).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_tables_are_an_error_and_not_the_end() {
    let server = harness::postgres::Postgres::start();
    let chat = Chat::start(&server);
    let early = chat.submit(send("acme", "ann", "bob"), "hi", "m1").await;
    assert_eq!(code(early), ErrorCode::Internal);
    crate::db::migrations::migrate(&crate::config::PostgresConfig::plain(server.url(), 1), false)
        .await
        .unwrap();
    assert!(chat.submit(send("acme", "ann", "bob"), "hi", "m1").await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_the_server_ends_is_an_outage_and_not_a_fault() {
    let server = Arc::new(database().await);
    let chat = Chat::start(&server);
    chat.submit(send("acme", "ann", "bob"), "hi", "before").await.unwrap();
    let locking = Arc::clone(&server);
    let lock = r#"begin; lock table realtime."ChatMessage" in access exclusive mode; select pg_sleep(2)"#;
    let locked = tokio::task::spawn_blocking(move || locking.sql(lock));
    while server.sql("select count(*) from pg_locks where mode = 'AccessExclusiveLock' and granted") == "0" {
        tokio::task::yield_now().await;
    }
    let readable = read("acme", "ann", "bob");
    let ending = Arc::clone(&server);
    // On a thread of its own, or the read could not even begin while `psql` runs; and with a bound, since the lock goes by itself.
    let ended = tokio::task::spawn_blocking(move || {
        let begun = Instant::now();
        while ending.sql("select pg_terminate_backend(pid) from pg_stat_activity where wait_event_type = 'Lock'") != "t"
        {
            assert!(begun.elapsed() < BOUND, "the read never waited for the lock");
        }
    });
    // By a plain read: what goes through a lane is tried again, and then finds the connection closed.
    let (page, ended) = tokio::join!(chat.service.history(&readable, None, None, None), ended);
    ended.unwrap();
    assert_eq!(code(page), ErrorCode::Unavailable);
    locked.await.unwrap();
    assert!(chat.service.history(&readable, None, None, None).await.is_ok());
}
