//! Misspelled settings: a `REALTIME_…` that nobody reads would be a setting that silently does nothing.

use super::fault::Fault;
use super::reference;

/// What is wrong with a variable of that name; `None` when it is known, not ours, or Kubernetes' own.
pub(super) fn fault(name: &str) -> Option<Fault> {
    if !name.starts_with("REALTIME_") || is_injected_by_kubernetes(name) || is_known(name) {
        return None;
    }
    let nearest = reference::settings()
        .min_by_key(|setting| distance(name, setting.name))
        .map(|setting| format!("{}={}", setting.name, setting.example));
    Some(Fault {
        variable: name.to_owned(),
        fault: "is no setting".to_owned(),
        example: nearest.unwrap_or_default(),
    })
}

fn is_known(name: &str) -> bool {
    reference::settings()
        .any(|setting| setting.name == name || setting.file_variable().is_some_and(|variable| variable == name))
}

/// Every container in a namespace with a Service named `realtime` gets these, wanted or not.
fn is_injected_by_kubernetes(name: &str) -> bool {
    matches!(name, "REALTIME_SERVICE_HOST" | "REALTIME_PORT")
        || name.starts_with("REALTIME_SERVICE_PORT")
        || name.starts_with("REALTIME_PORT_")
}

/// Levenshtein's distance: how many letters have to change.
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in other.bytes().enumerate() {
            let changed = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}
