//! Brings the tables up to date: `realtime-gateway migrate`.
//!
//! diesel's migrations run on a blocking connection, which must not be driven from an async worker: they get a thread of
//! their own. Only that connection has a search path, so that diesel's bookkeeping table lies in our schema too.

use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use diesel::migration::{Migration, MigrationSource};
use diesel::pg::Pg;
use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl as _};
use diesel_async::AsyncPgConnection;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness as _, embed_migrations};

use super::TlsError;
use super::postgres::{PgError, Postgres, Server};
use crate::config::PostgresConfig;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../migrations");

/// Several replicas may start `migrate` at once: one works, the others wait for it and then find nothing to do. The number is
/// arbitrary and ours ("realtime" on a phone's keys); advisory locks are shared with whatever else uses the database.
const LOCK: &str = "set lock_timeout = '60s'; select pg_advisory_lock(73258463)";

/// Why the tables are not up to date.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// No connection.
    #[error("postgres cannot be reached: {0}")]
    Connect(#[from] diesel::ConnectionError),
    /// No connection within [`CONNECT_TIMEOUT`].
    #[error("postgres cannot be reached: no answer within {} s", CONNECT_TIMEOUT.as_secs())]
    ConnectTimeout,
    /// The address asks for a proof that cannot be had.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// A migration, or the bookkeeping, failed; what ran before it stays.
    #[error("a migration failed: {0}")]
    Run(String),
}

/// What `migrate` did, or would do.
#[derive(Debug, PartialEq, Eq)]
pub struct Migrated {
    /// Versions that were pending; applied by now, unless it was only a check.
    pub versions: Vec<String>,
}

type Blocking = AsyncConnectionWrapper<AsyncPgConnection>;

/// Applies what is pending, or with `check_only` only tells. Needs a Tokio runtime with I/O and time.
pub async fn migrate(config: &PostgresConfig, check_only: bool) -> Result<Migrated, MigrateError> {
    let connection = open(config).await?;
    on_own_thread(move || {
        let mut connection = Blocking::from(connection);
        if check_only {
            // Read only: a role without rights to create anything must be able to check.
            let applied = applied_versions(&mut connection).map_err(|error| MigrateError::Run(error.to_string()))?;
            return Ok(Migrated {
                versions: known_versions()?
                    .into_iter()
                    .filter(|version| !applied.contains(version))
                    .collect(),
            });
        }
        prepare(&mut connection)?;
        let applied = connection
            .run_pending_migrations(MIGRATIONS)
            .map_err(|error| MigrateError::Run(error.to_string()))?;
        Ok(Migrated {
            versions: applied.iter().map(ToString::to_string).collect(),
        })
    })
    .await
}

/// Undoes everything, newest first. For tests of `down.sql`; no command offers it.
#[cfg(test)]
pub(crate) async fn revert_all(config: &PostgresConfig) -> Result<(), MigrateError> {
    let connection = open(config).await?;
    on_own_thread(move || {
        let mut connection = Blocking::from(connection);
        prepare(&mut connection)?;
        connection
            .revert_all_migrations(MIGRATIONS)
            .map_err(|error| MigrateError::Run(error.to_string()))?;
        Ok(())
    })
    .await
}

impl Postgres {
    /// Versions that this binary knows and the database does not: not ready until there are none.
    pub async fn pending(&self) -> Result<Vec<String>, PgError> {
        let applied: Vec<Version> = match self.load(Self::QUICK, diesel::sql_query(APPLIED)).await {
            Ok(applied) => applied,
            // No bookkeeping table yet: to_regclass would need a second round trip for a case that happens once.
            Err(PgError::Refused(_)) => Vec::new(),
            Err(outage) => return Err(outage),
        };
        let known = known_versions().map_err(|error| PgError::Unreachable(error.to_string()))?;
        Ok(known
            .into_iter()
            .filter(|version| !applied.iter().any(|row| row.version == *version))
            .collect())
    }
}

const APPLIED: &str = "select version::text as version from realtime.__diesel_schema_migrations";

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = Text)]
    version: String,
}

async fn open(config: &PostgresConfig) -> Result<AsyncPgConnection, MigrateError> {
    let server = Server::new(config)?;
    let connection = tokio::time::timeout(CONNECT_TIMEOUT, server.connect())
        .await
        .map_err(|_| MigrateError::ConnectTimeout)??;
    Ok(connection)
}

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

fn prepare(connection: &mut Blocking) -> Result<(), MigrateError> {
    for step in [
        LOCK,
        // Not `if not exists` alone: that asks for the right to create schemas even where an operator made it beforehand.
        "do $$ begin if to_regnamespace('realtime') is null then create schema realtime; end if; end $$",
        "set search_path = realtime",
    ] {
        connection
            .batch_execute(step)
            .map_err(|error| MigrateError::Run(error.to_string()))?;
    }
    Ok(())
}

fn applied_versions(connection: &mut Blocking) -> Result<Vec<String>, diesel::result::Error> {
    let there: Vec<Version> =
        diesel::sql_query("select coalesce(to_regclass('realtime.__diesel_schema_migrations')::text, '') as version")
            .load(connection)?;
    if there.iter().all(|row| row.version.is_empty()) {
        return Ok(Vec::new());
    }
    let rows: Vec<Version> = diesel::sql_query(APPLIED).load(connection)?;
    Ok(rows.into_iter().map(|row| row.version).collect())
}

fn known_versions() -> Result<Vec<String>, MigrateError> {
    let migrations: Vec<Box<dyn Migration<Pg>>> =
        MigrationSource::<Pg>::migrations(&MIGRATIONS).map_err(|error| MigrateError::Run(error.to_string()))?;
    let mut versions: Vec<String> = migrations
        .iter()
        .map(|migration| migration.name().version().to_string())
        .collect();
    versions.sort();
    Ok(versions)
}

async fn on_own_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, MigrateError> + Send + 'static,
) -> Result<T, MigrateError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| MigrateError::Run(error.to_string()))?
}

#[cfg(test)]
#[path = "migrations_tests.rs"]
mod tests;
