//! What is known of other servers: their software, and whether they answer.

use crate::dialect::{among_on_backend, on_backend};
use crate::schema::hosts;
use crate::{Conn, Result};
use diesel::prelude::*;

/// Another server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = hosts, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct HostRow {
    /// Host, with its port where that is not the default one.
    pub host: String,
    /// `software.name` of its NodeInfo.
    pub software: Option<String>,
    /// `software.version` of its NodeInfo.
    pub version: Option<String>,
    /// Whether it is Clocher, whatever name it gives.
    pub clocher: bool,
    /// When its NodeInfo was last asked for, answered or not.
    pub checked_at: Option<i64>,
    /// How often in a row it failed to answer.
    pub failures: i64,
    /// Since when it fails.
    pub failing_since: Option<i64>,
    /// Until when it is left alone.
    pub retry_at: Option<i64>,
    /// Its last sign of life.
    pub seen_at: Option<i64>,
    /// Whether it took signatures after RFC 9421 when it refused those of draft-cavage-12.
    pub rfc9421: bool,
}

/// What is known of a host.
pub fn find(conn: &mut Conn, host: &str) -> Result<Option<HostRow>> {
    Ok(on_backend!(conn, c => hosts::table.find(host).first(c)).optional()?)
}

/// What is known of these hosts.
pub fn list(conn: &mut Conn, names: &[String]) -> Result<Vec<HostRow>> {
    Ok(among_on_backend!(conn, hosts::host, names, (c, among) => hosts::table.filter(among).load(c))?)
}

/// Records what is known of a host.
pub fn put(conn: &mut Conn, row: &HostRow) -> Result<()> {
    if diesel::update(hosts::table.find(&row.host)).set(row).execute(conn)? == 0 {
        on_backend!(conn, c => diesel::insert_into(hosts::table).values(row).on_conflict_do_nothing().execute(c))?;
    }
    Ok(())
}
