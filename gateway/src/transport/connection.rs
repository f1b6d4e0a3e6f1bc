//! The end of every connection, whatever carried it and whatever ended it: one door.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use super::core::Core;
use super::gate::Ticket;
use super::registry::Registration;
use crate::socket::{DisconnectReason, UpperLayer};
use crate::telemetry::panic_location;

/// Runs a connection's loop; a panic in it ends this connection and no other. Those of handlers are caught before, where the request is
/// known.
pub(super) async fn guarded<T>(
    connection_id: String,
    turn: impl Future<Output = T>,
    panicked: impl FnOnce() -> T,
) -> T {
    AssertUnwindSafe(turn).catch_unwind().await.unwrap_or_else(|_| {
        tracing::error!(
            connection.id = connection_id,
            panic.location = panic_location(),
            "a connection's loop panicked: a bug of ours; the connection ends"
        );
        panicked()
    })
}

/// A connection that is over for everybody else. It can be found by its sid, and counts, until this is dropped.
pub(super) struct Closed {
    left_to_do: Option<BoxFuture<'static, ()>>,
    _registration: Registration,
    _ticket: Ticket,
}

impl Closed {
    /// Says the last words while what the client left to be done is worked off: neither waits for the other.
    pub(super) async fn after(self, last_words: impl Future<Output = ()>) {
        let left_to_do = async {
            if let Some(left_to_do) = self.left_to_do {
                left_to_do.await;
            }
        };
        tokio::join!(left_to_do, last_words);
    }
}

/// Leaves rooms, presence and counts, as soon as nothing is left to be done. Comes before any farewell: peers must not wait for a
/// client that does not read.
pub(super) fn close<U: UpperLayer>(core: Core<U>, reason: DisconnectReason) -> Closed {
    let Core {
        upper,
        inbox,
        registration,
        connection_id,
        ticket,
        metrics,
        ..
    } = core;
    metrics.ended(reason);
    let left_to_do = upper.close(inbox, reason);
    tracing::debug!(
        connection.id = connection_id,
        reason = reason.label(),
        detail = reason.detail(),
        "connection closed"
    );
    Closed {
        left_to_do,
        _registration: registration,
        _ticket: ticket,
    }
}
