//! Who is told of moderation, and of reports.
//!
//! In a community of ours the community announces the act, to servers that understand communities; in one elsewhere
//! the community is told, and tells the others. A report goes to whoever is asked, and to nobody else.

use super::activity::{Outgoing, Scribe};
use super::audience::{self, Addresses, Circle};
use super::membership::follow_document;
use super::posts::{boosted, unique};
use super::stored;
use crate::vocabulary::write_time;
use clocher_app::{Result, Site};
use clocher_domain::moderation::{Act, Moderation};
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::posts::{self, PostRow};
use clocher_storage::{activities, communities, instance, reports};
use serde_json::{Value, json};

/// What an act is about.
struct Object {
    /// The message; none where it is about a person.
    post: Option<PostRow>,
    /// The author of the message, or the person: their server is told in any case.
    person: ActorRow,
}

impl Object {
    fn ap_id(&self) -> &str {
        self.post.as_ref().map_or(&self.person.ap_id, |post| &post.ap_id)
    }
}

/// Somebody moderated in a community of ours, or somebody of ours elsewhere.
pub fn moderated(scribe: &mut Scribe<'_>, act: &Moderation) -> Result<Vec<Outgoing>> {
    let pair = scribe.pair(act.community.0, act.moderator.0)?;
    let (Some((community, moderator)), Some(object)) = (pair, object(scribe, act)?) else {
        return Ok(Vec::new());
    };
    let subject = match &object.post {
        Some(post) => thread_of(scribe, post)?,
        None => community.ap_id.clone(),
    };
    let mut activity = match act.relayed {
        Some(id) => match activities::find(scribe.conn, id.0)? {
            Some(row) => {
                Outgoing { document: stored(&row)?, ..scribe.activity("", &moderator, Value::Null, &[], &[]) }
            }
            None => return Ok(Vec::new()),
        },
        None => written(scribe, act, &community, &moderator, &object)?,
    };
    if act.relayed.is_none() {
        scribe.seal(&mut activity)?;
    }
    let post_id = act.post.map(|id| id.0);
    if !community.local {
        activity.inboxes = vec![(community.delivery_inbox().to_owned(), community.host.clone())];
        return Ok(vec![Outgoing { post_id, subject, ..activity }]);
    }
    let circle = circle(scribe, &community, &object)?;
    let (mut inboxes, _) = circle.inboxes(scribe.conn, community.id)?;
    if circle.is_open {
        inboxes.extend(audience::of_community_software(scribe.conn, &object.person)?);
        if let Some(post) = &object.post {
            inboxes.extend(audience::sharing(scribe.conn, post.thread_id, act.act == Act::Remove)?);
        }
    }
    let announce = scribe.activity("Announce", &community, activity.document, &circle.to, &circle.cc);
    let announce = Outgoing { post_id, subject: subject.clone(), inboxes: unique(inboxes), ..announce };
    let boost = match (&object.post, act.act) {
        (Some(post), Act::Remove | Act::Restore) => {
            boosted(scribe, &community, post, act.act == Act::Restore)?
        }
        _ => None,
    };
    let ended = ended(scribe, act, &community, &object.person, subject);
    Ok(std::iter::once(announce).chain(boost).chain(ended).collect())
}

/// To whom an act is told: of a message, to those for whom it is.
fn circle(scribe: &mut Scribe<'_>, community: &ActorRow, object: &Object) -> Result<Circle> {
    match &object.post {
        Some(post) if community.local => Ok(Circle::of_message(community, post.visibility()?)),
        _ => Ok(Circle::of(scribe.conn, community)?),
    }
}

/// Whoever is banned follows no more, and is told so after the ban.
fn ended(
    scribe: &Scribe<'_>,
    act: &Moderation,
    community: &ActorRow,
    person: &ActorRow,
    subject: String,
) -> Option<Outgoing> {
    let document = follow_document(act.ended_follow.as_deref()?, person, community);
    Some(Outgoing { subject, ..scribe.answer(community, person, "Reject", document) })
}

fn object(scribe: &mut Scribe<'_>, act: &Moderation) -> Result<Option<Object>> {
    let post = act.post.map(|id| posts::find(scribe.conn, id.0)).transpose()?.flatten();
    let Some(id) = post.as_ref().map(|post| post.author_id).or(act.person.map(|id| id.0)) else {
        return Ok(None);
    };
    Ok(actors::find(scribe.conn, id)?.map(|person| Object { post, person }))
}

