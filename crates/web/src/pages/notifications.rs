//! What answers whoever is signed in, addresses them or asks for their consent.

use super::threads::Line;
use super::{Frame, answer, see_other};
use crate::error::Failure;
use crate::language::Lang;
use crate::session::Visit;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use clocher_app::notifying;

#[derive(Template)]
#[template(path = "notifications.html")]
struct Page {
    t: Lang,
    frame: Frame,
    /// The messages, whether they are new, and whether their reader is asked for something.
    lines: Vec<(Line, bool, bool)>,
    next: Option<i64>,
}

/// `GET /notifications`
pub async fn show(visit: Visit) -> Result<HttpResponse, Failure> {
    let Some(viewer) = visit.viewer_id() else { return Ok(see_other("/sign-in?next=/notifications")) };
    let page = notifying::page(&visit.app, viewer, visit.before()).await?;
    let lines = page.notifications.into_iter().map(|one| {
        let (post, thread) = (one.message.top.post.id, one.message.top.post.thread_id);
        let line = Line::new(visit.lang, one.message, None);
        (Line { page: super::thread::place_of(thread, post), ..line }, one.is_new, one.asks)
    });
    let page = Page {
        t: visit.lang,
        frame: Frame::new(&visit, visit.lang.say("notifications-title")),
        lines: lines.collect(),
        next: page.next,
    };
    answer(StatusCode::OK, visit.lang, &page)
}
