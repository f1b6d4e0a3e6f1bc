//! The lines on standard output. Whoever started the generator reads them as they come.

use std::io::{self, Write as _};

use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase", tag = "line")]
enum Line<'a, T> {
    Begin,
    End,
    Result { result: &'a T },
}

/// The measured time begins.
pub(crate) fn begin() -> io::Result<()> {
    say(&Line::<()>::Begin)
}

/// The measured time is over.
pub(crate) fn end() -> io::Result<()> {
    say(&Line::<()>::End)
}

/// What was measured.
pub(crate) fn result<T: Serialize>(result: &T) -> io::Result<()> {
    say(&Line::Result { result })
}

#[expect(clippy::print_stderr, reason = "a command that tells why it failed")]
pub(crate) fn failure(what: &str) {
    eprintln!("{what}");
}

fn say<T: Serialize>(line: &Line<'_, T>) -> io::Result<()> {
    let mut out = io::stdout().lock();
    serde_json::to_writer(&mut out, line)?;
    out.write_all(b"\n")?;
    out.flush()
}
