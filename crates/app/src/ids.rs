//! Minting ids: growing with time, never twice within a process. Two processes of one instance begin each
//! millisecond at places of their own, so that they hardly ever meet; the primary key is there where they do.

use clocher_domain::{Id, Timestamp};
use std::sync::atomic::{AtomicI64, Ordering};

/// Ids of one millisecond.
const PER_MILLISECOND: i64 = 1 << 12;

/// Mints the ids of one instance.
#[derive(Debug)]
pub struct Ids {
    last: AtomicI64,
    /// Where this process begins within a millisecond: in the first half of its ids.
    offset: i64,
}

impl Default for Ids {
    fn default() -> Self {
        Self { last: AtomicI64::default(), offset: rand::random_range(0..PER_MILLISECOND / 2) }
    }
}

impl Ids {
    /// The next id: of this millisecond, or after the last one minted where the clock stood or went back.
    pub fn mint(&self, now: Timestamp) -> i64 {
        let first = Id::first_at(now.0).0 + self.offset;
        let previous = self
            .last
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(first.max(last + 1)))
            .unwrap_or_default();
        first.max(previous + 1)
    }

    /// Makes sure that ids stay above one that exists.
    pub fn stay_above(&self, id: i64) {
        self.last.fetch_max(id, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_grow_even_when_the_clock_goes_back() {
        let ids = Ids::default();
        let now = Timestamp(1_800_000_000_000);
        let first = ids.mint(now);
        let second = ids.mint(now);
        let third = ids.mint(now.plus(-60_000));
        assert!(first < second && second < third);
        assert_eq!(Id(first).minted_at_millis(), now.0);
    }
}
