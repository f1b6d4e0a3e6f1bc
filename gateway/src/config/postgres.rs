//! Postgres.

use super::database_url::{DatabaseUrl, PostgresTls};
use super::reader::Reader;
use super::secret::Secret;
use super::setting::{Section, Setting};

const URL: Setting = Setting::new(
    "DATABASE_URL",
    "postgres://gateway:password@db:5432/app",
    "Postgres. sslmode and sslrootcert mean what they mean to libpq, but that without sslrootcert the system's authorities are \
     trusted (SSL_CERT_FILE names others). The gateway's tables live in the schema realtime.",
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
    /// `postgres://…` as the driver takes it, password included.
    pub url: Secret,
    /// What the server's certificate must prove.
    pub tls: PostgresTls,
    /// The authorities that are trusted, as PEM; none: the system's.
    pub authorities: Option<String>,
    /// Connections of this instance. Default 8. Low: history and search wait; high: Postgres' own limit.
    pub pool: usize,
}

impl PostgresConfig {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let text = reader.required(&URL, "").unwrap_or_default();
        let mut config = Self::plain(String::new(), reader.size(&POOL));
        if text.is_empty() {
            return config;
        }
        match DatabaseUrl::parse(&text) {
            Ok(parsed) => {
                config.url = Secret::new(parsed.url);
                config.tls = parsed.tls;
                config.authorities = parsed.authorities.and_then(|path| reader.content(&URL, &path));
            }
            Err(fault) => reader.fault(&URL, fault),
        }
        config
    }

    /// A server whose certificate, should it have one, proves nothing.
    pub fn plain(url: impl Into<String>, pool: usize) -> Self {
        Self {
            url: Secret::new(url),
            tls: PostgresTls::default(),
            authorities: None,
            pool,
        }
    }
}
