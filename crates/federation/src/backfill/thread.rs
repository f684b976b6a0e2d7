//! One thread: its top post, then what its collections name.

use super::items::{Branch, message_of};
use super::{Progress, Work};
use crate::error::{Error, Result};
use crate::object::remote::PostObject;
use crate::sources::Sources;
use crate::threads;
use crate::transport::{CollectionLimits, Items, authority, same_origin};
use clocher_app::received::{Outcome, Received};
use clocher_domain::actor::ActorKind;
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::posts::{self, PostRow};
use serde_json::Value;
use std::collections::HashSet;
use url::Url;

/// Most collections of one thread that wait to be walked.
const BRANCHES: usize = 200;

/// Takes the thread under way one step farther: looks at its top post, or walks one of its collections, as far as
/// the slice lasts.
///
/// # Errors
/// What may pass, where the server of the thread does not answer.
pub async fn go_on(work: &Work<'_>, progress: &mut Progress) -> Result<()> {
    let sources = work.sources(progress.here);
    let Some(branch) = progress.branches.front().cloned() else {
        return begin(work, &sources, progress).await;
    };
    let walked = walk(work, &sources, progress, &branch).await;
    spend(progress, |left| left.documents = sources.left().min(left.documents));
    let next = match walked {
        Ok(true) => None,
        // The slice is over, not the branch.
        Ok(false) => return Ok(()),
        Err(error) if work.is_worth_waiting_for(&error) => return Err(error),
        Err(error) => {
            tracing::debug!(?branch, %error, "a collection cannot be had");
            replies_instead(branch)
        }
    };
    progress.branches.pop_front();
    progress.branches.extend(next);
    progress.done = 0;
    end_if_over(progress);
    Ok(())
}

/// Looks at the top post of the thread under way, and finds where the rest is.
async fn begin(work: &Work<'_>, sources: &Sources, progress: &mut Progress) -> Result<()> {
    let Some(id) = progress.threads.front().cloned() else { return Ok(()) };
    let branch = match top(work, sources, &id).await {
        Ok(branch) => branch,
        Err(error) if work.is_worth_waiting_for(&error) && is_at_its_server(work, &id) => return Err(error),
        Err(error) => {
            tracing::debug!(id, %error, "a thread cannot be had");
            None
        }
    };
    spend(progress, |left| left.documents = sources.left().min(left.documents));
    progress.branches.extend(branch);
    end_if_over(progress);
    Ok(())
}

/// Whether a message is on the server that the job is about, without which nothing goes on.
fn is_at_its_server(work: &Work<'_>, id: &str) -> bool {
    work.actor.as_ref().is_none_or(|actor| Url::parse(id).is_ok_and(|url| authority(&url) == actor.host))
}

fn replies_instead(branch: Branch) -> Option<Branch> {
    match branch {
        Branch::Context { replies, .. } => replies.map(|id| Branch::Replies { id }),
        Branch::Replies { .. } => None,
    }
}

/// Ends the thread under way where nothing of it is left, or nothing more may be fetched.
fn end_if_over(progress: &mut Progress) {
    let here = progress.here;
    let is_spent = here.items == 0 || here.messages == 0 || here.documents == 0;
    if progress.branches.is_empty() || is_spent {
        progress.branches.clear();
        progress.done = 0;
        progress.threads.pop_front();
        progress.here = progress.left.of_a_thread();
    }
    let left = progress.left;
    if left.items == 0 || left.messages == 0 || left.documents == 0 {
        progress.threads.clear();
    }
}

/// Spends of what is left for the thread under way, and of what is left in all.
fn spend(progress: &mut Progress, change: impl FnOnce(&mut clocher_domain::backfill::Allowance)) {
    let before = progress.here;
    change(&mut progress.here);
    let here = progress.here;
    let left = &mut progress.left;
    left.items = left.items.saturating_sub(before.items - here.items);
    left.messages = left.messages.saturating_sub(before.messages - here.messages);
    left.documents = left.documents.saturating_sub(before.documents - here.documents);
}

/// Fetches and records a top post, and gives where the rest of its thread is.
async fn top(work: &Work<'_>, sources: &Sources, id: &str) -> Result<Option<Branch>> {
    if work.app.site().owns(id) {
        return Ok(None);
    }
    let (_, document) = sources.document(id).await?;
    let object = PostObject::read(&document)?;
    if object.in_reply_to.id().is_some() {
        return Ok(None);
    }
    let author = sources.actor(object.author()?).await?;
    if work.actor.as_ref().is_some_and(|actor| !is_of(actor, &author)) {
        return Ok(None);
    }
    let announced_by = work.actor.as_ref().filter(|actor| is_group(actor)).map(|actor| actor.id);
    let ap_id = object.id.clone();
    match record(sources, object.clone(), &author, announced_by).await? {
        Outcome::NotOurs => return Ok(None),
        // It may have been edited while nobody told us.
        Outcome::Known => {
            threads::refresh(sources, &author, object.clone()).await?;
        }
        Outcome::Recorded | Outcome::MissingParent => {}
    }
    let Some(thread) = find(sources, &ap_id).await? else { return Ok(None) };
    let home = home(sources, &thread).await?;
    if home.as_ref().is_some_and(|home| home.local) {
        return Ok(None);
    }
    Ok(Branch::of_top(&object, home.as_ref().map(|home| home.ap_id.as_str())))
}

