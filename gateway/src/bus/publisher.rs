//! The publisher connection: everything this instance publishes, in order, many in one round trip.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use deadpool_redis::{Connection, Pool, Runtime};
use redis::AsyncConnectionConfig;
use shared_protocol::bus::{Control, SyncReason};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{Publication, Shared};
use crate::db::Redis;

/// Publications in one round trip.
const BATCH: usize = 512;
const RETRY: Duration = Duration::from_millis(100);

/// The driver of the publisher connection.
pub struct Publisher {
    shared: Arc<Shared>,
    queue: mpsc::Receiver<Publication>,
    pool: Pool,
    control: String,
    sync_required: String,
    lost: bool,
}

impl std::fmt::Debug for Publisher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Publisher")
            .field("lost", &self.lost)
            .finish_non_exhaustive()
    }
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
        let sync_required = Control::SyncRequired {
            instance: instance.to_owned(),
            reason: SyncReason::Overflow,
        }
        .encode();
        Ok(Self {
            shared,
            queue,
            pool,
            control: redis.keys().control(),
            sync_required,
            lost: false,
        })
    }

    /// Runs until shutdown, then publishes what still waits if Redis takes it at once.
    pub async fn run(mut self, shutdown: CancellationToken) {
        let mut held: Option<Connection> = None;
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            tokio::select! {
                count = self.queue.recv_many(&mut batch, BATCH) => if count == 0 { return },
                () = shutdown.cancelled() => {
                    self.queue.close();
                    if self.queue.recv_many(&mut batch, BATCH).await == 0 { return }
                }
            }
            loop {
                match self.publish(&mut held, &batch).await {
                    Ok(()) => break,
                    Err(error) => {
                        if !self.lost {
                            tracing::warn!(%error, "bus publisher lost its link");
                        }
                        let attempted = held.is_some();
                        // A broken connection must not go back to the pool.
                        if let Some(connection) = held.take() {
                            drop(Connection::take(connection));
                        }
                        if attempted {
                            // Some of it may have gone out: sending it again could double, dropping it could lose. Neither
                            // matters once everybody syncs.
                            self.lost = true;
                            batch.clear();
                            break;
                        }
                        if shutdown.is_cancelled() {
                            return;
                        }
                        tokio::time::sleep(RETRY).await;
                    }
                }
            }
            batch.clear();
        }
    }

    async fn publish(&mut self, held: &mut Option<Connection>, batch: &[Publication]) -> Result<(), PublishError> {
        if held.is_none() {
            *held = Some(self.pool.get().await?);
        }
        let Some(connection) = held else { return Ok(()) };
        let mut pipeline = redis::pipe();
        for publication in batch {
            pipeline
                .publish(publication.channel.as_str(), &publication.payload[..])
                .ignore();
        }
        let overflowed = self.shared.overflowed.swap(false, Ordering::AcqRel);
        let lost = std::mem::take(&mut self.lost) || overflowed;
        if lost {
            pipeline
                .publish(self.control.as_str(), self.sync_required.as_str())
                .ignore();
        }
        let outcome: Result<(), redis::RedisError> = pipeline.query_async(connection).await;
        if outcome.is_err() {
            self.lost |= lost;
        }
        Ok(outcome?)
    }
}

#[derive(Debug, thiserror::Error)]
enum PublishError {
    #[error(transparent)]
    Redis(#[from] redis::RedisError),
    #[error(transparent)]
    Pool(#[from] deadpool_redis::PoolError),
}
