//! Where threads stand elsewhere: what communities of other servers say that they share.

use super::{home_of, reach_of, write_ids};
use crate::app::Deed;
use crate::received::{Outcome, Received};
use crate::{App, Error, Result, ledger};
use clocher_domain::Id;
use clocher_domain::actor::ActorKind;
use clocher_domain::effect::Effect;
use clocher_domain::link::LinkState;
use clocher_domain::mutant::{self, Mutant};
use clocher_domain::placement::{MAX_PATH, MAX_PLACEMENTS, PlacementState, Way, Ways};
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::placements::{self, PlacementRow};
use clocher_storage::posts::{self, PostRow};
use clocher_storage::{Conn, follows, links};

/// A community elsewhere announces a thread whose home is another one.
#[derive(Clone, Debug)]
pub struct Shared {
    /// The community.
    pub community_id: i64,
    /// The ActivityPub id of the top post.
    pub thread: String,
    /// The id of its `Announce`.
    pub announce: String,
    /// ActivityPub ids, from the home to its neighbour, as it says.
    pub path: Vec<String>,
}

/// A community elsewhere shares a thread. Recorded where the home is ours and the author lets it go there, or where somebody
/// here follows that community, or a community of here is linked with it.
///
/// # Errors
/// Those of storage.
pub async fn receive_shared(app: &App, received: Received, shared: Shared) -> Result<Outcome> {
    app.write(move |deed| {
        let Some(thread) = posts::find_by_ap_id(deed.conn, &shared.thread)? else {
            return Ok(Outcome::MissingParent);
        };
        let Some(community) = actors::find(deed.conn, shared.community_id)? else {
            return Ok(Outcome::NotOurs);
        };
        if !thread.is_top() || community.local || !is_wanted(deed.conn, &thread, &community, &shared.path)? {
            return Ok(Outcome::NotOurs);
        }
        let now = deed.now();
        let path: Vec<String> = shared.path.into_iter().take(MAX_PATH).collect();
        let known = placements::find_in(deed.conn, thread.id, community.id)?;
        let was_undone = known.as_ref().is_some_and(|row| row.announce.as_ref() == Some(&shared.announce));
        if was_undone {
            // As it stands, or undone since: no repetition brings it back.
            return Ok(Outcome::Known);
        }
        if known.is_none() && placements::count(deed.conn, thread.id)? >= MAX_PLACEMENTS {
            return Ok(Outcome::NotOurs);
        }
        let row = PlacementRow {
            id: known.as_ref().map_or_else(|| deed.app.mint(), |row| row.id),
            thread_id: thread.id,
            community_id: community.id,
            state: PlacementState::Placed.as_str().to_owned(),
            ways: Ways::default().bits(),
            path: write_ids(&path)?,
            announce: Some(shared.announce),
            accepted_title: None,
            accepted_html: None,
            decider_id: None,
            created_at: known.as_ref().map_or(now, |row| row.created_at),
            changed_at: now,
            dated_at: thread.published_at,
        };
        if known.is_some() {
            placements::update(deed.conn, &row)?;
        } else {
            placements::put(deed.conn, &row)?;
        }
        received.is_first(deed)?;
        if mutant::is(Mutant::PlacedWithoutOffer) {
            place_unasked(deed, &row)?;
        }
        ledger::owe_fan_out(deed, thread.id, community.id)?;
        let home = thread.home_id.map(|id| actors::find(deed.conn, id)).transpose()?.flatten();
        if home.is_some_and(|home| home.local) && posts::list_thread(deed.conn, thread.id, None, 2)?.len() > 1
        {
            // What was answered until now was told to those of whom the home knew.
            deed.owe(&Effect::CaughtUp { placement: Id(row.id) })?;
        }
        Ok::<_, Error>(Outcome::Recorded)
    })
    .await
}

