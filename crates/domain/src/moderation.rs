//! Moderation of a community: who may, what each act asks for, what a removal and a ban mean.
//!
//! A removal is not a deletion: moderators take a message out of their community and can put it back; an author
//! erases it for good.

use crate::id::Id;
use crate::refusal::Refusal;
use serde::{Deserialize, Serialize};

/// Most threads that a community features.
pub const MAX_FEATURED: usize = 20;
/// Most moderators that a community has.
pub const MAX_MODERATORS: usize = 50;
/// Longest reason, in characters.
pub const MAX_REASON: usize = 500;
/// Most reports of one reporter that may wait.
pub const MAX_REPORTS: i64 = 50;

/// What a moderator does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Act {
    /// A message takes no more answers.
    Lock,
    /// It does again.
    Unlock,
    /// A thread stands on top of its community.
    Feature,
    /// It does not any more.
    Unfeature,
    /// A message is shown to nobody.
    Remove,
    /// It is shown again.
    Restore,
    /// Somebody may not take part any more.
    Ban,
    /// They may again.
    Unban,
    /// Somebody is made a moderator.
    Appoint,
    /// A moderator is one no more.
    Dismiss,
}

impl Act {
    /// Whether it is about a message, and not about a person.
    pub fn is_about_message(self) -> bool {
        !matches!(self, Self::Ban | Self::Unban | Self::Appoint | Self::Dismiss)
    }

    /// What undoes it.
    #[must_use]
    pub fn undone(self) -> Self {
        match self {
            Self::Lock => Self::Unlock,
            Self::Unlock => Self::Lock,
            Self::Feature => Self::Unfeature,
            Self::Unfeature => Self::Feature,
            Self::Remove => Self::Restore,
            Self::Restore => Self::Remove,
            Self::Ban => Self::Unban,
            Self::Unban => Self::Ban,
            Self::Appoint => Self::Dismiss,
            Self::Dismiss => Self::Appoint,
        }
    }
}

/// An act of moderation that the world is to be told of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moderation {
    /// The community.
    pub community: Id,
    /// Whoever did it.
    pub moderator: Id,
    /// What was done.
    pub act: Act,
    /// To which message.
    pub post: Option<Id>,
    /// Or to which person.
    pub person: Option<Id>,
    /// Why, plain text; may be empty.
    pub reason: String,
    /// When it ends, in milliseconds since the Unix epoch; none for good.
    pub until: Option<i64>,
    /// Whether the messages of whoever is banned are removed too.
    pub removes_messages: bool,
    /// The id of the `Follow` of another server that ended with it.
    pub ended_follow: Option<String>,
    /// The stored activity of a moderator of another server, to be passed on as it came.
    pub relayed: Option<Id>,
}

/// Whoever moderates, to a community.
#[derive(Clone, Copy, Debug, Default)]
pub struct Moderator {
    /// Whether they are suspended here.
    pub is_suspended: bool,
    /// Whether they are among the moderators of the community.
    pub is_appointed: bool,
    /// Whether they moderate the instance, and the community is of here.
    pub is_staff: bool,
}

/// Decides whether somebody moderates a community at all.
///
/// # Errors
/// `Suspended`, `NotAModerator`.
pub fn decide_moderating(moderator: Moderator) -> Result<(), Refusal> {
    if moderator.is_suspended {
        return Err(Refusal::Suspended);
    }
    if moderator.is_appointed || moderator.is_staff { Ok(()) } else { Err(Refusal::NotAModerator) }
}

/// On whose word an act of moderation comes from another server.
#[derive(Clone, Copy, Debug, Default)]
pub struct ModerationWord {
    /// The community is one of ours: we decide, and the moderator's own signature says who did it.
    pub community_is_here: bool,
    /// The community itself passed it on.
    pub announced_by_community: bool,
    /// The object is in that community.
    pub is_in_community: bool,
}

/// Decides whether an act of somebody of another server counts: a community's word counts in itself alone, and
/// only for one of its moderators (S44).
///
/// # Errors
/// `Suspended`, `NotAModerator`, also for what is in another community.
pub fn decide_word(word: ModerationWord, moderator: Moderator) -> Result<(), Refusal> {
    let is_heard = word.community_is_here || word.announced_by_community;
    if !is_heard || !word.is_in_community {
        return Err(Refusal::NotAModerator);
    }
    decide_moderating(moderator)
}

