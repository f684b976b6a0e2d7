//! The known key that a mistyped one is nearest to.
//!
//! Always names one: a far guess still shows what keys look like.

use super::source::Value;
use crate::failure::Failure;

/// The refusal of a key that is not known.
pub(super) fn unknown(value: &Value, known: &[&str]) -> Failure {
    Failure::wrong("configuration-key")
        .with("source", &value.source)
        .with("key", &value.key)
        .with("nearest", nearest(&value.key, known))
}

/// The known key that is nearest to another one.
pub(super) fn nearest<'a>(key: &str, known: &[&'a str]) -> &'a str {
    let distance = |candidate: &&&str| strsim::damerau_levenshtein(key, candidate);
    known.iter().min_by_key(distance).copied().unwrap_or_default()
}
