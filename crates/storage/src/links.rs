//! Links between communities: one row for each end that is of here, and what communities elsewhere list.

use crate::actors::ActorRow;
use crate::dialect::on_backend;
use crate::schema::{actors, carried_links, communities, links, links_elsewhere};
use crate::{Conn, Error, Result};
use clocher_domain::community::Openness;
use clocher_domain::link::{Accepting, LinkState, Policy, Relation, Sharing};
use diesel::prelude::*;

/// One end of a link: that of a community of here. Instants are milliseconds since the Unix epoch.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = links, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct LinkRow {
    /// Minted here; the number in the address of its document.
    pub id: i64,
    /// The community of here.
    pub community_id: i64,
    /// The other community, of here or elsewhere.
    pub other_id: i64,
    /// What the other is to this one, a [`Relation`]; read it with [`LinkRow::relation`].
    pub relation: String,
    /// A [`LinkState`]; read it with [`LinkRow::state`].
    pub state: String,
    /// What this end shares; read it with [`LinkRow::policy`].
    pub shares: String,
    /// What this end accepts.
    pub accepts: String,
    /// What the other end says that it shares; read it with [`LinkRow::other_policy`].
    pub other_shares: String,
    /// What the other end says that it accepts.
    pub other_accepts: String,
    /// The id of the `Offer` by which it was proposed.
    pub offer: String,
    /// The id of the `Accept` by which it was agreed.
    pub acceptance: Option<String>,
    /// The id of the other end's document of it.
    pub other_document: Option<String>,
    /// Since when it holds as it is: threads that are older do not travel by it.
    pub effective_at: i64,
    /// When it was proposed.
    pub created_at: i64,
    /// When anything about it changed last.
    pub changed_at: i64,
    /// Whether this end proposed it because official territories imply it: nobody chose to, so that it is no answer to
    /// a proposal of the same kind.
    pub implied: bool,
}

impl LinkRow {
    /// What the other is to this community.
    ///
    /// # Errors
    /// [`Error::Corrupt`].
    pub fn relation(&self) -> Result<Relation> {
        Relation::parse(&self.relation).ok_or(self.corrupt("relation"))
    }

    /// How far it has come.
    ///
    /// # Errors
    /// [`Error::Corrupt`].
    pub fn state(&self) -> Result<LinkState> {
        LinkState::parse(&self.state).ok_or(self.corrupt("state"))
    }

    /// What this end states.
    ///
    /// # Errors
    /// [`Error::Corrupt`].
    pub fn policy(&self) -> Result<Policy> {
        let shares = Sharing::parse(&self.shares).ok_or(self.corrupt("shares"))?;
        let accepts = Accepting::parse(&self.accepts).ok_or(self.corrupt("accepts"))?;
        Ok(Policy { shares, accepts })
    }

    /// What the other end states.
    ///
    /// # Errors
    /// [`Error::Corrupt`].
    pub fn other_policy(&self) -> Result<Policy> {
        let shares = Sharing::parse(&self.other_shares).ok_or(self.corrupt("other_shares"))?;
        let accepts = Accepting::parse(&self.other_accepts).ok_or(self.corrupt("other_accepts"))?;
        Ok(Policy { shares, accepts })
    }

    fn corrupt(&self, column: &'static str) -> Error {
        Error::Corrupt { table: "links", column, id: self.id }
    }
}

/// The link with that id.
pub fn find(conn: &mut Conn, id: i64) -> Result<Option<LinkRow>> {
    Ok(links::table.find(id).first(conn).optional()?)
}

/// The end of the link between the two that belongs to `community_id`.
pub fn find_between(conn: &mut Conn, community_id: i64, other_id: i64) -> Result<Option<LinkRow>> {
    let between = links::community_id.eq(community_id).and(links::other_id.eq(other_id));
    Ok(links::table.filter(between).first(conn).optional()?)
}

/// The end of a community of the link that was proposed by that `Offer`.
pub fn find_by_offer(conn: &mut Conn, community_id: i64, offer: &str) -> Result<Option<LinkRow>> {
    let proposed = links::community_id.eq(community_id).and(links::offer.eq(offer));
    Ok(links::table.filter(proposed).first(conn).optional()?)
}

