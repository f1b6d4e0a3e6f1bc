//! What is wrong with the settings: everything at once, so that an operator mends it in one go.

use std::fmt;

/// One wrong or missing setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The variable as the operator wrote it (perhaps the `_FILE` variant).
    pub variable: String,
    /// What is wrong. Never holds a secret's text.
    pub fault: String,
    /// A value that would do.
    pub example: String,
}

/// All that is wrong, never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Faults(pub Vec<Fault>);

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.variable, self.fault)?;
        if !self.example.is_empty() {
            write!(f, "; for example {}", self.example)?;
        }
        Ok(())
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}
