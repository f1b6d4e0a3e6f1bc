//! Listeners and who may come: `REALTIME_BIND`, `…_OPS_BIND`, `…_WORKERS`, `…_PATH`, `…_ALLOWED_ORIGINS`,
//! `…_TRUSTED_PROXIES`, `…_ADVERTISE_URL`, `…_PEER_SECRET`.

use std::net::SocketAddr;

use super::Secret;

/// See the module.
#[derive(Clone, Debug)]
pub struct ListenConfig {
    /// Public listener.
    pub bind: SocketAddr,
    /// Operators' listener.
    pub ops_bind: SocketAddr,
    /// Worker threads of the public listener.
    pub workers: usize,
    /// Mount point, with its leading slash and without a trailing one.
    pub path: String,
    /// Exact origins that are welcome besides the request's own host.
    pub allowed_origins: Vec<String>,
    /// Peers whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<ipnet::IpNet>,
    /// Where peers reach this instance's public listener.
    pub advertise_url: Option<String>,
    /// Authenticates peers and the instance tag in sids; derived from the session secret when unset.
    pub peer_secret: Option<Secret>,
}
