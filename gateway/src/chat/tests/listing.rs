//! `conversation:list`, and unread messages of many users at once.

use futures_util::future::join_all;
use shared_protocol::events::{ConversationListPage, ErrorCode, Kind, TenantId};

use super::{Chat, code, database, read, realm, send, user};
use crate::hub::SocketId;
use crate::reach::Caller;

async fn list(chat: &Chat, tenant: &str, who: &str, cursor: Option<&str>, limit: Option<u32>) -> ConversationListPage {
    let caller = Caller {
        user: &user(who),
        realm: &realm(tenant),
    };
    chat.service.conversations(caller, cursor, limit).await.unwrap()
}

fn peers(page: &ConversationListPage) -> Vec<&str> {
    page.conversations.iter().map(|entry| entry.peer.id.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn conversations_come_latest_first_with_what_a_list_shows() {
    let server = database().await;
    let chat = Chat::start(&server);
    server.sql(
        r#"insert into realtime."ChatUser" values
           ('bob', 'acme', 'Bob', 'tenant', '2026-01-02 03:04:05.678Z'), ('bob', 'other', 'Another Bob', 'tenant', now())"#,
    );
    for (from, to, name) in [
        ("ann", "bob", "1"),
        ("cid", "ann", "2"),
        ("bob", "ann", "3"),
        ("bob", "ann", "4"),
    ] {
        chat.submit(send("acme", from, to), &format!("message {name}"), name)
            .await
            .unwrap();
    }
    chat.service
        .read(&read("acme", "bob", "ann"), 1, &SocketId::random())
        .await
        .unwrap();
    chat.service
        .delivered(&read("acme", "bob", "ann"), 1, &SocketId::random())
        .await
        .unwrap();
    chat.service
        .read(&read("acme", "ann", "bob"), 2, &SocketId::random())
        .await
        .unwrap();

    let page = list(&chat, "acme", "ann", None, None).await;
    assert_eq!(peers(&page), ["bob", "cid"]);
    assert_eq!(page.next_cursor, None);
    let [bob, cid] = &page.conversations[..] else { panic!() };
    assert_eq!(
        (bob.unread, bob.my_read_seq, bob.peer_read_seq, bob.peer_delivered_seq),
        (1, 2, 1, 1)
    );
    let last = bob.last_message.as_ref().unwrap();
    assert_eq!(
        (last.seq, last.body.as_str(), last.sender_id.as_str()),
        (3, "message 4", "bob")
    );
    assert_eq!(bob.peer.name.as_deref(), Some("Bob"), "of one's own tenant");
    assert_eq!(bob.peer.last_seen_at.unwrap().to_string(), "2026-01-02T03:04:05.678Z");
    assert_eq!(
        (cid.unread, cid.peer.name.as_deref(), cid.peer.kind),
        (1, None, Kind::Tenant)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_meet_without_a_gap_and_a_foreign_cursor_is_refused() {
    let server = database().await;
    let chat = Chat::start(&server);
    // All in one batch, so all at one time: the id decides.
    let sends: Vec<_> = (0..25)
        .map(|peer| chat.submit(send("acme", "ann", &format!("peer{peer:02}")), "hi", &format!("{peer}")))
        .collect();
    assert!(join_all(sends).await.iter().all(Result::is_ok));
    let mut listed = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let page = list(&chat, "acme", "ann", cursor.as_deref(), Some(10)).await;
        listed.extend(peers(&page).into_iter().map(str::to_owned));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    listed.sort();
    assert_eq!(listed, (0..25).map(|peer| format!("peer{peer:02}")).collect::<Vec<_>>());
    let caller = Caller {
        user: &user("ann"),
        realm: &realm("acme"),
    };
    for cursor in [
        "",
        "x",
        "1:2",
        "99999999999999999:acme:a:b",
        "-1:acme:a:b",
        "-8300000000000000:acme:a:b",
        "8200000000000000:acme:a:b",
    ] {
        let error = chat
            .service
            .conversations(caller, Some(cursor), None)
            .await
            .unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidPayload, "{cursor}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_are_shown_to_a_tenant_by_name_alone_and_other_tenants_not_at_all() {
    let server = database().await;
    let chat = Chat::start(&server);
    server.sql(r#"insert into realtime."ChatUser" values ('mia', '', 'Mia', 'manage', now())"#);
    server.sql(
        r#"insert into realtime."ChatConversation" (id, "tenantId", "userA", "userB", "lastSeq", "lastMessageAt") values
           ('acme:ann:mia', 'acme', 'ann', 'mia', 1, now()), ('other:ann:mia', 'other', 'ann', 'mia', 1, now())"#,
    );
    let page = list(&chat, "acme", "ann", None, None).await;
    let [only] = &page.conversations[..] else {
        panic!("{page:?}")
    };
    assert_eq!(only.conversation_id.as_str(), "acme:ann:mia");
    assert_eq!(
        (only.peer.name.as_deref(), only.peer.kind, only.peer.last_seen_at),
        (Some("Mia"), Kind::Manage, None)
    );
    assert_eq!(only.last_message, None, "it has been pruned");

    let staff = list(&chat, "", "mia", None, None).await;
    let mut tenants: Vec<_> = staff
        .conversations
        .iter()
        .map(|entry| entry.peer.tenant_id.as_ref().map(TenantId::as_str))
        .collect();
    tenants.sort_unstable();
    assert_eq!(tenants, [Some("acme"), Some("other")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn unread_messages_of_many_are_counted_for_each_in_their_own_scope() {
    let server = database().await;
    let chat = Chat::start(&server);
    for (tenant, to, name) in [
        ("acme", "bob", "1"),
        ("acme", "bob", "2"),
        ("acme", "cid", "3"),
        ("other", "bob", "4"),
    ] {
        chat.submit(send(tenant, "ann", to), "hi", name).await.unwrap();
    }
    let (acme, other, staff) = (realm("acme"), realm("other"), realm(""));
    let asked = [
        (&acme, "bob", 2),
        (&other, "bob", 1),
        (&staff, "bob", 3),
        (&acme, "cid", 1),
        (&acme, "ann", 0),
    ];
    let counts = join_all(asked.map(|(realm, who, _)| {
        let service = chat.service.clone();
        async move {
            service
                .unread_total(Caller {
                    user: &user(who),
                    realm,
                })
                .await
                .unwrap()
        }
    }));
    assert_eq!(counts.await, asked.map(|(_, _, unread)| unread));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_first_message_leaves_no_conversation_to_be_seen() {
    let server = database().await;
    let chat = Chat::start(&server);
    chat.submit(send("acme", "ann", "bob"), "hi", "m1").await.unwrap();
    // The name is taken, so nothing is said to Cid, who must not hear of it either.
    let refused = chat.submit(send("acme", "ann", "cid"), "hi", "m1").await;
    assert_eq!(code(refused), ErrorCode::InvalidPayload);
    assert_eq!(peers(&list(&chat, "acme", "ann", None, None).await), ["bob"]);
    assert_eq!(peers(&list(&chat, "acme", "cid", None, None).await), [""; 0]);
    for others in ["all", "none"] {
        let request = format!(r#"{{"since":{{"acme:ann:cid":0}},"others":"{others}"}}"#);
        let caller = Caller {
            user: &user("cid"),
            realm: &realm("acme"),
        };
        let page = chat
            .service
            .sync(caller, &serde_json::from_str(&request).unwrap())
            .await
            .unwrap();
        assert!(page.messages.is_empty() && page.reads.is_empty(), "{others}");
    }
}
