//! How a thread travels: its home, where else it is placed, by which ways it came there and how far it may go.
//!
//! The rules of travel of the specification of nesting. Knows neither storage nor wire: communities are named by their
//! ActivityPub ids.

use crate::community::Openness;
use crate::link::{Accepting, Policy, Relation, Sharing};
use crate::mutant::{self, Mutant};
use crate::refusal::Refusal;
use serde::{Deserialize, Serialize};

/// Longest path, in communities: hamlets, communes, intercommunalités, départements and régions are five.
pub const MAX_PATH: usize = 12;
/// Most communities that a reach names.
pub const MAX_REACH: usize = 100;
/// Most placements of one thread that are remembered: beyond it nobody elsewhere is told of what is answered.
pub const MAX_PLACEMENTS: i64 = 2_000;
/// Most communities, besides its home, to which one message is addressed.
pub const MAX_ADDRESSED: usize = 10;
/// Threads of one link that are let in on one day without a moderator.
pub const DAILY_BY_LINK: i64 = 20;
/// Threads of one author that are let in over one link on one day without a moderator.
pub const DAILY_BY_AUTHOR: i64 = 3;

/// A way by which a thread came to a community.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Way {
    /// It is its home.
    Home,
    /// Its author addressed it there too.
    Addressed,
    /// From below.
    Up,
    /// From above.
    Down,
    /// From beside.
    Side,
}

impl Way {
    /// Every way.
    pub const ALL: [Self; 5] = [Self::Home, Self::Addressed, Self::Up, Self::Down, Self::Side];

    /// The way by which a thread comes to a community from one that is, to it, in that relation.
    pub fn from_neighbour(neighbour: Relation) -> Self {
        match neighbour {
            Relation::Lower => Self::Up,
            Relation::Upper => Self::Down,
            Relation::Peer => Self::Side,
        }
    }

    /// Its permanent name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Home => "home",
            Self::Addressed => "addressed",
            Self::Up => "up",
            Self::Down => "down",
            Self::Side => "side",
        }
    }

    /// Reads the permanent name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.as_str() == name)
    }

    /// Whether what came by this way may go on by that one (rule 1): home goes anywhere, up goes up, down goes down,
    /// and a step sideways is the last.
    pub fn goes_on(self, next: Self) -> bool {
        match self {
            Self::Home => matches!(next, Self::Up | Self::Down | Self::Side),
            Self::Up => next == Self::Up || (mutant::is(Mutant::DownAfterUp) && next == Self::Down),
            Self::Down => next == Self::Down,
            Self::Addressed | Self::Side => false,
        }
    }

    /// Whether what came by this way ends where it came.
    pub fn is_last(self) -> bool {
        !Self::ALL.into_iter().any(|next| self.goes_on(next))
    }

    fn bit(self) -> i64 {
        match self {
            Self::Home => 1,
            Self::Addressed => 2,
            Self::Up => 4,
            Self::Down => 8,
            Self::Side => 16,
        }
    }
}

/// The ways by which a thread came to a community, as a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ways(i64);

impl Ways {
    /// Reads what a row holds; none for bits that mean nothing.
    pub fn from_bits(bits: i64) -> Option<Self> {
        let all = Way::ALL.iter().fold(0, |all, way| all | way.bit());
        (bits & !all == 0).then_some(Self(bits))
    }

    /// As a row holds it.
    pub fn bits(self) -> i64 {
        self.0
    }

    /// Whether that way is among them.
    pub fn has(self, way: Way) -> bool {
        self.0 & way.bit() != 0
    }

    /// These and that one.
    #[must_use]
    pub fn with(self, way: Way) -> Self {
        Self(self.0 | way.bit())
    }

    /// Each of them.
    pub fn iter(self) -> impl Iterator<Item = Way> {
        Way::ALL.into_iter().filter(move |way| self.has(*way))
    }
}

/// How a thread stands in a community that is not its home.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PlacementState {
    /// A moderator is asked.
    Waiting,
    /// It is shown there.
    Placed,
    /// A moderator said no.
    Refused,
    /// It was shown there, and is not any more.
    Withdrawn,
}

impl PlacementState {
    const ALL: [Self; 4] = [Self::Waiting, Self::Placed, Self::Refused, Self::Withdrawn];

    /// Its permanent name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Placed => "placed",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Reads the permanent name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

/// How far an author lets a thread go, at most (`ter:reach`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reach {
    /// The communities above and beside where it may be placed, by their ActivityPub ids.
    #[serde(default)]
    pub communities: Vec<String>,
    /// Whether it may also be placed in what is nested in its home.
    #[serde(default)]
    pub down: bool,
}

