//! Tables of settings; the process environment is never touched.

use std::collections::BTreeMap;
use std::time::Duration;

use super::*;

/// What every start needs.
pub(super) const NEEDED: [(&str, &str); 2] = [
    ("DATABASE_URL", "postgres://gateway:hunter2@db/app"),
    ("REALTIME_SESSION_SECRET", "current-secret"),
];
pub(super) const ED_PEM: &str = "-----BEGIN PUBLIC KEY-----\n\
    MCowBQYDK2VwAyEAnSe3TiLAKSNbfswbyu0thvpYpV9E2aejICIkyo7eG/Y=\n-----END PUBLIC KEY-----\n";

/// Reads those variables and no others. `/file/<text>` is a file that holds the text, `|` being a line break.
pub(super) fn read_only(variables: &[(&str, &str)]) -> Result<Config, Faults> {
    let map: BTreeMap<String, String> = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    Config::from_lookup(
        |name| map.get(name).cloned(),
        map.keys(),
        |path| {
            let path = path.to_str().unwrap();
            let content = path.strip_prefix("/file/").ok_or(io::ErrorKind::NotFound)?;
            Ok(content.replace('|', "\n"))
        },
    )
}

/// Reads what is needed and, over it, those variables.
pub(super) fn read(variables: &[(&str, &str)]) -> Result<Config, Faults> {
    read_only(&[&NEEDED, variables].concat())
}

/// The variables that are at fault.
fn faulty(variables: &[(&str, &str)]) -> Vec<String> {
    let faults = read(variables).expect_err(&format!("{variables:?} should be refused"));
    faults.0.into_iter().map(|fault| fault.variable).collect()
}

#[test]
fn defaults_are_those_of_the_contract() {
    let config = read(&[]).unwrap();
    assert_eq!(config.listen.bind.to_string(), "0.0.0.0:8080");
    assert_eq!(config.listen.ops_bind.to_string(), "127.0.0.1:9090");
    assert_eq!(config.listen.path, "/realtime");
    assert!(config.listen.workers >= 1);
    assert!(config.listen.allowed_origins.is_empty() && config.listen.trusted_proxies.is_empty());
    assert_eq!(config.redis.url.reveal(), "redis://127.0.0.1:6379");
    assert_eq!(
        (&*config.redis.prefix, &*config.redis.adapter_key),
        ("rt:", "socket.io")
    );
    assert_eq!(config.postgres.pool, 8);
    assert_eq!(config.session.cookie, "sessionId");
    assert_eq!(config.session.format, SessionFormat::Fastify);
    assert_eq!(config.session.prefix, "sess:");
    assert_eq!(config.session.tenant_id, "/user/tenantId");
    assert_eq!(config.session.manage_roles, ["manage"]);
    assert_eq!(config.session.recheck, Duration::from_secs(15));
    assert_eq!(config.engine.ping_interval, Duration::from_secs(25));
    assert_eq!(config.engine, EngineConfig::default());
    assert_eq!(config.presence.lease, Duration::from_secs(30));
    assert_eq!(config.presence, PresenceConfig::default());
    assert_eq!(
        config.limits.messages,
        Rate {
            per_second: 10,
            burst: 30
        }
    );
    assert_eq!(config.limits.send_queue_bytes, 1_048_576);
    assert_eq!(config.limits.connection_age, None);
    assert_eq!(config.limits, LimitsConfig::default());
    assert_eq!((&*config.log.filter, config.log.format), ("info", LogFormat::Json));
}