/// A community elsewhere refuses a thread that one of here offered. Its author is told; nothing else follows from it.
///
/// # Errors
/// Those of storage.
pub async fn receive_refused(
    app: &App,
    received: Received,
    community_id: i64,
    thread: String,
) -> Result<Outcome> {
    app.write(move |deed| {
        let Some(thread) = posts::find_by_ap_id(deed.conn, &thread)? else {
            return Ok(Outcome::MissingParent);
        };
        let community = actors::find(deed.conn, community_id)?.filter(|row| !row.local);
        let Some(community) = community.filter(|_| thread.is_top()) else { return Ok(Outcome::NotOurs) };
        let is_known = placements::find_in(deed.conn, thread.id, community.id)?.is_some();
        if !received.is_first(deed)? || is_known {
            // What it shows, or showed, it says itself.
            return Ok(Outcome::Known);
        }
        if placements::count(deed.conn, thread.id)? >= MAX_PLACEMENTS {
            return Ok(Outcome::NotOurs);
        }
        let now = deed.now();
        let row = PlacementRow {
            id: deed.app.mint(),
            thread_id: thread.id,
            community_id: community.id,
            state: PlacementState::Refused.as_str().to_owned(),
            ways: Ways::default().bits(),
            path: write_ids(&[])?,
            announce: None,
            accepted_title: None,
            accepted_html: None,
            decider_id: None,
            created_at: now,
            changed_at: now,
            dated_at: thread.published_at,
        };
        placements::put(deed.conn, &row)?;
        Ok::<_, Error>(Outcome::Recorded)
    })
    .await
}

/// Places a thread wherever whoever announces it is linked: a bug that tests must catch.
fn place_unasked(deed: &mut Deed<'_>, announced: &PlacementRow) -> Result<()> {
    for link in links::list_with(deed.conn, announced.community_id, &[LinkState::Active])? {
        let (id, community_id) = (deed.app.mint(), link.community_id);
        placements::put(deed.conn, &PlacementRow { id, community_id, announce: None, ..announced.clone() })?;
    }
    Ok(())
}

/// Whether it matters here that a community elsewhere shares a thread.
fn is_wanted(conn: &mut Conn, thread: &PostRow, community: &ActorRow, path: &[String]) -> Result<bool> {
    let Ok(home) = home_of(conn, thread) else { return Ok(false) };
    if home.id == community.id {
        return Ok(false);
    }
    if home.local {
        // It is told of what is answered from now on, by whatever path the thread came there.
        let (reach, _) = reach_of(conn, thread)?;
        let is_within = reach.down || reach.allows(Way::Up, &community.ap_id);
        return Ok(is_within && leaves_by_a_link(conn, &home, community, path)?);
    }
    shares_with_us(conn, community.id)
}

/// Whether a path begins at the home, and goes on by a link of it: no stranger has itself told of everything.
fn leaves_by_a_link(conn: &mut Conn, home: &ActorRow, end: &ActorRow, path: &[String]) -> Result<bool> {
    if path.first() != Some(&home.ap_id) {
        return Ok(false);
    }
    let first = path.get(1).map_or(Ok(Some(end.clone())), |id| actors::find_by_ap_id(conn, id))?;
    Ok(first.map(|first| links::find_between(conn, home.id, first.id)).transpose()?.flatten().is_some())
}

/// Whether somebody here follows that community elsewhere, or a community of here is linked with it: what it shares is
/// looked into.
///
/// # Errors
/// Those of storage.
pub async fn is_shared_with(app: &App, community_id: i64) -> Result<bool> {
    app.read(move |conn| shares_with_us(conn, community_id)).await
}

/// The same, for who reads already. Of what is no community it is not so, whoever follows it.
///
/// # Errors
/// Those of storage.
pub fn shares_with_us(conn: &mut Conn, community_id: i64) -> Result<bool> {
    let actor = actors::find(conn, community_id)?;
    if actor.is_none_or(|actor| actor.kind != ActorKind::Group.as_str()) {
        return Ok(false);
    }
    Ok(follows::count_local_followers(conn, community_id)? > 0 || links::is_linked_with(conn, community_id)?)
}

