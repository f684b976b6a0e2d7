//! A community: what it is, who takes part, its threads, and the form for a new one.

use super::also;
use super::map::{Group, Map};
use super::membership::Bond;
use super::reach::Choices;
use super::subscriptions::Choice;
use super::threads::{self, Line, Threads};
use super::{Frame, answer, see_other};
use crate::actor_name::{ActorName, page_of};
use crate::error::{Failure, refusal_key};
use crate::forms::request_key;
use crate::headings;
use crate::language::Lang;
use crate::lookup::{self, COMMUNITIES};
use crate::place::{Place, claim_words};
use crate::session::Visit;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use clocher_app::claims::Claim;
use clocher_app::placing::Reachable;
use clocher_app::{claims, linking, moving, placing, reading, subscribing};
use clocher_domain::community::{Openness, Posting};
use clocher_domain::link::Relation;
use clocher_domain::membership::{MAX_REQUEST, Standing};
use clocher_domain::placement::Reach;
use clocher_domain::post::MAX_TITLE;
use clocher_storage::actors::ActorRow;

#[derive(Template)]
#[template(path = "community.html")]
struct Page {
    t: Lang,
    frame: Frame,
    community: ActorName,
    presentation: String,
    /// What it stands for, where that is believed here.
    place: Option<Place>,
    /// What it says that it stands for and is not believed.
    claim: Option<String>,
    members: i64,
    moderators: Vec<ActorName>,
    may_moderate: bool,
    featured: Vec<Line>,
    posting: Option<&'static str>,
    bond: Bond,
    /// In which mode a member gets mail of it.
    mail: Option<Vec<Choice>>,
    /// Whether whoever is signed in left it.
    has_left: bool,
    threads: Threads,
    /// Who may read it, and whether whoever asks does.
    openness: Openness,
    /// What it is linked with: the drawing, and the same as a list.
    map: Option<Map>,
    neighbours: Vec<Neighbours>,
    /// The page of its feed, where others are nested in it.
    feed: Option<String>,
    reads: bool,
    is_invited: bool,
    longest_reason: usize,
    /// Why whoever is signed in may not open a thread.
    obstacle: Option<String>,
    draft: Draft,
    /// To which communities a new thread may be addressed besides.
    also: Vec<also::Choice>,
    /// Where else a new thread may be read.
    reach: Choices,
    longest_title: usize,
}

/// Most linked communities of one relation that are shown at once, and most that are shown at all.
const UNFOLDED: usize = 8;
const LISTED: usize = 300;

/// The linked communities of one relation.
struct Neighbours {
    relation: &'static str,
    /// With what they say that they stand for and is not believed here.
    first: Vec<(ActorName, Option<String>)>,
    /// Those that a reader unfolds.
    rest: Vec<(ActorName, Option<String>)>,
    /// How many there are to unfold.
    more: i64,
}

impl Neighbours {
    fn new(relation: Relation, all: &[(Relation, ActorName, Option<String>)]) -> Self {
        let of = all.iter().filter(|(one, _, _)| *one == relation);
        let mut first: Vec<_> = of.map(|(_, name, claim)| (name.clone(), claim.clone())).collect();
        let mut rest = first.split_off(first.len().min(UNFOLDED));
        rest.truncate(LISTED);
        let more = i64::try_from(rest.len()).unwrap_or(i64::MAX);
        Self { relation: relation.as_str(), first, rest, more }
    }
}

/// The map of a community and the same as a list; nothing of one that is not open, which is linked with none.
async fn neighbourhood(visit: &Visit, actor: &ActorRow) -> Result<(Option<Map>, Vec<Neighbours>), Failure> {
    let all = linking::list_neighbours(&visit.app, actor.id).await?;
    let claims = claims::list(&visit.app, all.iter().map(|(_, row)| row.id).collect()).await?;
    let words = |row: &ActorRow| claims.get(&row.id).and_then(|claim| claim_words(visit.lang, claim));
    let all: Vec<_> =
        all.iter().map(|(relation, row)| (*relation, ActorName::new(row), words(row))).collect();
    let labels: Vec<(Relation, String)> = all.iter().map(labelled).collect();
    let groups = Relation::ALL.map(|relation| Group {
        relation,
        names: labels.iter().filter(|(one, _)| *one == relation).map(|(_, label)| label.as_str()).collect(),
    });
    let map = Map::draw(visit.lang, &ActorName::new(actor).name, &groups);
    let lists = Relation::ALL.map(|relation| Neighbours::new(relation, &all));
    Ok((map, lists.into_iter().filter(|list| !list.first.is_empty()).collect()))
}

/// What stands in the drawing: a name, with a question mark where it is not believed what it stands for.
fn labelled((relation, name, claim): &(Relation, ActorName, Option<String>)) -> (Relation, String) {
    let mark = if claim.is_some() { "\u{A0}?" } else { "" };
    (*relation, format!("{}{mark}", name.name))
}

