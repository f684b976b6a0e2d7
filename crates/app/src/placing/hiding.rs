//! What communities of here hide, from their own readers, of threads that they share: what a moderator says, and what is
//! written by whoever they banned. Documents and deliveries are not touched by it.

use super::home_of;
use crate::app::Deed;
use crate::reading::PostView;
use crate::{App, Error, Result, linking, moderating};
use clocher_domain::Refusal;
use clocher_domain::hiding::{Onlooker, Showing, decide_showing};
use clocher_domain::placement::PlacementState;
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::hidings::{self, HidingRow};
use clocher_storage::posts::{self, PostRow};
use clocher_storage::{Conn, bans, follows, placements};
use std::collections::{HashMap, HashSet};

/// Whether communities that share a thread hide a reply.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Veil {
    /// It is shown, and whoever reads need not know more.
    #[default]
    None,
    /// It is shown to whoever reads, who moderates these: they hide it.
    Marked(Vec<Hider>),
    /// It is hidden from whoever reads.
    Hidden,
}

/// A community that hides a reply from its readers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hider {
    /// The community.
    pub community: ActorRow,
    /// Why.
    pub reason: Reason,
}

/// Why a reply is hidden.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// That moderator hid it.
    One(Option<Box<ActorRow>>),
    /// That moderator hid all replies of the thread.
    All(Option<Box<ActorRow>>),
    /// Its author is banned from the community.
    Ban,
}

/// Who hides what of a thread.
pub(crate) struct Hiding {
    thread: PostRow,
    home: ActorRow,
    /// The communities of here that share it.
    sharing: Vec<ActorRow>,
    /// Those elsewhere that do.
    elsewhere: Vec<i64>,
    /// By community and message: the moderator.
    said: HashMap<(i64, i64), i64>,
    /// Who is banned, by community.
    banned: HashSet<(i64, i64)>,
}

/// By which communities somebody comes to a thread, and which of those that share it they moderate.
struct Eyes {
    reader: Option<i64>,
    /// None for what hides nothing.
    ways: Vec<Option<i64>>,
    moderated: HashSet<i64>,
}

impl Hiding {
    /// What is hidden of a thread; none where nothing can be.
    pub fn load(conn: &mut Conn, thread: &PostRow, now: i64) -> Result<Option<Self>> {
        if thread.home_id.is_none() {
            return Ok(None);
        }
        let (mut sharing, mut elsewhere) = (Vec::new(), Vec::new());
        for (row, community) in placements::list(conn, thread.id)? {
            match row.state()? {
                PlacementState::Placed if community.local => sharing.push(community),
                PlacementState::Placed => elsewhere.push(community.id),
                _ => {}
            }
        }
        if sharing.is_empty() {
            return Ok(None);
        }
        let ids: Vec<i64> = sharing.iter().map(|row| row.id).collect();
        let said = hidings::list(conn, thread.id)?;
        let said = said.into_iter().map(|row| ((row.community_id, row.post_id), row.moderator_id)).collect();
        let banned = bans::list_among(conn, &ids, now)?.into_iter().collect();
        let home = home_of(conn, thread)?;
        let hiding = Self { thread: thread.clone(), home, sharing, elsewhere, said, banned };
        Ok(Some(hiding).filter(|hiding| !hiding.said.is_empty() || !hiding.banned.is_empty()))
    }

    /// Whether a community hides a reply, by whatever it said or did.
    fn hides(&self, community_id: i64, reply: &PostRow) -> bool {
        self.said.contains_key(&(community_id, reply.id))
            || self.said.contains_key(&(community_id, self.thread.id))
            || self.banned.contains(&(community_id, reply.author_id))
    }

    fn is_hidden_somewhere(&self, reply: &PostRow) -> bool {
        !reply.is_top() && self.sharing.iter().any(|community| self.hides(community.id, reply))
    }

    fn eyes(&self, conn: &mut Conn, reader: Option<i64>) -> Result<Eyes> {
        let mut eyes = Eyes { reader, ways: Vec::new(), moderated: HashSet::new() };
        if let Some(actor) = reader.map(|id| actors::find(conn, id)).transpose()?.flatten() {
            for community in &self.sharing {
                let moderates = moderating::moderates(conn, community, &actor)?;
                if moderates {
                    eyes.moderated.insert(community.id);
                }
                if moderates || follows::is_accepted(conn, actor.id, community.id)? {
                    eyes.ways.push(Some(community.id));
                }
            }
            let others = self.elsewhere.iter().chain([&self.home.id, &self.thread.author_id]);
            for id in others {
                if follows::is_accepted(conn, actor.id, *id)? {
                    eyes.ways.push(None);
                }
            }
            if moderating::moderates(conn, &self.home, &actor)? {
                eyes.ways.push(None);
            }
        }
        if eyes.ways.is_empty() && self.home.local {
            eyes.ways.push(None);
        } else if eyes.ways.is_empty() {
            // Nothing but the communities of here brings a stranger to what is at home elsewhere.
            eyes.ways.extend(self.sharing.iter().map(|community| Some(community.id)));
        }
        Ok(eyes)
    }

