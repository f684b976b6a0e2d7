//! What a moderator hides of a thread from the readers of communities that merely share it: a reply, or all of them.

use super::thread::place_of;
use super::{Frame, answer, id, see_other, threads};
use crate::actor_name::ActorName;
use crate::error::Failure;
use crate::forms::Sent;
use crate::language::Lang;
use crate::session::Visit;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use clocher_app::placing::{self, Choice, Hider, Reason};
use clocher_app::reading;
use clocher_domain::Refusal;

#[derive(Template)]
#[template(path = "hide.html")]
struct Page {
    t: Lang,
    frame: Frame,
    title: String,
    hint: String,
    address: String,
    back: String,
    beginning: String,
    language: Option<String>,
    choices: Vec<Line>,
}

/// A community that shares the thread.
struct Line {
    id: i64,
    name: String,
    /// Why it hides it, in words.
    reason: Option<String>,
    /// What the button says, and does; none where another decision must be taken back first.
    button: Option<(String, &'static str)>,
}

impl Line {
    fn new(lang: Lang, choice: &Choice) -> Self {
        let name = ActorName::new(&choice.community).name;
        let button = match &choice.reason {
            None => Some((lang.name("hide-in", &name), "hide")),
            Some(Reason::One(_)) => Some((lang.name("show-again-in", &name), "show")),
            Some(Reason::All(_) | Reason::Ban) => None,
        };
        Self {
            id: choice.community.id,
            reason: choice.reason.as_ref().map(|reason| why(lang, reason)),
            button,
            name,
        }
    }
}

/// Why a reply is hidden, and by whom.
fn why(lang: Lang, reason: &Reason) -> String {
    let by = |key: &str, moderator: &Option<Box<_>>| {
        let name = moderator.as_deref().map(|row| ActorName::new(row).name);
        lang.name(key, &name.unwrap_or_default())
    };
    match reason {
        Reason::One(moderator) => by("hidden-by", moderator),
        Reason::All(moderator) => by("all-hidden-by", moderator),
        Reason::Ban => lang.say("hidden-by-ban"),
    }
}

/// Where a reply is hidden, and why, for those who moderate there.
pub fn words(lang: Lang, hiders: &[Hider]) -> Vec<String> {
    let words = |hider: &Hider| {
        let name = ActorName::new(&hider.community).name;
        format!("{} {}", lang.name("hidden-in", &name), why(lang, &hider.reason))
    };
    hiders.iter().map(words).collect()
}

/// `GET /post/ID/hide`, `GET /comment/ID/hide`
pub async fn show(visit: Visit, path: Path<String>) -> Result<HttpResponse, Failure> {
    let Some(viewer) = visit.viewer.as_ref() else { return Err(Refusal::NotAModerator.into()) };
    let view = reading::message(&visit.app, id(&path)?, visit.viewer.as_ref()).await?;
    let (post, choices) = placing::list_choices(&visit.app, viewer.actor.id, view.post.id).await?;
    let lang = visit.lang;
    let kind = if post.is_top() { "all" } else { "one" };
    let title = lang.say(&format!("hiding-title-{kind}"));
    let page = Page {
        t: lang,
        frame: Frame::new(&visit, &*title),
        title,
        hint: lang.say(&format!("hiding-hint-{kind}")),
        address: format!("/{}/{}/hide", if post.is_top() { "post" } else { "comment" }, post.id),
        back: place_of(post.thread_id, post.id),
        beginning: threads::title(lang, &view.post, &view.author.display_name),
        language: view.post.language,
        choices: choices.iter().map(|choice| Line::new(lang, choice)).collect(),
    };
    answer(StatusCode::OK, lang, &page)
}

/// `POST /post/ID/hide`, `POST /comment/ID/hide`
pub async fn act(sent: Sent, path: Path<String>) -> Result<HttpResponse, Failure> {
    let Sent { visit, viewer, fields } = sent;
    let is_hidden = match fields.get("act") {
        "hide" => true,
        "show" => false,
        _ => return Err(Refusal::NotFound.into()),
    };
    let community = id(fields.get("which"))?;
    let post = placing::set_hidden(&visit.app, viewer.actor.id, community, id(&path)?, is_hidden).await?;
    Ok(see_other(place_of(post.thread_id, post.id)))
}
