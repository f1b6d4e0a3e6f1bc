//! What the policy's facts are read from.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz};
use shared_protocol::events::{ConversationId, Kind, Realm, TenantId, Timestamp, User, UserId};

use super::directory::Found;
use super::seen::Sighting;
use crate::db::{PgError, Postgres, statement};

/// Homes of one id that are looked at; more would be an installation that gives ids out anew in every tenant.
const HOMES_MAX: i64 = 64;

statement! {
    /// Everybody in the directory with that id, most lately seen first.
    ///
    /// Columns of the view are bare of its collations and precisions, here as elsewhere: an operator replaces it while gateways
    /// run, and a prepared statement whose result changes its type fails on its connection from then on.
    FindUser<'a> { id: &'a str as Text, limit: i64 as BigInt }
        -> (Nullable<Text>, Nullable<Text>, Text, Nullable<Timestamptz>),
    r#"select "tenantId"::text collate "C", name::text collate "C", kind::text collate "C",
              date_trunc('milliseconds', "lastSeenAt"::timestamptz)
       from realtime."ChatDirectory" where id = {} order by "lastSeenAt" desc nulls last limit {}"#
}

statement! {
    /// Whether somebody has written in a conversation. In its order, since who is asked about has mostly begun it: `exists`
    /// would leave the way to the planner, which takes a busy writer for a reason to walk the whole table.
    HasWritten<'a> { conversation: &'a str as Text, sender: &'a str as Text } -> Bool,
    r#"select coalesce((
           select true from realtime."ChatMessage" where "conversationId" = {} and "senderId" = {} order by seq limit 1
       ), false)"#
}

statement! {
    /// Tenants of the conversations of two users, the latest first. One in which nobody has written is what a refused first message
    /// leaves behind, and no conversation.
    Conversations<'a> { min: &'a str as Text, max: &'a str as Text, limit: i64 as BigInt } -> Nullable<Text>,
    r#"select "tenantId" from realtime."ChatConversation"
       where "userA" = {} and "userB" = {} and "lastSeq" > 0 order by "lastMessageAt" desc limit {}"#
}

statement! {
    /// Notes who was seen. Somebody who has left makes no row, and none whole that was erased; looked up one by one, since a semi-join
    /// may walk the whole table. Sorted by the primary key, so that two instances cannot wait for each other in a circle.
    UpsertSeen<'a> {
        ids: &'a [&'a str] as Array<Text>,
        tenants: &'a [&'a str] as Array<Text>,
        names: &'a [Option<&'a str>] as Array<Nullable<Text>>,
        kinds: &'a [&'a str] as Array<Text>,
        times: &'a [DateTime<Utc>] as Array<Timestamptz>,
        here: &'a [bool] as Array<Bool>,
    } -> (),
    r#"insert into realtime."ChatUser" as known (id, "tenantId", name, kind, "lastSeenAt")
       select x.id, x.t, x.n, x.k, x.seen
       from unnest({}::text[], {}::text[], {}::text[], {}::text[], {}::timestamptz[], {}::bool[])
           as x (id, t, n, k, seen, here)
       left join lateral (
           select true as known from realtime."ChatUser" k
           where not x.here and k."tenantId" = x.t and k.id = x.id and k."lastSeenAt" is not null
           limit 1
       ) k on true
       where x.here or k.known
       order by x.t, x.id
       on conflict ("tenantId", id) do update set
           name = coalesce(excluded.name, known.name),
           kind = excluded.kind,
           "lastSeenAt" = greatest(excluded."lastSeenAt", known."lastSeenAt")"#
}

