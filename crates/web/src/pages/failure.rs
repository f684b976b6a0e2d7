//! What is shown in place of a page that cannot be: unknown addresses, refusals, breakdowns.

use super::{Frame, answer};
use crate::error::Failure;
use crate::language::Lang;
use crate::session::{Visit, accepted_language};
use crate::{assets, headers};
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpRequest, HttpResponse, ResponseError};
use askama::Template;
use clocher_domain::Refusal;

#[derive(Template)]
#[template(path = "failure.html")]
struct Page {
    t: Lang,
    frame: Frame,
    heading: String,
    reason: String,
    typed: String,
    offers_sign_in: bool,
}

/// A page without an instance around it.
#[derive(Template)]
#[template(path = "bare.html")]
struct BarePage {
    t: Lang,
    style: &'static str,
    heading: String,
    reason: String,
}

/// The answer to an address that leads nowhere.
pub async fn not_found(request: HttpRequest) -> HttpResponse {
    let failure = Failure::from(Refusal::NotFound);
    let mut response = framed(&request, &failure).await;
    headers::put(&request, &mut response);
    response
}

/// The answer to a host name that no instance bears.
pub fn unknown_host(request: &HttpRequest) -> HttpResponse {
    let mut response = assets::find(request.path()).unwrap_or_else(|| {
        let lang = accepted_language(request).unwrap_or(Lang::Fr);
        bare(StatusCode::NOT_FOUND, lang, "unknown-host-title", "unknown-host")
    });
    headers::put(request, &mut response);
    response
}

/// The page of a failure, which the log hears of here and nowhere else.
pub async fn page(request: &HttpRequest, error: &actix_web::Error) -> HttpResponse {
    match error.as_error::<Failure>() {
        Some(failure) => framed(request, failure).await,
        // Not ours: a path or header that actix-web itself refused to read.
        None if error.as_response_error().status_code() == StatusCode::NOT_FOUND => {
            framed(request, &Refusal::NotFound.into()).await
        }
        None => framed(request, &Failure::Malformed).await,
    }
}

async fn framed(request: &HttpRequest, failure: &Failure) -> HttpResponse {
    failure.log();
    let status = failure.status_code();
    let visit = match Visit::from_request(request, &mut Payload::None).await {
        Ok(visit) => visit,
        Err(unframed) => {
            unframed.log();
            let lang = accepted_language(request).unwrap_or(Lang::Fr);
            return bare(unframed.status_code(), lang, heading(unframed.status_code()), &unframed.key());
        }
    };
    let heading = visit.lang.say(heading(status));
    let page = Page {
        t: visit.lang,
        frame: Frame::new(&visit, heading.clone()),
        heading,
        reason: visit.lang.say(&failure.key()),
        typed: failure.typed().to_owned(),
        offers_sign_in: matches!(failure, Failure::SignedOut(_)),
    };
    answer(status, visit.lang, &page).unwrap_or_else(|_| HttpResponse::InternalServerError().finish())
}

fn bare(status: StatusCode, lang: Lang, heading: &str, reason: &str) -> HttpResponse {
    let page = BarePage {
        t: lang,
        style: assets::STYLE_ADDRESS.as_str(),
        heading: lang.say(heading),
        reason: lang.say(reason),
    };
    answer(status, lang, &page).unwrap_or_else(|_| HttpResponse::InternalServerError().finish())
}

/// The key of what stands above the reason.
fn heading(status: StatusCode) -> &'static str {
    match status.as_u16() {
        403 => "failure-title-forbidden",
        404 => "failure-title-not-found",
        410 => "failure-title-gone",
        500.. => "failure-title-broken",
        _ => "failure-title",
    }
}
