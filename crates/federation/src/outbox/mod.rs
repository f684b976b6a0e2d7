//! Carrying out effects: each becomes the activities that tell of it and one delivery per inbox, in the
//! transaction that removes the effect. A kill before it loses nothing, a kill after it repeats nothing; where a power
//! cut undoes it, the effect is carried out again, and whoever was told already is told again what they know.

mod activity;
mod audience;
mod feeds;
mod joints;
mod links;
mod membership;
mod moderation;
mod placements;
mod posts;

use crate::documents::actor_document;
use crate::error::Result;
use crate::federation::Federation;
use crate::jobs;
use crate::vocabulary::PUBLIC;
use activity::{Outgoing, Scribe};
use audience::Inboxes;
use clocher_app::{App, Deed, delivering, placing};
use clocher_domain::Id;
use clocher_domain::actor::ActorKind;
use clocher_domain::community::Openness;
use clocher_domain::effect::Effect;
use clocher_domain::link::LinkState;
use clocher_storage::activities::ActivityRow;
use clocher_storage::{activities, actors, communities, effects, links as storage_links};
use serde_json::{Value, json};

/// Carries out the oldest effect; false where no other is owed after it. One that cannot be carried out is set
/// aside, so that those after it can be.
///
/// # Errors
/// What may pass, which leaves the effect owed.
pub async fn carry_out_next(federation: &Federation, app: &App) -> Result<bool> {
    if let Ok(Some(more)) = carry_out_simple(app).await {
        return Ok(more);
    }
    let Some((id, effect)) = app.read(effects::first).await? else { return Ok(false) };
    let done = match effect {
        Ok(effect) => carry_out_prepared(federation, app, id, effect).await,
        Err(corrupt) => Err(corrupt.into()),
    };
    match done {
        Err(error) if !error.is_transient() => {
            tracing::error!(%error, effect = id, "an effect cannot be carried out and is set aside");
            let text = error.to_string();
            app.write(move |deed| effects::set_aside(deed.conn, id, deed.now(), &text)).await?;
            Ok(true)
        }
        done => done,
    }
}

/// Carries out the oldest effect where that takes nothing but the database, as most do; says whether another is owed
/// after it. None where it must be prepared.
async fn carry_out_simple(app: &App) -> Result<Option<bool>> {
    let done = app.note(|deed| {
        let Some((id, effect)) = effects::first(deed.conn)? else { return Ok(Some(Done::default())) };
        let effect = effect?;
        if matches!(
            effect,
            Effect::ProfileChanged { .. } | Effect::Turned { .. } | Effect::FollowAccepted { .. }
        ) {
            return Ok(None);
        }
        carry_out_one(deed, id, &effect, None).map(Some)
    });
    Ok(done.await?.map(|done| done.tell(app)))
}

/// Carries out an effect, after what needs more than the database; says whether another is owed after it.
async fn carry_out_prepared(federation: &Federation, app: &App, id: i64, effect: Effect) -> Result<bool> {
    let profile = match &effect {
        Effect::ProfileChanged { actor, .. } | Effect::Turned { community: actor, .. } => {
            profile_document(federation, app, actor.0).await?
        }
        _ => None,
    };
    if let Effect::FollowAccepted { follower, .. } = &effect {
        discover(app, follower.0).await?;
    }
    let done = app.note(move |deed| carry_out_one(deed, id, &effect, profile)).await?;
    Ok(done.tell(app))
}

/// What came of carrying out an effect.
#[derive(Default)]
struct Done {
    /// It owes deliveries.
    delivers: bool,
    /// Another effect is owed.
    more: bool,
    /// It may owe jobs.
    travels: bool,
}

impl Done {
    /// Wakes the worker of deliveries where there are some; says whether another effect is owed.
    fn tell(self, app: &App) -> bool {
        if self.delivers {
            app.wakers().deliveries.notify_one();
        }
        if self.travels {
            app.wakers().jobs.notify_one();
        }
        self.more
    }
}

fn carry_out_one(
    deed: &mut Deed<'_>,
    id: i64,
    effect: &Effect,
    profile: Option<Value>,
) -> clocher_app::Result<Done> {
    let mut done = Done { more: true, ..Done::default() };
    if !effects::remove(deed.conn, id)? {
        // Another process was first.
        return Ok(done);
    }
    let is_whole = matches!(effect, Effect::ProfileChanged { .. } | Effect::FeedChanged { .. });
    if is_whole && effects::is_owed(deed.conn, effect)? {
        // The same will be told by a later one.
        return Ok(done);
    }
    let offerings = match effect {
        Effect::Travels { thread, community, way, neighbour } => {
            done.travels = true;
            placing::depart(deed, thread.0, community.0, *way, neighbour.map(|id| id.0))?
        }
        Effect::Closed { community, moderator, after } => {
            placing::clear(deed, community.0, moderator.0, after.0)?;
            Vec::new()
        }
        _ => Vec::new(),
    };
    let mut scribe = Scribe { conn: deed.conn, app: deed.app };
    for offering in offerings {
        let offer = placements::offer(&scribe, &offering);
        done.delivers |= scribe.put(offer)?;
    }
    for outgoing in carry_out(&mut scribe, effect, profile)? {
        done.delivers |= scribe.put(outgoing)?;
    }
    done.more = effects::first(deed.conn)?.is_some();
    Ok(done)
}

