//! Republishing the top post of a community that is not open: a new thread in an open one, with the consent of a moderator
//! and of the author. The replies stay where they were written.

use crate::refusal::Refusal;

/// How a proposal to republish a message stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RepublicationState {
    /// A moderator proposed it; its author is asked.
    Proposed,
    /// Its author said no.
    Declined,
    /// It is published.
    Published,
}

impl RepublicationState {
    const ALL: [Self; 3] = [Self::Proposed, Self::Declined, Self::Published];

    /// Its permanent name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Declined => "declined",
            Self::Published => "published",
        }
    }

    /// Reads the permanent name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

/// What is known where a moderator proposes to republish a message.
#[derive(Clone, Copy, Debug)]
pub struct Proposing {
    /// Whether it opens a thread that is for the members of a community of here.
    pub is_closed_top: bool,
    /// Whether there is something to read.
    pub is_live: bool,
    /// Whether its author lives here, and can be asked.
    pub author_is_here: bool,
    /// Whether the other community is an open one of here.
    pub target_is_open: bool,
    /// What came of an earlier proposal.
    pub earlier: Option<RepublicationState>,
    /// Whether the message was changed since that one: it is void then, unless it was answered.
    pub changed_since: bool,
}

/// Decides whether a moderator of its home may propose to republish a message. Who said no is not asked again, and nothing is
/// republished twice.
///
/// # Errors
/// `Deleted`; `NotPossible`.
pub fn decide_proposing(proposing: Proposing) -> Result<(), Refusal> {
    if !proposing.is_live {
        return Err(Refusal::Deleted);
    }
    let is_free = match proposing.earlier {
        None => true,
        Some(RepublicationState::Proposed) => proposing.changed_since,
        Some(RepublicationState::Declined | RepublicationState::Published) => false,
    };
    let is_possible = proposing.is_closed_top && proposing.author_is_here && proposing.target_is_open;
    if is_free && is_possible { Ok(()) } else { Err(Refusal::NotPossible) }
}

/// What is known where somebody answers such a proposal.
#[derive(Clone, Copy, Debug)]
pub struct Answering {
    /// Whether they wrote the message.
    pub is_author: bool,
    /// Whether there is something to read.
    pub is_live: bool,
    /// How the proposal stands, if there is one.
    pub state: Option<RepublicationState>,
    /// Whether the message was changed since it was made: the moderator consented to another text.
    pub changed_since: bool,
    /// Whether who proposed it still moderates the home.
    pub proposer_moderates: bool,
}

/// Decides whether somebody may answer a proposal.
///
/// # Errors
/// `NotTheAuthor`; `Deleted`; `NotFound` where nothing is asked, or not any more.
pub fn decide_answering(answering: Answering) -> Result<(), Refusal> {
    if !answering.is_author {
        return Err(Refusal::NotTheAuthor);
    }
    if !answering.is_live {
        return Err(Refusal::Deleted);
    }
    let is_asked = answering.state == Some(RepublicationState::Proposed);
    if is_asked && !answering.changed_since && answering.proposer_moderates {
        Ok(())
    } else {
        Err(Refusal::NotFound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROPOSES: Proposing = Proposing {
        is_closed_top: true,
        is_live: true,
        author_is_here: true,
        target_is_open: true,
        earlier: None,
        changed_since: false,
    };
    const ANSWERS: Answering = Answering {
        is_author: true,
        is_live: true,
        state: Some(RepublicationState::Proposed),
        changed_since: false,
        proposer_moderates: true,
    };

    #[test]
    fn only_the_top_post_of_an_author_of_here_is_republished_and_only_in_what_is_open() {
        assert_eq!(decide_proposing(PROPOSES), Ok(()));
        for impossible in [
            Proposing { is_closed_top: false, ..PROPOSES },
            Proposing { author_is_here: false, ..PROPOSES },
            Proposing { target_is_open: false, ..PROPOSES },
        ] {
            assert_eq!(decide_proposing(impossible), Err(Refusal::NotPossible), "{impossible:?}");
        }
        assert_eq!(decide_proposing(Proposing { is_live: false, ..PROPOSES }), Err(Refusal::Deleted));
    }

    #[test]
    fn who_said_no_is_not_asked_again_and_nothing_is_republished_twice() {
        use RepublicationState::{Declined, Proposed, Published};
        for (earlier, changed_since, is_free) in [
            (Proposed, false, false),
            (Proposed, true, true),
            (Declined, true, false),
            (Published, true, false),
        ] {
            let again = Proposing { earlier: Some(earlier), changed_since, ..PROPOSES };
            assert_eq!(decide_proposing(again).is_ok(), is_free, "{again:?}");
        }
    }

    #[test]
    fn both_consent_to_the_same_text() {
        assert_eq!(decide_answering(ANSWERS), Ok(()));
        let other = Answering { is_author: false, ..ANSWERS };
        assert_eq!(decide_answering(other), Err(Refusal::NotTheAuthor));
        for void in [
            Answering { changed_since: true, ..ANSWERS },
            Answering { proposer_moderates: false, ..ANSWERS },
            Answering { state: None, ..ANSWERS },
            Answering { state: Some(RepublicationState::Declined), ..ANSWERS },
            Answering { state: Some(RepublicationState::Published), ..ANSWERS },
        ] {
            assert_eq!(decide_answering(void), Err(Refusal::NotFound), "{void:?}");
        }
        for state in RepublicationState::ALL {
            assert_eq!(RepublicationState::parse(state.as_str()), Some(state));
        }
    }
}
