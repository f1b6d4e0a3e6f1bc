//! The one lane through which every message of this instance goes into the table.
//!
//! Batches by nature: while one is being written the next one collects, so a lone message waits for nothing, and under load
//! hundreds share one round trip and one commit. One lane, because it keeps the order of every socket and conversation without
//! a thought, and because a second lane would only halve the batches: Postgres is the bottleneck, and commits are its price.

use std::time::Duration;

use chrono::Utc;
use diesel_async::AsyncPgConnection;
use diesel_async::pooled_connection::PoolableConnection as _;
use shared_protocol::events::Timestamp;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

use super::announce::Announcement;
use super::append::{append, same_recipient};
use super::batch::{Batch, Job};
use super::error::ChatError;
use super::metrics::ChatMetrics;
use super::pending::Stored;
use super::row::find_messages;
use super::unsettled::{Concerned, Unsettled};
use crate::db::{PgError, Postgres};

/// Messages of one round trip. Beyond this a batch gains little and everybody in it waits longer.
const BATCH_MAX: usize = 256;
/// Between two attempts to reach Postgres.
const RETRY: Duration = Duration::from_millis(50);
/// Attempts of a batch that Postgres refused as a whole (a unique violation, a deadlock), before it is taken apart.
const ATTEMPTS: u32 = 3;

type Outcome = Result<Stored, ChatError>;

/// Drives the queue of a [`ChatService`](super::ChatService).
pub(super) struct Writer {
    pub(super) postgres: Postgres,
    pub(super) queue: mpsc::Receiver<Job>,
    pub(super) announce: Box<dyn Fn(&Announcement) + Send + Sync>,
    pub(super) connection: Option<AsyncPgConnection>,
    pub(super) unsettled: Unsettled,
    pub(super) metrics: ChatMetrics,
}

