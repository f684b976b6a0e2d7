//! `Create` of a message by its author.

use super::Incoming;
use crate::error::{Error, Result};
use crate::object::remote::{PostObject, is_post};
use crate::sources::Sources;
use crate::threads;
use crate::vocabulary::Reference;
use clocher_app::received::Outcome;
use serde::Deserialize;

/// The shape of a `Create`.
#[derive(Debug, Deserialize)]
pub struct Create {
    object: Reference,
}

impl Create {
    /// The message must stand in it, and be its sender's own.
    pub async fn receive(self, sources: &Sources, incoming: &Incoming) -> Result<Outcome> {
        if !self.object.kind().is_some_and(is_post) {
            return Ok(Outcome::NotOurs);
        }
        let object = PostObject::read(&self.object.0)?;
        if object.author()? != incoming.actor.ap_id {
            return Err(Error::Forged("the author of a message"));
        }
        threads::record(sources, incoming.received("Create"), &incoming.actor, object).await
    }
}
