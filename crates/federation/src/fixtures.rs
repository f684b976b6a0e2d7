//! What other servers serve and send, fed to what reads it here: a table of what was understood of each document,
//! and why others were refused, kept as a snapshot.
//!
//! The documents are not part of this repository: they stand in `fixtures` of the folder that `CLOCHER_SHARED`
//! names, else of `../shared` beside the working tree. Signatures and proofs are tested elsewhere.

use crate::actor;
use crate::error::Error;
use crate::inbox::{self, Activity, Change};
use crate::object::content::is_poll_vote;
use crate::object::remote::{PostObject, is_post};
use crate::transport::{CollectionLimits, Document, TestHosts, Walk, json, nodeinfo, webfinger};
use crate::vocabulary::{Reference, first_text, id_of};
use clocher_app::profile::RemoteActor;
use clocher_domain::actor::ActorKind;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use url::Url;

/// The sets that are not objects or activities of servers.
const ELSEWHERE: [&str; 2] = ["vectors", "contexts"];

/// What became of a document: what was understood, or why it was refused.
type Reading = Result<String, String>;

#[test]
fn every_document_of_real_servers_is_understood_or_refused_with_a_reason() {
    let Some(folder) = fixtures() else {
        assert!(std::env::var("CI").is_err(), "the fixtures of real servers are missing");
        eprintln!("NOT RUN: the fixtures of real servers are not at hand (CLOCHER_SHARED)");
        return;
    };
    let manifest = std::fs::read_to_string(folder.join("MANIFEST.tsv")).unwrap();
    let mut table = String::new();
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut lines: Vec<Vec<&str>> = manifest.lines().skip(1).map(|line| line.split('\t').collect()).collect();
    lines.sort();
    for line in lines {
        let (file, kind, format) = (line[0], if line[5].is_empty() { line[4] } else { line[5] }, line[8]);
        let (set, name) = file.split_once('/').unwrap();
        if format != "json" || ELSEWHERE.contains(&set) {
            continue;
        }
        let reading = read(&as_public(&std::fs::read_to_string(folder.join(file)).unwrap()));
        let count = counts.entry(set).or_default();
        let (counted, outcome, words) = match &reading {
            Ok(words) => (&mut count.0, "understood", words),
            Err(words) => (&mut count.1, "refused", words),
        };
        *counted += 1;
        writeln!(table, "{set} | {name} | {kind} | {outcome} | {words}").unwrap();
    }
    table.push('\n');
    for (set, (understood, refused)) in &counts {
        writeln!(table, "{set}: {understood} understood, {refused} refused").unwrap();
    }
    let understood: usize = counts.values().map(|count| count.0).sum();
    let refused: usize = counts.values().map(|count| count.1).sum();
    writeln!(table, "total of {}: {understood} understood, {refused} refused", understood + refused).unwrap();
    insta::assert_snapshot!("fixtures", table);
}

fn fixtures() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("CLOCHER_SHARED").map_or_else(beside, PathBuf::from);
    Some(shared.join("fixtures")).filter(|folder| folder.join("MANIFEST.tsv").is_file())
}

/// Documents made for tests stand on hosts that are asked by plain http, or are on no network: read as if they
/// were on the web.
fn as_public(document: &str) -> String {
    let document = document.replace("localhost:8080", "localhost.example.org");
    let document = document.replace(".example/", ".example.org/").replace(".example\"", ".example.org\"");
    let document = document.replace(".test/", ".example.org/").replace(".test\"", ".example.org\"");
    if document.contains("nodeinfo.diaspora") { document } else { document.replace("http://", "https://") }
}

/// Reads a document as whoever gets it would: the inbox activities, the fetcher all else.
fn read(text: &str) -> Reading {
    let document = json::parse(text.as_bytes()).map_err(|error| error.to_string())?;
    if !document.is_object() {
        return Err("not an object".to_owned());
    }
    let kind = document.get("type").and_then(first_text).unwrap_or_default();
    match kind {
        "" => described(&document),
        "Collection" | "OrderedCollection" | "CollectionPage" | "OrderedCollectionPage" => {
            Ok(items(&document))
        }
        // Fetched, it is gone; there is nothing else to read.
        "Tombstone" => id_of(&document).map(|id| format!("gone: {id}")).ok_or_else(|| "no id".to_owned()),
        kind if ActorKind::parse_of_others(kind).is_some() => profile(&document),
        kind if is_post(kind) => PostObject::read(&document).map_err(reason).and_then(|post| message(&post)),
        _ => activity(&document),
    }
}

fn reason(error: impl Into<Error>) -> String {
    error.into().to_string()
}

/// Documents without a type, told apart by their members.
fn described(document: &Value) -> Reading {
    let test_hosts = TestHosts::default();
    if document.get("subject").is_some() {
        let found = webfinger::read(document, &test_hosts).map_err(reason)?;
        return Ok(format!("WebFinger: {} is {}", found.handle, found.actor));
    }
    if document.get("software").is_some() {
        let info = nodeinfo::read(document).map_err(reason)?;
        return Ok(format!("NodeInfo: {} {}", info.software_name, info.version));
    }
    if document.get("links").is_some() {
        let href = nodeinfo::read_index(document);
        return href.map(|href| format!("NodeInfo is at {href}")).ok_or_else(|| "no NodeInfo 2".to_owned());
    }
    Err("neither a type nor members that say what it is".to_owned())
}

