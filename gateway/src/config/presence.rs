//! Presence timing and bounds: `REALTIME_PRESENCE_GRACE_MS`, `…_LEASE_MS`, `…_HEARTBEAT_MS`, `…_DIFF_MS`, `…_BROADCAST_MAX`.

use std::time::Duration;

/// See the module.
#[derive(Clone, Debug)]
pub struct PresenceConfig {
    /// How long a user may be gone before peers are told.
    pub grace: Duration,
    /// How long an instance counts as alive after its last heartbeat.
    pub lease: Duration,
    /// Time between heartbeats; at most half a lease.
    pub heartbeat: Duration,
    /// Window in which changes after the first one are gathered.
    pub diff_window: Duration,
    /// Online users up to which every socket of a scope is told every change.
    pub broadcast_max: usize,
}

impl Default for PresenceConfig {
    fn default() -> Self {
        Self {
            grace: Duration::from_millis(5_000),
            lease: Duration::from_millis(30_000),
            heartbeat: Duration::from_millis(10_000),
            diff_window: Duration::from_millis(200),
            broadcast_max: 500,
        }
    }
}
