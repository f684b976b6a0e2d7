//! Moving: a person becomes another person, or a community another community, as communes merge, and those who follow go
//! along (FEP-7628). Which others one says to be too, which is what lets them become this one.

use crate::actor::ActorKind;
use crate::refusal::Refusal;
use crate::time::DAY;

/// How long a person of elsewhere stays where it moved before it may move again, in milliseconds.
const STAY: i64 = 7 * DAY;
/// The same for a person of here: as long as on Mastodon, so that nobody takes the second move for none.
pub const OWN_STAY: i64 = 30 * DAY;
/// How many other accounts a person of here says to be too.
pub const MAX_ALIASES: usize = 10;
/// How many communities one of here says to have been: the largest commune nouvelle was made of 22.
pub const MAX_PREDECESSORS: usize = 25;

/// What a decision on moving needs to know.
#[derive(Clone, Copy, Debug)]
pub struct Moving {
    /// What moves.
    pub kind: ActorKind,
    /// What it becomes.
    pub becomes: ActorKind,
    /// Whether it is of here.
    pub is_ours: bool,
    /// Whether it is to become itself.
    pub is_self: bool,
    /// Whether both may act here: neither suspended nor deleted.
    pub are_active: bool,
    /// Whether what it becomes says that it is both: else anybody could put their followers on others.
    pub is_linked: bool,
    /// Whether what it becomes has moved away itself: nobody would be found there.
    pub becomes_moved: bool,
    /// How long ago it moved before, in milliseconds.
    pub since_last: Option<i64>,
}

/// Decides whether a person or a community moves.
///
/// # Errors
/// `NotAPerson`, `NotPossible` for a community that would be something else, `SameAccount`, `Suspended`; `NotLinked` where the other does not say to be both; `MovedAway` where
/// the other has moved itself; `MovedRecently` for a second time within seven days, of a person of here within thirty.
pub fn decide_move(moving: Moving) -> Result<(), Refusal> {
    check_pair(moving.kind, moving.becomes, moving.is_self)?;
    if !moving.are_active {
        return Err(Refusal::Suspended);
    }
    if !moving.is_linked {
        return Err(Refusal::NotLinked);
    }
    if moving.becomes_moved {
        return Err(Refusal::MovedAway);
    }
    let stay = if moving.is_ours && moving.kind == ActorKind::Person { OWN_STAY } else { STAY };
    if moving.since_last.is_some_and(|since| since < stay) {
        return Err(Refusal::MovedRecently);
    }
    Ok(())
}

/// What a decision on saying to be another too needs to know.
#[derive(Clone, Copy, Debug)]
pub struct Linking {
    /// Who says so.
    pub kind: ActorKind,
    /// The other.
    pub other: ActorKind,
    /// Whether the other is the one who says so.
    pub is_self: bool,
    /// How many others it says to be already, this one not counted.
    pub others: usize,
}

/// Decides whether a person, or a community, may say to be another too. Whether it is so need not be asked: the word gives the other
/// account something, and takes nothing from it.
///
/// # Errors
/// `NotAPerson`, `NotPossible`, `SameAccount`, `TooManyAliases`.
pub fn decide_link(linking: Linking) -> Result<(), Refusal> {
    check_pair(linking.kind, linking.other, linking.is_self)?;
    let most = if linking.kind == ActorKind::Group { MAX_PREDECESSORS } else { MAX_ALIASES };
    if linking.others >= most { Err(Refusal::TooManyAliases) } else { Ok(()) }
}

/// Two persons or two communities, and not one and the same.
fn check_pair(one: ActorKind, other: ActorKind, is_self: bool) -> Result<(), Refusal> {
    match (one, other) {
        (ActorKind::Person, ActorKind::Person) | (ActorKind::Group, ActorKind::Group) => {}
        (ActorKind::Group, _) => return Err(Refusal::NotPossible),
        _ => return Err(Refusal::NotAPerson),
    }
    if is_self { Err(Refusal::SameAccount) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALLOWED: Moving = Moving {
        kind: ActorKind::Person,
        becomes: ActorKind::Person,
        is_ours: false,
        is_self: false,
        are_active: true,
        is_linked: true,
        becomes_moved: false,
        since_last: None,
    };

    #[test]
    fn a_person_moves_to_who_says_to_be_both() {
        assert_eq!(decide_move(ALLOWED), Ok(()));
        assert_eq!(decide_move(Moving { is_linked: false, ..ALLOWED }), Err(Refusal::NotLinked));
        assert_eq!(decide_move(Moving { is_self: true, ..ALLOWED }), Err(Refusal::SameAccount));
        assert_eq!(decide_move(Moving { kind: ActorKind::Group, ..ALLOWED }), Err(Refusal::NotPossible));
        assert_eq!(decide_move(Moving { becomes: ActorKind::Group, ..ALLOWED }), Err(Refusal::NotAPerson));
        assert_eq!(decide_move(Moving { are_active: false, ..ALLOWED }), Err(Refusal::Suspended));
        assert_eq!(decide_move(Moving { becomes_moved: true, ..ALLOWED }), Err(Refusal::MovedAway));
    }

    #[test]
    fn nobody_moves_twice_in_a_week_and_nobody_of_here_twice_in_thirty_days() {
        for (is_ours, stay) in [(false, STAY), (true, OWN_STAY)] {
            let again = |since| Moving { is_ours, since_last: Some(since), ..ALLOWED };
            assert_eq!(decide_move(again(stay - 1)), Err(Refusal::MovedRecently));
            assert_eq!(decide_move(again(stay)), Ok(()));
        }
    }

    #[test]
    fn s63_a_community_becomes_a_community_that_says_so_and_not_twice_in_a_week() {
        let kind = ActorKind::Group;
        for is_ours in [false, true] {
            let merger = Moving { kind, becomes: kind, is_ours, ..ALLOWED };
            assert_eq!(decide_move(merger), Ok(()));
            assert_eq!(decide_move(Moving { is_linked: false, ..merger }), Err(Refusal::NotLinked));
            assert_eq!(decide_move(Moving { is_self: true, ..merger }), Err(Refusal::SameAccount));
            let again = |since| Moving { since_last: Some(since), ..merger };
            assert_eq!(decide_move(again(STAY - 1)), Err(Refusal::MovedRecently));
            assert_eq!(decide_move(again(STAY)), Ok(()));
        }
        let word = Linking { kind, other: kind, is_self: false, others: MAX_PREDECESSORS - 1 };
        assert_eq!(decide_link(word), Ok(()));
        assert_eq!(decide_link(Linking { others: MAX_PREDECESSORS, ..word }), Err(Refusal::TooManyAliases));
        assert_eq!(decide_link(Linking { other: ActorKind::Person, ..word }), Err(Refusal::NotPossible));
    }

    #[test]
    fn a_person_says_to_be_ten_others_at_most_and_never_itself_or_a_community() {
        let link = Linking {
            kind: ActorKind::Person,
            other: ActorKind::Person,
            is_self: false,
            others: MAX_ALIASES - 1,
        };
        assert_eq!(decide_link(link), Ok(()));
        assert_eq!(decide_link(Linking { others: MAX_ALIASES, ..link }), Err(Refusal::TooManyAliases));
        assert_eq!(decide_link(Linking { is_self: true, ..link }), Err(Refusal::SameAccount));
        assert_eq!(decide_link(Linking { other: ActorKind::Group, ..link }), Err(Refusal::NotAPerson));
    }
}
