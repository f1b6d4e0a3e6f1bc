//! Postgres: `DATABASE_URL`, `REALTIME_DB_POOL`.

use super::Secret;

/// See the module.
#[derive(Clone, Debug)]
pub struct PostgresConfig {
    /// `postgres://…`, password included.
    pub url: Secret,
    /// Connections of this instance.
    pub pool: usize,
}
