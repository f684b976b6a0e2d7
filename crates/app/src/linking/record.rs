//! What the deeds of people here and of communities elsewhere have in common: rows, lines of the journal, and what is
//! owed.

use super::{CHECK, NOTED_A_DAY, carrying, cycles};
use crate::app::Deed;
use crate::delivering::put_job_in;
use crate::{Result, communities, domains, feeds};
use clocher_domain::actor::ActorKind;
use clocher_domain::effect::Effect;
use clocher_domain::link::{Accepting, LinkState, Policy, Proposal, Relation, Sharing};
use clocher_domain::time::DAY;
use clocher_domain::{Id, Refusal};
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::journal::{self, JournalRow};
use clocher_storage::links::{self, LinkRow};
use clocher_storage::{Conn, jobs};
use serde_json::{Map, Value, json};

/// What is said of a link in a journal, by its permanent name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// This community proposed it.
    Proposed,
    /// The other one did.
    Asked,
    /// Both agree.
    Agreed,
    /// One said no.
    Refused,
    /// One ended it, or took back its proposal.
    Ended,
    /// The other end did not list it.
    Unlisted,
    /// One end shares or accepts something else.
    Policy,
    /// The community is nested in itself.
    Cycle,
    /// One of both has become another community, long enough ago.
    Merged,
    /// The community says that it was the other one.
    Named,
    /// The community has become the other one.
    Became,
    /// The other one has become this community.
    Absorbed,
}

impl Event {
    fn as_str(self) -> &'static str {
        match self {
            Self::Proposed => "link_proposed",
            Self::Asked => "link_asked",
            Self::Agreed => "link_agreed",
            Self::Refused => "link_refused",
            Self::Ended => "link_ended",
            Self::Unlisted => "link_unlisted",
            Self::Policy => "link_policy",
            Self::Cycle => "link_cycle",
            Self::Merged => "link_merged",
            Self::Named => "merged_named",
            Self::Became => "merged_into",
            Self::Absorbed => "merged_from",
        }
    }
}

/// What neither shares nor accepts anything: what is known of an end that has not spoken.
pub(super) const SILENT: Policy = Policy { shares: Sharing::Nothing, accepts: Accepting::Nothing };

/// Both ends of a link, the first of here.
pub(super) struct Ends {
    /// The community of here.
    pub community: ActorRow,
    /// The other one.
    pub other: ActorRow,
}

impl Ends {
    /// The ends of a link that is known.
    pub fn of(deed: &mut Deed<'_>, row: &LinkRow) -> Result<Self> {
        let community = actors::find(deed.conn, row.community_id)?.ok_or(Refusal::NotFound)?;
        let other = actors::find(deed.conn, row.other_id)?.ok_or(Refusal::NotFound)?;
        Ok(Self { community, other })
    }

    /// The same, seen from the other one.
    pub fn turned(&self) -> Self {
        Self { community: self.other.clone(), other: self.community.clone() }
    }

    /// What a proposal in that relation meets.
    pub fn proposal(
        &self,
        deed: &mut Deed<'_>,
        known: Option<&LinkRow>,
        relation: Relation,
    ) -> Result<Proposal> {
        let Self { community, other } = self;
        if !other.local && domains::is_blocked(deed.conn, &other.host)? {
            return Err(Refusal::DomainBlocked.into());
        }
        let closes_cycle = match relation {
            Relation::Upper => cycles::closes(deed.conn, &community.ap_id, &other.ap_id)?,
            Relation::Lower => cycles::closes(deed.conn, &other.ap_id, &community.ap_id)?,
            Relation::Peer => false,
        };
        let live = [LinkState::Proposed, LinkState::Asked, LinkState::Active];
        Ok(Proposal {
            relation,
            is_self: community.id == other.id,
            both_open: is_open(deed.conn, community)? && is_open(deed.conn, other)?,
            state: known.map(LinkRow::state).transpose()?,
            present: known.map(LinkRow::relation).transpose()?,
            closes_cycle,
            links: usize::try_from(links::count(deed.conn, community.id, &live)?).unwrap_or(usize::MAX),
        })
    }
}

