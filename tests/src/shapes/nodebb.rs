//! NodeBB 4, read at commit ab329b3 of NodeBB/NodeBB. Paths below `src`.

use super::document::{ACTIVITIES, ACTORS, Kind, MESSAGES};
use super::form::{
    address, addresses, at, each, ensure, instant, list, one_of, optional, present, reference, same_host,
    several, text,
};
use super::{Rule, Understood};
use serde_json::Value;

/// `activitypub/inbox.js`; `activitypub/index.js` `acceptedPostTypes`, `acceptableActorTypes`.
pub const UNDERSTOOD: Understood = &[
    (Kind::Person, &[]),
    (Kind::Group, &[]),
    (Kind::Application, &[]),
    (Kind::Top, &[]),
    (Kind::Reply, &[]),
    (Kind::Private, &[]),
    (Kind::Create, &[Kind::Top, Kind::Reply, Kind::Private, Kind::Reference]),
    (
        Kind::Update,
        &[
            Kind::Top,
            Kind::Reply,
            Kind::Private,
            Kind::Person,
            Kind::Application,
            Kind::Tombstone,
            Kind::Reference,
        ],
    ),
    (Kind::Delete, &[]),
    (
        Kind::Announce,
        &[
            Kind::Reference,
            Kind::Top,
            Kind::Reply,
            Kind::Announce,
            Kind::Create,
            Kind::Update,
            Kind::Delete,
            Kind::Like,
        ],
    ),
    (Kind::Follow, &[]),
    (Kind::Accept, &[]),
    (Kind::Reject, &[]),
    (Kind::Undo, &[Kind::Follow, Kind::Like, Kind::Dislike, Kind::Announce, Kind::Flag, Kind::Reference]),
    (Kind::Like, &[]),
    (Kind::Dislike, &[]),
    (Kind::Flag, &[]),
    (Kind::Add, &[]),
    (Kind::Remove, &[]),
    (Kind::Move, &[]),
    (Kind::Context, &[]),
    (Kind::Replies, &[]),
    (Kind::Followers, &[]),
    (Kind::WebFinger, &[]),
];