#[test]
fn every_fault_is_told_at_once_with_an_example() {
    let faults = read_only(&[
        ("REALTIME_BIND", "8080"),
        ("REALTIME_DB_POOL", "101"),
        ("REALTIME_RATE_EVENTS", "50"),
        ("REALTIME_PINGINTERVAL_MS", "1"),
    ])
    .unwrap_err();
    let lines: Vec<String> = faults.to_string().lines().map(str::to_owned).collect();
    assert_eq!(
        lines,
        [
            "REALTIME_BIND: \"8080\" is no IP address with a port; for example REALTIME_BIND=0.0.0.0:8080",
            "DATABASE_URL: is missing; for example \
             DATABASE_URL=postgres://gateway:password@db:5432/app",
            "REALTIME_DB_POOL: \"101\" is not between 1 and 100; for example REALTIME_DB_POOL=8",
            "REALTIME_SESSION_SECRET: is missing; the format of the session cookie is a signed one; for example \
             REALTIME_SESSION_SECRET=current-secret,former-secret",
            "REALTIME_RATE_EVENTS: \"50\" is no rate (a second/burst); for example REALTIME_RATE_EVENTS=50/100",
            "REALTIME_PINGINTERVAL_MS: is no setting; for example REALTIME_PING_INTERVAL_MS=25000",
        ]
    );
}

#[test]
fn wrong_values_are_refused() {
    for (name, value) in [
        ("REALTIME_DB_POOL", "0"),
        ("REALTIME_DB_POOL", "+8"),
        ("REALTIME_DB_POOL", "8 "),
        ("REALTIME_DB_POOL", "1e1"),
        ("REALTIME_DB_POOL", "0x8"),
        ("REALTIME_DB_POOL", "99999999999999999999999"),
        ("REALTIME_BODY_MAX", "-1"),
        ("REALTIME_WORKERS", "0"),
        ("REALTIME_PING_INTERVAL_MS", "99"),
        ("REALTIME_PING_TIMEOUT_MS", "99"),
        ("REALTIME_CONNECT_TIMEOUT_MS", "99"),
        ("REALTIME_MAX_PAYLOAD", "1023"),
        ("REALTIME_SESSION_RECHECK_SECS", "0"),
        ("REALTIME_SESSION_RECHECK_SECS", "3601"),
        ("REALTIME_RATE_MESSAGES", "0/30"),
        ("REALTIME_RATE_MESSAGES", "10/"),
        ("REALTIME_ACCEPT_RATE", "1/2/3"),
        ("REALTIME_PATH", "/a//b"),
        ("REALTIME_PATH", "/../x"),
        ("REALTIME_PATH", "/"),
        ("REALTIME_PATH", "/a?b"),
        ("REALTIME_ALLOWED_ORIGINS", "https://a.example,*"),
        ("REALTIME_ALLOWED_ORIGINS", "null"),
        ("REALTIME_TRUSTED_PROXIES", "10.0.0.0/33"),
        ("REALTIME_TRUSTED_PROXIES", "proxy"),
        ("REALTIME_ADVERTISE_URL", "10.0.0.5:8080"),
        ("REALTIME_ADVERTISE_URL", "http://10.0.0.5:8080/realtime"),
        ("REALTIME_REDIS_PREFIX", "a{b}"),
        ("REALTIME_REDIS_PREFIX", "sess:"),
        ("REALTIME_ADAPTER_KEY", "socket*"),
        // Until the build has redis-rs' TLS feature; then this line goes.
        ("REALTIME_LOG", "warning"),
        ("REALTIME_LOG", "info,gateway"),
        ("DATABASE_URL", "postgres://h/db?foo=bar"),
        ("REALTIME_REDIS_PREFIX", "sess:rt:"),
        ("REALTIME_REDIS_PREFIX", "se"),
        ("REALTIME_BODY_MAX", "65536000"),
        ("REDIS_URL", "rediss://redis:6379/#insecure"),
        ("REDIS_URL", "127.0.0.1:6379"),
        ("REDIS_URL", "http://127.0.0.1:6379"),
        ("REALTIME_SESSION_COOKIE", "a=b"),
        ("REALTIME_SESSION_FORMAT", "cookie"),
        ("REALTIME_SESSION_USER_ID", "user.id"),
        ("REALTIME_SESSION_USER_ID", "/a~2"),
        ("REALTIME_MANAGE_ROLES", " , "),
        ("REALTIME_JWT_ALGORITHM", "none"),
        ("REALTIME_LOG", "gateway=loud"),
        ("REALTIME_LOG_FORMAT", "xml"),
    ] {
        assert_eq!(faulty(&[(name, value)]), [name], "{name}={value}");
    }
}

