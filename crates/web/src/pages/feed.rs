//! The feed of a community, for people: its threads and those of the communities nested in it, each once.

use super::threads::Threads;
use super::{Frame, answer};
use crate::actor_name::ActorName;
use crate::error::Failure;
use crate::language::Lang;
use crate::session::Visit;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use clocher_app::feeds;
use clocher_domain::feed::name_of;

#[derive(Template)]
#[template(path = "feed.html")]
struct Page {
    t: Lang,
    frame: Frame,
    community: ActorName,
    /// By what it is found from elsewhere.
    handle: String,
    nested: Vec<ActorName>,
    /// Whether more are nested in it than are named.
    more: bool,
    threads: Threads,
}

/// `GET /m/NAME`
pub async fn show(visit: Visit, path: Path<String>) -> Result<HttpResponse, Failure> {
    let name = path.into_inner();
    let view = feeds::page(&visit.app, name, visit.viewer.as_ref(), visit.before()).await?;
    let site = visit.app.site();
    let community = ActorName::new(&view.community);
    let own_name = view.name.unwrap_or_else(|| name_of(&view.community.name, 0));
    let page = Page {
        t: visit.lang,
        frame: Frame::new(&visit, visit.lang.name("feed-title", &community.name))
            .of_object(&site.feed(&view.community.name)),
        handle: format!("@{own_name}@{}", site.domain()),
        nested: view.nested.communities.iter().map(ActorName::new).collect(),
        more: view.nested.next.is_some(),
        threads: Threads::new(visit.lang, view.page, None),
        community,
    };
    answer(StatusCode::OK, visit.lang, &page)
}
