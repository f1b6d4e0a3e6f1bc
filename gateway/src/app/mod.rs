//! The only place that wires: builds the services, gives each what it uses, and runs them until the end.

mod drain;
mod incoming;
mod servers;
mod sync_required;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use shared_protocol::events::{LimitsInfo, Namespace};
use tokio_util::sync::CancellationToken;

use crate::auth::{Identifier, LiveSessions, Sessions};
use crate::bus::{Bus, Listener, bus};
use crate::chat::{ChatService, announce_on_bus};
use crate::config::Config;
use crate::db::{Health, Postgres, Redis};
use crate::http::ops::Readiness;
use crate::hub::{ApiPushes, Hub, MailboxLimits};
use crate::lifecycle::{Signals, Tasks};
use crate::presence::{Loss, Presence, PresenceHooks, PresenceOptions};
use crate::reach::Directory;
use crate::socket::{BudgetLimits, Link, Portals, Users};
use crate::transport::{Engine, EngineSettings, Gate, GateLimits, OriginRule};
use incoming::Incoming;
use sync_required::SyncRequired;

/// How long the last tasks may take to end once all sockets are gone.
const STOP_PATIENCE: Duration = Duration::from_secs(4);
/// How often the tables are looked at until they are up to date.
const MIGRATION_CHECK: Duration = Duration::from_secs(2);

/// Why the gateway could not start, or went down.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// A listener's port is taken, or the address is not ours.
    #[error("{variable}: cannot listen on {address}: {source}")]
    Bind {
        /// Which setting.
        variable: &'static str,
        /// Its value.
        address: std::net::SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// A setting that turns out to be unusable only now.
    #[error("{0}")]
    Setting(String),
    /// The system refused something that every process may do.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// A task that must not end has ended.
    #[error("a task ended before its time; see the log")]
    Crashed,
}

/// Serves until a signal says to stop, then drains.
pub async fn serve(config: Config) -> Result<(), AppError> {
    let tasks = Tasks::default();
    let mut signals = Signals::listen()?;
    // New at every boot: what an earlier boot left behind is reaped, not taken over.
    let instance = uuid::Uuid::now_v7().simple().to_string();

    let redis = Redis::new(&config.redis).map_err(|error| AppError::Setting(format!("REDIS_URL: {error}")))?;
    let postgres =
        Postgres::new(&config.postgres).map_err(|error| AppError::Setting(format!("DATABASE_URL: {error}")))?;
    let hub = Arc::new(Hub::default());
    let (bus, subscriber, publisher) =
        bus(&redis, &instance).map_err(|error| AppError::Setting(format!("REDIS_URL: {error}")))?;
    let sync_required = SyncRequired::new(Arc::clone(&hub));

    let (sessions, session_reads) = Sessions::new(redis.clone(), &config.session);
    let live = LiveSessions::new(redis.clone(), bus.clone(), &config.session);
    let (directory, directory_writer) = Directory::new(postgres.clone());
    let announce = announce_on_bus(bus.clone(), redis.keys().clone());
    let (chat, chat_writer) = ChatService::new(postgres.clone(), config.limits.body_max, announce);
    let presence = presence(
        &config,
        &redis,
        &bus,
        &instance,
        PresenceHooks {
            on_loss: told_to_sync(&sync_required),
            on_last_seen: {
                let directory = directory.clone();
                Box::new(move |realm, user, at| directory.last_seen(user, realm, at))
            },
        },
    );

    let health = (Arc::new(Health::new("redis")), Arc::new(Health::new("postgres")));
    let migrated = Arc::new(AtomicBool::new(false));
    let connections = capacity(config.limits.connections);
    let gate = Gate::new(GateLimits {
        connections,
        accept: config.limits.accept,
    });
    let incoming = Arc::new(Incoming {
        keys: redis.keys().clone(),
        hub: Arc::clone(&hub),
        presence: presence.clone(),
        live: live.clone(),
        bus: bus.clone(),
        sync_required: sync_required.clone(),
        api: Namespace::ALL.map(|namespace| {
            ApiPushes::new(
                Arc::clone(&hub),
                namespace,
                &config.redis.adapter_key,
                &config.listen.path,
            )
        }),
    });
    incoming.want_channels();

    tasks.spawn("bus subscriber", subscriber.run(listener(&incoming), tasks.shutdown()));
    tasks.spawn("bus publisher", publisher.run(tasks.shutdown()));
    tasks.spawn("session reads", until(tasks.shutdown(), session_reads.run()));
    tasks.spawn(
        "session watch",
        until(tasks.shutdown(), watch_sessions(live.clone(), presence.clone())),
    );
    tasks.spawn("directory writer", directory_writer.run(tasks.shutdown()));
    tasks.spawn("chat writer", chat_writer.run(tasks.shutdown()));
    tasks.spawn("presence", until(tasks.shutdown(), run_presence(presence.clone())));
    tasks.spawn("sync required", sync_required.clone().run(tasks.shutdown()));
    tasks.spawn(
        "redis health",
        watch_redis(Arc::clone(&health.0), redis.clone(), tasks.shutdown()),
    );
    tasks.spawn(
        "postgres health",
        watch_postgres(Arc::clone(&health.1), postgres.clone(), tasks.shutdown()),
    );
    tasks.spawn(
        "migration check",
        watch_migrations(Arc::clone(&migrated), postgres.clone(), tasks.shutdown()),
    );

    let identifier = Arc::new(
        Identifier::new(&config.session).map_err(|error| AppError::Setting(format!("REALTIME_JWT_KEY: {error}")))?,
    );
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
        users: Users::new(
            config.limits.sockets_per_user,
            BudgetLimits {
                messages: config.limits.messages,
                events: config.limits.events,
            },
        ),
        limits: LimitsInfo {
            body_max: config.limits.body_max,
            max_payload: config.engine.max_payload,
        },
    });
    let max_payload = config.engine.max_payload;
    let engine = Engine {
        settings: engine_settings(&config, identifier),
        open: Box::new(move |peer, mailbox| {
            Link::new(Arc::clone(&portals), Arc::clone(peer), mailbox.clone(), max_payload)
        }),
        gate: Arc::clone(&gate),
        redis: Some(Arc::clone(&health.0)),
    };
    let readiness = Readiness {
        redis: health.0,
        postgres: health.1,
        migrated,
        gate: Arc::clone(&gate),
    };
    let servers = servers::start(&config.listen, engine, readiness, &tasks)?;
    tracing::info!(
        instance.id = instance,
        bind = %config.listen.bind,
        ops_bind = %config.listen.ops_bind,
        connections,
        version = env!("CARGO_PKG_VERSION"),
        "serving"
    );

    let outcome = tokio::select! {
        () = signals.next() => Ok(()),
        () = tasks.crashed() => Err(AppError::Crashed),
    };
    tracing::info!("draining");
    gate.start_draining();
    tokio::select! {
        () = drain::drain(&hub, &gate, config.limits.drain) => {}
        () = signals.next() => tracing::warn!("second signal: going at once"),
        () = tasks.crashed() => {}
    }
    if let Err(error) = presence.drain().await {
        tracing::warn!(%error, "presence could not be handed over; the lease will run out");
    }
    tokio::join!(tasks.stop(STOP_PATIENCE), servers.stop());
    tracing::info!("stopped");
    outcome
}