/// Whether it is a community that may be linked: live, not moved, to be reached, and open to everybody.
fn is_open(conn: &mut Conn, community: &ActorRow) -> Result<bool> {
    let is_reached = community.local || !community.inbox.is_empty();
    let is_there = community.is_active() && community.moved_to.is_none();
    let may_be = community.kind()? == ActorKind::Group && is_there && is_reached;
    Ok(may_be && communities::is_open(conn, community.id)?)
}

/// What a proposal makes of a link.
pub(super) struct Proposing {
    /// What the other is to this one.
    pub relation: Relation,
    /// Proposed by this end or asked by the other.
    pub state: LinkState,
    /// What this end states.
    pub policy: Policy,
    /// What the other end states.
    pub other_policy: Policy,
    /// The id of the `Offer`.
    pub offer: String,
    /// The other end's document of it.
    pub other_document: Option<String>,
    /// Whether this end proposes it because official territories imply it.
    pub implied: bool,
}

/// Records a proposal in the row of the link, which is made where there was none.
pub(super) fn put_proposal(
    deed: &mut Deed<'_>,
    ends: &Ends,
    known: Option<LinkRow>,
    proposing: Proposing,
) -> Result<LinkRow> {
    let now = deed.now();
    let is_new = known.is_none();
    let row = LinkRow {
        id: known.as_ref().map_or_else(|| deed.app.mint(), |row| row.id),
        community_id: ends.community.id,
        other_id: ends.other.id,
        relation: proposing.relation.as_str().to_owned(),
        state: proposing.state.as_str().to_owned(),
        shares: proposing.policy.shares.as_str().to_owned(),
        accepts: proposing.policy.accepts.as_str().to_owned(),
        other_shares: proposing.other_policy.shares.as_str().to_owned(),
        other_accepts: proposing.other_policy.accepts.as_str().to_owned(),
        offer: proposing.offer,
        acceptance: None,
        other_document: proposing.other_document,
        effective_at: now,
        created_at: known.map_or(now, |row| row.created_at),
        changed_at: now,
        implied: proposing.implied,
    };
    if is_new {
        links::put(deed.conn, &row)?;
    } else {
        links::update(deed.conn, &row)?;
    }
    Ok(row)
}

/// What this end of the row states from now on.
pub(super) fn set_policy(row: &mut LinkRow, policy: Policy) {
    policy.shares.as_str().clone_into(&mut row.shares);
    policy.accepts.as_str().clone_into(&mut row.accepts);
}

/// What the other end of the row states from now on.
pub(super) fn set_other_policy(row: &mut LinkRow, policy: Policy) {
    policy.shares.as_str().clone_into(&mut row.other_shares);
    policy.accepts.as_str().clone_into(&mut row.other_accepts);
}

/// Records that a link is active from now on: threads that are older do not travel by it. Owes saying so to those who
/// look at this end's list, and looking at the other's.
pub(super) fn activate(
    deed: &mut Deed<'_>,
    ends: &Ends,
    mut row: LinkRow,
    moderator: Option<&ActorRow>,
) -> Result<LinkRow> {
    LinkState::Active.as_str().clone_into(&mut row.state);
    row.effective_at = deed.now();
    row.changed_at = row.effective_at;
    links::update(deed.conn, &row)?;
    note(deed, ends, Event::Agreed, moderator, &row)?;
    answered(deed, ends, &row)?;
    deed.owe(&Effect::LinkListed { link: Id(row.id), added: true })?;
    feeds::owe_change(deed, row.community_id, row.relation()?)?;
    if !ends.other.local {
        owe_check(deed, &ends.other)?;
    }
    Ok(row)
}

/// A link that worked before it was answered works by its state from now on, and those whose place it took are over.
fn answered(deed: &mut Deed<'_>, ends: &Ends, row: &LinkRow) -> Result<()> {
    if links::remove_carried(deed.conn, row.id)? { carrying::end_former(deed, ends) } else { Ok(()) }
}

/// Owes looking at what a community elsewhere lists, now.
pub(super) fn owe_check(deed: &mut Deed<'_>, other: &ActorRow) -> Result<()> {
    let now = deed.now();
    if jobs::hasten(deed.conn, CHECK, &other.ap_id, now)? {
        return Ok(());
    }
    put_job_in(deed, CHECK, other.ap_id.clone(), String::new())
}

