//! The directory and its memory.

use std::time::{Duration, Instant};

use harness::postgres::Postgres as Server;
use shared_protocol::events::{AckError, ErrorCode, Realm, Timestamp};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{realm, user};
use crate::config::PostgresConfig;
use crate::db::{Postgres, migrations};
use crate::reach::{Caller, Directory, DirectoryWriter, Reachable};

async fn database() -> Server {
    let server = Server::start();
    migrations::migrate(&PostgresConfig::plain(server.url(), 1), false)
        .await
        .unwrap();
    server
}

fn directory(server: &Server) -> (Directory, DirectoryWriter) {
    let config = PostgresConfig::plain(server.url(), 4);
    Directory::new(Postgres::new(&config).unwrap())
}

fn add(server: &Server, id: &str, tenant: &str, seen: &str) {
    let kind = if tenant.is_empty() { "manage" } else { "tenant" };
    server.sql(&format!(
        r#"insert into realtime."ChatUser" values ('{id}', '{tenant}', 'Name of {id}', '{kind}', '{seen}')"#
    ));
}

fn at(text: &str) -> Timestamp {
    serde_json::from_str(&format!("{text:?}")).unwrap()
}

async fn homes(directory: &Directory, id: &str) -> Vec<Realm> {
    let found = directory.find(&user(id)).await.unwrap();
    found.iter().map(|found| found.realm.clone()).collect()
}

async fn send(directory: &Directory, tenant: &str, from: &str, to: &str) -> Result<Reachable, AckError> {
    let home = realm(tenant);
    let caller = Caller {
        user: &user(from),
        realm: &home,
    };
    directory.authorise_send(caller, to).await
}

#[tokio::test]
async fn an_unknown_user_and_one_out_of_reach_look_the_same() {
    let server = database().await;
    let (directory, _writer) = directory(&server);
    add(&server, "gus", "globex", "2026-01-01Z");
    add(&server, "mo", "", "2026-01-01Z");
    let unknown = send(&directory, "acme", "ann", "nobody").await.unwrap_err();
    assert_eq!(unknown.code, ErrorCode::RecipientNotFound);
    for hidden in ["gus", "mo"] {
        assert_eq!(send(&directory, "acme", "ann", hidden).await.unwrap_err(), unknown);
        let home = realm("acme");
        let caller = Caller {
            user: &user("ann"),
            realm: &home,
        };
        assert_eq!(directory.authorise_read(caller, hidden).await.unwrap_err(), unknown);
    }
    for bad in ["ann", "", "a:b", "ä"] {
        let error = send(&directory, "acme", "ann", bad).await.unwrap_err();
        assert_eq!(
            (error.code, error.message.starts_with("to: ")),
            (ErrorCode::InvalidPayload, true),
            "{bad:?}"
        );
    }
}

#[tokio::test]
async fn staff_who_wrote_first_are_answered() {
    let server = database().await;
    let (directory, _writer) = directory(&server);
    add(&server, "mo", "", "2026-01-01Z");
    assert!(send(&directory, "acme", "ann", "mo").await.is_err());
    let write = |id: &str, tenant: &str, from: &str, to: &str| {
        server.sql(&format!(
            "select fresh from realtime.append_messages(array[gen_random_uuid()], array['{id}'], array['{tenant}'],
               array['ann'], array['mo'], array['{from}'], array['{to}'], array['hi'], array['{id}'], now())"
        ));
    };
    // In another tenant's conversation: no answer to that from here.
    write("globex:ann:mo", "globex", "mo", "ann");
    assert!(send(&directory, "acme", "ann", "mo").await.is_err());
    write("acme:ann:mo", "acme", "mo", "ann");
    let reachable = send(&directory, "acme", "ann", "mo").await.unwrap();
    assert_eq!(reachable.conversation_id().as_str(), "acme:ann:mo");
    assert_eq!(*reachable.recipient_realm(), Realm::Manage);
}

#[tokio::test]
async fn who_has_just_connected_is_found_at_once_here_and_soon_everywhere() {
    let server = database().await;
    let (here, writer) = directory(&server);
    let (elsewhere, _) = directory(&server);
    assert!(homes(&here, "ann").await.is_empty());
    assert!(homes(&elsewhere, "ann").await.is_empty());
    here.saw(&user("ann"), &realm("acme"), Some("Ann"), at("2026-02-01T00:00:00Z"));
    assert_eq!(homes(&here, "ann").await, [realm("acme")]);

    let mut tasks = JoinSet::new();
    tasks.spawn(writer.run(CancellationToken::new()));
    while homes(&elsewhere, "ann").await.is_empty() {
        tokio::task::yield_now().await;
    }
    let found = elsewhere.find(&user("ann")).await.unwrap();
    assert_eq!(found[0].user.name.as_deref(), Some("Ann"));
}

