//! The settings as documentation: the README's table and `deploy/gateway.env.example`, both made from the declarations.

use std::fmt::Write as _;

use super::setting::{Section, Setting};
use super::{engine, jwt, limits, listen, log, postgres, presence, redis, session};

/// Every section, in reading order.
pub const SECTIONS: [Section; 9] = [
    listen::SECTION,
    redis::SECTION,
    postgres::SECTION,
    session::SECTION,
    jwt::SECTION,
    engine::SECTION,
    presence::SECTION,
    limits::SECTION,
    log::SECTION,
];

/// Every setting, in reading order.
pub fn settings() -> impl Iterator<Item = &'static Setting> {
    const { &SECTIONS }.iter().flat_map(|section| section.settings)
}

/// The README's tables, one a section.
pub fn markdown() -> String {
    let mut text = String::new();
    for (at, section) in SECTIONS.iter().enumerate() {
        let gap = if at == 0 { "" } else { "\n" };
        let _ = writeln!(text, "{gap}### {}\n\n{}", section.title, table(section).trim_end());
    }
    text
}

fn table(section: &Section) -> String {
    let mut table = String::from("| variable | default | meaning |\n|---|---|---|\n");
    for setting in section.settings {
        let default = match setting.default {
            "" => setting.default_in_words.to_owned(),
            text => format!("`{text}`"),
        };
        let range = match setting.range {
            Some((min, max)) => format!(" ({min}–{max})"),
            None => String::new(),
        };
        let file = match setting.file_variable() {
            Some(_) => " Also `…_FILE`.",
            None => "",
        };
        let meaning = setting.meaning.replace('|', "\\|");
        let _ = writeln!(table, "| `{}` | {default}{range} | {meaning}{file} |", setting.name);
    }
    table
}

/// `deploy/gateway.env.example`: what has a default stands there with it, the rest as a comment with an example.
pub fn env_example() -> String {
    let mut text = String::from(
        "# Every setting of the gateway with its default. Empty counts as unset; a name ending in _SECRET, _KEY or _URL also\n\
         # exists as …_FILE, which names a mounted file. Made from the declarations in gateway/src/config; a test compares.\n",
    );
    for section in SECTIONS {
        let _ = writeln!(text, "\n## {}", section.title);
        for setting in section.settings {
            let _ = writeln!(text, "\n# {}", setting.meaning);
            let _ = match setting.default {
                "" => writeln!(
                    text,
                    "# Default: {}.\n#{}={}",
                    setting.default_in_words, setting.name, setting.example
                ),
                default => writeln!(text, "{}={default}", setting.name),
            };
        }
    }
    text
}
