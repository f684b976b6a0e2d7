//! A whole thread as a page shows it: its replies in order, who shows it too, and what is hidden from whoever reads.

use crate::placing::{self, Veil};
use crate::readers::{self, may_read};
use crate::reading::{PostView, THREAD, reader_id, views};
use crate::sessions::Viewer;
use crate::shown::as_accepted;
use crate::{App, Error, Result, moderating};
use clocher_domain::Refusal;
use clocher_domain::placement::PlacementState;
use clocher_storage::Conn;
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::placements::{self, PlacementRow};
use clocher_storage::posts::{self, PostRow};
use std::collections::{HashMap, HashSet};

/// Deepest indentation of a reply.
const MAX_DEPTH: usize = 8;

/// A whole thread.
#[derive(Clone, Debug)]
pub struct ThreadView {
    /// The top post.
    pub top: PostView,
    /// Its home community, where whoever reads may know of it.
    pub home: Option<ActorRow>,
    /// The communities that show it too.
    pub sharing: Vec<Sharing>,
    /// The replies, each after what it answers. Of those that are hidden from whoever reads, only what is answered.
    pub replies: Vec<PostView>,
    /// How many replies are hidden from whoever reads.
    pub hidden: i64,
}

/// A community that shows, or may show, a thread whose home is another one.
#[derive(Clone, Debug)]
pub struct Sharing {
    /// The community.
    pub community: ActorRow,
    /// Whether it shows it now. What waits there, and what is shown there no more, only its author and the moderators
    /// of that community are told of.
    pub state: PlacementState,
    /// Whether whoever reads moderates it, and it is of here.
    pub may_moderate: bool,
}

/// The thread that a message, top post or reply, belongs to.
///
/// # Errors
/// `NotFound` where there is none or the reader may not see it; a deleted message is there, empty.
pub async fn thread(app: &App, post_id: i64, viewer: Option<&Viewer>) -> Result<ThreadView> {
    let (reader, now) = (reader_id(viewer), app.now().0);
    app.read(move |conn| {
        let asked = posts::find(conn, post_id)?.ok_or(Refusal::NotFound)?;
        if !may_read(conn, &asked, reader)? {
            return Err(Error::from(Refusal::NotFound));
        }
        let rows = posts::list_thread(conn, asked.thread_id, reader, THREAD)?;
        let rows = readers::retain_readable(conn, rows, reader)?;
        let mut views = views(conn, rows, reader)?;
        let at = views.iter().position(|view| view.post.id == asked.thread_id).ok_or(Refusal::NotFound)?;
        let mut top = views.remove(at);
        let home = top.post.home_id.map(|id| actors::find(conn, id)).transpose()?.flatten();
        let sharing = sharing(conn, &top.post, home.as_ref(), reader)?;
        placing::veil(conn, &top.post, &mut views, reader, now)?;
        if let Some(row) = sharing.accepted.filter(|_| reader != Some(top.post.author_id)) {
            top.post = as_accepted(top.post, &row);
        }
        let home = match home {
            Some(home) if readers::may_know(conn, &home, reader)? => Some(home),
            _ => None,
        };
        let (replies, hidden) = without_hidden(in_order(top.post.id, views));
        Ok::<_, Error>(ThreadView { replies, top, home, sharing: sharing.communities, hidden })
    })
    .await
}

/// Who shows a thread besides its home.
struct Shown {
    communities: Vec<Sharing>,
    /// Of a thread that is here by one community alone, whose moderators have not let in what was changed since: as it was
    /// let in.
    accepted: Option<PlacementRow>,
}

fn sharing(conn: &mut Conn, top: &PostRow, home: Option<&ActorRow>, reader: Option<i64>) -> Result<Shown> {
    let reader = reader.map(|id| actors::find(conn, id)).transpose()?.flatten();
    let mut shown = Shown { communities: Vec::new(), accepted: None };
    let mut as_it_is = home.is_none_or(|home| home.local);
    for (row, community) in placements::list(conn, top.id)? {
        let state = row.state()?;
        let may_moderate = match &reader {
            Some(reader) if community.local => moderating::moderates(conn, &community, reader)?,
            _ => false,
        };
        if !readers::openness(conn, community.id)?.is_open() && !may_moderate {
            // One that is not open is named nowhere outside itself.
            continue;
        }
        if state != PlacementState::Placed {
            let is_author = reader.as_ref().is_some_and(|reader| reader.id == top.author_id);
            if is_author || may_moderate {
                shown.communities.push(Sharing { community, state, may_moderate });
            }
            continue;
        }
        as_it_is |= row.accepted_html.is_none();
        shown.communities.push(Sharing { community, state, may_moderate });
        shown.accepted = Some(row).filter(|row| row.accepted_html.is_some()).or(shown.accepted);
    }
    shown.accepted = shown.accepted.filter(|_| !as_it_is);
    Ok(shown)
}

/// Puts each reply after what it answers, older ones first, with its depth.
fn in_order(top: i64, replies: Vec<PostView>) -> Vec<PostView> {
    let mut children: HashMap<i64, Vec<PostView>> = HashMap::new();
    for reply in replies.into_iter().rev() {
        children.entry(reply.post.parent_id.unwrap_or(top)).or_default().push(reply);
    }
    let mut ordered = Vec::new();
    let mut waiting: Vec<(usize, PostView)> =
        children.remove(&top).unwrap_or_default().into_iter().map(|reply| (1, reply)).collect();
    while let Some((depth, mut reply)) = waiting.pop() {
        reply.depth = depth.min(MAX_DEPTH);
        let below = children.remove(&reply.post.id).unwrap_or_default();
        waiting.extend(below.into_iter().map(|child| (depth + 1, child)));
        ordered.push(reply);
    }
    ordered
}

/// Leaves out the hidden replies that nothing which is shown answers; counts all of them.
fn without_hidden(ordered: Vec<PostView>) -> (Vec<PostView>, i64) {
    let (mut answered, mut hidden) = (HashSet::new(), 0);
    let mut kept = Vec::new();
    for reply in ordered.into_iter().rev() {
        let is_hidden = reply.veil == Veil::Hidden;
        hidden += i64::from(is_hidden);
        if !is_hidden || answered.contains(&reply.post.id) {
            answered.extend(reply.post.parent_id);
            kept.push(reply);
        }
    }
    kept.reverse();
    (kept, hidden)
}
