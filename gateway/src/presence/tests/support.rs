//! Instances around one real Redis, and browser tabs that keep the picture a client would have.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt as _;
use harness::redis::RedisServer;
use serde_json::{Value, json};
use shared_protocol::events::{Portal, PresenceMode, Realm, TenantId, UserId};
use shared_protocol::socketio::Frame;
use tokio::task::JoinSet;

use super::super::*;
use super::feeder::{Feeder, Gate};
use crate::config::{PresenceConfig, RedisConfig, Secret};
use crate::db::Redis;
use crate::hub::{Delivery, Inbox, MailboxLimits, Member, SocketId, SocketKey, mailbox};
use crate::telemetry::Metrics;

/// For anything that must happen; longer than the grace of a drain.
const PATIENCE: Duration = Duration::from_secs(20);
/// Between two looks at something that cannot be waited for.
pub(super) const POLL: Duration = Duration::from_millis(10);

pub(super) fn config() -> PresenceConfig {
    PresenceConfig {
        grace: Duration::from_millis(300),
        lease: Duration::from_millis(1500),
        heartbeat: Duration::from_millis(300),
        diff_window: Duration::from_millis(20),
        broadcast_max: 500,
    }
}

pub(super) fn tenant(id: &str) -> Realm {
    Realm::Tenant(TenantId::parse(id).unwrap())
}

pub(super) struct Instance {
    pub(super) presence: Presence,
    pub(super) losses: Arc<Mutex<Vec<Loss>>>,
    pub(super) last_seen: Arc<Mutex<Vec<String>>>,
    /// Messages are lost while set.
    pub(super) deaf: Arc<AtomicBool>,
    gate: Arc<Gate>,
    _tasks: JoinSet<()>,
}

impl Instance {
    pub(super) fn start(redis: &RedisServer, id: &str) -> Self {
        Self::with(redis, id, config())
    }

    pub(super) fn with(server: &RedisServer, id: &str, config: PresenceConfig) -> Self {
        let redis = Redis::new(&RedisConfig {
            url: Secret::new(server.url()),
            prefix: "rt:".to_owned(),
            adapter_key: "socket.io".to_owned(),
        });
        let redis = redis.unwrap();
        let (losses, last_seen) = (Arc::<Mutex<Vec<Loss>>>::default(), Arc::<Mutex<Vec<String>>>::default());
        let (told_losses, told_seen) = (Arc::clone(&losses), Arc::clone(&last_seen));
        let feeder = Arc::new(Feeder::default());
        let presence = Presence::new(PresenceOptions {
            redis: redis.clone(),
            feed: feeder.feed(),
            config,
            instance: id.to_owned(),
            address: None,
            hooks: PresenceHooks {
                on_loss: Box::new(move |loss| told_losses.lock().unwrap().push(loss)),
                on_last_seen: Box::new(move |_, user, _| told_seen.lock().unwrap().push(user.to_string())),
            },
            metrics: PresenceMetrics::new(&mut Metrics::default()),
        });
        let (gate, deaf) = (Arc::new(Gate::default()), Arc::new(AtomicBool::new(false)));
        let mut tasks = JoinSet::new();
        let (driven, driver_gate) = (presence.clone(), Arc::clone(&gate));
        tasks.spawn(async move { driver_gate.guard(driven.run()).await });
        let (fed, feeder_gate, feeder_deaf) = (presence.clone(), Arc::clone(&gate), Arc::clone(&deaf));
        let client = redis.client().clone();
        tasks.spawn(async move { feeder_gate.guard(feeder.run(client, fed, feeder_deaf)).await });
        Self {
            presence,
            losses,
            last_seen,
            deaf,
            gate,
            _tasks: tasks,
        }
    }

    /// Nothing is polled any more, as after SIGSTOP.
    pub(super) fn pause(&self) {
        self.gate.close();
    }

    pub(super) fn resume(&self) {
        self.gate.open();
    }

    /// A crash: nobody is told.
    pub(super) fn crash(self) {
        drop(self);
    }

    pub(super) async fn open(&self, realm: &Realm, user: &str, portal: Portal) -> Tab {
        self.try_open(realm, user, None, portal).await.unwrap()
    }

    pub(super) async fn try_open(
        &self,
        realm: &Realm,
        user: &str,
        name: Option<&str>,
        portal: Portal,
    ) -> Result<Tab, PresenceError> {
        let (mailbox, inbox) = mailbox(MailboxLimits {
            frames: 10_000,
            bytes: 100_000_000,
        });
        let member = Arc::new(Member {
            joined_at: chrono::Utc::now(),
            key: SocketKey::next(),
            id: SocketId::random(),
            namespace: realm.namespace(),
            user: UserId::parse(user).unwrap(),
            realm: realm.clone(),
            portal,
            mailbox,
        });
        let greet = |_: PresenceMode, snapshot| {
            member.mailbox.deliver(member.key, snapshot);
        };
        let mode = self.presence.join(&member, name, greet).await?;
        let mut tab = Tab {
            presence: self.presence.clone(),
            mode,
            member: Arc::clone(&member),
            inbox,
            picture: Picture::default(),
        };
        tab.until("its snapshot", |picture| picture.snapshots == 1).await;
        Ok(tab)
    }
}

/// What a client knows.
#[derive(Debug, Default)]
pub(super) struct Picture {
    /// User → portals and name.
    pub(super) users: BTreeMap<String, String>,
    /// `+id`, `-id`, `~id`: what changed since the snapshot.
    pub(super) log: Vec<String>,
    pub(super) snapshots: usize,
    pub(super) diffs: usize,
    pub(super) count: Option<u64>,
    pub(super) mode: Option<String>,
    /// Users are called `tenant:id`, since ids of several tenants meet.
    by_tenant: bool,
}

