//! Signing in, by one-time link or by password, and out.
//!
//! Opening a link uses nothing up: programs that look at links in mails open them too. The button does.

use super::{Frame, answer, is_page_of_ours, see_other};
use crate::actor_name::ActorName;
use crate::error::{Failure, refusal_key, status_of};
use crate::forms::{Fields, Sent, SentByAnyone};
use crate::language::Lang;
use crate::limits;
use crate::session::{Visit, session_cookie};
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, RETRY_AFTER};
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use clocher_app::{Error, sessions};
use clocher_domain::Refusal;

#[derive(Template)]
#[template(path = "sign_in.html")]
struct Page {
    t: Lang,
    frame: Frame,
    name: String,
    /// The page to go on to.
    next: String,
    refusal: Option<String>,
}

#[derive(Template)]
#[template(path = "sign_in_link.html")]
struct LinkPage {
    t: Lang,
    frame: Frame,
    person: ActorName,
    action: String,
}

/// `GET /sign-in`
pub async fn show(visit: Visit) -> Result<HttpResponse, Failure> {
    let next = visit.query.get("next").cloned().unwrap_or_default();
    page(&visit, StatusCode::OK, String::new(), next, None)
}

/// `POST /sign-in`
pub async fn by_password(request: HttpRequest, sent: SentByAnyone) -> Result<HttpResponse, Failure> {
    let SentByAnyone { visit, mut fields } = sent;
    let (name, password) = (fields.take("name"), fields.take("password"));
    let peer = request.peer_addr().map(|peer| peer.ip());
    let outcome = if limits::may_try(visit.app.site().domain(), &name, peer) {
        sessions::use_password(&visit.app, &name, password).await
    } else {
        Err(Refusal::TooMany.into())
    };
    match outcome {
        Ok(secret) => begin(&visit, &secret, &fields).await,
        Err(error @ Error::Refused(refusal)) => {
            let (status, key) = match refusal {
                Refusal::NotFound => (StatusCode::UNPROCESSABLE_ENTITY, "sign-in-refused".to_owned()),
                _ => (status_of(&error), refusal_key(refusal)),
            };
            let mut response = page(&visit, status, name, fields.take("next"), Some(visit.lang.say(&key)))?;
            if refusal == Refusal::TooMany {
                response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("60"));
            }
            Ok(response)
        }
        Err(error) => Err(error.into()),
    }
}

/// `GET /sign-in/TOKEN`
pub async fn show_link(visit: Visit, path: Path<String>) -> Result<HttpResponse, Failure> {
    match sessions::peek_link(&visit.app, &path).await {
        Ok(person) => {
            let page = LinkPage {
                t: visit.lang,
                frame: Frame::new(&visit, visit.lang.say("sign-in-title")),
                person: ActorName::new(&person),
                action: format!("/sign-in/{}", path.as_str()),
            };
            answer(StatusCode::OK, visit.lang, &page)
        }
        Err(error) => link_refused(&visit, error),
    }
}

/// `POST /sign-in/TOKEN`
pub async fn by_link(sent: SentByAnyone, path: Path<String>) -> Result<HttpResponse, Failure> {
    match sessions::use_link(&sent.visit.app, &path).await {
        Ok(secret) => begin(&sent.visit, &secret, &sent.fields).await,
        Err(error) => link_refused(&sent.visit, error),
    }
}

/// `POST /sign-out`
pub async fn sign_out(sent: Sent) -> Result<HttpResponse, Failure> {
    if let Some(secret) = &sent.visit.session {
        sessions::end(&sent.visit.app, secret).await?;
    }
    with_cookie(see_other("/"), &sent.visit, "")
}

/// Begins a session, and ends the one that this browser had.
async fn begin(visit: &Visit, secret: &str, fields: &Fields) -> Result<HttpResponse, Failure> {
    if let Some(before) = &visit.session {
        sessions::end(&visit.app, before).await?;
    }
    let next = fields.get("next");
    with_cookie(see_other(if is_page_of_ours(next) { next } else { "/" }), visit, secret)
}

fn with_cookie(mut response: HttpResponse, visit: &Visit, secret: &str) -> Result<HttpResponse, Failure> {
    response
        .add_cookie(&session_cookie(visit.app.site(), secret))
        .map_err(|error| Error::Internal(format!("a cookie: {error}")))?;
    Ok(response)
}

/// A link that is used up or has expired: the ordinary form, with the reason.
fn link_refused(visit: &Visit, error: Error) -> Result<HttpResponse, Failure> {
    match error {
        Error::Refused(Refusal::NotFound) => {
            let reason = visit.lang.say("sign-in-link-refused");
            page(visit, StatusCode::NOT_FOUND, String::new(), String::new(), Some(reason))
        }
        error => Err(error.into()),
    }
}

fn page(
    visit: &Visit,
    status: StatusCode,
    name: String,
    next: String,
    refusal: Option<String>,
) -> Result<HttpResponse, Failure> {
    let title = visit.lang.say("sign-in-title");
    let title = if refusal.is_some() { visit.lang.name("error-in", &title) } else { title };
    let page = Page { t: visit.lang, frame: Frame::new(visit, title), name, next, refusal };
    answer(status, visit.lang, &page)
}
