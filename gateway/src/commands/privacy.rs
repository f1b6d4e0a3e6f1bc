//! `erase-user` and `prune`: how far they are on standard error, and at the end one line for the audit on standard output, without
//! contents.

use std::io::Write as _;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use chrono::Utc;
use gateway::config::Config;
use gateway::db::{Postgres, Redis};
use gateway::privacy::{self, Patience};
use serde_json::json;
use shared_protocol::events::{Timestamp, UserId};

use super::fail;

const TELL_EVERY: Duration = Duration::from_secs(1);

/// `erase-user ID`
pub(crate) async fn erase_user(config: &Config, user: &UserId) -> ExitCode {
    let (redis, postgres) = match (Redis::new(&config.redis), Postgres::new(&config.postgres)) {
        (Ok(redis), Ok(postgres)) => (redis, postgres),
        (Err(error), _) => return fail(&format_args!("REDIS_URL: {error}")),
        (_, Err(error)) => return fail(&format_args!("DATABASE_URL: {error}")),
    };
    let mut progress = Progress::new("erased");
    let outcome = privacy::erase_user(&postgres, &redis, user, Patience::default(), |messages| {
        progress.tell(messages);
    })
    .await;
    match outcome {
        Ok(erased) => audit(&json!({
            "action": "erase-user",
            "at": Timestamp::new(Utc::now()),
            "userId": user,
            "messages": erased.messages,
            "directoryRows": erased.directory_rows,
        })),
        Err(error) => progress.fail(&error),
    }
}

/// `prune --older-than DAYS`
pub(crate) async fn prune(config: &Config, days: u32) -> ExitCode {
    let postgres = match Postgres::new(&config.postgres) {
        Ok(postgres) => postgres,
        Err(error) => return fail(&format_args!("DATABASE_URL: {error}")),
    };
    let mut progress = Progress::new("deleted");
    let age = Duration::from_hours(24) * days;
    match privacy::prune(&postgres, age, |messages| progress.tell(messages)).await {
        Ok(pruned) => audit(&json!({
            "action": "prune",
            "at": Timestamp::new(Utc::now()),
            "olderThanDays": days,
            "before": Timestamp::new(pruned.before),
            "messages": pruned.messages,
        })),
        Err(error) => progress.fail(&error),
    }
}

fn audit(line: &serde_json::Value) -> ExitCode {
    println!("{line}");
    ExitCode::SUCCESS
}

/// Counts aloud, at most once a second.
struct Progress {
    what: &'static str,
    messages: u64,
    told_at: Instant,
}

impl Progress {
    fn new(what: &'static str) -> Self {
        Self {
            what,
            messages: 0,
            told_at: Instant::now(),
        }
    }

    fn tell(&mut self, messages: u64) {
        self.messages = messages;
        if self.told_at.elapsed() >= TELL_EVERY {
            self.told_at = Instant::now();
            let _ = writeln!(std::io::stderr(), "{messages} messages {} so far", self.what);
        }
    }

    /// What was committed stays so: the same command goes on from there.
    fn fail(&self, error: &impl std::fmt::Display) -> ExitCode {
        fail(&format_args!(
            "{error}; {} messages {} so far, run it again for the rest",
            self.messages, self.what
        ))
    }
}
