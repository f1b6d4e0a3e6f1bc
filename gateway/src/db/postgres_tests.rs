use harness::postgres::Postgres as Server;

use super::*;
use crate::db::statement;

const LONG: Duration = Duration::from_secs(10);

fn pool(server: &Server) -> Postgres {
    Postgres::new(&PostgresConfig::plain(server.url(), 4)).unwrap()
}

async fn sleep(postgres: &Postgres, limit: Duration) -> Result<usize, PgError> {
    postgres.execute(limit, diesel::sql_query("select pg_sleep(3)")).await
}

#[tokio::test]
async fn a_slow_statement_among_others_is_no_outage() {
    let server = Server::start();
    let postgres = pool(&server);
    let others = async {
        loop {
            postgres.ping().await.unwrap();
        }
    };
    tokio::select! {
        slow = sleep(&postgres, Duration::from_millis(300)) => assert!(matches!(slow, Err(PgError::Timeout))),
        () = others => {}
    }
    assert!(!postgres.is_away());
}

#[tokio::test]
async fn no_answer_at_all_is_an_outage_until_the_next_answer() {
    let server = Server::start();
    let postgres = pool(&server);
    postgres.ping().await.unwrap();
    let slow = sleep(&postgres, Duration::from_millis(300)).await;
    assert!(matches!(slow, Err(PgError::Timeout)));
    assert!(postgres.is_away());
    postgres.ping().await.unwrap();
    assert!(!postgres.is_away());
}

#[tokio::test]
async fn a_session_that_is_ended_is_no_outage_and_the_others_are_made_anew() {
    let server = Server::start();
    let postgres = pool(&server);
    let end_all = "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() \
                   and application_name = 'realtime-gateway'";
    let (slow, ()) = tokio::join!(sleep(&postgres, LONG), async {
        while server.sql(end_all).is_empty() {
            tokio::task::yield_now().await;
        }
    });
    assert!(matches!(slow, Err(PgError::Unreachable(_))), "{slow:?}");
    assert!(!postgres.is_away());
    postgres.ping().await.unwrap();
}

statement! {
    Everything<'a> { at_least: &'a i32 as diesel::sql_types::Integer } -> diesel::sql_types::Text,
    "select name from public.thing where {} > 0"
}

#[tokio::test]
async fn a_statement_is_prepared_anew_after_a_column_has_changed_its_type() {
    let server = Server::start();
    let postgres = pool(&server);
    let names = || Postgres::load::<_, String>(&postgres, LONG, Everything { at_least: &1 });
    server.sql("create table public.thing (name varchar(9)); insert into public.thing values ('a')");
    assert_eq!(names().await.unwrap(), ["a"]);
    server.sql("alter table public.thing alter column name type text");
    let refused = names().await;
    assert!(matches!(refused, Err(PgError::Unreachable(_))), "{refused:?}");
    assert_eq!(names().await.unwrap(), ["a"]);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_an_outage() {
    let server = Server::start();
    let postgres = pool(&server);
    drop(server);
    assert!(matches!(postgres.ping().await, Err(PgError::Unreachable(_))));
    assert!(postgres.is_away());
}
