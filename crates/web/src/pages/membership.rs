//! Joining and leaving communities, following persons: the buttons, and what they send.

use super::see_other;
use crate::actor_name::{ActorName, page_of};
use crate::error::Failure;
use crate::forms::Sent;
use crate::lookup::{self, COMMUNITIES, PEOPLE};
use actix_web::HttpResponse;
use actix_web::web::Path;
use clocher_app::{Error, admitting, membership, reading};
use clocher_domain::Refusal;
use clocher_domain::actor::ActorKind;
use clocher_domain::community::Openness;
use clocher_domain::membership::Standing;
use clocher_storage::actors::ActorRow;

/// What binds a reader to a community or a person, and the button that changes it.
pub struct Bond {
    /// Where the form is sent.
    pub action: String,
    /// The key of what the button says.
    pub button: &'static str,
    /// The key of how things stand.
    pub state: &'static str,
    /// Whether there is something to undo: joined, or asked to.
    pub is_bound: bool,
}

impl Bond {
    /// The bond to a community. `openness` says who answers a request: its moderators, or the other server.
    pub fn to_community(community: &ActorName, standing: Option<Standing>, openness: Openness) -> Self {
        let (verb, button, state) = match standing {
            None => ("join", "join", "not-joined"),
            Some(Standing::Requested) if !openness.is_open() => {
                ("leave", "withdraw-request", "request-waits")
            }
            Some(Standing::Requested) => ("leave", "withdraw-request", "join-requested"),
            Some(Standing::Accepted) => ("leave", "leave", "joined"),
        };
        Self { action: format!("{}/{verb}", community.page), button, state, is_bound: standing.is_some() }
    }

    /// The bond to a person.
    pub fn to_person(person: &ActorName, standing: Option<Standing>) -> Self {
        let (verb, button, state) = match standing {
            None => ("follow", "follow", "not-followed"),
            Some(Standing::Requested) => ("unfollow", "withdraw-request", "follow-requested"),
            Some(Standing::Accepted) => ("unfollow", "unfollow", "followed"),
        };
        Self { action: format!("{}/{verb}", person.page), button, state, is_bound: standing.is_some() }
    }
}

/// `POST /c/NAME/join`
pub async fn join(sent: Sent, path: Path<String>) -> Result<HttpResponse, Failure> {
    bind(&sent, &path, COMMUNITIES).await
}

/// `POST /c/NAME/decline`
pub async fn decline(sent: Sent, path: Path<String>) -> Result<HttpResponse, Failure> {
    let actor = lookup::actor(&sent.visit, &path, COMMUNITIES).await?;
    admitting::decline(&sent.visit.app, sent.viewer.actor.id, actor.id).await?;
    after(&sent, actor).await
}

/// Back to whom it was about, where whoever sent the form may still know of it.
async fn after(sent: &Sent, actor: ActorRow) -> Result<HttpResponse, Failure> {
    match reading::known_to(&sent.visit.app, actor, Some(&sent.viewer)).await {
        Ok(actor) => Ok(see_other(page_of(&actor))),
        Err(Error::Refused(Refusal::NotFound)) => Ok(see_other("/")),
        Err(error) => Err(error.into()),
    }
}

/// `POST /c/NAME/leave`
pub async fn leave(sent: Sent, path: Path<String>) -> Result<HttpResponse, Failure> {
    unbind(&sent, &path, COMMUNITIES).await
}

/// `POST /u/NAME/follow`
pub async fn follow(sent: Sent, path: Path<String>) -> Result<HttpResponse, Failure> {
    bind(&sent, &path, PEOPLE).await
}

/// `POST /u/NAME/unfollow`
pub async fn unfollow(sent: Sent, path: Path<String>) -> Result<HttpResponse, Failure> {
    unbind(&sent, &path, PEOPLE).await
}

async fn bind(sent: &Sent, segment: &str, kinds: &'static [ActorKind]) -> Result<HttpResponse, Failure> {
    let actor = lookup::actor(&sent.visit, segment, kinds).await?;
    let reason = sent.fields.get("reason").to_owned();
    membership::ask(&sent.visit.app, sent.viewer.actor.id, actor.id, reason).await?;
    Ok(see_other(page_of(&actor)))
}

async fn unbind(sent: &Sent, segment: &str, kinds: &'static [ActorKind]) -> Result<HttpResponse, Failure> {
    let actor = lookup::actor(&sent.visit, segment, kinds).await?;
    membership::leave(&sent.visit.app, sent.viewer.actor.id, actor.id).await?;
    after(sent, actor).await
}
