//! Settings: one struct a section, read once at start through a lookup function, never from elsewhere.

mod address;
mod database_url;
mod engine;
mod fault;
mod jwt;
mod limits;
mod listen;
mod log;
mod peer_key;
mod postgres;
mod presence;
mod reader;
mod redis;
pub mod reference;
mod secret;
#[cfg(test)]
mod secret_tests;
mod session;
mod setting;
mod summary;
#[cfg(test)]
mod tests;
mod unknown;

use std::collections::HashMap;
use std::io::{self, IsTerminal as _};
use std::path::Path;

pub use address::without_password;
pub use database_url::PostgresTls;
pub use engine::EngineConfig;
pub use fault::{Fault, Faults};
pub use jwt::JwtConfig;
pub use limits::{LimitsConfig, Rate};
pub use listen::ListenConfig;
pub use log::{LogConfig, LogFormat};
pub use peer_key::PeerKey;
pub use postgres::PostgresConfig;
pub use presence::PresenceConfig;
pub use redis::RedisConfig;
pub use secret::Secret;
pub use session::{SessionConfig, SessionFormat};
pub use setting::{Section, Setting, Visibility};
pub use summary::Summary;

use reader::Reader;

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
    /// What is in force, without secrets, to be shown.
    pub summary: Summary,
}

impl Config {
    /// Reads the settings: `lookup` finds a variable, `names` are all that are set (to find misspelled ones), `read_file`
    /// reads what a `…_FILE` variable names.
    pub fn from_lookup(
        lookup: impl Fn(&str) -> Option<String>,
        names: impl IntoIterator<Item = impl AsRef<str>>,
        read_file: impl Fn(&Path) -> io::Result<String>,
    ) -> Result<Self, Faults> {
        Self::read(&lookup, names, &read_file, false)
    }

    /// Reads the settings of this process; for main alone.
    pub fn from_env() -> Result<Self, Faults> {
        let variables: HashMap<String, String> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.to_string_lossy().into_owned())))
            .collect();
        let lookup = |name: &str| variables.get(name).cloned();
        let read_file = |path: &Path| std::fs::read_to_string(path);
        Self::read(&lookup, variables.keys(), &read_file, io::stderr().is_terminal())
    }

    fn read(
        lookup: reader::Lookup<'_>,
        names: impl IntoIterator<Item = impl AsRef<str>>,
        read_file: reader::ReadFile<'_>,
        on_terminal: bool,
    ) -> Result<Self, Faults> {
        let mut reader = Reader::new(lookup, read_file);
        let mut config = Self {
            listen: ListenConfig::read(&mut reader),
            redis: RedisConfig::read(&mut reader),
            postgres: PostgresConfig::read(&mut reader),
            session: SessionConfig::read(&mut reader),
            engine: EngineConfig::read(&mut reader),
            presence: PresenceConfig::read(&mut reader),
            limits: LimitsConfig::read(&mut reader),
            log: LogConfig::read(&mut reader, on_terminal),
            summary: Summary::default(),
        };
        if reader.faults.is_empty() {
            config.cross_check(&mut reader);
        }
        let mut unknown: Vec<Fault> = names
            .into_iter()
            .filter(|name| lookup(name.as_ref()).is_some_and(|text| !text.is_empty()))
            .filter_map(|name| unknown::fault(name.as_ref()))
            .collect();
        unknown.sort_by(|one, other| one.variable.cmp(&other.variable));
        reader.faults.extend(unknown);
        config.summary = reader.summary;
        if reader.faults.is_empty() {
            Ok(config)
        } else {
            Err(Faults(reader.faults))
        }
    }

    /// What no section can see alone. Only asked of sections that are sound in themselves.
    fn cross_check(&self, reader: &mut Reader<'_>) {
        if self.listen.advertise_url.is_some() && self.peer_keys().is_empty() {
            listen::peer_secret_missing(reader);
        }
        let (ours, sessions) = (&self.redis.prefix, &self.session.prefix);
        if ours.starts_with(sessions) || sessions.starts_with(ours) {
            redis::prefix_taken(reader);
        }
        if self.limits.body_max > self.engine.max_payload {
            limits::body_exceeds_payload(reader);
        }
    }
}
