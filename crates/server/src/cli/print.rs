//! Printing: what a command gives goes to the standard output, for people or as JSON, and the rest to the
//! standard error.
//!
//! A reader that goes away early (`| head`) is no failure.

use crate::language::Language;
use serde_json::Value;
use std::io::Write;

/// Prints what a command gives.
#[derive(Clone, Copy)]
pub(super) struct Printer {
    json: bool,
    /// The user's language.
    pub language: Language,
}

impl Printer {
    pub(super) fn new(json: bool, language: Language) -> Self {
        Self { json, language }
    }

    /// Prints data: as JSON where that was asked for, else the text.
    pub(super) fn data(self, json: impl FnOnce() -> Value, text: impl FnOnce(Language) -> String) {
        let text = if self.json { json().to_string() } else { text(self.language) };
        let mut out = std::io::stdout().lock();
        let _ = writeln!(out, "{text}");
        let _ = out.flush();
    }

    /// Prints that a thing was done, for people only.
    pub(super) fn done(self, key: &str, arguments: &[(&'static str, String)]) {
        let given = arguments.iter().map(|(name, value)| ((*name).to_owned(), Value::from(value.as_str())));
        self.data(|| Value::Object(given.collect()), |language| language.fill(key, arguments));
    }

    /// Tells something beside the data.
    pub(super) fn note(self, key: &str, arguments: &[(&'static str, String)]) {
        complain(&self.language.fill(key, arguments));
    }
}

/// Writes a line for people to the standard error.
pub(super) fn complain(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Lines with their columns aligned; the last column is as long as it is.
pub(super) fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let lines = rows.iter().map(|row| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// An instant as RFC 3339 writes it, in UTC, to the second.
pub(super) fn instant(millis: i64) -> String {
    jiff::Timestamp::from_second(millis.div_euclid(1000))
        .map_or_else(|_| millis.to_string(), |at| at.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_by_characters() {
        let row = |cells: [&str; 2]| cells.map(str::to_owned).to_vec();
        assert_eq!(table(&[row(["é", "b"]), row(["abc", ""])]), "é    b\nabc");
        assert_eq!(table(&[]), "");
    }

    #[test]
    fn instants_are_written_in_utc() {
        assert_eq!(instant(1_800_000_000_123), "2027-01-15T08:00:00Z");
        assert_eq!(instant(i64::MAX), i64::MAX.to_string());
    }
}
