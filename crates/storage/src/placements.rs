//! Where threads stand besides their homes, and by which neighbours they came there.

use crate::actors::ActorRow;
use crate::dialect::on_backend;
use crate::schema::{actors, arrivals, placements};
use crate::{Conn, Error, Result};
use clocher_domain::placement::{PlacementState, Way, Ways};
use diesel::prelude::*;

/// A thread in a community that is not its home. Instants are milliseconds since the Unix epoch.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = placements, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct PlacementRow {
    /// Minted here.
    pub id: i64,
    /// The top post.
    pub thread_id: i64,
    /// The community, of here or elsewhere.
    pub community_id: i64,
    /// A [`PlacementState`]; read it with [`PlacementRow::state`].
    pub state: String,
    /// The ways by which it came, a set; read it with [`PlacementRow::ways`].
    pub ways: i64,
    /// The shortest path by which it came: the ActivityPub ids from the home to the neighbour, as JSON.
    pub path: String,
    /// The id of the community's `Announce` of the thread.
    pub announce: Option<String>,
    /// The title that a moderator accepted, where the author changed the message since and the change waits.
    pub accepted_title: Option<String>,
    /// The text that a moderator accepted, likewise: HTML; none where nothing waits.
    pub accepted_html: Option<String>,
    /// The moderator who decided last.
    pub decider_id: Option<i64>,
    /// When it first came.
    pub created_at: i64,
    /// When its state changed last.
    pub changed_at: i64,
}

impl PlacementRow {
    /// How it stands.
    ///
    /// # Errors
    /// [`Error::Corrupt`].
    pub fn state(&self) -> Result<PlacementState> {
        PlacementState::parse(&self.state).ok_or(self.corrupt("state"))
    }

    /// By which ways it came.
    ///
    /// # Errors
    /// [`Error::Corrupt`].
    pub fn ways(&self) -> Result<Ways> {
        Ways::from_bits(self.ways).ok_or(self.corrupt("ways"))
    }

    /// The shortest path by which it came: ActivityPub ids, from the home to the neighbour.
    ///
    /// # Errors
    /// [`Error::Corrupt`].
    pub fn path(&self) -> Result<Vec<String>> {
        serde_json::from_str(&self.path).map_err(|_| self.corrupt("path"))
    }

    fn corrupt(&self, column: &'static str) -> Error {
        Error::Corrupt { table: "placements", column, id: self.id }
    }
}

/// By which neighbour a thread came to a community of here, first.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = arrivals, treat_none_as_default_value = false)]
pub struct ArrivalRow {
    /// The placement.
    pub placement_id: i64,
    /// The neighbour that offered it.
    pub neighbour_id: i64,
    /// The way, by its permanent name; read it with [`ArrivalRow::way`].
    pub way: String,
    /// The path: ActivityPub ids, from the home to the neighbour, as JSON.
    pub path: String,
    /// The id of the `Announce` of each community of the path, as JSON.
    pub announces: String,
    /// The id of the `Offer`.
    pub offer: String,
    /// When it came.
    pub created_at: i64,
}

impl ArrivalRow {
    /// The way by which it came.
    ///
    /// # Errors
    /// [`Error::Corrupt`].
    pub fn way(&self) -> Result<Way> {
        let corrupt = Error::Corrupt { table: "arrivals", column: "way", id: self.placement_id };
        Way::ALL.into_iter().find(|way| way.as_str() == self.way).ok_or(corrupt)
    }
}

/// The placement with that id.
pub fn find(conn: &mut Conn, id: i64) -> Result<Option<PlacementRow>> {
    Ok(placements::table.find(id).first(conn).optional()?)
}

/// How a thread stands in a community.
pub fn find_in(conn: &mut Conn, thread_id: i64, community_id: i64) -> Result<Option<PlacementRow>> {
    let there = placements::thread_id.eq(thread_id).and(placements::community_id.eq(community_id));
    Ok(on_backend!(conn, c => placements::table.filter(there).first(c)).optional()?)
}

/// Where a thread stands besides its home, in whatever state, with the communities, in the order in which it came there.
pub fn list(conn: &mut Conn, thread_id: i64) -> Result<Vec<(PlacementRow, ActorRow)>> {
    Ok(on_backend!(conn, c => placements::table
        .inner_join(actors::table.on(actors::id.eq(placements::community_id)))
        .filter(placements::thread_id.eq(thread_id))
        .order(placements::id)
        .load(c))?)
}

/// Adds a placement; false where there was one.
pub fn put(conn: &mut Conn, row: &PlacementRow) -> Result<bool> {
    let added = on_backend!(conn, c => diesel::insert_into(placements::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(added > 0)
}

/// Replaces what is recorded of a placement.
pub fn update(conn: &mut Conn, row: &PlacementRow) -> Result<()> {
    diesel::update(placements::table.find(row.id)).set(row).execute(conn)?;
    Ok(())
}

/// Adds an arrival; false where that neighbour had brought it already.
pub fn put_arrival(conn: &mut Conn, row: &ArrivalRow) -> Result<bool> {
    let added = on_backend!(conn, c => diesel::insert_into(arrivals::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(added > 0)
}

/// By which neighbours a thread came to a community, in that order.
pub fn list_arrivals(conn: &mut Conn, placement_id: i64) -> Result<Vec<ArrivalRow>> {
    Ok(arrivals::table
        .filter(arrivals::placement_id.eq(placement_id))
        .order((arrivals::created_at, arrivals::neighbour_id))
        .load(conn)?)
}

/// Withdraws from a community what is shown there, or waits, and came by that neighbour alone; gives what was shown.
pub fn withdraw_by(
    conn: &mut Conn,
    community_id: i64,
    neighbour_id: i64,
    now: i64,
) -> Result<Vec<PlacementRow>> {
    let states = [PlacementState::Placed.as_str(), PlacementState::Waiting.as_str()];
    let by_it =
        arrivals::table.filter(arrivals::neighbour_id.eq(neighbour_id)).select(arrivals::placement_id);
    let by_others =
        arrivals::table.filter(arrivals::neighbour_id.ne(neighbour_id)).select(arrivals::placement_id);
    let rows: Vec<PlacementRow> = placements::table
        .filter(placements::community_id.eq(community_id).and(placements::state.eq_any(states)))
        .filter(placements::id.eq_any(by_it).and(placements::id.ne_all(by_others)))
        .order(placements::id)
        .load(conn)?;
    let addressed = |row: &PlacementRow| row.ways().is_ok_and(|ways| ways.has(Way::Addressed));
    let rows: Vec<_> = rows.into_iter().filter(|row| !addressed(row)).collect();
    for row in &rows {
        let withdrawn = PlacementState::Withdrawn.as_str();
        diesel::update(placements::table.find(row.id))
            .set((placements::state.eq(withdrawn), placements::changed_at.eq(now)))
            .execute(conn)?;
    }
    Ok(rows.into_iter().filter(|row| row.state == PlacementState::Placed.as_str()).collect())
}
