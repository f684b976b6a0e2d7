//! What communities elsewhere send about links, and what they list.
//!
//! Verifies nothing: that the community said it itself, and that it lists what it says, is the business of the door.

use super::deciding::{change, check_room};
use super::record::{self, Ends, Event, Proposing};
use super::{NOTED_A_DAY, cycles};
use crate::app::Deed;
use crate::received::{Outcome, Received};
use crate::{App, Error, Result};
use clocher_domain::effect::Effect;
use clocher_domain::link::{
    LinkState, MAX_LINKS, Policy, Proposed, Relation, decide_proposal, decide_proposing,
};
use clocher_domain::time::DAY;
use clocher_domain::{Id, Refusal};
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::links::{self, LinkRow};
use clocher_storage::{Conn, communities, follows, journal};

/// What a community elsewhere says of a link with one of here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stated {
    /// The id of its document of the link.
    pub document: String,
    /// What it is to the one of here.
    pub relation: Relation,
    /// What it shares and accepts.
    pub policy: Policy,
    /// Whether it proposes the link only because official territories imply it.
    pub implied: bool,
}

/// A community elsewhere proposes a link to one of here, whose moderators are asked. One that meets the same proposal
/// of ours is agreed at once; one that the rules refuse is answered with a refusal.
///
/// # Errors
/// `NotFound` where the community is not of here; `TooMany`.
pub async fn receive_offer(
    app: &App,
    received: Received,
    community_id: i64,
    other_id: i64,
    stated: Stated,
) -> Result<Outcome> {
    let done = app.write(move |deed| {
        let community = actors::find(deed.conn, community_id)?.filter(|row| row.local);
        let community = community.ok_or(Refusal::NotFound)?;
        let other = actors::find(deed.conn, other_id)?.ok_or(Refusal::NotFound)?;
        let ends = Ends { community, other };
        let known = links::find_between(deed.conn, community_id, other_id)?;
        let offer = received.activity.clone();
        if known.as_ref().is_some_and(|row| row.offer == offer) {
            return Ok(Outcome::Known);
        }
        let now = deed.now();
        if journal::count_since(deed.conn, community_id, other_id, now - DAY)? >= NOTED_A_DAY {
            return Err(Error::from(Refusal::TooMany));
        }
        if known.as_ref().is_none_or(|row| row.state != LinkState::Asked.as_str()) {
            check_room(deed, community_id)?;
        }
        if !received.is_first(deed)? {
            return Ok(Outcome::Known);
        }
        match decide_proposal(ends.proposal(deed, known.as_ref(), stated.relation)?) {
            Err(_) => {
                let (community, other) = (Id(community_id), Id(other_id));
                deed.owe(&Effect::LinkRefused { community, other, offer })?;
            }
            // Two that nobody chose are no agreement.
            Ok(Proposed::Agreed) if stated.implied && known.as_ref().is_some_and(|row| row.implied) => {
                asked(deed, &ends, known, offer, stated)?;
            }
            Ok(Proposed::Agreed | Proposed::Known) => meet(deed, &ends, known, offer, stated)?,
            Ok(Proposed::Waits) => asked(deed, &ends, known, offer, stated)?,
        }
        Ok(Outcome::Recorded)
    });
    let outcome = done.await;
    app.wakers().jobs.notify_one();
    outcome
}

/// The proposal waits for the moderators of here. Of two in different relations that crossed, or that nobody chose, both
/// ends keep the one whose id is the greater.
fn asked(
    deed: &mut Deed<'_>,
    ends: &Ends,
    known: Option<LinkRow>,
    offer: String,
    stated: Stated,
) -> Result<()> {
    let crossed = known.as_ref().filter(|row| row.state == LinkState::Proposed.as_str());
    if crossed.is_some_and(|row| row.offer > offer) {
        return Ok(());
    }
    let proposing = Proposing {
        relation: stated.relation,
        state: LinkState::Asked,
        policy: Policy::default(),
        other_policy: stated.policy,
        offer,
        other_document: Some(stated.document),
        implied: false,
    };
    let row = record::put_proposal(deed, ends, known, proposing)?;
    record::note(deed, ends, Event::Asked, None, &row)
}

