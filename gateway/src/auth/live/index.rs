//! Which sockets belong to which session, when sessions end, and which of them are to be read again.

use std::collections::hash_map::Entry as Slot;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use tokio::time::Instant;

use super::super::principal::Principal;
use super::super::session_id::SessionId;
use super::memory::{Memory, Run};
use crate::hub::{Mailbox, SocketKey};

/// The index. Whoever holds its lock does nothing but look things up.
#[derive(Default)]
pub(super) struct Index {
    pub(super) sessions: HashMap<SessionId, Entry>,
    /// Known ends that have not come yet.
    ends: BTreeSet<(Instant, SessionId)>,
    /// To be read at once.
    urgent: HashSet<SessionId>,
    /// To be read when nothing is urgent.
    routine: Vec<SessionId>,
    /// Bound, but not subscribed; only filled while sessions are watched.
    unwatched: Vec<SessionId>,
    is_watching: bool,
    pub(super) memory: Memory,
    /// Counts insertions; tells what a reading can know.
    clock: u64,
}

/// One session's sockets.
pub(super) struct Entry {
    pub(super) sockets: HashMap<SocketKey, LiveSocket>,
    pub(super) known_end: Option<Instant>,
    pub(super) watch: Watch,
    /// When the entry was made; a session that left and came back has another one.
    pub(super) since: u64,
    /// The run of Redis in which it was last seen.
    pub(super) seen: Run,
}

/// One socket of a session.
pub(super) struct LiveSocket {
    pub(super) mailbox: Mailbox,
    /// When it was put in: a reading that began earlier says nothing about it.
    pub(super) since: u64,
    pub(super) state: State,
}

pub(super) enum State {
    /// CONNECT is reading the session.
    Joining {
        /// Something was learned of the session meanwhile: it has to be read again once the socket is bound.
        is_stale: bool,
    },
    Bound(Arc<Principal>),
}

/// Whether the session's key is subscribed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Watch {
    No,
    Asked,
    Yes,
}

/// What a bind leaves to do.
pub(super) struct Bound {
    pub(super) is_due: bool,
    pub(super) is_nearer_end: bool,
    pub(super) is_unwatched: bool,
}

impl Index {
    pub(super) fn len(&self) -> usize {
        self.sessions.len()
    }

    pub(super) fn insert(&mut self, session: &SessionId, key: SocketKey, mailbox: Mailbox) {
        self.clock += 1;
        let entry = self.sessions.entry(session.clone()).or_insert_with(|| Entry {
            sockets: HashMap::new(),
            known_end: None,
            watch: Watch::No,
            since: self.clock,
            seen: self.memory.run(),
        });
        let socket = LiveSocket {
            mailbox,
            since: self.clock,
            state: State::Joining { is_stale: false },
        };
        entry.sockets.insert(key, socket);
    }

    pub(super) fn bind(
        &mut self,
        session: &SessionId,
        key: SocketKey,
        known_end: Option<Instant>,
        principal: &Principal,
    ) -> Bound {
        let mut bound = Bound {
            is_due: false,
            is_nearer_end: false,
            is_unwatched: false,
        };
        let Some(entry) = self.sessions.get_mut(session) else {
            return bound;
        };
        // Tabs of one session share one principal.
        let shared = entry.sockets.values().find_map(|socket| match &socket.state {
            State::Bound(other) if **other == *principal => Some(Arc::clone(other)),
            _ => None,
        });
        let Some(socket) = entry.sockets.get_mut(&key) else {
            return bound;
        };
        let state = State::Bound(shared.unwrap_or_else(|| Arc::new(principal.clone())));
        if let State::Joining { is_stale: true } = std::mem::replace(&mut socket.state, state) {
            bound.is_due = true;
        }
        if self.is_watching && entry.watch == Watch::No {
            entry.watch = Watch::Asked;
            self.unwatched.push(session.clone());
            bound.is_unwatched = true;
        }
        if bound.is_due {
            self.urgent.insert(session.clone());
        }
        let earliest = self.next_end();
        self.set_end(session, known_end);
        bound.is_nearer_end = self.next_end() != earliest;
        bound
    }

