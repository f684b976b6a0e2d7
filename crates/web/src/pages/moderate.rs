//! What a moderator may do with one message and its author.

use super::thread::place_of;
use super::{Frame, answer, id, see_other, threads};
use crate::actor_name::ActorName;
use crate::error::Failure;
use crate::forms::{Fields, Sent};
use crate::language::Lang;
use crate::session::Visit;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use clocher_app::moderating::{self, Terms};
use clocher_app::{App, reading};
use clocher_domain::Refusal;
use clocher_domain::moderation::{Act, MAX_REASON};
use clocher_domain::time::DAY;
use clocher_storage::posts::PostRow;

/// Longest ban that the form takes, in days.
const LONGEST_BAN: i64 = 3_650;

#[derive(Template)]
#[template(path = "moderate.html")]
struct Page {
    t: Lang,
    frame: Frame,
    address: String,
    back: String,
    beginning: String,
    author: ActorName,
    /// The acts that need no words: where their forms are sent, and the keys of what their buttons say.
    buttons: Vec<(&'static str, &'static str)>,
    is_removed: bool,
    longest_reason: usize,
}

/// `GET /post/ID/moderate`, `GET /comment/ID/moderate`
pub async fn show(visit: Visit, path: Path<String>) -> Result<HttpResponse, Failure> {
    let message = reading::message(&visit.app, id(&path)?, visit.viewer.as_ref()).await?;
    if !message.may_moderate {
        return Err(Refusal::NotAModerator.into());
    }
    let (post, author) = (message.post, ActorName::new(&message.author));
    let page = Page {
        t: visit.lang,
        frame: Frame::new(&visit, visit.lang.say("moderate-title")),
        address: format!("/post/{}/moderate", post.id),
        back: place_of(post.thread_id, post.id),
        beginning: threads::title(visit.lang, &post, &author.name),
        author,
        buttons: buttons(&post),
        is_removed: post.removed_at.is_some(),
        longest_reason: MAX_REASON,
    };
    answer(StatusCode::OK, visit.lang, &page)
}

fn buttons(post: &PostRow) -> Vec<(&'static str, &'static str)> {
    let mut buttons = vec![if post.locked { ("unlock", "unlock-button") } else { ("lock", "lock-button") }];
    if post.removed_at.is_some() {
        buttons.push(("restore", "restore-button"));
    } else if post.featured_at.is_some() {
        buttons.push(("unfeature", "unfeature-button"));
    } else if post.is_top() {
        buttons.push(("feature", "feature-button"));
    }
    buttons
}

/// `POST /post/ID/moderate/ACT`, `POST /comment/ID/moderate/ACT`
pub async fn act(sent: Sent, path: Path<(String, String)>) -> Result<HttpResponse, Failure> {
    let Sent { visit, viewer, fields } = sent;
    let (message, act) = path.into_inner();
    let post = reading::message(&visit.app, id(&message)?, Some(&viewer)).await?.post;
    let act = match act.as_str() {
        "lock" => Act::Lock,
        "unlock" => Act::Unlock,
        "feature" => Act::Feature,
        "unfeature" => Act::Unfeature,
        "remove" => Act::Remove,
        "restore" => Act::Restore,
        "ban" => Act::Ban,
        _ => return Err(Refusal::NotFound.into()),
    };
    if act == Act::Ban {
        let community = post.home_id.ok_or(Refusal::NotFound)?;
        let terms = terms(&visit.app, &fields)?;
        moderating::moderate_person(&visit.app, viewer.actor.id, community, post.author_id, act, terms)
            .await?;
    } else {
        let reason = fields.get("text").to_owned();
        moderating::moderate_message(&visit.app, viewer.actor.id, post.id, act, reason).await?;
    }
    Ok(see_other(place_of(post.thread_id, post.id)))
}

fn terms(app: &App, fields: &Fields) -> Result<Terms, Failure> {
    let until = match fields.get("days").trim() {
        "" => None,
        days => {
            let days = days.parse::<i64>().ok().filter(|days| (1..=LONGEST_BAN).contains(days));
            Some(app.now().plus(days.ok_or(Failure::Malformed)? * DAY).0)
        }
    };
    Ok(Terms {
        reason: fields.get("text").to_owned(),
        until,
        removes_messages: fields.get("removes") == "yes",
    })
}
