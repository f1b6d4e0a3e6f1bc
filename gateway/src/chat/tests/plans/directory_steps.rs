//! What users of the town do with the directory. Each step names what its statements may read.

use futures_util::future::join_all;
use serde_json::json;
use shared_protocol::events::Timestamp;

use super::super::{realm, user};
use super::town::{BATCH, Limits, Town, peer};
use crate::reach::Caller;

pub(super) async fn look_users_up(town: &mut Town) {
    let (acme, one, staff) = (realm("acme"), user("u00000"), realm(""));
    let find = Limits {
        users: 2,
        ..Limits::NONE
    };
    let caller = Caller {
        user: &one,
        realm: &acme,
    };
    town.step("a recipient", find, async |_, directory| {
        directory.authorise_send(caller, "u20000").await.unwrap();
    })
    .await;

    // Staff wrote every other message of 50,016.
    let answered = Limits { messages: 2, ..find };
    town.step("an answer to staff", answered, async |_, directory| {
        directory.authorise_send(caller, "s-mo").await.unwrap();
    })
    .await;

    let (busy, mo) = (user("u25000"), user("s-mo"));
    let gone = Limits {
        conversations: 4,
        ..find
    };
    let caller = Caller {
        user: &busy,
        realm: &acme,
    };
    town.step("a peer who has left", gone, async |_, directory| {
        directory.authorise_read(caller, "u22500").await.unwrap();
    })
    .await;

    let caller = Caller {
        user: &mo,
        realm: &staff,
    };
    town.step("a recipient of staff", find, async |_, directory| {
        directory.authorise_send(caller, "u00001").await.unwrap();
    })
    .await;

    let at: Timestamp = serde_json::from_value(json!("2026-11-01T00:00:00.000Z")).unwrap();
    let seen = Limits {
        users: BATCH,
        written: BATCH,
        ..Limits::NONE
    };
    town.step("who connects", seen, async |_, directory| {
        let (acme, users) = (
            realm("acme"),
            (0..BATCH)
                .map(|turn| user(&peer(20_000 + turn * 7)))
                .collect::<Vec<_>>(),
        );
        join_all(
            users
                .iter()
                .map(|who| directory.introduce(who, &acme, Some("Another name"), at)),
        )
        .await;
    })
    .await;

    town.step("who leaves", seen, async |_, directory| {
        let (acme, late) = (
            realm("acme"),
            serde_json::from_value(json!("2026-11-02T00:00:00.000Z")).unwrap(),
        );
        for turn in 0..BATCH - 1 {
            directory.last_seen(&user(&peer(20_000 + turn * 7)), &acme, late);
        }
        // Written in the same batch, and waited for.
        directory
            .introduce(&user("u29998"), &acme, Some("Another name"), late)
            .await;
    })
    .await;

    let moves = Limits {
        users: 4,
        written: 4,
        ..Limits::NONE
    };
    town.step("who moves", moves, async |_, directory| {
        let who = user("u21001");
        directory.moved_out(&who, &realm("acme"));
        // Written after the move, in the same round.
        directory
            .introduce(&who, &realm("globex"), Some("Another name"), at)
            .await;
    })
    .await;
}

pub(super) async fn search(town: &mut Town) {
    // By name until the page is full; and the whole tenant, when there is nobody of that name.
    let (page, tenant, platform) = (50 * 30, 10_010, 100_000);
    for (tenant, query, users) in [
        ("acme", "ann", page),
        ("acme", "nobody", tenant),
        ("", "ann", platform),
        ("", "nobody", platform),
    ] {
        let limits = Limits {
            users,
            // Staff look through everybody, so one pass is the best there is.
            whole: (users == platform).then_some("ChatUser"),
            ..Limits::NONE
        };
        let (home, who) = (realm(tenant), user("u00000"));
        let caller = Caller {
            user: &who,
            realm: &home,
        };
        town.step(&format!("{tenant:?} searches {query}"), limits, async |_, directory| {
            directory.search(caller, query, Some(50)).await.unwrap()
        })
        .await;
    }
}
