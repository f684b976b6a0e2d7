//! Deleting one's own message: the question first, then the deed.

use super::thread::place_of;
use super::{Frame, answer, id, see_other, threads};
use crate::error::Failure;
use crate::forms::Sent;
use crate::language::Lang;
use crate::session::Visit;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use clocher_app::{posting, reading};

#[derive(Template)]
#[template(path = "delete.html")]
struct Page {
    t: Lang,
    frame: Frame,
    address: String,
    back: String,
    beginning: String,
    has_replies: bool,
}

/// `GET /post/ID/delete`, `GET /comment/ID/delete`
pub async fn ask(visit: Visit, path: Path<String>) -> Result<HttpResponse, Failure> {
    let message = reading::deletable_message(&visit.app, id(&path)?, visit.viewer.as_ref()).await?;
    let post = message.post;
    let kind = if post.is_top() { "post" } else { "comment" };
    let page = Page {
        t: visit.lang,
        frame: Frame::new(&visit, visit.lang.say("delete-title")),
        address: format!("/{kind}/{}/delete", post.id),
        back: place_of(post.thread_id, post.id),
        beginning: threads::title(visit.lang, &post, &message.author.display_name),
        has_replies: post.replies > 0,
    };
    answer(StatusCode::OK, visit.lang, &page)
}

/// `POST /post/ID/delete`, `POST /comment/ID/delete`
pub async fn delete(sent: Sent, path: Path<String>) -> Result<HttpResponse, Failure> {
    let post = posting::delete(&sent.visit.app, sent.viewer.actor.id, id(&path)?).await?;
    Ok(see_other(place_of(post.thread_id, post.id)))
}
