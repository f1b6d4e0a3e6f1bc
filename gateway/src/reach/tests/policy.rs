//! The table "Reach" of the event catalogue, row by row, and what must hold for any facts.

use proptest::prelude::*;
use shared_protocol::events::Realm;

use super::{realm, user};
use crate::reach::{Caller, ReadFacts, Refusal, SendFacts, may_read, may_send};

/// From (home), to (homes in the directory), peer wrote first → conversation and the recipient's home, or the refusal.
type Sending = (
    &'static str,
    &'static [&'static str],
    bool,
    Result<(&'static str, &'static str), Refusal>,
);

#[test]
fn sending_follows_the_table() {
    const NO: Result<(&str, &str), Refusal> = Err(Refusal::NotFound);
    let cases: &[Sending] = &[
        // tenant user → same tenant, other tenant, nobody
        ("acme", &["acme"], false, Ok(("acme:ann:bob", "acme"))),
        ("acme", &["globex"], false, NO),
        ("acme", &["globex"], true, NO),
        ("acme", &[], false, NO),
        ("acme", &[], true, NO),
        // tenant user → staff: may answer, may not start
        ("acme", &[""], false, NO),
        ("acme", &[""], true, Ok(("acme:ann:bob", ""))),
        // one id in several tenants: one's own or staff, never another's
        ("acme", &["globex", "acme"], false, Ok(("acme:ann:bob", "acme"))),
        ("acme", &["globex", "initech"], true, NO),
        ("acme", &["globex", ""], true, Ok(("acme:ann:bob", ""))),
        ("acme", &["", "acme"], true, Ok(("acme:ann:bob", "acme"))),
        // staff → anybody
        ("", &["acme"], false, Ok(("acme:ann:bob", "acme"))),
        ("", &["globex"], false, Ok(("globex:ann:bob", "globex"))),
        ("", &[""], false, Ok((":ann:bob", ""))),
        ("", &["globex", "acme"], false, Ok(("globex:ann:bob", "globex"))),
        ("", &[], false, NO),
    ];
    for (from, to, peer_wrote_first, expected) in cases {
        let home = realm(from);
        let realms: Vec<Realm> = to.iter().map(|tenant| realm(tenant)).collect();
        let facts = SendFacts {
            realms: &realms,
            peer_wrote_first: *peer_wrote_first,
        };
        let caller = Caller {
            user: &user("ann"),
            realm: &home,
        };
        let verdict = may_send(caller, &user("bob"), facts);
        let got = verdict.map(|reachable| {
            let conversation = reachable.conversation_id().as_str().to_owned();
            (conversation, reachable.recipient_realm().clone())
        });
        let expected = expected.map(|(conversation, tenant)| (conversation.to_owned(), realm(tenant)));
        assert_eq!(got, expected, "{from:?} → {to:?}, {peer_wrote_first}");
    }
}

#[test]
fn reading_needs_a_conversation_in_scope_or_a_colleague() {
    // Home, peer's homes, conversations (by tenant) → conversation.
    type Reading = (
        &'static str,
        &'static [&'static str],
        &'static [&'static str],
        Option<&'static str>,
    );
    let cases: &[Reading] = &[
        ("acme", &["acme"], &[], Some("acme:ann:bob")),
        ("acme", &[], &["acme"], Some("acme:ann:bob")),
        ("acme", &[""], &["acme"], Some("acme:ann:bob")),
        ("acme", &["globex"], &["acme"], Some("acme:ann:bob")),
        ("acme", &[""], &[], None),
        ("acme", &["globex"], &["globex"], None),
        ("acme", &[], &["globex", ""], None),
        ("acme", &[], &[], None),
        ("", &["acme"], &[], Some("acme:ann:bob")),
        ("", &[""], &["acme"], Some(":ann:bob")),
        ("", &[], &["globex", "acme"], Some("globex:ann:bob")),
        ("", &[], &[""], Some(":ann:bob")),
        ("", &[], &[], None),
    ];
    for (from, to, conversations, expected) in cases {
        let home = realm(from);
        let realms: Vec<Realm> = to.iter().map(|tenant| realm(tenant)).collect();
        let conversations: Vec<_> = conversations
            .iter()
            .map(|tenant| realm(tenant).tenant().cloned())
            .collect();
        let facts = ReadFacts {
            realms: &realms,
            conversations: &conversations,
        };
        let caller = Caller {
            user: &user("ann"),
            realm: &home,
        };
        let verdict = may_read(caller, &user("bob"), facts);
        let got = verdict.as_ref().map(|readable| readable.conversation_id().as_str());
        assert_eq!(got.ok(), *expected, "{from:?} → {to:?}, {conversations:?}");
        if let Err(refusal) = verdict {
            assert_eq!(refusal, Refusal::NotFound);
        }
    }
}

