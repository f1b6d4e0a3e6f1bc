//! The realms that this instance follows, and whoever is told of them.
//!
//! Locks, each held for a moment and never across an await, in this order: the table of views, one view, the staff's scope; the
//! registry's comes after any of them.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use shared_protocol::events::{Namespace, Realm, UserId};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::change::{Change, Reading, Version};
use super::registry::Registry;
use super::replica::{Outcome, Replica};
use super::scope::Scope;
use super::staff::Staff;
use super::timers::Timers;
use super::window::Delta;
use crate::config::PresenceConfig;

/// A replica that does not come to what Redis is known to hold is read again after this.
const PATIENCE: Duration = Duration::from_millis(500);

/// What the clock is for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Alarm {
    /// A tenant's sockets are to be told something.
    Scope(Realm),
    /// Absences are not held any longer.
    Held(Realm),
    /// The staff's sockets are to be told something.
    Staff,
    /// Realms that nobody needs are let go.
    Tidy,
}

pub(super) struct Views {
    config: PresenceConfig,
    table: Mutex<HashMap<Realm, Arc<View>>>,
    pub(super) staff: Staff,
    pub(super) alarms: Timers<Alarm>,
    /// Realms whose channel the follower is to subscribe.
    pub(super) subscriptions: Queue,
    /// Realms that the follower is to read.
    pub(super) readings: Queue,
}

/// Realms that something is to be done about.
#[derive(Debug, Default)]
pub(super) struct Queue {
    realms: Mutex<HashSet<Realm>>,
    filled: Notify,
}

impl Queue {
    pub(super) fn put(&self, realms: impl IntoIterator<Item = Realm>) {
        self.realms
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(realms);
        self.filled.notify_one();
    }

    /// Waits for realms and takes all that wait. For one taker.
    pub(super) async fn take(&self) -> HashSet<Realm> {
        loop {
            let realms = std::mem::take(&mut *self.realms.lock().unwrap_or_else(PoisonError::into_inner));
            if !realms.is_empty() {
                return realms;
            }
            self.filled.notified().await;
        }
    }
}

/// One realm.
pub(super) struct View {
    pub(super) realm: Realm,
    state: Mutex<ViewState>,
    /// Its own channel is asked for, beside what the staff's pattern brings.
    subscribed: AtomicBool,
    /// The replica has moved on.
    moved: Notify,
}

pub(super) struct ViewState {
    pub(super) replica: Replica,
    /// The sockets of a tenant; the staff's are told through [`Staff`].
    pub(super) scope: Scope,
    /// The time at which the staff's scope took this realm in.
    staff_epoch: u64,
    idle_since: Option<Instant>,
}

impl Views {
    pub(super) fn new(config: PresenceConfig) -> Self {
        Self {
            staff: Staff::new(&config),
            config,
            table: Mutex::default(),
            alarms: Timers::default(),
            subscriptions: Queue::default(),
            readings: Queue::default(),
        }
    }

    pub(super) fn get(&self, realm: &Realm) -> Option<Arc<View>> {
        self.table().get(realm).cloned()
    }

    pub(super) fn realms(&self) -> Vec<Realm> {
        self.table().keys().cloned().collect()
    }

    /// Follows a realm for its own sockets.
    pub(super) fn follow(&self, realm: &Realm) -> Arc<View> {
        let view = self.open(realm);
        if !view.subscribed.swap(true, Ordering::Relaxed) {
            self.subscriptions.put([realm.clone()]);
        }
        view
    }

    /// Follows a realm for the staff, whose pattern brings its changes.
    pub(super) fn follow_for_staff(&self, realm: &Realm) {
        let view = self.open(realm);
        let mut state = view.lock();
        if state.replica.has_reached(Version(0)) {
            self.show_staff(&view.realm, &mut state, Vec::new());
        } else {
            self.staff.await_realm(realm);
            drop(state);
            self.want_reading(realm);
        }
    }

    /// The realm must be read.
    pub(super) fn want_reading(&self, realm: &Realm) {
        self.readings.put([realm.clone()]);
    }

    /// A change was told.
    pub(super) fn on_change(&self, realm: &Realm, change: Change, registry: &Registry) {
        let view = match self.get(realm) {
            Some(view) => view,
            // The staff's pattern brings realms that nobody has heard of before.
            None if self.staff.is_on() && change.version.is_some() => {
                let view = self.open(realm);
                self.want_reading(realm);
                view
            }
            None => return,
        };
        let now = Instant::now();
        let mut state = view.lock();
        let outcome = state
            .replica
            .on_change(change, now, |user| registry.holds_user(realm, user));
        self.on_outcome(&view, &mut state, outcome, now);
    }

    /// A reading is about to be taken.
    pub(super) fn begin_reading(&self, realm: &Realm) -> bool {
        let view = self.get(realm);
        view.as_ref()
            .inspect(|view| view.lock().replica.begin_reading())
            .is_some()
    }

