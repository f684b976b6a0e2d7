//! PieFed 1.6, read in the copies karasugawasu/pyfedi (commit c4b4a70) and theatl-social/pyfedi (commit 6b89e8b) of
//! rimu/pyfedi. Paths below `app`.

use super::document::{ACTIVITIES, ACTORS, Kind};
use super::feeds::of_feed;
use super::form::{
    at, each, ensure, host, id_at, list, object, one_of, optional, present, same, several, string, text,
    texts,
};
use super::{Held, Rule, Understood};
use serde_json::Value;

/// `activitypub/routes.py` `process_inbox_request`; `activitypub/util.py` `actor_json_to_model`.
pub const UNDERSTOOD: Understood = &[
    (Kind::Person, &[]),
    (Kind::Group, &[]),
    (Kind::Feed, &[]),
    (Kind::Listed, &[]),
    (Kind::Top, &[]),
    (Kind::Reply, &[]),
    (Kind::Event, &[]),
    (Kind::Create, &[Kind::Top, Kind::Reply, Kind::Event, Kind::Private, Kind::Reference]),
    (Kind::Update, &[Kind::Top, Kind::Reply, Kind::Event, Kind::Private, Kind::Group, Kind::Reference]),
    (Kind::Delete, &[]),
    (
        Kind::Announce,
        &[
            Kind::Reference,
            Kind::Several,
            Kind::Collection,
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
            Kind::Move,
        ],
    ),
    (Kind::Follow, &[]),
    (Kind::Accept, &[Kind::Follow, Kind::Reference]),
    (Kind::Reject, &[Kind::Follow]),
    (Kind::Undo, &[Kind::Follow, Kind::Like, Kind::Dislike, Kind::Delete, Kind::Lock, Kind::Block]),
    (Kind::Like, &[]),
    (Kind::Dislike, &[]),
    (Kind::Block, &[Kind::Reference]),
    (Kind::Lock, &[Kind::Reference]),
    (Kind::Add, &[Kind::Reference, Kind::Group]),
    (Kind::Remove, &[Kind::Reference, Kind::Group]),
    (Kind::Flag, &[]),
    (Kind::Move, &[]),
    (Kind::Moderators, &[]),
    (Kind::WebFinger, &[]),
    (Kind::NodeInfoLinks, &[]),
    (Kind::NodeInfo, &[]),
];

