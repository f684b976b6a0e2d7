//! Making a community: by whoever moderates the instance; for an official area, by whoever administers it.

use super::openness::Choice;
use super::{Frame, answer, see_other};
use crate::actor_name::page_of;
use crate::error::{Failure, refusal_key, status_of};
use crate::forms::{Fields, Sent};
use crate::language::Lang;
use crate::session::Visit;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use clocher_app::Error;
use clocher_app::communities::{self, NewCommunity};
use clocher_app::profile::{MAX_DISPLAY_NAME, MAX_PRESENTATION};
use clocher_app::sessions::Viewer;
use clocher_domain::Refusal;
use clocher_domain::community::{Openness, Posting};

#[derive(Template)]
#[template(path = "creation.html")]
struct Page {
    t: Lang,
    frame: Frame,
    /// Whether whoever is signed in may make one for an official area.
    is_official: bool,
    draft: Draft,
    postings: Vec<Choice>,
    choices: Vec<Choice>,
    longest_name: usize,
    longest_presentation: usize,
}

/// What was typed, and why it was refused; or an empty form.
#[derive(Default)]
struct Draft {
    name: String,
    display_name: String,
    presentation: String,
    posting: String,
    openness: String,
    territory: String,
    refusal: Option<String>,
}

impl Draft {
    fn of(fields: &Fields) -> Self {
        let text = |name: &str| fields.get(name).to_owned();
        Self {
            name: text("name"),
            display_name: text("title"),
            presentation: text("text"),
            posting: text("posting"),
            openness: text("openness"),
            territory: text("territory"),
            refusal: None,
        }
    }

    /// The community that it describes.
    fn community(&self) -> Result<NewCommunity, Failure> {
        let territory = match self.territory.trim() {
            "" => None,
            code => {
                let found = clocher_cog::resolve(code).territory();
                Some(found.ok_or(Error::from(Refusal::UnknownTerritory))?.id)
            }
        };
        let name = self.name.trim().to_owned();
        let title = self.display_name.trim();
        Ok(NewCommunity {
            display_name: if title.is_empty() { name.clone() } else { title.to_owned() },
            name,
            presentation: self.presentation.clone(),
            territory,
            posting: Posting::parse(&self.posting).ok_or(Failure::Malformed)?,
            openness: Openness::parse(&self.openness).ok_or(Failure::Malformed)?,
        })
    }
}

/// Who may write, in plain words.
fn postings(lang: Lang, chosen: Posting) -> Vec<Choice> {
    let choice = |one: Posting| Choice {
        value: one.as_str(),
        words: lang.say(&format!("posting-{}", one.as_str())),
        is_chosen: one == chosen,
    };
    [Posting::Everybody, Posting::Members, Posting::Moderators].map(choice).into()
}

/// `GET /communities/new`
pub async fn show(visit: Visit) -> Result<HttpResponse, Failure> {
    let Some(viewer) = visit.viewer.clone() else {
        return Ok(see_other("/sign-in?next=/communities/new"));
    };
    page(&visit, &viewer, StatusCode::OK, Draft::default()).await
}

async fn page(
    visit: &Visit,
    viewer: &Viewer,
    status: StatusCode,
    draft: Draft,
) -> Result<HttpResponse, Failure> {
    let lang = visit.lang;
    let (may_make, is_official) = communities::may_make(&visit.app, viewer.actor.id).await?;
    if !may_make {
        return Err(Refusal::NotAModerator.into());
    }
    let title = lang.say("creation-title");
    let title = if draft.refusal.is_some() { lang.name("error-in", &title) } else { title };
    let page = Page {
        t: lang,
        frame: Frame::new(visit, title),
        is_official,
        postings: postings(lang, Posting::parse(&draft.posting).unwrap_or(Posting::Everybody)),
        choices: Choice::of(lang, Openness::parse(&draft.openness).unwrap_or(Openness::Open)),
        draft,
        longest_name: MAX_DISPLAY_NAME,
        longest_presentation: MAX_PRESENTATION,
    };
    answer(status, lang, &page)
}

/// `POST /communities/new`
pub async fn make(sent: Sent) -> Result<HttpResponse, Failure> {
    let Sent { visit, viewer, fields } = sent;
    let draft = Draft::of(&fields);
    let made = match draft.community() {
        Ok(new) => communities::make(&visit.app, new, viewer.actor.id).await.map_err(Failure::from),
        Err(failure) => Err(failure),
    };
    match made {
        Ok(community) => Ok(see_other(page_of(&community))),
        Err(Failure::App(error @ Error::Refused(refusal))) if refusal != Refusal::NotAModerator => {
            let refusal = Some(visit.lang.say(&refusal_key(refusal)));
            page(&visit, &viewer, status_of(&error), Draft { refusal, ..draft }).await
        }
        Err(failure) => Err(failure),
    }
}
