//! Mastodon 4.6, read at commit 839591f of glitch-soc/mastodon, whose `app/lib` and `app/services` are upstream's.

use super::document::{ACTIVITIES, ACTORS, MESSAGES};
use super::form::{
    address, addresses, at, context, count, each, ensure, host, id_at, instant, one_of, optional, present,
    public, reference, same, same_host, several, text, texts,
};
use super::{Held, Kind, Rule, Understood};
use serde_json::Value;

/// `app/lib/activitypub/activity.rb`, `klass_for`, and what each of these does nothing with.
pub const UNDERSTOOD: Understood = &[
    (Kind::Person, &[]),
    (Kind::Group, &[]),
    (Kind::Application, &[]),
    (Kind::Top, &[]),
    (Kind::Reply, &[]),
    (Kind::Private, &[]),
    (Kind::Event, &[]),
    (Kind::Create, &[Kind::Top, Kind::Reply, Kind::Private, Kind::Event, Kind::Reference]),
    (
        Kind::Update,
        &[
            Kind::Person,
            Kind::Group,
            Kind::Application,
            Kind::Top,
            Kind::Reply,
            Kind::Private,
            Kind::Event,
            Kind::Reference,
        ],
    ),
    (Kind::Delete, &[]),
    (Kind::Announce, &[Kind::Reference, Kind::Top, Kind::Reply, Kind::Private]),
    (Kind::Follow, &[Kind::Reference, Kind::Person]),
    (Kind::Accept, &[Kind::Follow, Kind::Reference]),
    (Kind::Reject, &[Kind::Follow, Kind::Reference]),
    (Kind::Undo, &[Kind::Follow, Kind::Like, Kind::Announce, Kind::Block, Kind::Accept, Kind::Reference]),
    (Kind::Like, &[Kind::Reference]),
    (Kind::Block, &[Kind::Reference]),
    (Kind::Flag, &[]),
    (Kind::Add, &[]),
    (Kind::Remove, &[]),
    (Kind::Move, &[]),
    (Kind::Outbox, &[]),
    (Kind::Followers, &[]),
    (Kind::Featured, &[]),
    (Kind::Replies, &[]),
    (Kind::Collection, &[]),
    (Kind::WebFinger, &[]),
];

const CARRIERS: &[Kind] = &[Kind::Create, Kind::Update];

