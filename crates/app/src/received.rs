//! What another server sent, once it is verified: an activity, and what became of it.
//!
//! Verifies nothing: that is the business of the door.

use crate::app::Deed;
use crate::{Result, placing};
use clocher_domain::Id;
use clocher_domain::effect::Effect;
use clocher_storage::activities::{self, ActivityRow};
use clocher_storage::actors::ActorRow;
use clocher_storage::posts::PostRow;

/// An activity as it was received and verified.
#[derive(Clone, Debug)]
pub struct Received {
    /// Its id.
    pub activity: String,
    /// Under which name it is remembered: its id; or, where its sender may give the same id to several, what tells
    /// this request from others.
    pub seen_as: String,
    /// `type`.
    pub kind: &'static str,
    /// The document as it came, to be passed on by the home community.
    pub document: Option<String>,
    /// The local row of the group that announced it; none where its own actor sent it.
    pub announced_by: Option<i64>,
    /// Whether it was fetched, because something that concerns us answers it.
    pub asked_for: bool,
    /// The home's `Announce` in which it came, where the home has proved it: it may be passed on.
    pub carried: Option<Box<Carried>>,
}

/// An `Announce` that its community has proved.
#[derive(Clone, Debug)]
pub struct Carried {
    /// Its id.
    pub activity: String,
    /// The document as it came.
    pub document: String,
    /// The local row of the community.
    pub community_id: i64,
    /// The host that handed it over.
    pub from: String,
}

impl Received {
    /// Records the activity; false where it was received before.
    pub(crate) fn is_first(&self, deed: &mut Deed<'_>) -> Result<bool> {
        let now = deed.now();
        Ok(activities::see(deed.conn, &self.seen_as, now)?)
    }

    /// Owes the passing on of the activity, where the home of the message is here.
    pub(crate) fn relay(
        &self,
        deed: &mut Deed<'_>,
        actor_id: i64,
        post: &PostRow,
        home: Option<&ActorRow>,
    ) -> Result<()> {
        let Some(home) = home.filter(|home| home.local) else { return self.pass_on(deed, post) };
        let Some(activity) = self.keep(deed, actor_id, Some(post.id))? else { return Ok(()) };
        deed.owe(&Effect::Relayed { community: Id(home.id), post: Id(post.id), activity: Id(activity) })?;
        if self.kind == "Create" { placing::begin(deed, post, home) } else { Ok(()) }
    }

    /// Owes the passing on, once, of what a home elsewhere announced about a thread that communities of here share.
    pub(crate) fn pass_on(&self, deed: &mut Deed<'_>, post: &PostRow) -> Result<()> {
        let Some(carried) = self.carried.as_ref().filter(|one| post.home_id == Some(one.community_id)) else {
            return Ok(());
        };
        if !post.visibility()?.is_open() {
            // What is for the members of its home is shared by nobody, though its thread is.
            return Ok(());
        }
        // A deletion also goes to whoever had the thread from a community that shares it no more: who gets it is decided
        // where it is sent.
        let sharing = placing::list_sharing(deed.conn, post.thread_id, true)?;
        let is_shared = sharing.iter().any(|community| community.local);
        let now = deed.now();
        if !is_shared || !activities::see(deed.conn, &format!("passed {}", carried.activity), now)? {
            return Ok(());
        }
        let row = ActivityRow {
            id: deed.app.mint(),
            ap_id: carried.activity.clone(),
            kind: "Announce".to_owned(),
            local: false,
            actor_id: carried.community_id,
            post_id: Some(post.id),
            listed: false,
            document: carried.document.clone(),
            created_at: deed.now(),
        };
        let activity = Id(activities::put(deed.conn, &row)?);
        deed.owe(&Effect::PassedOn { activity, post: Id(post.id), from: carried.from.clone() })
    }

    /// Keeps the activity as it came, to be passed on; none where it came by another.
    pub(crate) fn keep(
        &self,
        deed: &mut Deed<'_>,
        actor_id: i64,
        post_id: Option<i64>,
    ) -> Result<Option<i64>> {
        let Some(document) = &self.document else { return Ok(None) };
        let row = ActivityRow {
            id: deed.app.mint(),
            ap_id: self.activity.clone(),
            kind: self.kind.to_owned(),
            local: false,
            actor_id,
            post_id,
            listed: false,
            document: document.clone(),
            created_at: deed.now(),
        };
        Ok(Some(activities::put(deed.conn, &row)?))
    }
}

/// What became of something received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was recorded.
    Recorded,
    /// It was known already, or says nothing new.
    Known,
    /// The message it answers or concerns is not known here.
    MissingParent,
    /// It is not for us to record: its home has not announced it.
    NotOurs,
}
