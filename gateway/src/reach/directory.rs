//! Who there is: facts of the existing API, or of who has connected, through the view `"ChatDirectory"`.

use std::sync::Arc;
use std::time::Duration;

use shared_protocol::events::{Realm, Timestamp, User, UserId};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::cache::{Cache, FRESH, STALE};
use super::seen::{SeenQueue, Sighting};
use super::store;
use crate::db::{PgError, Postgres};

/// How long to wait before what could not be written is tried again.
const RETRY: Duration = Duration::from_millis(500);
/// How long to wait for the directory when an older answer would do too.
const IMPATIENT: Duration = Duration::from_millis(500);

/// Somebody in the directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The person.
    pub user: User,
    /// Where they live.
    pub realm: Realm,
}

/// Looks users up, with a memory of 60 s (10 minutes while Postgres is away). Cheap to clone.
#[derive(Clone)]
pub struct Directory {
    pub(super) postgres: Postgres,
    cache: Arc<Cache>,
    queue: Arc<SeenQueue>,
}

/// Writes down who was seen. One a [`Directory`]; [`Self::run`] drives it.
pub struct DirectoryWriter {
    postgres: Postgres,
    queue: Arc<SeenQueue>,
}

impl Directory {
    /// A directory, and the driver that writes down whom it is told about.
    pub fn new(postgres: Postgres) -> (Self, DirectoryWriter) {
        let queue = Arc::<SeenQueue>::default();
        let writer = DirectoryWriter {
            postgres: postgres.clone(),
            queue: Arc::clone(&queue),
        };
        let directory = Self {
            postgres,
            cache: Arc::default(),
            queue,
        };
        (directory, writer)
    }

    /// Everybody with that id, most lately seen first: nobody, one person, or (an id that several tenants gave out) more.
    pub async fn find(&self, id: &UserId) -> Result<Arc<[Found]>, PgError> {
        self.look_up(id).await.map(|(found, _)| found)
    }

    /// Where somebody lives, for a verdict. Memory may say yes and never no: a refusal out of memory would come sooner than one
    /// about nobody, of whom nothing is remembered, and would come at all while Postgres is away.
    pub(super) async fn homes(&self, id: &UserId, suffice: impl Fn(&[Realm]) -> bool) -> Result<Vec<Realm>, PgError> {
        let (found, is_remembered) = self.look_up(id).await?;
        let homes = realms(&found);
        if is_remembered && !suffice(&homes) {
            return Ok(realms(&self.ask(id).await?));
        }
        Ok(homes)
    }

    /// What is known, and whether it was known before.
    async fn look_up(&self, id: &UserId) -> Result<(Arc<[Found]>, bool), PgError> {
        let (known, epoch) = self.cache.get(id);
        let usable = known.filter(|known| known.age.is_none_or(|age| age < STALE));
        match usable {
            Some(known) if known.age.is_some_and(|age| age < FRESH) => Ok((known.found, true)),
            // Nothing is gained by asking again a moment after a failure, and the caller's socket waits meanwhile.
            Some(known) if self.postgres.is_away() => Ok((known.found, true)),
            Some(known) => match store::find(&self.postgres, id, IMPATIENT).await {
                Ok(rows) => Ok((self.cache.put(id, rows, epoch), false)),
                Err(error) if error.is_outage() => Ok((known.found, true)),
                Err(error) => Err(error),
            },
            None => self.ask(id).await.map(|found| (found, false)),
        }
    }

    async fn ask(&self, id: &UserId) -> Result<Arc<[Found]>, PgError> {
        if self.postgres.is_away() {
            return Err(PgError::Timeout);
        }
        let (_, epoch) = self.cache.get(id);
        let rows = store::find(&self.postgres, id, Postgres::QUICK).await?;
        Ok(self.cache.put(id, rows, epoch))
    }

    /// Notes that a user has connected, and waits until everybody can find them: whoever sees them online may write to them at
    /// once, on any instance. Bounded; while Postgres is away nobody waits. Free for whom this instance has seen lately.
    pub async fn introduce(&self, user: &UserId, realm: &Realm, name: Option<&str>, at: Timestamp) {
        let written = self.saw(user, realm, name, at);
        if let Some(written) = written.filter(|_| !self.postgres.is_away()) {
            // The error is the waiter being dropped: written, or given up.
            let _ = tokio::time::timeout(Postgres::QUICK, written).await;
        }
    }

