//! The end of every connection, whatever carried it and whatever ended it: one door.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt as _;

use super::core::Core;
use super::gate::Ticket;
use super::registry::Registration;
use crate::socket::{DisconnectReason, UpperLayer};

/// Runs a connection's loop; a panic in a handler ends this connection and no other.
pub(super) async fn guarded<T>(turn: impl Future<Output = T>, panicked: impl FnOnce() -> T) -> T {
    AssertUnwindSafe(turn)
        .catch_unwind()
        .await
        .unwrap_or_else(|_| panicked())
}

/// Leaves rooms, presence and counts. Comes before any farewell: peers must not wait for a client that does not read. The
/// connection can be found by its sid until the registration is dropped, and counts until its
/// ticket is.
pub(super) fn close<U: UpperLayer>(core: Core<U>, reason: DisconnectReason) -> (Registration, Ticket) {
    let Core {
        upper,
        registration,
        connection_id,
        ticket,
        metrics,
        ..
    } = core;
    metrics.ended(reason);
    upper.close(reason);
    tracing::debug!(
        connection.id = connection_id,
        reason = reason.label(),
        ?reason,
        "connection closed"
    );
    (registration, ticket)
}
