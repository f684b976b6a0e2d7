//! `Announce` by a community that somebody of ours follows: of an activity (FEP-1b12), of several, or of a thread's
//! id.
//!
//! What its actor has proved is the actor's own word, and handled as such. Anything else that is embedded is a hint: the
//! message is fetched from its own server, which alone can say what it is. Votes count on the word of the message's
//! home. Announces by persons mean nothing here yet.

use super::{Incoming, moderation, placements, proofs, vote};
use crate::error::{Error, Result};
use crate::object::remote::{PostObject, is_post};
use crate::sources::Sources;
use crate::threads;
use crate::transport::{FetchError, authority, read_address, same_origin};
use crate::vocabulary::{Reference, id_of};
use clocher_app::received::{Carried, Outcome, Received};
use clocher_app::{domains, receiving};
use clocher_domain::actor::ActorKind;
use clocher_domain::vote::Vote;
use clocher_storage::actors::ActorRow;
use clocher_storage::follows;
use clocher_storage::posts::{self, PostRow};
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
    /// Only from communities that somebody of ours follows, or whose threads are shared here.
    pub async fn receive(self, sources: &Sources, incoming: &Incoming) -> Result<Outcome> {
        let group = incoming.actor.id;
        let followers = sources.app.read(move |conn| follows::count_local_followers(conn, group)).await?;
        if incoming.actor.kind != ActorKind::Group.as_str() {
            return Ok(Outcome::NotOurs);
        }
        let named = self.object.0.as_str().map(str::to_owned);
        if let Some(id) = &named
            && let Some(outcome) = Box::pin(placements::shared(sources, incoming, id)).await?
        {
            return Ok(outcome);
        }
        if followers == 0
            && !moderation::lifts_ban(sources, &incoming.actor, &self.object.0).await?
            && !placements::is_heard(sources, &incoming.actor, &self.object.0).await?
        {
            return match named {
                Some(id) => Box::pin(placements::handed_on(sources, incoming, &id)).await,
                None => Ok(Outcome::NotOurs),
            };
        }
        match self.object.0 {
            Value::Array(mut items) if items.len() != 1 => {
                items.truncate(MAX_BATCH);
                Box::pin(receive_batch(sources, incoming, items)).await
            }
            Value::Array(items) => {
                let item = items.into_iter().next().unwrap_or_default();
                Announced::new(incoming, incoming.id.clone(), item).receive(sources).await
            }
            item => {
                let announced = Announced::new(incoming, incoming.id.clone(), item);
                Announced { carried: carried(incoming), ..announced }.receive(sources).await
            }
        }
    }
}

/// The whole, where the community has proved it: whoever has the thread from a community of ours gets it as it is.
fn carried(incoming: &Incoming) -> Option<Box<Carried>> {
    incoming.json.get("proof").map(|_| {
        Box::new(Carried {
            activity: incoming.id.clone(),
            document: incoming.json.to_string(),
            community_id: incoming.actor.id,
            from: incoming.sender.clone(),
        })
    })
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
    /// The `Announce`, where it may be passed on.
    carried: Option<Box<Carried>>,
}

/// On whose word an announced activity stands.
enum Word {
    /// Its actor's, who has proved it.
    Actor(Box<ActorRow>),
    /// The group's alone: a hint, but where the group is the home of what it is about.
    Group,
}

impl<'a> Announced<'a> {
    fn new(incoming: &'a Incoming, remembered_as: String, activity: Value) -> Self {
        let object = Reference(activity.get("object").cloned().unwrap_or_default());
        Self { group: &incoming.actor, remembered_as, activity: Reference(activity), object, carried: None }
    }

    async fn receive(&self, sources: &Sources) -> Result<Outcome> {
        // Each is large, and seldom the whole of it.
        Box::pin(self.handle(sources)).await
    }

    async fn handle(&self, sources: &Sources) -> Result<Outcome> {
        match self.activity.kind().unwrap_or_default() {
            "Lock" | "Block" | "Add" | "Remove" => self.moderate(sources).await,
            "Undo" if self.object.kind().is_some_and(moderation::is_act) => self.moderate(sources).await,
            "Delete" if self.is_removal(sources).await? => self.moderate(sources).await,
            "Update" if self.object.kind() == Some(ActorKind::Group.as_str()) => self.profile(sources).await,
            "Create" => self.message(sources, self.object.id(), "Create").await,
            "Update" => self.message(sources, self.object.id(), "Update").await,
            "Delete" => self.message(sources, self.object.id(), "Delete").await,
            "Like" => self.vote(sources, Some(Vote::Like)).await,
            "Dislike" => self.vote(sources, Some(Vote::Dislike)).await,
            "Undo" if matches!(self.object.kind(), Some("Like" | "Dislike")) => {
                self.vote(sources, None).await
            }
            // A message is named, or stands there by itself.
            kind if kind.is_empty() || is_post(kind) => {
                self.message(sources, self.activity.id(), "Create").await
            }
            _ => Ok(Outcome::NotOurs),
        }
    }