    /// Notes that a user has connected: findable here at once, everywhere when the next batch is written, which closes the
    /// receiver. `None`: this instance has seen them lately.
    pub(super) fn saw(
        &self,
        user: &UserId,
        realm: &Realm,
        name: Option<&str>,
        at: Timestamp,
    ) -> Option<oneshot::Receiver<()>> {
        let news = self.cache.saw(Found {
            user: User {
                id: user.clone(),
                tenant_id: realm.tenant().cloned(),
                name: name.map(str::to_owned),
                kind: realm.kind(),
                last_seen_at: Some(at),
            },
            realm: realm.clone(),
        });
        let (waiter, written) = oneshot::channel();
        news.then(|| {
            let sighting = Sighting {
                name: name.map(str::to_owned),
                at,
                is_here: true,
                waiters: vec![waiter],
            };
            self.note(user, realm, sighting);
        })?;
        Some(written)
    }

    /// Takes a witness's word that a user lives there: presence knows of a newcomer before the directory does, when that is
    /// slow. Only remembered, not written down: the instance that the newcomer came to does that.
    pub fn heard_of(&self, user: &UserId, realm: &Realm) {
        self.cache.saw(Found {
            user: User {
                id: user.clone(),
                tenant_id: realm.tenant().cloned(),
                name: None,
                kind: realm.kind(),
                last_seen_at: None,
            },
            realm: realm.clone(),
        });
    }

    /// Notes when a user went offline. Waits for nothing.
    pub fn last_seen(&self, user: &UserId, realm: &Realm, at: Timestamp) {
        let sighting = Sighting {
            name: None,
            at,
            is_here: false,
            waiters: Vec::new(),
        };
        self.note(user, realm, sighting);
    }

    /// Notes that a session says that a user has left a realm for another: there, nobody of that name is to be found.
    pub fn moved_out(&self, user: &UserId, from: &Realm) {
        self.queue.move_out(from, user);
        self.forget(user);
    }

    /// Drops what is remembered about a user: they moved to another tenant, on whatever instance that was noticed.
    pub fn forget(&self, user: &UserId) {
        self.cache.forget(user);
    }

    /// The same, and drops what waits to be written down: they were erased.
    pub fn erase(&self, user: &UserId) {
        self.queue.forget(user);
        self.forget(user);
    }

    fn note(&self, user: &UserId, realm: &Realm, sighting: Sighting) {
        if !self.queue.note(realm, user, sighting) {
            tracing::debug!(user.id = %user, "too many users wait to be written down; this one is left out");
        }
    }
}

fn realms(found: &[Found]) -> Vec<Realm> {
    found.iter().map(|found| found.realm.clone()).collect()
}

impl DirectoryWriter {
    /// Writes batches by nature: while one is written the next one collects. Ends when told to, after a last try.
    pub async fn run(self, stop: CancellationToken) {
        loop {
            let stopping = stop.is_cancelled();
            if !self.write_moves().await {
                if stopping {
                    return;
                }
                tokio::select! {
                    () = tokio::time::sleep(RETRY) => {}
                    () = stop.cancelled() => {}
                }
                continue;
            }
            let batch = self.queue.take();
            if batch.is_empty() {
                if stopping {
                    return;
                }
                tokio::select! {
                    () = self.queue.arrived() => {}
                    () = stop.cancelled() => {}
                }
                continue;
            }
            match store::upsert_seen(&self.postgres, &batch).await {
                Ok(()) => {}
                Err(error) if error.is_outage() => {
                    if stopping {
                        return;
                    }
                    self.queue.put_back(batch);
                    tokio::select! {
                        () = tokio::time::sleep(RETRY) => {}
                        () = stop.cancelled() => {}
                    }
                }
                // Sightings are worth no second try against a server that does not like them: the next connect brings them again.
                Err(error) => tracing::error!(%error, users = batch.len(), "users seen could not be written down"),
            }
        }
    }

    /// Lets go of who has moved out. `false`: Postgres is away, and it is to be tried again.
    async fn write_moves(&self) -> bool {
        let moves = self.queue.take_moves();
        if moves.is_empty() {
            return true;
        }
        match store::move_out(&self.postgres, &moves).await {
            Ok(()) => true,
            Err(error) if error.is_outage() => {
                self.queue.put_back_moves(moves);
                false
            }
            // As with sightings: what Postgres does not like must not hold up those who come.
            Err(error) => {
                tracing::error!(%error, users = moves.len(), "users who have moved are still in the directory");
                true
            }
        }
    }
}
