//! Threads that are addressed to several communities of here at once: one thread, shown in all of them.
//!
//! The first one addressed is its home. Each of the others decides by its own posting rules, and nothing goes on from
//! there. Only the instance of the home decides so: of what is addressed to communities elsewhere, their instances know.

use super::travel::may_travel;
use super::{home_of, mint_announce, show, write_ids};
use crate::app::Deed;
use crate::place::Place;
use crate::{App, Error, Result, readers};
use clocher_domain::Refusal;
use clocher_domain::actor::ActorKind;
use clocher_domain::placement::{MAX_ADDRESSED, PlacementState, Way, Ways, decide_addressing};
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::placements::{self, PlacementRow};
use clocher_storage::posts::{self, PostRow};
use clocher_storage::{Conn, communities, follows};
use std::collections::HashSet;

/// Most communities that an author is shown.
const MOST: usize = 40;

/// A community of here to which an author may address a thread besides its home.
#[derive(Clone, Debug)]
pub struct Addressable {
    /// The community.
    pub community: ActorRow,
    /// How many follow it.
    pub members: i64,
    /// Whether everybody reads it. One that is not open is listed only where it was chosen already.
    pub is_open: bool,
}

/// The communities that a person of here may address besides that home: where they may open threads, those that they have
/// joined first; and those that are chosen already. None where the home is elsewhere, or is not open.
///
/// # Errors
/// Those of storage.
pub async fn list_addressable(
    app: &App,
    author_id: i64,
    home_id: i64,
    chosen: Vec<i64>,
) -> Result<Vec<Addressable>> {
    let now = app.now().0;
    app.read(move |conn| {
        let author = actors::find(conn, author_id)?.ok_or(Refusal::NotFound)?;
        let home = actors::find(conn, home_id)?.filter(|home| home.local).ok_or(Refusal::NotFound)?;
        let mut all = Vec::new();
        if readers::openness(conn, home.id)?.is_open() {
            all = list_open_to(conn, &author, now)?;
        }
        for id in chosen.into_iter().take(MOST) {
            let found = actors::find(conn, id)?.filter(|found| all.iter().all(|one| one.id != found.id));
            let Some(found) = found else { continue };
            if is_addressable(conn, &found, &author)? {
                all.push(found);
            }
        }
        let mut listed = Vec::new();
        for community in all.into_iter().filter(|one| one.id != home.id) {
            let members = follows::count_followers(conn, community.id)?;
            let is_open = readers::openness(conn, community.id)?.is_open();
            listed.push(Addressable { community, members, is_open });
        }
        Ok::<_, Error>(listed)
    })
    .await
}

/// The open communities of here where somebody may open threads, those that they have joined first, at most [`MOST`].
pub(crate) fn list_open_to(conn: &mut Conn, author: &ActorRow, now: i64) -> Result<Vec<ActorRow>> {
    let joined: HashSet<i64> =
        follows::list_followed(conn, author.id)?.into_iter().map(|(_, actor)| actor.id).collect();
    let mut all = communities::list_local(conn)?;
    all.sort_by_key(|(_, actor)| (!joined.contains(&actor.id), actor.display_name.to_lowercase(), actor.id));
    let mut open = Vec::new();
    for (row, community) in all {
        let is_there = community.is_active() && community.moved_to.is_none() && row.openness()?.is_open();
        if open.len() < MOST && is_there && obstacle(conn, &community, author, now)?.is_none() {
            open.push(community);
        }
    }
    Ok(open)
}

/// Whether somebody can address that actor as a community of here: to whoever may not know of it, it is not there.
fn is_addressable(conn: &mut Conn, community: &ActorRow, author: &ActorRow) -> Result<bool> {
    let is_ours = community.local && community.kind()? == ActorKind::Group && community.deleted_at.is_none();
    Ok(is_ours && readers::may_know(conn, community, Some(author.id))?)
}

/// Why somebody may not open a thread in a community of here.
pub(crate) fn obstacle(
    conn: &mut Conn,
    community: &ActorRow,
    author: &ActorRow,
    now: i64,
) -> Result<Option<Refusal>> {
    match Place::load(conn, Some(community.id), None)?.decide(conn, author, now) {
        Ok(()) => Ok(None),
        Err(Error::Refused(refusal)) => Ok(Some(refusal)),
        Err(error) => Err(error),
    }
}

