//! Following and joining: requests, answers to them, and invitations.

use super::activity::{Outgoing, Scribe};
use crate::vocabulary::write_time;
use clocher_app::Result;
use clocher_domain::Refusal;
use clocher_storage::actors::ActorRow;
use clocher_storage::follows;
use serde_json::{Value, json};

/// A local actor asks to follow a remote one.
pub fn requested(scribe: &mut Scribe<'_>, follow: i64) -> Result<Vec<Outgoing>> {
    let Some(row) = follows::get(scribe.conn, follow)? else { return Ok(Vec::new()) };
    let Some((follower, followed)) = scribe.pair(row.follower_id, row.followed_id)? else {
        return Ok(Vec::new());
    };
    let document = follow_document(&row.ap_id, &follower, &followed);
    Ok(vec![Outgoing::to(&follower, &followed, "Follow", row.ap_id, document)])
}

/// A local actor follows a remote one no more.
pub fn withdrawn(
    scribe: &mut Scribe<'_>,
    activity: &str,
    follower: i64,
    followed: i64,
) -> Result<Vec<Outgoing>> {
    let Some((follower, followed)) = scribe.pair(follower, followed)? else { return Ok(Vec::new()) };
    let object = follow_document(activity, &follower, &followed);
    Ok(vec![scribe.answer(&follower, &followed, "Undo", object)])
}

/// A local actor answers the request of a remote one, by an activity of that kind.
pub fn answered(
    scribe: &mut Scribe<'_>,
    kind: &str,
    activity: &str,
    follower: i64,
    followed: i64,
) -> Result<Vec<Outgoing>> {
    let Some((follower, followed)) = scribe.pair(follower, followed)? else { return Ok(Vec::new()) };
    let object = follow_document(activity, &follower, &followed);
    Ok(vec![scribe.answer(&followed, &follower, kind, object)])
}

/// What moderators decided on a request.
pub struct Answer<'a> {
    /// Whether it came as a `Join`.
    pub is_join: bool,
    /// Whether they let in whoever asked.
    pub accepted: bool,
    /// Why not: the code of a refusal.
    pub reason: Option<&'a str>,
}

/// The moderators of a closed community answered a request.
pub fn request_answered(
    scribe: &mut Scribe<'_>,
    activity: &str,
    follower: i64,
    community: i64,
    answer: &Answer<'_>,
) -> Result<Vec<Outgoing>> {
    let Some((follower, community)) = scribe.pair(follower, community)? else { return Ok(Vec::new()) };
    let mut object = follow_document(activity, &follower, &community);
    if let (true, Value::Object(fields)) = (answer.is_join, &mut object) {
        fields.insert("type".to_owned(), json!("Join"));
    }
    let kind = if answer.accepted { "Accept" } else { "Reject" };
    let mut told = scribe.answer(&community, &follower, kind, object);
    let summary = answer.reason.and_then(explanation);
    if let (Some(summary), Value::Object(fields)) = (summary, &mut told.document) {
        fields.insert("summary".to_owned(), json!(summary));
    }
    Ok(vec![told])
}

/// A closed community invites somebody elsewhere.
pub fn invited(
    scribe: &mut Scribe<'_>,
    activity: &str,
    community: i64,
    person: i64,
) -> Result<Vec<Outgoing>> {
    let Some((community, person)) = scribe.pair(community, person)? else { return Ok(Vec::new()) };
    let document = json!({
        "id": activity,
        "type": "Invite",
        "actor": community.ap_id,
        "attributedTo": community.ap_id,
        "object": community.ap_id,
        "target": person.ap_id,
        "to": [person.ap_id],
        "cc": [],
        "published": write_time(scribe.app.now().0),
    });
    Ok(vec![Outgoing::to(&community, &person, "Invite", activity.to_owned(), document)])
}

/// The `Follow` that is sent, answered or undone.
pub fn follow_document(id: &str, follower: &ActorRow, followed: &ActorRow) -> Value {
    json!({ "id": id, "type": "Follow", "actor": follower.ap_id, "object": followed.ap_id, "to": [followed.ap_id] })
}

/// Why a request was refused, for those whose software could not show it otherwise.
fn explanation(code: &str) -> Option<&'static str> {
    (code == Refusal::NotKeptClosed.code()).then_some(
        "Communauté fermée : votre serveur ne sait pas garder pour ses membres ce qui s’y écrit. / \
         Closed community: your server is not known to keep for its members what is written in it.",
    )
}
