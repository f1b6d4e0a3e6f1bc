//! `conversation:list`: a user's conversations, the latest first.
//!
//! The cursor is the place of the last one listed, in time and by id. A conversation in which somebody writes while pages are turned moves
//! to the top, before the cursor: whoever turns them hears of it by `message:new`, and nothing that stayed is skipped or told twice.

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use shared_protocol::events::limits::{CONVERSATIONS_DEFAULT, CONVERSATIONS_MAX};
use shared_protocol::events::{
    AckError, ClientMessageId, Conversation, ConversationId, ConversationListPage, Kind, Message, Realm, TenantId,
    Timestamp, User, UserId,
};
use uuid::Uuid;

use super::error::ChatError;
use super::page::{Room, json_bytes, limit};
use super::service::ChatService;
use crate::db::{Postgres, statement};
use crate::reach::Caller;

/// The end of the year 9999.
const CURSOR_MILLIS_MAX: i64 = 253_402_300_799_999;

statement! {
    /// A page of conversations, each with its unread count, its last message and what the directory says of the peer: of one's
    /// own tenant, or of the staff, and nobody else who may have the same id. Without what a refused first message leaves behind: a
    /// conversation in which nobody has written.
    List<'a> {
        as_a: &'a str as Text,
        as_b: &'a str as Text,
        staff: bool as Bool,
        tenant: Option<&'a str> as Nullable<Text>,
        before: Option<DateTime<Utc>> as Nullable<Timestamptz>,
        before_at: Option<DateTime<Utc>> as Nullable<Timestamptz>,
        before_id: &'a str as Text,
        limit: i64 as BigInt,
        me: &'a str as Text,
    } -> (
        (Text, Text, Timestamptz, BigInt, BigInt, BigInt, BigInt),
        (Nullable<Text>, Nullable<Text>, Nullable<Timestamptz>),
        (
            Nullable<SqlUuid>, Nullable<BigInt>, Nullable<Text>, Nullable<Text>, Nullable<Text>, Nullable<Timestamptz>,
            Nullable<Timestamptz>,
        ),
    ),
    r#"with page as materialized (
           select * from (
               select k.id, k."tenantId", k."lastMessageAt", k."lastSeq", k."userB" as peer, k."readSeqA" as mine,
                      k."readSeqB" as peers, k."deliveredSeqB" as delivered
               from realtime."ChatConversation" k where k."userA" = {}
               union all
               select k.id, k."tenantId", k."lastMessageAt", k."lastSeq", k."userA", k."readSeqB", k."readSeqA", k."deliveredSeqA"
               from realtime."ChatConversation" k where k."userB" = {}
           ) c
           where c."lastSeq" > 0 and ({} or c."tenantId" = {})
             and ({}::timestamptz is null or (c."lastMessageAt", c.id) < ({}, {}))
           order by c."lastMessageAt" desc, c.id desc
           limit {}
       )
       select p.id, p.peer, p."lastMessageAt", p.mine, p.peers, p.delivered, unread.n,
              d.name, d.kind, d."lastSeenAt",
              m.id, m.seq, m."senderId", m.body, m."clientMessageId", m."createdAt", m."erasedAt"
       from page p
       cross join lateral (
           select count(*) as n from realtime."ChatMessage" m
           where m."conversationId" = p.id and m.seq > p.mine and m."recipientId" = {}
       ) unread
       left join lateral (
           select * from realtime."ChatMessage" m where m."conversationId" = p.id order by m.seq desc limit 1
       ) m on true
       left join lateral (
           select d.name::text collate "C" as name, d.kind::text collate "C" as kind,
                  date_trunc('milliseconds', d."lastSeenAt"::timestamptz) as "lastSeenAt"
           from realtime."ChatDirectory" d
           where d.id = p.peer and (d."tenantId" = p."tenantId" or d.kind = 'manage')
           order by d.kind = 'manage' limit 1
       ) d on true
       order by p."lastMessageAt" desc, p.id desc"#
}

type ConversationColumns = (String, String, DateTime<Utc>, i64, i64, i64, i64);
type PeerColumns = (Option<String>, Option<String>, Option<DateTime<Utc>>);
type MessageColumns = (
    Option<Uuid>,
    Option<i64>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<DateTime<Utc>>,
    Option<DateTime<Utc>>,
);

impl ChatService {
    /// A page of the caller's conversations.
    pub async fn conversations(
        &self,
        caller: Caller<'_>,
        cursor: Option<&str>,
        limit: Option<u32>,
    ) -> Result<ConversationListPage, AckError> {
        Ok(self.conversation_page(caller, cursor, limit).await?)
    }

