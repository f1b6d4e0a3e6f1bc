//! One realm's presence as this instance knows it: follows Redis by versions, without I/O and without a clock of its own.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use shared_protocol::events::{OnlineUser, Realm, Timestamp, UserId};
use tokio::time::Instant;

use super::change::{Change, FORMAT, Reading, Told, Version, moment};
use super::window::Delta;

/// Changes that may wait for a reading. Those beyond are dropped all at once, which the next one shows as a gap.
const BUFFERED_MAX: usize = 4096;

#[derive(Debug)]
pub(super) struct Replica {
    realm: Realm,
    lease: Duration,
    version: Version,
    /// The run of Redis that the latest reading came from, as far as that is known.
    run: Option<String>,
    phase: Phase,
    users: BTreeMap<UserId, Arc<OnlineUser>>,
    /// Of whom Redis said that they are gone while sockets of theirs were here. Once those leave, nothing more may be told of them.
    doubted: HashSet<UserId>,
    /// A reading has been taken, once.
    is_known: bool,
    /// Until then, whoever is missing in a reading is taken for present.
    held_until: Option<Instant>,
    /// What a heartbeat found in Redis; to be reached before the next one.
    expected: Version,
}

#[derive(Debug)]
enum Phase {
    /// A reading is wanted or under way; what is told meanwhile waits for it.
    Reading(Vec<Change>),
    Following,
}

/// What an input led to.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) deltas: Vec<Delta>,
    /// The realm must be read.
    pub(super) read: bool,
    /// Absences are held until then, and the realm must be read at that moment.
    pub(super) held_until: Option<Instant>,
}

impl Replica {
    pub(super) fn new(realm: Realm, lease: Duration) -> Self {
        Self {
            realm,
            lease,
            version: Version(0),
            run: None,
            phase: Phase::Reading(Vec::new()),
            users: BTreeMap::new(),
            doubted: HashSet::new(),
            is_known: false,
            held_until: None,
            expected: Version(0),
        }
    }

    pub(super) fn version(&self) -> Version {
        self.version
    }

    pub(super) fn users(&self) -> &BTreeMap<UserId, Arc<OnlineUser>> {
        &self.users
    }

    /// Whether `users` says anything.
    pub(super) fn is_known(&self) -> bool {
        self.is_known
    }

    /// Whether the replica shows the realm as it was at `version`, or later.
    pub(super) fn has_reached(&self, version: Version) -> bool {
        matches!(self.phase, Phase::Following) && self.version >= version
    }

    /// A reading is about to be taken. From here on changes wait, so that the reading can be no older than what was applied,
    /// unless Redis has lost its memory.
    pub(super) fn begin_reading(&mut self) {
        if let Phase::Following = self.phase {
            self.phase = Phase::Reading(Vec::new());
        }
    }

    /// A socket of a user has left this instance. Tells whether to read: Redis may have nothing more to tell of them.
    pub(super) fn on_left(&self, id: &UserId) -> bool {
        self.doubted.contains(id)
    }

    /// A change was told. `is_here`: whether sockets of a user are here.
    pub(super) fn on_change(&mut self, change: Change, now: Instant, is_here: impl Fn(&UserId) -> bool) -> Outcome {
        let mut outcome = Outcome::default();
        self.take_change(change, now, &is_here, &mut outcome);
        outcome
    }

    /// A whole reading was taken: its net difference, and then what waited for it.
    pub(super) fn on_reading(&mut self, reading: Reading, now: Instant, is_here: impl Fn(&UserId) -> bool) -> Outcome {
        let mut outcome = Outcome::default();
        // Versions follow the clock: once one instance has written its users again, they do not show that the others' are lost.
        let restarted = reading.run.is_some() && self.run.is_some() && reading.run != self.run;
        if restarted || reading.version < self.version {
            self.hold(now, &mut outcome);
        }
        self.run = reading.run.or(self.run.take());
        let mut present = HashSet::with_capacity(reading.users.len());
        for told in reading.users {
            present.insert(told.id.clone());
            self.upsert(told, &mut outcome);
        }
        // Race "Redis restarted empty": instances are writing their users again; who is not there yet has not left.
        if self.held_until.is_none_or(|until| until <= now) {
            self.held_until = None;
            let absent: Vec<UserId> = self.users.keys().filter(|id| !present.contains(*id)).cloned().collect();
            let left_at = Timestamp::new(Utc::now());
            for id in &absent {
                self.remove(id, left_at, &is_here, &mut outcome);
            }
        }
        self.version = reading.version;
        self.is_known = true;
        let waiting = match std::mem::replace(&mut self.phase, Phase::Following) {
            Phase::Reading(waiting) => waiting,
            Phase::Following => Vec::new(),
        };
        for change in waiting {
            self.take_change(change, now, &is_here, &mut outcome);
        }
        outcome
    }