/// The page of the feed of a community of here in which others are nested.
fn feed_page(actor: &ActorRow, neighbours: &[Neighbours]) -> Option<String> {
    let has_nested = neighbours.iter().any(|list| list.relation == Relation::Lower.as_str());
    (actor.local && has_nested).then(|| format!("/m/{}", actor.name))
}

/// A new thread that was typed and refused, with the reason; or an empty form.
#[derive(Clone, Default)]
pub struct Draft {
    pub title: String,
    pub text: String,
    pub request: String,
    pub refusal: Option<String>,
    /// How far it was meant to go; none where nothing was chosen yet.
    pub reach: Option<Reach>,
    /// The numbers of the other communities to which it was addressed.
    pub also: Vec<i64>,
}

impl Draft {
    /// An empty form.
    ///
    /// # Errors
    /// `Internal` where there is no randomness.
    pub fn new() -> Result<Self, Failure> {
        Ok(Self { request: request_key()?, ..Self::default() })
    }
}

/// `GET /c/NAME`, `GET /c/NAME@HOST`
pub async fn show(visit: Visit, path: Path<String>) -> Result<HttpResponse, Failure> {
    let actor = lookup::actor(&visit, &path, COMMUNITIES).await?;
    if actor.local && path.contains('@') {
        return Ok(see_other(page_of(&actor)));
    }
    if let Some(successor) = moving::successor(&visit.app, &actor).await?.filter(|_| actor.local) {
        // RFC 9110, section 15.4.9: its address from now on.
        let address = if successor.local { page_of(&successor) } else { successor.url };
        return Ok(HttpResponse::PermanentRedirect().insert_header(("Location", address)).finish());
    }
    page(&visit, &actor, StatusCode::OK, Draft::new()?).await
}

/// The page of a community, with what was typed into its form.
///
/// # Errors
/// `NotFound`, `Deleted`.
pub async fn page(
    visit: &Visit,
    actor: &ActorRow,
    status: StatusCode,
    draft: Draft,
) -> Result<HttpResponse, Failure> {
    let lang = visit.lang;
    let view = reading::community(&visit.app, actor.id, visit.viewer.as_ref(), visit.before()).await?;
    let posting = if actor.local { Some(view.line.community.posting()?) } else { None };
    let openness = view.line.community.openness()?;
    let obstacle = view.obstacle.map(|refusal| lang.say(&refusal_key(refusal)));
    let claim = claims::find(&visit.app, actor.id).await?;
    let believed = claim.filter(Claim::is_believed).and_then(|claim| claim.shown);
    let community = ActorName::new(actor);
    let title = match &draft.refusal {
        Some(_) => lang.name("error-in", &community.name),
        None => community.name.clone(),
    };
    let wish = match visit.viewer_id() {
        Some(viewer) => Some(subscribing::find_wish(&visit.app, viewer, actor.id).await?),
        None => None,
    };
    let is_member = view.line.standing == Some(Standing::Accepted);
    let may_write = visit.viewer.is_some() && obstacle.is_none() && view.reads;
    let reachable =
        if may_write { placing::list_reachable(&visit.app, actor.id).await? } else { Reachable::default() };
    let also = match visit.viewer_id().filter(|_| may_write) {
        Some(viewer) => also::choices(visit, viewer, actor, &draft.also).await?,
        None => Vec::new(),
    };
    let (map, neighbours) =
        if openness.is_open() { neighbourhood(visit, actor).await? } else { (None, Vec::new()) };
    let page = Page {
        mail: wish.filter(|_| is_member).map(|wish| Choice::of(lang, wish.mode, Some(wish.own_mode))),
        has_left: wish.is_some_and(|wish| wish.has_left),
        t: lang,
        frame: Frame::new(visit, title).of_object(&actor.ap_id),
        presentation: headings::lower(&view.line.actor.summary_html, 1),
        place: believed.and_then(|territory| Place::find(lang, territory)),
        claim: claim.and_then(|claim| claim_words(lang, &claim)),
        members: view.line.members,
        moderators: view.moderators.iter().map(ActorName::new).collect(),
        posting: posting.map(Posting::as_str),
        bond: Bond::to_community(&community, view.line.standing, openness),
        openness,
        map,
        feed: feed_page(actor, &neighbours),
        neighbours,
        reads: view.reads,
        is_invited: view.is_invited,
        longest_reason: MAX_REQUEST,
        may_moderate: view.may_moderate,
        featured: threads::featured(lang, view.featured, actor.id),
        threads: Threads::new(lang, view.page, Some(actor.id)),
        community,
        obstacle,
        also,
        reach: Choices::new(lang, &reachable, draft.reach.as_ref()),
        draft,
        longest_title: MAX_TITLE,
    };
    answer(status, lang, &page)
}
