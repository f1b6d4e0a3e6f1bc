//! From an event's name to its handler, and from the handler's outcome to the ack.

use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde::Serialize;
use shared_protocol::events::limits::WATCH_MAX;
use shared_protocol::events::names::from_client::{
    MESSAGE_HISTORY, MESSAGE_SEND, PRESENCE_LIST, PRESENCE_TENANTS, PRESENCE_WATCH, SYNC,
};
use shared_protocol::events::{
    AckError, ErrorCode, HistoryPage, HistoryRequest, Message, PresenceListPage, PresenceListRequest,
    PresenceTenantsPage, PresenceTenantsRequest, PresenceWatchRequest, PresenceWatched, Realm, Reply, SendRequest,
    SyncPage, SyncRequest, UserId,
};
use shared_protocol::socketio::Event;

use super::context::SocketContext;
use super::handler::{Ack, Stage};
use super::payload::payload;
use super::portals::HANDLER_TIMEOUT;

/// Starts the handler of an event.
pub(super) fn on_client_event(context: Arc<SocketContext>, event: Event, ack: Ack) -> BoxFuture<'static, Stage> {
    match event.name() {
        MESSAGE_SEND => send(context, event, ack).boxed(),
        MESSAGE_HISTORY => answered(ack, async move { history(&context, &event).await }),
        SYNC => answered(ack, async move { sync(&context, &event).await }),
        PRESENCE_TENANTS => answered(ack, async move { presence_tenants(&context, &event) }),
        PRESENCE_WATCH => answered(ack, async move { presence_watch(&context, &event) }),
        PRESENCE_LIST => answered(ack, async move { presence_list(&context, &event) }),
        _ => answered::<()>(ack, async {
            Err(AckError::new(ErrorCode::UnknownEvent, "No such event"))
        }),
    }
}

/// Runs a handler within the bounded time and acks with what it says.
fn answered<T: Serialize + Send>(
    ack: Ack,
    handler: impl Future<Output = Result<T, AckError>> + Send + 'static,
) -> BoxFuture<'static, Stage> {
    async move {
        let outcome = tokio::time::timeout(HANDLER_TIMEOUT, handler).await;
        let outcome = outcome.unwrap_or_else(|_| Err(AckError::new(ErrorCode::Unavailable, "No answer in time")));
        Stage::Done(ack.reply(&Reply::from(outcome)))
    }
    .boxed()
}

/// `message:send`. Its order is fixed once the writer has it, so the next one need not wait for the commit.
async fn send(context: Arc<SocketContext>, event: Event, ack: Ack) -> Stage {
    let submitted = async {
        let request: SendRequest<'_> = payload(&event)?;
        let chat = &context.portals.chat;
        let draft = chat.validate(request.body.into_owned(), &request.client_message_id)?;
        let reachable = context.may_send(&request.to).await?;
        Ok::<_, AckError>(chat.submit(reachable, draft, context.member.id.clone()))
    };
    match submitted.await {
        Err(error) => Stage::Done(ack.reply(&Reply::<Message>::from(Err(error)))),
        Ok(pending) => Stage::Committing(
            async move { ack.reply(&Reply::from(pending.await.map(|stored| stored.message))) }.boxed(),
        ),
    }
}

async fn history(context: &SocketContext, event: &Event) -> Result<HistoryPage, AckError> {
    let request: HistoryRequest = payload(event)?;
    let readable = context.may_read(&request.with).await?;
    context
        .portals
        .chat
        .history(&readable, request.before_seq, request.after_seq, request.limit)
        .await
}

async fn sync(context: &SocketContext, event: &Event) -> Result<SyncPage, AckError> {
    let request: SyncRequest = payload(event)?;
    context.portals.chat.sync(context.caller(), &request).await
}

fn presence_list(context: &SocketContext, event: &Event) -> Result<PresenceListPage, AckError> {
    let request: PresenceListRequest = payload(event)?;
    context.portals.presence.list(&context.principal.realm, &request)
}

/// For staff alone: how many tenants there are is nobody else's business.
fn presence_tenants(context: &SocketContext, event: &Event) -> Result<PresenceTenantsPage, AckError> {
    if context.principal.realm != Realm::Manage {
        return Err(AckError::new(ErrorCode::Forbidden, "Not for this session"));
    }
    let request: PresenceTenantsRequest = payload(event)?;
    context
        .portals
        .presence
        .tenants(request.cursor.as_deref(), request.limit)
}

fn presence_watch(context: &SocketContext, event: &Event) -> Result<PresenceWatched, AckError> {
    let request: PresenceWatchRequest = payload(event)?;
    if request.user_ids.len() > WATCH_MAX {
        return Err(AckError::invalid("userIds", &format!("at most {WATCH_MAX}")));
    }
    let users: Result<Vec<UserId>, _> = request.user_ids.iter().map(|id| UserId::parse(id)).collect();
    let users = users.map_err(|fault| AckError::invalid("userIds", &fault.to_string()))?;
    Ok(PresenceWatched {
        users: context.portals.presence.watch(context.member.key, &users),
    })
}
