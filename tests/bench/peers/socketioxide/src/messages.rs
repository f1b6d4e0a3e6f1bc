//! Messages, one prepared INSERT each.

use chrono::{DateTime, Utc};
use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod};
use serde::{Deserialize, Serialize};
use tokio_postgres::NoTls;
use uuid::Uuid;

use crate::sessions::User;

const POOL: usize = 16;
const INSERT: &str = r#"
    INSERT INTO "Message" ("id", "tenantId", "senderId", "recipientId", "conversationId", "body", "clientMessageId", "createdAt")
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"#;

pub(crate) struct Messages {
    pool: Pool,
}

/// What a client sends.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SendRequest {
    to: String,
    body: String,
    client_message_id: String,
}

/// A message as it is stored and delivered.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Message {
    id: Uuid,
    conversation_id: String,
    tenant_id: String,
    sender_id: String,
    pub(crate) recipient_id: String,
    body: String,
    client_message_id: String,
    created_at: DateTime<Utc>,
}

impl Messages {
    pub(crate) async fn open(url: &str) -> Result<Self, Box<dyn std::error::Error>> {
        let recycling = ManagerConfig {
            recycling_method: RecyclingMethod::Fast,
        };
        let manager = Manager::from_config(url.parse()?, NoTls, recycling);
        let pool = Pool::builder(manager).max_size(POOL).build()?;
        pool.get()
            .await?
            .batch_execute(include_str!("../../message.sql"))
            .await?;
        Ok(Self { pool })
    }

    pub(crate) async fn store(&self, sender: &User, request: SendRequest) -> Result<Message, String> {
        let SendRequest {
            to,
            body,
            client_message_id,
        } = request;
        if to.is_empty() || body.is_empty() || body.chars().count() > 4_000 || client_message_id.len() > 64 {
            return Err("invalid payload".to_owned());
        }
        let (one, other) = ((&sender.id).min(&to), (&sender.id).max(&to));
        let message = Message {
            id: Uuid::now_v7(),
            conversation_id: format!("{}:{one}:{other}", sender.tenant_id),
            tenant_id: sender.tenant_id.clone(),
            sender_id: sender.id.clone(),
            recipient_id: to,
            body,
            client_message_id,
            created_at: Utc::now(),
        };
        self.insert(&message).await.map_err(|error| error.to_string())?;
        Ok(message)
    }

    async fn insert(&self, message: &Message) -> Result<(), deadpool_postgres::PoolError> {
        let client = self.pool.get().await?;
        let insert = client.prepare_cached(INSERT).await?;
        let Message {
            id,
            conversation_id,
            tenant_id,
            sender_id,
            recipient_id,
            body,
            client_message_id,
            created_at,
        } = message;
        client
            .execute(
                &insert,
                &[
                    id,
                    tenant_id,
                    sender_id,
                    recipient_id,
                    conversation_id,
                    body,
                    client_message_id,
                    created_at,
                ],
            )
            .await?;
        Ok(())
    }
}
