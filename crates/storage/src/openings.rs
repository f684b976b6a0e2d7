//! When communities that were not open were opened: who joins afterwards has not been let in to what was written before.
//!
//! An opening is an id, as threads and memberships have: ids sort by the time at which they were minted here.

use crate::dialect::on_backend;
use crate::schema::openings;
use crate::{Conn, Result};
use diesel::prelude::*;

/// Records that a community was opened.
pub fn put(conn: &mut Conn, id: i64, community_id: i64) -> Result<()> {
    diesel::insert_into(openings::table)
        .values((openings::id.eq(id), openings::community_id.eq(community_id)))
        .execute(conn)?;
    Ok(())
}

/// Whether a community was opened after the thread with the id `after` and before the membership with the id `before`.
pub fn is_between(conn: &mut Conn, community_id: i64, after: i64, before: i64) -> Result<bool> {
    let between =
        openings::community_id.eq(community_id).and(openings::id.gt(after)).and(openings::id.lt(before));
    let found: Option<i64> =
        on_backend!(conn, c => openings::table.filter(between).select(openings::id).first(c)).optional()?;
    Ok(found.is_some())
}

/// The last opening of a community.
pub fn find_last(conn: &mut Conn, community_id: i64) -> Result<Option<i64>> {
    Ok(on_backend!(conn, c => openings::table
        .filter(openings::community_id.eq(community_id))
        .order(openings::id.desc())
        .select(openings::id)
        .first(c))
    .optional()?)
}

/// The communities that were opened once.
pub fn list(conn: &mut Conn) -> Result<Vec<i64>> {
    Ok(openings::table.select(openings::community_id).distinct().load(conn)?)
}
