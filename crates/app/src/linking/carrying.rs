//! The links of a community that became another one, as communes merge: the new one proposes each to the far end again,
//! and what is proposed works as the old link did until it is answered, for 90 days at most. Then both are over.
//!
//! Each end decides by what it knows itself: that the old community says that it is the new one, that the new one says
//! that it was the old one, and that the old one's link is active. Whoever does not know of all this sees a proposal like
//! any other. Finds nobody, and reads no list of others: that is the business of the door.

use super::deciding::{agree, ask, mirror, put_offer};
use super::record::{self, Ends, Event};
use crate::app::Deed;
use crate::delivering::put_job_in;
use crate::{App, Error, Result};
use clocher_domain::Refusal;
use clocher_domain::actor::ActorKind;
use clocher_domain::link::{
    CARRIED, Carrying, LinkState, Policy, Proposed, Relation, decide_carrying, decide_proposing,
};
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::links::{self, LinkRow};
use serde::{Deserialize, Serialize};

/// The kind of job that has the links of a community elsewhere proposed again by the one of here that it became; its
/// document is a [`Carry`].
pub const CARRY: &str = "carry";

/// Which links are proposed again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carry {
    /// The ActivityPub id of the community that became the other.
    pub former: String,
    /// The community of here that it became.
    pub successor: i64,
    /// The far end of the one link that is meant, by its ActivityPub id; none for all that the former lists.
    pub other: Option<String>,
}

/// A link of a community elsewhere that became one of here, as both of its ends list it.
#[derive(Clone, Copy, Debug)]
pub struct Carried {
    /// What the far end is to the other.
    pub relation: Relation,
    /// What the former shares and accepts.
    pub policy: Policy,
    /// What the far end does.
    pub other_policy: Policy,
}

/// A community of here has become another one, by the word of an administrator: both journals say so, and where the
/// other is of here too, it has the links.
pub(crate) fn merged(
    deed: &mut Deed<'_>,
    former: &ActorRow,
    successor: &ActorRow,
    administrator: &ActorRow,
) -> Result<()> {
    let ends = Ends { community: former.clone(), other: successor.clone() };
    record::note_merging(deed, &ends, Event::Became, Some(administrator))?;
    if !successor.local {
        return Ok(());
    }
    record::note_merging(deed, &ends.turned(), Event::Absorbed, Some(administrator))?;
    for (link, other) in links::list(deed.conn, former.id, &[LinkState::Active])? {
        let carried = Carried {
            relation: link.relation()?,
            policy: link.policy()?,
            other_policy: link.other_policy()?,
        };
        let ends = Ends { community: successor.clone(), other };
        carry_in(deed, former, &ends, carried, Some(administrator))?;
    }
    Ok(())
}

/// A community elsewhere has become one of here: its journal says so.
pub(crate) fn note_absorbed(deed: &mut Deed<'_>, former: &ActorRow, successor: &ActorRow) -> Result<()> {
    let ends = Ends { community: successor.clone(), other: former.clone() };
    record::note_merging(deed, &ends, Event::Absorbed, None)
}

/// A community of here says that it was another one.
pub(crate) fn note_named(
    deed: &mut Deed<'_>,
    community: &ActorRow,
    other: &ActorRow,
    administrator: &ActorRow,
) -> Result<()> {
    let ends = Ends { community: community.clone(), other: other.clone() };
    record::note_merging(deed, &ends, Event::Named, Some(administrator))
}

/// Owes having all links of a community elsewhere proposed again by the one of here that it became.
pub(crate) fn owe_carrying(deed: &mut Deed<'_>, former: &ActorRow, successor: &ActorRow) -> Result<()> {
    put_carry(deed, &Carry { former: former.ap_id.clone(), successor: successor.id, other: None })
}

fn put_carry(deed: &mut Deed<'_>, carry: &Carry) -> Result<()> {
    let document = serde_json::to_string(carry).map_err(|error| Error::Internal(error.to_string()))?;
    // Those of one far end are proposed one after the other; no far end waits for another.
    let subject = format!("{CARRY} {} {}", carry.successor, carry.other.as_ref().unwrap_or(&carry.former));
    put_job_in(deed, CARRY, subject, document)
}

