//! What the statements of the chat and of the directory cost on a large database: the code itself is run, and the plans are read
//! from the server's log, so that nothing is checked that the gateway does not do.

mod chat_steps;
mod directory_steps;
mod plan;
mod town;

use self::town::Town;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a million messages: make test-slow"]
async fn every_statement_reads_little_more_than_it_answers() {
    let mut town = Town::build().await;
    directory_steps::look_users_up(&mut town).await;
    directory_steps::search(&mut town).await;
    chat_steps::read_history(&mut town).await;
    chat_steps::list_conversations(&mut town).await;
    chat_steps::sync(&mut town).await;
    chat_steps::raise_marks(&mut town).await;
    chat_steps::count_unread(&mut town).await;
    chat_steps::send_messages(&mut town).await;
    town.assert_held();
}
