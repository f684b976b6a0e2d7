//! By whom a document of ours is meant to be understood: our own rules of who is sent what
//! (`crates/federation/src/outbox`), written down a second time so that one checks the other.

use super::document::{Kind, kind_of};
use super::form::{at, for_members, host, id_at};
use super::{Breach, Receiver};
use serde_json::Value;

use Receiver::{GoToSocial, Lemmy1, Lemmy019, Mastodon, Mobilizon, NodeBb, PieFed};

/// By whom a document is to be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context(Vec<Receiver>);

/// Software that understands communities (FEP-1b12), which gets the announced activity.
const COMMUNITIES: &[Receiver] = &[Lemmy019, Lemmy1, PieFed, NodeBb];
/// Software that does not, which gets the id of the announced thread.
const MICROBLOGS: &[Receiver] = &[Mastodon, GoToSocial];

impl Context {
    /// These.
    pub fn of_receivers(receivers: &[Receiver]) -> Self {
        Self(receivers.to_vec())
    }

    /// All whom we mean with a document of ours.
    pub fn of(document: &Value) -> Self {
        Self(meant(document))
    }

    /// What is sent to software of that name; none where we know no receiver of that name.
    pub fn sent_to(software: &str, document: &Value) -> Option<Self> {
        let known = Receiver::ALL.iter().any(|receiver| receiver.software() == software);
        let mut receivers = meant(document);
        receivers.retain(|receiver| receiver.software() == software);
        known.then_some(Self(receivers))
    }

    /// Who they are.
    pub fn receivers(&self) -> &[Receiver] {
        &self.0
    }
}

/// That a community's `Announce` comes in the form that is meant for that software.
pub fn misdirected(software: &str, document: &Value) -> Option<Breach> {
    let (Kind::Announce, Some(object)) = kind_of(document) else { return None };
    let meant = if object == Kind::Reference { MICROBLOGS } else { COMMUNITIES };
    let receiver = Receiver::ALL.into_iter().find(|receiver| receiver.software() == software)?;
    // Mobilizon is told of activities, and does nothing with them.
    let fits = meant.contains(&receiver) || receiver == Mobilizon;
    (!fits).then(|| Breach {
        receiver,
        rule: "form of an announcement",
        at: String::new(),
        reason: format!("an Announce of {object:?} is not meant for {software}"),
        source: "design of federation, rule 2; crates/federation/src/outbox/audience.rs",
    })
}

fn meant(document: &Value) -> Vec<Receiver> {
    let (kind, object) = kind_of(document);
    if is_about_links(document) {
        return Vec::new();
    }
    match kind {
        Kind::Person | Kind::Group | Kind::WebFinger => Receiver::ALL.to_vec(),
        Kind::Application => all_but(&[PieFed]),
        Kind::Feed | Kind::Listed => vec![Lemmy1, PieFed],
        Kind::Outbox | Kind::Followers if is_of_feed(at(document, "id")) => Vec::new(),
        Kind::Top | Kind::Reply | Kind::Private | Kind::Event => readers(document, kind),
        Kind::Create | Kind::Update => carried(document, object),
        Kind::Announce => announced(document, object),
        // A moderator's removal of what is another's: the others know no such thing, and leave it alone.
        Kind::Delete if !at(document, "summary").is_null() => vec![Lemmy019, Lemmy1, PieFed],
        Kind::Delete | Kind::Follow => all_but(&[]),
        // Of offers between communities others know nothing, and get none.
        Kind::Accept | Kind::Reject if *at(at(document, "object"), "type") == "Offer" => Vec::new(),
        Kind::Accept | Kind::Reject => answered(document, kind),
        Kind::Undo | Kind::Like | Kind::Dislike | Kind::Block | Kind::Flag => understanding(kind, object),
        Kind::Lock | Kind::Add | Kind::Remove => in_communities(kind, object),
        Kind::Move => MICROBLOGS.to_vec(),
        // Of a community: its threads are read from there.
        Kind::Outbox if at(document, "id").as_str().is_some_and(|id| id.contains("/c/")) => {
            vec![Mastodon, GoToSocial, Lemmy019, Lemmy1]
        }
        Kind::Outbox => vec![Mastodon, GoToSocial],
        Kind::Followers | Kind::Moderators | Kind::Featured => of_group(document, kind),
        Kind::Context | Kind::Replies => vec![NodeBb],
        Kind::NodeInfoLinks => vec![Lemmy019, Lemmy1, PieFed, Mobilizon],
        Kind::NodeInfo => vec![Lemmy019, Lemmy1, PieFed],
        Kind::Place => vec![Mobilizon],
        _ => Vec::new(),
    }
}

