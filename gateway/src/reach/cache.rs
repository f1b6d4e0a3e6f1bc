//! Facts of the directory, for a while and never too many.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use shared_protocol::events::UserId;
use tokio::time::Instant;

use super::directory::Found;

/// How long a fact counts.
pub(super) const FRESH: Duration = Duration::from_mins(1);
/// How long it counts while Postgres is away.
pub(super) const STALE: Duration = Duration::from_mins(10);
/// Users of one generation; there are two.
const GENERATION_MAX: usize = 32_768;

/// What is known about one id.
#[derive(Clone, Debug)]
struct Entry {
    /// When the directory itself was asked; `None` when all we know is who connected here.
    asked_at: Option<Instant>,
    /// Who connected here lately, whether the directory knows them yet or not.
    seen: Vec<(Instant, Found)>,
    /// All of it, the directory's rows first seen last.
    found: Arc<[Found]>,
}

/// What the cache says about an id.
#[derive(Debug)]
pub(super) struct Known {
    /// Everybody with that id.
    pub(super) found: Arc<[Found]>,
    /// How old the directory's answer is; `None`: it was not asked.
    pub(super) age: Option<Duration>,
}

/// Two generations of entries: when the young one is full it becomes the old one, and what nobody asked for since is gone.
/// No clock, no list of uses, and never more than twice the bound.
#[derive(Debug, Default)]
pub(super) struct Cache(Mutex<Generations>);

#[derive(Debug, Default)]
struct Generations {
    young: HashMap<UserId, Entry>,
    old: HashMap<UserId, Entry>,
    /// Counts what was forgotten.
    epoch: u64,
}

impl Generations {
    fn put(&mut self, id: &UserId, entry: Entry) {
        if self.young.len() >= GENERATION_MAX {
            self.old = std::mem::take(&mut self.young);
        }
        self.old.remove(id);
        self.young.insert(id.clone(), entry);
    }

    fn get(&mut self, id: &UserId) -> Option<&Entry> {
        if let Some(entry) = self.old.remove(id) {
            self.put(id, entry);
        }
        self.young.get(id)
    }
}

impl Cache {
    /// What is known, and the epoch to hand back with [`Self::put`].
    pub(super) fn get(&self, id: &UserId) -> (Option<Known>, u64) {
        let mut generations = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let epoch = generations.epoch;
        let known = generations.get(id).map(|entry| Known {
            found: Arc::clone(&entry.found),
            age: entry.asked_at.map(|at| at.elapsed()),
        });
        (known, epoch)
    }

    /// Keeps the directory's answer, and gives back all that is known now. Nobody at all is not kept: a user who is created a
    /// moment later must be found.
    ///
    /// Race: a user moved to another tenant while the answer was under way. `epoch` is older then, and the answer is used
    /// once but not kept.
    pub(super) fn put(&self, id: &UserId, rows: Vec<Found>, epoch: u64) -> Arc<[Found]> {
        let mut generations = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut seen = generations.get(id).map(|entry| entry.seen.clone()).unwrap_or_default();
        seen.retain(|(at, _)| at.elapsed() < FRESH);
        let found = merge(&seen, rows);
        if !found.is_empty() && epoch == generations.epoch {
            let entry = Entry {
                asked_at: Some(Instant::now()),
                seen,
                found: Arc::clone(&found),
            };
            generations.put(id, entry);
        }
        found
    }

    /// Notes who has just connected here, so that they are found before the directory knows them. `true` when that is news:
    /// not seen here within [`FRESH`], or under another name.
    pub(super) fn saw(&self, found: Found) -> bool {
        let mut generations = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let id = found.user.id.clone();
        let mut entry = generations.get(&id).cloned().unwrap_or_else(|| Entry {
            asked_at: None,
            seen: Vec::new(),
            found: Arc::from([]),
        });
        if !entry.found.is_empty() && entry.found.iter().all(|known| known.realm != found.realm) {
            // Under another tenant than we knew: what the directory said may be over, so it is asked again.
            entry.asked_at = None;
            generations.epoch += 1;
        }
        entry.seen.retain(|(at, _)| at.elapsed() < FRESH);
        let known = entry.seen.iter().find(|(_, known)| known.realm == found.realm);
        if known.is_some_and(|(_, known)| known.user.name == found.user.name) {
            return false;
        }
        entry.seen.retain(|(_, known)| known.realm != found.realm);
        entry.seen.push((Instant::now(), found));
        entry.found = merge(&entry.seen, entry.found.to_vec());
        generations.put(&id, entry);
        true
    }

    /// Forgets everything about an id.
    pub(super) fn forget(&self, id: &UserId) {
        let mut generations = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        generations.young.remove(id);
        generations.old.remove(id);
        generations.epoch += 1;
    }
}

/// The latest sighting first, then the directory's rows of other realms in the directory's order.
fn merge(seen: &[(Instant, Found)], rows: Vec<Found>) -> Arc<[Found]> {
    let mut found: Vec<Found> = seen.iter().rev().map(|(_, found)| found.clone()).collect();
    for row in rows {
        match found.iter_mut().find(|known| known.realm == row.realm) {
            Some(known) => {
                known.user.last_seen_at = known.user.last_seen_at.max(row.user.last_seen_at);
                if known.user.name.is_none() {
                    known.user.name = row.user.name;
                }
            }
            None => found.push(row),
        }
    }
    found.into()
}
