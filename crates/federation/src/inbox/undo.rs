//! `Undo` of a `Follow`, `Like`, `Dislike` or `Announce` by whoever did it, and of moderation by a moderator.

use super::Incoming;
use super::moderation::{self, Moderation};
use super::placements;
use super::vote::receive_vote;
use crate::error::{Error, Result};
use crate::sources::Sources;
use crate::vocabulary::{Reference, id_of};
use clocher_app::received::{Outcome, Received};
use clocher_app::{membership, voting};
use clocher_storage::actors::ActorRow;
use clocher_storage::{actors, follows};
use serde::Deserialize;

/// The shape of an `Undo`.
#[derive(Debug, Deserialize)]
pub struct Undo {
    object: Reference,
}

impl Undo {
    /// Undoes what the same actor did; what another did stays.
    pub async fn receive(self, sources: &Sources, incoming: &Incoming) -> Result<Outcome> {
        if !self.is_known() {
            return Ok(Outcome::NotOurs);
        }
        let received = incoming.received("Undo");
        match self.object.kind() {
            Some("Follow") => self.follow(sources, &incoming.actor, received).await,
            Some("Announce") => placements::unshared(sources, incoming, &self.object).await,
            Some(kind) if moderation::is_act(kind) => Moderation {}.receive(sources, incoming).await,
            Some(_) => vote(sources, &incoming.actor, received, &self.object).await,
            // By its id alone: whatever of the two it was.
            None => match vote(sources, &incoming.actor, received.clone(), &self.object).await? {
                Outcome::MissingParent => self.follow(sources, &incoming.actor, received).await,
                outcome => Ok(outcome),
            },
        }
    }

    /// Whether what is undone means something here, or is named by its id only.
    pub fn is_known(&self) -> bool {
        let kind = self.object.kind();
        matches!(kind, None | Some("Follow" | "Like" | "Dislike" | "Announce"))
            || kind.is_some_and(moderation::is_act)
    }

    async fn follow(&self, sources: &Sources, actor: &ActorRow, received: Received) -> Result<Outcome> {
        let id = self.object.id().unwrap_or_default().to_owned();
        let followed = self.object.0.get("object").and_then(id_of).map(str::to_owned);
        let follower = actor.id;
        let followed = sources.app.read(move |conn| {
            let by_id = follows::find_by_ap_id(conn, &id)?.filter(|row| row.follower_id == follower);
            let by_parts = followed.map(|id| actors::find_by_ap_id(conn, &id)).transpose()?.flatten();
            Ok::<_, clocher_app::Error>(by_id.map(|row| row.followed_id).or(by_parts.map(|row| row.id)))
        });
        let Some(followed) = followed.await? else { return Ok(Outcome::Known) };
        membership::receive_leave(&sources.app, received, follower, followed).await?;
        Ok(Outcome::Recorded)
    }
}

/// Undoes a vote: named by its id, or by the message that it was cast on.
pub async fn vote(
    sources: &Sources,
    voter: &ActorRow,
    received: Received,
    object: &Reference,
) -> Result<Outcome> {
    let named = object.0.get("object").and_then(id_of).map(str::to_owned);
    let post = if named.is_some() {
        named
    } else {
        let id = object.id().ok_or(Error::Malformed("the object of an Undo"))?;
        voting::find_voted(&sources.app, voter.id, id.to_owned()).await?
    };
    match post {
        Some(post) => receive_vote(sources, received, voter, post, None).await,
        None => Ok(Outcome::MissingParent),
    }
}
