//! Communities that become one, as communes merge: for the administrators, which others one says to have been, and what it
//! becomes, with a question before.

use super::{Frame, answer, see_other};
use crate::actor_name::{ActorName, page_of, web_address};
use crate::error::{Failure, refusal_key, status_of};
use crate::forms::Sent;
use crate::language::Lang;
use crate::lookup::{self, COMMUNITIES};
use crate::session::Visit;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use clocher_app::{Error, moving};
use clocher_domain::Refusal;
use clocher_storage::actors::ActorRow;

/// Longest handle or address that is looked for, in bytes.
const LONGEST: usize = 500;

#[derive(Template)]
#[template(path = "merging.html")]
struct Page {
    t: Lang,
    frame: Frame,
    community: ActorName,
    /// Which communities it says to have been.
    former: Vec<Other>,
    /// What it has become.
    became: Option<Other>,
    longest: usize,
    predecessor: Typed,
    successor: Typed,
}

/// The question before it becomes another.
#[derive(Template)]
#[template(path = "merge.html")]
struct AskPage {
    t: Lang,
    frame: Frame,
    title: String,
    community: ActorName,
    target: ActorName,
    address: String,
}

/// Another community: its handle, or its id where nothing else is known of it.
struct Other {
    name: String,
    page: Option<String>,
}

impl Other {
    fn new((id, row): (String, Option<ActorRow>)) -> Self {
        let known = row.as_ref().map(ActorName::new);
        // The page of one of here that merged leads away: it is named only.
        let page = known.as_ref().map(|name| name.page.clone());
        Self {
            page: page.or_else(|| web_address(&id).map(str::to_owned)),
            name: known.map_or(id, |name| format!("{} ({})", name.name, name.handle)),
        }
    }
}

/// What was typed in a form and refused, and why.
#[derive(Default)]
struct Typed {
    text: String,
    refusal: Option<String>,
}

fn here(community: &ActorRow) -> String {
    format!("{}/merging", page_of(community))
}

/// `GET /c/NAME/merging`
pub async fn show(visit: Visit, path: Path<String>) -> Result<HttpResponse, Failure> {
    let community = lookup::actor(&visit, &path, COMMUNITIES).await?;
    if visit.viewer.is_none() {
        return Ok(see_other(format!("/sign-in?next={}", here(&community))));
    }
    page(&visit, &community, StatusCode::OK, Typed::default(), Typed::default()).await
}

/// `POST /c/NAME/merging/ACT`: a predecessor is named; what it is to become is looked at, and the question is put; or it
/// becomes that.
pub async fn act(sent: Sent, path: Path<(String, String)>) -> Result<HttpResponse, Failure> {
    let Sent { visit, viewer, mut fields } = sent;
    let (name, act) = path.into_inner();
    let community = lookup::actor(&visit, &name, COMMUNITIES).await?;
    let administrator = viewer.actor.id;
    // Nobody else is asked for whoever may not decide.
    moving::merging(&visit.app, administrator, community.id).await?;
    let text = fields.take("community");
    let decided = match decide(&visit, administrator, &community, &act, &text).await {
        Ok(decided) => decided,
        Err(failure) => {
            let (status, refusal) = reason(&visit, failure)?;
            let typed = Typed { text, refusal: Some(refusal) };
            let none = Typed::default();
            let (former, into) = if act == "predecessor" { (typed, none) } else { (none, typed) };
            return page(&visit, &community, status, former, into).await;
        }
    };
    match decided {
        Some(target) => question(&visit, &community, &target),
        None => Ok(see_other(here(&community))),
    }
}

/// Does what was asked; gives what the community may become, where that is a question.
async fn decide(
    visit: &Visit,
    administrator: i64,
    community: &ActorRow,
    act: &str,
    text: &str,
) -> Result<Option<ActorRow>, Failure> {
    let (app, community) = (&visit.app, community.id);
    let directory = visit.directory.as_ref().filter(|_| text.len() <= LONGEST).ok_or(Refusal::NotFound)?;
    let directory = directory.as_ref();
    let other = find(visit, text.trim()).await?;
    match act {
        "predecessor" => {
            moving::add_predecessor(app, administrator, community, other.id).await?;
            Ok(None)
        }
        "ask" => {
            let address = &other.ap_id;
            Ok(Some(moving::prospect_merger(app, directory, administrator, community, address).await?))
        }
        "merge" => {
            moving::merge(app, directory, administrator, community, &other.ap_id).await?;
            Ok(None)
        }
        _ => Err(Refusal::NotFound.into()),
    }
}

/// The community of a handle, or of the address of its page.
async fn find(visit: &Visit, text: &str) -> Result<ActorRow, Failure> {
    if text.contains("://") {
        return lookup::elsewhere(visit, text).await;
    }
    lookup::actor(visit, text.trim_start_matches(['!', '@']), COMMUNITIES).await
}

fn question(visit: &Visit, community: &ActorRow, target: &ActorRow) -> Result<HttpResponse, Failure> {
    let (community, name) = (ActorName::new(community), ActorName::new(target));
    let title = visit.lang.pair("merge-title", &community.name, &name.name);
    let page = AskPage {
        t: visit.lang,
        frame: Frame::new(visit, title.clone()),
        title,
        community,
        target: name,
        address: target.ap_id.clone(),
    };
    answer(StatusCode::OK, visit.lang, &page)
}

/// Why a community cannot be named. What breaks on our side stays a failure.
fn reason(visit: &Visit, failure: Failure) -> Result<(StatusCode, String), Failure> {
    let key = match &failure {
        Failure::App(Error::Refused(Refusal::NotFound)) => "find-nothing".to_owned(),
        Failure::App(Error::Refused(Refusal::NotLinked)) => "merging-not-named".to_owned(),
        Failure::App(Error::Refused(refusal)) => refusal_key(*refusal),
        Failure::App(Error::Remote(_)) => failure.key(),
        _ => return Err(failure),
    };
    failure.log();
    let status = match &failure {
        Failure::App(error) => status_of(error),
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    Ok((status, visit.lang.say(&key)))
}

async fn page(
    visit: &Visit,
    community: &ActorRow,
    status: StatusCode,
    predecessor: Typed,
    successor: Typed,
) -> Result<HttpResponse, Failure> {
    let viewer = visit.viewer.as_ref().ok_or(Refusal::NotFound)?;
    let merging = moving::merging(&visit.app, viewer.actor.id, community.id).await?;
    let name = ActorName::new(community);
    let title = visit.lang.name("merging-of", &name.name);
    let is_refused = predecessor.refusal.is_some() || successor.refusal.is_some();
    let title = if is_refused { visit.lang.name("error-in", &title) } else { title };
    let page = Page {
        t: visit.lang,
        frame: Frame::new(visit, title),
        community: name,
        former: merging.aliases.into_iter().map(Other::new).collect(),
        became: merging.moved_to.map(Other::new),
        longest: LONGEST,
        predecessor,
        successor,
    };
    answer(status, visit.lang, &page)
}
