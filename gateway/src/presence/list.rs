//! Pages of who is online.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use shared_protocol::events::{
    AckError, OnlineUser, PresenceListPage, PresenceListRequest, Realm, TenantId, UserId, limits,
};

use super::window::UserKey;

/// Room for what stands around the users in the reply.
const ENVELOPE_BYTES: usize = 1024;
/// An encoded user without their name: two ids of 64 characters, perhaps escaped, three portals, a time, and what stands around.
const NAMELESS_BYTES_MAX: usize = 500;

/// A request whose fields are what they should be.
#[derive(Debug)]
pub(super) struct Query {
    name: Option<String>,
    tenant: Option<TenantId>,
    after: Option<UserKey>,
    limit: usize,
}

impl Query {
    /// Checks a request of somebody who lives in `home`.
    pub(super) fn parse(home: &Realm, request: &PresenceListRequest) -> Result<Self, AckError> {
        let limit = request.limit.unwrap_or(limits::PRESENCE_LIST_DEFAULT);
        if !(1..=limits::PRESENCE_LIST_MAX).contains(&limit) {
            let fault = format!("must be 1 to {}", limits::PRESENCE_LIST_MAX);
            return Err(AckError::invalid("limit", &fault));
        }
        let tenant = match (&request.tenant_id, home) {
            (None, _) => None,
            (Some(_), Realm::Tenant(_)) => return Err(AckError::invalid("tenantId", "only for /manage")),
            (Some(tenant), Realm::Manage) => {
                let tenant = TenantId::parse(tenant);
                Some(tenant.map_err(|error| AckError::invalid("tenantId", &error.to_string()))?)
            }
        };
        let cursor = request.cursor.as_deref().map(parse_cursor);
        let after = cursor.map(|after| after.ok_or_else(|| AckError::invalid("cursor", "is none of ours")));
        Ok(Self {
            name: request.query.as_ref().map(|query| query.to_lowercase()),
            tenant,
            after: after.transpose()?,
            limit: usize::try_from(limit).unwrap_or(usize::MAX),
        })
    }

    /// The page of those users that the query means.
    pub(super) fn page(&self, users: &BTreeMap<UserKey, Arc<OnlineUser>>) -> PresenceListPage {
        let start = self.after.as_ref().map_or(Bound::Unbounded, Bound::Excluded);
        let mut meant = users
            .range((start, Bound::Unbounded))
            .filter(|(key, user)| self.means(key, user));
        let mut page = PresenceListPage {
            users: Vec::new(),
            online: users.len(),
            next_cursor: None,
        };
        let mut bytes = ENVELOPE_BYTES;
        for (key, user) in meant.by_ref() {
            bytes += serde_json::to_vec(user).map_or(0, |encoded| encoded.len() + 1);
            let full = page.users.len() == self.limit || bytes > limits::REPLY_BYTES_MAX;
            if full {
                // There is one more: the page ends before it.
                page.next_cursor = page.users.last().map(cursor);
                break;
            }
            debug_assert_eq!(key.1, user.user.id);
            page.users.push(OnlineUser::clone(user));
        }
        page
    }

    fn means(&self, key: &UserKey, user: &OnlineUser) -> bool {
        let name = user.user.name.as_deref().unwrap_or_default();
        (self.tenant.is_none() || self.tenant == key.0)
            && self.name.as_ref().is_none_or(|part| name.to_lowercase().contains(part))
    }
}

/// Users for a reply without pages. Names, which alone can be long, are left out of those for which there would be no room.
pub(super) fn fit(users: &mut [OnlineUser]) {
    let mut bytes = ENVELOPE_BYTES + users.len() * NAMELESS_BYTES_MAX;
    for user in users {
        bytes += serde_json::to_vec(&user.user.name).map_or(0, |name| name.len());
        if bytes > limits::REPLY_BYTES_MAX {
            user.user.name = None;
        }
    }
}

fn cursor(user: &OnlineUser) -> String {
    let tenant = user.user.tenant_id.as_ref().map_or("", TenantId::as_str);
    format!("{tenant}:{}", user.user.id)
}

fn parse_cursor(text: &str) -> Option<UserKey> {
    let (tenant, id) = text.split_once(':')?;
    let tenant = match tenant {
        "" => None,
        tenant => Some(TenantId::parse(tenant).ok()?),
    };
    Some((tenant, UserId::parse(id).ok()?))
}

#[cfg(test)]
mod tests {
    use shared_protocol::events::{ErrorCode, Timestamp, User};

    use super::*;

