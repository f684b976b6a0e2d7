//! Recording a message of another server in its thread: what it answers is fetched first where it is missing, and
//! the rest of the thread later where we come late to it.

use crate::error::{Error, Result};
use crate::object::remote::PostObject;
use crate::sources::Sources;
use clocher_app::received::{Outcome, Received};
use clocher_app::{backfill, receiving};
use clocher_domain::backfill::Found;
use clocher_storage::actors::ActorRow;

/// How many messages upwards a thread is fetched for one message (S59).
const MAX_ANCESTORS: usize = 50;

/// Records a message of `author`, with the messages above it where they are missing.
///
/// # Errors
/// `NeedsNetwork` where something is missing and `sources` asks nobody.
pub async fn record(
    sources: &Sources,
    received: Received,
    author: &ActorRow,
    object: PostObject,
) -> Result<Outcome> {
    let remote = object.clone().into_post(sources, author).await?;
    let mut outcome = receiving::receive(&sources.app, received.clone(), remote.clone()).await?;
    let ancestors_missing = outcome == Outcome::MissingParent;
    if ancestors_missing {
        if !receiving::is_worth_fetching_for(&sources.app, &received, &remote).await? {
            return Ok(Outcome::NotOurs);
        }
        record_ancestors(sources, &received, &object).await?;
        outcome = receiving::receive(&sources.app, received.clone(), remote.clone()).await?;
    }
    if outcome == Outcome::Recorded {
        let found = Found {
            asked_for: received.asked_for,
            ancestors_missing,
            is_announced_top: remote.parent.is_none()
                && received.announced_by.is_some()
                && object.has_conversation(),
            age: sources.app.now().0 - remote.published_at,
        };
        backfill::catch_up(&sources.app, remote.ap_id, found).await?;
    }
    Ok(outcome)
}

/// Brings a message that is known up to what its own server says of it now, where that is an edit. It is fetched: nobody's
/// activity is passed on for it.
///
/// # Errors
/// Those of the message, and of storage.
pub async fn refresh(sources: &Sources, author: &ActorRow, object: PostObject) -> Result<Outcome> {
    let remote = object.into_post(sources, author).await?;
    let Some(edited_at) = remote.edited_at else { return Ok(Outcome::Known) };
    let seen_as = format!("fetched {} {edited_at}", remote.ap_id);
    let received = Received {
        activity: seen_as.clone(),
        seen_as,
        kind: "Update",
        document: None,
        announced_by: None,
        asked_for: true,
        carried: None,
    };
    Ok(receiving::receive_edit(&sources.app, received, author.id, remote).await?)
}

async fn record_ancestors(sources: &Sources, received: &Received, object: &PostObject) -> Result<()> {
    let missing = ancestors(sources, object).await?;
    for (ancestor, ancestor_author) in missing.into_iter().rev() {
        // What stands above is of the same thread: it has the same home, which vouches for it likewise.
        let above = Received {
            activity: ancestor.id.clone(),
            seen_as: format!("fetched {}", ancestor.id),
            kind: "Create",
            document: None,
            announced_by: received.announced_by,
            asked_for: true,
            carried: None,
        };
        let remote = ancestor.into_post(sources, &ancestor_author).await?;
        receiving::receive(&sources.app, above, remote).await?;
    }
    Ok(())
}

/// The messages above that are not known here, nearest first, with their authors.
async fn ancestors(sources: &Sources, object: &PostObject) -> Result<Vec<(PostObject, ActorRow)>> {
    let mut missing: Vec<(PostObject, ActorRow)> = Vec::new();
    let mut next = object.in_reply_to.id().map(str::to_owned);
    while let Some(id) = next {
        let wanted = id.clone();
        let known =
            sources.app.read(move |conn| clocher_storage::posts::find_by_ap_id(conn, &wanted)).await?;
        let again = missing.iter().any(|(above, _)| above.id == id);
        if known.is_some() || again || missing.len() >= MAX_ANCESTORS {
            break;
        }
        let document = match sources.document_for_good(&id).await {
            Ok(found) => found,
            Err(Error::NeedsNetwork) => return Err(Error::NeedsNetwork),
            Err(error) if error.is_transient() => return Err(error),
            // What it answers is gone or not for us: the use case says that the parent is missing.
            Err(_) => break,
        };
        let above = PostObject::read(&document)?;
        let author = sources.actor(above.author()?).await?;
        next = above.in_reply_to.id().map(str::to_owned);
        missing.push((above, author));
    }
    Ok(missing)
}
