//! The links of a community: in what it is nested, what is nested in it, its neighbours, and the journal, for everybody;
//! and for its moderators what waits, what is proposed and what is shared.

use super::{Frame, answer, id, see_other};
use crate::actor_name::{ActorName, page_of};
use crate::date::Moment;
use crate::error::{Failure, refusal_key, status_of};
use crate::forms::{Fields, Sent};
use crate::language::Lang;
use crate::lookup::{self, COMMUNITIES};
use crate::place::claim_words;
use crate::session::Visit;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use clocher_app::claims::{self, Claim};
use clocher_app::linking::{self, Linked, Noted};
use clocher_app::{Error, Site};
use clocher_domain::Refusal;
use clocher_domain::link::{Accepting, LinkState, Policy, Relation, Sharing};
use clocher_storage::actors::ActorRow;
use std::collections::HashMap;

/// Lines of the journal on one page.
const JOURNAL: i64 = 50;

/// Most links of one relation that are shown without unfolding.
const UNFOLDED: usize = 20;

#[derive(Template)]
#[template(path = "links.html")]
struct Page {
    t: Lang,
    frame: Frame,
    community: ActorName,
    /// The active links, by what the others are to this one.
    groups: Vec<(&'static str, Vec<Line>)>,
    may_moderate: bool,
    /// What others propose.
    asked: Vec<Line>,
    /// What this one has proposed.
    proposed: Vec<Line>,
    journal: Vec<Entry>,
    /// Where the journal goes on.
    older: Option<i64>,
    sharings: [&'static str; 4],
    acceptings: [&'static str; 3],
    relations: [&'static str; 3],
    usual: Policy,
    /// Whether it stands for the territory of this instance: those around can be looked for.
    is_of_territory: bool,
    draft: Draft,
}

impl Page {
    /// Whether an option is the one that stands.
    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn is_chosen(&self, option: &str, standing: &str) -> bool {
        option == standing
    }

    /// How many links stand in a list.
    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn count(&self, lines: &[Line]) -> i64 {
        i64::try_from(lines.len()).unwrap_or(i64::MAX)
    }

    /// Whether a list is so long that it is unfolded by who wants it.
    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn is_long(&self, lines: &[Line]) -> bool {
        lines.len() > UNFOLDED
    }
}

/// A proposal that was typed and refused, with the reason; or an empty form.
#[derive(Default)]
struct Draft {
    handle: String,
    relation: String,
    refusal: Option<String>,
}

/// A link on the page.
struct Line {
    id: i64,
    other: ActorName,
    relation: &'static str,
    shares: &'static str,
    accepts: &'static str,
    other_shares: &'static str,
    other_accepts: &'static str,
    /// What the other says that it stands for and is not believed here.
    claim: Option<String>,
}

impl Line {
    fn new(lang: Lang, linked: &Linked, claims: &HashMap<i64, Claim>) -> Self {
        Self {
            id: linked.link.id,
            other: ActorName::new(&linked.other),
            relation: linked.relation.as_str(),
            shares: linked.policy.shares.as_str(),
            accepts: linked.policy.accepts.as_str(),
            other_shares: linked.other_policy.shares.as_str(),
            other_accepts: linked.other_policy.accepts.as_str(),
            claim: claims.get(&linked.other.id).and_then(|claim| claim_words(lang, claim)),
        }
    }
}

/// A line of the journal on the page.
struct Entry {
    at: Moment,
    words: String,
    by: Option<ActorName>,
    /// The page of the thread that it is about.
    thread: Option<String>,
}

impl Entry {
    fn new(lang: Lang, noted: &Noted) -> Self {
        let other = noted.other.as_ref().map(ActorName::new);
        let name = other.map(|other| format!("{} ({})", other.name, other.handle)).unwrap_or_default();
        let relation = noted.detail("relation").as_deref().and_then(Relation::parse);
        let words = lang.name(&format!("journal-{}", noted.row.event), &name);
        let words = match relation {
            Some(relation) => {
                format!("{words} {}", lang.say(&format!("journal-relation-{}", relation.as_str())))
            }
            None => words,
        };
        let by = noted.actor.as_ref().map(ActorName::new);
        let thread = noted.detail("thread").and_then(|id| id.parse::<i64>().ok());
        let thread = thread.map(|id| format!("/post/{id}"));
        Self { at: Moment::new(lang, noted.row.created_at), words, by, thread }
    }
}

/// `GET /c/NAME/links`
pub async fn show(visit: Visit, path: Path<String>) -> Result<HttpResponse, Failure> {
    let community = lookup::actor(&visit, &path, COMMUNITIES).await?;
    if !community.local {
        return Ok(see_other(page_of(&community)));
    }
    page(&visit, &community, StatusCode::OK, Draft::default()).await
}

/// `GET /c/NAME/links/ID`: one link stands among the others.
pub async fn show_one(visit: Visit, path: Path<(String, String)>) -> Result<HttpResponse, Failure> {
    let (name, link) = path.into_inner();
    let community = lookup::actor(&visit, &name, COMMUNITIES).await?;
    id(&link)?;
    Ok(see_other(Site::links(&page_of(&community))))
}

async fn page(
    visit: &Visit,
    community: &ActorRow,
    status: StatusCode,
    draft: Draft,
) -> Result<HttpResponse, Failure> {
    let (app, lang) = (&visit.app, visit.lang);
    let active = linking::list(app, community.id).await?;
    let waiting = match &visit.viewer {
        Some(viewer) => match linking::list_asked(app, viewer.actor.id, community.id).await {
            Err(Error::Refused(_)) => None,
            waiting => Some(waiting?),
        },
        None => None,
    };
    let others = active.iter().chain(waiting.iter().flatten()).map(|linked| linked.other.id).collect();
    let claims = claims::list(app, others).await?;
    let lines = |from: &[Linked], wanted: &dyn Fn(&Linked) -> bool| -> Vec<Line> {
        let wanted = from.iter().filter(|linked| wanted(linked));
        wanted.map(|linked| Line::new(lang, linked, &claims)).collect()
    };
    let of = |state: LinkState| {
        waiting.as_deref().map(|all| lines(all, &|linked| linked.state == state)).unwrap_or_default()
    };
    let noted = linking::journal(app, community.id, visit.before(), JOURNAL + 1).await?;
    let shown = noted.len().min(usize::try_from(JOURNAL).unwrap_or(usize::MAX));
    let is_longer = shown < noted.len();
    let noted = noted.get(..shown).unwrap_or_default();
    let name = ActorName::new(community);
    let title = lang.name("links-of", &name.name);
    let title = if draft.refusal.is_some() { lang.name("error-in", &title) } else { title };
    let page = Page {
        t: lang,
        frame: Frame::new(visit, title).of_object(&Site::links(&community.ap_id)),
        community: name,
        groups: Relation::ALL
            .map(|relation| (relation.as_str(), lines(&active, &|linked| linked.relation == relation)))
            .into(),
        may_moderate: waiting.is_some(),
        asked: of(LinkState::Asked),
        proposed: of(LinkState::Proposed),
        journal: noted.iter().map(|noted| Entry::new(lang, noted)).collect(),
        older: noted.last().filter(|_| is_longer).map(|noted| noted.row.id),
        sharings: Sharing::ALL.map(Sharing::as_str),
        acceptings: Accepting::ALL.map(Accepting::as_str),
        relations: Relation::ALL.map(Relation::as_str),
        usual: Policy::default(),
        is_of_territory: linking::is_of_territory(app, community.id).await?,
        draft,
    };
    answer(status, lang, &page)
}

/// `POST /c/NAME/links/ACT`
pub async fn act(sent: Sent, path: Path<(String, String)>) -> Result<HttpResponse, Failure> {
    let Sent { visit, viewer, fields } = sent;
    let (name, act) = path.into_inner();
    let community = lookup::actor(&visit, &name, COMMUNITIES).await?;
    match carry_out(&visit, viewer.actor.id, &community, &act, &fields).await {
        Ok(()) => Ok(see_other(Site::links(&page_of(&community)))),
        Err(Failure::App(error @ Error::Refused(refusal))) if refusal != Refusal::NotAModerator => {
            let draft = Draft {
                handle: fields.get("handle").to_owned(),
                relation: fields.get("relation").to_owned(),
                refusal: Some(visit.lang.say(&refusal_key(refusal))),
            };
            page(&visit, &community, status_of(&error), draft).await
        }
        Err(failure) => Err(failure),
    }
}

async fn carry_out(
    visit: &Visit,
    moderator: i64,
    community: &ActorRow,
    act: &str,
    fields: &Fields,
) -> Result<(), Failure> {
    let app = &visit.app;
    let link = || id(fields.get("which"));
    match act {
        "propose" => {
            let relation = Relation::parse(fields.get("relation")).ok_or(Failure::Malformed)?;
            let policy = policy(fields)?;
            // Nobody else is asked for whoever may not propose.
            linking::list_asked(app, moderator, community.id).await?;
            let other = named(visit, fields.get("handle").trim()).await?;
            linking::propose(app, moderator, community.id, other.id, relation, policy).await?;
        }
        "discover" => {
            linking::search(app, moderator, fields.get("address").to_owned()).await?;
        }
        "accept" => {
            linking::accept(app, moderator, link()?, policy(fields)?).await?;
        }
        "refuse" => {
            linking::refuse(app, moderator, link()?).await?;
        }
        "end" => {
            linking::end(app, moderator, link()?, fields.get("withdraws") == "yes").await?;
        }
        "policy" => {
            linking::change_policy(app, moderator, link()?, policy(fields)?).await?;
        }
        _ => return Err(Refusal::NotFound.into()),
    }
    Ok(())
}

/// The community of a handle, or of the address of its page.
async fn named(visit: &Visit, handle: &str) -> Result<ActorRow, Failure> {
    if handle.contains("://") {
        return lookup::elsewhere(visit, handle).await;
    }
    lookup::actor(visit, handle.trim_start_matches(['!', '@']), COMMUNITIES).await
}

fn policy(fields: &Fields) -> Result<Policy, Failure> {
    Ok(Policy {
        shares: Sharing::parse(fields.get("shares")).ok_or(Failure::Malformed)?,
        accepts: Accepting::parse(fields.get("accepts")).ok_or(Failure::Malformed)?,
    })
}
