//! What other servers send: verified, then handed to the use case it means.
//!
//! Everything is verified before anything is written. What cannot be decided without asking another server
//! is kept as a job, and accepted: a silent third server never makes us look silent.

mod announce;
mod answer;
mod create;
mod delete;
mod flag;
mod follow;
mod invite;
mod joints;
mod links;
mod moderation;
mod moving;
mod offer;
mod placements;
mod proofs;
mod undo;
mod update;
mod verify;
mod vote;

use crate::error::{Error, Result};
use crate::federation::Federation;
use crate::jobs;
use crate::sources::Sources;
use crate::transport::{Headers, json, read_address, same_origin};
use crate::vocabulary::{check_compact, first_text};
use clocher_app::received::{Outcome, Received};
use clocher_app::{App, communities, delivering, domains, placing};
use clocher_domain::actor::ActorKind;
use clocher_storage::actors::ActorRow;
use clocher_storage::{activities, jobs as rows, posts};
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;
use url::Url;

#[cfg(test)]
pub use update::Change;

/// The activities that mean something here; others are ignored politely.
#[derive(Debug, Deserialize)]
#[serde(tag = "type")]
pub(crate) enum Activity {
    Follow(follow::Follow),
    Join(follow::Follow),
    Invite(invite::Invite),
    Accept(answer::Accept),
    Reject(answer::Reject),
    Undo(undo::Undo),
    Create(create::Create),
    Update(update::Update),
    Delete(delete::Delete),
    Like(vote::Vote),
    Dislike(vote::Vote),
    Announce(announce::Announce),
    Lock(moderation::Moderation),
    Block(moderation::Moderation),
    Add(moderation::Moderation),
    Remove(moderation::Moderation),
    Flag(flag::Flag),
    Move(moving::Move),
    Offer(offer::Offer),
}

/// The types of [`Activity`].
const KINDS: [&str; 19] = [
    "Follow", "Join", "Invite", "Accept", "Reject", "Undo", "Create", "Update", "Delete", "Like", "Dislike",
    "Announce", "Lock", "Block", "Add", "Remove", "Flag", "Move", "Offer",
];

/// A verified activity: its actor signed the request, or proved the activity, or lives on the sibling that handed it
/// over.
pub struct Incoming {
    /// The host that handed it over: its actor's, or that of who forwarded it.
    pub sender: String,
    /// Who did it.
    pub actor: ActorRow,
    /// The activity's id.
    pub id: String,
    /// The document.
    pub json: Value,
    /// What tells the request from any other, where it came by one.
    pub request: Option<String>,
}

impl Incoming {
    /// Under which name it is remembered. Some servers give every request to follow between two actors the same
    /// id, and every undoing of it: of these the request itself is remembered, so that a replay is known and a
    /// second request is not taken for one.
    fn seen_as(&self) -> String {
        let kind = self.json.get("type").and_then(first_text);
        let undone = self.json.get("object").and_then(|object| object.get("type")).and_then(first_text);
        match (&self.request, kind, undone) {
            (Some(request), Some("Follow" | "Join"), _) | (Some(request), Some("Undo"), Some("Follow")) => {
                format!("{} {request}", self.id)
            }
            _ => self.id.clone(),
        }
    }

    /// What the use cases take of it; `kind` is one of the vocabulary.
    fn received(&self, kind: &'static str) -> Received {
        Received {
            activity: self.id.clone(),
            seen_as: self.seen_as(),
            kind,
            document: Some(self.json.to_string()),
            announced_by: None,
            asked_for: false,
            carried: None,
        }
    }
}

/// Receives a request to an inbox.
///
/// # Errors
/// 400 for what is malformed, 401 for what is not verified, 403 for what is forged or blocked, 503 for what
/// should be sent again.
pub async fn receive(
    federation: &Arc<Federation>,
    app: &App,
    target: &str,
    headers: &Headers,
    body: &[u8],
) -> Result<()> {
    let sources = Sources::network(federation, app);
    let Some(incoming) = verify::verify(&sources, target, headers, body).await? else { return Ok(()) };
    accept(&Sources::local(federation, app), incoming).await
}