    /// An act of moderation that the group passes on: it counts in the group itself, for its moderators.
    async fn moderate(&self, sources: &Sources) -> Result<Outcome> {
        if let Some(moderator) = self.activity.0.get("actor").and_then(id_of) {
            // The group's word is enough, but not where its moderator's own proof is wrong.
            self.word_of(sources, moderator).await?;
        }
        moderation::announced(sources, self.received(), self.group, &self.activity.0).await
    }

    /// Whether the `Delete` that is passed on is a moderator's.
    async fn is_removal(&self, sources: &Sources) -> Result<bool> {
        let Some(actor) = self.activity.0.get("actor").and_then(id_of) else { return Ok(false) };
        moderation::is_removal(sources, actor, &self.activity.0).await
    }

    /// The group passes on that one of its moderators changed its profile: it is asked for it.
    async fn profile(&self, sources: &Sources) -> Result<Outcome> {
        let moderator = self.activity.0.get("actor").and_then(id_of);
        let moderator = moderator.ok_or(Error::Malformed("the actor of an Update"))?;
        if self.object.id() != Some(&self.group.ap_id)
            || moderation::known_moderator(sources, self.group, moderator).await?.is_none()
        {
            return Ok(Outcome::NotOurs);
        }
        sources.fetch_actor(&self.group.ap_id).await?;
        Ok(Outcome::Recorded)
    }

    /// On whose word it stands. A proof that is wrong is refused.
    async fn word(&self, sources: &Sources) -> Result<Word> {
        if self.activity.0.get("actor").is_none() {
            return Ok(Word::Group);
        }
        let prover = proofs::prover(sources, &self.activity.0).await?;
        Ok(prover.map_or(Word::Group, |actor| Word::Actor(Box::new(actor))))
    }

    /// What the use cases take of it where it comes on its actor's word: the actor's own activity, which the group
    /// passed on.
    fn received_of_actor(&self, kind: &'static str) -> Received {
        let id = self.activity.id().unwrap_or_default().to_owned();
        Received {
            seen_as: id.clone(),
            activity: id,
            kind,
            document: Some(self.activity.0.to_string()),
            announced_by: Some(self.group.id),
            asked_for: false,
            carried: self.carried.clone(),
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
            carried: self.carried.clone(),
        }
    }

    /// A message is written, edited or deleted.
    async fn message(&self, sources: &Sources, id: Option<&str>, kind: &'static str) -> Result<Outcome> {
        let id = id.ok_or(Error::Malformed("the object of an announced activity"))?;
        let wanted = id.to_owned();
        let known = sources.app.read(move |conn| posts::find_by_ap_id(conn, &wanted)).await?;
        let is_ours = sources.app.site().owns(id);
        if is_ours || (kind == "Create" && self.is_home_of(known.as_ref())) {
            return if self.carried.is_some() && self.is_home_of(known.as_ref()) {
                Ok(receiving::receive_known(&sources.app, self.received(), id.to_owned()).await?)
            } else {
                Ok(Outcome::Known)
            };
        }
        if kind != "Delete" && known.as_ref().is_some_and(|post| post.removed_at.is_some()) {
            // Its own server says that it is gone, which is not what its author said.
            return Ok(Outcome::Known);
        }
        let Word::Actor(actor) = self.word(sources).await? else {
            return self.refresh(sources, id, kind, known).await;
        };
        if !actor.is_active() {
            return Ok(Outcome::NotOurs);
        }
        let received = self.received_of_actor(kind);
        match (kind, known) {
            ("Delete", known) if is_of(&actor, id, known.as_ref()) => {
                let deleted =
                    receiving::receive_delete(&sources.app, received, Some(actor.id), id.to_owned());
                Ok(deleted.await?)
            }
            ("Create", _) if self.is_whole_message_of(&actor) => {
                // It may be as old as the message: what was edited since stays.
                let object = PostObject::read(&self.object.0)?;
                Box::pin(record(sources, &received, &actor, object, false)).await
            }
            ("Update", known) if self.is_whole_message_of(&actor) && proofs::is_dated(&self.object) => {
                let object = PostObject::read(&self.object.0)?;
                Box::pin(record(sources, &received, &actor, object, known.is_some())).await
            }
            // Its actor's word on what is not the actor's own is a hint, as the group's is.
            (_, known) => self.refresh(sources, id, kind, known).await,
        }
    }

