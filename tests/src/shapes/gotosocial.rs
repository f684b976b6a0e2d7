//! GoToSocial 0.20, read at commit 57cb4fe of superseriousbusiness/gotosocial; its ActivityStreams types are those
//! of code.superseriousbusiness.org/activity.

use super::document::{ACTIVITIES, ACTORS, MESSAGES};
use super::form::{
    address, addresses, at, context, each, ensure, instant, one_of, present, reference, same, several, text,
    texts,
};
use super::{Held, Kind, Rule, Understood};
use serde_json::Value;

/// `internal/federation/federatingdb`: a file per activity; `internal/ap/interfaces.go` `IsAccountable`,
/// `IsStatusable`.
pub const UNDERSTOOD: Understood = &[
    (Kind::Person, &[]),
    (Kind::Group, &[]),
    (Kind::Application, &[]),
    (Kind::Top, &[]),
    (Kind::Reply, &[]),
    (Kind::Private, &[]),
    (Kind::Event, &[]),
    (Kind::Create, &[Kind::Top, Kind::Reply, Kind::Private, Kind::Event, Kind::Several]),
    (
        Kind::Update,
        &[Kind::Person, Kind::Group, Kind::Application, Kind::Top, Kind::Reply, Kind::Private, Kind::Event],
    ),
    (Kind::Delete, &[]),
    (Kind::Announce, &[Kind::Reference, Kind::Several]),
    (Kind::Follow, &[Kind::Reference]),
    (Kind::Accept, &[]),
    (Kind::Reject, &[]),
    (Kind::Undo, &[Kind::Follow, Kind::Like, Kind::Block, Kind::Announce]),
    (Kind::Like, &[Kind::Reference]),
    (Kind::Block, &[Kind::Reference]),
    (Kind::Flag, &[]),
    (Kind::Move, &[]),
    (Kind::Outbox, &[]),
    (Kind::Followers, &[]),
    (Kind::Featured, &[]),
    (Kind::Replies, &[]),
    (Kind::Collection, &[]),
    (Kind::Page, &[]),
    (Kind::WebFinger, &[]),
];