/// What the other proposes is what stands here: proposed, asked or active. Of two proposals that crossed, both ends
/// keep the id of the smaller.
fn meet(
    deed: &mut Deed<'_>,
    ends: &Ends,
    known: Option<LinkRow>,
    offer: String,
    stated: Stated,
) -> Result<()> {
    let Some(mut row) = known else { return Ok(()) };
    let state = row.state()?;
    record::set_other_policy(&mut row, stated.policy);
    row.other_document = Some(stated.document);
    if state != LinkState::Proposed || offer < row.offer {
        row.offer.clone_from(&offer);
    }
    if state == LinkState::Asked {
        row.changed_at = deed.now();
        return Ok(links::update(deed.conn, &row)?);
    }
    let acceptance = deed.app.site().activity(deed.app.mint());
    row.acceptance = Some(acceptance.clone());
    let row = if state == LinkState::Active {
        // It lost what it had agreed to: it is told again.
        row.changed_at = deed.now();
        row.effective_at = row.changed_at;
        links::update(deed.conn, &row)?;
        row
    } else {
        record::activate(deed, ends, row, None)?
    };
    deed.owe(&Effect::LinkAccepted { link: Id(row.id), offer, acceptance })
}

/// A community elsewhere accepted what one of here proposed by that `Offer`, and lists it, as was seen there. What is
/// refused, ended or proposed anew since stays so (S54); what has become a circle since is taken back (S53).
///
/// # Errors
/// Those of storage.
pub async fn receive_acceptance(
    app: &App,
    received: Received,
    link_id: i64,
    offer: String,
    stated: Stated,
) -> Result<Outcome> {
    let done = app.write(move |deed| {
        let Some(mut row) = links::find(deed.conn, link_id)?.filter(|row| row.offer == offer) else {
            return Ok(Outcome::Known);
        };
        let state = row.state()?;
        let is_awaited = matches!(state, LinkState::Proposed | LinkState::Active);
        if !is_awaited || row.relation()? != stated.relation || !received.is_first(deed)? {
            return Ok(Outcome::Known);
        }
        let ends = Ends::of(deed, &row)?;
        row.acceptance = Some(received.activity);
        row.other_document = Some(stated.document);
        if state == LinkState::Active {
            links::update(deed.conn, &row)?;
            return Ok(Outcome::Recorded);
        }
        record::set_other_policy(&mut row, stated.policy);
        match decide_proposing(ends.proposal(deed, Some(&row), row.relation()?)?) {
            Ok(_) => record::activate(deed, &ends, row, None).map(|_| ())?,
            Err(refusal) => {
                if refusal == Refusal::LinkCycle {
                    record::note_cycle(deed, &ends, &row)?;
                }
                let row = record::close(deed, &ends, row, (Event::Refused, None))?;
                record::owe_end(deed, &row)?;
            }
        }
        Ok::<_, Error>(Outcome::Recorded)
    });
    let outcome = done.await;
    app.wakers().jobs.notify_one();
    outcome
}

/// A community elsewhere refuses what was proposed to it by that `Offer`; or, later, does not want it any more.
///
/// # Errors
/// Those of storage.
pub async fn receive_refusal(app: &App, received: Received, other_id: i64, offer: String) -> Result<Outcome> {
    app.write(move |deed| {
        let rows = links::list_by_activities(deed.conn, other_id, std::slice::from_ref(&offer))?;
        let Some(row) = rows.into_iter().find(|row| row.offer == offer) else {
            return Ok(Outcome::NotOurs);
        };
        let event = match row.state()? {
            LinkState::Proposed => Event::Refused,
            LinkState::Active => Event::Ended,
            _ => return Ok(Outcome::Known),
        };
        // Only what is proposed from here is refused from there.
        if !deed.app.site().owns(&offer) || !received.is_first(deed)? {
            return Ok(Outcome::Known);
        }
        let ends = Ends::of(deed, &row)?;
        record::close(deed, &ends, row, (event, None))?;
        Ok::<_, Error>(Outcome::Recorded)
    })
    .await
}

