//! Threads that travel: the `Offer` of one by a neighbour, its `Accept`, the `Announce` by which a community shares one, and
//! the `Undo` of that.
//!
//! A thread is placed in a community of ours only by an `Offer` of a linked neighbour. That its home has announced it, and
//! every community on the path, is asked of their own servers. What a community elsewhere shares is recorded as that
//! community's word on itself, and on nothing else.

use super::{Incoming, open_community};
use crate::error::{Error, Result};
use crate::object::remote::PostObject;
use crate::sources::Sources;
use crate::threads;
use crate::transport::{FetchError, read_address, same_origin};
use crate::vocabulary::{Reference, first_text, id_of, ids_of, read_time};
use clocher_app::placing::{self, Offered, Shared};
use clocher_app::received::{Outcome, Received};
use clocher_domain::Refusal;
use clocher_domain::actor::ActorKind;
use clocher_domain::placement::{MAX_PATH, Way};
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::posts::{self, PostRow};
use clocher_storage::{activities, placements};
use serde_json::Value;

/// The way that a thread came, as its neighbour tells it.
struct Route {
    way: Way,
    path: Vec<String>,
    announces: Vec<String>,
}

/// `Offer` of a thread, from a community that is linked with the one of ours that it names.
pub async fn offered(
    sources: &Sources,
    incoming: &Incoming,
    object: &Reference,
    target: &Reference,
) -> Result<Outcome> {
    let neighbour = &incoming.actor;
    let (Some(thread), Some(target)) = (object.id(), target.id()) else {
        return Err(Error::Malformed("an Offer of a thread"));
    };
    let community = open_community(sources, target).await?;
    let Some(community) = community.filter(|_| is_group(neighbour)) else { return Ok(Outcome::NotOurs) };
    let Route { way, path, announces } = route(&incoming.json)?;
    if path.last() != Some(&neighbour.ap_id) {
        return Err(Refusal::PathBroken.into());
    }
    if !announces.last().is_some_and(|id| is_of(id, &neighbour.ap_id)) {
        return Err(Error::Forged("the id of an Announce"));
    }
    if !placing::check_offer(&sources.app, community.id, neighbour.id).await? {
        read_address(thread).map_err(|_| Error::Malformed("the id of a thread"))?;
        let (received, thread) = (incoming.received("Offer"), thread.to_owned());
        return Ok(placing::refuse_offer(&sources.app, received, community.id, neighbour.id, thread).await?);
    }
    vouch(sources, thread, &path, &announces).await?;
    catch_up(sources, thread, &incoming.json).await?;
    for (on_path, announce) in between(&path, &announces) {
        announced_by(sources, thread, on_path, announce).await?;
    }
    let offered = Offered {
        community_id: community.id,
        neighbour_id: neighbour.id,
        thread: thread.to_owned(),
        way,
        path: path.clone(),
        announces: announces.clone(),
    };
    let outcome = placing::receive_offer(&sources.app, incoming.received("Offer"), offered).await?;
    if let (Some(announce), Some((_, before))) = (announces.last(), path.split_last())
        && !before.is_empty()
    {
        let seen_as = format!("shared {announce}");
        share(sources, received(seen_as), neighbour, thread, announce, before.to_vec()).await?;
    }
    Ok(outcome)
}

/// The communities between the home and the neighbour, with their `Announce`s.
fn between<'a>(path: &'a [String], announces: &'a [String]) -> impl Iterator<Item = (&'a str, &'a str)> {
    let last = path.len().saturating_sub(1);
    let pairs = path.iter().zip(announces).take(last).skip(1);
    pairs.map(|(community, announce)| (community.as_str(), announce.as_str()))
}

fn is_group(row: &ActorRow) -> bool {
    row.kind == ActorKind::Group.as_str()
}

/// Whether an id is on the server of that actor.
fn is_of(id: &str, actor: &str) -> bool {
    read_address(id).ok().zip(read_address(actor).ok()).is_some_and(|(id, actor)| same_origin(&id, &actor))
}

fn route(json: &Value) -> Result<Route> {
    let way = json.get("way").and_then(Value::as_str).and_then(Way::parse);
    let (path, announces) = path_of(json).ok_or(Error::Malformed("the path of a thread"))?;
    Ok(Route { way: way.ok_or(Error::Malformed("the way of a thread"))?, path, announces })
}

