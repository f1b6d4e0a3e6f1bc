//! The sessions of this instance's sockets, and the watch over them.
//!
//! A socket takes its [`Seat`] **before** its session is read at CONNECT, so that a session that goes in between is not
//! missed: whatever is learned of a session meanwhile marks the seat, and [`Seat::bind`] then has it read again.

mod driver;
mod index;
mod judge;
mod keyspace;
mod memory;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod watch_tests;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use shared_protocol::events::{Realm, UserId};
use tokio::sync::Notify;

use super::metrics::SessionMetrics;
use super::principal::Principal;
use super::session::Session;
use super::session_id::SessionId;
use super::sessions::Reader;
use crate::bus::Bus;
use crate::config::SessionConfig;
use crate::db::Redis;
use crate::hub::{Mailbox, SocketKey};
use index::Index;
pub use keyspace::{KeyspaceEvents, keyspace_events};

/// A session's bearer has a new name (or role), and nothing else has changed.
#[derive(Clone, Debug)]
pub struct Renamed {
    /// The session's sockets on this instance.
    pub sockets: Vec<SocketKey>,
    /// Who they are now.
    pub principal: Arc<Principal>,
}

/// A session's bearer lives in another realm now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Who.
    pub user: UserId,
    /// Where they lived.
    pub from: Realm,
}

/// What a session says of its bearer that is news to others.
#[derive(Clone, Debug)]
pub enum News {
    /// See [`Renamed`].
    Renamed(Renamed),
    /// See [`Moved`]. Their sockets have ended.
    Moved(Moved),
}

/// The index of live sessions. Cheap to clone.
#[derive(Clone)]
pub struct LiveSessions {
    shared: Arc<Shared>,
}

struct Shared {
    index: Mutex<Index>,
    /// Something is to be looked up now.
    due: Notify,
    /// Something is to be subscribed.
    unwatched: Notify,
    bus: Bus,
    reader: Reader,
    /// What the channels of our sessions' keys start with.
    channel_prefix: String,
    period: std::time::Duration,
    metrics: SessionMetrics,
}

/// A socket's place in the index; it is given back when the seat is dropped.
#[must_use = "dropping the seat takes the socket out of the index"]
pub struct Seat {
    shared: Arc<Shared>,
    session: SessionId,
    socket: SocketKey,
}

impl LiveSessions {
    /// An empty index. [`Self::run`] watches over it.
    pub fn new(redis: Redis, bus: Bus, config: &SessionConfig, metrics: SessionMetrics) -> Self {
        let channel_prefix = keyspace::channel_prefix(&redis, &config.prefix);
        Self {
            shared: Arc::new(Shared {
                index: Mutex::default(),
                due: Notify::new(),
                unwatched: Notify::new(),
                bus,
                reader: Reader::new(redis, config),
                channel_prefix,
                period: config.recheck,
                metrics,
            }),
        }
    }

    /// Takes a socket in, before its session is read.
    pub fn index(&self, session: &SessionId, socket: SocketKey, mailbox: Mailbox) -> Seat {
        self.shared.lock().insert(session, socket, mailbox);
        Seat {
            shared: Arc::clone(&self.shared),
            session: session.clone(),
            socket,
        }
    }

    /// Has a session read again at once; nothing happens when no socket of it is here.
    pub fn recheck_now(&self, session: &SessionId) {
        if self.shared.lock().ask(session) {
            self.shared.due.notify_one();
        }
    }

    /// Has all sessions read again: call it when the bus has subscribed anew, since events went unheard meanwhile.
    pub fn recheck_all(&self) {
        self.shared.lock().ask_all();
        self.shared.due.notify_one();
    }

    /// Takes a message of the bus. `true`: it was a keyspace event, of a live session or of one that has just gone.
    pub fn on_keyspace(&self, channel: &str, event: &[u8]) -> bool {
        let Some(session) = channel.strip_prefix(&self.shared.channel_prefix) else {
            return false;
        };
        // A renewal of the TTL changes nothing for anybody; the API may do it with every request. The end that was known
        // is looked at again when it comes.
        let is_renewal = matches!(event, b"expire" | b"persist");
        if let (false, Some(session)) = (is_renewal, SessionId::parse(session)) {
            self.recheck_now(&session);
        }
        true
    }
}

impl Seat {
    /// The session is known now: from here on its end ends the socket.
    pub fn bind(&self, session: &Session, principal: &Principal) {
        let mut index = self.shared.lock();
        let bound = index.bind(&self.session, self.socket, session.known_end, principal);
        drop(index);
        // The driver's sleep may have to end earlier than it thinks.
        if bound.is_due || bound.is_nearer_end {
            self.shared.due.notify_one();
        }
        if bound.is_unwatched {
            self.shared.unwatched.notify_one();
        }
    }

    /// The session that the seat is for.
    pub fn session(&self) -> &SessionId {
        &self.session
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let is_left_watched = self.shared.lock().remove(&self.session, self.socket);
        if is_left_watched {
            self.shared.unwatch(&self.session);
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Index> {
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn channel(&self, session: &SessionId) -> String {
        format!("{}{}", self.channel_prefix, session.reveal())
    }

    fn unwatch(&self, session: &SessionId) {
        self.bus.unsubscribe(&self.channel(session));
    }
}
