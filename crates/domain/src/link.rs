//! Links between communities: nesting and neighbourhood, agreed by both ends.
//!
//! How a thread travels along them is in [`crate::placement`]. The words are those of the specification of nesting:
//! each end states, for itself, what it shares with the other and what it accepts from it.

use crate::refusal::Refusal;
use crate::time::DAY;

/// Most links of one community, asked for and active ones together: a département has hundreds of communes.
pub const MAX_LINKS: usize = 2_000;
/// Most proposals of others that wait for the moderators of one community.
pub const MAX_ASKED: usize = 500;

/// How long the links of a community that became another work on, and those that are proposed in their place, in
/// milliseconds.
pub const CARRIED: i64 = 90 * DAY;

/// What the other community is to this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Relation {
    /// This one is nested in it.
    Upper,
    /// It is nested in this one.
    Lower,
    /// They stand side by side.
    Peer,
}

impl Relation {
    /// Every relation.
    pub const ALL: [Self; 3] = [Self::Upper, Self::Lower, Self::Peer];

    /// Its permanent name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Upper => "upper",
            Self::Lower => "lower",
            Self::Peer => "peer",
        }
    }

    /// Reads the permanent name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|relation| relation.as_str() == name)
    }

    /// What this community is to the other.
    #[must_use]
    pub fn inverse(self) -> Self {
        match self {
            Self::Upper => Self::Lower,
            Self::Lower => Self::Upper,
            Self::Peer => Self::Peer,
        }
    }
}

/// How far a link has come, at one end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LinkState {
    /// This end offered it, and waits for the other.
    Proposed,
    /// The other end offered it: the moderators of this one are asked.
    Asked,
    /// Both agreed, and both list it.
    Active,
    /// One end said no.
    Refused,
    /// One end ended it. What was placed stays.
    Ended,
}

impl LinkState {
    const ALL: [Self; 5] = [Self::Proposed, Self::Asked, Self::Active, Self::Refused, Self::Ended];

    /// Its permanent name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Asked => "asked",
            Self::Active => "active",
            Self::Refused => "refused",
            Self::Ended => "ended",
        }
    }

    /// Reads the permanent name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }

    /// Whether it is neither refused nor ended.
    pub fn is_live(self) -> bool {
        matches!(self, Self::Proposed | Self::Asked | Self::Active)
    }
}

/// What an end shares with the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sharing {
    /// Nothing.
    Nothing,
    /// What the author chose to send there.
    Author,
    /// What a moderator of this end chose, within the author's reach.
    Moderator,
    /// Everything that the author's reach allows.
    Everything,
}

impl Sharing {
    /// Every one, from the least to the most.
    pub const ALL: [Self; 4] = [Self::Nothing, Self::Author, Self::Moderator, Self::Everything];

    /// Its permanent name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Author => "author",
            Self::Moderator => "moderator",
            Self::Everything => "everything",
        }
    }

    /// Reads the permanent name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sharing| sharing.as_str() == name)
    }
}

/// What an end accepts from the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Accepting {
    /// Nothing.
    Nothing,
    /// What a moderator of this end lets in, one by one.
    Moderated,
    /// Everything, within the daily bounds.
    Everything,
}

impl Accepting {
    /// Every one, from the least to the most.
    pub const ALL: [Self; 3] = [Self::Nothing, Self::Moderated, Self::Everything];

    /// Its permanent name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Moderated => "moderated",
            Self::Everything => "everything",
        }
    }

    /// Reads the permanent name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|accepting| accepting.as_str() == name)
    }
}

/// What one end of a link states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Policy {
    /// What it shares with the other.
    pub shares: Sharing,
    /// What it accepts from the other.
    pub accepts: Accepting,
}

impl Default for Policy {
    /// The author decides what goes, a moderator what comes.
    fn default() -> Self {
        Self { shares: Sharing::Author, accepts: Accepting::Moderated }
    }
}

/// What is known where a link is proposed, by this end or by the other.
#[derive(Clone, Copy, Debug)]
pub struct Proposal {
    /// What the other is to this one.
    pub relation: Relation,
    /// Whether both ends are the same community.
    pub is_self: bool,
    /// Whether both are open communities, live and not moved.
    pub both_open: bool,
    /// How far a link between the two has come.
    pub state: Option<LinkState>,
    /// What the other is by that link.
    pub present: Option<Relation>,
    /// Whether the nesting that is known leads from the upper one back to the lower one.
    pub closes_cycle: bool,
    /// How many live links this community has.
    pub links: usize,
}

/// What a proposal comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proposed {
    /// It is recorded, and waits for the other end.
    Waits,
    /// Both ends want the same: it is agreed.
    Agreed,
    /// It stands so already.
    Known,
}

/// Decides on the proposal of this end. One that meets the same proposal of the other end is an agreement.
///
/// # Errors
/// `SameCommunity`, `NotPossible` for what is closed or gone, `AlreadyLinked` in another relation, `LinkCycle`,
/// `TooMany`.
pub fn decide_proposing(proposal: Proposal) -> Result<Proposed, Refusal> {
    settle(proposal, LinkState::Asked)
}

/// Decides on the proposal of the other end.
///
/// # Errors
/// As [`decide_proposing`].
pub fn decide_proposal(proposal: Proposal) -> Result<Proposed, Refusal> {
    settle(proposal, LinkState::Proposed)
}

