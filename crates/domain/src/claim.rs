//! Claims of official codes: whether a community of another server is taken here for that of the area that it says it
//! stands for.
//!
//! Anybody may say so. A community is believed where one that contains it, and is believed itself, has taken it as its
//! lower, or where the administrator of the instance that reads it confirms it. Which communities say the same, and who
//! is above whom, is not found here.

/// What speaks for the claim of a community.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ground {
    /// Its own word alone.
    Word,
    /// A link by which a community that contains it, and is believed itself, has it as its lower.
    Link,
    /// It was founded here, or the administrator of here confirmed it.
    Trusted,
}

/// A community that says that it stands for an area.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claimant {
    /// What speaks for it.
    pub ground: Ground,
    /// Whether the administrator of here said no to it.
    pub is_rejected: bool,
}

/// What a claim is worth here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    /// It is believed.
    Confirmed,
    /// Nobody else says the same, and nothing speaks for it.
    Claimed,
    /// Others say the same, and it is not known who is right.
    Contested,
    /// The administrator of here said no.
    Rejected,
}

impl Standing {
    /// Its permanent name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Claimed => "claimed",
            Self::Contested => "contested",
            Self::Rejected => "rejected",
        }
    }
}

/// Decides what a claim is worth, where the others say that they stand for the same area.
///
/// One that is confirmed keeps its place, whoever else says the same. Of two that links alone speak for, neither is
/// believed: one of them was let in by mistake.
pub fn decide_standing(own: Claimant, others: &[Claimant]) -> Standing {
    let mut rivals = others.iter().filter(|other| !other.is_rejected);
    match own.ground {
        _ if own.is_rejected => Standing::Rejected,
        Ground::Link if rivals.any(|rival| rival.ground >= Ground::Link) => Standing::Contested,
        Ground::Link | Ground::Trusted => Standing::Confirmed,
        Ground::Word if rivals.next().is_some() => Standing::Contested,
        Ground::Word => Standing::Claimed,
    }
}

/// What a community is shown to stand for after it said what it does: what it said first. What it says later is not shown
/// until the administrator of here confirms it, whatever links it has: they were agreed with what it was before.
///
/// `shown` is what is shown already, of a community that was known. `is_confirmed` is whether what it says now is confirmed
/// already.
pub fn decide_shown<T>(is_known: bool, shown: Option<T>, says: Option<T>, is_confirmed: bool) -> Option<T> {
    if is_known && !is_confirmed { shown } else { says }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claimant(ground: Ground) -> Claimant {
        Claimant { ground, is_rejected: false }
    }

    const REJECTED: Claimant = Claimant { ground: Ground::Link, is_rejected: true };

    #[test]
    fn s55_two_that_say_the_same_are_contested_but_for_one_that_is_confirmed() {
        let word = claimant(Ground::Word);
        assert_eq!(decide_standing(word, &[]), Standing::Claimed);
        assert_eq!(decide_standing(word, &[word]), Standing::Contested);
        for ground in [Ground::Link, Ground::Trusted] {
            assert_eq!(decide_standing(claimant(ground), &[word, word]), Standing::Confirmed);
            assert_eq!(decide_standing(word, &[claimant(ground)]), Standing::Contested);
        }
    }

    #[test]
    fn s55_of_two_that_links_speak_for_neither_is_believed_before_an_administrator_decides() {
        let link = claimant(Ground::Link);
        assert_eq!(decide_standing(link, &[link]), Standing::Contested);
        assert_eq!(decide_standing(link, &[claimant(Ground::Trusted)]), Standing::Contested);
        assert_eq!(decide_standing(claimant(Ground::Trusted), &[link]), Standing::Confirmed);
        assert_eq!(decide_standing(link, &[REJECTED]), Standing::Confirmed);
        assert_eq!(decide_standing(REJECTED, &[]), Standing::Rejected);
        assert_eq!(decide_standing(claimant(Ground::Word), &[REJECTED]), Standing::Claimed);
    }

    #[test]
    fn s55_what_is_shown_of_a_community_that_is_known_does_not_change_by_its_word() {
        assert_eq!(decide_shown(false, None, Some(1), false), Some(1));
        assert_eq!(decide_shown(true, Some(1), Some(2), false), Some(1));
        assert_eq!(decide_shown(true, Some(1), None, false), Some(1));
        assert_eq!(decide_shown(true, None, Some(2), false), None);
        assert_eq!(decide_shown(true, Some(1), Some(2), true), Some(2));
    }
}