    /// How a reply is shown; `is_answered` where it answers a message of whoever reads, or addresses them.
    fn showing(&self, eyes: &Eyes, reply: &PostRow, is_answered: bool) -> Showing {
        let reader = eyes.reader;
        let is_author = [reply.author_id, self.thread.author_id].into_iter().any(|id| reader == Some(id));
        decide_showing(&Onlooker {
            is_party: is_author || is_answered,
            moderates: eyes.moderated.iter().any(|id| self.hides(*id, reply)),
            ways: eyes.ways.iter().map(|way| way.is_some_and(|id| self.hides(id, reply))).collect(),
        })
    }

    /// Whether a reply is hidden from that person of here.
    pub fn hides_from(&self, conn: &mut Conn, reply: &PostRow, reader: Option<i64>) -> Result<bool> {
        if !self.is_hidden_somewhere(reply) {
            return Ok(false);
        }
        let eyes = self.eyes(conn, reader)?;
        let is_answered = match reader {
            Some(reader) => is_named(conn, reply, reader)?,
            None => false,
        };
        Ok(self.showing(&eyes, reply, is_answered) == Showing::Hidden)
    }

    /// The communities among these that hide a reply, with the reason of each.
    fn hiders(&self, conn: &mut Conn, reply: &PostRow, among: &HashSet<i64>) -> Result<Vec<Hider>> {
        let mut hiders = Vec::new();
        for community in self.sharing.iter().filter(|row| among.contains(&row.id)) {
            let mut by = |post: i64| {
                let moderator = self.said.get(&(community.id, post));
                moderator.map(|id| Ok::<_, Error>(actors::find(conn, *id)?.map(Box::new))).transpose()
            };
            let reason = if let Some(moderator) = by(reply.id)? {
                Reason::One(moderator)
            } else if let Some(moderator) = by(self.thread.id)? {
                Reason::All(moderator)
            } else if self.banned.contains(&(community.id, reply.author_id)) {
                Reason::Ban
            } else {
                continue;
            };
            hiders.push(Hider { community: community.clone(), reason });
        }
        Ok(hiders)
    }
}

/// Whether a message answers one of that person, or addresses them.
fn is_named(conn: &mut Conn, reply: &PostRow, reader: i64) -> Result<bool> {
    let parent = reply.parent_id.map(|id| posts::find(conn, id)).transpose()?.flatten();
    let answers = parent.is_some_and(|parent| parent.author_id == reader);
    Ok(answers || posts::list_recipients(conn, reply.id)?.iter().any(|row| row.id == reader))
}

/// Whether a message is a reply that is hidden from whoever reads (none: a stranger).
///
/// # Errors
/// Those of storage.
pub(crate) fn is_hidden_from(conn: &mut Conn, post: &PostRow, reader: Option<i64>, now: i64) -> Result<bool> {
    if post.is_top() {
        return Ok(false);
    }
    let Some(thread) = posts::find(conn, post.thread_id)? else { return Ok(false) };
    match Hiding::load(conn, &thread, now)? {
        Some(hiding) => hiding.hides_from(conn, post, reader),
        None => Ok(false),
    }
}

/// Draws a veil over the replies of a thread that are hidden from whoever reads: they say nothing any more.
///
/// # Errors
/// Those of storage.
pub(crate) fn veil(
    conn: &mut Conn,
    thread: &PostRow,
    replies: &mut [PostView],
    reader: Option<i64>,
    now: i64,
) -> Result<()> {
    let Some(hiding) = Hiding::load(conn, thread, now)? else { return Ok(()) };
    let eyes = hiding.eyes(conn, reader)?;
    let ids: Vec<i64> = replies.iter().map(|view| view.post.id).collect();
    let addressed: HashSet<i64> = posts::list_addressed(conn, &ids)?
        .into_iter()
        .filter(|(_, actor)| reader == Some(*actor))
        .map(|(post, _)| post)
        .collect();
    let own: HashSet<i64> =
        replies.iter().filter(|view| reader == Some(view.post.author_id)).map(|view| view.post.id).collect();
    for view in replies.iter_mut().filter(|view| hiding.is_hidden_somewhere(&view.post)) {
        let is_answered = addressed.contains(&view.post.id)
            || view.post.parent_id.is_some_and(|parent| own.contains(&parent));
        view.veil = match hiding.showing(&eyes, &view.post, is_answered) {
            Showing::Plain => Veil::None,
            Showing::Marked => Veil::Marked(hiding.hiders(conn, &view.post, &eyes.moderated)?),
            Showing::Hidden => Veil::Hidden,
        };
        if view.veil == Veil::Hidden {
            let post = &mut view.post;
            (post.title, post.source, post.warning, post.link) = (None, None, None, None);
            post.html.clear();
        }
    }
    Ok(())
}

