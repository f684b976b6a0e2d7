//! Where a message stands: its thread, what it answers, and the home that decides on it.

use crate::{Result, moderating};
use clocher_domain::Refusal;
use clocher_domain::audience::Visibility;
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
        Ok(Self { thread, parent, home })
    }

    /// Asks the rule. Of a home elsewhere we know no rule: its own instance decides.
    pub fn decide(&self, conn: &mut Conn, author: &ActorRow, now: i64) -> Result<()> {
        // Whom a community banned is known of those elsewhere too.
        let is_banned =
            self.home.as_ref().map_or(Ok(false), |home| bans::is_banned(conn, home.id, author.id, now))?;
        let moderates =
            self.home.as_ref().map_or(Ok(false), |home| moderating::moderates(conn, home, author))?;
        let home = self.home.as_ref().filter(|home| home.local);
        let community = home.map(|home| communities::find(conn, home.id)).transpose()?.flatten();
        let is_member = home.map_or(Ok(false), |home| follows::is_accepted(conn, author.id, home.id))?;
        decide_writing(Writing {
            author: standing_of(author),
            is_member,
            is_moderator: moderates,
            is_banned,
            posting: community.map(|community| community.posting()).transpose()?,
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

    /// Where a message stands that is meant for readers of that visibility. What is not for everybody is in no
    /// community, also where it names one or answers in its thread.
    pub fn open_to(self, visibility: Visibility) -> Self {
        let home = self.home.filter(|_| visibility.is_open());
        Self { home, ..self }
    }

    /// What has a home is public for now; what answers is as visible as what it answers.
    pub fn visibility(&self, wanted: Visibility) -> Result<Visibility> {
        Ok(match (&self.parent, &self.home) {
            (Some(parent), _) => parent.visibility()?,
            (None, Some(_)) => Visibility::Public,
            (None, None) => wanted,
        })
    }
}
