//! Times as histograms, so that a million of them cost as little as ten.

use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;

const DIGITS: u8 = 3;
/// No run waits longer for anything; what takes longer is recorded as this.
const LONGEST_US: u64 = 300_000_000;

/// Recorded times, to three digits.
#[derive(Debug)]
pub(crate) struct Latencies(Histogram<u64>);

/// The usual percentiles, in milliseconds.
#[derive(Debug, Serialize)]
pub(crate) struct Percentiles {
    p50: f64,
    p90: f64,
    p99: f64,
    max: f64,
    count: u64,
}

impl Latencies {
    pub(crate) fn new() -> Self {
        #[expect(clippy::expect_used, reason = "constants that the library takes")]
        Self(Histogram::new_with_max(LONGEST_US, DIGITS).expect("a range and three digits"))
    }

    pub(crate) fn record(&mut self, time: Duration) {
        self.0
            .saturating_record(u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
    }

    pub(crate) fn percentiles(&self) -> Percentiles {
        Percentiles {
            p50: milliseconds(self.0.value_at_quantile(0.5)),
            p90: milliseconds(self.0.value_at_quantile(0.9)),
            p99: milliseconds(self.0.value_at_quantile(0.99)),
            max: milliseconds(self.0.max()),
            count: self.0.len(),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "microseconds of a run are far below 2^52")]
fn milliseconds(microseconds: u64) -> f64 {
    microseconds as f64 / 1_000.0
}
