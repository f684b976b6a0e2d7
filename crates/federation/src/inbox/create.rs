//! `Create` of a message by its author.

use super::Incoming;
use crate::error::Result;
use crate::object::content::is_poll_vote;
use crate::object::remote::{PostObject, is_post};
use crate::sources::Sources;
use crate::threads;
use crate::vocabulary::{Reference, References};
use clocher_app::received::Outcome;
use serde::Deserialize;

/// The shape of a `Create`.
#[derive(Debug, Deserialize)]
pub struct Create {
    object: Reference,
    #[serde(default)]
    to: References,
    #[serde(default)]
    cc: References,
}

impl Create {
    /// The message must stand in it, and be its sender's own.
    pub async fn receive(self, sources: &Sources, incoming: &Incoming) -> Result<Outcome> {
        let Some(object) = self.message(&incoming.actor.ap_id)? else { return Ok(Outcome::NotOurs) };
        threads::record(sources, incoming.received("Create"), &incoming.actor, object).await
    }

    /// The message; none where it is something else, or a vote in a poll: nobody asks anything here.
    ///
    /// # Errors
    /// Those of [`PostObject::read_sent`].
    pub fn message(&self, sender: &str) -> Result<Option<PostObject>> {
        if !self.object.kind().is_some_and(is_post) || is_poll_vote(&self.object.0) {
            return Ok(None);
        }
        let object = PostObject::read_sent(&self.object.0, sender)?;
        Ok(Some(object.or_addressed(&self.to, &self.cc)))
    }
}
