//! What is said of threads that travel: offers to neighbours elsewhere, what a community shares and what it takes back, and
//! what it passes on of the home.
//!
//! A community shares a thread by one `Announce` of its id, which software of FEP-1b12 would misfile, and does not get.

use super::activity::{Outgoing, Scribe};
use super::audience::{self, Addresses, Inboxes};
use super::posts::{about, unique};
use super::stored;
use crate::object::{Message, load};
use crate::vocabulary::{PUBLIC, write_time};
use clocher_app::placing::Offering;
use clocher_app::{Result, placing, readers};
use clocher_domain::placement::{PlacementState, Way};
use clocher_storage::activities;
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::placements::{self, ArrivalRow, PlacementRow};
use clocher_storage::posts::{self, PostRow};
use serde_json::{Value, json};

/// Most messages of a thread that whoever begins to share it is told of, the first ones.
const MOST_CAUGHT_UP: i64 = 100;

/// Offers a thread to a neighbour elsewhere.
pub fn offer(scribe: &Scribe<'_>, offering: &Offering) -> Outgoing {
    let Offering { community, neighbour, thread, way, path, announces } = offering;
    let to = std::slice::from_ref(&neighbour.ap_id);
    let mut offer = scribe.activity("Offer", community, json!(thread.ap_id), to, &[]);
    put(&mut offer, "target", json!(neighbour.ap_id));
    put(&mut offer, "way", json!(way.as_str()));
    put(&mut offer, "path", json!(path));
    put(&mut offer, "announces", json!(announces));
    if let Some(edited_at) = thread.edited_at {
        put(&mut offer, "updated", json!(write_time(edited_at)));
    }
    let inboxes = vec![(neighbour.delivery_inbox().to_owned(), neighbour.host.clone())];
    Outgoing { post_id: Some(thread.id), subject: thread.ap_id.clone(), inboxes, ..offer }
}

fn put(outgoing: &mut Outgoing, name: &str, value: Value) {
    if let Value::Object(fields) = &mut outgoing.document {
        fields.insert(name.to_owned(), value);
    }
}

/// A placement with what is said of it.
struct Shown {
    row: PlacementRow,
    community: ActorRow,
    message: Message,
}

fn find(scribe: &mut Scribe<'_>, placement: i64) -> Result<Option<Shown>> {
    let Some(row) = placements::find(scribe.conn, placement)? else { return Ok(None) };
    let found = actors::find(scribe.conn, row.community_id)?.zip(posts::find(scribe.conn, row.thread_id)?);
    let Some((community, thread)) = found else { return Ok(None) };
    Ok(Some(Shown { row, community, message: load(scribe.conn, thread)? }))
}

impl Shown {
    /// Whether microblogs are told that the community shares the thread: what comes down by a policy alone was not meant for
    /// them.
    fn is_for_microblogs(&self) -> Result<bool> {
        let ways = self.row.ways()?;
        let climbed = [Way::Up, Way::Side, Way::Addressed].into_iter().any(|way| ways.has(way));
        Ok(climbed || self.message.post.reach.is_some())
    }

    /// Who is told that the community shares the thread: its followers, and the home. What is gone, microblogs were told
    /// already.
    fn inboxes(&self, scribe: &mut Scribe<'_>) -> Result<Addresses> {
        let microblogs = self.is_for_microblogs()? && self.message.post.is_live();
        let mut inboxes = Inboxes::followers(scribe.conn, self.community.id)?.of_readers(microblogs);
        if let Some(home) = self.message.home.as_ref().filter(|home| !home.local) {
            inboxes.push((home.delivery_inbox().to_owned(), home.host.clone()));
        }
        Ok(unique(inboxes))
    }

    /// What says that the community shares the thread.
    fn announce(&self, scribe: &mut Scribe<'_>, id: &str, arrivals: &[ArrivalRow]) -> Result<Outgoing> {
        let object = json!(self.message.post.ap_id);
        let mut announce =
            scribe.activity("Announce", &self.community, object, &[PUBLIC.to_owned()], &self.cc());
        about(&mut announce, &self.message);
        put(&mut announce, "id", json!(id));
        id.clone_into(&mut announce.ap_id);
        let shortest = arrivals.iter().filter_map(|row| Some((row.path().ok()?, row.announces().ok()?)));
        let mut route = shortest.min_by_key(|(path, _)| path.len());
        if let Some(home) = self.message.home.as_ref().filter(|home| home.local)
            && self.row.ways()?.has(Way::Addressed)
        {
            // No neighbour offered it: the instance of the home decided so.
            put(&mut announce, "way", json!(Way::Addressed.as_str()));
            route = placing::route_from_home(scribe.conn, &self.message.post, home)?;
        }
        if let Some((path, announces)) = route {
            put(&mut announce, "path", json!(path));
            put(&mut announce, "announces", json!(announces));
        }
        Ok(announce)
    }

