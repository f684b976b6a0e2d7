//! Deliberate bugs, which the tests must catch: one at a time, of a program that is built to be tested.
//!
//! Without the feature `mutants` there is none: [`is`] is always false, and nothing of them is left.

/// A bug that could slip in, each against a rule of nesting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Mutant {
    /// What the ledger has already is told again.
    NoLedgerCheck = 1,
    /// A thread that stands in a community already is announced again.
    ReAnnouncing,
    /// Authors are told of what they wrote.
    AuthorNotExcluded,
    /// A line of a digest stays, though the message went out at once.
    DigestAfterUpgrade,
    /// The weakest mode decides.
    WeakestModeWins,
    /// What climbed goes down again.
    DownAfterUp,
    /// What is merely announced is placed.
    PlacedWithoutOffer,
    /// A second way by which a thread came does not go on.
    SecondWayIgnored,
    /// Replies go to those who follow the home alone.
    RepliesToFollowersOnly,
    /// A closed community is named to those who are not in it.
    ClosedIsNamed,
    /// A deletion does not go where the thread was withdrawn.
    DeletionNotToWithdrawn,
    /// A restored database sends what it owed.
    SentAfterRestore,
}

impl Mutant {
    /// All twelve.
    pub const ALL: [Self; 12] = [
        Self::NoLedgerCheck,
        Self::ReAnnouncing,
        Self::AuthorNotExcluded,
        Self::DigestAfterUpgrade,
        Self::WeakestModeWins,
        Self::DownAfterUp,
        Self::PlacedWithoutOffer,
        Self::SecondWayIgnored,
        Self::RepliesToFollowersOnly,
        Self::ClosedIsNamed,
        Self::DeletionNotToWithdrawn,
        Self::SentAfterRestore,
    ];
}

#[cfg(feature = "mutants")]
static ON: std::sync::atomic::AtomicU8 = std::sync::atomic::AtomicU8::new(0);

/// Whether the program has that bug.
#[cfg(feature = "mutants")]
pub fn is(mutant: Mutant) -> bool {
    ON.load(std::sync::atomic::Ordering::Relaxed) == mutant as u8
}

/// Whether the program has that bug: it never has.
#[cfg(not(feature = "mutants"))]
pub const fn is(_: Mutant) -> bool {
    false
}

/// Gives the program that bug, in all of its threads, or takes it away.
#[cfg(feature = "mutants")]
pub fn set(mutant: Option<Mutant>) {
    ON.store(mutant.map_or(0, |mutant| mutant as u8), std::sync::atomic::Ordering::Relaxed);
}
