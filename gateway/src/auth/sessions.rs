//! Looks sessions up in Redis, many at a time.
//!
//! Look-ups go through one driver: while one round trip is under way the next ones collect, so a storm of connects costs few
//! commands and a lone one waits for nothing. It takes the multiplexed connection, not a pool: nothing here holds state
//! on a connection, and a pool's checkout would be one more place to wait in a storm.

use std::time::Duration;

use redis::{Pipeline, Value, from_redis_value};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::error::{AuthError, SessionFault, Unavailable};
use super::principal::Pointers;
use super::session::{Moment, Session, parse};
use super::session_id::SessionId;
use crate::config::SessionConfig;
use crate::db::{Redis, RedisError};

/// Sessions of one round trip. Each costs two short commands; more of them would keep others waiting on the connection.
pub(super) const BATCH: usize = 256;
/// Look-ups that may wait. At Redis' pace these are done well within the time-out.
const WAITING_MAX: usize = 8192;
/// How long a look-up may take: its own round trip and the one it waited for.
const LOOKUP_TIMEOUT: Duration = Redis::COMMAND_TIMEOUT.saturating_mul(2);

/// What Redis says of a session id.
#[derive(Clone, Debug)]
pub enum Reading {
    /// It is there.
    Present(Session),
    /// It is there, but makes nobody known.
    Unusable(SessionFault),
    /// It is not there.
    Absent,
}

/// Asks for sessions. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Sessions {
    requests: mpsc::Sender<Request>,
}

/// Answers [`Sessions`]; also reads for the recheck.
#[derive(Clone)]
pub(super) struct Reader {
    redis: Redis,
    prefix: String,
    pointers: Pointers,
}

/// The driver behind [`Sessions`]: run it, or every look-up times out.
pub struct SessionReads {
    reader: Reader,
    requests: mpsc::Receiver<Request>,
}

#[derive(Debug)]
struct Request {
    session: SessionId,
    reply: oneshot::Sender<Result<Reading, Unavailable>>,
}

impl Sessions {
    /// The asking side and the driver that answers it.
    pub fn new(redis: Redis, config: &SessionConfig) -> (Self, SessionReads) {
        let (sender, requests) = mpsc::channel(WAITING_MAX);
        let reader = Reader::new(redis, config);
        (Self { requests: sender }, SessionReads { reader, requests })
    }

    /// What Redis says of a session now.
    pub async fn read(&self, session: &SessionId) -> Result<Reading, Unavailable> {
        let (reply, answer) = oneshot::channel();
        let request = Request {
            session: session.clone(),
            reply,
        };
        self.requests.try_send(request).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => Unavailable::Busy,
            mpsc::error::TrySendError::Closed(_) => Unavailable::Stopped,
        })?;
        match timeout(LOOKUP_TIMEOUT, answer).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(Unavailable::Stopped),
            Err(_) => Err(Unavailable::Busy),
        }
    }

    /// The session, or `None` when it makes nobody known.
    pub async fn lookup(&self, session: &SessionId) -> Result<Option<Session>, Unavailable> {
        match self.read(session).await? {
            Reading::Present(session) => Ok(Some(session)),
            Reading::Unusable(_) | Reading::Absent => Ok(None),
        }
    }

    /// The session, or why its bearer may not join.
    pub async fn find(&self, session: &SessionId) -> Result<Session, AuthError> {
        match self.read(session).await? {
            Reading::Present(session) => Ok(session),
            Reading::Unusable(fault) => Err(fault.into()),
            Reading::Absent => Err(AuthError::NoSuchSession),
        }
    }
}

impl SessionReads {
    /// Answers until the last [`Sessions`] is gone. May be dropped at any time: who waits is told that it has stopped.
    pub async fn run(mut self) {
        let mut waiting = Vec::with_capacity(BATCH);
        let mut was_down = false;
        while self.requests.recv_many(&mut waiting, BATCH).await > 0 {
            // Whose client has gone meanwhile costs no command.
            waiting.retain(|request| !request.reply.is_closed());
            let sessions: Vec<SessionId> = waiting.iter().map(|request| request.session.clone()).collect();
            let result = self.reader.read_all(&sessions).await;
            note_availability(&mut was_down, result.as_ref().err(), "session look-ups");
            match result {
                Ok(readings) => {
                    for (request, reading) in waiting.drain(..).zip(readings) {
                        note_fault(&reading);
                        let _ = request.reply.send(Ok(reading));
                    }
                }
                Err(error) => {
                    for request in waiting.drain(..) {
                        let _ = request.reply.send(Err(error.clone()));
                    }
                }
            }
        }
    }
}

