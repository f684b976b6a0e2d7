//! Once per person: who is told of a message, by which mode, from which list, and when a digest is due.
//!
//! The rules of the ledger of the specification of nesting. Knows neither channels nor storage: communities are named
//! by their numbers.

use crate::mutant::{self, Mutant};
use crate::time::{DAY, HOUR, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// What arrives later than that goes to the digest, in milliseconds.
pub const LATE: i64 = 7 * DAY;
/// The weekday of weekly digests, days after Monday.
const WEEKLY_ON: i64 = 0;

/// In which mode a person gets mail of a community, the strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// Each message at once.
    Immediate,
    /// A line in the digest of the day.
    Daily,
    /// A line in the digest of the week.
    Weekly,
    /// At once, and only what moderators open.
    Announcements,
    /// Nothing.
    None,
}

impl Mode {
    /// Every mode, the strongest first.
    pub const ALL: [Self; 5] = [Self::Immediate, Self::Daily, Self::Weekly, Self::Announcements, Self::None];

    /// Its permanent name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Immediate => "immediate",
            Self::Daily => "daily",
            Self::Weekly => "weekly",
            Self::Announcements => "announcements",
            Self::None => "none",
        }
    }

    /// Reads the permanent name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.as_str() == name)
    }

    /// Whether it is a line of a digest.
    pub fn is_digest(self) -> bool {
        matches!(self, Self::Daily | Self::Weekly)
    }

    /// The modes that this one takes the place of, where a line waits.
    pub fn weaker(self) -> Vec<Self> {
        Self::ALL.into_iter().filter(|mode| *mode > self).collect()
    }

    /// Whether it lets a message through.
    fn admits(self, message: Message) -> bool {
        match self {
            Self::Immediate | Self::Daily | Self::Weekly => true,
            Self::Announcements => message.is_announcement && !message.is_reply,
            Self::None => false,
        }
    }

    /// The mode in which it is told this long after it was published.
    #[must_use]
    pub fn after(self, millis: i64) -> Self {
        if millis > LATE && matches!(self, Self::Immediate | Self::Announcements) {
            Self::Daily
        } else {
            self
        }
    }
}

/// What is known of a message.
#[derive(Clone, Copy, Debug, Default)]
pub struct Message {
    /// Whether it answers in a thread.
    pub is_reply: bool,
    /// Whether its thread is in a community where moderators alone open threads, or one of them opened it.
    pub is_announcement: bool,
}

/// A membership of a person in a community that holds the thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Membership {
    /// The community.
    pub community: i64,
    /// Since when, in milliseconds since the Unix epoch.
    pub since: i64,
    /// In which mode.
    pub mode: Mode,
    /// Whether it is the home of the thread.
    pub is_home: bool,
}

/// What a person is to a message, all their accounts together.
#[derive(Clone, Copy, Debug)]
pub struct Person<'a> {
    /// The memberships in communities that hold the thread.
    pub memberships: &'a [Membership],
    /// Whether they wrote it.
    pub is_author: bool,
    /// Whether they muted its author.
    pub has_muted: bool,
    /// Whether they left the home of the thread.
    pub has_left_home: bool,
    /// Whether they have, or may read, the message of which this one is said again in an open community.
    pub has_original: bool,
    /// Whether it is addressed to them, or answers them.
    pub is_named: bool,
    /// Whether they follow the thread.
    pub follows_thread: bool,
    /// Their mode where nothing else is said.
    pub own_mode: Mode,
}

/// Decides in which mode a person is told of a message by mail; none where they are not.
///
/// A top post goes to whom a community that holds it admits; a reply, to members of the home, to whom it names and to
/// those who follow the thread. The strongest mode decides.
pub fn decide_mode(message: Message, person: Person<'_>) -> Option<Mode> {
    let is_author = person.is_author && !mutant::is(Mutant::AuthorNotExcluded);
    if is_author || person.has_muted || person.has_left_home || person.has_original {
        return None;
    }
    let by_thread = message.is_reply && (person.is_named || person.follows_thread);
    let is_fallback = by_thread && person.memberships.is_empty();
    let modes = person
        .memberships
        .iter()
        .filter(|membership| !message.is_reply || by_thread || membership.is_home)
        .map(|membership| membership.mode)
        .chain(is_fallback.then_some(person.own_mode))
        .filter(|mode| mode.admits(message));
    if mutant::is(Mutant::WeakestModeWins) { modes.max() } else { modes.min() }
}

