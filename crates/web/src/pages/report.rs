//! Reporting a message to those who moderate where it stands.

use super::thread::place_of;
use super::{Frame, answer, id, see_other, threads};
use crate::error::{Failure, refusal_key, status_of};
use crate::forms::Sent;
use crate::language::Lang;
use crate::session::Visit;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use clocher_app::{Error, reading, reporting};
use clocher_domain::moderation::MAX_REASON;

#[derive(Template)]
#[template(path = "report.html")]
struct Page {
    t: Lang,
    frame: Frame,
    address: String,
    back: String,
    beginning: String,
    reason: String,
    longest_reason: usize,
    refusal: Option<String>,
    is_sent: bool,
}

/// `GET /post/ID/report`, `GET /comment/ID/report`
pub async fn ask(visit: Visit, path: Path<String>) -> Result<HttpResponse, Failure> {
    if visit.viewer.is_none() {
        return Ok(see_other(format!("/sign-in?next=/post/{}/report", id(&path)?)));
    }
    page(&visit, id(&path)?, StatusCode::OK, String::new(), None).await
}

/// `POST /post/ID/report`, `POST /comment/ID/report`
pub async fn send(sent: Sent, path: Path<String>) -> Result<HttpResponse, Failure> {
    let Sent { visit, viewer, mut fields } = sent;
    let (post, reason) = (id(&path)?, fields.take("text"));
    match reporting::report(&visit.app, viewer.actor.id, post, reason.clone()).await {
        Ok(()) => Ok(see_other(format!("/post/{post}/report?sent=1"))),
        Err(error @ Error::Refused(refusal)) => {
            page(&visit, post, status_of(&error), reason, Some(visit.lang.say(&refusal_key(refusal)))).await
        }
        Err(error) => Err(Failure::from(error).with_text(&reason)),
    }
}

async fn page(
    visit: &Visit,
    post_id: i64,
    status: StatusCode,
    reason: String,
    refusal: Option<String>,
) -> Result<HttpResponse, Failure> {
    let message = reading::message(&visit.app, post_id, visit.viewer.as_ref()).await?;
    let (post, author) = (message.post, &message.author.display_name);
    let title = visit.lang.say("report-title");
    let title = if refusal.is_some() { visit.lang.name("error-in", &title) } else { title };
    let page = Page {
        t: visit.lang,
        frame: Frame::new(visit, title),
        address: format!("/post/{}/report", post.id),
        back: place_of(post.thread_id, post.id),
        beginning: threads::title(visit.lang, &post, author),
        reason,
        longest_reason: MAX_REASON,
        is_sent: refusal.is_none() && visit.query.contains_key("sent"),
        refusal,
    };
    answer(status, visit.lang, &page)
}
