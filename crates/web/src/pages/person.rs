//! A person: who it is, what the person opened; on one's own page, what one has joined.

use super::membership::Bond;
use super::threads::Threads;
use super::{Frame, answer, see_other};
use crate::actor_name::{ActorName, page_of};
use crate::error::Failure;
use crate::headings;
use crate::language::Lang;
use crate::lookup::{self, PEOPLE};
use crate::session::Visit;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use clocher_app::{admitting, reading, subscribing};
use clocher_domain::membership::Standing;

#[derive(Template)]
#[template(path = "person.html")]
struct Page {
    t: Lang,
    frame: Frame,
    person: ActorName,
    presentation: String,
    followers: i64,
    is_self: bool,
    has_moved: bool,
    /// Where to, as far as that is known here.
    moved_to: Option<ActorName>,
    /// Whether there is something to follow, or to end.
    may_bind: bool,
    /// What one has joined or follows, and whether that is accepted; only on one's own page.
    joined: Vec<(ActorName, bool)>,
    /// The communities that invited one; likewise.
    invitations: Vec<ActorName>,
    bond: Bond,
    /// Whether whoever is signed in hears nothing of the person.
    is_muted: bool,
    threads: Threads,
}

/// `GET /u/NAME`, `GET /u/NAME@HOST`
pub async fn show(visit: Visit, path: Path<String>) -> Result<HttpResponse, Failure> {
    let actor = lookup::actor(&visit, &path, PEOPLE).await?;
    if actor.local && path.contains('@') {
        return Ok(see_other(page_of(&actor)));
    }
    let view = reading::person(&visit.app, actor.id, visit.viewer.as_ref(), visit.before()).await?;
    let is_self = visit.viewer_id() == Some(actor.id);
    let joined = if is_self { reading::joined(&visit.app, actor.id).await? } else { Vec::new() };
    let invitations =
        if is_self { admitting::invitations_for(&visit.app, actor.id).await? } else { Vec::new() };
    let is_muted = match visit.viewer_id() {
        Some(viewer) => subscribing::is_muted(&visit.app, viewer, actor.id).await?,
        None => false,
    };
    let person = ActorName::new(&view.actor);
    let page = Page {
        t: visit.lang,
        frame: Frame::new(&visit, person.name.clone()).of_object(&actor.ap_id),
        presentation: headings::lower(&view.actor.summary_html, 1),
        followers: view.followers,
        is_self,
        has_moved: view.actor.moved_to.is_some(),
        may_bind: view.actor.moved_to.is_none() || view.standing.is_some(),
        moved_to: view.moved_to.as_ref().map(ActorName::new),
        joined: joined
            .iter()
            .map(|(actor, standing)| (ActorName::new(actor), *standing == Standing::Accepted))
            .collect(),
        invitations: invitations.iter().map(ActorName::new).collect(),
        bond: Bond::to_person(&person, view.standing),
        is_muted,
        threads: Threads::new(visit.lang, view.page, None),
        person,
    };
    answer(StatusCode::OK, visit.lang, &page)
}
