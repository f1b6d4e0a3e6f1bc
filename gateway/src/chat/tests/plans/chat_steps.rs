//! What users of the town do in their conversations. Each step names what its statements may read.

use futures_util::future::join_all;
use serde_json::json;
use shared_protocol::events::SyncRequest;

use super::super::{read, realm, send, user};
use super::town::{BATCH, Limits, Town, peer};
use crate::hub::SocketId;
use crate::reach::Caller;

/// Conversations of one user at most: u25000 has 5,001 in each tenant, and an index knows no tenants.
const OWN: u64 = 10_002;
/// What waits at most in a conversation of 16 messages, and its last message.
const WAITING: u64 = 17;

pub(super) async fn read_history(town: &mut Town) {
    let readable = read("acme", "u25000", "u25001");
    let limits = Limits {
        messages: 201,
        ..Limits::NONE
    };
    for (before, after) in [
        (None, None),
        (Some(40_000), None),
        (Some(100), None),
        (None, Some(40_000)),
        (None, Some(0)),
        (Some(30_000), Some(10_000)),
    ] {
        town.step(
            &format!("history before {before:?} after {after:?}"),
            limits,
            async |chat, _| chat.service.history(&readable, before, after, Some(200)).await.unwrap(),
        )
        .await;
    }
}

pub(super) async fn list_conversations(town: &mut Town) {
    for (tenant, who) in [
        ("acme", "u25000"),
        ("globex", "u25000"),
        ("", "s-mo"),
        ("acme", "u00000"),
    ] {
        let (home, who) = (realm(tenant), user(who));
        let caller = Caller {
            user: &who,
            realm: &home,
        };
        let limits = Limits {
            messages: 101 * WAITING,
            conversations: OWN,
            users: 101 * 3,
            ..Limits::NONE
        };
        let mut cursor = None;
        for page in 1..=3 {
            let listed = town
                .step(
                    &format!("page {page} of {}'s list", who.as_str()),
                    limits,
                    async |chat, _| {
                        chat.service
                            .conversations(caller, cursor.as_deref(), Some(100))
                            .await
                            .unwrap()
                    },
                )
                .await;
            cursor = listed.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
    }
}

pub(super) async fn sync(town: &mut Town) {
    let (acme, busy) = (realm("acme"), user("u25000"));
    let caller = Caller {
        user: &busy,
        realm: &acme,
    };
    let held = |since: i64| -> serde_json::Map<String, serde_json::Value> {
        (0..500)
            .map(|turn| (format!("acme:u25000:{}", peer(25_001 + turn)), json!(since)))
            .collect()
    };
    for (name, request, conversations) in [
        ("everything", json!({ "since": {}, "limit": 1000 }), OWN),
        (
            "a long conversation's rest",
            json!({ "since": { "acme:u25000:u25001": 100 }, "limit": 1000 }),
            OWN,
        ),
        (
            "nothing but what is named",
            json!({ "since": held(10), "others": "none", "limit": 1000 }),
            OWN,
        ),
        (
            "what is named and the others",
            json!({ "since": held(16), "limit": 1000 }),
            OWN,
        ),
        (
            "what came since a moment",
            json!({ "since": {}, "others": "2026-11-15T00:00:00.000Z", "limit": 1000 }),
            OWN,
        ),
    ] {
        let request: SyncRequest = serde_json::from_value(request).unwrap();
        let limits = Limits {
            // A page, one more of each conversation, and as much again where a conversation holds less than its numbers promise.
            messages: 3 * 1_001,
            conversations,
            ..Limits::NONE
        };
        town.step(&format!("sync of {name}"), limits, async |chat, _| {
            chat.service.sync(caller, &request).await.unwrap()
        })
        .await;
    }
}

pub(super) async fn raise_marks(town: &mut Town) {
    let socket = SocketId::random();
    let one = Limits {
        messages: 5,
        conversations: 3,
        written: 1,
        ..Limits::NONE
    };
    let readable = read("acme", "u25000", "u25001");
    town.step("one read mark", one, async |chat, _| {
        chat.service.read(&readable, 50_014, &socket).await.unwrap()
    })
    .await;
    town.step("one delivered mark", one, async |chat, _| {
        chat.service.delivered(&readable, 50_015, &socket).await.unwrap()
    })
    .await;
    let many = Limits {
        messages: BATCH * WAITING,
        conversations: 3 * BATCH,
        written: BATCH,
        ..Limits::NONE
    };
    let readables: Vec<_> = (0..BATCH)
        .map(|turn| read("acme", "u25000", &peer(25_100 + turn)))
        .collect();
    town.step("many read marks", many, async |chat, _| {
        join_all(
            readables
                .iter()
                .map(|readable| chat.service.read(readable, 14, &socket)),
        )
        .await
    })
    .await;
}

pub(super) async fn count_unread(town: &mut Town) {
    let acme = realm("acme");
    let total = Limits {
        messages: OWN * WAITING / 2,
        conversations: OWN,
        ..Limits::NONE
    };
    for (tenant, who) in [("acme", "u25000"), ("", "s-mo")] {
        let (home, who) = (realm(tenant), user(who));
        let caller = Caller {
            user: &who,
            realm: &home,
        };
        town.step("what waits for one", total, async |chat, _| {
            chat.service.unread_total(caller).await.unwrap()
        })
        .await;
    }
    let users: Vec<_> = (0..BATCH).map(|turn| user(&peer(turn))).collect();
    let storm = Limits {
        messages: BATCH * 4 * WAITING,
        conversations: BATCH * 4,
        ..Limits::NONE
    };
    town.step("what waits for many", storm, async |chat, _| {
        let callers = users.iter().map(|who| Caller {
            user: who,
            realm: &acme,
        });
        join_all(callers.map(|caller| chat.service.unread_total(caller))).await
    })
    .await;
}

pub(super) async fn send_messages(town: &mut Town) {
    let one = Limits {
        messages: 2,
        conversations: 2,
        written: 2,
        ..Limits::NONE
    };
    // The plans of a function are kept from the sixth call on.
    for turn in 0..8 {
        town.step("one message", one, async |chat, _| {
            chat.submit(send("acme", "u25000", "u25001"), "hi", &format!("one-{turn}"))
                .await
                .unwrap();
        })
        .await;
    }
    town.step("a resend", one, async |chat, _| {
        chat.submit(send("acme", "u25000", "u25001"), "hi", "one-1")
            .await
            .unwrap();
    })
    .await;
    let batch = Limits {
        messages: 2 * BATCH,
        conversations: 3 * BATCH,
        written: 2 * BATCH,
        ..Limits::NONE
    };
    for turn in 0..3 {
        town.step("a batch", batch, async |chat, _| {
            let sends = (0..BATCH).map(|place| {
                // Every other one begins a conversation.
                let to = peer(if place % 2 == 0 {
                    25_100 + place
                } else {
                    30_000 + place + turn * BATCH
                });
                chat.submit(send("acme", "u25000", &to), "hi", &format!("batch-{turn}-{place}"))
            });
            assert!(join_all(sends).await.iter().all(Result::is_ok));
        })
        .await;
    }
}
