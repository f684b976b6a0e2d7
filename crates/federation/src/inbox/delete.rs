//! `Delete` of a message by its author or, out of a community, by a moderator; of an actor by itself.

use super::Incoming;
use super::moderation::{self, Moderation};
use crate::error::{Error, Result};
use crate::sources::Sources;
use crate::transport::{read_address, same_origin};
use crate::vocabulary::Reference;
use clocher_app::received::Outcome;
use clocher_app::{profile, receiving};
use serde::Deserialize;

/// The shape of a `Delete`.
#[derive(Debug, Deserialize)]
pub struct Delete {
    object: Reference,
}

impl Delete {
    /// Only of what is the sender's own, or in a community that the sender moderates.
    pub async fn receive(self, sources: &Sources, incoming: &Incoming) -> Result<Outcome> {
        let object = self.object.id().ok_or(Error::Malformed("the object of a Delete"))?.to_owned();
        if object == incoming.actor.ap_id {
            profile::receive_deleted(&sources.app, incoming.actor.id).await?;
            return Ok(Outcome::Recorded);
        }
        if moderation::is_removal(sources, &incoming.actor.ap_id, &incoming.json).await? {
            let removed = Moderation {}.receive(sources, incoming).await?;
            if removed != Outcome::NotOurs {
                return Ok(removed);
            }
        }
        // A message is on the server of its author; what is elsewhere need not even be looked up.
        let parse = |id: &str| read_address(id).map_err(|_| Error::Malformed("an id"));
        if !same_origin(&parse(&object)?, &parse(&incoming.actor.ap_id)?) {
            return Err(Error::Forged("the object of a Delete"));
        }
        let received = incoming.received("Delete");
        Ok(receiving::receive_delete(&sources.app, received, Some(incoming.actor.id), object).await?)
    }
}
