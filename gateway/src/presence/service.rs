//! The way in.

use std::sync::Arc;
use std::time::Duration;

use shared_protocol::events::{
    AckError, ErrorCode, OnlineUser, PresenceListPage, PresenceListRequest, PresenceMode, PresenceTenantsPage, Realm,
    UserId,
};
use shared_protocol::socketio::Frame;
use tokio::time::{Instant, timeout};

use super::change::{Change, FORMAT, Version};
use super::error::PresenceError;
use super::inner::Inner;
use super::list::{Query, fit};
use super::options::{Departure, PresenceOptions};
use super::registry::Wait;
use super::scope::Scope;
use super::tenants;
use super::{follower, sweeper, writer};
use crate::hub::{Member, SocketKey};

/// A connection waits no longer than that for its place.
const JOIN_TIMEOUT: Duration = Duration::from_secs(4);
/// Nor does a drain, of whose last five seconds this is a part.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(2);
/// Grace of a drain, at least: clients' back-off before they come back can exceed the common one.
const DRAIN_GRACE_MIN: Duration = Duration::from_secs(15);

/// Who is online, on this instance and everywhere. Cheap to clone.
#[derive(Clone)]
pub struct Presence(Arc<Inner>);

impl Presence {
    /// Prepares the service; nothing reaches Redis before [`Self::run`] is driven.
    pub fn new(options: PresenceOptions) -> Self {
        Self(Arc::new(Inner::new(options)))
    }

    /// Everything that happens by itself: batches, heartbeat, following, sweeping, diffs. Never ends; dropping it is a crash.
    pub async fn run(&self) {
        tokio::join!(writer::run(&self.0), follower::run(&self.0), sweeper::run(&self.0));
    }

    /// Takes a socket in. Once Redis holds its user and the realm is followed, `greet` is called with the mode and the encoded
    /// `presence:snapshot`, in one step with the socket's joining the audience: what `greet` puts into the mailbox comes before
    /// any diff, and every change is either in the snapshot or in a later diff. It runs under a lock: it must return at once and
    /// not call back into the service.
    ///
    /// Bounded by a few seconds. When it fails, or its future is dropped, the socket is taken out again.
    pub async fn join(
        &self,
        member: &Arc<Member>,
        name: Option<&str>,
        greet: impl FnOnce(PresenceMode, Frame) + Send,
    ) -> Result<PresenceMode, PresenceError> {
        let ticket = self
            .0
            .registry
            .add(member, name)
            .map_err(|()| PresenceError::Unavailable)?;
        let mut unless_joined = LeaveOnDrop {
            presence: self,
            key: Some(member.key),
        };
        let ready = async {
            let view = self.0.views.follow(&member.realm);
            if member.realm == Realm::Manage {
                self.0.views.staff.want();
            }
            let version = match ticket {
                Some(ticket) => ticket.await.map_err(|_| PresenceError::Unavailable)?,
                None => Version(0),
            };
            // The version that the user's own track made: so they are in their own snapshot.
            self.0.views.reached(&view, version).await;
            if member.realm == Realm::Manage {
                self.0.views.staff.complete().await;
            }
            Ok(view)
        };
        let view = timeout(JOIN_TIMEOUT, ready)
            .await
            .map_err(|_| PresenceError::Unavailable)??;
        let mut joined = None;
        let greet = |mode, snapshot| {
            joined = Some(mode);
            greet(mode, snapshot);
        };
        let now = Instant::now();
        if member.realm == Realm::Manage {
            self.0.views.staff.with_scope(|scope| {
                if self.0.registry.holds(member.key) {
                    scope.join(member, now, greet);
                }
            });
        } else {
            let mut state = view.lock();
            // Whoever left meanwhile must not stay in the audience: `leave` takes the socket from the registry first.
            if self.0.registry.holds(member.key) {
                state.scope.join(member, now, greet);
            }
        }
        let joined = joined.ok_or(PresenceError::Unavailable)?;
        unless_joined.key = None;
        Ok(joined)
    }

    /// Takes a socket out. Never waits; while Redis is away it is remembered as state, and written when Redis returns.
    pub fn leave(&self, key: SocketKey, departure: Departure) {
        if let Some((realm, user)) = self.0.registry.remove(key, self.wait(departure)) {
            self.leave_audience(&realm, key);
            self.0.views.on_left(&realm, &user);
        }
    }

    /// A session carries another name now.
    pub fn rename(&self, realm: &Realm, user: &UserId, name: Option<&str>) {
        self.0.registry.rename(realm, user, name);
    }

    /// `presence:list` for somebody who lives in `home`.
    pub fn list(&self, home: &Realm, request: &PresenceListRequest) -> Result<PresenceListPage, AckError> {
        let query = Query::parse(home, request)?;
        if *home == Realm::Manage {
            return Ok(self.0.views.staff.with_scope(|scope| query.page(scope.users())));
        }
        let view = self.0.views.get(home).ok_or_else(unavailable)?;
        let state = view.lock();
        Ok(query.page(state.scope.users()))
    }

