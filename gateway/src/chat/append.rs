//! One round trip: `realtime.append_messages`, and what it says about each message.

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use shared_protocol::events::{ConversationId, Message, Realm, TenantId, Timestamp, UserId};
use uuid::Uuid;

use super::batch::Job;
use super::error::ChatError;
use super::pending::Stored;
use crate::db::{PgError, statement};

statement! {
    /// See `migrations/…_append_messages`.
    AppendMessages<'a> {
        ids: &'a [Uuid] as Array<SqlUuid>,
        conversations: &'a [&'a str] as Array<Text>,
        tenants: &'a [Option<&'a str>] as Array<Nullable<Text>>,
        users_a: &'a [&'a str] as Array<Text>,
        users_b: &'a [&'a str] as Array<Text>,
        senders: &'a [&'a str] as Array<Text>,
        recipients: &'a [&'a str] as Array<Text>,
        bodies: &'a [&'a str] as Array<Text>,
        client_ids: &'a [&'a str] as Array<Text>,
        at: DateTime<Utc> as Timestamptz,
    } -> (
        BigInt, Bool, SqlUuid, BigInt,
        Nullable<Text>, Nullable<Text>, Nullable<Text>, Nullable<Text>, Nullable<Timestamptz>, Nullable<Timestamptz>,
    ),
    "select * from realtime.append_messages({}, {}, {}, {}, {}, {}, {}, {}, {}, {})"
}

type AppendedRow = (
    i64,
    bool,
    Uuid,
    i64,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<DateTime<Utc>>,
    Option<DateTime<Utc>>,
);

/// Writes the jobs and answers in their order. After `Ok` all of them are committed.
pub(super) async fn append(
    connection: &mut AsyncPgConnection,
    jobs: &[Job],
    at: Timestamp,
) -> Result<Vec<Result<Stored, ChatError>>, PgError> {
    fn column<'a, T>(jobs: &'a [Job], of: impl Fn(&'a Job) -> T) -> Vec<T> {
        jobs.iter().map(of).collect()
    }
    let query = AppendMessages {
        ids: &column(jobs, |job| job.id),
        conversations: &column(jobs, |job| job.reachable.conversation_id().as_str()),
        tenants: &column(jobs, |job| job.reachable.tenant().map(TenantId::as_str)),
        users_a: &column(jobs, |job| job.reachable.conversation_id().users().0),
        users_b: &column(jobs, |job| job.reachable.conversation_id().users().1),
        senders: &column(jobs, |job| job.reachable.caller().as_str()),
        recipients: &column(jobs, |job| job.reachable.recipient().as_str()),
        bodies: &column(jobs, |job| job.draft.body.as_str()),
        client_ids: &column(jobs, |job| job.draft.client_message_id.as_str()),
        at: at.to_utc(),
    };
    let rows: Vec<AppendedRow> = query.load(connection).await?;
    let mut outcomes: Vec<Result<Stored, ChatError>> =
        vec![Err(ChatError::Inconsistent("a message of a batch got no answer")); jobs.len()];
    for row in rows {
        let Some(place) = usize::try_from(row.0 - 1).ok().filter(|place| *place < jobs.len()) else {
            continue;
        };
        outcomes[place] = outcome(&jobs[place], at, row);
    }
    Ok(outcomes)
}

fn outcome(job: &Job, at: Timestamp, row: AppendedRow) -> Result<Stored, ChatError> {
    let (_, fresh, id, seq, conversation, tenant, recipient, body, created_at, erased_at) = row;
    if fresh {
        let reachable = &job.reachable;
        return Ok(Stored {
            message: Message {
                id,
                conversation_id: reachable.conversation_id().clone(),
                seq,
                tenant_id: reachable.tenant().cloned(),
                sender_id: reachable.caller().clone(),
                recipient_id: reachable.recipient().clone(),
                body: job.draft.body.clone(),
                client_message_id: job.draft.client_message_id.clone(),
                created_at: at,
                erased: false,
            },
            fresh: true,
        });
    }
    let wrong = || ChatError::Inconsistent("a stored message does not parse");
    let message = Message {
        id,
        conversation_id: conversation
            .and_then(|text| ConversationId::parse(&text).ok())
            .ok_or_else(wrong)?,
        seq,
        tenant_id: tenant
            .map(|text| TenantId::parse(&text))
            .transpose()
            .map_err(|_| wrong())?,
        sender_id: job.reachable.caller().clone(),
        recipient_id: recipient.and_then(|text| UserId::parse(&text).ok()).ok_or_else(wrong)?,
        body: body.ok_or_else(wrong)?,
        client_message_id: job.draft.client_message_id.clone(),
        created_at: created_at.map(Timestamp::new).ok_or_else(wrong)?,
        erased: erased_at.is_some(),
    };
    same_recipient(job, &message)?;
    Ok(Stored { message, fresh: false })
}

/// Whether a stored message of that name is this one. Another recipient, or (for a tenant session) a conversation of another
/// tenant, is a name used twice; the stored message is then not shown, since it may be none of the caller's scope.
pub(super) fn same_recipient(job: &Job, stored: &Message) -> Result<(), ChatError> {
    let in_scope = match job.reachable.caller_realm() {
        Realm::Manage => true,
        Realm::Tenant(tenant) => stored.tenant_id.as_ref() == Some(tenant),
    };
    if in_scope && stored.recipient_id == *job.reachable.recipient() {
        Ok(())
    } else {
        Err(ChatError::ReusedId)
    }
}