async fn profile_document(federation: &Federation, app: &App, actor_id: i64) -> Result<Option<Value>> {
    let row = app.read(move |conn| actors::find(conn, actor_id)).await?;
    match row {
        Some(row) => actor_document(federation, app, row).await.map(Some),
        None => Ok(None),
    }
}

/// Asks what the host of a new follower runs: it decides the form in which it is told of threads.
async fn discover(app: &App, follower: i64) -> Result<()> {
    if let Some(row) = app.read(move |conn| actors::find(conn, follower)).await? {
        delivering::discover_host(app, jobs::DISCOVER, row.host).await?;
    }
    Ok(())
}

fn carry_out(
    scribe: &mut Scribe<'_>,
    effect: &Effect,
    profile: Option<Value>,
) -> clocher_app::Result<Vec<Outgoing>> {
    match effect {
        Effect::FollowRequested { follow } => membership::requested(scribe, follow.0),
        Effect::FollowWithdrawn { activity, follower, followed } => {
            membership::withdrawn(scribe, activity, follower.0, followed.0)
        }
        Effect::FollowAccepted { activity, follower, followed } => {
            membership::answered(scribe, "Accept", activity, follower.0, followed.0)
        }
        Effect::FollowRejected { activity, follower, followed } => {
            membership::answered(scribe, "Reject", activity, follower.0, followed.0)
        }
        Effect::RequestAnswered { activity, is_join, follower, community, accepted, reason } => {
            let answer =
                membership::Answer { is_join: *is_join, accepted: *accepted, reason: reason.as_deref() };
            membership::request_answered(scribe, activity, follower.0, community.0, &answer)
        }
        Effect::Invited { activity, community, person } => {
            membership::invited(scribe, activity, community.0, person.0)
        }
        Effect::PostWritten { post } => posts::written(scribe, post.0),
        Effect::PostEdited { post } => posts::edited(scribe, post.0),
        Effect::PostDeleted { post } => posts::deleted(scribe, post.0),
        Effect::VoteCast { voter, post, vote, activity } => {
            posts::voted(scribe, voter.0, post.0, *vote, activity, false)
        }
        Effect::VoteWithdrawn { voter, post, vote, activity } => {
            posts::voted(scribe, voter.0, post.0, *vote, activity, true)
        }
        Effect::Relayed { community, post, activity } => relayed(scribe, community.0, post.0, activity.0),
        // Done with the effect itself: they are deeds of their own.
        Effect::Travels { .. } | Effect::Closed { .. } => Ok(Vec::new()),
        Effect::Boosted { placement, is_shown } => placements::boosted(scribe, placement.0, *is_shown),
        Effect::Turned { community, told } => turned(scribe, community.0, told, profile),
        Effect::Placed { placement } => placements::placed(scribe, placement.0),
        Effect::OfferRefused { community, neighbour, thread, offer } => {
            placements::refused(scribe, community.0, neighbour.0, thread, offer)
        }
        Effect::Withdrawn { placement, announce } => placements::withdrawn(scribe, placement.0, announce),
        Effect::PassedOn { activity, post, from } => placements::passed_on(scribe, activity.0, post.0, from),
        Effect::HandedOn { community, thread, reply } => {
            placements::handed_on(scribe, community.0, thread.0, reply)
        }
        Effect::TakenIn { community, post } => placements::taken_in(scribe, community.0, post.0),
        Effect::CaughtUp { placement } => placements::caught_up(scribe, placement.0),
        Effect::Moderated(act) => moderation::moderated(scribe, act),
        Effect::Reported { report } => moderation::reported(scribe, report.0),
        Effect::Moved { person } => moved(scribe, person.0),
        Effect::LinkOffered { link, offer } => links::offered(scribe, link.0, offer),
        Effect::LinkAccepted { link, offer, acceptance } => {
            links::accepted(scribe, link.0, offer, acceptance)
        }
        Effect::LinkRefused { community, other, offer } => {
            links::refused(scribe, community.0, other.0, offer)
        }
        Effect::LinkEnded { link, offer, acceptance } => {
            links::ended(scribe, link.0, offer, acceptance.as_deref())
        }
        Effect::LinkChanged { link } => links::changed(scribe, link.0),
        Effect::LinkListed { link, added } => {
            let mut told = links::listed(scribe, link.0, *added)?;
            told.extend(feeds::listed(scribe, link.0, *added)?);
            Ok(told)
        }
        Effect::FeedChanged { community } => feeds::changed(scribe, community.0),
        Effect::JointSaid { joint, step, told, owed } => joints::said(scribe, joint.0, *step, told, owed),
        Effect::ProfileChanged { actor, members_only } => {
            profile_changed(scribe, actor.0, *members_only, profile)
        }
    }
}

