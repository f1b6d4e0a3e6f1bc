//! Life and death of the process: tracked tasks, signals, and the order of going away.
//!
//! Every long-lived task has a name and is expected to run until shutdown. One that ends before is a crash: the process
//! goes down with a failing exit code rather than limp on without it.

use std::future::Future;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The tasks of the process.
#[derive(Clone, Debug, Default)]
pub struct Tasks {
    tracker: TaskTracker,
    shutdown: CancellationToken,
    crash: CancellationToken,
}

impl Tasks {
    /// What a task watches to know when to end.
    pub fn shutdown(&self) -> CancellationToken {
        self.shutdown.clone()
    }

    /// Runs a task that should live until shutdown.
    #[expect(clippy::disallowed_methods, reason = "the one place that spawns")]
    pub fn spawn(&self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        let (shutdown, crash) = (self.shutdown.clone(), self.crash.clone());
        let watched = tokio::spawn(self.tracker.track_future(task));
        tokio::spawn(self.tracker.track_future(async move {
            let outcome = watched.await;
            if !shutdown.is_cancelled() {
                tracing::error!(task = name, panicked = outcome.is_err(), "a task ended before its time");
                crash.cancel();
            }
        }));
    }

    /// Resolves when a task has ended before its time.
    pub async fn crashed(&self) {
        self.crash.cancelled().await;
    }

    /// Tells all tasks to end and waits for them, bounded.
    pub async fn stop(&self, patience: Duration) {
        self.shutdown.cancel();
        self.tracker.close();
        if tokio::time::timeout(patience, self.tracker.wait()).await.is_err() {
            tracing::warn!("some tasks did not end in time");
        }
    }
}

/// SIGTERM and SIGINT: the first asks to drain, the second to go at once.
#[derive(Debug)]
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Starts to listen.
    pub fn listen() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// The next of them.
    pub async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
