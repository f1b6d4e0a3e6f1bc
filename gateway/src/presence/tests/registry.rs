//! What is written, and when it is written again.

use shared_protocol::events::{Portal, Realm, UserId};

use super::super::change::Version;
use super::super::registry::Registry;
use crate::hub::{MailboxLimits, Member, SocketId, SocketKey, mailbox};

fn member(portal: Portal) -> Member {
    let limits = MailboxLimits { frames: 1, bytes: 1 };
    Member {
        joined_at: chrono::Utc::now(),
        key: SocketKey::next(),
        id: SocketId::random(),
        namespace: Realm::Manage.namespace(),
        user: UserId::parse("ann").unwrap(),
        realm: Realm::Manage,
        portal,
        mailbox: mailbox(limits).0,
    }
}

fn write(registry: &Registry) -> Vec<Portal> {
    let batch = registry.take().unwrap();
    let portals = batch.realms[0].held[0].1.portals.clone();
    registry.on_written(batch, &[Some(Version(1))]);
    portals
}

#[test]
fn what_changes_back_while_it_is_written_is_written_again() {
    let registry = Registry::default();
    let (dashboard, dm) = (member(Portal::Dashboard), member(Portal::Dm));
    registry.add(&dashboard, None).unwrap();
    registry.add(&dm, None).unwrap();
    assert_eq!(write(&registry), [Portal::Dashboard, Portal::Dm]);
    assert!(registry.take().is_none());

    registry.remove(dm.key, 5000);
    let under_way = registry.take().unwrap();
    let again = member(Portal::Dm);
    assert!(registry.add(&again, None).unwrap().is_some());
    registry.on_written(under_way, &[Some(Version(2))]);
    assert_eq!(write(&registry), [Portal::Dashboard, Portal::Dm]);
}

#[test]
fn what_could_not_be_written_stays() {
    let registry = Registry::default();
    let ann = member(Portal::Dm);
    let mut ticket = registry.add(&ann, None).unwrap().unwrap();
    let batch = registry.take().unwrap();
    registry.on_written(batch, &[None]);
    assert!(ticket.try_recv().is_err());
    assert_eq!(write(&registry), [Portal::Dm]);
    assert_eq!(ticket.try_recv(), Ok(Version(1)));
}

#[test]
fn end_of_a_session_does_not_shorten_what_another_socket_has_begun() {
    let registry = Registry::default();
    let gone = || registry.take().unwrap().realms.remove(0).gone.remove(0).1;
    let (one, two) = (member(Portal::Dm), member(Portal::Dm));
    for socket in [&one, &two] {
        registry.add(socket, None).unwrap();
    }
    // Both leave before anything is written.
    registry.remove(one.key, 5000);
    registry.remove(two.key, 0);
    assert!((4000..=5000).contains(&gone()));

    for socket in [&one, &two] {
        registry.add(socket, None).unwrap();
    }
    write(&registry);
    // The first one's end changes nothing that peers see, so nothing is written.
    registry.remove(one.key, 5000);
    assert!(registry.take().is_none());
    registry.remove(two.key, 0);
    assert!((4000..=5000).contains(&gone()));

    for socket in [&one, &two] {
        registry.add(socket, None).unwrap();
    }
    write(&registry);
    registry.remove(one.key, 5000);
    registry.add(&one, None).unwrap();
    registry.remove(one.key, 0);
    registry.remove(two.key, 0);
    assert_eq!(gone(), 0, "who has come back waits for nothing");
}
