//! The policy as a table and as properties; the directory against a real Postgres.

mod directory;
mod policy;

use shared_protocol::events::{Realm, TenantId, UserId};

fn user(id: &str) -> UserId {
    UserId::parse(id).unwrap()
}

/// `""` is the manage staff.
fn realm(tenant: &str) -> Realm {
    if tenant.is_empty() {
        Realm::Manage
    } else {
        Realm::Tenant(TenantId::parse(tenant).unwrap())
    }
}