/// A community elsewhere takes back that it shares a thread.
///
/// # Errors
/// Those of storage.
pub async fn receive_unshared(
    app: &App,
    received: Received,
    community_id: i64,
    announce: String,
) -> Result<Outcome> {
    app.write(move |deed| {
        let row = placements::find_by_announce(deed.conn, &announce)?;
        let Some(mut row) = row.filter(|row| row.community_id == community_id) else {
            return Ok(Outcome::MissingParent);
        };
        let is_local = actors::find(deed.conn, community_id)?.is_some_and(|row| row.local);
        if is_local || !received.is_first(deed)? || row.state()? != PlacementState::Placed {
            return Ok(Outcome::Known);
        }
        PlacementState::Withdrawn.as_str().clone_into(&mut row.state);
        row.changed_at = deed.now();
        placements::update(deed.conn, &row)?;
        Ok::<_, Error>(Outcome::Recorded)
    })
    .await
}

/// The communities that share a thread, of here and elsewhere; `withdrawn` those too that did and do not any more.
///
/// # Errors
/// Those of storage.
pub fn list_sharing(conn: &mut Conn, thread_id: i64, withdrawn: bool) -> Result<Vec<ActorRow>> {
    let withdrawn = withdrawn && !mutant::is(Mutant::DeletionNotToWithdrawn);
    let mut sharing = Vec::new();
    for (row, community) in placements::list(conn, thread_id)? {
        let state = row.state()?;
        if state == PlacementState::Placed || (withdrawn && state == PlacementState::Withdrawn) {
            sharing.push(community);
        }
    }
    Ok(sharing)
}

/// Whether a thread of that home is shared here, or was: by a community of here, or by one elsewhere that somebody of here
/// follows. Of what is withdrawn, its home says that it is deleted.
///
/// # Errors
/// Those of storage.
pub(crate) fn concerns_us(conn: &mut Conn, thread_id: i64) -> Result<bool> {
    for (row, community) in placements::list(conn, thread_id)? {
        let was_shown = matches!(row.state()?, PlacementState::Placed | PlacementState::Withdrawn);
        if community.local || (was_shown && has_followers(conn, &community)?) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn has_followers(conn: &mut Conn, community: &ActorRow) -> Result<bool> {
    Ok(follows::count_local_followers(conn, community.id)? > 0)
}

/// Whether the home elsewhere of a message is heard though nobody here follows it: the thread is shared here, or somebody of
/// here wrote it or what is answered. `ids` are the ActivityPub ids that its activity names.
///
/// # Errors
/// Those of storage.
pub async fn is_home_heard(app: &App, home_id: i64, ids: Vec<String>) -> Result<bool> {
    app.read(move |conn| {
        for id in ids {
            let Some(post) = posts::find_by_ap_id(conn, &id)? else { continue };
            if post.home_id == Some(home_id) && (concerns_us(conn, post.thread_id)? || is_to_us(conn, &post)?)
            {
                return Ok(true);
            }
        }
        Ok::<_, Error>(false)
    })
    .await
}

/// Whether somebody of here wrote a message, what it answers, or the thread.
fn is_to_us(conn: &mut Conn, post: &PostRow) -> Result<bool> {
    let author = actors::find(conn, post.author_id)?;
    let is_ours = author.is_some_and(|author| author.local);
    Ok(is_ours || list_answered(conn, post)?.iter().any(|author| author.local))
}

/// Who is told of a reply whether they follow its home or not: who wrote the thread, and what is answered. Nobody is told what
/// they wrote themselves.
///
/// # Errors
/// Those of storage.
pub fn list_answered(conn: &mut Conn, reply: &PostRow) -> Result<Vec<ActorRow>> {
    let mut answered: Vec<ActorRow> = Vec::new();
    for id in [Some(reply.thread_id), reply.parent_id].into_iter().flatten() {
        let author = posts::find(conn, id)?.map(|post| actors::find(conn, post.author_id)).transpose()?;
        let is_told =
            |row: &ActorRow| row.id != reply.author_id && answered.iter().all(|one| one.id != row.id);
        if let Some(author) = author.flatten().filter(is_told) {
            answered.push(author);
        }
    }
    Ok(answered)
}
