//! Whose word an activity is that another hands over: its actor's, where the actor's proof is on it (FEP-8b32).
//!
//! A proof that is wrong is refused, and not taken for none: nobody who alters something is to choose how it is read.

use super::{actor_id, check};
use crate::actor::remote as remote_actor;
use crate::error::{Error, Result};
use crate::object::remote::is_post;
use crate::sources::Sources;
use crate::transport::keys::ed25519_from_multibase;
use crate::transport::{FetchError, Proof, ProofError, authority};
use crate::vocabulary::{Reference, read_time};
use clocher_app::{delivering, domains, profile};
use clocher_storage::actors::ActorRow;
use clocher_storage::assertion_methods;
use serde_json::Value;

/// The actor who has proved that an activity is theirs; none where no proof is on it. The key is one that the actor
/// lists, asked for where it is not known, and again, at most once in five minutes, where it does not fit.
///
/// # Errors
/// What is wrong with the proof; `Forged` for an id on another server than the actor's; `DomainBlocked`;
/// `NeedsNetwork`.
pub async fn prover(sources: &Sources, activity: &Value) -> Result<Option<ActorRow>> {
    let Some(proof) = read(sources, activity)? else { return Ok(None) };
    let actor = actor_id(activity)?;
    if sources.app.site().owns(actor) {
        // What ours say does not come in from elsewhere.
        return Err(Error::Unverified("the actor of an activity"));
    }
    check(actor, activity)?;
    let url = sources.federation.http().test_hosts().check(actor).map_err(FetchError::from)?;
    let host = authority(&url);
    domains::check(&sources.app, &host).await?;
    match sources.find_actor(actor).await?.filter(|row| row.fetched_at.is_some()) {
        Some(known) => by_known(sources, known, &proof).await.map(Some),
        None => by_unknown(sources, actor, &host, &proof).await.map(Some),
    }
}

/// The actor of an activity that somebody else hands over on nobody's word but the actor's own.
///
/// # Errors
/// `Unverified` where it bears no proof, or is of a kind that must come from its actor's own server; those of
/// [`prover`].
pub async fn forwarded(sources: &Sources, activity: &Value) -> Result<ActorRow> {
    let prover = if may_be_forwarded(activity) { prover(sources, activity).await? } else { None };
    prover.ok_or(Error::Unverified("the actor of an activity"))
}

/// What concerns messages, and what a community announces. Requests to follow, offers of links, the answers to them and
/// what an actor says of itself would, sent again by anybody, bring back what was ended since.
fn may_be_forwarded(activity: &Value) -> bool {
    let object = Reference(activity.get("object").cloned().unwrap_or_default());
    match Reference(activity.clone()).kind().unwrap_or_default() {
        "Create" | "Like" | "Dislike" | "Announce" => true,
        "Update" => object.kind().is_some_and(is_post) && is_dated(&object),
        "Delete" => object.id() != actor_id(activity).ok(),
        "Undo" => matches!(object.kind(), Some("Like" | "Dislike")),
        _ => false,
    }
}

/// Whether a message says when it was edited. Without it nobody could tell an old edit that is sent again from a new
/// one.
pub fn is_dated(message: &Reference) -> bool {
    message.0.get("updated").and_then(Value::as_str).is_some_and(|text| read_time(text).is_some())
}

/// The proof of an activity. One that is older than our memory of activities is none: it could be a repetition.
fn read(sources: &Sources, activity: &Value) -> Result<Option<Proof>> {
    let now = sources.app.now();
    let oldest = now.plus(-delivering::SEEN).seconds();
    Ok(Proof::read(activity, now.seconds())?.filter(|proof| proof.created() > oldest))
}

async fn by_known(sources: &Sources, known: ActorRow, proof: &Proof) -> Result<ActorRow> {
    let (id, method) = (known.id, proof.method().to_owned());
    let key = sources.app.read(move |conn| assertion_methods::find(conn, id, &method)).await?;
    let Err(refusal) = fits(proof, key.as_ref().map(|key| key.ed25519_public.as_str())) else {
        return Ok(known);
    };
    // The actor may have other keys by now.
    let federation = &sources.federation;
    if federation.was_refetched(&known.ap_id) {
        return Err(refusal);
    }
    sources.may_ask()?;
    if !federation.may_refetch(&known.ap_id) {
        return Err(refusal);
    }
    let fetched = fetch(sources, &known.ap_id, proof).await;
    fetched.inspect_err(|error| {
        if error.is_transient() {
            federation.allow_refetch(&known.ap_id);
        }
    })
}

async fn by_unknown(sources: &Sources, actor: &str, host: &str, proof: &Proof) -> Result<ActorRow> {
    sources.may_ask()?;
    if !sources.federation.may_ask_for_keys(host) {
        return Err(FetchError::Timeout.into());
    }
    fetch(sources, actor, proof).await.inspect_err(|error| {
        if !error.is_transient() {
            sources.federation.note_failed_key(host);
        }
    })
}

/// The actor as its own server describes it now, recorded if the proof is made with one of its keys.
async fn fetch(sources: &Sources, actor: &str, proof: &Proof) -> Result<ActorRow> {
    let (id, document) = sources.document(actor).await?;
    let remote = remote_actor::read(&document, &id, sources.federation.http().test_hosts())?;
    if remote.ap_id != actor {
        return Err(Error::Forged("the actor of an activity"));
    }
    let key = remote.assertion_methods.iter().find(|key| key.id == proof.method());
    fits(proof, key.map(|key| key.ed25519_public.as_str()))?;
    Ok(profile::receive(&sources.app, remote).await?)
}

fn fits(proof: &Proof, public: Option<&str>) -> Result<()> {
    let key = public.and_then(|public| ed25519_from_multibase(public).ok()).ok_or(ProofError::Key)?;
    Ok(proof.verify(&key)?)
}