    /// Takes a socket out. `true`: it was the last one of a session whose key is subscribed.
    pub(super) fn remove(&mut self, session: &SessionId, key: SocketKey) -> bool {
        let Slot::Occupied(mut slot) = self.sessions.entry(session.clone()) else {
            return false;
        };
        slot.get_mut().sockets.remove(&key);
        if !slot.get().sockets.is_empty() {
            return false;
        }
        let entry = slot.remove();
        if let Some(end) = entry.known_end {
            self.ends.remove(&(end, session.clone()));
        }
        self.urgent.remove(session);
        entry.watch == Watch::Yes
    }

    /// The end as it was last read; a renewal moves it.
    pub(super) fn set_end(&mut self, session: &SessionId, end: Option<Instant>) {
        let Some(entry) = self.sessions.get_mut(session) else {
            return;
        };
        if let Some(former) = std::mem::replace(&mut entry.known_end, end) {
            self.ends.remove(&(former, session.clone()));
        }
        if let Some(end) = end {
            self.ends.insert((end, session.clone()));
        }
    }

    pub(super) fn next_end(&self) -> Option<Instant> {
        self.ends.first().map(|(end, _)| *end)
    }

    /// Has a session read at once; `false` when it is not here.
    pub(super) fn ask(&mut self, session: &SessionId) -> bool {
        let is_here = self.sessions.contains_key(session);
        if is_here {
            self.urgent.insert(session.clone());
        }
        is_here
    }

    /// Has every session read.
    pub(super) fn ask_all(&mut self) {
        self.routine = self.sessions.keys().cloned().collect();
    }

    /// Forgets what was to be read; the next round asks for all of it.
    pub(super) fn ask_nothing(&mut self) {
        self.urgent.clear();
        self.routine.clear();
    }

    /// The sessions to be read next, and the moment up to which a reading can know of sockets.
    pub(super) fn take_due(&mut self, now: Instant, max: usize) -> (Vec<SessionId>, u64) {
        while let Some((end, session)) = self.ends.pop_first() {
            if end > now {
                self.ends.insert((end, session));
                break;
            }
            // Its entry keeps the end: what is gone now has expired, and was not revoked.
            self.urgent.insert(session);
        }
        let urgent: Vec<SessionId> = self.urgent.iter().take(max).cloned().collect();
        for session in &urgent {
            self.urgent.remove(session);
        }
        let left = max - urgent.len();
        let routine = self.routine.split_off(self.routine.len().saturating_sub(left));
        let due = urgent.into_iter().chain(routine).collect();
        (due, self.clock)
    }

    /// From now on sessions are watched through their keys: asks for all that are here.
    pub(super) fn watch_all(&mut self) {
        self.is_watching = true;
        for (session, entry) in &mut self.sessions {
            if entry.watch == Watch::No {
                entry.watch = Watch::Asked;
                self.unwatched.push(session.clone());
            }
        }
    }

    /// Sessions whose keys are to be subscribed, each with the entry it is for.
    pub(super) fn take_unwatched(&mut self, max: usize) -> Vec<(SessionId, u64)> {
        let from = self.unwatched.len().saturating_sub(max);
        let sessions = self.unwatched.split_off(from);
        let entries = sessions.into_iter().filter_map(|session| {
            let since = self.sessions.get(&session).map(|entry| entry.since)?;
            Some((session, since))
        });
        entries.collect()
    }

    /// A subscription is confirmed. `false`: the session has left meanwhile, so the subscription has to be given back.
    pub(super) fn on_watched(&mut self, session: &SessionId, since: u64) -> bool {
        match self.sessions.get_mut(session) {
            Some(entry) if entry.since == since && entry.watch == Watch::Asked => {
                entry.watch = Watch::Yes;
                // What happened before the subscription was not heard.
                self.urgent.insert(session.clone());
                true
            }
            _ => false,
        }
    }

    /// A subscription failed: it is asked for again.
    pub(super) fn on_unwatched(&mut self, session: &SessionId, since: u64) {
        if self.sessions.get(session).is_some_and(|entry| entry.since == since) {
            self.unwatched.push(session.clone());
        }
    }
}
