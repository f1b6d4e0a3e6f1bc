//! Instances that die, stand still or go away.

use std::time::{Duration, Instant as Clock};

use shared_protocol::events::Portal::Dashboard;

use super::support::*;
use crate::presence::Departure::Grace;
use crate::presence::Loss;

fn died(instance: &str) -> Loss {
    Loss::Peer {
        instance: instance.to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn users_of_a_dead_instance_go_offline_once_and_who_returned_is_never_announced() {
    let server = settled_server().await;
    let [one, two, three] = ["one", "two", "three"].map(|id| Instance::start(&server, id));
    let acme = tenant("acme");
    let mut ann = one.open(&acme, "ann", Dashboard).await;
    let mut cat = two.open(&acme, "cat", Dashboard).await;
    let gone = three.open(&acme, "gone", Dashboard).await;
    cat.until_log(&["+gone"]).await;
    ann.until_log(&["+cat", "+gone"]).await;
    let back = three.open(&acme, "back", Dashboard).await;
    ann.until_log(&["+cat", "+gone", "+back"]).await;
    cat.until_log(&["+gone", "+back"]).await;

    let crashed = Clock::now();
    three.crash();
    let _back = two.open(&acme, "back", Dashboard).await;
    ann.until_log(&["+cat", "+gone", "+back", "-gone"]).await;
    assert!(
        crashed.elapsed() < config().lease + Duration::from_secs(2),
        "{:?}",
        crashed.elapsed()
    );
    cat.until_log(&["+gone", "+back", "-gone"]).await;

    two.open(&acme, "marker", Dashboard).await.close(Grace);
    cat.until_log(&["+gone", "+back", "-gone", "+marker", "-marker"]).await;
    ann.until_log(&["+cat", "+gone", "+back", "-gone", "+marker", "-marker"])
        .await;
    for survivor in [&one, &two] {
        assert_eq!(*survivor.losses.lock().unwrap(), [died("three")]);
    }
    let last_seen = [&one, &two]
        .map(|instance| instance.last_seen.lock().unwrap().clone())
        .concat();
    assert_eq!(
        last_seen.iter().filter(|user| *user == "gone").count(),
        1,
        "{last_seen:?}"
    );
    drop((gone, back));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn grace_outlives_its_owner() {
    let server = settled_server().await;
    let (one, two) = (Instance::start(&server, "one"), Instance::start(&server, "two"));
    let acme = tenant("acme");
    let mut ann = one.open(&acme, "ann", Dashboard).await;
    let bob = two.open(&acme, "bob", Dashboard).await;
    ann.until_log(&["+bob"]).await;
    bob.close(Grace);
    let key = "rt:{acme}:grace".to_owned();
    eventually("bob's grace", async || keys(&server).await.contains(&key)).await;
    let crashed = Clock::now();
    two.crash();
    ann.until_log(&["+bob", "-bob"]).await;
    assert!(
        crashed.elapsed() < config().lease,
        "the lease would be too late: {:?}",
        crashed.elapsed()
    );
    assert!(
        one.losses.lock().unwrap().is_empty(),
        "an instance that held nobody is not missed"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn instance_that_stood_still_longer_than_its_lease_tracks_again() {
    let server = settled_server().await;
    let (one, two) = (Instance::start(&server, "one"), Instance::start(&server, "two"));
    let acme = tenant("acme");
    let mut ann = one.open(&acme, "ann", Dashboard).await;
    let mut bob = two.open(&acme, "bob", Dashboard).await;
    ann.until_log(&["+bob"]).await;
    two.pause();
    ann.until_log(&["+bob", "-bob"]).await;
    two.resume();
    ann.until_log(&["+bob", "-bob", "+bob"]).await;
    assert_eq!(*one.losses.lock().unwrap(), [died("two")]);
    eventually("its own loss", async || two.losses.lock().unwrap().contains(&Loss::Own)).await;
    // The backlog tells of one's own end, and that is not so.
    two.open(&acme, "marker", Dashboard).await.close(Grace);
    bob.until("the marker's end", |picture| {
        picture.log.ends_with(&["-marker".to_owned()])
    })
    .await;
    assert_eq!(bob.picture.log, ["+marker", "-marker"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn drained_instance_is_released_and_its_users_have_time_to_return() {
    let server = settled_server().await;
    let (one, two) = (Instance::start(&server, "one"), Instance::start(&server, "two"));
    let acme = tenant("acme");
    let mut ann = one.open(&acme, "ann", Dashboard).await;
    let bob = two.open(&acme, "bob", Dashboard).await;
    ann.until_log(&["+bob"]).await;
    two.presence.drain().await.unwrap();
    assert!(two.try_open(&acme, "late", None, Dashboard).await.is_err());
    bob.close(Grace);
    two.crash();
    // Far beyond the common grace and the lease: a marker on either side of each.
    for _ in 0..8 {
        one.open(&acme, "marker", Dashboard).await.close(Grace);
        ann.until("the marker's end", |picture| {
            picture.log.ends_with(&["-marker".to_owned()])
        })
        .await;
        ann.picture.log.clear();
        assert_eq!(ann.ids(), ["ann", "bob"]);
    }
    let _bob = one.open(&acme, "bob", Dashboard).await;
    assert!(one.losses.lock().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn realm_without_a_living_follower_is_swept_all_the_same() {
    let server = settled_server().await;
    let (one, two) = (Instance::start(&server, "one"), Instance::start(&server, "two"));
    let bob = two.open(&tenant("lonely"), "bob", Dashboard).await;
    two.crash();
    eventually("bob's last-seen time", async || {
        *one.last_seen.lock().unwrap() == ["bob"]
    })
    .await;
    drop(bob);
}
