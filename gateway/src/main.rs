//! The command line of the realtime gateway.

mod commands;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use gateway::config::Config;

/// Online presence and one-to-one chat over Socket.IO, beside an existing API.
///
/// Settings are environment variables; see the README.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serves sockets (also without a subcommand).
    Serve,
    /// Brings the tables up to date.
    Migrate {
        /// Only tells; non-zero when something is pending.
        #[arg(long)]
        check: bool,
    },
    /// Reads the settings, tries Redis and Postgres, prints what it found.
    Check,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let config = match Config::from_env() {
        Ok(config) => config,
        Err(faults) => return commands::fail(&faults),
    };
    match arguments.command.unwrap_or(Command::Serve) {
        Command::Serve => commands::serve(config).await,
        Command::Migrate { check } => commands::migrate(&config, check).await,
        Command::Check => commands::check(&config).await,
    }
}
