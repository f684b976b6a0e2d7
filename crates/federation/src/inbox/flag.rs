//! `Flag`: a report, by a person or by an instance that does not say whose it is. Never passed on.

use super::Incoming;
use crate::error::Result;
use crate::sources::Sources;
use crate::vocabulary::References;
use clocher_app::received::Outcome;
use clocher_app::reporting;
use serde::Deserialize;
use serde_json::Value;

/// The shape of a `Flag`.
#[derive(Debug, Deserialize)]
pub struct Flag {
    /// Messages and actors, in any order.
    #[serde(default)]
    object: References,
    /// The reason, as Lemmy gives it.
    #[serde(default)]
    summary: Value,
    /// The reason, as Mastodon gives it.
    #[serde(default)]
    content: Value,
}

impl Flag {
    /// Of what is for us to look at; what the reporter may not read does not exist.
    pub async fn receive(self, sources: &Sources, incoming: &Incoming) -> Result<Outcome> {
        let reason = self.summary.as_str().or_else(|| self.content.as_str()).unwrap_or_default().to_owned();
        let received = incoming.received("Flag");
        Ok(reporting::receive(&sources.app, received, incoming.actor.id, self.object.0, reason).await?)
    }
}
