//! Threads of other communities that ask to be shown in those that somebody moderates: one item a thread.

use super::{Frame, answer, id, see_other, threads};
use crate::actor_name::ActorName;
use crate::date::Moment;
use crate::error::{Failure, refusal_key, status_of};
use crate::forms::{Fields, Sent};
use crate::language::Lang;
use crate::session::Visit;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use clocher_app::placing::{self, Judgement};
use clocher_app::sessions::Viewer;
use clocher_app::{Error, text};
use clocher_domain::Refusal;

/// How much of a message a moderator sees in the list, in characters.
const BEGINNING: usize = 500;

#[derive(Template)]
#[template(path = "placements.html")]
struct Page {
    t: Lang,
    frame: Frame,
    items: Vec<Item>,
    refusal: Option<String>,
}

struct Item {
    id: i64,
    title: String,
    language: Option<String>,
    beginning: String,
    author: ActorName,
    home: ActorName,
    published: Moment,
    places: Vec<Place>,
}

/// A community for which a moderator answers.
struct Place {
    id: i64,
    name: String,
    note: Option<String>,
}

impl Item {
    fn new(lang: Lang, item: placing::Item) -> Self {
        let standing = item.standing.into_iter().map(|one| Place {
            id: one.community.id,
            note: one.is_edit.then(|| lang.say("placements-edited")),
            name: ActorName::new(&one.community).name,
        });
        let ahead = item.ahead.into_iter().map(|one| Place {
            id: one.community.id,
            note: Some(lang.say(match one.answer {
                None => "placements-ahead",
                Some(true) => "placements-ahead-accepted",
                Some(false) => "placements-ahead-refused",
            })),
            name: ActorName::new(&one.community).name,
        });
        Self {
            id: item.thread.id,
            title: threads::title(lang, &item.thread, &item.author.display_name),
            beginning: text::excerpt(&text::plain(&item.thread.html), BEGINNING),
            author: ActorName::new(&item.author),
            home: ActorName::new(&item.home),
            published: Moment::new(lang, item.thread.published_at),
            places: standing.chain(ahead).collect(),
            language: item.thread.language,
        }
    }
}

/// `GET /moderation/placements`
pub async fn show(visit: Visit) -> Result<HttpResponse, Failure> {
    let Some(viewer) = visit.viewer.clone() else {
        return Ok(see_other("/sign-in?next=/moderation/placements"));
    };
    page(&visit, &viewer, StatusCode::OK, None).await
}

async fn page(
    visit: &Visit,
    viewer: &Viewer,
    status: StatusCode,
    refusal: Option<String>,
) -> Result<HttpResponse, Failure> {
    let items = placing::list_items(&visit.app, viewer.actor.id).await?;
    let title = visit.lang.say("placements-title");
    let title = if refusal.is_some() { visit.lang.name("error-in", &title) } else { title };
    let page = Page {
        t: visit.lang,
        frame: Frame::new(visit, title),
        items: items.into_iter().map(|item| Item::new(visit.lang, item)).collect(),
        refusal,
    };
    answer(status, visit.lang, &page)
}

/// `POST /moderation/placements/ID`
pub async fn judge(sent: Sent, path: Path<String>) -> Result<HttpResponse, Failure> {
    let Sent { visit, viewer, fields } = sent;
    let chosen = chosen(&fields);
    let judgement = match fields.get("answer") {
        "accept" => Judgement { accepted: chosen, ..Judgement::default() },
        "refuse" => Judgement { refused: chosen, ..Judgement::default() },
        _ => return Err(Refusal::NotFound.into()),
    };
    match placing::judge(&visit.app, viewer.actor.id, id(&path)?, judgement).await {
        Ok(()) => Ok(see_other("/moderation/placements")),
        Err(error @ Error::Refused(refusal)) if refusal != Refusal::NotAModerator => {
            let reason = visit.lang.say(&refusal_key(refusal));
            page(&visit, &viewer, status_of(&error), Some(reason)).await
        }
        Err(error) => Err(error.into()),
    }
}

/// The communities that were ticked.
fn chosen(fields: &Fields) -> Vec<i64> {
    fields.names().filter_map(|name| name.strip_prefix("place-")).filter_map(|id| id.parse().ok()).collect()
}

/// `POST /post/ID/withdraw`
pub async fn withdraw(sent: Sent, path: Path<String>) -> Result<HttpResponse, Failure> {
    let Sent { visit, viewer, fields } = sent;
    let thread = id(&path)?;
    placing::withdraw(&visit.app, viewer.actor.id, id(fields.get("which"))?, thread).await?;
    Ok(see_other(format!("/post/{thread}")))
}

/// `POST /post/ID/share`
pub async fn share(sent: Sent, path: Path<String>) -> Result<HttpResponse, Failure> {
    let Sent { visit, viewer, fields } = sent;
    let thread = id(&path)?;
    let (from, to) = fields.get("which").split_once('-').ok_or(Failure::Malformed)?;
    placing::share(&visit.app, viewer.actor.id, id(from)?, thread, id(to)?).await?;
    Ok(see_other(format!("/post/{thread}")))
}
