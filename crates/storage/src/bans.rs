//! Bans: who may not take part in a community, since when, until when and why.

use crate::actors::ActorRow;
use crate::schema::{actors, bans};
use crate::{Conn, Result};
use diesel::prelude::*;

/// A ban. Instants are milliseconds since the Unix epoch.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = bans, treat_none_as_default_value = false)]
pub struct BanRow {
    /// The community.
    pub community_id: i64,
    /// Whoever is banned.
    pub actor_id: i64,
    /// The moderator who decided.
    pub moderator_id: i64,
    /// Why, plain text; may be empty.
    pub reason: String,
    /// When it ends; none for good.
    pub until: Option<i64>,
    /// Since when.
    pub created_at: i64,
}

/// The ban of an actor from a community, also one that has ended.
pub fn find(conn: &mut Conn, community_id: i64, actor_id: i64) -> Result<Option<BanRow>> {
    Ok(bans::table.find((community_id, actor_id)).first(conn).optional()?)
}

/// Whether an actor is banned from a community at that instant.
pub fn is_banned(conn: &mut Conn, community_id: i64, actor_id: i64, now: i64) -> Result<bool> {
    let ban = find(conn, community_id, actor_id)?;
    Ok(ban.is_some_and(|ban| ban.until.is_none_or(|until| until > now)))
}

/// Who is banned at that instant from any of these communities: `(community, actor)`.
pub fn list_among(conn: &mut Conn, community_ids: &[i64], now: i64) -> Result<Vec<(i64, i64)>> {
    Ok(bans::table
        .filter(bans::community_id.eq_any(community_ids))
        .filter(bans::until.is_null().or(bans::until.gt(now)))
        .select((bans::community_id, bans::actor_id))
        .load(conn)?)
}

/// Bans an actor, in place of the ban that there was.
pub fn put(conn: &mut Conn, row: &BanRow) -> Result<()> {
    remove(conn, row.community_id, row.actor_id)?;
    diesel::insert_into(bans::table).values(row).execute(conn)?;
    Ok(())
}

/// Lifts a ban; false where there was none.
pub fn remove(conn: &mut Conn, community_id: i64, actor_id: i64) -> Result<bool> {
    Ok(diesel::delete(bans::table.find((community_id, actor_id))).execute(conn)? > 0)
}

/// The bans of a community that stand at that instant, newest first, at most `limit`, with whom they concern.
pub fn list(conn: &mut Conn, community_id: i64, now: i64, limit: i64) -> Result<Vec<(BanRow, ActorRow)>> {
    Ok(bans::table
        .inner_join(actors::table.on(actors::id.eq(bans::actor_id)))
        .filter(bans::community_id.eq(community_id))
        .filter(bans::until.is_null().or(bans::until.gt(now)))
        .order((bans::created_at.desc(), bans::actor_id))
        .limit(limit)
        .load(conn)?)
}
