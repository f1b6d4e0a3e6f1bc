//! Who is there, in Redis: how many sockets each user has, and what others see of them.

use chrono::{DateTime, Utc};
use redis::aio::ConnectionManager;
use redis::{RedisError, Script};
use serde::{Deserialize, Serialize};

use crate::sessions::User;

pub(crate) struct Presence {
    redis: ConnectionManager,
    leave: Script,
}

/// A user who is there, as others see them.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Online {
    id: String,
    tenant_id: String,
    name: String,
    kind: String,
    last_seen_at: Option<DateTime<Utc>>,
    portals: Vec<String>,
    since: DateTime<Utc>,
}

/// A user who is not there any more.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Offline<'a> {
    id: &'a str,
    tenant_id: &'a str,
    last_seen_at: DateTime<Utc>,
}

/// What follows from one socket more.
pub(crate) struct Joined {
    pub(crate) is_first: bool,
    pub(crate) entry: Online,
    /// Everybody who is there.
    pub(crate) users: Vec<Online>,
}

impl Presence {
    pub(crate) fn new(redis: ConnectionManager) -> Self {
        Self {
            redis,
            leave: Script::new(include_str!("../../leave.lua")),
        }
    }

    pub(crate) async fn join(&self, user: &User) -> Result<Joined, RedisError> {
        let entry = Online {
            id: user.id.clone(),
            tenant_id: user.tenant_id.clone(),
            name: user.name.clone(),
            kind: "tenant".to_owned(),
            last_seen_at: None,
            portals: vec!["dashboard".to_owned()],
            since: Utc::now(),
        };
        let json = serde_json::to_string(&entry).map_err(std::io::Error::other)?;
        let online = format!("online:{}", user.tenant_id);
        let (sockets, users): (i64, Vec<String>) = redis::pipe()
            .atomic()
            .hincr(format!("sockets:{}", user.tenant_id), &user.id, 1)
            .hset_nx(&online, &user.id, json)
            .ignore()
            .hvals(&online)
            .query_async(&mut self.redis.clone())
            .await?;
        Ok(Joined {
            is_first: sockets == 1,
            entry,
            users: users.iter().flat_map(|json| serde_json::from_str(json)).collect(),
        })
    }

    /// One socket less; answers who has left when it was the last one.
    pub(crate) async fn leave<'a>(&self, user: &'a User) -> Result<Option<Offline<'a>>, RedisError> {
        let is_gone: bool = self
            .leave
            .key(format!("sockets:{}", user.tenant_id))
            .key(format!("online:{}", user.tenant_id))
            .arg(&user.id)
            .invoke_async(&mut self.redis.clone())
            .await?;
        if !is_gone {
            return Ok(None);
        }
        Ok(Some(Offline {
            id: &user.id,
            tenant_id: &user.tenant_id,
            last_seen_at: Utc::now(),
        }))
    }
}
