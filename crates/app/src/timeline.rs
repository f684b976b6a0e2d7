//! The timeline of a person: one entry for each thread of the communities and persons that they follow, with the reasons
//! why it stands there.
//!
//! Computed when it is read, from the sources that the person follows; no row is kept for a reader.

use crate::reading::{self, PAGE, ThreadLine};
use crate::sessions::Viewer;
use crate::{App, Error, Result, readers};
use clocher_domain::actor::ActorKind;
use clocher_domain::membership::Standing;
use clocher_storage::actors::ActorRow;
use clocher_storage::posts::{self, PostRow};
use clocher_storage::timeline::{self, Cursor};
use clocher_storage::{Conn, actors, follows, republications, subscriptions};
use std::collections::{BTreeSet, HashMap, HashSet};

/// A thread of a timeline.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The thread.
    pub thread: ThreadLine,
    /// The communities that hold it and that the person follows and has not silenced: the home first, then in the order
    /// in which it came there.
    pub communities: Vec<ActorRow>,
    /// Its author, where the person follows them.
    pub person: Option<ActorRow>,
}

/// A page of a timeline.
#[derive(Clone, Debug)]
pub struct Timeline {
    /// Newest first.
    pub entries: Vec<Entry>,
    /// What to give as `before` for the next page; none on the last.
    pub next: Option<i64>,
}

/// What a person follows, as far as the timeline shows it.
struct Sources {
    communities: HashMap<i64, ActorRow>,
    persons: HashMap<i64, ActorRow>,
    muted: HashSet<i64>,
}

/// A page of the timeline of whoever is signed in, below the thread `before`.
///
/// # Errors
/// Those of storage.
pub async fn page(app: &App, viewer: &Viewer, before: Option<i64>) -> Result<Timeline> {
    let reader = viewer.actor.id;
    app.read(move |conn| {
        let sources = sources(conn, reader)?;
        let start = (i64::MAX, i64::MAX);
        let below = match before {
            Some(before) => timeline::find_cursor(conn, before)?.unwrap_or(start),
            None => start,
        };
        let (keys, more) = keys(conn, &sources, below)?;
        let next = keys.last().filter(|_| more).map(|(_, id)| *id);
        Ok::<_, Error>(Timeline { entries: entries(conn, &sources, &keys, reader)?, next })
    })
    .await
}

fn sources(conn: &mut Conn, reader: i64) -> Result<Sources> {
    let quiet: HashSet<i64> = subscriptions::list(conn, reader)?
        .into_iter()
        .filter(|row| row.quiet)
        .map(|row| row.community_id)
        .collect();
    let muted: HashSet<i64> = subscriptions::list_muted(conn, reader)?.into_iter().collect();
    let mut sources = Sources { communities: HashMap::new(), persons: HashMap::new(), muted };
    for (follow, actor) in follows::list_followed(conn, reader)? {
        let shown = follow.standing()? == Standing::Accepted && actor.is_active();
        if !shown || quiet.contains(&actor.id) || sources.muted.contains(&actor.id) {
            continue;
        }
        if actor.kind()? == ActorKind::Group {
            sources.communities.insert(actor.id, actor);
        } else {
            sources.persons.insert(actor.id, actor);
        }
    }
    Ok(sources)
}

/// The newest threads of all sources, each once, and whether there are more. A source is asked for one page at most.
fn keys(conn: &mut Conn, sources: &Sources, below: Cursor) -> Result<(Vec<Cursor>, bool)> {
    let mut found: BTreeSet<Cursor> = BTreeSet::new();
    for id in sources.communities.keys() {
        found.extend(timeline::list_home(conn, *id, below, PAGE + 1)?);
        found.extend(timeline::list_placed(conn, *id, below, PAGE + 1)?);
    }
    for id in sources.persons.keys() {
        found.extend(timeline::list_author(conn, *id, below, PAGE + 1)?);
    }
    let page = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let more = found.len() > page;
    Ok((found.into_iter().rev().take(page).collect(), more))
}

fn entries(conn: &mut Conn, sources: &Sources, keys: &[Cursor], reader: i64) -> Result<Vec<Entry>> {
    let ids: Vec<i64> = keys.iter().map(|(_, id)| *id).collect();
    let mut held: HashMap<i64, Vec<i64>> = HashMap::new();
    for (thread, community) in timeline::list_placements(conn, &ids)? {
        held.entry(thread).or_default().push(community);
    }
    let mut rows: HashMap<i64, PostRow> =
        posts::list(conn, &ids)?.into_iter().map(|row| (row.id, row)).collect();
    let authors: Vec<i64> = rows.values().map(|row| row.author_id).collect();
    let authors: HashMap<i64, ActorRow> =
        actors::list(conn, &authors)?.into_iter().map(|row| (row.id, row)).collect();
    let originals = republications::list_originals(conn, &ids)?;
    let mut shown = Vec::new();
    for id in ids {
        let Some(post) = rows.remove(&id).filter(|post| !sources.muted.contains(&post.author_id)) else {
            continue;
        };
        let Some(author) = authors.get(&post.author_id).cloned() else { continue };
        let original = originals.iter().find(|(copy, _)| *copy == post.id).map(|(_, original)| *original);
        if original.map_or(Ok(false), |original| is_shown(conn, sources, original, reader))? {
            continue;
        }
        if readers::may_read(conn, &post, Some(reader))? {
            shown.push((post, author));
        }
    }
    let lines = reading::thread_lines(conn, shown, Some(reader))?;
    Ok(lines.into_iter().map(|thread| entry(sources, &held, thread)).collect())
}

/// Whether a message stands in the timeline itself: what says it again in an open community is no second entry.
fn is_shown(conn: &mut Conn, sources: &Sources, post_id: i64, reader: i64) -> Result<bool> {
    let Some(post) = posts::find(conn, post_id)?.filter(PostRow::is_live) else { return Ok(false) };
    let is_followed = post.home_id.is_some_and(|home| sources.communities.contains_key(&home))
        || sources.persons.contains_key(&post.author_id);
    Ok(is_followed && readers::may_read(conn, &post, Some(reader))?)
}

fn entry(sources: &Sources, held: &HashMap<i64, Vec<i64>>, thread: ThreadLine) -> Entry {
    let post = &thread.top.post;
    let mut communities: Vec<ActorRow> = Vec::new();
    let placed = held.get(&post.id).map(Vec::as_slice).unwrap_or_default();
    for id in post.home_id.iter().chain(placed) {
        let is_named = communities.iter().any(|named| named.id == *id);
        communities.extend(sources.communities.get(id).filter(|_| !is_named).cloned());
    }
    let person = sources.persons.get(&post.author_id).cloned();
    Entry { thread, communities, person }
}
