//! One joined socket, as the rest of the instance sees it.

use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, Utc};
use rand::distr::{Alphanumeric, SampleString as _};
use shared_protocol::events::{Namespace, Portal, Realm, UserId};

use super::mailbox::Mailbox;

/// Names a socket on this instance; never leaves the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SocketKey(u64);

impl SocketKey {
    /// A key that this process has not used before.
    pub fn next() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// A socket's public id: exactly 20 characters, as Node's adapters expect, and also the name of the socket's own room.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SocketId(String);

impl SocketId {
    /// A random id. Letters and digits only, so it can be no `user:…` or `tenant:…` room; 20 characters, so not `manage`.
    pub fn random() -> Self {
        Self(Alphanumeric.sample_string(&mut rand::rng(), 20))
    }

    /// The id's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A joined socket: its place in the world and the way to its connection.
#[derive(Debug)]
pub struct Member {
    /// Its name on this instance.
    pub key: SocketKey,
    /// Its public name.
    pub id: SocketId,
    /// Where it joined.
    pub namespace: Namespace,
    /// Whose it is.
    pub user: UserId,
    /// Where its user lives; decides what may be handed to it.
    pub realm: Realm,
    /// The page it was opened from.
    pub portal: Portal,
    /// When it joined.
    pub joined_at: DateTime<Utc>,
    /// The way to its connection.
    pub mailbox: Mailbox,
}