/// Its rules.
pub const RULES: &[Rule] = &[
    Rule {
        name: "context",
        of: &[Kind::Whole],
        holds: context,
        source: "app/helpers/json_ld_helper.rb supported_context?",
    },
    Rule {
        name: "id",
        of: ACTORS,
        holds: |actor| address(actor, "id"),
        source: "app/services/activitypub/process_account_service.rb call (unsupported URI scheme)",
    },
    Rule {
        name: "inbox",
        of: ACTORS,
        holds: |actor| address(actor, "inbox"),
        source: "app/services/activitypub/process_account_service.rb call (no inbox), valid_collection_uri",
    },
    Rule {
        name: "handle",
        of: ACTORS,
        holds: |actor| text(actor, "preferredUsername").or_else(|_| text(actor, "webfinger")),
        source: "app/services/activitypub/process_account_service.rb extract_username_and_domain!",
    },
    Rule {
        name: "username",
        of: ACTORS,
        holds: username,
        source: "app/models/account.rb USERNAME_ONLY_RE; process_account_service.rb check_webfinger!",
    },
    Rule {
        name: "public key",
        of: ACTORS,
        holds: own_key,
        source: "app/services/activitypub/process_account_service.rb legacy_public_keys",
    },
    Rule {
        name: "other accounts",
        of: &[Kind::Person],
        holds: |actor| {
            optional(actor, "alsoKnownAs", addresses)?;
            optional(actor, "movedTo", address)
        },
        source: "app/services/activitypub/process_account_service.rb set_immediate_attributes!, moved_account",
    },
    Rule {
        name: "actor",
        of: ACTIVITIES,
        holds: |activity| reference(activity, "actor"),
        source: "app/services/activitypub/process_activity_service.rb different_actor?",
    },
    Rule {
        name: "object",
        of: ACTIVITIES,
        holds: |activity| present(activity, "object"),
        source: "app/lib/activitypub/activity.rb object_uri; activity/announce.rb perform",
    },
    Rule {
        name: "host of the object",
        of: CARRIERS,
        holds: |activity| same_host(activity, "object", "actor"),
        source: "app/lib/activitypub/activity/create.rb create_status, update.rb update_status \
                 (non_matching_uri_hosts?)",
    },
    Rule {
        name: "own profile",
        of: &[Kind::Update],
        holds: own_profile,
        source: "app/lib/activitypub/activity/update.rb update_account",
    },
    Rule {
        name: "attribution",
        of: MESSAGES,
        holds: attribution,
        source: "app/services/activitypub/fetch_remote_status_service.rb trustworthy_attribution?",
    },
    Rule {
        name: "id of a message",
        of: MESSAGES,
        holds: |message| address(message, "id"),
        source: "app/services/activitypub/fetch_remote_status_service.rb call",
    },
    Rule {
        name: "published",
        of: &[Kind::Top, Kind::Reply, Kind::Private, Kind::Event, Kind::Announce],
        holds: |document| optional(document, "published", instant),
        source: "app/lib/activitypub/parser/status_parser.rb created_at; activity/announce.rb perform",
    },
    Rule {
        name: "mention",
        of: MESSAGES,
        holds: mentions,
        source: "app/lib/activitypub/activity/create.rb process_mention",
    },
    Rule {
        name: "languages",
        of: MESSAGES,
        holds: |message| {
            let map = at(message, "contentMap");
            ensure(
                map.is_null() || map.as_object().is_some_and(|map| !map.is_empty()),
                "`contentMap` is empty",
            )
        },
        source: "app/lib/activitypub/parser/status_parser.rb content_language_map?",
    },
    Rule {
        name: "announced",
        of: &[Kind::Announce],
        holds: |announce| reference(announce, "object"),
        source: "app/lib/activitypub/activity.rb fetch_remote_original_status",
    },
    Rule {
        name: "public boost",
        of: &[Kind::Announce],
        holds: public,
        source: "app/lib/activitypub/activity/announce.rb visibility_from_audience (a direct boost is shown to nobody)",
    },
    Rule {
        name: "target",
        of: &[Kind::Follow, Kind::Like, Kind::Block],
        holds: |activity| reference(activity, "object"),
        source: "app/lib/activitypub/activity/follow.rb, like.rb, block.rb (…_from_uri(object_uri))",
    },
    Rule {
        name: "accepted follow",
        of: &[Kind::Accept, Kind::Reject],
        holds: |answer| match at(answer, "object") {
            follow @ Value::Object(_) => reference(follow, "actor"),
            _ => address(answer, "object"),
        },
        source: "app/lib/activitypub/activity/accept.rb accept_embedded_follow",
    },
    Rule {
        name: "undone",
        of: &[Kind::Undo],
        holds: |undo| match at(undo, "object") {
            embedded @ Value::Object(_) => reference(embedded, "object"),
            _ => address(undo, "object"),
        },
        source: "app/lib/activitypub/activity/undo.rb target_uri, handle_reference",
    },
    Rule {
        name: "deleted",
        of: &[Kind::Delete],
        holds: |delete| same_host(delete, "object", "actor"),
        source: "app/lib/activitypub/activity/delete.rb delete_object",
    },
    Rule {
        name: "moved self",
        of: &[Kind::Move],
        holds: |moved| {
            same(moved, "object", "actor")?;
            reference(moved, "target")
        },
        source: "app/lib/activitypub/activity/move.rb perform",
    },
    Rule {
        name: "flagged",
        of: &[Kind::Flag],
        holds: |flag| addresses(flag, "object"),
        source: "app/lib/activitypub/activity/flag.rb object_uris",
    },
    Rule {
        name: "target of a list",
        of: &[Kind::Add, Kind::Remove],
        holds: |activity| reference(activity, "target"),
        source: "app/lib/activitypub/activity/add.rb, remove.rb perform",
    },
    Rule {
        name: "proof",
        of: ACTIVITIES,
        holds: proof,
        source: "app/lib/activitypub/object_integrity_proof.rb verify_actor!, verify_eddsa_jcs_2022",
    },
    Rule {
        name: "number of items",
        of: &[Kind::Outbox, Kind::Followers],
        holds: |collection| optional(collection, "totalItems", count),
        source: "app/services/activitypub/process_account_service.rb collection_info",
    },
    Rule {
        name: "webfinger",
        of: &[Kind::WebFinger],
        holds: webfinger,
        source: "app/lib/webfinger.rb Response validate_response!, self_link_href",
    },
];

