//! Which connections this instance has, by their secret names.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc;

use super::polling::PollingRequest;
use crate::socket::UpperLayer;

/// Requests of one connection that may wait for it; more than two at once is a fault of the client's.
const REQUESTS_MAX: usize = 8;

/// See the module. Shared by all workers.
pub struct Registry<U: UpperLayer> {
    entries: Arc<Mutex<HashMap<String, Arc<Entry<U>>>>>,
}

/// A connection as a request of its client finds it.
pub(super) struct Entry<U: UpperLayer> {
    /// To the task that owns it; `None`: it was opened as a WebSocket, and no request can reach it.
    pub requests: Option<mpsc::Sender<PollingRequest<U>>>,
    /// The cookie that it was opened with.
    pub opener: Option<String>,
    /// It has become a WebSocket.
    pub is_websocket: AtomicBool,
    /// A POST of it is being read or handled.
    pub is_posting: AtomicBool,
}

/// Keeps an entry in the registry; dropped with the connection.
pub(super) struct Registration {
    sid: String,
    remove: Box<dyn Fn(&str) + Send>,
    /// Marks the entry; see [`Entry::is_websocket`].
    mark_websocket: Box<dyn Fn() + Send>,
}

impl<U: UpperLayer> Default for Registry<U> {
    fn default() -> Self {
        Self {
            entries: Arc::default(),
        }
    }
}

impl<U: UpperLayer> Registry<U> {
    /// Takes a connection in. The receiver is the polling task's; a WebSocket has none.
    pub(super) fn register(
        &self,
        sid: String,
        opener: Option<String>,
        is_websocket: bool,
    ) -> (Registration, Option<mpsc::Receiver<PollingRequest<U>>>) {
        let (requests, receiver) = if is_websocket {
            (None, None)
        } else {
            Some(mpsc::channel(REQUESTS_MAX)).unzip()
        };
        let entry = Arc::new(Entry {
            requests,
            opener,
            is_websocket: AtomicBool::new(is_websocket),
            is_posting: AtomicBool::new(false),
        });
        self.lock().insert(sid.clone(), Arc::clone(&entry));
        let entries = Arc::clone(&self.entries);
        let registration = Registration {
            sid,
            remove: Box::new(move |sid| {
                entries.lock().unwrap_or_else(PoisonError::into_inner).remove(sid);
            }),
            mark_websocket: Box::new(move || entry.is_websocket.store(true, Ordering::Release)),
        };
        (registration, receiver)
    }

    /// The connection of that name.
    pub(super) fn find(&self, sid: &str) -> Option<Arc<Entry<U>>> {
        self.lock().get(sid).map(Arc::clone)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<Entry<U>>>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Registration {
    pub(super) fn mark_websocket(&self) {
        (self.mark_websocket)();
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        (self.remove)(&self.sid);
    }
}