#[tokio::test]
async fn users_seen_are_written_once_each_and_names_stay() {
    let server = database().await;
    let (directory, writer) = directory(&server);
    for turn in 0..5_000 {
        let id = user(&format!("u{turn}"));
        directory.saw(&id, &realm("acme"), Some("First"), at("2026-02-01T00:00:00Z"));
        directory.last_seen(&id, &realm("acme"), at("2026-02-01T01:00:00Z"));
    }
    directory.saw(&user("mo"), &realm(""), None, at("2026-02-01T00:00:00Z"));
    let stop = CancellationToken::new();
    stop.cancel();
    writer.run(stop).await;
    assert_eq!(
        server.sql(
            r#"select "tenantId", kind, name, "lastSeenAt" = '2026-02-01T01:00:00Z', count(*)
               from realtime."ChatUser" group by 1, 2, 3, 4 order by 1"#
        ),
        "|manage||f|1\nacme|tenant|First|t|5000"
    );
}

#[tokio::test]
async fn sightings_outlive_an_outage() {
    let mut server = database().await;
    let (directory, writer) = directory(&server);
    server.stop();
    let mut tasks = JoinSet::new();
    tasks.spawn(writer.run(CancellationToken::new()));
    directory.saw(&user("ann"), &realm("acme"), None, at("2026-02-01T00:00:00Z"));
    while !directory.postgres.is_away() {
        tokio::task::yield_now().await;
    }
    server.restart();
    while server.sql(r#"select count(*) from realtime."ChatUser""#) != "1" {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn known_users_stay_reachable_while_postgres_is_away() {
    let mut server = database().await;
    add(&server, "bob", "acme", "2026-01-01Z");
    let (directory, _writer) = directory(&server);
    assert_eq!(homes(&directory, "bob").await, [realm("acme")]);
    server.stop();
    tokio::time::pause();
    tokio::time::advance(Duration::from_mins(5)).await;
    tokio::time::resume();
    assert!(send(&directory, "acme", "ann", "bob").await.is_ok());
    let asked = Instant::now();
    for _ in 0..20 {
        assert!(send(&directory, "acme", "ann", "bob").await.is_ok());
        let unknown = send(&directory, "acme", "ann", "cid").await.unwrap_err();
        assert_eq!(unknown.code, ErrorCode::Unavailable);
    }
    assert!(asked.elapsed() < Duration::from_secs(5));
    tokio::time::pause();
    tokio::time::advance(Duration::from_mins(6)).await;
    tokio::time::resume();
    assert_eq!(
        send(&directory, "acme", "ann", "bob").await.unwrap_err().code,
        ErrorCode::Unavailable
    );
}

#[tokio::test]
async fn a_fact_counts_for_a_minute_and_is_dropped_with_a_new_tenant() {
    let server = database().await;
    add(&server, "bob", "acme", "2026-01-01Z");
    let (directory, _writer) = directory(&server);
    assert_eq!(homes(&directory, "bob").await, [realm("acme")]);
    // Moved, as an operator's view would tell it.
    server.sql(r#"update realtime."ChatUser" set "tenantId" = 'globex'"#);
    assert_eq!(homes(&directory, "bob").await, [realm("acme")]);
    directory.saw(&user("bob"), &realm("globex"), None, at("2026-02-01T00:00:00Z"));
    assert_eq!(homes(&directory, "bob").await, [realm("globex")]);

    server.sql(r#"update realtime."ChatUser" set "tenantId" = 'initech'"#);
    directory.forget(&user("bob"));
    assert_eq!(homes(&directory, "bob").await, [realm("initech")]);
    server.sql(r#"update realtime."ChatUser" set "tenantId" = 'acme'"#);
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(61)).await;
    tokio::time::resume();
    assert_eq!(homes(&directory, "bob").await, [realm("acme")]);
}

#[tokio::test]
async fn an_id_of_several_tenants_is_found_in_all_of_them_latest_first() {
    let server = database().await;
    add(&server, "42", "acme", "2026-01-01Z");
    add(&server, "42", "globex", "2026-01-02Z");
    add(&server, "42", "initech", "2026-01-01Z");
    let (directory, _writer) = directory(&server);
    assert_eq!(homes(&directory, "42").await[0], realm("globex"));
    for tenant in ["acme", "globex", "initech"] {
        let reachable = send(&directory, tenant, "7", "42").await.unwrap();
        assert_eq!(*reachable.recipient_realm(), realm(tenant));
    }
    assert!(send(&directory, "other", "7", "42").await.is_err());
    let staff = send(&directory, "", "mo", "42").await.unwrap();
    assert_eq!(staff.conversation_id().as_str(), "globex:42:mo");
    // Whoever connects is where they are.
    directory.saw(&user("42"), &realm("acme"), None, at("2026-02-01T00:00:00Z"));
    let staff = send(&directory, "", "mo", "42").await.unwrap();
    assert_eq!(staff.conversation_id().as_str(), "acme:42:mo");
}

/// Nothing is remembered of nobody, so a refusal out of memory would tell that there is somebody.
#[tokio::test]
async fn a_refusal_never_comes_out_of_memory() {
    let server = database().await;
    add(&server, "bob", "acme", "2026-01-01Z");
    let (directory, _writer) = directory(&server);
    assert!(send(&directory, "acme", "ann", "bob").await.is_ok());
    assert_eq!(
        send(&directory, "globex", "eve", "bob").await.unwrap_err().code,
        ErrorCode::RecipientNotFound
    );
    // Who has just moved here is found at once, whatever was remembered.
    server.sql(r#"update realtime."ChatUser" set "tenantId" = 'globex'"#);
    assert!(send(&directory, "globex", "eve", "bob").await.is_ok());

    server.pause();
    for id in ["bob", "nobody"] {
        let refused = send(&directory, "initech", "ian", id).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::Unavailable, "{id}");
        let caller = Caller {
            user: &user("ian"),
            realm: &realm("initech"),
        };
        let refused = directory.authorise_read(caller, id).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::Unavailable, "{id}");
    }
    server.resume();
}

#[tokio::test]
async fn who_has_left_makes_no_row_and_none_whole_that_was_erased() {
    let server = database().await;
    add(&server, "ann", "acme", "2026-01-01Z");
    add(&server, "bob", "acme", "2026-01-01Z");
    server.sql(r#"update realtime."ChatUser" set name = null, "lastSeenAt" = null where id = 'bob'"#);
    let (directory, writer) = directory(&server);
    for id in ["ann", "bob", "cid"] {
        directory.last_seen(&user(id), &realm("acme"), at("2026-02-01T00:00:00Z"));
    }
    let stop = CancellationToken::new();
    stop.cancel();
    writer.run(stop).await;
    let rows = r#"select id, "lastSeenAt" at time zone 'UTC' from realtime."ChatUser" order by id"#;
    assert_eq!(server.sql(rows), "ann|2026-02-01 00:00:00\nbob|");
}

#[tokio::test]
async fn who_has_moved_out_is_found_where_they_are_and_nowhere_else() {
    let server = database().await;
    add(&server, "bob", "acme", "2026-01-01Z");
    let (directory, writer) = directory(&server);
    let now = at("2026-02-01T00:00:00Z");
    drop(directory.saw(&user("bob"), &realm("acme"), None, now));
    directory.moved_out(&user("bob"), &realm("acme"));
    directory.last_seen(&user("bob"), &realm("acme"), now);
    drop(directory.saw(&user("bob"), &realm("globex"), None, now));
    let stop = CancellationToken::new();
    stop.cancel();
    writer.run(stop).await;
    assert_eq!(server.sql(r#"select "tenantId" from realtime."ChatUser""#), "globex");
}

#[tokio::test]
async fn a_move_that_postgres_refuses_holds_up_nobody_who_comes() {
    let server = database().await;
    add(&server, "bob", "acme", "2026-01-01Z");
    server.sql(
        r#"create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$;
           create trigger refuse before delete on realtime."ChatUser" for each row execute function refuse()"#,
    );
    let (directory, writer) = directory(&server);
    directory.moved_out(&user("bob"), &realm("acme"));
    drop(directory.saw(&user("cid"), &realm("acme"), None, at("2026-02-01T00:00:00Z")));
    let stop = CancellationToken::new();
    stop.cancel();
    writer.run(stop).await;
    assert_eq!(
        server.sql(r#"select id from realtime."ChatUser" order by id"#),
        "bob\ncid"
    );
}
