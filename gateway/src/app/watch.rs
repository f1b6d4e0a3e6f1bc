//! Small drivers that tie a service to the process: each runs until shutdown.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use shared_protocol::bus::Control;
use tokio_util::sync::CancellationToken;

use crate::auth::{LiveSessions, Moved, News, Renamed};
use crate::bus::Bus;
use crate::db::keys::Keys;
use crate::db::{Health, Postgres, Redis};
use crate::presence::Presence;
use crate::reach::Directory;

/// How often the tables are looked at until they are up to date.
const MIGRATION_CHECK: Duration = Duration::from_secs(2);

/// Runs a driver that knows no end of its own.
pub(super) async fn until(shutdown: CancellationToken, driver: impl Future<Output = ()>) {
    tokio::select! {
        () = driver => {}
        () = shutdown.cancelled() => {}
    }
}

/// Watches the sessions of live sockets. New names go to presence; that somebody has moved, to every instance's directory.
pub(super) async fn watch_sessions(live: LiveSessions, presence: Presence, directory: Directory, bus: Bus, keys: Keys) {
    live.run(move |news| match news {
        News::Renamed(Renamed { principal, .. }) => {
            presence.rename(&principal.realm, &principal.user, principal.name.as_deref());
        }
        News::Moved(Moved { user, from }) => {
            directory.moved_out(&user, &from);
            let order = Control::UserMoved {
                user_id: user.to_string(),
            };
            bus.publish(keys.control(), order.encode().into());
        }
    })
    .await;
}

pub(super) async fn run_presence(presence: Presence) {
    presence.run().await;
}

pub(super) async fn watch_redis(health: Arc<Health>, redis: Redis, shutdown: CancellationToken) {
    health.run(|| redis.ping(), shutdown).await;
}

pub(super) async fn watch_postgres(health: Arc<Health>, postgres: Postgres, shutdown: CancellationToken) {
    health.run(|| postgres.ping(), shutdown).await;
}

/// Looks at the tables until they are up to date; they do not go back.
pub(super) async fn watch_migrations(migrated: Arc<AtomicBool>, postgres: Postgres, shutdown: CancellationToken) {
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
