//! `Update` of a message by its author, of an actor by itself, or of what a community says of a link.

use super::Incoming;
use crate::actor::remote as remote_actor;
use crate::error::{Error, Result};
use crate::links;
use crate::object::remote::{PostObject, is_post};
use crate::sources::Sources;
use crate::transport::TestHosts;
use crate::vocabulary::Reference;
use clocher_app::profile::RemoteActor;
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

/// What an `Update` changes.
pub enum Change {
    /// A message.
    Message(Box<PostObject>),
    /// What an actor says of itself.
    Profile(Box<RemoteActor>),
}

impl Update {
    /// Only of what is the sender's own: same server is not same author.
    pub async fn receive(self, sources: &Sources, incoming: &Incoming) -> Result<Outcome> {
        let (app, actor) = (&sources.app, &incoming.actor);
        if self.object.kind() == Some(links::RELATIONSHIP) {
            return super::links::changed(sources, incoming, &self.object).await;
        }
        let received = incoming.received("Update");
        match self.change(&actor.ap_id, sources.federation.http().test_hosts())? {
            Some(Change::Message(object)) => {
                let remote = object.into_post(sources, actor).await?;
                Ok(receiving::receive_edit(app, received, actor.id, remote).await?)
            }
            Some(Change::Profile(remote)) => Ok(profile::receive_update(app, received, *remote).await?),
            None => Ok(Outcome::NotOurs),
        }
    }

    /// What it changes; none where that means nothing here.
    ///
    /// # Errors
    /// `Malformed`; `Forged` where it is not the sender's.
    pub fn change(&self, sender: &str, test_hosts: &TestHosts) -> Result<Option<Change>> {
        let kind = self.object.kind().unwrap_or_default();
        if is_post(kind) {
            return PostObject::read_sent(&self.object.0, sender)
                .map(|object| Some(Change::Message(Box::new(object))));
        }
        if ActorKind::parse_of_others(kind).is_none() {
            return Ok(None);
        }
        if self.object.id() != Some(sender) {
            return Err(Error::Forged("the profile of an actor"));
        }
        let id = Url::parse(sender).map_err(|_| Error::Malformed("an id"))?;
        let remote = remote_actor::read(&self.object.0, &id, test_hosts)?;
        Ok(Some(Change::Profile(Box::new(remote))))
    }
}
