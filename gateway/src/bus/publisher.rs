//! The publisher connection: everything this instance publishes, in order, many in one round trip.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use deadpool_redis::{Connection, Pool, Runtime};
use redis::AsyncConnectionConfig;
use shared_protocol::bus::{Control, SyncReason};
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::{Publication, Shared, echo};
use crate::db::Redis;

/// Publications in one round trip.
const BATCH: usize = 512;
/// Before the link is tried again.
const RETRY: Duration = Duration::from_millis(100);

/// The driver of the publisher connection.
pub struct Publisher {
    shared: Arc<Shared>,
    queue: mpsc::Receiver<Publication>,
    pool: Pool,
    link: Option<Connection>,
    control: String,
    sync_required: String,
    /// Something may not have gone out: everybody has to be told to sync.
    lost: bool,
}

impl std::fmt::Debug for Publisher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Publisher")
            .field("lost", &self.lost)
            .finish_non_exhaustive()
    }
}

#[derive(Debug, thiserror::Error)]
enum PublishError {
    #[error(transparent)]
    Redis(#[from] redis::RedisError),
    #[error(transparent)]
    Pool(#[from] deadpool_redis::PoolError),
}

impl Publisher {
    pub(super) fn new(
        shared: Arc<Shared>,
        queue: mpsc::Receiver<Publication>,
        redis: &Redis,
        instance: &str,
    ) -> Result<Self, deadpool_redis::CreatePoolError> {
        let timeouts = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(Redis::CONNECT_TIMEOUT))
            .set_response_timeout(Some(Redis::COMMAND_TIMEOUT));
        let manager = deadpool_redis::Manager::new_with_config(redis.client().get_connection_info().clone(), timeouts)
            .map_err(|error| deadpool_redis::CreatePoolError::Config(deadpool_redis::ConfigError::Redis(error)))?;
        let pool = Pool::builder(manager)
            .max_size(1)
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(deadpool_redis::CreatePoolError::Build)?;
        let order = Control::SyncRequired {
            instance: instance.to_owned(),
            reason: SyncReason::Overflow,
        };
        let (control, sync_required) = (redis.keys().control(), order.encode());
        Ok(Self {
            shared,
            queue,
            pool,
            link: None,
            control,
            sync_required,
            lost: false,
        })
    }

    /// Runs until shutdown, then publishes what still waits if Redis takes it at once.
    pub async fn run(mut self, shutdown: CancellationToken) {
        let mut batch = Vec::with_capacity(BATCH);
        // Also notices a dead link before the next message needs it, and keeps those between us and Redis from cutting an idle one.
        let mut echo = interval(echo::PERIOD);
        echo.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            if !self.lost {
                tokio::select! {
                    count = self.queue.recv_many(&mut batch, BATCH) => if count == 0 { return },
                    _ = echo.tick() => {
                        self.shared.say_echo();
                        continue;
                    }
                    () = shutdown.cancelled() => {
                        self.queue.close();
                        if self.queue.recv_many(&mut batch, BATCH).await == 0 { return }
                    }
                }
            }
            while let Err(error) = self.publish(&batch).await {
                // Only a link that was there can have sent some of it. Sending that again could double, leaving it out could
                // lose: neither matters once everybody syncs, which they are told as soon as the link is back.
                let attempted = self.link.take().map(Connection::take).is_some();
                if attempted {
                    tracing::warn!(%error, "bus publisher lost its link");
                    self.shared.metrics.interrupted("publisher");
                    self.lost |= batch
                        .iter()
                        .any(|publication| !self.shared.echo.is_on(&publication.channel));
                    batch.clear();
                }
                if shutdown.is_cancelled() {
                    return;
                }
                tokio::time::sleep(RETRY).await;
            }
            batch.clear();
        }
    }

    /// Sends a batch, and the order to sync where something was lost.
    async fn publish(&mut self, batch: &[Publication]) -> Result<(), PublishError> {
        let link = match &mut self.link {
            Some(link) => link,
            none => none.insert(self.pool.get().await?),
        };
        let lost = self.lost | self.shared.overflowed.swap(false, Ordering::AcqRel);
        // Kept until it has gone out: this attempt may fail too.
        self.lost = lost;
        if batch.is_empty() && !lost {
            return Ok(());
        }
        let mut pipeline = redis::pipe();
        for publication in batch {
            pipeline
                .publish(publication.channel.as_str(), &publication.payload[..])
                .ignore();
        }
        if lost {
            pipeline
                .publish(self.control.as_str(), self.sync_required.as_str())
                .ignore();
        }
        let metrics = &self.shared.metrics;
        metrics.queued.set(i64::try_from(self.queue.len()).unwrap_or(i64::MAX));
        let since = Instant::now();
        pipeline.query_async::<()>(link).await?;
        metrics.publish_seconds.observe(since.elapsed().as_secs_f64());
        metrics.published.inc_by(batch.len() as u64);
        self.lost = false;
        Ok(())
    }
}
