//! The scripts, and how they are called: many realms in one round trip, one that fails alone.

use std::time::Duration;

use redis::{Cmd, ErrorKind, FromRedisValue, Pipeline, RedisResult, Script, ServerErrorKind, Value, from_redis_value};
use shared_protocol::events::{Realm, UserId};

use super::change::{Change, Entry, Reading, Told, Version};
use super::registry::RealmBatch;
use crate::db::keys::{decode_realm, encode_realm};
use crate::db::{Redis, RedisError};

/// Users in one call of a script: Redis serves nobody else while it runs.
const USERS_A_CALL: usize = 250;
/// Leases for which a realm stays listed without a heartbeat; as long as its keys stay (`keep` in `scripts/realm.lua`).
const LISTED_LEASES: u32 = 4;

macro_rules! realm_script {
    ($name:literal) => {
        Script::new(concat!(
            include_str!("scripts/realm.lua"),
            include_str!(concat!("scripts/", $name, ".lua"))
        ))
    };
}

pub(super) struct Store {
    redis: Redis,
    instance: String,
    lease: Duration,
    track: Script,
    untrack: Script,
    heartbeat: Script,
    sweep: Script,
    read: Script,
    tenants: Script,
}

/// What a write led to.
#[derive(Debug, Default)]
pub(super) struct Written {
    pub(super) version: Version,
    /// What this instance's own call announced.
    pub(super) announced: Vec<Change>,
}

/// Time until something has to be looked at.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Deadlines {
    pub(super) grace: Option<Duration>,
    pub(super) lease: Option<Duration>,
}

#[derive(Debug)]
pub(super) struct Beat {
    /// Users of this instance; `None`: it has no lease.
    pub(super) held: Option<usize>,
    pub(super) version: Version,
    pub(super) deadlines: Deadlines,
}

#[derive(Debug)]
pub(super) struct Swept {
    pub(super) announced: Option<Change>,
    pub(super) more: bool,
    pub(super) deadlines: Deadlines,
}

impl Store {
    pub(super) fn new(redis: Redis, instance: String, lease: Duration) -> Self {
        Self {
            redis,
            instance,
            lease,
            track: realm_script!("track"),
            untrack: realm_script!("untrack"),
            heartbeat: realm_script!("heartbeat"),
            sweep: realm_script!("sweep"),
            read: realm_script!("read"),
            tenants: Script::new(include_str!("scripts/tenants.lua")),
        }
    }

    /// Writes a batch, and lists realms that are new to this instance. For each part what became of it.
    /// `since` knows when a user came who is written again.
    pub(super) async fn write(
        &self,
        parts: &[RealmBatch],
        since: impl Fn(&Realm, &UserId) -> i64,
        listed: &[Realm],
    ) -> RedisResult<Vec<Option<Written>>> {
        let mut pipeline = Pipeline::new();
        let mut owners = Vec::new();
        // Listed before anybody is in it: a realm that is listed and empty is looked at in vain, the reverse would be forgotten.
        if !listed.is_empty() {
            pipeline.add_command(self.list_command(listed));
            owners.push(None);
        }
        for (index, part) in parts.iter().enumerate() {
            for held in part.held.chunks(USERS_A_CALL) {
                let mut call = self.call(&self.track, &part.realm);
                for (user, entry, wait) in held {
                    let since = if part.again { since(&part.realm, user) } else { 0 };
                    call.arg(user.as_str()).arg(encode(entry)).arg(since).arg(*wait);
                }
                pipeline.add_command(call);
                owners.push(Some(index));
            }
            for gone in part.gone.chunks(USERS_A_CALL) {
                let mut call = self.call(&self.untrack, &part.realm);
                for (user, wait) in gone {
                    call.arg(user.as_str()).arg(*wait);
                }
                pipeline.add_command(call);
                owners.push(Some(index));
            }
        }
        let mut written: Vec<Option<Written>> = parts.iter().map(|_| Some(Written::default())).collect();
        for (owner, value) in owners.into_iter().zip(self.run(pipeline).await?) {
            let Some(index) = owner else { continue };
            match value.and_then(decode::<(String, String)>) {
                Ok((version, message)) => {
                    if let Some(part) = &mut written[index] {
                        part.version = part.version.max(Version::parse(&version));
                        part.announced.extend(parse(&message));
                    }
                }
                Err(error) => {
                    tracing::error!(%error, realm = %parts[index].realm, "presence could not be written");
                    written[index] = None;
                }
            }
        }
        Ok(written)
    }

