//! What the process as a whole says of itself; looked up when somebody asks.

use super::metrics::{Gauge, Metrics};

/// See the module.
#[derive(Clone, Debug)]
pub struct ProcessMetrics {
    tasks: Gauge,
    open_files: Gauge,
}

impl ProcessMetrics {
    /// Registers them, and what never changes.
    pub fn new(metrics: &mut Metrics) -> Self {
        metrics
            .gauges("build_info", ["version"], "1, with the version that runs")
            .with([env!("CARGO_PKG_VERSION")])
            .set(1);
        Self {
            tasks: metrics.gauge("tasks", "Tasks of the runtime that are alive"),
            open_files: metrics.gauge("open_files", "Files and sockets that the process holds open"),
        }
    }

    /// Looks. Where the system does not tell (no procfs), the files stay at 0.
    pub fn look(&self) {
        let tasks = tokio::runtime::Handle::try_current().map_or(0, |runtime| runtime.metrics().num_alive_tasks());
        self.tasks.set(i64::try_from(tasks).unwrap_or(i64::MAX));
        if let Ok(files) = std::fs::read_dir("/proc/self/fd") {
            // The listing itself holds one.
            self.open_files
                .set(i64::try_from(files.count()).map_or(i64::MAX, |files| files - 1));
        }
    }
}
