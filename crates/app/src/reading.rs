//! What people and other servers read: pages, lists of threads, and who may see them. A whole thread is in `conversation`.

pub use crate::conversation::{Sharing, ThreadView, thread};
use crate::place::Place;
use crate::placing::Veil;
use crate::readers::{self, may_read};
use crate::sessions::Viewer;
use crate::shown::shown_in;
use crate::{App, Error, Result, moderating, placing};
use clocher_domain::Refusal;
use clocher_domain::actor::ActorKind;
use clocher_domain::community::Openness;
use clocher_domain::membership::Standing;
use clocher_domain::post::{decide_deleting, decide_editing};
use clocher_domain::vote::Vote;
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::communities::{self, CommunityRow};
use clocher_storage::posts::{self, Listing, PostRow};
use clocher_storage::{Conn, follows, votes};
use std::collections::{HashMap, HashSet};

/// Threads on one page of a list.
pub const PAGE: i64 = 30;
/// Messages of a thread shown on one page.
pub const THREAD: i64 = 1_000;

/// A message with what a page needs of it.
#[derive(Clone, Debug)]
pub struct PostView {
    /// The message.
    pub post: PostRow,
    /// Its author.
    pub author: ActorRow,
    /// The vote of whoever reads.
    pub my_vote: Option<Vote>,
    /// Whether whoever reads wrote it and it is there to be read.
    pub may_edit: bool,
    /// Whether whoever reads moderates its home, and it is not deleted.
    pub may_moderate: bool,
    /// How deep it answers: 0 for the top post, then 1 to 8.
    pub depth: usize,
    /// Whether communities that share its thread hide it.
    pub veil: Veil,
}

/// A thread in a list.
#[derive(Clone, Debug)]
pub struct ThreadLine {
    /// Its top post.
    pub top: PostView,
    /// Its home community.
    pub home: Option<ActorRow>,
}

/// A page of threads.
#[derive(Clone, Debug)]
pub struct ThreadPage {
    /// Newest first.
    pub threads: Vec<ThreadLine>,
    /// What to give as `before` for the next page; none on the last.
    pub next: Option<i64>,
}

/// A community in a list.
#[derive(Clone, Debug)]
pub struct CommunityLine {
    /// The actor.
    pub actor: ActorRow,
    /// What it is besides.
    pub community: CommunityRow,
    /// How many members it has; of a community of elsewhere, as it says.
    pub members: i64,
    /// Whether whoever reads has joined it.
    pub standing: Option<Standing>,
}

/// A community's page.
#[derive(Clone, Debug)]
pub struct CommunityView {
    /// The community.
    pub line: CommunityLine,
    /// Why whoever reads may not open a thread in it.
    pub obstacle: Option<Refusal>,
    /// Who moderates it.
    pub moderators: Vec<ActorRow>,
    /// Whether whoever reads does.
    pub may_moderate: bool,
    /// The threads that it features.
    pub featured: Vec<ThreadLine>,
    /// Its threads.
    pub page: ThreadPage,
    /// Whether whoever reads may read what is written in it.
    pub reads: bool,
    /// Whether its moderators invited whoever reads.
    pub is_invited: bool,
}

/// A person's page.
#[derive(Clone, Debug)]
pub struct PersonView {
    /// The person.
    pub actor: ActorRow,
    /// How many follow.
    pub followers: i64,
    /// Whether whoever reads follows.
    pub standing: Option<Standing>,
    /// Whom the person has become, where the person moved.
    pub moved_to: Option<ActorRow>,
    /// What the person opened.
    pub page: ThreadPage,
}

/// The instance's front page.
#[derive(Clone, Debug)]
pub struct HomeView {
    /// Communities of here.
    pub communities: Vec<CommunityLine>,
    /// Communities of elsewhere that people of here have joined.
    pub elsewhere: Vec<CommunityLine>,
    /// The newest threads of all of them.
    pub page: ThreadPage,
}

/// The front page.
///
/// # Errors
/// Those of storage.
pub async fn home(app: &App, viewer: Option<&Viewer>, before: Option<i64>) -> Result<HomeView> {
    let reader = reader_id(viewer);
    app.read(move |conn| {
        let (here, elsewhere) = (communities::list_local(conn)?, communities::list_followed_remote(conn)?);
        let (communities, elsewhere) = (listed(conn, here, reader)?, listed(conn, elsewhere, reader)?);
        Ok::<_, Error>(HomeView {
            communities: lines(conn, communities, reader)?,
            elsewhere: lines(conn, elsewhere, reader)?,
            page: threads(conn, Listing::AnyHome, reader, before)?,
        })
    })
    .await
}

