//! Migrations against a real Postgres.

use harness::postgres::Postgres as Server;

use super::{migrate, revert_all};
use crate::config::PostgresConfig;
use crate::db::Postgres;

const OBJECTS: &str = "
    select string_agg(x, ' ' order by x) from (
        select c.relname::text from pg_class c where c.relnamespace = to_regnamespace('realtime') and c.relkind in ('r', 'v')
        union all
        select p.proname::text from pg_proc p where p.pronamespace = to_regnamespace('realtime')
    ) as objects (x)";
const ALL: &str = "ChatConversation ChatDirectory ChatMessage ChatUser __diesel_schema_migrations append_messages";

fn pool(server: &Server) -> Postgres {
    Postgres::new(&PostgresConfig::plain(server.url(), 2)).unwrap()
}

#[tokio::test]
async fn migrating_twice_does_it_once_and_touches_no_other_schema() {
    let server = Server::start();
    let postgres = pool(&server);
    let pending = postgres.pending().await.unwrap();
    assert_eq!(
        migrate(&PostgresConfig::plain(server.url(), 1), true)
            .await
            .unwrap()
            .versions,
        pending
    );
    assert_eq!(
        server.sql("select to_regnamespace('realtime') is null"),
        "t",
        "a check changes nothing"
    );

    assert_eq!(
        migrate(&PostgresConfig::plain(server.url(), 1), false)
            .await
            .unwrap()
            .versions,
        pending
    );
    assert_eq!(server.sql(OBJECTS), ALL);
    assert_eq!(
        server.sql("select count(*) from pg_class where relnamespace = 'public'::regnamespace"),
        "0"
    );
    assert!(postgres.pending().await.unwrap().is_empty());

    for check_only in [true, false] {
        assert!(
            migrate(&PostgresConfig::plain(server.url(), 1), check_only)
                .await
                .unwrap()
                .versions
                .is_empty()
        );
    }
}

#[tokio::test]
async fn replicas_that_migrate_at_once_share_the_work() {
    let server = Server::start();
    let config = PostgresConfig::plain(server.url(), 1);
    let known = pool(&server).pending().await.unwrap().len();
    let (one, two, three) = tokio::join!(
        migrate(&config, false),
        migrate(&config, false),
        migrate(&config, false)
    );
    let applied: usize = [one, two, three].map(|done| done.unwrap().versions.len()).iter().sum();
    assert_eq!(applied, known);
    assert_eq!(server.sql(OBJECTS), ALL);
}

#[tokio::test]
async fn every_down_undoes_its_up() {
    let server = Server::start();
    migrate(&PostgresConfig::plain(server.url(), 1), false).await.unwrap();
    revert_all(&PostgresConfig::plain(server.url(), 1)).await.unwrap();
    assert_eq!(server.sql(OBJECTS), "__diesel_schema_migrations");
    migrate(&PostgresConfig::plain(server.url(), 1), false).await.unwrap();
    assert_eq!(server.sql(OBJECTS), ALL);
}

#[tokio::test]
async fn a_replaced_directory_view_survives() {
    let server = Server::start();
    server.sql(
        r#"create table "User" (id int primary key, name text, role text, "tenantId" text);
           insert into "User" values (7, 'Ann', 'user', 'acme'), (8, 'Mo', 'manage', null)"#,
    );
    migrate(&PostgresConfig::plain(server.url(), 1), false).await.unwrap();
    // The file that operators are given.
    server.sql(include_str!("../../../deploy/postgres/directory_over_users.sql"));
    let view = r#"select pg_get_viewdef('realtime."ChatDirectory"'::regclass)"#;
    let replaced = server.sql(view);

    // As after an upgrade whose migrations run on top, and even when the directory's own migration runs again.
    server.sql("delete from realtime.__diesel_schema_migrations where version like '%000003'");
    migrate(&PostgresConfig::plain(server.url(), 1), false).await.unwrap();
    assert_eq!(server.sql(view), replaced);
    assert_eq!(
        server.sql(r#"select id, "tenantId", kind from realtime."ChatDirectory" order by id"#),
        "7|acme|tenant\n8||manage"
    );
}

#[tokio::test]
async fn the_read_only_role_reads_and_writes_nothing() {
    let server = Server::start();
    migrate(&PostgresConfig::plain(server.url(), 1), false).await.unwrap();
    server.sql(include_str!("../../../deploy/postgres/read_only_role.sql"));
    let may = |right: &str| {
        server.sql(&format!(
            "select bool_or(has_table_privilege('realtime_reader', c.oid, '{right}'))
               from pg_class c where relnamespace = 'realtime'::regnamespace and relkind in ('r', 'v')"
        ))
    };
    assert_eq!(
        (may("select").as_str(), may("insert, update, delete").as_str()),
        ("t", "f")
    );
}

#[tokio::test]
async fn every_column_says_what_it_is_and_ids_sort_by_byte() {
    let server = Server::start();
    migrate(&PostgresConfig::plain(server.url(), 1), false).await.unwrap();
    let silent = "
        select coalesce(string_agg(c.relname || '.' || a.attname, ' '), '') from pg_class c
        join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
        where c.relnamespace = 'realtime'::regnamespace and c.relkind = 'r' and c.relname like 'Chat%'
          and (col_description(c.oid, a.attnum) is null or obj_description(c.oid) is null)";
    assert_eq!(server.sql(silent), "");
    let checks = "select count(*) from pg_constraint where contype = 'c' and connamespace = 'realtime'::regnamespace";
    assert_eq!(server.sql(checks), "0");
    let unsorted = "
        select coalesce(string_agg(table_name || '.' || column_name, ' '), '') from information_schema.columns
        where table_schema = 'realtime' and table_name like 'Chat%' and table_name <> 'ChatDirectory' and data_type = 'text'
          and column_name not in ('body', 'name', 'kind') and collation_name is distinct from 'C'";
    assert_eq!(server.sql(unsorted), "");
}
