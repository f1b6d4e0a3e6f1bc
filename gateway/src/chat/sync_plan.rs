//! Which conversations a `sync` concerns, and from which number on.

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz};
use shared_protocol::events::{ConversationId, ReadMarks, Realm, SyncOthers, TenantId};

use super::error::ChatError;
use super::service::ChatService;
use crate::db::{Postgres, statement};
use crate::reach::Caller;

/// Conversations of one page at most, besides those that the client named: each brings at least one message, so a page is full
/// before.
const OTHERS_MAX: i64 = 1_001;

/// One conversation that a `sync` concerns.
#[derive(Debug)]
pub(super) struct Concern {
    pub(super) id: ConversationId,
    /// The client holds up to here.
    pub(super) since: i64,
    pub(super) last_seq: i64,
    pub(super) marks: ReadMarks,
    pub(super) named: bool,
}

type ConcernRow = (String, i64, Option<i64>, i64, i64, i64);

/// Columns of a [`ConcernRow`], from a conversation `c` with `mine_a` and a named entry `n`.
macro_rules! concern_columns {
    () => {
        r#"c.id, c."lastSeq", n.since,
           case when c.mine_a then c."readSeqA" else c."readSeqB" end,
           case when c.mine_a then c."readSeqB" else c."readSeqA" end,
           case when c.mine_a then c."deliveredSeqB" else c."deliveredSeqA" end"#
    };
}

statement! {
    /// The caller's conversations that the client named, and no others.
    Named<'a> {
        me: &'a str as Text,
        ids: &'a [&'a str] as Array<Text>,
        since: &'a [i64] as Array<BigInt>,
        as_a: &'a str as Text,
        as_b: &'a str as Text,
        staff: bool as Bool,
        tenant: Option<&'a str> as Nullable<Text>,
    } -> (Text, BigInt, Nullable<BigInt>, BigInt, BigInt, BigInt),
    concat!(
        "select ", concern_columns!(), r#"
        from (select k.*, k."userA" = {} as mine_a from realtime."ChatConversation" k) c
        join unnest({}::text[], {}::bigint[]) n (id, since) on n.id = c.id
        where c."lastSeq" > 0 and (c."userA" = {} or c."userB" = {}) and ({} or c."tenantId" = {})
        order by c.id"#
    )
}

statement! {
    /// The caller's conversations: those that the client named, and the others that hold something newer than `after`.
    All<'a> {
        as_a: &'a str as Text,
        as_b: &'a str as Text,
        ids: &'a [&'a str] as Array<Text>,
        since: &'a [i64] as Array<BigInt>,
        staff: bool as Bool,
        tenant: Option<&'a str> as Nullable<Text>,
        after: Option<DateTime<Utc>> as Nullable<Timestamptz>,
        limit: i64 as BigInt,
    } -> (Text, BigInt, Nullable<BigInt>, BigInt, BigInt, BigInt),
    concat!(
        "select ", concern_columns!(), r#"
        from (
            select k.*, true as mine_a from realtime."ChatConversation" k where k."userA" = {}
            union all
            select k.*, false as mine_a from realtime."ChatConversation" k where k."userB" = {}
        ) c
        left join unnest({}::text[], {}::bigint[]) n (id, since) on n.id = c.id
        where c."lastSeq" > 0 and ({} or c."tenantId" = {})
          and (n.id is not null or c."lastMessageAt" > coalesce({}, '-infinity'::timestamptz))
        order by n.id is null, c."lastMessageAt" desc, c.id
        limit {}"#
    )
}

statement! {
    /// The last number at or before a moment, for each conversation: walked from the newest message back, so it costs as much
    /// as there is news.
    LastBefore<'a> { after: DateTime<Utc> as Timestamptz, ids: &'a [&'a str] as Array<Text> } -> (Text, BigInt),
    r#"select c.id, coalesce((
           select m.seq from realtime."ChatMessage" m
           where m."conversationId" = c.id and m."createdAt" <= {}
           order by m.seq desc limit 1
       ), 0)
       from unnest({}::text[]) c (id)"#
}

impl ChatService {
    /// The conversations that a `sync` concerns, those named first. What is named and not the caller's is passed over in silence:
    /// the two cases cannot be told apart.
    pub(super) async fn concerns(
        &self,
        caller: Caller<'_>,
        since: &[(ConversationId, i64)],
        others: SyncOthers,
    ) -> Result<Vec<Concern>, ChatError> {
        let me = caller.user.as_str();
        let ids: Vec<&str> = since.iter().map(|(id, _)| id.as_str()).collect();
        let seqs: Vec<i64> = since.iter().map(|(_, seq)| *seq).collect();
        let staff = *caller.realm == Realm::Manage;
        let tenant = caller.realm.tenant().map(TenantId::as_str);
        let rows: Vec<ConcernRow> = if others == SyncOthers::None {
            let query = Named {
                me,
                ids: &ids,
                since: &seqs,
                as_a: me,
                as_b: me,
                staff,
                tenant,
            };
            self.postgres.load(Postgres::TIMEOUT, query).await?
        } else {
            let after = match others {
                SyncOthers::All | SyncOthers::None => None,
                SyncOthers::After(time) => Some(time.to_utc()),
            };
            let query = All {
                as_a: me,
                as_b: me,
                ids: &ids,
                since: &seqs,
                staff,
                tenant,
                after,
                limit: OTHERS_MAX + i64::try_from(ids.len()).unwrap_or(0),
            };
            self.postgres.load(Postgres::TIMEOUT, query).await?
        };
        let mut concerns = rows.into_iter().map(concern).collect::<Result<Vec<_>, _>>()?;
        if let SyncOthers::After(time) = others {
            self.start_after(&mut concerns, time.to_utc()).await?;
        }
        Ok(concerns)
    }

    async fn start_after(&self, concerns: &mut [Concern], after: DateTime<Utc>) -> Result<(), ChatError> {
        let ids: Vec<&str> = concerns
            .iter()
            .filter(|concern| !concern.named)
            .map(|concern| concern.id.as_str())
            .collect();
        if ids.is_empty() {
            return Ok(());
        }
        let rows: Vec<(String, i64)> = self
            .postgres
            .load(Postgres::TIMEOUT, LastBefore { after, ids: &ids })
            .await?;
        let starts: std::collections::HashMap<String, i64> = rows.into_iter().collect();
        for concern in concerns.iter_mut().filter(|concern| !concern.named) {
            concern.since = starts.get(concern.id.as_str()).copied().unwrap_or_default();
        }
        Ok(())
    }
}

fn concern((id, last_seq, since, mine, peers, delivered): ConcernRow) -> Result<Concern, ChatError> {
    Ok(Concern {
        id: ConversationId::parse(&id).map_err(|_| ChatError::Inconsistent("a conversation's id does not parse"))?,
        since: since.unwrap_or_default(),
        last_seq,
        marks: ReadMarks {
            my_read_seq: mine,
            peer_read_seq: peers,
            peer_delivered_seq: delivered,
        },
        named: since.is_some(),
    })
}