/// A community elsewhere undoes its `Offer`, or its `Accept` of ours: one of these ids.
///
/// # Errors
/// Those of storage.
pub async fn receive_end(
    app: &App,
    received: Received,
    other_id: i64,
    undone: Vec<String>,
) -> Result<Outcome> {
    let named = undone.clone();
    let found = app.read(move |conn| links::list_by_activities(conn, other_id, &named)).await?;
    if found.is_empty() {
        return Ok(Outcome::NotOurs);
    }
    app.write(move |deed| {
        let rows = links::list_by_activities(deed.conn, other_id, &undone)?;
        if !received.is_first(deed)? {
            return Ok(Outcome::Known);
        }
        for row in rows {
            if row.state()?.is_live() {
                let ends = Ends::of(deed, &row)?;
                record::close(deed, &ends, row, (Event::Ended, None))?;
            }
        }
        Ok::<_, Error>(Outcome::Recorded)
    })
    .await
}

/// A community elsewhere is open no more: communities of here are linked with it no longer, and what it listed is forgotten.
pub(crate) fn end_with(deed: &mut Deed<'_>, other: &ActorRow) -> Result<()> {
    let live = [LinkState::Active, LinkState::Proposed, LinkState::Asked];
    for row in links::list_with(deed.conn, other.id, &live)? {
        let ends = Ends::of(deed, &row)?;
        record::close(deed, &ends, row, (Event::Ended, None))?;
    }
    let now = deed.now();
    Ok(links::replace_elsewhere(deed.conn, other.id, &[], now)?)
}

/// A community elsewhere states, of a link that it has or proposes, what it shares and accepts from now on.
///
/// # Errors
/// Those of storage.
pub async fn receive_change(
    app: &App,
    received: Received,
    community_id: i64,
    other_id: i64,
    stated: Stated,
) -> Result<Outcome> {
    app.write(move |deed| {
        let row = links::find_between(deed.conn, community_id, other_id)?;
        let Some(mut row) = row else { return Ok(Outcome::NotOurs) };
        let is_live = matches!(row.state()?, LinkState::Active | LinkState::Asked);
        if !is_live || row.relation()? != stated.relation || !received.is_first(deed)? {
            return Ok(Outcome::Known);
        }
        if row.other_policy()? == stated.policy {
            return Ok(Outcome::Known);
        }
        record::set_other_policy(&mut row, stated.policy);
        let ends = Ends::of(deed, &row)?;
        change(deed, &ends, &mut row, None)?;
        Ok::<_, Error>(Outcome::Recorded)
    })
    .await
}

/// A community elsewhere says that what it lists has changed: it is looked at, where a community of here is linked to
/// it.
///
/// # Errors
/// Those of storage.
pub async fn receive_hint(app: &App, received: Received, other_id: i64) -> Result<Outcome> {
    let done = app.write(move |deed| {
        if !is_of_concern(deed.conn, other_id)? {
            return Ok(Outcome::NotOurs);
        }
        if !received.is_first(deed)? {
            return Ok(Outcome::Known);
        }
        let other = actors::find(deed.conn, other_id)?.ok_or(Refusal::NotFound)?;
        record::owe_check(deed, &other)?;
        Ok::<_, Error>(Outcome::Recorded)
    });
    let outcome = done.await;
    app.wakers().jobs.notify_one();
    outcome
}

/// Owes looking at what a community elsewhere lists that somebody of here follows now: whereto people may send what they
/// write in it, and what it is nearer than.
pub(crate) fn owe_first_look(deed: &mut Deed<'_>, community: &ActorRow) -> Result<()> {
    let lists = communities::find(deed.conn, community.id)?.is_some_and(|row| row.links_url.is_some());
    if community.local || !lists {
        return Ok(());
    }
    record::owe_check(deed, community)
}

