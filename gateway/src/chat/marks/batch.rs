//! One batch of marks: merged, written, and who has to hear of it.

use std::collections::HashMap;

use chrono::Utc;
use shared_protocol::events::{ConversationId, Realm, Timestamp};

use super::store::{Asked, Row, raise};
use super::{MarkKind, RisenMark};
use crate::chat::error::ChatError;
use crate::db::Postgres;
use crate::hub::SocketId;
use crate::reach::Readable;

/// What one socket says.
#[derive(Debug)]
pub(in crate::chat) struct Saying {
    pub(super) kind: MarkKind,
    pub(super) readable: Readable,
    pub(super) up_to_seq: i64,
    pub(super) from_socket: SocketId,
}

/// Where the mark stands now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::chat) struct Marked {
    pub(super) up_to_seq: i64,
    /// Messages of the peer beyond it; counted for read marks.
    pub(super) unread: i64,
}

impl Saying {
    fn is_user_a(&self) -> bool {
        self.readable.conversation_id().users().0 == self.readable.caller().as_str()
    }
}

/// Writes what was said; answers in its order, and tells which marks have risen, each once.
pub(super) async fn write(postgres: &Postgres, sayings: &[Saying]) -> Result<(Vec<Marked>, Vec<RisenMark>), ChatError> {
    let rows = raise(postgres, &merge(sayings)).await?;
    let rows: HashMap<&str, &Row> = rows.iter().map(|row| (row.id.as_str(), row)).collect();
    let at = Timestamp::new(Utc::now());
    let mut risen: HashMap<(&ConversationId, bool, MarkKind), (i64, RisenMark)> = HashMap::new();
    let mut marked = Vec::with_capacity(sayings.len());
    for saying in sayings {
        let (conversation, is_a) = (saying.readable.conversation_id(), saying.is_user_a());
        // No row: the two have not written to each other yet.
        let Some(row) = rows.get(conversation.as_str()) else {
            marked.push(Marked::default());
            continue;
        };
        let (before, now) = row.mark(is_a, saying.kind);
        let unread = if is_a { row.unread_a } else { row.unread_b };
        marked.push(Marked { up_to_seq: now, unread });
        if now > before {
            let entry = risen.entry((conversation, is_a, saying.kind));
            let said = saying.up_to_seq;
            let mark = || (said, risen_mark(saying, now, at));
            // Whoever said most is the one who need not be told.
            let held = entry.or_insert_with(mark);
            if said > held.0 {
                *held = mark();
            }
        }
    }
    Ok((marked, risen.into_values().map(|(_, mark)| mark).collect()))
}

/// One entry a conversation, with the highest of each mark.
fn merge(sayings: &[Saying]) -> Vec<Asked<'_>> {
    let mut merged: HashMap<&str, Asked<'_>> = HashMap::new();
    for saying in sayings {
        let id = saying.readable.conversation_id().as_str();
        let asked = merged.entry(id).or_insert_with(|| Asked::of(id));
        let mark = asked.mark(saying.is_user_a(), saying.kind);
        *mark = Some(mark.map_or(saying.up_to_seq, |held| held.max(saying.up_to_seq)));
    }
    merged.into_values().collect()
}

fn risen_mark(saying: &Saying, up_to_seq: i64, at: Timestamp) -> RisenMark {
    let readable = &saying.readable;
    RisenMark {
        kind: saying.kind,
        conversation: readable.conversation_id().clone(),
        by: readable.caller().clone(),
        namespace: readable.caller_realm().namespace(),
        peer: readable.peer().clone(),
        peer_namespace: readable.peer_realm().map(Realm::namespace),
        up_to_seq,
        at,
        from_socket: saying.from_socket.clone(),
    }
}
