//! Guarantees 1, 2 and 4: stored once, numbered without a gap, batches in which a bad message fails alone.

use futures_util::future::join_all;
use shared_protocol::events::ErrorCode;

use super::{Chat, code, database, send};

#[tokio::test(flavor = "multi_thread")]
async fn resend_stores_one_row_and_returns_the_first() {
    let server = database().await;
    let chat = Chat::start(&server);
    let first = chat.submit(send("acme", "ann", "bob"), "one", "m1").await.unwrap();
    let again = chat
        .submit(send("acme", "ann", "bob"), "another body", "m1")
        .await
        .unwrap();
    assert!(first.fresh && !again.fresh);
    assert_eq!(again.message, first.message);
    assert_eq!((first.message.seq, first.message.body.as_str()), (1, "one"));
    assert_eq!(
        server.sql(r#"select count(*), max(seq) from realtime."ChatMessage""#),
        "1|1"
    );
    assert_eq!(chat.announced_seqs("acme:ann:bob"), [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_copies_at_once_through_two_gateways_give_one_row() {
    let server = database().await;
    let gateways = [Chat::start(&server), Chat::start(&server)];
    let copies = (0..50).map(|copy| gateways[copy % 2].submit(send("acme", "ann", "bob"), "one", "m1"));
    let stored: Vec<_> = join_all(copies).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(stored.iter().filter(|stored| stored.fresh).count(), 1);
    assert!(stored.iter().all(|one| one.message == stored[0].message));
    assert_eq!(
        server.sql(r#"select count(*), max(seq) from realtime."ChatMessage""#),
        "1|1"
    );
    let announced: usize = gateways
        .iter()
        .map(|chat| chat.announced_seqs("acme:ann:bob").len())
        .sum();
    assert_eq!(announced, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_have_no_gap_under_200_sends_by_two_gateways() {
    let server = database().await;
    let gateways = [Chat::start(&server), Chat::start(&server)];
    // Both sides, both gateways, and a second conversation that shares a user, so that batches overlap.
    let sends = (0..200).map(|turn| {
        let (from, to) = [("ann", "bob"), ("bob", "ann"), ("ann", "cid"), ("cid", "bob")][turn % 4];
        gateways[(turn / 4) % 2].submit(send("acme", from, to), "hi", &format!("m{turn}"))
    });
    let stored: Vec<_> = join_all(sends).await.into_iter().map(Result::unwrap).collect();
    assert!(stored.iter().all(|one| one.fresh));
    assert_eq!(
        server.sql(
            r#"select "conversationId", count(*), min(seq), max(seq), count(distinct seq)
               from realtime."ChatMessage" group by 1 order by 1"#
        ),
        "acme:ann:bob|100|1|100|100\nacme:ann:cid|50|1|50|50\nacme:bob:cid|50|1|50|50"
    );
    for chat in &gateways {
        let announced = chat.announced_seqs("acme:ann:bob");
        assert!(announced.is_sorted(), "published out of order: {announced:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sends_of_one_socket_keep_their_order() {
    let server = database().await;
    let chat = Chat::start(&server);
    let sends = (0..600).map(|turn| chat.submit(send("acme", "ann", "bob"), "hi", &format!("m{turn}")));
    let seqs: Vec<i64> = join_all(sends.collect::<Vec<_>>())
        .await
        .into_iter()
        .map(|stored| stored.unwrap().message.seq)
        .collect();
    assert_eq!(seqs, (1..=600).collect::<Vec<_>>());
    assert_eq!(chat.announced_seqs("acme:ann:bob"), seqs);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_name_for_another_recipient_is_refused() {
    let server = database().await;
    let chat = Chat::start(&server);
    chat.submit(send("acme", "ann", "bob"), "one", "m1").await.unwrap();
    let later = chat.submit(send("acme", "ann", "cid"), "one", "m1").await;
    assert_eq!(code(later), ErrorCode::InvalidPayload);
    // In one batch, too.
    let (first, second) = tokio::join!(
        chat.submit(send("acme", "ann", "bob"), "two", "m2"),
        chat.submit(send("acme", "ann", "cid"), "two", "m2"),
    );
    assert!(first.is_ok());
    assert_eq!(code(second), ErrorCode::InvalidPayload);
    assert_eq!(server.sql(r#"select count(*) from realtime."ChatMessage""#), "2");
    assert_eq!(
        server.sql(r#"select count(*) from realtime."ChatConversation" where "lastSeq" > 0"#),
        "1"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rightful_resend_does_not_suffer_for_a_wrong_one_in_its_batch() {
    let server = database().await;
    let chat = Chat::start(&server);
    let stored = chat.submit(send("acme", "ann", "bob"), "one", "m1").await.unwrap();
    for _ in 0..20 {
        let (wrong, dan, right) = tokio::join!(
            chat.submit(send("acme", "ann", "cid"), "one", "m1"),
            chat.submit(send("acme", "ann", "dan"), "one", "m1"),
            chat.submit(send("acme", "ann", "bob"), "one", "m1"),
        );
        assert_eq!(code(wrong), ErrorCode::InvalidPayload);
        assert_eq!(code(dan), ErrorCode::InvalidPayload);
        assert_eq!(right.unwrap().message, stored.message);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_used_in_another_tenant_shows_nothing_of_it() {
    let server = database().await;
    let chat = Chat::start(&server);
    chat.submit(send("acme", "42", "43"), "secret", "m1").await.unwrap();
    let other = chat.submit(send("globex", "42", "43"), "hello", "m1").await;
    assert_eq!(code(other), ErrorCode::InvalidPayload);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_row_fails_alone() {
    let server = database().await;
    server.sql(
        r#"create function refuse() returns trigger language plpgsql as $$
           begin if new.body = 'poison' then raise exception 'refused'; end if; return new; end $$;
           create trigger refuse before insert on realtime."ChatMessage" for each row execute function refuse()"#,
    );
    let chat = Chat::start(&server);
    let sends = (0..100).map(|turn| {
        let body = if turn == 37 { "poison" } else { "fine" };
        chat.submit(send("acme", "ann", "bob"), body, &format!("m{turn}"))
    });
    let outcomes = join_all(sends.collect::<Vec<_>>()).await;
    let mut seqs = Vec::new();
    for (turn, outcome) in outcomes.into_iter().enumerate() {
        match outcome {
            Ok(stored) => seqs.push(stored.message.seq),
            Err(error) => assert_eq!((turn, error.code), (37, ErrorCode::Internal)),
        }
    }
    assert_eq!(seqs, (1..=99).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ack_comes_after_the_commit_and_the_announcement() {
    let server = database().await;
    let chat = Chat::start(&server);
    for turn in 0..20 {
        let stored = chat
            .submit(send("acme", "ann", "bob"), "hi", &format!("m{turn}"))
            .await
            .unwrap();
        let found = server.sql(&format!(
            r#"select seq from realtime."ChatMessage" where id = '{}'"#,
            stored.message.id
        ));
        assert_eq!(found, stored.message.seq.to_string());
        assert_eq!(chat.announced_seqs("acme:ann:bob").last(), Some(&stored.message.seq));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_acked_while_the_commit_is_held_up() {
    let server = database().await;
    let chat = Chat::start(&server);
    chat.submit(send("acme", "ann", "bob"), "hi", "m1").await.unwrap();
    // Another session holds the conversation's row.
    let mut holder = std::process::Command::new("psql")
        .args(["-XqAt", "-d", &server.url()])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = holder.stdin.take().unwrap();
    std::io::Write::write_all(
        &mut input,
        b"begin; select 1 from realtime.\"ChatConversation\" for update;\n\\echo locked\n",
    )
    .unwrap();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(holder.stdout.take().unwrap()));
    assert!(lines.any(|line| line.unwrap() == "locked"));

    let mut pending = chat.submit(send("acme", "ann", "bob"), "hi", "m2");
    let waiting = "select count(*) from pg_stat_activity where wait_event_type = 'Lock'";
    while server.sql(waiting) == "0" {
        tokio::task::yield_now().await;
    }
    assert!(futures_util::poll!(&mut pending).is_pending());
    assert_eq!(chat.announced_seqs("acme:ann:bob"), [1]);
    std::io::Write::write_all(&mut input, b"commit;\n").unwrap();
    assert_eq!(pending.await.unwrap().message.seq, 2);
    drop(input);
    holder.wait().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopping_writer_writes_what_is_queued() {
    let server = database().await;
    let mut chat = Chat::start(&server);
    let sends: Vec<_> = (0..300)
        .map(|turn| chat.submit(send("acme", "ann", "bob"), "hi", &format!("m{turn}")))
        .collect();
    chat.stop.cancel();
    assert!(join_all(sends).await.iter().all(Result::is_ok));
    chat.writer.join_next().await.unwrap().unwrap();
    let late = chat.submit(send("acme", "ann", "bob"), "hi", "late").await;
    assert_eq!(code(late), ErrorCode::Unavailable);
}
