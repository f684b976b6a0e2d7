//! `Move` of a person or a community by itself (FEP-7628). That of a community by its moderators means nothing here (S63).

use super::Incoming;
use crate::actor::remote as remote_actor;
use crate::error::{Error, Result};
use crate::sources::Sources;
use crate::vocabulary::Reference;
use clocher_app::linking;
use clocher_app::moving::{self, Target};
use clocher_app::received::Outcome;
use serde::Deserialize;

/// The shape of a `Move`.
#[derive(Debug, Deserialize)]
pub struct Move {
    #[serde(default)]
    object: Reference,
    #[serde(default)]
    target: Reference,
}

impl Move {
    /// Only of the sender itself, and only where somebody of ours follows it, or a community of ours is linked with it or is
    /// what it becomes. What it becomes is asked of its own
    /// server now, and stored only if the move is one.
    pub async fn receive(self, sources: &Sources, incoming: &Incoming) -> Result<Outcome> {
        let Some(target) = self.target_of(&incoming.actor.ap_id)? else { return Ok(Outcome::NotOurs) };
        let mover_id = incoming.actor.id;
        let is_of_concern =
            sources.app.site().owns(target) || linking::concerns(&sources.app, mover_id).await?;
        if !is_of_concern {
            return Ok(Outcome::NotOurs);
        }
        let target = find(sources, target).await?;
        Ok(moving::receive(&sources.app, incoming.received("Move"), mover_id, target).await?)
    }

    /// The id of what that sender becomes; none where something else moves, or to itself.
    ///
    /// # Errors
    /// `Malformed` where it names no target.
    pub fn target_of(&self, sender: &str) -> Result<Option<&str>> {
        if self.object.id() != Some(sender) {
            return Ok(None);
        }
        let target = self.target.id().ok_or(Error::Malformed("the target of a Move"))?;
        Ok(Some(target).filter(|target| *target != sender))
    }
}

async fn find(sources: &Sources, id: &str) -> Result<Target> {
    if sources.app.site().owns(id) {
        return Ok(Target::Local(sources.actor(id).await?.id));
    }
    let (id, document) = sources.document(id).await?;
    let remote = remote_actor::read(&document, &id, sources.federation.http().test_hosts())?;
    if remote.inbox.is_empty() {
        // Nobody could ask to follow it.
        return Err(Error::Malformed("the inbox of the target of a Move"));
    }
    Ok(Target::Remote(Box::new(remote)))
}
