//! Messages: top posts and replies, who may write, edit and delete them, and their limits.

use crate::community::{Openness, Posting};
use crate::refusal::Refusal;
use crate::time::DAY;

/// Longest title, in characters.
pub const MAX_TITLE: usize = 200;
/// Longest text, in characters of its source.
pub const MAX_TEXT: usize = 50_000;
/// How long ago somebody else may have posted what would be the same text twice, in milliseconds.
pub const TWIN: i64 = 7 * DAY;
/// A text that long is the same message under any title, in characters; a shorter one under the same title alone.
const TELLING: usize = 80;

/// What a message is on the wire and on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PostKind {
    /// A titled top post.
    Page,
    /// A reply, or a short untitled post.
    Note,
}

impl PostKind {
    /// Its name in the ActivityStreams vocabulary.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Page => "Page",
            Self::Note => "Note",
        }
    }

    /// Reads the name of the vocabulary.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Page, Self::Note].into_iter().find(|kind| kind.as_str() == name)
    }
}

/// What the author wrote: an optional title and the text, in Markdown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The title; none for replies and short posts.
    pub title: Option<String>,
    /// The text, in Markdown.
    pub text: String,
}

impl Draft {
    /// Trims and checks what was written. An empty title is none; a title may stand without a text.
    ///
    /// # Errors
    /// `EmptyText`, `TextTooLong`, `TitleTooLong`.
    pub fn check(title: Option<&str>, text: &str) -> Result<Self, Refusal> {
        let title = title
            .map(|title| title.split_whitespace().collect::<Vec<_>>().join(" "))
            .filter(|title| !title.is_empty());
        let text = text.trim().replace("\r\n", "\n");
        if title.as_ref().is_some_and(|title| title.chars().count() > MAX_TITLE) {
            return Err(Refusal::TitleTooLong);
        }
        if text.chars().count() > MAX_TEXT {
            return Err(Refusal::TextTooLong);
        }
        if text.is_empty() && title.is_none() {
            return Err(Refusal::EmptyText);
        }
        Ok(Self { title, text })
    }

    /// A titled message is a `Page`, an untitled one a `Note`.
    pub fn kind(&self) -> PostKind {
        if self.title.is_some() { PostKind::Page } else { PostKind::Note }
    }
}

/// Whether two threads with that text, as plain text, say the same to who reads both.
pub fn are_twins(one: Option<&str>, other: Option<&str>, text: &str) -> bool {
    let folded = |title: Option<&str>| title.unwrap_or_default().trim().to_lowercase();
    text.chars().count() >= TELLING || folded(one) == folded(other)
}

/// How an author stands with the instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Author {
    /// As everybody.
    Active,
    /// Suspended here.
    Suspended,
    /// Lived here, and has moved away.
    Moved,
}

/// What a decision on writing needs to know of the author and the place.
#[derive(Clone, Copy, Debug)]
pub struct Writing {
    /// How the author stands with this instance.
    pub author: Author,
    /// Whether the author is an accepted member of the home community.
    pub is_member: bool,
    /// Whether the author moderates the home community.
    pub is_moderator: bool,
    /// Whether the author is banned from the home community.
    pub is_banned: bool,
    /// The posting rule of the home community; none for a message without a home.
    pub posting: Option<Posting>,
    /// Who may read the home community, of whose members we know; none where we do not, or there is none.
    pub openness: Option<Openness>,
    /// Whether this is a reply.
    pub is_reply: bool,
    /// Whether the message answered, or one above it, is locked.
    pub thread_locked: bool,
    /// Whether the message answered is deleted.
    pub parent_deleted: bool,
    /// Whether moderators removed the message answered.
    pub parent_removed: bool,
}

/// Decides whether the author may write there.
///
/// # Errors
/// `NotFound` for a hidden community; `Suspended`, `Moved`, `Banned`, `Deleted`, `Removed`, `ThreadLocked`,
/// `NotAMember`, `NotAModerator`.
pub fn decide_writing(writing: Writing) -> Result<(), Refusal> {
    let is_outside = !writing.is_member && !writing.is_moderator;
    if writing.openness == Some(Openness::Hidden) && is_outside {
        return Err(Refusal::NotFound);
    }
    match writing.author {
        Author::Active => {}
        Author::Suspended => return Err(Refusal::Suspended),
        Author::Moved => return Err(Refusal::Moved),
    }
    if writing.is_banned {
        return Err(Refusal::Banned);
    }
    if writing.parent_deleted {
        return Err(Refusal::Deleted);
    }
    if writing.parent_removed {
        return Err(Refusal::Removed);
    }
    if writing.thread_locked && !writing.is_moderator {
        return Err(Refusal::ThreadLocked);
    }
    if writing.openness == Some(Openness::Closed) && is_outside {
        return Err(Refusal::NotAMember);
    }
    match writing.posting {
        // Where only moderators start threads, members still answer them.
        Some(Posting::Moderators) if !writing.is_moderator && !writing.is_reply => {
            Err(Refusal::NotAModerator)
        }
        Some(Posting::Members) if is_outside => Err(Refusal::NotAMember),
        _ => Ok(()),
    }
}

