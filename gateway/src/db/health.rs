//! Whether a store answers: found out by asking now and then, read by anybody without waiting.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// How often a store is asked.
const PERIOD: Duration = Duration::from_millis(500);
/// How long it may take to answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);

/// The last word about one store.
#[derive(Debug)]
pub struct Health {
    name: &'static str,
    started: Instant,
    /// Milliseconds after `started` since which it is down, plus one; 0 while it is up.
    down_since: AtomicU64,
}

impl Health {
    /// Down until the first answer.
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            started: Instant::now(),
            down_since: AtomicU64::new(1),
        }
    }

    /// The store's name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Whether the last question was answered.
    pub fn is_up(&self) -> bool {
        self.down_since.load(Ordering::Acquire) == 0
    }

    /// Whether it has been down for longer than that.
    pub fn is_down_for(&self, tolerance: Duration) -> bool {
        match self.down_since.load(Ordering::Acquire) {
            0 => false,
            since => self.started.elapsed() > Duration::from_millis(since - 1) + tolerance,
        }
    }

    /// Asks until shutdown.
    pub async fn run<F: Future<Output = bool>>(&self, ask: impl Fn() -> F, shutdown: CancellationToken) {
        loop {
            let asked_at = self.started.elapsed();
            let answered = tokio::time::timeout(ANSWER_TIMEOUT, ask()).await.unwrap_or(false);
            self.note(answered, asked_at);
            tokio::select! {
                () = tokio::time::sleep(PERIOD) => {}
                () = shutdown.cancelled() => return,
            }
        }
    }

    fn note(&self, answered: bool, asked_at: Duration) {
        let was_up = self.is_up();
        if answered {
            self.down_since.store(0, Ordering::Release);
            if !was_up {
                tracing::info!(store = self.name, "store answers");
            }
        } else if was_up {
            let since = u64::try_from(asked_at.as_millis()).unwrap_or(u64::MAX - 1) + 1;
            self.down_since.store(since, Ordering::Release);
            tracing::warn!(store = self.name, "store does not answer");
        }
    }
}
