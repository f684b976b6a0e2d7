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

/// Decides what becomes of the vote of a person who had `before` and now wants `wanted`.
///
/// # Errors
/// `Suspended`, `Deleted`, `OwnVote`.
pub fn decide_vote(
    before: Option<Vote>,
    wanted: Option<Vote>,
    voter_suspended: bool,
    is_author: bool,
    is_deleted: bool,
) -> Result<Change, Refusal> {
    if voter_suspended {
        return Err(Refusal::Suspended);
    }
    if is_deleted {
        return Err(Refusal::Deleted);
    }
    if is_author && wanted.is_some() {
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
        let vote = |before, wanted| decide_vote(before, wanted, false, false, false);
        assert_eq!(vote(None, Some(Vote::Like)), Ok(Change::Cast(Vote::Like)));
        assert_eq!(vote(Some(Vote::Like), Some(Vote::Like)), Ok(Change::None));
        assert_eq!(vote(Some(Vote::Like), Some(Vote::Dislike)), Ok(Change::Cast(Vote::Dislike)));
        assert_eq!(vote(Some(Vote::Like), None), Ok(Change::Withdrawn(Vote::Like)));
        assert_eq!(vote(None, None), Ok(Change::None));
    }

    #[test]
    fn authors_suspended_people_and_deleted_messages_have_no_vote() {
        assert_eq!(decide_vote(None, Some(Vote::Like), false, true, false), Err(Refusal::OwnVote));
        assert_eq!(decide_vote(None, Some(Vote::Like), true, false, false), Err(Refusal::Suspended));
        assert_eq!(decide_vote(None, Some(Vote::Like), false, false, true), Err(Refusal::Deleted));
    }
}
