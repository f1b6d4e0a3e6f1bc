//! Whose session a cookie names: `sessionId=<sid>.<signature>`, and the session itself in Redis.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use chrono::{DateTime, Utc};
use hmac::{Hmac, Mac as _};
use percent_encoding::percent_decode_str;
use redis::AsyncCommands as _;
use redis::aio::ConnectionManager;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

pub(crate) struct Sessions {
    redis: ConnectionManager,
    secret: Vec<u8>,
}

/// Whom a session belongs to.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) tenant_id: String,
    pub(crate) name: String,
}

#[derive(Deserialize)]
struct Stored {
    cookie: Cookie,
    user: User,
}

#[derive(Deserialize)]
struct Cookie {
    expires: DateTime<Utc>,
}

impl Sessions {
    pub(crate) fn new(redis: ConnectionManager, secret: Vec<u8>) -> Self {
        Self { redis, secret }
    }

    pub(crate) async fn user_of(&self, cookies: &str) -> Option<User> {
        let value = cookies
            .split(';')
            .find_map(|cookie| cookie.trim().strip_prefix("sessionId="))?;
        let value = percent_decode_str(value).decode_utf8().ok()?;
        let (sid, signature) = value.rsplit_once('.')?;
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.secret).ok()?;
        mac.update(sid.as_bytes());
        mac.verify_slice(&STANDARD_NO_PAD.decode(signature).ok()?).ok()?;
        let stored: Option<String> = self.redis.clone().get(format!("sess:{sid}")).await.ok()?;
        let Stored { cookie, user } = serde_json::from_str(&stored?).ok()?;
        (cookie.expires > Utc::now()).then_some(user)
    }
}
