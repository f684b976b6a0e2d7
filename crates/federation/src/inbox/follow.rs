//! `Follow`: somebody elsewhere asks to join one of our communities, or to follow one of our persons.

use super::Incoming;
use crate::error::{Error, Result};
use crate::sources::Sources;
use crate::vocabulary::Reference;
use clocher_app::membership;
use clocher_app::received::Outcome;
use serde::Deserialize;

/// The shape of a `Follow`.
#[derive(Debug, Deserialize)]
pub struct Follow {
    object: Reference,
}

impl Follow {
    /// Answered with `Accept` or `Reject` by the actor that is asked.
    pub async fn receive(self, sources: &Sources, incoming: &Incoming) -> Result<Outcome> {
        if incoming.actor.inbox.is_empty() {
            // Nobody could be told that it is accepted, nor anything else.
            return Err(Error::Malformed("the inbox of a follower"));
        }
        let object = self.object.id().ok_or(Error::Malformed("the object of a Follow"))?;
        if !sources.app.site().owns(object) {
            return Ok(Outcome::NotOurs);
        }
        let followed = sources.actor(object).await?;
        membership::receive_follow(&sources.app, incoming.received("Follow"), incoming.actor.id, followed.id)
            .await?;
        Ok(Outcome::Recorded)
    }
}
