//! Fields are dotted and stable (`user.id`, `connection.id`, `reason`); never a cookie, token, session id or message text.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::{SubscriberInitExt as _, TryInitError};

use super::panics;
use crate::config::{LogConfig, LogFormat};

/// Says at every start what our own lines say; `REALTIME_LOG=info,actix_server=info` brings it back.
const QUIET: &str = "actix_server=warn";

/// Why logs could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// `REALTIME_LOG` is no filter.
    #[error("REALTIME_LOG: {0} (example: info,gateway=debug)")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// Somebody else was first.
    #[error(transparent)]
    Installed(#[from] TryInitError),
}

/// Sends logs to standard error, panics among them.
pub fn init(config: &LogConfig) -> Result<(), TelemetryError> {
    let filter = EnvFilter::try_new(format!("{QUIET},{}", config.filter))?;
    let registry = tracing_subscriber::registry().with(filter);
    let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    match config.format {
        LogFormat::Text => registry
            .with(layer.with_ansi(std::io::stderr().is_terminal()))
            .try_init()?,
        LogFormat::Json => registry.with(layer.json().flatten_event(true)).try_init()?,
    }
    panics::install();
    Ok(())
}
