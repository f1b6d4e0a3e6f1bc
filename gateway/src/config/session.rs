//! The API's login sessions: which cookie, how it is signed, where its session lies and what in it says who somebody is.

use std::time::Duration;

use super::reader::Reader;
use super::setting::{Section, Setting};
use super::{JwtConfig, Secret, jwt};

const COOKIE: Setting = Setting::new(
    "REALTIME_SESSION_COOKIE",
    "connect.sid",
    "Name of the API's session cookie.",
)
.or("sessionId");
const FORMAT: Setting = Setting::new(
    "REALTIME_SESSION_FORMAT",
    "express",
    "How the cookie names the session: fastify (sid.signature), express (s:sid.signature), plain (the bare sid), jwt (a JWT one of whose claims names it).",
)
.or("fastify");
const SECRET: Setting = Setting::new(
    "REALTIME_SESSION_SECRET",
    "current-secret,former-secret",
    "The secret that the API signs the cookie with; comma list, first is current, the others are accepted (rotation). One a line in a file, where a secret may hold commas.",
)
.or_else("required for fastify and express")
.hidden();
const PREFIX: Setting = Setting::new(
    "REALTIME_SESSION_PREFIX",
    "sess:",
    "Redis key of a session = this + session id. Read only.",
)
.or("sess:");
const USER_ID: Setting = Setting::new(
    "REALTIME_SESSION_USER_ID",
    "/passport/user",
    "JSON pointer to the user id.",
)
.or("/user/id");
const TENANT_ID: Setting = Setting::new(
    "REALTIME_SESSION_TENANT_ID",
    "/user/orgId",
    "JSON pointer to the tenant id.",
)
.or("/user/tenantId");
const NAME: Setting = Setting::new(
    "REALTIME_SESSION_NAME",
    "/user/displayName",
    "JSON pointer to the display name; cut at 200 characters.",
)
.or("/user/name");
const ROLE: Setting = Setting::new("REALTIME_SESSION_ROLE", "/user/role", "JSON pointer to the role.").or("/user/role");
const MANAGE_ROLES: Setting = Setting::new(
    "REALTIME_MANAGE_ROLES",
    "manage,support",
    "Comma list of the roles that make a session one of the manage staff, who see everybody.",
)
.or("manage");
const RECHECK: Setting = Setting::new(
    "REALTIME_SESSION_RECHECK_SECS",
    "15",
    "Seconds within which a live socket whose session is gone or changed is cut (under 1 s where the server's keyspace events are on). Low: load on Redis; high: a logout takes long.",
)
.or("15")
.within(1, 3600);

pub(super) const SECTION: Section = Section {
    title: "Sessions",
    settings: &[
        COOKIE,
        FORMAT,
        SECRET,
        PREFIX,
        USER_ID,
        TENANT_ID,
        NAME,
        ROLE,
        MANAGE_ROLES,
        RECHECK,
    ],
};

/// See the module.
#[derive(Clone, Debug)]
pub struct SessionConfig {
    /// Name of the cookie. Default `sessionId`.
    pub cookie: String,
    /// How the cookie's value names the session. Default fastify.
    pub format: SessionFormat,
    /// Current secret first, then those still accepted. Never empty for the signed formats.
    pub secrets: Vec<Secret>,
    /// Only for [`SessionFormat::Jwt`].
    pub jwt: Option<JwtConfig>,
    /// Redis key = prefix + session id. Default `sess:`.
    pub prefix: String,
    /// JSON pointer to the user id. Default `/user/id`.
    pub user_id: String,
    /// JSON pointer to the tenant id. Default `/user/tenantId`.
    pub tenant_id: String,
    /// JSON pointer to the display name. Default `/user/name`.
    pub name: String,
    /// JSON pointer to the role. Default `/user/role`.
    pub role: String,
    /// Roles that make a session one of the manage staff. Default `manage`.
    pub manage_roles: Vec<String>,
    /// How often a live socket's session is looked at again. Default 15 s. Low: load on Redis; high: a logout takes long.
    pub recheck: Duration,
}

/// How the cookie's value names the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionFormat {
    /// `sid.signature`, as @fastify/session writes it.
    Fastify,
    /// `s:sid.signature`, as express-session writes it.
    Express,
    /// The bare session id.
    Plain,
    /// A JWT one of whose claims names the session.
    Jwt,
}

impl SessionFormat {
    fn parse(text: &str) -> Result<Self, &'static str> {
        match text {
            "fastify" => Ok(Self::Fastify),
            "express" => Ok(Self::Express),
            "plain" => Ok(Self::Plain),
            "jwt" => Ok(Self::Jwt),
            _ => Err("is none of fastify, express, plain, jwt"),
        }
    }

    /// Whether the cookie carries a signature made with `REALTIME_SESSION_SECRET`.
    pub const fn is_signed(self) -> bool {
        matches!(self, Self::Fastify | Self::Express)
    }
}

impl SessionConfig {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let cookie = reader.parse(&COOKIE, cookie_name).unwrap_or_default();
        let faults = reader.faults.len();
        let format = reader.parse(&FORMAT, SessionFormat::parse);
        let secrets: Vec<Secret> = reader.list(&SECRET).into_iter().map(Secret::new).collect();
        let signed = format.is_some_and(SessionFormat::is_signed);
        if signed && secrets.is_empty() && faults == reader.faults.len() {
            reader.fault(&SECRET, "is missing; the format of the session cookie is a signed one");
        }
        let jwt = JwtConfig::read(reader, format == Some(SessionFormat::Jwt));
        let pointer = |reader: &mut Reader<'_>, setting| reader.parse(setting, json_pointer).unwrap_or_default();
        let config = Self {
            cookie,
            format: format.unwrap_or(SessionFormat::Fastify),
            secrets,
            jwt,
            prefix: reader.parse(&PREFIX, session_prefix).unwrap_or_default(),
            user_id: pointer(reader, &USER_ID),
            tenant_id: pointer(reader, &TENANT_ID),
            name: pointer(reader, &NAME),
            role: pointer(reader, &ROLE),
            manage_roles: reader.list(&MANAGE_ROLES),
            recheck: reader.seconds(&RECHECK),
        };
        if config.manage_roles.is_empty() {
            reader.fault(&MANAGE_ROLES, "names no role");
        }
        config
    }

    /// Secrets that only the API and the gateways know, current one first; empty when the format has none.
    pub(super) fn shared_secrets(&self) -> Vec<&Secret> {
        match (&self.jwt, self.format) {
            (Some(jwt), SessionFormat::Jwt) if jwt::is_shared_secret(jwt.algorithm) => vec![&jwt.key],
            (_, SessionFormat::Fastify | SessionFormat::Express) => self.secrets.iter().collect(),
            _ => Vec::new(),
        }
    }
}

fn cookie_name(text: &str) -> Result<String, &'static str> {
    let token = |byte: u8| byte.is_ascii_graphic() && !b"()<>@,;:\\\"/[]?={}".contains(&byte);
    if text.bytes().all(token) {
        Ok(text.to_owned())
    } else {
        Err("is no cookie name")
    }
}

fn json_pointer(text: &str) -> Result<String, &'static str> {
    let escapes_sound = text.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
    if text.starts_with('/') && escapes_sound {
        Ok(text.to_owned())
    } else {
        Err("is no JSON pointer (begins with /)")
    }
}

fn session_prefix(text: &str) -> Result<String, &'static str> {
    if text.len() <= 256 && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(text.to_owned())
    } else {
        Err("must be at most 256 visible ASCII characters")
    }
}
