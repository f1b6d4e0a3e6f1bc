//! Who a session's user is: the one thing that every rule about visibility starts from.

use serde_json::value::RawValue;
use shared_protocol::events::limits::NAME_CHARS_MAX;
use shared_protocol::events::{IdError, Realm, TenantId, UserId};

use super::error::SessionFault;
use super::pointer::{exact_text, find, items};
use super::session::Bearer;
use crate::config::SessionConfig;

/// A user who may join.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// Who.
    pub user: UserId,
    /// Where they live, which also says their kind and namespace.
    pub realm: Realm,
    /// Display name, at most 200 characters.
    pub name: Option<String>,
    /// The role that decided, for logs.
    pub role: Option<String>,
}

impl Principal {
    /// Whether sockets of `other` may live on as this one: same user, same tenant, same kind. Names may change.
    pub fn is_same_person(&self, other: &Self) -> bool {
        self.user == other.user && self.realm == other.realm
    }
}

/// Where in a session's JSON it says who somebody is.
#[derive(Clone, Debug)]
pub(super) struct Pointers {
    user_id: String,
    tenant_id: String,
    name: String,
    role: String,
    manage_roles: Vec<String>,
}

impl Pointers {
    pub(super) fn new(config: &SessionConfig) -> Self {
        Self {
            user_id: config.user_id.clone(),
            tenant_id: config.tenant_id.clone(),
            name: config.name.clone(),
            role: config.role.clone(),
            manage_roles: config.manage_roles.clone(),
        }
    }

    /// Reads who a session belongs to.
    pub(super) fn bearer(&self, document: &RawValue) -> Result<Bearer, SessionFault> {
        let user = id(document, &self.user_id, UserId::parse, SessionFault::UserId)?.ok_or(SessionFault::Anonymous)?;
        let tenant = id(document, &self.tenant_id, TenantId::parse, SessionFault::TenantId)?;
        let roles = roles(document, &self.role);
        let manage = roles.iter().find(|role| self.manage_roles.contains(role));
        // The role alone says the kind: staff who belong to a tenant as well are staff.
        let realm = match (manage, tenant) {
            (Some(_), _) => Realm::Manage,
            (None, Some(tenant)) => Realm::Tenant(tenant),
            (None, None) => return Ok(Bearer::Homeless(user)),
        };
        Ok(Bearer::Principal(Principal {
            user,
            realm,
            name: find(document, &self.name).and_then(display_name),
            role: manage.or(roles.first()).cloned(),
        }))
    }
}

fn id<T>(
    document: &RawValue,
    pointer: &str,
    parse: fn(&str) -> Result<T, IdError>,
    fault: fn(IdError) -> SessionFault,
) -> Result<Option<T>, SessionFault> {
    let Some(value) = find(document, pointer) else {
        return Ok(None);
    };
    let text = exact_text(value).ok_or(SessionFault::IdType)?;
    parse(&text).map(Some).map_err(fault)
}

/// One role, or a list of them.
fn roles(document: &RawValue, pointer: &str) -> Vec<String> {
    let Some(value) = find(document, pointer) else {
        return Vec::new();
    };
    match items(value) {
        Some(items) => items.into_iter().filter_map(exact_text).collect(),
        None => exact_text(value).into_iter().collect(),
    }
}

fn display_name(value: &RawValue) -> Option<String> {
    let text: String = serde_json::from_str(value.get()).ok()?;
    // Postgres stores no NUL, and a name is no reason to lose a row.
    let name: String = text
        .chars()
        .filter(|character| *character != '\0')
        .take(NAME_CHARS_MAX)
        .collect();
    (!name.trim().is_empty()).then_some(name)
}