/// Owes having these links proposed again, each by a job of its own: one far end that does not answer holds up none.
///
/// # Errors
/// Those of storage.
pub async fn owe_carrying_each(app: &App, carry: Carry, others: Vec<String>) -> Result<()> {
    app.write(move |deed| {
        for other in others {
            put_carry(deed, &Carry { other: Some(other), ..carry.clone() })?;
        }
        Ok::<_, Error>(())
    })
    .await?;
    app.wakers().jobs.notify_one();
    Ok(())
}

/// A community of here proposes again a link of one elsewhere that became it, as both ends of that list it. Not where
/// they are linked already, or a proposal waits, and not to what became the same community. Says whether it did.
///
/// # Errors
/// Those of storage.
pub async fn carry(
    app: &App,
    former_id: i64,
    successor_id: i64,
    other_id: i64,
    carried: Carried,
) -> Result<bool> {
    let done = app.write(move |deed| {
        let mut find = |id: i64| actors::find(deed.conn, id);
        let (former, successor, other) = (find(former_id)?, find(successor_id)?, find(other_id)?);
        let (Some(former), Some(community), Some(other)) = (former, successor, other) else {
            return Ok(false);
        };
        carry_in(deed, &former, &Ends { community, other }, carried, None)
    });
    let done = done.await;
    app.wakers().jobs.notify_one();
    done
}

fn carry_in(
    deed: &mut Deed<'_>,
    former: &ActorRow,
    ends: &Ends,
    carried: Carried,
    administrator: Option<&ActorRow>,
) -> Result<bool> {
    let Some(until) = may_work(deed, former, &ends.community, &ends.other, true)? else { return Ok(false) };
    let known = links::find_between(deed.conn, ends.community.id, ends.other.id)?;
    if known.as_ref().map(LinkRow::state).transpose()?.is_some_and(LinkState::is_live) {
        return Ok(false);
    }
    let proposal = ends.proposal(deed, known.as_ref(), carried.relation);
    match proposal.and_then(|proposal| Ok(decide_proposing(proposal)?)) {
        Ok(Proposed::Waits) => {}
        Ok(_) => return Ok(false),
        Err(Error::Refused(refusal)) => {
            tracing::info!(other = ends.other.ap_id, code = refusal.code(), "a link is not carried over");
            return Ok(false);
        }
        Err(error) => return Err(error),
    }
    let mut row = put_offer(deed, ends, known, (carried.relation, carried.policy), administrator)?;
    row.implied = false;
    record::set_other_policy(&mut row, carried.other_policy);
    links::update(deed.conn, &row)?;
    links::put_carried(deed.conn, row.id, former.id, until)?;
    if ends.other.local {
        let turned = ends.turned();
        let mut mirror = ask(deed, &turned, &row)?;
        record::set_policy(&mut mirror, carried.other_policy);
        links::update(deed.conn, &mirror)?;
        links::put_carried(deed.conn, mirror.id, former.id, until)?;
        if let Some(administrator) = administrator {
            // Who administers the instance moderates the other end too.
            agree(deed, administrator, &turned, mirror, carried.other_policy)?;
        }
    }
    Ok(true)
}

/// Until when a link of `successor` with `other` may work in the place of that of `former`.
fn may_work(
    deed: &mut Deed<'_>,
    former: &ActorRow,
    successor: &ActorRow,
    other: &ActorRow,
    is_linked: bool,
) -> Result<Option<i64>> {
    let aliases = successor.aliases()?;
    let became = |row: &ActorRow| row.moved_to.as_ref() == Some(&successor.ap_id);
    Ok(decide_carrying(Carrying {
        both_say_so: former.kind()? == ActorKind::Group && became(former) && aliases.contains(&former.ap_id),
        is_linked,
        is_within: other.id == successor.id || became(other) || aliases.contains(&other.ap_id),
        merged_at: former.moved_at.unwrap_or_else(|| deed.now()),
        now: deed.now(),
    }))
}

