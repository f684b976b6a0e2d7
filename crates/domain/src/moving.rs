//! Moving: a person becomes another person, and those who follow go along (FEP-7628).

use crate::actor::ActorKind;
use crate::refusal::Refusal;
use crate::time::DAY;

/// How long a person stays where it moved before it may move again, in milliseconds.
const STAY: i64 = 7 * DAY;

/// What a decision on moving needs to know.
#[derive(Clone, Copy, Debug)]
pub struct Moving {
    /// What moves.
    pub kind: ActorKind,
    /// What it becomes.
    pub becomes: ActorKind,
    /// Whether it is to become itself.
    pub is_self: bool,
    /// Whether both may act here: neither suspended nor deleted.
    pub are_active: bool,
    /// Whether what it becomes says that it is both: else anybody could put their followers on others.
    pub is_linked: bool,
    /// How long ago it moved before, in milliseconds.
    pub since_last: Option<i64>,
}

/// Decides whether a person moves.
///
/// # Errors
/// `NotPossible` for what is no person, and where the two are one or not linked; `Suspended`; `TooMany` for a second
/// time within seven days.
pub fn decide_move(moving: Moving) -> Result<(), Refusal> {
    let are_persons = moving.kind == ActorKind::Person && moving.becomes == ActorKind::Person;
    if !are_persons || moving.is_self || !moving.is_linked {
        return Err(Refusal::NotPossible);
    }
    if !moving.are_active {
        return Err(Refusal::Suspended);
    }
    if moving.since_last.is_some_and(|since| since < STAY) {
        return Err(Refusal::TooMany);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALLOWED: Moving = Moving {
        kind: ActorKind::Person,
        becomes: ActorKind::Person,
        is_self: false,
        are_active: true,
        is_linked: true,
        since_last: None,
    };

    #[test]
    fn a_person_moves_to_who_says_to_be_both_and_not_twice_in_a_week() {
        assert_eq!(decide_move(ALLOWED), Ok(()));
        assert_eq!(decide_move(Moving { is_linked: false, ..ALLOWED }), Err(Refusal::NotPossible));
        assert_eq!(decide_move(Moving { is_self: true, ..ALLOWED }), Err(Refusal::NotPossible));
        assert_eq!(decide_move(Moving { kind: ActorKind::Group, ..ALLOWED }), Err(Refusal::NotPossible));
        assert_eq!(decide_move(Moving { becomes: ActorKind::Group, ..ALLOWED }), Err(Refusal::NotPossible));
        assert_eq!(decide_move(Moving { are_active: false, ..ALLOWED }), Err(Refusal::Suspended));
        assert_eq!(decide_move(Moving { since_last: Some(STAY - 1), ..ALLOWED }), Err(Refusal::TooMany));
        assert_eq!(decide_move(Moving { since_last: Some(STAY), ..ALLOWED }), Ok(()));
    }
}
