//! Listeners and who may come.

use std::net::SocketAddr;
use std::thread::available_parallelism;

use ipnet::IpNet;

use super::Secret;
use super::address::{host_and_port, origin};
use super::reader::{Reader, integer_within};
use super::setting::{Section, Setting};

const BIND: Setting = Setting::new(
    "REALTIME_BIND",
    "0.0.0.0:8080",
    "Address and port of the public listener.",
)
.or("0.0.0.0:8080");
const OPS_BIND: Setting = Setting::new(
    "REALTIME_OPS_BIND",
    "127.0.0.1:9090",
    "Address and port of the operators' listener: /livez, /readyz, /metrics. Keep it away from the public.",
)
.or("127.0.0.1:9090");
const WORKERS: Setting = Setting::new(
    "REALTIME_WORKERS",
    "4",
    "Worker threads of the public listener. Low: cores idle; high: threads fight for cores.",
)
.or_else("number of cores");
const PATH: Setting = Setting::new(
    "REALTIME_PATH",
    "/realtime",
    "Mount point; requests may have a trailing slash or not.",
)
.or("/realtime");
const ALLOWED_ORIGINS: Setting = Setting::new(
    "REALTIME_ALLOWED_ORIGINS",
    "https://dashboard.example.com,https://dm.example.com",
    "Comma list of exact origins that are welcome besides the request's own host; * and null are refused.",
);
const TRUSTED_PROXIES: Setting = Setting::new(
    "REALTIME_TRUSTED_PROXIES",
    "10.0.0.0/8,fd00::/8",
    "Comma list of CIDRs whose X-Forwarded-For and Forwarded are believed.",
);
const ADVERTISE_URL: Setting = Setting::new(
    "REALTIME_ADVERTISE_URL",
    "http://10.0.0.5:8080",
    "Where peers reach this instance's public listener; with it no sticky sessions are needed.",
)
.address();
const PEER_SECRET: Setting = Setting::new(
    "REALTIME_PEER_SECRET",
    "a-long-random-secret",
    "Authenticates forwarding between instances and the instance tag in sids; the same on all of them. Several lines in a file: first is current, the others are accepted.",
)
.or_else("derived (HKDF) from the session secret; required with REALTIME_ADVERTISE_URL when the format has no shared secret")
.hidden();

pub(super) const SECTION: Section = Section {
    title: "Listeners",
    settings: &[
        BIND,
        OPS_BIND,
        WORKERS,
        PATH,
        ALLOWED_ORIGINS,
        TRUSTED_PROXIES,
        ADVERTISE_URL,
        PEER_SECRET,
    ],
};

/// See the module.
#[derive(Clone, Debug)]
pub struct ListenConfig {
    /// Public listener. Default `0.0.0.0:8080`.
    pub bind: SocketAddr,
    /// Operators' listener. Default `127.0.0.1:9090`.
    pub ops_bind: SocketAddr,
    /// Worker threads of the public listener. Default: number of cores. Low: cores idle; high: threads fight for them.
    pub workers: usize,
    /// Mount point, with its leading slash and without a trailing one. Default `/realtime`.
    pub path: String,
    /// Exact origins that are welcome besides the request's own host; lower case, without the scheme's own port. Default: none.
    pub allowed_origins: Vec<String>,
    /// Peers whose `X-Forwarded-For` is believed. Default: none.
    pub trusted_proxies: Vec<IpNet>,
    /// Where peers reach this instance's public listener, `http://host[:port]` without a trailing slash. Default: none.
    pub advertise_url: Option<String>,
    /// Authenticates peers and the instance tag in sids; derived from the session secret when unset. Use
    /// [`Config::peer_keys`](super::Config::peer_keys), which knows.
    pub peer_secret: Option<Secret>,
    /// Former peer secrets that are still accepted.
    pub former_peer_secrets: Vec<Secret>,
}

impl ListenConfig {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let unspecified = SocketAddr::from(([0, 0, 0, 0], 0));
        let address = |reader: &mut Reader<'_>, setting| {
            let parsed = reader.parse(setting, |text| {
                text.parse::<SocketAddr>().map_err(|_| "is no IP address with a port")
            });
            parsed.unwrap_or(unspecified)
        };
        let cores = available_parallelism().map_or(1, usize::from);
        let (bind, ops_bind) = (address(reader, &BIND), address(reader, &OPS_BIND));
        // Port 0 lets the system choose, so two of them do not clash.
        if bind == ops_bind && bind.port() != 0 {
            reader.fault(&OPS_BIND, format!("is the same as {}", BIND.name));
        }
        let workers = reader.parse(&WORKERS, |text| integer_within(text, 1, 1024));
        let path = reader.parse(&PATH, mount_point).unwrap_or_default();
        let allowed_origins = reader.parse_list(&ALLOWED_ORIGINS, origin);
        let trusted_proxies = reader.parse_list(&TRUSTED_PROXIES, network);
        let advertise_url = reader.parse(&ADVERTISE_URL, peer_address);
        let mut peer_secrets = reader.lines(&PEER_SECRET).into_iter().map(Secret::new);
        Self {
            bind,
            ops_bind,
            workers: workers
                .and_then(|workers| usize::try_from(workers).ok())
                .unwrap_or(cores),
            path,
            allowed_origins,
            trusted_proxies,
            advertise_url,
            peer_secret: peer_secrets.next(),
            former_peer_secrets: peer_secrets.collect(),
        }
    }
}

/// What a start without any secret, but with peers, is told.
pub(super) fn peer_secret_missing(reader: &mut Reader<'_>) {
    reader.fault(
        &PEER_SECRET,
        format!(
            "is missing; {} is set and the session format has no shared secret",
            ADVERTISE_URL.name
        ),
    );
}

fn mount_point(text: &str) -> Result<String, &'static str> {
    let segments: Vec<&str> = text.trim_matches('/').split('/').collect();
    let sound = segments.iter().all(|segment| {
        let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        !segment.is_empty() && *segment != "." && *segment != ".." && segment.bytes().all(unreserved)
    });
    if sound {
        Ok(format!("/{}", segments.join("/")))
    } else {
        Err("is no path of at least one part, made of letters, digits, - . _ ~")
    }
}

fn network(text: &str) -> Result<IpNet, &'static str> {
    text.parse::<IpNet>()
        .or_else(|_| text.parse::<std::net::IpAddr>().map(IpNet::from))
        .map_err(|_| "is no CIDR")
}

fn peer_address(text: &str) -> Result<String, &'static str> {
    let trimmed = text.strip_suffix('/').unwrap_or(text);
    let authority = trimmed.strip_prefix("http://").ok_or("is no http:// address")?;
    host_and_port(authority).ok_or("is no http://host:port")?;
    Ok(trimmed.to_owned())
}
