//! Messages that became visible, and whose readers are not written into the ledger yet: one row each, taken in order.

use crate::dialect::on_backend;
use crate::schema::fan_outs;
use crate::{Conn, Result};
use diesel::prelude::*;

/// A message that became visible in a community. Instants are milliseconds since the Unix epoch.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = fan_outs, treat_none_as_default_value = false)]
pub struct FanOutRow {
    /// Grows with time.
    pub id: i64,
    /// The message.
    pub post_id: i64,
    /// The community; none where the message is in none.
    pub community_id: Option<i64>,
    /// Whether it was fetched from before we listened: who joined after it was published is not told.
    pub fetched: bool,
    /// Whose turn it is.
    pub stage: i64,
    /// Up to where those of the stage are written.
    pub reached: i64,
    /// When it became visible.
    pub created_at: i64,
}

/// Owes a message to its readers.
pub fn put(conn: &mut Conn, row: &FanOutRow) -> Result<()> {
    on_backend!(conn, c => diesel::insert_into(fan_outs::table).values(row).execute(c))?;
    Ok(())
}

/// The oldest that is not done.
pub fn first(conn: &mut Conn) -> Result<Option<FanOutRow>> {
    Ok(on_backend!(conn, c => fan_outs::table.order(fan_outs::id).first(c)).optional()?)
}

/// Those that are not done, oldest first, at most `limit`.
pub fn list(conn: &mut Conn, limit: i64) -> Result<Vec<FanOutRow>> {
    Ok(fan_outs::table.order(fan_outs::id).limit(limit).load(conn)?)
}

/// Whether it stands where it stood: nobody else brought it farther.
pub fn is_unchanged(conn: &mut Conn, row: &FanOutRow) -> Result<bool> {
    let now: Option<FanOutRow> = on_backend!(conn, c => fan_outs::table.find(row.id).first(c)).optional()?;
    Ok(now.as_ref() == Some(row))
}

/// Records how far it came.
pub fn set_reached(conn: &mut Conn, id: i64, stage: i64, reached: i64) -> Result<()> {
    diesel::update(fan_outs::table.find(id))
        .set((fan_outs::stage.eq(stage), fan_outs::reached.eq(reached)))
        .execute(conn)?;
    Ok(())
}

/// Removes one that is done.
pub fn remove(conn: &mut Conn, id: i64) -> Result<()> {
    on_backend!(conn, c => diesel::delete(fan_outs::table.find(id)).execute(c))?;
    Ok(())
}

/// Removes those that are older than that instant; gives how many.
pub fn remove_older(conn: &mut Conn, before: i64) -> Result<usize> {
    Ok(diesel::delete(fan_outs::table.filter(fan_outs::created_at.lt(before))).execute(conn)?)
}

/// How many are not done.
pub fn count(conn: &mut Conn) -> Result<i64> {
    Ok(fan_outs::table.count().get_result(conn)?)
}