/// Records that a link is no more, for that reason. What was placed by it stays, and nothing comes by it any more: its
/// state says so.
pub(super) fn close(
    deed: &mut Deed<'_>,
    ends: &Ends,
    mut row: LinkRow,
    (event, moderator): (Event, Option<&ActorRow>),
) -> Result<LinkRow> {
    let was_active = row.state()? == LinkState::Active;
    let state = if event == Event::Refused { LinkState::Refused } else { LinkState::Ended };
    state.as_str().clone_into(&mut row.state);
    row.changed_at = deed.now();
    links::update(deed.conn, &row)?;
    note(deed, ends, event, moderator, &row)?;
    answered(deed, ends, &row)?;
    if was_active {
        deed.owe(&Effect::LinkListed { link: Id(row.id), added: false })?;
        feeds::owe_change(deed, row.community_id, row.relation()?)?;
    }
    Ok(row)
}

/// Owes telling the other end, which is elsewhere, that a link is no more.
pub(super) fn owe_end(deed: &mut Deed<'_>, row: &LinkRow) -> Result<()> {
    let own = row.acceptance.clone().filter(|acceptance| deed.app.site().owns(acceptance));
    deed.owe(&Effect::LinkEnded { link: Id(row.id), offer: row.offer.clone(), acceptance: own })
}

/// Writes a line of the journal of this end. What others cause is written so many times a day, and not more.
pub(super) fn note(
    deed: &mut Deed<'_>,
    ends: &Ends,
    event: Event,
    moderator: Option<&ActorRow>,
    row: &LinkRow,
) -> Result<()> {
    let now = deed.now();
    let (community, other) = (ends.community.id, ends.other.id);
    if moderator.is_none() && journal::count_since(deed.conn, community, other, now - DAY)? >= NOTED_A_DAY {
        return Ok(());
    }
    let mut details = Map::new();
    details.insert("relation".to_owned(), json!(row.relation));
    if matches!(event, Event::Proposed | Event::Asked | Event::Agreed | Event::Policy) {
        let own = [("shares", &row.shares), ("accepts", &row.accepts)];
        let others = [("other_shares", &row.other_shares), ("other_accepts", &row.other_accepts)];
        details.extend(own.into_iter().chain(others).map(|(name, value)| (name.to_owned(), json!(value))));
    }
    let line = JournalRow {
        id: deed.app.mint(),
        community_id: community,
        event: event.as_str().to_owned(),
        actor_id: moderator.map(|moderator| moderator.id),
        other_id: Some(other),
        details: Value::Object(details).to_string(),
        created_at: now,
    };
    Ok(journal::put(deed.conn, &line)?)
}

/// Writes into the journal of a community of here that it has to do with another one that merges.
pub(super) fn note_merging(
    deed: &mut Deed<'_>,
    ends: &Ends,
    event: Event,
    administrator: Option<&ActorRow>,
) -> Result<()> {
    let line = JournalRow {
        id: deed.app.mint(),
        community_id: ends.community.id,
        event: event.as_str().to_owned(),
        actor_id: administrator.map(|administrator| administrator.id),
        other_id: Some(ends.other.id),
        details: "{}".to_owned(),
        created_at: deed.now(),
    };
    Ok(journal::put(deed.conn, &line)?)
}

/// Writes a line of the journal of a community about what one of its moderators did in it alone; `details` are texts by name.
pub(crate) fn note_own(
    deed: &mut Deed<'_>,
    community_id: i64,
    event: &str,
    moderator: &ActorRow,
    details: &[(&str, String)],
) -> Result<()> {
    let details: Map<String, Value> =
        details.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    let line = JournalRow {
        id: deed.app.mint(),
        community_id,
        event: event.to_owned(),
        actor_id: Some(moderator.id),
        other_id: None,
        details: Value::Object(details).to_string(),
        created_at: deed.now(),
    };
    Ok(journal::put(deed.conn, &line)?)
}

/// Writes into the journal of this end that its community is nested in itself, once.
pub(super) fn note_cycle(deed: &mut Deed<'_>, ends: &Ends, row: &LinkRow) -> Result<()> {
    let (community, other) = (ends.community.id, ends.other.id);
    if journal::has_since(deed.conn, community, other, Event::Cycle.as_str(), row.effective_at)? {
        return Ok(());
    }
    note(deed, ends, Event::Cycle, None, row)
}
