//! `sync`: everything newer than what a client holds. Live delivery is at most once; this makes it complete.

use std::collections::HashMap;

use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use shared_protocol::events::limits::{SYNC_DEFAULT, SYNC_MAX, SYNC_SINCE_MAX};
use shared_protocol::events::{AckError, ConversationId, Message, SyncPage, SyncRequest};

use super::error::ChatError;
use super::page::{Room, json_bytes, limit};
use super::row::MessageRow;
use super::service::ChatService;
use super::sync_plan::Concern;
use crate::db::{Postgres, statement};
use crate::reach::Caller;

statement! {
    /// News of some conversations: each is read from its start on by the index, none beyond what a page holds.
    News<'a> {
        ids: &'a [&'a str] as Array<Text>,
        since: &'a [i64] as Array<BigInt>,
        each: i64 as BigInt,
        limit: i64 as BigInt,
    } -> (
        SqlUuid, Text, BigInt, Nullable<Text>, Text, Text, Text, Text, Timestamptz, Nullable<Timestamptz>,
    ),
    r#"select m.id, m."conversationId", m.seq, m."tenantId", m."senderId", m."recipientId", m.body, m."clientMessageId",
              m."createdAt", m."erasedAt"
       from unnest({}::text[], {}::bigint[]) with ordinality c (id, since, place)
       cross join lateral (
           select * from realtime."ChatMessage" m
           where m."conversationId" = c.id and m.seq > c.since
           order by m.seq limit {}
       ) m
       order by c.place, m.seq limit {}"#
}

impl ChatService {
    /// Everything newer than what the client holds, ascending in each conversation, up to what one reply may carry.
    pub async fn sync(&self, caller: Caller<'_>, request: &SyncRequest) -> Result<SyncPage, AckError> {
        Ok(self.sync_page(caller, request).await?)
    }

    async fn sync_page(&self, caller: Caller<'_>, request: &SyncRequest) -> Result<SyncPage, ChatError> {
        let limit = limit(request.limit, SYNC_DEFAULT, SYNC_MAX)?;
        let since = held(&request.since)?;
        let concerns = self
            .concerns(caller, &since, request.others.unwrap_or_default())
            .await?;

        let mut page = Page::new(&concerns);
        let mut todo: &[Concern] = &concerns;
        // Numbers tell how many rows to expect; after a prune there are fewer. Then the next conversations are read, twice as
        // many each time, until the page is full or nothing is left.
        let mut factor = 1;
        while page.messages.len() < limit && !todo.is_empty() && !page.full {
            let missing = limit - page.messages.len();
            let (now, later) = split(todo, missing.saturating_add(1).saturating_mul(factor));
            let rows = self.news(now, missing + 1).await?;
            page.fill(rows, missing, now)?;
            todo = later;
            factor *= 2;
        }
        let more = page.full || todo.iter().any(|concern| concern.last_seq > concern.since);
        Ok(page.finish(more))
    }

    async fn news(&self, concerns: &[Concern], limit: usize) -> Result<Vec<MessageRow>, ChatError> {
        let news: Vec<&Concern> = concerns
            .iter()
            .filter(|concern| concern.last_seq > concern.since)
            .collect();
        if news.is_empty() {
            return Ok(Vec::new());
        }
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let query = News {
            ids: &news.iter().map(|concern| concern.id.as_str()).collect::<Vec<_>>(),
            since: &news.iter().map(|concern| concern.since).collect::<Vec<_>>(),
            each: limit,
            limit,
        };
        Ok(self.postgres.load(Postgres::TIMEOUT, query).await?)
    }
}

/// What the client holds, of the conversations whose names are names. Others are nobody's, and so passed over like those that
/// are somebody else's.
fn held(since: &HashMap<String, i64>) -> Result<Vec<(ConversationId, i64)>, ChatError> {
    if since.len() > SYNC_SINCE_MAX {
        return Err(ChatError::invalid(
            "since",
            format!("must have at most {SYNC_SINCE_MAX} entries"),
        ));
    }
    if since.values().any(|seq| seq.is_negative()) {
        return Err(ChatError::invalid("since", "must not be negative"));
    }
    Ok(since
        .iter()
        .filter_map(|(id, seq)| Some((ConversationId::parse(id).ok()?, *seq)))
        .collect())
}

/// The first conversations that together should hold `rows` messages, at least one of them; and the rest.
fn split(concerns: &[Concern], rows: usize) -> (&[Concern], &[Concern]) {
    let mut expected = 0_usize;
    let taken = concerns
        .iter()
        .take_while(|concern| {
            let before = expected;
            let news = (concern.last_seq - concern.since).max(0);
            expected = expected.saturating_add(usize::try_from(news).unwrap_or(usize::MAX));
            before < rows
        })
        .count();
    concerns.split_at(taken.max(1))
}

/// A reply that fills up.
struct Page {
    messages: Vec<Message>,
    reads: HashMap<ConversationId, shared_protocol::events::ReadMarks>,
    room: Room,
    full: bool,
}

impl Page {
    /// Marks of the conversations that the client named are in every page: they may have moved without a message.
    fn new(concerns: &[Concern]) -> Self {
        let mut room = Room::new();
        let mut reads = HashMap::new();
        for concern in concerns.iter().filter(|concern| concern.named) {
            room.reserve(json_bytes(&concern.id) + json_bytes(&concern.marks));
            reads.insert(concern.id.clone(), concern.marks);
        }
        Self {
            messages: Vec::new(),
            reads,
            room,
            full: false,
        }
    }

    fn fill(&mut self, rows: Vec<MessageRow>, missing: usize, concerns: &[Concern]) -> Result<(), ChatError> {
        let marks: HashMap<&ConversationId, _> = concerns.iter().map(|concern| (&concern.id, concern.marks)).collect();
        self.full = rows.len() > missing;
        for row in rows.into_iter().take(missing) {
            let message = row.into_message()?;
            let new_marks = marks
                .get(&message.conversation_id)
                .filter(|_| !self.reads.contains_key(&message.conversation_id));
            let marks_bytes = new_marks.map_or(0, |marks| json_bytes(&message.conversation_id) + json_bytes(marks));
            if !self.room.take(json_bytes(&message) + marks_bytes) {
                self.full = true;
                break;
            }
            if let Some(marks) = new_marks {
                self.reads.insert(message.conversation_id.clone(), *marks);
            }
            self.messages.push(message);
        }
        Ok(())
    }

    /// An empty page has no more, whatever the numbers promise: the client could not advance, and would ask for ever.
    fn finish(self, more: bool) -> SyncPage {
        SyncPage {
            has_more: more && !self.messages.is_empty(),
            messages: self.messages,
            reads: self.reads,
        }
    }
}
