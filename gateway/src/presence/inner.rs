//! What the parts of the service share.

use std::sync::{Mutex, PoisonError};

use shared_protocol::events::Realm;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::metrics::PresenceMetrics;
use super::options::{ChangeFeed, PresenceOptions};
use super::registry::Registry;
use super::reports::Reports;
use super::store::Store;
use super::sweeper::Sweeps;
use super::views::Views;
use crate::config::PresenceConfig;
use crate::db::keys::Keys;

/// Leases without a word from Redis after which a realm's keys may have expired, all but one of those for which they stay (`keep` in
/// `scripts/realm.lua`).
const FORGETFUL_LEASES: u32 = 3;

pub(super) struct Inner {
    pub(super) config: PresenceConfig,
    pub(super) keys: Keys,
    pub(super) address: String,
    pub(super) feed: ChangeFeed,
    pub(super) store: Store,
    pub(super) registry: Registry,
    pub(super) views: Views,
    pub(super) sweeps: Sweeps,
    pub(super) reports: Reports,
    pub(super) metrics: PresenceMetrics,
    /// The next heartbeat shall not wait for its time.
    pub(super) beat_now: Notify,
    /// When Redis last answered.
    last_answer: Mutex<Instant>,
}

impl Inner {
    pub(super) fn new(options: PresenceOptions) -> Self {
        let PresenceOptions {
            redis,
            feed,
            config,
            instance,
            address,
            hooks,
            metrics,
        } = options;
        Self {
            keys: redis.keys().clone(),
            address: address.unwrap_or_default(),
            feed,
            store: Store::new(redis, instance.clone(), config.lease),
            registry: Registry::default(),
            views: Views::new(config.clone()),
            sweeps: Sweeps::default(),
            reports: Reports::new(hooks, metrics.clone(), instance, config.heartbeat),
            metrics,
            beat_now: Notify::new(),
            last_answer: Mutex::new(Instant::now()),
            config,
        }
    }

    /// Redis has answered. After a long silence its keys may have expired, and instances are writing their users again: its run is
    /// the same and its versions go on, so nothing in a reading would show that whoever is missing has not left.
    pub(super) fn on_answer(&self) {
        let now = Instant::now();
        let mut last_answer = self.last_answer.lock().unwrap_or_else(PoisonError::into_inner);
        let silence = now.duration_since(std::mem::replace(&mut *last_answer, now));
        drop(last_answer);
        if silence >= self.config.lease * FORGETFUL_LEASES {
            self.views.hold_all(now);
        }
    }

    /// Where changes of a realm are told.
    pub(super) fn channel(&self, realm: &Realm) -> String {
        self.keys.realm(realm).changes
    }

    /// Where changes of any realm are told.
    pub(super) fn pattern(&self) -> String {
        self.keys.all_changes_pattern()
    }
}
