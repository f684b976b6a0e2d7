//! Why a command did not do what was asked, and the exit code that says so.
//!
//! Holds a key of the catalogue and what fills it, so that one place puts it into the user's language.

use crate::language::Language;
use clocher_domain::refusal::Kind;
use std::fmt::Display;

/// A command that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    code: u8,
    key: String,
    arguments: Vec<(&'static str, String)>,
    lines: Vec<String>,
}

/// What a command gives.
pub type Outcome<T = ()> = Result<T, Failure>;

impl Failure {
    /// It failed: exit code 1.
    pub fn failed(key: &str) -> Self {
        Self { code: 1, key: key.to_owned(), arguments: Vec::new(), lines: Vec::new() }
    }

    /// It was asked wrongly: exit code 2.
    pub fn wrong(key: &str) -> Self {
        Self { code: 2, ..Self::failed(key) }
    }

    /// With an argument of its text.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Display) -> Self {
        self.arguments.push((name, value.to_string()));
        self
    }

    /// With lines below its text, in no language.
    #[must_use]
    pub fn lines(mut self, lines: impl IntoIterator<Item = String>) -> Self {
        self.lines.extend(lines);
        self
    }

    /// The exit code.
    pub fn code(&self) -> u8 {
        self.code
    }

    /// The key of its text.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// What to tell the user.
    pub fn text(&self, language: Language) -> String {
        let mut text = language.fill(&self.key, &self.arguments);
        for line in &self.lines {
            text.push_str("\n  ");
            text.push_str(line);
        }
        text
    }

    /// A file or folder that could not be used.
    pub fn file(path: &std::path::Path, error: &std::io::Error) -> Self {
        Self::failed("file-failed").with("path", path.display()).with("error", error)
    }
}

impl From<clocher_app::Error> for Failure {
    fn from(error: clocher_app::Error) -> Self {
        let Some(refusal) = error.refusal() else {
            return Self::failed("internal-failed").with("error", error);
        };
        let key = format!("refused-{}", refusal.code().replace('_', "-"));
        if refusal.kind() == Kind::Invalid { Self::wrong(&key) } else { Self::failed(&key) }
    }
}

impl From<clocher_storage::Error> for Failure {
    fn from(error: clocher_storage::Error) -> Self {
        clocher_app::Error::from(error).into()
    }
}