#[test]
fn values_are_normalised() {
    for (path, normal) in [("/rt/", "/rt"), ("rt", "/rt"), ("/a/b-c/", "/a/b-c")] {
        assert_eq!(read(&[("REALTIME_PATH", path)]).unwrap().listen.path, normal);
    }
    let config = read(&[
        (
            "REALTIME_ALLOWED_ORIGINS",
            "https://A.example:443 , http://b.example:81,",
        ),
        ("REALTIME_TRUSTED_PROXIES", "10.0.0.0/8, ::1"),
        ("REALTIME_ADVERTISE_URL", "http://10.0.0.5:8080/"),
        ("REALTIME_MAX_CONNECTION_AGE_SECS", "60"),
        ("REALTIME_MANAGE_ROLES", "admin, support"),
    ])
    .unwrap();
    assert_eq!(
        config.listen.allowed_origins,
        ["https://a.example", "http://b.example:81"]
    );
    assert_eq!(config.listen.trusted_proxies[1].to_string(), "::1/128");
    assert_eq!(config.listen.advertise_url.as_deref(), Some("http://10.0.0.5:8080"));
    assert_eq!(config.limits.connection_age, Some(Duration::from_mins(1)));
    assert_eq!(config.session.manage_roles, ["admin", "support"]);
}

#[test]
fn empty_counts_as_unset() {
    let config = read(&[
        ("REALTIME_DB_POOL", ""),
        ("REALTIME_NO_SUCH", ""),
        ("REDIS_URL_FILE", ""),
    ])
    .unwrap();
    assert_eq!(config.postgres.pool, 8);
    assert_eq!(faulty(&[("DATABASE_URL", "")]), ["DATABASE_URL"]);
}

#[test]
fn unknown_names_are_refused_but_kubernetes_own_are_not() {
    for known in [
        "REALTIME_SERVICE_HOST",
        "REALTIME_SERVICE_PORT",
        "REALTIME_SERVICE_PORT_HTTP",
        "REALTIME_PORT",
        "REALTIME_PORT_8080_TCP_ADDR",
        "PATH",
        "NOT_REALTIME_X",
    ] {
        assert!(read(&[(known, "tcp://10.0.0.1:8080")]).is_ok(), "{known}");
    }
    for unknown in [
        "REALTIME_SERVICE",
        "REALTIME_PORTS",
        "REALTIME_BIND_FILE",
        "REALTIME_",
        "REALTIME_redis_prefix",
    ] {
        assert_eq!(faulty(&[(unknown, "x")]), [unknown]);
    }
}

#[test]
fn files_stand_in_for_secrets_keys_and_addresses() {
    let config = read_only(&[
        ("DATABASE_URL_FILE", "/file/postgres://gateway:hunter2@db/app|"),
        ("REDIS_URL_FILE", "/file/redis://:pw@redis:6380/2|"),
        ("REALTIME_SESSION_SECRET_FILE", "/file/new,with comma|old |\r|"),
        ("REALTIME_PEER_SECRET_FILE", "/file/peer-new|peer-old"),
    ])
    .unwrap();
    assert_eq!(config.postgres.url.reveal(), "postgres://gateway:hunter2@db/app");
    assert_eq!(config.redis.url.reveal(), "redis://:pw@redis:6380/2");
    let secrets: Vec<&str> = config.session.secrets.iter().map(Secret::reveal).collect();
    assert_eq!(secrets, ["new,with comma", "old "]);
    assert_eq!(config.peer_keys().len(), 2);
}

#[test]
fn the_longest_message_must_fit_a_packet() {
    let payload = ("REALTIME_MAX_PAYLOAD", "2048");
    assert_eq!(faulty(&[payload, ("REALTIME_BODY_MAX", "2049")]), ["REALTIME_BODY_MAX"]);
    assert!(read(&[payload, ("REALTIME_BODY_MAX", "2048")]).is_ok());
}

