//! Joining and leaving. To follow a community is to join it; following a person obeys the same rule.

use crate::actor::ActorKind;
use crate::community::Openness;
use crate::refusal::Refusal;

/// How far a request to join has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Asked, and not yet answered: by the other end or, of a closed community of here, by its moderators.
    Requested,
    /// Accepted: the follower gets what is published.
    Accepted,
}

impl Standing {
    /// Its permanent name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Accepted => "accepted",
        }
    }

    /// Reads the permanent name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Requested, Self::Accepted].into_iter().find(|standing| standing.as_str() == name)
    }
}

/// What a decision on joining needs to know.
#[derive(Clone, Copy, Debug)]
pub struct Joining {
    /// Whether follower and followed are the same actor.
    pub is_self: bool,
    /// Whether the follower is suspended here.
    pub follower_suspended: bool,
    /// Whether the follower is banned from the community.
    pub follower_banned: bool,
    /// What the followed actor is.
    pub followed: ActorKind,
    /// Whether the followed actor has been deleted.
    pub followed_deleted: bool,
    /// Whether the followed actor has moved: followers are wanted where it is now.
    pub followed_moved: bool,
    /// Whether the followed actor lives on this instance, which then answers for it.
    pub followed_is_local: bool,
    /// Of a community: who may read it.
    pub openness: Openness,
    /// Whether the moderators of the community invited the follower, who may be one of them.
    pub is_invited: bool,
    /// Whether the follower's server keeps from others what is for members.
    pub keeps_closed: bool,
}

/// Most requests to join one community that wait for its moderators.
pub const MAX_REQUESTS: i64 = 1_000;
/// Most invitations of one community, and of one person, that wait for an answer.
pub const MAX_INVITATIONS: i64 = 500;
/// Longest message to the moderators with a request to join, in characters.
pub const MAX_REQUEST: usize = 500;

/// Decides on a request to join: accepted at once where we answer for an open community or a person, or its
/// moderators asked for it; else requested of the moderators, or of the other end.
///
/// # Errors
/// `NotFound` for a hidden community that did not invite; `NotKeptClosed`; `OwnFollow`, `Suspended`, `Banned`, `Deleted`, `MovedAway`; `NotPossible` for actors that nobody follows (instances).
pub fn decide_joining(joining: Joining) -> Result<Standing, Refusal> {
    if joining.followed_is_local && joining.openness == Openness::Hidden && !joining.is_invited {
        // Before all else: no other answer may tell that it exists.
        return Err(Refusal::NotFound);
    }
    if joining.is_self {
        return Err(Refusal::OwnFollow);
    }
    if joining.follower_suspended {
        return Err(Refusal::Suspended);
    }
    if joining.follower_banned {
        return Err(Refusal::Banned);
    }
    if joining.followed_deleted {
        return Err(Refusal::Deleted);
    }
    if joining.followed_moved {
        return Err(Refusal::MovedAway);
    }
    match joining.followed {
        ActorKind::Application | ActorKind::Unknown => Err(Refusal::NotPossible),
        // Those of others are not read here.
        ActorKind::Feed if !joining.followed_is_local => Err(Refusal::NotPossible),
        _ if !joining.followed_is_local => Ok(Standing::Requested),
        _ if joining.openness.is_open() => Ok(Standing::Accepted),
        _ if !joining.keeps_closed => Err(Refusal::NotKeptClosed),
        _ if joining.is_invited => Ok(Standing::Accepted),
        _ => Ok(Standing::Requested),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPEN: Joining = Joining {
        is_self: false,
        follower_suspended: false,
        follower_banned: false,
        followed: ActorKind::Group,
        followed_deleted: false,
        followed_moved: false,
        followed_is_local: true,
        openness: Openness::Open,
        is_invited: false,
        keeps_closed: false,
    };

    #[test]
    fn a_closed_community_is_asked_and_a_hidden_one_invites() {
        let closed = Joining { openness: Openness::Closed, keeps_closed: true, ..OPEN };
        assert_eq!(decide_joining(closed), Ok(Standing::Requested));
        assert_eq!(decide_joining(Joining { is_invited: true, ..closed }), Ok(Standing::Accepted));
        let hidden = Joining { openness: Openness::Hidden, ..closed };
        assert_eq!(decide_joining(hidden), Err(Refusal::NotFound));
        assert_eq!(decide_joining(Joining { follower_banned: true, ..hidden }), Err(Refusal::NotFound));
        assert_eq!(decide_joining(Joining { is_invited: true, ..hidden }), Ok(Standing::Accepted));
        assert_eq!(decide_joining(Joining { followed_is_local: false, ..hidden }), Ok(Standing::Requested));
    }

    #[test]
    fn a_server_that_would_show_what_is_for_members_has_none() {
        let leaky = Joining { openness: Openness::Closed, is_invited: true, ..OPEN };
        assert_eq!(decide_joining(leaky), Err(Refusal::NotKeptClosed));
    }

    #[test]
    fn we_accept_for_our_own_and_ask_the_others() {
        assert_eq!(decide_joining(OPEN), Ok(Standing::Accepted));
        assert_eq!(decide_joining(Joining { followed_is_local: false, ..OPEN }), Ok(Standing::Requested));
    }

    #[test]
    fn nobody_joins_itself_an_instance_or_something_gone() {
        assert_eq!(decide_joining(Joining { is_self: true, ..OPEN }), Err(Refusal::OwnFollow));
        assert_eq!(
            decide_joining(Joining { followed: ActorKind::Application, ..OPEN }),
            Err(Refusal::NotPossible)
        );
        assert_eq!(decide_joining(Joining { followed_deleted: true, ..OPEN }), Err(Refusal::Deleted));
        assert_eq!(decide_joining(Joining { followed_moved: true, ..OPEN }), Err(Refusal::MovedAway));
        assert_eq!(decide_joining(Joining { follower_suspended: true, ..OPEN }), Err(Refusal::Suspended));
        assert_eq!(decide_joining(Joining { follower_banned: true, ..OPEN }), Err(Refusal::Banned));
    }
}