/// Decides whether somebody may change a message: its author only, and only what is there to be read.
///
/// # Errors
/// `NotTheAuthor`, `Deleted`, `Removed`.
pub fn decide_editing(is_author: bool, is_deleted: bool, is_removed: bool) -> Result<(), Refusal> {
    decide_deleting(is_author, is_deleted)?;
    if is_removed { Err(Refusal::Removed) } else { Ok(()) }
}

/// Decides whether somebody may delete a message: its author only, also where moderators removed it.
///
/// # Errors
/// `NotTheAuthor`, `Deleted`.
pub fn decide_deleting(is_author: bool, is_deleted: bool) -> Result<(), Refusal> {
    match (is_author, is_deleted) {
        (_, true) => Err(Refusal::Deleted),
        (false, false) => Err(Refusal::NotTheAuthor),
        (true, false) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPEN: Writing = Writing {
        author: Author::Active,
        is_member: false,
        is_moderator: false,
        is_banned: false,
        posting: Some(Posting::Everybody),
        openness: Some(Openness::Open),
        is_reply: false,
        thread_locked: false,
        parent_deleted: false,
        parent_removed: false,
    };

    #[test]
    fn a_draft_is_trimmed_and_must_say_something() {
        let draft = Draft::check(Some("  Un   titre "), "\r\n texte\r\nsuite \n").unwrap();
        assert_eq!(draft, Draft { title: Some("Un titre".into()), text: "texte\nsuite".into() });
        assert_eq!(draft.kind(), PostKind::Page);
        assert_eq!(Draft::check(None, " \n "), Err(Refusal::EmptyText));
        assert_eq!(Draft::check(Some(&"a".repeat(201)), "x"), Err(Refusal::TitleTooLong));
        assert_eq!(Draft::check(None, &"é".repeat(MAX_TEXT + 1)), Err(Refusal::TextTooLong));
    }

    #[test]
    fn the_same_words_are_the_same_message_unless_they_are_few_under_another_title() {
        assert!(are_twins(Some("Loto samedi"), Some("loto samedi "), "Venez !"));
        assert!(!are_twins(Some("Loto samedi"), Some("Marché dimanche"), "Venez !"));
        assert!(are_twins(Some("Loto samedi"), None, &"Venez nombreux. ".repeat(6)));
    }

    #[test]
    fn the_posting_rule_of_the_home_decides() {
        assert_eq!(decide_writing(OPEN), Ok(()));
        let members = Writing { posting: Some(Posting::Members), ..OPEN };
        assert_eq!(decide_writing(members), Err(Refusal::NotAMember));
        assert_eq!(decide_writing(Writing { is_member: true, ..members }), Ok(()));
        let board = Writing { posting: Some(Posting::Moderators), ..OPEN };
        assert_eq!(decide_writing(board), Err(Refusal::NotAModerator));
        assert_eq!(decide_writing(Writing { is_reply: true, ..board }), Ok(()));
    }

    #[test]
    fn who_does_not_read_a_community_does_not_write_in_it() {
        let closed = Writing { openness: Some(Openness::Closed), ..OPEN };
        assert_eq!(decide_writing(closed), Err(Refusal::NotAMember));
        assert_eq!(decide_writing(Writing { is_reply: true, ..closed }), Err(Refusal::NotAMember));
        assert_eq!(decide_writing(Writing { is_member: true, ..closed }), Ok(()));
        assert_eq!(decide_writing(Writing { is_moderator: true, ..closed }), Ok(()));
        let hidden = Writing { openness: Some(Openness::Hidden), is_banned: true, ..OPEN };
        assert_eq!(decide_writing(hidden), Err(Refusal::NotFound));
    }

    #[test]
    fn a_locked_thread_takes_answers_from_moderators_only() {
        let locked = Writing { is_reply: true, thread_locked: true, ..OPEN };
        assert_eq!(decide_writing(locked), Err(Refusal::ThreadLocked));
        assert_eq!(decide_writing(Writing { is_moderator: true, ..locked }), Ok(()));
    }

    #[test]
    fn who_is_banned_writes_nothing_and_nobody_answers_what_is_removed() {
        let banned = Writing { is_banned: true, is_member: true, ..OPEN };
        assert_eq!(decide_writing(banned), Err(Refusal::Banned));
        assert_eq!(decide_writing(Writing { is_reply: true, ..banned }), Err(Refusal::Banned));
        let removed = Writing { is_reply: true, parent_removed: true, ..OPEN };
        assert_eq!(decide_writing(removed), Err(Refusal::Removed));
    }

    #[test]
    fn who_moved_away_writes_nothing_here() {
        let moved = Writing { author: Author::Moved, is_member: true, is_moderator: true, ..OPEN };
        assert_eq!(decide_writing(moved), Err(Refusal::Moved));
        assert_eq!(decide_writing(Writing { is_reply: true, posting: None, ..moved }), Err(Refusal::Moved));
    }

    #[test]
    fn only_the_author_edits_and_nobody_edits_what_is_deleted_or_removed() {
        assert_eq!(decide_editing(true, false, false), Ok(()));
        assert_eq!(decide_editing(false, false, false), Err(Refusal::NotTheAuthor));
        assert_eq!(decide_editing(true, true, false), Err(Refusal::Deleted));
        assert_eq!(decide_editing(true, false, true), Err(Refusal::Removed));
        assert_eq!(decide_deleting(true, false), Ok(()));
        assert_eq!(decide_deleting(false, false), Err(Refusal::NotTheAuthor));
    }
}
