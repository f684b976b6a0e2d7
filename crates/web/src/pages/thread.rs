//! A thread: the top post, and its replies nested as they answer.

use super::also;
use super::message::{Answer, Message};
use super::republish::Republish;
use super::{Frame, answer, id, see_other, threads};
use crate::actor_name::ActorName;
use crate::error::Failure;
use crate::forms::request_key;
use crate::language::Lang;
use crate::session::Visit;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use clocher_app::reading::{self, THREAD};
use clocher_app::{placing, subscribing};
use clocher_domain::placement::PlacementState;

#[derive(Template)]
#[template(path = "thread.html")]
struct Page {
    t: Lang,
    frame: Frame,
    title: String,
    home: Option<ActorName>,
    /// Who shows it too, or may.
    sharing: Vec<Shared>,
    /// Where it was addressed and does not stand, and why; for its author alone.
    unplaced: Vec<(String, String)>,
    /// Where whoever reads may send it, as a moderator.
    onward: Vec<Onward>,
    /// Whether it is, or may be, published in an open community too.
    republish: Option<Republish>,
    /// Whether whoever reads may say how far it goes.
    may_reach: bool,
    message: Message,
    replies: Vec<Branch>,
    count: i64,
    /// How many replies are hidden from whoever reads.
    hidden: i64,
    /// Whether whoever reads may hide replies from the readers of a community that shares the thread.
    may_hide: bool,
    is_locked: bool,
    is_cut: bool,
    has_moved: bool,
    /// Whether whoever is signed in follows it; none for strangers.
    follows: Option<bool>,
    audience: String,
    form_token: String,
}

/// A community that shows a thread besides its home, or may.
struct Shared {
    community: ActorName,
    /// Where it does not show it: why.
    state: Option<&'static str>,
    /// Its id, where whoever reads may take the thread out of it.
    withdraws: Option<i64>,
}

/// A community from which a moderator may send a thread on to another.
struct Onward {
    from: ActorName,
    to: ActorName,
    which: String,
}

impl Shared {
    fn new(one: &reading::Sharing) -> Self {
        let is_shown = one.state == PlacementState::Placed;
        Self {
            community: ActorName::new(&one.community),
            state: (!is_shown).then(|| one.state.as_str()),
            withdraws: (is_shown && one.may_moderate).then_some(one.community.id),
        }
    }
}

impl Onward {
    fn new(one: &placing::Onward) -> Self {
        Self {
            which: format!("{}-{}", one.from.id, one.to.id),
            from: ActorName::new(&one.from),
            to: ActorName::new(&one.to),
        }
    }
}

/// A reply with those that answer it.
#[derive(Template)]
#[template(path = "branch.html")]
struct Branch {
    t: Lang,
    form_token: String,
    audience: String,
    message: Message,
    replies: Vec<Branch>,
}

/// `GET /post/ID`
pub async fn show(visit: Visit, path: Path<String>) -> Result<HttpResponse, Failure> {
    page(&visit, id(&path)?, StatusCode::OK, None).await
}

/// `GET /comment/ID`: its place in the thread.
pub async fn show_reply(visit: Visit, path: Path<String>) -> Result<HttpResponse, Failure> {
    let view = reading::message(&visit.app, id(&path)?, visit.viewer.as_ref()).await?;
    Ok(see_other(place_of(view.post.thread_id, view.post.id)))
}

/// Where a message is on the page of its thread.
pub fn place_of(thread_id: i64, post_id: i64) -> String {
    if thread_id == post_id { format!("/post/{post_id}") } else { format!("/post/{thread_id}#m-{post_id}") }
}

