//! Rules about whole domains: which are blocked, which are allowed by name.

use crate::dialect::on_backend;
use crate::schema::domain_rules;
use crate::{Conn, Result};
use diesel::prelude::*;

/// A domain that is blocked.
pub const BLOCK: &str = "block";
/// A domain that is allowed by name, even below a blocked one.
pub const ALLOW: &str = "allow";

/// A rule about a domain and those below it.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = domain_rules)]
pub struct DomainRuleRow {
    /// The domain, lower case, ASCII.
    pub domain: String,
    /// [`BLOCK`] or [`ALLOW`].
    pub rule: String,
    /// Why, for the administrators.
    pub reason: String,
    /// Since when.
    pub created_at: i64,
}

/// Sets the rule of a domain in place of the one before.
pub fn put(conn: &mut Conn, row: &DomainRuleRow) -> Result<()> {
    remove(conn, &row.domain)?;
    diesel::insert_into(domain_rules::table).values(row).execute(conn)?;
    Ok(())
}

/// Removes the rule of a domain; false where there was none.
pub fn remove(conn: &mut Conn, domain: &str) -> Result<bool> {
    Ok(diesel::delete(domain_rules::table.find(domain)).execute(conn)? > 0)
}

/// All rules, by domain.
pub fn list(conn: &mut Conn) -> Result<Vec<DomainRuleRow>> {
    Ok(domain_rules::table.order(domain_rules::domain).load(conn)?)
}

/// Whether a host is blocked: the rule of the longest matching domain decides.
pub fn is_blocked(conn: &mut Conn, host: &str) -> Result<bool> {
    let host = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let mut name = Some(host);
    while let Some(domain) = name {
        // One statement for each name, prepared once: a list is another for every length.
        let rule: Option<String> = on_backend!(conn, c => domain_rules::table
            .find(domain)
            .select(domain_rules::rule)
            .first(c))
        .optional()?;
        if let Some(rule) = rule {
            return Ok(rule == BLOCK);
        }
        name = domain.split_once('.').map(|(_, parent)| parent);
    }
    Ok(false)
}