    /// A heartbeat found `found` in Redis, when this replica stood at `sent` as it was sent. Heals what no further change would
    /// show: a message that was lost in a quiet realm, and a version that went back. Tells whether to read.
    pub(super) fn on_heartbeat(&mut self, sent: Version, found: Version) -> bool {
        let missed = self.version < self.expected;
        self.expected = found;
        matches!(self.phase, Phase::Following) && (missed || found < sent)
    }

    fn take_change(&mut self, change: Change, now: Instant, is_here: &impl Fn(&UserId) -> bool, outcome: &mut Outcome) {
        let Some(version) = change.version else {
            return;
        };
        if let Phase::Reading(waiting) = &mut self.phase {
            if waiting.len() >= BUFFERED_MAX {
                waiting.clear();
            }
            waiting.push(change);
        } else if version <= self.version {
            // Told twice, or part of the reading.
        } else if change.prev == self.version && change.format <= FORMAT {
            self.version = version;
            let Change {
                online,
                changed,
                offline,
                ..
            } = change;
            for told in online.into_iter().chain(changed) {
                self.upsert(told, outcome);
            }
            for gone in offline {
                self.remove(&gone.id, moment(gone.at_ms), is_here, outcome);
            }
        } else {
            // A gap, or Redis' memory is gone: `prev` lies behind what this replica has already seen.
            if change.prev < self.version {
                self.hold(now, outcome);
            }
            self.phase = Phase::Reading(vec![change]);
            outcome.read = true;
        }
    }

    /// Redis may have forgotten who is there.
    pub(super) fn on_memory_lost(&mut self, now: Instant) -> Outcome {
        let mut outcome = Outcome {
            read: true,
            ..Outcome::default()
        };
        self.hold(now, &mut outcome);
        outcome
    }

    fn hold(&mut self, now: Instant, outcome: &mut Outcome) {
        // What Redis forgot cannot be caught up with.
        self.version = Version(0);
        self.expected = Version(0);
        // Of a realm that nobody is in, the keys expire in the course of things.
        if !self.users.is_empty() {
            let until = now + self.lease;
            self.held_until = Some(until);
            outcome.held_until = Some(until);
        }
    }

    fn upsert(&mut self, told: Told, outcome: &mut Outcome) {
        let (id, user) = told.into_user(&self.realm);
        self.doubted.remove(&id);
        let before = self.users.get(&id).cloned();
        if before.as_ref() == Some(&user) {
            return;
        }
        self.users.insert(id.clone(), Arc::clone(&user));
        outcome.deltas.push(Delta {
            key: (self.realm.tenant().cloned(), id),
            before,
            left_at: user.since,
            after: Some(user),
        });
    }