fn thread_of(scribe: &mut Scribe<'_>, post: &PostRow) -> Result<String> {
    Ok(posts::find(scribe.conn, post.thread_id)?.map_or_else(|| post.ap_id.clone(), |thread| thread.ap_id))
}

/// The activity of a moderator of ours.
fn written(
    scribe: &mut Scribe<'_>,
    act: &Moderation,
    community: &ActorRow,
    moderator: &ActorRow,
    object: &Object,
) -> Result<Outgoing> {
    let known = communities::find(scribe.conn, community.id)?;
    let (moderators, featured) = known.map(|row| (row.moderators_url, row.featured_url)).unwrap_or_default();
    let moderators = moderators.unwrap_or_else(|| Site::moderators(&community.ap_id));
    let featured = featured.unwrap_or_else(|| Site::featured(&community.ap_id));
    let to = circle(scribe, community, object)?.to;
    let make = |kind: &str, object: Value, fields: Value| {
        let mut made = scribe.activity(kind, moderator, object, &to, std::slice::from_ref(&community.ap_id));
        if let (Value::Object(document), Value::Object(fields)) = (&mut made.document, fields) {
            document.insert("audience".to_owned(), json!(community.ap_id));
            document.extend(fields.into_iter().filter(|(_, value)| !value.is_null()));
        }
        made
    };
    let id = json!(object.ap_id());
    let reason = json!({ "summary": act.reason });
    let why = if act.reason.is_empty() { json!({}) } else { reason.clone() };
    let undo = |inner: Outgoing| make("Undo", inner.document, why.clone());
    let ban = json!({
        "target": community.ap_id,
        "summary": act.reason,
        "removeData": act.removes_messages,
        "endTime": act.until.map(write_time),
    });
    Ok(match act.act {
        Act::Lock => make("Lock", id, why.clone()),
        Act::Unlock => undo(make("Lock", id, json!({}))),
        // What tells a removal from a deletion is that it says why, also where it says nothing.
        Act::Remove => make("Delete", id, reason),
        Act::Restore => undo(make("Delete", id, reason)),
        Act::Feature => make("Add", id, json!({ "target": featured })),
        Act::Unfeature => make("Remove", id, json!({ "target": featured })),
        Act::Appoint => make("Add", id, json!({ "target": moderators })),
        Act::Dismiss => make("Remove", id, json!({ "target": moderators })),
        Act::Ban => make("Block", id, ban),
        Act::Unban => undo(make("Block", id, ban)),
    })
}

/// A person of ours reported a message: its home is told by whom, since its moderators may have to ask; the server of
/// its author only that somebody here did.
pub fn reported(scribe: &mut Scribe<'_>, report: i64) -> Result<Vec<Outgoing>> {
    let Some(report) = reports::find(scribe.conn, report)? else { return Ok(Vec::new()) };
    let post = report.post_id.map(|id| posts::find(scribe.conn, id)).transpose()?.flatten();
    let (Some((reporter, author)), Some(post)) = (scribe.pair(report.reporter_id, report.actor_id)?, post)
    else {
        return Ok(Vec::new());
    };
    let home = report.community_id.map(|id| actors::find(scribe.conn, id)).transpose()?.flatten();
    let mut all = Vec::new();
    if let Some(home) = home.as_ref().filter(|home| !home.local) {
        // Lemmy takes one id, and no list.
        let mut flag = flag(scribe, &reporter, home, json!(post.ap_id), &report.reason);
        if let Value::Object(fields) = &mut flag.document {
            fields.insert("audience".to_owned(), json!(home.ap_id));
        }
        all.push(flag);
    }
    let is_told = home.as_ref().is_some_and(|home| home.host == author.host);
    if !author.local && !is_told {
        let instance =
            instance::find(scribe.conn)?.map(|row| actors::find(scribe.conn, row.actor_id)).transpose()?;
        if let Some(instance) = instance.flatten() {
            let named = json!([author.ap_id, post.ap_id]);
            all.push(flag(scribe, &instance, &author, named, &report.reason));
        }
    }
    Ok(all)
}

fn flag(scribe: &Scribe<'_>, from: &ActorRow, to: &ActorRow, object: Value, reason: &str) -> Outgoing {
    let mut flag = scribe.activity("Flag", from, object, std::slice::from_ref(&to.ap_id), &[]);
    if let Value::Object(fields) = &mut flag.document {
        fields.insert("summary".to_owned(), json!(reason));
        fields.insert("content".to_owned(), json!(reason));
    }
    let inboxes: Addresses = vec![(to.delivery_inbox().to_owned(), to.host.clone())];
    Outgoing { inboxes, ..flag }
}
