//! What whoever is signed in wants to hear: mail and its modes, the timeline, threads, silenced persons.

use super::{Frame, answer, back_to, id};
use crate::actor_name::{ActorName, page_of};
use crate::error::{Failure, refusal_key, status_of};
use crate::forms::Sent;
use crate::language::Lang;
use crate::lookup::{self, COMMUNITIES, PEOPLE};
use crate::session::Visit;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use clocher_app::sessions::Viewer;
use clocher_app::{Error, joining, subscribing};
use clocher_domain::joint::JointState;
use clocher_domain::ledger::Mode;

/// Where this page is.
const PAGE: &str = "/account/subscriptions";

/// A mode that can be chosen.
pub struct Choice {
    /// What the form sends.
    pub value: &'static str,
    /// What it says.
    pub words: String,
    /// Whether it holds now.
    pub is_chosen: bool,
}

impl Choice {
    /// The modes; with `own`, that of the person's is one of them.
    pub fn of(lang: Lang, chosen: Option<Mode>, own: Option<Mode>) -> Vec<Self> {
        let words = |mode: Mode| lang.say(&format!("mode-{}", mode.as_str()));
        let by_default = own.map(|own| Self {
            value: "",
            words: lang.name("as-usual", &words(own)),
            is_chosen: chosen.is_none(),
        });
        let modes = Mode::ALL.into_iter().map(|mode| Self {
            value: mode.as_str(),
            words: words(mode),
            is_chosen: chosen == Some(mode),
        });
        by_default.into_iter().chain(modes).collect()
    }
}

#[derive(Template)]
#[template(path = "subscriptions.html")]
struct Page {
    t: Lang,
    frame: Frame,
    mail: String,
    is_verified: bool,
    asked: Option<String>,
    /// Whether the instance sends any mail.
    sends: bool,
    own: Vec<Choice>,
    communities: Vec<Line>,
    left: Vec<ActorName>,
    muted: Vec<ActorName>,
    /// Where another server is named that sends mail already; none before the address is confirmed.
    elsewhere: Option<String>,
    joints: Vec<Shared>,
    typed: String,
    refusal: Option<String>,
}

/// Another instance with the same address.
struct Shared {
    id: i64,
    domain: String,
    says: String,
}

/// A community that the reader is a member of.
struct Line {
    name: ActorName,
    choices: Vec<Choice>,
    quiet: bool,
}

/// `GET /account/subscriptions`
pub async fn show(visit: Visit) -> Result<HttpResponse, Failure> {
    match visit.viewer.clone() {
        Some(viewer) => page(&visit, &viewer, StatusCode::OK, String::new(), None).await,
        None => Ok(super::see_other(format!("/sign-in?next={PAGE}"))),
    }
}

async fn page(
    visit: &Visit,
    viewer: &Viewer,
    status: StatusCode,
    typed: String,
    refusal: Option<String>,
) -> Result<HttpResponse, Failure> {
    let lang = visit.lang;
    let view = subscribing::view(&visit.app, viewer.actor.id).await?;
    let elsewhere = joining::footer(&visit.app, viewer.actor.id).await?;
    let mut joints = Vec::new();
    for joint in joining::list(&visit.app, viewer.actor.id).await? {
        let key = match (joint.state, joint.is_home) {
            (JointState::Asked, _) => "joint-asked",
            (JointState::Ending, _) => "joint-ending",
            (JointState::Handed, true) => "joint-here",
            (JointState::Handed, false) => "joint-there",
            _ => "joint-begun",
        };
        joints.push(Shared { id: joint.id, says: lang.name(key, &joint.domain), domain: joint.domain });
    }
    let title = lang.say("subscriptions");
    let title = if refusal.is_some() { lang.name("error-in", &title) } else { title };
    let communities = view.communities.iter().map(|line| Line {
        name: ActorName::new(&line.community),
        choices: Choice::of(lang, line.mode, Some(view.mode)),
        quiet: line.quiet,
    });
    let page = Page {
        t: lang,
        frame: Frame::new(visit, title),
        communities: communities.collect(),
        mail: view.mail,
        is_verified: view.is_verified,
        asked: view.asked,
        sends: visit.app.desk().mail.is_some(),
        own: Choice::of(lang, Some(view.mode), None),
        left: view.left.iter().map(ActorName::new).collect(),
        muted: view.muted.iter().map(ActorName::new).collect(),
        elsewhere,
        joints,
        typed,
        refusal,
    };
    answer(status, lang, &page)
}

