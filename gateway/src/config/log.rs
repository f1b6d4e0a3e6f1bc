//! Logs.

use super::reader::Reader;
use super::setting::{Section, Setting};

const FILTER: Setting = Setting::new(
    "REALTIME_LOG",
    "info,gateway::presence=debug",
    "What is logged: error, warn, info, debug, trace, or a tracing filter by module. High: debug logs a few lines for every event, from its frame to its delivery.",
)
.or("info");
const FORMAT: Setting = Setting::new(
    "REALTIME_LOG_FORMAT",
    "json",
    "text: for people; json: one object a line.",
)
.or_else("text on a terminal, json otherwise");

pub(super) const SECTION: Section = Section {
    title: "Logs",
    settings: &[FILTER, FORMAT],
};

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogConfig {
    /// A `tracing` filter. Default `info`.
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

/// A word alone that names no level passes for a module's name, all of whose lines are wanted, and silences everything else.
fn is_no_level(word: &str) -> bool {
    let levels = ["off", "error", "warn", "info", "debug", "trace"];
    !word.contains('=') && !levels.iter().any(|level| level.eq_ignore_ascii_case(word))
}

impl LogConfig {
    pub(super) fn read(reader: &mut Reader<'_>, on_terminal: bool) -> Self {
        let filter = reader.parse(&FILTER, |text| {
            if let Some(word) = text.split(',').find(|word| is_no_level(word.trim())) {
                return Err(format!(
                    "has \"{word}\", which is no level; a module needs one: {word}=debug"
                ));
            }
            tracing_subscriber::EnvFilter::builder()
                .parse(text)
                .map(|_| text.to_owned())
                .map_err(|error| format!("is no filter ({error})"))
        });
        let format = reader.parse(&FORMAT, |text| match text {
            "text" => Ok(LogFormat::Text),
            "json" => Ok(LogFormat::Json),
            _ => Err("is neither text nor json"),
        });
        let unset = if on_terminal { LogFormat::Text } else { LogFormat::Json };
        Self {
            filter: filter.unwrap_or_default(),
            format: format.unwrap_or(unset),
        }
    }
}