fn presence(config: &Config, redis: &Redis, bus: &Bus, instance: &str, hooks: PresenceHooks) -> Presence {
    Presence::new(PresenceOptions {
        redis: redis.clone(),
        feed: bus.clone().into(),
        config: config.presence.clone(),
        instance: instance.to_owned(),
        address: config.listen.advertise_url.clone(),
        hooks,
    })
}

fn told_to_sync(sync_required: &SyncRequired) -> Box<dyn Fn(Loss) + Send + Sync> {
    let sync_required = sync_required.clone();
    Box::new(move |loss| {
        tracing::warn!(?loss, "live deliveries may be lost; local sockets have to sync");
        sync_required.tell_all();
    })
}

fn listener(incoming: &Arc<Incoming>) -> Listener {
    let (messages, restored) = (Arc::clone(incoming), Arc::clone(incoming));
    Listener {
        on_message: Box::new(move |message| messages.on_message(message)),
        on_restored: Box::new(move || restored.on_restored()),
    }
}

fn engine_settings(config: &Config, identifier: Arc<Identifier>) -> EngineSettings {
    EngineSettings {
        engine: config.engine.clone(),
        mailbox: MailboxLimits {
            frames: config.limits.send_queue,
            bytes: config.limits.send_queue_bytes,
        },
        origins: OriginRule::new(config.listen.allowed_origins.iter().cloned()),
        trusted_proxies: config.listen.trusted_proxies.clone(),
        read_cookie: Box::new(move |headers| identifier.cookie(headers)),
    }
}

/// Descriptors that are kept for everything that is no client connection.
const RESERVED_DESCRIPTORS: usize = 512;

/// How many connections this process can hold: the setting, bounded by its open-file limit.
fn capacity(setting: usize) -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let open_files = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"))
        .and_then(|rest| rest.split_whitespace().next())
        .and_then(|soft| soft.parse::<usize>().ok());
    open_files.map_or(setting, |limit| setting.min(limit.saturating_sub(RESERVED_DESCRIPTORS)))
}

async fn until(shutdown: CancellationToken, task: impl Future<Output = ()>) {
    tokio::select! {
        () = task => {}
        () = shutdown.cancelled() => {}
    }
}

async fn watch_sessions(live: LiveSessions, presence: Presence) {
    live.run(move |renamed| {
        let principal = &renamed.principal;
        presence.rename(&principal.realm, &principal.user, principal.name.as_deref());
    })
    .await;
}

async fn run_presence(presence: Presence) {
    presence.run().await;
}

async fn watch_redis(health: Arc<Health>, redis: Redis, shutdown: CancellationToken) {
    health.run(|| redis.ping(), shutdown).await;
}

async fn watch_postgres(health: Arc<Health>, postgres: Postgres, shutdown: CancellationToken) {
    health.run(async || postgres.ping().await.is_ok(), shutdown).await;
}

async fn watch_migrations(migrated: Arc<AtomicBool>, postgres: Postgres, shutdown: CancellationToken) {
    let mut told = false;
    while !shutdown.is_cancelled() {
        match postgres.pending().await {
            Ok(pending) if pending.is_empty() => {
                migrated.store(true, Ordering::Release);
                shutdown.cancelled().await;
            }
            Ok(pending) if !told => {
                told = true;
                tracing::warn!(
                    pending = pending.join(", "),
                    "tables are not up to date: run `realtime-gateway migrate`"
                );
            }
            Ok(_) | Err(_) => {}
        }
        tokio::select! {
            () = tokio::time::sleep(MIGRATION_CHECK) => {}
            () = shutdown.cancelled() => {}
        }
    }
}
