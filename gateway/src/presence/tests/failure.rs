//! Redis that is away, forgets or loses messages.

use std::sync::atomic::Ordering;

use harness::redis::{RedisServer, Restart};
use shared_protocol::events::Portal::{Dashboard, Dm};

use super::support::*;
use crate::presence::Departure::Grace;
use crate::presence::Loss;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gap_in_versions_heals() {
    let server = RedisServer::start();
    let (one, two) = (Instance::start(&server, "one"), Instance::start(&server, "two"));
    let acme = tenant("acme");
    let mut ann = one.open(&acme, "ann", Dashboard).await;
    one.deaf.store(true, Ordering::SeqCst);
    let bob = two.open(&acme, "bob", Dashboard).await;
    one.deaf.store(false, Ordering::SeqCst);
    // The next change shows the gap.
    let _cat = two.open(&acme, "cat", Dashboard).await;
    ann.until_log(&["+bob", "+cat"]).await;

    // And without a next change a heartbeat does.
    one.deaf.store(true, Ordering::SeqCst);
    let _dm = two.open(&acme, "bob", Dm).await;
    one.deaf.store(false, Ordering::SeqCst);
    ann.until_log(&["+bob", "+cat", "~bob"]).await;
    drop(bob);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_flaps_when_redis_comes_back_empty() {
    let mut server = settled_server().await;
    let (one, two) = (Instance::start(&server, "one"), Instance::start(&server, "two"));
    let acme = tenant("acme");
    let mut ann = one.open(&acme, "ann", Dashboard).await;
    let bob = two.try_open(&acme, "bob", Some("Bob"), Dashboard).await.unwrap();
    let cat = two.open(&acme, "cat", Dashboard).await;
    let _dan = two.open(&acme, "dan", Dashboard).await;
    ann.until_log(&["+bob", "+cat", "+dan"]).await;

    server.stop();
    // Left while Redis was away: offline afterwards, as the state has it, and told when absences are held no longer.
    cat.close(Grace);
    server.restart(Restart::Empty);
    ann.until_log(&["+bob", "+cat", "+dan", "-cat"]).await;
    one.open(&acme, "marker", Dashboard).await.close(Grace);
    ann.until_log(&["+bob", "+cat", "+dan", "-cat", "+marker", "-marker"])
        .await;
    for instance in [&one, &two] {
        assert_eq!(*instance.losses.lock().unwrap(), [Loss::Own]);
    }
    drop(bob);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_flaps_when_redis_is_away_for_longer_than_a_lease() {
    let mut server = settled_server().await;
    let (one, two) = (Instance::start(&server, "one"), Instance::start(&server, "two"));
    let acme = tenant("acme");
    let mut ann = one.open(&acme, "ann", Dashboard).await;
    let _bob = two.open(&acme, "bob", Dashboard).await;
    ann.until_log(&["+bob"]).await;
    server.stop();
    let stopped = std::time::Instant::now();
    eventually("a lease to run out", async || stopped.elapsed() > config().lease * 2).await;
    server.restart(Restart::Keep);
    eventually("redis' return", async || {
        let open = one.try_open(&acme, "marker", None, Dashboard).await;
        open.map(|tab| tab.close(Grace)).is_ok()
    })
    .await;
    ann.until("the marker's end", |picture| {
        picture.log.ends_with(&["-marker".to_owned()])
    })
    .await;
    assert_eq!(ann.picture.log, ["+bob", "+marker", "-marker"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn join_fails_in_bounded_time_while_redis_hangs() {
    let server = RedisServer::start();
    let one = Instance::start(&server, "one");
    let acme = tenant("acme");
    let mut ann = one.open(&acme, "ann", Dashboard).await;
    server.pause();
    assert!(one.try_open(&acme, "bob", None, Dashboard).await.is_err());
    server.resume();
    // Who gave up is not held: neither here nor there.
    let _cat = one.open(&acme, "cat", Dashboard).await;
    ann.until("cat alone", |picture| picture.users.keys().eq(["ann", "cat"]))
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_flaps_when_another_instance_comes_back_to_an_empty_redis_first() {
    let mut server = settled_server().await;
    let [one, two, three] = ["one", "two", "three"].map(|id| Instance::start(&server, id));
    let acme = tenant("acme");
    let mut ann = one.open(&acme, "ann", Dashboard).await;
    let _bob = two.open(&acme, "bob", Dashboard).await;
    ann.until_log(&["+bob"]).await;
    let _cat = three.open(&acme, "cat", Dashboard).await;
    ann.until_log(&["+bob", "+cat"]).await;

    // What the third writes makes a later version than the lost one, and the first does not hear that it began from 0.
    one.pause();
    two.pause();
    server.restart(Restart::Empty);
    let written = "rt:{acme}:m:three".to_owned();
    eventually("the third one's users", async || keys(&server).await.contains(&written)).await;
    one.resume();
    let marker = one.open(&acme, "marker", Dashboard).await;
    two.resume();
    let back = "rt:{acme}:m:two".to_owned();
    eventually("the second one's users", async || keys(&server).await.contains(&back)).await;
    marker.close(Grace);
    ann.until_log(&["+bob", "+cat", "+marker", "-marker"]).await;
}
