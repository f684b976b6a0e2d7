//! The shapes that others accept, as rules: they accept what those others say themselves, and refuse what is
//! broken, each for the rule that it breaks.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]

use clocher_tests::impostor::with;
use clocher_tests::shapes::context::misdirected;
use clocher_tests::shapes::{Breach, Context, Receiver, Verdict, check, judge, loops_back};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use Receiver::{GoToSocial, Lemmy1, Lemmy019, Mastodon, Mobilizon, NodeBb, PieFed};

/// What each says itself, or has in its tests as what it accepts. Of PieFed no document is at hand: it is written to
/// read those of Lemmy.
const OWN: &[(Receiver, &[&str])] = &[
    (Mastodon, &["mastodon", "lemmy-view/mastodon", "mobilizon-view/mastodon"]),
    (Lemmy019, &["lemmy"]),
    (Lemmy1, &["lemmy", "lemmy-view"]),
    (PieFed, &["lemmy"]),
    (NodeBb, &["lemmy-view/nodebb"]),
    (Mobilizon, &["mobilizon", "mobilizon-view", "lemmy-view/mobilizon"]),
    (GoToSocial, &["gotosocial"]),
];

/// How many of them each accepts, and with how many it does nothing.
const FOUND: &[(Receiver, usize, usize)] = &[
    (Mastodon, 44, 2),
    (Lemmy019, 39, 5),
    (Lemmy1, 114, 3),
    (PieFed, 38, 9),
    (NodeBb, 3, 0),
    (Mobilizon, 42, 5),
    (GoToSocial, 83, 15),
];

/// An excerpt in documentation, or a part of a document in a test: it leaves out what is not its subject.
const PARTIAL: &str = "a part of a document";
/// Text of a program, with names of its variables in it.
const TEMPLATE: &str = "has variables of a program in it";
/// Invalid in its own tests too.
const INVALID: &str = "invalid on purpose";
/// Its tests read the form of it and no more.
const FORM_ALONE: &str = "read in a test of its form alone, and refused by what is verified afterwards";
/// The id is put in when it is sent.
const ID_LATER: &str = "as it is before it is sent, without its id";
/// The context of a copy in the tests of another server.
const SHORTENED: &str = "its context was shortened for the tests of Mobilizon";
/// From before ActivityPub.
const OSTATUS: &str = "of OStatus, which it does not speak any more";
/// Kept beside those that are read.
const NOT_READ: &str = "read by no test of its";
/// Of another kind than the receiver understands, which its own tests have to see refused.
const OTHER_KIND: &str = "of a kind that its tests have to see refused";

