//! One multiplexed Redis connection for commands, which reconnects by itself.
//!
//! Pub/sub has a connection of its own in `bus`: a subscriber that shares a command connection would make every
//! reconnect ambiguous.

use std::time::Duration;

use redis::IntoConnectionInfo as _;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};

use super::keys::Keys;
use crate::config::RedisConfig;

/// Why a command did not go through.
pub type RedisError = redis::RedisError;

/// Commands to Redis, and the keys to use in them. Cheap to clone.
#[derive(Clone)]
pub struct Redis {
    client: redis::Client,
    commands: ConnectionManager,
    keys: Keys,
}

impl Redis {
    /// How long a command may take. Longer than redis-rs' default of 500 ms, which refuses logins in a storm; well below the
    /// ping time-out, since a socket's handler may wait for it.
    pub const COMMAND_TIMEOUT: Duration = Duration::from_secs(2);
    /// How long a connection attempt may take.
    pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

    /// Prepares the connection without opening it: the gateway starts while Redis is down. Must run inside a Tokio runtime.
    pub fn new(config: &RedisConfig) -> Result<Self, RedisError> {
        let address = config.url.reveal().into_connection_info()?;
        // CLIENT SETINFO is one more right to give, and Redis 7.0's ACLs do not know it.
        let settings = address.redis_settings().clone().set_skip_set_lib_name();
        let client = redis::Client::open(address.set_redis_settings(settings))?;
        let manager = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(Self::CONNECT_TIMEOUT))
            .set_response_timeout(Some(Self::COMMAND_TIMEOUT))
            .set_number_of_retries(1)
            .set_max_delay(Duration::from_millis(500))
            .set_pipeline_buffer_size(4096);
        let commands = ConnectionManager::new_lazy_with_config(client.clone(), manager)?;
        Ok(Self {
            client,
            commands,
            keys: Keys::new(&config.prefix),
        })
    }

    /// A handle to the shared connection.
    pub fn commands(&self) -> ConnectionManager {
        self.commands.clone()
    }

    /// Whether Redis answers.
    pub async fn ping(&self) -> Result<(), RedisError> {
        redis::cmd("PING").query_async(&mut self.commands()).await
    }

    /// Publishes once, outside the bus: for commands that come and go.
    pub async fn publish(&self, channel: &str, text: &str) -> Result<(), RedisError> {
        redis::cmd("PUBLISH")
            .arg(channel)
            .arg(text)
            .query_async(&mut self.commands())
            .await
    }

    /// For a connection of one's own.
    pub fn client(&self) -> &redis::Client {
        &self.client
    }

    /// The installation's keys.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }
}
