//! Placements: how a thread comes to other communities than its home, by the links between them.
//!
//! `addressing` shows a thread in several communities that its author names, `travel` is the way of a thread among communities of here and off to those elsewhere, `reachable` what an author
//! chooses from, `foreseeing` who would read it, `sending_on` where moderators may send it, `reaching` what a change of it does, `judging` the part of moderators, `hiding` what they
//! hide of a thread, `turning` what follows where a community is opened or closed, `elsewhere` what communities of other servers say. The rules are those of
//! `domain`; what goes over the wire is the business of the door.

mod addressing;
mod elsewhere;
mod foreseeing;
mod hiding;
mod judging;
mod reachable;
mod reaching;
mod sending_on;
mod travel;
mod turning;

pub use addressing::{Addressable, list_addressable, list_unplaced};
pub(crate) use addressing::{address, addressed, list_open_to, obstacle, unplaced};
pub use elsewhere::{
    Shared, is_home_heard, is_shared_with, list_answered, list_sharing, receive_refused, receive_shared,
    receive_unshared, shares_with_us,
};
pub use foreseeing::{Foreseen, foresee};
pub use hiding::{Choice, Hider, Reason, Veil, list_choices, set_hidden};
pub(crate) use hiding::{Hiding, is_hidden_from, veil};
pub use judging::{Ahead, Item, Judgement, Standing, judge, list_items, share, withdraw};
pub use reachable::{Destination, Reachable, list_reachable};
pub use reaching::{change as change_reach, change_default as change_default_reach};
pub(crate) use reaching::{edited, is_new_reach, set_reach, write as write_reach};
pub use sending_on::{Onward, list_onward};
pub(crate) use travel::begin;
pub use travel::{Offered, Offering, check_offer, depart, receive_offer, refuse_offer, route_from_home};
pub use turning::clear;
pub(crate) use turning::{banned, turned, turned_elsewhere};

use crate::app::Deed;
use crate::{Error, Result, backfill, ledger};
use clocher_domain::effect::Effect;
use clocher_domain::placement::{PlacementState, Reach};
use clocher_domain::{Id, Refusal};
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::placements::{self, PlacementRow};
use clocher_storage::posts::PostRow;
use clocher_storage::{Conn, communities};

/// How far a thread may go, and whether its author chose it; else it is the default of its home.
///
/// # Errors
/// Those of storage.
pub fn reach_of(conn: &mut Conn, thread: &PostRow) -> Result<(Reach, bool)> {
    if let Some(reach) = thread.reach()? {
        return Ok((reach, true));
    }
    let home = thread.home_id.map(|id| communities::find(conn, id)).transpose()?.flatten();
    Ok((home.map(|home| home.default_reach()).transpose()?.unwrap_or_default(), false))
}

/// Since when a thread is what links of that age carry: since its home took it, or since its author said how far it goes.
fn dated(thread: &PostRow) -> i64 {
    let said = thread.edited_at.filter(|_| thread.reach.is_some());
    thread.published_at.max(said.unwrap_or_default()).min(thread.received_at.max(said.unwrap_or_default()))
}

/// The home of a thread.
fn home_of(conn: &mut Conn, thread: &PostRow) -> Result<ActorRow> {
    let home = thread.home_id.map(|id| actors::find(conn, id)).transpose()?.flatten();
    home.ok_or_else(|| Refusal::NotFound.into())
}

/// Shows a thread in a community of here from now on: owes telling it, and the way on by every way by which it came.
fn show(deed: &mut Deed<'_>, thread: &PostRow, row: &PlacementRow, is_late: bool) -> Result<()> {
    deed.owe(&Effect::Placed { placement: Id(row.id) })?;
    for way in row.ways()?.iter().filter(|way| !way.is_last()) {
        let (thread, community) = (Id(row.thread_id), Id(row.community_id));
        deed.owe(&Effect::Travels { thread, community, way, neighbour: None })?;
    }
    ledger::owe_fan_out(deed, thread.id, row.community_id)?;
    if is_late {
        // What was answered while nobody here was told of it.
        backfill::owe_thread(deed, thread)?;
    }
    Ok(())
}

/// Shows a thread no more in a community of here. `decider` is the moderator who says so; none where its author does.
fn hide(deed: &mut Deed<'_>, mut row: PlacementRow, decider: Option<i64>) -> Result<()> {
    let was_shown = row.state()? == PlacementState::Placed;
    PlacementState::Withdrawn.as_str().clone_into(&mut row.state);
    row.changed_at = deed.now();
    row.decider_id = decider;
    (row.accepted_title, row.accepted_html) = (None, None);
    placements::update(deed.conn, &row)?;
    match row.announce {
        Some(announce) if was_shown => deed.owe(&Effect::Withdrawn { placement: Id(row.id), announce }),
        _ => Ok(()),
    }
}

/// The root of a thread is gone, by its author or its home, or is back: communities of here that share it tell those who know
/// it by their `Announce` alone. Asked before a root goes, and after it is back.
pub(crate) fn root_turned(deed: &mut Deed<'_>, root: &PostRow, is_shown: bool) -> Result<()> {
    if !root.is_top() || !root.is_live() {
        return Ok(());
    }
    for (row, community) in placements::list(deed.conn, root.id)? {
        if community.local && row.announce.is_some() && row.state()? == PlacementState::Placed {
            deed.owe(&Effect::Boosted { placement: Id(row.id), is_shown })?;
        }
    }
    Ok(())
}

/// Shows no more in a community what only that neighbour brought: its moderator ended their link, and wants it so.
pub(crate) fn withdraw_brought(
    deed: &mut Deed<'_>,
    community_id: i64,
    neighbour_id: i64,
    moderator_id: i64,
) -> Result<()> {
    for row in placements::list_brought_only_by(deed.conn, community_id, neighbour_id)? {
        hide(deed, row, Some(moderator_id))?;
    }
    Ok(())
}

/// The id of the `Announce` by which a community of here shows a thread.
fn mint_announce(deed: &Deed<'_>) -> String {
    deed.app.site().activity(deed.app.mint())
}

fn write_ids(ids: &[String]) -> Result<String> {
    serde_json::to_string(ids).map_err(|error| Error::Internal(error.to_string()))
}
