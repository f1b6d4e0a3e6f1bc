//! The Postgres pool: every wait is bounded, and what hangs is thrown away instead of used again.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use diesel::result::{ConnectionError, DatabaseErrorKind, Error as QueryError};
use diesel_async::methods::{ExecuteDsl, LoadQuery};
use diesel_async::pooled_connection::deadpool::{Object, Pool};
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _, SimpleAsyncConnection as _};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::time::{Instant, timeout};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::tls::{self, TlsError};
use crate::config::{PostgresConfig, Secret};

/// What every connection is told first. UTC, since a `timestamp` column of the API's would otherwise follow the session's zone;
/// the statement's own limit, so that Postgres does not go on with what nobody waits for; plans made afresh, since one cached
/// while a table was empty scans it for ever; READ COMMITTED, which the batch writer is built on, whatever the server's default.
const SETUP: &str = "set time zone 'UTC'; set statement_timeout = '4s'; set plan_cache_mode = force_custom_plan; \
                     set jit = off; set default_transaction_isolation = 'read committed'; \
                     set application_name = 'realtime-gateway'";

/// What Postgres says of a prepared statement whose result has changed its type (SQLSTATE 0A000, which diesel does not hand on).
const PLAN_OUTDATED: &str = "cached plan must not change result type";

/// After a failure, for how long [`Postgres::is_away`] says so without asking again.
const AWAY_FOR: Duration = Duration::from_secs(1);

/// Why Postgres gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum PgError {
    /// No connection, or it broke.
    #[error("postgres cannot be reached: {0}")]
    Unreachable(String),
    /// No answer in time.
    #[error("postgres did not answer in time")]
    Timeout,
    /// An answer, but a bad one.
    #[error("postgres refused: {0}")]
    Refused(#[source] QueryError),
}

impl PgError {
    /// Whether the store is away, as against a statement that it did not like.
    pub fn is_outage(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::Timeout => true,
            Self::Refused(_) => false,
        }
    }
}

impl From<QueryError> for PgError {
    fn from(error: QueryError) -> Self {
        match &error {
            QueryError::DatabaseError(
                DatabaseErrorKind::UnableToSendCommand
                | DatabaseErrorKind::ClosedConnection
                // A standby after a failover: it will be another server's turn in a moment.
                | DatabaseErrorKind::ReadOnlyTransaction,
                _,
            )
            | QueryError::BrokenTransactionManager => Self::Unreachable(error.to_string()),
            // A column has another type than when the statement was prepared, and will have on this connection.
            QueryError::DatabaseError(DatabaseErrorKind::Unknown, info) if info.message() == PLAN_OUTDATED => {
                Self::Unreachable(error.to_string())
            }
            _ => Self::Refused(error),
        }
    }
}

/// Connections to Postgres. Cheap to clone.
#[derive(Clone)]
pub struct Postgres {
    pool: Pool<AsyncPgConnection>,
    server: Arc<Server>,
    answers: Arc<Mutex<Answers>>,
}

/// Where connections lead, and what must be proven on the way.
pub(super) struct Server {
    url: Secret,
    tls: MakeRustlsConnect,
}

impl Server {
    pub(super) fn new(config: &PostgresConfig) -> Result<Self, TlsError> {
        Ok(Self {
            url: config.url.clone(),
            tls: tls::connector(config)?,
        })
    }

    /// Opens a connection. How long that may take is the caller's to bound.
    pub(super) async fn connect(&self) -> Result<AsyncPgConnection, ConnectionError> {
        let (client, connection) = tokio_postgres::connect(self.url.reveal(), self.tls.clone())
            .await
            .map_err(|error| ConnectionError::BadConnection(reason(&error)))?;
        AsyncPgConnection::try_from_client_and_connection(client, connection).await
    }

    async fn connect_set_up(&self) -> Result<AsyncPgConnection, ConnectionError> {
        let mut connection = self.connect().await?;
        connection
            .batch_execute(SETUP)
            .await
            .map_err(ConnectionError::CouldntSetupConfiguration)?;
        Ok(connection)
    }
}

