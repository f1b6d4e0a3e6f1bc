//! From cookies to principals, with cookies that real servers wrote.

mod cookies;
mod principals;
pub(super) mod sessions;
mod tokens;

use std::collections::HashMap;

use super::identify::{Identifier, Identity};
use crate::config::{Config, SessionConfig};

/// Session settings over the defaults.
pub(super) fn session_config(settings: &[(&str, &str)]) -> SessionConfig {
    let mut settings: HashMap<&str, &str> = settings.iter().copied().collect();
    settings.entry("DATABASE_URL").or_insert("postgres://db/app");
    settings.entry("REALTIME_SESSION_SECRET").or_insert("a secret");
    let lookup = |name: &str| settings.get(name).map(|value| (*value).to_owned());
    let config = Config::from_lookup(lookup, settings.keys(), |_| Err(std::io::ErrorKind::NotFound.into()));
    config.unwrap().session
}

/// The session that a raw `Cookie` header speaks for.
fn identity(settings: &[(&str, &str)], header: &str) -> Identity {
    let identifier = Identifier::new(&session_config(settings)).unwrap();
    let cookie = identifier.cookie([header.as_bytes()]);
    identifier.identify(cookie.as_deref(), None)
}

/// The session id behind an identity, or why there is none.
fn named(identity: &Identity) -> String {
    match identity {
        Identity::Session(session) => session.reveal().to_owned(),
        other => format!("{other:?}"),
    }
}
