//! Engine.IO timing and sizes: `REALTIME_PING_INTERVAL_MS`, `…_PING_TIMEOUT_MS`, `…_CONNECT_TIMEOUT_MS`, `…_MAX_PAYLOAD`.

use std::time::Duration;

/// See the module.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// Time from a pong to the next ping.
    pub ping_interval: Duration,
    /// Time for a pong to arrive.
    pub ping_timeout: Duration,
    /// Time from the handshake to the first joined namespace.
    pub connect_timeout: Duration,
    /// Bytes of one packet, and of one polling body.
    pub max_payload: usize,
}

impl Default for EngineConfig {
    fn default() -> Self {
        Self {
            ping_interval: Duration::from_secs(25),
            ping_timeout: Duration::from_secs(20),
            connect_timeout: Duration::from_secs(10),
            max_payload: 65_536,
        }
    }
}
