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
    /// What the folder holds too; empty where nothing is sealed yet.
    pub marker: String,
    /// How many parcels were carried since the marker was made.
    pub turn: i64,
    /// Since when nothing is sent because they differ, in milliseconds since the Unix epoch.
    pub stopped_at: Option<i64>,
}

/// The marker; none where nothing was ever sent.
pub fn find(conn: &mut Conn) -> Result<Option<SendingRow>> {
    Ok(sending::table.find(1).first(conn).optional()?)
}

/// Records that one more parcel was carried.
pub fn set_turn(conn: &mut Conn, turn: i64) -> Result<()> {
    diesel::update(sending::table.find(1)).set(sending::turn.eq(turn)).execute(conn)?;
    Ok(())
}

/// Replaces the marker.
pub fn put(conn: &mut Conn, row: &SendingRow) -> Result<()> {
    diesel::delete(sending::table.find(row.id)).execute(conn)?;
    diesel::insert_into(sending::table).values(row).execute(conn)?;
    Ok(())
}
