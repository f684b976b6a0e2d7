//! Where a message stands: its thread, what it answers, and the home that decides on it.

use crate::{Result, moderating, readers};
use clocher_domain::Refusal;
use clocher_domain::audience::Visibility;
use clocher_domain::community::Openness;
use clocher_domain::post::{Author, Writing, decide_writing};
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::posts::{self, PostRow};
use clocher_storage::{Conn, bans, communities, follows};

/// How many messages upwards a lock is looked for.
const MAX_DEPTH: usize = 50;

/// Where a message stands: its thread and the home of it.
pub(crate) struct Place {
    /// The top post, of a reply.
    pub thread: Option<PostRow>,
    /// What it answers.
    pub parent: Option<PostRow>,
    /// The home community.
    pub home: Option<ActorRow>,
    /// Who may read that home.
    pub openness: Openness,
}

/// Whether somebody of elsewhere has moved is judged there: that server hears first that they are back.
fn standing_of(author: &ActorRow) -> Author {
    if !author.is_active() {
        Author::Suspended
    } else if author.local && author.moved_to.is_some() {
        Author::Moved
    } else {
        Author::Active
    }
}

impl Place {
    pub fn load(conn: &mut Conn, home_id: Option<i64>, parent: Option<PostRow>) -> Result<Self> {
        let thread = match &parent {
            Some(parent) => Some(posts::find(conn, parent.thread_id)?.ok_or(Refusal::NotFound)?),
            None => None,
        };
        let home_id = thread.as_ref().map_or(home_id, |thread| thread.home_id);
        let home = home_id.map(|id| actors::find(conn, id)).transpose()?.flatten();
        if home_id.is_some() && home.is_none() {
            return Err(Refusal::NotFound.into());
        }
        let openness = home.as_ref().map(|home| readers::openness(conn, home.id)).transpose()?;
        Ok(Self { thread, parent, home, openness: openness.unwrap_or(Openness::Open) })
    }

    /// Asks the rule. Of a home elsewhere we know no rule: its own instance decides.
    pub fn decide(&self, conn: &mut Conn, author: &ActorRow, now: i64) -> Result<()> {
        // Whom a community banned is known of those elsewhere too.
        let is_banned =
            self.home.as_ref().map_or(Ok(false), |home| bans::is_banned(conn, home.id, author.id, now))?;
        let moderates =
            self.home.as_ref().map_or(Ok(false), |home| moderating::moderates(conn, home, author))?;
        // Who is a member of a community elsewhere is known of ours alone.
        let openness = self.home.as_ref().filter(|home| home.local || author.local).map(|_| self.openness);
        let is_member =
            self.home.as_ref().map_or(Ok(false), |home| follows::is_accepted(conn, author.id, home.id))?;
        let home = self.home.as_ref().filter(|home| home.local);
        let community = home.map(|home| communities::find(conn, home.id)).transpose()?.flatten();
        decide_writing(Writing {
            author: standing_of(author),
            is_member,
            is_moderator: moderates,
            is_banned,
            posting: community.map(|community| community.posting()).transpose()?,
            openness,
            is_reply: self.parent.is_some(),
            thread_locked: self.is_locked(conn)?,
            parent_deleted: self.parent.as_ref().is_some_and(|parent| parent.deleted_at.is_some()),
            parent_removed: self.parent.as_ref().is_some_and(|parent| parent.removed_at.is_some()),
        })?;
        Ok(())
    }

    /// Whether the thread, what is answered or a message above it is locked.
    fn is_locked(&self, conn: &mut Conn) -> Result<bool> {
        if self.thread.as_ref().is_some_and(|thread| thread.locked) {
            return Ok(true);
        }
        let mut above = self.parent.as_ref().map(|parent| (parent.parent_id, parent.locked));
        for _ in 0..MAX_DEPTH {
            match above {
                // The top post is looked at already.
                None | Some((None, _)) => return Ok(false),
                Some((_, true)) => return Ok(true),
                Some((Some(id), false)) => above = posts::find_lock(conn, id)?,
            }
        }
        Ok(false)
    }

    /// Where a message stands that is meant for readers of that visibility. What is neither for everybody nor for the
    /// members of its home is in no community, also where it names one or answers in its thread.
    pub fn open_to(self, visibility: Visibility) -> Self {
        let home = self.home.filter(|_| visibility.is_of_home());
        Self { home, ..self }
    }

    /// What is written in a home that is not open is for its members, also where it answers what is for everybody since
    /// before it was closed; in another it is public, and what answers is as visible as what it answers.
    pub fn visibility(&self, wanted: Visibility) -> Result<Visibility> {
        Ok(match (&self.parent, &self.home) {
            (Some(parent), home) => match parent.visibility()? {
                seen if seen.is_open() && home.is_some() => self.openness.visibility(seen),
                seen => seen,
            },
            (None, Some(_)) => self.openness.visibility(Visibility::Public),
            (None, None) => wanted,
        })
    }

    /// For whom a message of another server is that was sent for readers of that visibility; `names_home` where it is
    /// addressed to its home.
    ///
    /// # Errors
    /// `NotForMembers` for what is for everybody, in a home of ours that is not open.
    pub fn remote_visibility(&self, sent: Visibility, names_home: bool) -> Result<Visibility> {
        let Some(home) = &self.home else { return Ok(sent) };
        let mut answers_members = false;
        for above in self.thread.iter().chain(&self.parent) {
            answers_members |= above.visibility()? == Visibility::Members;
        }
        let is_closed = !self.openness.is_open() || answers_members;
        Ok(match sent {
            Visibility::Members | Visibility::Direct if is_closed && names_home => Visibility::Members,
            // A community elsewhere may have messages for its members though everybody reads others in it.
            Visibility::Members if !home.local => Visibility::Members,
            Visibility::Members => Visibility::Direct,
            Visibility::Public | Visibility::Unlisted if is_closed && home.local => {
                return Err(Refusal::NotForMembers.into());
            }
            Visibility::Public | Visibility::Unlisted if answers_members => Visibility::Members,
            sent => sent,
        })
    }
}
