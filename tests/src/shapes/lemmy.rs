//! Lemmy, read at commit 439734d of LemmyNet/lemmy (1.0) and at its branch release/v0.19. It reads each kind into a
//! struct: what does not fit is refused whole. Paths below `crates/apub`; those of 0.19 are `crates/apub/src` of its
//! branch.

use super::document::{ACTORS, Kind, kind_of};
use super::form::{
    absent, address, addresses, at, boolean, count, each, ensure, for_members, instant, is_public, list,
    object, one_of, optional, present, public, reference, same_host, several, string, text, texts,
};
use super::{Held, Rule, Understood};
use serde_json::Value;

const VOTES: &[Kind] = &[Kind::Like, Kind::Dislike];
const CARRIERS: &[Kind] = &[Kind::Create, Kind::Update];
/// What a moderator does in a community.
const MODERATION: &[Kind] = &[Kind::Block, Kind::Lock, Kind::Add, Kind::Remove];

/// `activities/src/activity_lists.rs` and the collections of `apub/src/protocol/collections`.
pub const UNDERSTOOD_1_0: Understood = &[
    (Kind::Person, &[]),
    (Kind::Group, &[]),
    (Kind::Application, &[]),
    (Kind::Feed, &[]),
    (Kind::Listed, &[]),
    (Kind::Top, &[]),
    (Kind::Reply, &[]),
    (Kind::Private, &[]),
    (Kind::Event, &[]),
    (Kind::Tombstone, &[]),
    (Kind::Create, &[Kind::Top, Kind::Reply, Kind::Private, Kind::Event]),
    (Kind::Update, &[Kind::Top, Kind::Reply, Kind::Private, Kind::Event, Kind::Group, Kind::Feed]),
    (Kind::Delete, &[Kind::Reference, Kind::Tombstone]),
    (
        Kind::Announce,
        &[
            Kind::Create,
            Kind::Update,
            Kind::Delete,
            Kind::Like,
            Kind::Dislike,
            Kind::Undo,
            Kind::Block,
            Kind::Lock,
            Kind::Add,
            Kind::Remove,
            Kind::Flag,
        ],
    ),
    (Kind::Follow, &[Kind::Reference]),
    (Kind::Accept, &[Kind::Follow, Kind::Reference]),
    (Kind::Reject, &[Kind::Follow, Kind::Reference]),
    (
        Kind::Undo,
        &[Kind::Follow, Kind::Like, Kind::Dislike, Kind::Delete, Kind::Block, Kind::Lock, Kind::Reference],
    ),
    (Kind::Like, &[Kind::Reference]),
    (Kind::Dislike, &[Kind::Reference]),
    (Kind::Block, &[Kind::Reference]),
    (Kind::Lock, &[Kind::Reference]),
    (Kind::Add, &[Kind::Reference]),
    (Kind::Remove, &[Kind::Reference]),
    (Kind::Flag, &[Kind::Reference, Kind::Several]),
    (Kind::Outbox, &[]),
    (Kind::Followers, &[]),
    (Kind::Moderators, &[]),
    (Kind::Featured, &[]),
    (Kind::WebFinger, &[]),
    (Kind::NodeInfoLinks, &[]),
    (Kind::NodeInfo, &[]),
];

