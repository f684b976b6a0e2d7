//! What an instance says of itself: one row.

use crate::schema::{activities, deliveries, effects, instance, jobs, posts};
use crate::{Conn, Result};
use diesel::prelude::*;

/// The instance. Its `id` is always 1.
#[derive(Clone, Debug, Queryable, Insertable)]
#[diesel(table_name = instance, treat_none_as_default_value = false)]
pub struct InstanceRow {
    /// Always 1.
    pub id: i64,
    /// Host name, with its port where that is not the default one.
    pub domain: String,
    /// Name for people.
    pub name: String,
    /// The official area it stands for, as `commune:07186`.
    pub territory: Option<String>,
    /// Language of its pages when the reader asks for none: `fr` or `en`.
    pub language: String,
    /// The `Application` actor.
    pub actor_id: i64,
    /// The community of the territory.
    pub community_id: Option<i64>,
    /// 32 random bytes in base64, for what only this instance may have written.
    pub secret: String,
    /// When it was founded.
    pub created_at: i64,
}

/// The instance, unless it is not founded yet.
pub fn find(conn: &mut Conn) -> Result<Option<InstanceRow>> {
    Ok(instance::table.find(1).first(conn).optional()?)
}

/// Founds the instance.
///
/// # Errors
/// [`crate::Error::Duplicate`] where it is founded already.
pub fn put(conn: &mut Conn, row: &InstanceRow) -> Result<()> {
    diesel::insert_into(instance::table).values(row).execute(conn)?;
    Ok(())
}

/// The largest id that waits in a queue, or that a message or an activity bears; 0 where there is none.
pub fn newest_id(conn: &mut Conn) -> Result<i64> {
    use diesel::dsl::max;
    let newest: [Option<i64>; 5] = [
        posts::table.select(max(posts::id)).first(conn)?,
        activities::table.select(max(activities::id)).first(conn)?,
        effects::table.select(max(effects::id)).first(conn)?,
        deliveries::table.select(max(deliveries::id)).first(conn)?,
        jobs::table.select(max(jobs::id)).first(conn)?,
    ];
    Ok(newest.into_iter().flatten().max().unwrap_or_default())
}
