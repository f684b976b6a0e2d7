//! Writing: new threads, replies, and changes to one's own messages.
//!
//! What is refused comes back with the reason and with what was typed.

use super::also;
use super::community::{self, Draft};
use super::message::Answer;
use super::preview;
use super::reach;
use super::thread::{self, place_of};
use super::twin;
use super::{Frame, answer, id, see_other};
use crate::error::{Failure, refusal_key, status_of};
use crate::forms::{Sent, request_key, sent_key};
use crate::language::Lang;
use crate::lookup::{self, COMMUNITIES};
use crate::session::Visit;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use clocher_app::posting::{self, NewPost, Written};
use clocher_app::{Error, reading, twins};
use clocher_domain::Refusal;
use clocher_domain::audience::Visibility;
use clocher_domain::post::MAX_TITLE;

#[derive(Template)]
#[template(path = "edit.html")]
struct EditPage {
    t: Lang,
    frame: Frame,
    address: String,
    back: String,
    /// The title, of messages that have one.
    title: Option<String>,
    text: String,
    refusal: Option<String>,
    longest_title: usize,
}

/// `POST /c/NAME/post`
pub async fn start(sent: Sent, path: Path<String>) -> Result<HttpResponse, Failure> {
    let Sent { visit, viewer, mut fields } = sent;
    let community = lookup::actor(&visit, &path, COMMUNITIES).await?;
    let (title, text) = (fields.take("title"), fields.take("text"));
    let request = sent_key(&mut fields);
    let reach = reach::chosen(&visit, community.id, &fields).await?;
    let also = also::chosen(&fields);
    if let act @ ("preview" | "back") = fields.get("act") {
        let draft = Draft { title, text, request: key_again(request)?, refusal: None, reach, also };
        if act == "back" {
            return community::page(&visit, &community, StatusCode::OK, draft).await;
        }
        let chosen = reach::fields_of(&fields);
        return match preview::page(&visit, viewer.actor.id, &community, draft.clone(), chosen).await {
            Ok(page) => Ok(page),
            Err(failure) => {
                let (status, reason) = reason(&visit, failure, &draft.text)?;
                let draft = Draft { refusal: Some(reason), ..draft };
                community::page(&visit, &community, status, draft).await
            }
        };
    }
    if fields.get("act") != "twice"
        && let Some(twin) = twins::find(&visit.app, viewer.actor.id, community.id, &title, &text).await?
    {
        let draft = Draft { title, text, request: key_again(request)?, refusal: None, reach, also };
        return twin::page(&visit, &community, twin, draft, reach::fields_of(&fields));
    }
    let new = NewPost {
        author_id: viewer.actor.id,
        home_id: Some(community.id),
        parent_id: None,
        title: Some(title.clone()),
        text: text.clone(),
        visibility: Visibility::Public,
        language: Some(visit.lang.as_str().to_owned()),
        reach: reach.clone(),
        also: also.clone(),
        request_key: request.clone(),
    };
    // A thread of a community is found by its title.
    let written = if title.trim().is_empty() {
        Err(Failure::from(Refusal::EmptyText))
    } else {
        posting::publish(&visit.app, new).await.map_err(Failure::from)
    };
    match written {
        Ok(Written { post, unplaced }) => {
            Ok(see_other(also::page_of(place_of(post.thread_id, post.id), &unplaced)))
        }
        Err(failure) => {
            let (status, reason) = reason(&visit, failure, &text)?;
            let draft =
                Draft { title, text, request: key_again(request)?, refusal: Some(reason), reach, also };
            community::page(&visit, &community, status, draft).await
        }
    }
}

