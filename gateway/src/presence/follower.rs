//! Subscribes to changes and reads realms, as the views want it.

use std::collections::HashSet;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use shared_protocol::events::Realm;
use tokio::time::{Instant, sleep};

use super::inner::Inner;
use super::views::Alarm;

/// Before Redis is asked again after a failure.
const RETRY: Duration = Duration::from_millis(300);
/// Realms read in one round trip.
const REALMS_A_READING: usize = 64;

/// Runs as long as it is driven.
pub(super) async fn run(inner: &Inner) {
    tokio::join!(
        subscribe_all(inner),
        read_all(inner),
        watch_for_staff(inner),
        keep_time(inner)
    );
}

async fn subscribe_all(inner: &Inner) {
    let mut under_way = FuturesUnordered::new();
    loop {
        tokio::select! {
            realms = inner.views.subscriptions.take() => {
                under_way.extend(realms.into_iter().map(|realm| subscribe(inner, realm)));
            }
            Some(realm) = under_way.next(), if !under_way.is_empty() => inner.views.want_reading(&realm),
        }
    }
}

/// The reading comes after Redis has confirmed the subscription, so that no change falls between the two.
async fn subscribe(inner: &Inner, realm: Realm) -> Realm {
    let channel = inner.channel(&realm);
    while let Err(error) = (inner.feed.subscribe)(channel.clone()).await {
        tracing::debug!(%error, %realm, "changes could not be subscribed");
        sleep(RETRY).await;
    }
    realm
}

async fn read_all(inner: &Inner) {
    loop {
        let realms: Vec<Realm> = inner.views.readings.take().await.into_iter().collect();
        for realms in realms.chunks(REALMS_A_READING) {
            if !read(inner, realms).await {
                sleep(RETRY).await;
            }
        }
    }
}

/// Reads realms. Those that could not be read stay wanted.
async fn read(inner: &Inner, realms: &[Realm]) -> bool {
    let realms: Vec<Realm> = realms
        .iter()
        .filter(|realm| inner.views.begin_reading(realm))
        .cloned()
        .collect();
    let readings = match inner.store.read(&realms).await {
        Ok(readings) => readings,
        Err(error) => {
            tracing::debug!(%error, "realms could not be read");
            inner.views.readings.put(realms);
            return false;
        }
    };
    inner.on_answer();
    let mut complete = true;
    for (realm, reading) in realms.into_iter().zip(readings) {
        match reading {
            Ok((reading, deadlines)) => {
                inner.views.on_reading(&realm, reading, &inner.registry);
                inner.sweeps.on_deadlines(&realm, deadlines, false);
            }
            Err(error) => {
                tracing::error!(%error, %realm, "a realm could not be read");
                inner.views.readings.put([realm]);
                complete = false;
            }
        }
    }
    complete
}

async fn watch_for_staff(inner: &Inner) {
    loop {
        inner.views.staff.wanted.notified().await;
        while inner.views.staff.is_starting() && !begin_watching(inner).await {
            sleep(RETRY).await;
        }
    }
}

async fn begin_watching(inner: &Inner) -> bool {
    if let Err(error) = (inner.feed.subscribe_pattern)(inner.pattern()).await {
        tracing::debug!(%error, "all changes could not be subscribed");
        return false;
    }
    let listed = match inner.store.listed().await {
        Ok(listed) => listed,
        Err(error) => {
            tracing::debug!(%error, "realms could not be listed");
            (inner.feed.unsubscribe_pattern)(&inner.pattern());
            return false;
        }
    };
    let mut realms: HashSet<Realm> = listed.into_iter().map(|(realm, _)| realm).collect();
    realms.insert(Realm::Manage);
    inner.views.staff.begin(&realms);
    // Also those that have come up since the list was read, or are followed for their own sockets.
    realms.extend(inner.views.realms());
    for realm in realms {
        inner.views.follow_for_staff(&realm);
    }
    true
}

/// Windows that end, absences that are held no longer, realms that nobody needs.
async fn keep_time(inner: &Inner) {
    let period = inner.config.lease / 2;
    inner.views.alarms.set(&Alarm::Tidy, Some(Instant::now() + period));
    loop {
        for alarm in inner.views.alarms.due().await {
            match alarm {
                Alarm::Scope(realm) => {
                    if let Some(view) = inner.views.get(&realm) {
                        inner.views.pump(&view, &mut view.lock(), Instant::now());
                    }
                }
                Alarm::Staff => {
                    let next = inner.views.staff.with_scope(|scope| scope.pump(Instant::now()));
                    inner.views.alarms.set(&Alarm::Staff, next);
                }
                Alarm::Held(realm) => inner.views.want_reading(&realm),
                Alarm::Tidy => {
                    tidy(inner);
                    inner.views.alarms.set(&Alarm::Tidy, Some(Instant::now() + period));
                }
            }
        }
    }
}

fn tidy(inner: &Inner) {
    let staff_at_home = inner.registry.is_home(&Realm::Manage);
    if inner.views.staff.stop_when_idle(inner.config.lease, staff_at_home) {
        (inner.feed.unsubscribe_pattern)(&inner.pattern());
    }
    for realm in inner.views.tidy(|realm| inner.registry.is_home(realm)) {
        inner.sweeps.forget(&realm);
        (inner.feed.unsubscribe)(&inner.channel(&realm));
    }
}
