//! What is measured, a file each.

mod connect;
mod direct;
mod fan_out;
mod flapping;
mod idle;
mod storm;
mod tenant;

use clap::Subcommand;

use crate::link::LinkError;
use crate::target::Target;
use crate::users::User;

/// A workload and its size.
#[derive(Debug, Subcommand)]
pub(crate) enum Workload {
    /// Users who are there and do nothing.
    Idle(idle::Options),
    /// Users who come as fast as they are let in.
    Connect(connect::Options),
    /// Pairs who write to each other: as fast as they are answered, or at a given rate.
    Direct(direct::Options),
    /// One user more comes, again and again: how long until the last member knows.
    FanOut(fan_out::Options),
    /// Users who come and go without a pause.
    Flapping(flapping::Options),
    /// A whole tenant comes at once.
    Storm(storm::Options),
}

/// Why a workload came to no result.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WorkloadError {
    #[error("{asked} users are needed, {there} are logged in")]
    TooFewUsers { asked: usize, there: usize },
    #[error("a link failed: {0}")]
    Link(#[from] LinkError),
    #[error("nobody listens: {0}")]
    Report(#[from] std::io::Error),
    #[error("{0} members did not hear of all the others in time")]
    NeverConsistent(usize),
}

pub(crate) async fn run(workload: &Workload, target: &Target, users: &[User]) -> Result<(), WorkloadError> {
    match workload {
        Workload::Idle(options) => idle::run(options, target, users).await,
        Workload::Connect(options) => connect::run(options, target, users).await,
        Workload::Direct(options) => direct::run(options, target, users).await,
        Workload::FanOut(options) => fan_out::run(options, target, users).await,
        Workload::Flapping(options) => flapping::run(options, target, users).await,
        Workload::Storm(options) => storm::run(options, target, users).await,
    }
}

fn first(users: &[User], asked: usize) -> Result<&[User], WorkloadError> {
    users.get(..asked).ok_or(WorkloadError::TooFewUsers {
        asked,
        there: users.len(),
    })
}

#[expect(clippy::cast_precision_loss, reason = "counts of a run are far below 2^52")]
fn per_second(count: u64, time: std::time::Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}

fn milliseconds(time: std::time::Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
