//! Who is let into communities that are not open: the requests that wait for their moderators, their invitations and
//! members.
//!
//! Asking and leaving are in `membership`.

use crate::app::Deed;
use crate::membership::tell_members;
use crate::moderating::moderated;
use crate::received::{Outcome, Received};
use crate::{App, Error, Result, moderating, readers};
use clocher_domain::actor::ActorKind;
use clocher_domain::effect::Effect;
use clocher_domain::membership::{MAX_INVITATIONS, MAX_REQUESTS, Standing};
use clocher_domain::{Id, Refusal};
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::follows::{self, FollowRow};
use clocher_storage::invitations::{self, InvitationRow};
use clocher_storage::{Conn, bans};

/// Rows of one list.
const LISTED: i64 = 500;

/// Who asks to be let in.
#[derive(Clone, Debug)]
pub struct Request {
    /// Whoever asks.
    pub person: ActorRow,
    /// What they say to the moderators, plain text; may be empty.
    pub reason: String,
    /// When they asked, in milliseconds since the Unix epoch.
    pub at: i64,
}

/// What the moderators of a community that is not open see of who is in it.
#[derive(Clone, Debug)]
pub struct Admission {
    /// Who waits for their answer, oldest first.
    pub requests: Vec<Request>,
    /// Who is in, oldest first.
    pub members: Vec<ActorRow>,
    /// Whom they invited, newest first.
    pub invited: Vec<ActorRow>,
}

/// Who asks, who is in and who is invited; none of an open community, which lets in everybody.
///
/// # Errors
/// `NotFound`, `Suspended`, `NotAModerator`.
pub async fn list(app: &App, moderator_id: i64, community_id: i64) -> Result<Option<Admission>> {
    app.read(move |conn| {
        let moderator = actors::find(conn, moderator_id)?.ok_or(Refusal::NotFound)?;
        let community = moderated(conn, community_id, &moderator)?;
        if !community.local || readers::openness(conn, community_id)?.is_open() {
            return Ok::<_, Error>(None);
        }
        let mut requests = Vec::new();
        for (row, person) in follows::list_followers(conn, community_id, Standing::Requested, 0, LISTED)? {
            let reason = follows::find_request(conn, row.id)?.map(|request| request.reason);
            requests.push(Request { person, reason: reason.unwrap_or_default(), at: row.created_at });
        }
        let members = follows::list_followers(conn, community_id, Standing::Accepted, 0, LISTED)?;
        Ok(Some(Admission {
            requests,
            members: members.into_iter().map(|(_, person)| person).collect(),
            invited: invitations::list_of(conn, community_id, LISTED)?,
        }))
    })
    .await
}

/// The community of here that is not open, if that person of here moderates it.
fn closed(conn: &mut Conn, community_id: i64, moderator_id: i64) -> Result<ActorRow> {
    let moderator = actors::find(conn, moderator_id)?.filter(|row| row.local).ok_or(Refusal::NotFound)?;
    let community = moderated(conn, community_id, &moderator)?;
    if community.local && !readers::openness(conn, community_id)?.is_open() {
        Ok(community)
    } else {
        Err(Refusal::NotPossible.into())
    }
}

/// A moderator lets in who asked, or refuses. What nobody asks any more changes nothing.
///
/// # Errors
/// `NotFound`, `Suspended`, `NotAModerator`, `NotPossible` for an open community, `Banned`.
pub async fn answer(
    app: &App,
    moderator_id: i64,
    community_id: i64,
    person_id: i64,
    accepts: bool,
) -> Result<()> {
    app.write(move |deed| {
        let community = closed(deed.conn, community_id, moderator_id)?;
        let row = follows::find(deed.conn, person_id, community_id)?;
        match row.filter(|row| row.standing == Standing::Requested.as_str()) {
            Some(row) if accepts => let_in(deed, &community, &row),
            Some(row) => end(deed, &community, &row),
            None => Ok(()),
        }
    })
    .await
}

fn let_in(deed: &mut Deed<'_>, community: &ActorRow, row: &FollowRow) -> Result<()> {
    let now = deed.now();
    if bans::is_banned(deed.conn, community.id, row.follower_id, now)? {
        return Err(Refusal::Banned.into());
    }
    follows::set_standing(deed.conn, row.id, Standing::Accepted)?;
    invitations::remove(deed.conn, community.id, row.follower_id)?;
    tell(deed, community, row, true)?;
    tell_members(deed, community)
}

/// Ends a membership, or a request. From now on nothing is read, sent or shown for it: whatever waits in the queues is
/// looked at again before it leaves.
fn end(deed: &mut Deed<'_>, community: &ActorRow, row: &FollowRow) -> Result<()> {
    tell(deed, community, row, false)?;
    follows::remove(deed.conn, row.follower_id, community.id)?;
    tell_members(deed, community)
}

/// Tells the server of whoever asked what became of it.
fn tell(deed: &mut Deed<'_>, community: &ActorRow, row: &FollowRow, accepted: bool) -> Result<()> {
    if actors::find(deed.conn, row.follower_id)?.is_none_or(|follower| follower.local) {
        return Ok(());
    }
    let is_join = follows::find_request(deed.conn, row.id)?.is_some_and(|request| request.is_join);
    deed.owe(&Effect::RequestAnswered {
        activity: row.ap_id.clone(),
        is_join,
        follower: Id(row.follower_id),
        community: Id(community.id),
        accepted,
        reason: None,
    })
}

