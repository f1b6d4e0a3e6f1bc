//! How much one user may do on this instance: a token bucket for messages, one for everything else.

use std::num::NonZeroU32;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use shared_protocol::events::{AckError, ErrorCode};

use crate::config::Rate;

/// How many times the budget of events may be spent on delivered marks, which clients send without being asked.
const DELIVERED_TIMES: u32 = 10;
/// How many times the budget a client may try to spend before it is cut.
const CUT_AT: u32 = 10;

/// Rates of one user.
#[derive(Clone, Copy, Debug)]
pub struct BudgetLimits {
    /// `message:send`.
    pub messages: Rate,
    /// All other events, and CONNECTs.
    pub events: Rate,
}

/// What an event counts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cost {
    /// A chat message.
    Message,
    /// A delivered mark: not counted as an event, and not without bound.
    Delivered,
    /// Anything else, a CONNECT too.
    Event,
}

/// Why an event is not handled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Overspent {
    /// Over the budget: the client is told when to come again.
    Limited(AckError),
    /// Far over it, in spite of being told.
    Cut,
}

/// See the module. Shared by all sockets of a user.
#[derive(Debug)]
pub struct Budget {
    messages: Bucket,
    events: Bucket,
    delivered: Bucket,
    clock: DefaultClock,
}

#[derive(Debug)]
struct Bucket {
    limiter: DefaultDirectRateLimiter,
    /// Counts every try, at ten times the rate and burst: a client that empties this one does not care what it is told.
    tries: DefaultDirectRateLimiter,
}

impl Budget {
    /// A full budget.
    pub fn new(limits: BudgetLimits) -> Self {
        Self {
            messages: Bucket::new(limits.messages, 1),
            events: Bucket::new(limits.events, 1),
            delivered: Bucket::new(limits.events, DELIVERED_TIMES),
            clock: DefaultClock::default(),
        }
    }

    /// Pays for one event.
    pub fn spend(&self, cost: Cost) -> Result<(), Overspent> {
        let bucket = match cost {
            Cost::Message => &self.messages,
            Cost::Delivered => &self.delivered,
            Cost::Event => &self.events,
        };
        if bucket.tries.check().is_err() {
            return Err(Overspent::Cut);
        }
        match bucket.limiter.check() {
            Ok(()) => Ok(()),
            Err(not_until) => {
                let wait = not_until.wait_time_from(self.clock.now());
                let mut error = AckError::new(ErrorCode::RateLimited, "Too many events; slow down");
                // Rounded up: whoever waits exactly that long must not be refused again.
                error.retry_after_ms = Some(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).saturating_add(1));
                Err(Overspent::Limited(error))
            }
        }
    }
}

impl Bucket {
    fn new(rate: Rate, times: u32) -> Self {
        Self {
            limiter: limiter(rate, times),
            tries: limiter(rate, times.saturating_mul(CUT_AT)),
        }
    }
}

fn limiter(rate: Rate, times: u32) -> DefaultDirectRateLimiter {
    let per_second = NonZeroU32::new(rate.per_second.saturating_mul(times)).unwrap_or(NonZeroU32::MIN);
    let burst = NonZeroU32::new(rate.burst.saturating_mul(times)).unwrap_or(NonZeroU32::MIN);
    RateLimiter::direct(Quota::per_second(per_second).allow_burst(burst))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budget() -> Budget {
        let rate = Rate {
            per_second: 1,
            burst: 3,
        };
        Budget::new(BudgetLimits {
            messages: rate,
            events: rate,
        })
    }

    #[test]
    fn a_burst_is_let_through_and_then_a_wait_is_named() {
        let budget = budget();
        for _ in 0..3 {
            budget.spend(Cost::Message).unwrap();
        }
        let Err(Overspent::Limited(error)) = budget.spend(Cost::Message) else {
            panic!("let through")
        };
        assert_eq!(error.code, ErrorCode::RateLimited);
        assert!(error.retry_after_ms.is_some_and(|wait| (1..=1001).contains(&wait)));
        budget.spend(Cost::Event).unwrap();
        for _ in 0..30 {
            budget.spend(Cost::Delivered).unwrap();
        }
    }

    #[test]
    fn whoever_does_not_slow_down_is_cut() {
        let budget = budget();
        for _ in 0..30 {
            assert_ne!(budget.spend(Cost::Event), Err(Overspent::Cut));
        }
        assert_eq!(budget.spend(Cost::Event), Err(Overspent::Cut));
    }
}
