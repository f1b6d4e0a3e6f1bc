//! A handler that panics: its client is answered, and its connection ends, alone.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use shared_protocol::events::{AckError, ErrorCode, Reply};
use shared_protocol::socketio::Frame;

use crate::socket::handler::{Ack, Stage};
use crate::telemetry::panic_location;

/// For people.
pub(super) const INTERNAL: &str = "Something went wrong here";

/// Somebody's future, and what is owed should it panic.
pub(super) struct Guarded<T, Owed> {
    future: BoxFuture<'static, T>,
    owed: Option<Owed>,
}

/// The right to answer an event whose handler has panicked: its own ack went down with it.
pub(super) struct Unanswered {
    ack: Ack,
    event: &'static str,
}

impl<T, Owed: Unpin> Guarded<T, Owed> {
    /// Calls a handler. A panic before its future is there counts as one of the future's.
    pub(super) fn call(handler: impl FnOnce() -> BoxFuture<'static, T>, owed: Owed) -> Self
    where
        T: 'static,
    {
        let future = catch_unwind(AssertUnwindSafe(handler))
            .unwrap_or_else(|payload| async move { resume_unwind(payload) }.boxed());
        Self {
            future,
            owed: Some(owed),
        }
    }
}

impl<Owed: Unpin> Guarded<Stage, Owed> {
    /// What comes after the stage that has just come to its end is owed the same.
    pub(super) fn then<T>(&mut self, next: BoxFuture<'static, T>) -> Guarded<T, Owed> {
        Guarded {
            future: next,
            owed: self.owed.take(),
        }
    }
}

/// The future's outcome, or what is owed because it panicked.
impl<T, Owed: Unpin> Future for Guarded<T, Owed> {
    type Output = Result<T, Option<Owed>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match catch_unwind(AssertUnwindSafe(|| self.future.as_mut().poll(context))) {
            Ok(poll) => poll.map(Ok),
            Err(_) => Poll::Ready(Err(self.owed.take())),
        }
    }
}

impl Unanswered {
    pub(super) fn new(ack: &Ack, event: &'static str) -> Self {
        Self {
            ack: ack.spare(),
            event,
        }
    }

    /// Logs the panic under the request's id, and answers the request.
    pub(super) fn after_panic(self) -> Vec<Frame> {
        tracing::error!(
            request.id = %self.ack.request(),
            event = self.event,
            panic.location = panic_location(),
            "a handler panicked: a bug of ours; its connection ends"
        );
        let error = AckError::new(ErrorCode::Internal, INTERNAL);
        self.ack.reply(&Reply::<()>::from(Err::<(), AckError>(error)))
    }
}
