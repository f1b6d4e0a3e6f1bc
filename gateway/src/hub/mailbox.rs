//! A bounded queue to one connection.
//!
//! Many tasks put frames in, the connection's own task takes them out, all that wait at once. Nobody ever waits to put
//! something in: a queue that is full ends the connection, which then reconnects and syncs. An idle mailbox holds no buffer.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use shared_protocol::events::SessionEndReason;
use shared_protocol::socketio::Frame;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::member::SocketKey;

/// What a connection finds in its mailbox.
#[derive(Clone, Debug)]
pub enum Delivery {
    /// A frame for one of the connection's sockets.
    Frame {
        /// For whom; dropped when that socket has left meanwhile.
        socket: SocketKey,
        /// Encoded for the wire, shared by all who get it.
        frame: Frame,
    },
    /// A socket, or the whole connection, has to end.
    End {
        /// Which socket; `None`: the connection with all its sockets.
        socket: Option<SocketKey>,
        /// Why.
        reason: EndReason,
    },
}

/// Why somebody else ends a socket or a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndReason {
    /// The login session is over: the client is told, and must not come back by itself.
    SessionEnded(SessionEndReason),
    /// The API asked for it through the stock adapter; `close` also ends the connection.
    Kicked {
        /// Whether the connection goes too.
        close: bool,
    },
    /// The instance is going away: the client comes back elsewhere.
    Draining,
    /// It did not read what was sent to it.
    SlowConsumer,
}

/// How much may wait in one mailbox.
#[derive(Clone, Copy, Debug)]
pub struct MailboxLimits {
    /// Frames.
    pub frames: usize,
    /// Bytes of all frames together.
    pub bytes: usize,
}

/// The putting side. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Mailbox(Arc<Shared>);

/// The taking side: one a connection.
#[derive(Debug)]
pub struct Inbox(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    queue: Mutex<Queue>,
    arrived: Notify,
    limits: MailboxLimits,
}

/// What waited in a mailbox, all at once.
#[derive(Debug)]
pub struct Deliveries {
    waiting: VecDeque<Delivery>,
    /// When the first of them came.
    pub first_came_at: Instant,
}

impl IntoIterator for Deliveries {
    type Item = Delivery;
    type IntoIter = std::collections::vec_deque::IntoIter<Delivery>;

    fn into_iter(self) -> Self::IntoIter {
        self.waiting.into_iter()
    }
}

#[derive(Debug, Default)]
struct Queue {
    deliveries: VecDeque<Delivery>,
    /// When the first of them came; looked at the clock once for all that come before they are taken.
    first_came_at: Option<Instant>,
    frames: usize,
    bytes: usize,
    closed: bool,
}

/// An empty mailbox.
pub fn mailbox(limits: MailboxLimits) -> (Mailbox, Inbox) {
    let shared = Arc::new(Shared {
        queue: Mutex::default(),
        arrived: Notify::new(),
        limits,
    });
    (Mailbox(Arc::clone(&shared)), Inbox(shared))
}

impl Mailbox {
    /// Hands a frame over. `false`: the connection is gone, or this frame was one too many and ends it.
    pub fn deliver(&self, socket: SocketKey, frame: Frame) -> bool {
        let mut queue = self.0.queue.lock().unwrap_or_else(PoisonError::into_inner);
        if queue.closed {
            return false;
        }
        queue.first_came_at.get_or_insert_with(Instant::now);
        let bytes = queue.bytes + frame.len_bytes();
        if queue.frames >= self.0.limits.frames || bytes > self.0.limits.bytes {
            // What waits is worthless to a client that must sync anyway: free it at once.
            *queue = Queue {
                closed: true,
                ..Queue::default()
            };
            queue.deliveries.push_back(Delivery::End {
                socket: None,
                reason: EndReason::SlowConsumer,
            });
        } else {
            queue.frames += 1;
            queue.bytes = bytes;
            queue.deliveries.push_back(Delivery::Frame { socket, frame });
        }
        let delivered = !queue.closed;
        drop(queue);
        self.0.arrived.notify_one();
        delivered
    }

    /// Hands a frame over if nothing waits before it, else drops it: for what is worthless when it comes late.
    pub fn deliver_volatile(&self, socket: SocketKey, frame: Frame) -> bool {
        let waits = !self
            .0
            .queue
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .deliveries
            .is_empty();
        !waits && self.deliver(socket, frame)
    }

    /// Ends a socket, or with `None` the connection, after what already waits.
    pub fn end(&self, socket: Option<SocketKey>, reason: EndReason) {
        let mut queue = self.0.queue.lock().unwrap_or_else(PoisonError::into_inner);
        if queue.closed {
            return;
        }
        queue.deliveries.push_back(Delivery::End { socket, reason });
        drop(queue);
        self.0.arrived.notify_one();
    }
}

impl Inbox {
    /// Waits for deliveries and takes all of them. Cancel safe: nothing is taken before it returns.
    pub async fn take(&mut self) -> Deliveries {
        loop {
            {
                let mut queue = self.0.queue.lock().unwrap_or_else(PoisonError::into_inner);
                if !queue.deliveries.is_empty() {
                    queue.frames = 0;
                    queue.bytes = 0;
                    return Deliveries {
                        waiting: std::mem::take(&mut queue.deliveries),
                        first_came_at: queue.first_came_at.take().unwrap_or_else(Instant::now),
                    };
                }
            }
            self.0.arrived.notified().await;
        }
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        let mut queue = self.0.queue.lock().unwrap_or_else(PoisonError::into_inner);
        *queue = Queue {
            closed: true,
            ..Queue::default()
        };
    }
}