/// The communities that a person of here addresses besides the home of a new thread, each once and in that order.
///
/// # Errors
/// `NotFound` for what is no community of here; `NotPossible` where the home is elsewhere; `TooManyAddressed`; `NotForMembers`
/// where the author must choose between open ones and one that is not.
pub(crate) fn addressed(
    conn: &mut Conn,
    home: Option<&ActorRow>,
    author: &ActorRow,
    ids: &[i64],
) -> Result<Vec<ActorRow>> {
    let mut others: Vec<ActorRow> = Vec::new();
    for id in ids {
        if home.is_some_and(|home| home.id == *id) || others.iter().any(|other| other.id == *id) {
            continue;
        }
        if others.len() >= MAX_ADDRESSED {
            return Err(Refusal::TooManyAddressed.into());
        }
        let found = actors::find(conn, *id)?.ok_or(Refusal::NotFound)?;
        if !is_addressable(conn, &found, author)? {
            return Err(Refusal::NotFound.into());
        }
        others.push(found);
    }
    if others.is_empty() {
        return Ok(others);
    }
    let home = home.filter(|home| home.local).ok_or(Refusal::NotPossible)?;
    let mut openness = Vec::new();
    for other in &others {
        openness.push(readers::openness(conn, other.id)?);
    }
    decide_addressing(readers::openness(conn, home.id)?, &openness)?;
    Ok(others)
}

/// Shows a new thread of a home of here in the communities of here that its author addressed besides: each as its own rules
/// say. What is no open community of here is left out.
pub(crate) fn address(
    deed: &mut Deed<'_>,
    thread: &PostRow,
    author: &ActorRow,
    others: &[ActorRow],
) -> Result<()> {
    if !may_travel(thread) {
        return Ok(());
    }
    let now = deed.now();
    for community in others {
        let is_other = community.local && community.is_active() && thread.home_id != Some(community.id);
        if !is_other || !readers::openness(deed.conn, community.id)?.is_open() {
            continue;
        }
        match obstacle(deed.conn, community, author, now)? {
            None => place(deed, thread, community)?,
            Some(refusal) => {
                tracing::debug!(thread = thread.ap_id, at = community.ap_id, %refusal, "not placed");
            }
        }
    }
    Ok(())
}

/// Shows a thread where its author addressed it. What its moderators decided already stays so.
fn place(deed: &mut Deed<'_>, thread: &PostRow, community: &ActorRow) -> Result<()> {
    let now = deed.now();
    let known = placements::find_in(deed.conn, thread.id, community.id)?;
    let is_late = known.is_some();
    let home = home_of(deed.conn, thread)?;
    let mut row = known.unwrap_or_else(|| PlacementRow {
        id: deed.app.mint(),
        thread_id: thread.id,
        community_id: community.id,
        state: PlacementState::Waiting.as_str().to_owned(),
        ways: Ways::default().bits(),
        path: String::new(),
        announce: None,
        accepted_title: None,
        accepted_html: None,
        decider_id: None,
        created_at: now,
        changed_at: now,
        dated_at: thread.published_at,
    });
    row.ways = row.ways()?.with(Way::Addressed).bits();
    // No path is shorter.
    row.path = write_ids(std::slice::from_ref(&home.ap_id))?;
    let is_shown = row.state()? == PlacementState::Waiting;
    if is_shown {
        PlacementState::Placed.as_str().clone_into(&mut row.state);
        (row.announce, row.changed_at) = (Some(mint_announce(deed)), now);
    }
    if is_late {
        placements::update(deed.conn, &row)?;
    } else {
        placements::put(deed.conn, &row)?;
    }
    if is_shown { show(deed, thread, &row, false) } else { Ok(()) }
}

/// Those of these communities that do not show a thread, though its author addressed them.
pub(crate) fn unplaced(conn: &mut Conn, thread: &PostRow, others: &[ActorRow]) -> Result<Vec<ActorRow>> {
    let mut left = Vec::new();
    for community in others {
        let row = placements::find_in(conn, thread.id, community.id)?;
        if row.is_none_or(|row| row.state != PlacementState::Placed.as_str()) {
            left.push(community.clone());
        }
    }
    Ok(left)
}

/// Those of these communities of here that do not show a thread, and why they would not now; told to its author alone.
///
/// # Errors
/// Those of storage.
pub async fn list_unplaced(
    app: &App,
    author_id: i64,
    thread_id: i64,
    ids: Vec<i64>,
) -> Result<Vec<(ActorRow, Refusal)>> {
    let now = app.now().0;
    app.read(move |conn| {
        let thread = posts::find(conn, thread_id)?.filter(|post| post.author_id == author_id);
        let (Some(thread), Some(author)) = (thread, actors::find(conn, author_id)?) else {
            return Ok(Vec::new());
        };
        let mut known = Vec::new();
        for id in ids.into_iter().take(MAX_ADDRESSED).filter(|id| thread.home_id != Some(*id)) {
            let Some(community) = actors::find(conn, id)? else { continue };
            if is_addressable(conn, &community, &author)? {
                known.push(community);
            }
        }
        let mut told = Vec::new();
        for community in unplaced(conn, &thread, &known)? {
            let refusal = obstacle(conn, &community, &author, now)?.unwrap_or(Refusal::NotAccepted);
            told.push((community, refusal));
        }
        Ok::<_, Error>(told)
    })
    .await
}