/// The page of the thread of a message; with an answer to that message, typed and refused.
///
/// # Errors
/// `NotFound`.
pub async fn page(
    visit: &Visit,
    post_id: i64,
    status: StatusCode,
    refused: Option<Answer>,
) -> Result<HttpResponse, Failure> {
    let lang = visit.lang;
    let view = reading::thread(&visit.app, post_id, visit.viewer.as_ref()).await?;
    let top = &view.top.post;
    if top.id != post_id && refused.is_none() {
        return Ok(see_other(place_of(top.id, post_id)));
    }
    let (is_locked, is_deleted, count, top_id) = (top.locked, top.deleted_at.is_some(), top.replies, top.id);
    let is_hidden = is_deleted || (top.removed_at.is_some() && !view.top.may_moderate);
    let audience = lang.say(&format!("audience-{}", top.visibility()?.as_str()));
    let title = if is_deleted {
        lang.say("message-deleted")
    } else if top.removed_at.is_some() {
        lang.say("message-removed")
    } else {
        threads::title(lang, top, &view.top.author.display_name)
    };
    let in_title = if refused.is_some() { lang.name("error-in", &title) } else { title.clone() };
    let frame = Frame::new(visit, in_title).of_object(&top.ap_id);
    let is_cut = i64::try_from(view.replies.len()).unwrap_or(i64::MAX) + 1 >= THREAD;
    let request = request_key()?;
    let sharing: Vec<Shared> = view.sharing.iter().map(Shared::new).collect();
    let may_hide = sharing.iter().any(|one| one.withdraws.is_some());
    let hidden = view.hidden;
    let onward = match visit.viewer_id() {
        Some(viewer) => placing::list_onward(&visit.app, viewer, top.id).await?,
        None => Vec::new(),
    };
    let unplaced = also::unplaced(visit, top.id).await?;
    let republish = Republish::of(visit, top.id).await?;
    let may_reach = view.top.may_edit && view.top.post.local && view.home.is_some();
    let follows = match visit.viewer_id() {
        Some(viewer) => Some(subscribing::follows_thread(&visit.app, viewer, top.id).await?),
        None => None,
    };
    let mut messages: Vec<Message> = std::iter::once(view.top)
        .chain(view.replies)
        .map(|message| Message::new(visit, message, is_locked, &request))
        .collect();
    for reply in messages.iter_mut().filter(|message| message.id != top_id) {
        reply.may.hide = may_hide;
    }
    if let Some(refused) = refused
        && let Some(answered) = messages.iter_mut().find(|message| message.id == post_id)
    {
        answered.answer = refused;
    }
    let mut messages = messages.into_iter();
    let Some(message) = messages.next() else { return Err(clocher_domain::Refusal::NotFound.into()) };
    let status = if is_hidden && messages.len() == 0 { StatusCode::GONE } else { status };
    let page = Page {
        t: lang,
        frame,
        title,
        home: view.home.as_ref().map(ActorName::new),
        sharing,
        unplaced,
        onward: onward.iter().map(Onward::new).collect(),
        republish,
        may_reach,
        message,
        replies: Branch::nest(visit, &audience, messages),
        count,
        hidden,
        may_hide,
        is_locked,
        is_cut,
        has_moved: visit.has_moved(),
        follows,
        audience,
        form_token: visit.form_token.clone(),
    };
    answer(status, lang, &page)
}

impl Branch {
    /// Nests replies, each given after what it answers, by their depths.
    fn nest(visit: &Visit, audience: &str, messages: impl Iterator<Item = Message>) -> Vec<Self> {
        let mut top = Vec::new();
        let mut open: Vec<Self> = Vec::new();
        for message in messages {
            Self::close(&mut top, &mut open, message.depth);
            open.push(Self {
                t: visit.lang,
                form_token: visit.form_token.clone(),
                audience: audience.to_owned(),
                message,
                replies: Vec::new(),
            });
        }
        Self::close(&mut top, &mut open, 0);
        top
    }

    /// Puts each open branch that is as deep, or deeper, into the one it answers.
    fn close(top: &mut Vec<Self>, open: &mut Vec<Self>, depth: usize) {
        while let Some(branch) = open.pop_if(|branch| branch.message.depth >= depth) {
            open.last_mut().map_or(&mut *top, |parent| &mut parent.replies).push(branch);
        }
    }
}