fn any_realm() -> impl Strategy<Value = Realm> {
    prop_oneof![
        Just(realm("")),
        Just(realm("acme")),
        Just(realm("globex")),
        Just(realm("initech"))
    ]
}

proptest! {
    #[test]
    fn no_facts_let_a_tenant_user_across_tenants(
        home in any_realm(),
        realms in prop::collection::vec(any_realm(), 0..5),
        conversations in prop::collection::vec(any_realm(), 0..5),
        peer_wrote_first: bool,
        oneself: bool,
    ) {
        let caller = Caller { user: &user("ann"), realm: &home };
        let peer = user(if oneself { "ann" } else { "bob" });
        let sending = may_send(caller, &peer, SendFacts { realms: &realms, peer_wrote_first });
        let conversations: Vec<_> = conversations.iter().map(|realm| realm.tenant().cloned()).collect();
        let reading = may_read(caller, &peer, ReadFacts { realms: &realms, conversations: &conversations });
        if oneself {
            prop_assert_eq!(sending.unwrap_err(), Refusal::Oneself);
            prop_assert_eq!(reading.unwrap_err(), Refusal::Oneself);
            return Ok(());
        }
        if let Realm::Tenant(tenant) = &home {
            if let Ok(reachable) = &sending {
                prop_assert_eq!(reachable.conversation_id().tenant(), Some(tenant.as_str()));
                prop_assert_eq!(reachable.tenant(), Some(tenant));
                prop_assert!(*reachable.recipient_realm() == home || *reachable.recipient_realm() == Realm::Manage);
                prop_assert!(realms.contains(&home) || peer_wrote_first);
            }
            if let Ok(readable) = &reading {
                prop_assert_eq!(readable.conversation_id().tenant(), Some(tenant.as_str()));
                prop_assert!(realms.contains(&home) || conversations.contains(&Some(tenant.clone())));
            }
        } else {
            prop_assert_eq!(sending.is_ok(), !realms.is_empty());
        }
        // What may be written to may be read, once the peer has written.
        if let Ok(reachable) = sending {
            prop_assert!(realms.contains(reachable.recipient_realm()));
            let exists = [reachable.tenant().cloned()];
            let facts = ReadFacts { realms: &realms, conversations: &exists };
            let readable = may_read(caller, &peer, facts).unwrap();
            prop_assert_eq!(readable.conversation_id(), reachable.conversation_id());
        }
    }

    #[test]
    fn facts_about_other_tenants_change_nothing(
        realms in prop::collection::vec(any_realm(), 0..5),
        peer_wrote_first: bool,
    ) {
        // An unknown user and one of another tenant: the same verdict, to the byte.
        let home = realm("acme");
        let caller = Caller { user: &user("ann"), realm: &home };
        let visible: Vec<Realm> = realms.iter().filter(|realm| **realm == home || **realm == Realm::Manage).cloned().collect();
        let with = may_send(caller, &user("bob"), SendFacts { realms: &realms, peer_wrote_first });
        let without = may_send(caller, &user("bob"), SendFacts { realms: &visible, peer_wrote_first });
        prop_assert_eq!(with, without);
    }
}