/// A moderator hides a reply from the readers of a community that shares its thread, or, by the top post, all replies; or
/// shows them again. What stands so already stays so.
///
/// # Errors
/// `NotFound` where the community does not share the thread; `NotAModerator`, `Suspended`.
pub async fn set_hidden(
    app: &App,
    moderator_id: i64,
    community_id: i64,
    post_id: i64,
    is_hidden: bool,
) -> Result<PostRow> {
    app.write(move |deed| {
        let moderator = actors::find(deed.conn, moderator_id)?.filter(|row| row.local);
        let moderator = moderator.ok_or(Refusal::NotFound)?;
        let community = moderating::moderated(deed.conn, community_id, &moderator)?;
        let post = posts::find(deed.conn, post_id)?.ok_or(Refusal::NotFound)?;
        let row = placements::find_in(deed.conn, post.thread_id, community.id)?.filter(|_| community.local);
        let is_shown = row.is_some_and(|row| row.state == PlacementState::Placed.as_str());
        if !is_shown {
            return Err(Error::from(Refusal::NotFound));
        }
        if change(deed, &post, community.id, moderator.id, is_hidden)? {
            let event = match (post.is_top(), is_hidden) {
                (false, true) => "reply_hidden",
                (false, false) => "reply_shown",
                (true, true) => "replies_hidden",
                (true, false) => "replies_shown",
            };
            let thread = posts::find(deed.conn, post.thread_id)?.map(|thread| thread.id.to_string());
            linking::note_own(
                deed,
                community.id,
                event,
                &moderator,
                &[("thread", thread.unwrap_or_default())],
            )?;
        }
        Ok(post)
    })
    .await
}

/// Records it; false where it stood so already.
fn change(
    deed: &mut Deed<'_>,
    post: &PostRow,
    community_id: i64,
    moderator_id: i64,
    is_hidden: bool,
) -> Result<bool> {
    if !is_hidden {
        return Ok(hidings::remove(deed.conn, community_id, post.id)?);
    }
    let row = HidingRow {
        community_id,
        post_id: post.id,
        thread_id: post.thread_id,
        moderator_id,
        created_at: deed.now(),
    };
    Ok(hidings::put(deed.conn, &row)?)
}

/// A community that shares a thread, as its moderator decides what to hide.
#[derive(Clone, Debug)]
pub struct Choice {
    /// The community.
    pub community: ActorRow,
    /// Why it hides the message, where it does.
    pub reason: Option<Reason>,
}

/// What that person may hide: a message, a reply or by the top post all replies, with the communities of theirs that share
/// its thread.
///
/// # Errors
/// `NotFound`; `NotAModerator` where they moderate none of those that share it.
pub async fn list_choices(app: &App, moderator_id: i64, post_id: i64) -> Result<(PostRow, Vec<Choice>)> {
    let now = app.now().0;
    app.read(move |conn| {
        let moderator = actors::find(conn, moderator_id)?.filter(|row| row.local).ok_or(Refusal::NotFound)?;
        let post = posts::find(conn, post_id)?.ok_or(Refusal::NotFound)?;
        let thread = posts::find(conn, post.thread_id)?.ok_or(Refusal::NotFound)?;
        let hiding = Hiding::load(conn, &thread, now)?;
        let mut choices = Vec::new();
        for (row, community) in placements::list(conn, thread.id)? {
            let is_shown = row.state()? == PlacementState::Placed && community.local;
            if !is_shown || !moderating::moderates(conn, &community, &moderator)? {
                continue;
            }
            let only = HashSet::from([community.id]);
            let hiders = match &hiding {
                Some(hiding) => hiding.hiders(conn, &post, &only)?,
                None => Vec::new(),
            };
            // By the top post, only what is said of all replies counts.
            let reason = hiders.into_iter().map(|hider| hider.reason).next();
            let reason = reason.filter(|reason| !post.is_top() || *reason != Reason::Ban);
            choices.push(Choice { community, reason });
        }
        if choices.is_empty() {
            return Err(Error::from(Refusal::NotAModerator));
        }
        Ok((post, choices))
    })
    .await
}
