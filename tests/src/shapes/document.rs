//! What kind of document something is, and which documents are embedded in it.
//!
//! Looks at the document alone, as a receiver does. Judges nothing.

use super::form::{at, for_members, host, is_public, texts};
use serde_json::Value;

/// A kind of document, as far as receivers treat kinds differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Any ActivityStreams document as a whole, besides its own kind.
    Whole,
    /// An account: `Person`, `Service`, `Organization`.
    Person,
    /// `Group`.
    Group,
    /// `Application`: an instance.
    Application,
    /// `Feed`: several communities, followed as one.
    Feed,
    /// A message for everybody that answers nothing.
    Top,
    /// A message for everybody that answers another.
    Reply,
    /// A message that is not for everybody.
    Private,
    /// `Event`.
    Event,
    /// `Tombstone`.
    Tombstone,
    /// `Place`.
    Place,
    /// `Create`.
    Create,
    /// `Update`.
    Update,
    /// `Delete`.
    Delete,
    /// `Announce`.
    Announce,
    /// `Follow`.
    Follow,
    /// `Accept`.
    Accept,
    /// `Reject`.
    Reject,
    /// `Undo`.
    Undo,
    /// `Like`.
    Like,
    /// `Dislike`.
    Dislike,
    /// `Block`.
    Block,
    /// `Lock`.
    Lock,
    /// `Add`.
    Add,
    /// `Remove`.
    Remove,
    /// `Flag`.
    Flag,
    /// `Move`.
    Move,
    /// `Join`.
    Join,
    /// `Leave`.
    Leave,
    /// `Invite`.
    Invite,
    /// What an actor published.
    Outbox,
    /// Who follows an actor.
    Followers,
    /// Who moderates a group.
    Moderators,
    /// What an actor puts first.
    Featured,
    /// The messages of a thread.
    Context,
    /// The answers to a message.
    Replies,
    /// Another collection.
    Collection,
    /// A page of a collection.
    Page,
    /// A JSON Resource Descriptor (RFC 7033).
    WebFinger,
    /// `/.well-known/nodeinfo`.
    NodeInfoLinks,
    /// NodeInfo.
    NodeInfo,
    /// An `object` that is only named, by its id.
    Reference,
    /// An `object` that is a list.
    Several,
    /// The communities that a feed lists.
    Listed,
    /// Whatever else.
    Other,
}

/// All kinds of actors.
pub const ACTORS: &[Kind] = &[Kind::Person, Kind::Group, Kind::Application];
/// All kinds of messages.
pub const MESSAGES: &[Kind] = &[Kind::Top, Kind::Reply, Kind::Private];
/// All kinds of activities.
pub const ACTIVITIES: &[Kind] = &[
    Kind::Create,
    Kind::Update,
    Kind::Delete,
    Kind::Announce,
    Kind::Follow,
    Kind::Accept,
    Kind::Reject,
    Kind::Undo,
    Kind::Like,
    Kind::Dislike,
    Kind::Block,
    Kind::Lock,
    Kind::Add,
    Kind::Remove,
    Kind::Flag,
    Kind::Move,
    Kind::Join,
    Kind::Leave,
    Kind::Invite,
];

/// A document, or one that is embedded in it.
pub struct Part<'a> {
    /// Its kind.
    pub kind: Kind,
    /// The document.
    pub value: &'a Value,
    /// Where it stands: a JSON pointer.
    pub at: String,
}

/// How deep embedded documents are looked for.
const DEPTH: usize = 4;

/// The kind of a document, and of its `object`.
pub fn kind_of(document: &Value) -> (Kind, Option<Kind>) {
    let object = match at(document, "object") {
        Value::String(_) => Some(Kind::Reference),
        Value::Array(_) => Some(Kind::Several),
        object @ Value::Object(_) => Some(kind(object, document)),
        _ => None,
    };
    (kind(document, &Value::Null), object)
}

/// A document and what is embedded in it, the document itself twice: as a whole, and as what it is.
pub fn parts(document: &Value) -> Vec<Part<'_>> {
    let kind = kind(document, &Value::Null);
    let mut all = Vec::new();
    if !matches!(kind, Kind::WebFinger | Kind::NodeInfoLinks | Kind::NodeInfo) {
        all.push(Part { kind: Kind::Whole, value: document, at: String::new() });
    }
    collect(document, &Value::Null, String::new(), 0, &mut all);
    all
}

