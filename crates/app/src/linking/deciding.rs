//! What the moderators of a community of here decide about its links.

use super::record::{self, Ends, Event, Proposing, SILENT};
use crate::app::Deed;
use crate::moderating::{moderated, moderates};
use crate::{App, Error, Result, placing};
use clocher_domain::effect::Effect;
use clocher_domain::link::{
    LinkState, MAX_ASKED, Policy, Proposed, Relation, decide_proposal, decide_proposing,
};
use clocher_domain::{Id, Refusal};
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::links::{self, LinkRow};
use clocher_storage::{accounts, communities};

/// Proposes a link to another community, which is that to this one. Where the other has proposed the same, or is
/// moderated by the same person, it is agreed at once; a proposal of the other in another relation is refused by it.
///
/// # Errors
/// `NotFound`, `NotAModerator`, `Suspended`, `DomainBlocked`; those of [`decide_proposing`].
pub async fn propose(
    app: &App,
    moderator_id: i64,
    community_id: i64,
    other_id: i64,
    relation: Relation,
    policy: Policy,
) -> Result<LinkRow> {
    let proposed = app.write(move |deed| {
        let moderator = local(deed, moderator_id)?;
        let community = own(deed, community_id, &moderator)?;
        let other = actors::find(deed.conn, other_id)?.ok_or(Refusal::NotFound)?;
        let ends = Ends { community, other };
        let known = links::find_between(deed.conn, community_id, other_id)?;
        let proposal = ends.proposal(deed, known.as_ref(), relation)?;
        match (decide_proposing(proposal)?, known) {
            (Proposed::Known, Some(known)) => Ok(known),
            (Proposed::Agreed, Some(known)) => agree(deed, &moderator, &ends, known, policy),
            (_, known) => offer(deed, &moderator, &ends, known, (relation, policy)),
        }
    });
    told(app, proposed.await)
}

/// Records the proposal of this end, and the question where the other is of here too.
fn offer(
    deed: &mut Deed<'_>,
    moderator: &ActorRow,
    ends: &Ends,
    known: Option<LinkRow>,
    (relation, policy): (Relation, Policy),
) -> Result<LinkRow> {
    if let Some(known) = known.as_ref().filter(|row| row.state == LinkState::Asked.as_str()) {
        // What the other proposed is not what is wanted.
        tell_refused(deed, ends, known)?;
    }
    let row = put_offer(deed, ends, known, (relation, policy), Some(moderator))?;
    if !ends.other.local {
        return Ok(row);
    }
    let turned = ends.turned();
    let mirror = ask(deed, &turned, &row)?;
    if moderates(deed.conn, &turned.community, moderator)? {
        agree(deed, moderator, &turned, mirror, Policy::default())?;
    }
    Ok(links::find(deed.conn, row.id)?.ok_or(Refusal::NoLink)?)
}

/// Records the proposal of this end, and owes sending it where the other is elsewhere. Without a moderator it is one
/// that official territories imply.
pub(super) fn put_offer(
    deed: &mut Deed<'_>,
    ends: &Ends,
    known: Option<LinkRow>,
    (relation, policy): (Relation, Policy),
    moderator: Option<&ActorRow>,
) -> Result<LinkRow> {
    let offer = deed.app.site().activity(deed.app.mint());
    let proposing = Proposing {
        relation,
        state: LinkState::Proposed,
        policy,
        other_policy: SILENT,
        offer: offer.clone(),
        other_document: None,
        implied: moderator.is_none(),
    };
    let row = record::put_proposal(deed, ends, known, proposing)?;
    record::note(deed, ends, Event::Proposed, moderator, &row)?;
    if !ends.other.local {
        deed.owe(&Effect::LinkOffered { link: Id(row.id), offer })?;
    }
    Ok(row)
}

/// Asks the other end, which is of here. `proposed` is the row of the end that proposes.
pub(super) fn ask(deed: &mut Deed<'_>, ends: &Ends, proposed: &LinkRow) -> Result<LinkRow> {
    let known = links::find_between(deed.conn, ends.community.id, ends.other.id)?;
    let relation = proposed.relation()?.inverse();
    decide_proposal(ends.proposal(deed, known.as_ref(), relation)?)?;
    check_room(deed, ends.community.id)?;
    let proposing = Proposing {
        relation,
        state: LinkState::Asked,
        policy: Policy::default(),
        other_policy: proposed.policy()?,
        offer: proposed.offer.clone(),
        other_document: None,
        implied: false,
    };
    let row = record::put_proposal(deed, ends, known, proposing)?;
    record::note(deed, ends, Event::Asked, None, &row)?;
    Ok(row)
}

