//! `message:history`: one conversation, page by page.

use diesel::{ExpressionMethods as _, QueryDsl as _};
use shared_protocol::events::limits::{HISTORY_DEFAULT, HISTORY_MAX};
use shared_protocol::events::{AckError, HistoryPage};

use super::error::ChatError;
use super::page::{Room, json_bytes, limit};
use super::row::MessageRow;
use super::service::ChatService;
use crate::db::Postgres;
use crate::db::schema::chat_message::dsl;
use crate::reach::Readable;

impl ChatService {
    /// A page of a conversation, ascending by `seq`: the newest one without bounds, else what lies next to the bound. With both
    /// bounds (an open interval: a gap that a client closes) it is walked from its lower end.
    pub async fn history(
        &self,
        readable: &Readable,
        before_seq: Option<i64>,
        after_seq: Option<i64>,
        limit: Option<u32>,
    ) -> Result<HistoryPage, AckError> {
        Ok(self.page(readable, before_seq, after_seq, limit).await?)
    }

    async fn page(
        &self,
        readable: &Readable,
        before_seq: Option<i64>,
        after_seq: Option<i64>,
        asked: Option<u32>,
    ) -> Result<HistoryPage, ChatError> {
        let limit = limit(asked, HISTORY_DEFAULT, HISTORY_MAX)?;
        for (field, bound) in [("beforeSeq", before_seq), ("afterSeq", after_seq)] {
            if bound.is_some_and(i64::is_negative) {
                return Err(ChatError::invalid(field, "must not be negative"));
            }
        }
        let forward = after_seq.is_some();
        let mut query = dsl::chat_message
            .filter(dsl::conversation_id.eq(readable.conversation_id().as_str()))
            // One more tells whether there are more.
            .limit(i64::try_from(limit + 1).unwrap_or(i64::MAX))
            .into_boxed();
        if let Some(before) = before_seq {
            query = query.filter(dsl::seq.lt(before));
        }
        if let Some(after) = after_seq {
            query = query.filter(dsl::seq.gt(after));
        }
        let query = if forward {
            query.order(dsl::seq.asc())
        } else {
            query.order(dsl::seq.desc())
        };
        let rows: Vec<MessageRow> = self.postgres.load(Postgres::TIMEOUT, query).await?;

        let mut has_more = rows.len() > limit;
        let mut messages = Vec::with_capacity(rows.len().min(limit));
        let mut room = Room::new();
        for row in rows.into_iter().take(limit) {
            let message = row.into_message()?;
            if !room.take(json_bytes(&message)) {
                has_more = true;
                break;
            }
            messages.push(message);
        }
        if !forward {
            messages.reverse();
        }
        Ok(HistoryPage { messages, has_more })
    }
}
