//! Requests that share round trips. Batches form by nature: while one is under way the next one collects, so a lone request
//! waits for nothing and a storm costs few statements.

use futures_util::future::BoxFuture;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::error::ChatError;
use super::pending::SEND_TIMEOUT;

/// Requests that may wait.
const QUEUE_MAX: usize = 16_384;
/// Requests of one round trip.
const BATCH_MAX: usize = 256;

/// Does one batch: an answer for each request, in their order, or one error for all.
pub(super) type Work<R, A> = Box<dyn Fn(Vec<R>) -> BoxFuture<'static, Result<Vec<A>, ChatError>> + Send + Sync>;

/// The asking side.
#[derive(Debug)]
pub(super) struct Lane<R, A>(mpsc::Sender<Waiting<R, A>>);

/// The working side: one a lane.
pub(super) struct LaneDriver<R, A> {
    queue: mpsc::Receiver<Waiting<R, A>>,
    work: Work<R, A>,
}

#[derive(Debug)]
struct Waiting<R, A> {
    request: R,
    answer: oneshot::Sender<Result<A, ChatError>>,
}

impl<R, A> Clone for Lane<R, A> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// A lane, and the driver that must run for it to answer.
pub(super) fn lane<R, A>(work: Work<R, A>) -> (Lane<R, A>, LaneDriver<R, A>) {
    let (sender, queue) = mpsc::channel(QUEUE_MAX);
    (Lane(sender), LaneDriver { queue, work })
}

impl<R, A> Lane<R, A> {
    /// Queues a request and waits for its answer, bounded like a message.
    pub(super) async fn ask(&self, request: R) -> Result<A, ChatError> {
        let (answer, answered) = oneshot::channel();
        match self.0.try_send(Waiting { request, answer }) {
            Ok(()) => {}
            Err(mpsc::error::TrySendError::Full(_)) => return Err(ChatError::QueueFull),
            Err(mpsc::error::TrySendError::Closed(_)) => return Err(ChatError::Outage),
        }
        match timeout(SEND_TIMEOUT, answered).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) | Err(_) => Err(ChatError::Outage),
        }
    }
}

impl<R, A> LaneDriver<R, A> {
    /// Works until told to stop, and then on what is still queued.
    pub(super) async fn run(mut self, stop: CancellationToken) {
        loop {
            let mut batch = Vec::with_capacity(BATCH_MAX);
            tokio::select! {
                biased;
                () = stop.cancelled(), if !self.queue.is_closed() => self.queue.close(),
                taken = self.queue.recv_many(&mut batch, BATCH_MAX) => {
                    if taken == 0 {
                        return;
                    }
                    self.work_off(batch).await;
                }
            }
        }
    }

    async fn work_off(&self, batch: Vec<Waiting<R, A>>) {
        // Nobody waits any more for those whose time was up.
        let batch: Vec<Waiting<R, A>> = batch
            .into_iter()
            .filter(|waiting| !waiting.answer.is_closed())
            .collect();
        if batch.is_empty() {
            return;
        }
        let (requests, answers): (Vec<R>, Vec<_>) = batch
            .into_iter()
            .map(|waiting| (waiting.request, waiting.answer))
            .unzip();
        match (self.work)(requests).await {
            Ok(outcomes) => {
                for (answer, outcome) in answers.into_iter().zip(outcomes) {
                    drop(answer.send(Ok(outcome)));
                }
            }
            Err(error) => {
                for answer in answers {
                    drop(answer.send(Err(error.clone())));
                }
            }
        }
    }
}
