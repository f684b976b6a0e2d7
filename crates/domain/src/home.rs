//! Whose word counts: the home of a thread decides what stands in it, and nobody makes us keep what concerns
//! none of ours.

/// On whose word something of another server comes, about a message that has a home, or names one.
#[derive(Clone, Copy, Debug, Default)]
pub struct Word {
    /// Whether there is a home at all.
    pub has_home: bool,
    /// The home is one of our communities: we decide.
    pub home_is_here: bool,
    /// The home itself passed it on.
    pub announced_by_home: bool,
    /// The home is on the author's own server, which speaks for both.
    pub home_on_same_server: bool,
}

/// Whom a message of another server concerns.
#[derive(Clone, Copy, Debug, Default)]
pub struct Concern {
    /// Somebody of ours follows its author, or the home it names.
    pub is_followed: bool,
    /// It is addressed to somebody of ours by name.
    pub names_us: bool,
    /// We asked for it: what we have answers it.
    pub is_asked_for: bool,
    /// It answers a message that we have.
    pub is_reply: bool,
    /// Everybody may read it.
    pub is_open: bool,
    /// It is for the members of its home.
    pub is_for_members: bool,
}

/// Where a message of another server is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// In the home that it names.
    InHome,
    /// As a thread of its author's own, until the home that it names announces it.
    Own,
    /// Nowhere.
    No,
}

/// Decides where a message of another server is recorded.
pub fn decide_admission(word: Word, concern: Concern) -> Admission {
    if word.has_home && word.home_is_here {
        return Admission::InHome;
    }
    let concerns_us = concern.is_followed || concern.names_us || concern.is_asked_for;
    let vouched = word.announced_by_home || (word.home_on_same_server && concerns_us);
    match (word.has_home, vouched) {
        (true, true) => Admission::InHome,
        // Without its home's word a reply in it is nothing, and a top post at most its author's own.
        (true, false) if concern.is_reply => Admission::No,
        // What is for the members of a home is nothing outside it.
        _ if concern.is_for_members => Admission::No,
        _ if concerns_us || (concern.is_reply && concern.is_open) => Admission::Own,
        _ => Admission::No,
    }
}

/// Decides whether a vote of another server's actor counts; `is_ours` where the message is of one of ours.
pub fn vote_counts(word: Word, is_ours: bool) -> bool {
    if word.has_home { word.home_is_here || word.announced_by_home } else { is_ours }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ELSEWHERE: Word =
        Word { has_home: true, home_is_here: false, announced_by_home: false, home_on_same_server: false };
    const FOLLOWED: Concern = Concern {
        is_followed: true,
        names_us: false,
        is_asked_for: false,
        is_reply: false,
        is_open: true,
        is_for_members: false,
    };

    #[test]
    fn what_is_for_members_stands_in_its_home_or_nowhere() {
        let closed = Concern { is_open: false, is_for_members: true, ..FOLLOWED };
        assert_eq!(decide_admission(ELSEWHERE, closed), Admission::No);
        assert_eq!(decide_admission(Word::default(), closed), Admission::No);
        assert_eq!(
            decide_admission(Word { announced_by_home: true, ..ELSEWHERE }, closed),
            Admission::InHome
        );
    }

    #[test]
    fn only_its_home_puts_a_message_into_itself() {
        assert_eq!(decide_admission(ELSEWHERE, FOLLOWED), Admission::Own);
        assert_eq!(decide_admission(ELSEWHERE, Concern { is_reply: true, ..FOLLOWED }), Admission::No);
        for word in [
            Word { announced_by_home: true, ..ELSEWHERE },
            Word { home_on_same_server: true, ..ELSEWHERE },
            Word { home_is_here: true, ..ELSEWHERE },
        ] {
            assert_eq!(decide_admission(word, FOLLOWED), Admission::InHome, "{word:?}");
        }
    }

    #[test]
    fn what_concerns_nobody_here_is_not_kept() {
        let homeless = Word::default();
        let nobody = Concern { is_followed: false, ..FOLLOWED };
        assert_eq!(decide_admission(homeless, nobody), Admission::No);
        assert_eq!(decide_admission(Word { home_on_same_server: true, ..ELSEWHERE }, nobody), Admission::No);
        assert_eq!(decide_admission(homeless, Concern { names_us: true, ..nobody }), Admission::Own);
        assert_eq!(decide_admission(homeless, Concern { is_reply: true, ..nobody }), Admission::Own);
        let private = Concern { is_reply: true, is_open: false, ..nobody };
        assert_eq!(decide_admission(homeless, private), Admission::No);
    }

    #[test]
    fn a_vote_counts_on_the_word_of_the_home_or_of_the_server_that_has_the_message() {
        assert!(!vote_counts(ELSEWHERE, true));
        assert!(vote_counts(Word { announced_by_home: true, ..ELSEWHERE }, false));
        assert!(vote_counts(Word::default(), true));
        assert!(!vote_counts(Word { announced_by_home: true, ..Word::default() }, false));
    }
}
