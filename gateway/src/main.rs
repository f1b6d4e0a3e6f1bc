//! The command line of the realtime gateway.

mod commands;

use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use gateway::config::Config;
use shared_protocol::events::{TenantId, UserId};

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
    /// Tells who is online, on which instance, and how old the instances' leases are.
    Presence {
        /// One tenant only, by its id.
        #[arg(long, value_parser = TenantId::parse)]
        tenant: Option<TenantId>,
    },
    /// Erases what one user wrote, with their name and last sign of life. End their sessions first.
    EraseUser {
        /// The user's id, as sessions carry it; in every tenant in which it is found.
        #[arg(value_name = "ID", value_parser = UserId::parse)]
        user: UserId,
    },
    /// Deletes old messages.
    Prune {
        /// Age in days from which a message is deleted.
        #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=36_500))]
        older_than: u32,
    },
    /// Reads the settings, tries Redis and Postgres, prints what it found.
    Check,
}

/// A name that is being looked up occupies a thread that nothing can stop: the process does not wait for it.
const LAST_THREADS: Duration = Duration::from_millis(100);

fn main() -> ExitCode {
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return commands::fail(&error),
    };
    let outcome = runtime.block_on(run());
    runtime.shutdown_timeout(LAST_THREADS);
    outcome
}

async fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let config = match Config::from_env() {
        Ok(config) => config,
        Err(faults) => return commands::fail(&faults),
    };
    match arguments.command.unwrap_or(Command::Serve) {
        Command::Serve => commands::serve(config).await,
        Command::Migrate { check } => commands::migrate(&config, check).await,
        Command::Presence { tenant } => commands::presence(&config, tenant).await,
        Command::EraseUser { user } => commands::erase_user(&config, &user).await,
        Command::Prune { older_than } => commands::prune(&config, older_than).await,
        Command::Check => commands::check(&config).await,
    }
}
