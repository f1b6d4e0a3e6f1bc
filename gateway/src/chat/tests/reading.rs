//! `message:history` and the unread count.

use futures_util::future::join_all;
use shared_protocol::events::limits::REPLY_BYTES_MAX;
use shared_protocol::events::{ErrorCode, HistoryPage, UserId};

use super::{Chat, database, read, realm, send, user};
use crate::reach::Caller;

fn seqs(page: &HistoryPage) -> Vec<i64> {
    page.messages.iter().map(|message| message.seq).collect()
}

async fn with_messages(chat: &Chat, count: usize, body: &str) {
    let sends: Vec<_> = (0..count)
        .map(|turn| chat.submit(send("acme", "ann", "bob"), body, &format!("m{turn}")))
        .collect();
    assert!(join_all(sends).await.iter().all(Result::is_ok));
}

#[tokio::test(flavor = "multi_thread")]
async fn history_pages_meet_without_a_gap() {
    let server = database().await;
    let chat = Chat::start(&server);
    with_messages(&chat, 120, "hi").await;
    let readable = read("acme", "bob", "ann");
    let page = async |before, after, limit| {
        let page = chat.service.history(&readable, before, after, limit).await.unwrap();
        (seqs(&page), page.has_more)
    };
    let from_to = |from: i64, to: i64| (from..=to).collect::<Vec<_>>();
    assert_eq!(page(None, None, None).await, (from_to(71, 120), true));
    assert_eq!(page(Some(71), None, None).await, (from_to(21, 70), true));
    assert_eq!(page(Some(21), None, None).await, (from_to(1, 20), false));
    assert_eq!(page(Some(21), None, Some(20)).await, (from_to(1, 20), false));
    assert_eq!(page(None, Some(0), Some(3)).await, (from_to(1, 3), true));
    assert_eq!(page(None, Some(118), Some(3)).await, (from_to(119, 120), false));
    assert_eq!(page(Some(14), Some(10), None).await, (from_to(11, 13), false));
    assert_eq!(page(Some(14), Some(10), Some(2)).await, (from_to(11, 12), true));
    assert_eq!(page(Some(5), Some(5), None).await, (vec![], false));
    assert_eq!(page(Some(1), None, None).await, (vec![], false));
}

#[tokio::test(flavor = "multi_thread")]
async fn history_out_of_range_names_the_field() {
    let server = database().await;
    let chat = Chat::start(&server);
    let readable = read("acme", "bob", "ann");
    for (before, after, limit, field) in [
        (None, None, Some(0), "limit"),
        (None, None, Some(201), "limit"),
        (Some(-1), None, None, "beforeSeq"),
        (None, Some(-1), None, "afterSeq"),
    ] {
        let error = chat.service.history(&readable, before, after, limit).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidPayload);
        assert!(error.message.starts_with(field), "{}", error.message);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_that_does_not_exist_yet_is_empty() {
    let server = database().await;
    let chat = Chat::start(&server);
    let page = chat
        .service
        .history(&read("acme", "bob", "ann"), None, None, None)
        .await;
    let page = page.unwrap();
    assert!(page.messages.is_empty() && !page.has_more);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_ends_early_rather_than_grow_beyond_a_reply() {
    let server = database().await;
    let chat = Chat::start(&server);
    with_messages(&chat, 100, &"\u{1}".repeat(4000)).await;
    let readable = read("acme", "bob", "ann");
    let page = chat.service.history(&readable, None, None, Some(100)).await.unwrap();
    assert!(page.has_more);
    assert_eq!(seqs(&page).last(), Some(&100));
    let bytes = serde_json::to_vec(&page).unwrap().len();
    assert!(bytes <= REPLY_BYTES_MAX && bytes > REPLY_BYTES_MAX * 9 / 10, "{bytes}");
}

#[tokio::test(flavor = "multi_thread")]
async fn unread_counts_what_others_wrote_in_scope() {
    let server = database().await;
    let chat = Chat::start(&server);
    with_messages(&chat, 3, "hi").await;
    chat.submit(send("acme", "bob", "ann"), "answer", "a").await.unwrap();
    chat.submit(send("acme", "cid", "bob"), "hi", "c").await.unwrap();
    chat.submit(send("globex", "dan", "bob"), "hi", "d").await.unwrap();
    let unread = async |id: &UserId, tenant: &str| {
        let realm = realm(tenant);
        chat.service
            .unread_total(Caller {
                user: id,
                realm: &realm,
            })
            .await
            .unwrap()
    };
    assert_eq!(unread(&user("bob"), "acme").await, 4);
    assert_eq!(unread(&user("bob"), "globex").await, 1);
    assert_eq!(unread(&user("ann"), "acme").await, 1);
    assert_eq!(unread(&user("eve"), "acme").await, 0);
    server.sql(r#"update realtime."ChatConversation" set "readSeqB" = 2 where id = 'acme:ann:bob'"#);
    assert_eq!(unread(&user("bob"), "acme").await, 2);
}