    /// `presence:tenants`, for staff alone: others are refused by the caller.
    pub fn tenants(&self, cursor: Option<&str>, limit: Option<u32>) -> Result<PresenceTenantsPage, AckError> {
        let staff = &self.0.views.staff;
        staff.with_scope(|scope| tenants::page(scope.users(), cursor, limit))
    }

    /// `presence:watch`: replaces the socket's earlier list, and answers who of them is online now. The caller has checked how
    /// many they are; users out of the socket's scope are as if they were offline.
    ///
    /// Race "answer against diff", as with a snapshot: `answer` is called in the same step, and has to put what it says behind the
    /// diffs that wait in the socket's mailbox. Overtaking one of them, it would be undone by it.
    pub fn watch(&self, key: SocketKey, users: &[UserId], answer: impl FnOnce(Vec<OnlineUser>)) {
        let watch = |scope: &mut Scope| {
            let mut online = scope.watch(key, users);
            fit(&mut online);
            online
        };
        let views = &self.0.views;
        match self.0.registry.home_of(key) {
            Some(Realm::Manage) => views.staff.with_scope(|scope| answer(watch(scope))),
            Some(realm) if let Some(view) = views.get(&realm) => answer(watch(&mut view.lock().scope)),
            Some(_) | None => answer(Vec::new()),
        }
    }

    /// Whether a user is online; `None` when this instance does not follow their realm, which it does for the realms of its own
    /// sockets, and for all while a socket of `/manage` is here.
    pub fn is_online(&self, user: &UserId, realm: &Realm) -> Option<bool> {
        let view = self.0.views.get(realm)?;
        let state = view.lock();
        let replica = &state.replica;
        replica.is_known().then(|| replica.users().contains_key(user))
    }

    /// A message from the bus, in the order of its arrival. `false`: its channel is none of presence's.
    pub fn on_change(&self, channel: &str, payload: &[u8]) -> bool {
        let Some(realm) = self.0.keys.parse_changes(channel) else {
            return false;
        };
        let inner = &self.0;
        match serde_json::from_slice::<Change>(payload) {
            Ok(change) if change.format <= FORMAT => {
                inner.sweeps.on_due(&realm, &change, false);
                if inner.reports.on_reaped(&change) {
                    // Race "SIGSTOP longer than the lease": here the backlog tells it, before the heartbeat does.
                    inner.registry.write_again(&realm);
                }
                inner.views.on_change(&realm, change, &inner.registry);
            }
            Ok(_) => inner.views.want_reading(&realm),
            Err(error) => {
                tracing::error!(%error, %realm, "a change of presence could not be read");
                inner.views.want_reading(&realm);
            }
        }
        true
    }

    /// The bus lost its link and has subscribed again: whatever was told meanwhile is read, and the lease looked after at once.
    pub fn on_interrupted(&self) {
        self.0.sweeps.hold(&self.0.config);
        self.0.views.read_all();
        self.0.beat_now.notify_one();
    }

    /// Hands this instance's users over: they have the longest grace to come back elsewhere, and the instance leaves of itself, so
    /// that nobody reaps it. Sockets that leave afterwards change nothing, and none can join.
    pub async fn drain(&self) -> Result<(), PresenceError> {
        self.0.registry.hand_over(self.wait(Departure::Drained));
        let handed_over = async {
            self.0.registry.clean().await;
            self.0.store.leave().await.map_err(|_| PresenceError::Unavailable)
        };
        timeout(DRAIN_TIMEOUT, handed_over)
            .await
            .map_err(|_| PresenceError::Unavailable)?
    }

    fn wait(&self, departure: Departure) -> Wait {
        let grace = self.0.config.grace;
        let wait = match departure {
            Departure::Grace => grace,
            Departure::Drained => grace.max(DRAIN_GRACE_MIN),
            Departure::SessionOver => Duration::ZERO,
        };
        Wait::try_from(wait.as_millis()).unwrap_or(Wait::MAX)
    }

    fn leave_audience(&self, realm: &Realm, key: SocketKey) {
        if *realm == Realm::Manage {
            self.0.views.staff.with_scope(|scope| scope.leave(key));
        } else if let Some(view) = self.0.views.get(realm) {
            view.lock().scope.leave(key);
        }
    }
}

fn unavailable() -> AckError {
    AckError::new(ErrorCode::Unavailable, "presence is not known yet")
}

/// Takes a socket out again whose join failed, or whose connection gave up waiting.
struct LeaveOnDrop<'a> {
    presence: &'a Presence,
    key: Option<SocketKey>,
}

impl Drop for LeaveOnDrop<'_> {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            self.presence.leave(key, Departure::Grace);
        }
    }
}
