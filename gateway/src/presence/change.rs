//! What the scripts tell: changes, and readings of a whole realm.

use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize};
use shared_protocol::events::{OnlineUser, Portal, Realm, Timestamp, User, UserId};

/// The format that this build writes and understands; a message in a later one is taken as "something happened: read".
pub(super) const FORMAT: u32 = 1;

/// Version of a realm's presence; 0: Redis knows of none. Text on the wire, since Lua writes only 14 digits of a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version(pub(super) u64);

impl Version {
    pub(super) fn parse(text: &str) -> Self {
        Self(text.parse().unwrap_or(0))
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map(Self).map_err(serde::de::Error::custom)
    }
}

/// A message on a changes channel; see `scripts/realm.lua`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Change {
    #[serde(rename = "f")]
    pub(super) format: u32,
    #[serde(rename = "v")]
    pub(super) version: Option<Version>,
    pub(super) prev: Version,
    pub(super) online: Vec<Told>,
    pub(super) changed: Vec<Told>,
    pub(super) offline: Vec<Gone>,
    pub(super) reaped: Vec<String>,
    #[serde(rename = "due")]
    pub(super) due_ms: Option<u64>,
}

/// Somebody who is online.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Told {
    pub(super) id: UserId,
    #[serde(flatten)]
    pub(super) entry: Entry,
    #[serde(rename = "s")]
    pub(super) since_ms: i64,
}

/// Somebody who is not any more.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Gone {
    pub(super) id: UserId,
    #[serde(rename = "at")]
    pub(super) at_ms: i64,
}

/// What an instance holds of a user.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Entry {
    /// Sorted.
    #[serde(rename = "p", deserialize_with = "known_portals")]
    pub(super) portals: Vec<Portal>,
    #[serde(rename = "n", skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<Arc<str>>,
}

/// Leaves out portals that only a later build knows, instead of losing the whole message.
fn known_portals<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Portal>, D::Error> {
    let names = Vec::<std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
    let known = [Portal::Manage, Portal::Dashboard, Portal::Dm];
    let mut portals: Vec<Portal> = known
        .into_iter()
        .filter(|portal| names.iter().any(|name| name == portal.as_str()))
        .collect();
    portals.sort_by_key(|portal| portal.as_str());
    Ok(portals)
}

impl Told {
    /// As clients are told.
    pub(super) fn into_user(self, realm: &Realm) -> (UserId, Arc<OnlineUser>) {
        let user = User {
            id: self.id.clone(),
            tenant_id: realm.tenant().cloned(),
            name: self.entry.name.as_deref().map(str::to_owned),
            kind: realm.kind(),
            // Of somebody who is here the directory may know when they were last gone; presence does not.
            last_seen_at: None,
        };
        let online = OnlineUser {
            user,
            portals: self.entry.portals,
            since: moment(self.since_ms),
        };
        (self.id, Arc::new(online))
    }
}

/// A moment by Redis' clock.
pub(super) fn moment(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis).unwrap_or_else(|| Timestamp::new(chrono::Utc::now()))
}

/// A whole realm as `read.lua` found it.
#[derive(Clone, Debug, Default)]
pub(super) struct Reading {
    pub(super) version: Version,
    pub(super) users: Vec<Told>,
    /// The run of Redis that told it, if it is known.
    pub(super) run: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_builds_are_understood_as_far_as_possible() {
        let text = r#"{"f":1,"v":"1795504077022412","prev":"0","new":[],
            "online":[{"id":"u","p":["kiosk","dm","dashboard"],"n":"Ann","s":1795504077022,"x":1}]}"#;
        let change: Change = serde_json::from_str(text).unwrap();
        assert_eq!(change.version, Some(Version(1_795_504_077_022_412)));
        assert_eq!(change.online[0].entry.portals, [Portal::Dashboard, Portal::Dm]);
        assert!(change.offline.is_empty());
    }
}