    /// What takes that back.
    fn undo(&self, scribe: &Scribe<'_>, announce: &str) -> Outgoing {
        let undone = json!({
            "id": announce,
            "type": "Announce",
            "actor": self.community.ap_id,
            "object": self.message.post.ap_id,
        });
        let mut undo = scribe.activity("Undo", &self.community, undone, &[PUBLIC.to_owned()], &self.cc());
        about(&mut undo, &self.message);
        undo
    }

    /// Names the home, and never the author.
    fn cc(&self) -> Vec<String> {
        let home = self.message.home.as_ref().map(|home| home.ap_id.clone());
        self.community.followers.iter().cloned().chain(home).collect()
    }
}

/// A community of ours shares a thread: its followers, the home and the neighbours that offered it are told.
pub fn placed(scribe: &mut Scribe<'_>, placement: i64) -> Result<Vec<Outgoing>> {
    let Some(shown) = find(scribe, placement)? else { return Ok(Vec::new()) };
    let Some(id) = shown.row.announce.clone().filter(|_| shown.row.state == PlacementState::Placed.as_str())
    else {
        return Ok(Vec::new());
    };
    if !shown.message.post.is_live() {
        return Ok(Vec::new());
    }
    if !readers::openness(scribe.conn, shown.community.id)?.is_open() {
        // It was closed meanwhile: it shares nothing.
        return Ok(Vec::new());
    }
    let arrivals = placements::list_arrivals(scribe.conn, placement)?;
    let mut announce = shown.announce(scribe, &id, &arrivals)?;
    announce.inboxes = shown.inboxes(scribe)?;
    announce.kept = true;
    let mut all = vec![announce];
    for arrival in arrivals {
        let neighbour = actors::find(scribe.conn, arrival.neighbour_id)?.filter(|row| !row.local);
        let Some(neighbour) = neighbour else { continue };
        let offer = offer_of(&neighbour, &shown.community, &shown.message.post.ap_id, &arrival.offer);
        let mut accept = scribe.answer(&shown.community, &neighbour, "Accept", offer);
        put(&mut accept, "result", json!(id));
        accept.subject.clone_from(&shown.message.thread.ap_id);
        all.push(accept);
    }
    Ok(all)
}

/// A community of ours refuses a thread that a neighbour elsewhere offered.
pub fn refused(
    scribe: &mut Scribe<'_>,
    community: i64,
    neighbour: i64,
    thread: &str,
    offer: &str,
) -> Result<Vec<Outgoing>> {
    let Some((community, neighbour)) = scribe.pair(community, neighbour)? else { return Ok(Vec::new()) };
    let offer = offer_of(&neighbour, &community, thread, offer);
    let mut reject = scribe.answer(&community, &neighbour, "Reject", offer);
    thread.clone_into(&mut reject.subject);
    Ok(vec![reject])
}

/// The `Offer` of a thread by a neighbour, as an answer names it.
fn offer_of(neighbour: &ActorRow, community: &ActorRow, thread: &str, offer: &str) -> Value {
    json!({
        "id": offer,
        "type": "Offer",
        "actor": neighbour.ap_id,
        "object": thread,
        "target": community.ap_id,
    })
}

/// A community of ours shares a thread no more.
pub fn withdrawn(scribe: &mut Scribe<'_>, placement: i64, announce: &str) -> Result<Vec<Outgoing>> {
    let Some(shown) = find(scribe, placement)? else { return Ok(Vec::new()) };
    let undo = shown.undo(scribe, announce);
    Ok(vec![Outgoing { inboxes: shown.inboxes(scribe)?, ..undo }])
}

/// The root of a thread that a community of ours shares is gone, or is back: microblogs, which know it by that community's
/// `Announce` alone, are told so, once.
pub fn boosted(scribe: &mut Scribe<'_>, placement: i64, is_shown: bool) -> Result<Vec<Outgoing>> {
    let Some(shown) = find(scribe, placement)? else { return Ok(Vec::new()) };
    let Some(id) = shown.row.announce.clone().filter(|_| shown.row.state == PlacementState::Placed.as_str())
    else {
        return Ok(Vec::new());
    };
    let is_stale = is_shown && !shown.message.post.is_live();
    if is_stale || !shown.is_for_microblogs()? {
        return Ok(Vec::new());
    }
    let inboxes = Inboxes::followers(scribe.conn, shown.community.id)?.of_microblogs();
    let told = if is_shown {
        let arrivals = placements::list_arrivals(scribe.conn, placement)?;
        shown.announce(scribe, &id, &arrivals)?
    } else {
        shown.undo(scribe, &id)
    };
    Ok(vec![Outgoing { inboxes, ..told }])
}