/// The ends, of communities of here, of the link that one of elsewhere and they proposed or agreed by any of these
/// activities.
pub fn list_by_activities(conn: &mut Conn, other_id: i64, activities: &[String]) -> Result<Vec<LinkRow>> {
    let rows: Vec<LinkRow> = links::table
        .filter(links::other_id.eq(other_id))
        .filter(links::offer.eq_any(activities).or(links::acceptance.assume_not_null().eq_any(activities)))
        .order(links::id)
        .load(conn)?;
    Ok(rows)
}

/// The links in these states that communities of here have with that one.
pub fn list_with(conn: &mut Conn, other_id: i64, states: &[LinkState]) -> Result<Vec<LinkRow>> {
    let states: Vec<&str> = states.iter().map(|state| state.as_str()).collect();
    let with = links::other_id.eq(other_id).and(links::state.eq_any(states));
    Ok(links::table.filter(with).order(links::id).load(conn)?)
}

/// The active links of a community of here with those that are that to it, with the other communities.
pub fn list_active_as(
    conn: &mut Conn,
    community_id: i64,
    relation: Relation,
) -> Result<Vec<(LinkRow, ActorRow)>> {
    Ok(links::table
        .inner_join(actors::table.on(actors::id.eq(links::other_id)))
        .filter(links::community_id.eq(community_id).and(links::relation.eq(relation.as_str())))
        .filter(links::state.eq(LinkState::Active.as_str()))
        .order(links::id)
        .load(conn)?)
}

/// Whether a community of here has an active link with one that is that to it.
pub fn has_active_as(conn: &mut Conn, community_id: i64, relation: Relation) -> Result<bool> {
    let found: Option<i64> = links::table
        .filter(links::community_id.eq(community_id).and(links::relation.eq(relation.as_str())))
        .filter(links::state.eq(LinkState::Active.as_str()))
        .select(links::id)
        .first(conn)
        .optional()?;
    Ok(found.is_some())
}

/// The open, live communities that are that to one of here by an active link, with the number of the link, oldest first,
/// above the number `after`, at most `limit`.
pub fn list_open_as(
    conn: &mut Conn,
    community_id: i64,
    relation: Relation,
    after: i64,
    limit: i64,
) -> Result<Vec<(i64, ActorRow)>> {
    Ok(links::table
        .inner_join(actors::table.on(actors::id.eq(links::other_id)))
        .inner_join(communities::table.on(communities::actor_id.eq(links::other_id)))
        .filter(links::community_id.eq(community_id).and(links::relation.eq(relation.as_str())))
        .filter(links::state.eq(LinkState::Active.as_str()).and(links::id.gt(after)))
        .filter(communities::openness.eq(Openness::Open.as_str()))
        .filter(actors::deleted_at.is_null().and(actors::suspended_at.is_null()))
        .order(links::id)
        .limit(limit)
        .select((links::id, actors::all_columns))
        .load(conn)?)
}

/// How many these are in all.
pub fn count_open_as(conn: &mut Conn, community_id: i64, relation: Relation) -> Result<i64> {
    Ok(links::table
        .inner_join(actors::table.on(actors::id.eq(links::other_id)))
        .inner_join(communities::table.on(communities::actor_id.eq(links::other_id)))
        .filter(links::community_id.eq(community_id).and(links::relation.eq(relation.as_str())))
        .filter(links::state.eq(LinkState::Active.as_str()))
        .filter(communities::openness.eq(Openness::Open.as_str()))
        .filter(actors::deleted_at.is_null().and(actors::suspended_at.is_null()))
        .count()
        .get_result(conn)?)
}

