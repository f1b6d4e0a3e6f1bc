//! Which sessions' keys are subscribed, and whether that is worth it.

use harness::redis::RedisServer;
use shared_protocol::events::{Realm, UserId};

use super::super::tests::sessions::{command, connect};
use super::keyspace::{flags, tells_deletions};
use super::*;
use crate::hub::{MailboxLimits, mailbox};

#[tokio::test]
async fn the_servers_setting_is_found_out_where_it_may_be_asked_for() {
    let server = RedisServer::start();
    let redis = connect(&server);
    assert_eq!(flags(&redis).await.unwrap().as_deref(), Some(""));
    command(&redis, &["CONFIG", "SET", "notify-keyspace-events", "Kg$x"]).await;
    assert!(tells_deletions(&flags(&redis).await.unwrap().unwrap()));
    command(&redis, &["ACL", "SETUSER", "default", "-config"]).await;
    assert_eq!(flags(&redis).await.unwrap(), None);
    drop(server);
    assert!(flags(&redis).await.is_err(), "an unreachable server has not answered");
}

#[test]
fn deletions_are_heard_only_with_the_right_flags() {
    for (flags, heard) in [
        ("", false),
        ("K", false),
        ("KA", true),
        ("AKE", true),
        ("Kgx", true),
        ("gxK", true),
        ("Kx$", false),
        ("Eg", false),
    ] {
        assert_eq!(tells_deletions(flags), heard, "{flags}");
    }
}

#[test]
fn each_session_is_watched_once_and_given_back_once() {
    let sid = SessionId::parse("a").unwrap();
    let principal = Principal {
        user: UserId::parse("u").unwrap(),
        realm: Realm::Manage,
        name: None,
        role: None,
    };
    let (mailbox, _inbox) = mailbox(MailboxLimits { frames: 1, bytes: 1 });
    let (one, two) = (SocketKey::next(), SocketKey::next());
    let mut index = Index::default();
    index.watch_all();
    index.insert(&sid, one, mailbox.clone());
    index.insert(&sid, two, mailbox.clone());
    assert!(
        index.take_unwatched(9).is_empty(),
        "junk ids are not worth a subscription before they are bound"
    );
    assert!(index.bind(&sid, one, None, &principal).is_unwatched);
    assert!(!index.bind(&sid, two, None, &principal).is_unwatched);
    let asked = index.take_unwatched(9);
    assert_eq!(asked.len(), 1);

    // It leaves and comes back before the subscription is confirmed: the old one is for nobody.
    assert!(!index.remove(&sid, one) && !index.remove(&sid, two));
    index.insert(&sid, one, mailbox);
    assert!(index.bind(&sid, one, None, &principal).is_unwatched);
    assert!(!index.on_watched(&sid, asked[0].1));
    let asked = index.take_unwatched(9);
    assert!(index.on_watched(&sid, asked[0].1));
    let due = index.take_due(tokio::time::Instant::now(), 9).0;
    assert_eq!(
        due,
        std::slice::from_ref(&sid),
        "read again once the subscription is confirmed"
    );
    assert!(
        !index.on_watched(&sid, asked[0].1),
        "a second confirmation is given back"
    );
    assert!(index.remove(&sid, one), "the last socket gives the subscription back");
}
