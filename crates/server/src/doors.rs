//! What every request passes: the instance that it is for, and the doors that may answer it.
//!
//! Answers nothing itself but the two questions of whoever watches over the process.

use crate::served::Served;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{ConnectionType, header};
use actix_web::middleware::Next;
use actix_web::web::{self, Bytes, ServiceConfig};
use actix_web::{Error, HttpMessage, HttpResponse};
use clocher_app::ports::Directory;
use clocher_federation::{Federation, Fediverse};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};

/// What the requests under way and whoever ends the process know of each other.
#[derive(Default)]
pub(crate) struct Traffic {
    under_way: AtomicUsize,
    ending: AtomicBool,
}

impl Traffic {
    /// From now on connections are closed after their answer.
    pub(crate) fn end(&self) {
        self.ending.store(true, Ordering::Relaxed);
    }

    /// Whether every answer has been handed to its connection.
    pub(crate) fn is_over(&self) -> bool {
        self.under_way.load(Ordering::Acquire) == 0
    }

    fn is_ending(&self) -> bool {
        self.ending.load(Ordering::Relaxed)
    }
}

/// One request under way.
struct Passage(Arc<Traffic>);

impl Passage {
    fn begin(traffic: &Arc<Traffic>) -> Self {
        traffic.under_way.fetch_add(1, Ordering::AcqRel);
        Self(Arc::clone(traffic))
    }
}

impl Drop for Passage {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::AcqRel);
    }
}

/// A body whose request is under way until it has been sent.
struct Sending {
    body: BoxBody,
    _passage: Passage,
}

impl MessageBody for Sending {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(cx)
    }
}

/// Mounts every door. Those that look at what a client accepts come before the pages for people.
pub(crate) fn mount(config: &mut ServiceConfig, federation: &Arc<Federation>, traffic: &Arc<Traffic>) {
    let directory: Arc<dyn Directory> = Arc::new(Fediverse(Arc::clone(federation)));
    config
        .app_data(web::Data::new(Arc::clone(federation)))
        .app_data(web::Data::new(directory))
        .app_data(web::Data::new(Arc::clone(traffic)))
        .route("/healthz", web::get().to(health))
        .route("/healthz", web::head().to(health))
        .route("/readyz", web::get().to(readiness))
        .route("/readyz", web::head().to(readiness))
        .configure(clocher_federation::routes)
        .configure(clocher_web::routes);
}

/// Finds the instance of a request by its host and puts it in the request's extensions.
pub(crate) async fn enter(
    served: Arc<Served>,
    traffic: Arc<Traffic>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let passage = Passage::begin(&traffic);
    let mut response = if matches!(request.path(), "/healthz" | "/readyz") {
        next.call(request).await?.map_into_boxed_body()
    } else {
        match host(&request).map(|host| served.find(host)) {
            Some(Some(app)) => {
                request.extensions_mut().insert(app);
                next.call(request).await?.map_into_boxed_body()
            }
            Some(None) => {
                let answer = clocher_web::unknown_host(request.request());
                request.into_response(answer)
            }
            None => request.into_response(HttpResponse::BadRequest().finish()),
        }
    };
    if traffic.is_ending() {
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    Ok(response.map_body(|_, body| BoxBody::new(Sending { body, _passage: passage })))
}

/// The one host that a request names; `None` where it names none or several, since who forwards it and we
/// could then differ about whom it is for.
fn host(request: &ServiceRequest) -> Option<&str> {
    let mut hosts = request.headers().get_all(header::HOST);
    let host = hosts.next().map(|host| host.to_str().ok());
    if hosts.next().is_some() {
        return None;
    }
    match (host, request.uri().authority()) {
        (Some(host), None) => host,
        (Some(host), Some(authority)) => host.filter(|host| host.eq_ignore_ascii_case(authority.as_str())),
        (None, Some(authority)) => Some(authority.as_str()),
        (None, None) => None,
    }
}

/// The process lives.
async fn health() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ok\n")
}

/// The process takes requests, and is not about to end.
async fn readiness(traffic: web::Data<Arc<Traffic>>) -> HttpResponse {
    if traffic.is_ending() {
        return HttpResponse::ServiceUnavailable().content_type("text/plain; charset=utf-8").body("ending\n");
    }
    health().await
}
