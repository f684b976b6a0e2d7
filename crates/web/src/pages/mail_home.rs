//! Where the holder of an address says that another server sends them mail already, and has one of the two send alone: by
//! a link of a mail at each, and a ticket that they carry over. Opening a page never does anything.

use super::{Frame, answer, id};
use crate::error::{Failure, refusal_key, status_of};
use crate::forms::{Sent, SentByAnyone};
use crate::language::Lang;
use crate::session::Visit;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use clocher_app::joining::{self, Confirmed};
use clocher_app::{Error, subscribing};

#[derive(Template)]
#[template(path = "mail_home.html")]
struct Page {
    t: Lang,
    frame: Frame,
    /// What it says, a paragraph each.
    says: Vec<String>,
    /// Whether it says what was done.
    is_done: bool,
    form: Option<Form>,
    /// Where the holder goes on: the address and the words.
    onward: Option<(String, String)>,
}

/// What can be sent.
struct Form {
    action: String,
    button: String,
    hidden: Vec<(&'static str, String)>,
    field: Option<Field>,
    refusal: Option<String>,
}

/// What can be typed.
struct Field {
    name: &'static str,
    kind: &'static str,
    label: String,
    hint: String,
    value: String,
}

impl Page {
    fn new(visit: &Visit, says: Vec<String>) -> Self {
        let frame = Frame::new(visit, visit.lang.say("joining-title"));
        Self { t: visit.lang, frame, says, is_done: false, form: None, onward: None }
    }

    fn done(visit: &Visit, text: String) -> Self {
        Self { is_done: true, ..Self::new(visit, vec![text]) }
    }

    fn asking(visit: &Visit, says: Vec<String>, form: Form) -> Self {
        let mut page = Self::new(visit, says);
        if form.refusal.is_some() {
            page.frame = Frame::new(visit, visit.lang.name("error-in", &visit.lang.say("joining-title")));
        }
        Self { form: Some(form), ..page }
    }
}

/// `GET /mail-home/TOKEN`
pub async fn show(visit: Visit, path: Path<String>) -> Result<HttpResponse, Failure> {
    joining::peek_footer(&visit.app, &path).await?;
    answer(StatusCode::OK, visit.lang, &which(&visit, &path, String::new(), None))
}

fn which(visit: &Visit, token: &str, typed: String, refusal: Option<String>) -> Page {
    let lang = visit.lang;
    let form = Form {
        action: format!("/mail-home/{token}"),
        button: lang.say("joining-ask-button"),
        hidden: Vec::new(),
        field: Some(Field {
            name: "server",
            kind: "text",
            label: lang.say("joining-server"),
            hint: lang.say("joining-server-hint"),
            value: typed,
        }),
        refusal,
    };
    Page::asking(visit, vec![lang.name("joining-ask", &visit.instance.name)], form)
}

/// `POST /mail-home/TOKEN`
pub async fn ask(sent: SentByAnyone, path: Path<String>) -> Result<HttpResponse, Failure> {
    let SentByAnyone { visit, mut fields } = sent;
    let typed = fields.take("server");
    match joining::ask(&visit.app, &path, &typed).await {
        Ok(()) => {
            let page = Page::done(&visit, visit.lang.name("joining-asked", &visit.instance.name));
            answer(StatusCode::OK, visit.lang, &page)
        }
        Err(error @ Error::Refused(refusal)) if joining::peek_footer(&visit.app, &path).await.is_ok() => {
            let text = visit.lang.say(&refusal_key(refusal));
            let page = which(&visit, &path, typed, Some(text));
            answer(status_of(&error), visit.lang, &page)
        }
        Err(error) => Err(error.into()),
    }
}

/// `GET /mail-home/confirm/TOKEN`
pub async fn show_question(visit: Visit, path: Path<String>) -> Result<HttpResponse, Failure> {
    let asked = joining::peek(&visit.app, &path).await?;
    let lang = visit.lang;
    let (ask, button) = if asked.is_home {
        ("joining-question-here", "joining-yes-here")
    } else {
        ("joining-question-there", "joining-yes-there")
    };
    let form = Form {
        action: format!("/mail-home/confirm/{path}"),
        button: lang.name(button, &asked.domain),
        hidden: Vec::new(),
        field: None,
        refusal: None,
    };
    let says = vec![lang.name("joining-mailbox", &asked.mail), lang.name(ask, &asked.domain)];
    answer(StatusCode::OK, lang, &Page::asking(&visit, says, form))
}

/// `POST /mail-home/confirm/TOKEN`
pub async fn confirm(sent: SentByAnyone, path: Path<String>) -> Result<HttpResponse, Failure> {
    let visit = sent.visit;
    let asked = joining::peek(&visit.app, &path).await?;
    let page = match joining::confirm(&visit.app, &path).await? {
        Confirmed::Carry(ticket) => {
            let words = visit.lang.name("joining-onward", &ticket.domain);
            let page = Page::done(&visit, visit.lang.name("joining-carry", &ticket.domain));
            Page { onward: Some((ticket.address, words)), ..page }
        }
        Confirmed::Done => Page::done(&visit, visit.lang.name("joining-done", &asked.domain)),
    };
    answer(StatusCode::OK, visit.lang, &page)
}

/// `GET /mail-home/take`
pub async fn show_ticket(visit: Visit) -> Result<HttpResponse, Failure> {
    let of = |name: &str| visit.query.get(name).cloned().unwrap_or_default();
    let (from, code) = (of("from"), of("code"));
    let mail = match &visit.viewer {
        Some(viewer) => subscribing::view(&visit.app, viewer.actor.id).await?.mail,
        None => String::new(),
    };
    answer(StatusCode::OK, visit.lang, &take_page(&visit, from, code, mail, None))
}

fn take_page(visit: &Visit, from: String, code: String, mail: String, refusal: Option<String>) -> Page {
    let lang = visit.lang;
    let says = vec![lang.name("joining-take", &from)];
    let form = Form {
        action: "/mail-home/take".to_owned(),
        button: lang.say("joining-take-button"),
        hidden: vec![("from", from), ("code", code)],
        field: Some(Field {
            name: "mail",
            kind: "email",
            label: lang.say("joining-take-mail"),
            hint: lang.say("joining-take-hint"),
            value: mail,
        }),
        refusal,
    };
    Page::asking(visit, says, form)
}

/// `POST /mail-home/take`: the same answer whether the address is known or not.
pub async fn take(sent: SentByAnyone) -> Result<HttpResponse, Failure> {
    let SentByAnyone { visit, mut fields } = sent;
    let (from, code, mail) = (fields.take("from"), fields.take("code"), fields.take("mail"));
    match joining::ask_home(&visit.app, &from, &code, &mail).await {
        Ok(()) => answer(StatusCode::OK, visit.lang, &Page::done(&visit, visit.lang.say("joining-taken"))),
        Err(error @ Error::Refused(refusal)) => {
            let text = visit.lang.say(&refusal_key(refusal));
            let page = take_page(&visit, from, code, mail, Some(text));
            answer(status_of(&error), visit.lang, &page)
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /account/subscriptions/joints/ID`
pub async fn part(sent: Sent, path: Path<String>) -> Result<HttpResponse, Failure> {
    let Sent { visit, viewer, .. } = sent;
    joining::part(&visit.app, viewer.actor.id, id(&path)?).await?;
    Ok(super::see_other("/account/subscriptions"))
}
