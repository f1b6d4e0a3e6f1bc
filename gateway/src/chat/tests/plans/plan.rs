//! Plans as the server's own log tells them: of the very statements that the code ran, and what each node of them read.

use std::time::{Duration, Instant};

use harness::postgres::Postgres as Server;
use serde_json::Value;

/// What a statement did.
#[derive(Debug)]
pub(super) struct Plan {
    /// Its text, with `$1` where something is bound.
    pub(super) statement: String,
    root: Value,
}

/// Every session from now on logs the plan of each statement, those inside functions too.
pub(super) fn log_plans(server: &Server) {
    server.sql(
        "load 'auto_explain';
         alter database postgres set session_preload_libraries = 'auto_explain';
         alter database postgres set auto_explain.log_min_duration = 0;
         alter database postgres set auto_explain.log_analyze = on;
         alter database postgres set auto_explain.log_buffers = on;
         alter database postgres set auto_explain.log_timing = off;
         alter database postgres set auto_explain.log_format = 'json';
         alter database postgres set auto_explain.log_nested_statements = on",
    );
}

/// Plans logged since the last call. A statement of our own is the mark up to which the log is read.
pub(super) async fn new_plans(server: &Server, mark: &mut usize) -> Vec<Plan> {
    *mark += 1;
    let (previous, last) = (format!("select 'mark {}'", *mark - 1), format!("select 'mark {mark}'"));
    server.sql(&last);
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let plans = plans(&server.log());
        if let Some(end) = plans.iter().position(|plan| plan.statement == last) {
            let begin = plans.iter().position(|plan| plan.statement == previous);
            return plans.into_iter().take(end).skip(begin.map_or(0, |at| at + 1)).collect();
        }
        assert!(Instant::now() < deadline, "the log does not tell of {last}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn plans(log: &[String]) -> Vec<Plan> {
    let mut plans = Vec::new();
    let mut lines = log.iter();
    while let Some(line) = lines.next() {
        if !line.ends_with("plan:") {
            continue;
        }
        let text: Vec<&str> = lines.clone().map_while(|line| line.strip_prefix('\t')).collect();
        // Not whole yet: the rest is on its way.
        let Ok(mut logged) = serde_json::from_str::<Value>(&text.concat()) else {
            break;
        };
        plans.push(Plan {
            statement: logged["Query Text"].as_str().unwrap_or_default().to_owned(),
            root: logged["Plan"].take(),
        });
    }
    plans
}

impl Plan {
    /// Blocks touched, in memory or not.
    pub(super) fn blocks(&self) -> u64 {
        number(&self.root, "Shared Hit Blocks") + number(&self.root, "Shared Read Blocks")
    }

    /// Rows of a table that were looked at, through an index or not, whether they were of use or not.
    pub(super) fn rows_read(&self, table: &str) -> u64 {
        let of_table = |node: &&Value| {
            let name = node["Relation Name"].as_str().or(node["Index Name"].as_str());
            // The rows that a bitmap names are counted where they are fetched.
            node["Node Type"]
                .as_str()
                .is_some_and(|kind| kind.ends_with("Scan") && kind != "Bitmap Index Scan")
                && name.is_some_and(|name| name == table || name.starts_with(&format!("{table}_")))
        };
        nodes(&self.root).into_iter().filter(of_table).map(looked_at).sum()
    }

    /// Tables that were read from end to end.
    pub(super) fn scanned_tables(&self) -> Vec<String> {
        nodes(&self.root)
            .into_iter()
            .filter(|node| {
                node["Node Type"]
                    .as_str()
                    .is_some_and(|kind| kind.ends_with("Seq Scan"))
            })
            .map(|node| node["Relation Name"].as_str().unwrap_or_default().to_owned())
            .collect()
    }

    /// Rows that went into the largest sort, and whether each sort found room in memory.
    pub(super) fn sorts(&self) -> (u64, bool) {
        let nodes = nodes(&self.root);
        let sorts = nodes.iter().filter(|node| node["Node Type"] == "Sort");
        sorts.fold((0, true), |(rows, in_memory), node| {
            (
                rows.max(number(&node["Plans"][0], "Actual Rows") * number(&node["Plans"][0], "Actual Loops")),
                in_memory && node["Sort Space Type"] != "Disk",
            )
        })
    }
}

/// A node and all below it.
fn nodes(node: &Value) -> Vec<&Value> {
    let below = node["Plans"].as_array().into_iter().flatten();
    std::iter::once(node).chain(below.flat_map(nodes)).collect()
}

/// At least one for each time that a node was asked: the server tells averages, rounded.
fn looked_at(node: &Value) -> u64 {
    let once = ["Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck"];
    once.map(|key| number(node, key)).iter().sum::<u64>().max(1) * number(node, "Actual Loops")
}

fn number(node: &Value, key: &str) -> u64 {
    node[key]
        .as_f64()
        .map_or(0, |number| format!("{number:.0}").parse().unwrap_or(0))
}
