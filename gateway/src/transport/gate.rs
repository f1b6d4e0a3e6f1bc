//! Whether there is room for one more connection.
//!
//! Stock clients know no `Retry-After` and all come back at the same five seconds, so a deploy or a healed network brings
//! a herd: the gate lets in what the instance can take, and sends the rest to their back-off.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio_util::sync::CancellationToken;

use crate::config::Rate;

/// How many, how fast.
#[derive(Clone, Copy, Debug)]
pub struct GateLimits {
    /// Connections at once.
    pub connections: usize,
    /// Handshakes.
    pub accept: Rate,
}

/// Why nobody is let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// The instance is going away.
    Draining,
    /// Sessions cannot be checked just now.
    RedisAway,
    /// As many connections as it takes.
    Full,
    /// Too many at once.
    TooFast,
}

impl Closed {
    /// For logs and metric labels.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Draining => "draining",
            Self::RedisAway => "redis_away",
            Self::Full => "full",
            Self::TooFast => "too_fast",
        }
    }
}

/// See the module. Shared by all workers.
#[derive(Debug)]
pub struct Gate {
    connections: AtomicUsize,
    draining: CancellationToken,
    capacity: usize,
    rate: DefaultDirectRateLimiter,
}

/// One connection's place, given back when dropped.
#[derive(Debug)]
pub struct Ticket(Arc<Gate>);

impl Gate {
    /// An open gate.
    pub fn new(limits: GateLimits) -> Arc<Self> {
        let per_second = NonZeroU32::new(limits.accept.per_second).unwrap_or(NonZeroU32::MIN);
        let burst = NonZeroU32::new(limits.accept.burst).unwrap_or(NonZeroU32::MIN);
        Arc::new(Self {
            connections: AtomicUsize::new(0),
            draining: CancellationToken::new(),
            capacity: limits.connections,
            rate: RateLimiter::direct(Quota::per_second(per_second).allow_burst(burst)),
        })
    }

    /// Takes a place.
    pub fn enter(self: &Arc<Self>) -> Result<Ticket, Closed> {
        if self.is_draining() {
            return Err(Closed::Draining);
        }
        if self.rate.check().is_err() {
            return Err(Closed::TooFast);
        }
        // Counted first and given back when it was one too many, so that two at once cannot both take the last place.
        let ticket = Ticket(Arc::clone(self));
        if self.connections.fetch_add(1, Ordering::AcqRel) >= self.capacity {
            return Err(Closed::Full);
        }
        Ok(ticket)
    }

    /// Lets nobody in any more.
    pub fn start_draining(&self) {
        self.draining.cancel();
    }

    /// Whether the instance is going away.
    pub fn is_draining(&self) -> bool {
        self.draining.is_cancelled()
    }

    /// Resolves when the instance goes away.
    pub async fn draining(&self) {
        self.draining.cancelled().await;
    }

    /// Connections that it lets in at once.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// Connections that are open now.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::Acquire)
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.0.connections.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate(connections: usize, burst: u32) -> Arc<Gate> {
        Gate::new(GateLimits {
            connections,
            accept: Rate { per_second: 1, burst },
        })
    }

    #[test]
    fn places_are_given_back() {
        let gate = gate(1, 10);
        let first = gate.enter().unwrap();
        assert_eq!(gate.enter().unwrap_err(), Closed::Full);
        assert_eq!(gate.connections(), 1);
        drop(first);
        assert!(gate.enter().is_ok());
    }

    #[test]
    fn a_herd_is_slowed_down() {
        let gate = gate(100, 2);
        let tickets: Vec<_> = (0..2).map(|_| gate.enter().unwrap()).collect();
        assert_eq!(gate.enter().unwrap_err(), Closed::TooFast);
        drop(tickets);
    }

    #[test]
    fn a_draining_instance_takes_nobody() {
        let gate = gate(100, 10);
        gate.start_draining();
        assert_eq!(gate.enter().unwrap_err(), Closed::Draining);
    }
}
