//! Reports: what people ask moderators to look at. They hold no copy of it.

use crate::schema::reports;
use crate::{Conn, Result};
use diesel::prelude::*;

/// A report. Instants are milliseconds since the Unix epoch.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = reports, treat_none_as_default_value = false)]
pub struct ReportRow {
    /// Minted here.
    pub id: i64,
    /// The id of the `Flag`; several reports may have come with one.
    pub ap_id: String,
    /// Who reports: a person, or an instance that does not say which.
    pub reporter_id: i64,
    /// The community whose moderators are asked; none where the moderators of the instance are.
    pub community_id: Option<i64>,
    /// The message; none where the actor itself is reported.
    pub post_id: Option<i64>,
    /// The author of the message, or the actor that is reported.
    pub actor_id: i64,
    /// Why, plain text.
    pub reason: String,
    /// When it came.
    pub created_at: i64,
    /// When a moderator was done with it.
    pub resolved_at: Option<i64>,
    /// Which moderator.
    pub resolver_id: Option<i64>,
}

/// The report with that id.
pub fn find(conn: &mut Conn, id: i64) -> Result<Option<ReportRow>> {
    Ok(reports::table.find(id).first(conn).optional()?)
}

/// Adds a report.
pub fn put(conn: &mut Conn, row: &ReportRow) -> Result<()> {
    diesel::insert_into(reports::table).values(row).execute(conn)?;
    Ok(())
}

/// Whether that reporter's report of the same waits.
pub fn is_open(conn: &mut Conn, reporter_id: i64, post_id: Option<i64>, actor_id: i64) -> Result<bool> {
    let mut query = reports::table
        .filter(reports::reporter_id.eq(reporter_id).and(reports::resolved_at.is_null()))
        .filter(reports::actor_id.eq(actor_id))
        .into_boxed();
    query = match post_id {
        Some(post_id) => query.filter(reports::post_id.eq(post_id)),
        None => query.filter(reports::post_id.is_null()),
    };
    let found: i64 = query.count().get_result(conn)?;
    Ok(found > 0)
}

/// How many reports of that reporter wait.
pub fn count_open_by(conn: &mut Conn, reporter_id: i64) -> Result<i64> {
    Ok(reports::table
        .filter(reports::reporter_id.eq(reporter_id).and(reports::resolved_at.is_null()))
        .count()
        .get_result(conn)?)
}

/// The reports that wait for the moderators of a community, or of the instance (none), oldest first, at most `limit`.
pub fn list_open(conn: &mut Conn, community_id: Option<i64>, limit: i64) -> Result<Vec<ReportRow>> {
    let mut query = reports::table.filter(reports::resolved_at.is_null()).into_boxed();
    query = match community_id {
        Some(community_id) => query.filter(reports::community_id.eq(community_id)),
        None => query.filter(reports::community_id.is_null()),
    };
    Ok(query.order(reports::id).limit(limit).load(conn)?)
}

/// How many reports wait for the moderators of a community.
pub fn count_open(conn: &mut Conn, community_id: i64) -> Result<i64> {
    Ok(reports::table
        .filter(reports::community_id.eq(community_id).and(reports::resolved_at.is_null()))
        .count()
        .get_result(conn)?)
}

/// Notes that a moderator is done with a report.
pub fn resolve(conn: &mut Conn, id: i64, resolver_id: i64, now: i64) -> Result<()> {
    diesel::update(reports::table.find(id).filter(reports::resolved_at.is_null()))
        .set((reports::resolved_at.eq(Some(now)), reports::resolver_id.eq(Some(resolver_id))))
        .execute(conn)?;
    Ok(())
}
