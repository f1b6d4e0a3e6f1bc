//! How much waits for a user. Asked at every CONNECT, so those of a storm share round trips.

use std::collections::HashMap;

use diesel::sql_types::{Array, BigInt, Nullable, Text};
use futures_util::FutureExt as _;
use shared_protocol::events::{AckError, TenantId, UserId};

use super::error::ChatError;
use super::lane::{Lane, LaneDriver, lane};
use super::service::ChatService;
use crate::db::{Postgres, statement};
use crate::reach::Caller;

/// Whose messages are counted, in which tenant's conversations; `None`: staff, in all.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Reader {
    user: UserId,
    tenant: Option<TenantId>,
}

statement! {
    /// Messages to some users behind their read marks. Only the unread end of each conversation is walked.
    UnreadTotals<'a> {
        users: &'a [&'a str] as Array<Text>,
        tenants: &'a [Option<&'a str>] as Array<Nullable<Text>>,
    } -> (BigInt, BigInt),
    r#"select asked.place, coalesce(sum(waiting.n), 0)::bigint
       from unnest({}::text[], {}::text[]) with ordinality asked (me, tenant, place)
       cross join lateral (
           select k.id, k."tenantId", k."lastSeq", k."readSeqA" as read
           from realtime."ChatConversation" k where k."userA" = asked.me
           union all
           select k.id, k."tenantId", k."lastSeq", k."readSeqB" as read
           from realtime."ChatConversation" k where k."userB" = asked.me
       ) c
       cross join lateral (
           select count(*) as n from realtime."ChatMessage" m
           where m."conversationId" = c.id and m.seq > c.read and m."recipientId" = asked.me
       ) waiting
       where c."lastSeq" > c.read and (asked.tenant is null or c."tenantId" = asked.tenant)
       group by asked.place"#
}

/// The lane on which unread messages are counted.
pub(super) fn unread(postgres: Postgres) -> (Lane<Reader, i64>, LaneDriver<Reader, i64>) {
    lane(Box::new(move |readers| {
        let postgres = postgres.clone();
        async move { totals(&postgres, &readers).await }.boxed()
    }))
}

async fn totals(postgres: &Postgres, readers: &[Reader]) -> Result<Vec<i64>, ChatError> {
    let tenants: Vec<Option<&str>> = readers
        .iter()
        .map(|reader| reader.tenant.as_ref().map(TenantId::as_str))
        .collect();
    let query = UnreadTotals {
        users: &readers.iter().map(|reader| reader.user.as_str()).collect::<Vec<_>>(),
        tenants: &tenants,
    };
    let rows: Vec<(i64, i64)> = postgres.load(Postgres::TIMEOUT, query).await?;
    // Places count from 1; whoever has no conversation has no row.
    let totals: HashMap<i64, i64> = rows.into_iter().collect();
    Ok((1..)
        .zip(readers)
        .map(|(place, _)| totals.get(&place).copied().unwrap_or_default())
        .collect())
}

impl ChatService {
    /// Unread messages in all conversations of the caller's scope.
    pub async fn unread_total(&self, caller: Caller<'_>) -> Result<i64, AckError> {
        let reader = Reader {
            user: caller.user.clone(),
            tenant: caller.realm.tenant().cloned(),
        };
        Ok(self.unread.ask(reader).await?)
    }
}
