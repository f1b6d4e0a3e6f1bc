//! What others are told through the hooks, each thing once.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use shared_protocol::events::Realm;
use tokio::time::Instant;

use super::change::{Change, moment};
use super::metrics::PresenceMetrics;
use super::options::{Loss, PresenceHooks};

/// Dead instances that are remembered: one dies in every realm in which it held users, and is reported once.
const REMEMBERED: usize = 256;

pub(super) struct Reports {
    hooks: PresenceHooks,
    metrics: PresenceMetrics,
    instance: String,
    quiet: Duration,
    lost: Mutex<Lost>,
}

#[derive(Default)]
struct Lost {
    peers: VecDeque<String>,
    own: Option<Instant>,
}

impl Reports {
    /// A loss of our own is reported at most once in `quiet`.
    pub(super) fn new(hooks: PresenceHooks, metrics: PresenceMetrics, instance: String, quiet: Duration) -> Self {
        Self {
            hooks,
            metrics,
            instance,
            quiet,
            lost: Mutex::default(),
        }
    }

    /// This instance's own call announced something.
    pub(super) fn on_announced(&self, realm: &Realm, change: &Change) {
        self.metrics.on_announced(change);
        for gone in &change.offline {
            (self.hooks.on_last_seen)(realm, &gone.id, moment(gone.at_ms));
        }
        self.on_reaped(change);
    }

    /// Instances were reaped. Tells whether this one is among them.
    pub(super) fn on_reaped(&self, change: &Change) -> bool {
        let mut own = false;
        for instance in &change.reaped {
            if *instance == self.instance {
                own = true;
                self.on_own_loss();
            } else if self.is_news(instance) {
                (self.hooks.on_loss)(Loss::Peer {
                    instance: instance.clone(),
                });
            }
        }
        own
    }

    /// Redis does not hold this instance's lease any more.
    pub(super) fn on_own_loss(&self) {
        let now = Instant::now();
        let mut lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner);
        if lost.own.is_none_or(|last| now.duration_since(last) >= self.quiet) {
            lost.own = Some(now);
            drop(lost);
            (self.hooks.on_loss)(Loss::Own);
        }
    }

    fn is_news(&self, instance: &str) -> bool {
        let mut lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner);
        if lost.peers.iter().any(|known| known == instance) {
            return false;
        }
        if lost.peers.len() == REMEMBERED {
            lost.peers.pop_front();
        }
        lost.peers.push_back(instance.to_owned());
        true
    }
}
