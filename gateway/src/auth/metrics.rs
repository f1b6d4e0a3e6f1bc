//! What is counted of the watch over live sessions.

use shared_protocol::events::SessionEndReason;

use super::sessions::Reading;
use crate::telemetry::{Counters, Gauge, Metrics};

/// See the module. Cheap to clone.
#[derive(Clone, Debug)]
pub struct SessionMetrics {
    /// Sessions with a socket here.
    pub(super) live: Gauge,
    rechecks: Counters<1>,
    ends: Counters<1>,
}

impl SessionMetrics {
    /// Registers them.
    pub fn new(metrics: &mut Metrics) -> Self {
        let ends = metrics.counters(
            "session_ends",
            ["reason"],
            "Sockets ended with their session: expired, revoked, changed",
        );
        ends.begin_with(SessionEndReason::ALL.map(|reason| [reason.as_str()]));
        Self {
            live: metrics.gauge("sessions", "Sessions with a socket here, at the last look at them"),
            rechecks: metrics.counters(
                "session_rechecks",
                ["outcome"],
                "Sessions of live sockets that were read again: present, absent, unusable, or failed (Redis gave no answer)",
            ),
            ends,
        }
    }

    pub(super) fn rechecked(&self, reading: &Reading) {
        let outcome = match reading {
            Reading::Present(_) => "present",
            Reading::Absent => "absent",
            Reading::Unusable(_) => "unusable",
        };
        self.rechecks.with([outcome]).inc();
    }

    pub(super) fn failed(&self, sessions: usize) {
        self.rechecks.with(["failed"]).inc_by(sessions as u64);
    }

    pub(super) fn ended(&self, reason: SessionEndReason) {
        self.ends.with([reason.as_str()]).inc();
    }
}
