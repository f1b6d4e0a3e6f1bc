//! What the sockets of `/manage` see: all realms in one scope. Built when the first of them joins, dropped some time after the
//! last one has left.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use shared_protocol::events::{Namespace, Realm};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::replica::Replica;
use super::scope::Scope;
use super::window::Delta;
use crate::config::PresenceConfig;

pub(super) struct Staff {
    diff_window: Duration,
    state: Mutex<StaffState>,
    /// The follower is to see that all realms are followed.
    pub(super) wanted: Notify,
    settled: Notify,
}

struct StaffState {
    stage: Stage,
    /// Raised when the scope is built anew, so that every realm is shown to it again as a whole.
    epoch: u64,
    scope: Scope,
    /// Realms that were online when the scope was built and are not read yet.
    awaited: HashSet<Realm>,
    idle_since: Option<Instant>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// No socket of `/manage` is here.
    Off,
    /// One is: the pattern and the list of realms are under way.
    Starting,
    /// Changes of all realms come in.
    Watching,
}

impl Staff {
    pub(super) fn new(config: &PresenceConfig) -> Self {
        let state = StaffState {
            stage: Stage::Off,
            epoch: 0,
            scope: Scope::new(Namespace::Manage, config.diff_window, config.broadcast_max),
            awaited: HashSet::new(),
            idle_since: None,
        };
        Self {
            diff_window: config.diff_window,
            state: Mutex::new(state),
            wanted: Notify::new(),
            settled: Notify::new(),
        }
    }

    /// A socket of `/manage` has come.
    pub(super) fn want(&self) {
        let mut state = self.lock();
        state.idle_since = None;
        if state.stage == Stage::Off {
            state.stage = Stage::Starting;
            drop(state);
            self.wanted.notify_one();
        }
    }

    /// The pattern is subscribed, and these realms are online: from here on all realms are shown.
    pub(super) fn begin(&self, realms: &HashSet<Realm>) {
        let mut state = self.lock();
        if state.stage == Stage::Starting {
            state.stage = Stage::Watching;
            state.epoch += 1;
            state.scope = Scope::new(Namespace::Manage, self.diff_window, 0);
            state.awaited.clone_from(realms);
        }
        drop(state);
        self.settled.notify_waiters();
    }

    pub(super) fn is_starting(&self) -> bool {
        self.lock().stage == Stage::Starting
    }

    /// Whether changes of realms that nobody has heard of yet matter: already before the list of realms is read, or a realm that
    /// comes up between the two would be missed.
    pub(super) fn is_on(&self) -> bool {
        self.lock().stage != Stage::Off
    }

    /// Whether the scope holds what was online when it was built.
    fn is_complete(&self) -> bool {
        let state = self.lock();
        state.stage == Stage::Watching && state.awaited.is_empty()
    }

    /// The scope is not complete without this realm.
    pub(super) fn await_realm(&self, realm: &Realm) {
        self.lock().awaited.insert(realm.clone());
    }

    /// Shows changes of a realm; all of it when the scope has not seen it yet. Returns when to pump.
    pub(super) fn show(
        &self,
        realm: &Realm,
        seen_epoch: &mut u64,
        replica: &Replica,
        deltas: Vec<Delta>,
    ) -> Option<Instant> {
        let mut state = self.lock();
        if state.stage != Stage::Watching {
            return None;
        }
        if *seen_epoch == state.epoch {
            state.scope.push(deltas);
        } else {
            *seen_epoch = state.epoch;
            let all = replica.users().iter().map(|(id, user)| Delta {
                key: (realm.tenant().cloned(), id.clone()),
                before: None,
                after: Some(Arc::clone(user)),
                left_at: user.since,
            });
            state.scope.push(all);
        }
        let arrived = state.awaited.remove(realm) && state.awaited.is_empty();
        let next = state.scope.pump(Instant::now());
        drop(state);
        if arrived {
            self.settled.notify_waiters();
        }
        next
    }

    /// Waits until the scope is complete.
    pub(super) async fn complete(&self) {
        loop {
            let settled = self.settled.notified();
            tokio::pin!(settled);
            settled.as_mut().enable();
            if self.is_complete() {
                return;
            }
            settled.await;
        }
    }

    /// Runs something on the scope.
    pub(super) fn with_scope<T>(&self, act: impl FnOnce(&mut Scope) -> T) -> T {
        act(&mut self.lock().scope)
    }

    /// Stops when nobody of `/manage` has been here for `idle`; then the pattern is to be left.
    pub(super) fn stop_when_idle(&self, idle: Duration, is_home: bool) -> bool {
        let mut state = self.lock();
        if state.stage != Stage::Watching || is_home || !state.scope.is_unheard() {
            state.idle_since = None;
            return false;
        }
        let now = Instant::now();
        if now.duration_since(*state.idle_since.get_or_insert(now)) < idle {
            return false;
        }
        state.stage = Stage::Off;
        state.scope = Scope::new(Namespace::Manage, self.diff_window, 0);
        state.awaited.clear();
        true
    }

    fn lock(&self) -> MutexGuard<'_, StaffState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
