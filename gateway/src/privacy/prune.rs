//! `prune`: old messages go for good; numbers go on.

use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Nullable, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use super::BATCH;
use crate::db::{PgError, Postgres, statement};

statement! {
    /// Deletes within the next messages by id. Ids are of version 7, made a moment before the row: in their order the old ones
    /// come first, and no index on `"createdAt"` is needed. Only that column decides.
    DeleteOld<'a> {
        before: &'a DateTime<Utc> as Timestamptz,
        after: &'a Uuid as SqlUuid,
        end: &'a Uuid as SqlUuid,
        limit: i64 as BigInt,
    } -> (Nullable<SqlUuid>, BigInt, BigInt),
    r#"with part as materialized (
           select id, "createdAt" < {} as is_old from realtime."ChatMessage"
           where id > {} and id < {}
           order by id limit {}
       ), gone as (
           delete from realtime."ChatMessage" m using part where m.id = part.id and part.is_old returning 1
       )
       select (select id from part order by id desc limit 1), (select count(*) from part), (select count(*) from gone)"#
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pruned {
    /// Messages that are gone.
    pub messages: u64,
    /// They were stored before this.
    pub before: DateTime<Utc>,
}

/// Deletes messages that are older than that. Conversations stay, and with them their last number: the next message gets the
/// number after it. `progress` hears how many have gone so far, after every batch.
pub async fn prune(postgres: &Postgres, age: Duration, mut progress: impl FnMut(u64)) -> Result<Pruned, PgError> {
    let before = Utc::now() - age;
    let end = first_id_at(before);
    let mut after = Uuid::nil();
    let mut messages = 0;
    loop {
        let query = DeleteOld {
            before: &before,
            after: &after,
            end: &end,
            limit: BATCH,
        };
        let rows: Vec<(Option<Uuid>, i64, i64)> = postgres.load(Postgres::TIMEOUT, query).await?;
        let Some((Some(last), looked_at, gone)) = rows.into_iter().next() else {
            return Ok(Pruned { messages, before });
        };
        messages += gone.unsigned_abs();
        progress(messages);
        if looked_at < BATCH {
            return Ok(Pruned { messages, before });
        }
        after = last;
    }
}

/// The smallest id of version 7 that can be made at that time: 48 bits of milliseconds come first (RFC 9562 §5.7).
fn first_id_at(time: DateTime<Utc>) -> Uuid {
    let ms = u128::try_from(time.timestamp_millis()).unwrap_or(0);
    Uuid::from_u128(ms << 80)
}
