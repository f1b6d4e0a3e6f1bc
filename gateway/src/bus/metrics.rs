//! What is counted of the bus.

use crate::telemetry::{Counter, Counters, Gauge, Histogram, Metrics, SECONDS};

/// See the module. Cheap to clone.
#[derive(Clone, Debug)]
pub struct BusMetrics {
    /// Publications that wait for the link.
    pub(super) queued: Gauge,
    /// Publications that have gone out.
    pub(super) published: Counter,
    /// One round trip of the publisher.
    pub(super) publish_seconds: Histogram,
    /// Messages that came.
    pub(super) received: Counter,
    interruptions: Counters<1>,
}

impl BusMetrics {
    /// Registers them.
    pub fn new(metrics: &mut Metrics) -> Self {
        Self {
            queued: metrics.gauge("bus_queued", "Publications that wait for Redis"),
            published: metrics.counter("bus_published", "Publications that Redis has taken"),
            publish_seconds: metrics.histogram(
                "bus_publish_seconds",
                "One round trip of the publisher to Redis",
                SECONDS,
            ),
            received: metrics.counter("bus_received", "Messages from other instances and from the API"),
            interruptions: metrics.counters(
                "bus_interruptions",
                ["link"],
                "Losses of a link to Redis, after which sockets are told to sync",
            ),
        }
    }

    pub(super) fn interrupted(&self, link: &'static str) {
        self.interruptions.with([link]).inc();
    }
}
