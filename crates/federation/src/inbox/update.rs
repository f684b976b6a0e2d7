//! `Update` of a message by its author, or of an actor by itself.

use super::Incoming;
use crate::actor::remote as remote_actor;
use crate::error::{Error, Result};
use crate::object::remote::{PostObject, is_post};
use crate::sources::Sources;
use crate::vocabulary::Reference;
use clocher_app::received::Outcome;
use clocher_app::{profile, receiving};
use clocher_domain::actor::ActorKind;
use serde::Deserialize;
use url::Url;

/// The shape of an `Update`.
#[derive(Debug, Deserialize)]
pub struct Update {
    object: Reference,
}

impl Update {
    /// Only of what is the sender's own: same server is not same author.
    pub async fn receive(self, sources: &Sources, incoming: &Incoming) -> Result<Outcome> {
        let kind = self.object.kind().unwrap_or_default();
        if is_post(kind) {
            let object = PostObject::read(&self.object.0)?;
            if object.author()? != incoming.actor.ap_id {
                return Err(Error::Forged("the author of a message"));
            }
            let remote = object.into_post(sources, &incoming.actor).await?;
            return Ok(receiving::receive_edit(
                &sources.app,
                incoming.received("Update"),
                incoming.actor.id,
                remote,
            )
            .await?);
        }
        if ActorKind::parse(kind).is_none() {
            return Ok(Outcome::NotOurs);
        }
        if self.object.id() != Some(&incoming.actor.ap_id) {
            return Err(Error::Forged("the profile of an actor"));
        }
        let id = Url::parse(&incoming.actor.ap_id).map_err(|_| Error::Malformed("an id"))?;
        let remote = remote_actor::read(&self.object.0, &id, sources.federation.http().test_hosts())?;
        Ok(profile::receive_update(&sources.app, incoming.received("Update"), remote).await?)
    }
}
