//! Messages in Postgres, many with each INSERT: while one batch is being written the next one collects.

use tokio::sync::{mpsc, oneshot};
use tokio_postgres::{Client, NoTls, Statement};

use crate::message::Message;

const BATCH_MAX: usize = 1_000;
const QUEUE: usize = 16_384;
const INSERT: &str = r#"
    INSERT INTO "Message" ("id", "tenantId", "senderId", "recipientId", "conversationId", "body", "clientMessageId", "createdAt")
    SELECT * FROM UNNEST($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::timestamptz[])"#;

type Waiting = (Message, oneshot::Sender<Result<Message, String>>);

/// The way to the one task that writes.
pub(crate) struct Store {
    queue: mpsc::Sender<Waiting>,
}

impl Store {
    pub(crate) async fn open(url: &str) -> Result<Self, tokio_postgres::Error> {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(connection);
        client.batch_execute(include_str!("../../message.sql")).await?;
        let insert = client.prepare(INSERT).await?;
        let (queue, waiting) = mpsc::channel(QUEUE);
        tokio::spawn(write(client, insert, waiting));
        Ok(Self { queue })
    }

    /// Takes a message; what it answers comes true after the commit.
    pub(crate) async fn store(&self, message: Message) -> impl Future<Output = Result<Message, String>> + use<> {
        let (done, stored) = oneshot::channel();
        // Without a writer `done` is dropped, and that is what the answer tells.
        _ = self.queue.send((message, done)).await;
        async move { stored.await.unwrap_or_else(|_| Err("the writer is gone".to_owned())) }
    }
}

async fn write(client: Client, insert: Statement, mut waiting: mpsc::Receiver<Waiting>) {
    let mut batch = Vec::with_capacity(BATCH_MAX);
    while waiting.recv_many(&mut batch, BATCH_MAX).await > 0 {
        let outcome = insert_all(&client, &insert, &batch)
            .await
            .map_err(|error| error.to_string());
        for (message, done) in batch.drain(..) {
            // Who has left does not wait for an answer.
            _ = done.send(outcome.clone().map(|()| message));
        }
    }
}

async fn insert_all(client: &Client, insert: &Statement, batch: &[Waiting]) -> Result<(), tokio_postgres::Error> {
    let texts = |of: fn(&Message) -> &str| -> Vec<&str> { batch.iter().map(|(message, _)| of(message)).collect() };
    let ids: Vec<_> = batch.iter().map(|(message, _)| message.id).collect();
    let times: Vec<_> = batch.iter().map(|(message, _)| message.created_at).collect();
    client
        .execute(
            insert,
            &[
                &ids,
                &texts(|message| &message.tenant_id),
                &texts(|message| &message.sender_id),
                &texts(|message| &message.recipient_id),
                &texts(|message| &message.conversation_id),
                &texts(|message| &message.body),
                &texts(|message| &message.client_message_id),
                &times,
            ],
        )
        .await?;
    Ok(())
}
