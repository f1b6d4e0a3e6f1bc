//! Graces that ran out and instances that died, looked for when they are due. Every follower of a realm does, so that neither
//! depends on one instance; a sweep that comes second finds nothing.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rand::RngExt as _;
use shared_protocol::events::Realm;
use tokio::time::Instant;

use super::change::Change;
use super::inner::Inner;
use super::store::{Deadlines, Swept};
use super::timers::Timers;
use crate::config::PresenceConfig;

/// After a deadline, for who wrote it: Redis' clock must have passed it.
const OWN_MARGIN: Duration = Duration::from_millis(5);
/// After a deadline, for the others (ms): most times the owner has been there before. Within the 2 s that the rules give.
const OTHERS_MARGIN_MS: std::ops::Range<u64> = 300..900;
/// After an instance's lease (ms): spread, so that one survivor comes first.
const LEASE_MARGIN_MS: std::ops::Range<u64> = 20..400;
/// For clients to come back after Redis did; Socket.IO's own back-off ends at 5 s.
const CLIENTS_BACK_OFF: Duration = Duration::from_secs(15);
/// After a sweep that failed.
const RETRY: Duration = Duration::from_secs(1);
/// Realms swept in one round trip.
const REALMS_A_SWEEP: usize = 64;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Sweep {
    Grace(Realm),
    Lease(Realm),
    /// Realms that no living instance follows.
    Unfollowed,
}

#[derive(Default)]
pub(super) struct Sweeps {
    timers: Timers<Sweep>,
    held: Mutex<Held>,
}

/// Until when nothing is swept.
#[derive(Clone, Copy, Debug, Default)]
struct Held {
    graces: Option<Instant>,
    leases: Option<Instant>,
}

impl Sweeps {
    /// A call told when to look again.
    pub(super) fn on_deadlines(&self, realm: &Realm, deadlines: Deadlines, own: bool) {
        let now = Instant::now();
        if let Some(grace) = deadlines.grace {
            self.timers
                .set_earliest(&Sweep::Grace(realm.clone()), now + grace + margin(own));
        }
        // Renewed all the time, so the alarm is moved on and rings for dead instances only.
        let lease = deadlines.lease.map(|lease| now + lease + random(LEASE_MARGIN_MS));
        self.timers.set(&Sweep::Lease(realm.clone()), lease);
    }

    /// A grace has begun, here or elsewhere.
    pub(super) fn on_due(&self, realm: &Realm, change: &Change, own: bool) {
        if let Some(due_ms) = change.due_ms {
            let at = Instant::now() + Duration::from_millis(due_ms) + margin(own);
            self.timers.set_earliest(&Sweep::Grace(realm.clone()), at);
        }
    }

    /// Redis could not be reached, by us and perhaps by others. Instances have a lease's time to renew what they hold, and clients,
    /// who were refused meanwhile, the time of their back-off to come back.
    pub(super) fn hold(&self, config: &PresenceConfig) {
        let now = Instant::now();
        let graces = config.grace.max(CLIENTS_BACK_OFF).min(config.lease);
        *self.lock() = Held {
            graces: Some(now + graces),
            leases: Some(now + config.lease),
        };
    }

    pub(super) fn forget(&self, realm: &Realm) {
        self.timers.set(&Sweep::Grace(realm.clone()), None);
        self.timers.set(&Sweep::Lease(realm.clone()), None);
    }

    /// Until when an alarm has to wait.
    fn held_until(&self, sweep: &Sweep) -> Option<Instant> {
        let held = self.lock();
        let until = match sweep {
            Sweep::Grace(_) => held.graces,
            Sweep::Lease(_) | Sweep::Unfollowed => held.leases,
        };
        until.filter(|until| *until > Instant::now())
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn margin(own: bool) -> Duration {
    if own { OWN_MARGIN } else { random(OTHERS_MARGIN_MS) }
}

fn random(range: std::ops::Range<u64>) -> Duration {
    Duration::from_millis(rand::rng().random_range(range))
}

/// Runs as long as it is driven.
pub(super) async fn run(inner: &Inner) {
    let period = inner.config.lease;
    let again = || Some(Instant::now() + period.mul_f64(rand::rng().random_range(0.8..1.2)));
    inner.sweeps.timers.set(&Sweep::Unfollowed, again());
    loop {
        let mut realms = BTreeMap::new();
        for sweep in inner.sweeps.timers.due().await {
            if let Some(until) = inner.sweeps.held_until(&sweep) {
                inner.sweeps.timers.set(&sweep, Some(until));
                continue;
            }
            match sweep {
                // Leases that ran out are looked at, too, unless they are held.
                Sweep::Grace(realm) => {
                    let reap = inner.sweeps.held_until(&Sweep::Lease(realm.clone())).is_none();
                    realms.entry(realm).or_insert(reap);
                }
                Sweep::Lease(realm) => drop(realms.insert(realm, true)),
                Sweep::Unfollowed => {
                    realms.extend(unfollowed(inner).await);
                    inner.sweeps.timers.set(&Sweep::Unfollowed, again());
                }
            }
        }
        let realms: Vec<(Realm, bool)> = realms.into_iter().collect();
        for realms in realms.chunks(REALMS_A_SWEEP) {
            sweep(inner, realms).await;
        }
    }
}

/// Realms that no instance has named for a lease: whoever held somebody there is dead, and perhaps nobody follows them.
async fn unfollowed(inner: &Inner) -> Vec<(Realm, bool)> {
    let listed = inner.store.listed().await.unwrap_or_else(|error| {
        tracing::debug!(%error, "realms could not be listed");
        Vec::new()
    });
    let unnamed = listed.into_iter().filter(|(_, unnamed)| *unnamed > inner.config.lease);
    unnamed
        .map(|(realm, _)| realm)
        .filter(|realm| inner.views.get(realm).is_none())
        .map(|realm| (realm, true))
        .collect()
}

async fn sweep(inner: &Inner, realms: &[(Realm, bool)]) {
    let swept = inner.store.sweep(realms).await.unwrap_or_else(|error| {
        tracing::debug!(%error, "realms could not be swept");
        Vec::new()
    });
    let mut swept = swept.into_iter();
    for (realm, _) in realms {
        match swept.next() {
            Some(Ok(swept)) => on_swept(inner, realm, &swept),
            Some(Err(error)) => tracing::error!(%error, %realm, "a realm could not be swept"),
            None => {
                let at = Instant::now() + RETRY;
                inner.sweeps.timers.set_earliest(&Sweep::Lease(realm.clone()), at);
            }
        }
    }
}

fn on_swept(inner: &Inner, realm: &Realm, swept: &Swept) {
    if let Some(announced) = &swept.announced {
        inner.reports.on_announced(realm, announced);
    }
    if inner.views.get(realm).is_some() {
        // Who found something was first, and goes on as the owner; the others stay behind it.
        inner
            .sweeps
            .on_deadlines(realm, swept.deadlines, swept.announced.is_some());
    }
    if swept.more {
        inner
            .sweeps
            .timers
            .set_earliest(&Sweep::Grace(realm.clone()), Instant::now());
    }
}
