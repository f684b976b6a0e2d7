//! Where threads stand besides their homes, and by which neighbours they came there.

use crate::actors::ActorRow;
use crate::dialect::on_backend;
use crate::posts::PostRow;
use crate::schema::{actors, arrivals, placement_answers, placements, posts};
use crate::{Conn, Error, Result};
use clocher_domain::audience::Visibility;
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
    /// The date that the thread bears, by which the community lists it.
    pub dated_at: i64,
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
        Way::parse(&self.way).ok_or(self.corrupt("way"))
    }

    /// The path by which it came.
    ///
    /// # Errors
    /// [`Error::Corrupt`].
    pub fn path(&self) -> Result<Vec<String>> {
        serde_json::from_str(&self.path).map_err(|_| self.corrupt("path"))
    }

    /// The id of the `Announce` of each community of the path.
    ///
    /// # Errors
    /// [`Error::Corrupt`].
    pub fn announces(&self) -> Result<Vec<String>> {
        serde_json::from_str(&self.announces).map_err(|_| self.corrupt("announces"))
    }

    fn corrupt(&self, column: &'static str) -> Error {
        Error::Corrupt { table: "arrivals", column, id: self.placement_id }
    }
}

/// What a moderator answered about a thread that has not come to the community yet.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = placement_answers)]
pub struct AnswerRow {
    /// The top post.
    pub thread_id: i64,
    /// The community.
    pub community_id: i64,
    /// The moderator.
    pub decider_id: i64,
    /// Whether it is let in.
    pub accepted: bool,
    /// When, in milliseconds since the Unix epoch.
    pub created_at: i64,
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

/// Forgets that a neighbour brought a thread.
pub fn remove_arrival(conn: &mut Conn, placement_id: i64, neighbour_id: i64) -> Result<()> {
    diesel::delete(arrivals::table.find((placement_id, neighbour_id))).execute(conn)?;
    Ok(())
}

/// By which neighbours a thread came to a community, in that order.
pub fn list_arrivals(conn: &mut Conn, placement_id: i64) -> Result<Vec<ArrivalRow>> {
    Ok(arrivals::table
        .filter(arrivals::placement_id.eq(placement_id))
        .order((arrivals::created_at, arrivals::neighbour_id))
        .load(conn)?)
}

/// What is shown in a community, or waits there, and came by that neighbour alone.
pub fn list_brought_only_by(
    conn: &mut Conn,
    community_id: i64,
    neighbour_id: i64,
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
    Ok(rows.into_iter().filter(|row| !addressed(row)).collect())
}

/// What is shown in a community, or waits there, of whatever author, at most `limit`.
pub fn list_standing(conn: &mut Conn, community_id: i64, limit: i64) -> Result<Vec<PlacementRow>> {
    let states = [PlacementState::Placed.as_str(), PlacementState::Waiting.as_str()];
    Ok(placements::table
        .filter(placements::community_id.eq(community_id).and(placements::state.eq_any(states)))
        .order(placements::id)
        .limit(limit)
        .load(conn)?)
}

/// What of an author stands in a community in that state, at most `limit`.
pub fn list_by_author(
    conn: &mut Conn,
    community_id: i64,
    author_id: i64,
    state: PlacementState,
    limit: i64,
) -> Result<Vec<PlacementRow>> {
    Ok(placements::table
        .inner_join(posts::table.on(posts::id.eq(placements::thread_id)))
        .filter(placements::community_id.eq(community_id).and(placements::state.eq(state.as_str())))
        .filter(posts::author_id.eq(author_id))
        .order(placements::id)
        .limit(limit)
        .select(placements::all_columns)
        .load(conn)?)
}

/// How many threads of other homes a community shows.
pub fn count_shown(conn: &mut Conn, community_id: i64) -> Result<i64> {
    Ok(placements::table
        .filter(placements::community_id.eq(community_id))
        .filter(placements::state.eq(PlacementState::Placed.as_str()))
        .count()
        .get_result(conn)?)
}

/// The placement that a community announced by that activity.
pub fn find_by_announce(conn: &mut Conn, announce: &str) -> Result<Option<PlacementRow>> {
    Ok(placements::table.filter(placements::announce.eq(announce)).first(conn).optional()?)
}

/// How many threads a neighbour brought to a community since that instant and were placed at once, without a moderator:
/// `(of all, of that author)`.
pub fn count_brought(
    conn: &mut Conn,
    community_id: i64,
    neighbour_id: i64,
    author_id: i64,
    since: i64,
) -> Result<(i64, i64)> {
    let brought = || {
        arrivals::table
            .inner_join(placements::table.on(placements::id.eq(arrivals::placement_id)))
            .inner_join(posts::table.on(posts::id.eq(placements::thread_id)))
            .filter(arrivals::neighbour_id.eq(neighbour_id).and(arrivals::created_at.ge(since)))
            .filter(placements::community_id.eq(community_id).and(placements::decider_id.is_null()))
            .filter(placements::state.ne(PlacementState::Waiting.as_str()))
            .filter(placements::created_at.eq(arrivals::created_at))
    };
    let all = brought().count().get_result(conn)?;
    let by_author = brought().filter(posts::author_id.eq(author_id)).count().get_result(conn)?;
    Ok((all, by_author))
}

/// Whether a community shares any thread whose home is of here.
pub fn shares_ours(conn: &mut Conn, community_id: i64) -> Result<bool> {
    let first: Option<i64> = placements::table
        .inner_join(posts::table.on(posts::id.eq(placements::thread_id)))
        .inner_join(actors::table.on(actors::id.nullable().eq(posts::home_id)))
        .filter(placements::community_id.eq(community_id))
        .filter(placements::state.eq(PlacementState::Placed.as_str()))
        .filter(actors::local.eq(true))
        .select(placements::id)
        .first(conn)
        .optional()?;
    Ok(first.is_some())
}

/// How many placements a thread has.
pub fn count(conn: &mut Conn, thread_id: i64) -> Result<i64> {
    Ok(placements::table.filter(placements::thread_id.eq(thread_id)).count().get_result(conn)?)
}

/// What asks for a moderator of these communities, oldest thread first, at most `limit`: threads that wait, and those that
/// their authors changed after they were let in.
pub fn list_open(conn: &mut Conn, community_ids: &[i64], limit: i64) -> Result<Vec<(PlacementRow, PostRow)>> {
    let waiting = placements::state.eq(PlacementState::Waiting.as_str());
    let edited =
        placements::state.eq(PlacementState::Placed.as_str()).and(placements::accepted_html.is_not_null());
    Ok(placements::table
        .inner_join(posts::table.on(posts::id.eq(placements::thread_id)))
        .filter(placements::community_id.eq_any(community_ids))
        .filter(waiting.or(edited))
        .filter(posts::deleted_at.is_null().and(posts::removed_at.is_null()))
        .order((placements::thread_id, placements::id))
        .limit(limit)
        .load(conn)?)
}

/// The public, live threads that are placed in a community, by the date that they bear, newest first, below the thread
/// `before`, which bears the date `at`, at most `limit`; with their authors.
pub fn list_threads(
    conn: &mut Conn,
    community_id: i64,
    before: Option<(i64, i64)>,
    limit: i64,
) -> Result<Vec<(PlacementRow, PostRow, ActorRow)>> {
    let (before, at) = before.unwrap_or((i64::MAX, i64::MAX));
    Ok(placements::table
        .inner_join(posts::table.on(posts::id.eq(placements::thread_id)))
        .inner_join(actors::table.on(actors::id.eq(posts::author_id)))
        .filter(placements::community_id.eq(community_id))
        .filter(placements::state.eq(PlacementState::Placed.as_str()))
        .filter(placements::dated_at.le(at))
        .filter(placements::dated_at.lt(at).or(placements::thread_id.lt(before)))
        .filter(posts::deleted_at.is_null().and(posts::removed_at.is_null()))
        .filter(posts::visibility.eq(Visibility::Public.as_str()))
        .order((placements::dated_at.desc(), placements::thread_id.desc()))
        .limit(limit)
        .load(conn)?)
}

/// What a moderator answered about a thread before it came to that community.
pub fn find_answer(conn: &mut Conn, thread_id: i64, community_id: i64) -> Result<Option<AnswerRow>> {
    Ok(placement_answers::table.find((thread_id, community_id)).first(conn).optional()?)
}

/// Keeps the answer of a moderator, instead of an earlier one.
pub fn put_answer(conn: &mut Conn, row: &AnswerRow) -> Result<()> {
    let earlier = placement_answers::table.find((row.thread_id, row.community_id));
    diesel::delete(earlier).execute(conn)?;
    diesel::insert_into(placement_answers::table).values(row).execute(conn)?;
    Ok(())
}
