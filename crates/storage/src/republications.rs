//! Messages of communities that are not open, proposed for an open one or published there again.

use crate::dialect::on_backend;
use crate::schema::republications;
use crate::{Conn, Error, Result};
use clocher_domain::republication::RepublicationState;
use diesel::prelude::*;

/// A proposal, and what came of it. Instants are milliseconds since the Unix epoch.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = republications, treat_none_as_default_value = false)]
pub struct RepublicationRow {
    /// The top post in the community that is not open.
    pub original_id: i64,
    /// The open community.
    pub community_id: i64,
    /// The moderator who proposed it.
    pub proposer_id: i64,
    /// A [`RepublicationState`]; read it with [`RepublicationRow::state`].
    pub state: String,
    /// The new thread, once it is published.
    pub copy_id: Option<i64>,
    /// When it was proposed.
    pub created_at: i64,
    /// When its author answered.
    pub decided_at: Option<i64>,
}

impl RepublicationRow {
    /// How it stands.
    ///
    /// # Errors
    /// [`Error::Corrupt`].
    pub fn state(&self) -> Result<RepublicationState> {
        RepublicationState::parse(&self.state).ok_or(Error::Corrupt {
            table: "republications",
            column: "state",
            id: self.original_id,
        })
    }
}

/// What was proposed of a message.
pub fn find(conn: &mut Conn, original_id: i64) -> Result<Option<RepublicationRow>> {
    Ok(on_backend!(conn, c => republications::table.find(original_id).first(c)).optional()?)
}

/// Of which message a thread says again what it says.
pub fn find_original(conn: &mut Conn, copy_id: i64) -> Result<Option<i64>> {
    Ok(on_backend!(conn, c => republications::table
        .filter(republications::copy_id.eq(copy_id))
        .select(republications::original_id)
        .first(c))
    .optional()?)
}

/// Of which messages these threads say again what they say: `(thread, original)`.
pub fn list_originals(conn: &mut Conn, copy_ids: &[i64]) -> Result<Vec<(i64, i64)>> {
    Ok(republications::table
        .filter(republications::copy_id.eq_any(copy_ids))
        .select((republications::copy_id.assume_not_null(), republications::original_id))
        .load(conn)?)
}

/// Keeps a proposal, instead of an earlier one of the same message.
pub fn put(conn: &mut Conn, row: &RepublicationRow) -> Result<()> {
    diesel::delete(republications::table.find(row.original_id)).execute(conn)?;
    diesel::insert_into(republications::table).values(row).execute(conn)?;
    Ok(())
}
