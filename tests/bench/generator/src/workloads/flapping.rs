//! Some users of a tenant come and go without a pause, before the eyes of the others. A change counts as delivered to a member when it
//! holds the state after it; whether it was told by itself or together with others is up to the server.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use clap::Args;
use serde::Serialize;
use tokio::task::JoinSet;

use super::tenant::{CONSISTENT_WITHIN, Tenant};
use super::{WorkloadError, first, milliseconds, per_second};
use crate::link::{Link, LinkError};
use crate::report;
use crate::target::Target;
use crate::users::User;
use crate::views::Views;

#[derive(Debug, Args)]
pub(crate) struct Options {
    #[arg(long)]
    members: usize,
    #[arg(long)]
    flappers: usize,
    /// Measured seconds.
    #[arg(long)]
    seconds: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Flapped {
    /// Comings and goings a second, times members.
    delivered_per_second: f64,
    /// Users named a second, to all members together.
    entries_per_second: f64,
    frames_per_second_and_member: f64,
    /// From the last change to when everybody knew.
    consistent_ms: f64,
    links_lost: u64,
}

pub(super) async fn run(options: &Options, target: &Target, users: &[User]) -> Result<(), WorkloadError> {
    let users = first(users, options.members + options.flappers)?;
    let (members, flappers) = users.split_at(options.members);
    let Tenant { mut crowd, views } = Tenant::gather(target, members, users.len()).await?;
    let run = Rc::new(Run {
        is_over: Cell::new(false),
        changes: Cell::new(0),
    });
    let mut flapping = JoinSet::new();
    let before = views.told();
    let began = Instant::now();
    report::begin()?;
    for (at, user) in (members.len()..).zip(flappers) {
        flapping.spawn_local(flap(Rc::clone(&run), target.clone(), user.clone(), at));
    }
    tokio::time::sleep(Duration::from_secs(options.seconds)).await;
    report::end()?;
    run.is_over.set(true);
    let mut last_change = Instant::now();
    while let Some(flapper) = flapping.join_next().await {
        let link = flapper.map_err(std::io::Error::other)??;
        crowd.keep(link);
        last_change = Instant::now();
    }
    let know = |views: &Views| views.ignorant_of(members.len()..users.len()) == 0;
    let Some(known) = views.until(CONSISTENT_WITHIN, know).await else {
        return Err(WorkloadError::NeverConsistent(
            views.ignorant_of(members.len()..users.len()),
        ));
    };
    let (told, took) = (views.told(), known.max(last_change) - began);
    let frames = per_second(told.frames - before.frames, took);
    report::result(&Flapped {
        delivered_per_second: per_second(run.changes.get() * members.len() as u64, took),
        entries_per_second: per_second(told.entries - before.entries, took),
        frames_per_second_and_member: frames / per_second(members.len() as u64, Duration::from_secs(1)),
        consistent_ms: milliseconds(known.saturating_duration_since(last_change)),
        links_lost: crowd.links_lost(),
    })?;
    Ok(())
}

struct Run {
    is_over: Cell<bool>,
    changes: Cell<u64>,
}

/// Comes and goes, and stays in the end.
async fn flap(run: Rc<Run>, target: Target, user: User, at: usize) -> Result<Link, LinkError> {
    loop {
        let link = Link::join(&target, &user, at).await?;
        run.changes.set(run.changes.get() + 1);
        if run.is_over.get() {
            return Ok(link);
        }
        link.close().await?;
        run.changes.set(run.changes.get() + 1);
    }
}
