//! What the service is given, and how it tells others.

use std::fmt;

use futures_util::future::BoxFuture;
use shared_protocol::events::{Realm, Timestamp, UserId};

use super::metrics::PresenceMetrics;
use crate::bus::{Bus, BusError};
use crate::config::PresenceConfig;
use crate::db::Redis;

/// Everything that the service uses.
pub struct PresenceOptions {
    /// Commands, and keys.
    pub redis: Redis,
    /// Subscriptions to changes.
    pub feed: ChangeFeed,
    /// Timing and bounds.
    pub config: PresenceConfig,
    /// This instance's id; new at every boot, so that what an earlier boot left behind is reaped and not taken over.
    pub instance: String,
    /// Where peers reach this instance's public listener, if they can.
    pub address: Option<String>,
    /// Who wants to know.
    pub hooks: PresenceHooks,
    /// What is counted.
    pub metrics: PresenceMetrics,
}

type Subscribe = Box<dyn Fn(String) -> BoxFuture<'static, Result<(), BusError>> + Send + Sync>;
type Unsubscribe = Box<dyn Fn(&str) + Send + Sync>;

/// How the service asks for changes. They come back through [`Presence::on_change`](super::Presence::on_change).
pub struct ChangeFeed {
    /// Subscribes to a channel; done once Redis has confirmed it.
    pub subscribe: Subscribe,
    /// Gives the channel back.
    pub unsubscribe: Unsubscribe,
    /// Like `subscribe`, for a pattern.
    pub subscribe_pattern: Subscribe,
    /// Gives the pattern back.
    pub unsubscribe_pattern: Unsubscribe,
}

impl From<Bus> for ChangeFeed {
    fn from(bus: Bus) -> Self {
        let [one, two, three, four] = [bus.clone(), bus.clone(), bus.clone(), bus];
        Self {
            subscribe: Box::new(move |channel| {
                let bus = one.clone();
                Box::pin(async move { bus.subscribe(&channel).await })
            }),
            unsubscribe: Box::new(move |channel| two.unsubscribe(channel)),
            subscribe_pattern: Box::new(move |pattern| {
                let bus = three.clone();
                Box::pin(async move { bus.subscribe_pattern(&pattern).await })
            }),
            unsubscribe_pattern: Box::new(move |pattern| four.unsubscribe_pattern(pattern)),
        }
    }
}

impl fmt::Debug for ChangeFeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ChangeFeed")
    }
}

/// Live deliveries may have been lost: sockets that may have missed some must be told to sync.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Loss {
    /// An instance died with what it had stored and not yet published.
    Peer {
        /// Which.
        instance: String,
    },
    /// The others took this instance for dead.
    Own,
}

type OnLoss = Box<dyn Fn(Loss) + Send + Sync>;
type OnLastSeen = Box<dyn Fn(&Realm, &UserId, Timestamp) + Send + Sync>;

/// Called by the service as things happen; must return at once.
pub struct PresenceHooks {
    /// Once for each instance that died, as far as this one hears of it; see [`Loss`].
    pub on_loss: OnLoss,
    /// A user went offline, and this instance is the one that announced it.
    pub on_last_seen: OnLastSeen,
}

impl Default for PresenceHooks {
    fn default() -> Self {
        Self {
            on_loss: Box::new(|_| {}),
            on_last_seen: Box::new(|_, _, _| {}),
        }
    }
}

impl fmt::Debug for PresenceHooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PresenceHooks")
    }
}

/// How a socket left, which decides how long its user may be missing before peers are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Departure {
    /// Its connection ended: a reload, a network blip, a closed tab.
    Grace,
    /// This instance sends it away: clients' back-off may exceed the common grace.
    Drained,
    /// Its login session is over: peers are told at once.
    SessionOver,
}