/// Those of these communities that are named to a reader: open ones, closed ones of here, and what the reader is bound
/// to. That somebody of here has joined a closed one elsewhere is nobody's business.
fn listed(
    conn: &mut Conn,
    rows: Vec<(CommunityRow, ActorRow)>,
    reader: Option<i64>,
) -> Result<Vec<(CommunityRow, ActorRow)>> {
    let mut listed = Vec::new();
    for (community, actor) in rows {
        let is_listed = match community.openness()? {
            Openness::Open => true,
            Openness::Closed if actor.local => true,
            Openness::Closed => readers::may_read_contents(conn, &actor, reader)?,
            Openness::Hidden => readers::may_know(conn, &actor, reader)?,
        };
        if is_listed {
            listed.push((community, actor));
        }
    }
    Ok(listed)
}

/// The page of a community. Of one that the reader does not read, what it says of itself and nothing more.
///
/// # Errors
/// `NotFound`, also for a hidden one; `Deleted`.
pub async fn community(
    app: &App,
    actor_id: i64,
    viewer: Option<&Viewer>,
    before: Option<i64>,
) -> Result<CommunityView> {
    let (reader, writer) = (reader_id(viewer), viewer.map(|viewer| viewer.actor.clone()));
    let now = app.now().0;
    app.read(move |conn| {
        let actor = actors::find(conn, actor_id)?.ok_or(Refusal::NotFound)?;
        let bond = readers::bond(conn, &actor, reader)?;
        if !readers::may_know(conn, &actor, reader)? {
            return Err(Error::from(Refusal::NotFound));
        }
        let actor = live(Some(actor))?;
        let reads = readers::may_read_contents(conn, &actor, reader)?;
        let (obstacle, may_moderate) = match &writer {
            Some(writer) => {
                (obstacle(conn, &actor, writer, now)?, moderating::moderates(conn, &actor, writer)?)
            }
            None => (None, false),
        };
        let moderators = if reads { moderating::list_moderators(conn, &actor)? } else { Vec::new() };
        let featured = if reads { posts::list_featured(conn, actor_id)? } else { Vec::new() };
        let featured = readers::retain_readable(conn, featured, reader)?;
        let community = communities::find(conn, actor_id)?.ok_or(Refusal::NotFound)?;
        let line = lines(conn, vec![(community, actor)], reader)?.pop().ok_or(Refusal::NotFound)?;
        Ok::<_, Error>(CommunityView {
            line,
            obstacle,
            moderators,
            may_moderate,
            featured: thread_lines(conn, featured, reader)?,
            page: if reads {
                shown_in(conn, actor_id, reader, before)?
            } else {
                ThreadPage { threads: Vec::new(), next: None }
            },
            reads,
            is_invited: bond.is_invited && !bond.is_member,
        })
    })
    .await
}

/// Why that person may not open a thread in a community, if so. Of a community elsewhere we know no rule.
fn obstacle(conn: &mut Conn, home: &ActorRow, writer: &ActorRow, now: i64) -> Result<Option<Refusal>> {
    let place = Place::load(conn, Some(home.id), None)?;
    match place.decide(conn, writer, now) {
        Ok(()) => Ok(None),
        Err(Error::Refused(refusal)) => Ok(Some(refusal)),
        Err(error) => Err(error),
    }
}

/// The page of a person.
///
/// # Errors
/// `NotFound`, `Deleted`.
pub async fn person(
    app: &App,
    actor_id: i64,
    viewer: Option<&Viewer>,
    before: Option<i64>,
) -> Result<PersonView> {
    let reader = reader_id(viewer);
    app.read(move |conn| {
        let actor = live(actors::find(conn, actor_id)?)?;
        let moved_to = actor.moved_to.as_ref().map(|id| actors::find_by_ap_id(conn, id)).transpose()?;
        Ok::<_, Error>(PersonView {
            moved_to: moved_to.flatten().filter(ActorRow::is_active),
            followers: follows::count_followers(conn, actor_id)?,
            standing: standing(conn, reader, actor_id)?,
            page: threads(conn, Listing::Author(actor_id), reader, before)?,
            actor,
        })
    })
    .await
}

/// The actor, if whoever reads may know of it.
///
/// # Errors
/// `NotFound`.
pub async fn known_to(app: &App, actor: ActorRow, viewer: Option<&Viewer>) -> Result<ActorRow> {
    let reader = reader_id(viewer);
    app.read(move |conn| known(conn, actor, reader)).await
}

