//! The public journal of a community: what was decided about it, when and by whom.

use crate::schema::journal;
use crate::{Conn, Result};
use diesel::prelude::*;

/// A line of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = journal, treat_none_as_default_value = false)]
pub struct JournalRow {
    /// Minted here.
    pub id: i64,
    /// The community of here whose journal it is.
    pub community_id: i64,
    /// What happened: a permanent name, which the doors translate.
    pub event: String,
    /// Who did it; none where the other community did, or nobody.
    pub actor_id: Option<i64>,
    /// The other community that it is about.
    pub other_id: Option<i64>,
    /// What else is to be said, as JSON: texts by name.
    pub details: String,
    /// When, in milliseconds since the Unix epoch.
    pub created_at: i64,
}

/// Adds a line.
pub fn put(conn: &mut Conn, row: &JournalRow) -> Result<()> {
    diesel::insert_into(journal::table).values(row).execute(conn)?;
    Ok(())
}

/// The journal of a community, newest first, below `before`, at most `limit` lines.
pub fn list(conn: &mut Conn, community_id: i64, before: Option<i64>, limit: i64) -> Result<Vec<JournalRow>> {
    Ok(journal::table
        .filter(journal::community_id.eq(community_id))
        .filter(journal::id.lt(before.unwrap_or(i64::MAX)))
        .order(journal::id.desc())
        .limit(limit)
        .load(conn)?)
}