/// `activity_lists.rs` of 0.19: no `Reject`, no announced `Flag`, and private messages only as `ChatMessage`.
pub const UNDERSTOOD_0_19: Understood = &[
    (Kind::Person, &[]),
    (Kind::Group, &[]),
    (Kind::Application, &[]),
    (Kind::Top, &[]),
    (Kind::Reply, &[]),
    (Kind::Event, &[]),
    (Kind::Tombstone, &[]),
    (Kind::Create, &[Kind::Top, Kind::Reply, Kind::Event]),
    (Kind::Update, &[Kind::Top, Kind::Reply, Kind::Event, Kind::Group]),
    (Kind::Delete, &[Kind::Reference, Kind::Tombstone]),
    (
        Kind::Announce,
        &[
            Kind::Create,
            Kind::Update,
            Kind::Delete,
            Kind::Like,
            Kind::Dislike,
            Kind::Undo,
            Kind::Block,
            Kind::Lock,
            Kind::Add,
            Kind::Remove,
        ],
    ),
    (Kind::Follow, &[Kind::Reference]),
    (Kind::Accept, &[Kind::Follow]),
    (Kind::Undo, &[Kind::Follow, Kind::Like, Kind::Dislike, Kind::Delete, Kind::Block, Kind::Lock]),
    (Kind::Like, &[Kind::Reference]),
    (Kind::Dislike, &[Kind::Reference]),
    (Kind::Block, &[Kind::Reference]),
    (Kind::Lock, &[Kind::Reference]),
    (Kind::Add, &[Kind::Reference]),
    (Kind::Remove, &[Kind::Reference]),
    (Kind::Flag, &[Kind::Reference]),
    (Kind::Outbox, &[]),
    (Kind::Followers, &[]),
    (Kind::Moderators, &[]),
    (Kind::Featured, &[]),
    (Kind::WebFinger, &[]),
    (Kind::NodeInfoLinks, &[]),
    (Kind::NodeInfo, &[]),
];

