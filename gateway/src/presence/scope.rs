//! Who sees whom: the users of one tenant, or of all, and the sockets of this instance that are told of them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde_json::value::RawValue;
use shared_protocol::events::{
    Namespace, OnlineUser, PresenceCount, PresenceDiff, PresenceMode, PresenceModeKind, UserId, limits, names,
};
use shared_protocol::socketio::Frame;
use tokio::time::Instant;

use super::window::{Delta, UserKey, Window, is_silent};
use crate::hub::{Member, SocketKey};

/// Between two counts to the same socket.
const COUNT_PERIOD: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(super) struct Scope {
    namespace: Namespace,
    diff_window: Duration,
    mode: PresenceModeKind,
    /// Users up to which everybody is told everything; `None`: never.
    broadcast_max: Option<usize>,
    users: BTreeMap<UserKey, Arc<OnlineUser>>,
    /// The same, encoded once a change: in a storm each of a thousand snapshots differs from the one before by one user.
    encoded: BTreeMap<UserKey, Box<RawValue>>,
    listeners: HashMap<SocketKey, Listener>,
    watchers: HashMap<UserId, HashSet<SocketKey>>,
    window: Window,
    /// Diffs before that moment wait for it, so that a burst is told in few frames.
    next_diff: Instant,
    count_told: Option<usize>,
    next_count: Instant,
    /// The encoded snapshot, for those who join before the next change.
    snapshot: Option<Frame>,
}

#[derive(Debug)]
struct Listener {
    member: Arc<Member>,
    /// The last change of the window that the socket knows.
    told: u64,
    watches: HashSet<UserId>,
}

/// [`PresenceSnapshot`](shared_protocol::events::PresenceSnapshot) of users who are encoded already.
#[derive(Serialize)]
struct Snapshot<'a> {
    users: Vec<&'a RawValue>,
    online: usize,
    complete: bool,
}

impl Scope {
    pub(super) fn new(namespace: Namespace, diff_window: Duration, broadcast_max: usize) -> Self {
        let now = Instant::now();
        let broadcast_max = (namespace == Namespace::Tenant).then_some(broadcast_max);
        Self {
            namespace,
            diff_window,
            mode: broadcast_max.map_or(PresenceModeKind::Watch, |_| PresenceModeKind::All),
            broadcast_max,
            users: BTreeMap::new(),
            encoded: BTreeMap::new(),
            listeners: HashMap::new(),
            watchers: HashMap::new(),
            window: Window::default(),
            next_diff: now,
            count_told: None,
            next_count: now,
            snapshot: None,
        }
    }

    pub(super) fn users(&self) -> &BTreeMap<UserKey, Arc<OnlineUser>> {
        &self.users
    }

    pub(super) fn is_unheard(&self) -> bool {
        self.listeners.is_empty()
    }

    /// Takes changes in. Nobody is told before [`Self::pump`].
    pub(super) fn push(&mut self, deltas: impl IntoIterator<Item = Delta>) {
        for delta in deltas {
            if let Some(user) = &delta.after
                && let Ok(encoded) = serde_json::value::to_raw_value(user)
            {
                self.users.insert(delta.key.clone(), Arc::clone(user));
                self.encoded.insert(delta.key.clone(), encoded);
            } else {
                self.users.remove(&delta.key);
                self.encoded.remove(&delta.key);
            }
            self.snapshot = None;
            if !self.listeners.is_empty() {
                self.window.record(delta);
            }
        }
    }

    /// Takes a socket in. Race "snapshot against diff": the snapshot, the place in the window and the membership are one step
    /// under the lock that `self` lies behind, so later diffs hold what the snapshot did not, and nothing else.
    pub(super) fn join(&mut self, member: &Arc<Member>, now: Instant, greet: impl FnOnce(PresenceMode, Frame)) {
        self.update_mode();
        let Some(snapshot) = self.snapshot() else {
            return;
        };
        let mode = self.mode();
        // Another number than the others heard last: all are told at the next count.
        if self.count_told.is_some_and(|told| told != mode.online) {
            self.count_told = None;
        }
        if self.listeners.is_empty() {
            self.count_told = Some(mode.online);
            self.next_count = now;
        }
        let listener = Listener {
            member: Arc::clone(member),
            told: self.window.last(),
            watches: HashSet::new(),
        };
        self.listeners.insert(member.key, listener);
        greet(mode, snapshot);
    }

    pub(super) fn leave(&mut self, key: SocketKey) {
        if let Some(listener) = self.listeners.remove(&key) {
            self.unwatch(key, listener.watches);
        }
        if self.listeners.is_empty() {
            self.window.clear();
            self.snapshot = None;
        }
    }

    /// Replaces a socket's watch list; answers who of them is online. What they were before is in the answer, so diffs go on
    /// from here.
    pub(super) fn watch(&mut self, key: SocketKey, ids: &[UserId]) -> Vec<OnlineUser> {
        let wanted: HashSet<UserId> = ids.iter().cloned().collect();
        let Some(listener) = self.listeners.get_mut(&key) else {
            return Vec::new();
        };
        let earlier = std::mem::replace(&mut listener.watches, wanted.clone());
        if self.mode == PresenceModeKind::Watch {
            listener.told = self.window.last();
        }
        self.unwatch(key, earlier);
        for id in &wanted {
            self.watchers.entry(id.clone()).or_default().insert(key);
        }
        let online = self.users.iter().filter(|((_, id), _)| wanted.contains(id));
        online.map(|(_, user)| OnlineUser::clone(user)).collect()
    }