/// The communities from the home on, and the `Announce` of each; none where it does not say so in our form.
fn path_of(json: &Value) -> Option<(Vec<String>, Vec<String>)> {
    let path = ids_of(json.get("path")?, MAX_PATH)?;
    let announces = ids_of(json.get("announces")?, MAX_PATH)?;
    (!path.is_empty() && path.len() == announces.len()).then_some((path, announces))
}

fn received(seen_as: String) -> Received {
    Received {
        activity: seen_as.clone(),
        seen_as,
        kind: "Create",
        document: None,
        announced_by: None,
        asked_for: false,
        carried: None,
    }
}

async fn find_post(sources: &Sources, id: &str) -> Result<Option<PostRow>> {
    let id = id.to_owned();
    Ok(sources.app.read(move |conn| posts::find_by_ap_id(conn, &id)).await?)
}

/// The home of a thread as it is known here.
async fn home_of(sources: &Sources, thread: &PostRow) -> Result<Option<ActorRow>> {
    let Some(id) = thread.home_id else { return Ok(None) };
    Ok(sources.app.read(move |conn| actors::find(conn, id)).await?)
}

/// Makes sure that a thread is known here as one of the home with which its path begins, on the word of that home.
async fn vouch(sources: &Sources, thread: &str, path: &[String], announces: &[String]) -> Result<()> {
    let (Some(home), Some(announce)) = (path.first(), announces.first()) else {
        return Err(Refusal::PathBroken.into());
    };
    if !is_of(announce, home) {
        return Err(Error::Forged("the id of an Announce"));
    }
    let known = find_post(sources, thread).await?;
    if let Some(known) = &known
        && let Some(known_home) = home_of(sources, known).await?
    {
        return if known_home.ap_id == *home { Ok(()) } else { Err(Refusal::PathBroken.into()) };
    }
    if sources.app.site().owns(home) || sources.app.site().owns(thread) {
        // What is ours is in its home since it was written, or nowhere.
        return Err(Refusal::NotFound.into());
    }
    sources.may_ask()?;
    let group = sources.actor(home).await?;
    if !is_group(&group) || group.ap_id != *home {
        return Err(Refusal::PathBroken.into());
    }
    announced_by(sources, thread, home, announce).await?;
    let object = PostObject::read(&sources.document_for_good(thread).await?)?;
    if !object.is_in(home) || object.in_reply_to.id().is_some() {
        return Err(Refusal::PathBroken.into());
    }
    let author = sources.actor(object.author()?).await?;
    let received = Received { announced_by: Some(group.id), ..received(format!("vouched {announce}")) };
    Box::pin(threads::record(sources, received, &author, object)).await?;
    match find_post(sources, thread).await?.and_then(|post| post.home_id) {
        Some(id) if id == group.id => Ok(()),
        _ => Err(Refusal::PathBroken.into()),
    }
}

/// Brings a thread that is known up to date, where the neighbour has a later edit of it: it may say how far it goes now.
async fn catch_up(sources: &Sources, thread: &str, offer: &Value) -> Result<()> {
    let Some(updated) = offer.get("updated").and_then(Value::as_str).and_then(read_time) else {
        return Ok(());
    };
    let known = find_post(sources, thread).await?.filter(|post| !post.local);
    if known.is_none_or(|post| post.edited_at.is_some_and(|at| at >= updated.0)) {
        return Ok(());
    }
    let object = PostObject::read(&sources.document_for_good(thread).await?)?;
    let author = sources.actor(object.author()?).await?;
    threads::refresh(sources, &author, object).await?;
    Ok(())
}