#[test]
fn what_a_certificate_must_prove_is_read_from_the_address() {
    let with = |sslrootcert| format!("postgres://db/app?sslmode=verify-full&sslrootcert={sslrootcert}");
    let postgres = read(&[("DATABASE_URL", &with("/file/PEM"))]).unwrap().postgres;
    assert_eq!(
        (postgres.tls, postgres.authorities),
        (PostgresTls::AuthorityAndHost, Some("PEM".to_owned()))
    );
    assert_eq!(postgres.url.reveal(), "postgres://db/app?sslmode=require");
    assert_eq!(faulty(&[("DATABASE_URL", &with("/nowhere"))]), ["DATABASE_URL"]);
    assert!(read(&[("REDIS_URL", "rediss://redis:6380/2")]).is_ok());
}

#[test]
fn unusable_files_are_faults_of_the_file_variable() {
    let both = [("REDIS_URL", "redis://a"), ("REDIS_URL_FILE", "/file/redis://b")];
    assert_eq!(faulty(&both), ["REDIS_URL_FILE"]);
    assert_eq!(faulty(&[("REDIS_URL_FILE", "/nowhere")]), ["REDIS_URL_FILE"]);
    assert_eq!(faulty(&[("REDIS_URL_FILE", "/file/||")]), ["REDIS_URL_FILE"]);
    assert_eq!(
        faulty(&[("REDIS_URL_FILE", "/file/redis://a|redis://b")]),
        ["REDIS_URL"]
    );
    let both = faulty(&[("REALTIME_SESSION_SECRET_FILE", "/file/x")]);
    assert_eq!(both, ["REALTIME_SESSION_SECRET_FILE"]);
}

#[test]
fn lease_holds_two_heartbeats() {
    let heartbeat = ("REALTIME_PRESENCE_HEARTBEAT_MS", "500");
    assert!(read(&[heartbeat, ("REALTIME_PRESENCE_LEASE_MS", "1000")]).is_ok());
    let faulty = faulty(&[heartbeat, ("REALTIME_PRESENCE_LEASE_MS", "999")]);
    assert_eq!(faulty, ["REALTIME_PRESENCE_LEASE_MS"]);
}

#[test]
fn every_declaration_is_read_and_every_example_would_do() {
    let config = read(&[]).unwrap();
    let mut read_names: Vec<&str> = config.summary.iter().map(|(name, _)| name).collect();
    let mut declared: Vec<&str> = reference::settings().map(|setting| setting.name).collect();
    read_names.sort_unstable();
    declared.sort_unstable();
    assert_eq!(read_names, declared);
    for setting in reference::settings() {
        if let Err(faults) = read(&[(setting.name, setting.example)]) {
            // Of these an example alone is half a configuration.
            let is_half = ["REALTIME_JWT_ALGORITHM", "REALTIME_PRESENCE_LEASE_MS"].contains(&setting.name);
            assert!(is_half, "{faults}");
        }
    }
}

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
const STALE: &str = "run the ignored test `write_the_settings_down`";

/// The README with the table of settings between its marks made anew.
fn readme_with_settings(readme: &str) -> String {
    let (before, rest) = readme
        .split_once("<!-- settings: made from gateway/src/config -->\n")
        .unwrap();
    let (_, after) = rest.split_once("<!-- end of settings -->").unwrap();
    let table = reference::markdown();
    format!("{before}<!-- settings: made from gateway/src/config -->\n\n{table}\n<!-- end of settings -->{after}")
}

#[test]
fn the_example_file_holds_the_defaults() {
    let file = include_str!("../../../deploy/gateway.env.example");
    assert!(file == reference::env_example(), "{STALE}");
}

#[test]
fn the_readme_has_every_setting() {
    let readme = include_str!("../../../README.md");
    assert!(readme == readme_with_settings(readme), "{STALE}");
    assert!(readme.contains("\n| `REALTIME_DB_POOL` | `8` (1–100) |"));
}

#[test]
#[ignore = "writes deploy/gateway.env.example and the README's table"]
fn write_the_settings_down() {
    let [example, readme] = ["deploy/gateway.env.example", "README.md"].map(|path| format!("{ROOT}/{path}"));
    std::fs::write(example, reference::env_example()).unwrap();
    let with_settings = readme_with_settings(&std::fs::read_to_string(&readme).unwrap());
    std::fs::write(readme, with_settings).unwrap();
}
