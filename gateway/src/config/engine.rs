//! Engine.IO timing and sizes.

use std::time::Duration;

use super::reader::Reader;
use super::setting::{Section, Setting};

const DAY_MS: u64 = 86_400_000;

const PING_INTERVAL: Setting = Setting::new(
    "REALTIME_PING_INTERVAL_MS",
    "25000",
    "Milliseconds from a pong to the next ping. Low: more packets on every link; high: dead links and idle cuts of proxies show late.",
)
.or("25000")
.within(100, DAY_MS);
const PING_TIMEOUT: Setting = Setting::new(
    "REALTIME_PING_TIMEOUT_MS",
    "20000",
    "Milliseconds for a pong to arrive. Low: slow phones are cut; high: the dead stay online.",
)
.or("20000")
.within(100, DAY_MS);
const CONNECT_TIMEOUT: Setting = Setting::new(
    "REALTIME_CONNECT_TIMEOUT_MS",
    "10000",
    "Milliseconds from the handshake to the first joined namespace. Low: slow links never get in; high: strangers hold links.",
)
.or("10000")
.within(100, DAY_MS);
const MAX_PAYLOAD: Setting = Setting::new(
    "REALTIME_MAX_PAYLOAD",
    "65536",
    "Bytes of one packet from a client, and of one polling body. Low: long messages end the link; high: memory for strangers.",
)
.or("65536")
.within(1024, 16 * 1024 * 1024);

pub(super) const SECTION: Section = Section {
    title: "Engine.IO",
    settings: &[PING_INTERVAL, PING_TIMEOUT, CONNECT_TIMEOUT, MAX_PAYLOAD],
};

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineConfig {
    /// Time from a pong to the next ping. Default 25 s. Low: more packets; high: dead links show late.
    pub ping_interval: Duration,
    /// Time for a pong to arrive. Default 20 s. Low: slow phones are cut; high: the dead stay online.
    pub ping_timeout: Duration,
    /// Time from the handshake to the first joined namespace. Default 10 s. High: strangers hold links.
    pub connect_timeout: Duration,
    /// Bytes of one packet, and of one polling body. Default 64 KiB. High: memory for strangers.
    pub max_payload: usize,
}

impl EngineConfig {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        Self {
            ping_interval: reader.millis(&PING_INTERVAL),
            ping_timeout: reader.millis(&PING_TIMEOUT),
            connect_timeout: reader.millis(&CONNECT_TIMEOUT),
            max_payload: reader.size(&MAX_PAYLOAD),
        }
    }
}

impl Default for EngineConfig {
    fn default() -> Self {
        Reader::defaults(Self::read)
    }
}
