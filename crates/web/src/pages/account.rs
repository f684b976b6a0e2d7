//! One's own account: the name that signs in, and its password.

use super::{Frame, answer, see_other};
use crate::error::{Failure, refusal_key, status_of};
use crate::forms::Sent;
use crate::language::Lang;
use crate::session::Visit;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use clocher_app::sessions::Viewer;
use clocher_app::{Error, accounts};

#[derive(Template)]
#[template(path = "account.html")]
struct Page {
    t: Lang,
    frame: Frame,
    name: String,
    mail: String,
    has_password: bool,
    is_chosen: bool,
    has_moved: bool,
    refusal: Option<String>,
}

/// `GET /account`
pub async fn show(visit: Visit) -> Result<HttpResponse, Failure> {
    match visit.viewer.clone() {
        Some(viewer) => page(&visit, viewer, StatusCode::OK, None),
        None => Ok(see_other("/sign-in?next=/account")),
    }
}

/// `POST /account/password`
pub async fn choose_password(sent: Sent) -> Result<HttpResponse, Failure> {
    let Sent { visit, viewer, mut fields } = sent;
    let session = visit.session.clone().unwrap_or_default();
    let chosen =
        accounts::choose_password(&visit.app, viewer.actor.id, &session, fields.take("password")).await;
    match chosen {
        Ok(()) => Ok(see_other("/account?chosen=1")),
        Err(error @ Error::Refused(refusal)) => {
            page(&visit, viewer, status_of(&error), Some(visit.lang.say(&refusal_key(refusal))))
        }
        Err(error) => Err(error.into()),
    }
}

fn page(
    visit: &Visit,
    viewer: Viewer,
    status: StatusCode,
    refusal: Option<String>,
) -> Result<HttpResponse, Failure> {
    let title = visit.lang.say("my-account");
    let title = if refusal.is_some() { visit.lang.name("error-in", &title) } else { title };
    let page = Page {
        t: visit.lang,
        frame: Frame::new(visit, title),
        has_moved: visit.has_moved(),
        name: viewer.actor.name,
        mail: viewer.account.mail,
        has_password: viewer.account.password_hash.is_some(),
        is_chosen: refusal.is_none() && visit.query.contains_key("chosen"),
        refusal,
    };
    answer(status, visit.lang, &page)
}
