//! Loading messages with what their documents name: as many queries for a whole thread as for one message.

use super::Message;
use clocher_app::Result;
use clocher_domain::Refusal::NotFound;
use clocher_domain::audience::Visibility;
use clocher_storage::Conn;
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::posts::{self, PostRow};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// A message with all that its document names.
///
/// # Errors
/// `NotFound` where its author or its thread is not known; those of storage.
pub fn load(conn: &mut Conn, post: PostRow) -> Result<Message> {
    Ok(load_all(conn, vec![post])?.pop().ok_or(NotFound)?)
}

/// Messages with all that their documents name, in the order given.
///
/// # Errors
/// As [`load`].
pub fn load_all(conn: &mut Conn, posts: Vec<PostRow>) -> Result<Vec<Message>> {
    let posts: Vec<Arc<PostRow>> = posts.into_iter().map(Arc::new).collect();
    let ids: Vec<i64> = posts.iter().map(|post| post.id).collect();
    let mut recipients: HashMap<i64, Vec<i64>> = HashMap::new();
    for (post, actor) in posts::list_addressed(conn, &ids)? {
        recipients.entry(post).or_default().push(actor);
    }
    let actors = actors_of(conn, &posts, &recipients)?;
    let above = above(conn, &posts)?;
    let message = |post: Arc<PostRow>| {
        let actor = |id: &i64| actors.get(id).cloned();
        let home = told_home(&post).as_ref().and_then(actor);
        let named = recipients.get(&post.id).map(Vec::as_slice).unwrap_or_default();
        Ok(Message {
            author: actor(&post.author_id).ok_or(NotFound)?,
            home,
            thread: above.get(&post.thread_id).cloned().ok_or(NotFound)?,
            in_reply_to: post.parent_id.and_then(|id| Some(above.get(&id)?.ap_id.clone())),
            recipients: named.iter().filter_map(actor).collect(),
            post,
        })
    };
    posts.iter().cloned().map(message).collect()
}

/// The home that a message is told to: what is neither for everybody nor for the members of its home is told to no
/// community, whatever thread it stands in.
fn told_home(post: &PostRow) -> Option<i64> {
    post.home_id.filter(|_| post.visibility().is_ok_and(Visibility::is_of_home))
}

/// Their authors, their homes and whom they are addressed to.
fn actors_of(
    conn: &mut Conn,
    posts: &[Arc<PostRow>],
    recipients: &HashMap<i64, Vec<i64>>,
) -> Result<HashMap<i64, Arc<ActorRow>>> {
    let mut ids: HashSet<i64> = recipients.values().flatten().copied().collect();
    ids.extend(posts.iter().map(|post| post.author_id));
    ids.extend(posts.iter().filter_map(|post| told_home(post)));
    let rows = actors::list(conn, &Vec::from_iter(ids))?;
    Ok(rows.into_iter().map(|row| (row.id, Arc::new(row))).collect())
}

/// What they answer and the top posts of their threads, themselves among them.
fn above(conn: &mut Conn, posts: &[Arc<PostRow>]) -> Result<HashMap<i64, Arc<PostRow>>> {
    let mut known: HashMap<i64, Arc<PostRow>> =
        posts.iter().map(|post| (post.id, Arc::clone(post))).collect();
    let named = posts.iter().flat_map(|post| post.parent_id.into_iter().chain([post.thread_id]));
    let missing: HashSet<i64> = named.filter(|id| !known.contains_key(id)).collect();
    if !missing.is_empty() {
        let rows = posts::list(conn, &Vec::from_iter(missing))?;
        known.extend(rows.into_iter().map(|row| (row.id, Arc::new(row))));
    }
    Ok(known)
}