/// Says no where too many proposals wait for the moderators of a community already.
pub(super) fn check_room(deed: &mut Deed<'_>, community_id: i64) -> Result<()> {
    let asked = links::count(deed.conn, community_id, &[LinkState::Asked])?;
    let is_full = usize::try_from(asked).is_ok_and(|asked| asked >= MAX_ASKED);
    if is_full { Err(Refusal::TooMany.into()) } else { Ok(()) }
}

/// Agrees to the link that the other end proposed.
///
/// # Errors
/// `NotFound`, `NotAModerator`, `Suspended`, `DomainBlocked`; `NoLink` where nothing is proposed; those of
/// [`decide_proposing`]: what was possible when it was proposed may not be any more.
pub async fn accept(app: &App, moderator_id: i64, link_id: i64, policy: Policy) -> Result<LinkRow> {
    let accepted = app.write(move |deed| {
        let (moderator, ends, row) = known(deed, moderator_id, link_id)?;
        if row.state()? != LinkState::Asked {
            return Err(Error::from(Refusal::NoLink));
        }
        agree(deed, &moderator, &ends, row, policy)
    });
    told(app, accepted.await)
}

pub(super) fn agree(
    deed: &mut Deed<'_>,
    moderator: &ActorRow,
    ends: &Ends,
    mut row: LinkRow,
    policy: Policy,
) -> Result<LinkRow> {
    decide_proposing(ends.proposal(deed, Some(&row), row.relation()?)?)?;
    let acceptance = deed.app.site().activity(deed.app.mint());
    row.acceptance = Some(acceptance.clone());
    record::set_policy(&mut row, policy);
    let row = record::activate(deed, ends, row, Some(moderator))?;
    if let Some(mut mirror) = mirror(deed, ends)? {
        mirror.acceptance = Some(acceptance);
        record::set_other_policy(&mut mirror, policy);
        record::activate(deed, &ends.turned(), mirror, None)?;
    } else {
        deed.owe(&Effect::LinkAccepted { link: Id(row.id), offer: row.offer.clone(), acceptance })?;
    }
    Ok(row)
}

/// Refuses the link that the other end proposed.
///
/// # Errors
/// `NotFound`, `NotAModerator`, `Suspended`; `NoLink` where nothing is proposed.
pub async fn refuse(app: &App, moderator_id: i64, link_id: i64) -> Result<LinkRow> {
    app.write(move |deed| {
        let (moderator, ends, row) = known(deed, moderator_id, link_id)?;
        if row.state()? != LinkState::Asked {
            return Err(Error::from(Refusal::NoLink));
        }
        let row = record::close(deed, &ends, row, (Event::Refused, Some(&moderator)))?;
        tell_refused(deed, &ends, &row)?;
        Ok(row)
    })
    .await
}

/// The other end, which proposed the link, learns that it is refused.
fn tell_refused(deed: &mut Deed<'_>, ends: &Ends, row: &LinkRow) -> Result<()> {
    if let Some(mirror) = mirror(deed, ends)? {
        record::close(deed, &ends.turned(), mirror, (Event::Refused, None))?;
        return Ok(());
    }
    let (community, other) = (Id(ends.community.id), Id(ends.other.id));
    deed.owe(&Effect::LinkRefused { community, other, offer: row.offer.clone() })
}

/// Ends a link, or takes back its proposal. What was placed by it stays, here and at the other end; or, where this end
/// `withdraws` it, is shown no more in the community of here.
///
/// # Errors
/// `NotFound`, `NotAModerator`, `Suspended`; `NoLink` where it is neither active nor proposed by this end.
pub async fn end(app: &App, moderator_id: i64, link_id: i64, withdraws: bool) -> Result<LinkRow> {
    app.write(move |deed| {
        let (moderator, ends, row) = known(deed, moderator_id, link_id)?;
        let row = end_in(deed, &moderator, &ends, row)?;
        if withdraws {
            placing::withdraw_brought(deed, row.community_id, row.other_id, moderator.id)?;
        }
        Ok::<_, Error>(row)
    })
    .await
}

fn end_in(deed: &mut Deed<'_>, moderator: &ActorRow, ends: &Ends, row: LinkRow) -> Result<LinkRow> {
    if !matches!(row.state()?, LinkState::Active | LinkState::Proposed) {
        return Err(Refusal::NoLink.into());
    }
    let row = record::close(deed, ends, row, (Event::Ended, Some(moderator)))?;
    match mirror(deed, ends)? {
        Some(mirror) => {
            record::close(deed, &ends.turned(), mirror, (Event::Ended, None))?;
        }
        None => record::owe_end(deed, &row)?,
    }
    Ok(row)
}

