//! Effects that are owed: written with the deed, taken in order, removed with what carries them out.

use crate::schema::effects;
use crate::{Conn, Error, Result};
use clocher_domain::effect::Effect;
use diesel::prelude::*;

/// Owes an effect.
pub fn put(conn: &mut Conn, id: i64, effect: &Effect, now: i64) -> Result<()> {
    let document = serde_json::to_string(effect).map_err(|_| corrupt(id))?;
    diesel::insert_into(effects::table)
        .values((effects::id.eq(id), effects::document.eq(document), effects::created_at.eq(now)))
        .execute(conn)?;
    Ok(())
}

/// The oldest effect owed, if any.
///
/// # Errors
/// [`Error::Corrupt`] where the row is not an effect of this version.
pub fn first(conn: &mut Conn) -> Result<Option<(i64, Effect)>> {
    let row: Option<(i64, String)> =
        effects::table.select((effects::id, effects::document)).order(effects::id).first(conn).optional()?;
    row.map(|(id, document)| Ok((id, serde_json::from_str(&document).map_err(|_| corrupt(id))?))).transpose()
}

/// Removes an effect that is carried out; false where another process was first.
pub fn remove(conn: &mut Conn, id: i64) -> Result<bool> {
    Ok(diesel::delete(effects::table.find(id)).execute(conn)? == 1)
}

/// How many effects are owed.
pub fn count(conn: &mut Conn) -> Result<i64> {
    Ok(effects::table.count().get_result(conn)?)
}

fn corrupt(id: i64) -> Error {
    Error::Corrupt { table: "effects", column: "document", id }
}