/// Whether a community announced a thread, asked of its own server; of one of ours, of the database.
async fn announced_by(sources: &Sources, thread: &str, community: &str, announce: &str) -> Result<()> {
    if !is_of(announce, community) {
        return Err(Error::Forged("the id of an Announce"));
    }
    if sources.app.site().owns(community) {
        let (announce, community, thread) = (announce.to_owned(), community.to_owned(), thread.to_owned());
        let is_so = sources.app.read(move |conn| {
            let Some(thread) = posts::find_by_ap_id(conn, &thread)? else { return Ok(false) };
            let Some(community) = actors::find_by_ap_id(conn, &community)? else { return Ok(false) };
            let placed = placements::find_in(conn, thread.id, community.id)?;
            if placed.is_some_and(|row| row.announce.as_ref() == Some(&announce)) {
                return Ok(true);
            }
            let row = activities::find_by_ap_id(conn, &announce)?;
            Ok::<_, clocher_app::Error>(row.is_some_and(|row| row.actor_id == community.id))
        });
        return if is_so.await? { Ok(()) } else { Err(Refusal::PathBroken.into()) };
    }
    let document = match sources.document_for_good(announce).await {
        Ok(document) => document,
        Err(Error::Fetch(FetchError::Gone(_))) => {
            return Err(Refusal::PathBroken.into());
        }
        Err(error) => return Err(error),
    };
    let is_announce = document.get("type").and_then(first_text) == Some("Announce");
    let is_by = document.get("actor").and_then(id_of) == Some(community);
    let object = Reference(document.get("object").cloned().unwrap_or_default());
    let is_about = object.id() == Some(thread)
        || (object.kind() == Some("Create") && object.0.get("object").and_then(id_of) == Some(thread));
    if is_announce && is_by && is_about { Ok(()) } else { Err(Refusal::PathBroken.into()) }
}

async fn share(
    sources: &Sources,
    received: Received,
    community: &ActorRow,
    thread: &str,
    announce: &str,
    path: Vec<String>,
) -> Result<Outcome> {
    let (thread, announce) = (thread.to_owned(), announce.to_owned());
    let shared = Shared { community_id: community.id, thread, announce, path };
    Ok(placing::receive_shared(&sources.app, received, shared).await?)
}

/// An `Announce` of an id by a community: whether it shares a thread of another home, and what became of that. None where it
/// is something else. Reduced to the thread, whatever else stands in it: nothing is announced in answer to it (S52).
pub async fn shared(sources: &Sources, incoming: &Incoming, id: &str) -> Result<Option<Outcome>> {
    let group = &incoming.actor;
    let is_addressed = incoming.json.get("way").and_then(Value::as_str) == Some(Way::Addressed.as_str());
    let path = path_of(&incoming.json).filter(|(path, _)| path.first() != Some(&group.ap_id));
    let known = find_post(sources, id).await?;
    match (&known, &path) {
        (Some(post), _) if !post.is_top() || post.home_id == Some(group.id) => return Ok(None),
        (Some(post), _) if post.home_id.is_some() => {}
        (_, None) => return Ok(None),
        (_, Some((path, announces))) => {
            if !placing::is_shared_with(&sources.app, group.id).await? {
                return Ok(None);
            }
            vouch(sources, id, path, announces).await?;
        }
    }
    let path = path.map(|(path, _)| path).unwrap_or_default();
    if is_addressed && !is_of_home(sources, id, group, &path).await? {
        // To several communities at once a thread is addressed by the instance of its home, for its own ones.
        return Ok(Some(Outcome::NotOurs));
    }
    let outcome = share(sources, incoming.received("Announce"), group, id, &incoming.id, path).await?;
    Ok(Some(outcome))
}

/// Whether a community is on the server of the home of a thread, and the path says that it came from there at once.
async fn is_of_home(sources: &Sources, thread: &str, group: &ActorRow, path: &[String]) -> Result<bool> {
    let Some(thread) = find_post(sources, thread).await? else { return Ok(false) };
    let home = home_of(sources, &thread).await?;
    Ok(home.is_some_and(|home| path == [home.ap_id.clone()] && is_of(&home.ap_id, &group.ap_id)))
}

/// A community that shares a thread of ours hands on a reply to it: fetched, and judged as any other.
pub async fn handed_on(sources: &Sources, incoming: &Incoming, id: &str) -> Result<Outcome> {
    let group = incoming.actor.id;
    let shares = sources.app.read(move |conn| placements::shares_ours(conn, group)).await?;
    if !shares || sources.app.site().owns(id) || find_post(sources, id).await?.is_some() {
        return Ok(Outcome::NotOurs);
    }
    let object = PostObject::read(&sources.document_for_good(id).await?)?;
    let answered = match object.in_reply_to.id() {
        Some(answered) => find_post(sources, answered).await?,
        None => None,
    };
    let home = match &answered {
        Some(answered) => home_of(sources, answered).await?,
        None => None,
    };
    if !home.is_some_and(|home| home.local) {
        return Ok(Outcome::NotOurs);
    }
    let author = sources.actor(object.author()?).await?;
    let received = Received { kind: "Announce", ..incoming.received("Announce") };
    let received = Received { document: None, ..received };
    Box::pin(threads::record(sources, received, &author, object)).await
}

