//! What follows where a community of here is closed or opened, or one elsewhere says that it was; and where one bans an author
//! whose threads it shares.
//!
//! What is written keeps its readers: who may read a message is said by the message. Only open communities are linked and
//! share threads, so that closing one ends its links and takes back what it shares of others; its own threads stay public
//! where they went.

use super::hide;
use super::judging::refuse_all;
use crate::app::Deed;
use crate::membership::tell_members;
use crate::{Result, admitting, linking, readers};
use clocher_domain::Id;
use clocher_domain::community::Openness;
use clocher_domain::effect::Effect;
use clocher_domain::placement::PlacementState;
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::{follows, openings, placements, posts};

/// Placements that are taken back, and memberships that are looked at, in one transaction.
const PORTION: i64 = 100;

/// A community of here is open, or is not, from now on: its row says so already.
pub(crate) fn turned(
    deed: &mut Deed<'_>,
    moderator: &ActorRow,
    community: &ActorRow,
    before: Openness,
    after: Openness,
) -> Result<()> {
    let mut told = Vec::new();
    if before.is_open() {
        told = linking::end_all(deed, moderator, community)?;
    } else if after.is_open() {
        let id = deed.app.mint();
        openings::put(deed.conn, id, community.id)?;
        admitting::let_everybody_in(deed, community)?;
    }
    // Told first: whoever is a member no more hears why.
    deed.owe(&Effect::Turned { community: Id(community.id), told: told.into_iter().map(Id).collect() })?;
    if before.is_open() {
        deed.owe(&Effect::Closed { community: Id(community.id), moderator: Id(moderator.id), after: Id(0) })?;
    }
    linking::note_own(deed, community.id, &format!("community_{}", after.as_str()), moderator, &[])
}

/// Takes back, a portion at a time, what a community shares that was closed; then ends the memberships of those whose server is
/// known not to keep closed what is. `after` is the last membership that was looked at.
///
/// # Errors
/// Those of storage.
pub fn clear(deed: &mut Deed<'_>, community_id: i64, moderator_id: i64, after: i64) -> Result<()> {
    if readers::openness(deed.conn, community_id)?.is_open() {
        return Ok(());
    }
    let again = |deed: &mut Deed<'_>, after: i64| {
        deed.owe(&Effect::Closed {
            community: Id(community_id),
            moderator: Id(moderator_id),
            after: Id(after),
        })
    };
    let standing = placements::list_standing(deed.conn, community_id, PORTION)?;
    let is_done = standing.is_empty();
    for row in standing {
        hide(deed, row, Some(moderator_id))?;
    }
    if !is_done {
        return again(deed, after);
    }
    let portion = follows::list_remote(deed.conn, community_id, after, PORTION)?;
    let last = portion.last().map(|(row, _)| row.id);
    for (row, follower) in portion {
        if readers::leaks(deed.conn, &follower.host)? {
            follows::remove(deed.conn, row.follower_id, community_id)?;
            let (follower, followed) = (Id(row.follower_id), Id(community_id));
            deed.owe(&Effect::FollowRejected { activity: row.ap_id, follower, followed })?;
        }
    }
    match last {
        Some(last) => again(deed, last),
        None => match actors::find(deed.conn, community_id)? {
            Some(community) => tell_members(deed, &community),
            None => Ok(()),
        },
    }
}

/// A community elsewhere says that it is open, or is not, and said otherwise before.
pub(crate) fn turned_elsewhere(
    deed: &mut Deed<'_>,
    community: &ActorRow,
    before: Openness,
    after: Openness,
) -> Result<()> {
    match (before.is_open(), after.is_open()) {
        (true, false) => linking::end_with(deed, community),
        (false, true) => {
            let id = deed.app.mint();
            Ok(openings::put(deed.conn, id, community.id)?)
        }
        _ => Ok(()),
    }
}

/// A community of here bans somebody: what of theirs waits there is refused; where `removes`, what is shown is taken back, a
/// portion at a time. True where there is more.
pub(crate) fn banned(
    deed: &mut Deed<'_>,
    community_id: i64,
    author_id: i64,
    moderator_id: i64,
    removes: bool,
) -> Result<bool> {
    let waits = PlacementState::Waiting;
    for mut row in placements::list_by_author(deed.conn, community_id, author_id, waits, PORTION)? {
        PlacementState::Refused.as_str().clone_into(&mut row.state);
        row.decider_id = Some(moderator_id);
        row.changed_at = deed.now();
        placements::update(deed.conn, &row)?;
        if let Some(thread) = posts::find(deed.conn, row.thread_id)? {
            refuse_all(deed, &thread, &row)?;
        }
    }
    if !removes {
        return Ok(false);
    }
    let shown = PlacementState::Placed;
    let portion = placements::list_by_author(deed.conn, community_id, author_id, shown, PORTION)?;
    let more = !portion.is_empty();
    for row in portion {
        hide(deed, row, Some(moderator_id))?;
    }
    Ok(more)
}
