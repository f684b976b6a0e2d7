//! The ActivityPub addresses, mounted before the pages for people: those that share an address with a page
//! answer only who asks for ActivityPub.

use crate::federation::Federation;
use crate::transport::Headers;
use crate::{discovery, documents, inbox};
use actix_web::dev::Payload;
use actix_web::guard::{self, GuardContext};
use actix_web::http::header::ACCEPT;
use actix_web::web::{self, Bytes, Data, PayloadConfig, ServiceConfig};
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse};
use clocher_app::App;
use std::future::{Ready, ready};
use std::sync::Arc;

/// Largest body of an inbox, in bytes.
const MAX_BODY: usize = 1024 * 1024;
const ACTIVITY_JSON: &str = "application/activity+json; charset=utf-8";

/// The instance that a request is addressed to, with what the process shares.
pub struct Instance {
    /// The instance.
    pub app: App,
    /// What the process shares.
    pub federation: Arc<Federation>,
}

impl FromRequest for Instance {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let app = request.extensions().get::<App>().cloned();
        let federation = request.app_data::<Data<Arc<Federation>>>().map(|data| Arc::clone(data.get_ref()));
        ready(match app.zip(federation) {
            Some((app, federation)) => Ok(Self { app, federation }),
            None => Err(actix_web::error::ErrorNotFound("no instance has this name")),
        })
    }
}

/// Mounts the ActivityPub addresses.
///
/// Each handler finds its `App` in the request's extensions and `Arc<Federation>` in the application's data
/// (`web::Data<Arc<Federation>>`).
pub fn routes(config: &mut ServiceConfig) {
    // What is asked for most stands first.
    for path in [
        "/c/{name}",
        "/u/{name}",
        "/post/{id}",
        "/comment/{id}",
        "/c/{name}/links",
        "/c/{name}/links/{id}",
        "/m/{name}",
    ] {
        let wanted = guard::fn_guard(wants_activity);
        config.service(web::resource(path).guard(guard::All(guard::Get()).and(wanted)).to(serve));
    }
    config
        .route("/.well-known/webfinger", web::get().to(discovery::webfinger))
        .route("/.well-known/host-meta", web::get().to(discovery::host_meta))
        .route("/.well-known/nodeinfo", web::get().to(discovery::nodeinfo_links))
        .route("/nodeinfo/{version}", web::get().to(discovery::nodeinfo));
    for path in ["/inbox", "/actor/inbox", "/c/{name}/inbox", "/u/{name}/inbox", "/m/{name}/inbox"] {
        let inbox = web::resource(path).app_data(PayloadConfig::new(MAX_BODY)).route(web::post().to(receive));
        config.service(inbox);
    }
    for path in [
        "/actor",
        "/actor/outbox",
        "/actor/followers",
        "/c/{name}/outbox",
        "/c/{name}/followers",
        "/c/{name}/moderators",
        "/c/{name}/featured",
        "/c/{name}/affiliations",
        "/u/{name}/outbox",
        "/u/{name}/followers",
        "/m/{name}/outbox",
        "/m/{name}/followers",
        "/m/{name}/following",
        "/post/{id}/context",
        "/post/{id}/replies",
        "/comment/{id}/replies",
        "/activity/{id}",
        "/place/{code}",
    ] {
        config.route(path, web::get().to(serve));
    }
}

/// Whether the request asks for ActivityPub rather than for a page.
fn wants_activity(context: &GuardContext<'_>) -> bool {
    let accept =
        context.head().headers().get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    let wanted = accept.split(',').map(|one| one.split(';').next().unwrap_or_default().trim());
    // A browser asks for HTML before anything; a server that asks for both means the document.
    wanted.into_iter().find_map(|kind| match kind {
        "application/activity+json" | "application/ld+json" | "application/json" => Some(true),
        "text/html" | "application/xhtml+xml" => Some(false),
        _ => None,
    }) == Some(true)
}

async fn serve(instance: Instance, request: HttpRequest) -> HttpResponse {
    let address = instance.app.site().address(&request.uri().to_string());
    let Ok(url) = url::Url::parse(&address) else { return HttpResponse::BadRequest().finish() };
    let (federation, app) = (&instance.federation, &instance.app);
    match documents::find(federation, app, &url, None).await {
        Ok(Some(served)) => found(served, "Accept", "max-age=0, must-revalidate"),
        // Nothing for everybody: there may be something for whoever signs.
        Ok(None) => match served_to_signer(&instance, &request, &url).await {
            Ok(Some(served)) => found(served, PRIVATE, "private, no-store"),
            Ok(None) => HttpResponse::NotFound()
                .insert_header(("Vary", PRIVATE))
                .insert_header(("Cache-Control", "no-store"))
                .finish(),
            Err(error) => error.response(),
        },
        Err(error) => error.response(),
    }
}

/// What an answer depends on that is not for everybody (S28). Nothing is to keep it.
const PRIVATE: &str = "Accept, Signature, Signature-Input, Authorization";

fn found(served: documents::Served, vary: &'static str, cache: &'static str) -> HttpResponse {
    let mut response = if served.is_tombstone() { HttpResponse::Gone() } else { HttpResponse::Ok() };
    response
        .content_type(ACTIVITY_JSON)
        .insert_header(("Vary", vary))
        .insert_header(("Cache-Control", cache))
        .body(served.into_body())
}

async fn served_to_signer(
    instance: &Instance,
    request: &HttpRequest,
    url: &url::Url,
) -> crate::error::Result<Option<documents::Served>> {
    let headers = headers(request);
    let asker = inbox::asker(&instance.federation, &instance.app, target(request), &headers).await?;
    let Some(asker) = asker else { return Ok(None) };
    documents::find(&instance.federation, &instance.app, url, Some(&asker)).await
}

fn headers(request: &HttpRequest) -> Headers {
    let lines = request.headers().iter();
    lines.map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec())).collect()
}

fn target(request: &HttpRequest) -> &str {
    request.uri().path_and_query().map_or("/", |target| target.as_str())
}

async fn receive(instance: Instance, request: HttpRequest, body: Bytes) -> HttpResponse {
    let headers = headers(&request);
    match inbox::receive(&instance.federation, &instance.app, target(&request), &headers, &body).await {
        Ok(()) => HttpResponse::Accepted().finish(),
        Err(error) => error.response(),
    }
}