/// The rules of both versions.
pub const RULES: &[Rule] = &[
    Rule {
        name: "actor",
        of: ACTORS,
        holds: |actor| {
            ["id", "inbox", "outbox"].iter().try_for_each(|field| address(actor, field))?;
            ["published", "updated"].iter().try_for_each(|field| optional(actor, field, instant))?;
            optional(actor, "summary", string)
        },
        source: "objects/src/protocol/{group,person,instance}.rs id, inbox, outbox, published, updated",
    },
    Rule {
        name: "public key",
        of: ACTORS,
        holds: |actor| {
            object(actor, "publicKey")?;
            text(actor, "publicKey.id")?;
            address(actor, "publicKey.owner")?;
            text(actor, "publicKey.publicKeyPem")
        },
        source: "objects/src/protocol/{group,person,instance}.rs public_key; activitypub_federation PublicKey",
    },
    Rule {
        name: "username",
        of: &[Kind::Person, Kind::Group],
        holds: |actor| text(actor, "preferredUsername"),
        source: "objects/src/protocol/{group,person}.rs preferred_username",
    },
    Rule {
        name: "shared inbox",
        of: &[Kind::Person, Kind::Group],
        holds: |actor| optional(actor, "endpoints", |actor, _| address(actor, "endpoints.sharedInbox")),
        source: "objects/src/protocol/{group,person}.rs endpoints; utils/protocol.rs Endpoints",
    },
    Rule {
        name: "group",
        of: &[Kind::Group],
        holds: |group| {
            ["followers", "featured"].iter().try_for_each(|field| optional(group, field, address))?;
            ["sensitive", "postingRestrictedToMods", "manuallyApprovesFollowers", "discoverable"]
                .iter()
                .try_for_each(|field| optional(group, field, boolean))?;
            ["name", "description"].iter().try_for_each(|field| optional(group, field, string))
        },
        source: "objects/src/protocol/group.rs Group",
    },
    Rule {
        name: "moderators",
        of: &[Kind::Group],
        holds: |group| optional(group, "attributedTo", address).or_else(|_| typed_actors(group)),
        source: "objects/src/utils/protocol.rs AttributedTo (else the moderators stay unknown)",
    },
    Rule {
        name: "site",
        of: &[Kind::Application],
        holds: |actor| text(actor, "name"),
        source: "objects/src/protocol/instance.rs name",
    },
    Rule {
        name: "author",
        of: &[Kind::Top, Kind::Event],
        holds: |post| address(post, "attributedTo").or_else(|_| typed_actors(post)),
        source: "objects/src/protocol/page.rs attributed_to, creator",
    },
    Rule {
        name: "title or text",
        of: &[Kind::Top, Kind::Event],
        holds: |post| {
            ["name", "content"].iter().try_for_each(|field| optional(post, field, string))?;
            text(post, "name").or_else(|_| text(post, "content"))
        },
        source: "objects/src/objects/post.rs from_json (Object must have name or content)",
    },
    Rule {
        name: "no comment",
        of: &[Kind::Top, Kind::Event],
        holds: |post| absent(post, "inReplyTo"),
        source: "objects/src/protocol/page.rs deserialize_not_present",
    },
    Rule {
        name: "comment",
        of: &[Kind::Reply],
        holds: |comment| {
            one_of(comment, "type", &["Note"])?;
            string(comment, "content")?;
            address(comment, "attributedTo")?;
            address(comment, "inReplyTo")?;
            addresses(comment, "to")
        },
        source: "objects/src/protocol/note.rs Note",
    },
    Rule {
        name: "form of a message",
        of: &[Kind::Top, Kind::Reply, Kind::Event],
        holds: |message| {
            address(message, "id")?;
            optional(message, "mediaType", |m, field| one_of(m, field, &["text/markdown", "text/html"]))?;
            ["published", "updated"].iter().try_for_each(|field| optional(message, field, instant))?;
            ["to", "cc"].iter().try_for_each(|field| optional(message, field, addresses))?;
            optional(message, "language", |m, _| {
                string(m, "language.identifier")?;
                string(m, "language.name")
            })
        },
        source: "objects/src/protocol/{page,note}.rs id, media_type, published, updated, to, cc, language",
    },
    Rule {
        name: "attachments",
        of: &[Kind::Top, Kind::Reply, Kind::Event],
        holds: attachments,
        source: "objects/src/protocol/page.rs attachment, Attachment",
    },
    Rule {
        name: "tags",
        of: &[Kind::Reply],
        holds: |comment| optional(comment, "tag", list),
        source: "objects/src/protocol/note.rs tag",
    },
    Rule {
        name: "everybody",
        of: &[Kind::Top, Kind::Reply, Kind::Event, Kind::Create, Kind::Update, Kind::Announce],
        holds: |document| {
            // Of a community for members, that everybody is not named (1.0).
            if is_private(document) || for_members(document) { Ok(()) } else { public(document) }
        },
        source: "objects/src/utils/functions.rs verify_visibility (0.19: verify_is_public)",
    },
    Rule {
        name: "home",
        of: &[Kind::Top],
        holds: home,
        source: "objects/src/protocol/page.rs InCommunity::community (first community of `to` and `cc`, then audience)",
    },
    Rule {
        name: "audience",
        of: &[
            Kind::Top,
            Kind::Reply,
            Kind::Create,
            Kind::Update,
            Kind::Delete,
            Kind::Like,
            Kind::Dislike,
            Kind::Undo,
            Kind::Block,
            Kind::Lock,
            Kind::Add,
            Kind::Remove,
            Kind::Flag,
        ],
        holds: |document| optional(document, "audience", address),
        source: "activities/src/protocol/**/*.rs audience: Option<ObjectId<ApubCommunity>>",
    },
    Rule {
        name: "host of the author",
        of: &[Kind::Top, Kind::Reply],
        holds: |message| match at(message, "attributedTo") {
            Value::String(_) => same_host(message, "attributedTo", "id"),
            _ => Ok(()),
        },
        source: "objects/src/objects/{post,comment}.rs verify (verify_domains_match)",
    },
    Rule {
        name: "carrier",
        of: CARRIERS,
        holds: |activity| {
            ["id", "actor"].iter().try_for_each(|field| address(activity, field))?;
            addresses(activity, "to")?;
            if is_private(activity) { Ok(()) } else { addresses(activity, "cc") }?;
            object(activity, "object")?;
            optional(activity, "tag", list)
        },
        source: "activities/src/protocol/create_or_update/{page,note,private_message}.rs",
    },
    Rule {
        name: "host of the object",
        of: CARRIERS,
        holds: |activity| match kind_of(activity).1 {
            Some(Kind::Top | Kind::Reply | Kind::Private) => same_host(activity, "actor", "object"),
            _ => Ok(()),
        },
        source: "activities/src/create_or_update/{post,comment,private_message}.rs verify (verify_domains_match)",
    },
    Rule {
        name: "vote",
        of: VOTES,
        holds: |vote| ["id", "actor", "object"].iter().try_for_each(|field| address(vote, field)),
        source: "activities/src/protocol/voting/vote.rs Vote",
    },
    Rule {
        name: "undo",
        of: &[Kind::Undo],
        holds: |undo| {
            ["id", "actor"].iter().try_for_each(|field| address(undo, field))?;
            reference(undo, "object")?;
            if at(undo, "object").is_object() {
                ["object.id", "object.actor"].iter().try_for_each(|field| address(undo, field))?;
                reference(undo, "object.object")?;
            }
            let needs_to = ["Delete", "Block", "Lock"].iter().any(|kind| at(undo, "object.type") == *kind);
            if needs_to { addresses(undo, "to") } else { Ok(()) }
        },
        source: "activities/src/protocol/{voting,following,deletion,block}/undo_*.rs",
    },
    Rule {
        name: "delete",
        of: &[Kind::Delete],
        holds: |delete| {
            ["id", "actor"].iter().try_for_each(|field| address(delete, field))?;
            addresses(delete, "to")?;
            reference(delete, "object")?;
            optional(delete, "summary", string)
        },
        source: "activities/src/protocol/deletion/delete.rs Delete",
    },
    Rule {
        name: "tombstone",
        of: &[Kind::Tombstone],
        holds: |tombstone| address(tombstone, "id"),
        source: "activitypub_federation protocol/tombstone.rs Tombstone",
    },
    Rule {
        name: "announce",
        of: &[Kind::Announce],
        holds: |announce| {
            ["id", "actor"].iter().try_for_each(|field| address(announce, field))?;
            ["to", "cc"].iter().try_for_each(|field| addresses(announce, field))
        },
        source: "activities/src/protocol/community/announce.rs AnnounceActivity",
    },
    Rule {
        name: "announced activity",
        of: &[Kind::Announce],
        holds: |announce| {
            address(announce, "object.id")?;
            address(announce, "object.actor")?;
            present(announce, "object.object")
        },
        source: "activities/src/protocol/community/announce.rs RawAnnouncableActivities; \
                 activities/src/community/announce.rs receive (CannotReceivePage)",
    },
    Rule {
        name: "follow",
        of: &[Kind::Follow],
        holds: |follow| ["id", "actor", "object"].iter().try_for_each(|field| address(follow, field)),
        source: "activities/src/protocol/following/follow.rs Follow",
    },
    Rule {
        name: "answer to a follow",
        of: &[Kind::Accept, Kind::Reject],
        holds: |answer| {
            ["id", "actor"].iter().try_for_each(|field| address(answer, field))?;
            if at(answer, "object").is_string() {
                return address(answer, "object");
            }
            one_of(answer, "object.type", &["Follow"])?;
            ["object.id", "object.actor", "object.object"].iter().try_for_each(|field| address(answer, field))
        },
        source: "activities/src/protocol/following/{accept,reject}.rs",
    },
    Rule {
        name: "moderation",
        of: MODERATION,
        holds: |activity| {
            ["id", "actor", "object"].iter().try_for_each(|field| address(activity, field))?;
            ["to", "cc"].iter().try_for_each(|field| addresses(activity, field))?;
            optional(activity, "summary", string)
        },
        source: "activities/src/protocol/community/{lock,collection_add,collection_remove}.rs, block/block_user.rs",
    },
    Rule {
        name: "target of moderation",
        of: &[Kind::Block, Kind::Add, Kind::Remove],
        holds: |activity| {
            address(activity, "target")?;
            optional(activity, "endTime", instant)?;
            optional(activity, "removeData", boolean)
        },
        source: "activities/src/protocol/block/block_user.rs, community/collection_add.rs target",
    },
    Rule {
        name: "report",
        of: &[Kind::Flag],
        holds: |flag| {
            ["id", "actor"].iter().try_for_each(|field| address(flag, field))?;
            addresses(flag, "to")?;
            ensure(several(at(flag, "to")).len() == 1, "`to` does not name one community, and it alone")?;
            addresses(flag, "object")?;
            string(flag, "summary").or_else(|_| string(flag, "content"))
        },
        source: "activities/src/protocol/community/report.rs Report, reason",
    },
    Rule {
        name: "moderators listed",
        of: &[Kind::Moderators],
        holds: |collection| {
            address(collection, "id")?;
            one_of(collection, "type", &["OrderedCollection"])?;
            list(collection, "orderedItems")?;
            addresses(collection, "orderedItems")
        },
        source: "apub/src/protocol/collections/group_moderators.rs",
    },
    Rule {
        name: "outbox",
        of: &[Kind::Outbox],
        holds: |collection| {
            address(collection, "id")?;
            one_of(collection, "type", &["OrderedCollection"])?;
            count(collection, "totalItems")?;
            list(collection, "orderedItems")
        },
        source: "apub/src/protocol/collections/group_outbox.rs (else no thread is backfilled)",
    },
    Rule {
        name: "followers counted",
        of: &[Kind::Followers],
        holds: |collection| {
            address(collection, "id")?;
            one_of(collection, "type", &["Collection"])?;
            count(collection, "totalItems")?;
            list(collection, "items")
        },
        source: "apub/src/protocol/collections/group_followers.rs (else its members are not counted)",
    },
    Rule {
        name: "featured",
        of: &[Kind::Featured],
        holds: |collection| {
            address(collection, "id")?;
            one_of(collection, "type", &["OrderedCollection"])?;
            count(collection, "totalItems")?;
            list(collection, "orderedItems")?;
            each(collection, "orderedItems", |item| ensure(item.is_object(), format!("{item} is only named")))
        },
        source: "apub/src/protocol/collections/group_featured.rs ordered_items: Vec<Page>",
    },
    Rule {
        name: "webfinger",
        of: &[Kind::WebFinger],
        holds: webfinger,
        source: "activitypub_federation fetch/webfinger.rs Webfinger, webfinger_resolve_actor",
    },
    Rule {
        name: "links to nodeinfo",
        of: &[Kind::NodeInfoLinks],
        holds: |document| {
            each(document, "links", |link| {
                address(link, "rel")?;
                address(link, "href")
            })?;
            let known = |link: &Value| texts(at(link, "rel")).any(|rel| rel.starts_with(NODEINFO_2));
            ensure(several(at(document, "links")).iter().any(known), "no link to a NodeInfo 2")
        },
        source: "crates/routes/src/utils/scheduled_tasks.rs build_update_instance_form",
    },
    Rule {
        name: "nodeinfo",
        of: &[Kind::NodeInfo],
        holds: nodeinfo,
        source: "crates/routes/src/nodeinfo.rs NodeInfo (else the software stays unknown)",
    },
];

