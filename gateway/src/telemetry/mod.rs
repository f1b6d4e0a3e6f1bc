//! What the process tells of itself: logs, and metrics.

mod exposition;
mod logs;
mod metrics;
mod panics;
mod process;

pub use exposition::Exposition;
pub use logs::{TelemetryError, init};
pub use metrics::{Counter, Counters, Gauge, Gauges, Histogram, Metrics, SECONDS};
pub use panics::panic_location;
pub use process::ProcessMetrics;
