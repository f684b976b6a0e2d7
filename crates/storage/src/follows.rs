//! Who follows whom. To follow a community is to be its member.

use crate::actors::ActorRow;
use crate::dialect::on_backend;
use crate::schema::{actors, communities, follows, join_requests};
use crate::{Conn, Error, Result};
use clocher_domain::community::Openness;
use clocher_domain::membership::Standing;
use diesel::prelude::*;

/// A follow.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = follows)]
pub struct FollowRow {
    /// Minted here.
    pub id: i64,
    /// The id of the `Follow` activity.
    pub ap_id: String,
    /// Who follows.
    pub follower_id: i64,
    /// Who is followed.
    pub followed_id: i64,
    /// A [`Standing`]; read it with [`FollowRow::standing`].
    pub standing: String,
    /// Since when.
    pub created_at: i64,
}

impl FollowRow {
    /// How far it has come.
    ///
    /// # Errors
    /// [`Error::Corrupt`].
    pub fn standing(&self) -> Result<Standing> {
        Standing::parse(&self.standing).ok_or(Error::Corrupt {
            table: "follows",
            column: "standing",
            id: self.id,
        })
    }
}

/// The follow between the two.
pub fn find(conn: &mut Conn, follower_id: i64, followed_id: i64) -> Result<Option<FollowRow>> {
    Ok(on_backend!(conn, c => follows::table
        .filter(follows::follower_id.eq(follower_id).and(follows::followed_id.eq(followed_id)))
        .first(c))
    .optional()?)
}

/// The follow with that id.
pub fn get(conn: &mut Conn, id: i64) -> Result<Option<FollowRow>> {
    Ok(follows::table.find(id).first(conn).optional()?)
}

/// The follow of that `Follow` activity.
pub fn find_by_ap_id(conn: &mut Conn, ap_id: &str) -> Result<Option<FollowRow>> {
    Ok(follows::table.filter(follows::ap_id.eq(ap_id)).first(conn).optional()?)
}

/// Adds a follow, or replaces the one between the two.
pub fn put(conn: &mut Conn, row: &FollowRow) -> Result<()> {
    remove(conn, row.follower_id, row.followed_id)?;
    diesel::insert_into(follows::table).values(row).execute(conn)?;
    Ok(())
}

/// Sets how far a follow has come.
pub fn set_standing(conn: &mut Conn, id: i64, standing: Standing) -> Result<()> {
    diesel::update(follows::table.find(id)).set(follows::standing.eq(standing.as_str())).execute(conn)?;
    Ok(())
}

/// Ends the follow between the two; false where there was none.
pub fn remove(conn: &mut Conn, follower_id: i64, followed_id: i64) -> Result<bool> {
    let between =
        follows::table.filter(follows::follower_id.eq(follower_id).and(follows::followed_id.eq(followed_id)));
    Ok(diesel::delete(between).execute(conn)? > 0)
}

/// Ends every follow of and by an actor.
pub fn remove_all(conn: &mut Conn, actor_id: i64) -> Result<()> {
    let of_or_by =
        follows::table.filter(follows::follower_id.eq(actor_id).or(follows::followed_id.eq(actor_id)));
    diesel::delete(of_or_by).execute(conn)?;
    Ok(())
}

/// Whether the follower is accepted by the followed.
pub fn is_accepted(conn: &mut Conn, follower_id: i64, followed_id: i64) -> Result<bool> {
    Ok(find(conn, follower_id, followed_id)?.is_some_and(|row| row.standing == Standing::Accepted.as_str()))
}

/// How many accepted followers an actor has.
pub fn count_followers(conn: &mut Conn, followed_id: i64) -> Result<i64> {
    let accepted = follows::standing.eq(Standing::Accepted.as_str());
    Ok(on_backend!(conn, c => follows::table
        .filter(follows::followed_id.eq(followed_id).and(accepted))
        .count()
        .get_result(c))?)
}

/// How many accepted followers of here an actor has.
pub fn count_local_followers(conn: &mut Conn, followed_id: i64) -> Result<i64> {
    Ok(on_backend!(conn, c => follows::table
        .inner_join(actors::table.on(actors::id.eq(follows::follower_id)))
        .filter(follows::followed_id.eq(followed_id).and(follows::standing.eq(Standing::Accepted.as_str())))
        .filter(actors::local.eq(true))
        .count()
        .get_result(c))?)
}

/// The ids of the accepted followers of here that an actor has, oldest follow first.
pub fn list_local_followers(conn: &mut Conn, followed_id: i64) -> Result<Vec<i64>> {
    Ok(follows::table
        .inner_join(actors::table.on(actors::id.eq(follows::follower_id)))
        .filter(follows::followed_id.eq(followed_id).and(follows::standing.eq(Standing::Accepted.as_str())))
        .filter(actors::local.eq(true))
        .order(follows::id)
        .select(follows::follower_id)
        .load(conn)?)
}

/// The ids of the accepted followers of here that an actor has and that are neither suspended nor gone.
pub fn list_active_local_followers(conn: &mut Conn, followed_id: i64) -> Result<Vec<i64>> {
    Ok(follows::table
        .inner_join(actors::table.on(actors::id.eq(follows::follower_id)))
        .filter(follows::followed_id.eq(followed_id).and(follows::standing.eq(Standing::Accepted.as_str())))
        .filter(actors::local.eq(true).and(actors::suspended_at.is_null()).and(actors::deleted_at.is_null()))
        .select(follows::follower_id)
        .load(conn)?)
}

/// What an actor follows or has asked to follow, oldest first.
pub fn list_followed(conn: &mut Conn, follower_id: i64) -> Result<Vec<(FollowRow, ActorRow)>> {
    Ok(follows::table
        .inner_join(actors::table.on(actors::id.eq(follows::followed_id)))
        .filter(follows::follower_id.eq(follower_id))
        .order(follows::id)
        .load(conn)?)
}

