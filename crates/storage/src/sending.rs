//! The marker of a database that sends: the folder of its instance holds the same one.

use crate::schema::sending;
use crate::{Conn, Result};
use diesel::prelude::*;

/// The marker. Its `id` is always 1.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = sending, treat_none_as_default_value = false)]
pub struct SendingRow {
    /// Always 1.
    pub id: i64,
    /// What the folder holds too.
    pub marker: String,
    /// What takes its place, where the process was stopped in between.
    pub next_marker: Option<String>,
    /// Since when nothing is sent because they differ, in milliseconds since the Unix epoch.
    pub stopped_at: Option<i64>,
}

/// The marker; none where nothing was ever sent.
pub fn find(conn: &mut Conn) -> Result<Option<SendingRow>> {
    Ok(sending::table.find(1).first(conn).optional()?)
}

/// Replaces the marker.
pub fn put(conn: &mut Conn, row: &SendingRow) -> Result<()> {
    diesel::delete(sending::table.find(row.id)).execute(conn)?;
    diesel::insert_into(sending::table).values(row).execute(conn)?;
    Ok(())
}
