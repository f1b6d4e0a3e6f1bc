//! A message on its way into the table, as its sender's socket sees it.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use shared_protocol::events::{AckError, Message};
use tokio::sync::oneshot;
use tokio::time::{Instant, Sleep, sleep_until};

use super::error::ChatError;

/// After this a sender is told `unavailable`, wherever the message is: in the queue, or under a statement that hangs. With the
/// look into the directory before it (`Postgres::QUICK`) it stays below 5 s.
pub(super) const SEND_TIMEOUT: Duration = Duration::from_millis(3_300);

/// A message that is in the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// As it is there; for a resend the first one, whatever the resend's body.
    pub message: Message,
    /// Whether this call put it there.
    pub fresh: bool,
}

/// Resolves when the message is committed, or will not be waited for any longer. Dropping it takes nothing back.
#[derive(Debug)]
pub struct PendingMessage(State);

#[derive(Debug)]
enum State {
    Refused(Option<ChatError>),
    Queued {
        answer: oneshot::Receiver<Result<Stored, ChatError>>,
        deadline: Pin<Box<Sleep>>,
    },
}

impl PendingMessage {
    pub(super) fn refused(error: ChatError) -> Self {
        Self(State::Refused(Some(error)))
    }

    pub(super) fn queued(answer: oneshot::Receiver<Result<Stored, ChatError>>, deadline: Instant) -> Self {
        Self(State::Queued {
            answer,
            deadline: Box::pin(sleep_until(deadline)),
        })
    }
}

impl Future for PendingMessage {
    type Output = Result<Stored, AckError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            State::Refused(error) => Poll::Ready(Err(error.take().unwrap_or(ChatError::Outage).into())),
            State::Queued { answer, deadline } => {
                if let Poll::Ready(answer) = Pin::new(answer).poll(context) {
                    // No answer at all: the writer has ended.
                    let result = answer.unwrap_or(Err(ChatError::Outage));
                    return Poll::Ready(result.map_err(AckError::from));
                }
                deadline.as_mut().poll(context).map(|()| Err(ChatError::Outage.into()))
            }
        }
    }
}