/// Its rules.
pub const RULES: &[Rule] = &[
    Rule {
        name: "minimum",
        of: ACTIVITIES,
        holds: |activity| {
            ["id", "type"].iter().try_for_each(|field| text(activity, field))?;
            ["actor", "object"].iter().try_for_each(|field| present(activity, field))
        },
        source: "activitypub/routes.py shared_inbox (Missing minimum expected fields in JSON)",
    },
    Rule {
        name: "announced activity",
        of: &[Kind::Announce],
        holds: |announce| match at(announce, "object") {
            inner @ Value::Object(_) if at(inner, "type") != "OrderedCollection" => {
                ["id", "type", "actor", "object"].iter().try_for_each(|field| present(inner, field))
            }
            _ => Ok(()),
        },
        source: "activitypub/util.py object_has_missing_fields (Intended for Mastodon)",
    },
    Rule {
        name: "actor",
        of: ACTORS,
        holds: |actor| {
            ["id", "preferredUsername"].iter().try_for_each(|field| text(actor, field))?;
            text(actor, "publicKey.publicKeyPem")
        },
        source: "activitypub/util.py actor_json_to_model (KeyError)",
    },
    Rule {
        name: "shared inbox",
        of: ACTORS,
        holds: |actor| {
            let endpoints = at(actor, "endpoints");
            if endpoints.is_null() { text(actor, "inbox") } else { text(actor, "endpoints.sharedInbox") }
        },
        source: "activitypub/util.py actor_json_to_model ap_inbox_url (KeyError)",
    },
    Rule {
        name: "source of a profile",
        of: ACTORS,
        holds: |actor| optional(actor, "source", object),
        source: "activitypub/util.py actor_json_to_model (activity_json[\"source\"].get)",
    },
    Rule {
        name: "community",
        of: &[Kind::Group],
        holds: |group| ["name", "outbox"].iter().try_for_each(|field| text(group, field)),
        source: "activitypub/util.py actor_json_to_model Community(title, ap_outbox_url)",
    },
    Rule {
        name: "moderators",
        of: &[Kind::Group],
        holds: |group| text(group, "attributedTo").or_else(|_| text(group, "moderators")),
        source: "activitypub/util.py actor_json_to_model mods_url (else the moderators stay unknown)",
    },
    Rule {
        name: "title or text",
        of: &[Kind::Top, Kind::Event],
        holds: |post| {
            ["name", "content"].iter().try_for_each(|field| optional(post, field, string))?;
            string(post, "name").or_else(|_| string(post, "content"))
        },
        source: "models.py Post.new",
    },
    Rule {
        name: "source of a message",
        of: &[Kind::Top, Kind::Reply, Kind::Event],
        holds: |message| match at(message, "source") {
            Value::Object(_) => {
                string(message, "source.mediaType")?;
                let markdown = at(message, "source.mediaType") == "text/markdown";
                if markdown { string(message, "source.content") } else { Ok(()) }
            }
            _ => Ok(()),
        },
        source: "models.py Post.new; activitypub/util.py create_post_reply",
    },
    Rule {
        name: "language",
        of: &[Kind::Top, Kind::Reply, Kind::Event],
        holds: |message| match (at(message, "language"), at(message, "contentMap")) {
            (Value::Object(_), _) => {
                ["language.identifier", "language.name"].iter().try_for_each(|field| text(message, field))
            }
            (_, Value::Object(map)) => ensure(!map.is_empty(), "`contentMap` is empty"),
            _ => Ok(()),
        },
        source: "models.py Post.new, activitypub/util.py create_post_reply (next(iter(contentMap)))",
    },
    Rule {
        name: "attachments",
        of: &[Kind::Top, Kind::Event],
        holds: attachments,
        source: "models.py Post.new attachment",
    },
    Rule {
        name: "no vote in a poll",
        of: &[Kind::Reply, Kind::Private],
        holds: |reply| {
            let is_vote = at(reply, "type") == "Note"
                && ["name", "inReplyTo", "attributedTo"].iter().all(|name| !at(reply, name).is_null())
                && at(reply, "published").is_null();
            ensure(!is_vote, "a `name` without `published` makes it a vote in a poll")
        },
        source: "activitypub/routes.py process_inbox_request (Poll Votes)",
    },
    Rule {
        name: "host of the author",
        of: &[Kind::Top, Kind::Reply, Kind::Event],
        holds: domains_match,
        source: "activitypub/util.py ensure_domains_match (Domains do not match)",
    },
    Rule {
        name: "community addressed",
        of: &[Kind::Create, Kind::Update],
        holds: community_addressed,
        source: "activitypub/util.py find_community (Blocked or unfound community)",
    },
    Rule {
        name: "names in lists",
        of: &[Kind::Create, Kind::Update, Kind::Top, Kind::Reply, Kind::Add, Kind::Remove],
        holds: |document| {
            ["audience", "cc", "to"].iter().try_for_each(|field| {
                each(document, field, |item| ensure(item.is_string(), format!("{item} is not a text")))
            })
        },
        source: "activitypub/util.py find_community (c.startswith)",
    },
    Rule {
        name: "answer to a follow",
        of: &[Kind::Accept, Kind::Reject],
        holds: |answer| match at(answer, "object") {
            Value::String(_) => Ok(()),
            follow => {
                one_of(follow, "type", &["Follow"])?;
                present(follow, "actor")
            }
        },
        source: "activitypub/routes.py process_inbox_request Accept, Reject",
    },
    Rule {
        name: "undone",
        of: &[Kind::Undo],
        holds: |undo| {
            text(undo, "object.type")?;
            present(undo, "object.object")
        },
        source: "activitypub/routes.py process_inbox_request Undo",
    },
    Rule {
        name: "deleted",
        of: &[Kind::Delete],
        holds: |delete| match at(delete, "object") {
            Value::String(_) => Ok(()),
            deleted => ["id", "type"].iter().try_for_each(|field| text(deleted, field)),
        },
        source: "activitypub/routes.py process_inbox_request Delete (core_activity['object']['type'])",
    },
    Rule {
        name: "object by its id",
        of: &[Kind::Block, Kind::Lock, Kind::Add, Kind::Remove, Kind::Follow],
        holds: |activity| if of_feed(activity) { Ok(()) } else { text(activity, "object") },
        source: "activitypub/routes.py process_inbox_request Block, Lock, Add, Remove, Follow",
    },
    Rule {
        name: "target",
        of: &[Kind::Block, Kind::Add, Kind::Remove],
        holds: |activity| if of_feed(activity) { Ok(()) } else { text(activity, "target") },
        source: "activitypub/routes.py process_inbox_request (core_activity['target'])",
    },
    Rule {
        name: "own profile",
        of: &[Kind::Update],
        holds: |update| {
            let by_group = at(update, "object.type") == "Group" && host(id_at(update, "actor")).is_some();
            let itself = same(update, "object", "actor").is_ok();
            ensure(!by_group || itself || text(update, "audience").is_ok(), "a group is edited by another")
        },
        source: "activitypub/routes.py process_inbox_request (Update of a Group by itself or in its community)",
    },
    Rule {
        name: "moderators listed",
        of: &[Kind::Moderators],
        holds: |collection| list(collection, "orderedItems").or_else(|_| list(collection, "items")),
        source: "activitypub/util.py refresh_community_profile_task",
    },
    Rule {
        name: "webfinger",
        of: &[Kind::WebFinger],
        holds: |jrd| {
            list(jrd, "links")?;
            let own = several(at(jrd, "links"))
                .iter()
                .any(|link| at(link, "rel") == "self" && text(link, "href").is_ok());
            ensure(own, "no `self` link")
        },
        source: "activitypub/actor.py fetch_actor_from_webfinger",
    },
    Rule {
        name: "links to nodeinfo",
        of: &[Kind::NodeInfoLinks],
        holds: |document| {
            let known = |link: &Value| {
                texts(at(link, "rel")).any(|rel| rel.contains("nodeinfo.diaspora.software/ns/schema/2."))
            };
            ensure(several(at(document, "links")).iter().any(known), "no link to a NodeInfo 2")
        },
        source: "activitypub/util.py new_instance_profile_task",
    },
    Rule {
        name: "nodeinfo",
        of: &[Kind::NodeInfo],
        holds: |info| ["software.name", "software.version"].iter().try_for_each(|field| text(info, field)),
        source: "activitypub/util.py new_instance_profile_task",
    },
];

