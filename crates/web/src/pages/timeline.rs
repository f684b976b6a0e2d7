//! The timeline of whoever is signed in: a thread once, with the reasons why it stands there.

use super::threads::Line;
use super::{Frame, answer, see_other};
use crate::actor_name::ActorName;
use crate::error::Failure;
use crate::language::Lang;
use crate::session::Visit;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use clocher_app::timeline::{self, Entry};

#[derive(Template)]
#[template(path = "timeline.html")]
struct Page {
    t: Lang,
    frame: Frame,
    entries: Vec<Reasoned>,
    next: Option<i64>,
}

/// A thread with the reasons why it stands there.
struct Reasoned {
    line: Line,
    communities: Vec<ActorName>,
    person: Option<ActorName>,
}

/// `GET /home`
pub async fn show(visit: Visit) -> Result<HttpResponse, Failure> {
    let Some(viewer) = &visit.viewer else { return Ok(see_other("/sign-in?next=/home")) };
    let timeline = timeline::page(&visit.app, viewer, visit.before()).await?;
    let reasoned = |entry: Entry| {
        // It is among the reasons, where it is one.
        let home = entry.thread.home.as_ref().map(|home| home.id);
        Reasoned {
            line: Line::new(visit.lang, entry.thread, home),
            communities: entry.communities.iter().map(ActorName::new).collect(),
            person: entry.person.as_ref().map(ActorName::new),
        }
    };
    let page = Page {
        t: visit.lang,
        frame: Frame::new(&visit, visit.lang.say("timeline")),
        next: timeline.next,
        entries: timeline.entries.into_iter().map(reasoned).collect(),
    };
    answer(StatusCode::OK, visit.lang, &page)
}
