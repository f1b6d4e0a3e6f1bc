//! A whole tenant comes at once, as after a deploy: what is told, and when everybody knows of everybody.

use std::rc::Rc;

use clap::Args;
use serde::Serialize;

use super::tenant::CONSISTENT_WITHIN;
use super::{WorkloadError, first, milliseconds};
use crate::crowd::{Audience, Crowd, Pace};
use crate::latencies::Percentiles;
use crate::report;
use crate::target::Target;
use crate::users::User;
use crate::views::{Told, Views};

#[derive(Debug, Args)]
pub(crate) struct Options {
    #[arg(long)]
    users: usize,
    /// Seconds over which they come.
    #[arg(long)]
    within: f64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Stormed {
    #[serde(flatten)]
    told: Told,
    handshake: Percentiles,
    joined_ms: f64,
    /// From the last join to when everybody knew; nothing when that never came.
    consistent_ms: Option<f64>,
    /// Members who do not know how many are there.
    inconsistent: usize,
    links_lost: u64,
}

#[expect(clippy::cast_precision_loss, reason = "counts of a run are far below 2^52")]
pub(super) async fn run(options: &Options, target: &Target, users: &[User]) -> Result<(), WorkloadError> {
    let users = first(users, options.users)?;
    let views = Rc::new(Views::new(users.len(), users.len()));
    let audience: Rc<dyn Audience> = Rc::clone(&views) as _;
    let pace = Pace::PerSecond(users.len() as f64 / options.within);
    report::begin()?;
    let crowd = Crowd::enter(target, users, pace, audience).await?;
    let know = |views: &Views| views.wrong_about(users.len()) == 0;
    let known = views.until(CONSISTENT_WITHIN, know).await;
    report::end()?;
    report::result(&Stormed {
        told: views.told(),
        handshake: crowd.handshakes(),
        joined_ms: milliseconds(crowd.took()),
        consistent_ms: known.map(|at| milliseconds(at.saturating_duration_since(crowd.last_join()))),
        inconsistent: views.wrong_about(users.len()),
        links_lost: crowd.links_lost(),
    })?;
    Ok(())
}
