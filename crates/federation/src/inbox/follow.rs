//! `Follow` and `Join`: somebody elsewhere asks to join one of our communities, or to follow one of our persons.

use super::Incoming;
use crate::error::{Error, Result};
use crate::jobs;
use crate::sources::Sources;
use crate::vocabulary::Reference;
use clocher_app::received::Outcome;
use clocher_app::{feeds, membership, readers};
use clocher_domain::Refusal;
use clocher_domain::actor::ActorKind;
use clocher_domain::time::HOUR;
use clocher_storage::actors::ActorRow;
use clocher_storage::hosts;
use serde::Deserialize;
use serde_json::Value;

/// The shape of a `Follow` and of a `Join`.
#[derive(Debug, Deserialize)]
pub struct Follow {
    object: Reference,
    /// What whoever asks says to the moderators.
    #[serde(default)]
    summary: Value,
}

impl Follow {
    /// Answered with `Accept` or `Reject` by the actor that is asked; in a community that is not open, when its moderators
    /// have decided. `kind` is what it is.
    pub async fn receive(
        self,
        sources: &Sources,
        incoming: &Incoming,
        kind: &'static str,
    ) -> Result<Outcome> {
        if incoming.actor.inbox.is_empty() {
            // Nobody could be told that it is accepted, nor anything else.
            return Err(Error::Malformed("the inbox of a follower"));
        }
        let object = self.object.id().ok_or(Error::Malformed("the object of a Follow"))?;
        if !sources.app.site().owns(object) {
            return Ok(Outcome::NotOurs);
        }
        // That of a feed is made when it is first asked for.
        let followed = match feeds::find_at(&sources.app, object).await? {
            Some(feed) => feed.actor,
            None => sources.actor(object).await?,
        };
        let is_join = kind == "Join";
        if is_join && followed.kind != ActorKind::Group.as_str() {
            return Ok(Outcome::NotOurs);
        }
        learn_software(sources, incoming, &followed).await?;
        let (received, reason) = (incoming.received(kind), self.summary.as_str().unwrap_or_default());
        let follower = incoming.actor.id;
        let (app, reason) = (&sources.app, reason.to_owned());
        membership::receive_follow(app, received, follower, followed.id, is_join, reason).await?;
        Ok(Outcome::Recorded)
    }
}

/// After how long a server is asked again what it runs that was not known to keep closed what is, in milliseconds.
const SOFTWARE: i64 = HOUR;

/// A community that is not open lets nobody in of a server of which it is not known what it runs.
async fn learn_software(sources: &Sources, incoming: &Incoming, followed: &ActorRow) -> Result<()> {
    let (followed, follower, host) = (followed.clone(), incoming.actor.id, incoming.actor.host.clone());
    let now = sources.app.now().0;
    let is_doubtful = sources.app.read(move |conn| {
        if !readers::may_know(conn, &followed, Some(follower))? {
            return Err(clocher_app::Error::from(Refusal::NotFound));
        }
        if readers::openness(conn, followed.id)?.is_open() || readers::keeps_closed(conn, &host)? {
            return Ok(false);
        }
        let checked = hosts::find(conn, &host)?.and_then(|row| row.checked_at);
        Ok(checked.is_none_or(|at| now - at > SOFTWARE))
    });
    if is_doubtful.await? {
        sources.may_ask()?;
        jobs::discover(&sources.federation, &sources.app, &incoming.actor.host).await?;
    }
    Ok(())
}
