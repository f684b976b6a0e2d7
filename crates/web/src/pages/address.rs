//! The page of a link that was sent to an address: its holder confirms it with a button, whoever is signed in.

use super::{Frame, answer};
use crate::error::Failure;
use crate::forms::SentByAnyone;
use crate::language::Lang;
use crate::session::Visit;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use clocher_app::{joining, subscribing};

#[derive(Template)]
#[template(path = "address.html")]
struct Page {
    t: Lang,
    frame: Frame,
    mail: String,
    /// Where the form is sent; none where it is confirmed.
    action: Option<String>,
    /// Where its holder says that another server sends them mail already.
    elsewhere: Option<String>,
}

/// `GET /address/TOKEN`
pub async fn ask(visit: Visit, path: Path<String>) -> Result<HttpResponse, Failure> {
    let mail = subscribing::peek_claim(&visit.app, &path).await?;
    page(&visit, mail, Some(format!("/address/{path}")), None)
}

/// `POST /address/TOKEN`
pub async fn confirm(sent: SentByAnyone, path: Path<String>) -> Result<HttpResponse, Failure> {
    let visit = sent.visit;
    let mail = subscribing::peek_claim(&visit.app, &path).await?;
    let account = subscribing::confirm(&visit.app, &path).await?;
    let elsewhere = joining::footer(&visit.app, account).await?;
    page(&visit, mail, None, elsewhere)
}

fn page(
    visit: &Visit,
    mail: String,
    action: Option<String>,
    elsewhere: Option<String>,
) -> Result<HttpResponse, Failure> {
    let frame = Frame::new(visit, visit.lang.say("address-title"));
    answer(StatusCode::OK, visit.lang, &Page { t: visit.lang, frame, mail, action, elsewhere })
}
