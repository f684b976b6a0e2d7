//! Links between communities, as the other end speaks of them: `Offer`, `Accept`, `Reject`, `Undo`, `Update`, and the
//! hints `Add` and `Remove`.
//!
//! Each comes signed by that community itself, and is forwarded by nobody. What an `Accept` says is seen at its origin
//! before it counts (S54).

use super::{Incoming, open_community};
use crate::error::{Error, Result};
use crate::links::{self, RELATIONSHIP, Relationship};
use crate::sources::Sources;
use crate::transport::{FetchError, same_origin};
use crate::vocabulary::{Reference, id_of};
use clocher_app::linking::{self, Stated};
use clocher_app::received::Outcome;
use clocher_domain::actor::ActorKind;
use clocher_storage::actors::ActorRow;
use clocher_storage::communities;
use clocher_storage::links::LinkRow;
use serde_json::Value;

/// Most bytes of an id of an activity that decides about a link.
const LONGEST_ID: usize = 1_000;

/// Whether an activity of that type makes a link: what undoes it ends the link.
pub fn is_agreement(kind: &str) -> bool {
    matches!(kind, "Offer" | "Accept")
}

/// Another community offers a link to one of ours.
pub async fn offered(
    sources: &Sources,
    incoming: &Incoming,
    object: &Reference,
    target: &Reference,
) -> Result<Outcome> {
    let relationship = Relationship::read(&object.0, &incoming.actor.ap_id)?;
    let Some(community) = open_community(sources, &relationship.object).await? else {
        return Ok(Outcome::NotOurs);
    };
    if target.id().is_some_and(|target| target != community.ap_id) || incoming.id.len() > LONGEST_ID {
        return Err(Error::Malformed("the target of an Offer"));
    }
    if incoming.actor.kind != ActorKind::Group.as_str() {
        return Err(Error::Malformed("the actor of an Offer"));
    }
    let implied = incoming.json.get("implied") == Some(&Value::Bool(true));
    let stated = Stated { implied, ..relationship.stated_by_other() };
    let former = former(sources, incoming, &community).await?;
    let (app, other) = (&sources.app, incoming.actor.id);
    let outcome =
        linking::receive_offer(app, incoming.received("Offer"), community.id, other, stated).await?;
    if let Some(former) = former {
        linking::carry_asked(app, community.id, other, former.id).await?;
    }
    Ok(outcome)
}

/// The community in whose place another one says that it offers a link: both are asked anew what they say of one
/// another. None, and nobody is asked, where ours has no link with it.
async fn former(sources: &Sources, incoming: &Incoming, community: &ActorRow) -> Result<Option<ActorRow>> {
    let Some(named) = incoming.json.get("carries").and_then(id_of) else { return Ok(None) };
    let named = named.to_owned();
    let Some(former) = linking::may_carry(&sources.app, community.id, named).await? else { return Ok(None) };
    sources.may_ask()?;
    for actor in [&former, &incoming.actor].into_iter().filter(|actor| !actor.local) {
        match sources.fetch_actor(&actor.ap_id).await {
            Err(error) if error.is_transient() => return Err(error),
            // It is as it was known.
            Err(error) => tracing::debug!(actor = actor.ap_id, %error, "not described anew"),
            Ok(_) => {}
        }
    }
    Ok(Some(former))
}

/// The link of one of ours that an answer names by its `Offer`.
async fn answered(
    sources: &Sources,
    incoming: &Incoming,
    offer: &Reference,
) -> Result<Option<(LinkRow, String)>> {
    if !matches!(offer.kind(), None | Some("Offer")) {
        return Ok(None);
    }
    let Some(id) = offer.id().filter(|id| sources.app.site().owns(id)) else { return Ok(None) };
    Ok(linking::find_proposed(&sources.app, incoming.actor.id, id.to_owned()).await?)
}

