//! Live sessions against a real Redis; nothing sleeps, everything waits for what has to come.

use std::collections::VecDeque;
use std::time::Duration;

use harness::redis::{RedisServer, Restart};
use shared_protocol::events::{Namespace, SessionEndReason};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::super::sessions::Sessions;
use super::super::tests::session_config;
use super::super::tests::sessions::{command, connect, json_of};
use super::*;
use crate::bus::{BusMetrics, bus};
use crate::hub::{Delivery, EndReason, Inbox, MailboxLimits, mailbox};
use crate::telemetry::Metrics;

const NEVER: Duration = Duration::from_hours(1);
const SOON: Duration = Duration::from_millis(50);

/// An instance's watch over its sessions, and the Redis that holds them.
struct Watch {
    server: RedisServer,
    redis: Redis,
    sessions: Sessions,
    live: LiveSessions,
    renamed: mpsc::UnboundedReceiver<Renamed>,
    _drivers: JoinSet<()>,
}

/// A socket that has joined, or is about to.
struct Socket {
    key: SocketKey,
    seat: Seat,
    inbox: Inbox,
}

impl Watch {
    fn start(recheck: Duration) -> Self {
        let server = RedisServer::start();
        let redis = connect(&server);
        let mut config = session_config(&[]);
        config.recheck = recheck;
        let (sessions, reads) = Sessions::new(redis.clone(), &config);
        let live = LiveSessions::new(
            redis.clone(),
            bus(&redis, "test", BusMetrics::new(&mut Metrics::default())).unwrap().0,
            &config,
            SessionMetrics::new(&mut Metrics::default()),
        );
        let (tell, renamed) = mpsc::unbounded_channel();
        let mut drivers = JoinSet::new();
        drivers.spawn(reads.run());
        let driver = live.clone();
        drivers.spawn(async move {
            let hear = move |news| {
                if let News::Renamed(renamed) = news {
                    drop(tell.send(renamed));
                }
            };
            driver.run(hear).await;
        });
        Self {
            server,
            redis,
            sessions,
            live,
            renamed,
            _drivers: drivers,
        }
    }

    async fn store(&self, sid: &str, json: &str) {
        command(&self.redis, &["SET", &format!("sess:{sid}"), json]).await;
    }

    /// Waits for something that is not told.
    async fn until(&self, holds: impl Fn(&Index) -> bool) {
        let reached = async {
            while !holds(&self.live.shared.lock()) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(Duration::from_secs(10), reached).await.expect("it comes true");
    }

    async fn delete(&self, sid: &str) {
        command(&self.redis, &["DEL", &format!("sess:{sid}")]).await;
    }

    /// The first half of CONNECT: the seat is taken, the session read.
    async fn join_half(&self, sid: &str) -> (Socket, Session) {
        let session = SessionId::parse(sid).unwrap();
        let limits = MailboxLimits { frames: 8, bytes: 4096 };
        let (mailbox, inbox) = mailbox(limits);
        let key = SocketKey::next();
        let seat = self.live.index(&session, key, mailbox);
        let found = self.sessions.find(&session).await.unwrap();
        (Socket { key, seat, inbox }, found)
    }

    async fn join(&self, sid: &str) -> Socket {
        let (socket, session) = self.join_half(sid).await;
        socket.bind(&session);
        socket
    }
}

impl Socket {
    fn bind(&self, session: &Session) {
        self.seat
            .bind(session, session.principal_for(Namespace::Tenant).unwrap());
    }

    /// Waits for the end of the session, which comes once and for this socket.
    async fn ended(&mut self) -> SessionEndReason {
        let deliveries = timeout(Duration::from_secs(10), self.inbox.take())
            .await
            .expect("an end");
        match only_end(deliveries.into_iter().collect()) {
            Some((Some(key), EndReason::SessionEnded(reason))) if key == self.key => reason,
            other => panic!("one end of this socket's session, not {other:?}"),
        }
    }

