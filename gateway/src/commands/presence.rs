//! `presence`: a table that people read and `awk` cuts. One line for each place where a user is, one for each lease.

use std::fmt::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use gateway::config::Config;
use gateway::db::Redis;
use gateway::presence::{Present, Roster, roster};
use shared_protocol::events::{Realm, TenantId};

use super::fail;

/// `presence [--tenant ID]`
pub(crate) async fn presence(config: &Config, tenant: Option<TenantId>) -> ExitCode {
    let redis = match Redis::new(&config.redis) {
        Ok(redis) => redis,
        Err(error) => return fail(&format_args!("REDIS_URL: {error}")),
    };
    match roster(&redis, tenant.map(Realm::Tenant), config.presence.lease).await {
        Ok(rosters) => {
            print!("{}", tables(&rosters));
            ExitCode::SUCCESS
        }
        Err(error) => fail(&format_args!("redis: {error}")),
    }
}

fn tables(rosters: &[Roster]) -> String {
    let mut leases = vec![["REALM", "INSTANCE", "RENEWED", "LEASE"].map(str::to_owned)];
    let mut users = vec![["REALM", "USER", "PORTALS", "SINCE", "INSTANCE", "STATE", "NAME"].map(str::to_owned)];
    for roster in rosters {
        let realm = realm(&roster.realm);
        for lease in &roster.instances {
            let left = if lease.left.is_zero() {
                "expired".to_owned()
            } else {
                format!("{} left", seconds(lease.left))
            };
            let renewed = format!("{} ago", seconds(lease.age));
            leases.push([realm.clone(), lease.instance.clone(), renewed, left]);
        }
        users.extend(roster.users.iter().flat_map(|user| rows(&realm, user)));
    }
    let online: usize = rosters.iter().map(|roster| roster.users.len()).sum();
    let realms = rosters.iter().filter(|roster| !roster.users.is_empty()).count();
    format!(
        "{}\n{}\n{online} online in {realms} realms\n",
        table(&leases),
        table(&users)
    )
}

/// One row a place; somebody who is gone while peers are not told yet has one, without an instance.
fn rows(realm: &str, user: &Present) -> Vec<[String; 7]> {
    let since = user.since.to_string();
    let row = |portals: String, instance: String, state: String, name: Option<&str>| {
        let name = name.map_or_else(|| "-".to_owned(), printable);
        [
            realm.to_owned(),
            user.user.clone(),
            portals,
            since.clone(),
            instance,
            state,
            name,
        ]
    };
    if user.places.is_empty() {
        let grace = seconds(user.grace_left.unwrap_or_default());
        return vec![row("-".to_owned(), "-".to_owned(), format!("grace {grace}"), None)];
    }
    let places = user.places.iter().map(|place| {
        let portals: Vec<&str> = place.portals.iter().map(|portal| portal.as_str()).collect();
        row(
            portals.join(","),
            place.instance.clone(),
            "here".to_owned(),
            place.name.as_deref(),
        )
    });
    places.collect()
}

/// As the realm's room is called.
fn realm(realm: &Realm) -> String {
    match realm {
        Realm::Manage => "manage".to_owned(),
        Realm::Tenant(tenant) => format!("tenant:{}", tenant.as_str()),
    }
}

fn seconds(duration: Duration) -> String {
    format!("{:.1}s", duration.as_secs_f64())
}

/// Names come from sessions: nothing in them may steer a terminal.
fn printable(name: &str) -> String {
    let shown = name
        .chars()
        .map(|character| if character.is_control() { '\u{fffd}' } else { character });
    shown.collect()
}

/// Columns as wide as their widest cell, two spaces apart.
fn table<const COLUMNS: usize>(rows: &[[String; COLUMNS]]) -> String {
    let mut widths = [0; COLUMNS];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            let _ = write!(line, "{cell:width$}  ");
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
