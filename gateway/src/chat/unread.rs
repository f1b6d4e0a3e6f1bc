//! How much waits for a user.

use diesel::sql_types::{BigInt, Bool, Nullable, Text};
use shared_protocol::events::{AckError, TenantId};

use super::error::ChatError;
use super::service::ChatService;
use crate::db::{Postgres, statement};
use crate::reach::Caller;

statement! {
    /// Messages to a user behind their read marks. Only the unread end of each conversation is walked.
    UnreadTotal<'a> {
        as_a: &'a str as Text,
        as_b: &'a str as Text,
        me: &'a str as Text,
        staff: bool as Bool,
        tenant: Option<&'a str> as Nullable<Text>,
    } -> BigInt,
    r#"select coalesce(sum(waiting.n), 0)::bigint
       from (
           select k.id, k."tenantId", k."lastSeq", k."readSeqA" as read from realtime."ChatConversation" k where k."userA" = {}
           union all
           select k.id, k."tenantId", k."lastSeq", k."readSeqB" as read from realtime."ChatConversation" k where k."userB" = {}
       ) c
       cross join lateral (
           select count(*) as n from realtime."ChatMessage" m
           where m."conversationId" = c.id and m.seq > c.read and m."recipientId" = {}
       ) waiting
       where c."lastSeq" > c.read and ({} or c."tenantId" = {})"#
}

impl ChatService {
    /// Unread messages in all conversations of the caller's scope.
    pub async fn unread_total(&self, caller: Caller<'_>) -> Result<i64, AckError> {
        let tenant = caller.realm.tenant().map(TenantId::as_str);
        let query = UnreadTotal {
            as_a: caller.user.as_str(),
            as_b: caller.user.as_str(),
            me: caller.user.as_str(),
            staff: tenant.is_none(),
            tenant,
        };
        let rows: Vec<i64> = self
            .postgres
            .load(Postgres::TIMEOUT, query)
            .await
            .map_err(ChatError::from)?;
        Ok(rows.first().copied().unwrap_or_default())
    }
}
