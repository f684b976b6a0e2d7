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

/// How many lines about the other community the journal of one has since that instant.
pub fn count_since(conn: &mut Conn, community_id: i64, other_id: i64, since: i64) -> Result<i64> {
    Ok(journal::table
        .filter(journal::community_id.eq(community_id).and(journal::other_id.eq(Some(other_id))))
        .filter(journal::created_at.ge(since))
        .count()
        .get_result(conn)?)
}

/// Whether that event about the other community is in the journal of one since that instant.
pub fn has_since(conn: &mut Conn, community_id: i64, other_id: i64, event: &str, since: i64) -> Result<bool> {
    let found: i64 = journal::table
        .filter(journal::community_id.eq(community_id).and(journal::other_id.eq(Some(other_id))))
        .filter(journal::event.eq(event).and(journal::created_at.ge(since)))
        .count()
        .get_result(conn)?;
    Ok(found > 0)
}