/// What is refused of them, and why that is right.
const REFUSED: &[(&str, &str)] = &[
    ("mastodon/doc_content_en_spec_activitypub__04.json", PARTIAL),
    ("mastodon/doc_content_en_spec_activitypub__07.json", PARTIAL),
    ("mastodon/doc_content_en_spec_activitypub__08.json", PARTIAL),
    ("mastodon/doc_content_en_spec_activitypub__09.json", PARTIAL),
    ("mastodon/doc_content_en_spec_activitypub__10.json", PARTIAL),
    ("mastodon/doc_content_en_spec_activitypub__11.json", PARTIAL),
    ("mastodon/doc_content_en_spec_activitypub__12.json", PARTIAL),
    ("mastodon/doc_content_en_spec_activitypub__13.json", PARTIAL),
    ("mastodon/doc_content_en_spec_activitypub__14.json", PARTIAL),
    ("mastodon/doc_content_en_spec_activitypub__15.json", PARTIAL),
    ("mastodon/doc_content_en_spec_activitypub__17.json", PARTIAL),
    ("mastodon/doc_content_en_spec_activitypub__18.json", PARTIAL),
    ("mastodon/doc_content_en_spec_activitypub__19.json", PARTIAL),
    ("mastodon/doc_content_en_spec_webfinger__02.json", PARTIAL),
    ("mastodon/httpbody_activitypub-actor-noinbox.json", INVALID),
    ("mastodon/httpbody_webfinger-hacker1.json", OSTATUS),
    ("mastodon/httpbody_webfinger-hacker2.json", OSTATUS),
    ("mastodon/httpbody_webfinger-hacker3.json", OSTATUS),
    ("mobilizon-view/mastodon/mastodon-delete-user.json", SHORTENED),
    ("mobilizon-view/mastodon/mastodon-delete.json", SHORTENED),
    ("mobilizon-view/mastodon/mastodon-undo-announce.json", SHORTENED),
    ("lemmy/crates_apub_apub_assets_lemmy_activities_community_announce_create_page.json", FORM_ALONE),
    ("lemmy/crates_apub_apub_assets_lemmy_activities_create_or_update_create_page.json", FORM_ALONE),
    ("lemmy/crates_apub_apub_assets_lemmy_activities_create_or_update_update_page.json", FORM_ALONE),
    ("lemmy-view/discourse/crates_apub_apub_assets_discourse_objects_page.json", FORM_ALONE),
    ("lemmy-view/wordpress/crates_apub_apub_assets_wordpress_activities_announce.json", FORM_ALONE),
    ("lemmy-view/wordpress/crates_apub_apub_assets_wordpress_objects_page.json", FORM_ALONE),
    ("lemmy-view/lotide/crates_apub_apub_assets_lotide_activities_delete_note.json", NOT_READ),
    ("mobilizon-view/peertube/peertube-video.json", OTHER_KIND),
    ("mobilizon/nodeinfo_older_versions.json", INVALID),
    ("mobilizon/prismo-url-map.json", OTHER_KIND),
    ("gotosocial/doc_docs_federation_actors__02.json", PARTIAL),
    ("gotosocial/doc_docs_federation_interaction_policy__06.json", PARTIAL),
    ("gotosocial/doc_docs_federation_posts__02.json", PARTIAL),
    ("gotosocial/internal_ap_extractpolicy_test__01.json", PARTIAL),
    ("gotosocial/internal_ap_extractpolicy_test__02.json", PARTIAL),
    ("gotosocial/internal_ap_extractpolicy_test__03.json", PARTIAL),
    ("gotosocial/internal_ap_normalize_test__06.json", PARTIAL),
    ("gotosocial/internal_ap_properties_test__01.json", PARTIAL),
    ("gotosocial/internal_ap_properties_test__02.json", PARTIAL),
    ("gotosocial/doc_docs_federation_posts__04.json", ID_LATER),
    ("gotosocial/doc_docs_federation_posts__05.json", ID_LATER),
    ("gotosocial/internal_typeutils_internaltoas_test__14.json", ID_LATER),
    ("gotosocial/internal_typeutils_internaltoas_test__16.json", ID_LATER),
    ("gotosocial/internal_typeutils_internaltoas_test__17.json", ID_LATER),
    ("gotosocial/internal_federation_federatingdb_move_test__03.json", INVALID),
    ("gotosocial/internal_federation_federatingdb_move_test__04.json", INVALID),
    ("gotosocial/internal_federation_federatingdb_create_test__01.json", TEMPLATE),
    ("gotosocial/internal_typeutils_astointernal_test__01.json", TEMPLATE),
    ("gotosocial/internal_typeutils_astointernal_test__04.json", TEMPLATE),
    ("gotosocial/internal_typeutils_astointernal_test__05.json", TEMPLATE),
    ("gotosocial/internal_typeutils_astointernal_test__07.json", TEMPLATE),
    ("gotosocial/internal_typeutils_astointernal_test__09.json", TEMPLATE),
    ("gotosocial/internal_typeutils_wrap_test__03.json", TEMPLATE),
];

fn fixtures() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/fixtures");
    if root.is_dir() {
        return Some(root);
    }
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{} is not there", root.display());
    eprintln!("not run: {} is not there", root.display());
    None
}

/// The JSON documents below a folder.
fn documents(folder: &Path) -> Vec<(PathBuf, Value)> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(documents(&path));
        } else if path.extension().is_some_and(|extension| extension == "json") {
            let document = serde_json::from_slice(&std::fs::read(&path).unwrap());
            all.extend(document.ok().map(|document| (path, document)));
        }
    }
    all.sort_by(|(one, _), (other, _)| one.cmp(other));
    all
}