/// Whether an act about a person that another community decided changes what is known of it here. Its reasons are
/// its own.
pub fn changes_elsewhere(act: Act, subject: Subject) -> bool {
    match act {
        Act::Ban => true,
        Act::Unban => subject.is_banned,
        Act::Appoint => !subject.is_appointed && subject.moderators < MAX_MODERATORS,
        Act::Dismiss => subject.is_appointed,
        _ => false,
    }
}

/// What is known of a message that is to be moderated.
#[derive(Clone, Copy, Debug, Default)]
pub struct Moderated {
    /// Whether it opens a thread.
    pub is_top: bool,
    /// Whether its author deleted it.
    pub is_deleted: bool,
    /// Whether moderators removed it.
    pub is_removed: bool,
    /// Whether it is locked.
    pub is_locked: bool,
    /// Whether it is featured.
    pub is_featured: bool,
    /// How many threads the community features.
    pub featured: usize,
}

/// Decides on an act about a message of the community: whether it changes anything.
///
/// # Errors
/// `Deleted`; `Removed` for what is not there to be featured; `NotPossible` for featuring a reply, or an act about
/// persons; `TooManyFeatured`.
pub fn decide_about_message(act: Act, message: Moderated) -> Result<bool, Refusal> {
    if message.is_deleted {
        return Err(Refusal::Deleted);
    }
    match act {
        Act::Lock => Ok(!message.is_locked),
        Act::Unlock => Ok(message.is_locked),
        Act::Remove => Ok(!message.is_removed),
        Act::Restore => Ok(message.is_removed),
        Act::Unfeature => Ok(message.is_featured),
        Act::Feature if message.is_removed => Err(Refusal::Removed),
        Act::Feature if !message.is_top => Err(Refusal::NotPossible),
        Act::Feature if message.is_featured => Ok(false),
        Act::Feature if message.featured >= MAX_FEATURED => Err(Refusal::TooManyFeatured),
        Act::Feature => Ok(true),
        Act::Ban | Act::Unban | Act::Appoint | Act::Dismiss => Err(Refusal::NotPossible),
    }
}

/// What is known of somebody whom a moderator acts upon.
#[derive(Clone, Copy, Debug, Default)]
pub struct Subject {
    /// Whether they are a person, and not a community or an instance.
    pub is_person: bool,
    /// Whether their account is suspended or gone.
    pub is_suspended: bool,
    /// Whether they are among the moderators of the community.
    pub is_appointed: bool,
    /// Whether they moderate the instance, and the community is of here.
    pub is_staff: bool,
    /// Whether they are banned from the community.
    pub is_banned: bool,
    /// How many moderators the community has.
    pub moderators: usize,
}

/// Decides on an act about a person in a community of ours: whether it changes anything. Another ban of whoever is
/// banned does: it may end earlier, or later.
///
/// # Errors
/// `IsModerator` for banning one; `Banned`, `Suspended` for appointing such a person; `LastModerator` for leaving a
/// community to nobody, unless `by_staff`; `TooMany` moderators; `NotPossible` for an act about messages, or about
/// what is no person.
pub fn decide_about_person(act: Act, subject: Subject, by_staff: bool) -> Result<bool, Refusal> {
    if !subject.is_person {
        return Err(Refusal::NotPossible);
    }
    match act {
        Act::Ban if subject.is_appointed || subject.is_staff => Err(Refusal::IsModerator),
        Act::Unban => Ok(subject.is_banned),
        Act::Appoint if subject.is_appointed => Ok(false),
        Act::Appoint if subject.is_banned => Err(Refusal::Banned),
        Act::Appoint if subject.is_suspended => Err(Refusal::Suspended),
        Act::Appoint if subject.moderators >= MAX_MODERATORS => Err(Refusal::TooMany),
        Act::Dismiss if !subject.is_appointed => Ok(false),
        Act::Dismiss if subject.moderators <= 1 && !by_staff => Err(Refusal::LastModerator),
        Act::Ban | Act::Appoint | Act::Dismiss => Ok(true),
        _ => Err(Refusal::NotPossible),
    }
}

