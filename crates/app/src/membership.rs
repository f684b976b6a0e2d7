//! Joining and leaving communities, following persons: from here, and as asked by other servers.

use crate::app::Deed;
use crate::received::Received;
use crate::{App, Error, Result, backfill, joining, linking, moderating, readers, subscribing};
use clocher_domain::actor::ActorKind;
use clocher_domain::backfill::decide_backfill;
use clocher_domain::effect::Effect;
use clocher_domain::membership::{Joining, MAX_REQUEST, MAX_REQUESTS, Standing, decide_joining};
use clocher_domain::{Id, Refusal};
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::follows::{self, FollowRow, JoinRequestRow};
use clocher_storage::{bans, invitations};

/// A local person joins a community or follows a person. Asking twice changes nothing.
///
/// # Errors
/// As [`ask`].
pub async fn join(app: &App, follower_id: i64, followed_id: i64) -> Result<Standing> {
    ask(app, follower_id, followed_id, String::new()).await
}

/// The same, with some words to the moderators of a community that is not open.
///
/// # Errors
/// `OwnFollow`, `Suspended`, `Banned`, `Deleted`, `MovedAway`, `NotPossible`, `NotFound`, also for a hidden community;
/// `TooMany` requests.
pub async fn ask(app: &App, follower_id: i64, followed_id: i64, reason: String) -> Result<Standing> {
    app.write(move |deed| ask_in(deed, follower_id, followed_id, &reason)).await
}

pub(crate) fn join_in(deed: &mut Deed<'_>, follower_id: i64, followed_id: i64) -> Result<Standing> {
    ask_in(deed, follower_id, followed_id, "")
}

fn ask_in(deed: &mut Deed<'_>, follower_id: i64, followed_id: i64, reason: &str) -> Result<Standing> {
    if let Some(row) = follows::find(deed.conn, follower_id, followed_id)? {
        return Ok(row.standing()?);
    }
    let id = deed.app.mint();
    let (row, followed) = decide(deed, id, deed.app.site().activity(id), follower_id, followed_id)?;
    follows::put(deed.conn, &row)?;
    subscribing::note_joined(deed, follower_id, followed_id)?;
    let standing = row.standing()?;
    match (standing, followed.local) {
        (Standing::Accepted, _) => {
            invitations::remove(deed.conn, followed_id, follower_id)?;
        }
        (Standing::Requested, true) => keep_request(deed, row.id, false, reason)?,
        (Standing::Requested, false) => deed.owe(&Effect::FollowRequested { follow: Id(row.id) })?,
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

/// Another server's actor asks to follow one of ours, or to join a community of ours (`is_join`, with some words to
/// its moderators): answered by an effect, at once or when the moderators have.
///
/// # Errors
/// `NotFound` where we have no such actor, or it is a hidden community that did not invite.
pub async fn receive_follow(
    app: &App,
    received: Received,
    follower_id: i64,
    followed_id: i64,
    is_join: bool,
    reason: String,
) -> Result<()> {
    app.write(move |deed| {
        let followed =
            actors::find(deed.conn, followed_id)?.filter(|row| row.local).ok_or(Refusal::NotFound)?;
        if !readers::may_know(deed.conn, &followed, Some(follower_id))? {
            return Err(Error::from(Refusal::NotFound));
        }
        if !received.is_first(deed)? {
            return Ok(());
        }
        let is_open = readers::openness(deed.conn, followed_id)?.is_open();
        let known = follows::find(deed.conn, follower_id, followed_id)?;
        let accepted = known.filter(|row| row.standing == Standing::Accepted.as_str());
        let activity = received.activity.clone();
        let answered = |accepted: bool, reason: Option<String>| {
            let (follower, community) = (Id(follower_id), Id(followed_id));
            match (is_open && !is_join, accepted) {
                (true, true) => Effect::FollowAccepted { activity, follower, followed: community },
                (true, false) => Effect::FollowRejected { activity, follower, followed: community },
                _ => Effect::RequestAnswered { activity, is_join, follower, community, accepted, reason },
            }
        };
        let id = deed.app.mint();
        match decide(deed, id, received.activity, follower_id, followed_id) {
            Ok((mut row, _)) => {
                if let Some(accepted) = accepted {
                    // Who is a member already asks nobody again, and is one since then.
                    Standing::Accepted.as_str().clone_into(&mut row.standing);
                    (row.id, row.created_at) = (accepted.id, accepted.created_at);
                }
                follows::put(deed.conn, &row)?;
                if row.standing()? == Standing::Requested {
                    return keep_request(deed, row.id, is_join, &reason);
                }
                invitations::remove(deed.conn, followed_id, follower_id)?;
                if !is_open {
                    // It outlives the request: who is removed later is told of what they asked.
                    keep_request(deed, row.id, is_join, &reason)?;
                }
                deed.owe(&answered(true, None))?;
                tell_members(deed, &followed)
            }
            Err(Error::Refused(refusal)) => deed.owe(&answered(false, Some(refusal.code().to_owned()))),
            Err(error) => Err(error),
        }
    })
    .await
}

/// Keeps what came with a request to join a community that is not open.
fn keep_request(deed: &mut Deed<'_>, follow_id: i64, is_join: bool, reason: &str) -> Result<()> {
    let reason: String = crate::text::clean_line(reason, MAX_REQUEST);
    Ok(follows::put_request(deed.conn, &JoinRequestRow { follow_id, is_join, reason })?)
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
            invitations::remove(deed.conn, answerer_id, row.follower_id)?;
            if let Some(answerer) = actors::find(deed.conn, answerer_id)?
                && decide_backfill(was_requested, others)
            {
                backfill::owe_outbox(deed, &answerer)?;
                linking::owe_first_look(deed, &answerer)?;
            }
        } else {
            follows::remove(deed.conn, row.follower_id, row.followed_id)?;
            invitations::remove(deed.conn, answerer_id, row.follower_id)?;
        }
        joining::note_subscribed(deed, row.follower_id)?;
        joining::note_answer(deed, row.follower_id, answerer_id)
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
    let openness = readers::openness(deed.conn, followed_id)?;
    let is_wanted = !openness.is_open() && followed.local;
    let is_invited = is_wanted
        && (invitations::find(deed.conn, followed_id, follower_id)?.is_some()
            || moderating::moderates(deed.conn, &followed, &follower)?);
    let standing = decide_joining(Joining {
        is_self: follower_id == followed_id,
        follower_suspended: !follower.is_active(),
        follower_banned: bans::is_banned(deed.conn, followed_id, follower_id, now)?,
        followed: followed.kind()?,
        followed_deleted: followed.deleted_at.is_some(),
        followed_moved: followed.moved_to.is_some(),
        followed_is_local: followed.local,
        openness,
        is_invited,
        keeps_closed: follower.local || readers::keeps_closed(deed.conn, &follower.host)?,
    })?;
    if is_wanted && standing == Standing::Requested {
        let waiting = follows::count_requests(deed.conn, followed_id)?;
        if waiting >= MAX_REQUESTS {
            return Err(Refusal::TooMany.into());
        }
    }
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
