//! What stands in the timelines of people: read from each source that a person follows, by the date that threads bear.
//! No row is kept for a reader.

use crate::dialect::{among_on_backend, on_backend};
use crate::schema::{placements, posts};
use crate::{Conn, Result};
use clocher_domain::audience::Visibility;
use clocher_domain::placement::PlacementState;
use diesel::prelude::*;

/// Where a timeline goes on: the date and the number of a thread, which comes before what follows.
pub type Cursor = (i64, i64);

#[diesel::dsl::auto_type]
fn shown() -> _ {
    let direct: &'static str = Visibility::Direct.as_str();
    posts::parent_id
        .is_null()
        .and(posts::deleted_at.is_null())
        .and(posts::removed_at.is_null())
        .and(posts::visibility.ne(direct))
}

/// The date and the number of a thread.
pub fn find_cursor(conn: &mut Conn, thread_id: i64) -> Result<Option<Cursor>> {
    Ok(posts::table.find(thread_id).select((posts::published_at, posts::id)).first(conn).optional()?)
}

/// The newest threads whose home is that community, below the cursor, at most `limit`.
pub fn list_home(conn: &mut Conn, community_id: i64, below: Cursor, limit: i64) -> Result<Vec<Cursor>> {
    let (at, id) = below;
    Ok(on_backend!(conn, c => posts::table
        .filter(posts::home_id.eq(community_id).and(shown()))
        .filter(posts::published_at.le(at))
        .filter(posts::published_at.lt(at).or(posts::id.lt(id)))
        .order((posts::published_at.desc(), posts::id.desc()))
        .limit(limit)
        .select((posts::published_at, posts::id))
        .load(c))?)
}

/// The newest threads that stand in that community besides its own, below the cursor, at most `limit`.
pub fn list_placed(conn: &mut Conn, community_id: i64, below: Cursor, limit: i64) -> Result<Vec<Cursor>> {
    let (at, id) = below;
    Ok(on_backend!(conn, c => placements::table
        .inner_join(posts::table.on(posts::id.eq(placements::thread_id)))
        .filter(placements::community_id.eq(community_id).and(shown()))
        .filter(placements::state.eq(PlacementState::Placed.as_str()))
        .filter(placements::dated_at.le(at))
        .filter(placements::dated_at.lt(at).or(placements::thread_id.lt(id)))
        .order((placements::dated_at.desc(), placements::thread_id.desc()))
        .limit(limit)
        .select((placements::dated_at, placements::thread_id))
        .load(c))?)
}

/// The newest threads of that author, below the cursor, at most `limit`.
pub fn list_author(conn: &mut Conn, author_id: i64, below: Cursor, limit: i64) -> Result<Vec<Cursor>> {
    let (at, id) = below;
    Ok(on_backend!(conn, c => posts::table
        .filter(posts::author_id.eq(author_id).and(shown()))
        .filter(posts::published_at.le(at))
        .filter(posts::published_at.lt(at).or(posts::id.lt(id)))
        .order((posts::published_at.desc(), posts::id.desc()))
        .limit(limit)
        .select((posts::published_at, posts::id))
        .load(c))?)
}

/// The communities in which these threads stand besides their homes: `(thread, community)`, in the order in which
/// they came there.
pub fn list_placements(conn: &mut Conn, thread_ids: &[i64]) -> Result<Vec<(i64, i64)>> {
    Ok(among_on_backend!(conn, placements::thread_id, thread_ids, (c, among) => placements::table
        .filter(among)
        .filter(placements::state.eq(PlacementState::Placed.as_str()))
        .order(placements::id)
        .select((placements::thread_id, placements::community_id))
        .load(c))?)
}
