//! Builds the services in layer order, and spawns what each of them has to do by itself.

use std::sync::Arc;

use shared_protocol::bus::{Control, SyncReason};
use shared_protocol::events::{LimitsInfo, Namespace};

use uuid::Uuid;

use super::AppError;
use super::capacity::capacity;
use super::incoming::Incoming;
use super::junk::Junk;
use super::sync_required::SyncRequired;
use super::watch::{run_presence, until, watch_migrations, watch_postgres, watch_redis, watch_sessions};
use crate::auth::{Identifier, LiveSessions, SessionMetrics, Sessions};
use crate::bus::{Bus, BusMetrics, bus};
use crate::chat::{ChatMetrics, ChatService, announce_on_bus};
use crate::config::Config;
use crate::db::{Health, Postgres, Redis};
use crate::http::ops::{Ops, Readiness, ReadinessMetrics};
use crate::hub::{ApiPushes, Hub, MailboxLimits};
use crate::lifecycle::Tasks;
use crate::presence::{Loss, Presence, PresenceHooks, PresenceMetrics, PresenceOptions};
use crate::reach::Directory;
use crate::socket::{BudgetLimits, Link, Portals, SocketMetrics, TypingThrottle, Users};
use crate::telemetry::{Counters, Metrics, ProcessMetrics};
use crate::transport::{Engine, EngineSettings, Gate, GateLimits, OriginRule, Peers, Registry, Sids, TransportMetrics};

/// What the listeners need, and what a drain has to reach.
pub(super) struct Assembled {
    pub hub: Arc<Hub>,
    pub gate: Arc<Gate>,
    pub presence: Presence,
    pub engine: Engine<Link<Portals>>,
    pub ops: Ops,
}

/// See the module. Nothing here waits for Redis or Postgres: the gateway starts while either is away.
pub(super) fn assemble(config: &Config, instance: Uuid, tasks: &Tasks) -> Result<Assembled, AppError> {
    let mut metrics = Metrics::default();
    let name = instance.simple().to_string();
    let redis = Redis::new(&config.redis).map_err(|error| AppError::setting("REDIS_URL", &error))?;
    let postgres = Postgres::new(&config.postgres).map_err(|error| AppError::setting("DATABASE_URL", &error))?;
    let identifier = Identifier::new(&config.session).map_err(|error| AppError::setting("REALTIME_JWT_KEY", &error))?;
    let identifier = Arc::new(identifier);
    let hub = Arc::new(Hub::default());
    let (bus, subscriber, publisher) =
        bus(&redis, &name, BusMetrics::new(&mut metrics)).map_err(|error| AppError::setting("REDIS_URL", &error))?;
    let sync_required = SyncRequired::new(Arc::clone(&hub));

    let (sessions, session_reads) = Sessions::new(redis.clone(), &config.session);
    let live = LiveSessions::new(
        redis.clone(),
        bus.clone(),
        &config.session,
        SessionMetrics::new(&mut metrics),
    );
    let (directory, directory_writer) = Directory::new(postgres.clone());
    let announce = announce_on_bus(bus.clone(), redis.keys().clone());
    let (chat, chat_drivers) = ChatService::new(
        postgres.clone(),
        config.limits.body_max,
        announce,
        ChatMetrics::new(&mut metrics),
    );
    let presence = presence(config, &redis, &bus, &name, &directory, &sync_required, &mut metrics);

    let stop = || tasks.shutdown();
    let (key, path) = (&config.redis.adapter_key, &config.listen.path);
    let incoming = Incoming {
        keys: redis.keys().clone(),
        hub: Arc::clone(&hub),
        presence: presence.clone(),
        live: live.clone(),
        directory: directory.clone(),
        bus: bus.clone(),
        sync_required: sync_required.clone(),
        junk: Junk::default(),
        api: Namespace::ALL.map(|namespace| ApiPushes::new(Arc::clone(&hub), namespace, key, path)),
    };
    tasks.spawn("bus subscriber", subscriber.run(incoming.listen(), stop()));
    tasks.spawn("bus publisher", publisher.run(stop()));
    tasks.spawn("session reads", until(stop(), session_reads.run()));
    tasks.spawn(
        "session watch",
        until(
            stop(),
            watch_sessions(
                live.clone(),
                presence.clone(),
                directory.clone(),
                bus.clone(),
                redis.keys().clone(),
            ),
        ),
    );
    tasks.spawn("directory writer", directory_writer.run(stop()));
    tasks.spawn("chat writers", chat_drivers.run(stop()));
    tasks.spawn("presence", until(stop(), run_presence(presence.clone())));
    tasks.spawn("sync required", sync_required.run(stop()));

    let gate = gate(config);
    let readiness = readiness(&redis, &postgres, &gate, tasks, &mut metrics);
    let portals = Arc::new(Portals {
        identifier: Arc::clone(&identifier),
        sessions,
        live,
        directory,
        chat,
        presence: presence.clone(),
        hub: Arc::clone(&hub),
        bus,
        keys: redis.keys().clone(),
        users: users(config),
        typing: TypingThrottle::default(),
        metrics: SocketMetrics::new(&mut metrics),
        limits: limits_info(config),
    });
    let max_payload = config.engine.max_payload;
    let engine = Engine {
        settings: engine_settings(config, identifier),
        open: Box::new(move |peer, mailbox| {
            Link::new(Arc::clone(&portals), Arc::clone(peer), mailbox.clone(), max_payload)
        }),
        gate: Arc::clone(&gate),
        redis: Some(Arc::clone(&readiness.redis)),
        connections: Registry::default(),
        sids: Sids::new(instance, config.peer_keys().iter().map(|key| *key.reveal()).collect()),
        peers: config.listen.advertise_url.is_some().then(|| Peers::new(redis.clone())),
        metrics: TransportMetrics::new(&mut metrics),
    };
    Ok(Assembled {
        hub,
        gate,
        presence,
        engine,
        ops: Ops {
            readiness,
            process: ProcessMetrics::new(&mut metrics),
            metrics,
        },
    })
}

