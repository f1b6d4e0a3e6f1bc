//! Metrics by name. Each module registers its own, with label names that are fixed and values that are words of the code: nothing
//! that a client can choose becomes a label, so the number of series is bounded.

use std::fmt::Debug;

pub use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
pub use prometheus_client::metrics::gauge::Gauge;
pub use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// Bounds for latencies, from a commit's half a millisecond to the five seconds after which everything is given up.
pub const SECONDS: [f64; 13] = [
    0.000_5, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.25, 0.5, 1.0, 5.0,
];

/// Values of the labels of one series.
type Labels<const N: usize> = [(&'static str, &'static str); N];

/// All metrics of this process.
#[derive(Debug)]
pub struct Metrics(Registry);

impl Default for Metrics {
    fn default() -> Self {
        Self(Registry::with_prefix("realtime"))
    }
}

impl Metrics {
    /// A counter; `_total` is added to its name.
    pub fn counter(&mut self, name: &str, help: &str) -> Counter {
        let counter = Counter::default();
        self.0.register(name, help, counter.clone());
        counter
    }

    /// A counter for each combination of labels.
    pub fn counters<const N: usize>(&mut self, name: &str, labels: [&'static str; N], help: &str) -> Counters<N> {
        let family = Family::default();
        self.0.register(name, help, family.clone());
        Counters { labels, family }
    }

    /// A value that goes up and down.
    pub fn gauge(&mut self, name: &str, help: &str) -> Gauge {
        let gauge = Gauge::default();
        self.0.register(name, help, gauge.clone());
        gauge
    }

    /// A gauge for each combination of labels.
    pub fn gauges<const N: usize>(&mut self, name: &str, labels: [&'static str; N], help: &str) -> Gauges<N> {
        let family = Family::default();
        self.0.register(name, help, family.clone());
        Gauges { labels, family }
    }

    /// A distribution over fixed bounds.
    pub fn histogram(&mut self, name: &str, help: &str, bounds: impl IntoIterator<Item = f64>) -> Histogram {
        let histogram = Histogram::new(bounds);
        self.0.register(name, help, histogram.clone());
        histogram
    }

    pub(super) fn registry(&self) -> &Registry {
        &self.0
    }
}

/// Counters that differ in their labels.
#[derive(Clone, Debug)]
pub struct Counters<const N: usize> {
    labels: [&'static str; N],
    family: Family<Labels<N>, Counter>,
}

impl<const N: usize> Counters<N> {
    /// The counter with these values, in the order of the labels. Takes a lock: hot paths keep what they get.
    pub fn with(&self, values: [&'static str; N]) -> Counter {
        self.family.get_or_create_owned(&labelled(self.labels, values))
    }

    /// Shows these series from the start: an increase from nothing to 1 is none to those who ask for increases.
    pub fn begin_with(&self, series: impl IntoIterator<Item = [&'static str; N]>) {
        for values in series {
            drop(self.with(values));
        }
    }
}

/// Gauges that differ in their labels.
#[derive(Clone, Debug)]
pub struct Gauges<const N: usize> {
    labels: [&'static str; N],
    family: Family<Labels<N>, Gauge>,
}

impl<const N: usize> Gauges<N> {
    /// The gauge with these values, in the order of the labels. Takes a lock: hot paths keep what they get.
    pub fn with(&self, values: [&'static str; N]) -> Gauge {
        self.family.get_or_create_owned(&labelled(self.labels, values))
    }
}

fn labelled<const N: usize>(labels: [&'static str; N], values: [&'static str; N]) -> Labels<N> {
    std::array::from_fn(|place| (labels[place], values[place]))
}