/// A community is open from now on: whoever waits is let in, as everybody is; not to what was written before.
pub(crate) fn let_everybody_in(deed: &mut Deed<'_>, community: &ActorRow) -> Result<()> {
    let now = deed.now();
    for (row, person) in
        follows::list_followers(deed.conn, community.id, Standing::Requested, 0, MAX_REQUESTS)?
    {
        if bans::is_banned(deed.conn, community.id, person.id, now)? {
            end(deed, community, &row)?;
            continue;
        }
        tell(deed, community, &row, true)?;
        // A membership of its own time: no moderator accepted it while it was asked for.
        let standing = Standing::Accepted.as_str().to_owned();
        follows::put(deed.conn, &FollowRow { id: deed.app.mint(), standing, ..row })?;
    }
    tell_members(deed, community)
}

/// A moderator removes a member. They may ask again: who may not is banned.
///
/// # Errors
/// `NotFound`, `Suspended`, `NotAModerator`, `NotPossible` for an open community, `IsModerator` for one.
pub async fn remove(app: &App, moderator_id: i64, community_id: i64, person_id: i64) -> Result<()> {
    app.write(move |deed| {
        let community = closed(deed.conn, community_id, moderator_id)?;
        let Some(row) = follows::find(deed.conn, person_id, community_id)? else { return Ok(()) };
        let person = actors::find(deed.conn, person_id)?.ok_or(Refusal::NotFound)?;
        if moderating::moderates(deed.conn, &community, &person)? {
            return Err(Error::from(Refusal::IsModerator));
        }
        end(deed, &community, &row)
    })
    .await
}

/// A moderator invites a person, of here or of a server that keeps closed what is. Who had asked is let in.
///
/// # Errors
/// `NotFound`, `Suspended`, `NotAModerator`, `NotPossible` for an open community or what is no person, `NotKeptClosed`,
/// `Banned`, `TooMany`.
pub async fn invite(app: &App, moderator_id: i64, community_id: i64, person_id: i64) -> Result<()> {
    app.write(move |deed| {
        let community = closed(deed.conn, community_id, moderator_id)?;
        let person = actors::find(deed.conn, person_id)?.filter(ActorRow::is_active);
        let person = person.ok_or(Refusal::NotFound)?;
        if matches!(person.kind()?, ActorKind::Group | ActorKind::Application | ActorKind::Unknown) {
            return Err(Error::from(Refusal::NotPossible));
        }
        if !person.local && !readers::keeps_closed(deed.conn, &person.host)? {
            return Err(Refusal::NotKeptClosed.into());
        }
        let now = deed.now();
        if bans::is_banned(deed.conn, community_id, person_id, now)? {
            return Err(Refusal::Banned.into());
        }
        match follows::find(deed.conn, person_id, community_id)? {
            Some(row) if row.standing()? == Standing::Requested => return let_in(deed, &community, &row),
            Some(_) => return Ok(()),
            None => {}
        }
        let waiting = invitations::count_of(deed.conn, community_id)?
            .max(invitations::count_for(deed.conn, person_id)?);
        if waiting >= MAX_INVITATIONS {
            return Err(Refusal::TooMany.into());
        }
        let activity = deed.app.site().activity(deed.app.mint());
        let row = InvitationRow {
            community_id,
            actor_id: person_id,
            ap_id: activity.clone(),
            inviter_id: Some(moderator_id),
            created_at: now,
        };
        if invitations::put(deed.conn, &row)? && !person.local {
            let (community, person) = (Id(community_id), Id(person_id));
            deed.owe(&Effect::Invited { activity, community, person })?;
        }
        Ok(())
    })
    .await
}

/// A moderator takes an invitation back. Its server, if it is another, is not told: accepting it is refused.
///
/// # Errors
/// `NotFound`, `Suspended`, `NotAModerator`, `NotPossible` for an open community.
pub async fn withdraw(app: &App, moderator_id: i64, community_id: i64, person_id: i64) -> Result<()> {
    app.write(move |deed| {
        closed(deed.conn, community_id, moderator_id)?;
        invitations::remove(deed.conn, community_id, person_id)?;
        Ok::<_, Error>(())
    })
    .await
}

/// The communities that invited a person of here, newest first. To accept is to join.
///
/// # Errors
/// Those of storage.
pub async fn invitations_for(app: &App, person_id: i64) -> Result<Vec<ActorRow>> {
    app.read(move |conn| Ok::<_, Error>(invitations::list_for(conn, person_id, LISTED)?)).await
}

/// A person of here declines an invitation. Nobody is told.
///
/// # Errors
/// Those of storage.
pub async fn decline(app: &App, person_id: i64, community_id: i64) -> Result<()> {
    app.write(move |deed| {
        invitations::remove(deed.conn, community_id, person_id)?;
        Ok::<_, Error>(())
    })
    .await
}

/// A community elsewhere invites a person of here.
///
/// # Errors
/// Those of storage.
pub async fn receive_invitation(
    app: &App,
    received: Received,
    community_id: i64,
    person_id: i64,
) -> Result<Outcome> {
    app.write(move |deed| {
        let person = actors::find(deed.conn, person_id)?.filter(|row| row.local && row.is_active());
        if person.is_none() || !received.is_first(deed)? {
            return Ok(Outcome::NotOurs);
        }
        let is_member = follows::is_accepted(deed.conn, person_id, community_id)?;
        if is_member || invitations::count_for(deed.conn, person_id)? >= MAX_INVITATIONS {
            return Ok(Outcome::Known);
        }
        let row = InvitationRow {
            community_id,
            actor_id: person_id,
            ap_id: received.activity,
            inviter_id: None,
            created_at: deed.now(),
        };
        let is_new = invitations::put(deed.conn, &row)?;
        Ok::<_, Error>(if is_new { Outcome::Recorded } else { Outcome::Known })
    })
    .await
}