fn collect<'a>(value: &'a Value, parent: &Value, place: String, depth: usize, all: &mut Vec<Part<'a>>) {
    // What is passed on of another server is as that server made it.
    let foreign = depth > 0 && host(at(value, "id")).is_some_and(|own| host(at(parent, "id")) != Some(own));
    if foreign || depth > DEPTH {
        return;
    }
    // What is undone, deleted or answered need not be there whole.
    let carried = matches!(kind(value, parent), Kind::Create | Kind::Update | Kind::Announce);
    let lists = ["orderedItems", "items"];
    for name in lists.into_iter().chain(carried.then_some("object")) {
        match at(value, name) {
            Value::Array(items) => {
                let documents = items.iter().enumerate().filter(|(_, item)| item.is_object());
                documents.for_each(|(n, item)| {
                    collect(item, value, format!("{place}/{name}/{n}"), depth + 1, all);
                });
            }
            item @ Value::Object(_) => collect(item, value, format!("{place}/{name}"), depth + 1, all),
            _ => {}
        }
    }
    all.push(Part { kind: kind(value, parent), value, at: place });
}

fn kind(document: &Value, parent: &Value) -> Kind {
    let Some(name) = texts(at(document, "type")).next() else { return discovery(document) };
    match name {
        "Person" | "Service" | "Organization" => Kind::Person,
        "Group" => Kind::Group,
        "Application" => Kind::Application,
        "Feed" => Kind::Feed,
        "Note" | "Page" | "Article" | "Question" | "Video" | "Image" | "Audio" => message(document, parent),
        "ChatMessage" => Kind::Private,
        "Event" => Kind::Event,
        "Tombstone" => Kind::Tombstone,
        "Place" => Kind::Place,
        "Create" => Kind::Create,
        "Update" => Kind::Update,
        "Delete" => Kind::Delete,
        "Announce" => Kind::Announce,
        "Follow" => Kind::Follow,
        "Accept" => Kind::Accept,
        "Reject" => Kind::Reject,
        "Undo" => Kind::Undo,
        "Like" => Kind::Like,
        "Dislike" => Kind::Dislike,
        "Block" => Kind::Block,
        "Lock" => Kind::Lock,
        "Add" => Kind::Add,
        "Remove" => Kind::Remove,
        "Flag" => Kind::Flag,
        "Move" => Kind::Move,
        "Join" => Kind::Join,
        "Leave" => Kind::Leave,
        "Invite" => Kind::Invite,
        "Collection" | "OrderedCollection" => collection(document),
        "CollectionPage" | "OrderedCollectionPage" => Kind::Page,
        _ => Kind::Other,
    }
}

/// Addressed to everybody or to the members of a community, by its own word or that of the activity that carries it; so
/// is what names nobody.
fn message(document: &Value, parent: &Value) -> Kind {
    let named = |value: &Value| ["to", "cc"].iter().any(|name| !at(value, name).is_null());
    let addressed = if named(document) { document } else { parent };
    let public = ["to", "cc"].iter().flat_map(|name| texts(at(addressed, name))).any(is_public);
    if named(addressed) && !public && !for_members(addressed) {
        Kind::Private
    } else if at(document, "inReplyTo").is_null() {
        Kind::Top
    } else {
        Kind::Reply
    }
}

fn collection(document: &Value) -> Kind {
    let id = at(document, "id").as_str().unwrap_or_default();
    match id.rsplit('/').next() {
        Some("outbox") => Kind::Outbox,
        Some("followers") => Kind::Followers,
        Some("moderators") => Kind::Moderators,
        // Of what others follow nobody reads more than the number.
        Some("following") if id.contains("/m/") => Kind::Listed,
        Some("featured") => Kind::Featured,
        Some("context") => Kind::Context,
        Some("replies") => Kind::Replies,
        _ => Kind::Collection,
    }
}

fn discovery(document: &Value) -> Kind {
    let has = |name: &str| !at(document, name).is_null();
    match () {
        () if has("software") => Kind::NodeInfo,
        () if has("subject") => Kind::WebFinger,
        () if has("links") => Kind::NodeInfoLinks,
        () => Kind::Other,
    }
}
