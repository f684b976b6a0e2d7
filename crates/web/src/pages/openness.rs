//! Who reads a community: what its moderators choose, and what follows from it, before they confirm.

use super::{Frame, answer, see_other};
use crate::actor_name::{ActorName, page_of};
use crate::error::Failure;
use crate::forms::Sent;
use crate::language::Lang;
use crate::lookup::{self, COMMUNITIES};
use crate::session::Visit;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use clocher_app::communities::{self, Closing};
use clocher_app::reading;
use clocher_app::sessions::Viewer;
use clocher_domain::Refusal;
use clocher_domain::community::Openness;
use clocher_storage::actors::ActorRow;

#[derive(Template)]
#[template(path = "openness.html")]
struct Page {
    t: Lang,
    frame: Frame,
    title: String,
    community: ActorName,
    choices: Vec<Choice>,
    is_open: bool,
    closing: Closing,
    refusal: Option<String>,
}

/// Who may read, as a choice.
pub struct Choice {
    /// Its permanent name.
    pub value: &'static str,
    /// What it means.
    pub words: String,
    /// Whether it stands.
    pub is_chosen: bool,
}

impl Choice {
    /// Who may read, in plain words.
    pub fn of(lang: Lang, chosen: Openness) -> Vec<Self> {
        let choice = |one: Openness| Self {
            value: one.as_str(),
            words: lang.say(&format!("openness-{}", one.as_str())),
            is_chosen: one == chosen,
        };
        [Openness::Open, Openness::Closed, Openness::Hidden].map(choice).into()
    }
}

/// `GET /c/NAME/openness`
pub async fn show(visit: Visit, path: Path<String>) -> Result<HttpResponse, Failure> {
    let community = lookup::actor(&visit, &path, COMMUNITIES).await?;
    let Some(viewer) = visit.viewer.clone() else {
        return Ok(see_other(format!("/sign-in?next={}/openness", page_of(&community))));
    };
    page(&visit, &viewer, &community, StatusCode::OK, None).await
}

async fn page(
    visit: &Visit,
    viewer: &Viewer,
    community: &ActorRow,
    status: StatusCode,
    refused: Option<Openness>,
) -> Result<HttpResponse, Failure> {
    let lang = visit.lang;
    if !community.local {
        return Err(Refusal::NotFound.into());
    }
    let closing = communities::foresee_closing(&visit.app, viewer.actor.id, community.id).await?;
    let view = reading::community(&visit.app, community.id, Some(viewer), None).await?;
    let openness = view.line.community.openness().map_err(clocher_app::Error::from)?;
    let name = ActorName::new(community);
    let title = lang.name("openness-of", &name.name);
    let shown = if refused.is_some() { lang.name("error-in", &title) } else { title.clone() };
    let page = Page {
        t: lang,
        frame: Frame::new(visit, shown),
        title,
        community: name,
        choices: Choice::of(lang, refused.unwrap_or(openness)),
        is_open: openness.is_open(),
        closing,
        refusal: refused.map(|_| lang.say("turning-unconfirmed")),
    };
    answer(status, lang, &page)
}

/// `POST /c/NAME/openness`
pub async fn change(sent: Sent, path: Path<String>) -> Result<HttpResponse, Failure> {
    let Sent { visit, viewer, fields } = sent;
    let community = lookup::actor(&visit, &path, COMMUNITIES).await?;
    let openness = Openness::parse(fields.get("openness")).ok_or(Failure::Malformed)?;
    if fields.get("confirm").is_empty() {
        return page(&visit, &viewer, &community, StatusCode::UNPROCESSABLE_ENTITY, Some(openness)).await;
    }
    communities::change_openness(&visit.app, viewer.actor.id, community.id, openness).await?;
    Ok(see_other(page_of(&community)))
}
