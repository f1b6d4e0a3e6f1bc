//! One user more comes into a tenant, again and again with silence in between: how long until the last member knows, counted from the
//! first byte of the newcomer's handshake.

use std::time::{Duration, Instant};

use clap::Args;
use serde::Serialize;

use super::tenant::{CONSISTENT_WITHIN, Tenant};
use super::{WorkloadError, first};
use crate::latencies::{Latencies, Percentiles};
use crate::link::Link;
use crate::report;
use crate::target::Target;
use crate::users::User;
use crate::views::Views;

/// Longer than any window in which changes are gathered.
const SILENCE: Duration = Duration::from_millis(1_200);

#[derive(Debug, Args)]
pub(crate) struct Options {
    #[arg(long)]
    members: usize,
    /// How many come.
    #[arg(long)]
    changes: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FannedOut {
    last_told: Percentiles,
    links_lost: u64,
}

pub(super) async fn run(options: &Options, target: &Target, users: &[User]) -> Result<(), WorkloadError> {
    let users = first(users, options.members + options.changes)?;
    let (members, newcomers) = users.split_at(options.members);
    let Tenant { mut crowd, views } = Tenant::gather(target, members, users.len()).await?;
    let mut last_told = Latencies::new();
    report::begin()?;
    for (at, newcomer) in (members.len()..).zip(newcomers) {
        tokio::time::sleep(SILENCE).await;
        let began = Instant::now();
        let know = |views: &Views| views.ignorant_of(at..at + 1) == 0;
        let (link, told) = tokio::join!(Link::join(target, newcomer, at), views.until(CONSISTENT_WITHIN, know));
        crowd.keep(link?);
        let told = told.ok_or_else(|| WorkloadError::NeverConsistent(views.ignorant_of(at..at + 1)))?;
        last_told.record(told.saturating_duration_since(began));
    }
    report::end()?;
    report::result(&FannedOut {
        last_told: last_told.percentiles(),
        links_lost: crowd.links_lost(),
    })?;
    Ok(())
}