/// The memberships by which a message is told, of those that a person has.
pub fn admitting(message: Message, memberships: &[Membership]) -> Vec<Membership> {
    memberships.iter().copied().filter(|membership| membership.mode.admits(message)).collect()
}

/// The list that a message comes from: the nearest of these communities, then the oldest subscription, then the
/// smallest number. `above` has what is reachable from each by active links upwards.
pub fn nearest(among: &[Membership], above: &BTreeMap<i64, BTreeSet<i64>>) -> Option<i64> {
    let reaches = |from: i64, to: i64| above.get(&from).is_some_and(|reached| reached.contains(&to));
    let is_nearer = |x: i64, y: i64| reaches(x, y) && !reaches(y, x);
    among
        .iter()
        .filter(|one| !among.iter().any(|other| is_nearer(other.community, one.community)))
        .min_by_key(|one| (one.since, one.community))
        .map(|one| one.community)
}

/// When the next digest is due after an instant: at that hour of the next day, or of the next Monday, where clocks
/// are `offset` milliseconds before UTC at each instant.
pub fn next_digest(after: Timestamp, mode: Mode, hour: i64, offset: impl Fn(Timestamp) -> i64) -> Timestamp {
    let at_hour = |day: i64| {
        let local = day.saturating_mul(DAY).saturating_add(hour * HOUR);
        // Twice: on a day of a change of time, the first guess may lie on its other side.
        let guess = Timestamp(local).plus(-offset(Timestamp(local)));
        Timestamp(local).plus(-offset(guess))
    };
    let today = after.plus(offset(after)).0.div_euclid(DAY);
    // The first of January 1970 was a Thursday.
    let is_day = |day: i64| mode != Mode::Weekly || (day + 3).rem_euclid(7) == WEEKLY_ON;
    (today..=today + 8)
        .filter(|day| is_day(*day))
        .map(at_hour)
        .find(|due| *due > after)
        .unwrap_or_else(|| after.plus(DAY))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TOP: Message = Message { is_reply: false, is_announcement: false };
    const REPLY: Message = Message { is_reply: true, is_announcement: false };

    fn member(community: i64, mode: Mode) -> Membership {
        Membership { community, since: community, mode, is_home: community == 1 }
    }

    fn person(memberships: &[Membership]) -> Person<'_> {
        Person {
            memberships,
            is_author: false,
            has_muted: false,
            has_left_home: false,
            has_original: false,
            is_named: false,
            follows_thread: false,
            own_mode: Mode::None,
        }
    }

    #[test]
    fn the_strongest_mode_decides() {
        let both = [member(1, Mode::Weekly), member(2, Mode::Immediate)];
        assert_eq!(decide_mode(TOP, person(&both)), Some(Mode::Immediate));
        let silent = [member(1, Mode::None)];
        assert_eq!(decide_mode(TOP, person(&silent)), None);
        assert_eq!(decide_mode(TOP, person(&[])), None);
    }

    #[test]
    fn announcements_are_what_moderators_open_and_no_answers() {
        let only = [member(1, Mode::Announcements)];
        assert_eq!(decide_mode(TOP, person(&only)), None);
        let told = Message { is_announcement: true, ..TOP };
        assert_eq!(decide_mode(told, person(&only)), Some(Mode::Announcements));
        assert_eq!(decide_mode(Message { is_reply: true, ..told }, person(&only)), None);
    }

    #[test]
    fn replies_go_to_the_home_to_whom_they_name_and_to_who_follows_the_thread() {
        let elsewhere = [member(2, Mode::Daily)];
        assert_eq!(decide_mode(REPLY, person(&elsewhere)), None);
        assert_eq!(decide_mode(REPLY, person(&[member(1, Mode::Daily)])), Some(Mode::Daily));
        let named = Person { is_named: true, ..person(&elsewhere) };
        assert_eq!(decide_mode(REPLY, named), Some(Mode::Daily));
        let follows = Person { follows_thread: true, own_mode: Mode::Immediate, ..person(&[]) };
        assert_eq!(decide_mode(REPLY, follows), Some(Mode::Immediate));
        assert_eq!(decide_mode(TOP, follows), None, "a top post goes to members alone");
    }

    #[test]
    fn the_author_who_muted_and_who_left_the_home_get_nothing() {
        let all = [member(1, Mode::Immediate), member(2, Mode::Immediate)];
        for nobody in [
            Person { is_author: true, ..person(&all) },
            Person { has_muted: true, ..person(&all) },
            Person { has_left_home: true, is_named: true, ..person(&all) },
            Person { has_original: true, ..person(&all) },
        ] {
            assert_eq!(decide_mode(TOP, nobody), None);
            assert_eq!(decide_mode(REPLY, nobody), None);
        }
    }

    #[test]
    fn the_school_is_nearer_than_the_commune_and_a_cycle_makes_nobody_nearer() {
        let lists = [member(1, Mode::Daily), member(2, Mode::Daily)];
        let above = |edges: &[(i64, i64)]| {
            let mut above: BTreeMap<i64, BTreeSet<i64>> = BTreeMap::new();
            for (lower, upper) in edges {
                above.entry(*lower).or_default().insert(*upper);
            }
            above
        };
        assert_eq!(nearest(&lists, &above(&[(2, 1)])), Some(2));
        assert_eq!(nearest(&lists, &above(&[])), Some(1), "the oldest subscription");
        assert_eq!(nearest(&lists, &above(&[(2, 1), (1, 2)])), Some(1), "a cycle");
        let same = [member(3, Mode::Daily), Membership { since: 3, ..member(2, Mode::Daily) }];
        assert_eq!(nearest(&same, &above(&[])), Some(2), "the smallest number");
        assert_eq!(nearest(&[], &above(&[])), None);
    }

    #[test]
    fn what_is_a_week_late_is_a_line_of_the_digest() {
        assert_eq!(Mode::Immediate.after(LATE), Mode::Immediate);
        assert_eq!(Mode::Immediate.after(LATE + 1), Mode::Daily);
        assert_eq!(Mode::Weekly.after(LATE + 1), Mode::Weekly);
    }

    #[test]
    fn a_weekly_digest_is_due_on_monday() {
        // Tuesday 24 November 2026, 01:47:51 UTC.
        let tuesday = Timestamp(1_795_484_871_000);
        let paris = |_| HOUR;
        assert_eq!(next_digest(tuesday, Mode::Daily, 7, paris), Timestamp(1_795_500_000_000));
        assert_eq!(next_digest(tuesday, Mode::Weekly, 7, paris), Timestamp(1_795_500_000_000 + 6 * DAY));
    }

    proptest! {
        #[test]
        fn a_digest_is_due_later_and_within_its_period(
            after in 0_i64..4_000_000_000_000,
            hour in 0_i64..24,
            change in 0_i64..4_000_000_000_000,
            weekly: bool,
        ) {
            let offset = |at: Timestamp| if at.0 < change { HOUR } else { 2 * HOUR };
            let (mode, period) = if weekly { (Mode::Weekly, 7 * DAY) } else { (Mode::Daily, DAY) };
            let due = next_digest(Timestamp(after), mode, hour, offset);
            prop_assert!(due.0 > after && due.0 <= after + period + HOUR);
            let again = next_digest(due, mode, hour, offset);
            prop_assert!(again > due, "never the same twice");
        }

        #[test]
        fn the_nearest_is_one_of_them_and_nothing_is_nearer(
            lists in prop::collection::btree_set(0_i64..6, 1..5),
            edges in prop::collection::vec((0_i64..6, 0_i64..6), 0..12),
        ) {
            let mut above: BTreeMap<i64, BTreeSet<i64>> = BTreeMap::new();
            for from in 0..6 {
                let mut waiting = vec![from];
                let mut reached = BTreeSet::new();
                while let Some(at) = waiting.pop() {
                    for (_, upper) in edges.iter().filter(|(lower, _)| *lower == at) {
                        if reached.insert(*upper) {
                            waiting.push(*upper);
                        }
                    }
                }
                above.insert(from, reached);
            }
            let among: Vec<Membership> = lists.iter().map(|one| member(*one, Mode::Daily)).collect();
            let chosen = nearest(&among, &above).unwrap();
            prop_assert!(lists.contains(&chosen));
            for other in &lists {
                prop_assert!(!above[other].contains(&chosen) || above[&chosen].contains(other));
            }
        }
    }
}