/// `[a-z0-9_]+([.-]+[a-z0-9_]+)*`, whatever the case: letters, digits and `_`, with `.` and `-` only inside.
fn username(actor: &Value) -> Held {
    let handle = at(actor, "webfinger").as_str().filter(|handle| handle.contains('@'));
    let name = handle.or_else(|| at(actor, "preferredUsername").as_str()).unwrap_or_default();
    let name = name.trim_start_matches("acct:").split('@').next().unwrap_or_default();
    let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let inside = name.chars().all(|letter| is_word(letter) || matches!(letter, '.' | '-'));
    let ends = name.starts_with(is_word) && name.ends_with(is_word);
    ensure(inside && ends, format!("{name:?} is not a username"))
}

/// A key that is not the actor's by its own word is skipped, and nothing that it signs is believed.
fn own_key(actor: &Value) -> Held {
    let id = at(actor, "id");
    let mut keys = several(at(actor, "publicKey")).iter().chain(several(at(actor, "assertionMethod")));
    let own = keys.any(|key| match key {
        Value::Object(_) => {
            let owned = at(key, "owner") == id && text(key, "publicKeyPem").is_ok();
            let controlled = at(key, "controller") == id && text(key, "publicKeyMultibase").is_ok();
            (owned || controlled) && address(key, "id").is_ok()
        }
        named => named.is_string(),
    });
    ensure(own, "no key is the actor's own")
}

fn own_profile(update: &Value) -> Held {
    let is_profile = at(update, "object.inbox").is_string();
    if is_profile { same(update, "object", "actor") } else { Ok(()) }
}

fn attribution(message: &Value) -> Held {
    let author = several(at(message, "attributedTo")).first().unwrap_or(&Value::Null);
    let author = if author.is_object() { at(author, "id") } else { author };
    ensure(
        host(author).is_some() && host(author) == host(at(message, "id")),
        format!("it is attributed to {author}, on another host than its id"),
    )
}

fn mentions(message: &Value) -> Held {
    each(message, "tag", |tag| {
        let is_mention = texts(at(tag, "type")).any(|kind| kind == "Mention");
        if is_mention { address(tag, "href") } else { Ok(()) }
    })
}

fn proof(activity: &Value) -> Held {
    let proof = at(activity, "proof");
    if proof.is_null() {
        return Ok(());
    }
    one_of(proof, "type", &["DataIntegrityProof"])?;
    one_of(proof, "proofPurpose", &["assertionMethod"])?;
    one_of(proof, "cryptosuite", &["eddsa-jcs-2022", "mldsa44-jcs-2024"])?;
    address(proof, "verificationMethod")?;
    text(proof, "proofValue")?;
    let (own, whole) = (several(at(proof, "@context")), several(at(activity, "@context")));
    ensure(whole.starts_with(own), "the `@context` of the proof does not begin that of the document")
}

fn webfinger(jrd: &Value) -> Held {
    text(jrd, "subject")?;
    let ready = [
        "application/activity+json",
        "application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"",
    ];
    let mut links = several(at(jrd, "links")).iter();
    let own = links.find(|link| at(link, "rel") == "self" && one_of(link, "type", &ready).is_ok());
    own.map_or_else(
        || Err("no `self` link of ActivityPub".to_owned()),
        |link| ensure(id_at(link, "href").is_string(), "the `self` link has no `href`"),
    )
}
