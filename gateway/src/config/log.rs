//! Logs: `REALTIME_LOG`, `REALTIME_LOG_FORMAT`.

/// See the module.
#[derive(Clone, Debug)]
pub struct LogConfig {
    /// A `tracing` filter.
    pub filter: String,
    /// For people or for machines.
    pub format: LogFormat,
}

/// How a log line looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people: the default on a terminal.
    Text,
    /// One JSON object a line.
    Json,
}