/// The mode that a form names; none for the person's own.
fn mode_of(text: &str) -> Result<Option<Mode>, Failure> {
    match text {
        "" => Ok(None),
        name => Mode::parse(name).map(Some).ok_or(Failure::Malformed),
    }
}

/// `POST /account/subscriptions/mode`
pub async fn choose_own_mode(sent: Sent) -> Result<HttpResponse, Failure> {
    let Sent { visit, viewer, fields } = sent;
    let mode = mode_of(fields.get("mode"))?.ok_or(Failure::Malformed)?;
    subscribing::choose_mode(&visit.app, viewer.actor.id, None, Some(mode)).await?;
    Ok(super::see_other(PAGE))
}

/// `POST /account/subscriptions/address`
pub async fn choose_address(sent: Sent) -> Result<HttpResponse, Failure> {
    let Sent { visit, viewer, mut fields } = sent;
    let typed = fields.take("mail");
    match subscribing::choose_address(&visit.app, viewer.actor.id, &typed).await {
        Ok(()) => Ok(super::see_other(PAGE)),
        Err(error @ Error::Refused(refusal)) => {
            let text = visit.lang.say(&refusal_key(refusal));
            page(&visit, &viewer, status_of(&error), typed, Some(text)).await
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /c/NAME/mode`
pub async fn choose_mode(sent: Sent, path: Path<String>) -> Result<HttpResponse, Failure> {
    let Sent { visit, viewer, fields } = sent;
    let community = lookup::actor(&visit, &path, COMMUNITIES).await?;
    let mode = mode_of(fields.get("mode"))?;
    subscribing::choose_mode(&visit.app, viewer.actor.id, Some(community.id), mode).await?;
    Ok(back_to(&fields, PAGE))
}

/// `POST /c/NAME/quiet`
pub async fn set_quiet(sent: Sent, path: Path<String>) -> Result<HttpResponse, Failure> {
    let Sent { visit, viewer, fields } = sent;
    let community = lookup::actor(&visit, &path, COMMUNITIES).await?;
    subscribing::set_quiet(&visit.app, viewer.actor.id, community.id, fields.get("quiet") == "yes").await?;
    Ok(back_to(&fields, PAGE))
}

/// `POST /c/NAME/hear`
pub async fn hear_again(sent: Sent, path: Path<String>) -> Result<HttpResponse, Failure> {
    let Sent { visit, viewer, fields } = sent;
    let community = lookup::actor(&visit, &path, COMMUNITIES).await?;
    subscribing::hear_again(&visit.app, viewer.actor.id, community.id).await?;
    Ok(back_to(&fields, PAGE))
}

/// `POST /u/NAME/mute`
pub async fn mute(sent: Sent, path: Path<String>) -> Result<HttpResponse, Failure> {
    let Sent { visit, viewer, fields } = sent;
    let person = lookup::actor(&visit, &path, PEOPLE).await?;
    subscribing::mute(&visit.app, viewer.actor.id, person.id, fields.get("muted") == "yes").await?;
    Ok(back_to(&fields, &page_of(&person)))
}

/// `POST /post/ID/follow`
pub async fn follow_thread(sent: Sent, path: Path<String>) -> Result<HttpResponse, Failure> {
    let Sent { visit, viewer, fields } = sent;
    let thread = id(&path)?;
    subscribing::follow_thread(&visit.app, viewer.actor.id, thread, fields.get("follows") == "yes").await?;
    Ok(super::see_other(format!("/post/{thread}")))
}
