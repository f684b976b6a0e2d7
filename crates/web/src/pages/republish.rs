//! Publishing a message of a community that is not open in an open one too: what a moderator proposes, and what its author
//! answers.

use super::{id, see_other};
use crate::actor_name::ActorName;
use crate::error::Failure;
use crate::forms::Sent;
use crate::session::Visit;
use actix_web::HttpResponse;
use actix_web::web::Path;
use clocher_app::republishing::{self, Republishing};
use clocher_domain::Refusal;

/// What the page of a thread says of it.
pub struct Republish {
    /// What whoever reads may propose: the numbers and names of communities.
    pub choices: Vec<(i64, String)>,
    /// Whether the message is their own, and is published at once.
    pub is_own: bool,
    /// For which community they are asked.
    pub asked: Option<String>,
    /// For which community its author is asked.
    pub waits: Option<String>,
    /// Whether its author said no.
    pub is_declined: bool,
    /// Where it is published, and the page of the new thread.
    pub published: Option<(String, String)>,
}

impl Republish {
    /// What there is to say to whoever reads; none where nothing is.
    ///
    /// # Errors
    /// Those of storage.
    pub async fn of(visit: &Visit, post_id: i64) -> Result<Option<Self>, Failure> {
        let Some(viewer) = visit.viewer_id() else { return Ok(None) };
        let found = republishing::find(&visit.app, viewer, post_id).await?;
        Ok(found.map(Self::new).filter(|one| !one.is_empty()))
    }

    fn new(found: Republishing) -> Self {
        let mut one = Self {
            choices: Vec::new(),
            is_own: false,
            asked: None,
            waits: None,
            is_declined: false,
            published: None,
        };
        match found {
            Republishing::Possible { communities, is_own } => {
                one.choices = communities.iter().map(|row| (row.id, ActorName::new(row).name)).collect();
                one.is_own = is_own;
            }
            Republishing::Proposed { community, asks: true } => {
                one.asked = Some(ActorName::new(&community).name);
            }
            Republishing::Proposed { community, asks: false } => {
                one.waits = Some(ActorName::new(&community).name);
            }
            Republishing::Declined => one.is_declined = true,
            Republishing::Published { community, copy } => {
                one.published = Some((ActorName::new(&community).name, format!("/post/{copy}")));
            }
        }
        one
    }

    fn is_empty(&self) -> bool {
        let says = self.asked.is_some() || self.waits.is_some() || self.published.is_some();
        self.choices.is_empty() && !self.is_declined && !says
    }
}

/// `POST /post/ID/republish`
pub async fn act(sent: Sent, path: Path<String>) -> Result<HttpResponse, Failure> {
    let Sent { visit, viewer, fields } = sent;
    let post = id(&path)?;
    let copy = match fields.get("act") {
        "propose" => {
            let community = id(fields.get("community"))?;
            republishing::propose(&visit.app, viewer.actor.id, post, community).await?
        }
        "accept" => republishing::answer(&visit.app, viewer.actor.id, post, true).await?,
        "decline" => republishing::answer(&visit.app, viewer.actor.id, post, false).await?,
        _ => return Err(Refusal::NotFound.into()),
    };
    Ok(see_other(format!("/post/{}", copy.map_or(post, |copy| copy.id))))
}
