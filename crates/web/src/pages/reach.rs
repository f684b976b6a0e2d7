//! How far a thread may go beyond its home: the choices in words, where a thread is written and where its author changes
//! them.

use super::{Frame, also, answer, id, see_other, threads};
use crate::actor_name::{ActorName, page_of};
use crate::error::Failure;
use crate::forms::{Fields, Sent};
use crate::language::Lang;
use crate::lookup::{self, COMMUNITIES};
use crate::session::Visit;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use clocher_app::placing::{self, Destination, Reachable};
use clocher_app::reading;
use clocher_domain::Refusal;
use clocher_domain::placement::{MAX_REACH, Reach, Way};

/// What an author chooses from.
pub struct Choices {
    /// The communities above and beside.
    pub beyond: Vec<Choice>,
    /// How many communities are nested in the home.
    pub below: i64,
    /// Whether it is meant for those.
    pub down: bool,
}

/// A community that an author may choose.
pub struct Choice {
    /// Its number here.
    pub id: i64,
    /// The community.
    pub community: ActorName,
    /// Where it stands, and how many read there.
    pub words: String,
    /// Whether it is chosen.
    pub is_chosen: bool,
}

impl Choices {
    /// The choices, as they were made; as the home means them where none were.
    pub fn new(lang: Lang, reachable: &Reachable, chosen: Option<&Reach>) -> Self {
        let reach = chosen.unwrap_or(&reachable.default);
        let beyond = reachable.beyond.iter().map(|one| Choice::new(lang, one, reach)).collect();
        Self { beyond, below: reachable.below, down: reach.down }
    }

    /// Whether there is nothing to choose.
    pub fn is_empty(&self) -> bool {
        self.beyond.is_empty() && self.below == 0
    }
}

impl Choice {
    fn new(lang: Lang, destination: &Destination, reach: &Reach) -> Self {
        let community = ActorName::new(&destination.community);
        Self {
            id: destination.community.id,
            words: words(lang, destination),
            is_chosen: reach.allows(destination.way, &destination.community.ap_id),
            community,
        }
    }
}

/// Where a community stands, how many read there (of one elsewhere as it says itself), and whether moderators are asked.
pub fn words(lang: Lang, destination: &Destination) -> String {
    let place = lang.say(match destination.way {
        Way::Home => "reach-home",
        Way::Side => "reach-beside",
        Way::Down => "reach-below",
        Way::Up => "reach-above",
        Way::Addressed => "reach-addressed",
    });
    let readers = match destination.members {
        Some(members) if destination.community.local => lang.count("members", members),
        Some(members) => lang.count("members-claimed", members),
        None => lang.say("members-unknown"),
    };
    let asks = if destination.asks { format!(" · {}", lang.say("reach-asks")) } else { String::new() };
    format!("{place} · {readers}{asks}")
}

/// The fields of a form that say what was chosen, the communities besides its home included.
pub fn fields_of(fields: &Fields) -> Vec<String> {
    let mut names: Vec<String> = fields
        .names()
        .filter(|name| *name == "reach" || name.starts_with("reach-") || also::is_field(name))
        .filter(|name| name.len() <= 30)
        .map(str::to_owned)
        .collect();
    names.sort_unstable();
    names.truncate(MAX_REACH);
    names
}

/// What was chosen; none where the form gave no choice.
///
/// # Errors
/// `NotFound`; those of storage.
pub async fn chosen(visit: &Visit, community_id: i64, fields: &Fields) -> Result<Option<Reach>, Failure> {
    if fields.get("reach").is_empty() {
        return Ok(None);
    }
    let reachable = placing::list_reachable(&visit.app, community_id).await?;
    let is_chosen = |one: &&Destination| !fields.get(&format!("reach-{}", one.community.id)).is_empty();
    let communities = reachable.beyond.iter().filter(is_chosen).map(|one| one.community.ap_id.clone());
    Ok(Some(Reach { communities: communities.collect(), down: !fields.get("reach-down").is_empty() }))
}

#[derive(Template)]
#[template(path = "reach.html")]
struct Page {
    t: Lang,
    frame: Frame,
    heading: String,
    hint: String,
    title: String,
    back: String,
    reach: Choices,
}

/// `GET /post/ID/reach`
pub async fn show(visit: Visit, path: Path<String>) -> Result<HttpResponse, Failure> {
    let view = reading::editable_message(&visit.app, id(&path)?, visit.viewer.as_ref()).await?;
    let home = view.post.home_id.filter(|_| view.post.is_top()).ok_or(Refusal::NotFound)?;
    let reachable = placing::list_reachable(&visit.app, home).await?;
    let reach = view.post.reach().map_err(clocher_app::Error::from)?;
    let page = Page {
        t: visit.lang,
        frame: Frame::new(&visit, visit.lang.say("reach-change")),
        heading: visit.lang.say("reach-change"),
        hint: visit.lang.say("reach-change-hint"),
        title: threads::title(visit.lang, &view.post, &view.author.display_name),
        back: format!("/post/{}", view.post.id),
        reach: Choices::new(visit.lang, &reachable, reach.as_ref()),
    };
    answer(StatusCode::OK, visit.lang, &page)
}

/// `POST /post/ID/reach`
pub async fn change(sent: Sent, path: Path<String>) -> Result<HttpResponse, Failure> {
    let Sent { visit, viewer, fields } = sent;
    let view = reading::editable_message(&visit.app, id(&path)?, Some(&viewer)).await?;
    let home = view.post.home_id.ok_or(Refusal::NotFound)?;
    if let Some(reach) = chosen(&visit, home, &fields).await? {
        placing::change_reach(&visit.app, viewer.actor.id, view.post.id, reach).await?;
    }
    Ok(see_other(format!("/post/{}", view.post.id)))
}

/// `GET /c/NAME/reach`
pub async fn show_default(visit: Visit, path: Path<String>) -> Result<HttpResponse, Failure> {
    let community = lookup::actor(&visit, &path, COMMUNITIES).await?;
    let view = reading::community(&visit.app, community.id, visit.viewer.as_ref(), None).await?;
    if !view.may_moderate || !community.local {
        return Err(Refusal::NotAModerator.into());
    }
    let reachable = placing::list_reachable(&visit.app, community.id).await?;
    let name = ActorName::new(&community);
    let page = Page {
        t: visit.lang,
        frame: Frame::new(&visit, visit.lang.say("reach-default")),
        heading: visit.lang.say("reach-default"),
        hint: visit.lang.say("reach-default-hint"),
        title: name.name,
        back: name.page,
        reach: Choices::new(visit.lang, &reachable, None),
    };
    answer(StatusCode::OK, visit.lang, &page)
}

/// `POST /c/NAME/reach`
pub async fn change_default(sent: Sent, path: Path<String>) -> Result<HttpResponse, Failure> {
    let Sent { visit, viewer, fields } = sent;
    let community = lookup::actor(&visit, &path, COMMUNITIES).await?;
    let reach = chosen(&visit, community.id, &fields).await?.unwrap_or_default();
    placing::change_default_reach(&visit.app, viewer.actor.id, community.id, reach).await?;
    Ok(see_other(format!("{}/moderation", page_of(&community))))
}
