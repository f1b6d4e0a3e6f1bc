//! Who is online and on which instance, for operators: read with plain commands, so that looking changes nothing.

use std::collections::HashMap;
use std::time::Duration;

use redis::{Pipeline, RedisResult};
use shared_protocol::events::{Portal, Realm, Timestamp};

use super::change::{Entry, moment};
use crate::db::Redis;
use crate::db::keys::{RealmKeys, decode_realm};

/// One realm as Redis holds it.
#[derive(Clone, Debug)]
pub struct Roster {
    /// Which.
    pub realm: Realm,
    /// Instances that hold users here.
    pub instances: Vec<Lease>,
    /// Who is online for their peers, by id.
    pub users: Vec<Present>,
}

/// An instance's lease on a realm.
#[derive(Clone, Debug)]
pub struct Lease {
    /// The instance.
    pub instance: String,
    /// Since it was renewed.
    pub age: Duration,
    /// Until it runs out; zero: it has, and a peer is about to reap it.
    pub left: Duration,
}

/// Somebody who is online.
#[derive(Clone, Debug)]
pub struct Present {
    /// Their id.
    pub user: String,
    /// Since when.
    pub since: Timestamp,
    /// Where; empty: gone, and peers are not told yet.
    pub places: Vec<Place>,
    /// Until peers are told that something of the user is gone.
    pub grace_left: Option<Duration>,
}

/// What one instance holds of a user.
#[derive(Clone, Debug)]
pub struct Place {
    /// Which instance.
    pub instance: String,
    /// From which pages.
    pub portals: Vec<Portal>,
    /// Their name, as that instance knows it.
    pub name: Option<String>,
}

type Scores = Vec<(String, i64)>;

/// Reads one realm, or with `None` every realm in which somebody is online, the staff's first. `lease` as it is configured.
pub async fn roster(redis: &Redis, realm: Option<Realm>, lease: Duration) -> RedisResult<Vec<Roster>> {
    let realms = match realm {
        Some(realm) => vec![realm],
        None => listed(redis).await?,
    };
    let mut rosters = Vec::with_capacity(realms.len());
    for realm in realms {
        rosters.push(read(redis, realm, lease).await?);
    }
    Ok(rosters)
}

async fn listed(redis: &Redis) -> RedisResult<Vec<Realm>> {
    let mut command = redis::cmd("ZRANGE");
    command.arg(redis.keys().tenants()).arg(0).arg(-1);
    let encoded: Vec<String> = command.query_async(&mut redis.commands()).await?;
    let mut realms: Vec<Realm> = encoded.iter().filter_map(|encoded| decode_realm(encoded)).collect();
    realms.sort();
    Ok(realms)
}

async fn read(redis: &Redis, realm: Realm, lease: Duration) -> RedisResult<Roster> {
    let keys = redis.keys().realm(&realm);
    let mut pipeline = Pipeline::new();
    pipeline.cmd("TIME");
    for set in [&keys.instances, &keys.online, &keys.grace] {
        pipeline.cmd("ZRANGE").arg(set).arg(0).arg(-1).arg("WITHSCORES");
    }
    let (clock, instances, online, grace): ((i64, i64), Scores, Scores, Scores) =
        pipeline.query_async(&mut redis.commands()).await?;
    let now_ms = clock.0 * 1000 + clock.1 / 1000;
    let lease_ms = i64::try_from(lease.as_millis()).unwrap_or(i64::MAX);
    let until = |time_ms: i64| Duration::from_millis(u64::try_from(time_ms - now_ms).unwrap_or(0));
    let since = |time_ms: i64| Duration::from_millis(u64::try_from(now_ms - time_ms).unwrap_or(0));
    let grace: HashMap<String, i64> = grace.into_iter().collect();
    let mut places = places(redis, &keys, &instances).await?;
    let instances = instances.into_iter().map(|(instance, deadline_ms)| Lease {
        instance,
        age: since(deadline_ms - lease_ms),
        left: until(deadline_ms),
    });
    let users = online.into_iter().map(|(user, since_ms)| Present {
        since: moment(since_ms),
        places: places.remove(&user).unwrap_or_default(),
        grace_left: grace.get(&user).map(|deadline_ms| until(*deadline_ms)),
        user,
    });
    let mut roster = Roster {
        realm,
        instances: instances.collect(),
        users: users.collect(),
    };
    roster.users.sort_by(|one, other| one.user.cmp(&other.user));
    Ok(roster)
}

async fn places(redis: &Redis, keys: &RealmKeys, instances: &Scores) -> RedisResult<HashMap<String, Vec<Place>>> {
    let mut pipeline = Pipeline::new();
    for (instance, _) in instances {
        pipeline
            .cmd("HGETALL")
            .arg(format!("{}{instance}", keys.members_prefix));
    }
    let held: Vec<HashMap<String, String>> = if instances.is_empty() {
        Vec::new()
    } else {
        pipeline.query_async(&mut redis.commands()).await?
    };
    let mut places: HashMap<String, Vec<Place>> = HashMap::new();
    for ((instance, _), users) in instances.iter().zip(held) {
        for (user, entry) in users {
            let entry = serde_json::from_str::<Entry>(&entry).unwrap_or_default();
            places.entry(user).or_default().push(Place {
                instance: instance.clone(),
                portals: entry.portals,
                name: entry.name.as_deref().map(str::to_owned),
            });
        }
    }
    Ok(places)
}