impl Reach {
    /// Whether a thread may come to that community by that way. Where its author addressed it needs no more saying.
    pub fn allows(&self, way: Way, community: &str) -> bool {
        match way {
            Way::Home | Way::Addressed => true,
            Way::Down => self.down,
            Way::Up | Way::Side => self.communities.iter().any(|one| one == community),
        }
    }

    /// Whether everything that the other allows is allowed by this one.
    pub fn holds(&self, other: &Self) -> bool {
        (self.down || !other.down) && other.communities.iter().all(|one| self.communities.contains(one))
    }
}

/// Decides whether one message may be addressed to its home and to these other communities: one that is not open takes a
/// message by itself or not at all (rule 6 of travel).
///
/// # Errors
/// `NotForMembers`: its author must choose.
pub fn decide_addressing(home: Openness, others: &[Openness]) -> Result<(), Refusal> {
    let are_open = home.is_open() && others.iter().all(|one| one.is_open());
    if others.is_empty() || are_open { Ok(()) } else { Err(Refusal::NotForMembers) }
}

/// What is known where a thread may go on from a community to a neighbour.
#[derive(Clone, Copy, Debug)]
pub struct Departure {
    /// The way by which it came to the community from which it goes on.
    pub came: Way,
    /// What the neighbour is to that community.
    pub neighbour: Relation,
    /// What that community states of the link.
    pub policy: Policy,
    /// Whether the neighbour says that it takes anything by the link.
    pub is_taken: bool,
    /// Whether the reach allows the neighbour by this way.
    pub within_reach: bool,
    /// Whether the author chose the reach; else it is the default of the home.
    pub reach_is_chosen: bool,
    /// Whether a moderator of that community chose to send it.
    pub moderator_chose: bool,
    /// Whether the link, with its present policy, is older than the thread, or a widening sends it.
    pub link_is_older: bool,
    /// How many communities its path has, with this one.
    pub length: usize,
}

/// Decides whether a community offers a thread to a neighbour (rules 1, 2 and 6 of travel).
pub fn decide_departure(departure: Departure) -> bool {
    let next = Way::from_neighbour(departure.neighbour.inverse());
    let shares = match departure.policy.shares {
        Sharing::Nothing => false,
        Sharing::Author => departure.reach_is_chosen || departure.moderator_chose,
        Sharing::Moderator => departure.moderator_chose,
        Sharing::Everything => true,
    };
    departure.came.goes_on(next)
        && departure.within_reach
        && departure.is_taken
        && shares
        && (departure.link_is_older || departure.moderator_chose)
        && departure.length < MAX_PATH
}

/// What is known where a neighbour offers a thread.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    /// Whether the first community of its path is the one that the thread names as its home.
    pub begins_at_home: bool,
    /// What the neighbour that offers it is to the receiver, by an active link; none where there is no such link.
    pub neighbour: Option<Relation>,
    /// The way by which the neighbour says that it came to itself.
    pub came: Way,
    /// How many communities the path has, from the home to the neighbour.
    pub length: usize,
    /// Whether the path already passes by the receiver.
    pub passed_here: bool,
    /// Whether the reach allows the receiver by this way.
    pub within_reach: bool,
    /// Whether the link, with its present policy, is older than the thread, or the author widened its reach since.
    pub link_is_older: bool,
    /// What the receiver states of the link.
    pub policy: Policy,
    /// Whether the author is banned from the receiver.
    pub author_is_banned: bool,
    /// How many threads the link brought on that day, without a moderator.
    pub today_by_link: i64,
    /// How many of these by that author.
    pub today_by_author: i64,
}

/// How a thread that a neighbour offers is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrived {
    /// It is placed at once.
    Placed,
    /// A moderator is asked.
    Waits,
}

