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

use tokio::time::{Instant, timeout, timeout_at};

use crate::config::Config;
use crate::lifecycle::{Signals, Tasks};
use crate::presence::Presence;

/// What may follow the time of a drain: farewells, the hand-over of presence, what is queued, the listeners.
const WIND_UP: Duration = Duration::from_millis(4500);
/// What the hand-over of presence may take, and what then the rest, when somebody is in a hurry.
const HURRY: Duration = Duration::from_millis(400);

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
/// handed over, what is queued written, listeners closed. A second signal cuts that short.
pub async fn serve(config: Config) -> Result<(), AppError> {
    let tasks = Tasks::default();
    let mut signals = Signals::listen()?;
    // New at every boot: what an earlier boot left behind is reaped, not taken over.
    let instance = uuid::Uuid::now_v7();
    let assembled = assemble::assemble(&config, instance, &tasks)?;
    let (hub, gate, presence) = (assembled.hub, assembled.gate, assembled.presence);
    let servers = match servers::start(&config.listen, assembled.engine, assembled.ops, &tasks) {
        Ok(servers) => servers,
        Err(error) => {
            // In good order, or the tasks' ends would look like crashes beside the one line that matters.
            tasks.stop(WIND_UP).await;
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
    tracing::info!(connections = gate.connections(), "draining");
    gate.start_draining();
    let mut last_moment = Instant::now() + config.limits.drain + WIND_UP;
    let in_good_order = async {
        drain::drain(&hub, &gate, config.limits.drain).await;
        hand_over(&presence).await;
    };
    let in_a_hurry = tokio::select! {
        () = in_good_order => false,
        () = signals.next() => true,
        () = tasks.crashed() => true,
    };
    if in_a_hurry {
        tracing::warn!("going at once");
        drop(timeout(HURRY, hand_over(&presence)).await);
        last_moment = Instant::now() + HURRY;
    }
    tokio::select! {
        _ = timeout_at(last_moment, async { tokio::join!(tasks.stop(WIND_UP), servers.stop()) }) => {}
        () = signals.next() => tracing::warn!("going at once"),
    }
    tracing::info!("stopped");
    outcome
}

async fn hand_over(presence: &Presence) {
    if let Err(error) = presence.drain().await {
        tracing::warn!(%error, "presence could not be handed over; the lease will run out");
    }
}
