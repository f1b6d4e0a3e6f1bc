//! `user:search`: whom one might write to, by a part of the name.

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Timestamptz};
use shared_protocol::events::limits::{NAME_CHARS_MAX, SEARCH_DEFAULT, SEARCH_MAX};
use shared_protocol::events::{AckError, TenantId, User, UserId};

use super::directory::Directory;
use super::error::ReachError;
use super::policy::Caller;
use super::store;
use crate::db::{PgError, Postgres, statement};

statement! {
    /// Users whose name has that part, of one tenant or (for staff) of all. Staff are found by staff alone.
    Search<'a> {
        pattern: &'a str as Text,
        staff: bool as Bool,
        tenant: Option<&'a str> as Nullable<Text>,
        limit: i64 as BigInt,
    } -> (Text, Nullable<Text>, Nullable<Text>, Text, Nullable<Timestamptz>),
    r#"select d.id::text collate "C", d."tenantId"::text collate "C", d.name::text collate "C", d.kind::text collate "C",
              date_trunc('milliseconds', d."lastSeenAt"::timestamptz)
       from realtime."ChatDirectory" d
       where d.name ilike {} and ({} or (d.kind = 'tenant' and d."tenantId" = {}))
       order by d.name, d.id limit {}"#
}

type SearchRow = (String, Option<String>, Option<String>, String, Option<DateTime<Utc>>);

impl Directory {
    /// Users in the caller's scope whose name has that part, whatever the case; offline ones and oneself included. By name.
    pub async fn search(&self, caller: Caller<'_>, query: &str, limit: Option<u32>) -> Result<Vec<User>, AckError> {
        let limit = limit.unwrap_or(SEARCH_DEFAULT);
        if !(1..=SEARCH_MAX).contains(&limit) {
            return Err(AckError::invalid("limit", &format!("must be 1 to {SEARCH_MAX}")));
        }
        if query.chars().count() > NAME_CHARS_MAX {
            return Err(AckError::invalid(
                "query",
                &format!("must have at most {NAME_CHARS_MAX} characters"),
            ));
        }
        if query.contains('\0') {
            return Err(AckError::invalid("query", "must not contain NUL"));
        }
        Ok(self.found(caller, query, limit).await.map_err(ReachError::from)?)
    }

    async fn found(&self, caller: Caller<'_>, query: &str, limit: u32) -> Result<Vec<User>, PgError> {
        let tenant = caller.realm.tenant().map(TenantId::as_str);
        let search = Search {
            pattern: &containing(query),
            staff: tenant.is_none(),
            tenant,
            limit: i64::from(limit),
        };
        let rows: Vec<SearchRow> = self.postgres.load(Postgres::TIMEOUT, search).await?;
        let users = rows.into_iter().filter_map(|(id, tenant, name, kind, seen)| {
            let id = UserId::parse(&id).ok()?;
            Some(store::found(&id, (tenant, name, kind, seen))?.user)
        });
        Ok(users.collect())
    }
}

/// A LIKE pattern for any text that contains this one, letter for letter.
fn containing(part: &str) -> String {
    let mut pattern = String::with_capacity(part.len() + 2);
    pattern.push('%');
    for character in part.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_something_in_a_pattern_is_taken_to_the_letter() {
        assert_eq!(containing("Ann"), "%Ann%");
        assert_eq!(containing(r"100%_\"), r"%100\%\_\\%");
    }
}
