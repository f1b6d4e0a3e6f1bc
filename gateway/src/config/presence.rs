//! Presence timing and bounds.

use std::time::Duration;

use super::reader::Reader;
use super::setting::{Section, Setting};

const DAY_MS: u64 = 86_400_000;

const GRACE: Setting = Setting::new(
    "REALTIME_PRESENCE_GRACE_MS",
    "5000",
    "Milliseconds a user may be gone before peers are told. Low: a reload flickers; high: who left seems to be there.",
)
.or("5000")
.within(0, DAY_MS);
const LEASE: Setting = Setting::new(
    "REALTIME_PRESENCE_LEASE_MS",
    "30000",
    "Milliseconds an instance counts as alive after its last heartbeat; at least two heartbeats. Low: a pause of Redis makes users flicker; high: users of a crashed instance stay online.",
)
.or("30000")
.within(100, DAY_MS);
const HEARTBEAT: Setting = Setting::new(
    "REALTIME_PRESENCE_HEARTBEAT_MS",
    "10000",
    "Milliseconds between an instance's heartbeats, one command a tenant. Low: load on Redis; high: needs a longer lease.",
)
.or("10000")
.within(50, DAY_MS);
const DIFF: Setting = Setting::new(
    "REALTIME_PRESENCE_DIFF_MS",
    "200",
    "Milliseconds in which changes after a first one are gathered into one frame. Low: more frames; high: late news.",
)
.or("200")
.within(0, 60_000);
const BROADCAST_MAX: Setting = Setting::new(
    "REALTIME_PRESENCE_BROADCAST_MAX",
    "500",
    "Online users up to which every socket of a tenant is told every change; above it sockets watch. High: traffic grows with the square.",
)
.or("500")
.within(0, 1_000_000);

pub(super) const SECTION: Section = Section {
    title: "Presence",
    settings: &[GRACE, LEASE, HEARTBEAT, DIFF, BROADCAST_MAX],
};

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresenceConfig {
    /// How long a user may be gone before peers are told. Default 5 s. Low: a reload flickers.
    pub grace: Duration,
    /// How long an instance counts as alive after its last heartbeat. Default 30 s. High: a crash shows late.
    pub lease: Duration,
    /// Time between heartbeats; at most half a lease. Default 10 s. Low: load on Redis.
    pub heartbeat: Duration,
    /// Window in which changes after the first one are gathered. Default 200 ms. High: late news.
    pub diff_window: Duration,
    /// Online users up to which every socket of a scope is told every change. Default 500. High: traffic grows with the square.
    pub broadcast_max: usize,
}

impl PresenceConfig {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let faults = reader.faults.len();
        let config = Self {
            grace: reader.millis(&GRACE),
            lease: reader.millis(&LEASE),
            heartbeat: reader.millis(&HEARTBEAT),
            diff_window: reader.millis(&DIFF),
            broadcast_max: reader.size(&BROADCAST_MAX),
        };
        // One heartbeat may get lost without an instance being declared dead.
        if faults == reader.faults.len() && config.lease < config.heartbeat * 2 {
            reader.fault(
                &LEASE,
                format!(
                    "{} ms is less than twice {} ({} ms)",
                    config.lease.as_millis(),
                    HEARTBEAT.name,
                    config.heartbeat.as_millis()
                ),
            );
        }
        config
    }
}

impl Default for PresenceConfig {
    fn default() -> Self {
        Reader::defaults(Self::read)
    }
}
