//! What the transport counts.

use std::sync::Arc;
use std::time::Duration;

use crate::socket::DisconnectReason;
use crate::telemetry::{Counters, Gauge, Gauges, Histogram, Metrics, SECONDS};

/// How a connection is carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Transport {
    /// HTTP long polling.
    Polling,
    /// A WebSocket.
    WebSocket,
}

impl Transport {
    /// As the query names it.
    pub(super) fn parse(name: &str) -> Option<Self> {
        [Self::Polling, Self::WebSocket]
            .into_iter()
            .find(|transport| transport.label() == name)
    }

    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::Polling => "polling",
            Self::WebSocket => "websocket",
        }
    }
}

/// What became of a request for a connection of another instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Forwarded {
    /// The owner answered.
    Answered,
    /// It is gone, or did not answer in time.
    OwnerGone,
    /// It was refused here: too large, or broken.
    Refused,
}

/// See the module.
#[derive(Debug)]
pub struct TransportMetrics {
    connections: Gauges<1>,
    handshakes: Counters<2>,
    ended: Counters<1>,
    upgrades: Counters<1>,
    forwarded: Counters<1>,
    delivery_seconds: Histogram,
}

impl TransportMetrics {
    /// Registers them.
    pub fn new(metrics: &mut Metrics) -> Arc<Self> {
        let ended = metrics.counters("connections_ended", ["reason"], "Connections that ended, by why");
        ended.begin_with(
            [
                DisconnectReason::Panicked,
                DisconnectReason::SlowConsumer,
                DisconnectReason::Flooding,
            ]
            .map(|reason| [reason.label()]),
        );
        Arc::new(Self {
            connections: metrics.gauges("connections", ["transport"], "Connections that are open"),
            handshakes: metrics.counters(
                "handshakes",
                ["transport", "outcome"],
                "Handshakes, by what became of them",
            ),
            ended,
            upgrades: metrics.counters("upgrades", ["outcome"], "Upgrades from polling to a WebSocket"),
            forwarded: metrics.counters(
                "forwarded_requests",
                ["outcome"],
                "Polling requests passed on to the instance that owns their connection",
            ),
            delivery_seconds: metrics.histogram(
                "delivery_seconds",
                "From a push's arrival at its socket's mailbox to its being taken out to be written",
                SECONDS,
            ),
        })
    }

    /// Counts a connection as carried that way until the value is dropped.
    pub(super) fn carry(&self, transport: Transport) -> Carried {
        let gauge = self.connections.with([transport.label()]);
        gauge.inc();
        Carried(gauge)
    }

    pub(super) fn handshake(&self, transport: Option<Transport>, outcome: &'static str) {
        let transport = transport.map_or("unknown", Transport::label);
        self.handshakes.with([transport, outcome]).inc();
    }

    pub(super) fn ended(&self, reason: DisconnectReason) {
        self.ended.with([reason.label()]).inc();
    }

    pub(super) fn delivered(&self, waited: Duration) {
        self.delivery_seconds.observe(waited.as_secs_f64());
    }

    pub(super) fn upgraded(&self, done: bool) {
        self.upgrades.with([if done { "done" } else { "given_up" }]).inc();
    }

    pub(super) fn forwarded(&self, outcome: Forwarded) {
        let outcome = match outcome {
            Forwarded::Answered => "answered",
            Forwarded::OwnerGone => "owner_gone",
            Forwarded::Refused => "refused",
        };
        self.forwarded.with([outcome]).inc();
    }
}

/// See [`TransportMetrics::carry`].
#[derive(Debug)]
pub(super) struct Carried(Gauge);

impl Drop for Carried {
    fn drop(&mut self) {
        self.0.dec();
    }
}
