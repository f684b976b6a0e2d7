//! Identifiers: 53-bit integers that grow with time. Minting them needs a clock and lives in `app`.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Milliseconds between the Unix epoch and 2020-01-01T00:00:00Z, where ids begin.
pub const EPOCH_MILLIS: i64 = 1_577_836_800_000;
/// Bits of an id that number the ids of one millisecond.
const SEQUENCE_BITS: u32 = 12;
/// The largest id: 2^53 - 1, the largest integer exact in JavaScript.
pub const MAX: i64 = (1 << 53) - 1;

/// An identifier: 41 bits of milliseconds since 2020, then 12 bits of sequence.
///
/// Sortable by time, unique within one instance, exact in JavaScript.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Id(pub i64);

impl Id {
    /// The first id of a millisecond (Unix time); times before 2020 give id 0.
    pub fn first_at(unix_millis: i64) -> Self {
        let since = unix_millis.saturating_sub(EPOCH_MILLIS).max(0);
        Self(since.saturating_mul(1 << SEQUENCE_BITS).min(MAX))
    }

    /// The Unix time, in milliseconds, at which this id was minted.
    pub fn minted_at_millis(self) -> i64 {
        (self.0 >> SEQUENCE_BITS) + EPOCH_MILLIS
    }

    /// The id that follows.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1).min(MAX))
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The text is not a decimal integer between 0 and [`MAX`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id")]
pub struct NotAnId;

impl FromStr for Id {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() || text.len() > 16 || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(NotAnId);
        }
        match text.parse::<i64>() {
            Ok(value) if value <= MAX => Ok(Self(value)),
            _ => Err(NotAnId),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_tells_when_it_was_minted_and_stays_exact_in_javascript() {
        let now = 1_795_000_000_123;
        let id = Id::first_at(now);
        assert_eq!(id.minted_at_millis(), now);
        assert!(id.next() > id);
        assert!(id.0 <= MAX);
    }

    #[test]
    fn only_plain_decimal_numbers_are_ids() {
        assert_eq!("42".parse(), Ok(Id(42)));
        for bad in ["", "-1", "+1", "1e3", "9007199254740992", " 1", "99999999999999999999"] {
            assert_eq!(bad.parse::<Id>(), Err(NotAnId), "{bad:?}");
        }
    }
}