/// A local actor is described anew: to all of its followers, or to those who show its number of members.
fn profile_changed(
    scribe: &mut Scribe<'_>,
    actor: i64,
    members_only: bool,
    profile: Option<Value>,
) -> clocher_app::Result<Vec<Outgoing>> {
    let (Some(actor), Some(document)) = (actors::find(scribe.conn, actor)?, profile) else {
        return Ok(Vec::new());
    };
    let is_open = communities::find_openness(scribe.conn, actor.id)?.is_none_or(Openness::is_open);
    let followers = if is_open {
        Inboxes::followers(scribe.conn, actor.id)?
    } else {
        Inboxes::members(scribe.conn, actor.id)?
    };
    let inboxes = if members_only { followers.of_clocher() } else { followers.all() };
    let to = [actor.followers.clone().unwrap_or_default()];
    let mut update = scribe.activity("Update", &actor, without_context(document), &to, &[]);
    update.inboxes = inboxes;
    Ok(vec![update])
}

/// A community of ours is open, or is not, from now on: whoever knew it otherwise is told, also who has no member in it.
fn turned(
    scribe: &mut Scribe<'_>,
    community: i64,
    told: &[Id],
    profile: Option<Value>,
) -> clocher_app::Result<Vec<Outgoing>> {
    let (Some(community), Some(document)) = (actors::find(scribe.conn, community)?, profile) else {
        return Ok(Vec::new());
    };
    let ids: Vec<i64> = told.iter().map(|id| id.0).collect();
    let others = actors::list(scribe.conn, &ids)?;
    let others = others.into_iter().filter(|row| !row.local && !row.delivery_inbox().is_empty());
    let mut inboxes = Inboxes::followers(scribe.conn, community.id)?.all();
    inboxes.extend(others.map(|row| (row.delivery_inbox().to_owned(), row.host)));
    let to = [community.followers.clone().unwrap_or_default()];
    let update = scribe.activity("Update", &community, without_context(document), &to, &[]);
    let kind = clocher_app::delivering::TURNED.to_owned();
    Ok(vec![Outgoing { kind, inboxes: posts::unique(inboxes), ..update }])
}

/// A person or a community moves, and its followers elsewhere are told; nobody, where the person is back already.
fn moved(scribe: &mut Scribe<'_>, person: i64) -> clocher_app::Result<Vec<Outgoing>> {
    let person = actors::find(scribe.conn, person)?;
    let Some((person, target)) = person.and_then(|row| row.moved_to.clone().map(|target| (row, target)))
    else {
        return Ok(Vec::new());
    };
    let followers = [person.followers.clone().unwrap_or_default()];
    let everybody = [PUBLIC.to_owned()];
    let (to, cc) =
        if person.kind()? == ActorKind::Group { (&everybody, &followers[..]) } else { (&followers, &[][..]) };
    let mut moving = scribe.activity("Move", &person, json!(person.ap_id), to, cc);
    if let Value::Object(fields) = &mut moving.document {
        fields.insert("target".to_owned(), json!(target));
    }
    moving.inboxes = Inboxes::followers(scribe.conn, person.id)?.all();
    if person.kind()? == ActorKind::Group {
        // What it becomes carries on its links, and those at their far ends know why.
        let linked = storage_links::list(scribe.conn, person.id, &[LinkState::Active])?;
        let others = linked.into_iter().map(|(_, other)| other);
        let others = others.chain(actors::find_by_ap_id(scribe.conn, &target)?);
        let away = others.filter(|row| !row.local && !row.delivery_inbox().is_empty());
        moving.inboxes.extend(away.map(|row| (row.delivery_inbox().to_owned(), row.host.clone())));
        moving.inboxes = posts::unique(std::mem::take(&mut moving.inboxes));
    }
    Ok(vec![moving])
}

fn without_context(mut document: Value) -> Value {
    if let Value::Object(fields) = &mut document {
        fields.shift_remove("@context");
    }
    document
}

/// A community passes on what it accepted of an actor elsewhere, unaltered.
fn relayed(
    scribe: &mut Scribe<'_>,
    community: i64,
    post: i64,
    activity: i64,
) -> clocher_app::Result<Vec<Outgoing>> {
    let (Some(home), Some(row)) =
        (actors::find(scribe.conn, community)?, activities::find(scribe.conn, activity)?)
    else {
        return Ok(Vec::new());
    };
    let document = stored(&row)?;
    posts::announced(scribe, &home, post, &row.kind, document)
}

/// The document of a stored activity, as it came.
fn stored(row: &ActivityRow) -> clocher_app::Result<Value> {
    Ok(serde_json::from_str(&row.document).map_err(|_| clocher_storage::Error::Corrupt {
        table: "activities",
        column: "document",
        id: row.id,
    })?)
}
