//! Activities: those of here as they were sent, those of elsewhere that a community passes on, and the
//! ids of those already received.

use crate::dialect::on_backend;
use crate::schema::{activities, deliveries, posts, seen_activities};
use crate::{Conn, Result};
use diesel::prelude::*;

/// An activity.
#[derive(Clone, Debug, Queryable, Insertable)]
#[diesel(table_name = activities, treat_none_as_default_value = false)]
pub struct ActivityRow {
    /// Minted here.
    pub id: i64,
    /// The ActivityPub id.
    pub ap_id: String,
    /// `type`.
    pub kind: String,
    /// Whether its actor lives here.
    pub local: bool,
    /// Its actor.
    pub actor_id: i64,
    /// The message it concerns.
    pub post_id: Option<i64>,
    /// Whether the outbox lists it and anybody may fetch it.
    pub listed: bool,
    /// The JSON document, as it is sent.
    pub document: String,
    /// When it was made or received.
    pub created_at: i64,
}

/// The activity with that id.
pub fn find(conn: &mut Conn, id: i64) -> Result<Option<ActivityRow>> {
    Ok(on_backend!(conn, c => activities::table.find(id).first(c)).optional()?)
}

/// The activity with that ActivityPub id.
pub fn find_by_ap_id(conn: &mut Conn, ap_id: &str) -> Result<Option<ActivityRow>> {
    Ok(activities::table.filter(activities::ap_id.eq(ap_id)).first(conn).optional()?)
}

/// The type of an activity, and the message that it concerns.
pub fn find_about(conn: &mut Conn, id: i64) -> Result<Option<(String, Option<i64>)>> {
    Ok(on_backend!(conn, c => activities::table
        .find(id)
        .select((activities::kind, activities::post_id))
        .first(c))
    .optional()?)
}

/// What an actor of here announced about a message, newest first.
pub fn list_announces(conn: &mut Conn, actor_id: i64, post_id: i64) -> Result<Vec<ActivityRow>> {
    Ok(activities::table
        .filter(activities::post_id.eq(post_id).and(activities::actor_id.eq(actor_id)))
        .filter(activities::kind.eq("Announce").and(activities::local.eq(true)))
        .order(activities::id.desc())
        .load(conn)?)
}

/// Adds an activity unless its ActivityPub id is known; gives the id of the row that stands.
pub fn put(conn: &mut Conn, row: &ActivityRow) -> Result<i64> {
    on_backend!(conn, c => diesel::insert_into(activities::table)
        .values(row)
        .on_conflict(activities::ap_id)
        .do_nothing()
        .execute(c))?;
    Ok(on_backend!(conn, c => activities::table
        .filter(activities::ap_id.eq(&row.ap_id))
        .select(activities::id)
        .first(c))?)
}

/// The listed activities of an actor, newest first, below the id `before`, at most `limit`.
pub fn list_outbox(
    conn: &mut Conn,
    actor_id: i64,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<ActivityRow>> {
    Ok(activities::table
        .filter(activities::actor_id.eq(actor_id).and(activities::listed.eq(true)))
        .filter(shown())
        .filter(activities::id.lt(before.unwrap_or(i64::MAX)))
        .order(activities::id.desc())
        .limit(limit)
        .load(conn)?)
}

/// Which activities are shown: not those about what moderators removed.
#[diesel::dsl::auto_type]
fn shown() -> _ {
    let removed = posts::table.filter(posts::removed_at.is_not_null()).select(posts::id);
    activities::post_id.is_null().or(activities::post_id.assume_not_null().ne_all(removed))
}

/// How many activities the outbox of an actor lists.
pub fn count_outbox(conn: &mut Conn, actor_id: i64) -> Result<i64> {
    Ok(activities::table
        .filter(activities::actor_id.eq(actor_id).and(activities::listed.eq(true)))
        .filter(shown())
        .count()
        .get_result(conn)?)
}

/// Withdraws what was said about a message that is deleted: nothing lists it, what was not sent yet is not sent, and
/// the documents are emptied but for those that a worker is just sending.
pub fn withdraw(conn: &mut Conn, post_id: i64, now: i64) -> Result<()> {
    let about = activities::table.filter(activities::post_id.eq(post_id)).select(activities::id);
    let unsent = deliveries::table
        .filter(deliveries::activity_id.eq_any(about))
        .filter(deliveries::claimed_until.is_null().or(deliveries::claimed_until.le(now)));
    let lines: Vec<(String, String)> =
        unsent.select((deliveries::host, deliveries::subject)).distinct().load(conn)?;
    diesel::delete(unsent).execute(conn)?;
    for (host, subject) in lines {
        crate::deliveries::let_pass(conn, &host, &subject)?;
    }
    diesel::update(activities::table.filter(activities::post_id.eq(post_id)))
        .set(activities::listed.eq(false))
        .execute(conn)?;
    let sending = deliveries::table.select(deliveries::activity_id);
    diesel::update(
        activities::table.filter(activities::post_id.eq(post_id)).filter(activities::id.ne_all(sending)),
    )
    .set(activities::document.eq("{}"))
    .execute(conn)?;
    Ok(())
}

/// Whether an activity of that type about a message is kept.
pub fn is_kept(conn: &mut Conn, post_id: i64, kind: &str) -> Result<bool> {
    let found: i64 = activities::table
        .filter(activities::post_id.eq(post_id).and(activities::kind.eq(kind)))
        .count()
        .get_result(conn)?;
    Ok(found > 0)
}

/// Records that an activity was received; false where it was before.
pub fn see(conn: &mut Conn, ap_id: &str, now: i64) -> Result<bool> {
    let added = on_backend!(conn, c => diesel::insert_into(seen_activities::table)
        .values((seen_activities::ap_id.eq(ap_id), seen_activities::seen_at.eq(now)))
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(added == 1)
}

/// Whether an activity was received.
pub fn is_seen(conn: &mut Conn, ap_id: &str) -> Result<bool> {
    let found: i64 = on_backend!(conn, c => seen_activities::table.find(ap_id).count().get_result(c))?;
    Ok(found > 0)
}

/// Forgets the ids received before that instant; gives how many.
pub fn forget_seen(conn: &mut Conn, before: i64) -> Result<usize> {
    Ok(diesel::delete(seen_activities::table.filter(seen_activities::seen_at.lt(before))).execute(conn)?)
}
