//! `Like` and `Dislike`: votes.

use super::Incoming;
use crate::error::{Error, Result};
use crate::sources::Sources;
use crate::vocabulary::Reference;
use clocher_app::received::{Outcome, Received};
use clocher_app::voting;
use clocher_storage::actors::ActorRow;
use serde::Deserialize;

/// The shape of a `Like` and of a `Dislike`.
#[derive(Debug, Deserialize)]
pub struct Vote {
    object: Reference,
}

impl Vote {
    /// A vote of the actor that sends it.
    pub async fn receive(
        self,
        sources: &Sources,
        incoming: &Incoming,
        vote: clocher_domain::vote::Vote,
    ) -> Result<Outcome> {
        let post = self.object.id().ok_or(Error::Malformed("the object of a vote"))?.to_owned();
        receive_vote(sources, incoming.received(vote.as_str()), &incoming.actor, post, Some(vote)).await
    }
}

/// Hands a vote, or its withdrawal, to the use case. A vote on what is not known here is nothing.
pub async fn receive_vote(
    sources: &Sources,
    received: Received,
    voter: &ActorRow,
    post: String,
    wanted: Option<clocher_domain::vote::Vote>,
) -> Result<Outcome> {
    Ok(voting::receive(&sources.app, received, voter.id, post, wanted).await?)
}
