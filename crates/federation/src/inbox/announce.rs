//! `Announce` by a community that somebody of ours follows: of an activity (FEP-1b12), of several, or of a thread's
//! id.
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

/// Most activities of one `Announce` that are handled: PieFed sends them in batches.
const MAX_BATCH: usize = 50;

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
        match self.object.0 {
            Value::Array(mut items) if items.len() != 1 => {
                items.truncate(MAX_BATCH);
                receive_batch(sources, incoming, items).await
            }
            Value::Array(items) => {
                let item = items.into_iter().next().unwrap_or_default();
                Announced::new(incoming, incoming.id.clone(), item).receive(sources).await
            }
            item => Announced::new(incoming, incoming.id.clone(), item).receive(sources).await,
        }
    }
}

/// Handles each on its own, in order. Where one needs the network, the job begins anew with all of them, so that the
/// order stays; what was done is done again, which changes nothing. A bad one hides none of the others: the batch
/// fails as a whole only where something is to be tried again, or where all of them failed.
async fn receive_batch(sources: &Sources, incoming: &Incoming, items: Vec<Value>) -> Result<Outcome> {
    let mut recorded = None;
    let mut failed = None;
    for (number, item) in items.into_iter().enumerate() {
        let remembered_as = format!("{} {number}", incoming.id);
        match Announced::new(incoming, remembered_as, item).receive(sources).await {
            Err(Error::NeedsNetwork) => return Err(Error::NeedsNetwork),
            Err(error) => {
                tracing::debug!(activity = incoming.id, number, %error, "one of a batch was refused");
                let is_worse = failed.as_ref().is_none_or(|before: &Error| !before.is_transient());
                failed = if is_worse { Some(error) } else { failed };
            }
            Ok(Outcome::Recorded) => recorded = Some(Outcome::Recorded),
            Ok(outcome) => recorded = recorded.or(Some(outcome)),
        }
    }
    match (failed, recorded) {
        (Some(error), _) if error.is_transient() => Err(error),
        (_, Some(outcome)) => Ok(outcome),
        (failed, None) => Err(failed.unwrap_or(Error::Malformed("the object of an Announce"))),
    }
}

/// What a group says that somebody did: the one place from which announced activities are handled, by kind.
struct Announced<'a> {
    /// The group, which somebody of ours follows.
    group: &'a ActorRow,
    /// Under which name it is remembered, in its own right or as one of a batch.
    remembered_as: String,
    /// The activity; or, where the group names a message alone, its id or itself.
    activity: Reference,
    /// What the activity is about.
    object: Reference,
}

impl<'a> Announced<'a> {
    fn new(incoming: &'a Incoming, remembered_as: String, activity: Value) -> Self {
        let object = Reference(activity.get("object").cloned().unwrap_or_default());
        Self { group: &incoming.actor, remembered_as, activity: Reference(activity), object }
    }

    async fn receive(&self, sources: &Sources) -> Result<Outcome> {
        match self.activity.kind().unwrap_or_default() {
            kind @ ("Create" | "Update" | "Delete") => {
                let id = self.object.id().ok_or(Error::Malformed("the object of an announced activity"))?;
                self.refresh(sources, id, kind).await
            }
            "Like" => self.vote(sources, Some(Vote::Like)).await,
            "Dislike" => self.vote(sources, Some(Vote::Dislike)).await,
            "Undo" if matches!(self.object.kind(), Some("Like" | "Dislike")) => {
                self.vote(sources, None).await
            }
            kind if kind.is_empty() || is_post(kind) => {
                let id = self.activity.id().ok_or(Error::Malformed("the object of an Announce"))?;
                self.refresh(sources, id, "Create").await
            }
            _ => Ok(Outcome::NotOurs),
        }
    }

    /// What the use cases take of it where it comes on the group's word.
    fn received(&self) -> Received {
        Received {
            activity: self.remembered_as.clone(),
            seen_as: self.remembered_as.clone(),
            kind: "Announce",
            document: None,
            announced_by: Some(self.group.id),
            asked_for: false,
        }
    }

    /// A vote that the group passes on: counted on its word, if it is the home of the message.
    async fn vote(&self, sources: &Sources, wanted: Option<Vote>) -> Result<Outcome> {
        let voter =
            self.activity.0.get("actor").and_then(id_of).ok_or(Error::Malformed("the actor of a vote"))?;
        if sources.app.site().owns(voter) {
            // Ours are counted since they were cast.
            return Ok(Outcome::Known);
        }
        let voted = match wanted {
            Some(_) => self.object.id(),
            None => self.object.0.get("object").and_then(id_of),
        };
        let voted = voted.ok_or(Error::Malformed("the object of a vote"))?.to_owned();
        let post = voted.clone();
        let post = sources.app.read(move |conn| posts::find_by_ap_id(conn, &post)).await?;
        if post.and_then(|post| post.home_id) != Some(self.group.id) {
            // Nothing is kept of its word on what is not its own, the names of voters included.
            return Ok(Outcome::NotOurs);
        }
        let voter = named_actor(sources, voter).await?;
        vote::receive_vote(sources, self.received(), &voter, voted, wanted).await
    }

    /// Brings a message up to what its own server says of it: recorded, edited or gone. `kind` is what the community
    /// says was done with it.
    async fn refresh(&self, sources: &Sources, id: &str, kind: &str) -> Result<Outcome> {
        if sources.app.site().owns(id) {
            return Ok(Outcome::Known);
        }
        let (wanted, group) = (id.to_owned(), self.group.id);
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
                let gone = receiving::receive_delete(&sources.app, self.received(), None, id.to_owned());
                return Ok(gone.await?);
            }
            Err(error) => return Err(error),
        };
        self.record(sources, &document, known.is_some()).await
    }

    async fn record(&self, sources: &Sources, document: &Value, is_known: bool) -> Result<Outcome> {
        let object = PostObject::read(document)?;
        let author = sources.actor(object.author()?).await?;
        if is_known {
            let remote = object.clone().into_post(sources, &author).await?;
            let edited = receiving::receive_edit(&sources.app, self.received(), author.id, remote).await?;
            // It may also be announced by its home for the first time.
            return Ok(match threads::record(sources, self.received(), &author, object).await? {
                Outcome::Recorded => Outcome::Recorded,
                _ => edited,
            });
        }
        threads::record(sources, self.received(), &author, object).await
    }
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
