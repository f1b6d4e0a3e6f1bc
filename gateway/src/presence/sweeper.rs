//! Graces that ran out and instances that died, looked for when they are due. Every follower of a realm does, so that neither
//! depends on one instance; a sweep that comes second finds nothing.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rand::RngExt as _;
use shared_protocol::events::Realm;
use tokio::time::Instant;

use super::change::Change;
use super::inner::Inner;
use super::store::{Deadlines, Swept};
use super::timers::Timers;

/// After a deadline, for who wrote it: Redis' clock must have passed it.
const OWN_MARGIN: Duration = Duration::from_millis(5);
/// After a deadline, for the others (ms): most times the owner has been there before. Within the 2 s that the rules give.
const OTHERS_MARGIN_MS: std::ops::Range<u64> = 300..900;
/// After an instance's lease (ms): spread, so that one survivor comes first.
const LEASE_MARGIN_MS: std::ops::Range<u64> = 20..400;
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
    held_until: Mutex<Option<Instant>>,
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

    /// Redis could not be reached, by us and perhaps by others: for a time nobody is held against not having been there.
    pub(super) fn hold(&self, time: Duration) {
        *self.held_until.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now() + time);
    }

    pub(super) fn forget(&self, realm: &Realm) {
        self.timers.set(&Sweep::Grace(realm.clone()), None);
        self.timers.set(&Sweep::Lease(realm.clone()), None);
    }

    fn held_until(&self) -> Option<Instant> {
        let held = *self.held_until.lock().unwrap_or_else(PoisonError::into_inner);
        held.filter(|until| *until > Instant::now())
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
        let due = inner.sweeps.timers.due().await;
        if let Some(until) = inner.sweeps.held_until() {
            due.iter().for_each(|sweep| inner.sweeps.timers.set(sweep, Some(until)));
            continue;
        }
        let mut realms = Vec::new();
        for sweep in due {
            match sweep {
                Sweep::Grace(realm) | Sweep::Lease(realm) => realms.push((realm, true)),
                Sweep::Unfollowed => {
                    realms.extend(unfollowed(inner).await);
                    inner.sweeps.timers.set(&Sweep::Unfollowed, again());
                }
            }
        }
        realms.dedup();
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
            Some(Err(error)) => tracing::error!(%error, ?realm, "a realm could not be swept"),
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
