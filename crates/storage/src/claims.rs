//! Claims of official codes: what communities elsewhere say now, where it is not what is shown, what administrators of
//! here decided, and by which links communities elsewhere are nested in one another.

use crate::actors::ActorRow;
use crate::dialect::among_on_backend;
use crate::schema::{actors, changed_claims, communities, judged_claims, links, links_elsewhere};
use crate::{Conn, Result};
use clocher_domain::link::{LinkState, Relation};
use diesel::prelude::*;
use std::collections::HashSet;

/// What a community elsewhere says now that it stands for, where that is not what is shown.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = changed_claims, treat_none_as_default_value = false)]
pub struct ChangedRow {
    /// The community.
    pub community_id: i64,
    /// The area; none where it says that it stands for none any more.
    pub territory: Option<String>,
    /// Since when, in milliseconds since the Unix epoch.
    pub since: i64,
}

/// What an administrator of here decided about a claim.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = judged_claims, treat_none_as_default_value = false)]
pub struct JudgedRow {
    /// The community.
    pub community_id: i64,
    /// The area that it says it stands for.
    pub territory: String,
    /// Whether it is confirmed, rather than rejected.
    pub confirmed: bool,
    /// Who decided.
    pub decider_id: i64,
    /// When, in milliseconds since the Unix epoch.
    pub decided_at: i64,
}

/// Records what a community says now, in place of what it said before.
pub fn put_changed(conn: &mut Conn, row: &ChangedRow) -> Result<()> {
    remove_changed(conn, row.community_id)?;
    diesel::insert_into(changed_claims::table).values(row).execute(conn)?;
    Ok(())
}

/// Records that a community says what is shown.
pub fn remove_changed(conn: &mut Conn, community_id: i64) -> Result<()> {
    diesel::delete(changed_claims::table.find(community_id)).execute(conn)?;
    Ok(())
}

/// What these communities say now, where it is not what is shown.
pub fn list_changed(conn: &mut Conn, ids: &[i64]) -> Result<Vec<ChangedRow>> {
    Ok(among_on_backend!(conn, changed_claims::community_id, ids, (c, among) => changed_claims::table
        .filter(among)
        .load(c))?)
}

/// Records what was decided about a claim, in place of what was decided before.
pub fn put_judged(conn: &mut Conn, row: &JudgedRow) -> Result<()> {
    diesel::delete(judged_claims::table.find((row.community_id, &row.territory))).execute(conn)?;
    diesel::insert_into(judged_claims::table).values(row).execute(conn)?;
    Ok(())
}

/// Forgets which claims of a community were confirmed: it stands for one area at a time.
pub fn remove_confirmed(conn: &mut Conn, community_id: i64) -> Result<()> {
    let of = judged_claims::community_id.eq(community_id).and(judged_claims::confirmed.eq(true));
    diesel::delete(judged_claims::table.filter(of)).execute(conn)?;
    Ok(())
}

/// What was decided about the claims of these communities.
pub fn list_judged(conn: &mut Conn, ids: &[i64]) -> Result<Vec<JudgedRow>> {
    Ok(among_on_backend!(conn, judged_claims::community_id, ids, (c, among) => judged_claims::table
        .filter(among)
        .load(c))?)
}

/// The communities that are shown as standing for any of these areas, and those that say so now: ids, with the area; of
/// either, the `limit` known longest.
pub fn list_claimants(conn: &mut Conn, territories: &[String], limit: i64) -> Result<Vec<(i64, String)>> {
    let territory = communities::territory.assume_not_null();
    let mut found: Vec<(i64, String)> = among_on_backend!(conn, communities::territory, territories, (c, among) => communities::table
            .filter(among)
            .order(communities::actor_id)
            .limit(limit)
            .select((communities::actor_id, territory))
            .load(c))?;
    let territory = changed_claims::territory.assume_not_null();
    let changed: Vec<(i64, String)> = among_on_backend!(conn, changed_claims::territory, territories, (c, among) => changed_claims::table
            .filter(among)
            .order(changed_claims::community_id)
            .limit(limit)
            .select((changed_claims::community_id, territory))
            .load(c))?;
    found.extend(changed);
    Ok(found)
}

