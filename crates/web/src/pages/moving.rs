//! The other accounts of a person: which ones are theirs too, where they moved to, and coming back.

use super::{Frame, answer, see_other};
use crate::actor_name::{ActorName, web_address};
use crate::date::Moment;
use crate::error::{Failure, refusal_key, status_of};
use crate::forms::Sent;
use crate::language::Lang;
use crate::lookup;
use crate::session::Visit;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use clocher_app::{Error, moving};
use clocher_domain::Refusal;
use clocher_storage::actors::ActorRow;

/// Longest handle or address that is looked for, in bytes.
const LONGEST: usize = 500;

/// Where these pages are.
const HERE: &str = "/account/moving";

#[derive(Template)]
#[template(path = "moving.html")]
struct Page {
    t: Lang,
    frame: Frame,
    /// The handle of whoever is signed in, which the other account must name.
    own: String,
    aliases: Vec<Other>,
    moved_to: Option<Other>,
    may_move_at: Option<Moment>,
    longest: usize,
    /// The key of what has just been done.
    done: Option<&'static str>,
    alias: Typed,
    target: Typed,
}

/// The question before the move.
#[derive(Template)]
#[template(path = "depart.html")]
struct DepartPage {
    t: Lang,
    frame: Frame,
    title: String,
    target: Other,
}

/// Another account.
struct Other {
    id: String,
    /// Its handle; its id, where nothing else is known of it.
    name: String,
    page: Option<String>,
}

impl Other {
    fn new((id, row): (String, Option<ActorRow>)) -> Self {
        let known = row.as_ref().map(ActorName::new);
        Self {
            page: known
                .as_ref()
                .map(|name| name.page.clone())
                .or_else(|| web_address(&id).map(str::to_owned)),
            name: known.map_or_else(|| id.clone(), |name| name.handle),
            id,
        }
    }
}

/// What was typed in a form and refused, and why.
#[derive(Default)]
struct Typed {
    text: String,
    refusal: Option<String>,
}

/// `GET /account/moving`
pub async fn show(visit: Visit) -> Result<HttpResponse, Failure> {
    if visit.viewer.is_none() {
        return Ok(see_other(format!("/sign-in?next={HERE}")));
    }
    page(&visit, StatusCode::OK, Typed::default(), Typed::default()).await
}

/// `POST /account/moving/add`
pub async fn add(sent: Sent) -> Result<HttpResponse, Failure> {
    let Sent { visit, viewer, mut fields } = sent;
    let text = fields.take("account");
    let added = match find(&visit, &text).await {
        Ok(other) => moving::add_alias(&visit.app, viewer.actor.id, other.id).await.map_err(Failure::from),
        Err(failure) => Err(failure),
    };
    match added {
        Ok(()) => Ok(see_other(format!("{HERE}?done=added"))),
        Err(failure) => {
            let (status, refusal) = reason(&visit, failure)?;
            page(&visit, status, Typed { text, refusal: Some(refusal) }, Typed::default()).await
        }
    }
}

/// `POST /account/moving/remove`
pub async fn remove(sent: Sent) -> Result<HttpResponse, Failure> {
    let Sent { visit, viewer, mut fields } = sent;
    moving::remove_alias(&visit.app, viewer.actor.id, fields.take("account")).await?;
    Ok(see_other(format!("{HERE}?done=removed")))
}

/// `POST /account/moving/ask`: the account is looked at, and the question is put.
pub async fn ask(sent: Sent) -> Result<HttpResponse, Failure> {
    let Sent { visit, viewer, mut fields } = sent;
    let text = fields.take("account");
    let found = match (&visit.directory, is_short(&text)) {
        (Some(directory), true) => {
            moving::prospect(&visit.app, directory.as_ref(), viewer.actor.id, text.trim()).await
        }
        _ => Err(Refusal::NotFound.into()),
    };
    match found {
        Ok(row) => {
            let target = Other::new((row.ap_id.clone(), Some(row)));
            let title = visit.lang.name("depart-title", &target.name);
            let page = DepartPage { t: visit.lang, frame: Frame::new(&visit, title.clone()), title, target };
            answer(StatusCode::OK, visit.lang, &page)
        }
        Err(error) => refused(&visit, text, error.into()).await,
    }
}

/// `POST /account/moving/depart`
pub async fn depart(sent: Sent) -> Result<HttpResponse, Failure> {
    let Sent { visit, viewer, mut fields } = sent;
    let text = fields.take("account");
    let done = match (&visit.directory, is_short(&text)) {
        (Some(directory), true) => {
            moving::depart(&visit.app, directory.as_ref(), viewer.actor.id, &text).await
        }
        _ => Err(Refusal::NotFound.into()),
    };
    match done {
        Ok(()) => Ok(see_other(format!("{HERE}?done=moved"))),
        Err(error) => refused(&visit, text, error.into()).await,
    }
}

/// `POST /account/moving/return`
pub async fn come_back(sent: Sent) -> Result<HttpResponse, Failure> {
    moving::come_back(&sent.visit.app, sent.viewer.actor.id).await?;
    Ok(see_other(format!("{HERE}?done=back")))
}

/// The page again, with why the move is none.
async fn refused(visit: &Visit, text: String, failure: Failure) -> Result<HttpResponse, Failure> {
    let (status, refusal) = reason(visit, failure)?;
    page(visit, status, Typed::default(), Typed { text, refusal: Some(refusal) }).await
}

fn is_short(address: &str) -> bool {
    address.len() <= LONGEST
}

async fn find(visit: &Visit, address: &str) -> Result<ActorRow, Failure> {
    if !is_short(address) {
        return Err(Refusal::NotFound.into());
    }
    lookup::elsewhere(visit, address.trim()).await
}

/// Why an account cannot be named. What breaks on our side stays a failure.
fn reason(visit: &Visit, failure: Failure) -> Result<(StatusCode, String), Failure> {
    let key = match &failure {
        Failure::App(Error::Refused(Refusal::NotFound)) => "find-nothing".to_owned(),
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
    status: StatusCode,
    alias: Typed,
    target: Typed,
) -> Result<HttpResponse, Failure> {
    let viewer = visit.viewer.as_ref().ok_or(Refusal::NotFound)?;
    let accounts = moving::accounts(&visit.app, viewer.actor.id).await?;
    let is_refused = alias.refusal.is_some() || target.refusal.is_some();
    let title = visit.lang.say("moving-title");
    let title = if is_refused { visit.lang.name("error-in", &title) } else { title };
    let done = match visit.query.get("done").map(String::as_str) {
        Some("added") => Some("alias-added"),
        Some("removed") => Some("alias-removed"),
        Some("moved") => Some("moving-done"),
        Some("back") => Some("come-back-done"),
        _ => None,
    };
    let page = Page {
        t: visit.lang,
        frame: Frame::new(visit, title),
        own: format!("@{}", viewer.actor.handle()),
        aliases: accounts.aliases.into_iter().map(Other::new).collect(),
        moved_to: accounts.moved_to.map(Other::new),
        may_move_at: accounts.may_move_at.map(|at| Moment::new(visit.lang, at)),
        longest: LONGEST,
        done: done.filter(|_| !is_refused),
        alias,
        target,
    };
    answer(status, visit.lang, &page)
}
