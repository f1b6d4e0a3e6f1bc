//! What the settings came to, for the log at start and for `realtime-gateway check`. Secrets never get in.

use std::fmt;

/// Each variable with the value in force.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary(Vec<(&'static str, String)>);

impl Summary {
    pub(super) fn push(&mut self, name: &'static str, shown: String) {
        self.0.push((name, shown));
    }

    /// In the order of the reference.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|(name, shown)| (*name, shown.as_str()))
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, shown) in self.iter() {
            writeln!(f, "{name} = {shown}")?;
        }
        Ok(())
    }
}