#[test]
fn each_receiver_accepts_what_it_says_itself() {
    let Some(root) = fixtures() else { return };
    let mut unexplained: HashMap<&str, &str> = REFUSED.iter().copied().collect();
    let (mut found, mut wrong) = (Vec::new(), Vec::new());
    for (receiver, folders) in OWN {
        let (mut accepted, mut ignored) = (0, 0);
        for (path, document) in folders.iter().flat_map(|folder| documents(&root.join(folder))) {
            let name = path.strip_prefix(&root).unwrap().to_str().unwrap();
            match judge(&document, *receiver) {
                Verdict::Accepted => accepted += 1,
                Verdict::Ignored => ignored += 1,
                Verdict::Refused(_) if REFUSED.iter().any(|(known, _)| *known == name) => {
                    unexplained.remove(name);
                }
                Verdict::Refused(breaches) => {
                    wrong.push(format!("{receiver:?} refuses {name}: {breaches:#?}"));
                }
            }
        }
        found.push((*receiver, accepted, ignored));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(unexplained.is_empty(), "accepted after all, or gone: {unexplained:?}");
    assert_eq!(found, FOUND);
}

const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

pub fn context() -> Value {
    json!(["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"])
}

pub fn actor(kind: &str, path: &str, name: &str) -> Value {
    let id = format!("https://pont.example{path}");
    json!({
        "@context": context(),
        "id": id,
        "type": kind,
        "preferredUsername": name,
        "webfinger": format!("{name}@pont.example"),
        "name": "Pont",
        "summary": "<p>Le pont.</p>",
        "source": { "content": "Le pont.", "mediaType": "text/markdown" },
        "url": id,
        "inbox": format!("{id}/inbox"),
        "outbox": format!("{id}/outbox"),
        "followers": format!("{id}/followers"),
        "endpoints": { "sharedInbox": "https://pont.example/inbox" },
        "manuallyApprovesFollowers": false,
        "publicKey": {
            "id": format!("{id}#main-key"),
            "owner": id,
            "publicKeyPem": "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n",
        },
        "published": "2026-05-01T10:00:00Z",
    })
}

fn group() -> Value {
    let fields = json!({
        "attributedTo": "https://pont.example/c/pont/moderators",
        "openness": "open",
        "postingRestrictedToMods": false,
        "location": { "type": "Place", "name": "Pont", "latitude": 45.0, "longitude": 4.5 },
    });
    with(actor("Group", "/c/pont", "pont"), fields)
}

fn person() -> Value {
    actor("Person", "/u/lea", "lea")
}

fn page() -> Value {
    json!({
        "@context": context(),
        "id": "https://pont.example/post/1",
        "type": "Page",
        "attributedTo": "https://pont.example/u/lea",
        "audience": "https://pont.example/c/pont",
        "to": ["https://pont.example/c/pont", PUBLIC],
        "cc": ["https://pont.example/u/lea/followers"],
        "name": "Travaux",
        "content": "<p>Le pont est fermé.</p>",
        "mediaType": "text/html",
        "source": { "content": "Le pont est fermé.", "mediaType": "text/markdown" },
        "contentMap": { "fr": "<p>Le pont est fermé.</p>" },
        "context": "https://pont.example/post/1/context",
        "replies": "https://pont.example/post/1/replies",
        "tag": [],
        "attachment": [],
        "sensitive": false,
        "published": "2026-05-01T10:00:00Z",
        "updated": "2026-05-01T11:00:00Z",
    })
}

fn reply() -> Value {
    let fields = json!({
        "id": "https://pont.example/comment/2",
        "type": "Note",
        "inReplyTo": "https://pont.example/post/1",
        "tag": [{ "type": "Mention", "href": "https://pont.example/u/lea", "name": "@lea@pont.example" }],
        "name": null,
    });
    with(page(), fields)
}

pub fn activity(kind: &str, actor: &str, mut object: Value) -> Value {
    let by = format!("https://pont.example{actor}");
    if let Some(fields) = object.as_object_mut() {
        fields.remove("@context");
    }
    json!({
        "@context": context(),
        "id": format!("https://pont.example/activity/{kind}"),
        "type": kind,
        "actor": by,
        "object": object,
        "to": [PUBLIC],
        "cc": ["https://pont.example/c/pont"],
        "published": "2026-05-01T10:00:00Z",
    })
}

fn create() -> Value {
    activity("Create", "/u/lea", page())
}

fn create_reply() -> Value {
    activity("Create", "/u/lea", reply())
}

fn announce() -> Value {
    activity("Announce", "/c/pont", create())
}

fn boost() -> Value {
    activity("Announce", "/c/pont", json!("https://pont.example/post/1"))
}

fn follow() -> Value {
    activity("Follow", "/u/lea", json!("https://gare.example/c/gare"))
}

fn accept() -> Value {
    let follow = json!({
        "id": "https://gare.example/f/1",
        "type": "Follow",
        "actor": "https://gare.example/u/max",
        "object": "https://pont.example/c/pont",
    });
    activity("Accept", "/c/pont", follow)
}

fn like() -> Value {
    activity("Like", "/u/lea", json!("https://gare.example/post/9"))
}

fn unlike() -> Value {
    activity("Undo", "/u/lea", like())
}

fn delete() -> Value {
    activity("Delete", "/u/lea", json!({ "id": "https://pont.example/post/1", "type": "Tombstone" }))
}

fn block() -> Value {
    let fields = json!({
        "target": "https://pont.example/c/pont",
        "summary": "Insultes",
    });
    with(activity("Block", "/u/lea", json!("https://gare.example/u/max")), fields)
}

fn flag() -> Value {
    let fields = json!({
        "to": ["https://gare.example/c/gare"],
        "content": "Insultes",
    });
    with(
        activity("Flag", "/u/lea", json!(["https://gare.example/u/max", "https://gare.example/post/9"])),
        fields,
    )
}

fn event() -> Value {
    let fields = json!({
        "type": "Event",
        "startTime": "2026-06-01T18:00:00Z",
        "location": { "type": "Place", "name": "Pont", "latitude": 45.0, "longitude": 4.5 },
    });
    with(page(), fields)
}

fn moved() -> Value {
    let fields = json!({
        "target": "https://gare.example/u/lea",
    });
    with(activity("Move", "/u/lea", json!("https://pont.example/u/lea")), fields)
}

fn jrd() -> Value {
    json!({
        "subject": "acct:lea@pont.example",
        "aliases": ["https://pont.example/u/lea"],
        "links": [{
            "rel": "self",
            "type": "application/activity+json",
            "href": "https://pont.example/u/lea",
            "properties": { "https://www.w3.org/ns/activitystreams#type": "Person" },
        }],
    })
}

fn nodeinfo() -> Value {
    json!({
        "version": "2.1",
        "software": { "name": "clocher", "version": "0.1.0" },
        "protocols": ["activitypub"],
        "services": { "inbound": [], "outbound": [] },
        "openRegistrations": false,
        "usage": { "users": { "total": 3 }, "localPosts": 2, "localComments": 1 },
        "metadata": { "nodeName": "Pont" },
    })
}

fn followers() -> Value {
    json!({
        "@context": context(),
        "id": "https://pont.example/c/pont/followers",
        "type": "Collection",
        "totalItems": 3,
        "items": [],
    })
}

#[test]
fn what_we_say_is_accepted_by_all_whom_we_mean() {
    let whole = [
        group(),
        person(),
        page(),
        reply(),
        create(),
        create_reply(),
        announce(),
        boost(),
        follow(),
        accept(),
        like(),
        unlike(),
        delete(),
        block(),
        flag(),
        event(),
        moved(),
        jrd(),
        nodeinfo(),
        followers(),
    ];
    for document in whole {
        assert_accepted(&document);
    }
}

/// All whom we mean with a document accept it, and somebody is meant.
pub fn assert_accepted(document: &Value) {
    let context = Context::of(document);
    assert!(!context.receivers().is_empty(), "nobody is meant by {document}");
    let breaches: Vec<String> = check(document, &context).iter().map(Breach::to_string).collect();
    assert!(breaches.is_empty(), "{document}\n{}", breaches.join("\n"));
}

/// A document of ours, where it is broken and by what, and the rule that it must break. Null takes out.
pub type Broken = (fn() -> Value, &'static str, fn() -> Value, Receiver, &'static str);

pub fn nothing() -> Value {
    Value::Null
}

const BROKEN: &[Broken] = &[
    (group, "/publicKey", nothing, Lemmy1, "public key"),
    (group, "/publicKey/owner", || json!("https://pont.example/u/lea"), Mastodon, "public key"),
    (group, "/publicKey/owner", || json!("https://pont.example/u/lea"), GoToSocial, "owner of the key"),
    (group, "/publicKey/id", || json!("https://pont.example/keys/1"), NodeBb, "key of the actor"),
    (group, "/outbox", nothing, Lemmy019, "actor"),
    (group, "/name", nothing, PieFed, "community"),
    (group, "/attributedTo", || json!(7), PieFed, "moderators"),
    (group, "/openness", || json!("closed"), Mobilizon, "openness"),
    (group, "/location/latitude", || json!(45), Mobilizon, "coordinates"),
    (group, "/endpoints", || json!({}), Lemmy1, "shared inbox"),
    (group, "/sensitive", || json!("no"), Lemmy1, "group"),
    (person, "/inbox", nothing, Mastodon, "inbox"),
    (person, "/inbox", nothing, NodeBb, "inbox"),
    (person, "/alsoKnownAs", || json!(["lea@gare.example"]), Mastodon, "other accounts"),
    (person, "/movedTo", || json!(["https://gare.example/u/lea"]), Mastodon, "other accounts"),
    (person, "/webfinger", || json!("léa@pont.example"), Mastodon, "username"),
    (person, "/preferredUsername", nothing, GoToSocial, "username"),
    (person, "/publicKey/publicKeyPem", || json!("MIIB"), GoToSocial, "public key"),
    (person, "/@context", || json!("https://w3id.org/security/v1"), Mastodon, "context"),
    (person, "/@context", nothing, GoToSocial, "context"),
    (person, "/source", || json!("Le pont."), PieFed, "source of a profile"),
    (person, "/published", || json!("1 May 2026"), Lemmy1, "actor"),
    (person, "/summary", || json!("x".repeat(5001)), Mobilizon, "lengths"),
    (
        page,
        "/attributedTo",
        || json!(["https://pont.example/u/lea", "https://pont.example/c/pont"]),
        Lemmy1,
        "author",
    ),
    (page, "/attributedTo", || json!(["https://pont.example/u/lea"]), NodeBb, "attribution"),
    (page, "/attributedTo", || json!("https://gare.example/u/lea"), Mastodon, "attribution"),
    (page, "/audience", || json!(["https://pont.example/c/pont"]), Lemmy019, "audience"),
    (page, "/audience", || json!("https://pont.example/c/gare"), Lemmy019, "home"),
    (page, "/to", || json!([{ "id": PUBLIC }, PUBLIC]), PieFed, "names in lists"),
    (
        page,
        "/attachment",
        || json!({ "type": "Image", "url": "https://pont.example/i.png" }),
        Lemmy1,
        "attachments",
    ),
    (
        page,
        "/attachment",
        || json!([{ "type": "Video", "url": "https://pont.example/v" }]),
        Lemmy1,
        "attachments",
    ),
    (
        page,
        "/context",
        || json!({ "id": "https://pont.example/post/1/context" }),
        Lemmy1,
        "context of a message",
    ),
    (page, "/mediaType", || json!("text/plain"), Lemmy019, "form of a message"),
    (page, "/updated", || json!("2026-04-01T10:00:00Z"), GoToSocial, "edited after it was written"),
    (page, "/published", nothing, NodeBb, "published"),
    (page, "/contentMap", || json!({}), PieFed, "language"),
    (page, "/id", || json!("tag:pont.example,2026:1"), Mastodon, "id of a message"),
    (reply, "/tag", || json!({ "type": "Mention", "href": "https://pont.example/u/lea" }), Lemmy1, "tags"),
    (reply, "/tag/0/href", nothing, Mastodon, "mention"),
    (reply, "/inReplyTo", || json!(["https://pont.example/post/1"]), Lemmy1, "comment"),
    (reply, "/name", || json!("Travaux"), Mobilizon, "no discussion"),
    (reply, "/to", || json!(["as:Public"]), Mobilizon, "public by its full name"),
    (create, "/actor", || json!("https://gare.example/u/lea"), Mastodon, "host of the object"),
    (create, "/actor", || json!("https://gare.example/u/lea"), Lemmy1, "host of the object"),
    (create, "/cc", nothing, Lemmy019, "carrier"),
    (create, "/id", nothing, GoToSocial, "transient"),
    (create, "/id", nothing, PieFed, "minimum"),
    (create_reply, "/object/content", nothing, Lemmy1, "comment"),
    (announce, "/to", || json!([]), Lemmy1, "everybody"),
    (announce, "/object/actor", nothing, Lemmy019, "announced activity"),
    (announce, "/object/actor", nothing, PieFed, "announced activity"),
    (boost, "/to", || json!(["https://pont.example/c/pont/followers"]), Mastodon, "public boost"),
    (
        follow,
        "/object",
        || json!({ "id": "https://gare.example/c/gare", "type": "Group" }),
        PieFed,
        "object by its id",
    ),
    (accept, "/object/actor", nothing, Lemmy1, "answer to a follow"),
    (accept, "/object/object", nothing, GoToSocial, "accepted follow"),
    (unlike, "/object/actor", || json!("https://pont.example/u/max"), GoToSocial, "undone by its actor"),
    (unlike, "/object/object", nothing, PieFed, "undone"),
    (delete, "/object/type", nothing, PieFed, "deleted"),
    (delete, "/object/id", || json!("https://gare.example/post/1"), NodeBb, "origin"),
    (delete, "/to", nothing, Lemmy1, "delete"),
    (block, "/target", nothing, Lemmy1, "target of moderation"),
    (flag, "/to", || json!([PUBLIC, "https://gare.example/c/gare"]), Lemmy1, "report"),
    (flag, "/content", nothing, Lemmy1, "report"),
    (event, "/location/latitude", || json!(45), Mobilizon, "coordinates"),
    (event, "/startTime", nothing, Mobilizon, "event"),
    (moved, "/target", nothing, Mastodon, "moved self"),
    (jrd, "/links/0/type", || json!("application/json"), Mastodon, "webfinger"),
    (jrd, "/links/0/properties", || json!({ "type": "Person" }), Lemmy1, "webfinger"),
    (nodeinfo, "/metadata/territory", || json!({ "code": "07186" }), Lemmy1, "nodeinfo"),
    (followers, "/type", || json!("OrderedCollection"), Lemmy019, "followers counted"),
];

/// A document with another value at a JSON pointer.
fn broken(mut document: Value, at: &str, value: Value) -> Value {
    let (parent, name) = at.rsplit_once('/').unwrap();
    let fields = document.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    if value.is_null() {
        fields.remove(name).unwrap();
    } else {
        fields.insert(name.to_owned(), value);
    }
    document
}

#[test]
fn each_broken_document_is_refused_for_the_rule_that_it_breaks() {
    assert_refused(BROKEN);
}

/// Each of these documents is accepted whole, and refused for its rule where it is broken.
pub fn assert_refused(all: &[Broken]) {
    for (whole, at, value, receiver, rule) in all {
        let document = broken(whole(), at, value());
        assert_eq!(judge(&whole(), *receiver), Verdict::Accepted, "{receiver:?} and {}", whole());
        let Verdict::Refused(breaches) = judge(&document, *receiver) else {
            panic!("{receiver:?} takes {document}");
        };
        assert!(breaches.iter().any(|breach| breach.rule == *rule), "{rule}: {breaches:#?}");
    }
}

#[test]
fn what_a_receiver_does_nothing_with_is_not_accepted() {
    let nothing_done = [
        (activity("Dislike", "/u/lea", json!("https://gare.example/post/9")), Mastodon),
        (announce(), Mastodon),
        (announce(), GoToSocial),
        (boost(), Lemmy1),
        (like(), Mobilizon),
        (event(), NodeBb),
        (actor("Application", "/actor", "pont.example"), PieFed),
        (activity("Offer", "/c/pont", json!("https://pont.example/post/1")), Lemmy1),
    ];
    for (document, receiver) in nothing_done {
        assert_eq!(judge(&document, receiver), Verdict::Ignored, "{receiver:?} and {document}");
        let breaches = check(&document, &Context::of_receivers(&[receiver]));
        assert_eq!(breaches.first().map(|breach| breach.rule), Some("understood"));
    }
}

#[test]
fn an_announcement_in_the_form_for_others_is_misdirected() {
    assert!(misdirected("mastodon", &announce()).is_some());
    assert!(misdirected("gotosocial", &announce()).is_some());
    assert!(misdirected("lemmy", &boost()).is_some());
    assert!(misdirected("piefed", &boost()).is_some());
    for (software, document) in [("mastodon", boost()), ("lemmy", announce()), ("clocher", boost())] {
        assert_eq!(misdirected(software, &document), None);
    }
    assert!(Context::sent_to("clocher", &announce()).is_none());
    assert_eq!(Context::sent_to("lemmy", &announce()).unwrap().receivers(), [Lemmy019, Lemmy1]);
}

#[test]
fn webfinger_leads_back_to_the_actor() {
    assert_eq!(loops_back(&person(), &jrd()), None);
    assert!(loops_back(&group(), &jrd()).is_some());
}

#[test]
fn rules_have_names_of_their_own_and_sources() {
    for receiver in Receiver::ALL {
        let names: Vec<&str> = receiver.rules().map(|rule| rule.name).collect();
        let distinct: HashSet<&str> = names.iter().copied().collect();
        assert_eq!(names.len(), distinct.len(), "{receiver:?}: {names:?}");
        assert!(names.len() >= 10, "{receiver:?} has {} rules", names.len());
        assert!(receiver.rules().all(|rule| !rule.of.is_empty() && rule.source.contains('.')));
    }
}
