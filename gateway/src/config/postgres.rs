//! Postgres.

use super::Secret;
use super::reader::Reader;
use super::setting::{Section, Setting};

const URL: Setting = Setting::new(
    "DATABASE_URL",
    "postgres://gateway:password@db:5432/app",
    "Postgres; sslmode is honoured. The gateway's tables live in the schema realtime.",
)
.or_else("required")
.address();
const POOL: Setting = Setting::new(
    "REALTIME_DB_POOL",
    "8",
    "Connections of one instance. Low: history and search wait; high: instances times this must stay below Postgres' max_connections.",
)
.or("8")
.within(1, 100);

pub(super) const SECTION: Section = Section {
    title: "Postgres",
    settings: &[URL, POOL],
};

/// See the module.
#[derive(Clone, Debug)]
pub struct PostgresConfig {
    /// `postgres://…`, password included.
    pub url: Secret,
    /// Connections of this instance. Default 8. Low: history and search wait; high: Postgres' own limit.
    pub pool: usize,
}

impl PostgresConfig {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let url = reader.required(&URL, "").unwrap_or_default();
        let sound = url
            .strip_prefix("postgres://")
            .or_else(|| url.strip_prefix("postgresql://"))
            .is_some_and(|rest| !rest.is_empty() && !rest.contains(char::is_whitespace));
        if !url.is_empty() && !sound {
            reader.fault(&URL, "is no postgres:// address");
        }
        Self {
            url: Secret::new(url),
            pool: reader.size(&POOL),
        }
    }
}