/// The host that asks for a document, where its signature shows so.
///
/// # Errors
/// What may pass, where its key cannot be asked for now; those of storage.
pub async fn asker(
    federation: &Arc<Federation>,
    app: &App,
    target: &str,
    headers: &Headers,
) -> Result<Option<String>> {
    verify::asker(&Sources::network(federation, app), target, headers).await
}

/// Receives from a sibling of the process, which vouches for its own actor: the same, but for the signature.
///
/// # Errors
/// As [`receive`].
pub async fn receive_from_sibling(
    federation: &Arc<Federation>,
    app: &App,
    sender: &App,
    body: &[u8],
) -> Result<()> {
    let json = json::parse(body)?;
    let actor = actor_id(&json)?.to_owned();
    let host = sender.site().domain().to_owned();
    domains::check(app, &host).await?;
    let sources = Sources::network(federation, app);
    let actor = if sender.site().owns(&actor) {
        sources.actor(&actor).await?
    } else {
        proofs::forwarded(&sources, &json).await?
    };
    let id = check(&actor.ap_id, &json)?;
    let incoming = Incoming { sender: host, actor, id, json, request: None };
    accept(&Sources::local(federation, app), incoming).await
}

pub(crate) fn actor_id(json: &Value) -> Result<&str> {
    json.get("actor").and_then(crate::vocabulary::id_of).ok_or(Error::Malformed("the actor of an activity"))
}

/// The id of an activity of that actor: it names that actor, and is on that actor's server.
pub(crate) fn check(actor: &str, json: &Value) -> Result<String> {
    check_compact(json)?;
    if actor_id(json)? != actor {
        return Err(Error::Unverified("the actor of an activity"));
    }
    let id = json.get("id").and_then(Value::as_str).map(str::to_owned).or_else(|| id_of_deletion(json));
    let id = id.ok_or(Error::Malformed("the id of an activity"))?;
    // Not every reader would find the same host in what is merely parsed, and no index holds what is long.
    match (read_address(&id), Url::parse(actor)) {
        (Ok(own), Ok(server)) if same_origin(&own, &server) => Ok(id),
        _ => Err(Error::Forged("the id of an activity")),
    }
}

/// GoToSocial gives its deletions no id: what is deleted is deleted once.
fn id_of_deletion(json: &Value) -> Option<String> {
    let is_deletion = json.get("type").and_then(first_text) == Some("Delete");
    let object = json.get("object").filter(|_| is_deletion).and_then(crate::vocabulary::id_of)?;
    Some(format!("{object}#delete"))
}

/// Handles a verified activity now, or keeps it as a job where another server must be asked first.
async fn accept(sources: &Sources, incoming: Incoming) -> Result<()> {
    let Standing { host_is_silent, is_seen, behind } = standing(&sources.app, &incoming).await?;
    if host_is_silent {
        delivering::sign_of_life(&sources.app, &incoming.sender).await?;
    }
    if !incoming.actor.is_active() || is_seen {
        return Ok(());
    }
    // A deletion waits for nothing: what comes after it is known to be gone.
    let is_deletion = incoming.json.get("type").and_then(first_text) == Some("Delete");
    if let Some(subject) = behind.filter(|_| !is_deletion) {
        // What came before about the same waits for the network: this is handled after it.
        return jobs::put_incoming(&sources.app, &incoming, subject).await;
    }
    // The largest future of the door, and seldom the whole of it: kept off the others' stacks.
    match Box::pin(handle(sources, &incoming)).await {
        Err(Error::NeedsNetwork) => {
            let subject = jobs::subject(&incoming);
            jobs::put_incoming(&sources.app, &incoming, subject).await
        }
        Ok(outcome) => {
            tracing::debug!(activity = incoming.id, ?outcome, "received");
            Ok(())
        }
        Err(error) => Err(error),
    }
}

/// What is known of an activity and of its sender before it is handled.
struct Standing {
    /// The host of its sender did not answer us lately.
    host_is_silent: bool,
    /// It was handled before.
    is_seen: bool,
    /// The subject under which another one waits: about the same object or, by a community that is followed or linked here, about
    /// the thread of what is announced.
    behind: Option<String>,
}

