//! Votes: one per person and message, for or against, withdrawn or turned at will.

use crate::refusal::Refusal;

/// A vote on a message: `Like` and `Dislike` of the vocabulary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Vote {
    /// For.
    Like,
    /// Against.
    Dislike,
}

impl Vote {
    /// What it adds to the score of the message.
    pub fn score(self) -> i64 {
        match self {
            Self::Like => 1,
            Self::Dislike => -1,
        }
    }

    /// The vote that adds this to the score.
    pub fn from_score(score: i64) -> Option<Self> {
        match score {
            1 => Some(Self::Like),
            -1 => Some(Self::Dislike),
            _ => None,
        }
    }

    /// Its name in the ActivityStreams vocabulary.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Like => "Like",
            Self::Dislike => "Dislike",
        }
    }
}

/// What a vote changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing: it stands already so.
    None,
    /// It is cast, for the first time or in the other sense.
    Cast(Vote),
    /// It is withdrawn.
    Withdrawn(Vote),
}

/// What a decision on a vote needs to know besides the vote.
#[derive(Clone, Copy, Debug, Default)]
pub struct Voting {
    /// Whether the voter is suspended here.
    pub voter_suspended: bool,
    /// Whether the voter is banned from the home of the message.
    pub voter_banned: bool,
    /// Whether the voter wrote the message.
    pub is_author: bool,
    /// Whether the message is deleted.
    pub is_deleted: bool,
    /// Whether moderators removed the message.
    pub is_removed: bool,
}

/// Decides what becomes of the vote of a person who had `before` and now wants `wanted`.
///
/// # Errors
/// `Suspended`, `Banned`, `Deleted`, `Removed`, `OwnVote`.
pub fn decide_vote(before: Option<Vote>, wanted: Option<Vote>, voting: Voting) -> Result<Change, Refusal> {
    if voting.voter_suspended {
        return Err(Refusal::Suspended);
    }
    // Who is banned may still take back what was cast before.
    if voting.voter_banned && wanted.is_some() {
        return Err(Refusal::Banned);
    }
    if voting.is_deleted {
        return Err(Refusal::Deleted);
    }
    if voting.is_removed {
        return Err(Refusal::Removed);
    }
    if voting.is_author && wanted.is_some() {
        return Err(Refusal::OwnVote);
    }
    Ok(match (before, wanted) {
        (before, wanted) if before == wanted => Change::None,
        (_, Some(vote)) => Change::Cast(vote),
        (Some(vote), None) => Change::Withdrawn(vote),
        (None, None) => Change::None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_same_vote_changes_nothing_and_another_turns_it() {
        let vote = |before, wanted| decide_vote(before, wanted, Voting::default());
        assert_eq!(vote(None, Some(Vote::Like)), Ok(Change::Cast(Vote::Like)));
        assert_eq!(vote(Some(Vote::Like), Some(Vote::Like)), Ok(Change::None));
        assert_eq!(vote(Some(Vote::Like), Some(Vote::Dislike)), Ok(Change::Cast(Vote::Dislike)));
        assert_eq!(vote(Some(Vote::Like), None), Ok(Change::Withdrawn(Vote::Like)));
        assert_eq!(vote(None, None), Ok(Change::None));
    }

    #[test]
    fn who_may_not_take_part_has_no_vote_and_what_is_gone_gets_none() {
        let refused = |voting| decide_vote(None, Some(Vote::Like), voting);
        let none = Voting::default();
        assert_eq!(refused(Voting { is_author: true, ..none }), Err(Refusal::OwnVote));
        assert_eq!(refused(Voting { voter_suspended: true, ..none }), Err(Refusal::Suspended));
        assert_eq!(refused(Voting { voter_banned: true, ..none }), Err(Refusal::Banned));
        assert_eq!(refused(Voting { is_deleted: true, ..none }), Err(Refusal::Deleted));
        assert_eq!(refused(Voting { is_removed: true, ..none }), Err(Refusal::Removed));
        let banned = Voting { voter_banned: true, ..none };
        assert_eq!(decide_vote(Some(Vote::Like), None, banned), Ok(Change::Withdrawn(Vote::Like)));
    }
}