/// The other community agrees to the link that one of ours offered: what it lists is looked at first.
pub async fn accepted(
    sources: &Sources,
    incoming: &Incoming,
    offer: &Reference,
    result: &Reference,
) -> Result<Outcome> {
    let Some((link, community)) = answered(sources, incoming, offer).await? else {
        return Ok(Outcome::NotOurs);
    };
    if !link.state()?.is_live() {
        return Ok(Outcome::Known);
    }
    sources.may_ask()?;
    let Some(stated) = seen(sources, &incoming.actor, result, &community).await? else {
        return Ok(Outcome::NotOurs);
    };
    let received = incoming.received("Accept");
    Ok(linking::receive_acceptance(&sources.app, received, link.id, link.offer, stated).await?)
}

/// What the other community lists of its link with that one of ours: the document that its `Accept` names, from its own
/// origin, or what stands in its collection.
async fn seen(
    sources: &Sources,
    other: &ActorRow,
    result: &Reference,
    community: &str,
) -> Result<Option<Stated>> {
    let test_hosts = sources.federation.http().test_hosts();
    if let Some(id) = result.id() {
        let own = test_hosts.check(id).map_err(FetchError::from)?;
        let origin = test_hosts.check(&other.ap_id).map_err(FetchError::from)?;
        if !same_origin(&own, &origin) {
            return Err(Error::Forged("the result of an Accept"));
        }
        let (id, document) = sources.document(id).await?;
        let listed = Relationship::read(&document, &other.ap_id)?;
        let is_so = listed.object == community && same_origin(&id, &origin);
        return Ok(is_so.then(|| listed.stated_by_other()));
    }
    let listed = links::listing(sources, other).await?;
    Ok(listed.into_iter().find(|one| one.object == community).map(|one| one.stated_by_other()))
}

/// The other community refuses the link that one of ours offered.
pub async fn refused(sources: &Sources, incoming: &Incoming, offer: &Reference) -> Result<Outcome> {
    let Some((link, _)) = answered(sources, incoming, offer).await? else { return Ok(Outcome::NotOurs) };
    let received = incoming.received("Reject");
    Ok(linking::receive_refusal(&sources.app, received, incoming.actor.id, link.offer).await?)
}

/// The other community undoes its `Offer` or its `Accept`.
pub async fn undone(sources: &Sources, incoming: &Incoming, object: &Reference) -> Result<Outcome> {
    let inner = object.0.get("object").and_then(id_of);
    let named = object.id().into_iter().chain(inner).map(str::to_owned).collect();
    let received = incoming.received("Undo");
    Ok(linking::receive_end(&sources.app, received, incoming.actor.id, named).await?)
}

/// The other community states what it shares and accepts from now on.
pub async fn changed(sources: &Sources, incoming: &Incoming, object: &Reference) -> Result<Outcome> {
    let relationship = Relationship::read(&object.0, &incoming.actor.ap_id)?;
    let Some(community) = open_community(sources, &relationship.object).await? else {
        return Ok(Outcome::NotOurs);
    };
    let stated = relationship.stated_by_other();
    let received = incoming.received("Update");
    Ok(linking::receive_change(&sources.app, received, community.id, incoming.actor.id, stated).await?)
}

/// A community adds to its links, or removes from them: what it lists is looked at again. Its word alone makes nothing
/// (S54).
pub async fn hinted(sources: &Sources, incoming: &Incoming) -> Result<Outcome> {
    let actor = incoming.actor.id;
    let is_link = incoming
        .json
        .get("object")
        .is_some_and(|object| Reference(object.clone()).kind() == Some(RELATIONSHIP));
    let target = incoming.json.get("target").and_then(id_of).unwrap_or_default();
    let community = sources.app.read(move |conn| communities::find(conn, actor)).await?;
    let is_list = community.is_some_and(|row| row.links_url.as_deref() == Some(target));
    if !is_link && !is_list {
        return Ok(Outcome::NotOurs);
    }
    Ok(linking::receive_hint(&sources.app, incoming.received("Add"), actor).await?)
}