fn attachments(post: &Value) -> Held {
    let attachments = at(post, "attachment");
    let typed = attachments.get(0).is_some_and(|first| !at(first, "type").is_null());
    if attachments.is_array() && !typed {
        return Ok(());
    }
    each(post, "attachment", |attachment| match at(attachment, "type").as_str() {
        None => Err("an attachment has no `type`".to_owned()),
        Some("Document" | "Audio" | "Image") => text(attachment, "url"),
        Some(_) => Ok(()),
    })
}

fn domains_match(message: &Value) -> Held {
    let authors = several(at(message, "attributedTo")).iter();
    let mut authors = authors.filter(|author| author.is_string() || at(author, "type") == "Person");
    let author = authors.next().unwrap_or(&Value::Null);
    let author = if author.is_object() { at(author, "id") } else { author };
    ensure(
        host(author).is_some() && host(author) == host(at(message, "id")),
        format!("it is attributed to {author}, on another host than its id"),
    )
}

/// A community is looked for in these fields of the activity and of its object, then by what a reply answers.
fn community_addressed(activity: &Value) -> Held {
    let is_profile = at(activity, "object.inbox").is_string();
    let answers = !at(activity, "object.inReplyTo").is_null();
    let fields = ["audience", "cc", "to", "object.audience", "object.cc", "object.to"];
    let mut named = fields.iter().flat_map(|field| texts(at(activity, field)));
    let candidate = named.any(|id| !id.starts_with("https://www.w3.org") && !id.ends_with("/followers"));
    ensure(is_profile || answers || candidate, "no field can name a community")
}