/// What a home elsewhere announced about a thread goes on, unaltered and with its proof, to the Clocher instances that have
/// the thread from communities of ours.
pub fn passed_on(scribe: &mut Scribe<'_>, activity: i64, post: i64, from: &str) -> Result<Vec<Outgoing>> {
    let found = activities::find(scribe.conn, activity)?.zip(posts::find(scribe.conn, post)?);
    let Some((row, post)) = found else { return Ok(Vec::new()) };
    if !post.visibility()?.is_open() {
        return Ok(Vec::new());
    }
    let (document, thread) = (stored(&row)?, posts::find(scribe.conn, post.thread_id)?);
    let (Some(home), Some(thread)) = (actors::find(scribe.conn, row.actor_id)?, thread) else {
        return Ok(Vec::new());
    };
    let sharing = placing::list_sharing(scribe.conn, thread.id, !post.is_live())?;
    let mut ours = sharing.into_iter().filter(|community| community.local).peekable();
    let Some(signer) = ours.peek().cloned().filter(|_| document.get("proof").is_some()) else {
        return Ok(Vec::new());
    };
    let mut inboxes = Addresses::new();
    for community in ours {
        inboxes.extend(Inboxes::followers(scribe.conn, community.id)?.of_clocher());
    }
    inboxes.retain(|(_, host)| *host != home.host && host != from);
    let shell = scribe.activity("Announce", &signer, Value::Null, &[], &[]);
    let (ap_id, post_id, subject) = (row.ap_id, Some(post.id), thread.ap_id);
    Ok(vec![Outgoing { ap_id, document, post_id, subject, inboxes: unique(inboxes), ..shell }])
}

/// A reply that came to a community of ours is told to the home of its thread, which judges it.
pub fn handed_on(scribe: &mut Scribe<'_>, community: i64, thread: i64, reply: &str) -> Result<Vec<Outgoing>> {
    let found = actors::find(scribe.conn, community)?.zip(posts::find(scribe.conn, thread)?);
    let Some((community, thread)) = found else { return Ok(Vec::new()) };
    let home = thread.home_id.map(|id| actors::find(scribe.conn, id)).transpose()?.flatten();
    let Some(home) = home.filter(|home| !home.local) else { return Ok(Vec::new()) };
    let to = std::slice::from_ref(&home.ap_id);
    let announce = scribe.activity("Announce", &community, json!(reply), to, &[]);
    let inboxes = vec![(home.delivery_inbox().to_owned(), home.host.clone())];
    Ok(vec![Outgoing { post_id: Some(thread.id), subject: thread.ap_id, inboxes, ..announce }])
}

/// A home of ours took a reply that was handed on.
pub fn taken_in(scribe: &mut Scribe<'_>, home: i64, post: i64) -> Result<Vec<Outgoing>> {
    let found = actors::find(scribe.conn, home)?.zip(posts::find(scribe.conn, post)?);
    let Some((home, post)) = found.filter(|(_, post)| post.is_live()) else { return Ok(Vec::new()) };
    let mut inboxes = Inboxes::followers(scribe.conn, home.id)?.of_clocher();
    inboxes.extend(audience::sharing(scribe.conn, post.thread_id, false)?);
    Ok(vec![naming(scribe, &home, post, unique(inboxes))?])
}

/// A community elsewhere began to share a thread of a home of ours after it was answered: its instance may have none of the
/// answers, and passes on what it has not.
pub fn caught_up(scribe: &mut Scribe<'_>, placement: i64) -> Result<Vec<Outgoing>> {
    let Some(Shown { row, community, message }) = find(scribe, placement)? else { return Ok(Vec::new()) };
    let Some(home) = message.home.filter(|home| home.local) else { return Ok(Vec::new()) };
    if row.state()? != PlacementState::Placed || !community.is_active() {
        return Ok(Vec::new());
    }
    let inboxes = vec![(community.delivery_inbox().to_owned(), community.host)];
    let mut told = Vec::new();
    for (reply, _) in posts::list_thread(scribe.conn, row.thread_id, None, MOST_CAUGHT_UP)? {
        if !reply.is_top() && reply.is_live() && reply.visibility()?.is_open() {
            told.push(naming(scribe, &home, reply, inboxes.clone())?);
        }
    }
    Ok(told)
}

/// A home of ours names a reply alone, to those who fetch it: of its author's activity there is nothing to pass on.
fn naming(scribe: &mut Scribe<'_>, home: &ActorRow, reply: PostRow, inboxes: Addresses) -> Result<Outgoing> {
    let message = load(scribe.conn, reply)?;
    let named = json!({
        "id": message.post.ap_id,
        "type": message.post.kind,
        "attributedTo": message.author.ap_id,
        "inReplyTo": message.in_reply_to,
        "context": message.context(),
        "published": write_time(message.post.published_at),
    });
    let everybody = [PUBLIC.to_owned()];
    let mut announce = scribe.activity("Announce", home, named, &everybody, home.followers.as_slice());
    about(&mut announce, &message);
    announce.inboxes = inboxes;
    Ok(announce)
}