fn gate(config: &Config) -> Arc<Gate> {
    Gate::new(GateLimits {
        connections: capacity(config.limits.connections),
        accept: config.limits.accept,
    })
}

fn limits_info(config: &Config) -> LimitsInfo {
    LimitsInfo {
        body_max: config.limits.body_max,
        max_payload: config.engine.max_payload,
    }
}

fn presence(
    config: &Config,
    redis: &Redis,
    bus: &Bus,
    instance: &str,
    directory: &Directory,
    sync_required: &SyncRequired,
    metrics: &mut Metrics,
) -> Presence {
    let feed = bus.clone().into();
    let (directory, sync_required, bus) = (directory.clone(), sync_required.clone(), bus.clone());
    let control = redis.keys().control();
    let losses = metrics.counters(
        "instances_lost",
        ["which"],
        "Leases that ran out: of a peer that this instance reaped, or its own, when it was taken for dead",
    );
    losses.begin_with([["own"], ["peer"]]);
    Presence::new(PresenceOptions {
        redis: redis.clone(),
        feed,
        config: config.presence.clone(),
        instance: instance.to_owned(),
        address: config.listen.advertise_url.clone(),
        metrics: PresenceMetrics::new(metrics),
        hooks: PresenceHooks {
            on_loss: Box::new(move |loss| on_loss(&loss, &losses, &sync_required, &bus, &control)),
            on_last_seen: Box::new(move |realm, user, at| directory.last_seen(user, realm, at)),
        },
    })
}

/// Only followers of a realm that the lost instance was in hear of it; what it had committed and not yet published may concern
/// anybody, so all instances are told.
fn on_loss(loss: &Loss, losses: &Counters<1>, sync_required: &SyncRequired, bus: &Bus, control: &str) {
    match loss {
        Loss::Own => {
            losses.with(["own"]).inc();
            tracing::warn!("taken for dead by the others; local sockets have to sync");
            sync_required.tell_all();
        }
        Loss::Peer { instance } => {
            if sync_required.tell_of_lost(instance) {
                losses.with(["peer"]).inc();
                tracing::warn!(instance.id = instance, "instance reaped; its deliveries may be lost");
                let instance = instance.clone();
                let order = Control::SyncRequired {
                    instance,
                    reason: SyncReason::InstanceReaped,
                };
                bus.publish(control.to_owned(), order.encode().into());
            }
        }
    }
}

fn readiness(redis: &Redis, postgres: &Postgres, gate: &Arc<Gate>, tasks: &Tasks, metrics: &mut Metrics) -> Readiness {
    let readiness = Readiness {
        redis: Arc::new(Health::new("redis")),
        postgres: Arc::new(Health::new("postgres")),
        migrated: Arc::default(),
        gate: Arc::clone(gate),
        metrics: ReadinessMetrics::new(metrics),
    };
    let (redis_health, postgres_health) = (Arc::clone(&readiness.redis), Arc::clone(&readiness.postgres));
    let migrated = Arc::clone(&readiness.migrated);
    tasks.spawn(
        "redis health",
        watch_redis(redis_health, redis.clone(), tasks.shutdown()),
    );
    tasks.spawn(
        "postgres health",
        watch_postgres(postgres_health, postgres.clone(), tasks.shutdown()),
    );
    tasks.spawn(
        "migration check",
        watch_migrations(migrated, postgres.clone(), tasks.shutdown()),
    );
    readiness
}

fn users(config: &Config) -> Arc<Users> {
    let budget = BudgetLimits {
        messages: config.limits.messages,
        events: config.limits.events,
    };
    Users::new(config.limits.sockets_per_user, budget)
}

fn engine_settings(config: &Config, identifier: Arc<Identifier>) -> EngineSettings {
    EngineSettings {
        engine: config.engine.clone(),
        connection_age: config.limits.connection_age,
        mailbox: MailboxLimits {
            frames: config.limits.send_queue,
            bytes: config.limits.send_queue_bytes,
        },
        origins: OriginRule::new(config.listen.allowed_origins.iter().cloned()),
        trusted_proxies: config.listen.trusted_proxies.clone(),
        may_use: {
            let identifier = Arc::clone(&identifier);
            Box::new(move |opener, cookie| {
                identifier
                    .identify(cookie, None)
                    .may_use(&identifier.identify(opener, None))
            })
        },
        read_cookie: Box::new(move |headers| identifier.cookie(headers)),
    }
}
