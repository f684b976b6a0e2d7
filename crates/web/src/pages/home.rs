//! The front page: what the instance stands for, its communities, the newest threads.

use super::threads::Threads;
use super::{Frame, answer};
use crate::actor_name::ActorName;
use crate::error::Failure;
use crate::language::Lang;
use crate::place::{Place, claim_words};
use crate::session::Visit;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use clocher_app::claims::{self, Claim};
use clocher_app::communities;
use clocher_app::reading::{self, CommunityLine};
use clocher_domain::membership::Standing;
use std::collections::HashMap;

#[derive(Template)]
#[template(path = "home.html")]
struct Page {
    t: Lang,
    frame: Frame,
    place: Option<Place>,
    communities: Vec<Line>,
    elsewhere: Vec<Line>,
    threads: Threads,
    /// Whether whoever is signed in may make a community.
    may_make: bool,
}

/// A community in a list.
struct Line {
    name: ActorName,
    members: i64,
    standing: Option<Standing>,
    /// What it says that it stands for and is not believed here.
    claim: Option<String>,
}

impl Line {
    fn new(lang: Lang, line: &CommunityLine, claims: &HashMap<i64, Claim>) -> Self {
        Self {
            name: ActorName::new(&line.actor),
            members: line.members,
            standing: line.standing,
            claim: claims.get(&line.actor.id).and_then(|claim| claim_words(lang, claim)),
        }
    }
}

/// `GET /`
pub async fn show(visit: Visit) -> Result<HttpResponse, Failure> {
    let home = reading::home(&visit.app, visit.viewer.as_ref(), visit.before()).await?;
    let territory = visit.instance.territory.as_deref().and_then(|text| text.parse().ok());
    let claims = claims::list(&visit.app, home.elsewhere.iter().map(|line| line.actor.id).collect()).await?;
    let lines = |all: &[CommunityLine]| -> Vec<Line> {
        all.iter().map(|line| Line::new(visit.lang, line, &claims)).collect()
    };
    let may_make = match visit.viewer_id() {
        Some(viewer) => communities::may_make(&visit.app, viewer).await?.0,
        None => false,
    };
    let page = Page {
        t: visit.lang,
        frame: Frame::new(&visit, "").of_object(&visit.app.site().instance_actor()),
        place: territory.and_then(|id| Place::find(visit.lang, id)),
        communities: lines(&home.communities),
        elsewhere: lines(&home.elsewhere),
        threads: Threads::new(visit.lang, home.page, None),
        may_make,
    };
    answer(StatusCode::OK, visit.lang, &page)
}
