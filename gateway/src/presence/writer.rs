//! The one place that writes this instance's users: batches, one after the other, and the heartbeat between them.
//!
//! Batches form by nature: while one is under way the next collects, so a lone user waits for nothing and a storm costs few round
//! trips. The order of writing is the order of states, so Redis never ends up with an older one.

use std::collections::HashSet;
use std::time::Duration;

use shared_protocol::events::{Realm, UserId};
use tokio::time::{Instant, sleep, sleep_until};

use super::change::Version;
use super::inner::Inner;
use super::registry::{Batch, Expectation};
use super::store::{Beat, Written};

/// Before Redis is asked again after a failure.
const RETRY: Duration = Duration::from_millis(250);
/// Realms renewed in one round trip.
const REALMS_A_BEAT: usize = 256;

enum Round {
    Idle,
    Written,
    Failed,
}

/// Runs as long as it is driven.
pub(super) async fn run(inner: &Inner) {
    // Realms that this instance has put on the list of realms.
    let mut listed = HashSet::new();
    let mut next_beat = Instant::now();
    loop {
        if next_beat <= Instant::now() {
            let period = inner.config.heartbeat;
            let beaten = beat(inner, &mut listed).await;
            next_beat = Instant::now() + if beaten { period } else { period.min(RETRY * 2) };
        }
        let round = match inner.registry.take() {
            Some(batch) => write(inner, batch, &mut listed).await,
            None => Round::Idle,
        };
        let pause = async {
            match round {
                Round::Written => {}
                Round::Failed => sleep(RETRY).await,
                Round::Idle => inner.registry.dirtied.notified().await,
            }
        };
        tokio::select! {
            () = pause => {}
            () = sleep_until(next_beat) => {}
            () = inner.beat_now.notified() => next_beat = Instant::now(),
        }
    }
}

async fn write(inner: &Inner, batch: Batch, listed: &mut HashSet<Realm>) -> Round {
    let held = batch.realms.iter().filter(|part| !part.held.is_empty());
    let new: Vec<Realm> = held
        .map(|part| part.realm.clone())
        .filter(|realm| !listed.contains(realm))
        .collect();
    let written = inner
        .store
        .write(&batch.realms, |realm, user| since(inner, realm, user), &new)
        .await;
    let written = match written {
        Ok(written) => {
            listed.extend(new);
            written
        }
        Err(error) => {
            // Race "untrack while Redis is away": users stay marked, and their state at its return is what is written.
            tracing::debug!(%error, "presence could not be written");
            inner.sweeps.hold(&inner.config);
            batch.realms.iter().map(|_| None).collect()
        }
    };
    for (part, written) in batch.realms.iter().zip(&written) {
        for change in written.iter().flat_map(|written| &written.announced) {
            inner.reports.on_announced(&part.realm, change);
            inner.sweeps.on_due(&part.realm, change, true);
        }
    }
    let versions: Vec<Option<Version>> = written.iter().map(|part| part.as_ref().map(version)).collect();
    let failed = versions.iter().any(Option::is_none);
    inner.registry.on_written(batch, &versions);
    if failed { Round::Failed } else { Round::Written }
}

fn version(written: &Written) -> Version {
    written.version
}

/// When a user came, as far as this instance knows: Redis has forgotten it.
fn since(inner: &Inner, realm: &Realm, user: &UserId) -> i64 {
    let view = inner.views.get(realm);
    let since = view.and_then(|view| view.lock().replica.users().get(user).map(|user| user.since.as_millis()));
    since.unwrap_or(0)
}

async fn beat(inner: &Inner, listed: &mut HashSet<Realm>) -> bool {
    if inner.registry.is_handed_over() {
        return true;
    }
    let expectations = inner.registry.expectations();
    *listed = expectations.iter().map(|expected| expected.realm.clone()).collect();
    let since = Instant::now();
    let (mut all, mut renewed) = (true, true);
    let mut chunks = expectations.chunks(REALMS_A_BEAT);
    let mut next = Some(chunks.next().unwrap_or_default());
    while let Some(chunk) = next {
        match beat_realms(inner, chunk).await {
            Some(refused) => renewed &= refused == 0,
            None => all = false,
        }
        next = chunks.next();
    }
    if !all {
        inner.sweeps.hold(&inner.config);
    }
    let users = expectations.iter().filter_map(|expected| expected.held).sum();
    inner
        .metrics
        .on_heartbeat(expectations.len(), users, all && renewed, since.elapsed());
    all
}

/// Tells how many realms Redis refused, which is no outage: other realms go on. `None`: it did not answer.
async fn beat_realms(inner: &Inner, expectations: &[Expectation]) -> Option<usize> {
    let realms: Vec<Realm> = expectations.iter().map(|expected| expected.realm.clone()).collect();
    let known: Vec<Version> = realms.iter().map(|realm| replica_version(inner, realm)).collect();
    let beats = match inner.store.heartbeat(&realms, &inner.address).await {
        Ok(beats) => beats,
        Err(error) => {
            tracing::debug!(%error, "the heartbeat did not go through");
            return None;
        }
    };
    inner.on_answer();
    let mut refused = 0;
    for ((expected, known), beat) in expectations.iter().zip(known).zip(beats) {
        match beat {
            Ok(beat) => on_beat(inner, expected, known, &beat),
            Err(error) => {
                refused += 1;
                tracing::error!(%error, realm = %expected.realm, "a lease could not be renewed");
            }
        }
    }
    Some(refused)
}

fn on_beat(inner: &Inner, expected: &Expectation, known: Version, beat: &Beat) {
    let realm = &expected.realm;
    match beat.held {
        None => {
            // Race "SIGSTOP longer than the lease", or Redis restarted empty.
            tracing::warn!(
                %realm,
                "this instance has no lease any more: its users are written again"
            );
            inner.registry.write_again(realm);
            inner.reports.on_own_loss();
        }
        Some(held) if expected.held.is_some_and(|expected| expected != held) => {
            tracing::error!(
                %realm,
                held,
                expected = expected.held,
                "redis holds other users than this instance"
            );
            inner.registry.write_again(realm);
        }
        Some(_) => {}
    }
    inner.sweeps.on_deadlines(realm, beat.deadlines, false);
    if let Some(view) = inner.views.get(realm) {
        let read = view.lock().replica.on_heartbeat(known, beat.version);
        if read {
            inner.views.want_reading(realm);
        }
    }
}

fn replica_version(inner: &Inner, realm: &Realm) -> Version {
    let view = inner.views.get(realm);
    view.map(|view| view.lock().replica.version()).unwrap_or_default()
}
