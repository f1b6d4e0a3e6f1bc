//! Where a user lives and through which door they come: the facts that every rule about visibility is made of.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::ids::TenantId;

/// What a session is, told by its role alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A member of one tenant.
    Tenant,
    /// The platform's own staff, who see everybody.
    Manage,
}

/// The home of a user's presence and conversations: one tenant, or the manage staff.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Realm {
    /// The platform's own staff.
    Manage,
    /// The users of one tenant.
    Tenant(TenantId),
}

impl Realm {
    /// The tenant, when there is one.
    pub fn tenant(&self) -> Option<&TenantId> {
        match self {
            Self::Manage => None,
            Self::Tenant(tenant) => Some(tenant),
        }
    }

    /// The kind of the users who live here.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Manage => Kind::Manage,
            Self::Tenant(_) => Kind::Tenant,
        }
    }

    /// The namespace in which the users who live here have their sockets.
    pub fn namespace(&self) -> Namespace {
        match self {
            Self::Manage => Namespace::Manage,
            Self::Tenant(_) => Namespace::Tenant,
        }
    }
}

/// The tenant's id, or `@manage`, as in the keys of Redis; for logs.
impl fmt::Display for Realm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Manage => f.write_str("@manage"),
            Self::Tenant(tenant) => fmt::Display::fmt(tenant, f),
        }
    }
}

/// A namespace that this gateway serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Namespace {
    /// `/manage`
    Manage,
    /// `/tenant`
    Tenant,
}

impl Namespace {
    /// Every namespace that is served.
    pub const ALL: [Self; 2] = [Self::Manage, Self::Tenant];

    /// The name on the wire, with its slash.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Manage => "/manage",
            Self::Tenant => "/tenant",
        }
    }

    /// The namespace of that name; nothing else is served, `/` neither.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|namespace| namespace.as_str() == name)
    }
}

/// The page that a socket was opened from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum Portal {
    /// The staff's portal, in `/manage`.
    Manage,
    /// The tenants' dashboard, in `/tenant`.
    Dashboard,
    /// The tenants' DM Portal, in `/tenant`.
    Dm,
}

impl Portal {
    /// The portal's name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Manage => "manage",
            Self::Dashboard => "dashboard",
            Self::Dm => "dm",
        }
    }

    /// The portal that `auth.portal` names in that namespace, its default when there is none; `None` when it is not for it.
    pub fn in_namespace(namespace: Namespace, name: Option<&str>) -> Option<Self> {
        match (namespace, name) {
            (Namespace::Manage, None | Some("manage")) => Some(Self::Manage),
            (Namespace::Tenant, None | Some("dashboard")) => Some(Self::Dashboard),
            (Namespace::Tenant, Some("dm")) => Some(Self::Dm),
            _ => None,
        }
    }
}
