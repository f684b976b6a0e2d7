//! Before a new thread is published whose text somebody else has published already: the first one is shown.

use super::community::Draft;
use super::threads::Line;
use super::{Frame, answer};
use crate::actor_name::ActorName;
use crate::error::Failure;
use crate::language::Lang;
use crate::session::Visit;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use clocher_app::twins::Twin;
use clocher_storage::actors::ActorRow;

#[derive(Template)]
#[template(path = "twin.html")]
struct Page {
    t: Lang,
    frame: Frame,
    community: ActorName,
    twin: Line,
    thread_id: i64,
    /// What sends the first one on to this community, as the form of its page says it.
    which: Option<String>,
    draft: Draft,
    /// What was chosen, as the form says it: the names of its fields.
    chosen: Vec<String>,
}

/// The page that shows the first thread, and asks whether the second is to be published all the same. Nothing is written.
///
/// # Errors
/// Those of templates.
pub fn page(
    visit: &Visit,
    community: &ActorRow,
    twin: Twin,
    draft: Draft,
    chosen: Vec<String>,
) -> Result<HttpResponse, Failure> {
    let thread_id = twin.thread.top.post.id;
    let page = Page {
        t: visit.lang,
        frame: Frame::new(visit, visit.lang.say("twin-title")),
        which: twin.sends_from.map(|from| format!("{}-{}", from.id, community.id)),
        community: ActorName::new(community),
        twin: Line::new(visit.lang, twin.thread, None),
        thread_id,
        draft,
        chosen,
    };
    answer(StatusCode::OK, visit.lang, &page)
}
