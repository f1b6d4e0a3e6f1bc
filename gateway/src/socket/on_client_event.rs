//! From an event's name to its handler, and from the handler's outcome to the ack.

use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, ready};
use serde::Serialize;
use shared_protocol::events::names::from_client::{
    CONVERSATION_LIST, MESSAGE_DELIVERED, MESSAGE_HISTORY, MESSAGE_READ, MESSAGE_SEND, PRESENCE_LIST, PRESENCE_TENANTS,
    PRESENCE_WATCH, SYNC, TYPING, USER_SEARCH,
};
use shared_protocol::events::{AckError, ErrorCode, Message, Reply, SendRequest};
use shared_protocol::socketio::{Event, Frame};
use tokio::time::Instant;

use super::context::SocketContext;
use super::handler::{Ack, Stage};
use super::metrics::label;
use super::payload::payload;
use super::portals::HANDLER_TIMEOUT;
use super::typing::typing;
use super::{chat_events, presence_events};

/// Starts the handler of an event.
pub(super) fn on_client_event(context: Arc<SocketContext>, event: Event, ack: Ack) -> BoxFuture<'static, Stage> {
    let asked = Asked::new(Arc::clone(&context), &event, ack);
    match event.name() {
        MESSAGE_SEND => send(context, event, asked).boxed(),
        MESSAGE_HISTORY => asked.answered(async move { chat_events::history(&context, &event).await }),
        MESSAGE_READ => asked.answered(async move { chat_events::read(&context, &event).await }),
        MESSAGE_DELIVERED => asked.answered(async move { chat_events::delivered(&context, &event).await }),
        CONVERSATION_LIST => asked.answered(async move { chat_events::conversations(&context, &event).await }),
        SYNC => asked.answered(async move { chat_events::sync(&context, &event).await }),
        TYPING => asked.answered(async move { typing(&context, &payload(&event)?).await }),
        USER_SEARCH => asked.answered(async move { chat_events::search(&context, &event).await }),
        PRESENCE_LIST => asked.answered(async move { presence_events::list(&context, &event) }),
        PRESENCE_TENANTS => asked.answered(async move { presence_events::tenants(&context, &event) }),
        PRESENCE_WATCH => ready(Stage::Done(presence_events::watch(&context, &event, asked))).boxed(),
        _ => asked.answered::<()>(async { Err(AckError::new(ErrorCode::UnknownEvent, "No such event")) }),
    }
}

/// An event whose turn it is: answered once, and counted by what became of it.
pub(super) struct Asked {
    context: Arc<SocketContext>,
    name: &'static str,
    ack: Ack,
    since: Instant,
}

impl Asked {
    fn new(context: Arc<SocketContext>, event: &Event, ack: Ack) -> Self {
        Self {
            context,
            name: label(event.name()),
            ack,
            since: Instant::now(),
        }
    }

    /// The frames that answer it, if anybody wants an answer.
    pub(super) fn reply<T: Serialize>(self, outcome: Result<T, AckError>) -> Vec<Frame> {
        let metrics = &self.context.portals.metrics;
        metrics.event(self.name, outcome.as_ref().map(drop).map_err(|error| error.code));
        metrics.answered(self.since.elapsed());
        tracing::debug!(
            request.id = %self.ack.request(),
            user.id = %self.context.member.user,
            event = self.name,
            outcome = outcome.as_ref().map_or_else(|error| error.code.as_str(), |_| "ok"),
            seconds = self.since.elapsed().as_secs_f64(),
            "event answered"
        );
        self.ack.reply(&Reply::from(outcome))
    }

    /// Runs a handler within the bounded time and acks with what it says.
    fn answered<T: Serialize + Send>(
        self,
        handler: impl Future<Output = Result<T, AckError>> + Send + 'static,
    ) -> BoxFuture<'static, Stage> {
        async move {
            let outcome = tokio::time::timeout(HANDLER_TIMEOUT, handler).await;
            let outcome = outcome.unwrap_or_else(|_| Err(AckError::new(ErrorCode::Unavailable, "No answer in time")));
            Stage::Done(self.reply(outcome))
        }
        .boxed()
    }
}

/// `message:send`. Its order is fixed once the writer has it, so the next one need not wait for the commit.
async fn send(context: Arc<SocketContext>, event: Event, asked: Asked) -> Stage {
    let submitted = async {
        let request: SendRequest<'_> = payload(&event)?;
        let chat = &context.portals.chat;
        let draft = chat.validate(request.body.into_owned(), &request.client_message_id)?;
        let reachable = context.may_send(&request.to).await?;
        Ok::<_, AckError>(chat.submit(reachable, draft, context.member.id.clone()))
    };
    match submitted.await {
        Err(error) => Stage::Done(asked.reply::<Message>(Err(error))),
        Ok(pending) => {
            let answered = async move {
                let outcome = pending.await;
                if let Ok(stored) = &outcome {
                    // What ties the request to the lines of the writer, and to those of the instances that deliver.
                    tracing::debug!(
                        request.id = %asked.ack.request(),
                        message.id = %stored.message.id,
                        fresh = stored.fresh,
                        "message acknowledged"
                    );
                }
                asked.reply(outcome.map(|stored| stored.message))
            };
            Stage::Committing(answered.boxed())
        }
    }
}
