//! Users who are there and do nothing: what they cost in memory, CPU and Redis commands is looked at from outside.

use std::rc::Rc;
use std::time::Duration;

use clap::Args;
use serde::Serialize;

use super::{WorkloadError, first};
use crate::crowd::{Crowd, Indifferent, Pace};
use crate::latencies::Percentiles;
use crate::report;
use crate::target::Target;
use crate::users::User;

#[derive(Debug, Args)]
pub(crate) struct Options {
    #[arg(long)]
    connections: usize,
    /// Joins a second.
    #[arg(long)]
    rate: f64,
    /// Seconds until what joining has caused is over.
    #[arg(long)]
    settle: u64,
    /// Measured seconds.
    #[arg(long)]
    seconds: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Idle {
    handshake: Percentiles,
    links_lost: u64,
}

pub(super) async fn run(options: &Options, target: &Target, users: &[User]) -> Result<(), WorkloadError> {
    let users = first(users, options.connections)?;
    let crowd = Crowd::enter(target, users, Pace::PerSecond(options.rate), Rc::new(Indifferent)).await?;
    tokio::time::sleep(Duration::from_secs(options.settle)).await;
    report::begin()?;
    tokio::time::sleep(Duration::from_secs(options.seconds)).await;
    report::end()?;
    report::result(&Idle {
        handshake: crowd.handshakes(),
        links_lost: crowd.links_lost(),
    })?;
    Ok(())
}