/// Whether what a community elsewhere lists is looked at here: it is linked with one of here, or somebody of here
/// follows it.
///
/// # Errors
/// Those of storage.
pub async fn concerns(app: &App, other_id: i64) -> Result<bool> {
    app.read(move |conn| is_of_concern(conn, other_id)).await
}

fn is_of_concern(conn: &mut Conn, other_id: i64) -> Result<bool> {
    Ok(links::is_linked_with(conn, other_id)? || follows::count_local_followers(conn, other_id)? > 0)
}

/// The link of a community of here that was proposed to that one elsewhere by that `Offer`, with the ActivityPub id of
/// the one of here.
///
/// # Errors
/// Those of storage.
pub async fn find_proposed(app: &App, other_id: i64, offer: String) -> Result<Option<(LinkRow, String)>> {
    app.read(move |conn| {
        let rows = links::list_by_activities(conn, other_id, std::slice::from_ref(&offer))?;
        let Some(row) = rows.into_iter().find(|row| row.offer == offer) else { return Ok(None) };
        let community = actors::find(conn, row.community_id)?;
        Ok::<_, Error>(community.map(|community| (row, community.ap_id)))
    })
    .await
}

/// The active links that communities of here have with that one elsewhere: with their own ActivityPub ids.
///
/// # Errors
/// Those of storage.
pub async fn find_active_with(app: &App, other_id: i64) -> Result<Vec<(LinkRow, String)>> {
    app.read(move |conn| {
        let rows = links::list_with(conn, other_id, &[LinkState::Active])?;
        let ids: Vec<i64> = rows.iter().map(|row| row.community_id).collect();
        let communities = actors::list(conn, &ids)?;
        let named = rows.into_iter().filter_map(|row| {
            let community = communities.iter().find(|community| community.id == row.community_id)?;
            Some((row, community.ap_id.clone()))
        });
        Ok::<_, Error>(named.collect())
    })
    .await
}

/// What a community elsewhere lists: the others' ActivityPub ids, and what they are to it; and which of them it lists only
/// because official territories imply it, so that they speak for nobody's claim. A circle that shows now is
/// written into the journals of those of here that are in it, and is otherwise harmless.
///
/// # Errors
/// Those of storage.
pub async fn receive_listing(
    app: &App,
    other_id: i64,
    mut listed: Vec<(String, Relation)>,
    implied: Vec<String>,
) -> Result<()> {
    app.write(move |deed| {
        let now = deed.now();
        listed.sort_by(|one, two| one.0.cmp(&two.0));
        listed.dedup_by(|one, two| one.0 == two.0);
        listed.truncate(MAX_LINKS);
        if links::list_elsewhere(deed.conn, other_id)? != listed {
            links::replace_elsewhere(deed.conn, other_id, &listed, now)?;
        }
        links::mark_implied(deed.conn, other_id, &implied)?;
        for row in links::list_with(deed.conn, other_id, &[LinkState::Active])? {
            let ends = Ends::of(deed, &row)?;
            let (lower, upper) = match row.relation()? {
                Relation::Upper => (&ends.community, &ends.other),
                Relation::Lower => (&ends.other, &ends.community),
                Relation::Peer => continue,
            };
            if cycles::closes(deed.conn, &lower.ap_id, &upper.ap_id)? {
                record::note_cycle(deed, &ends, &row)?;
            }
        }
        Ok::<_, Error>(())
    })
    .await
}

/// A community elsewhere does not list a link that it agreed to, and was asked often enough: it is ended, and told so.
/// `offer` is that of the link that was looked for.
///
/// # Errors
/// Those of storage.
pub async fn end_unlisted(app: &App, link_id: i64, offer: String) -> Result<()> {
    app.write(move |deed| {
        let row = links::find(deed.conn, link_id)?;
        let active = row.filter(|row| row.offer == offer && row.state == LinkState::Active.as_str());
        let Some(row) = active else { return Ok::<_, Error>(()) };
        let ends = Ends::of(deed, &row)?;
        let row = record::close(deed, &ends, row, (Event::Unlisted, None))?;
        record::owe_end(deed, &row)
    })
    .await
}
