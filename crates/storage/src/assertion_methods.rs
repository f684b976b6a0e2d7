//! The keys with which actors of elsewhere prove what they say (`assertionMethod`, FEP-521a), each under its id.
//!
//! That of a local actor stands in its own row.

use crate::dialect::on_backend;
use crate::schema::assertion_methods;
use crate::{Conn, Result};
use diesel::prelude::*;

/// A public key of an actor of elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = assertion_methods)]
pub struct AssertionMethodRow {
    /// The actor.
    pub actor_id: i64,
    /// The id of the key, by which a proof names it.
    pub key_id: String,
    /// Ed25519 public key, multibase.
    pub ed25519_public: String,
}

/// The key of an actor with that id.
pub fn find(conn: &mut Conn, actor_id: i64, key_id: &str) -> Result<Option<AssertionMethodRow>> {
    Ok(assertion_methods::table.find((actor_id, key_id)).first(conn).optional()?)
}

/// Replaces the keys of an actor. Of two under one id the first stands.
pub fn replace(conn: &mut Conn, actor_id: i64, rows: &[AssertionMethodRow]) -> Result<()> {
    diesel::delete(assertion_methods::table.filter(assertion_methods::actor_id.eq(actor_id)))
        .execute(conn)?;
    for row in rows {
        on_backend!(conn, c => diesel::insert_into(assertion_methods::table)
            .values(row)
            .on_conflict_do_nothing()
            .execute(c))?;
    }
    Ok(())
}
