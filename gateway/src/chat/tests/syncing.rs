//! `sync`: complete, bounded, and within the caller's scope.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use serde_json::{Value, json};
use shared_protocol::events::limits::REPLY_BYTES_MAX;
use shared_protocol::events::{AckError, ErrorCode, SyncPage};

use super::{Chat, database, realm, send, user};
use crate::reach::Caller;

async fn sync(chat: &Chat, tenant: &str, who: &str, request: Value) -> Result<SyncPage, AckError> {
    let request = serde_json::from_value(request).unwrap();
    let realm = realm(tenant);
    let caller = Caller {
        user: &user(who),
        realm: &realm,
    };
    chat.service.sync(caller, &request).await
}

async fn write(chat: &Chat, tenant: &str, from: &str, to: &str, count: usize) {
    let sends: Vec<_> = (0..count)
        .map(|turn| chat.submit(send(tenant, from, to), "hi", &format!("{tenant}-{to}-{turn}")))
        .collect();
    assert!(join_all(sends).await.iter().all(Result::is_ok));
}

/// Numbers by conversation, in the page's order.
fn numbers(page: &SyncPage) -> BTreeMap<String, Vec<i64>> {
    let mut numbers = BTreeMap::<String, Vec<i64>>::new();
    for message in &page.messages {
        numbers
            .entry(message.conversation_id.to_string())
            .or_default()
            .push(message.seq);
    }
    numbers
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_calls_again_ends_with_what_the_table_holds() {
    let server = database().await;
    let chat = Chat::start(&server);
    for (peer, count) in [("bob", 30), ("cid", 7), ("dan", 1), ("eve", 55)] {
        write(&chat, "acme", "ann", peer, count).await;
    }
    let mut held = BTreeMap::from([("acme:ann:bob".to_owned(), 10_i64)]);
    let mut got = BTreeMap::<String, Vec<i64>>::new();
    for call in 0.. {
        assert!(call < 20, "no end");
        let page = sync(&chat, "acme", "ann", json!({ "since": held, "limit": 9 }))
            .await
            .unwrap();
        assert!(page.messages.len() <= 9);
        for (conversation, seqs) in numbers(&page) {
            assert!(page.reads.keys().any(|known| known.as_str() == conversation));
            held.insert(conversation.clone(), *seqs.last().unwrap());
            got.entry(conversation).or_default().extend(seqs);
        }
        if !page.has_more {
            break;
        }
    }
    let expected = [("bob", 11, 30), ("cid", 1, 7), ("dan", 1, 1), ("eve", 1, 55)];
    let expected = expected.map(|(peer, from, to)| (format!("acme:ann:{peer}"), (from..=to).collect::<Vec<i64>>()));
    assert_eq!(got, BTreeMap::from(expected));
}

#[tokio::test(flavor = "multi_thread")]
async fn others_may_be_left_out_or_cut_by_time() {
    let server = database().await;
    let chat = Chat::start(&server);
    write(&chat, "acme", "ann", "bob", 3).await;
    write(&chat, "acme", "ann", "cid", 3).await;
    server.sql(
        r#"update realtime."ChatMessage" set "createdAt" = '2020-01-01T00:00:00Z' where seq < 3;
           update realtime."ChatConversation" set "lastMessageAt" = '2020-01-01T00:00:00Z' where id = 'acme:ann:bob';
           update realtime."ChatMessage" set "createdAt" = '2020-01-01T00:00:00Z' where "recipientId" = 'bob'"#,
    );
    let since = json!({ "acme:ann:cid": 3 });
    let none = sync(&chat, "acme", "ann", json!({ "since": since, "others": "none" }))
        .await
        .unwrap();
    assert_eq!(numbers(&none), BTreeMap::new());
    assert_eq!(none.reads.len(), 1);
    let none = sync(
        &chat,
        "acme",
        "ann",
        json!({ "since": { "acme:ann:cid": 1 }, "others": "none" }),
    )
    .await;
    assert_eq!(
        numbers(&none.unwrap()),
        BTreeMap::from([("acme:ann:cid".into(), vec![2, 3])])
    );
    let time = sync(
        &chat,
        "acme",
        "ann",
        json!({ "since": {}, "others": "2021-01-01T00:00:00Z" }),
    )
    .await
    .unwrap();
    assert_eq!(numbers(&time), BTreeMap::from([("acme:ann:cid".into(), vec![3])]));
    let all = sync(&chat, "acme", "ann", json!({ "since": since })).await.unwrap();
    assert_eq!(numbers(&all), BTreeMap::from([("acme:ann:bob".into(), vec![1, 2, 3])]));
    assert!(!all.has_more);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_user_ids_in_two_tenants_stay_apart() {
    let server = database().await;
    let chat = Chat::start(&server);
    write(&chat, "acme", "1", "2", 2).await;
    write(&chat, "globex", "1", "2", 3).await;
    for (tenant, other, count) in [("acme", "globex", 2), ("globex", "acme", 3)] {
        // Named or not, what is of the other tenant does not come.
        for request in [
            json!({ "since": {} }),
            json!({ "since": { (format!("{other}:1:2")): 0 } }),
            json!({ "since": { (format!("{other}:1:2")): 0, (format!("{tenant}:1:2")): 0 }, "others": "none" }),
        ] {
            let page = sync(&chat, tenant, "1", request).await.unwrap();
            let expected = BTreeMap::from([(format!("{tenant}:1:2"), (1..=count).collect::<Vec<i64>>())]);
            assert_eq!(numbers(&page), expected);
            assert!(page.reads.keys().all(|id| id.tenant() == Some(tenant)));
        }
    }
    // Staff of that id see all of their own.
    let page = sync(&chat, "", "1", json!({ "since": {} })).await.unwrap();
    assert_eq!(numbers(&page).len(), 2);
    // A third user sees none of it by naming it.
    let page = sync(&chat, "acme", "3", json!({ "since": { "acme:1:2": 0, "nonsense": 1 } }))
        .await
        .unwrap();
    assert!(page.messages.is_empty() && page.reads.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn sync_out_of_range_names_the_field() {
    let server = database().await;
    let chat = Chat::start(&server);
    let many: BTreeMap<String, i64> = (0..501).map(|turn| (format!("acme:a:b{turn}"), 0)).collect();
    for (request, field) in [
        (json!({ "since": many }), "since"),
        (json!({ "since": { "acme:a:b": -1 } }), "since"),
        (json!({ "since": {}, "limit": 0 }), "limit"),
        (json!({ "since": {}, "limit": 1001 }), "limit"),
    ] {
        let error = sync(&chat, "acme", "a", request).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidPayload);
        assert!(error.message.starts_with(field), "{}", error.message);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pruned_conversation_neither_hides_the_next_one_nor_asks_for_ever() {
    let server = database().await;
    let chat = Chat::start(&server);
    write(&chat, "acme", "ann", "bob", 50).await;
    write(&chat, "acme", "ann", "cid", 5).await;
    server.sql(r#"delete from realtime."ChatMessage" where "recipientId" = 'bob'"#);
    let request = json!({ "since": { "acme:ann:bob": 0 }, "limit": 3 });
    let page = sync(&chat, "acme", "ann", request).await.unwrap();
    assert_eq!(numbers(&page), BTreeMap::from([("acme:ann:cid".into(), vec![1, 2, 3])]));
    assert!(page.has_more);
    let request = json!({ "since": { "acme:ann:bob": 0 }, "others": "none" });
    let page = sync(&chat, "acme", "ann", request).await.unwrap();
    assert!(page.messages.is_empty() && !page.has_more);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_page_ends_early_rather_than_grow_beyond_a_reply() {
    let server = database().await;
    let chat = Chat::start(&server);
    let body = "\u{1}".repeat(4000);
    let sends: Vec<_> = (0..60)
        .map(|turn| {
            chat.submit(
                send("acme", "ann", &format!("peer{}", turn % 7)),
                &body,
                &format!("m{turn}"),
            )
        })
        .collect();
    assert!(join_all(sends).await.iter().all(Result::is_ok));
    let page = sync(&chat, "acme", "ann", json!({ "since": {} })).await.unwrap();
    assert!(page.has_more);
    let bytes = serde_json::to_vec(&page).unwrap().len();
    assert!(bytes <= REPLY_BYTES_MAX && bytes > REPLY_BYTES_MAX * 9 / 10, "{bytes}");
}
