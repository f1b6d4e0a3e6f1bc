//! Every Redis key and channel of ours. Nothing else in the tree spells one.
//!
//! `<t>` is a tenant id percent-encoded outside `[A-Za-z0-9_-]`; the manage staff's is `@manage`, which no tenant can encode to.
//! Braces are Redis Cluster hash tags: all keys of one realm lie in one slot, so a script may touch them together.

use std::fmt::Write as _;

use shared_protocol::events::{Namespace, Realm, TenantId, UserId};

/// Builds keys under the installation's prefix.
#[derive(Clone, Debug)]
pub struct Keys {
    prefix: String,
}

/// The keys of one realm's presence, in the order in which the scripts take them.
#[derive(Clone, Debug)]
pub struct RealmKeys {
    /// ZSET user → since (ms): the presence set.
    pub online: String,
    /// ZSET instance → lease deadline (ms).
    pub instances: String,
    /// ZSET user → deadline (ms): gone, but not announced yet.
    pub grace: String,
    /// String: version of the last change.
    pub last: String,
    /// Channel on which changes are told.
    pub changes: String,
    /// What the hash of one instance's members starts with; HASH user → portals, name.
    pub members_prefix: String,
}

impl Keys {
    /// Keys that start with `prefix`.
    pub fn new(prefix: impl Into<String>) -> Self {
        Self { prefix: prefix.into() }
    }

    /// The keys of a realm's presence.
    pub fn realm(&self, realm: &Realm) -> RealmKeys {
        let stem = format!("{}{{{}}}", self.prefix, encode_realm(realm));
        RealmKeys {
            online: format!("{stem}:online"),
            instances: format!("{stem}:instances"),
            grace: format!("{stem}:grace"),
            last: format!("{stem}:last"),
            changes: format!("{stem}:changes"),
            members_prefix: format!("{stem}:m:"),
        }
    }

    /// ZSET encoded realm → deadline (ms): realms with somebody online.
    pub fn tenants(&self) -> String {
        format!("{}tenants", self.prefix)
    }

    /// String with TTL: a live instance and where its peers reach it.
    pub fn instance(&self, instance: &str) -> String {
        format!("{}instance:{instance}", self.prefix)
    }

    /// Key, and channel, by which `check` tries its rights.
    pub fn trial(&self) -> String {
        format!("{}check", self.prefix)
    }

    /// Channel on which an instance hears itself, to know how long a message takes.
    pub fn echo(&self, instance: &str) -> String {
        format!("{}echo:{instance}", self.prefix)
    }

    /// What every room channel starts with.
    pub fn room_prefix(&self) -> String {
        format!("{}room:", self.prefix)
    }

    /// Channel of a room between gateways.
    pub fn room(&self, namespace: Namespace, room: &str) -> String {
        format!(
            "{}room:{}#{room}",
            self.prefix,
            namespace.as_str().trim_start_matches('/')
        )
    }

    /// Channel of the room of a user's sockets.
    pub fn user(&self, namespace: Namespace, user: &UserId) -> String {
        self.room(namespace, &user_room(user))
    }

    /// The namespace and room that a room channel stands for.
    pub fn parse_room<'a>(&self, channel: &'a str) -> Option<(Namespace, &'a str)> {
        let (namespace, room) = channel
            .strip_prefix(&self.prefix)?
            .strip_prefix("room:")?
            .split_once('#')?;
        let namespace = Namespace::ALL
            .into_iter()
            .find(|known| &known.as_str()[1..] == namespace)?;
        Some((namespace, room))
    }

    /// Channel on which instances tell each other what concerns all of them.
    pub fn control(&self) -> String {
        format!("{}control", self.prefix)
    }

    /// Pattern of all change channels.
    pub fn all_changes_pattern(&self) -> String {
        format!("{}{{*}}:changes", glob_escape(&self.prefix))
    }

    /// The realm whose changes a channel tells.
    pub fn parse_changes(&self, channel: &str) -> Option<Realm> {
        let stem = channel
            .strip_prefix(&self.prefix)?
            .strip_prefix('{')?
            .strip_suffix("}:changes")?;
        decode_realm(stem)
    }
}

/// The room of all sockets of a user, to which the API emits too.
pub fn user_room(user: &UserId) -> String {
    format!("user:{user}")
}

/// The text that stands for a realm inside a key.
pub fn encode_realm(realm: &Realm) -> String {
    let Realm::Tenant(tenant) = realm else {
        return "@manage".to_owned();
    };
    let mut encoded = String::with_capacity(tenant.as_str().len());
    for byte in tenant.as_str().bytes() {
        if byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-' {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// The realm that a text inside a key stands for.
pub fn decode_realm(encoded: &str) -> Option<Realm> {
    if encoded == "@manage" {
        return Some(Realm::Manage);
    }
    let mut decoded = Vec::with_capacity(encoded.len());
    let mut bytes = encoded.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let hex = [bytes.next()?, bytes.next()?];
            decoded.push(u8::from_str_radix(std::str::from_utf8(&hex).ok()?, 16).ok()?);
        } else {
            decoded.push(byte);
        }
    }
    TenantId::parse(std::str::from_utf8(&decoded).ok()?)
        .ok()
        .map(Realm::Tenant)
}

/// Escapes what Redis' glob patterns treat as special.
fn glob_escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '*' | '?' | '[' | ']' | '\\' | '^') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenant(id: &str) -> Realm {
        Realm::Tenant(TenantId::parse(id).unwrap())
    }

    #[test]
    fn odd_tenants_come_back_as_they_were() {
        for id in ["acme", "@manage", "a{b}", "a%b", "*?[]", "a/b.c~"] {
            let realm = tenant(id);
            assert_eq!(decode_realm(&encode_realm(&realm)), Some(realm.clone()));
            let keys = Keys::new("rt:");
            assert_eq!(keys.parse_changes(&keys.realm(&realm).changes), Some(realm));
        }
    }

    #[test]
    fn no_tenant_takes_the_staffs_place() {
        assert_ne!(encode_realm(&tenant("@manage")), encode_realm(&Realm::Manage));
    }

    #[test]
    fn rooms_come_back_as_they_were() {
        let keys = Keys::new("rt:");
        let channel = keys.room(Namespace::Tenant, "user:a#b");
        assert_eq!(channel, "rt:room:tenant#user:a#b");
        assert_eq!(keys.parse_room(&channel), Some((Namespace::Tenant, "user:a#b")));
        assert_eq!(keys.parse_room("rt:room:other#x"), None);
    }
}
