//! The statement that raises marks, and what it says.

use diesel::sql_types::{Array, BigInt, Nullable, Text};

use super::MarkKind;
use crate::chat::error::ChatError;
use crate::db::{Postgres, statement};

/// What is asked of one conversation.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    id: &'a str,
    read_a: Option<i64>,
    read_b: Option<i64>,
    delivered_a: Option<i64>,
    delivered_b: Option<i64>,
}

/// One conversation's marks, before and after.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) id: String,
    read_a: (i64, i64),
    read_b: (i64, i64),
    delivered_a: (i64, i64),
    delivered_b: (i64, i64),
    /// Messages to the smaller user beyond their read mark; counted where that was asked to rise.
    pub(super) unread_a: i64,
    /// Likewise for the greater one.
    pub(super) unread_b: i64,
}

statement! {
    /// Rows are locked in id order, so that two instances cannot wait for each other in a circle, and what is computed comes
    /// from the locked versions: two that raise one mark at once leave the higher one, and one of them has raised it.
    Raise<'a> {
        ids: &'a [&'a str] as Array<Text>,
        read_a: &'a [Option<i64>] as Array<Nullable<BigInt>>,
        read_b: &'a [Option<i64>] as Array<Nullable<BigInt>>,
        delivered_a: &'a [Option<i64>] as Array<Nullable<BigInt>>,
        delivered_b: &'a [Option<i64>] as Array<Nullable<BigInt>>,
    } -> (Text, BigInt, BigInt, BigInt, BigInt, BigInt, BigInt, BigInt, BigInt, BigInt, BigInt),
    r#"with given as materialized (
           select * from unnest({}::text[], {}::bigint[], {}::bigint[], {}::bigint[], {}::bigint[])
               as x (id, ra, rb, da, db)
       ), locked as materialized (
           select k.* from realtime."ChatConversation" k
           where k.id = any (array(select id from given)) order by k.id for no key update
       ), risen as materialized (
           select l.*, g.ra, g.rb,
                  greatest(l."readSeqA", least(l."lastSeq", g.ra)) as new_ra,
                  greatest(l."readSeqB", least(l."lastSeq", g.rb)) as new_rb,
                  greatest(l."deliveredSeqA", least(l."lastSeq", g.da)) as new_da,
                  greatest(l."deliveredSeqB", least(l."lastSeq", g.db)) as new_db
           from locked l join given g on g.id = l.id
       ), written as (
           update realtime."ChatConversation" k
           set "readSeqA" = r.new_ra, "readSeqB" = r.new_rb, "deliveredSeqA" = r.new_da, "deliveredSeqB" = r.new_db
           from risen r
           where k.id = r.id
             and (r.new_ra, r.new_rb, r.new_da, r.new_db)
                 is distinct from (r."readSeqA", r."readSeqB", r."deliveredSeqA", r."deliveredSeqB")
       )
       select r.id, r."readSeqA", r.new_ra, r."readSeqB", r.new_rb,
              r."deliveredSeqA", r.new_da, r."deliveredSeqB", r.new_db,
              case when r.ra is null then 0 else (
                  select count(*) from realtime."ChatMessage" m
                  where m."conversationId" = r.id and m.seq > r.new_ra and m."recipientId" = r."userA"
              ) end,
              case when r.rb is null then 0 else (
                  select count(*) from realtime."ChatMessage" m
                  where m."conversationId" = r.id and m.seq > r.new_rb and m."recipientId" = r."userB"
              ) end
       from risen r"#
}

type RaisedRow = (String, i64, i64, i64, i64, i64, i64, i64, i64, i64, i64);

impl<'a> Asked<'a> {
    /// Nothing of that conversation yet.
    pub(super) fn of(id: &'a str) -> Self {
        Self {
            id,
            read_a: None,
            read_b: None,
            delivered_a: None,
            delivered_b: None,
        }
    }

    pub(super) fn mark(&mut self, is_a: bool, kind: MarkKind) -> &mut Option<i64> {
        match (kind, is_a) {
            (MarkKind::Read, true) => &mut self.read_a,
            (MarkKind::Read, false) => &mut self.read_b,
            (MarkKind::Delivered, true) => &mut self.delivered_a,
            (MarkKind::Delivered, false) => &mut self.delivered_b,
        }
    }
}

impl Row {
    /// The mark before and after.
    pub(super) fn mark(&self, is_a: bool, kind: MarkKind) -> (i64, i64) {
        match (kind, is_a) {
            (MarkKind::Read, true) => self.read_a,
            (MarkKind::Read, false) => self.read_b,
            (MarkKind::Delivered, true) => self.delivered_a,
            (MarkKind::Delivered, false) => self.delivered_b,
        }
    }
}

/// Raises what is asked, in one round trip; conversations that do not exist have no row.
pub(super) async fn raise(postgres: &Postgres, asked: &[Asked<'_>]) -> Result<Vec<Row>, ChatError> {
    let column = |of: fn(&Asked<'_>) -> Option<i64>| -> Vec<Option<i64>> { asked.iter().map(of).collect() };
    let query = Raise {
        ids: &asked.iter().map(|asked| asked.id).collect::<Vec<_>>(),
        read_a: &column(|asked| asked.read_a),
        read_b: &column(|asked| asked.read_b),
        delivered_a: &column(|asked| asked.delivered_a),
        delivered_b: &column(|asked| asked.delivered_b),
    };
    let rows: Vec<RaisedRow> = postgres.load(Postgres::TIMEOUT, query).await?;
    let row = |row: RaisedRow| Row {
        id: row.0,
        read_a: (row.1, row.2),
        read_b: (row.3, row.4),
        delivered_a: (row.5, row.6),
        delivered_b: (row.7, row.8),
        unread_a: row.9,
        unread_b: row.10,
    };
    Ok(rows.into_iter().map(row).collect())
}
