//! Where a value of the configuration was written, for whoever has to correct it.
//!
//! Reads nothing.

use crate::failure::Failure;
use std::fmt;
use std::path::PathBuf;

/// Where a value was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A line of a file, counted from one.
    File(PathBuf, usize),
    /// A variable of the environment.
    Environment(String),
    /// A flag of the command line.
    Flag(&'static str),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path, line) => write!(f, "{}:{line}", path.display()),
            Self::Environment(name) => f.write_str(name),
            Self::Flag(name) => f.write_str(name),
        }
    }
}

/// A value, its key (`section.key`) and where it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    /// `section.key`, or a key alone.
    pub key: String,
    /// The value as text, whatever its type in the file was.
    pub text: String,
    /// Where it was written.
    pub source: Source,
}

impl Value {
    /// The refusal of a value, with what would do.
    pub fn refused(&self, expected: &str) -> Failure {
        Failure::wrong("configuration-value")
            .with("source", &self.source)
            .with("key", &self.key)
            .with("value", &self.text)
            .with("expected", expected)
    }
}
