//! Catching up with what was said elsewhere before we listened: when, and how much of it.
//!
//! Another server names what there is to fetch, and may name anything: every number here is a bound on what it
//! can make us do.

use crate::time::HOUR;
use serde::{Deserialize, Serialize};

/// Threads taken from an outbox, the newest ones.
pub const THREADS: usize = 50;

/// How old a thread is that somebody passes on when it is worth asking what was answered, in milliseconds.
const OLD: i64 = HOUR;

/// What is left of what may be fetched for one purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allowance {
    /// Items of collections looked at.
    pub items: usize,
    /// Messages fetched one by one.
    pub messages: usize,
    /// Documents of any kind fetched: messages, actors, collections and their pages.
    pub documents: usize,
}

impl Allowance {
    /// For one thread.
    pub const THREAD: Self = Self { items: 1_000, messages: 200, documents: 400 };
    /// For everything that the first follow of an actor brings.
    pub const FOLLOW: Self = Self { items: 5_000, messages: 1_000, documents: 2_000 };

    /// What may be spent on one thread of several.
    #[must_use]
    pub fn of_a_thread(self) -> Self {
        Self {
            items: self.items.min(Self::THREAD.items),
            messages: self.messages.min(Self::THREAD.messages),
            documents: self.documents.min(Self::THREAD.documents),
        }
    }
}

/// A message of another server, as it was just recorded.
#[derive(Clone, Copy, Debug, Default)]
pub struct Found {
    /// It was fetched because we asked for it.
    pub asked_for: bool,
    /// What it answers was missing, and was fetched first.
    pub ancestors_missing: bool,
    /// It opens a thread, which a community passed on.
    pub is_announced_top: bool,
    /// Its age, in milliseconds.
    pub age: i64,
}

/// Decides whether the rest of its thread is worth asking for: where we came late to it.
pub fn decide_catching_up(found: Found) -> bool {
    !found.asked_for && (found.ancestors_missing || (found.is_announced_top && found.age > OLD))
}

/// Decides whether a follow that is accepted is the first of its kind, and brings what was published before.
/// `others` of here follow the actor already.
pub fn decide_backfill(was_requested: bool, others: i64) -> bool {
    was_requested && others == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_we_come_late_to_is_asked_for() {
        assert!(decide_catching_up(Found { ancestors_missing: true, ..Found::default() }));
        let top = Found { is_announced_top: true, age: OLD + 1, ..Found::default() };
        assert!(decide_catching_up(top));
        assert!(!decide_catching_up(Found { age: 0, ..top }), "nobody has answered yet");
        assert!(
            !decide_catching_up(Found { asked_for: true, ..top }),
            "one question does not lead to another"
        );
        assert!(!decide_catching_up(Found { age: OLD + 1, ..Found::default() }));
    }

    #[test]
    fn only_the_first_follow_brings_what_was_before() {
        assert!(decide_backfill(true, 0));
        assert!(!decide_backfill(true, 1));
        assert!(!decide_backfill(false, 0), "an Accept that comes twice");
    }
}
