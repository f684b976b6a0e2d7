//! What the moderators of a community see of it: reports that wait, bans, and one another.

use super::{Frame, answer, id, see_other, threads};
use crate::actor_name::{ActorName, page_of};
use crate::date::Moment;
use crate::error::{Failure, refusal_key, status_of};
use crate::forms::Sent;
use crate::language::Lang;
use crate::lookup::{self, COMMUNITIES, PEOPLE};
use crate::session::Visit;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use clocher_app::moderating::{self, Terms};
use clocher_app::reporting::{self, ReportView};
use clocher_app::sessions::Viewer;
use clocher_app::{Error, admitting, reading};
use clocher_domain::Refusal;
use clocher_domain::actor::Role;
use clocher_domain::moderation::Act;
use clocher_storage::actors::ActorRow;

#[derive(Template)]
#[template(path = "moderation.html")]
struct Page {
    t: Lang,
    frame: Frame,
    community: ActorName,
    reports: Vec<Report>,
    bans: Vec<Ban>,
    /// Whether whoever reads administers the instance.
    is_administrator: bool,
    moderators: Vec<(i64, ActorName)>,
    /// Of a community that is not open: who asks, who is in and who is invited.
    admission: Option<Admission>,
    /// What was typed and refused.
    handle: String,
    refusal: Option<String>,
}

struct Admission {
    requests: Vec<Request>,
    members: Vec<(i64, ActorName)>,
    invited: Vec<(i64, ActorName)>,
}

struct Request {
    id: i64,
    person: ActorName,
    reason: String,
    at: Moment,
}

impl Admission {
    fn new(lang: Lang, admission: admitting::Admission) -> Self {
        let named = |rows: Vec<ActorRow>| rows.iter().map(|row| (row.id, ActorName::new(row))).collect();
        let request = |request: admitting::Request| Request {
            id: request.person.id,
            person: ActorName::new(&request.person),
            reason: request.reason,
            at: Moment::new(lang, request.at),
        };
        Self {
            requests: admission.requests.into_iter().map(request).collect(),
            members: named(admission.members),
            invited: named(admission.invited),
        }
    }
}

struct Report {
    id: i64,
    reason: String,
    reporter: ActorName,
    reported: ActorName,
    at: Moment,
    /// Where the message is, and how it begins.
    message: Option<(String, String)>,
}

struct Ban {
    id: i64,
    person: ActorName,
    until: Option<Moment>,
    reason: String,
}

impl Report {
    fn new(lang: Lang, view: ReportView) -> Self {
        let author = &view.reported.display_name;
        let message = view.post.map(|post| {
            let beginning = threads::title(lang, &post, author);
            (format!("/post/{}", post.id), beginning)
        });
        Self {
            id: view.report.id,
            reason: view.report.reason,
            reporter: ActorName::new(&view.reporter),
            reported: ActorName::new(&view.reported),
            at: Moment::new(lang, view.report.created_at),
            message,
        }
    }
}

/// `GET /c/NAME/moderation`
pub async fn show(visit: Visit, path: Path<String>) -> Result<HttpResponse, Failure> {
    let community = lookup::actor(&visit, &path, COMMUNITIES).await?;
    let Some(viewer) = visit.viewer.clone() else {
        return Ok(see_other(format!("/sign-in?next={}/moderation", page_of(&community))));
    };
    page(&visit, &viewer, &community, StatusCode::OK, (String::new(), None)).await
}

/// The page, with what was typed and refused, and the reason.
async fn page(
    visit: &Visit,
    viewer: &Viewer,
    community: &ActorRow,
    status: StatusCode,
    (handle, refusal): (String, Option<String>),
) -> Result<HttpResponse, Failure> {
    let (app, lang) = (&visit.app, visit.lang);
    let reports = reporting::list(app, viewer.actor.id, Some(community.id)).await?;
    let bans = moderating::list_bans(app, viewer.actor.id, community.id).await?;
    let admission = admitting::list(app, viewer.actor.id, community.id).await?;
    let view = reading::community(app, community.id, Some(viewer), None).await?;
    let name = ActorName::new(community);
    let title = lang.name("moderation-of", &name.name);
    let title = if refusal.is_some() { lang.name("error-in", &title) } else { title };
    let page = Page {
        t: lang,
        frame: Frame::new(visit, title),
        community: name,
        reports: reports.into_iter().map(|report| Report::new(lang, report)).collect(),
        bans: bans
            .into_iter()
            .map(|(ban, person)| Ban {
                id: person.id,
                person: ActorName::new(&person),
                until: ban.until.map(|until| Moment::new(lang, until)),
                reason: ban.reason,
            })
            .collect(),
        is_administrator: viewer.account.role()? == Role::Administrator,
        moderators: view.moderators.iter().map(|row| (row.id, ActorName::new(row))).collect(),
        admission: admission.map(|admission| Admission::new(lang, admission)),
        handle,
        refusal,
    };
    answer(status, lang, &page)
}

/// `POST /c/NAME/moderation/ACT`
pub async fn act(sent: Sent, path: Path<(String, String)>) -> Result<HttpResponse, Failure> {
    let Sent { visit, viewer, fields } = sent;
    let (name, act) = path.into_inner();
    let community = lookup::actor(&visit, &name, COMMUNITIES).await?;
    let handle = fields.get("handle").trim().trim_start_matches('@').to_owned();
    match carry_out(&visit, &viewer, &community, &act, &handle, fields.get("which")).await {
        Ok(()) => Ok(see_other(format!("{}/moderation", page_of(&community)))),
        Err(Failure::App(error @ Error::Refused(refusal))) if refusal != Refusal::NotAModerator => {
            let reason = Some(visit.lang.say(&refusal_key(refusal)));
            page(&visit, &viewer, &community, status_of(&error), (handle, reason)).await
        }
        Err(failure) => Err(failure),
    }
}

async fn carry_out(
    visit: &Visit,
    viewer: &Viewer,
    community: &ActorRow,
    act: &str,
    handle: &str,
    which: &str,
) -> Result<(), Failure> {
    let (app, moderator) = (&visit.app, viewer.actor.id);
    match act {
        "accept" => return Ok(admitting::answer(app, moderator, community.id, id(which)?, true).await?),
        "refuse" => return Ok(admitting::answer(app, moderator, community.id, id(which)?, false).await?),
        "expel" => return Ok(admitting::remove(app, moderator, community.id, id(which)?).await?),
        "withdraw" => return Ok(admitting::withdraw(app, moderator, community.id, id(which)?).await?),
        "invite" => {
            let person = lookup::actor(visit, handle, PEOPLE).await?;
            if let Some(directory) = visit.directory.as_ref().filter(|_| !person.local) {
                directory.learn_software(app, &person).await?;
            }
            return Ok(admitting::invite(app, moderator, community.id, person.id).await?);
        }
        _ => {}
    }
    let (act, person) = match act {
        "resolve" => {
            reporting::resolve(app, moderator, id(which)?).await?;
            return Ok(());
        }
        "appoint" => (Act::Appoint, lookup::actor(visit, handle, PEOPLE).await?.id),
        "dismiss" => (Act::Dismiss, id(which)?),
        "unban" => (Act::Unban, id(which)?),
        _ => return Err(Refusal::NotFound.into()),
    };
    Ok(moderating::moderate_person(app, moderator, community.id, person, act, Terms::default()).await?)
}
