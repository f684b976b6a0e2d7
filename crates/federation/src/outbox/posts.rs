//! Who is told of a message, its edits, its deletion and its votes, and in which form.
//!
//! With a home of ours: the community announces the activity to servers that understand communities, and the
//! thread's id to microblogs. With a home elsewhere: the home is told, and tells the others. Without a home:
//! the author's followers and whoever is addressed.

use super::activity::{Outgoing, Scribe};
use super::audience::{self, Addresses, Circle, Inboxes};
use super::{stored, without_context};
use crate::object::{Message, load};
use crate::vocabulary::PUBLIC;
use clocher_app::Result;
use clocher_domain::audience::Visibility;
use clocher_domain::mutant::{self, Mutant};
use clocher_domain::vote::Vote;
use clocher_storage::activities;
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::posts as rows;
use serde_json::{Value, json};

/// A local person wrote a message.
pub fn written(scribe: &mut Scribe<'_>, post: i64) -> Result<Vec<Outgoing>> {
    tell(scribe, post, "Create")
}

/// A local person edited a message.
pub fn edited(scribe: &mut Scribe<'_>, post: i64) -> Result<Vec<Outgoing>> {
    tell(scribe, post, "Update")
}

/// A local person deleted a message.
pub fn deleted(scribe: &mut Scribe<'_>, post: i64) -> Result<Vec<Outgoing>> {
    tell(scribe, post, "Delete")
}

fn tell(scribe: &mut Scribe<'_>, post: i64, kind: &str) -> Result<Vec<Outgoing>> {
    let Some(post) = rows::find(scribe.conn, post)? else { return Ok(Vec::new()) };
    if post.deleted_at.is_some() && kind != "Delete" {
        // What is deleted meanwhile is not told any more: its deletion is.
        return Ok(Vec::new());
    }
    let message = load(scribe.conn, post)?;
    let (to, cc) = message.addressing();
    let [to, cc] = [to, cc].map(|ids| ids.into_iter().map(str::to_owned).collect::<Vec<_>>());
    let mut activity = scribe.activity(kind, &message.author, message.document(), &to, &cc);
    about(&mut activity, &message);
    let is_open = Visibility::parse(&message.post.visibility).is_some_and(Visibility::is_open);
    // The `Create` of a reply is not for everybody to fetch: Mastodon would take it for a boost.
    activity.listed = kind == "Create" && message.post.is_top() && is_open;
    scribe.seal(&mut activity)?;
    let mut direct = addressed(scribe, &message)?;
    let mut all = Vec::new();
    match &message.home {
        Some(home) if home.local => {
            let announced = announced(scribe, home, message.post.id, kind, activity.document.clone())?;
            let reached: Vec<_> = announced
                .iter()
                .filter(|one| one.inboxes_hold_the_activity())
                .flat_map(|one| &one.inboxes)
                .collect();
            direct.retain(|inbox| !reached.contains(&inbox));
            if kind != "Create" {
                // Microblogs have the thread by its id: only its author's server can tell them more.
                let circle = Circle::of_message(home, message.post.visibility()?);
                direct.extend(circle.inboxes(scribe.conn, home.id)?.1);
            }
            all.extend(announced);
        }
        Some(home) => direct.push((home.delivery_inbox().to_owned(), home.host.clone())),
        None => {}
    }
    activity.inboxes = unique(direct);
    all.insert(0, activity);
    Ok(all)
}

impl Outgoing {
    /// Whether whoever gets this also gets the activity that it is about.
    fn inboxes_hold_the_activity(&self) -> bool {
        self.document.get("object").is_some_and(Value::is_object)
    }
}

/// A community tells its followers of an activity in it, which is passed on as it is.
pub fn announced(
    scribe: &mut Scribe<'_>,
    home: &ActorRow,
    post: i64,
    kind: &str,
    activity: Value,
) -> Result<Vec<Outgoing>> {
    let Some(post) = rows::find(scribe.conn, post)? else { return Ok(Vec::new()) };
    if post.deleted_at.is_some() && kind != "Delete" {
        return Ok(Vec::new());
    }
    let visibility = post.visibility()?;
    if !visibility.is_of_home() {
        return Ok(Vec::new());
    }
    let circle = Circle::of_message(home, visibility);
    let (mut groups, microblogs) = circle.inboxes(scribe.conn, home.id)?;
    let opens_thread = kind == "Create" && post.is_top();
    if !opens_thread && circle.is_open && !mutant::is(Mutant::RepliesToFollowersOnly) {
        groups.extend(audience::sharing(scribe.conn, post.thread_id, kind == "Delete")?);
        let mut answered = audience::answered(scribe.conn, &post)?;
        // Who is there has it with the others of their server.
        answered.retain(|(_, host)| groups.iter().all(|(_, other)| other != host));
        groups.extend(answered);
        groups = unique(groups);
    }
    if !opens_thread && groups.is_empty() && microblogs.is_empty() {
        return Ok(Vec::new());
    }
    let message = load(scribe.conn, post)?;
    let mut whole = scribe.activity("Announce", home, activity, &circle.to, &circle.cc);
    about(&mut whole, &message);
    whole.listed = opens_thread && circle.is_open;
    whole.inboxes = groups;
    let mut all = vec![whole];
    if opens_thread && circle.is_open && message.post.deleted_at.is_none() {
        all.push(Outgoing { inboxes: microblogs, ..boost(scribe, home, &message) });
    }
    Ok(all)
}

