//! One declaration a setting: the parser, the README's table and `deploy/gateway.env.example` all read it, so they cannot
//! drift apart.

/// What may be shown of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visibility {
    /// All of it.
    Open,
    /// All but the password inside the address.
    Address,
    /// Only whether it is set.
    Hidden,
}

/// One environment variable.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// The variable.
    pub name: &'static str,
    /// The text that stands in for an unset variable; empty: none.
    pub default: &'static str,
    /// What stands in for it when the default is no fixed text, in words.
    pub default_in_words: &'static str,
    /// Smallest and largest number; only for integers.
    pub range: Option<(u64, u64)>,
    /// A value that would do, shown with every fault.
    pub example: &'static str,
    /// What it is for, with its unit and what a value too low or too high does.
    pub meaning: &'static str,
    /// What may be shown of it.
    pub visibility: Visibility,
}

/// The settings of one section.
#[derive(Clone, Copy, Debug)]
pub struct Section {
    /// Heading.
    pub title: &'static str,
    /// In reading order.
    pub settings: &'static [Setting],
}

impl Setting {
    pub(super) const fn new(name: &'static str, example: &'static str, meaning: &'static str) -> Self {
        Self {
            name,
            default: "",
            default_in_words: "none",
            range: None,
            example,
            meaning,
            visibility: Visibility::Open,
        }
    }

    pub(super) const fn or(mut self, default: &'static str) -> Self {
        self.default = default;
        self.default_in_words = "";
        self
    }

    pub(super) const fn or_else(mut self, words: &'static str) -> Self {
        self.default_in_words = words;
        self
    }

    pub(super) const fn within(mut self, min: u64, max: u64) -> Self {
        self.range = Some((min, max));
        self
    }

    pub(super) const fn address(mut self) -> Self {
        self.visibility = Visibility::Address;
        self
    }

    pub(super) const fn hidden(mut self) -> Self {
        self.visibility = Visibility::Hidden;
        self
    }

    /// The variable that names a mounted file in place of the value; `None` where there is no such variant.
    pub fn file_variable(&self) -> Option<String> {
        ["_SECRET", "_KEY", "_URL"]
            .iter()
            .any(|ending| self.name.ends_with(ending))
            .then(|| format!("{}_FILE", self.name))
    }
}
