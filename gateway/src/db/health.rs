//! Whether a store answers: found out by asking now and then, read by anybody without waiting.

use std::fmt::Display;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
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
    /// Its being down is in the log.
    told: AtomicBool,
}

impl Health {
    /// Down until the first answer.
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            started: Instant::now(),
            down_since: AtomicU64::new(1),
            told: AtomicBool::new(false),
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
    pub async fn run<F, E>(&self, ask: impl Fn() -> F, shutdown: CancellationToken)
    where
        F: Future<Output = Result<(), E>>,
        E: Display,
    {
        loop {
            let asked_at = self.started.elapsed();
            let fault = match tokio::time::timeout(ANSWER_TIMEOUT, ask()).await {
                Ok(answer) => answer.err().map(|error| error.to_string()),
                Err(_) => Some("no answer in time".to_owned()),
            };
            self.note(fault, asked_at);
            tokio::select! {
                () = tokio::time::sleep(PERIOD) => {}
                () = shutdown.cancelled() => return,
            }
        }
    }

    /// Each change is told, and a store that is down from the start; with the reason, which may be a wrong password.
    fn note(&self, fault: Option<String>, asked_at: Duration) {
        let was_up = self.is_up();
        let Some(fault) = fault else {
            self.down_since.store(0, Ordering::Release);
            self.told.store(false, Ordering::Relaxed);
            if !was_up {
                tracing::info!(store = self.name, "store answers");
            }
            return;
        };
        if was_up {
            let since = u64::try_from(asked_at.as_millis()).unwrap_or(u64::MAX - 1) + 1;
            self.down_since.store(since, Ordering::Release);
        }
        if !self.told.swap(true, Ordering::Relaxed) {
            tracing::warn!(store = self.name, error = fault, "store does not answer");
        }
    }
}
