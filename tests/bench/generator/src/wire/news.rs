//! What presence events say, whatever their shape: who is there now, who is not, how many.

use std::fmt;

use serde::Deserialize;
use serde::de::value::SeqAccessDeserializer;
use serde::de::{self, Deserializer, SeqAccess, Visitor};
use shared_protocol::events::names::to_client::{PRESENCE_COUNT, PRESENCE_DIFF, PRESENCE_MODE, PRESENCE_SNAPSHOT};

use crate::users::UserNumber;

/// One presence event.
#[derive(Debug, Default)]
pub(crate) struct PresenceNews {
    /// Who is there.
    pub(crate) online: Vec<UserNumber>,
    /// Who has left.
    pub(crate) offline: Vec<UserNumber>,
    /// How many are there, where the server does not name everybody.
    pub(crate) counted: Option<usize>,
}

/// The four presence events' fields together: what an event lacks is empty.
#[derive(Debug, Deserialize)]
pub(super) struct PresenceEvent {
    #[serde(default)]
    users: Vec<Named>,
    #[serde(default)]
    online: Online,
    #[serde(default)]
    offline: Vec<Named>,
    #[serde(default)]
    complete: Option<bool>,
}

#[derive(Debug, Deserialize)]
struct Named {
    id: UserNumber,
}

/// A list in diffs, a number elsewhere.
#[derive(Debug)]
enum Online {
    Count(usize),
    Users(Vec<Named>),
}

/// By hand, since serde's untagged enums copy everything first, and diffs are what there is most of.
impl<'de> Deserialize<'de> for Online {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CountOrUsers)
    }
}

struct CountOrUsers;

impl<'de> Visitor<'de> for CountOrUsers {
    type Value = Online;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a count or a list of users")
    }

    fn visit_u64<E: de::Error>(self, count: u64) -> Result<Online, E> {
        usize::try_from(count).map(Online::Count).map_err(E::custom)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, users: A) -> Result<Online, A::Error> {
        Deserialize::deserialize(SeqAccessDeserializer::new(users)).map(Online::Users)
    }
}

impl Default for Online {
    fn default() -> Self {
        Self::Count(0)
    }
}

pub(super) fn is_presence(event: &str) -> bool {
    [PRESENCE_SNAPSHOT, PRESENCE_DIFF, PRESENCE_COUNT, PRESENCE_MODE].contains(&event)
}

impl PresenceEvent {
    pub(super) fn news(self) -> PresenceNews {
        let ids = |users: Vec<Named>| users.into_iter().map(|user| user.id).collect();
        match self.online {
            Online::Users(users) => PresenceNews {
                online: ids(users),
                offline: ids(self.offline),
                counted: None,
            },
            Online::Count(count) => PresenceNews {
                online: ids(self.users),
                offline: Vec::new(),
                counted: (self.complete != Some(true)).then_some(count),
            },
        }
    }
}
