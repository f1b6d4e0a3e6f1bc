//! The API's login sessions: `REALTIME_SESSION_COOKIE`, `…_FORMAT`, `…_SECRET`, `…_PREFIX`, `…_USER_ID`, `…_TENANT_ID`,
//! `…_NAME`, `…_ROLE`, `…_RECHECK_SECS`, `REALTIME_MANAGE_ROLES`, `REALTIME_JWT_…`.

use std::time::Duration;

use super::Secret;

/// See the module.
#[derive(Clone, Debug)]
pub struct SessionConfig {
    /// Name of the cookie.
    pub cookie: String,
    /// How the cookie's value names the session.
    pub format: SessionFormat,
    /// Current secret first, then those still accepted.
    pub secrets: Vec<Secret>,
    /// Only for [`SessionFormat::Jwt`].
    pub jwt: Option<JwtConfig>,
    /// Redis key = prefix + session id.
    pub prefix: String,
    /// JSON pointer to the user id.
    pub user_id: String,
    /// JSON pointer to the tenant id.
    pub tenant_id: String,
    /// JSON pointer to the display name.
    pub name: String,
    /// JSON pointer to the role.
    pub role: String,
    /// Roles that make a session one of the manage staff.
    pub manage_roles: Vec<String>,
    /// How often a live socket's session is looked at again.
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

/// How the cookie's JWT is checked.
#[derive(Clone, Debug)]
pub struct JwtConfig {
    /// Secret, or a PEM public key.
    pub key: Secret,
    /// The one algorithm that is accepted.
    pub algorithm: jsonwebtoken::Algorithm,
    /// The claim that names the session.
    pub session_claim: String,
    /// Checked when set.
    pub issuer: Option<String>,
    /// Checked when set.
    pub audience: Option<String>,
}