    /// A reading was taken.
    pub(super) fn on_reading(&self, realm: &Realm, reading: Reading, registry: &Registry) {
        let Some(view) = self.get(realm) else { return };
        let now = Instant::now();
        let mut state = view.lock();
        let outcome = state
            .replica
            .on_reading(reading, now, |user| registry.holds_user(realm, user));
        self.on_outcome(&view, &mut state, outcome, now);
    }

    /// A socket of a user has left the registry.
    pub(super) fn on_left(&self, realm: &Realm, user: &UserId) {
        if self.get(realm).is_some_and(|view| view.lock().replica.on_left(user)) {
            self.want_reading(realm);
        }
    }

    /// Changes may have been missed: what Redis says now counts.
    pub(super) fn read_all(&self) {
        self.readings.put(self.realms());
    }

    /// Whoever is missing in a reading has not left: see [`Inner::on_answer`](super::inner::Inner::on_answer).
    pub(super) fn hold_all(&self, now: Instant) {
        for realm in self.realms() {
            let Some(view) = self.get(&realm) else { continue };
            let mut state = view.lock();
            let outcome = state.replica.on_memory_lost(now);
            self.on_outcome(&view, &mut state, outcome, now);
        }
    }

    fn on_outcome(&self, view: &View, state: &mut ViewState, outcome: Outcome, now: Instant) {
        if outcome.read {
            self.want_reading(&view.realm);
        }
        if let Some(until) = outcome.held_until {
            tracing::warn!(realm = %view.realm, "redis lost its memory of who is online: absences are held for one lease");
            self.alarms.set(&Alarm::Held(view.realm.clone()), Some(until));
        }
        if view.realm != Realm::Manage {
            state.scope.push(outcome.deltas.iter().cloned());
            self.pump(view, state, now);
        }
        if state.replica.has_reached(Version(0)) {
            self.show_staff(&view.realm, state, outcome.deltas);
        }
        view.moved.notify_waiters();
    }

    /// Under the view's lock, so that the staff is told changes of a realm in their order.
    fn show_staff(&self, realm: &Realm, state: &mut ViewState, deltas: Vec<Delta>) {
        let next = self.staff.show(realm, &mut state.staff_epoch, &state.replica, deltas);
        if let Some(next) = next {
            self.alarms.set(&Alarm::Staff, Some(next));
        }
    }

    /// Tells a tenant's sockets what is due.
    pub(super) fn pump(&self, view: &View, state: &mut ViewState, now: Instant) {
        let next = state.scope.pump(now);
        self.alarms.set(&Alarm::Scope(view.realm.clone()), next);
    }

    /// Waits until the replica shows the realm as it was at `version`.
    pub(super) async fn reached(&self, view: &View, version: Version) {
        loop {
            let moved = view.moved.notified();
            tokio::pin!(moved);
            moved.as_mut().enable();
            if view.lock().replica.has_reached(version) {
                return;
            }
            if tokio::time::timeout(PATIENCE, moved).await.is_err() {
                // The message that should have come has not: it may be lost.
                self.want_reading(&view.realm);
            }
        }
    }

    /// Lets go of realms that have been without sockets of this instance for a lease; returns the channels' realms to leave.
    /// `is_home` is asked under the table's lock: a socket is registered before its realm is looked up here, so either it is
    /// seen or it finds the realm gone and follows it anew.
    pub(super) fn tidy(&self, is_home: impl Fn(&Realm) -> bool) -> Vec<Realm> {
        let now = Instant::now();
        let mut left = Vec::new();
        let watching = self.staff.is_on();
        self.table().retain(|realm, view| {
            let mut state = view.lock();
            let needed = is_home(realm) || !state.scope.is_unheard();
            let shown = !state.replica.users().is_empty() || !state.replica.has_reached(Version(0));
            if needed || watching && shown {
                state.idle_since = None;
                return true;
            }
            if now.duration_since(*state.idle_since.get_or_insert(now)) < self.config.lease {
                return true;
            }
            if view.subscribed.load(Ordering::Relaxed) {
                left.push(realm.clone());
            }
            self.alarms.set(&Alarm::Scope(realm.clone()), None);
            self.alarms.set(&Alarm::Held(realm.clone()), None);
            false
        });
        left
    }

    fn open(&self, realm: &Realm) -> Arc<View> {
        let mut table = self.table();
        let view = table.entry(realm.clone()).or_insert_with(|| {
            let state = ViewState {
                replica: Replica::new(realm.clone(), self.config.lease),
                scope: Scope::new(Namespace::Tenant, self.config.diff_window, self.config.broadcast_max),
                staff_epoch: 0,
                idle_since: None,
            };
            Arc::new(View {
                realm: realm.clone(),
                state: Mutex::new(state),
                subscribed: AtomicBool::new(false),
                moved: Notify::new(),
            })
        });
        Arc::clone(view)
    }

    fn table(&self) -> MutexGuard<'_, HashMap<Realm, Arc<View>>> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl View {
    pub(super) fn lock(&self) -> MutexGuard<'_, ViewState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
