//! Finding a community or a person by handle or address, here or elsewhere.

use super::{Frame, answer, is_page_of_ours, see_other};
use crate::actor_name::page_of;
use crate::error::{Failure, status_of};
use crate::language::Lang;
use crate::lookup::{self, COMMUNITIES, PEOPLE};
use crate::session::Visit;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use clocher_app::{Error, moving, reading};
use clocher_domain::Refusal;
use clocher_domain::actor::ActorKind;
use clocher_domain::handle::Handle;
use clocher_storage::actors::ActorRow;

/// Longest address that is looked for, in bytes.
const LONGEST: usize = 2_000;

#[derive(Template)]
#[template(path = "find.html")]
struct Page {
    t: Lang,
    frame: Frame,
    wanted: String,
    /// Why nothing was found.
    reason: Option<String>,
}

/// `GET /find?q=…`
pub async fn show(visit: Visit) -> Result<HttpResponse, Failure> {
    let wanted = visit.query.get("q").map(|wanted| wanted.trim()).unwrap_or_default();
    if wanted.is_empty() {
        return page(&visit, StatusCode::OK, None);
    }
    if visit.app.site().owns(wanted) {
        let path = wanted.strip_prefix(&visit.app.site().address("")).unwrap_or("/");
        return Ok(see_other(if is_page_of_ours(path) { path } else { "/" }));
    }
    match find(&visit, wanted).await {
        Ok(actor) => {
            // The handle of a community that became another leads there.
            let successor = moving::proved_successor(&visit.app, &actor).await?;
            let is_community = actor.kind == ActorKind::Group.as_str();
            Ok(see_other(page_of(successor.as_ref().filter(|_| is_community).unwrap_or(&actor))))
        }
        Err(failure @ Failure::App(Error::Refused(_) | Error::Remote(_))) => {
            failure.log();
            let status = match &failure {
                Failure::App(error) => status_of(error),
                _ => StatusCode::NOT_FOUND,
            };
            let is_stranger = visit.viewer.is_none();
            let key = match failure {
                Failure::App(Error::Refused(Refusal::NotFound)) if is_stranger => {
                    "find-signed-out".to_owned()
                }
                Failure::App(Error::Refused(Refusal::NotFound)) => "find-nothing".to_owned(),
                failure => failure.key(),
            };
            page(&visit, status, Some(visit.lang.say(&key)))
        }
        Err(failure) => Err(failure),
    }
}

/// Whoever bears that handle or address: known here, else asked of its server.
async fn find(visit: &Visit, wanted: &str) -> Result<ActorRow, Failure> {
    if wanted.len() > LONGEST {
        return Err(Refusal::NotFound.into());
    }
    let Some(handle) = Handle::parse(wanted) else {
        return match local(visit, wanted.trim_start_matches(['@', '!'])).await {
            Err(Failure::App(Error::Refused(Refusal::NotFound))) => lookup::elsewhere(visit, wanted).await,
            answer => answer,
        };
    };
    let (first, second) = if wanted.starts_with('!') { (COMMUNITIES, PEOPLE) } else { (PEOPLE, COMMUNITIES) };
    for kinds in [first, second] {
        let viewer = visit.viewer.as_ref();
        match reading::known_actor(&visit.app, &handle.name, &handle.host, kinds, viewer).await {
            Err(Error::Refused(Refusal::NotFound)) => {}
            answer => return Ok(answer?),
        }
    }
    lookup::elsewhere(visit, wanted).await
}

/// A community or a person of here, by its bare name.
async fn local(visit: &Visit, name: &str) -> Result<ActorRow, Failure> {
    let viewer = visit.viewer.as_ref();
    match reading::local_actor(&visit.app, name, ActorKind::Group, viewer).await {
        Err(Error::Refused(Refusal::NotFound)) => {
            Ok(reading::local_actor(&visit.app, name, ActorKind::Person, viewer).await?)
        }
        answer => Ok(answer?),
    }
}

fn page(visit: &Visit, status: StatusCode, reason: Option<String>) -> Result<HttpResponse, Failure> {
    let page = Page {
        t: visit.lang,
        frame: Frame::new(visit, visit.lang.say("find-title")),
        wanted: visit.query.get("q").cloned().unwrap_or_default(),
        reason,
    };
    answer(status, visit.lang, &page)
}
