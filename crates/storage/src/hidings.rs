//! What communities of here hide from their own readers of threads that they share.

use crate::schema::hidings;
use crate::{Conn, Result};
use diesel::prelude::*;

/// A reply that a community hides from its readers; all replies of a thread, where the message is its top post.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = hidings)]
pub struct HidingRow {
    /// The community of here.
    pub community_id: i64,
    /// The reply, or the top post.
    pub post_id: i64,
    /// The top post.
    pub thread_id: i64,
    /// The moderator who decided.
    pub moderator_id: i64,
    /// When, in milliseconds since the Unix epoch.
    pub created_at: i64,
}

/// All that is hidden of a thread, whoever hides it.
pub fn list(conn: &mut Conn, thread_id: i64) -> Result<Vec<HidingRow>> {
    Ok(hidings::table
        .filter(hidings::thread_id.eq(thread_id))
        .order((hidings::created_at, hidings::post_id))
        .load(conn)?)
}

/// Hides a message; false where the community hid it already.
pub fn put(conn: &mut Conn, row: &HidingRow) -> Result<bool> {
    let known: i64 = hidings::table.find((row.community_id, row.post_id)).count().get_result(conn)?;
    if known > 0 {
        return Ok(false);
    }
    diesel::insert_into(hidings::table).values(row).execute(conn)?;
    Ok(true)
}

/// Shows a message again; false where it was not hidden.
pub fn remove(conn: &mut Conn, community_id: i64, post_id: i64) -> Result<bool> {
    Ok(diesel::delete(hidings::table.find((community_id, post_id))).execute(conn)? > 0)
}
