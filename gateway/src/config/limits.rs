//! Budgets and caps: `REALTIME_BODY_MAX`, `…_RATE_MESSAGES`, `…_RATE_EVENTS`, `…_ACCEPT_RATE`, `…_MAX_SOCKETS_PER_USER`,
//! `…_MAX_CONNECTIONS`, `…_MAX_CONNECTION_AGE_SECS`, `…_SEND_QUEUE`, `…_SEND_QUEUE_BYTES`, `…_DRAIN_SECS`.

use std::time::Duration;

/// So many a second, with a burst: written `rate/burst`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Refilled each second.
    pub per_second: u32,
    /// Held at most.
    pub burst: u32,
}

/// See the module.
#[derive(Clone, Debug)]
pub struct LimitsConfig {
    /// Unicode scalar values of a message's body.
    pub body_max: usize,
    /// `message:send` of one user on this instance.
    pub messages: Rate,
    /// All other events of one user on this instance.
    pub events: Rate,
    /// Handshakes of this instance; beyond it 503.
    pub accept: Rate,
    /// Sockets of one user on this instance.
    pub sockets_per_user: usize,
    /// Connections of this instance.
    pub connections: usize,
    /// After which a connection is closed so that load spreads; `None`: never.
    pub connection_age: Option<Duration>,
    /// Pushes waiting for one connection; beyond either bound it is cut.
    pub send_queue: usize,
    /// Bytes waiting for one connection.
    pub send_queue_bytes: usize,
    /// Time over which a stopping instance sends its sockets away.
    pub drain: Duration,
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            body_max: 4000,
            messages: Rate {
                per_second: 10,
                burst: 30,
            },
            events: Rate {
                per_second: 50,
                burst: 100,
            },
            accept: Rate {
                per_second: 500,
                burst: 1000,
            },
            sockets_per_user: 20,
            connections: 100_000,
            connection_age: None,
            send_queue: 256,
            send_queue_bytes: 1_048_576,
            drain: Duration::from_secs(20),
        }
    }
}
