//! Whom the gateway has seen, waiting to be written down.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use shared_protocol::events::{Realm, Timestamp, UserId};
use tokio::sync::{Notify, oneshot};

/// Users that may wait while Postgres is away; beyond it the oldest knowledge is worth less than the memory.
const WAITING_MAX: usize = 100_000;
/// Users of one statement.
const BATCH_MAX: usize = 2_000;

/// The last sign of life of one user in one realm.
#[derive(Debug)]
pub(super) struct Sighting {
    /// Display name, when the session carried one.
    pub(super) name: Option<String>,
    /// When.
    pub(super) at: Timestamp,
    /// Whether they have connected; else they have left, which is worth noting only of somebody who is known.
    pub(super) is_here: bool,
    /// Who waits for it to be written; they hear of it by these being dropped.
    pub(super) waiters: Vec<oneshot::Sender<()>>,
}

pub(super) type Sightings = HashMap<(Realm, UserId), Sighting>;

/// Sightings by user, each once: a thousand reconnects of one user cost one row.
#[derive(Debug, Default)]
pub(super) struct SeenQueue {
    waiting: Mutex<Sightings>,
    moved_out: Mutex<HashSet<(Realm, UserId)>>,
    arrived: Notify,
}

impl SeenQueue {
    /// Notes a sighting. `false`: too many wait already, and this one is left out.
    pub(super) fn note(&self, realm: &Realm, user: &UserId, sighting: Sighting) -> bool {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let noted = merge(&mut waiting, (realm.clone(), user.clone()), sighting);
        drop(waiting);
        self.arrived.notify_one();
        noted
    }

    /// Puts back what could not be written. What was seen meanwhile is newer and stays.
    pub(super) fn put_back(&self, sightings: Sightings) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, sighting) in sightings {
            merge(&mut waiting, key, sighting);
        }
        drop(waiting);
        self.arrived.notify_one();
    }

    /// Drops what waits about a user, wherever they live.
    pub(super) fn forget(&self, user: &UserId) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|(_, known), _| known != user);
    }

    /// Notes that a user lives there no longer; nothing that was seen of them there counts.
    pub(super) fn move_out(&self, realm: &Realm, user: &UserId) {
        let key = (realm.clone(), user.clone());
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
        self.put_back_moves([key]);
    }

    /// Takes who has moved out.
    pub(super) fn take_moves(&self) -> HashSet<(Realm, UserId)> {
        std::mem::take(&mut self.moved_out.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts moves back that could not be written.
    pub(super) fn put_back_moves(&self, moves: impl IntoIterator<Item = (Realm, UserId)>) {
        let mut moved_out = self.moved_out.lock().unwrap_or_else(PoisonError::into_inner);
        let room = WAITING_MAX.saturating_sub(moved_out.len());
        moved_out.extend(moves.into_iter().take(room));
        drop(moved_out);
        self.arrived.notify_one();
    }

    /// Takes the next batch; empty when nothing waits.
    pub(super) fn take(&self) -> Sightings {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() <= BATCH_MAX {
            return std::mem::take(&mut *waiting);
        }
        let keys: Vec<_> = waiting.keys().take(BATCH_MAX).cloned().collect();
        keys.into_iter().filter_map(|key| waiting.remove_entry(&key)).collect()
    }

    /// Waits until something waits.
    pub(super) async fn arrived(&self) {
        self.arrived.notified().await;
    }
}

fn merge(waiting: &mut Sightings, key: (Realm, UserId), sighting: Sighting) -> bool {
    if let Some(known) = waiting.get_mut(&key) {
        let newer = sighting.at >= known.at;
        known.at = known.at.max(sighting.at);
        known.is_here |= sighting.is_here;
        known.waiters.extend(sighting.waiters);
        if newer && sighting.name.is_some() || known.name.is_none() {
            known.name = sighting.name;
        }
        return true;
    }
    if waiting.len() >= WAITING_MAX {
        return false;
    }
    waiting.insert(key, sighting);
    true
}
