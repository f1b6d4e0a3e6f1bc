//! From a row to a message.

use chrono::{DateTime, Utc};
use diesel::Queryable;
use shared_protocol::events::{ClientMessageId, ConversationId, Message, TenantId, Timestamp, UserId};
use uuid::Uuid;

use super::error::ChatError;

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