    /// Whether the message itself stands there, and is that actor's.
    fn is_whole_message_of(&self, actor: &ActorRow) -> bool {
        let author = self.object.0.get("attributedTo").and_then(id_of);
        self.object.kind().is_some_and(is_post) && author == Some(&actor.ap_id)
    }

    fn is_home_of(&self, post: Option<&PostRow>) -> bool {
        post.is_some_and(|post| post.home_id == Some(self.group.id))
    }

    /// Brings a message up to what its own server says of it: recorded, edited or gone. `kind` is what the group says
    /// was done with it.
    async fn refresh(
        &self,
        sources: &Sources,
        id: &str,
        kind: &str,
        known: Option<PostRow>,
    ) -> Result<Outcome> {
        let document = match sources.document(id).await {
            Ok((_, document)) => document,
            Err(Error::Fetch(error)) if error.is_gone() => {
                // Many servers say 404 of what we may not see: it erases only what its home says to be deleted.
                let is_deleted_by_home = kind == "Delete" && self.is_home_of(known.as_ref());
                if matches!(error, FetchError::Gone(404)) && !is_deleted_by_home {
                    return Ok(Outcome::Known);
                }
                let gone = receiving::receive_delete(&sources.app, self.received(), None, id.to_owned());
                return Ok(gone.await?);
            }
            Err(error) => return Err(error),
        };
        let object = PostObject::read(&document)?;
        let author = sources.actor(object.author()?).await?;
        Box::pin(record(sources, &self.received(), &author, object, known.is_some())).await
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
        if !self.is_home_of(post.as_ref()) {
            // Nothing is kept of its word on what is not its own, the names of voters included.
            return Ok(Outcome::NotOurs);
        }
        match self.word_of(sources, voter).await? {
            Word::Actor(voter) => {
                let received = self.received_of_actor(wanted.map_or("Undo", Vote::as_str));
                vote::receive_vote(sources, received, &voter, voted, wanted).await
            }
            Word::Group => {
                let voter = named_actor(sources, voter).await?;
                vote::receive_vote(sources, self.received(), &voter, voted, wanted).await
            }
        }
    }

    /// The home's word is enough for a vote and for moderation: nobody is asked for the key of whoever is not known.
    async fn word_of(&self, sources: &Sources, actor: &str) -> Result<Word> {
        let known = sources.find_actor(actor).await?;
        if known.is_some_and(|row| row.fetched_at.is_some()) {
            self.word(sources).await
        } else {
            Ok(Word::Group)
        }
    }
}

/// Whether a message is that actor's; of one that is not known here, whether it can be.
fn is_of(actor: &ActorRow, id: &str, known: Option<&PostRow>) -> bool {
    match (known, read_address(id), read_address(&actor.ap_id)) {
        (Some(post), ..) => post.author_id == actor.id,
        (None, Ok(id), Ok(actor)) => id != actor && same_origin(&id, &actor),
        _ => false,
    }
}

/// Records a message as `author` wrote it, or, of one that `is_known`, what is new of it.
async fn record(
    sources: &Sources,
    received: &Received,
    author: &ActorRow,
    object: PostObject,
    is_known: bool,
) -> Result<Outcome> {
    if !is_known {
        return threads::record(sources, received.clone(), author, object).await;
    }
    let remote = object.clone().into_post(sources, author).await?;
    let edited = receiving::receive_edit(&sources.app, received.clone(), author.id, remote).await?;
    // It may also be announced by its home for the first time.
    Ok(match threads::record(sources, received.clone(), author, object).await? {
        Outcome::Recorded => Outcome::Recorded,
        _ => edited,
    })
}

/// An actor that is only named, of a server that is not blocked.
async fn named_actor(sources: &Sources, id: &str) -> Result<ActorRow> {
    let url = sources.federation.http().test_hosts().check(id).map_err(FetchError::from)?;
    domains::check(&sources.app, &authority(&url)).await?;
    moderation::named_actor(sources, id).await
}
