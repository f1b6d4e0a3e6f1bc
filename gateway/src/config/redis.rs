//! Redis.

use ::redis::IntoConnectionInfo as _;

use super::Secret;
use super::reader::Reader;
use super::setting::{Section, Setting};

const URL: Setting = Setting::new(
    "REDIS_URL",
    "redis://:password@redis:6379/0",
    "The Redis that holds the API's sessions. With rediss:// its certificate must be issued to the host by an authority that the \
     system trusts (SSL_CERT_FILE names others).",
)
.or("redis://127.0.0.1:6379")
.address();
const PREFIX: Setting = Setting::new(
    "REALTIME_REDIS_PREFIX",
    "rt:",
    "What the gateway's own keys and channels start with; all instances of one installation share it.",
)
.or("rt:");
const ADAPTER_KEY: Setting = Setting::new(
    "REALTIME_ADAPTER_KEY",
    "socket.io",
    "Key of the stock Socket.IO emitter and adapter that the API uses.",
)
.or("socket.io");

pub(super) const SECTION: Section = Section {
    title: "Redis",
    settings: &[URL, PREFIX, ADAPTER_KEY],
};

/// See the module.
#[derive(Clone, Debug)]
pub struct RedisConfig {
    /// `redis://…` or `rediss://…`, password included.
    pub url: Secret,
    /// What our own keys and channels start with. Default `rt:`.
    pub prefix: String,
    /// Key of the stock emitter and adapter. Default `socket.io`.
    pub adapter_key: String,
}

impl RedisConfig {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let url = reader.parse(&URL, |text| {
            let scheme_known = text.starts_with("redis://") || text.starts_with("rediss://");
            match text.into_connection_info() {
                // redis-rs' own word for a link that proves nothing, which this build cannot open.
                Ok(_) if text.ends_with("#insecure") => {
                    Err("asks for TLS that proves nothing; name the authority in SSL_CERT_FILE instead")
                }
                Ok(_) if scheme_known => Ok(text.to_owned()),
                _ => Err("is no redis:// or rediss:// address"),
            }
        });
        Self {
            url: Secret::new(url.unwrap_or_default()),
            prefix: reader.parse(&PREFIX, key_part).unwrap_or_default(),
            adapter_key: reader.parse(&ADAPTER_KEY, key_part).unwrap_or_default(),
        }
    }
}

/// A text that can begin a key and stand in a subscription's pattern: braces would move keys to another cluster slot,
/// the pattern's own signs would match what they should not.
pub(super) fn key_part(text: &str) -> Result<String, &'static str> {
    let sound = text.len() <= 64
        && text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !b"{}*?[]\\^#\"'".contains(&byte));
    if sound {
        Ok(text.to_owned())
    } else {
        Err("must be at most 64 visible ASCII characters, none of {}*?[]\\^#\"'")
    }
}

/// What a start is told whose own keys would lie among the sessions.
pub(super) fn prefix_taken(reader: &mut Reader<'_>) {
    reader.fault(
        &PREFIX,
        "lies among the API's sessions (REALTIME_SESSION_PREFIX), or they in it",
    );
}
