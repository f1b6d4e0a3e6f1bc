//! What is counted of presence. By instance, never by tenant: tenants come and go, and series must not grow with them.

use std::time::Duration;

use super::change::Change;
use crate::telemetry::{Counter, Counters, Gauge, Histogram, Metrics, SECONDS};

/// See the module. Cheap to clone.
#[derive(Clone, Debug)]
pub struct PresenceMetrics {
    realms: Gauge,
    users: Gauge,
    heartbeats: Counters<1>,
    heartbeat_seconds: Histogram,
    changes: Counters<1>,
    reaped: Counter,
}

impl PresenceMetrics {
    /// Registers them.
    pub fn new(metrics: &mut Metrics) -> Self {
        Self {
            realms: metrics.gauge(
                "presence_realms",
                "Tenants (and the manage staff, as one more) with sockets here, at the last heartbeat",
            ),
            users: metrics.gauge(
                "presence_users",
                "Users present through this instance, at the last heartbeat",
            ),
            heartbeats: metrics.counters(
                "presence_heartbeats",
                ["outcome"],
                "Heartbeats, by whether Redis took them",
            ),
            heartbeat_seconds: metrics.histogram(
                "presence_heartbeat_seconds",
                "One heartbeat, of all realms of this instance",
                SECONDS,
            ),
            changes: metrics.counters(
                "presence_changes",
                ["change"],
                "Users announced by this instance as online, changed or offline",
            ),
            reaped: metrics.counter(
                "presence_reaped_users",
                "Users announced as offline in the sweep of an instance whose lease had run out",
            ),
        }
    }

    pub(super) fn on_heartbeat(&self, realms: usize, users: usize, went_through: bool, took: Duration) {
        self.realms.set(i64::try_from(realms).unwrap_or(i64::MAX));
        self.users.set(i64::try_from(users).unwrap_or(i64::MAX));
        let outcome = if went_through { "ok" } else { "failed" };
        self.heartbeats.with([outcome]).inc();
        self.heartbeat_seconds.observe(took.as_secs_f64());
    }

    pub(super) fn on_announced(&self, change: &Change) {
        for (name, users) in [
            ("online", change.online.len()),
            ("changed", change.changed.len()),
            ("offline", change.offline.len()),
        ] {
            self.changes.with([name]).inc_by(users as u64);
        }
        if !change.reaped.is_empty() {
            self.reaped.inc_by(change.offline.len() as u64);
        }
    }
}