    fn users(keys: &[(&str, &str, &str)]) -> BTreeMap<UserKey, Arc<OnlineUser>> {
        let entries = keys.iter().map(|(tenant, id, name)| {
            let realm = TenantId::parse(tenant).map_or(Realm::Manage, Realm::Tenant);
            let user = User {
                id: UserId::parse(id).unwrap(),
                tenant_id: realm.tenant().cloned(),
                name: Some((*name).to_owned()),
                kind: realm.kind(),
                last_seen_at: None,
            };
            let key = (user.tenant_id.clone(), user.id.clone());
            let online = OnlineUser {
                user,
                portals: Vec::new(),
                since: Timestamp::from_millis(0).unwrap(),
            };
            (key, Arc::new(online))
        });
        entries.collect()
    }

    fn request(text: &str) -> PresenceListRequest {
        serde_json::from_str(text).unwrap()
    }

    fn ids(page: &PresenceListPage) -> Vec<&str> {
        page.users.iter().map(|user| user.user.id.as_str()).collect()
    }

    fn acme() -> Realm {
        Realm::Tenant(TenantId::parse("acme").unwrap())
    }

    #[test]
    fn pages_follow_each_other_without_a_gap() {
        let users = users(&[
            ("b", "1", "Émile"),
            ("", "9", "Staff"),
            ("a", "2", "emily"),
            ("a", "1", "Bob"),
        ]);
        let mut found = Vec::new();
        let mut text = r#"{"limit":3}"#.to_owned();
        loop {
            let page = Query::parse(&Realm::Manage, &request(&text)).unwrap().page(&users);
            assert_eq!(page.online, 4);
            found.extend(page.users.iter().map(cursor));
            let Some(next) = page.next_cursor else { break };
            text = format!(r#"{{"limit":3,"cursor":"{next}"}}"#);
        }
        assert_eq!(found, [":9", "a:1", "a:2", "b:1"]);
    }

    #[test]
    fn names_are_found_whatever_their_case() {
        let users = users(&[("acme", "1", "Émile"), ("acme", "2", "emily"), ("acme", "3", "Bob")]);
        for (query, expected) in [
            ("ÉMI", vec!["1"]),
            ("mil", vec!["1", "2"]),
            ("", vec!["1", "2", "3"]),
            ("x", vec![]),
        ] {
            let query = request(&format!(r#"{{"query":"{query}"}}"#));
            let page = Query::parse(&acme(), &query).unwrap().page(&users);
            assert_eq!((ids(&page), page.next_cursor.is_none()), (expected, true));
        }
    }

    #[test]
    fn a_fault_names_its_field() {
        let cases = [
            (acme(), r#"{"limit":0}"#, "limit"),
            (acme(), r#"{"limit":501}"#, "limit"),
            (acme(), r#"{"tenantId":"acme"}"#, "tenantId"),
            (acme(), r#"{"cursor":"x"}"#, "cursor"),
            (Realm::Manage, r#"{"tenantId":"a:b"}"#, "tenantId"),
        ];
        for (home, text, field) in cases {
            let error = Query::parse(&home, &request(text)).unwrap_err();
            assert_eq!(error.code, ErrorCode::InvalidPayload);
            assert!(error.message.starts_with(field), "{}", error.message);
        }
    }

    #[test]
    fn names_are_left_out_where_a_reply_without_pages_would_outgrow_its_bound() {
        let id = |number: usize| format!("{number:0>61}\"\"\"");
        let ids: Vec<String> = (0..limits::WATCH_MAX).map(id).collect();
        let all = |name: &str| {
            let keys: Vec<(&str, &str, &str)> = ids.iter().map(|id| (ids[0].as_str(), id.as_str(), name)).collect();
            let mut all: Vec<OnlineUser> = users(&keys).values().map(|user| OnlineUser::clone(user)).collect();
            fit(&mut all);
            all
        };
        let long = all(&"\u{1}".repeat(limits::NAME_CHARS_MAX));
        assert!(serde_json::to_vec(&long).unwrap().len() < limits::REPLY_BYTES_MAX);
        assert!(long[100].user.name.is_some() && long[499].user.name.is_none());
        assert!(all("Ann").iter().all(|user| user.user.name.is_some()));
    }

    #[test]
    fn a_page_ends_before_it_grows_beyond_a_reply() {
        let name = "\u{1}".repeat(limits::NAME_CHARS_MAX);
        let ids: Vec<String> = (0..500).map(|number| format!("{number:064}")).collect();
        let keys: Vec<(&str, &str, &str)> = ids.iter().map(|id| ("acme", id.as_str(), name.as_str())).collect();
        let users = users(&keys);
        let page = Query::parse(&acme(), &request(r#"{"limit":500}"#))
            .unwrap()
            .page(&users);
        assert!(page.users.len() > 100 && page.next_cursor.is_some());
        assert!(serde_json::to_vec(&page).unwrap().len() < limits::REPLY_BYTES_MAX);
    }
}
