//! One mail address on two instances, joined by its holder: which instance is its home, and which of the two tells of a
//! message.
//!
//! Knows neither addresses nor how their holder is known.

use crate::time::{DAY, HOUR, MINUTE};
use serde::{Deserialize, Serialize};

/// How long the links count that ask the holder, and the ticket, in milliseconds.
pub const ASKING: i64 = 2 * DAY;
/// How long before another mail asks the same address, in milliseconds.
pub const BETWEEN: i64 = 5 * MINUTE;
/// How long the home waits for communities to answer its requests to follow, in milliseconds: of those that have not, the
/// second instance goes on to tell.
pub const PATIENCE: i64 = DAY;
/// From how long before a parting messages are looked at that may have been on their way, in milliseconds.
pub const UNDER_WAY: i64 = HOUR;
/// By how much the clocks of two instances may differ without a message being lost between them, in milliseconds.
pub const SKEW: i64 = 5 * MINUTE;
/// Most communities of one joint.
pub const MAX_COMMUNITIES: usize = 200;
/// Most messages of which one instance says to the other that it told.
pub const MAX_TOLD: usize = 1_000;
/// Most joints of one address.
pub const MAX_JOINTS: usize = 20;

/// How far a joint has come, at one of its ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JointState {
    /// The holder is asked by a mail of this instance.
    Asked,
    /// The holder confirmed it here: the other end is to know.
    Confirmed,
    /// Both ends know of each other: the home asks to follow what the second instance listed.
    Begun,
    /// The home tells of the communities that were handed over.
    Handed,
    /// The second instance asked the home to stop, which has not answered.
    Ending,
    /// It was ended by its holder, and is not made again without them.
    Ended,
}

impl JointState {
    /// Every state.
    pub const ALL: [Self; 6] =
        [Self::Asked, Self::Confirmed, Self::Begun, Self::Handed, Self::Ending, Self::Ended];

    /// Its permanent name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Confirmed => "confirmed",
            Self::Begun => "begun",
            Self::Handed => "handed",
            Self::Ending => "ending",
            Self::Ended => "ended",
        }
    }

    /// Reads the permanent name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }

    /// Whether both ends know of it, and neither ended it.
    pub fn is_live(self) -> bool {
        matches!(self, Self::Begun | Self::Handed | Self::Ending)
    }
}

/// What one end says to the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum JointStep {
    /// The home has the word of the holder, and who is to follow.
    Begin,
    /// The second instance lists what is to be followed, and in which mode.
    List,
    /// The home follows these, and is ready to tell of them.
    Ready,
    /// The second instance tells of these no more, and what it told.
    Handed,
    /// The second instance asks the home to stop.
    Release,
    /// The home has stopped: what it told, and what it owed and tells no more.
    Released,
}

impl JointStep {
    /// Every step.
    pub const ALL: [Self; 6] =
        [Self::Begin, Self::List, Self::Ready, Self::Handed, Self::Release, Self::Released];

    /// Its permanent name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Begin => "begin",
            Self::List => "list",
            Self::Ready => "ready",
            Self::Handed => "handed",
            Self::Release => "release",
            Self::Released => "released",
        }
    }

    /// Reads the permanent name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.as_str() == name)
    }

    /// Whether the home says it, and not the second instance.
    pub fn is_of_home(self) -> bool {
        matches!(self, Self::Begin | Self::Ready | Self::Released)
    }
}

/// A joint of an address, as far as it forbids another one.
#[derive(Clone, Copy, Debug)]
pub struct Other<'a> {
    /// Whether this instance is its home.
    pub is_home: bool,
    /// The other instance.
    pub domain: &'a str,
    /// How far it has come.
    pub state: JointState,
}

/// Whether an instance may become the home of an address for that one: a home has no home for the address itself, so that
/// mail is handed on once and never in a circle.
pub fn may_be_home(others: &[Other<'_>]) -> bool {
    !others.iter().any(|one| !one.is_home && one.state.is_live())
}

/// Whether an instance may hand an address over to that one: to one home alone, and not to one for which it is the home.
pub fn may_hand_over(others: &[Other<'_>], to: &str) -> bool {
    !others.iter().any(|one| {
        if one.is_home {
            one.domain == to && (one.state.is_live() || one.state == JointState::Confirmed)
        } else {
            one.domain != to && one.state.is_live()
        }
    })
}

/// Which of the instances that verified an address is its first home: the one that did so first, then the smallest name.
pub fn first_home(verified: &[(String, i64)]) -> Option<&str> {
    verified.iter().min_by_key(|(domain, since)| (*since, domain)).map(|(domain, _)| domain.as_str())
}

/// Whether the home tells of a message, and the second instance does not: of a top post that stands in a community handed
/// over, of a reply whose home was handed over. So one of the two tells of it, and both know which.
pub fn is_told_by_home(is_reply: bool, holders: &[i64], home: Option<i64>, handed: &[i64]) -> bool {
    if is_reply {
        home.is_some_and(|home| handed.contains(&home))
    } else {
        holders.iter().any(|holder| handed.contains(holder))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn other(is_home: bool, domain: &str, state: JointState) -> Other<'_> {
        Other { is_home, domain, state }
    }

    #[test]
    fn the_first_home_is_the_one_that_verified_first() {
        let three = [("b.fr".to_owned(), 2), ("c.fr".to_owned(), 1), ("a.fr".to_owned(), 2)];
        assert_eq!(first_home(&three), Some("c.fr"));
        assert_eq!(first_home(&[("b.fr".to_owned(), 1), ("a.fr".to_owned(), 1)]), Some("a.fr"));
        assert_eq!(first_home(&[]), None);
    }

    #[test]
    fn a_home_hands_nothing_on_and_nobody_hands_over_in_a_circle() {
        for state in JointState::ALL {
            assert_eq!(may_be_home(&[other(false, "a.fr", state)]), !state.is_live(), "{state:?}");
            assert!(may_be_home(&[other(true, "a.fr", state)]), "home of several");
            let begins = state.is_live() || state == JointState::Confirmed;
            assert_eq!(may_hand_over(&[other(true, "a.fr", state)], "a.fr"), !begins, "{state:?}");
            assert_eq!(may_hand_over(&[other(false, "b.fr", state)], "a.fr"), !state.is_live(), "{state:?}");
            assert!(may_hand_over(&[other(true, "b.fr", state)], "a.fr"), "a chain");
            assert!(may_hand_over(&[other(false, "a.fr", state)], "a.fr"), "the same again");
            assert_eq!(JointState::parse(state.as_str()), Some(state));
        }
    }

    #[test]
    fn the_home_tells_of_what_stands_in_a_community_handed_over_and_of_replies_where_that_is_their_home() {
        assert!(is_told_by_home(false, &[1, 2], Some(1), &[2]));
        assert!(!is_told_by_home(false, &[1, 3], Some(1), &[2]));
        assert!(!is_told_by_home(true, &[1, 2], Some(1), &[2]), "replies go to the home");
        assert!(is_told_by_home(true, &[1, 2], Some(1), &[1]));
        assert!(!is_told_by_home(false, &[], None, &[1]), "in no community");
    }
}