/// Its rules.
pub const RULES: &[Rule] = &[
    Rule {
        name: "required",
        of: ACTIVITIES,
        holds: |activity| {
            ["id", "type", "actor", "object"].iter().try_for_each(|field| present(activity, field))
        },
        source: "middleware/activitypub.js assertPayload",
    },
    Rule {
        name: "actor of an activity",
        of: ACTIVITIES,
        holds: |activity| addresses(activity, "actor").or_else(|_| reference(activity, "actor")),
        source: "middleware/activitypub.js assertPayload (new URL(actor))",
    },
    Rule {
        name: "origin",
        of: &[Kind::Create, Kind::Update, Kind::Delete],
        holds: |activity| same_host(activity, "actor", "object"),
        source: "activitypub/inbox.js update, delete (origin-mismatch); middleware/activitypub.js assertPayload",
    },
    Rule {
        name: "inbox",
        of: ACTORS,
        holds: |actor| present(actor, "inbox"),
        source: "activitypub/index.js requiredActorProps; activitypub/actors.js assert",
    },
    Rule {
        name: "id of an actor",
        of: ACTORS,
        holds: |actor| address(actor, "id"),
        source: "activitypub/actors.js assert (new URL(actor.id).hostname)",
    },
    Rule {
        name: "username",
        of: ACTORS,
        holds: |actor| {
            text(actor, "preferredUsername")?;
            let name = at(actor, "preferredUsername").as_str().unwrap_or_default();
            ensure(!name.contains('@'), "`preferredUsername` has an @")
        },
        source: "activitypub/actors.js assert (webfinger back-reference of preferredUsername); mocks.js profile",
    },
    Rule {
        name: "public key",
        of: ACTORS,
        holds: |actor| {
            ["publicKey.id", "publicKey.publicKeyPem"].iter().try_for_each(|field| text(actor, field))
        },
        source: "middleware/activitypub.js assertPayload (key ownership cross-check)",
    },
    Rule {
        name: "key of the actor",
        of: ACTORS,
        holds: |actor| {
            let key = at(actor, "publicKey.id").as_str().unwrap_or_default();
            let owner = key.split('#').next().unwrap_or_default();
            ensure(at(actor, "id") == owner, format!("the key {key} is not below the actor's id"))
        },
        source: "middleware/activitypub.js assertPayload (key id without its fragment is who asks)",
    },
    Rule {
        name: "id of a message",
        of: MESSAGES,
        holds: |message| address(message, "id"),
        source: "activitypub/mocks.js post (isUri(object.id)); notes.js assertPrivate",
    },
    Rule {
        name: "type",
        of: MESSAGES,
        holds: |message| one_of(message, "type", &["Note", "Page", "Article", "Question", "Video"]),
        source: "activitypub/index.js acceptedPostTypes; mocks.js post",
    },
    Rule {
        name: "attribution",
        of: MESSAGES,
        holds: |message| {
            reference(message, "attributedTo")?;
            same_host(message, "attributedTo", "id")
        },
        source: "activitypub/inbox.js create (attributedTo is an array, rejecting; origin mismatch)",
    },
    Rule {
        name: "published",
        of: &[Kind::Top, Kind::Reply],
        holds: |message| instant(message, "published"),
        source: "activitypub/mocks.js post (timestamp), notes.js assert (sorted by timestamp)",
    },
    Rule {
        name: "addressees",
        of: &[Kind::Top, Kind::Reply],
        holds: |message| {
            ["to", "cc", "audience"].iter().try_for_each(|field| optional(message, field, addresses))
        },
        source: "activitypub/notes.js assert (new URL of every addressee, else no category is found)",
    },
    Rule {
        name: "hashtags",
        of: MESSAGES,
        holds: |message| {
            each(message, "tag", |tag| if at(tag, "type") == "Hashtag" { text(tag, "name") } else { Ok(()) })
        },
        source: "activitypub/notes.js _normalizeTags (tag.name.startsWith)",
    },
    Rule {
        name: "attachments",
        of: MESSAGES,
        holds: |message| optional(message, "attachment", list),
        source: "activitypub/notes.js assert (attachment.filter)",
    },
    Rule {
        name: "attachments of a chat",
        of: &[Kind::Private],
        holds: |message| each(message, "attachment", |attachment| text(attachment, "mediaType")),
        source: "activitypub/notes.js assertPrivate (attachment.mediaType.startsWith)",
    },
    Rule {
        name: "answered follow",
        of: &[Kind::Accept],
        holds: |accept| match at(accept, "object") {
            Value::String(_) => Ok(()),
            follow => reference(follow, "actor"),
        },
        source: "activitypub/inbox.js accept (resolveLocalId(object.actor))",
    },
    Rule {
        name: "undone",
        of: &[Kind::Undo],
        holds: |undo| match at(undo, "object") {
            Value::String(_) => Ok(()),
            undone => {
                text(undone, "type")?;
                present(undone, "object")
            }
        },
        source: "activitypub/inbox.js undo (object.type, object.object)",
    },
    Rule {
        name: "target",
        of: &[Kind::Follow, Kind::Like, Kind::Dislike],
        holds: |activity| reference(activity, "object"),
        source: "activitypub/inbox.js follow, like, dislike (object.id)",
    },
    Rule {
        name: "announced by its id",
        of: &[Kind::Announce],
        holds: |announce| reference(announce, "object"),
        source: "activitypub/inbox.js announce (pid = object.id)",
    },
    Rule {
        name: "announced deletion",
        of: &[Kind::Announce],
        holds: |announce| {
            if at(announce, "object.type") != "Delete" {
                return Ok(());
            }
            address(announce, "object.actor")?;
            reference(announce, "object.object")
        },
        source: "activitypub/inbox.js announce Delete (new URL(object.actor), object.object)",
    },
    Rule {
        name: "thread",
        of: &[Kind::Context],
        holds: |context| {
            one_of(context, "type", &["Collection", "OrderedCollection"])?;
            let has_items = ["orderedItems", "items"].iter().any(|field| at(context, field).is_array());
            ensure(has_items || !at(context, "first").is_null(), "neither items nor a first page")
        },
        source: "activitypub/contexts.js getItems",
    },
    Rule {
        name: "webfinger",
        of: &[Kind::WebFinger],
        holds: |jrd| {
            list(jrd, "links")?;
            let own = several(at(jrd, "links")).iter().find(|link| {
                let kind = at(link, "type").as_str().unwrap_or_default();
                at(link, "rel") == "self" && (kind.contains("activity+json") || kind.contains("ld+json"))
            });
            own.map_or_else(|| Err("no `self` link of ActivityPub".to_owned()), |link| address(link, "href"))
        },
        source: "activitypub/helpers.js query; actors.js assert (does not loop back)",
    },
];
