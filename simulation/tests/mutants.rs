//! Each of the twelve deliberate bugs is caught: by random worlds, or by a story where these do not lead.
//!
//! A bug is in all threads of the process: each test needs a process of its own, as `cargo nextest` gives it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use clocher_domain::mutant::{self, Mutant};
use clocher_simulation::{Faults, Trial, scenario, trial};

/// Worlds in which a bug must be found.
const WORLDS: u64 = 60;

/// What catches a bug first: the number of a world.
async fn caught_by_worlds(bug: Mutant) -> Option<u64> {
    mutant::set(Some(bug));
    for number in 0..WORLDS {
        let played = Box::pin(Trial::play(trial::world(number), number, Faults::default())).await;
        let Ok(mut trial) = played else {
            return Some(number);
        };
        if !trial.wrongs().await.unwrap().is_empty() {
            return Some(number);
        }
    }
    None
}

macro_rules! is_caught_by_worlds {
    ($($name:ident: $bug:ident,)*) => {
        $(#[tokio::test]
        async fn $name() {
            assert!(caught_by_worlds(Mutant::$bug).await.is_some());
        })*
    };
}

is_caught_by_worlds! {
    no_ledger_check_is_caught: NoLedgerCheck,
    an_author_who_is_told_is_caught: AuthorNotExcluded,
    a_digest_line_that_stays_is_caught: DigestAfterUpgrade,
    a_weakest_mode_that_wins_is_caught: WeakestModeWins,
    going_down_after_up_is_caught: DownAfterUp,
    a_placement_without_an_offer_is_caught: PlacedWithoutOffer,
    replies_to_followers_only_are_caught: RepliesToFollowersOnly,
    a_second_way_that_is_ignored_is_caught: SecondWayIgnored,
    a_second_announce_is_caught: ReAnnouncing,
    a_closed_community_that_is_named_is_caught: ClosedIsNamed,
}

#[tokio::test]
async fn a_second_way_goes_on_and_is_not_announced() {
    assert_eq!(scenario::two_ways().await.unwrap(), Vec::<String>::new());
    for bug in [Mutant::SecondWayIgnored, Mutant::ReAnnouncing] {
        mutant::set(Some(bug));
        assert_ne!(scenario::two_ways().await.unwrap(), Vec::<String>::new(), "{bug:?}");
    }
}

#[tokio::test]
async fn a_closed_community_is_named_to_its_members_alone() {
    assert_eq!(scenario::closed_is_not_named().await.unwrap(), Vec::<String>::new());
    mutant::set(Some(Mutant::ClosedIsNamed));
    assert_ne!(scenario::closed_is_not_named().await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn a_deletion_goes_where_the_thread_was_withdrawn() {
    assert_eq!(scenario::withdrawn_then_deleted().await.unwrap(), Vec::<String>::new());
    mutant::set(Some(Mutant::DeletionNotToWithdrawn));
    assert_ne!(scenario::withdrawn_then_deleted().await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn a_restored_database_sends_nothing_before_it_is_confirmed() {
    assert_eq!(scenario::restored_from_backup().await.unwrap(), Vec::<String>::new());
    mutant::set(Some(Mutant::SentAfterRestore));
    assert_ne!(scenario::restored_from_backup().await.unwrap(), Vec::<String>::new());
}