    /// Whether nothing has come.
    async fn is_untouched(&mut self) -> bool {
        timeout(Duration::ZERO, self.inbox.take()).await.is_err()
    }
}

/// What a mailbox holds when it holds one end and nothing else.
fn only_end(mut deliveries: VecDeque<Delivery>) -> Option<(Option<SocketKey>, EndReason)> {
    match (deliveries.pop_front(), deliveries.is_empty()) {
        (Some(Delivery::End { socket, reason }), true) => Some((socket, reason)),
        _ => None,
    }
}

impl Index {
    /// Whether a socket that is joining will have its session read again.
    fn is_stale(&self, sid: &str) -> bool {
        let sockets = self.sessions[&SessionId::parse(sid).unwrap()].sockets.values();
        sockets
            .into_iter()
            .any(|socket| matches!(socket.state, index::State::Joining { is_stale: true }))
    }
}

#[tokio::test]
async fn a_deleted_session_ends_all_its_sockets_and_no_others() {
    let watch = Watch::start(SOON);
    watch.store("a", &json_of("u_1", "t", "n")).await;
    watch.store("b", &json_of("u_1", "t", "n")).await;
    let (mut tab, mut other_tab, mut other) = (watch.join("a").await, watch.join("a").await, watch.join("b").await);
    watch.delete("a").await;
    assert_eq!(tab.ended().await, SessionEndReason::Revoked);
    assert_eq!(other_tab.ended().await, SessionEndReason::Revoked);
    watch.delete("b").await;
    assert_eq!(other.ended().await, SessionEndReason::Revoked);
    // Rounds have passed meanwhile: nobody was ended twice.
    assert!(tab.is_untouched().await && other_tab.is_untouched().await);
    assert_eq!(watch.live.shared.lock().len(), 0);
}

#[tokio::test]
async fn the_end_of_the_ttl_is_noticed_when_it_comes() {
    let watch = Watch::start(NEVER);
    watch.store("a", &json_of("u_1", "t", "n")).await;
    command(&watch.redis, &["PEXPIRE", "sess:a", "1000"]).await;
    let mut socket = watch.join("a").await;
    assert_eq!(socket.ended().await, SessionEndReason::Expired);
}

#[tokio::test]
async fn the_cookies_end_is_noticed_when_it_comes_though_the_key_stays() {
    let watch = Watch::start(NEVER);
    let expires = (chrono::Utc::now() + chrono::Duration::milliseconds(1000)).to_rfc3339();
    let json = serde_json::json!({"cookie": {"expires": expires}, "user": {"id": "u_1", "tenantId": "t"}});
    watch.store("a", &json.to_string()).await;
    let mut socket = watch.join("a").await;
    assert_eq!(socket.ended().await, SessionEndReason::Expired);
}

#[tokio::test]
async fn a_renewed_session_outlives_its_first_end() {
    let watch = Watch::start(NEVER);
    for (sid, ttl_ms) in [("a", "1500"), ("later", "2000")] {
        watch.store(sid, &json_of("u_1", "t", "n")).await;
        command(&watch.redis, &["PEXPIRE", &format!("sess:{sid}"), ttl_ms]).await;
    }
    let (mut renewed, mut later) = (watch.join("a").await, watch.join("later").await);
    command(&watch.redis, &["PEXPIRE", "sess:a", "60000"]).await;
    assert_eq!(later.ended().await, SessionEndReason::Expired);
    assert!(renewed.is_untouched().await);
    // It is the new end that is known: going before it is a revocation.
    watch.delete("a").await;
    watch.live.recheck_now(renewed.seat.session());
    assert_eq!(renewed.ended().await, SessionEndReason::Revoked);
}

#[tokio::test]
async fn another_person_in_the_same_session_ends_its_sockets() {
    let watch = Watch::start(SOON);
    let staff = r#"{"user":{"id":"u_1","tenantId":"t","role":"manage"}}"#;
    let homeless = r#"{"user":{"id":"u_1"}}"#;
    for (number, json) in [
        json_of("u_2", "t", "n").as_str(),
        &json_of("u_1", "other", "n"),
        staff,
        homeless,
        "{}",
        "no json",
    ]
    .into_iter()
    .enumerate()
    {
        let sid = number.to_string();
        watch.store(&sid, &json_of("u_1", "t", "n")).await;
        let mut socket = watch.join(&sid).await;
        watch.store(&sid, json).await;
        assert_eq!(socket.ended().await, SessionEndReason::Changed, "{json}");
    }
}

#[tokio::test]
async fn a_new_name_is_told_and_ends_nothing() {
    let mut watch = Watch::start(SOON);
    watch.store("a", &json_of("u_1", "t", "Ada")).await;
    let mut sockets = [watch.join("a").await, watch.join("a").await];
    watch.store("a", &json_of("u_1", "t", "Grace")).await;
    let renamed = timeout(Duration::from_secs(10), watch.renamed.recv())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(renamed.principal.name.as_deref(), Some("Grace"));
    let mut told = renamed.sockets;
    told.sort_unstable();
    assert_eq!(told, [sockets[0].key, sockets[1].key]);
    for socket in &mut sockets {
        assert!(socket.is_untouched().await);
    }
    watch.delete("a").await;
    assert_eq!(sockets[0].ended().await, SessionEndReason::Revoked);
    assert!(watch.renamed.try_recv().is_err(), "told once");
}

#[tokio::test]
async fn a_session_that_goes_during_connect_is_not_missed() {
    let watch = Watch::start(NEVER);
    watch.store("a", &json_of("u_1", "t", "n")).await;
    let (mut socket, session) = watch.join_half("a").await;
    watch.delete("a").await;
    assert!(watch.live.on_keyspace("__keyspace@0__:sess:a", b"del"));
    // What was learned before the bind ends nobody, but is not forgotten.
    let learned = async {
        while !watch.live.shared.lock().is_stale("a") {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(10), learned)
        .await
        .expect("the seat is marked");
    assert!(socket.is_untouched().await);
    socket.bind(&session);
    assert_eq!(socket.ended().await, SessionEndReason::Revoked);
}

#[tokio::test]
async fn a_keyspace_event_has_its_session_read_at_once() {
    let watch = Watch::start(NEVER);
    watch.store("a", &json_of("u_1", "t", "n")).await;
    let mut socket = watch.join("a").await;
    watch.delete("a").await;
    assert!(watch.live.on_keyspace("__keyspace@0__:sess:unknown", b"del"));
    assert!(!watch.live.on_keyspace("__keyspace@1__:sess:a", b"del"));
    assert!(!watch.live.on_keyspace("rt:room:tenant#user:u_1", b"del"));
    assert!(watch.live.on_keyspace("__keyspace@0__:sess:a", b"expire"));
    assert!(socket.is_untouched().await);
    assert!(watch.live.on_keyspace("__keyspace@0__:sess:a", b"del"));
    assert_eq!(socket.ended().await, SessionEndReason::Revoked);
}

#[tokio::test]
async fn events_that_went_unheard_are_made_up_for() {
    let watch = Watch::start(NEVER);
    watch.store("a", &json_of("u_1", "t", "n")).await;
    let mut socket = watch.join("a").await;
    watch.delete("a").await;
    watch.live.recheck_all();
    assert_eq!(socket.ended().await, SessionEndReason::Revoked);
}

#[tokio::test]
async fn nobody_is_cut_while_redis_is_away() {
    let mut watch = Watch::start(SOON);
    watch.store("a", &json_of("u_1", "t", "n")).await;
    command(&watch.redis, &["PEXPIRE", "sess:a", "1000"]).await;
    let mut socket = watch.join("a").await;
    watch.server.stop();
    // The known end passes, and look-ups fail.
    let passed = tokio::time::Instant::now() + Duration::from_millis(1200);
    while tokio::time::Instant::now() < passed {
        assert!(watch.sessions.lookup(socket.seat.session()).await.is_err());
        assert!(socket.is_untouched().await);
    }
    watch.server.restart(Restart::Empty);
    assert_eq!(socket.ended().await, SessionEndReason::Expired);
}

#[tokio::test]
async fn nobody_is_cut_for_what_a_restarted_redis_has_lost() {
    let mut watch = Watch::start(NEVER);
    watch.store("lost", &json_of("u_1", "t", "n")).await;
    watch.store("back", &json_of("u_2", "t", "n")).await;
    let (mut lost, mut back) = (watch.join("lost").await, watch.join("back").await);
    watch.until(|index| index.memory.is_known()).await;

    watch.server.restart(Restart::Empty);
    let before = watch.live.shared.lock().memory.run();
    while watch.sessions.lookup(lost.seat.session()).await.is_err() {}
    watch.live.recheck_all();
    watch.until(|index| index.memory.run() > before).await;
    assert!(lost.is_untouched().await && back.is_untouched().await);

    // What came back and goes then is gone.
    watch.store("back", &json_of("u_2", "t", "n")).await;
    let session = back.seat.session().clone();
    watch.live.recheck_now(&session);
    watch.until(|index| index.sessions[&session].seen > before).await;
    watch.delete("back").await;
    watch.live.recheck_all();
    assert_eq!(back.ended().await, SessionEndReason::Revoked);
    assert!(lost.is_untouched().await);
}

#[tokio::test]
async fn a_seat_that_is_given_back_leaves_nothing_behind() {
    let watch = Watch::start(NEVER);
    watch.store("a", &json_of("u_1", "t", "n")).await;
    let (first, second) = (watch.join("a").await, watch.join("a").await);
    assert_eq!(watch.live.shared.lock().len(), 1);
    drop(first);
    assert_eq!(watch.live.shared.lock().len(), 1);
    drop(second);
    assert_eq!(watch.live.shared.lock().len(), 0);
    assert_eq!(watch.live.shared.lock().next_end(), None);
}

#[tokio::test]
async fn more_sessions_than_one_batch_are_all_read() {
    let watch = Watch::start(SOON);
    let mut sockets = Vec::new();
    for number in 0..600 {
        let sid = number.to_string();
        watch.store(&sid, &json_of("u_1", "t", "n")).await;
        sockets.push(watch.join(&sid).await);
    }
    command(&watch.redis, &["FLUSHALL"]).await;
    for socket in &mut sockets {
        assert_eq!(socket.ended().await, SessionEndReason::Revoked);
    }
}