    /// Renews this instance's leases in all its realms, the list of realms, and the entry by which peers find the instance.
    pub(super) async fn heartbeat(&self, realms: &[Realm], address: &str) -> RedisResult<Vec<RedisResult<Beat>>> {
        let mut pipeline = Pipeline::new();
        for realm in realms {
            pipeline.add_command(self.call(&self.heartbeat, realm));
        }
        let mut entry = redis::cmd("SET");
        entry.arg(self.redis.keys().instance(&self.instance)).arg(address);
        entry.arg("PX").arg(self.lease_ms());
        pipeline.add_command(entry);
        if !realms.is_empty() {
            pipeline.add_command(self.list_command(realms));
        }
        let values = self.run(pipeline).await?.into_iter().take(realms.len());
        let beats = values.map(|value| {
            let (held, version, grace, lease) = value.and_then(decode::<(i64, String, i64, i64)>)?;
            Ok(Beat {
                held: usize::try_from(held).ok(),
                version: Version::parse(&version),
                deadlines: Deadlines::new(grace, lease),
            })
        });
        Ok(beats.collect())
    }

    /// Announces what is due in these realms; reaps only when told to.
    pub(super) async fn sweep(&self, realms: &[(Realm, bool)]) -> RedisResult<Vec<RedisResult<Swept>>> {
        let mut pipeline = Pipeline::new();
        for (realm, reap) in realms {
            let mut call = self.call(&self.sweep, realm);
            call.arg(i32::from(*reap));
            pipeline.add_command(call);
        }
        let swept = self.run(pipeline).await?.into_iter().map(|value| {
            let (_, message, more, grace, lease) = value.and_then(decode::<(String, String, i64, i64, i64)>)?;
            Ok(Swept {
                announced: parse(&message),
                more: more == 1,
                deadlines: Deadlines::new(grace, lease),
            })
        });
        Ok(swept.collect())
    }

    /// Reads whole realms.
    pub(super) async fn read(&self, realms: &[Realm]) -> RedisResult<Vec<RedisResult<(Reading, Deadlines)>>> {
        let mut pipeline = Pipeline::new();
        for realm in realms {
            pipeline.add_command(self.call(&self.read, realm));
        }
        let readings = self.run(pipeline).await?.into_iter().map(|value| {
            let (version, grace, lease, entries, run) =
                value.and_then(decode::<(String, i64, i64, Vec<String>, String)>)?;
            let reading = Reading {
                version: Version::parse(&version),
                users: entries.chunks_exact(3).filter_map(told).collect(),
                run: Some(run).filter(|run| !run.is_empty()),
            };
            Ok((reading, Deadlines::new(grace, lease)))
        });
        Ok(readings.collect())
    }

    /// Realms with somebody online, and for how long no instance has named them.
    pub(super) async fn listed(&self) -> RedisResult<Vec<(Realm, Duration)>> {
        let mut pipeline = Pipeline::new();
        pipeline.cmd("TIME");
        pipeline
            .cmd("ZRANGE")
            .arg(self.redis.keys().tenants())
            .arg(0)
            .arg(-1)
            .arg("WITHSCORES");
        let ((seconds, micros), entries): ((i64, i64), Vec<(String, i64)>) =
            pipeline.query_async(&mut self.redis.commands()).await?;
        let now_ms = seconds * 1000 + micros / 1000;
        let stays_ms = i64::try_from(self.listed_ms()).unwrap_or(i64::MAX);
        let realms = entries.into_iter().filter_map(|(encoded, deadline_ms)| {
            let unnamed_ms = u64::try_from(now_ms - (deadline_ms - stays_ms)).unwrap_or(0);
            Some((decode_realm(&encoded)?, Duration::from_millis(unnamed_ms)))
        });
        Ok(realms.collect())
    }