/// Decides on a thread that a neighbour offers (rules 1 to 3 of travel).
///
/// # Errors
/// `NoLink` without an active link; `PathBroken` for a path that no thread takes; `BeyondReach`; `NotAccepted` where
/// the policy, or the date of the link, says no; `Banned`.
pub fn decide_arrival(arrival: Arrival) -> Result<Arrived, Refusal> {
    let neighbour = arrival.neighbour.ok_or(Refusal::NoLink)?;
    let way = Way::from_neighbour(neighbour);
    let is_short = arrival.length == 1;
    let begins = arrival.begins_at_home && (is_short == (arrival.came == Way::Home));
    if !begins || !arrival.came.goes_on(way) || arrival.passed_here || arrival.length > MAX_PATH {
        return Err(Refusal::PathBroken);
    }
    if !arrival.within_reach {
        return Err(Refusal::BeyondReach);
    }
    if arrival.author_is_banned {
        return Err(Refusal::Banned);
    }
    if !arrival.link_is_older {
        return Err(Refusal::NotAccepted);
    }
    match arrival.policy.accepts {
        Accepting::Nothing => Err(Refusal::NotAccepted),
        Accepting::Moderated => Ok(Arrived::Waits),
        Accepting::Everything
            if arrival.today_by_link >= DAILY_BY_LINK || arrival.today_by_author >= DAILY_BY_AUTHOR =>
        {
            Ok(Arrived::Waits)
        }
        Accepting::Everything => Ok(Arrived::Placed),
    }
}

