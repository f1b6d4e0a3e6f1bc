//! Events about messages and conversations: the payload's type, the reach verdict, the service.

use shared_protocol::events::{
    AckError, ConversationListPage, ConversationListRequest, DeliveredAnswer, HistoryPage, HistoryRequest, MarkRequest,
    ReadAnswer, SyncPage, SyncRequest, UserSearchRequest, UsersFound,
};
use shared_protocol::socketio::Event;

use super::context::SocketContext;
use super::payload::payload;

pub(super) async fn history(context: &SocketContext, event: &Event) -> Result<HistoryPage, AckError> {
    let request: HistoryRequest = payload(event)?;
    let readable = context.may_read(&request.with).await?;
    context
        .portals
        .chat
        .history(&readable, request.before_seq, request.after_seq, request.limit)
        .await
}

pub(super) async fn sync(context: &SocketContext, event: &Event) -> Result<SyncPage, AckError> {
    let request: SyncRequest = payload(event)?;
    context.portals.chat.sync(context.caller(), &request).await
}

pub(super) async fn read(context: &SocketContext, event: &Event) -> Result<ReadAnswer, AckError> {
    let request: MarkRequest = payload(event)?;
    let readable = context.may_read(&request.with).await?;
    let chat = &context.portals.chat;
    chat.read(&readable, request.up_to_seq, &context.member.id).await
}

pub(super) async fn delivered(context: &SocketContext, event: &Event) -> Result<DeliveredAnswer, AckError> {
    let request: MarkRequest = payload(event)?;
    let readable = context.may_read(&request.with).await?;
    let chat = &context.portals.chat;
    chat.delivered(&readable, request.up_to_seq, &context.member.id).await
}

pub(super) async fn conversations(context: &SocketContext, event: &Event) -> Result<ConversationListPage, AckError> {
    let request: ConversationListRequest = payload(event)?;
    let chat = &context.portals.chat;
    chat.conversations(context.caller(), request.cursor.as_deref(), request.limit)
        .await
}

pub(super) async fn search(context: &SocketContext, event: &Event) -> Result<UsersFound, AckError> {
    let request: UserSearchRequest = payload(event)?;
    let directory = &context.portals.directory;
    let users = directory
        .search(context.caller(), &request.query, request.limit)
        .await?;
    Ok(UsersFound { users })
}
