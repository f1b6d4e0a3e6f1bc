//! Settings: one struct a section, read once at start through a lookup function, never from elsewhere.

mod engine;
mod limits;
mod listen;
mod log;
mod postgres;
mod presence;
mod redis;
mod secret;
mod session;

pub use engine::EngineConfig;
pub use limits::{LimitsConfig, Rate};
pub use listen::ListenConfig;
pub use log::{LogConfig, LogFormat};
pub use postgres::PostgresConfig;
pub use presence::PresenceConfig;
pub use redis::RedisConfig;
pub use secret::Secret;
pub use session::{JwtConfig, SessionConfig, SessionFormat};

/// Everything that an operator can set.
#[derive(Clone, Debug)]
pub struct Config {
    /// Listeners, mount point, origins, proxies, peers.
    pub listen: ListenConfig,
    /// Redis.
    pub redis: RedisConfig,
    /// Postgres.
    pub postgres: PostgresConfig,
    /// The API's login sessions.
    pub session: SessionConfig,
    /// Engine.IO timing and sizes.
    pub engine: EngineConfig,
    /// Presence timing and bounds.
    pub presence: PresenceConfig,
    /// Budgets and caps.
    pub limits: LimitsConfig,
    /// Logs.
    pub log: LogConfig,
}
