//! What a community shows: the threads whose home it is and those placed there, and with them those of the communities
//! nested in it. Who may read them is decided elsewhere.

use crate::reading::{PAGE, ThreadPage, page_of};
use crate::{Error, Result};
use clocher_storage::Conn;
use clocher_storage::actors::ActorRow;
use clocher_storage::placements::{self, PlacementRow};
use clocher_storage::posts::{self, Listing, PostRow};

/// The threads that a community shows: those whose home it is and those placed there, as it let them in.
pub(crate) fn shown_in(
    conn: &mut Conn,
    community_id: i64,
    reader: Option<i64>,
    before: Option<i64>,
) -> Result<ThreadPage> {
    shown_among(conn, Listing::Home(community_id), community_id, reader, before)
}

/// The same, with the threads of the communities that are nested in it, each once.
pub(crate) fn shown_with_nested(
    conn: &mut Conn,
    community_id: i64,
    reader: Option<i64>,
    before: Option<i64>,
) -> Result<ThreadPage> {
    shown_among(conn, Listing::Nested(community_id), community_id, reader, before)
}

fn shown_among(
    conn: &mut Conn,
    listing: Listing,
    community_id: i64,
    reader: Option<i64>,
    before: Option<i64>,
) -> Result<ThreadPage> {
    let own = posts::list_threads(conn, listing, reader, before, PAGE + 1)?;
    let below = before.map(|id| Ok::<_, Error>(posts::find(conn, id)?.map(|post| (id, post.published_at))));
    let below = below.transpose()?.flatten();
    let placed = placements::list_threads(conn, community_id, below, PAGE + 1)?;
    let placed = placed.into_iter().map(|(row, post, author)| (as_accepted(post, &row), author));
    let mut rows: Vec<(PostRow, ActorRow)> = own.into_iter().chain(placed).collect();
    rows.sort_by_key(|(post, _)| std::cmp::Reverse((post.published_at, post.id)));
    rows.dedup_by_key(|(post, _)| post.id);
    page_of(conn, rows, reader)
}

/// A thread as a community shows it that has not let in what its author changed since.
pub(crate) fn as_accepted(post: PostRow, row: &PlacementRow) -> PostRow {
    match &row.accepted_html {
        Some(html) => PostRow { title: row.accepted_title.clone(), html: html.clone(), source: None, ..post },
        None => post,
    }
}
