//! `erase-user`: the texts, the name and the last sign of life go; places and numbers stay.

use std::time::Duration;

use diesel::sql_types::{BigInt, Nullable, Text};
use shared_protocol::bus::Control;
use shared_protocol::events::UserId;
use tokio::time::Instant;

use super::BATCH;
use crate::db::{PgError, Postgres, Redis, RedisError, statement};

/// How long it is watched over.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Between two passes.
    pub pause: Duration,
    /// Passes go on for at least so long.
    pub at_least: Duration,
    /// So long after the first pass, which takes what it takes, we say that the user does not stop.
    pub at_most: Duration,
}

impl Default for Patience {
    /// A message that a gateway has accepted is given up after 3.3 s, and Postgres gives its statement up after 4 s more.
    fn default() -> Self {
        Self {
            pause: Duration::from_secs(1),
            at_least: Duration::from_secs(8),
            at_most: Duration::from_mins(10),
        }
    }
}

statement! {
    /// Erases within the next messages of a sender, in the order of their own names for them. The place after them, how many
    /// they were, and how many still had a text.
    EraseTexts<'a> { sender: &'a str as Text, after: &'a str as Text, limit: i64 as BigInt }
        -> (Nullable<Text>, BigInt, BigInt),
    r#"with part as materialized (
           select id, "clientMessageId", "erasedAt" from realtime."ChatMessage"
           where "senderId" = {} and "clientMessageId" > {}
           order by "clientMessageId" limit {}
       ), gone as (
           update realtime."ChatMessage" m set body = '', "erasedAt" = now()
           from part where m.id = part.id and part."erasedAt" is null
           returning 1
       )
       select (select max("clientMessageId") from part), (select count(*) from part), (select count(*) from gone)"#
}

statement! {
    /// Takes the name and the last sign of life from what the gateway itself knows of a user.
    ForgetUser<'a> { id: &'a str as Text } -> (),
    r#"update realtime."ChatUser" set name = null, "lastSeenAt" = null
       where id = {} and (name is not null or "lastSeenAt" is not null)"#
}

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Erased {
    /// Messages whose text went.
    pub messages: u64,
    /// Rows of `"ChatUser"` that lost name and last sign of life: one a tenant in which the id was seen.
    pub directory_rows: u64,
}

/// Why it was not done, or not to the end. Doing it again goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum ErasureError {
    /// The running gateways could not be told.
    #[error("redis: {0}")]
    Redis(#[from] RedisError),
    /// A batch could not be written.
    #[error(transparent)]
    Postgres(#[from] PgError),
    /// They came back each time.
    #[error("the user goes on writing: end their sessions first, then erase again")]
    StillThere,
}

/// Erases what a user wrote, everywhere, since an id names one person. Gateways that run cut that person's sockets and forget what
/// they remember, at every pass: one that could not hear it the first time may the next. `progress` hears how many texts have gone
/// so far, after every batch.
///
/// Sessions are the API's: whoever is still logged in could come back and write. Passes are repeated until one finds nothing and
/// nothing can be under way any more that was accepted before the sockets were cut.
pub async fn erase_user(
    postgres: &Postgres,
    redis: &Redis,
    user: &UserId,
    patience: Patience,
    mut progress: impl FnMut(u64),
) -> Result<Erased, ErasureError> {
    let begun_at = Instant::now();
    let mut erased = Erased::default();
    let mut first_pass_ended_at = None;
    loop {
        tell(redis, user).await?;
        let before = erased;
        erase_texts(postgres, user, &mut erased, &mut progress).await?;
        let query = ForgetUser { id: user.as_str() };
        erased.directory_rows += postgres.execute(Postgres::TIMEOUT, query).await? as u64;
        let took = begun_at.elapsed();
        if erased == before && took >= patience.at_least {
            tell(redis, user).await?;
            return Ok(erased);
        }
        if first_pass_ended_at.get_or_insert_with(Instant::now).elapsed() >= patience.at_most {
            return Err(ErasureError::StillThere);
        }
        tokio::time::sleep(patience.pause).await;
    }
}

async fn erase_texts(
    postgres: &Postgres,
    user: &UserId,
    erased: &mut Erased,
    progress: &mut impl FnMut(u64),
) -> Result<(), PgError> {
    let mut after = String::new();
    loop {
        let query = EraseTexts {
            sender: user.as_str(),
            after: &after,
            limit: BATCH,
        };
        let rows: Vec<(Option<String>, i64, i64)> = postgres.load(Postgres::TIMEOUT, query).await?;
        let Some((Some(last), looked_at, gone)) = rows.into_iter().next() else {
            return Ok(());
        };
        erased.messages += gone.unsigned_abs();
        progress(erased.messages);
        if looked_at < BATCH {
            return Ok(());
        }
        after = last;
    }
}

async fn tell(redis: &Redis, user: &UserId) -> Result<(), RedisError> {
    let order = Control::UserErased {
        user_id: user.as_str().to_owned(),
    };
    redis.publish(&redis.keys().control(), &order.encode()).await
}
