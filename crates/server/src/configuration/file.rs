//! The values of a TOML file, each with its line.
//!
//! Knows no key: whoever asked for the file judges them.

use super::source::{Source, Value};
use crate::failure::{Failure, Outcome};
use std::io;
use std::path::Path;
use toml::de::{DeTable, DeValue};

/// Reads a file; none where there is no such file.
pub(super) fn read(path: &Path) -> Outcome<Option<Vec<Value>>> {
    match std::fs::read_to_string(path) {
        Ok(text) => parse(path, &text).map(Some),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::file(path, &error)),
    }
}

pub(super) fn parse(path: &Path, text: &str) -> Outcome<Vec<Value>> {
    let table = DeTable::parse(text).map_err(|error| {
        let line = error.span().map_or(1, |span| line_of(text, span.start));
        Failure::wrong("configuration-syntax")
            .with("source", Source::File(path.to_owned(), line))
            .with("error", error.message())
    })?;
    let mut values = Vec::new();
    flatten(path, text, "", table.get_ref(), &mut values);
    Ok(values)
}

fn flatten(path: &Path, text: &str, prefix: &str, table: &DeTable<'_>, values: &mut Vec<Value>) {
    for (name, value) in table {
        let key = if prefix.is_empty() {
            name.get_ref().to_string()
        } else {
            format!("{prefix}.{}", name.get_ref())
        };
        let source = Source::File(path.to_owned(), line_of(text, name.span().start));
        let text_of = match value.get_ref() {
            DeValue::Table(below) => {
                flatten(path, text, &key, below, values);
                continue;
            }
            DeValue::String(value) => value.to_string(),
            DeValue::Integer(value) => value.to_string(),
            DeValue::Boolean(value) => value.to_string(),
            // No key is a list, a date or a fraction: its source shows what was written.
            _ => text.get(value.span()).unwrap_or_default().to_owned(),
        };
        values.push(Value { key, text: text_of, source });
    }
}

/// The line of a byte, from one.
fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_with_their_lines() {
        let text = "# first\na = \"x\"\n\n[server]\nworkers = 2\nlist = [1, 2]\n";
        let values = parse(Path::new("f.toml"), text).unwrap();
        let mut seen: Vec<String> =
            values.iter().map(|value| format!("{} {}={}", value.source, value.key, value.text)).collect();
        seen.sort();
        assert_eq!(seen, ["f.toml:2 a=x", "f.toml:5 server.workers=2", "f.toml:6 server.list=[1, 2]"]);
    }

    #[test]
    fn a_syntax_error_names_its_line() {
        let failure = parse(Path::new("f.toml"), "a = 1\nb = = 2\n").unwrap_err();
        assert_eq!(failure.code(), 2);
        assert!(failure.text(crate::language::Language::En).contains("f.toml:2"));
    }
}