    async fn conversation_page(
        &self,
        caller: Caller<'_>,
        cursor: Option<&str>,
        asked: Option<u32>,
    ) -> Result<ConversationListPage, ChatError> {
        let limit = limit(asked, CONVERSATIONS_DEFAULT, CONVERSATIONS_MAX)?;
        let before = cursor.map(Cursor::parse).transpose()?;
        let me = caller.user.as_str();
        let tenant = caller.realm.tenant().map(TenantId::as_str);
        let at = before.as_ref().map(|before| before.at);
        let query = List {
            as_a: me,
            as_b: me,
            staff: tenant.is_none(),
            tenant,
            before: at,
            before_at: at,
            before_id: before.as_ref().map_or("", |before| before.id.as_str()),
            // One more tells whether there are more.
            limit: i64::try_from(limit + 1).unwrap_or(i64::MAX),
            me,
        };
        let rows: Vec<(ConversationColumns, PeerColumns, MessageColumns)> =
            self.postgres.load(Postgres::TIMEOUT, query).await?;

        let mut has_more = rows.len() > limit;
        let mut last = None;
        let mut room = Room::new();
        let mut conversations = Vec::with_capacity(rows.len().min(limit));
        for row in rows.into_iter().take(limit) {
            let at = row.0.2;
            let conversation = conversation(caller, row)?;
            if !room.take(json_bytes(&conversation)) {
                has_more = true;
                break;
            }
            last = Some(Cursor {
                at,
                id: conversation.conversation_id.clone(),
            });
            conversations.push(conversation);
        }
        Ok(ConversationListPage {
            conversations,
            next_cursor: last.filter(|_| has_more).map(|last| last.to_string()),
        })
    }
}

/// Where a page ended.
struct Cursor {
    at: DateTime<Utc>,
    id: ConversationId,
}

impl Cursor {
    fn parse(text: &str) -> Result<Self, ChatError> {
        let wrong = || ChatError::invalid("cursor", "is none of ours");
        let (millis, id) = text.split_once(':').ok_or_else(wrong)?;
        // A calendar holds more years than Postgres does; a place that we gave out lies in neither's far end.
        let millis = millis
            .parse()
            .ok()
            .filter(|millis| (0..=CURSOR_MILLIS_MAX).contains(millis));
        Ok(Self {
            at: millis.and_then(DateTime::from_timestamp_millis).ok_or_else(wrong)?,
            id: ConversationId::parse(id).map_err(|_| wrong())?,
        })
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.at.timestamp_millis(), self.id)
    }
}

fn conversation(
    caller: Caller<'_>,
    (columns, peer, message): (ConversationColumns, PeerColumns, MessageColumns),
) -> Result<Conversation, ChatError> {
    let wrong = || ChatError::Inconsistent("an id of a conversation does not parse");
    let (id, peer_id, _, my_read_seq, peer_read_seq, peer_delivered_seq, unread) = columns;
    let conversation_id = ConversationId::parse(&id).map_err(|_| wrong())?;
    let tenant = conversation_id.tenant().map(TenantId::parse).transpose();
    let tenant = tenant.map_err(|_| wrong())?;
    let peer_id = UserId::parse(&peer_id).map_err(|_| wrong())?;
    Ok(Conversation {
        last_message: last_message(caller, &conversation_id, tenant.as_ref(), &peer_id, message)?,
        peer: user(caller, peer_id, tenant, peer),
        conversation_id,
        unread,
        my_read_seq,
        peer_read_seq,
        peer_delivered_seq,
    })
}

/// The peer, as far as the directory knows them. When staff were last there is none of a tenant's business.
fn user(caller: Caller<'_>, id: UserId, tenant: Option<TenantId>, (name, kind, seen): PeerColumns) -> User {
    let is_staff = tenant.is_none() || kind.as_deref() == Some("manage");
    let may_see_when = !is_staff || *caller.realm == Realm::Manage;
    User {
        id,
        tenant_id: tenant.filter(|_| !is_staff),
        name,
        kind: if is_staff { Kind::Manage } else { Kind::Tenant },
        last_seen_at: seen.filter(|_| may_see_when).map(Timestamp::new),
    }
}

/// `None` after a prune that has left nothing.
fn last_message(
    caller: Caller<'_>,
    conversation: &ConversationId,
    tenant: Option<&TenantId>,
    peer: &UserId,
    columns: MessageColumns,
) -> Result<Option<Message>, ChatError> {
    let wrong = || ChatError::Inconsistent("a stored message does not parse");
    let (Some(id), Some(seq), Some(sender), Some(body), Some(name), Some(created_at), erased_at) = columns else {
        return Ok(None);
    };
    let sent_by_peer = sender == peer.as_str();
    let (sender, recipient) = if sent_by_peer {
        (peer, caller.user)
    } else {
        (caller.user, peer)
    };
    Ok(Some(Message {
        id,
        conversation_id: conversation.clone(),
        seq,
        tenant_id: tenant.cloned(),
        sender_id: sender.clone(),
        recipient_id: recipient.clone(),
        body,
        client_message_id: ClientMessageId::parse(&name).map_err(|_| wrong())?,
        created_at: Timestamp::new(created_at),
        erased: erased_at.is_some(),
    }))
}