/// The active links of a community of here, newest first, below `before`, at most `limit`, with the other communities.
pub fn list_active_of(
    conn: &mut Conn,
    community_id: i64,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<(LinkRow, ActorRow)>> {
    Ok(links::table
        .inner_join(actors::table.on(actors::id.eq(links::other_id)))
        .filter(links::community_id.eq(community_id).and(links::state.eq(LinkState::Active.as_str())))
        .filter(links::id.lt(before.unwrap_or(i64::MAX)))
        .order(links::id.desc())
        .limit(limit)
        .load(conn)?)
}

/// In which communities that one is nested, by their ActivityPub ids: as communities of here agreed, and as it listed
/// them itself.
pub fn list_claimed_uppers(conn: &mut Conn, ap_id: &str) -> Result<Vec<String>> {
    let of_actor = actors::table.filter(actors::ap_id.eq(ap_id)).select(actors::id);
    let Some(id) = of_actor.first::<i64>(conn).optional()? else { return Ok(Vec::new()) };
    let active = links::state.eq(LinkState::Active.as_str());
    let is_upper = links::relation.eq(Relation::Upper.as_str());
    let is_lower = links::relation.eq(Relation::Lower.as_str());
    let mut uppers: Vec<String> = links::table
        .inner_join(actors::table.on(actors::id.eq(links::other_id)))
        .filter(links::community_id.eq(id).and(active).and(is_upper))
        .select(actors::ap_id)
        .load(conn)?;
    let by_them: Vec<String> = links::table
        .inner_join(actors::table.on(actors::id.eq(links::community_id)))
        .filter(links::other_id.eq(id).and(active).and(is_lower))
        .select(actors::ap_id)
        .load(conn)?;
    let listed: Vec<String> = links_elsewhere::table
        .filter(links_elsewhere::community_id.eq(id))
        .filter(links_elsewhere::relation.eq(Relation::Upper.as_str()))
        .select(links_elsewhere::other)
        .load(conn)?;
    uppers.extend(by_them.into_iter().chain(listed));
    uppers.sort_unstable();
    uppers.dedup();
    Ok(uppers)
}

/// Adds an end of a link.
pub fn put(conn: &mut Conn, row: &LinkRow) -> Result<()> {
    diesel::insert_into(links::table).values(row).execute(conn)?;
    Ok(())
}

/// Replaces what is recorded of an end of a link.
pub fn update(conn: &mut Conn, row: &LinkRow) -> Result<()> {
    diesel::update(links::table.find(row.id)).set(row).execute(conn)?;
    Ok(())
}

/// The links of a community of here in these states, oldest first, with the other community.
pub fn list(conn: &mut Conn, community_id: i64, states: &[LinkState]) -> Result<Vec<(LinkRow, ActorRow)>> {
    let states: Vec<&str> = states.iter().map(|state| state.as_str()).collect();
    Ok(links::table
        .inner_join(actors::table.on(actors::id.eq(links::other_id)))
        .filter(links::community_id.eq(community_id).and(links::state.eq_any(states)))
        .order(links::id)
        .load(conn)?)
}

/// How many links of a community are in these states.
pub fn count(conn: &mut Conn, community_id: i64, states: &[LinkState]) -> Result<i64> {
    let states: Vec<&str> = states.iter().map(|state| state.as_str()).collect();
    Ok(links::table
        .filter(links::community_id.eq(community_id).and(links::state.eq_any(states)))
        .count()
        .get_result(conn)?)
}

/// Whether a community has a link by which its threads travel at that instant.
pub fn has_working(conn: &mut Conn, community_id: i64, now: i64) -> Result<bool> {
    let active = links::community_id.eq(community_id).and(links::state.eq(LinkState::Active.as_str()));
    let first: Option<i64> =
        on_backend!(conn, c => links::table.filter(active).select(links::id).first(c)).optional()?;
    if first.is_some() {
        return Ok(true);
    }
    let carried: Option<i64> = on_backend!(conn, c => carried_links::table
        .inner_join(links::table.on(links::id.eq(carried_links::link_id)))
        .filter(links::community_id.eq(community_id).and(carried_links::until.gt(now)))
        .select(links::id)
        .first(c))
    .optional()?;
    Ok(carried.is_some())
}

/// The links by which threads of a community of here travel at that instant, oldest first, with the other community:
/// those that are active, and those that wait and work meanwhile.
pub fn list_working(conn: &mut Conn, community_id: i64, now: i64) -> Result<Vec<(LinkRow, ActorRow)>> {
    let carried = carried_links::table.filter(carried_links::until.gt(now)).select(carried_links::link_id);
    let is_active = links::state.eq(LinkState::Active.as_str());
    Ok(links::table
        .inner_join(actors::table.on(actors::id.eq(links::other_id)))
        .filter(links::community_id.eq(community_id))
        .filter(is_active.or(links::id.eq_any(carried)))
        .order(links::id)
        .load(conn)?)
}

/// The same of the link of a community of here with one other.
pub fn find_working(conn: &mut Conn, community_id: i64, other_id: i64, now: i64) -> Result<Option<LinkRow>> {
    let Some(link) = find_between(conn, community_id, other_id)? else { return Ok(None) };
    let works =
        link.state()? == LinkState::Active || find_carried(conn, link.id)?.is_some_and(|until| until > now);
    Ok(works.then_some(link))
}

/// Until when a link works that waits for an answer; none where it is not one that takes the place of another.
pub fn find_carried(conn: &mut Conn, link_id: i64) -> Result<Option<i64>> {
    Ok(carried_links::table.find(link_id).select(carried_links::until).first(conn).optional()?)
}

/// The community in whose place a community proposes a link that works meanwhile.
pub fn find_former(conn: &mut Conn, link_id: i64) -> Result<Option<ActorRow>> {
    Ok(carried_links::table
        .inner_join(actors::table.on(actors::id.eq(carried_links::former_id)))
        .filter(carried_links::link_id.eq(link_id))
        .select(actors::all_columns)
        .first(conn)
        .optional()?)
}

/// Has a link work until that instant, though it waits for an answer, in the place of that of another community.
pub fn put_carried(conn: &mut Conn, link_id: i64, former_id: i64, until: i64) -> Result<()> {
    remove_carried(conn, link_id)?;
    diesel::insert_into(carried_links::table)
        .values((
            carried_links::link_id.eq(link_id),
            carried_links::former_id.eq(former_id),
            carried_links::until.eq(until),
        ))
        .execute(conn)?;
    Ok(())
}

/// Has a link work by its state alone; false where it did already.
pub fn remove_carried(conn: &mut Conn, link_id: i64) -> Result<bool> {
    Ok(diesel::delete(carried_links::table.find(link_id)).execute(conn)? > 0)
}

/// The links that wait for an answer and worked until that instant at the latest.
pub fn list_carried_until(conn: &mut Conn, instant: i64) -> Result<Vec<i64>> {
    let over = carried_links::until.le(instant);
    Ok(carried_links::table
        .filter(over)
        .order(carried_links::link_id)
        .select(carried_links::link_id)
        .load(conn)?)
}

/// The active links of communities of here one end of which became another community at that instant or before.
pub fn list_of_moved(conn: &mut Conn, instant: i64) -> Result<Vec<LinkRow>> {
    let has_moved = actors::moved_to.is_not_null().and(actors::moved_at.le(instant));
    let moved = || actors::table.filter(has_moved).select(actors::id);
    let of_moved = links::community_id.eq_any(moved()).or(links::other_id.eq_any(moved()));
    let active = links::state.eq(LinkState::Active.as_str());
    Ok(links::table.filter(active.and(of_moved)).order(links::id).load(conn)?)
}

/// The active links of a community of here with those that became that one.
pub fn list_with_former(
    conn: &mut Conn,
    community_id: i64,
    successor: &str,
) -> Result<Vec<(LinkRow, ActorRow)>> {
    Ok(links::table
        .inner_join(actors::table.on(actors::id.eq(links::other_id)))
        .filter(links::community_id.eq(community_id).and(links::state.eq(LinkState::Active.as_str())))
        .filter(actors::moved_to.eq(successor))
        .order(links::id)
        .load(conn)?)
}

/// Whether any community of here has a link with that one that is active, or works meanwhile.
pub fn is_linked_with(conn: &mut Conn, other_id: i64) -> Result<bool> {
    let active = links::other_id.eq(other_id).and(links::state.eq(LinkState::Active.as_str()));
    let first: Option<i64> = links::table.filter(active).select(links::id).first(conn).optional()?;
    if first.is_some() {
        return Ok(true);
    }
    let carried: Option<i64> = carried_links::table
        .inner_join(links::table.on(links::id.eq(carried_links::link_id)))
        .filter(links::other_id.eq(other_id))
        .select(links::id)
        .first(conn)
        .optional()?;
    Ok(carried.is_some())
}

/// The active links of all communities of here.
pub fn list_active(conn: &mut Conn) -> Result<Vec<LinkRow>> {
    let active = links::state.eq(LinkState::Active.as_str());
    Ok(links::table.filter(active).order(links::id).load(conn)?)
}

/// What a community elsewhere listed when it was last looked at: the other's ActivityPub id, and what it is to that
/// community.
pub fn list_elsewhere(conn: &mut Conn, community_id: i64) -> Result<Vec<(String, Relation)>> {
    let rows: Vec<(String, String)> = links_elsewhere::table
        .filter(links_elsewhere::community_id.eq(community_id))
        .order(links_elsewhere::other)
        .select((links_elsewhere::other, links_elsewhere::relation))
        .load(conn)?;
    let corrupt = Error::Corrupt { table: "links_elsewhere", column: "relation", id: community_id };
    let mut listed = Vec::new();
    for (other, relation) in rows {
        let Some(relation) = Relation::parse(&relation) else { return Err(corrupt) };
        listed.push((other, relation));
    }
    Ok(listed)
}

/// Replaces what a community elsewhere is known to list.
pub fn replace_elsewhere(
    conn: &mut Conn,
    community_id: i64,
    listed: &[(String, Relation)],
    now: i64,
) -> Result<()> {
    let of = links_elsewhere::table.filter(links_elsewhere::community_id.eq(community_id));
    diesel::delete(of).execute(conn)?;
    for (other, relation) in listed {
        diesel::insert_into(links_elsewhere::table)
            .values((
                links_elsewhere::community_id.eq(community_id),
                links_elsewhere::other.eq(other),
                links_elsewhere::relation.eq(relation.as_str()),
                links_elsewhere::seen_at.eq(now),
            ))
            .execute(conn)?;
    }
    Ok(())
}

/// Records which of those that a community elsewhere lists are listed only because official territories imply it.
pub fn mark_implied(conn: &mut Conn, community_id: i64, implied: &[String]) -> Result<()> {
    let of = links_elsewhere::table.filter(links_elsewhere::community_id.eq(community_id));
    diesel::update(of.filter(links_elsewhere::implied.eq(true)))
        .set(links_elsewhere::implied.eq(false))
        .execute(conn)?;
    for other in implied {
        diesel::update(links_elsewhere::table.find((community_id, other)))
            .set(links_elsewhere::implied.eq(true))
            .execute(conn)?;
    }
    Ok(())
}

/// What a community is nested in, as far as it is known here: by active links of communities of here and, of a community
/// elsewhere, by what it lists of others elsewhere.
pub fn list_uppers(conn: &mut Conn, community_id: i64) -> Result<Vec<i64>> {
    let active = links::state.eq(LinkState::Active.as_str());
    let own: Vec<i64> = links::table
        .filter(links::community_id.eq(community_id).and(links::relation.eq(Relation::Upper.as_str())))
        .filter(active)
        .select(links::other_id)
        .load(conn)?;
    let others: Vec<i64> = links::table
        .filter(links::other_id.eq(community_id).and(links::relation.eq(Relation::Lower.as_str())))
        .filter(active)
        .select(links::community_id)
        .load(conn)?;
    // What it says of a link with a community of here counts nothing where that one does not say so.
    let listed: Vec<i64> = links_elsewhere::table
        .inner_join(actors::table.on(actors::ap_id.eq(links_elsewhere::other)))
        .filter(links_elsewhere::community_id.eq(community_id))
        .filter(links_elsewhere::relation.eq(Relation::Upper.as_str()).and(actors::local.eq(false)))
        .select(actors::id)
        .load(conn)?;
    let mut uppers: Vec<i64> = own.into_iter().chain(others).chain(listed).collect();
    uppers.sort_unstable();
    uppers.dedup();
    Ok(uppers)
}
