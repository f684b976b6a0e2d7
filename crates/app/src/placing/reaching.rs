//! What a change of a thread does where it is placed: of how far it may go, and of what it says.

use super::{hide, reach_of};
use crate::app::Deed;
use crate::{App, Error, Result, moderating};
use clocher_domain::effect::Effect;
use clocher_domain::placement::{MAX_REACH, PlacementState, Reach, Way};
use clocher_domain::post::decide_editing;
use clocher_domain::{Id, Refusal};
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::communities;
use clocher_storage::placements::{self, PlacementRow};
use clocher_storage::posts::{self, PostRow};

/// A local person lets a thread go farther, or less far. Wider, it is offered again; narrower, it is withdrawn from where
/// it may not be any more, by whoever placed it there.
///
/// # Errors
/// `NotTheAuthor`, `Suspended`, `Deleted`, `Removed`, `NotFound`; `TooMany` for more communities than [`MAX_REACH`];
/// `NotPossible` for what has no home.
pub async fn change(app: &App, author_id: i64, post_id: i64, reach: Reach) -> Result<()> {
    app.write(move |deed| {
        let author =
            actors::find(deed.conn, author_id)?.filter(ActorRow::is_active).ok_or(Refusal::Suspended)?;
        let thread = posts::find(deed.conn, post_id)?.ok_or(Refusal::NotFound)?;
        decide_editing(
            thread.author_id == author.id && thread.local,
            thread.deleted_at.is_some(),
            thread.removed_at.is_some(),
        )?;
        if !thread.is_top() || thread.home_id.is_none() {
            return Err(Error::from(Refusal::NotPossible));
        }
        if !is_new_reach(&thread, Some(&reach))? {
            return Ok(());
        }
        // Told first: whoever is offered it afterwards knows how far it may go.
        deed.owe(&Effect::PostEdited { post: Id(post_id) })?;
        let now = deed.now();
        set_reach(deed, &thread, Some(&reach), now)
    })
    .await
}

/// A moderator of here says how far threads of a community go whose authors do not say. It holds for those that the community
/// takes from now on, and others are told of it with the profile.
///
/// # Errors
/// `NotAModerator`, `Suspended`, `NotFound`; `TooMany` for more communities than [`MAX_REACH`].
pub async fn change_default(app: &App, moderator_id: i64, community_id: i64, reach: Reach) -> Result<()> {
    app.write(move |deed| {
        let moderator = actors::find(deed.conn, moderator_id)?.filter(|row| row.local);
        let moderator = moderator.ok_or(Refusal::NotFound)?;
        let community = moderating::moderated(deed.conn, community_id, &moderator)?;
        let row = communities::find(deed.conn, community.id)?.filter(|_| community.local);
        let mut row = row.ok_or(Refusal::NotFound)?;
        let text = Some(write(&reach)?);
        if row.default_reach == text {
            return Ok(());
        }
        row.default_reach = text;
        communities::put(deed.conn, &row)?;
        deed.owe(&Effect::ProfileChanged { actor: Id(community.id), members_only: false })
    })
    .await
}

/// As it is stored.
pub(crate) fn write(reach: &Reach) -> Result<String> {
    if reach.communities.len() > MAX_REACH {
        return Err(Refusal::TooMany.into());
    }
    serde_json::to_string(reach).map_err(|error| Error::Internal(error.to_string()))
}

/// Whether an author says something new of how far a thread may go. One who could say once and says nothing now has not
/// changed it: other software drops what it does not know.
pub(crate) fn is_new_reach(thread: &PostRow, reach: Option<&Reach>) -> Result<bool> {
    let Some(reach) = reach.filter(|_| thread.is_top() && thread.home_id.is_some()) else { return Ok(false) };
    Ok(thread.reach()?.as_ref() != Some(reach))
}

/// Records how far the author lets a thread go, if that is new, and does what follows from it.
pub(crate) fn set_reach(
    deed: &mut Deed<'_>,
    thread: &PostRow,
    reach: Option<&Reach>,
    edited_at: i64,
) -> Result<()> {
    let Some(reach) = reach else { return Ok(()) };
    if !is_new_reach(thread, Some(reach))? {
        return Ok(());
    }
    let (before, was_chosen) = reach_of(deed.conn, thread)?;
    posts::set_reach(deed.conn, thread.id, Some(&write(reach)?), edited_at)?;
    let Some(now) = posts::find(deed.conn, thread.id)? else { return Ok(()) };
    let placed = narrow(deed, &now, reach)?;
    if !before.holds(reach) || !was_chosen {
        widen(deed, &now, &placed)?;
    }
    Ok(())
}

/// Withdraws a thread from the communities of here where it may not be any more. Gives the placements that stay.
fn narrow(deed: &mut Deed<'_>, thread: &PostRow, reach: &Reach) -> Result<Vec<PlacementRow>> {
    let mut stay = Vec::new();
    for (row, community) in placements::list(deed.conn, thread.id)? {
        let state = row.state()?;
        if !community.local || !matches!(state, PlacementState::Placed | PlacementState::Waiting) {
            continue;
        }
        if row.ways()?.iter().any(|way| reach.allows(way, &community.ap_id)) {
            if state == PlacementState::Placed {
                stay.push(row);
            }
        } else {
            hide(deed, row, None)?;
        }
    }
    Ok(stay)
}

/// A thread goes on from everywhere here where it stands.
fn widen(deed: &mut Deed<'_>, thread: &PostRow, placed: &[PlacementRow]) -> Result<()> {
    let home = thread.home_id.map(|id| actors::find(deed.conn, id)).transpose()?.flatten();
    if let Some(home) = home.filter(|home| home.local) {
        let (thread, community) = (Id(thread.id), Id(home.id));
        deed.owe(&Effect::Travels { thread, community, way: Way::Home, neighbour: None })?;
    }
    for row in placed {
        for way in row.ways()?.iter() {
            let (thread, community) = (Id(row.thread_id), Id(row.community_id));
            deed.owe(&Effect::Travels { thread, community, way, neighbour: None })?;
        }
    }
    Ok(())
}

/// Before a thread is edited: where a moderator let it in, what was let in stays until the change is let in too.
pub(crate) fn edited(deed: &mut Deed<'_>, before: &PostRow, title: Option<&str>, html: &str) -> Result<()> {
    if !before.is_top() || (before.title.as_deref() == title && before.html == html) {
        return Ok(());
    }
    for (mut row, community) in placements::list(deed.conn, before.id)? {
        let is_judged = community.local && row.decider_id.is_some() && row.accepted_html.is_none();
        if is_judged && row.state()? == PlacementState::Placed {
            row.accepted_title.clone_from(&before.title);
            row.accepted_html = Some(before.html.clone());
            placements::update(deed.conn, &row)?;
        }
    }
    Ok(())
}