/// The rules of 1.0 alone.
pub const RULES_1_0: &[Rule] = &[
    Rule {
        name: "context of a message",
        of: &[Kind::Top, Kind::Reply, Kind::Event],
        holds: |message| optional(message, "context", string),
        source: "objects/src/protocol/{page,note}.rs context: Option<String>",
    },
    Rule {
        name: "private message",
        of: &[Kind::Private],
        holds: |message| {
            one_of(message, "type", &["Note", "ChatMessage"])?;
            ["id", "attributedTo"].iter().try_for_each(|field| address(message, field))?;
            ensure(several(at(message, "to")).len() == 1, "`to` does not name one person")?;
            string(message, "content")?;
            optional(message, "mediaType", |m, field| one_of(m, field, &["text/html"]))
        },
        source: "objects/src/protocol/private_message.rs PrivateMessage",
    },
];

/// The rules of 0.19 alone.
pub const RULES_0_19: &[Rule] = &[Rule {
    name: "posts alone are locked",
    of: &[Kind::Lock],
    holds: |lock| address(lock, "object"),
    source: "protocol/activities/community/lock_page.rs LockPage object: ObjectId<ApubPost>",
}];

const NODEINFO_2: &str = "http://nodeinfo.diaspora.software/ns/schema/2.";

fn is_private(activity: &Value) -> bool {
    kind_of(activity).1 == Some(Kind::Private)
}