    fn remove(&mut self, id: &UserId, left_at: Timestamp, is_here: &impl Fn(&UserId) -> bool, outcome: &mut Outcome) {
        // Race "SIGSTOP longer than the lease": who has sockets here is here. What Redis says of them is old, or soon put right.
        if self.users.contains_key(id) && is_here(id) {
            self.doubted.insert(id.clone());
            return;
        }
        self.doubted.remove(id);
        if let Some(before) = self.users.remove(id) {
            outcome.deltas.push(Delta {
                key: (self.realm.tenant().cloned(), id.clone()),
                before: Some(before),
                after: None,
                left_at,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEASE: Duration = Duration::from_secs(30);

    fn change(text: &str) -> Change {
        serde_json::from_str(text).unwrap()
    }

    fn reading(version: u64, ids: &[&str]) -> Reading {
        let users = ids.iter().map(|id| {
            let text = format!(r#"{{"id":"{id}","p":["dm"],"s":1}}"#);
            serde_json::from_str(&text).unwrap()
        });
        Reading {
            version: Version(version),
            users: users.collect(),
            run: Some("first".to_owned()),
        }
    }

    fn following(version: u64, ids: &[&str]) -> Replica {
        let mut replica = Replica::new(Realm::Manage, LEASE);
        replica.on_reading(reading(version, ids), Instant::now(), nobody);
        replica
    }

    fn ids(replica: &Replica) -> Vec<&str> {
        replica.users().keys().map(UserId::as_str).collect()
    }

    fn nobody(_: &UserId) -> bool {
        false
    }

    const B_CAME: &str = r#"{"f":1,"v":"11","prev":"10","online":[{"id":"b","p":["dm"],"s":1}]}"#;
    const A_LEFT: &str = r#"{"f":1,"v":"12","prev":"11","offline":[{"id":"a","at":5}]}"#;

    #[test]
    fn changes_apply_once_and_in_order() {
        let mut replica = following(10, &["a"]);
        assert_eq!(
            replica.on_change(change(B_CAME), Instant::now(), nobody).deltas.len(),
            1
        );
        assert_eq!(
            replica.on_change(change(B_CAME), Instant::now(), nobody).deltas.len(),
            0
        );
        assert_eq!(
            replica.on_change(change(A_LEFT), Instant::now(), nobody).deltas.len(),
            1
        );
        assert_eq!(ids(&replica), ["b"]);
    }

    #[test]
    fn a_gap_is_read_and_only_the_difference_told() {
        let mut replica = following(10, &["a"]);
        let outcome = replica.on_change(change(A_LEFT), Instant::now(), nobody);
        assert!(outcome.read && outcome.deltas.is_empty() && outcome.held_until.is_none());
        assert!(!replica.has_reached(Version(0)));
        let outcome = replica.on_reading(reading(12, &["b"]), Instant::now(), nobody);
        assert_eq!(outcome.deltas.len(), 2);
        assert_eq!(ids(&replica), ["b"]);
        assert!(replica.has_reached(Version(12)));
    }

    #[test]
    fn what_is_told_during_a_reading_counts_once() {
        let mut replica = following(10, &["a"]);
        replica.begin_reading();
        replica.on_change(change(B_CAME), Instant::now(), nobody);
        replica.on_change(change(A_LEFT), Instant::now(), nobody);
        let outcome = replica.on_reading(reading(11, &["a", "b"]), Instant::now(), nobody);
        assert_eq!(outcome.deltas.len(), 2, "b from the reading, a from what waited");
        assert_eq!(ids(&replica), ["b"]);
    }

    #[test]
    fn absences_are_held_for_a_lease_after_redis_lost_its_memory() {
        let mut replica = following(10, &["a", "b", "c"]);
        let start = Instant::now();
        let back = r#"{"f":1,"v":"20","prev":"0","online":[{"id":"a","p":["dm"],"s":1}]}"#;
        assert!(replica.on_change(change(back), start, nobody).held_until.is_some());
        assert!(replica.on_reading(reading(20, &["a"]), start, nobody).deltas.is_empty());
        replica.begin_reading();
        assert!(
            replica
                .on_reading(reading(21, &["a", "b"]), start, nobody)
                .deltas
                .is_empty()
        );
        assert_eq!(ids(&replica), ["a", "b", "c"]);

        replica.begin_reading();
        let outcome = replica.on_reading(reading(21, &["a", "b"]), start + LEASE, nobody);
        assert_eq!(outcome.deltas.len(), 1);
        assert_eq!(ids(&replica), ["a", "b"]);
    }

    #[test]
    fn absences_are_held_for_a_lease_after_a_restart_that_no_version_shows() {
        let mut replica = following(10, &["a", "b"]);
        let start = Instant::now();
        let later = |run: Option<&str>| Reading {
            run: run.map(str::to_owned),
            ..reading(20, &["a"])
        };
        assert!(
            replica
                .on_reading(later(Some("second")), start, nobody)
                .held_until
                .is_some()
        );
        replica.begin_reading();
        assert!(replica.on_reading(later(None), start, nobody).deltas.is_empty());
        assert_eq!(ids(&replica), ["a", "b"]);
        replica.begin_reading();
        let outcome = replica.on_reading(later(Some("second")), start + LEASE, nobody);
        assert_eq!((outcome.deltas.len(), outcome.held_until), (1, None));
    }

    #[test]
    fn whoever_has_sockets_here_is_present_until_they_leave() {
        let mut replica = following(10, &["a", "b"]);
        let is_a = |id: &UserId| id.as_str() == "a";
        let told = r#"{"f":1,"v":"11","prev":"10","offline":[{"id":"a","at":5},{"id":"b","at":5}]}"#;
        assert_eq!(replica.on_change(change(told), Instant::now(), is_a).deltas.len(), 1);
        replica.begin_reading();
        let outcome = replica.on_reading(reading(11, &[]), Instant::now(), is_a);
        assert_eq!((outcome.deltas.len(), ids(&replica)), (0, vec!["a"]));

        let a = UserId::parse("a").unwrap();
        assert!(replica.on_left(&a), "redis has told it already, and will not again");
        replica.begin_reading();
        replica.on_reading(reading(11, &[]), Instant::now(), nobody);
        assert!(ids(&replica).is_empty() && !replica.on_left(&a));

        let a_back = r#"{"f":1,"v":"12","prev":"11","online":[{"id":"a","p":["dm"],"s":1}]}"#;
        replica.on_change(change(a_back), Instant::now(), is_a);
        assert!(!replica.on_left(&a), "redis will tell it");
    }

    #[test]
    fn a_message_lost_in_a_quiet_realm_shows_at_the_second_heartbeat() {
        let mut replica = following(10, &["a"]);
        assert!(
            !replica.on_heartbeat(Version(10), Version(11)),
            "it may still be on its way"
        );
        assert!(replica.on_heartbeat(Version(10), Version(11)));
        let mut replica = following(10, &["a"]);
        assert!(replica.on_heartbeat(Version(10), Version(0)), "it went back");
    }
}
