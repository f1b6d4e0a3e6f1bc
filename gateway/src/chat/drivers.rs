//! What writes and counts for the chat, to be driven beside it.

use tokio_util::sync::CancellationToken;

use super::lane::LaneDriver;
use super::marks::{Marked, Saying};
use super::unread::Reader;
use super::writer::Writer;

/// Drives a [`ChatService`](super::ChatService): nothing that goes through a queue is answered while this does not run.
pub struct Drivers {
    pub(super) messages: Writer,
    pub(super) marks: LaneDriver<Saying, Marked>,
    pub(super) unread: LaneDriver<Reader, i64>,
}

impl Drivers {
    /// Runs until told to stop, and then until what is queued is done.
    pub async fn run(self, stop: CancellationToken) {
        tokio::join!(
            self.messages.run(stop.clone()),
            self.marks.run(stop.clone()),
            self.unread.run(stop),
        );
    }
}