/// What these communities are shown to stand for; those that stand for nothing are left out.
pub fn list_shown(conn: &mut Conn, ids: &[i64]) -> Result<Vec<(i64, String)>> {
    let territory = communities::territory.assume_not_null();
    Ok(among_on_backend!(conn, communities::actor_id, ids, (c, among) => communities::table
        .filter(among)
        .filter(communities::territory.is_not_null())
        .select((communities::actor_id, territory))
        .load(c))?)
}

/// The communities of here that stand for an area, with it.
pub fn list_own(conn: &mut Conn) -> Result<Vec<(i64, String)>> {
    Ok(communities::table
        .inner_join(actors::table.on(actors::id.eq(communities::actor_id)))
        .filter(actors::local.eq(true).and(communities::territory.is_not_null()))
        .select((communities::actor_id, communities::territory.assume_not_null()))
        .load(conn)?)
}

/// The communities elsewhere that stand for an area, or say so now, newest first, at most `limit` of each.
pub fn list_elsewhere(conn: &mut Conn, limit: i64) -> Result<Vec<ActorRow>> {
    let live = actors::local.eq(false).and(actors::deleted_at.is_null()).and(actors::suspended_at.is_null());
    let mut rows: Vec<ActorRow> = actors::table
        .inner_join(communities::table.on(communities::actor_id.eq(actors::id)))
        .filter(live.and(communities::territory.is_not_null()))
        .order(actors::id.desc())
        .limit(limit)
        .select(actors::all_columns)
        .load(conn)?;
    let changed: Vec<ActorRow> = actors::table
        .inner_join(changed_claims::table.on(changed_claims::community_id.eq(actors::id)))
        .filter(live)
        .order(actors::id.desc())
        .limit(limit)
        .select(actors::all_columns)
        .load(conn)?;
    rows.extend(changed);
    rows.sort_by_key(|row| std::cmp::Reverse(row.id));
    rows.dedup_by_key(|row| row.id);
    Ok(rows)
}

/// In which communities these are nested by the word of those: pairs, the lower one first. Of communities of here, as
/// their moderators agreed; of those elsewhere, where both list it. Links that nobody chose are left out.
pub fn list_parents(conn: &mut Conn, ids: &[i64]) -> Result<Vec<(i64, i64)>> {
    let is_lower = links::relation.eq(Relation::Lower.as_str());
    let is_active = links::state.eq(LinkState::Active.as_str()).and(links::implied.eq(false));
    let mut pairs: Vec<(i64, i64)> = among_on_backend!(conn, links::other_id, ids, (c, among) => links::table
            .filter(among)
            .filter(is_lower.and(is_active))
            .select((links::other_id, links::community_id))
            .load(c))?;
    let is_upper = links_elsewhere::relation.eq(Relation::Upper.as_str());
    let said: Vec<(i64, i64)> = among_on_backend!(conn, links_elsewhere::community_id, ids, (c, among) => links_elsewhere::table
            .inner_join(actors::table.on(actors::ap_id.eq(links_elsewhere::other)))
            .filter(among)
            .filter(is_upper.and(actors::local.eq(false)))
            .select((links_elsewhere::community_id, actors::id))
            .load(c))?;
    let mut uppers: Vec<i64> = said.iter().map(|(_, upper)| *upper).collect();
    uppers.sort_unstable();
    uppers.dedup();
    let is_lower = links_elsewhere::relation.eq(Relation::Lower.as_str());
    let taken: HashSet<(i64, i64)> =
        among_on_backend!(conn, links_elsewhere::community_id, &uppers, (c, among) => links_elsewhere::table
            .inner_join(actors::table.on(actors::ap_id.eq(links_elsewhere::other)))
            .filter(among)
            .filter(is_lower.and(links_elsewhere::implied.eq(false)))
            .select((actors::id, links_elsewhere::community_id))
            .load(c))?
        .into_iter()
        .collect();
    pairs.extend(said.into_iter().filter(|pair| taken.contains(pair)));
    Ok(pairs)
}