fn known(conn: &mut Conn, actor: ActorRow, reader: Option<i64>) -> Result<ActorRow> {
    if readers::may_know(conn, &actor, reader)? { Ok(actor) } else { Err(Refusal::NotFound.into()) }
}

/// A local actor by its name, of that kind, deleted ones too.
///
/// # Errors
/// `NotFound`, also for what whoever reads may not know of.
pub async fn local_actor(
    app: &App,
    name: &str,
    kind: ActorKind,
    viewer: Option<&Viewer>,
) -> Result<ActorRow> {
    let (name, reader) = (name.to_owned(), reader_id(viewer));
    app.read(move |conn| {
        let row = actors::find_local(conn, &name)?.filter(|row| row.kind == kind.as_str());
        known(conn, row.ok_or(Refusal::NotFound)?, reader)
    })
    .await
}

/// The actor of that handle, of here or elsewhere, where it is known and of one of these kinds.
///
/// # Errors
/// `NotFound`, also for what whoever reads may not know of.
pub async fn known_actor(
    app: &App,
    name: &str,
    host: &str,
    kinds: &'static [ActorKind],
    viewer: Option<&Viewer>,
) -> Result<ActorRow> {
    let (name, host, reader) = (name.to_owned(), host.to_owned(), reader_id(viewer));
    app.read(move |conn| {
        for kind in kinds {
            if let Some(actor) = actors::find_by_handle(conn, &name, &host, *kind)? {
                return known(conn, actor, reader);
            }
        }
        Err(Error::from(Refusal::NotFound))
    })
    .await
}

/// One message, top post or reply, without its thread.
///
/// # Errors
/// `NotFound` where there is none or the reader may not see it; a deleted message is there, empty.
pub async fn message(app: &App, post_id: i64, viewer: Option<&Viewer>) -> Result<PostView> {
    let (reader, now) = (reader_id(viewer), app.now().0);
    app.read(move |conn| {
        let post = posts::find(conn, post_id)?.ok_or(Refusal::NotFound)?;
        if !may_read(conn, &post, reader)? {
            return Err(Error::from(Refusal::NotFound));
        }
        if placing::is_hidden_from(conn, &post, reader, now)? {
            return Err(Refusal::NotFound.into());
        }
        let author = actors::find(conn, post.author_id)?.ok_or(Refusal::NotFound)?;
        views(conn, vec![(post, author)], reader)?.pop().ok_or_else(|| Refusal::NotFound.into())
    })
    .await
}

/// A message that whoever reads may edit.
///
/// # Errors
/// `NotTheAuthor`, `Deleted`, `Removed`; `NotFound` where there is none or the reader may not see it.
pub async fn editable_message(app: &App, post_id: i64, viewer: Option<&Viewer>) -> Result<PostView> {
    let view = message(app, post_id, viewer).await?;
    let post = &view.post;
    let is_author = reader_id(viewer) == Some(post.author_id);
    decide_editing(is_author, post.deleted_at.is_some(), post.removed_at.is_some())?;
    Ok(view)
}

/// A message that whoever reads may delete.
///
/// # Errors
/// `NotTheAuthor`, `Deleted`; `NotFound` where there is none or the reader may not see it.
pub async fn deletable_message(app: &App, post_id: i64, viewer: Option<&Viewer>) -> Result<PostView> {
    let view = message(app, post_id, viewer).await?;
    let is_author = reader_id(viewer) == Some(view.post.author_id);
    decide_deleting(is_author, view.post.deleted_at.is_some())?;
    Ok(view)
}

/// What a person has joined or follows, with how far it has come.
///
/// # Errors
/// Those of storage.
pub async fn joined(app: &App, actor_id: i64) -> Result<Vec<(ActorRow, Standing)>> {
    app.read(move |conn| {
        let rows = follows::list_followed(conn, actor_id)?;
        rows.into_iter().map(|(follow, actor)| Ok((actor, follow.standing()?))).collect::<Result<Vec<_>>>()
    })
    .await
}

pub(crate) fn reader_id(viewer: Option<&Viewer>) -> Option<i64> {
    viewer.map(|viewer| viewer.actor.id)
}

fn live(actor: Option<ActorRow>) -> Result<ActorRow> {
    let actor = actor.ok_or(Refusal::NotFound)?;
    if actor.deleted_at.is_some() { Err(Refusal::Deleted.into()) } else { Ok(actor) }
}