/// Whether a community of here has an active link with that one, in whose place another proposes one: whether it is
/// worth asking what has become of it.
///
/// # Errors
/// Those of storage.
pub async fn may_carry(app: &App, community_id: i64, former: String) -> Result<Option<ActorRow>> {
    app.read(move |conn| {
        let Some(former) = actors::find_by_ap_id(conn, &former)? else { return Ok(None) };
        let link = links::find_between(conn, community_id, former.id)?;
        Ok::<_, Error>(link.filter(|link| link.state == LinkState::Active.as_str()).map(|_| former))
    })
    .await
}

/// What a community elsewhere has proposed in the place of a link of one that became it, as was asked of both, works as
/// that link does until it is answered.
///
/// # Errors
/// `NotFound`; those of storage.
pub async fn carry_asked(app: &App, community_id: i64, other_id: i64, former_id: i64) -> Result<()> {
    app.write(move |deed| {
        let other = actors::find(deed.conn, other_id)?.ok_or(Refusal::NotFound)?;
        let former = actors::find(deed.conn, former_id)?.ok_or(Refusal::NotFound)?;
        let community = actors::find(deed.conn, community_id)?.ok_or(Refusal::NotFound)?;
        let Some(mut row) = links::find_between(deed.conn, community_id, other_id)? else { return Ok(()) };
        let old = links::find_between(deed.conn, community_id, former_id)?;
        let old = old.filter(|old| old.state == LinkState::Active.as_str() && old.relation == row.relation);
        let Some(until) = may_work(deed, &former, &other, &community, old.is_some())? else { return Ok(()) };
        let waits = row.state()? == LinkState::Asked;
        if let Some(old) = old.filter(|_| waits)
            && links::find_carried(deed.conn, row.id)?.is_none()
        {
            record::set_policy(&mut row, old.policy()?);
            links::update(deed.conn, &row)?;
            links::put_carried(deed.conn, row.id, former.id, until)?;
        }
        Ok::<_, Error>(())
    })
    .await
}

/// What is proposed in the place of links of communities that became the other end is answered: those are over.
pub(super) fn end_former(deed: &mut Deed<'_>, ends: &Ends) -> Result<()> {
    for (row, _) in links::list_with_former(deed.conn, ends.community.id, &ends.other.ap_id)? {
        finish(deed, row)?;
    }
    Ok(())
}

fn finish(deed: &mut Deed<'_>, row: LinkRow) -> Result<()> {
    let ends = Ends::of(deed, &row)?;
    let row = record::close(deed, &ends, row, (Event::Merged, None))?;
    match mirror(deed, &ends)? {
        Some(mirror) if mirror.state()? == LinkState::Active => {
            record::close(deed, &ends.turned(), mirror, (Event::Merged, None))?;
            Ok(())
        }
        Some(_) => Ok(()),
        None => record::owe_end(deed, &row),
    }
}

/// Ends the links of communities that became others 90 days ago, and has what was proposed in their place and is not
/// answered wait without working.
///
/// # Errors
/// Those of storage.
pub async fn end_overdue(app: &App) -> Result<()> {
    app.write(|deed| {
        let now = deed.now();
        for id in links::list_carried_until(deed.conn, now)? {
            links::remove_carried(deed.conn, id)?;
            if let Some(row) = links::find(deed.conn, id)? {
                let ends = Ends::of(deed, &row)?;
                end_former(deed, &ends)?;
            }
        }
        for row in links::list_of_moved(deed.conn, now.saturating_sub(CARRIED))? {
            // Its other end may have been ended with the one before.
            let row = links::find(deed.conn, row.id)?.filter(|row| row.state == LinkState::Active.as_str());
            if let Some(row) = row {
                finish(deed, row)?;
            }
        }
        Ok::<_, Error>(())
    })
    .await
}