/// Whether a home elsewhere is heard about what it announces, though nobody here follows it: the thread is shared here.
pub async fn is_heard(sources: &Sources, home: &ActorRow, item: &Value) -> Result<bool> {
    let object = item.get("object");
    let within = |name: &str| object.and_then(|object| object.get(name));
    let named = [
        id_of(item),
        item.get("inReplyTo").and_then(id_of),
        object.and_then(id_of),
        within("inReplyTo").and_then(id_of),
        within("object").and_then(id_of),
    ];
    // What is answered may not have come yet.
    let ids = named.into_iter().chain([top_of(item)]).flatten().map(str::to_owned).collect();
    Ok(placing::is_home_heard(&sources.app, home.id, ids).await?)
}

/// The top post of the thread of what is announced, a message or an activity about one, as it says: Clocher names a
/// conversation after it.
pub fn top_of(item: &Value) -> Option<&str> {
    let context = item.get("context").or_else(|| item.get("object")?.get("context"));
    context.and_then(id_of)?.strip_suffix("/context")
}

/// Whether what is answered is the offer of a thread.
pub fn is_offer(object: &Reference) -> bool {
    object.kind() == Some("Offer") && object.0.get("object").is_some_and(Value::is_string)
}

/// The `Offer` of a thread that is answered, where a community of ours made it to whoever answers.
async fn answered(sources: &Sources, incoming: &Incoming, offer: &Reference) -> Result<Option<Value>> {
    let Some(wanted) = offer.id().filter(|id| sources.app.site().owns(id)).map(str::to_owned) else {
        return Ok(None);
    };
    let row = sources.app.read(move |conn| activities::find_by_ap_id(conn, &wanted)).await?;
    let Some(row) = row.filter(|row| row.local && row.kind == "Offer") else { return Ok(None) };
    let document: Value = serde_json::from_str(&row.document).unwrap_or_default();
    let is_to_them = document.get("target").and_then(id_of) == Some(&incoming.actor.ap_id);
    Ok(Some(document).filter(|_| is_to_them))
}

/// A neighbour refuses a thread that a community of ours offered.
pub async fn refused(sources: &Sources, incoming: &Incoming, offer: &Reference) -> Result<Outcome> {
    let Some(document) = answered(sources, incoming, offer).await? else { return Ok(Outcome::NotOurs) };
    let Some(thread) = document.get("object").and_then(Value::as_str) else { return Ok(Outcome::NotOurs) };
    let (received, thread) = (incoming.received("Reject"), thread.to_owned());
    Ok(placing::receive_refused(&sources.app, received, incoming.actor.id, thread).await?)
}

/// A neighbour took a thread that a community of ours offered.
pub async fn accepted(
    sources: &Sources,
    incoming: &Incoming,
    offer: &Reference,
    result: &Reference,
) -> Result<Outcome> {
    let Some(announce) = result.id().filter(|id| is_of(id, &incoming.actor.ap_id)) else {
        return Ok(Outcome::NotOurs);
    };
    let Some(document) = answered(sources, incoming, offer).await? else { return Ok(Outcome::NotOurs) };
    let Some(thread) = document.get("object").and_then(id_of) else { return Ok(Outcome::NotOurs) };
    let path = path_of(&document).map(|(path, _)| path).unwrap_or_default();
    share(sources, incoming.received("Accept"), &incoming.actor, thread, announce, path).await
}

/// A community takes back that it shares a thread.
pub async fn unshared(sources: &Sources, incoming: &Incoming, announce: &Reference) -> Result<Outcome> {
    let id = announce.id().ok_or(Error::Malformed("the object of an Undo"))?.to_owned();
    let received = incoming.received("Undo");
    Ok(placing::receive_unshared(&sources.app, received, incoming.actor.id, id).await?)
}