/// Ends all links of a community of here, and what is proposed: it is open no more, and only open ones are linked. Gives the
/// others.
pub(crate) fn end_all(deed: &mut Deed<'_>, moderator: &ActorRow, community: &ActorRow) -> Result<Vec<i64>> {
    let live = [LinkState::Active, LinkState::Proposed, LinkState::Asked];
    let mut others = Vec::new();
    for (row, other) in links::list(deed.conn, community.id, &live)? {
        others.push(other.id);
        let ends = Ends { community: community.clone(), other };
        if row.state()? == LinkState::Asked {
            let row = record::close(deed, &ends, row, (Event::Refused, Some(moderator)))?;
            tell_refused(deed, &ends, &row)?;
        } else {
            end_in(deed, moderator, &ends, row)?;
        }
    }
    Ok(others)
}

/// Changes what this end shares over a link and what it accepts. Threads that are older do not travel by what is new.
///
/// # Errors
/// `NotFound`, `NotAModerator`, `Suspended`; `NoLink` where it is neither active nor proposed by this end.
pub async fn change_policy(app: &App, moderator_id: i64, link_id: i64, policy: Policy) -> Result<LinkRow> {
    app.write(move |deed| {
        let (moderator, ends, mut row) = known(deed, moderator_id, link_id)?;
        if !matches!(row.state()?, LinkState::Active | LinkState::Proposed) {
            return Err(Error::from(Refusal::NoLink));
        }
        if row.policy()? == policy {
            return Ok(row);
        }
        record::set_policy(&mut row, policy);
        change(deed, &ends, &mut row, Some(&moderator))?;
        match mirror(deed, &ends)? {
            Some(mut mirror) => {
                record::set_other_policy(&mut mirror, policy);
                change(deed, &ends.turned(), &mut mirror, None)?;
            }
            None => deed.owe(&Effect::LinkChanged { link: Id(row.id) })?,
        }
        Ok(row)
    })
    .await
}

/// Records that the policy of one end changed.
pub(super) fn change(
    deed: &mut Deed<'_>,
    ends: &Ends,
    row: &mut LinkRow,
    moderator: Option<&ActorRow>,
) -> Result<()> {
    row.changed_at = deed.now();
    row.effective_at = row.changed_at;
    links::update(deed.conn, row)?;
    record::note(deed, ends, Event::Policy, moderator, row)
}

/// Whoever acts for the communities of an instance where nobody is named: its first administrator.
///
/// # Errors
/// `NotFound` where there is none.
pub async fn administrator(app: &App) -> Result<ActorRow> {
    app.read(|conn| {
        for actor in communities::list_staff(conn)? {
            let account = accounts::find(conn, actor.id)?;
            let role = account.map(|account| account.role()).transpose()?;
            if role == Some(clocher_domain::actor::Role::Administrator) {
                return Ok::<_, Error>(actor);
            }
        }
        Err(Refusal::NotFound.into())
    })
    .await
}

/// The row of the other end, where that is of here too.
pub(super) fn mirror(deed: &mut Deed<'_>, ends: &Ends) -> Result<Option<LinkRow>> {
    if !ends.other.local {
        return Ok(None);
    }
    Ok(links::find_between(deed.conn, ends.other.id, ends.community.id)?)
}

/// A link of a community that this person of here moderates.
fn known(deed: &mut Deed<'_>, moderator_id: i64, link_id: i64) -> Result<(ActorRow, Ends, LinkRow)> {
    let moderator = local(deed, moderator_id)?;
    let row = links::find(deed.conn, link_id)?.ok_or(Refusal::NotFound)?;
    own(deed, row.community_id, &moderator)?;
    let ends = Ends::of(deed, &row)?;
    Ok((moderator, ends, row))
}

/// The community of here, if that person moderates it.
fn own(deed: &mut Deed<'_>, community_id: i64, moderator: &ActorRow) -> Result<ActorRow> {
    let community = moderated(deed.conn, community_id, moderator)?;
    if community.local { Ok(community) } else { Err(Refusal::NotFound.into()) }
}

fn local(deed: &mut Deed<'_>, actor_id: i64) -> Result<ActorRow> {
    Ok(actors::find(deed.conn, actor_id)?.filter(|row| row.local).ok_or(Refusal::NotFound)?)
}

/// Wakes whoever looks at what others list.
fn told<T>(app: &App, done: Result<T>) -> Result<T> {
    app.wakers().jobs.notify_one();
    done
}
