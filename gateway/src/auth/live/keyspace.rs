//! Whether Redis tells of keys that change, and the subscriptions to those of live sessions.
//!
//! The server's setting is found out, never changed: other users of the same Redis may rely on it, and pay for it.

use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

use super::super::error::Unavailable;
use super::{LiveSessions, Shared};
use crate::db::{Redis, RedisError};

/// Subscriptions that are asked for at once.
const AT_ONCE: usize = 64;
/// Wait after a failure.
const RETRY: Duration = Duration::from_secs(1);

/// What the channels of session keys start with.
pub(super) fn channel_prefix(redis: &Redis, session_prefix: &str) -> String {
    let database = redis.client().get_connection_info().redis_settings().db();
    format!("__keyspace@{database}__:{session_prefix}")
}

/// What the server tells of keys that go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyspaceEvents {
    /// Deletions and expiries.
    Told,
    /// Not these; the server's flags.
    Untold(String),
    /// We may not ask.
    Unknown,
}

/// Asks the server what it tells.
pub async fn keyspace_events(redis: &Redis) -> Result<KeyspaceEvents, RedisError> {
    Ok(match flags(redis).await? {
        Some(flags) if tells_deletions(&flags) => KeyspaceEvents::Told,
        Some(flags) => KeyspaceEvents::Untold(flags),
        None => KeyspaceEvents::Unknown,
    })
}

/// Whether the flags of `notify-keyspace-events` make a deletion heard: K for channels named after keys, and generic
/// commands (`A` holds them too).
pub(super) fn tells_deletions(flags: &str) -> bool {
    flags.contains('K') && flags.contains(['g', 'A'])
}

/// The server's flags; `None` when we may not ask, which is an ordinary ACL.
pub(super) async fn flags(redis: &Redis) -> Result<Option<String>, RedisError> {
    let mut ask = redis::cmd("CONFIG");
    ask.arg("GET").arg("notify-keyspace-events");
    match ask.query_async::<Vec<String>>(&mut redis.commands()).await {
        Ok(reply) => Ok(reply.into_iter().nth(1)),
        // NOPERM, or a hosted Redis that knows no CONFIG.
        Err(error) if error.kind() == redis::ErrorKind::Server(redis::ServerErrorKind::NoPerm) => Ok(None),
        Err(error) if error.is_unrecoverable_error() || error.is_io_error() || error.is_timeout() => Err(error),
        Err(_) => Ok(None),
    }
}

impl LiveSessions {
    /// Subscribes to live sessions' keys for as long as it runs, where the server tells of them; else returns.
    pub(super) async fn watch_keys(&self) {
        let shared = &self.shared;
        let flags = loop {
            match flags(shared.reader.redis()).await {
                Ok(flags) => break flags,
                Err(error) => {
                    tracing::debug!(error = %Unavailable::from(error), "cannot ask for Redis' keyspace events yet");
                    tokio::time::sleep(RETRY).await;
                }
            }
        };
        let period_s = shared.period.as_secs();
        match flags {
            Some(flags) if tells_deletions(&flags) => {
                let tells_changes = flags.contains(['$', 'A']);
                tracing::info!(
                    flags,
                    tells_changes,
                    "ended sessions are noticed by Redis' keyspace events"
                );
            }
            Some(flags) => {
                tracing::info!(
                    flags,
                    period_s,
                    "ended sessions are noticed by period; keyspace events (Kg$x) are off"
                );
                return;
            }
            None => {
                tracing::info!(
                    period_s,
                    "ended sessions are noticed by period; keyspace events cannot be asked for"
                );
                return;
            }
        }
        shared.lock().watch_all();
        loop {
            let batch = shared.lock().take_unwatched(AT_ONCE);
            if batch.is_empty() {
                shared.unwatched.notified().await;
            } else if !shared.subscribe_all(batch).await {
                tokio::time::sleep(RETRY).await;
            }
        }
    }
}

impl Shared {
    /// Subscribes to some sessions' keys. `false`: not all of them came about.
    async fn subscribe_all(&self, batch: Vec<(super::SessionId, u64)>) -> bool {
        let mut pending: FuturesUnordered<_> = batch
            .into_iter()
            .map(|(session, since)| async move {
                let result = self.bus.subscribe(&self.channel(&session)).await;
                (session, since, result)
            })
            .collect();
        let mut all = true;
        while let Some((session, since, result)) = pending.next().await {
            if result.is_err() {
                all = false;
                self.lock().on_unwatched(&session, since);
                continue;
            }
            let is_still_here = self.lock().on_watched(&session, since);
            if is_still_here {
                self.due.notify_one();
            } else {
                self.unwatch(&session);
            }
        }
        all
    }
}
