//! `presence:tenants`: how many are online where, for the staff.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use shared_protocol::events::{AckError, OnlineUser, PresenceTenantsPage, TenantId, TenantOnline, limits};

use super::window::UserKey;

/// A page of tenants after the cursor, which is the last one's id.
pub(super) fn page(
    users: &BTreeMap<UserKey, Arc<OnlineUser>>,
    cursor: Option<&str>,
    limit: Option<u32>,
) -> Result<PresenceTenantsPage, AckError> {
    let limit = limit.unwrap_or(limits::PRESENCE_LIST_DEFAULT);
    if !(1..=limits::PRESENCE_LIST_MAX).contains(&limit) {
        let fault = format!("must be 1 to {}", limits::PRESENCE_LIST_MAX);
        return Err(AckError::invalid("limit", &fault));
    }
    let after = cursor.map(TenantId::parse).transpose();
    let after = after.map_err(|_| AckError::invalid("cursor", "is none of ours"))?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut tenants: Vec<TenantOnline> = Vec::new();
    // Tenants lie together, the staff before all of them.
    let of_tenants = users.iter().filter_map(|((tenant, _), _)| tenant.as_ref());
    let start = after.as_ref().map_or(Bound::Unbounded, Bound::Excluded);
    for tenant in of_tenants.filter(|tenant| std::ops::RangeBounds::contains(&(start, Bound::Unbounded), *tenant)) {
        if let Some(last) = tenants.last_mut()
            && last.tenant_id == *tenant
        {
            last.online += 1;
        } else if tenants.len() == limit {
            let next_cursor = tenants.last().map(|last| last.tenant_id.as_str().to_owned());
            return Ok(PresenceTenantsPage { tenants, next_cursor });
        } else {
            tenants.push(TenantOnline {
                tenant_id: tenant.clone(),
                online: 1,
            });
        }
    }
    Ok(PresenceTenantsPage {
        tenants,
        next_cursor: None,
    })
}
