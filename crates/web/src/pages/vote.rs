//! Voting on a message: for, against, or neither any more.

use super::thread::place_of;
use super::{id, see_other};
use crate::error::Failure;
use crate::forms::Sent;
use actix_web::HttpResponse;
use actix_web::web::Path;
use clocher_app::{reading, voting};
use clocher_domain::vote::Vote;

/// `POST /post/ID/vote`, `POST /comment/ID/vote`
pub async fn vote(sent: Sent, path: Path<String>) -> Result<HttpResponse, Failure> {
    let wanted = match sent.fields.get("vote") {
        "like" => Some(Vote::Like),
        "dislike" => Some(Vote::Dislike),
        "none" => None,
        _ => return Err(Failure::Malformed),
    };
    let app = &sent.visit.app;
    let post = reading::message(app, id(&path)?, Some(&sent.viewer)).await?.post;
    voting::vote(app, sent.viewer.actor.id, post.id, wanted).await?;
    Ok(see_other(place_of(post.thread_id, post.id)))
}
