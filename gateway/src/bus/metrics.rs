//! What is counted of the bus.

use std::time::Duration;

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
    lag_seconds: Histogram,
    interruptions: Counters<1>,
}

impl BusMetrics {
    /// Registers them.
    pub fn new(metrics: &mut Metrics) -> Self {
        let interruptions = metrics.counters(
            "bus_interruptions",
            ["link"],
            "Losses of a link to Redis, after which sockets are told to sync",
        );
        interruptions.begin_with([["publisher"], ["subscriber"]]);
        Self {
            queued: metrics.gauge("bus_queued", "Publications that wait for Redis"),
            published: metrics.counter("bus_published", "Publications that Redis has taken"),
            publish_seconds: metrics.histogram(
                "bus_publish_seconds",
                "One round trip of the publisher to Redis",
                SECONDS,
            ),
            received: metrics.counter("bus_received", "Messages from other instances and from the API"),
            lag_seconds: metrics.histogram(
                "bus_lag_seconds",
                "From the queue of what is to be published to its coming back from Redis, tried every 2 s",
                SECONDS,
            ),
            interruptions,
        }
    }

    pub(super) fn echoed(&self, lag: Option<Duration>) {
        if let Some(lag) = lag {
            self.lag_seconds.observe(lag.as_secs_f64());
        }
    }

    pub(super) fn interrupted(&self, link: &'static str) {
        self.interruptions.with([link]).inc();
    }
}