/// `POST /post/ID/reply`, `POST /comment/ID/reply`
pub async fn reply(sent: Sent, path: Path<String>) -> Result<HttpResponse, Failure> {
    let Sent { visit, viewer, mut fields } = sent;
    let parent_id = id(&path)?;
    let text = fields.take("text");
    let request = sent_key(&mut fields);
    let new = NewPost {
        author_id: viewer.actor.id,
        home_id: None,
        parent_id: Some(parent_id),
        title: None,
        text: text.clone(),
        visibility: Visibility::Public,
        language: Some(visit.lang.as_str().to_owned()),
        reach: None,
        also: Vec::new(),
        request_key: request.clone(),
    };
    match posting::write(&visit.app, new).await {
        Ok(post) => Ok(see_other(place_of(post.thread_id, post.id))),
        Err(error) => {
            let (status, reason) = reason(&visit, error.into(), &text)?;
            let refused = Answer { request: key_again(request)?, text, refusal: Some(reason) };
            thread::page(&visit, parent_id, status, Some(refused)).await
        }
    }
}

/// `GET /post/ID/edit`, `GET /comment/ID/edit`
pub async fn show_edit(visit: Visit, path: Path<String>) -> Result<HttpResponse, Failure> {
    let post = reading::editable_message(&visit.app, id(&path)?, visit.viewer.as_ref()).await?.post;
    let text = post.source.unwrap_or_default();
    edit_page(&visit, post.id, post.thread_id, post.title, text, None)
}

/// `POST /post/ID/edit`, `POST /comment/ID/edit`
pub async fn edit(sent: Sent, path: Path<String>) -> Result<HttpResponse, Failure> {
    let Sent { visit, viewer, mut fields } = sent;
    let post_id = id(&path)?;
    let text = fields.take("text");
    let before = reading::editable_message(&visit.app, post_id, Some(&viewer)).await;
    let before = before.map_err(|error| Failure::from(error).with_text(&text))?.post;
    let has_title = before.title.is_some();
    let title = Some(fields.take("title")).filter(|_| has_title);
    let edited = if title.as_ref().is_some_and(|title| title.trim().is_empty()) {
        Err(Failure::from(Refusal::EmptyText))
    } else {
        posting::edit(&visit.app, viewer.actor.id, post_id, title.clone(), text.clone())
            .await
            .map_err(Failure::from)
    };
    match edited {
        Ok(post) => Ok(see_other(place_of(post.thread_id, post.id))),
        Err(failure) => {
            let refused = reason(&visit, failure, &text)?;
            edit_page(&visit, post_id, before.thread_id, title, text, Some(refused))
        }
    }
}

fn edit_page(
    visit: &Visit,
    post_id: i64,
    thread_id: i64,
    title: Option<String>,
    text: String,
    refused: Option<(StatusCode, String)>,
) -> Result<HttpResponse, Failure> {
    let (status, refusal) = refused.map_or((StatusCode::OK, None), |(status, reason)| (status, Some(reason)));
    let heading = visit.lang.say("edit-title");
    let in_title = if refusal.is_some() { visit.lang.name("error-in", &heading) } else { heading };
    let kind = if post_id == thread_id { "post" } else { "comment" };
    let page = EditPage {
        t: visit.lang,
        frame: Frame::new(visit, in_title),
        address: format!("/{kind}/{post_id}/edit"),
        back: place_of(thread_id, post_id),
        title,
        text,
        refusal,
        longest_title: MAX_TITLE,
    };
    answer(status, visit.lang, &page)
}

/// The key of a form that is given back: the same, as what was not acknowledged may have been written all the same.
fn key_again(sent: Option<String>) -> Result<String, Failure> {
    sent.map_or_else(request_key, Ok)
}

/// Why the writer must change something, or try again. What cannot be mended by writing otherwise, on a form that is still there,
/// stays a failure, which gives the text back.
fn reason(visit: &Visit, failure: Failure, text: &str) -> Result<(StatusCode, String), Failure> {
    use Refusal::{Deleted, Moved, NotAMember, NotAModerator, NotFound, ThreadLocked};
    match failure {
        Failure::App(error @ Error::Refused(refusal))
            if ![Deleted, Moved, NotAMember, NotAModerator, NotFound, ThreadLocked].contains(&refusal) =>
        {
            Ok((status_of(&error), visit.lang.say(&refusal_key(refusal))))
        }
        Failure::App(Error::Storage(ref error)) if error.is_transient() => {
            failure.log();
            Ok((StatusCode::SERVICE_UNAVAILABLE, visit.lang.say(&failure.key())))
        }
        failure => Err(failure.with_text(text)),
    }
}
