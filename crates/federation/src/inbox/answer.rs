//! `Accept` and `Reject` of a `Follow` of ours, of a link that one of ours offered, and of a thread.

use super::{Incoming, links, placements};
use crate::error::{Error, Result};
use crate::groups;
use crate::sources::Sources;
use crate::vocabulary::Reference;
use clocher_app::membership;
use clocher_app::received::Outcome;
use clocher_storage::actors::ActorRow;
use clocher_storage::follows;
use serde::Deserialize;

/// The shape of an `Accept`.
#[derive(Debug, Deserialize)]
pub struct Accept {
    object: Reference,
    /// What came of an offer.
    #[serde(default)]
    result: Reference,
}

/// The shape of a `Reject`.
#[derive(Debug, Deserialize)]
pub struct Reject {
    object: Reference,
}

impl Accept {
    /// Whether it answers a request to follow, or something named by its id only.
    pub fn is_known(&self) -> bool {
        answers_follow(&self.object) || placements::is_offer(&self.object)
    }

    /// The request is accepted, if the actor that was asked says so.
    pub async fn receive(self, sources: &Sources, incoming: &Incoming) -> Result<Outcome> {
        match links::accepted(sources, incoming, &self.object, &self.result).await? {
            Outcome::NotOurs => {}
            outcome => return Ok(outcome),
        }
        if !self.is_known() {
            return Ok(Outcome::NotOurs);
        }
        if placements::is_offer(&self.object) {
            return placements::accepted(sources, incoming, &self.object, &self.result).await;
        }
        answer(sources, &incoming.actor, &self.object, true).await
    }
}

impl Reject {
    /// As [`Accept::is_known`].
    pub fn is_known(&self) -> bool {
        answers_follow(&self.object) || placements::is_offer(&self.object)
    }

    /// The request is refused, or what was accepted is ended, if the actor that was asked says so.
    pub async fn receive(self, sources: &Sources, incoming: &Incoming) -> Result<Outcome> {
        match links::refused(sources, incoming, &self.object).await? {
            Outcome::NotOurs => {}
            outcome => return Ok(outcome),
        }
        if !self.is_known() {
            return Ok(Outcome::NotOurs);
        }
        if placements::is_offer(&self.object) {
            return placements::refused(sources, incoming, &self.object).await;
        }
        answer(sources, &incoming.actor, &self.object, false).await
    }
}

fn answers_follow(object: &Reference) -> bool {
    matches!(object.kind(), None | Some("Follow"))
}

async fn answer(
    sources: &Sources,
    answerer: &ActorRow,
    object: &Reference,
    accepted: bool,
) -> Result<Outcome> {
    let follow = match object.id() {
        Some(id) if sources.app.site().owns(id) => id.to_owned(),
        // Some answer with the parts of the request and an id of their own, or none.
        _ => match find_by_parts(sources, answerer, object).await? {
            Some(id) => id,
            None => return Ok(Outcome::NotOurs),
        },
    };
    membership::receive_answer(&sources.app, follow, answerer.id, accepted).await?;
    if accepted {
        groups::owe_refresh(&sources.app, answerer).await?;
    }
    Ok(Outcome::Recorded)
}

async fn find_by_parts(sources: &Sources, answerer: &ActorRow, object: &Reference) -> Result<Option<String>> {
    if object.kind() != Some("Follow") {
        return Ok(None);
    }
    let follower = object
        .0
        .get("actor")
        .and_then(crate::vocabulary::id_of)
        .ok_or(Error::Malformed("the actor of a Follow"))?;
    let Some(follower) = sources.find_actor(follower).await?.filter(|row| row.local) else { return Ok(None) };
    let (follower, followed) = (follower.id, answerer.id);
    let row = sources.app.read(move |conn| follows::find(conn, follower, followed)).await?;
    Ok(row.map(|row| row.ap_id))
}