/// What comes of a proposal that would meet one of the other side, which stands as `met`.
fn settle(proposal: Proposal, met: LinkState) -> Result<Proposed, Refusal> {
    check(proposal)?;
    let same = proposal.present == Some(proposal.relation);
    match proposal.state.filter(|state| state.is_live()) {
        Some(state) if same && state == met => Ok(Proposed::Agreed),
        Some(_) if same => Ok(Proposed::Known),
        Some(LinkState::Active) => Err(Refusal::AlreadyLinked),
        // What waits is replaced by what is wanted now.
        _ => Ok(Proposed::Waits),
    }
}

/// What is known of a link of a community that became another one, where that one would have it in its place.
#[derive(Clone, Copy, Debug)]
pub struct Carrying {
    /// Whether the one says that it is the other now, and the other says that it was the one.
    pub both_say_so: bool,
    /// Whether the link of the one is active, in the same relation.
    pub is_linked: bool,
    /// Whether the far end is the other itself, or one more that became it.
    pub is_within: bool,
    /// When the one became the other, in milliseconds.
    pub merged_at: i64,
    /// The present instant, in milliseconds.
    pub now: i64,
}

/// Until when the link that is proposed in the place of that of a community that became another works before it is
/// answered, in milliseconds; none where it does not.
pub fn decide_carrying(carrying: Carrying) -> Option<i64> {
    let until = carrying.merged_at.saturating_add(CARRIED);
    let may = carrying.both_say_so && carrying.is_linked && !carrying.is_within;
    (may && until > carrying.now).then_some(until)
}

fn check(proposal: Proposal) -> Result<(), Refusal> {
    if proposal.is_self {
        return Err(Refusal::SameCommunity);
    }
    if !proposal.both_open {
        return Err(Refusal::NotPossible);
    }
    if proposal.relation != Relation::Peer && proposal.closes_cycle {
        return Err(Refusal::LinkCycle);
    }
    if proposal.links >= MAX_LINKS && proposal.state.is_none_or(|state| !state.is_live()) {
        return Err(Refusal::TooMany);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEW: Proposal = Proposal {
        relation: Relation::Upper,
        is_self: false,
        both_open: true,
        state: None,
        present: None,
        closes_cycle: false,
        links: 0,
    };

    fn standing(state: LinkState, present: Relation) -> Proposal {
        Proposal { state: Some(state), present: Some(present), ..NEW }
    }

    #[test]
    fn a_link_takes_the_word_of_both_ends() {
        assert_eq!(decide_proposing(NEW), Ok(Proposed::Waits));
        assert_eq!(decide_proposal(NEW), Ok(Proposed::Waits));
        assert_eq!(decide_proposing(standing(LinkState::Asked, Relation::Upper)), Ok(Proposed::Agreed));
        assert_eq!(decide_proposal(standing(LinkState::Proposed, Relation::Upper)), Ok(Proposed::Agreed));
        assert_eq!(decide_proposing(standing(LinkState::Proposed, Relation::Upper)), Ok(Proposed::Known));
    }

    #[test]
    fn what_is_agreed_does_not_change_its_relation_and_what_waits_does() {
        assert_eq!(decide_proposal(standing(LinkState::Active, Relation::Peer)), Err(Refusal::AlreadyLinked));
        assert_eq!(decide_proposal(standing(LinkState::Proposed, Relation::Lower)), Ok(Proposed::Waits));
        assert_eq!(decide_proposing(standing(LinkState::Ended, Relation::Lower)), Ok(Proposed::Waits));
    }

    #[test]
    fn s53_a_known_cycle_of_nesting_is_refused_and_a_round_of_peers_is_none() {
        let cycle = Proposal { closes_cycle: true, ..NEW };
        assert_eq!(decide_proposing(cycle), Err(Refusal::LinkCycle));
        assert_eq!(decide_proposal(cycle), Err(Refusal::LinkCycle));
        assert_eq!(decide_proposing(Proposal { relation: Relation::Peer, ..cycle }), Ok(Proposed::Waits));
    }

    #[test]
    fn what_is_closed_or_itself_is_not_linked() {
        assert_eq!(decide_proposing(Proposal { is_self: true, ..NEW }), Err(Refusal::SameCommunity));
        assert_eq!(decide_proposing(Proposal { both_open: false, ..NEW }), Err(Refusal::NotPossible));
        assert_eq!(decide_proposing(Proposal { links: MAX_LINKS, ..NEW }), Err(Refusal::TooMany));
    }

    #[test]
    fn s63_a_link_works_for_ninety_days_in_the_place_of_that_of_a_community_that_merged() {
        let carrying =
            Carrying { both_say_so: true, is_linked: true, is_within: false, merged_at: 0, now: CARRIED - 1 };
        assert_eq!(decide_carrying(carrying), Some(CARRIED));
        assert_eq!(decide_carrying(Carrying { now: CARRIED, ..carrying }), None);
        assert_eq!(decide_carrying(Carrying { both_say_so: false, ..carrying }), None);
        assert_eq!(decide_carrying(Carrying { is_linked: false, ..carrying }), None);
        assert_eq!(decide_carrying(Carrying { is_within: true, ..carrying }), None);
    }
}
