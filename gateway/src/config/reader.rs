//! Takes texts from wherever they come and turns them into values, gathering faults on the way.
//!
//! A fault never stops the reading: a stand-in takes the value's place, and the whole config is thrown away at the end.

use std::fmt::Display;
use std::io;
use std::path::Path;
use std::time::Duration;

use super::address::without_password;
use super::fault::Fault;
use super::setting::{Setting, Visibility};
use super::summary::Summary;

/// How a variable is looked up.
pub(super) type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;
/// How a mounted file is read.
pub(super) type ReadFile<'a> = &'a dyn Fn(&Path) -> io::Result<String>;

/// Reads settings and remembers what was wrong with them and what they came to.
pub(super) struct Reader<'a> {
    lookup: Lookup<'a>,
    read_file: ReadFile<'a>,
    pub(super) faults: Vec<Fault>,
    pub(super) summary: Summary,
}

impl<'a> Reader<'a> {
    pub(super) fn new(lookup: Lookup<'a>, read_file: ReadFile<'a>) -> Self {
        Self {
            lookup,
            read_file,
            faults: Vec::new(),
            summary: Summary::default(),
        }
    }

    /// The defaults of a section, as if nothing were set.
    pub(super) fn defaults<T>(read: impl FnOnce(&mut Reader<'_>) -> T) -> T {
        let mut reader = Reader::new(&|_| None, &|_| Err(io::ErrorKind::NotFound.into()));
        read(&mut reader)
    }

    pub(super) fn fault(&mut self, setting: &Setting, fault: impl Into<String>) {
        self.faults.push(Fault {
            variable: setting.name.to_owned(),
            fault: fault.into(),
            example: format!("{}={}", setting.name, setting.example),
        });
    }

    /// The variable's text; empty counts as unset.
    fn variable(&self, name: &str) -> Option<String> {
        (self.lookup)(name).filter(|text| !text.is_empty())
    }

    /// The content of the file that `…_FILE` names.
    fn file(&mut self, setting: &Setting) -> Option<String> {
        let variable = setting.file_variable()?;
        let path = self.variable(&variable)?;
        let mut fault = |fault: String| {
            self.faults.push(Fault {
                variable: variable.clone(),
                fault,
                example: format!(
                    "{variable}=/run/secrets/{}",
                    setting.name.to_ascii_lowercase().replace('_', "-")
                ),
            });
        };
        if (self.lookup)(setting.name).is_some_and(|text| !text.is_empty()) {
            fault(format!("{} is set as well; only one of the two may be", setting.name));
            return None;
        }
        match (self.read_file)(Path::new(&path)) {
            Ok(content) if content.trim().is_empty() => {
                fault(format!("the file {path} is empty"));
                None
            }
            Ok(content) => Some(content),
            Err(error) => {
                fault(format!("the file {path} cannot be read: {error}"));
                None
            }
        }
    }

    /// The content of a file that a setting's value names. `None` when it cannot be read, which is a fault.
    pub(super) fn content(&mut self, setting: &Setting, path: &Path) -> Option<String> {
        match (self.read_file)(path) {
            Ok(content) => Some(content),
            Err(error) => {
                self.fault(
                    setting,
                    format!("names the file {}, which cannot be read: {error}", path.display()),
                );
                None
            }
        }
    }

    fn note(&mut self, setting: &Setting, text: Option<&str>) {
        let shown = match (text, setting.visibility) {
            (None, _) => setting.default_in_words.to_owned(),
            (Some(text), Visibility::Open) => text.to_owned(),
            (Some(text), Visibility::Address) => without_password(text),
            (Some(_), Visibility::Hidden) => "[set]".to_owned(),
        };
        self.summary.push(setting.name, shown);
    }

    /// The setting's whole text: the variable's, its file's less the last line break, or the default.
    pub(super) fn text(&mut self, setting: &Setting) -> Option<String> {
        let text = self
            .file(setting)
            .map(|content| content.trim_end_matches(['\n', '\r']).to_owned())
            .or_else(|| self.variable(setting.name))
            .or_else(|| Some(setting.default.to_owned()).filter(|text| !text.is_empty()));
        self.note(setting, text.as_deref());
        if let Some(text) = &text
            && text.contains('\n')
            && !text.trim_start().starts_with("-----BEGIN")
        {
            self.fault(setting, "has several lines where one value is wanted");
            return None;
        }
        text
    }

    /// Like [`Self::text`], where nothing but a value will do.
    pub(super) fn required(&mut self, setting: &Setting, why: &str) -> Option<String> {
        let faults = self.faults.len();
        let text = self.text(setting);
        if text.is_none() && faults == self.faults.len() {
            self.fault(setting, format!("is missing{why}"));
        }
        text
    }

    /// Several values: comma separated in the variable, one a line in the file.
    pub(super) fn list(&mut self, setting: &Setting) -> Vec<String> {
        let from_file = self.file(setting);
        let items: Vec<String> = match &from_file {
            // A secret may begin or end with a blank, so lines are kept as they are.
            Some(content) => content.lines().map(str::to_owned).collect(),
            None => self
                .variable(setting.name)
                .unwrap_or_else(|| setting.default.to_owned())
                .split(',')
                .map(|item| item.trim().to_owned())
                .collect(),
        };
        let items: Vec<String> = items.into_iter().filter(|item| !item.is_empty()).collect();
        self.note(setting, (!items.is_empty()).then(|| items.join(",")).as_deref());
        items
    }

    /// One value in the variable, or several in the file, one a line.
    pub(super) fn lines(&mut self, setting: &Setting) -> Vec<String> {
        let text = self.file(setting).or_else(|| self.variable(setting.name));
        self.note(setting, text.as_deref());
        let lines = text.iter().flat_map(|text| text.lines());
        lines.filter(|line| !line.is_empty()).map(str::to_owned).collect()
    }

    /// A text that `parse` understands. `None` when it is unset, or wrong and hence a fault.
    pub(super) fn parse<T, E: Display>(
        &mut self,
        setting: &Setting,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = self.text(setting)?;
        self.check(setting, &text, parse)
    }

    /// Each item of a list that `parse` understands; the others are faults.
    pub(super) fn parse_list<T, E: Display>(
        &mut self,
        setting: &Setting,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Vec<T> {
        let items = self.list(setting);
        items
            .iter()
            .filter_map(|item| self.check(setting, item, &parse))
            .collect()
    }

    fn check<T, E: Display>(
        &mut self,
        setting: &Setting,
        text: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        match parse(text) {
            Ok(value) => Some(value),
            Err(error) if setting.visibility == Visibility::Open => {
                self.fault(setting, format!("\"{}\" {error}", text.escape_debug()));
                None
            }
            Err(error) => {
                self.fault(setting, error.to_string());
                None
            }
        }
    }

    /// A plain decimal number within the setting's range; unset or wrong: the range's lower end, which no start will use.
    pub(super) fn integer(&mut self, setting: &Setting) -> u64 {
        let (min, max) = setting.range.unwrap_or((0, u64::MAX));
        self.parse(setting, |text| integer_within(text, min, max))
            .unwrap_or(min)
    }

    pub(super) fn size(&mut self, setting: &Setting) -> usize {
        usize::try_from(self.integer(setting)).unwrap_or(usize::MAX)
    }

    pub(super) fn millis(&mut self, setting: &Setting) -> Duration {
        Duration::from_millis(self.integer(setting))
    }

    pub(super) fn seconds(&mut self, setting: &Setting) -> Duration {
        Duration::from_secs(self.integer(setting))
    }
}

/// Digits and nothing else: no sign, blank, underscore or exponent.
pub(super) fn integer_within(text: &str, min: u64, max: u64) -> Result<u64, String> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("is no plain decimal number".to_owned());
    }
    match text.parse() {
        Ok(number) if (min..=max).contains(&number) => Ok(number),
        _ => Err(format!("is not between {min} and {max}")),
    }
}