/// Whether it is about a link between communities: the others know no such thing, and leave it alone.
fn is_about_links(document: &Value) -> bool {
    let object = at(document, "object");
    let kinds = [at(object, "type"), at(at(object, "object"), "type")];
    let is_link = kinds.iter().any(|kind| **kind == "Relationship");
    let is_answer = at(document, "type") != "Offer" && *kinds[0] == "Offer";
    let is_end = *kinds[0] == "Accept" && at(document, "type") == "Undo";
    let is_hint = at(document, "target").as_str().is_some_and(|target| target.ends_with("/links"));
    is_link || is_answer || is_end || is_hint
}

fn all_but(others: &[Receiver]) -> Vec<Receiver> {
    Receiver::ALL.into_iter().filter(|receiver| !others.contains(receiver)).collect()
}

fn understanding(kind: Kind, object: Option<Kind>) -> Vec<Receiver> {
    Receiver::ALL.into_iter().filter(|receiver| receiver.understands(kind, object)).collect()
}

fn in_communities(kind: Kind, object: Option<Kind>) -> Vec<Receiver> {
    let mut receivers = understanding(kind, object);
    receivers.retain(|receiver| COMMUNITIES.contains(receiver));
    receivers
}

/// A message in a community is for all; what is in none says nothing to who knows communities alone; what is
/// not for everybody goes by name or to the author's followers.
fn readers(message: &Value, kind: Kind) -> Vec<Receiver> {
    if for_members(message) {
        // It alone has communities for members.
        return vec![Lemmy1];
    }
    let in_community = !at(message, "audience").is_null();
    let mut receivers = match kind {
        Kind::Event => all_but(&[NodeBb]),
        Kind::Private => vec![Mastodon, GoToSocial, NodeBb],
        _ if in_community => all_but(&[]),
        _ => vec![Mastodon, GoToSocial, NodeBb, Mobilizon],
    };
    // It knows notes and events, and no pages.
    let is_note = at(message, "type") == "Note";
    receivers.retain(|receiver| *receiver != Mobilizon || is_note || kind == Kind::Event);
    receivers
}

fn carried(activity: &Value, object: Option<Kind>) -> Vec<Receiver> {
    let own = at(activity, "object");
    match object {
        Some(kind @ (Kind::Top | Kind::Reply | Kind::Private | Kind::Event)) => readers(own, kind),
        // Lemmy hears of a group from its moderators alone, and asks for it again once a day.
        // Of what a feed lists PieFed is told one by one.
        Some(Kind::Feed) => vec![Lemmy1],
        Some(Kind::Group) => vec![Mastodon, GoToSocial, PieFed, Mobilizon],
        Some(Kind::Person | Kind::Application) => vec![Mastodon, GoToSocial, NodeBb, Mobilizon],
        _ => Vec::new(),
    }
}

/// Of an activity of another server, that server says who understands it.
fn announced(announce: &Value, object: Option<Kind>) -> Vec<Receiver> {
    if !at(announce, "to").to_string().contains("#Public") {
        // Handed on to the home of a thread, and to nobody else.
        return Vec::new();
    }
    if object == Some(Kind::Reference) {
        return MICROBLOGS.to_vec();
    }
    let mut receivers = in_communities(Kind::Announce, object);
    receivers.retain(|receiver| *receiver == Lemmy1 || !for_members(announce));
    let inner = at(announce, "object");
    let ours = host(id_at(inner, "actor")) == host(at(announce, "actor"));
    if ours {
        let (kind, of) = kind_of(inner);
        receivers.retain(|receiver| receiver.understands(kind, of));
        if kind == Kind::Delete {
            let meant = meant(inner);
            receivers.retain(|receiver| meant.contains(receiver));
        }
    }
    receivers
}

/// Of the collections of persons the microblogs know something alone.
fn of_group(collection: &Value, kind: Kind) -> Vec<Receiver> {
    let is_group = at(collection, "id").as_str().is_some_and(|id| id.contains("/c/"));
    let mut receivers = understanding(kind, None);
    receivers.retain(|receiver| is_group || MICROBLOGS.contains(receiver));
    receivers
}

/// Whether that is an address of a feed of ours.
fn is_of_feed(id: &Value) -> bool {
    id.as_str().is_some_and(|id| id.contains("/m/"))
}

/// Lemmy and PieFed take answers of communities alone, PieFed also of feeds.
fn answered(answer: &Value, kind: Kind) -> Vec<Receiver> {
    let by_group = id_at(answer, "actor").as_str().is_some_and(|actor| actor.contains("/c/"));
    if kind_of(answer).1 == Some(Kind::Join) {
        // Whoever asks in that way reads the answer.
        return understanding(kind, Some(Kind::Join));
    }
    if is_of_feed(id_at(answer, "actor")) {
        return vec![PieFed];
    }
    let mut receivers = understanding(kind, Some(Kind::Follow));
    receivers.retain(|receiver| by_group || !matches!(receiver, Lemmy019 | Lemmy1 | PieFed));
    receivers
}