fn standing(conn: &mut Conn, reader: Option<i64>, followed_id: i64) -> Result<Option<Standing>> {
    let Some(reader) = reader else { return Ok(None) };
    Ok(follows::find(conn, reader, followed_id)?.map(|row| row.standing()).transpose()?)
}

fn lines(
    conn: &mut Conn,
    rows: Vec<(CommunityRow, ActorRow)>,
    reader: Option<i64>,
) -> Result<Vec<CommunityLine>> {
    rows.into_iter()
        .map(|(community, actor)| {
            let members = match community.members_claimed {
                Some(claimed) if !actor.local => claimed,
                _ => follows::count_followers(conn, actor.id)?,
            };
            let standing = standing(conn, reader, actor.id)?;
            Ok(CommunityLine { actor, community, members, standing })
        })
        .collect()
}

fn threads(
    conn: &mut Conn,
    listing: Listing,
    reader: Option<i64>,
    before: Option<i64>,
) -> Result<ThreadPage> {
    let rows = posts::list_threads(conn, listing, reader, before, PAGE + 1)?;
    page_of(conn, rows, reader)
}

/// A page of the first of these threads, of which there are more than fit where another page follows.
pub(crate) fn page_of(
    conn: &mut Conn,
    mut rows: Vec<(PostRow, ActorRow)>,
    reader: Option<i64>,
) -> Result<ThreadPage> {
    let fit = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let more = rows.len() > fit;
    rows.truncate(fit);
    let next = rows.last().filter(|_| more).map(|(post, _)| post.id);
    let rows = readers::retain_readable(conn, rows, reader)?;
    Ok(ThreadPage { threads: thread_lines(conn, rows, reader)?, next })
}

pub(crate) fn thread_lines(
    conn: &mut Conn,
    rows: Vec<(PostRow, ActorRow)>,
    reader: Option<i64>,
) -> Result<Vec<ThreadLine>> {
    let homes: Vec<i64> = rows.iter().filter_map(|(post, _)| post.home_id).collect();
    let mut known = HashMap::new();
    for home in actors::list(conn, &homes)? {
        // What was written before it was hidden does not name it.
        if readers::may_know(conn, &home, reader)? {
            known.insert(home.id, home);
        }
    }
    let homes = known;
    Ok(views(conn, rows, reader)?
        .into_iter()
        .map(|top| ThreadLine { home: top.post.home_id.and_then(|id| homes.get(&id).cloned()), top })
        .collect())
}

pub(crate) fn views(
    conn: &mut Conn,
    rows: Vec<(PostRow, ActorRow)>,
    reader: Option<i64>,
) -> Result<Vec<PostView>> {
    let mut mine = HashMap::new();
    if let Some(reader) = reader {
        let ids: Vec<i64> = rows.iter().map(|(post, _)| post.id).collect();
        for vote in votes::list_by(conn, reader, &ids)? {
            mine.insert(vote.post_id, vote.vote()?);
        }
    }
    let moderated = moderated_homes(conn, &rows, reader)?;
    Ok(rows
        .into_iter()
        .map(|(post, author)| {
            let is_author = reader == Some(post.author_id);
            let moderates = post.home_id.is_some_and(|home| moderated.contains(&home));
            PostView {
                my_vote: mine.get(&post.id).copied(),
                may_edit: is_author && post.is_live(),
                may_moderate: moderates && post.deleted_at.is_none(),
                depth: 0,
                veil: Veil::None,
                post: if is_author || moderates { post } else { without_removed(post) },
                author,
            }
        })
        .collect())
}

/// The communities among the homes of these messages that whoever reads moderates.
fn moderated_homes(
    conn: &mut Conn,
    rows: &[(PostRow, ActorRow)],
    reader: Option<i64>,
) -> Result<HashSet<i64>> {
    let Some(reader) = reader.map(|id| actors::find(conn, id)).transpose()?.flatten() else {
        return Ok(HashSet::new());
    };
    let homes: HashSet<i64> = rows.iter().filter_map(|(post, _)| post.home_id).collect();
    let homes: Vec<i64> = homes.into_iter().collect();
    let mut moderated = HashSet::new();
    for home in actors::list(conn, &homes)? {
        if moderating::moderates(conn, &home, &reader)? {
            moderated.insert(home.id);
        }
    }
    Ok(moderated)
}

/// What moderators removed says nothing to anybody but them and its author.
fn without_removed(post: PostRow) -> PostRow {
    if post.removed_at.is_none() {
        return post;
    }
    PostRow { title: None, source: None, html: String::new(), warning: None, link: None, ..post }
}