/// A community announces the id of a thread, which microblogs show as a boost.
fn boost(scribe: &Scribe<'_>, home: &ActorRow, message: &Message) -> Outgoing {
    let id = json!(message.post.ap_id);
    let mut boost = scribe.activity("Announce", home, id, &[PUBLIC.to_owned()], home.followers.as_slice());
    about(&mut boost, message);
    boost
}

/// What tells microblogs that a community of ours shows a thread no more, or again.
pub fn boosted(
    scribe: &mut Scribe<'_>,
    home: &ActorRow,
    post: &rows::PostRow,
    is_shown: bool,
) -> Result<Option<Outgoing>> {
    let circle = Circle::of_message(home, post.visibility()?);
    let inboxes = circle.inboxes(scribe.conn, home.id)?.1;
    if !post.is_top() || inboxes.is_empty() {
        return Ok(None);
    }
    let message = load(scribe.conn, post.clone())?;
    if is_shown {
        return Ok(Some(Outgoing { inboxes, ..boost(scribe, home, &message) }));
    }
    let mut announced = None;
    for row in activities::list_announces(scribe.conn, home.id, post.id)? {
        let document = stored(&row)?;
        if document.get("object").is_some_and(Value::is_string) {
            announced = Some(document);
            break;
        }
    }
    // Where it was never boosted there is nothing to take back.
    let Some(announced) = announced else { return Ok(None) };
    let mut undone = without_context(announced);
    if let Value::Object(fields) = &mut undone {
        // It proves nothing without its context.
        fields.shift_remove("proof");
    }
    let mut undo = scribe.activity("Undo", home, undone, &[PUBLIC.to_owned()], home.followers.as_slice());
    about(&mut undo, &message);
    Ok(Some(Outgoing { inboxes, ..undo }))
}

/// A local person voted, or withdrew the vote.
pub fn voted(
    scribe: &mut Scribe<'_>,
    voter: i64,
    post: i64,
    vote: Vote,
    id: &str,
    withdrawn: bool,
) -> Result<Vec<Outgoing>> {
    let (Some(voter), Some(post)) = (actors::find(scribe.conn, voter)?, rows::find(scribe.conn, post)?)
    else {
        return Ok(Vec::new());
    };
    let message = load(scribe.conn, post)?;
    let target = message.home.as_ref().unwrap_or(&message.author);
    let mut document = json!({
        "id": id,
        "type": vote.as_str(),
        "actor": voter.ap_id,
        "object": message.post.ap_id,
        "to": [target.ap_id],
        "cc": [],
    });
    if let (Some(home), Value::Object(fields)) = (&message.home, &mut document) {
        fields.insert("audience".to_owned(), json!(home.ap_id));
    }
    let mut activity = if withdrawn {
        scribe.activity("Undo", &voter, document, std::slice::from_ref(&target.ap_id), &[])
    } else {
        let shell = scribe.activity(vote.as_str(), &voter, Value::Null, &[], &[]);
        Outgoing { ap_id: id.to_owned(), document, ..shell }
    };
    about(&mut activity, &message);
    scribe.seal(&mut activity)?;
    let mut all = Vec::new();
    if let Some(home) = message.home.as_ref().filter(|home| home.local) {
        all.extend(announced(scribe, home, message.post.id, vote.as_str(), activity.document.clone())?);
    } else {
        activity.inboxes = vec![(target.delivery_inbox().to_owned(), target.host.clone())];
    }
    all.push(activity);
    Ok(all)
}

/// Notes what an activity is about: its message, and the thread within which order matters.
pub fn about(activity: &mut Outgoing, message: &Message) {
    activity.post_id = Some(message.post.id);
    activity.subject.clone_from(&message.thread.ap_id);
    if let (Some(home), Value::Object(fields)) = (&message.home, &mut activity.document)
        && activity.kind != "Announce"
        && !fields.contains_key("audience")
    {
        fields.insert("audience".to_owned(), json!(home.ap_id));
    }
}

/// The inboxes of whom a message is addressed to, and of the author's followers where they hear of it.
fn addressed(scribe: &mut Scribe<'_>, message: &Message) -> Result<Addresses> {
    let named = message.recipients.iter().filter(|row| !row.local);
    let mut inboxes: Vec<_> = named.map(|row| (row.delivery_inbox().to_owned(), row.host.clone())).collect();
    let hear = match Visibility::parse(&message.post.visibility) {
        Some(Visibility::Public) => message.post.is_top() || message.home.is_none(),
        Some(Visibility::Unlisted | Visibility::Followers) => true,
        Some(Visibility::Direct) | None => false,
        // Its home tells whoever is to hear, and nobody else does.
        Some(Visibility::Members) => return Ok(Vec::new()),
    };
    if hear {
        inboxes.extend(Inboxes::followers(scribe.conn, message.author.id)?.all());
    }
    Ok(inboxes)
}

/// Each address once.
pub fn unique(mut inboxes: Addresses) -> Addresses {
    inboxes.sort();
    inboxes.dedup();
    inboxes
}
