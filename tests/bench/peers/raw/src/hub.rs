//! Who is here, and how they are reached.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use actix_web::rt;
use actix_ws::Session;
use bytestring::ByteString;
use chrono::{DateTime, Utc};
use futures_util::FutureExt as _;
use serde::Serialize;
use tokio::task::unconstrained;

/// All sockets, and the tenants that their users belong to.
#[derive(Default)]
pub(crate) struct Hub {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    sockets: HashMap<Arc<str>, Vec<(u64, Session)>>,
    tenants: HashMap<Arc<str>, HashMap<Arc<str>, Online>>,
    last_socket: u64,
}

/// A user who is there, as others see them.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Online {
    id: Arc<str>,
    tenant_id: Arc<str>,
    name: Arc<str>,
    kind: &'static str,
    last_seen_at: Option<DateTime<Utc>>,
    portals: [&'static str; 1],
    since: DateTime<Utc>,
}

/// A user who is not there any more.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Offline {
    id: Arc<str>,
    tenant_id: Arc<str>,
    last_seen_at: DateTime<Utc>,
}

/// `presence:snapshot`.
#[derive(Serialize)]
pub(crate) struct Snapshot {
    users: Vec<Online>,
    online: usize,
    complete: bool,
}

/// `presence:diff`.
#[derive(Serialize)]
pub(crate) struct Diff {
    online: Vec<Online>,
    offline: Vec<Offline>,
}

/// What follows from somebody's coming.
pub(crate) struct Joined {
    pub(crate) socket: u64,
    pub(crate) snapshot: Snapshot,
    /// Whom to tell what, when it was the user's first socket.
    pub(crate) news: Option<(Vec<Session>, Diff)>,
}

impl Hub {
    pub(crate) fn join(&self, user: &Arc<str>, tenant: &Arc<str>, session: &Session) -> Joined {
        let mut inner = self.lock();
        inner.last_socket += 1;
        let socket = inner.last_socket;
        let is_first = !inner.sockets.contains_key(user);
        let others = if is_first {
            inner.sessions_of(tenant)
        } else {
            Vec::new()
        };
        inner
            .sockets
            .entry(Arc::clone(user))
            .or_default()
            .push((socket, session.clone()));
        let online = inner.tenants.entry(Arc::clone(tenant)).or_default();
        let entry = online.entry(Arc::clone(user)).or_insert_with(|| Online {
            id: Arc::clone(user),
            tenant_id: Arc::clone(tenant),
            name: Arc::clone(user),
            kind: "tenant",
            last_seen_at: None,
            portals: ["dashboard"],
            since: Utc::now(),
        });
        let diff = Diff {
            online: vec![entry.clone()],
            offline: Vec::new(),
        };
        Joined {
            socket,
            snapshot: Snapshot {
                users: online.values().cloned().collect(),
                online: online.len(),
                complete: true,
            },
            news: is_first.then_some((others, diff)),
        }
    }

    /// Whom to tell what, when it was the user's last socket.
    pub(crate) fn leave(&self, user: &Arc<str>, tenant: &Arc<str>, socket: u64) -> Option<(Vec<Session>, Diff)> {
        let mut inner = self.lock();
        let sockets = inner.sockets.get_mut(user)?;
        sockets.retain(|&(other, _)| other != socket);
        if !sockets.is_empty() {
            return None;
        }
        inner.sockets.remove(user);
        if let Some(online) = inner.tenants.get_mut(tenant) {
            online.remove(user);
            if online.is_empty() {
                inner.tenants.remove(tenant);
            }
        }
        let offline = Offline {
            id: Arc::clone(user),
            tenant_id: Arc::clone(tenant),
            last_seen_at: Utc::now(),
        };
        let diff = Diff {
            online: Vec::new(),
            offline: vec![offline],
        };
        Some((inner.sessions_of(tenant), diff))
    }

    /// Every socket of the recipient, and every other socket of the sender.
    pub(crate) fn receivers(&self, recipient: &str, sender: &str, but: u64) -> Vec<Session> {
        let inner = self.lock();
        let sockets = [recipient, sender]
            .into_iter()
            .filter_map(|user| inner.sockets.get(user));
        let others = sockets.flatten().filter(|(socket, _)| *socket != but);
        others.map(|(_, session)| session.clone()).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn sessions_of(&self, tenant: &str) -> Vec<Session> {
        let users = self.tenants.get(tenant).into_iter().flat_map(HashMap::keys);
        let sockets = users.filter_map(|user| self.sockets.get(user)).flatten();
        sockets.map(|(_, session)| session.clone()).collect()
    }
}

/// One text to all of them, shared.
///
/// Never waits: with one worker a change is told before the next one is made, and frames of many changes share a write. A session
/// without room has its place in the queue already, so nothing overtakes.
pub(crate) fn tell_all(sessions: impl IntoIterator<Item = Session>, text: &ByteString) {
    for mut session in sessions {
        let text = text.clone();
        // Who has left misses nothing.
        let mut telling = Box::pin(unconstrained(async move { _ = session.text(text).await }));
        if (&mut telling).now_or_never().is_none() {
            rt::spawn(telling);
        }
    }
}