/// What the driver says, and why: alone it only says that connecting failed.
fn reason(error: &tokio_postgres::Error) -> String {
    match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

/// When Postgres last gave an answer, and when it last gave none.
#[derive(Clone, Copy, Debug, Default)]
struct Answers {
    answered_at: Option<Instant>,
    failed_at: Option<Instant>,
}

impl Postgres {
    /// How long one read may take, from asking for a connection to the last row. What comes before it (a look into the
    /// directory, [`Self::QUICK`]) is counted in: together they stay below the 5 s after which a client must have its answer.
    pub const TIMEOUT: Duration = Duration::from_secs(3);
    /// The same for look-ups on the way to something else.
    pub const QUICK: Duration = Duration::from_millis(1_500);

    /// Prepares the pool without opening a connection: the gateway starts while Postgres is down.
    ///
    /// One of the connections of the setting is the batch writer's own ([`Self::dedicated`]), so that a storm of reads cannot
    /// hold messages up.
    pub fn new(config: &PostgresConfig) -> Result<Self, PgError> {
        let server = Arc::new(Server::new(config).map_err(|error| PgError::Unreachable(error.to_string()))?);
        let mut manager = ManagerConfig::default();
        manager.recycling_method = RecyclingMethod::Fast;
        let opened = Arc::clone(&server);
        manager.custom_setup = Box::new(move |_| {
            let server = Arc::clone(&opened);
            async move { server.connect_set_up().await }.boxed()
        });
        let manager = AsyncDieselConnectionManager::<AsyncPgConnection>::new_with_config("", manager);
        let pool = Pool::builder(manager)
            .max_size(config.pool.saturating_sub(1).max(1))
            .build()
            .map_err(|error| PgError::Unreachable(error.to_string()))?;
        Ok(Self {
            pool,
            server,
            answers: Arc::default(),
        })
    }

    /// Runs one statement and takes its rows. Boxed: a statement that borrows would otherwise spread its lifetimes into every
    /// future that waits for it, and rustc then cannot tell that those are `Send`.
    pub fn load<'a, 'query, Q, U>(&'a self, limit: Duration, query: Q) -> BoxFuture<'a, Result<Vec<U>, PgError>>
    where
        'query: 'a,
        U: Send + 'a,
        Q: LoadQuery<'query, AsyncPgConnection, U> + Send + 'query,
    {
        self.within(limit, async {
            let mut lease = self.lease().await?;
            let result = query.load(lease.connection()?).await;
            lease.settle(result).await
        })
        .boxed()
    }

    /// Runs one statement for its effect.
    pub fn execute<'a, 'query, Q>(&'a self, limit: Duration, query: Q) -> BoxFuture<'a, Result<usize, PgError>>
    where
        'query: 'a,
        Q: ExecuteDsl<AsyncPgConnection> + Send + 'query,
    {
        self.within(limit, async {
            let mut lease = self.lease().await?;
            let result = query.execute(lease.connection()?).await;
            lease.settle(result).await
        })
        .boxed()
    }

    /// Asks for an answer, any answer: for readiness.
    pub async fn ping(&self) -> Result<(), PgError> {
        self.within(Self::QUICK, async {
            let mut lease = self.lease().await?;
            let connection = lease.connection()?;
            let result = connection.batch_execute("select 1").await;
            lease.settle(result).await
        })
        .await
    }

    /// A connection outside the pool, for one task that needs one all the time.
    pub async fn dedicated(&self) -> Result<AsyncPgConnection, PgError> {
        self.server
            .connect_set_up()
            .await
            .map_err(|error| PgError::Unreachable(error.to_string()))
    }

    /// Whether nothing was to be had a moment ago, neither a connection nor an answer, and nothing has come since: those who can do
    /// without need not wait for the next failure.
    pub fn is_away(&self) -> bool {
        let Answers { answered_at, failed_at } = *self.answers();
        failed_at.is_some_and(|at| at.elapsed() < AWAY_FOR && answered_at.is_none_or(|answered| answered < at))
    }

    async fn lease(&self) -> Result<Lease, PgError> {
        let connection = self.pool.get().await.map_err(|error| {
            self.is_out();
            PgError::Unreachable(error.to_string())
        })?;
        Ok(Lease(Some(connection)))
    }

    async fn within<T>(&self, limit: Duration, work: impl Future<Output = Result<T, PgError>>) -> Result<T, PgError> {
        let begun_at = Instant::now();
        let result = timeout(limit, work).await.unwrap_or(Err(PgError::Timeout));
        match &result {
            Ok(_) | Err(PgError::Refused(_)) => self.answers().answered_at = Some(Instant::now()),
            Err(PgError::Unreachable(_)) => self.forget_idle(),
            // One slow statement among others that are answered is no outage.
            Err(PgError::Timeout) if self.answers().answered_at.is_some_and(|at| at > begun_at) => {}
            Err(PgError::Timeout) => self.is_out(),
        }
        result
    }

    fn is_out(&self) {
        self.answers().failed_at = Some(Instant::now());
        self.forget_idle();
    }

    /// What idles in the pool has most likely died with the one that broke or hangs. Each such connection would cost a later caller
    /// its whole limit.
    fn forget_idle(&self) {
        self.pool.retain(|_, _| false);
    }

    fn answers(&self) -> MutexGuard<'_, Answers> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection on loan. Dropped in the middle of a statement (the caller's time was up) it is closed: behind a hanging server
/// the next statement would only queue up after the one that hangs.
struct Lease(Option<Object<AsyncPgConnection>>);

impl Lease {
    fn connection(&mut self) -> Result<&mut AsyncPgConnection, PgError> {
        self.0.as_deref_mut().ok_or(PgError::Timeout)
    }

    /// Gives the connection back, unless the statement's outcome says that it is broken.
    ///
    /// A server that is shut down ends each session with an error of its own, which looks like any refusal; but then it closes the
    /// connection, and a refusal leaves it.
    async fn settle<T>(mut self, result: Result<T, QueryError>) -> Result<T, PgError> {
        let result = result.map_err(PgError::from);
        match &result {
            Err(error) if error.is_outage() => return result,
            Err(error) => {
                let text = error.to_string();
                if self.connection()?.batch_execute("select 1").await.is_err() {
                    return Err(PgError::Unreachable(text));
                }
            }
            Ok(_) => {}
        }
        self.0 = None;
        result
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(connection) = self.0.take() {
            drop(Object::take(connection));
        }
    }
}

#[cfg(test)]
#[path = "postgres_tests.rs"]
mod tests;