/// What is known of what is reported.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reported {
    /// Whether the reporter may read it: else it does not exist.
    pub is_readable: bool,
    /// Whether it is for us to look at: the reporter, its author or its home is of here.
    pub is_for_us: bool,
    /// Whether its author deleted it, or moderators removed it.
    pub is_gone: bool,
    /// How many reports of the reporter wait.
    pub waiting: i64,
}

/// Decides whether a report is taken.
///
/// # Errors
/// `NotFound` for what the reporter may not read, or what is not for us to look at; `Deleted`; `TooMany` reports of
/// one reporter.
pub fn decide_reporting(reported: Reported) -> Result<(), Refusal> {
    if !reported.is_readable || !reported.is_for_us {
        return Err(Refusal::NotFound);
    }
    if reported.is_gone {
        return Err(Refusal::Deleted);
    }
    if reported.waiting >= MAX_REPORTS { Err(Refusal::TooMany) } else { Ok(()) }
}

/// A reason as it is kept: one text, trimmed, not longer than it may be.
pub fn trim_reason(reason: &str) -> String {
    reason.trim().chars().take(MAX_REASON).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const APPOINTED: Moderator = Moderator { is_suspended: false, is_appointed: true, is_staff: false };

    #[test]
    fn moderators_of_the_community_and_of_its_instance_moderate_and_nobody_else() {
        assert_eq!(decide_moderating(APPOINTED), Ok(()));
        let staff = Moderator { is_staff: true, ..Moderator::default() };
        assert_eq!(decide_moderating(staff), Ok(()));
        assert_eq!(decide_moderating(Moderator::default()), Err(Refusal::NotAModerator));
        assert_eq!(decide_moderating(Moderator { is_suspended: true, ..APPOINTED }), Err(Refusal::Suspended));
    }

    #[test]
    fn s44_a_community_speaks_for_its_own_moderators_in_itself_only() {
        let announced =
            ModerationWord { announced_by_community: true, is_in_community: true, community_is_here: false };
        assert_eq!(decide_word(announced, APPOINTED), Ok(()));
        assert_eq!(decide_word(announced, Moderator::default()), Err(Refusal::NotAModerator));
        let elsewhere = ModerationWord { is_in_community: false, ..announced };
        assert_eq!(decide_word(elsewhere, APPOINTED), Err(Refusal::NotAModerator));
        let direct = ModerationWord { announced_by_community: false, ..announced };
        assert_eq!(decide_word(direct, APPOINTED), Err(Refusal::NotAModerator));
        assert_eq!(decide_word(ModerationWord { community_is_here: true, ..direct }, APPOINTED), Ok(()));
    }

    #[test]
    fn an_act_that_changes_nothing_says_so() {
        let open = Moderated { is_top: true, ..Moderated::default() };
        let done = Moderated { is_locked: true, is_removed: true, is_featured: true, ..open };
        for act in [Act::Lock, Act::Remove, Act::Feature] {
            assert_eq!(decide_about_message(act, open), Ok(true), "{act:?}");
            assert_eq!(decide_about_message(act.undone(), open), Ok(false), "{act:?}");
            assert_eq!(decide_about_message(act.undone(), done), Ok(true), "{act:?}");
        }
        assert_eq!(decide_about_message(Act::Lock, done), Ok(false));
        assert_eq!(decide_about_message(Act::Remove, done), Ok(false));
    }

    #[test]
    fn only_threads_that_can_be_read_are_featured_and_not_too_many() {
        let open = Moderated { is_top: true, featured: MAX_FEATURED - 1, ..Moderated::default() };
        assert_eq!(decide_about_message(Act::Feature, open), Ok(true));
        let full = Moderated { featured: MAX_FEATURED, ..open };
        assert_eq!(decide_about_message(Act::Feature, full), Err(Refusal::TooManyFeatured));
        assert_eq!(decide_about_message(Act::Feature, Moderated { is_featured: true, ..full }), Ok(false));
        let reply = Moderated { is_top: false, ..open };
        assert_eq!(decide_about_message(Act::Feature, reply), Err(Refusal::NotPossible));
        let removed = Moderated { is_removed: true, ..open };
        assert_eq!(decide_about_message(Act::Feature, removed), Err(Refusal::Removed));
        let deleted = Moderated { is_deleted: true, is_removed: true, ..open };
        assert_eq!(decide_about_message(Act::Restore, deleted), Err(Refusal::Deleted));
    }

    #[test]
    fn moderators_are_dismissed_before_they_are_banned_and_one_is_left() {
        let person = Subject { is_person: true, moderators: 2, ..Subject::default() };
        let moderator = Subject { is_appointed: true, ..person };
        let decide = |act, subject| decide_about_person(act, subject, false);
        assert_eq!(decide(Act::Ban, person), Ok(true));
        assert_eq!(decide(Act::Ban, moderator), Err(Refusal::IsModerator));
        assert_eq!(decide(Act::Ban, Subject { is_staff: true, ..person }), Err(Refusal::IsModerator));
        assert_eq!(decide(Act::Dismiss, moderator), Ok(true));
        let last = Subject { moderators: 1, ..moderator };
        assert_eq!(decide(Act::Dismiss, last), Err(Refusal::LastModerator));
        assert_eq!(decide_about_person(Act::Dismiss, last, true), Ok(true));
        assert_eq!(decide(Act::Dismiss, person), Ok(false));
    }

    #[test]
    fn what_another_community_decided_about_a_person_is_its_own_business() {
        let moderator = Subject { is_person: true, is_appointed: true, moderators: 1, ..Subject::default() };
        assert!(changes_elsewhere(Act::Ban, moderator));
        assert!(changes_elsewhere(Act::Dismiss, moderator));
        assert!(!changes_elsewhere(Act::Appoint, moderator));
        assert!(!changes_elsewhere(Act::Unban, moderator));
        let full = Subject { is_appointed: false, moderators: MAX_MODERATORS, ..moderator };
        assert!(!changes_elsewhere(Act::Appoint, full));
        assert!(!changes_elsewhere(Act::Lock, moderator));
    }

    #[test]
    fn a_moderator_is_a_person_who_may_take_part() {
        let person = Subject { is_person: true, ..Subject::default() };
        let decide = |subject| decide_about_person(Act::Appoint, subject, false);
        assert_eq!(decide(person), Ok(true));
        assert_eq!(decide(Subject { is_appointed: true, ..person }), Ok(false));
        assert_eq!(decide(Subject { is_banned: true, ..person }), Err(Refusal::Banned));
        assert_eq!(decide(Subject { is_suspended: true, ..person }), Err(Refusal::Suspended));
        assert_eq!(decide(Subject { moderators: MAX_MODERATORS, ..person }), Err(Refusal::TooMany));
        assert_eq!(decide(Subject { is_person: false, ..person }), Err(Refusal::NotPossible));
    }

    #[test]
    fn a_report_of_what_one_may_not_read_is_of_nothing() {
        let open = Reported { is_readable: true, is_for_us: true, ..Reported::default() };
        assert_eq!(decide_reporting(open), Ok(()));
        let hidden = Reported { is_readable: false, ..open };
        assert_eq!(decide_reporting(hidden), Err(Refusal::NotFound));
        assert_eq!(decide_reporting(Reported { is_gone: true, ..hidden }), Err(Refusal::NotFound));
        assert_eq!(decide_reporting(Reported { is_for_us: false, ..open }), Err(Refusal::NotFound));
        assert_eq!(decide_reporting(Reported { is_gone: true, ..open }), Err(Refusal::Deleted));
        assert_eq!(decide_reporting(Reported { waiting: MAX_REPORTS, ..open }), Err(Refusal::TooMany));
    }

    #[test]
    fn a_reason_is_bounded() {
        assert_eq!(trim_reason("  Insultes \n"), "Insultes");
        assert_eq!(trim_reason(&"é".repeat(MAX_REASON + 1)).chars().count(), MAX_REASON);
    }
}