async fn standing(app: &App, incoming: &Incoming) -> Result<Standing> {
    let (host, seen_as, subject) = (incoming.sender.clone(), incoming.seen_as(), jobs::subject(incoming));
    let top = incoming.json.get("object").and_then(placements::top_of).map(str::to_owned);
    let standing = app.read(move |conn| {
        let mut behind = rows::is_waiting(conn, jobs::INCOMING, &subject)?.then_some(subject);
        if let Some(top) = top.filter(|_| behind.is_none())
            && posts::find_by_ap_id(conn, &top)?.is_none()
        {
            // Nobody else keeps the activities of others waiting.
            for subject in rows::subjects_about(conn, jobs::INCOMING, &top)? {
                let by = subject.split(' ').next().and_then(|id| id.parse().ok());
                if behind.is_none() && by.map_or(Ok(false), |id| placing::shares_with_us(conn, id))? {
                    behind = Some(subject);
                }
            }
        }
        Ok::<_, clocher_app::Error>(Standing {
            host_is_silent: delivering::is_silent(conn, &host)?,
            is_seen: activities::is_seen(conn, &seen_as)?,
            behind,
        })
    });
    Ok(standing.await?)
}

/// The community of ours with that id, if everybody may read it: only such a one is linked, and where a closed one is
/// named nothing tells a stranger that it is there (S70).
async fn open_community(sources: &Sources, id: &str) -> Result<Option<ActorRow>> {
    if !sources.app.site().owns(id) {
        return Ok(None);
    }
    let found = sources.find_actor(id).await?;
    let Some(row) = found.filter(|row| row.local && row.kind == ActorKind::Group.as_str()) else {
        return Ok(None);
    };
    let community = row.id;
    let is_open = sources.app.read(move |conn| communities::is_open(conn, community)).await?;
    Ok(is_open.then_some(row))
}

/// Whether an activity was handled before.
pub async fn is_seen(app: &App, incoming: &Incoming) -> Result<bool> {
    let seen_as = incoming.seen_as();
    Ok(app.read(move |conn| activities::is_seen(conn, &seen_as)).await?)
}

/// Reads an activity; none where its type means nothing here.
pub(crate) fn read(json: &Value) -> Result<Option<Activity>> {
    let kind = json.get("type").and_then(first_text).unwrap_or_default();
    if !KINDS.contains(&kind) {
        return Ok(None);
    }
    Activity::deserialize(json).map(Some).map_err(|_| Error::Malformed("an activity"))
}

/// Handles a verified activity.
///
/// # Errors
/// `NeedsNetwork` where `sources` asks nobody and somebody must be asked.
pub async fn handle(sources: &Sources, incoming: &Incoming) -> Result<Outcome> {
    let Some(activity) = read(&incoming.json)? else {
        tracing::debug!(activity = incoming.id, "ignored: a type without meaning here");
        return Ok(Outcome::NotOurs);
    };
    match activity {
        Activity::Follow(follow) => follow.receive(sources, incoming, "Follow").await,
        Activity::Join(join) => join.receive(sources, incoming, "Join").await,
        Activity::Invite(invite) => invite.receive(sources, incoming).await,
        Activity::Accept(accept) => accept.receive(sources, incoming).await,
        Activity::Reject(reject) => reject.receive(sources, incoming).await,
        Activity::Undo(undo) => undo.receive(sources, incoming).await,
        Activity::Create(create) => create.receive(sources, incoming).await,
        Activity::Update(update) => update.receive(sources, incoming).await,
        Activity::Delete(delete) => delete.receive(sources, incoming).await,
        Activity::Like(vote) => vote.receive(sources, incoming, clocher_domain::vote::Vote::Like).await,
        Activity::Dislike(vote) => vote.receive(sources, incoming, clocher_domain::vote::Vote::Dislike).await,
        Activity::Announce(announce) => Box::pin(announce.receive(sources, incoming)).await,
        Activity::Add(act) | Activity::Remove(act) => match links::hinted(sources, incoming).await? {
            Outcome::NotOurs => act.receive(sources, incoming).await,
            outcome => Ok(outcome),
        },
        Activity::Lock(act) | Activity::Block(act) => act.receive(sources, incoming).await,
        Activity::Flag(flag) => flag.receive(sources, incoming).await,
        Activity::Move(moving) => moving.receive(sources, incoming).await,
        Activity::Offer(offer) => Box::pin(offer.receive(sources, incoming)).await,
    }
}
