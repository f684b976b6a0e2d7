//! `Invite`: the moderators of a community elsewhere ask one of our persons to join it. It comes from the community itself.

use super::Incoming;
use crate::error::{Error, Result};
use crate::sources::Sources;
use crate::vocabulary::Reference;
use clocher_app::admitting;
use clocher_app::received::Outcome;
use clocher_domain::actor::ActorKind;
use serde::Deserialize;

/// The shape of an `Invite`.
#[derive(Debug, Deserialize)]
pub struct Invite {
    object: Reference,
    #[serde(default)]
    target: Reference,
}

impl Invite {
    /// Only to what invites, and only of ours. To accept is to follow it.
    pub async fn receive(self, sources: &Sources, incoming: &Incoming) -> Result<Outcome> {
        let community = self.object.id().ok_or(Error::Malformed("the object of an Invite"))?;
        let person = self.target.id().ok_or(Error::Malformed("the target of an Invite"))?;
        let is_its_own =
            community == incoming.actor.ap_id && incoming.actor.kind == ActorKind::Group.as_str();
        if !is_its_own || !sources.app.site().owns(person) {
            return Ok(Outcome::NotOurs);
        }
        let Some(person) = sources.find_actor(person).await? else { return Ok(Outcome::NotOurs) };
        let received = incoming.received("Invite");
        Ok(admitting::receive_invitation(&sources.app, received, incoming.actor.id, person.id).await?)
    }
}
