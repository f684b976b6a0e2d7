//! What every answer of this door carries, and the page in place of every failure.

use crate::language::Lang;
use crate::pages::failure;
use crate::session::{LANG, cookie_name, language_cookie, parameters};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use clocher_app::App;

/// No script, no frame, no form to elsewhere, nothing that is not of this instance.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";

const ON_EVERY_ANSWER: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
];

/// Gives an answer its headers, and a failure its page.
///
/// # Errors
/// None of its own.
pub async fn dress(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let (request, response) = next.call(request).await?.map_into_boxed_body().into_parts();
    let page = match response.error() {
        Some(error) => Some(failure::page(&request, error).await),
        None => None,
    };
    let mut response = page.unwrap_or(response);
    put(&request, &mut response);
    Ok(ServiceResponse::new(request, response))
}

/// Puts the headers of every answer on this one.
pub fn put(request: &HttpRequest, response: &mut HttpResponse) {
    for (name, value) in ON_EVERY_ANSWER {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    if response.headers().contains_key(header::CACHE_CONTROL) {
        return;
    }
    let app = request.extensions().get::<App>().cloned();
    let is_private = app.as_ref().is_some_and(|app| request.cookie(cookie_name(app.site())).is_some())
        || request.path().starts_with("/sign-in")
        || request.method() == actix_web::http::Method::POST;
    let cache = if is_private { "private, no-store" } else { "no-cache" };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("Accept, Accept-Language, Cookie"));
    let chosen = parameters(request).get(LANG).and_then(|tag| Lang::parse(tag));
    if let (Some(app), Some(lang)) = (app, chosen) {
        // A cookie that cannot be written is a choice made again on the next page.
        let _ = response.add_cookie(&language_cookie(app.site(), lang));
    }
}
