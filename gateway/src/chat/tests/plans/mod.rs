//! What the statements of the chat and of the directory cost on a large database: the code itself is run, and the plans are read
//! from the server's log, so that nothing is checked that the gateway does not do.

mod plan;
mod steps;
mod town;

use self::town::Town;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a million messages: make test-slow"]
async fn every_statement_reads_little_more_than_it_answers() {
    let mut town = Town::build().await;
    steps::look_users_up(&mut town).await;
    steps::search(&mut town).await;
    steps::read_history(&mut town).await;
    steps::list_conversations(&mut town).await;
    steps::sync(&mut town).await;
    steps::raise_marks(&mut town).await;
    steps::count_unread(&mut town).await;
    steps::send_messages(&mut town).await;
    town.assert_held();
}
