//! `Announce` by a community that somebody of ours follows: of an activity (FEP-1b12), or of a thread's id.
//!
//! What is embedded is a hint: the message is fetched from its own server, which alone can say what it is.
//! Votes count on the word of the message's home. Announces by persons mean nothing here yet.

use super::{Incoming, vote};
use crate::error::{Error, Result};
use crate::object::remote::{PostObject, is_post};
use crate::sources::Sources;
use crate::threads;
use crate::transport::{FetchError, authority};
use crate::vocabulary::{Reference, id_of};
use clocher_app::received::{Outcome, Received};
use clocher_app::{domains, profile, receiving};
use clocher_domain::actor::ActorKind;
use clocher_domain::vote::Vote;
use clocher_storage::actors::ActorRow;
use clocher_storage::{follows, posts};
use serde::Deserialize;
use serde_json::Value;

/// The shape of an `Announce`.
#[derive(Debug, Deserialize)]
pub struct Announce {
    object: Reference,
}

impl Announce {
    /// Only from communities that somebody of ours follows.
    pub async fn receive(self, sources: &Sources, incoming: &Incoming) -> Result<Outcome> {
        let group = incoming.actor.id;
        let followers = sources.app.read(move |conn| follows::count_local_followers(conn, group)).await?;
        if incoming.actor.kind != ActorKind::Group.as_str() || followers == 0 {
            return Ok(Outcome::NotOurs);
        }
        let inner = &self.object;
        let kind = inner.kind().unwrap_or_default();
        let object = Reference(inner.0.get("object").cloned().unwrap_or_default());
        match kind {
            "Create" | "Update" | "Delete" => {
                let id = object.id().ok_or(Error::Malformed("the object of an announced activity"))?;
                refresh(sources, incoming, id, kind).await
            }
            "Like" => announced_vote(sources, incoming, inner, &object, Some(Vote::Like)).await,
            "Dislike" => announced_vote(sources, incoming, inner, &object, Some(Vote::Dislike)).await,
            "Undo" if matches!(object.kind(), Some("Like" | "Dislike")) => {
                announced_vote(sources, incoming, inner, &object, None).await
            }
            kind if kind.is_empty() || is_post(kind) => {
                let id = inner.id().ok_or(Error::Malformed("the object of an Announce"))?;
                refresh(sources, incoming, id, "Create").await
            }
            _ => Ok(Outcome::NotOurs),
        }
    }
}

fn received(incoming: &Incoming) -> Received {
    Received {
        activity: incoming.id.clone(),
        seen_as: incoming.id.clone(),
        kind: "Announce",
        document: None,
        announced_by: Some(incoming.actor.id),
        asked_for: false,
    }
}

/// A vote that the community passes on: counted on its word, if it is the home of the message.
async fn announced_vote(
    sources: &Sources,
    incoming: &Incoming,
    inner: &Reference,
    object: &Reference,
    wanted: Option<Vote>,
) -> Result<Outcome> {
    let voter = inner.0.get("actor").and_then(id_of).ok_or(Error::Malformed("the actor of a vote"))?;
    if sources.app.site().owns(voter) {
        // Ours are counted since they were cast.
        return Ok(Outcome::Known);
    }
    let voted = match wanted {
        Some(_) => object.id(),
        None => object.0.get("object").and_then(id_of),
    };
    let voted = voted.ok_or(Error::Malformed("the object of a vote"))?.to_owned();
    let post = voted.clone();
    let post = sources.app.read(move |conn| posts::find_by_ap_id(conn, &post)).await?;
    if post.and_then(|post| post.home_id) != Some(incoming.actor.id) {
        // Nothing is kept of its word on what is not its own, the names of voters included.
        return Ok(Outcome::NotOurs);
    }
    let voter = named_actor(sources, voter).await?;
    vote::receive_vote(sources, received(incoming), &voter, voted, wanted).await
}

/// An actor that is only named: stored by its id, unless it is known.
async fn named_actor(sources: &Sources, id: &str) -> Result<ActorRow> {
    let url = sources.federation.http().test_hosts().check(id).map_err(FetchError::from)?;
    domains::check(&sources.app, &authority(&url)).await?;
    if let Some(known) = sources.find_actor(id).await? {
        return Ok(known);
    }
    Ok(profile::receive_id(&sources.app, url.to_string(), authority(&url)).await?)
}

/// Brings a message up to what its own server says of it: recorded, edited or gone. `kind` is what the community
/// says was done with it.
async fn refresh(sources: &Sources, incoming: &Incoming, id: &str, kind: &str) -> Result<Outcome> {
    if sources.app.site().owns(id) {
        return Ok(Outcome::Known);
    }
    let (wanted, group) = (id.to_owned(), incoming.actor.id);
    let known = sources.app.read(move |conn| posts::find_by_ap_id(conn, &wanted)).await?;
    if kind == "Create" && known.as_ref().is_some_and(|post| post.home_id == Some(group)) {
        return Ok(Outcome::Known);
    }
    let document = match sources.document(id).await {
        Ok((_, document)) => document,
        Err(Error::Fetch(error)) if error.is_gone() => {
            // Many servers say 404 of what we may not see: it erases only what its home says to be deleted.
            let is_home = known.is_some_and(|post| post.home_id == Some(group));
            if matches!(error, FetchError::Gone(404)) && !(is_home && kind == "Delete") {
                return Ok(Outcome::Known);
            }
            let gone = receiving::receive_delete(&sources.app, received(incoming), None, id.to_owned());
            return Ok(gone.await?);
        }
        Err(error) => return Err(error),
    };
    record(sources, incoming, &document, known.is_some()).await
}

async fn record(sources: &Sources, incoming: &Incoming, document: &Value, is_known: bool) -> Result<Outcome> {
    let object = PostObject::read(document)?;
    let author = sources.actor(object.author()?).await?;
    if is_known {
        let remote = object.clone().into_post(sources, &author).await?;
        let edited = receiving::receive_edit(&sources.app, received(incoming), author.id, remote).await?;
        // It may also be announced by its home for the first time.
        return Ok(match threads::record(sources, received(incoming), &author, object).await? {
            Outcome::Recorded => Outcome::Recorded,
            _ => edited,
        });
    }
    threads::record(sources, received(incoming), &author, object).await
}
