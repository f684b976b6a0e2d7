//! Joining and leaving communities, following persons: from here, and as asked by other servers.

use crate::app::Deed;
use crate::received::Received;
use crate::{App, Error, Result, backfill, subscribing};
use clocher_domain::actor::ActorKind;
use clocher_domain::backfill::decide_backfill;
use clocher_domain::effect::Effect;
use clocher_domain::membership::{Joining, Standing, decide_joining};
use clocher_domain::{Id, Refusal};
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::bans;
use clocher_storage::follows::{self, FollowRow};

/// A local person joins a community or follows a person. Asking twice changes nothing.
///
/// # Errors
/// `OwnFollow`, `Suspended`, `Banned`, `Deleted`, `MovedAway`, `NotPossible`, `NotFound`.
pub async fn join(app: &App, follower_id: i64, followed_id: i64) -> Result<Standing> {
    app.write(move |deed| join_in(deed, follower_id, followed_id)).await
}

pub(crate) fn join_in(deed: &mut Deed<'_>, follower_id: i64, followed_id: i64) -> Result<Standing> {
    if let Some(row) = follows::find(deed.conn, follower_id, followed_id)? {
        return Ok(row.standing()?);
    }
    let id = deed.app.mint();
    let (row, followed) = decide(deed, id, deed.app.site().activity(id), follower_id, followed_id)?;
    follows::put(deed.conn, &row)?;
    subscribing::note_joined(deed, follower_id, followed_id)?;
    let standing = row.standing()?;
    if standing == Standing::Requested {
        deed.owe(&Effect::FollowRequested { follow: Id(row.id) })?;
    }
    tell_members(deed, &followed)?;
    Ok(standing)
}

/// A local person leaves. Leaving what one has not joined changes nothing.
///
/// # Errors
/// `NotFound` for an unknown actor.
pub async fn leave(app: &App, follower_id: i64, followed_id: i64) -> Result<()> {
    app.write(move |deed| leave_in(deed, follower_id, followed_id)).await
}

pub(crate) fn leave_in(deed: &mut Deed<'_>, follower_id: i64, followed_id: i64) -> Result<()> {
    let followed = actors::find(deed.conn, followed_id)?.ok_or(Refusal::NotFound)?;
    let Some(row) = follows::find(deed.conn, follower_id, followed_id)? else { return Ok(()) };
    follows::remove(deed.conn, follower_id, followed_id)?;
    subscribing::note_left(deed, follower_id, &followed)?;
    if !followed.local {
        deed.owe(&Effect::FollowWithdrawn {
            activity: row.ap_id,
            follower: Id(follower_id),
            followed: Id(followed_id),
        })?;
    }
    tell_members(deed, &followed)
}

/// Another server's actor asks to follow one of ours: answered by an effect either way.
///
/// # Errors
/// `NotFound` where we have no such actor.
pub async fn receive_follow(app: &App, received: Received, follower_id: i64, followed_id: i64) -> Result<()> {
    app.write(move |deed| {
        let followed =
            actors::find(deed.conn, followed_id)?.filter(|row| row.local).ok_or(Refusal::NotFound)?;
        if !received.is_first(deed)? {
            return Ok(());
        }
        let (activity, follower, followed_id) = (received.activity.clone(), Id(follower_id), Id(followed_id));
        let id = deed.app.mint();
        match decide(deed, id, received.activity, follower_id, followed_id.0) {
            Ok((row, _)) => {
                follows::put(deed.conn, &row)?;
                deed.owe(&Effect::FollowAccepted { activity, follower, followed: followed_id })?;
                tell_members(deed, &followed)
            }
            Err(Error::Refused(_)) => {
                deed.owe(&Effect::FollowRejected { activity, follower, followed: followed_id })
            }
            Err(error) => Err(error),
        }
    })
    .await
}

/// Another server's actor answers the request of one of ours; the first that it accepts brings what it published
/// before. An answer by anybody but the actor that
/// was asked changes nothing.
///
/// # Errors
/// Those of storage.
pub async fn receive_answer(
    app: &App,
    follow_activity: String,
    answerer_id: i64,
    accepted: bool,
) -> Result<()> {
    app.write(move |deed| {
        let row = follows::find_by_ap_id(deed.conn, &follow_activity)?;
        let Some(row) = row.filter(|row| row.followed_id == answerer_id) else { return Ok::<_, Error>(()) };
        if accepted {
            let others = follows::count_local_followers(deed.conn, answerer_id)?;
            let was_requested = row.standing()? == Standing::Requested;
            follows::set_standing(deed.conn, row.id, Standing::Accepted)?;
            if let Some(answerer) = actors::find(deed.conn, answerer_id)?
                && decide_backfill(was_requested, others)
            {
                backfill::owe_outbox(deed, &answerer)?;
            }
        } else {
            follows::remove(deed.conn, row.follower_id, row.followed_id)?;
        }
        Ok(())
    })
    .await?;
    app.wakers().jobs.notify_one();
    Ok(())
}

/// Another server's actor stops following one of ours.
///
/// # Errors
/// Those of storage.
pub async fn receive_leave(app: &App, received: Received, follower_id: i64, followed_id: i64) -> Result<()> {
    app.write(move |deed| {
        if !received.is_first(deed)? || !follows::remove(deed.conn, follower_id, followed_id)? {
            return Ok(());
        }
        let followed = actors::find(deed.conn, followed_id)?.ok_or(Refusal::NotFound)?;
        tell_members(deed, &followed)
    })
    .await
}

fn decide(
    deed: &mut Deed<'_>,
    id: i64,
    ap_id: String,
    follower_id: i64,
    followed_id: i64,
) -> Result<(FollowRow, ActorRow)> {
    let follower = actors::find(deed.conn, follower_id)?.ok_or(Refusal::NotFound)?;
    let followed = actors::find(deed.conn, followed_id)?.ok_or(Refusal::NotFound)?;
    let now = deed.now();
    let standing = decide_joining(Joining {
        is_self: follower_id == followed_id,
        follower_suspended: !follower.is_active(),
        follower_banned: bans::is_banned(deed.conn, followed_id, follower_id, now)?,
        followed: followed.kind()?,
        followed_deleted: followed.deleted_at.is_some(),
        followed_moved: followed.moved_to.is_some(),
        followed_is_local: followed.local,
    })?;
    let row = FollowRow {
        id,
        ap_id,
        follower_id,
        followed_id,
        standing: standing.as_str().to_owned(),
        created_at: now,
    };
    Ok((row, followed))
}

/// The number of members of a local community is part of what other Clocher instances show of it.
pub(crate) fn tell_members(deed: &mut Deed<'_>, followed: &ActorRow) -> Result<()> {
    if followed.local && followed.kind()? == ActorKind::Group {
        deed.owe(&Effect::ProfileChanged { actor: Id(followed.id), members_only: true })?;
    }
    Ok(())
}
