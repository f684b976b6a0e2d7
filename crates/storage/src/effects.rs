//! Effects that are owed: written with the deed, taken in order, removed with what carries them out.

use crate::dialect::on_backend;
use crate::jobs::{self, JobRow};
use crate::schema::effects;
use crate::{Conn, Error, Result};
use clocher_domain::effect::Effect;
use diesel::prelude::*;

/// The kind of job that an effect becomes when it cannot be carried out.
pub const SET_ASIDE: &str = "effect";

/// Owes an effect.
pub fn put(conn: &mut Conn, id: i64, effect: &Effect, now: i64) -> Result<()> {
    let document = serde_json::to_string(effect).map_err(|_| corrupt(id))?;
    on_backend!(conn, c => diesel::insert_into(effects::table)
        .values((effects::id.eq(id), effects::document.eq(document), effects::created_at.eq(now)))
        .execute(c))?;
    Ok(())
}

/// The oldest effect owed, if any, by its id; [`Error::Corrupt`] in its place where the row is not an effect of this
/// version.
pub fn first(conn: &mut Conn) -> Result<Option<(i64, Result<Effect>)>> {
    let row: Option<(i64, String)> = on_backend!(conn, c => effects::table
        .select((effects::id, effects::document))
        .order(effects::id)
        .first(c))
    .optional()?;
    Ok(row.map(|(id, document)| (id, serde_json::from_str(&document).map_err(|_| corrupt(id)))))
}

/// Removes an effect that is carried out; false where another process was first.
pub fn remove(conn: &mut Conn, id: i64) -> Result<bool> {
    Ok(on_backend!(conn, c => diesel::delete(effects::table.find(id)).execute(c))? == 1)
}

/// Whether the very same effect is owed.
pub fn is_owed(conn: &mut Conn, effect: &Effect) -> Result<bool> {
    let document = serde_json::to_string(effect).map_err(|_| corrupt(0))?;
    let found: i64 = effects::table.filter(effects::document.eq(document)).count().get_result(conn)?;
    Ok(found > 0)
}

/// Sets an effect aside as a parked job, so that those after it can be carried out.
pub fn set_aside(conn: &mut Conn, id: i64, now: i64, error: &str) -> Result<()> {
    let document: Option<String> =
        effects::table.find(id).select(effects::document).first(conn).optional()?;
    let Some(document) = document else { return Ok(()) };
    remove(conn, id)?;
    jobs::put(
        conn,
        &JobRow {
            id,
            kind: SET_ASIDE.to_owned(),
            subject: format!("effect {id}"),
            document,
            state: jobs::PARKED.to_owned(),
            attempts: 1,
            next_at: now,
            claimed_until: None,
            last_error: Some(error.to_owned()),
            created_at: now,
            progress: None,
        },
    )
}

/// How many effects are owed.
pub fn count(conn: &mut Conn) -> Result<i64> {
    Ok(effects::table.count().get_result(conn)?)
}

fn corrupt(id: i64) -> Error {
    Error::Corrupt { table: "effects", column: "document", id }
}
