//! What communities elsewhere say that they stand for, and is not confirmed: for the administrators, who decide.

use super::{Frame, answer, id, see_other};
use crate::actor_name::ActorName;
use crate::error::Failure;
use crate::forms::Sent;
use crate::language::Lang;
use crate::place::{claim_words, name_of};
use crate::session::Visit;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use clocher_app::claims::{self, Open};
use clocher_domain::Refusal;
use clocher_domain::claim::Standing;
use clocher_domain::territory::TerritoryId;

/// Where this page is.
const HERE: &str = "/moderation/claims";

#[derive(Template)]
#[template(path = "claims.html")]
struct Page {
    t: Lang,
    frame: Frame,
    items: Vec<Item>,
}

/// A community, with what is to be decided about it.
struct Item {
    id: i64,
    community: ActorName,
    words: String,
    /// What may be confirmed or rejected: the area, and its name.
    choices: Vec<(String, String)>,
    /// Who else says the same.
    others: Vec<ActorName>,
}

impl Item {
    fn new(lang: Lang, open: &Open) -> Self {
        let claim = &open.claim;
        let is_settled = matches!(claim.standing, Standing::Confirmed | Standing::Rejected);
        let shown = claim.shown.filter(|_| !is_settled);
        let choices = shown.into_iter().chain(claim.says_now());
        Self {
            id: open.community.id,
            community: ActorName::new(&open.community),
            words: claim_words(lang, claim).unwrap_or_default(),
            choices: choices.map(|territory| (territory.to_string(), name_of(lang, territory))).collect(),
            others: if shown.is_some() {
                open.others.iter().map(ActorName::new).collect()
            } else {
                Vec::new()
            },
        }
    }
}

/// `GET /moderation/claims`
pub async fn show(visit: Visit) -> Result<HttpResponse, Failure> {
    let Some(viewer) = visit.viewer.clone() else {
        return Ok(see_other(format!("/sign-in?next={HERE}")));
    };
    let open = claims::list_open(&visit.app, viewer.actor.id).await?;
    let page = Page {
        t: visit.lang,
        frame: Frame::new(&visit, visit.lang.say("claims-title")),
        items: open.iter().map(|open| Item::new(visit.lang, open)).collect(),
    };
    answer(StatusCode::OK, visit.lang, &page)
}

/// `POST /moderation/claims`
pub async fn judge(sent: Sent) -> Result<HttpResponse, Failure> {
    let Sent { visit, viewer, fields } = sent;
    let territory: TerritoryId = fields.get("territory").parse().map_err(|_| Refusal::NotFound)?;
    let confirmed = match fields.get("answer") {
        "confirm" => true,
        "reject" => false,
        _ => return Err(Failure::Malformed),
    };
    claims::judge(&visit.app, viewer.actor.id, id(fields.get("which"))?, territory, confirmed).await?;
    Ok(see_other(HERE))
}