async fn due(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

impl Writer {
    /// Writes until told to stop, and then what is still queued.
    pub(super) async fn run(mut self, stop: CancellationToken) {
        loop {
            let mut queued = Vec::with_capacity(BATCH_MAX);
            tokio::select! {
                biased;
                () = stop.cancelled(), if !self.queue.is_closed() => self.queue.close(),
                () = due(self.unsettled.due()) => self.look_for_unsettled().await,
                taken = self.queue.recv_many(&mut queued, BATCH_MAX) => {
                    if taken == 0 {
                        return;
                    }
                    self.metrics.queued.set(i64::try_from(self.queue.len()).unwrap_or(i64::MAX));
                    self.write(Batch::gather(queued, Instant::now())).await;
                }
            }
        }
    }

    async fn write(&mut self, mut batch: Batch) {
        while !batch.jobs.is_empty() {
            let again = self.write_once(batch).await;
            batch = Batch::gather(again, Instant::now());
        }
    }

    /// Writes a batch, answers, and gives back what it says nothing about: a refusal is the first one's alone. It may have named
    /// somebody else under that name, and the next one be the rightful resend. Each round settles at least one job.
    async fn write_once(&mut self, batch: Batch) -> Vec<Job> {
        let outcomes = self.outcomes(&batch.jobs).await;
        // Resends first: they need the outcomes that the first ones are then given.
        let mut answers = Vec::with_capacity(batch.jobs.len() + batch.resends.len());
        let mut again = Vec::new();
        for (place, job) in batch.resends {
            if outcomes[place]
                .as_ref()
                .is_err_and(|error| !matches!(error, ChatError::Outage))
            {
                again.push(job);
                continue;
            }
            let outcome = outcomes[place].clone().and_then(|stored| {
                same_recipient(&job, &stored.message)?;
                Ok(Stored { fresh: false, ..stored })
            });
            answers.push((job.answer, outcome));
        }
        for (job, mut outcome) in batch.jobs.into_iter().zip(outcomes) {
            self.announce(&job, &mut outcome);
            answers.push((job.answer, outcome));
        }
        // Published before acknowledged. Whoever has stopped waiting hears nothing.
        for (answer, outcome) in answers {
            self.metrics.outcome(&outcome);
            drop(answer.send(outcome));
        }
        again
    }

    fn announce(&mut self, job: &Job, outcome: &mut Outcome) {
        match outcome {
            Ok(stored) => {
                // Found in the table, but put there by an attempt of ours whose outcome we did not learn.
                let ours = self.unsettled.settle(stored.message.id).is_some() || stored.message.id == job.id;
                stored.fresh |= ours;
                if stored.fresh {
                    tracing::debug!(message.id = %stored.message.id, seq = stored.message.seq, "message committed");
                    (self.announce)(&Announcement {
                        message: stored.message.clone(),
                        recipient_namespace: job.reachable.recipient_realm().namespace(),
                        sender_namespace: job.reachable.caller_realm().namespace(),
                        from_socket: Some(job.from_socket.clone()),
                    });
                }
            }
            Err(ChatError::Outage) => self.unsettled.remember(job.id, Concerned::by(job)),
            Err(_) => {}
        }
    }

    /// Tells of what was committed although its sender was told that it was not.
    async fn look_for_unsettled(&mut self) {
        let found = match find_messages(&self.postgres, &self.unsettled.ids()).await {
            Ok(found) => found,
            Err(error) => {
                tracing::debug!(%error, "messages of unknown outcome cannot be looked for yet");
                return self.unsettled.looked(false);
            }
        };
        for message in found {
            if let Some(concerned) = self.unsettled.settle(message.id) {
                tracing::info!(message.id = %message.id, "a message was stored after its sender was told that it was not");
                (self.announce)(&Announcement {
                    message,
                    recipient_namespace: concerned.recipient_namespace,
                    sender_namespace: concerned.sender_namespace,
                    from_socket: None,
                });
            }
        }
        self.unsettled.looked(true);
    }

    /// Writes the jobs; those that Postgres refuses fail alone. To find them the batch is taken apart by halves, in order.
    async fn outcomes(&mut self, jobs: &[Job]) -> Vec<Outcome> {
        let mut outcomes: Vec<Outcome> = Vec::with_capacity(jobs.len());
        let mut todo = vec![jobs];
        let mut attempts = ATTEMPTS;
        while let Some(part) = todo.pop() {
            match self.attempt(part, attempts).await {
                Ok(written) => outcomes.extend(written),
                Err(error) if error.is_outage() => {
                    tracing::warn!(%error, messages = part.len(), "messages could not be written");
                    outcomes.extend(part.iter().map(|_| Err(ChatError::Outage)));
                }
                Err(error) if part.len() == 1 => {
                    tracing::error!(%error, message.id = %part[0].id, "postgres refused a message");
                    outcomes.push(Err(ChatError::Rejected));
                }
                Err(_) => {
                    let (first, second) = part.split_at(part.len() / 2);
                    todo.extend([second, first]);
                    attempts = 2;
                }
            }
        }
        outcomes
    }

    /// One part, in one transaction, again and again while that can help and somebody waits. Repeating is safe whatever became
    /// of the attempt before: what it committed is found by its name.
    async fn attempt(&mut self, jobs: &[Job], attempts: u32) -> Result<Vec<Outcome>, PgError> {
        let deadline = jobs.iter().map(|job| job.deadline).max().unwrap_or_else(Instant::now);
        let mut refused = 0;
        loop {
            let error = match timeout_at(deadline, self.try_once(jobs)).await {
                Ok(Ok(outcomes)) => return Ok(outcomes),
                Ok(Err(error)) => error,
                Err(_) => {
                    // It hangs. What comes next must not queue up behind it.
                    self.connection = None;
                    return Err(PgError::Timeout);
                }
            };
            if error.is_outage() {
                self.connection = None;
                if Instant::now() + RETRY >= deadline {
                    return Err(error);
                }
                tokio::time::sleep(RETRY).await;
            } else {
                refused += 1;
                if refused >= attempts {
                    return Err(error);
                }
            }
        }
    }

    async fn try_once(&mut self, jobs: &[Job]) -> Result<Vec<Outcome>, PgError> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.postgres.dedicated().await?,
        };
        let since = Instant::now();
        let result = append(&mut connection, jobs, Timestamp::new(Utc::now())).await;
        if result.is_ok() {
            self.metrics.commit_seconds.observe(since.elapsed().as_secs_f64());
            self.metrics
                .batch_messages
                .observe(f64::from(u32::try_from(jobs.len()).unwrap_or(u32::MAX)));
        }
        // Taken and put back: a statement that is cut off leaves no connection behind.
        if !connection.is_broken() {
            self.connection = Some(connection);
        }
        result
    }
}
