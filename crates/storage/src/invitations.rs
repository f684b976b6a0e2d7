//! Invitations to communities that wait for an answer: of ours to anybody, and of those elsewhere to persons of ours.

use crate::actors::ActorRow;
use crate::dialect::on_backend;
use crate::schema::{actors, invitations};
use crate::{Conn, Result};
use diesel::prelude::*;

/// An invitation. Instants are milliseconds since the Unix epoch.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = invitations, treat_none_as_default_value = false)]
pub struct InvitationRow {
    /// The community.
    pub community_id: i64,
    /// Whoever is invited.
    pub actor_id: i64,
    /// The id of the `Invite`.
    pub ap_id: String,
    /// The moderator who invited; none where a community elsewhere did.
    pub inviter_id: Option<i64>,
    /// Since when.
    pub created_at: i64,
}

/// Adds an invitation; false where there was one.
pub fn put(conn: &mut Conn, row: &InvitationRow) -> Result<bool> {
    let added = on_backend!(conn, c => diesel::insert_into(invitations::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(added > 0)
}

/// The invitation of somebody to a community.
pub fn find(conn: &mut Conn, community_id: i64, actor_id: i64) -> Result<Option<InvitationRow>> {
    Ok(on_backend!(conn, c => invitations::table.find((community_id, actor_id)).first(c)).optional()?)
}

/// Ends an invitation; false where there was none.
pub fn remove(conn: &mut Conn, community_id: i64, actor_id: i64) -> Result<bool> {
    Ok(diesel::delete(invitations::table.find((community_id, actor_id))).execute(conn)? > 0)
}

/// Whom a community invited, newest first, at most `limit`.
pub fn list_of(conn: &mut Conn, community_id: i64, limit: i64) -> Result<Vec<ActorRow>> {
    Ok(invitations::table
        .inner_join(actors::table.on(actors::id.eq(invitations::actor_id)))
        .filter(invitations::community_id.eq(community_id))
        .order((invitations::created_at.desc(), invitations::actor_id))
        .limit(limit)
        .select(actors::all_columns)
        .load(conn)?)
}

/// The communities that invited somebody, newest first, at most `limit`.
pub fn list_for(conn: &mut Conn, actor_id: i64, limit: i64) -> Result<Vec<ActorRow>> {
    Ok(invitations::table
        .inner_join(actors::table.on(actors::id.eq(invitations::community_id)))
        .filter(invitations::actor_id.eq(actor_id).and(actors::deleted_at.is_null()))
        .order((invitations::created_at.desc(), invitations::community_id))
        .limit(limit)
        .select(actors::all_columns)
        .load(conn)?)
}

/// How many invitations of a community wait.
pub fn count_of(conn: &mut Conn, community_id: i64) -> Result<i64> {
    Ok(invitations::table.filter(invitations::community_id.eq(community_id)).count().get_result(conn)?)
}

/// How many invitations wait for an answer of somebody.
pub fn count_for(conn: &mut Conn, actor_id: i64) -> Result<i64> {
    Ok(invitations::table.filter(invitations::actor_id.eq(actor_id)).count().get_result(conn)?)
}

/// Whether a community invited somebody on that host.
pub fn is_for_host(conn: &mut Conn, community_id: i64, host: &str) -> Result<bool> {
    let found: Option<i64> = on_backend!(conn, c => invitations::table
        .inner_join(actors::table.on(actors::id.eq(invitations::actor_id)))
        .filter(invitations::community_id.eq(community_id).and(actors::host.eq(host)))
        .select(actors::id)
        .first(c))
    .optional()?;
    Ok(found.is_some())
}
