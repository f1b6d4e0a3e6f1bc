//! Users who come as fast as they are let in: session checked, presence tracked, namespace joined.

use std::rc::Rc;

use clap::Args;
use serde::Serialize;

use super::{WorkloadError, first, per_second};
use crate::crowd::{Crowd, Indifferent, Pace};
use crate::latencies::Percentiles;
use crate::report;
use crate::target::Target;
use crate::users::User;

#[derive(Debug, Args)]
pub(crate) struct Options {
    #[arg(long)]
    connections: usize,
    /// Handshakes that are under way at any time.
    #[arg(long)]
    in_flight: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Connected {
    per_second: f64,
    handshake: Percentiles,
    links_lost: u64,
}

pub(super) async fn run(options: &Options, target: &Target, users: &[User]) -> Result<(), WorkloadError> {
    let users = first(users, options.connections)?;
    report::begin()?;
    let crowd = Crowd::enter(target, users, Pace::AtTheDoor(options.in_flight), Rc::new(Indifferent)).await?;
    report::end()?;
    report::result(&Connected {
        per_second: per_second(users.len() as u64, crowd.took()),
        handshake: crowd.handshakes(),
        links_lost: crowd.links_lost(),
    })?;
    Ok(())
}