fn items(document: &Value) -> String {
    // Pages have no id of their own, and are read as what begins with them.
    let id = document.get("id").and_then(Value::as_str).and_then(|id| Url::parse(id).ok());
    let id = id.unwrap_or_else(|| Url::parse("https://nowhere.example.org/").unwrap());
    let collection = Document { id, json: document.clone() };
    let found = Walk::begin(&collection, CollectionLimits::default()).end(true);
    let more = ["first", "next"].iter().find(|member| document.get(**member).is_some());
    let more = more.map(|member| format!(", has {member}")).unwrap_or_default();
    format!("collection: {} items{more}", found.items.len())
}

fn profile(document: &Value) -> Reading {
    let id = document.get("id").and_then(Value::as_str).ok_or("no id")?;
    let id = Url::parse(id).map_err(|_| "the id is not an address")?;
    actor::remote::read(document, &id, &TestHosts::default())
        .map(|actor| profile_words(&actor))
        .map_err(reason)
}

fn profile_words(actor: &RemoteActor) -> String {
    let mut words = format!("{:?} {}@{} \"{}\"", actor.kind, actor.name, actor.host, actor.display_name);
    let facts = [
        (actor.inbox.is_empty(), "no inbox"),
        (actor.shared_inbox.is_some(), "shared inbox"),
        (actor.outbox.is_some(), "outbox"),
        (actor.followers.is_some(), "followers"),
        (actor.public_key_pem.is_empty(), "no key"),
        (!actor.summary.is_empty(), "presentation"),
        (actor.community.as_ref().is_some_and(|group| group.moderators_only), "moderators only"),
    ];
    for (_, fact) in facts.iter().filter(|(holds, _)| *holds) {
        write!(words, ", {fact}").unwrap();
    }
    words
}

fn message(post: &PostObject) -> Reading {
    let author = post.author().map_err(reason)?;
    let content = &post.content;
    let kind = if content.title.is_some() { "titled" } else { "untitled" };
    // The collection of an author who is not fetched: by the name that nearly all give it.
    let visibility = post.visibility(Some(&format!("{author}/followers")));
    let text = clocher_app::text::plain(&clocher_app::text::sanitise(&content.html));
    let mut words = format!("{kind} message by {author}, {}", visibility.as_str());
    let mut add = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            write!(words, ", {name} \"{value}\"").unwrap();
        }
    };
    add("title", content.title.as_deref());
    add("warning", content.warning.as_deref());
    add("text", Some(&clocher_app::text::excerpt(&text, 60)));
    add("about", content.link.as_deref());
    add("in", content.language.as_deref());
    add("answers", post.in_reply_to.id());
    for (count, what) in [(post.mentions.len(), "mentions"), (content.attachments, "attachments")] {
        if count > 0 {
            write!(words, ", {count} {what}").unwrap();
        }
    }
    Ok(words)
}

fn activity(document: &Value) -> Reading {
    let kind = document.get("type").and_then(first_text).unwrap_or_default();
    let activity = inbox::read(document).map_err(reason)?.ok_or_else(|| format!("another kind: {kind}"))?;
    let actor = document.get("actor").and_then(id_of).ok_or("no actor")?;
    inbox::check(actor, document).map_err(reason)?;
    let object = Reference(document.get("object").cloned().unwrap_or_default());
    let another = || Err(format!("another kind: {kind} of {}", described_kind(&object)));
    let what = match activity {
        Activity::Create(create) => match create.message(actor).map_err(reason)? {
            Some(post) => message(&post)?,
            None => return another(),
        },
        Activity::Update(update) => match update.change(actor, &TestHosts::default()).map_err(reason)? {
            Some(Change::Message(post)) => message(&post)?,
            Some(Change::Profile(actor)) => profile_words(&actor),
            None => return another(),
        },
        Activity::Move(moving) => match moving.target_of(actor).map_err(reason)? {
            Some(target) => format!("itself to {target}"),
            None => return another(),
        },
        Activity::Undo(undo) if !undo.is_known() => return another(),
        Activity::Accept(accept) if !accept.is_known() => return another(),
        Activity::Reject(reject) if !reject.is_known() => return another(),
        Activity::Offer(offer) if !offer.is_known() => return another(),
        // What is answered, undone, announced: by its id, or embedded and understood itself.
        _ => named(&object)?,
    };
    Ok(format!("{kind} by {actor} of {what}"))
}

fn named(object: &Reference) -> Reading {
    let embedded = object.0.is_object() && object.0.get("actor").is_some();
    if embedded && !object.kind().is_some_and(is_post) {
        // Some give what they embed no id of its own.
        let mut inner = object.0.clone();
        let id = inner.get("actor").and_then(id_of).map(|actor| format!("{actor}#embedded"));
        if let (Value::Object(fields), Some(id)) = (&mut inner, id) {
            fields.entry("id").or_insert(Value::String(id));
        }
        return activity(&inner).map(|words| format!("({words})"));
    }
    object.id().map(str::to_owned).ok_or_else(|| "no object".to_owned())
}

fn described_kind(object: &Reference) -> &str {
    let first = object.0.as_array().and_then(|many| many.first()).unwrap_or(&object.0);
    match first.get("type").and_then(first_text) {
        Some(_) if is_poll_vote(first) => "a vote in a poll",
        Some(kind) => kind,
        None => "an id",
    }
}
