//! A large database, a gateway's chat and directory on it, and limits to hold their statements to.

use std::collections::BTreeSet;
use std::path::Path;

use harness::postgres::Postgres as Server;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::super::{Chat, database, pool};
use super::plan::{Plan, log_plans, new_plans};
use crate::reach::Directory;

/// What comes at once.
pub(super) const BATCH: u64 = 256;

/// A user of the two large tenants.
pub(super) fn peer(number: u64) -> String {
    format!("u{number:05}")
}

/// What each statement of a step may read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Rows of `"ChatMessage"`.
    pub(super) messages: u64,
    /// Rows of `"ChatConversation"`.
    pub(super) conversations: u64,
    /// Rows of `"ChatUser"`.
    pub(super) users: u64,
    /// Rows written, of any table.
    pub(super) written: u64,
    /// The table that may be read from end to end.
    pub(super) whole: Option<&'static str>,
}

impl Limits {
    pub(super) const NONE: Self = Self {
        messages: 0,
        conversations: 0,
        users: 0,
        written: 0,
        whole: None,
    };

    fn rows(self) -> u64 {
        self.messages + self.conversations + self.users
    }

    /// A row costs the way down an index and its own block, a written one the way down each index of its table, and to both ends
    /// of what it grows. The rest is for what the server looks up once in the life of a connection.
    fn blocks(self) -> u64 {
        6 * self.rows() + 40 * self.written + 1_000
    }
}

/// See the module.
pub(super) struct Town {
    pub(super) chat: Chat,
    pub(super) directory: Directory,
    _tasks: JoinSet<()>,
    server: Server,
    mark: usize,
    seen: BTreeSet<String>,
    faults: Vec<String>,
}

impl Town {
    pub(super) async fn build() -> Self {
        let server = database().await;
        server.sql("alter system set autovacuum = off");
        server.sql("select pg_reload_conf()");
        server.sql(include_str!("town.sql"));
        server.sql("vacuum analyze");
        log_plans(&server);
        let (directory, writer) = Directory::new(pool(&server));
        let mut tasks = JoinSet::new();
        tasks.spawn(writer.run(CancellationToken::new()));
        Self {
            chat: Chat::start(&server),
            directory,
            _tasks: tasks,
            server,
            mark: 0,
            seen: BTreeSet::new(),
            faults: Vec::new(),
        }
    }

    /// Runs a step and holds the plan of each of its statements to the limits.
    pub(super) async fn step<T>(
        &mut self,
        name: &str,
        limits: Limits,
        step: impl AsyncFnOnce(&Chat, &Directory) -> T,
    ) -> T {
        new_plans(&self.server, &mut self.mark).await;
        let outcome = step(&self.chat, &self.directory).await;
        let plans = new_plans(&self.server, &mut self.mark).await;
        assert!(!plans.is_empty(), "{name}: no statement was run");
        #[expect(clippy::print_stderr, reason = "the figures are what one runs this for")]
        {
            eprintln!("{name}");
        }
        for plan in plans {
            self.faults
                .extend(fault(&plan, limits).map(|fault| format!("{name}: {fault}")));
            self.seen.insert(plan.statement);
        }
        outcome
    }

    /// Fails if a limit was passed, and if a statement went unwatched because no step runs it.
    pub(super) fn assert_held(&self) {
        assert!(self.faults.is_empty(), "{}", self.faults.join("\n\n"));
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let declared: usize = ["chat", "reach"]
            .map(|module| declared(&source.join(module)))
            .iter()
            .sum();
        // Those inside functions bind by name; those that diesel builds quote every word.
        let seen = self
            .seen
            .iter()
            .filter(|text| text.contains("$1") && !text.contains(r#""realtime"."#));
        assert_eq!(seen.count(), declared, "{:#?}", self.seen);
    }
}

/// Statements in the sources of a module.
fn declared(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let counts = entries.map(|path| match path.is_dir() {
        true if path.ends_with("tests") => 0,
        true => declared(&path),
        false => std::fs::read_to_string(path).unwrap().matches("\nstatement! {").count(),
    });
    counts.sum()
}

/// What a plan does beyond the limits, with its figures.
fn fault(plan: &Plan, limits: Limits) -> Option<String> {
    let allowed = [limits.messages, limits.conversations, limits.users];
    let read = ["ChatMessage", "ChatConversation", "ChatUser"].map(|table| plan.rows_read(table));
    let (sorted, in_memory) = plan.sorts();
    let scanned = plan.scanned_tables();
    let is_held = scanned.iter().all(|table| limits.whole == Some(table))
        && read.iter().zip(allowed).all(|(read, allowed)| *read <= allowed)
        && in_memory
        && sorted <= limits.rows() + limits.written
        && plan.blocks() <= limits.blocks();
    let figures = format!(
        "read {read:?}, sorted {sorted}, {} blocks, from end to end {scanned:?}",
        plan.blocks()
    );
    #[expect(clippy::print_stderr, reason = "the figures are what one runs this for")]
    {
        eprintln!("  {figures}");
    }
    (!is_held).then(|| format!("{figures}, {limits:?}, {plan:#?}"))
}