statement! {
    /// Lets rows go of who lives there no longer.
    MoveOut<'a> { ids: &'a [&'a str] as Array<Text>, tenants: &'a [&'a str] as Array<Text> } -> (),
    r#"delete from realtime."ChatUser" k using unnest({}::text[], {}::text[]) as x (id, t)
       where k.id = x.id and k."tenantId" = x.t"#
}

type DirectoryRow = (Option<String>, Option<String>, String, Option<DateTime<Utc>>);

/// Everybody with that id. A row that makes no sense (an operator's view may hold anything) is left out, with a line in the log.
pub(super) async fn find(postgres: &Postgres, id: &UserId, limit: Duration) -> Result<Vec<Found>, PgError> {
    let query = FindUser {
        id: id.as_str(),
        limit: HOMES_MAX,
    };
    let rows: Vec<DirectoryRow> = postgres.load(limit, query).await?;
    Ok(rows.into_iter().filter_map(|row| found(id, row)).collect())
}

pub(super) fn found(id: &UserId, (tenant, name, kind, last_seen): DirectoryRow) -> Option<Found> {
    let tenant = tenant.filter(|tenant| !tenant.is_empty());
    let realm = match (kind.as_str(), tenant) {
        ("manage", _) => Realm::Manage,
        ("tenant", Some(tenant)) if let Ok(tenant) = TenantId::parse(&tenant) => Realm::Tenant(tenant),
        _ => {
            tracing::warn!(user.id = %id, "a row of the directory is neither of a tenant nor of the manage staff");
            return None;
        }
    };
    Some(Found {
        user: User {
            id: id.clone(),
            tenant_id: realm.tenant().cloned(),
            name,
            kind: realm.kind(),
            last_seen_at: last_seen.map(Timestamp::new),
        },
        realm,
    })
}

/// Fails at once where the last failure is but a moment old: events of one socket are handled one after the other, and each
/// would wait for its whole limit.
fn ask(postgres: &Postgres) -> Result<(), PgError> {
    if postgres.is_away() {
        Err(PgError::Timeout)
    } else {
        Ok(())
    }
}

/// Whether `sender` has written in that conversation.
pub(super) async fn has_written(
    postgres: &Postgres,
    conversation: &ConversationId,
    sender: &UserId,
) -> Result<bool, PgError> {
    ask(postgres)?;
    let query = HasWritten {
        conversation: conversation.as_str(),
        sender: sender.as_str(),
    };
    let rows: Vec<bool> = postgres.load(Postgres::QUICK, query).await?;
    Ok(rows.first().copied().unwrap_or_default())
}

/// Tenants of the conversations that two users have, the latest first.
pub(super) async fn conversations(
    postgres: &Postgres,
    one: &UserId,
    other: &UserId,
) -> Result<Vec<Option<TenantId>>, PgError> {
    ask(postgres)?;
    let query = Conversations {
        min: one.min(other).as_str(),
        max: one.max(other).as_str(),
        limit: HOMES_MAX,
    };
    let rows: Vec<Option<String>> = postgres.load(Postgres::QUICK, query).await?;
    Ok(rows
        .into_iter()
        .filter_map(|tenant| match tenant {
            None => Some(None),
            Some(tenant) => TenantId::parse(&tenant).ok().map(Some),
        })
        .collect())
}

/// Writes sightings down, all of them in one statement.
pub(super) async fn upsert_seen(
    postgres: &Postgres,
    sightings: &HashMap<(Realm, UserId), Sighting>,
) -> Result<(), PgError> {
    let (mut ids, mut tenants, mut names, mut kinds, mut times, mut here) =
        (vec![], vec![], vec![], vec![], vec![], vec![]);
    for ((realm, id), sighting) in sightings {
        ids.push(id.as_str());
        tenants.push(realm.tenant().map_or("", TenantId::as_str));
        names.push(sighting.name.as_deref());
        kinds.push(match realm.kind() {
            Kind::Tenant => "tenant",
            Kind::Manage => "manage",
        });
        times.push(sighting.at.to_utc());
        here.push(sighting.is_here);
    }
    let query = UpsertSeen {
        ids: &ids,
        tenants: &tenants,
        names: &names,
        kinds: &kinds,
        times: &times,
        here: &here,
    };
    postgres.execute(Postgres::TIMEOUT, query).await.map(|_| ())
}

/// Lets users go who have moved to another tenant.
pub(super) async fn move_out(postgres: &Postgres, moves: &HashSet<(Realm, UserId)>) -> Result<(), PgError> {
    let query = MoveOut {
        ids: &moves.iter().map(|(_, id)| id.as_str()).collect::<Vec<_>>(),
        tenants: &moves
            .iter()
            .map(|(realm, _)| realm.tenant().map_or("", TenantId::as_str))
            .collect::<Vec<_>>(),
    };
    postgres.execute(Postgres::TIMEOUT, query).await.map(|_| ())
}
