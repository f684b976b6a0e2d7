//! Who will read a new thread, before it is sent: the communities, the other servers, and the people of here.

use super::community::Draft;
use super::{Frame, answer, reach};
use crate::actor_name::ActorName;
use crate::error::Failure;
use crate::headings;
use crate::language::Lang;
use crate::session::Visit;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use clocher_app::placing::{self, Foreseen};
use clocher_app::{reading, text};
use clocher_domain::Refusal;
use clocher_domain::community::Openness;
use clocher_storage::actors::ActorRow;

/// Most servers that are named.
const NAMED: usize = 30;

#[derive(Template)]
#[template(path = "preview.html")]
struct Page {
    t: Lang,
    frame: Frame,
    community: ActorName,
    is_open: bool,
    people: i64,
    /// The communities, with where they stand and how many read there.
    places: Vec<(ActorName, String)>,
    missed: Vec<ActorName>,
    /// To which it is addressed, and where it will not stand.
    unplaced: Vec<ActorName>,
    is_cut: bool,
    hosts: Vec<String>,
    more_hosts: i64,
    draft: Draft,
    /// What was chosen, as the form says it: the names of its fields.
    chosen: Vec<String>,
    /// Sanitised.
    rendered: String,
}

/// The page before a new thread is sent. Nothing is written.
///
/// # Errors
/// `NotFound`; those of storage.
pub async fn page(
    visit: &Visit,
    author_id: i64,
    community: &ActorRow,
    draft: Draft,
    chosen: Vec<String>,
) -> Result<HttpResponse, Failure> {
    let lang = visit.lang;
    let view = reading::community(&visit.app, community.id, visit.viewer.as_ref(), None).await?;
    let wanted = draft.reach.clone().unwrap_or_default();
    let foreseen = placing::foresee(&visit.app, author_id, community.id, wanted, draft.also.clone()).await?;
    let Foreseen { communities, missed, unplaced, people, mut hosts, is_cut } = foreseen;
    let more = hosts.len().saturating_sub(NAMED);
    hosts.truncate(NAMED);
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let page = Page {
        t: lang,
        frame: Frame::new(visit, lang.say("preview-title")),
        community: ActorName::new(community),
        is_open: view.line.community.openness()? == Openness::Open,
        people: number(people),
        places: communities
            .iter()
            .map(|one| (ActorName::new(&one.community), reach::words(lang, one)))
            .collect(),
        missed: missed.iter().map(ActorName::new).collect(),
        unplaced: unplaced.iter().map(ActorName::new).collect(),
        is_cut,
        hosts,
        more_hosts: number(more),
        rendered: headings::lower(&text::render(&draft.text), 2),
        draft,
        chosen,
    };
    if view.obstacle.is_some() {
        return Err(Refusal::NotPossible.into());
    }
    answer(StatusCode::OK, lang, &page)
}
