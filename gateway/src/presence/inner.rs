//! What the parts of the service share.

use shared_protocol::events::Realm;
use tokio::sync::Notify;

use super::options::{ChangeFeed, PresenceOptions};
use super::registry::Registry;
use super::reports::Reports;
use super::store::Store;
use super::sweeper::Sweeps;
use super::views::Views;
use crate::config::PresenceConfig;
use crate::db::keys::Keys;

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
    /// The next heartbeat shall not wait for its time.
    pub(super) beat_now: Notify,
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
        } = options;
        Self {
            keys: redis.keys().clone(),
            address: address.unwrap_or_default(),
            feed,
            store: Store::new(redis, instance.clone(), config.lease),
            registry: Registry::default(),
            views: Views::new(config.clone()),
            sweeps: Sweeps::default(),
            reports: Reports::new(hooks, instance, config.heartbeat),
            beat_now: Notify::new(),
            config,
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