/// Whether an actor has an accepted follower on that host.
pub fn has_follower_on(conn: &mut Conn, followed_id: i64, host: &str) -> Result<bool> {
    let found: Option<i64> = on_backend!(conn, c => follows::table
        .inner_join(actors::table.on(actors::id.eq(follows::follower_id)))
        .filter(follows::followed_id.eq(followed_id).and(follows::standing.eq(Standing::Accepted.as_str())))
        .filter(actors::host.eq(host).and(actors::deleted_at.is_null()).and(actors::suspended_at.is_null()))
        .select(follows::id)
        .first(c))
    .optional()?;
    Ok(found.is_some())
}

/// The oldest accepted follow of an actor by somebody on that host.
pub fn oldest_on(conn: &mut Conn, followed_id: i64, host: &str) -> Result<Option<i64>> {
    Ok(on_backend!(conn, c => follows::table
        .inner_join(actors::table.on(actors::id.eq(follows::follower_id)))
        .filter(follows::followed_id.eq(followed_id).and(follows::standing.eq(Standing::Accepted.as_str())))
        .filter(actors::host.eq(host).and(actors::deleted_at.is_null()).and(actors::suspended_at.is_null()))
        .order(follows::id)
        .select(follows::id)
        .first(c))
    .optional()?)
}

/// Accepted followers of elsewhere of an actor whose hosts are known to run something, above the follow `after`, at most
/// `limit`.
pub fn list_remote(
    conn: &mut Conn,
    followed_id: i64,
    after: i64,
    limit: i64,
) -> Result<Vec<(FollowRow, ActorRow)>> {
    Ok(follows::table
        .inner_join(actors::table.on(actors::id.eq(follows::follower_id)))
        .filter(follows::followed_id.eq(followed_id).and(follows::standing.eq(Standing::Accepted.as_str())))
        .filter(actors::local.eq(false).and(follows::id.gt(after)))
        .order(follows::id)
        .limit(limit)
        .load(conn)?)
}

/// Whether somebody of here is a member of a community on that host that is not open.
pub fn follows_closed_on(conn: &mut Conn, host: &str) -> Result<bool> {
    let found: Option<i64> = on_backend!(conn, c => follows::table
        .inner_join(actors::table.on(actors::id.eq(follows::followed_id)))
        .inner_join(communities::table.on(communities::actor_id.eq(follows::followed_id)))
        .filter(actors::host.eq(host).and(actors::local.eq(false)))
        .filter(communities::openness.ne(Openness::Open.as_str()))
        .filter(follows::standing.eq(Standing::Accepted.as_str()))
        .select(follows::id)
        .first(c))
    .optional()?;
    Ok(found.is_some())
}

/// The followers of an actor in that standing, oldest request first, above the id `after`, at most `limit`.
pub fn list_followers(
    conn: &mut Conn,
    followed_id: i64,
    standing: Standing,
    after: i64,
    limit: i64,
) -> Result<Vec<(FollowRow, ActorRow)>> {
    Ok(follows::table
        .inner_join(actors::table.on(actors::id.eq(follows::follower_id)))
        .filter(follows::followed_id.eq(followed_id).and(follows::standing.eq(standing.as_str())))
        .filter(follows::id.gt(after).and(actors::deleted_at.is_null()))
        .order(follows::id)
        .limit(limit)
        .load(conn)?)
}

/// How many wait for an answer of an actor.
pub fn count_requests(conn: &mut Conn, followed_id: i64) -> Result<i64> {
    Ok(follows::table
        .filter(follows::followed_id.eq(followed_id))
        .filter(follows::standing.eq(Standing::Requested.as_str()))
        .count()
        .get_result(conn)?)
}

/// What came with a request to join a community that is not open. It goes with the follow.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = join_requests)]
pub struct JoinRequestRow {
    /// The follow.
    pub follow_id: i64,
    /// Whether it was asked for by a `Join` rather than a `Follow`.
    pub is_join: bool,
    /// What whoever asks says to the moderators, plain text; may be empty.
    pub reason: String,
}

/// Records what came with a request.
pub fn put_request(conn: &mut Conn, row: &JoinRequestRow) -> Result<()> {
    diesel::delete(join_requests::table.find(row.follow_id)).execute(conn)?;
    diesel::insert_into(join_requests::table).values(row).execute(conn)?;
    Ok(())
}

/// What came with a request.
pub fn find_request(conn: &mut Conn, follow_id: i64) -> Result<Option<JoinRequestRow>> {
    Ok(join_requests::table.find(follow_id).first(conn).optional()?)
}

/// Where the accepted followers of elsewhere get their deliveries: `(inbox, host)`, each inbox once.
pub fn list_follower_inboxes(conn: &mut Conn, followed_id: i64) -> Result<Vec<(String, String)>> {
    let rows: Vec<(Option<String>, String, String)> = on_backend!(conn, c => follows::table
        .inner_join(actors::table.on(actors::id.eq(follows::follower_id)))
        .filter(follows::followed_id.eq(followed_id).and(follows::standing.eq(Standing::Accepted.as_str())))
        .filter(actors::local.eq(false).and(actors::deleted_at.is_null()).and(actors::inbox.ne("")))
        .select((actors::shared_inbox, actors::inbox, actors::host))
        .distinct()
        .load(c))?;
    let mut inboxes: Vec<_> =
        rows.into_iter().map(|(shared, own, host)| (shared.unwrap_or(own), host)).collect();
    inboxes.sort();
    inboxes.dedup();
    Ok(inboxes)
}
