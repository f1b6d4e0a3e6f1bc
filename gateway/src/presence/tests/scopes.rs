//! Who sees whom, and in which mode.

use harness::redis::RedisServer;
use serde_json::{Value, json};
use shared_protocol::events::Portal::{Dashboard, Manage};
use shared_protocol::events::{PresenceListRequest, PresenceModeKind, Realm, UserId};

use super::support::*;
use crate::config::PresenceConfig;
use crate::presence::Departure::SessionOver;

fn list(instance: &Instance, home: &Realm, request: Value) -> Vec<String> {
    let request: PresenceListRequest = serde_json::from_value(request).unwrap();
    let page = instance.presence.list(home, &request).unwrap();
    page.users.iter().map(|user| user.user.id.to_string()).collect()
}

fn id(text: &str) -> UserId {
    UserId::parse(text).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn staff_sees_all_tenants_and_a_tenant_never_another() {
    let server = RedisServer::start();
    let (one, two) = (Instance::start(&server, "one"), Instance::start(&server, "two"));
    let (acme, odd) = (tenant("acme"), tenant("{*}?@manage"));
    let ann = one.open(&acme, "ann", Dashboard).await;
    let bob = two.open(&odd, "bob", Dashboard).await;
    let mut sam = one.open(&Realm::Manage, "sam", Manage).await;
    assert_eq!(sam.mode.mode, PresenceModeKind::Watch);
    assert_eq!(sam.ids(), ["ann", "bob", "sam"]);
    assert_eq!((ann.ids(), bob.ids()), (vec!["ann"], vec!["bob"]));

    // A realm that nobody had heard of, on an instance that the staff's is not.
    let new = two.open(&tenant("new"), "cat", Dashboard).await;
    sam.until("the count", |picture| picture.count == Some(4)).await;
    assert_eq!(list(&one, &Realm::Manage, json!({})), ["sam", "ann", "cat", "bob"]);
    assert_eq!(list(&one, &Realm::Manage, json!({"tenantId": "new"})), ["cat"]);
    assert_eq!(list(&one, &acme, json!({})), ["ann"]);
    let tenants = one.presence.tenants(None, None).unwrap().tenants;
    let tenants: Vec<(&str, usize)> = tenants
        .iter()
        .map(|line| (line.tenant_id.as_str(), line.online))
        .collect();
    assert_eq!(tenants, [("acme", 1), ("new", 1), ("{*}?@manage", 1)]);
    assert_eq!(one.presence.is_online(&id("cat"), &tenant("new")), Some(true));
    assert_eq!(one.presence.is_online(&id("cat"), &acme), Some(false));
    assert_eq!(two.presence.is_online(&id("ann"), &acme), None);

    // Watched users travel as diffs, and out of scope nobody is.
    let watched = |tab: &Tab, ids: &[UserId]| {
        let mut online = 0;
        one.presence.watch(tab.member.key, ids, |users| online = users.len());
        online
    };
    assert_eq!(watched(&sam, &[id("bob"), id("nobody")]), 1);
    assert_eq!(watched(&ann, &[id("bob"), id("sam")]), 0);
    bob.close(SessionOver);
    new.close(SessionOver);
    sam.until("the count", |picture| picture.count == Some(2)).await;
    assert_eq!(sam.picture.log, ["-bob"]);
}

/// Without order between the two, the diff that waits would undo the answer, and no later one would put it right.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_to_a_watch_stands_behind_the_diffs_before_it() {
    let server = RedisServer::start();
    let one = Instance::start(&server, "one");
    let acme = tenant("acme");
    let bob = one.open(&acme, "bob", Dashboard).await;
    let mut sam = one.open(&Realm::Manage, "sam", Manage).await;
    sam.watch(&["bob"]);
    let bob_is_there = || list(&one, &acme, json!({})) == ["bob"];
    // Gone, which sam is told at once and does not look at; and back, within the window that follows.
    bob.close(SessionOver);
    eventually("bob's absence", async || !bob_is_there()).await;
    let _back = one.open(&acme, "bob", Dashboard).await;
    eventually("bob's return", async || bob_is_there()).await;
    sam.watch(&["bob"]);
    let _fence = one.open(&acme, "cat", Dashboard).await;
    sam.until("the count", |picture| picture.count == Some(3)).await;
    assert_eq!(sam.ids(), ["acme:bob"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scope_beyond_the_bound_is_watched_and_comes_back_below_it() {
    let server = RedisServer::start();
    let config = PresenceConfig {
        broadcast_max: 10,
        ..config()
    };
    let one = Instance::with(&server, "one", config);
    let acme = tenant("acme");
    let mut ann = one.open(&acme, "ann", Dashboard).await;
    assert_eq!(ann.mode.mode, PresenceModeKind::All);
    let mut others = Vec::new();
    for number in 0..10 {
        others.push(one.open(&acme, &format!("u{number}"), Dashboard).await);
    }
    ann.until("the mode", |picture| picture.mode.as_deref() == Some("watch"))
        .await;
    assert_eq!(others.last().unwrap().mode.mode, PresenceModeKind::Watch);

    // One below the bound is not enough.
    others.pop().unwrap().close(SessionOver);
    ann.until("the count", |picture| picture.count == Some(10)).await;
    assert_eq!(ann.picture.mode.as_deref(), Some("watch"));
    others.pop().unwrap().close(SessionOver);
    ann.until("the mode", |picture| picture.mode.as_deref() == Some("all"))
        .await;
    ann.until("a whole snapshot", |picture| picture.snapshots == 2).await;
    assert_eq!(ann.ids().len(), 9);
    others.pop().unwrap().close(SessionOver);
    ann.until("diffs again", |picture| {
        picture.log.last().is_some_and(|last| last == "-u7")
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scope_whose_snapshot_would_be_too_long_is_watched() {
    let server = RedisServer::start();
    let one = Instance::start(&server, "one");
    let acme = tenant("acme");
    let mut ann = one.open(&acme, "ann", Dashboard).await;
    // Each takes 1,200 bytes and more, so 500 of them do not fit into what may be sent at once.
    let name = "\u{1}".repeat(200);
    let names: Vec<String> = (0..450).map(|number| format!("u{number:03}")).collect();
    let joins = names
        .iter()
        .map(|user| one.try_open(&acme, user, Some(&name), Dashboard));
    let mut tabs = futures_util::future::try_join_all(joins).await.unwrap();
    ann.until("the mode", |picture| picture.mode.as_deref() == Some("watch"))
        .await;
    let late = one.open(&acme, "late", Dashboard).await;
    assert_eq!(
        (late.mode.mode, late.picture.users.len()),
        (PresenceModeKind::Watch, 100)
    );
    while tabs.len() > 300 {
        tabs.pop().unwrap().close(SessionOver);
    }
    ann.until("the mode", |picture| picture.mode.as_deref() == Some("all"))
        .await;
    ann.until("a whole snapshot", |picture| picture.snapshots == 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn burst_is_told_in_few_frames() {
    let server = RedisServer::start();
    let config = PresenceConfig {
        diff_window: std::time::Duration::from_millis(200),
        ..config()
    };
    let one = Instance::with(&server, "one", config);
    let acme = tenant("acme");
    let mut ann = one.open(&acme, "ann", Dashboard).await;
    let started = std::time::Instant::now();
    let names: Vec<String> = (0..200).map(|number| format!("u{number:03}")).collect();
    let joins = names.iter().map(|name| one.open(&acme, name, Dashboard));
    let tabs = futures_util::future::join_all(joins).await;
    ann.until("everybody", |picture| picture.users.len() == 201).await;
    let windows = usize::try_from(started.elapsed().as_millis() / 200).unwrap();
    assert!(
        ann.picture.diffs <= windows + 2,
        "{} frames in {windows} windows",
        ann.picture.diffs
    );
    drop(tabs);
}
