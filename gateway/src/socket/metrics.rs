//! What is counted of joined sockets and of what they ask for. Names of events are those of the catalogue; whatever else a client
//! says is one word.

use std::time::Duration;

use shared_protocol::events::{ErrorCode, Namespace, names};

use crate::telemetry::{Counters, Gauge, Gauges, Histogram, Metrics, SECONDS};

/// See the module.
#[derive(Debug)]
pub struct SocketMetrics {
    sockets: Gauges<1>,
    connects: Counters<2>,
    events: Counters<2>,
    event_seconds: Histogram,
}

impl SocketMetrics {
    /// Registers them.
    pub fn new(metrics: &mut Metrics) -> Self {
        Self {
            sockets: metrics.gauges("sockets", ["namespace"], "Sockets that have joined a namespace"),
            connects: metrics.counters(
                "connects",
                ["namespace", "outcome"],
                "CONNECT packets, by what became of them: ok, or the code of the refusal",
            ),
            events: metrics.counters(
                "events",
                ["event", "outcome"],
                "Events of clients, by name and by what became of them: ok, or the code of the error",
            ),
            event_seconds: metrics.histogram(
                "event_seconds",
                "From an event's turn to its answer; of a message, the commit is in it",
                SECONDS,
            ),
        }
    }

    /// Counts a socket as joined until the value is dropped.
    pub(super) fn joined(&self, namespace: Namespace) -> Counted {
        let gauge = self.sockets.with([namespace.as_str()]);
        gauge.inc();
        Counted(gauge)
    }

    pub(super) fn connect(&self, namespace: Option<Namespace>, outcome: Result<(), Option<ErrorCode>>) {
        let namespace = namespace.map_or("unknown", Namespace::as_str);
        let outcome = match outcome {
            Ok(()) => "ok",
            Err(code) => code.map_or("refused", ErrorCode::as_str),
        };
        self.connects.with([namespace, outcome]).inc();
    }

    /// `name` as [`label`] has it.
    pub(super) fn event(&self, name: &'static str, outcome: Result<(), ErrorCode>) {
        let outcome = outcome.map_or_else(ErrorCode::as_str, |()| "ok");
        self.events.with([name, outcome]).inc();
    }

    pub(super) fn answered(&self, took: Duration) {
        self.event_seconds.observe(took.as_secs_f64());
    }
}

/// What an event is called in metrics.
pub(super) fn label(event: &str) -> &'static str {
    let known = names::from_client::ALL.into_iter().find(|known| *known == event);
    known.unwrap_or("unknown")
}

/// See [`SocketMetrics::joined`].
#[derive(Debug)]
pub(super) struct Counted(Gauge);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.dec();
    }
}