/// The ack of `presence:watch`, for which these tests have no other name.
const WATCHED: &str = "watched";

impl Picture {
    fn apply(&mut self, event: &str, payload: &Value) {
        let by_tenant = self.by_tenant;
        let id = |user: &Value| called(user, by_tenant);
        let list = |name: &str| payload[name].as_array().cloned().unwrap_or_default();
        match event {
            "presence:snapshot" => {
                self.snapshots += 1;
                self.users = list("users").iter().map(|user| (id(user), shown(user))).collect();
            }
            WATCHED => self.users = list("users").iter().map(|user| (id(user), shown(user))).collect(),
            "presence:diff" => {
                self.diffs += 1;
                for user in list("online") {
                    let doubled = self.users.insert(id(&user), shown(&user));
                    assert!(doubled.is_none(), "{} came twice", id(&user));
                    self.log.push(format!("+{}", id(&user)));
                }
                for user in list("offline") {
                    let known = self.users.remove(&id(&user));
                    assert!(known.is_some(), "{} left twice", id(&user));
                    assert!(user["lastSeenAt"].is_string());
                    self.log.push(format!("-{}", id(&user)));
                }
                for user in list("changed") {
                    let known = self.users.insert(id(&user), shown(&user));
                    assert!(known.is_some(), "{} changed while away", id(&user));
                    self.log.push(format!("~{}", id(&user)));
                }
            }
            "presence:count" => self.count = payload["online"].as_u64(),
            "presence:mode" => self.mode = payload["mode"].as_str().map(str::to_owned),
            other => panic!("unexpected event {other}"),
        }
    }
}

fn called(user: &Value, by_tenant: bool) -> String {
    let id = user["id"].as_str().unwrap();
    match user["tenantId"].as_str() {
        Some(tenant) if by_tenant => format!("{tenant}:{id}"),
        _ => id.to_owned(),
    }
}

fn shown(user: &Value) -> String {
    format!("{} {}", user["portals"], user["name"])
}

/// One open page.
pub(super) struct Tab {
    pub(super) member: Arc<Member>,
    pub(super) mode: PresenceMode,
    pub(super) picture: Picture,
    presence: Presence,
    inbox: Inbox,
}

impl Tab {
    pub(super) fn close(self, departure: Departure) {
        self.presence.leave(self.member.key, departure);
    }

    /// From here on its picture is of these users, in whatever tenant they are.
    pub(super) fn watch(&mut self, users: &[&str]) {
        let ids: Vec<UserId> = users.iter().map(|id| UserId::parse(id).unwrap()).collect();
        self.picture.by_tenant = true;
        self.presence.watch(self.member.key, &ids, |users| {
            let answer = Frame::event(self.member.namespace.as_str(), WATCHED, &json!({ "users": users })).unwrap();
            self.member.mailbox.deliver(self.member.key, answer);
        });
    }

    /// Takes frames, those that are there and then others, until the picture is as wanted.
    pub(super) async fn until(&mut self, what: &str, wanted: impl Fn(&Picture) -> bool) {
        while let Some(deliveries) = self.inbox.take().now_or_never() {
            self.look_at(deliveries);
        }
        let reached = async {
            while !wanted(&self.picture) {
                let deliveries = self.inbox.take().await;
                self.look_at(deliveries);
            }
        };
        let reached = tokio::time::timeout(PATIENCE, reached).await;
        assert!(
            reached.is_ok(),
            "{}: {what} never came: {:?}",
            self.member.user,
            self.picture
        );
    }

    fn look_at(&mut self, deliveries: impl IntoIterator<Item = Delivery>) {
        for delivery in deliveries {
            let Delivery::Frame { socket, frame } = delivery else {
                panic!("the mailbox was ended");
            };
            assert_eq!(socket, self.member.key);
            let (_, array) = frame.text().split_once(',').unwrap();
            let (event, payload): (String, Value) = serde_json::from_str(array).unwrap();
            self.picture.apply(&event, &payload);
        }
    }

    pub(super) async fn until_log(&mut self, log: &[&str]) {
        self.until(&format!("{log:?}"), |picture| picture.log.len() >= log.len())
            .await;
        assert_eq!(self.picture.log, log);
    }

    pub(super) fn ids(&self) -> Vec<&str> {
        self.picture.users.keys().map(String::as_str).collect()
    }
}

/// Waits for something that is not told.
pub(super) async fn eventually(what: &str, holds: impl AsyncFn() -> bool) {
    let reached = async {
        while !holds().await {
            tokio::time::sleep(POLL).await;
        }
    };
    let reached = tokio::time::timeout(PATIENCE, reached).await;
    assert!(reached.is_ok(), "{what} never came true");
}

/// The server is older than a lease, so instances may be reaped.
pub(super) async fn settled_server() -> RedisServer {
    let server = RedisServer::start();
    let client = redis::Client::open(server.url()).unwrap();
    let connection = client.get_multiplexed_async_connection().await.unwrap();
    eventually("an uptime of a lease", async || {
        let info: String = redis::cmd("INFO")
            .arg("server")
            .query_async(&mut connection.clone())
            .await
            .unwrap();
        info.contains("uptime_in_seconds:2")
    })
    .await;
    server
}

pub(super) async fn keys(server: &RedisServer) -> Vec<String> {
    let client = redis::Client::open(server.url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let mut keys: Vec<String> = redis::cmd("KEYS").arg("*").query_async(&mut connection).await.unwrap();
    keys.sort();
    keys
}
