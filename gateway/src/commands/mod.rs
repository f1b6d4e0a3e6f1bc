//! What the subcommands do. They print for people: results to standard output, faults to standard error.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the output of a command line")]

mod presence;
mod privacy;

use std::fmt::Display;
use std::process::ExitCode;

use gateway::config::Config;
use gateway::db::{Postgres, Redis, migrations};
use gateway::{app, telemetry};

pub(crate) use presence::presence;
pub(crate) use privacy::{erase_user, prune};

/// Prints why nothing came of it.
pub(crate) fn fail(error: &impl Display) -> ExitCode {
    eprintln!("{error}");
    ExitCode::FAILURE
}

/// `serve`
pub(crate) async fn serve(config: Config) -> ExitCode {
    if let Err(error) = telemetry::init(&config.log) {
        return fail(&error);
    }
    match app::serve(config).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

/// `migrate [--check]`
pub(crate) async fn migrate(config: &Config, check_only: bool) -> ExitCode {
    match migrations::migrate(&config.postgres, check_only).await {
        Ok(migrated) if migrated.versions.is_empty() => {
            println!("tables are up to date");
            ExitCode::SUCCESS
        }
        Ok(migrated) => {
            let what = if check_only { "pending" } else { "applied" };
            println!("{what}: {}", migrated.versions.join(", "));
            if check_only {
                ExitCode::FAILURE
            } else {
                ExitCode::SUCCESS
            }
        }
        Err(error) => fail(&error),
    }
}

/// `check`
pub(crate) async fn check(config: &Config) -> ExitCode {
    for (name, value) in config.summary.iter() {
        println!("{name}={value}");
    }
    let (redis, postgres) = tokio::join!(check_redis(config), check_postgres(config));
    let mut outcome = ExitCode::SUCCESS;
    for (store, answer) in [("redis", redis), ("postgres", postgres)] {
        match answer {
            Ok(found) => println!("{store}: {found}"),
            Err(fault) => {
                eprintln!("{store}: {fault}");
                outcome = ExitCode::FAILURE;
            }
        }
    }
    outcome
}

async fn check_redis(config: &Config) -> Result<String, String> {
    let redis = Redis::new(&config.redis).map_err(|error| error.to_string())?;
    redis
        .version()
        .await
        .map(|version| format!("version {version}"))
        .map_err(|error| error.to_string())
}

async fn check_postgres(config: &Config) -> Result<String, String> {
    let postgres = Postgres::new(&config.postgres).map_err(|error| error.to_string())?;
    postgres.ping().await.map_err(|error| error.to_string())?;
    let pending = postgres.pending().await.map_err(|error| error.to_string())?;
    if pending.is_empty() {
        Ok(String::from("reachable, tables are up to date"))
    } else {
        Err(format!(
            "tables are not up to date, run `realtime-gateway migrate`: {}",
            pending.join(", ")
        ))
    }
}
