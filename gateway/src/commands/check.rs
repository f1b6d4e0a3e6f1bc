//! `check`: the settings in force, and what the two stores say. Faults go to standard error and make the command fail; a warning
//! stands among the findings.

use std::process::ExitCode;

use gateway::auth::{KeyspaceEvents, keyspace_events};
use gateway::config::Config;
use gateway::db::{PgError, Postgres, Redis};

/// What was found of one store, and what is wrong with it.
#[derive(Default)]
struct Report {
    findings: Vec<String>,
    faults: Vec<String>,
}

impl Report {
    fn fault(fault: &impl ToString) -> Self {
        Self {
            faults: vec![fault.to_string()],
            ..Self::default()
        }
    }
}

/// `check`
pub(crate) async fn check(config: &Config) -> ExitCode {
    for (name, value) in config.summary.iter() {
        println!("{name}={value}");
    }
    let (redis, postgres) = tokio::join!(check_redis(config), check_postgres(config));
    let mut outcome = ExitCode::SUCCESS;
    for (store, report) in [("redis", redis), ("postgres", postgres)] {
        for finding in report.findings {
            println!("{store}: {finding}");
        }
        for fault in report.faults {
            eprintln!("{store}: {fault}");
            outcome = ExitCode::FAILURE;
        }
    }
    outcome
}

async fn check_redis(config: &Config) -> Report {
    let redis = match Redis::new(&config.redis) {
        Ok(redis) => redis,
        Err(error) => return Report::fault(&error),
    };
    let (found, events) = match tokio::try_join!(
        redis.inspect(&config.session.prefix, &config.redis.adapter_key),
        keyspace_events(&redis)
    ) {
        Ok(found) => found,
        Err(error) => return Report::fault(&error),
    };
    let mut report = Report::default();
    let tls = if config.redis.url.reveal().starts_with("rediss://") {
        "over TLS"
    } else {
        "without TLS"
    };
    report.findings.push(format!("version {}, {tls}", found.version));
    let seconds = config.session.recheck.as_secs();
    report.findings.push(match events {
        KeyspaceEvents::Told => "keyspace events are on: ended sessions are noticed at once".to_owned(),
        KeyspaceEvents::Untold(flags) => {
            format!("keyspace events (Kg$x) are off (\"{flags}\"): ended sessions are noticed within {seconds} s")
        }
        KeyspaceEvents::Unknown => {
            format!("keyspace events cannot be asked for (CONFIG GET): ended sessions are noticed within {seconds} s")
        }
    });
    report.findings.push(match found.eviction.as_str() {
        "noeviction" => "eviction policy noeviction".to_owned(),
        policy => format!(
            "warning: eviction policy {policy}: when memory runs out, sessions and presence may go with it; set noeviction"
        ),
    });
    report.faults.extend(
        found
            .read_only
            .map(|words| format!("takes no writes, so nobody could connect: {words}")),
    );
    let refused = found.refused.into_iter();
    report
        .faults
        .extend(refused.map(|what| format!("this user may not {what}; compare its ACL with deploy/redis")));
    report
}

async fn check_postgres(config: &Config) -> Report {
    let postgres = match Postgres::new(&config.postgres) {
        Ok(postgres) => postgres,
        Err(error) => return Report::fault(&error),
    };
    let mut report = Report::default();
    if let Err(error) = look_into(&postgres, &mut report).await {
        report.faults.push(error.to_string());
    }
    report
}

async fn look_into(postgres: &Postgres, report: &mut Report) -> Result<(), PgError> {
    let found = postgres.inspect().await?;
    let tls = if found.tls { "over TLS" } else { "without TLS" };
    report
        .findings
        .push(format!("version {}, role {}, {tls}", found.version, found.role));
    if found.superuser {
        report.findings.push(format!(
            "warning: {} is a superuser; deploy/postgres/roles.sql has roles that may do no more than serving needs",
            found.role
        ));
    }
    let pending = postgres.pending().await?;
    if !pending.is_empty() {
        report.faults.push(format!(
            "tables are not up to date, run `realtime-gateway migrate`: {}",
            pending.join(", ")
        ));
        return Ok(());
    }
    report.findings.push("tables are up to date".to_owned());
    let missing = postgres.missing_rights().await?;
    if missing.is_empty() {
        report.findings.push("the role may do what serving needs".to_owned());
    } else {
        report.faults.push(format!(
            "the role lacks {}; deploy/postgres/writer_role.sql gives what serving needs",
            missing.join(", ")
        ));
    }
    Ok(())
}