    /// Takes back the entry by which peers find the instance.
    pub(super) async fn leave(&self) -> RedisResult<()> {
        let key = self.redis.keys().instance(&self.instance);
        redis::cmd("DEL").arg(key).exec_async(&mut self.redis.commands()).await
    }

    fn call(&self, script: &Script, realm: &Realm) -> Cmd {
        let keys = self.redis.keys().realm(realm);
        let mut call = redis::cmd("EVALSHA");
        call.arg(script.get_hash()).arg(6);
        call.arg(&keys.online)
            .arg(&keys.instances)
            .arg(&keys.grace)
            .arg(&keys.last);
        // No instance is called that: ids begin with a letter or digit.
        call.arg(format!("{}@announced", keys.members_prefix));
        call.arg(format!("{}{}", keys.members_prefix, self.instance));
        call.arg(&keys.members_prefix)
            .arg(&keys.changes)
            .arg(&self.instance)
            .arg(self.lease_ms());
        call
    }

    fn list_command(&self, realms: &[Realm]) -> Cmd {
        let mut call = redis::cmd("EVALSHA");
        call.arg(self.tenants.get_hash())
            .arg(1)
            .arg(self.redis.keys().tenants());
        call.arg(self.listed_ms());
        for realm in realms {
            call.arg(encode_realm(realm));
        }
        call
    }

    fn lease_ms(&self) -> u64 {
        u64::try_from(self.lease.as_millis()).unwrap_or(u64::MAX)
    }

    fn listed_ms(&self) -> u64 {
        self.lease_ms().saturating_mul(LISTED_LEASES.into())
    }

    /// Sends commands in one round trip. A Redis that was restarted does not know the scripts: then they are loaded and all is
    /// sent again, which every script bears.
    async fn run(&self, mut pipeline: Pipeline) -> RedisResult<Vec<RedisResult<Value>>> {
        if pipeline.is_empty() {
            return Ok(Vec::new());
        }
        pipeline.ignore_errors();
        let mut commands = self.redis.commands();
        let values: Vec<RedisResult<Value>> = pipeline.query_async(&mut commands).await?;
        if !values.iter().any(is_unknown_script) {
            return Ok(values);
        }
        for script in [
            &self.track,
            &self.untrack,
            &self.heartbeat,
            &self.sweep,
            &self.read,
            &self.tenants,
        ] {
            script.load_async(&mut commands).await?;
        }
        pipeline.query_async(&mut commands).await
    }
}

impl Deadlines {
    fn new(grace_ms: i64, lease_ms: i64) -> Self {
        let left = |millis: i64| u64::try_from(millis).ok().map(Duration::from_millis);
        Self {
            grace: left(grace_ms),
            lease: left(lease_ms),
        }
    }
}

fn is_unknown_script(value: &RedisResult<Value>) -> bool {
    let unknown = ErrorKind::Server(ServerErrorKind::NoScript);
    matches!(value, Err(error) if error.kind() == unknown)
}

fn decode<T: FromRedisValue>(value: Value) -> Result<T, RedisError> {
    Ok(from_redis_value(value)?)
}

fn encode(entry: &Entry) -> String {
    // Strings and closed names: nothing that could not be encoded.
    serde_json::to_string(entry).unwrap_or_default()
}

fn parse(message: &str) -> Option<Change> {
    if message.is_empty() {
        return None;
    }
    serde_json::from_str(message).ok()
}

fn told(fields: &[String]) -> Option<Told> {
    let [id, since, entry] = fields else { return None };
    Some(Told {
        // What Redis holds was an id when it was written; anything else is not ours.
        id: UserId::parse(id).ok()?,
        since_ms: since.parse().ok()?,
        entry: serde_json::from_str::<Entry>(entry).ok()?,
    })
}