/// Whether what that author wrote belongs to the outbox of that actor: a community's holds what others wrote.
fn is_of(actor: &ActorRow, author: &ActorRow) -> bool {
    is_group(actor) || actor.id == author.id
}

fn is_group(actor: &ActorRow) -> bool {
    actor.kind == ActorKind::Group.as_str()
}

/// Walks a collection from where it was left; false where the slice is over before it is.
async fn walk(work: &Work<'_>, sources: &Sources, progress: &mut Progress, branch: &Branch) -> Result<bool> {
    let (id, by_replies) = match branch {
        Branch::Context { id, .. } => (id, false),
        Branch::Replies { id } => (id, true),
    };
    let Items { collection, items, .. } = sources.collection(id, CollectionLimits::default()).await?;
    let announced_by = word(sources, progress, &collection).await?;
    let mut silent = HashSet::new();
    for item in items.iter().skip(progress.done) {
        if progress.here.items == 0 || progress.here.messages == 0 {
            return Ok(true);
        }
        let taken = take(sources, &collection, item, announced_by, by_replies, &mut silent).await;
        let Taken { fetched, branch } = match taken {
            Err(Error::Exhausted) => return Ok(true),
            taken => taken?,
        };
        spend(progress, |left| {
            left.items -= 1;
            left.messages -= usize::from(fetched);
        });
        if progress.branches.len() < BRANCHES && by_replies {
            progress.branches.extend(branch);
        }
        progress.done += 1;
        if fetched {
            work.save(progress).await?;
        }
        if work.is_over() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The community on whose word the messages of a collection are recorded: the home of the thread, where the
/// collection is on its server.
async fn word(sources: &Sources, progress: &Progress, collection: &Url) -> Result<Option<i64>> {
    let Some(top) = progress.threads.front() else { return Ok(None) };
    let Some(thread) = find(sources, top).await? else { return Ok(None) };
    let home = home(sources, &thread).await?;
    let home = home.filter(|home| Url::parse(&home.ap_id).is_ok_and(|url| same_origin(&url, collection)));
    Ok(home.map(|home| home.id))
}

/// What came of one item.
#[derive(Default)]
struct Taken {
    /// Whether its message was asked for.
    fetched: bool,
    /// Where the answers to it are.
    branch: Option<Branch>,
}

/// Records the message of one item. A message that cannot be had holds up none of the others.
async fn take(
    sources: &Sources,
    collection: &Url,
    item: &Value,
    announced_by: Option<i64>,
    by_replies: bool,
    silent: &mut HashSet<String>,
) -> Result<Taken> {
    let Some(item) = message_of(item, collection) else { return Ok(Taken::default()) };
    if sources.app.site().owns(item.id) {
        return Ok(Taken::default());
    }
    let is_known = find(sources, item.id).await?.is_some();
    // By replies, a known message leads to those that answer it.
    if is_known && !by_replies {
        return Ok(Taken::default());
    }
    let host = Url::parse(item.id).map(|url| authority(&url)).unwrap_or_default();
    let fetched = item.document.is_none();
    if fetched && silent.contains(&host) {
        return Ok(Taken::default());
    }
    let recorded = async {
        let document = match item.document {
            Some(document) => document.clone(),
            None => sources.document(item.id).await?.1,
        };
        let object = PostObject::read(&document)?;
        if !is_known {
            let author = sources.actor(object.author()?).await?;
            record(sources, object.clone(), &author, announced_by).await?;
        }
        Ok(Branch::of_reply(&object))
    };
    match recorded.await {
        Ok(branch) => Ok(Taken { fetched, branch }),
        Err(error @ (Error::Exhausted | Error::App(clocher_app::Error::Storage(_)))) => Err(error),
        Err(error) => {
            tracing::debug!(id = item.id, %error, "a message of a thread cannot be had");
            if error.is_transient() {
                silent.insert(host);
            }
            Ok(Taken { fetched, branch: None })
        }
    }
}

async fn record(
    sources: &Sources,
    object: PostObject,
    author: &ActorRow,
    announced_by: Option<i64>,
) -> Result<Outcome> {
    let received = Received {
        activity: object.id.clone(),
        seen_as: format!("fetched {}", object.id),
        kind: "Create",
        document: None,
        announced_by,
        asked_for: true,
        carried: None,
    };
    threads::record(sources, received, author, object).await
}

async fn find(sources: &Sources, ap_id: &str) -> Result<Option<PostRow>> {
    let ap_id = ap_id.to_owned();
    Ok(sources.app.read(move |conn| posts::find_by_ap_id(conn, &ap_id)).await?)
}

async fn home(sources: &Sources, post: &PostRow) -> Result<Option<ActorRow>> {
    let Some(id) = post.home_id else { return Ok(None) };
    Ok(sources.app.read(move |conn| actors::find(conn, id)).await?)
}
