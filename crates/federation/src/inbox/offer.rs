//! `Offer`: what it offers decides whose business it is.

use super::{Incoming, joints, links, placements};
use crate::error::Result;
use crate::joints::MAIL_HOME;
use crate::links::RELATIONSHIP;
use crate::sources::Sources;
use crate::vocabulary::Reference;
use clocher_app::received::Outcome;
use serde::Deserialize;

/// The shape of an `Offer`.
#[derive(Debug, Deserialize)]
pub struct Offer {
    object: Reference,
    #[serde(default)]
    target: Reference,
}

impl Offer {
    /// Whether what it offers means something here.
    pub fn is_known(&self) -> bool {
        matches!(self.object.kind(), None | Some(RELATIONSHIP | MAIL_HOME))
    }

    /// A link with a community of ours, a word on an address that is joined, or a thread, which is named by its id.
    pub async fn receive(self, sources: &Sources, incoming: &Incoming) -> Result<Outcome> {
        if !self.is_known() {
            return Ok(Outcome::NotOurs);
        }
        match self.object.kind() {
            Some(RELATIONSHIP) => links::offered(sources, incoming, &self.object, &self.target).await,
            Some(MAIL_HOME) => joints::received(sources, incoming, &self.object).await,
            _ => placements::offered(sources, incoming, &self.object, &self.target).await,
        }
    }
}
