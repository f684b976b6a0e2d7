//! Joining and leaving communities, following persons: the buttons, and what they send.

use super::see_other;
use crate::actor_name::{ActorName, page_of};
use crate::error::Failure;
use crate::forms::Sent;
use crate::lookup::{self, COMMUNITIES, PEOPLE};
use actix_web::HttpResponse;
use actix_web::web::Path;
use clocher_app::membership;
use clocher_domain::actor::ActorKind;
use clocher_domain::membership::Standing;

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
    /// The bond to a community.
    pub fn to_community(community: &ActorName, standing: Option<Standing>) -> Self {
        let (verb, button, state) = match standing {
            None => ("join", "join", "not-joined"),
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
    membership::join(&sent.visit.app, sent.viewer.actor.id, actor.id).await?;
    Ok(see_other(page_of(&actor)))
}

async fn unbind(sent: &Sent, segment: &str, kinds: &'static [ActorKind]) -> Result<HttpResponse, Failure> {
    let actor = lookup::actor(&sent.visit, segment, kinds).await?;
    membership::leave(&sent.visit.app, sent.viewer.actor.id, actor.id).await?;
    Ok(see_other(page_of(&actor)))
}
