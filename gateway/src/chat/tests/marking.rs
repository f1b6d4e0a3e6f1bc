//! Read and delivered marks.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use shared_protocol::events::{DeliveredAnswer, ErrorCode, ReadAnswer};

use super::{Chat, code, database, read, send};
use crate::chat::MarkKind;
use crate::hub::SocketId;

async fn with_messages(chat: &Chat, count: usize) {
    let sends: Vec<_> = (0..count)
        .map(|turn| chat.submit(send("acme", "ann", "bob"), "hi", &format!("m{turn}")))
        .collect();
    assert!(join_all(sends).await.iter().all(Result::is_ok));
}

/// Numbers to which marks of that kind rose, in the order of telling.
fn risen(chat: &Chat, kind: MarkKind) -> Vec<i64> {
    let risen = chat.risen.lock().unwrap();
    risen
        .iter()
        .filter(|mark| mark.kind == kind)
        .map(|mark| mark.up_to_seq)
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn marks_rise_up_to_the_last_message_and_never_fall() {
    let server = database().await;
    let chat = Chat::start(&server);
    with_messages(&chat, 5).await;
    let (bobs, socket) = (read("acme", "bob", "ann"), SocketId::random());
    for (said, up_to_seq, unread) in [(2, 2, 3), (1, 2, 3), (0, 2, 3), (2, 2, 3), (99, 5, 0), (5, 5, 0)] {
        let answer = chat.service.read(&bobs, said, &socket).await.unwrap();
        assert_eq!(answer, ReadAnswer { up_to_seq, unread }, "said {said}");
    }
    let delivered = chat.service.delivered(&bobs, i64::MAX, &socket).await.unwrap();
    assert_eq!(delivered, DeliveredAnswer { up_to_seq: 5 });
    assert_eq!(risen(&chat, MarkKind::Read), [2, 5], "told only when it rose");
    assert_eq!(risen(&chat, MarkKind::Delivered), [5]);

    // Ann's own marks are hers, and what she wrote herself is nothing unread.
    let anns = read("acme", "ann", "bob");
    let answer = chat.service.read(&anns, 1, &socket).await.unwrap();
    assert_eq!(
        answer,
        ReadAnswer {
            up_to_seq: 1,
            unread: 0
        }
    );
    assert_eq!(
        server
            .sql(r#"select "readSeqA", "readSeqB", "deliveredSeqA", "deliveredSeqB" from realtime."ChatConversation""#),
        "1|5|0|5"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mark_without_a_conversation_is_zero_and_a_negative_one_is_refused() {
    let server = database().await;
    let chat = Chat::start(&server);
    let (bobs, socket) = (read("acme", "bob", "ann"), SocketId::random());
    let answer = chat.service.read(&bobs, 3, &socket).await.unwrap();
    assert_eq!(
        answer,
        ReadAnswer {
            up_to_seq: 0,
            unread: 0
        }
    );
    let error = chat.service.delivered(&bobs, -1, &socket).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::InvalidPayload);
    assert!(error.message.starts_with("upToSeq"));
    assert!(chat.risen.lock().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn marks_said_at_once_on_two_instances_are_told_once_each_and_only_upwards() {
    let server = database().await;
    let chats = [Chat::start(&server), Chat::start(&server)];
    with_messages(&chats[0], 200).await;
    let (bobs, anns, socket) = (
        read("acme", "bob", "ann"),
        read("acme", "ann", "bob"),
        SocketId::random(),
    );
    let (bobs, anns, socket) = (&bobs, &anns, &socket);
    let said = (1..=200).map(|seq| {
        // From both ends, so that most of what is said is old news.
        let seq = if seq % 2 == 0 { seq } else { 201 - seq };
        let chat = &chats[usize::from(seq % 3 == 0)].service;
        async move {
            let (bob, ann) = tokio::join!(chat.read(bobs, seq, socket), chat.read(anns, seq, socket));
            assert!(bob.unwrap().up_to_seq >= seq && ann.unwrap().up_to_seq >= seq);
        }
    });
    join_all(said).await;
    assert_eq!(
        server.sql(r#"select "readSeqA", "readSeqB" from realtime."ChatConversation""#),
        "200|200"
    );
    for by in ["ann", "bob"] {
        let mut all = Vec::new();
        for chat in &chats {
            let risen = chat.risen.lock().unwrap();
            let seqs: Vec<i64> = risen
                .iter()
                .filter(|mark| mark.by.as_str() == by)
                .map(|mark| mark.up_to_seq)
                .collect();
            assert!(seqs.is_sorted(), "one instance tells them upwards: {seqs:?}");
            all.extend(seqs);
        }
        all.sort_unstable();
        let told = all.len();
        all.dedup();
        assert_eq!(told, all.len(), "whoever raised it tells it, and nobody else");
        assert_eq!(all.last(), Some(&200));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn marks_are_unavailable_in_time_while_postgres_hangs() {
    let server = database().await;
    let chat = Chat::start(&server);
    with_messages(&chat, 1).await;
    let (bobs, socket) = (read("acme", "bob", "ann"), SocketId::random());
    server.pause();
    let asked = Instant::now();
    // More than one batch: those behind the one that hangs must not wait longer.
    let said = join_all((0..600).map(|_| chat.service.read(&bobs, 1, &socket))).await;
    assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
    assert!(said.into_iter().all(|said| code(said) == ErrorCode::Unavailable));
    server.resume();
    let answer = loop {
        match chat.service.read(&bobs, 1, &socket).await {
            Ok(answer) => break answer,
            Err(error) => assert_eq!(error.code, ErrorCode::Unavailable),
        }
    };
    assert_eq!(
        answer,
        ReadAnswer {
            up_to_seq: 1,
            unread: 0
        }
    );
}