    /// Tells what is due: the first change after a quiet time at once, what follows within a window in one frame. Returns when
    /// to come again.
    pub(super) fn pump(&mut self, now: Instant) -> Option<Instant> {
        if self.listeners.is_empty() {
            return None;
        }
        self.update_mode();
        if !self.window.is_empty() && self.next_diff <= now {
            match self.mode {
                PresenceModeKind::All => self.tell_all(),
                PresenceModeKind::Watch => self.tell_watchers(),
            }
            self.window.clear();
            self.next_diff = now + self.diff_window;
        }
        let counts = self.mode == PresenceModeKind::Watch && self.count_told != Some(self.users.len());
        if counts && self.next_count <= now {
            self.broadcast(
                names::to_client::PRESENCE_COUNT,
                &PresenceCount {
                    online: self.users.len(),
                },
            );
            self.count_told = Some(self.users.len());
            self.next_count = now + COUNT_PERIOD;
        }
        let diff_at = (!self.window.is_empty()).then_some(self.next_diff);
        let counts = self.mode == PresenceModeKind::Watch && self.count_told != Some(self.users.len());
        let count_at = counts.then_some(self.next_count);
        diff_at.into_iter().chain(count_at).min()
    }

    fn mode(&self) -> PresenceMode {
        PresenceMode {
            mode: self.mode,
            online: self.users.len(),
        }
    }

    /// Crosses the bound when it has to; on the way back a tenth below it, so that a scope at the bound does not swing.
    fn update_mode(&mut self) {
        let Some(max) = self.broadcast_max else {
            return;
        };
        let online = self.users.len();
        let wanted = match self.mode {
            PresenceModeKind::All if online > max => PresenceModeKind::Watch,
            PresenceModeKind::Watch if online <= max - max / 10 => PresenceModeKind::All,
            _ => return,
        };
        self.mode = wanted;
        self.snapshot = None;
        self.broadcast(names::to_client::PRESENCE_MODE, &self.mode());
        self.count_told = Some(online);
        if wanted == PresenceModeKind::All
            && let Some(snapshot) = self.snapshot()
        {
            // Whoever watched knows only some: all are told once, and follow from there.
            self.deliver_to_all(&snapshot);
            self.window.clear();
        }
    }

    fn snapshot(&mut self) -> Option<Frame> {
        if let Some(frame) = &self.snapshot {
            return Some(frame.clone());
        }
        let (complete, most) = match self.mode {
            PresenceModeKind::All => (true, usize::MAX),
            PresenceModeKind::Watch => (false, limits::WATCH_SNAPSHOT_USERS),
        };
        let snapshot = Snapshot {
            users: self.encoded.values().take(most).map(|user| &**user).collect(),
            online: self.users.len(),
            complete,
        };
        let frame = self.encode(names::to_client::PRESENCE_SNAPSHOT, &snapshot)?;
        self.snapshot = Some(frame.clone());
        Some(frame)
    }

    fn tell_all(&self) {
        // One frame for all who have heard the same; those who joined within the window get what is left for them.
        let mut frames: HashMap<u64, Option<Frame>> = HashMap::new();
        for listener in self.listeners.values() {
            let frame = frames
                .entry(self.window.heard(listener.told))
                .or_insert_with_key(|told| encode_diff(self.namespace, &self.window.net(*told, None)));
            if let Some(frame) = frame {
                listener.member.mailbox.deliver(listener.member.key, frame.clone());
            }
        }
    }

    fn tell_watchers(&self) {
        let mut concerned: HashMap<SocketKey, Vec<&UserKey>> = HashMap::new();
        for key in self.window.keys() {
            for socket in self.watchers.get(&key.1).into_iter().flatten() {
                concerned.entry(*socket).or_default().push(key);
            }
        }
        for (socket, keys) in concerned {
            if let Some(listener) = self.listeners.get(&socket)
                && let Some(frame) = encode_diff(self.namespace, &self.window.net(listener.told, Some(&keys)))
            {
                listener.member.mailbox.deliver(socket, frame);
            }
        }
    }

    fn unwatch(&mut self, key: SocketKey, ids: HashSet<UserId>) {
        for id in ids {
            if let Some(sockets) = self.watchers.get_mut(&id) {
                sockets.remove(&key);
                if sockets.is_empty() {
                    self.watchers.remove(&id);
                }
            }
        }
    }

    fn broadcast(&self, event: &str, payload: &impl Serialize) {
        if let Some(frame) = self.encode(event, payload) {
            self.deliver_to_all(&frame);
        }
    }

    fn deliver_to_all(&self, frame: &Frame) {
        for listener in self.listeners.values() {
            listener.member.mailbox.deliver(listener.member.key, frame.clone());
        }
    }

    fn encode(&self, event: &str, payload: &impl Serialize) -> Option<Frame> {
        encode(self.namespace, event, payload)
    }
}

fn encode_diff(namespace: Namespace, diff: &PresenceDiff) -> Option<Frame> {
    if is_silent(diff) {
        return None;
    }
    encode(namespace, names::to_client::PRESENCE_DIFF, diff)
}

fn encode(namespace: Namespace, event: &str, payload: &impl Serialize) -> Option<Frame> {
    Frame::event(namespace.as_str(), event, payload)
        .inspect_err(|error| tracing::error!(%error, event, "a presence event could not be encoded"))
        .ok()
}
