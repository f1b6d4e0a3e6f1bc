//! The only place that wires: builds the services, gives each what it uses, and runs them until the end.

mod assemble;
mod capacity;
mod drain;
mod incoming;
mod junk;
mod servers;
mod sync_required;
mod watch;

use std::time::Duration;

use crate::config::Config;
use crate::lifecycle::{Signals, Tasks};

/// How long the last tasks may take to end once all sockets are gone.
const STOP_PATIENCE: Duration = Duration::from_secs(4);

/// Why the gateway could not start, or went down.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// A listener's port is taken, or the address is not ours.
    #[error("{variable}: cannot listen on {address}: {source}")]
    Bind {
        /// Which setting.
        variable: &'static str,
        /// Its value.
        address: std::net::SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// A setting that turns out to be unusable only now.
    #[error("{variable}: {fault}")]
    Setting {
        /// Which.
        variable: &'static str,
        /// Why.
        fault: String,
    },
    /// The system refused something that every process may do.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// A task that must not end has ended.
    #[error("a task ended before its time; see the log")]
    Crashed,
}

impl AppError {
    fn setting(variable: &'static str, fault: &dyn std::fmt::Display) -> Self {
        Self::Setting {
            variable,
            fault: fault.to_string(),
        }
    }
}

/// Serves until a signal says to stop, then drains: not ready, no new handshakes, sockets sent away over time, presence
/// handed over, what is queued written, listeners closed.
pub async fn serve(config: Config) -> Result<(), AppError> {
    let tasks = Tasks::default();
    let mut signals = Signals::listen()?;
    // New at every boot: what an earlier boot left behind is reaped, not taken over.
    let instance = uuid::Uuid::now_v7();
    let assembled = assemble::assemble(&config, instance, &tasks)?;
    let (hub, gate, presence) = (assembled.hub, assembled.gate, assembled.presence);
    let servers = match servers::start(&config.listen, assembled.engine, assembled.readiness, &tasks) {
        Ok(servers) => servers,
        Err(error) => {
            // In good order, or the tasks' ends would look like crashes beside the one line that matters.
            tasks.stop(STOP_PATIENCE).await;
            return Err(error);
        }
    };
    tracing::info!(
        instance.id = %instance.simple(),
        bind = %config.listen.bind,
        ops_bind = %config.listen.ops_bind,
        version = env!("CARGO_PKG_VERSION"),
        "serving"
    );

    let outcome = tokio::select! {
        () = signals.next() => Ok(()),
        () = tasks.crashed() => Err(AppError::Crashed),
    };
    tracing::info!("draining");
    gate.start_draining();
    tokio::select! {
        () = drain::drain(&hub, &gate, config.limits.drain) => {}
        () = signals.next() => tracing::warn!("second signal: going at once"),
        () = tasks.crashed() => {}
    }
    if let Err(error) = presence.drain().await {
        tracing::warn!(%error, "presence could not be handed over; the lease will run out");
    }
    tokio::join!(tasks.stop(STOP_PATIENCE), servers.stop());
    tracing::info!("stopped");
    outcome
}
