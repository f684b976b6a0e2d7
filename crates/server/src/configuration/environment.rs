//! The values of the environment: `CLOCHER_SECTION__KEY` is `section.key`.
//!
//! A `CLOCHER_` variable without `__` is nobody's, unless it looks like a key that was mistyped.

use super::instance::INSTANCE_KEYS;
use super::nearest::{nearest, unknown};
use super::process::PROCESS_KEYS;
use super::source::{Source, Value};
use crate::failure::{Failure, Outcome};

/// What the environment says of the configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    /// Values of the process.
    pub process: Vec<Value>,
    /// Values of an instance, which hold where there is only one.
    pub instance: Vec<Value>,
}

impl Environment {
    /// Reads that of this process.
    ///
    /// # Errors
    /// Where a variable names no known key.
    pub fn read() -> Outcome<Self> {
        Self::of(std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.to_string_lossy().into_owned()))
        }))
    }

    /// Reads these variables.
    ///
    /// # Errors
    /// Where one names no known key.
    pub fn of(variables: impl IntoIterator<Item = (String, String)>) -> Outcome<Self> {
        let mut found = Self::default();
        for (name, text) in variables {
            let Some(rest) = name.strip_prefix("CLOCHER_") else { continue };
            let key = rest.to_ascii_lowercase().replace("__", ".");
            if !rest.contains("__") {
                refuse_mistyped(&name, &key)?;
                continue;
            }
            let value = Value { key, text, source: Source::Environment(name) };
            if PROCESS_KEYS.contains(&value.key.as_str()) {
                found.process.push(value);
            } else if is_overridable(&value.key) {
                found.instance.push(value);
            } else {
                return Err(unknown(&value, &known()));
            }
        }
        Ok(found)
    }
}

/// Only keys with a section have a variable: an instance's domain is its folder's name.
fn is_overridable(key: &str) -> bool {
    key.contains('.') && INSTANCE_KEYS.contains(&key)
}

fn known() -> Vec<&'static str> {
    PROCESS_KEYS.into_iter().chain(INSTANCE_KEYS.into_iter().filter(|key| is_overridable(key))).collect()
}

/// Refuses `CLOCHER_SERVER_LISTEN`, which would otherwise be without effect and without a word.
fn refuse_mistyped(name: &str, key: &str) -> Outcome {
    let with_bars: Vec<String> = known().iter().map(|key| key.replace('.', "_")).collect();
    let candidates: Vec<&str> = with_bars.iter().map(String::as_str).collect();
    let near = nearest(key, &candidates);
    if strsim::damerau_levenshtein(near, key) > 1 {
        return Ok(());
    }
    let meant = known().into_iter().find(|key| key.replace('.', "_") == near).unwrap_or_default();
    let variable = format!("CLOCHER_{}", meant.replace('.', "__").to_ascii_uppercase());
    Err(Failure::wrong("configuration-variable").with("name", name).with("nearest", variable))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    fn read(variables: &[(&str, &str)]) -> Outcome<Environment> {
        Environment::of(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
    }

    #[test]
    fn variables_are_keys_of_the_process_or_of_an_instance() {
        let found = read(&[
            ("CLOCHER_SERVER__LISTEN", "127.0.0.1:1"),
            ("CLOCHER_DATABASE__URL", "sqlite"),
            ("CLOCHER_TEST_POSTGRES", "postgres://localhost"),
            ("CLOCHER_DATA", "/srv"),
            ("PATH", "/bin"),
        ])
        .unwrap();
        assert_eq!((found.process.len(), found.instance.len()), (1, 1));
        assert_eq!(found.process[0].key, "server.listen");
    }

    #[test]
    fn a_variable_that_is_no_key_is_refused_with_the_nearest_one() {
        for (name, nearest) in [
            ("CLOCHER_SERVER__LISTN", "server.listen"),
            ("CLOCHER_FEDERATION__TEST_HOSTS", "federation.siblings"),
            ("CLOCHER_SERVER_LISTEN", "CLOCHER_SERVER__LISTEN"),
            ("CLOCHER_DOMAIN__", "database.url"),
        ] {
            let failure = read(&[(name, "x")]).unwrap_err();
            assert_eq!(failure.code(), 2);
            let text = failure.text(Language::En);
            assert!(text.contains(name), "{text}");
            if name != "CLOCHER_DOMAIN__" {
                assert!(text.contains(nearest), "{text}");
            }
        }
    }
}
