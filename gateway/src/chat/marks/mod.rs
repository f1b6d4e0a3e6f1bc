//! Read and delivered marks: how far a participant has come.
//!
//! Marks only rise, and never past the last message. Those of one batch are merged, so that a conversation's row is written
//! once a batch, whatever its two users say meanwhile.

mod batch;
mod store;

use std::sync::Arc;

use futures_util::FutureExt as _;
use shared_protocol::events::{AckError, ConversationId, DeliveredAnswer, Namespace, ReadAnswer, Timestamp, UserId};

use super::error::ChatError;
use super::lane::{Lane, LaneDriver, lane};
use super::service::ChatService;
use crate::db::Postgres;
use crate::hub::SocketId;
use crate::reach::Readable;

pub(super) use batch::{Marked, Saying};

/// What a mark says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MarkKind {
    /// The user has read so far.
    Read,
    /// One of the user's devices holds so far.
    Delivered,
}

/// A mark that has risen, in the table already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RisenMark {
    /// Read or delivered.
    pub kind: MarkKind,
    /// Where.
    pub conversation: ConversationId,
    /// Whose.
    pub by: UserId,
    /// Where their sockets are.
    pub namespace: Namespace,
    /// The other participant.
    pub peer: UserId,
    /// Where theirs are; `None`: nobody knows them any more.
    pub peer_namespace: Option<Namespace>,
    /// Up to which number.
    pub up_to_seq: i64,
    /// When.
    pub at: Timestamp,
    /// The socket that said it.
    pub from_socket: SocketId,
}

/// Called for each mark that has risen.
pub(super) type OnRisen = Box<dyn Fn(&RisenMark) + Send + Sync>;

/// The lane on which marks are written.
pub(super) fn marks(postgres: Postgres, on_risen: OnRisen) -> (Lane<Saying, Marked>, LaneDriver<Saying, Marked>) {
    let on_risen = Arc::new(on_risen);
    lane(Box::new(move |sayings| {
        let (postgres, on_risen) = (postgres.clone(), Arc::clone(&on_risen));
        async move {
            let (marked, risen) = batch::write(&postgres, &sayings).await?;
            for mark in &risen {
                on_risen(mark);
            }
            Ok(marked)
        }
        .boxed()
    }))
}

impl ChatService {
    /// `message:read`: everything up to that number has been read.
    pub async fn read(&self, readable: &Readable, up_to_seq: i64, from: &SocketId) -> Result<ReadAnswer, AckError> {
        let marked = self.mark(MarkKind::Read, readable, up_to_seq, from).await?;
        Ok(ReadAnswer {
            up_to_seq: marked.up_to_seq,
            unread: marked.unread,
        })
    }

    /// `message:delivered`: everything up to that number has reached a device.
    pub async fn delivered(
        &self,
        readable: &Readable,
        up_to_seq: i64,
        from: &SocketId,
    ) -> Result<DeliveredAnswer, AckError> {
        let marked = self.mark(MarkKind::Delivered, readable, up_to_seq, from).await?;
        Ok(DeliveredAnswer {
            up_to_seq: marked.up_to_seq,
        })
    }

    async fn mark(
        &self,
        kind: MarkKind,
        readable: &Readable,
        up_to_seq: i64,
        from: &SocketId,
    ) -> Result<Marked, ChatError> {
        if up_to_seq < 0 {
            return Err(ChatError::invalid("upToSeq", "must not be negative"));
        }
        let saying = Saying {
            kind,
            readable: readable.clone(),
            up_to_seq,
            from_socket: from.clone(),
        };
        self.marks.ask(saying).await
    }
}