fn typed_actors(document: &Value) -> Held {
    list(document, "attributedTo")?;
    each(document, "attributedTo", |actor| {
        one_of(actor, "type", &["Person", "Group"])?;
        address(actor, "id")
    })
}

fn attachments(message: &Value) -> Held {
    optional(message, "attachment", list)?;
    each(message, "attachment", |attachment| {
        one_of(attachment, "type", &["Link", "Image", "Document"])?;
        if at(attachment, "type") == "Link" {
            address(attachment, "href")
        } else {
            address(attachment, "url")
        }
    })
}

/// A community is looked for among those addressed, or among the typed authors.
fn home(post: &Value) -> Held {
    if at(post, "attributedTo").is_array() {
        return Ok(());
    }
    let mut named = ["to", "cc"].iter().flat_map(|name| texts(at(post, name))).filter(|id| !is_public(id));
    match at(post, "audience") {
        Value::String(audience) => {
            ensure(named.any(|id| id == audience), format!("{audience} is neither in `to` nor in `cc`"))
        }
        _ => ensure(named.next().is_some(), "neither `to` nor `cc` can name a community"),
    }
}

fn webfinger(jrd: &Value) -> Held {
    text(jrd, "subject")?;
    list(jrd, "links")?;
    optional(jrd, "aliases", addresses)?;
    each(jrd, "links", |link| {
        ["rel", "type", "template"].iter().try_for_each(|field| optional(link, field, string))?;
        optional(link, "href", address)?;
        optional(link, "properties", strings_by_address)
    })?;
    let names_one = |link: &Value| {
        texts(at(link, "type")).any(|kind| kind.starts_with("application/")) && address(link, "href").is_ok()
    };
    ensure(several(at(jrd, "links")).iter().any(names_one), "no link to a document of an actor")
}

fn strings_by_address(document: &Value, path: &str) -> Held {
    strings(document, path)?;
    let mut names = at(document, path).as_object().into_iter().flat_map(serde_json::Map::keys);
    ensure(names.all(|name| url::Url::parse(name).is_ok()), format!("`{path}` has a name that is no address"))
}

fn strings(document: &Value, path: &str) -> Held {
    object(document, path)?;
    let mut values = at(document, path).as_object().into_iter().flat_map(serde_json::Map::values);
    let wrong = values.find(|value| !value.is_string());
    wrong.map_or(Ok(()), |value| Err(format!("`{path}` has {value}, which is not a text")))
}

fn nodeinfo(info: &Value) -> Held {
    ["software.name", "software.version"].iter().try_for_each(|field| optional(info, field, string))?;
    optional(info, "metadata", strings)?;
    optional(info, "protocols", list)?;
    optional(info, "openRegistrations", boolean)?;
    ["services.inbound", "services.outbound"].iter().try_for_each(|field| optional(info, field, list))?;
    ["usage.users.total", "usage.localPosts", "usage.localComments"]
        .iter()
        .try_for_each(|field| optional(info, field, count))
}
