//! From a row to a message.

use chrono::{DateTime, Utc};
use diesel::{ExpressionMethods as _, QueryDsl as _, Queryable};
use shared_protocol::events::{ClientMessageId, ConversationId, Message, TenantId, Timestamp, UserId};
use uuid::Uuid;

use super::error::ChatError;
use crate::db::Postgres;
use crate::db::schema::chat_message::dsl;

/// The columns of `"ChatMessage"`, in the table's order.
#[derive(Debug, Queryable)]
pub(super) struct MessageRow {
    id: Uuid,
    conversation: String,
    seq: i64,
    tenant: Option<String>,
    sender: String,
    recipient: String,
    body: String,
    client_message_id: String,
    created_at: DateTime<Utc>,
    erased_at: Option<DateTime<Utc>>,
}

impl MessageRow {
    /// The message, with ids checked: what is wrong in the table must not reach a room's name or another tenant.
    pub(super) fn into_message(self) -> Result<Message, ChatError> {
        let wrong = ChatError::Inconsistent("an id of a message does not parse");
        Ok(Message {
            id: self.id,
            conversation_id: ConversationId::parse(&self.conversation).map_err(|_| wrong.clone())?,
            seq: self.seq,
            tenant_id: self
                .tenant
                .map(|tenant| TenantId::parse(&tenant))
                .transpose()
                .map_err(|_| wrong.clone())?,
            sender_id: UserId::parse(&self.sender).map_err(|_| wrong.clone())?,
            recipient_id: UserId::parse(&self.recipient).map_err(|_| wrong.clone())?,
            body: self.body,
            client_message_id: ClientMessageId::parse(&self.client_message_id).map_err(|_| wrong)?,
            created_at: Timestamp::new(self.created_at),
            erased: self.erased_at.is_some(),
        })
    }
}

/// The messages with these ids, each conversation's in order.
pub(super) async fn find_messages(postgres: &Postgres, ids: &[Uuid]) -> Result<Vec<Message>, ChatError> {
    let query = dsl::chat_message
        .filter(dsl::id.eq_any(ids))
        .order((dsl::conversation_id, dsl::seq));
    let rows: Vec<MessageRow> = postgres.load(Postgres::QUICK, query).await?;
    rows.into_iter().map(MessageRow::into_message).collect()
}