/// Its rules.
pub const RULES: &[Rule] = &[
    Rule {
        name: "context",
        of: &[Kind::Whole],
        holds: context,
        source: "internal/ap/resolve.go decodeType, streams.ToType ('@context' is missing)",
    },
    Rule {
        name: "type",
        of: &[Kind::Whole],
        holds: |document| text(document, "type"),
        source: "internal/ap/resolve.go decodeType, streams.ToType ('type' is not a string)",
    },
    Rule {
        name: "transient",
        of: ACTIVITIES,
        holds: |activity| address(activity, "id"),
        source: "internal/ap/resolve.go ResolveIncomingActivity (no id: dropped)",
    },
    Rule {
        name: "actor",
        of: ACTIVITIES,
        holds: |activity| reference(activity, "actor"),
        source: "internal/ap/extract.go ExtractActorURI; typeutils/astointernal.go getASActorAccount",
    },
    Rule {
        name: "object",
        of: ACTIVITIES,
        holds: |activity| present(activity, "object"),
        source: "internal/federation/federatingactor.go PostInboxScheme (pub.ErrObjectRequired)",
    },
    Rule {
        name: "id of an actor",
        of: ACTORS,
        holds: |actor| address(actor, "id"),
        source: "internal/typeutils/astointernal.go ASRepresentationToAccount (unusable iri property)",
    },
    Rule {
        name: "username",
        of: ACTORS,
        holds: |actor| text(actor, "preferredUsername"),
        source: "internal/typeutils/astointernal.go ASRepresentationToAccount (missing username)",
    },
    Rule {
        name: "public key",
        of: ACTORS,
        holds: public_key,
        source: "internal/ap/extract.go ExtractPubKeyFromKey",
    },
    Rule {
        name: "owner of the key",
        of: ACTORS,
        holds: |actor| {
            let key = several(at(actor, "publicKey")).first().unwrap_or(&Value::Null);
            ensure(at(key, "owner") == at(actor, "id"), "the key is not the actor's")
        },
        source: "internal/typeutils/astointernal.go ASRepresentationToAccount (public key not owned)",
    },
    Rule {
        name: "attribution",
        of: MESSAGES,
        holds: |message| {
            present(message, "attributedTo")?;
            each(message, "attributedTo", |author| {
                reference(&serde_json::json!({ "author": author }), "author")
            })
        },
        source: "internal/federation/dereferencing/status.go enrichStatus (attributedTo was empty)",
    },
    Rule {
        name: "id of a message",
        of: MESSAGES,
        holds: |message| address(message, "id"),
        source: "internal/typeutils/astointernal.go ASStatusToStatus (unusable iri property)",
    },
    Rule {
        name: "audience",
        of: &[Kind::Top, Kind::Reply, Kind::Private, Kind::Announce],
        holds: |document| {
            let named = ["to", "cc"].iter().flat_map(|name| several(at(document, name))).count();
            ensure(named > 0, "neither `to` nor `cc` names anybody")
        },
        source: "internal/ap/extract.go ExtractVisibility",
    },
    Rule {
        name: "edited after it was written",
        of: MESSAGES,
        holds: edited_later,
        source: "internal/typeutils/astointernal.go ASStatusToStatus ('updated' predates 'published')",
    },
    Rule {
        name: "mention",
        of: MESSAGES,
        holds: |message| {
            each(message, "tag", |tag| {
                let is_mention = texts(at(tag, "type")).any(|kind| kind == "Mention");
                if is_mention { text(tag, "name").or_else(|_| address(tag, "href")) } else { Ok(()) }
            })
        },
        source: "internal/ap/extract.go ExtractMention",
    },
    Rule {
        name: "target",
        of: &[Kind::Follow, Kind::Like, Kind::Block, Kind::Announce],
        holds: |activity| reference(activity, "object").or_else(|_| addresses(activity, "object")),
        source: "internal/typeutils/astointernal.go getASObjectAccount, getASObjectStatus, ASAnnounceToStatus",
    },
    Rule {
        name: "accepted follow",
        of: &[Kind::Accept, Kind::Reject],
        holds: |answer| {
            let follow = at(answer, "object");
            if at(follow, "type") != "Follow" {
                return Ok(());
            }
            address(follow, "id")?;
            reference(follow, "actor")?;
            reference(follow, "object")
        },
        source: "internal/typeutils/astointernal.go ASFollowToFollow",
    },
    Rule {
        name: "undone by its actor",
        of: &[Kind::Undo],
        holds: |undo| {
            same(undo, "actor", "object.actor")?;
            reference(undo, "object.object")
        },
        source: "internal/federation/federatingdb/undo.go sameActor",
    },
    Rule {
        name: "own profile",
        of: &[Kind::Update],
        holds: |update| {
            if at(update, "object.inbox").is_null() { Ok(()) } else { same(update, "object", "actor") }
        },
        source: "internal/federation/federatingdb/update.go updateAccountable",
    },
    Rule {
        name: "flagged",
        of: &[Kind::Flag],
        holds: |flag| {
            present(flag, "object")?;
            addresses(flag, "object")
        },
        source: "internal/typeutils/astointernal.go ASFlagToReport (unusable object property iris)",
    },
    Rule {
        name: "moved self",
        of: &[Kind::Move],
        holds: |moved| {
            same(moved, "object", "actor")?;
            reference(moved, "target")
        },
        source: "internal/federation/federatingdb/move.go Move",
    },
    Rule {
        name: "webfinger",
        of: &[Kind::WebFinger],
        holds: webfinger,
        source: "internal/federation/dereferencing/finger.go fingerRemoteAccount",
    },
];

fn public_key(actor: &Value) -> Held {
    let key = several(at(actor, "publicKey")).first().unwrap_or(&Value::Null);
    address(key, "id")?;
    address(key, "owner")?;
    let pem = at(key, "publicKeyPem").as_str().unwrap_or_default().trim();
    ensure(
        pem.starts_with("-----BEGIN PUBLIC KEY-----") || pem.starts_with("-----BEGIN RSA PUBLIC KEY-----"),
        "`publicKeyPem` is not the PEM of an RSA key",
    )
}

fn edited_later(message: &Value) -> Held {
    let time = |name: &str| at(message, name).as_str().and_then(|text| text.parse::<jiff::Timestamp>().ok());
    if instant(message, "published").is_err() {
        return Ok(());
    }
    ensure(
        time("updated").is_none_or(|updated| Some(updated) >= time("published")),
        "`updated` is before `published`",
    )
}

fn webfinger(jrd: &Value) -> Held {
    text(jrd, "subject")?;
    let mut links = several(at(jrd, "links")).iter().filter(|link| at(link, "rel") == "self");
    let types = [
        "application/activity+json",
        "application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"",
    ];
    let own = links.any(|link| one_of(link, "type", &types).and_then(|()| address(link, "href")).is_ok());
    ensure(own, "no `self` link of ActivityPub")
}