impl Reader {
    pub(super) fn new(redis: Redis, config: &SessionConfig) -> Self {
        Self {
            redis,
            prefix: config.prefix.clone(),
            pointers: Pointers::new(config),
        }
    }

    pub(super) fn redis(&self) -> &Redis {
        &self.redis
    }

    /// Which run of the server this is; `None` when we may not ask, which is an ordinary ACL.
    pub(super) async fn run_id(&self) -> Result<Option<String>, Unavailable> {
        let mut commands = self.redis.commands();
        match redis::cmd("INFO")
            .arg("server")
            .query_async::<String>(&mut commands)
            .await
        {
            Ok(info) => Ok(info
                .lines()
                .find_map(|line| line.strip_prefix("run_id:"))
                .map(str::to_owned)),
            Err(error) if error.is_unrecoverable_error() || error.is_io_error() || error.is_timeout() => {
                Err(error.into())
            }
            Err(_) => Ok(None),
        }
    }

    /// Reads sessions in one round trip, in the order asked.
    pub(super) async fn read_all(&self, sessions: &[SessionId]) -> Result<Vec<Reading>, Unavailable> {
        if sessions.is_empty() {
            return Ok(Vec::new());
        }
        let keys: Vec<String> = sessions
            .iter()
            .map(|session| format!("{}{}", self.prefix, session.reveal()))
            .collect();
        // Taken before the question: an end that is known too early is looked at again, one too late would call an
        // expiry a revocation.
        let asked_at = Moment::now();
        let (values, ttls) = ask(&self.redis, &keys).await?;
        if values.len() != sessions.len() || ttls.len() != sessions.len() {
            return Err(broken_reply().into());
        }
        let readings = values
            .into_iter()
            .zip(ttls)
            .map(|(value, ttl_ms)| match (value, ttl_ms) {
                // It went between the two commands.
                (None, _) | (_, -2) => Reading::Absent,
                (Some(json), _) => match parse(&json, ttl_ms, asked_at, &self.pointers) {
                    Ok(session) => Reading::Present(session),
                    Err(fault) => Reading::Unusable(fault),
                },
            });
        Ok(readings.collect())
    }
}

/// MGET, not GETs: of a key that is no string it says that there is none, where GET's error would fail the whole batch.
async fn ask(redis: &Redis, keys: &[String]) -> Result<(Vec<Option<Vec<u8>>>, Vec<i64>), RedisError> {
    let mut pipeline = Pipeline::with_capacity(keys.len() + 1);
    pipeline.cmd("MGET").arg(keys);
    for key in keys {
        pipeline.cmd("PTTL").arg(key);
    }
    let replies: Vec<Value> = pipeline.query_async(&mut redis.commands()).await?;
    let mut replies = replies.into_iter();
    let values = from_redis_value(replies.next().unwrap_or(Value::Nil))?;
    let ttls = replies.map(from_redis_value).collect::<Result<_, _>>()?;
    Ok((values, ttls))
}

fn broken_reply() -> RedisError {
    RedisError::from((redis::ErrorKind::UnexpectedReturnType, "fewer replies than questions"))
}

/// Says once that Redis went, and once that it came back.
pub(super) fn note_availability(was_down: &mut bool, error: Option<&Unavailable>, what: &str) {
    match error {
        Some(error) if !*was_down => tracing::warn!(%error, "{what} fail"),
        None if *was_down => tracing::info!("{what} work again"),
        _ => {}
    }
    *was_down = error.is_some();
}

/// Tells the operator of sessions that this gateway cannot read, at most once a minute: a client that tries again and again
/// must not fill the log.
fn note_fault(reading: &Reading) {
    use std::sync::Mutex;
    use std::sync::PoisonError;
    use tokio::time::Instant;
    static LAST: Mutex<Option<Instant>> = Mutex::new(None);
    let Reading::Unusable(fault) = reading else {
        return;
    };
    if !fault.is_news() {
        return;
    }
    let now = Instant::now();
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if last.is_none_or(|last| now.saturating_duration_since(last) >= Duration::from_mins(1)) {
        *last = Some(now);
        tracing::warn!(
            reason = %fault,
            "a session cannot be used: check REALTIME_SESSION_USER_ID and its neighbours (told at most once a minute)"
        );
    }
}
