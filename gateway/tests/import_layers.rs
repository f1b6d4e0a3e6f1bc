//! Who may import whom: the table of ARCHITECTURE.md, held against the sources.

#![expect(clippy::unwrap_used, reason = "a test that cannot read the sources has to fail")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Each module of the gateway and the modules of the gateway that it may import, itself aside.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("config", &[]),
    ("telemetry", &["config"]),
    ("db", &["config", "telemetry"]),
    ("bus", &["config", "telemetry", "db"]),
    ("hub", &["config", "telemetry"]),
    ("auth", &["config", "telemetry", "db", "bus", "hub"]),
    ("reach", &["config", "telemetry", "db", "bus", "hub"]),
    (
        "presence",
        &["config", "telemetry", "db", "bus", "hub", "auth", "reach"],
    ),
    ("chat", &["config", "telemetry", "db", "bus", "hub", "auth", "reach"]),
    ("privacy", &["config", "telemetry", "db"]),
    (
        "socket",
        &[
            "config",
            "telemetry",
            "db",
            "bus",
            "hub",
            "auth",
            "reach",
            "presence",
            "chat",
        ],
    ),
    ("transport", &["config", "telemetry", "db", "bus", "hub", "socket"]),
    (
        "http",
        &["config", "telemetry", "db", "bus", "hub", "transport", "socket"],
    ),
    ("lifecycle", &[]),
    (
        "app",
        &[
            "config",
            "telemetry",
            "db",
            "bus",
            "hub",
            "auth",
            "reach",
            "presence",
            "chat",
            "socket",
            "transport",
            "http",
            "lifecycle",
        ],
    ),
    // The binary's own, which stand above everything.
    ("commands", &["config", "telemetry", "db", "app"]),
];

/// Crates that only the modules named may use: the rest of the gateway must not know them.
const CRATE_OWNERS: &[(&str, &[&str])] = &[
    ("actix_web", &["transport", "http", "app"]),
    ("actix_ws", &["transport"]),
    ("awc", &["transport"]),
    ("diesel", &["db", "chat", "reach", "privacy"]),
    ("diesel_async", &["db", "chat", "reach"]),
    ("jsonwebtoken", &["auth", "config"]),
];

/// Crates that a process boundary must not know.
const BARRED_FROM_PROTOCOL: &[&str] = &["tokio", "actix_web", "actix_ws", "redis", "diesel", "diesel_async"];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The code of each file without comments and tests, by the module that it belongs to.
fn modules(source_root: &Path) -> BTreeMap<String, Vec<(PathBuf, String)>> {
    let mut files = Vec::new();
    sources(source_root, &mut files);
    let mut modules: BTreeMap<String, Vec<(PathBuf, String)>> = BTreeMap::new();
    for file in files {
        let relative = file.strip_prefix(source_root).unwrap();
        if relative
            .components()
            .any(|part| part.as_os_str() == "tests" || part.as_os_str() == "tests.rs")
        {
            continue;
        }
        let first = relative.components().next().unwrap().as_os_str().to_str().unwrap();
        let module = first.trim_end_matches(".rs").to_owned();
        let text = std::fs::read_to_string(&file).unwrap();
        let code: Vec<&str> = text
            .lines()
            .take_while(|line| !line.starts_with("#[cfg(test)]"))
            .filter(|line| !line.trim_start().starts_with("//"))
            .collect();
        modules.entry(module).or_default().push((file, code.join("\n")));
    }
    modules
}

/// The names that follow `crate::` in a piece of code, groups in braces included.
fn crate_imports(code: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (start, _) in code.match_indices("crate::") {
        let boundary = code[..start]
            .chars()
            .next_back()
            .is_none_or(|before| !before.is_alphanumeric() && before != '_');
        if !boundary {
            continue;
        }
        let rest = &code[start + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let (mut depth, mut name) = (0, String::new());
            for character in group.chars() {
                match character {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => names.push(std::mem::take(&mut name)),
                    _ if depth == 0 => name.push(character),
                    _ => {}
                }
            }
            names.push(name);
        } else {
            names.push(
                rest.chars()
                    .take_while(|character| character.is_alphanumeric() || *character == '_')
                    .collect(),
            );
        }
    }
    names
        .iter()
        .map(|name| name.trim().split(':').next().unwrap_or_default().to_owned())
        .filter(|name| !name.is_empty())
        .collect()
}

#[test]
fn modules_import_only_from_the_layers_below() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let allowed: BTreeMap<_, _> = MAY_IMPORT.iter().copied().collect();
    let mut faults = Vec::new();
    for (module, files) in modules(&root) {
        if matches!(module.as_str(), "lib" | "main") {
            continue;
        }
        let Some(allowed) = allowed.get(module.as_str()) else {
            faults.push(format!(
                "{module} stands in no layer: add it to ARCHITECTURE.md and here"
            ));
            continue;
        };
        for (file, code) in files {
            for import in crate_imports(&code) {
                if import != module && !allowed.contains(&import.as_str()) {
                    faults.push(format!("{} imports {import}", file.display()));
                }
            }
            for (krate, owners) in CRATE_OWNERS {
                if code.contains(&format!("{krate}::")) && !owners.contains(&module.as_str()) {
                    faults.push(format!("{} uses {krate}", file.display()));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_protocol_knows_no_runtime_and_no_store() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared-protocol/src");
    for (_, files) in modules(&root) {
        for (file, code) in files {
            for krate in BARRED_FROM_PROTOCOL {
                assert!(!code.contains(&format!("{krate}::")), "{} uses {krate}", file.display());
            }
        }
    }
}

#[test]
fn the_check_sees_groups_and_single_imports() {
    let code = "use crate::chat::ChatService;\nuse crate::{hub::{Hub, Mailbox}, db};\nlet x = my_crate::foo;";
    assert_eq!(crate_imports(code), ["chat", "hub", "db"]);
}