/// Whether a neighbour is answered whose offer is refused so: by the rules of the receiver. Whatever else is wrong with an offer
/// is no matter for an answer.
pub fn is_answered(refusal: Refusal) -> bool {
    matches!(refusal, Refusal::BeyondReach | Refusal::Banned | Refusal::NotAccepted)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAVES: Departure = Departure {
        came: Way::Home,
        neighbour: Relation::Upper,
        policy: Policy { shares: Sharing::Everything, accepts: Accepting::Everything },
        is_taken: true,
        within_reach: true,
        reach_is_chosen: true,
        moderator_chose: false,
        link_is_older: true,
        length: 1,
    };

    const ARRIVES: Arrival = Arrival {
        begins_at_home: true,
        neighbour: Some(Relation::Lower),
        came: Way::Home,
        length: 1,
        passed_here: false,
        within_reach: true,
        link_is_older: true,
        policy: Policy { shares: Sharing::Everything, accepts: Accepting::Everything },
        author_is_banned: false,
        today_by_link: 0,
        today_by_author: 0,
    };

    #[test]
    fn a_path_is_up_or_down_or_one_step_sideways() {
        let went_on: Vec<(Way, Way)> = Way::ALL
            .into_iter()
            .flat_map(|came| Way::ALL.into_iter().map(move |next| (came, next)))
            .filter(|(came, next)| came.goes_on(*next))
            .collect();
        assert_eq!(
            went_on,
            [
                (Way::Home, Way::Up),
                (Way::Home, Way::Down),
                (Way::Home, Way::Side),
                (Way::Up, Way::Up),
                (Way::Down, Way::Down)
            ]
        );
    }

    #[test]
    fn what_is_addressed_ends_there_and_needs_no_reach() {
        assert!(Way::Addressed.is_last() && Way::Side.is_last());
        assert!(![Way::Home, Way::Up, Way::Down].into_iter().any(Way::is_last));
        let narrow = Reach::default();
        assert!(narrow.allows(Way::Addressed, "https://a.example/c/ecole"));
        assert!(!narrow.allows(Way::Up, "https://a.example/c/ecole"));
    }

    #[test]
    fn a_community_that_is_not_open_takes_a_message_by_itself_or_not_at_all() {
        use Openness::{Closed, Hidden, Open};
        for (home, others) in [(Open, vec![]), (Closed, vec![]), (Hidden, vec![]), (Open, vec![Open, Open])] {
            assert_eq!(decide_addressing(home, &others), Ok(()), "{home:?} {others:?}");
        }
        for (home, others) in [
            (Open, vec![Open, Closed]),
            (Open, vec![Hidden]),
            (Closed, vec![Open]),
            (Closed, vec![Closed]),
            (Hidden, vec![Open]),
        ] {
            assert_eq!(decide_addressing(home, &others), Err(Refusal::NotForMembers), "{home:?} {others:?}");
        }
    }

    #[test]
    fn both_ends_of_a_link_give_a_step_the_same_name() {
        for neighbour in Relation::ALL {
            // To the neighbour, this community is the inverse.
            let way = Way::from_neighbour(neighbour.inverse());
            let departs = decide_departure(Departure { neighbour, ..LEAVES });
            assert!(departs && Way::Home.goes_on(way), "{neighbour:?}");
        }
        assert!(!decide_departure(Departure {
            came: Way::Up,
            neighbour: Relation::Lower,
            length: 2,
            ..LEAVES
        }));
        assert!(!decide_departure(Departure {
            came: Way::Up,
            neighbour: Relation::Peer,
            length: 2,
            ..LEAVES
        }));
        assert!(decide_departure(Departure {
            came: Way::Up,
            neighbour: Relation::Upper,
            length: 2,
            ..LEAVES
        }));
        assert!(decide_departure(Departure {
            came: Way::Down,
            neighbour: Relation::Lower,
            length: 2,
            ..LEAVES
        }));
    }

    #[test]
    fn a_policy_says_who_chooses_what_goes() {
        let with = |shares| Departure { policy: Policy { shares, ..LEAVES.policy }, ..LEAVES };
        assert!(!decide_departure(with(Sharing::Nothing)));
        assert!(decide_departure(with(Sharing::Author)));
        assert!(!decide_departure(Departure { reach_is_chosen: false, ..with(Sharing::Author) }));
        assert!(!decide_departure(with(Sharing::Moderator)));
        assert!(decide_departure(Departure { moderator_chose: true, ..with(Sharing::Moderator) }));
        assert!(decide_departure(Departure { reach_is_chosen: false, ..LEAVES }));
        assert!(!decide_departure(Departure { within_reach: false, moderator_chose: true, ..LEAVES }));
        assert!(!decide_departure(Departure { link_is_older: false, ..LEAVES }));
        assert!(!decide_departure(Departure { is_taken: false, moderator_chose: true, ..LEAVES }));
    }

    #[test]
    fn only_a_neighbour_offers_and_only_what_came_to_it_by_that_way() {
        assert_eq!(decide_arrival(ARRIVES), Ok(Arrived::Placed));
        assert_eq!(decide_arrival(Arrival { neighbour: None, ..ARRIVES }), Err(Refusal::NoLink));
        for broken in [
            Arrival { begins_at_home: false, ..ARRIVES },
            Arrival { length: 2, ..ARRIVES },
            Arrival { came: Way::Up, ..ARRIVES },
            Arrival { came: Way::Down, length: 2, ..ARRIVES },
            Arrival { came: Way::Side, length: 2, ..ARRIVES },
            Arrival { came: Way::Addressed, ..ARRIVES },
            Arrival { came: Way::Up, length: 2, neighbour: Some(Relation::Peer), ..ARRIVES },
            Arrival { passed_here: true, came: Way::Up, length: 3, ..ARRIVES },
            Arrival { came: Way::Up, length: MAX_PATH + 1, ..ARRIVES },
        ] {
            assert_eq!(decide_arrival(broken), Err(Refusal::PathBroken), "{broken:?}");
        }
        assert_eq!(decide_arrival(Arrival { came: Way::Up, length: 2, ..ARRIVES }), Ok(Arrived::Placed));
    }

    #[test]
    fn what_comes_without_a_moderator_is_bounded_by_day() {
        let many = Arrival { today_by_link: DAILY_BY_LINK, ..ARRIVES };
        assert_eq!(decide_arrival(many), Ok(Arrived::Waits));
        let eager = Arrival { today_by_author: DAILY_BY_AUTHOR, ..ARRIVES };
        assert_eq!(decide_arrival(eager), Ok(Arrived::Waits));
        let nothing = Policy { accepts: Accepting::Nothing, ..ARRIVES.policy };
        assert_eq!(decide_arrival(Arrival { policy: nothing, ..ARRIVES }), Err(Refusal::NotAccepted));
        assert_eq!(decide_arrival(Arrival { within_reach: false, ..ARRIVES }), Err(Refusal::BeyondReach));
        assert_eq!(decide_arrival(Arrival { author_is_banned: true, ..ARRIVES }), Err(Refusal::Banned));
        assert_eq!(decide_arrival(Arrival { link_is_older: false, ..ARRIVES }), Err(Refusal::NotAccepted));
    }

    #[test]
    fn a_reach_names_what_is_above_and_beside_and_says_whether_downward_is_meant() {
        let reach = Reach { communities: vec!["https://a.test/c/x".into()], down: false };
        assert!(reach.allows(Way::Up, "https://a.test/c/x"));
        assert!(!reach.allows(Way::Up, "https://a.test/c/y"));
        assert!(!reach.allows(Way::Down, "https://a.test/c/x"));
        assert!(Reach { down: true, ..Reach::default() }.allows(Way::Down, "https://a.test/c/any"));
        assert!(Reach { down: true, ..reach.clone() }.holds(&reach));
        assert!(!reach.holds(&Reach { down: true, ..reach.clone() }));
    }

    #[test]
    fn ways_are_a_set() {
        let ways = Ways::default().with(Way::Up).with(Way::Side).with(Way::Up);
        assert_eq!(ways.iter().collect::<Vec<_>>(), [Way::Up, Way::Side]);
        assert_eq!(Ways::from_bits(ways.bits()), Some(ways));
        assert_eq!(Ways::from_bits(32), None);
    }
}
