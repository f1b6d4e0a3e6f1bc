//! Budgets and caps.

use std::time::Duration;

use super::reader::{Reader, integer_within};
use super::setting::{Section, Setting};

const BODY_MAX: Setting = Setting::new(
    "REALTIME_BODY_MAX",
    "4000",
    "Unicode scalar values of a message. High: must still fit REALTIME_MAX_PAYLOAD with its envelope.",
)
.or("4000")
.within(1, 65_536);
const RATE_MESSAGES: Setting = Setting::new(
    "REALTIME_RATE_MESSAGES",
    "10/30",
    "message:send of one user on one instance: so many a second / burst. Low: people who type fast are refused; high: one user can flood another.",
)
.or("10/30");
const RATE_EVENTS: Setting = Setting::new(
    "REALTIME_RATE_EVENTS",
    "50/100",
    "All other events of one user on one instance: so many a second / burst. Low: a page with many chats is refused as it opens.",
)
.or("50/100");
const ACCEPT_RATE: Setting = Setting::new(
    "REALTIME_ACCEPT_RATE",
    "500/1000",
    "Handshakes of one instance: so many a second / burst; beyond it 503, and clients come again. High: a storm hits Redis at once.",
)
.or("500/1000");
const MAX_SOCKETS_PER_USER: Setting = Setting::new(
    "REALTIME_MAX_SOCKETS_PER_USER",
    "20",
    "Sockets of one user on one instance. Low: many tabs are refused; high: one account can hold many links.",
)
.or("20")
.within(1, 1_000_000);
const MAX_CONNECTIONS: Setting = Setting::new(
    "REALTIME_MAX_CONNECTIONS",
    "100000",
    "Connections of one instance; in force is min(this, open-file limit - 512). Low: refuses while there is room; high: memory.",
)
.or("100000")
.within(1, 10_000_000);
const MAX_CONNECTION_AGE: Setting = Setting::new(
    "REALTIME_MAX_CONNECTION_AGE_SECS",
    "86400",
    "Seconds after which a connection is closed (with jitter) so that load spreads to new instances; 0: never. Low: constant reconnects.",
)
.or("0")
.within(0, 31_536_000);
const SEND_QUEUE: Setting = Setting::new(
    "REALTIME_SEND_QUEUE",
    "256",
    "Pushes waiting for one socket; beyond it the socket is cut and syncs when it returns. Low: brief stalls cut; high: memory.",
)
.or("256")
.within(1, 1_000_000);
const SEND_QUEUE_BYTES: Setting = Setting::new(
    "REALTIME_SEND_QUEUE_BYTES",
    "1048576",
    "Bytes waiting for one socket; beyond it the socket is cut and syncs when it returns. Low: big snapshots cut; high: memory.",
)
.or("1048576")
.within(1024, 1_073_741_824);
const DRAIN: Setting = Setting::new(
    "REALTIME_DRAIN_SECS",
    "20",
    "Seconds over which a stopping instance sends its sockets away. Low: everybody reconnects at once; high: must fit the orchestrator's grace period.",
)
.or("20")
.within(0, 3600);

pub(super) const SECTION: Section = Section {
    title: "Limits",
    settings: &[
        BODY_MAX,
        RATE_MESSAGES,
        RATE_EVENTS,
        ACCEPT_RATE,
        MAX_SOCKETS_PER_USER,
        MAX_CONNECTIONS,
        MAX_CONNECTION_AGE,
        SEND_QUEUE,
        SEND_QUEUE_BYTES,
        DRAIN,
    ],
};

/// So many a second, with a burst: written `rate/burst`. Neither is ever 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Refilled each second.
    pub per_second: u32,
    /// Held at most.
    pub burst: u32,
}

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitsConfig {
    /// Unicode scalar values of a message's body. Default 4000. High: must fit one packet.
    pub body_max: usize,
    /// `message:send` of one user on this instance. Default 10/30. Low: fast typists are refused.
    pub messages: Rate,
    /// All other events of one user on this instance. Default 50/100. Low: a page with many chats is refused as it opens.
    pub events: Rate,
    /// Handshakes of this instance; beyond it 503. Default 500/1000. High: a storm hits Redis at once.
    pub accept: Rate,
    /// Sockets of one user on this instance. Default 20. Low: many tabs are refused.
    pub sockets_per_user: usize,
    /// Connections of this instance. Default 100,000. High: memory.
    pub connections: usize,
    /// After which a connection is closed so that load spreads; `None`: never, the default. Low: constant reconnects.
    pub connection_age: Option<Duration>,
    /// Pushes waiting for one connection; beyond either bound it is cut. Default 256. Low: brief stalls cut.
    pub send_queue: usize,
    /// Bytes waiting for one connection. Default 1 MiB. High: memory.
    pub send_queue_bytes: usize,
    /// Time over which a stopping instance sends its sockets away. Default 20 s. Low: everybody reconnects at once.
    pub drain: Duration,
}

impl LimitsConfig {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let rate = |reader: &mut Reader<'_>, setting| {
            let stand_in = Rate {
                per_second: 1,
                burst: 1,
            };
            reader.parse(setting, parse_rate).unwrap_or(stand_in)
        };
        Self {
            body_max: reader.size(&BODY_MAX),
            messages: rate(reader, &RATE_MESSAGES),
            events: rate(reader, &RATE_EVENTS),
            accept: rate(reader, &ACCEPT_RATE),
            sockets_per_user: reader.size(&MAX_SOCKETS_PER_USER),
            connections: reader.size(&MAX_CONNECTIONS),
            connection_age: Some(reader.seconds(&MAX_CONNECTION_AGE)).filter(|age| !age.is_zero()),
            send_queue: reader.size(&SEND_QUEUE),
            send_queue_bytes: reader.size(&SEND_QUEUE_BYTES),
            drain: reader.seconds(&DRAIN),
        }
    }
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Reader::defaults(Self::read)
    }
}

/// What a start is told whose longest message could never arrive.
pub(super) fn body_exceeds_payload(reader: &mut Reader<'_>) {
    reader.fault(&BODY_MAX, "is more than REALTIME_MAX_PAYLOAD bytes hold");
}

fn parse_rate(text: &str) -> Result<Rate, String> {
    let part = |part: &str| -> Result<u32, String> {
        let number = integer_within(part, 1, 1_000_000).map_err(|fault| format!("is no rate: \"{part}\" {fault}"))?;
        u32::try_from(number).map_err(|error| error.to_string())
    };
    let (per_second, burst) = text.split_once('/').ok_or("is no rate (a second/burst)")?;
    Ok(Rate {
        per_second: part(per_second)?,
        burst: part(burst)?,
    })
}
