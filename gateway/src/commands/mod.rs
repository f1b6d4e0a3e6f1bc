//! What the subcommands do. They print for people: results to standard output, faults to standard error.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the output of a command line")]

mod check;
mod presence;
mod privacy;

use std::fmt::Display;
use std::process::ExitCode;

use gateway::config::Config;
use gateway::db::migrations;
use gateway::{app, telemetry};

pub(crate) use check::check;
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
