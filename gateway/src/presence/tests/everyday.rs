//! Tabs that come and go.

use harness::redis::RedisServer;
use shared_protocol::events::Portal::{Dashboard, Dm, Manage};
use shared_protocol::events::Realm;

use super::support::*;
use crate::presence::Departure::{Grace, SessionOver};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn user_is_online_once_and_offline_once_over_tabs_and_instances() {
    let server = RedisServer::start();
    let (one, two) = (Instance::start(&server, "one"), Instance::start(&server, "two"));
    let acme = tenant("acme");
    let mut ann = one.open(&acme, "ann", Dashboard).await;
    assert_eq!(ann.ids(), ["ann"]);

    let first = two.open(&acme, "bob", Dashboard).await;
    let second = two.open(&acme, "bob", Dashboard).await;
    let third = one.open(&acme, "bob", Dashboard).await;
    assert_eq!(third.ids(), ["ann", "bob"]);
    first.close(Grace);
    third.close(Grace);
    // Whatever the two closed tabs could have led to would have come before this.
    one.open(&acme, "marker", Dashboard).await.close(Grace);
    ann.until_log(&["+bob", "+marker", "-marker"]).await;

    second.close(Grace);
    ann.until_log(&["+bob", "+marker", "-marker", "-bob"]).await;
    eventually("bob's last-seen time", async || {
        let last_seen = [&one, &two].map(|instance| instance.last_seen.lock().unwrap().clone());
        last_seen.concat().iter().filter(|user| *user == "bob").count() == 1
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reload_within_the_grace_is_not_seen() {
    let server = RedisServer::start();
    let config = || crate::config::PresenceConfig {
        grace: std::time::Duration::from_secs(1),
        ..config()
    };
    let (one, two) = (
        Instance::with(&server, "one", config()),
        Instance::with(&server, "two", config()),
    );
    let acme = tenant("acme");
    let mut ann = one.open(&acme, "ann", Dashboard).await;
    let (dashboard, dm) = (
        two.open(&acme, "bob", Dashboard).await,
        two.open(&acme, "bob", Dm).await,
    );
    ann.until("both portals", |picture| {
        picture.users.get("bob").is_some_and(|bob| bob.contains("dm"))
    })
    .await;
    let before = ann.picture.log.clone();
    let grace = "rt:{acme}:grace".to_owned();

    // One portal of two, then the whole user, who comes back on the other instance.
    dm.close(Grace);
    eventually("the portal's grace", async || keys(&server).await.contains(&grace)).await;
    let dm = two.open(&acme, "bob", Dm).await;
    assert!(!keys(&server).await.contains(&grace));
    dm.close(Grace);
    dashboard.close(Grace);
    eventually("the user's grace", async || keys(&server).await.contains(&grace)).await;
    let _dm = one.open(&acme, "bob", Dm).await;
    let _dashboard = one.open(&acme, "bob", Dashboard).await;
    one.open(&acme, "marker", Dashboard).await.close(Grace);
    ann.until("the marker's end", |picture| {
        picture.log.ends_with(&["-marker".to_owned()])
    })
    .await;
    assert_eq!(ann.picture.log[before.len()..], ["+marker", "-marker"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn portals_and_names_travel_as_changed() {
    let server = RedisServer::start();
    let (one, two) = (Instance::start(&server, "one"), Instance::start(&server, "two"));
    let acme = tenant("acme");
    let mut ann = one.open(&acme, "ann", Dashboard).await;
    let _bob = two.try_open(&acme, "bob", Some("Bob"), Dashboard).await.unwrap();
    let dm = one.try_open(&acme, "bob", Some("Bob"), Dm).await.unwrap();
    ann.until_log(&["+bob", "~bob"]).await;
    assert_eq!(ann.picture.users["bob"], r#"["dashboard","dm"] "Bob""#);

    two.presence.rename(&acme, &dm.member.user, Some("Bobby"));
    ann.until_log(&["+bob", "~bob", "~bob"]).await;
    assert_eq!(ann.picture.users["bob"], r#"["dashboard","dm"] "Bobby""#);

    dm.close(Grace);
    ann.until_log(&["+bob", "~bob", "~bob", "~bob"]).await;
    assert_eq!(ann.picture.users["bob"], r#"["dashboard"] "Bobby""#);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn session_over_is_offline_without_grace() {
    let server = RedisServer::start();
    let config = crate::config::PresenceConfig {
        grace: std::time::Duration::from_hours(1),
        lease: std::time::Duration::from_hours(2),
        ..config()
    };
    let one = Instance::with(&server, "one", config);
    let acme = tenant("acme");
    let mut ann = one.open(&acme, "ann", Dashboard).await;
    let (dashboard, dm) = (
        one.open(&acme, "bob", Dashboard).await,
        one.open(&acme, "bob", Dm).await,
    );
    dashboard.close(SessionOver);
    dm.close(SessionOver);
    ann.until("bob's end", |picture| {
        !picture.log.is_empty() && !picture.users.contains_key("bob")
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn snapshot_and_diffs_miss_and_double_nothing() {
    let server = RedisServer::start();
    let (one, two) = (Instance::start(&server, "one"), Instance::start(&server, "two"));
    let acme = tenant("acme");
    // The picture itself panics at whatever comes twice.
    let joins = |instance, name: &'static str| {
        let acme = &acme;
        async move {
            let mut tabs = Vec::new();
            for number in 0..40 {
                let user = format!("{name}{number:02}");
                let tab = Instance::open(instance, acme, &user, Dashboard).await;
                if number % 3 == 0 {
                    tab.close(SessionOver);
                } else {
                    tabs.push(tab);
                }
            }
            tabs
        }
    };
    let (a, b, c) = tokio::join!(joins(&one, "a"), joins(&two, "b"), joins(&one, "c"));
    let mut tabs: Vec<Tab> = a.into_iter().chain(b).chain(c).collect();
    let mut expected: Vec<String> = tabs.iter().map(|tab| tab.member.user.to_string()).collect();
    expected.sort();
    assert_eq!(expected.len(), 78);
    for tab in &mut tabs {
        tab.until("everybody", |picture| picture.users.keys().eq(expected.iter()))
            .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn last_one_to_leave_takes_nothing_from_who_comes_at_that_moment() {
    let server = RedisServer::start();
    let (one, two) = (Instance::start(&server, "one"), Instance::start(&server, "two"));
    let acme = tenant("acme");
    let mut here = one.open(&acme, "ann", Dashboard).await;
    for round in 0..30 {
        let (instance, user) = if round % 2 == 0 { (&two, "bob") } else { (&one, "ann") };
        let come = instance.open(&acme, user, Dashboard);
        let (mut come, ()) = tokio::join!(come, async { here.close(SessionOver) });
        come.until("to be alone", |picture| picture.users.len() == 1).await;
        let held = keys(&server).await;
        for key in ["rt:tenants", "rt:{acme}:online", "rt:{acme}:instances"] {
            assert!(held.iter().any(|held| held == key), "{key} in round {round}: {held:?}");
        }
        here = come;
    }
    // Whoever starts looking now finds the realm.
    let sam = two.open(&Realm::Manage, "sam", Manage).await;
    assert_eq!(sam.ids(), [here.member.user.as_str(), "sam"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_expire_when_nobody_is_left() {
    let server = RedisServer::start();
    let one = Instance::start(&server, "one");
    let odd = tenant("@manage");
    let tab = one.open(&odd, "a*", Dashboard).await;
    let expected = [
        "rt:instance:one",
        "rt:tenants",
        "rt:{%40manage}:instances",
        "rt:{%40manage}:last",
        "rt:{%40manage}:m:@announced",
        "rt:{%40manage}:m:one",
        "rt:{%40manage}:online",
    ];
    assert_eq!(keys(&server).await, expected);
    tab.close(Grace);
    eventually("an empty realm", async || {
        keys(&server).await == ["rt:instance:one", "rt:tenants", "rt:{%40manage}:last"]
    })
    .await;
    one.presence.drain().await.unwrap();
    eventually("an empty redis", async || keys(&server).await.is_empty()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn end_of_one_session_leaves_the_grace_of_another_alone() {
    let server = RedisServer::start();
    let config = || crate::config::PresenceConfig {
        grace: std::time::Duration::from_secs(2),
        ..config()
    };
    let one = Instance::with(&server, "one", config());
    let two = Instance::with(&server, "two", config());
    let acme = tenant("acme");
    let mut ann = one.open(&acme, "ann", Dashboard).await;
    // Where the session that ends is, where the one that reloads, and with which page.
    let cases = [
        ("b1", &one, &one, Dashboard),
        ("b2", &one, &two, Dashboard),
        ("b3", &two, &one, Dm),
        ("b4", &two, &two, Dm),
    ];
    for (user, ends, reloads, portal) in cases {
        let ending = ends.open(&acme, user, Dashboard).await;
        let reloading = reloads.open(&acme, user, portal).await;
        ann.until("both sessions", |picture| {
            let shown = picture.users.get(user);
            shown.is_some_and(|shown| portal == Dashboard || shown.contains("dm"))
        })
        .await;
        ann.picture.log.clear();
        reloading.close(Grace);
        one.open(&acme, "marker", Dashboard).await.close(SessionOver);
        two.open(&acme, "marker", Dashboard).await.close(SessionOver);
        ending.close(SessionOver);
        one.open(&acme, "other", Dashboard).await.close(SessionOver);
        two.open(&acme, "other", Dashboard).await.close(SessionOver);
        let back = reloads.open(&acme, user, portal).await;
        let end = format!("end-{user}");
        let _end = one.open(&acme, &end, Dashboard).await;
        ann.until("the end", |picture| picture.log.contains(&format!("+{end}")))
            .await;
        let flap = ann.picture.log.contains(&format!("-{user}"));
        assert!(!flap, "{user}: {:?}", ann.picture.log);
        // Who did not come back goes when the grace is over.
        back.close(Grace);
        let gone = format!("-{user}");
        ann.until("the end of the grace", |picture| picture.log.contains(&gone))
            .await;
    }
}
