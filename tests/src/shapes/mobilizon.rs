//! Mobilizon 5, read at commit c64a0ea of framasoft/mobilizon. Paths below `lib`.

use super::document::{ACTIVITIES, ACTORS, Kind};
use super::form::{
    PUBLIC, absent, address, at, at_most, boolean, each, ensure, fraction, instant, list, one_of, optional,
    present, reference, same_host, several, string, text, texts,
};
use super::{Held, Rule, Understood};
use serde_json::Value;

/// `federation/activity_pub/transmogrifier.ex` `handle_incoming`.
pub const UNDERSTOOD: Understood = &[
    (Kind::Person, &[]),
    (Kind::Group, &[]),
    (Kind::Application, &[]),
    (Kind::Top, &[]),
    (Kind::Reply, &[]),
    (Kind::Private, &[]),
    (Kind::Event, &[]),
    (Kind::Place, &[]),
    (Kind::Create, &[Kind::Top, Kind::Reply, Kind::Private, Kind::Event, Kind::Tombstone]),
    (
        Kind::Update,
        &[
            Kind::Top,
            Kind::Reply,
            Kind::Private,
            Kind::Event,
            Kind::Person,
            Kind::Group,
            Kind::Application,
            Kind::Tombstone,
        ],
    ),
    (Kind::Delete, &[]),
    (Kind::Announce, &[Kind::Reference]),
    (Kind::Follow, &[Kind::Reference]),
    (Kind::Accept, &[]),
    (Kind::Reject, &[]),
    (Kind::Undo, &[Kind::Follow, Kind::Announce]),
    (Kind::Flag, &[Kind::Several]),
    (Kind::Join, &[]),
    (Kind::Leave, &[]),
    (Kind::Invite, &[]),
    (Kind::WebFinger, &[]),
    (Kind::NodeInfoLinks, &[]),
];

/// Messages that it takes for comments, and their like.
const COMMENTS: &[Kind] = &[Kind::Top, Kind::Reply, Kind::Private];

/// Its rules.
pub const RULES: &[Rule] = &[
    Rule {
        name: "id",
        of: ACTIVITIES,
        holds: |activity| text(activity, "id"),
        source: "federation/activity_pub/transmogrifier.ex handle_incoming(%{\"id\" => nil})",
    },
    Rule {
        name: "actor of an activity",
        of: ACTIVITIES,
        holds: |activity| match at(activity, "actor") {
            Value::Object(_) => reference(activity, "actor"),
            _ => ensure(texts(at(activity, "actor")).next().is_some(), "`actor` names nobody"),
        },
        source: "federation/activity_pub/utils.ex get_actor",
    },
    Rule {
        name: "actor",
        of: ACTORS,
        holds: |actor| {
            ["id", "inbox"].iter().try_for_each(|field| address(actor, field))?;
            ["preferredUsername", "publicKey.publicKeyPem"].iter().try_for_each(|field| text(actor, field))
        },
        source: "mobilizon/actors/actor.ex @remote_actor_creation_required_attrs",
    },
    Rule {
        name: "lengths",
        of: ACTORS,
        holds: |actor| {
            at_most(actor, "summary", 5000)?;
            at_most(actor, "preferredUsername", 100)
        },
        source: "mobilizon/actors/actor.ex remote_actor_creation_changeset (validate_length)",
    },
    Rule {
        name: "username",
        of: ACTORS,
        holds: |actor| {
            let name = at(actor, "preferredUsername").as_str().unwrap_or_default();
            ensure(
                name.chars().any(|letter| letter.is_ascii_alphanumeric()),
                format!("{name:?} is not a username"),
            )
        },
        source: "mobilizon/actors/actor.ex common_changeset (validate_format)",
    },
    Rule {
        name: "openness",
        of: ACTORS,
        holds: |actor| {
            optional(actor, "openness", |actor, field| {
                one_of(actor, field, &["invite_only", "moderated", "open"])
            })?;
            optional(actor, "manuallyApprovesFollowers", boolean)
        },
        source: "mobilizon/actors/actors.ex ActorOpenness; actor.ex remote_actor_creation_changeset (cast)",
    },
    Rule {
        name: "place of an actor",
        of: ACTORS,
        holds: |actor| optional(actor, "location", place_at),
        source: "federation/activity_stream/converter/utils.ex get_address (no clause for another form)",
    },
    Rule {
        name: "note",
        of: COMMENTS,
        holds: |message| one_of(message, "type", &["Note", "Article"]),
        source: "federation/activity_pub/transmogrifier.ex handle_incoming (Create, Update)",
    },
    Rule {
        name: "author",
        of: &[Kind::Top, Kind::Reply, Kind::Private, Kind::Event],
        holds: |document| reference(document, "attributedTo"),
        source: "federation/activity_stream/converter/utils.ex fetch_actor (no clause for a list)",
    },
    Rule {
        name: "text",
        of: COMMENTS,
        holds: |message| {
            address(message, "id")?;
            text(message, "content")?;
            instant(message, "published")
        },
        source: "mobilizon/discussions/comment.ex @creation_required_attrs",
    },
    Rule {
        name: "no discussion",
        of: COMMENTS,
        holds: |message| if at(message, "type") == "Note" { absent(message, "name") } else { Ok(()) },
        source: "federation/activity_pub/transmogrifier.ex transform_object_data_for_discussion",
    },
    Rule {
        name: "public by its full name",
        of: &[Kind::Top, Kind::Reply],
        holds: |message| {
            let short = texts(at(message, "to")).any(|id| matches!(id, "as:Public" | "Public"));
            let full = texts(at(message, "to")).any(|id| id == PUBLIC);
            ensure(full || !short, "`to` names everybody by a short name: a private conversation")
        },
        source: "federation/activity_pub/visibility.ex public?",
    },
    Rule {
        name: "context of a message",
        of: COMMENTS,
        holds: |message| optional(message, "context", string),
        source: "federation/activity_stream/converter/comment.ex get_discussion_id",
    },
    Rule {
        name: "hashtags",
        of: &[Kind::Top, Kind::Reply, Kind::Event],
        holds: |document| {
            optional(document, "tag", list)?;
            each(document, "tag", |tag| if at(tag, "type") == "Hashtag" { text(tag, "name") } else { Ok(()) })
        },
        source: "federation/activity_stream/converter/utils.ex fetch_tags (else none), fetch_tag",
    },
    Rule {
        name: "attachments",
        of: &[Kind::Event],
        holds: attachments,
        source: "federation/activity_stream/converter/utils.ex get_medias, event_metadata.ex as_to_metadata",
    },
    Rule {
        name: "event",
        of: &[Kind::Event],
        holds: |event| {
            text(event, "name")?;
            instant(event, "startTime")?;
            optional(event, "endTime", instant)?;
            text(event, "id")
        },
        source: "mobilizon/events/event.ex @required_attrs",
    },
    Rule {
        name: "state of an event",
        of: &[Kind::Event],
        holds: |event| {
            optional(event, "status", |event, field| {
                one_of(
                    event,
                    field,
                    &["TENTATIVE", "CONFIRMED", "CANCELLED", "tentative", "confirmed", "cancelled"],
                )
            })?;
            optional(event, "joinMode", |event, field| {
                one_of(event, field, &["free", "restricted", "invite", "external"])
            })
        },
        source: "mobilizon/events/events.ex EventStatus, JoinOptions",
    },
    Rule {
        name: "place of an event",
        of: &[Kind::Event],
        holds: |event| optional(event, "location", place_at),
        source: "federation/activity_stream/converter/utils.ex get_address",
    },
    Rule {
        name: "coordinates",
        of: &[Kind::Event, Kind::Place, Kind::Group],
        holds: |document| {
            let fields = ["latitude", "longitude", "location.latitude", "location.longitude"];
            fields.iter().try_for_each(|field| optional(document, field, fraction))
        },
        source: "federation/activity_stream/converter/address.ex as_to_model_data (is_float)",
    },
    Rule {
        name: "follow",
        of: &[Kind::Follow],
        holds: |follow| {
            address(follow, "object")?;
            address(follow, "actor")
        },
        source: "federation/activity_pub/actor.ex get_or_fetch_actor_by_url (when is_binary(url))",
    },
    Rule {
        name: "answered",
        of: &[Kind::Accept, Kind::Reject],
        holds: |answer| reference(answer, "object"),
        source: "federation/activity_pub/transmogrifier.ex get_follow (Utils.get_url)",
    },
    Rule {
        name: "unfollowed",
        of: &[Kind::Undo],
        holds: |undo| {
            address(undo, "actor")?;
            reference(undo, "object.object")
        },
        source: "federation/activity_pub/transmogrifier.ex handle_incoming (Undo of Follow, Announce)",
    },
    Rule {
        name: "announced",
        of: &[Kind::Announce],
        holds: |announce| reference(announce, "object"),
        source: "federation/activity_pub/transmogrifier.ex process_announce_data",
    },
    Rule {
        name: "deleted",
        of: &[Kind::Delete],
        holds: |delete| {
            reference(delete, "object")?;
            same_host(delete, "actor", "object")
        },
        source: "federation/activity_pub/transmogrifier.ex handle_group_being_gone (origin_check_from_id?)",
    },
    Rule {
        name: "origin of an update",
        of: &[Kind::Update],
        holds: |update| same_host(update, "actor", "object"),
        source: "federation/activity_pub/transmogrifier.ex handle_incoming (Update, origin_check?)",
    },
    Rule {
        name: "flagged",
        of: &[Kind::Flag],
        holds: |flag| list(flag, "object"),
        source: "federation/activity_stream/converter/flag.ex find_reported (Enum.reduce_while)",
    },
    Rule {
        name: "webfinger",
        of: &[Kind::WebFinger],
        holds: |jrd| {
            present(jrd, "subject")?;
            let own = several(at(jrd, "links")).iter().any(|link| {
                at(link, "rel") == "self"
                    && at(link, "type") == "application/activity+json"
                    && address(link, "href").is_ok()
            });
            ensure(own, "no `self` link of application/activity+json")
        },
        source: "federation/web_finger/web_finger.ex webfinger_from_json, handle_link",
    },
    Rule {
        name: "links to nodeinfo",
        of: &[Kind::NodeInfoLinks],
        holds: |document| {
            let known = |link: &Value| {
                texts(at(link, "rel"))
                    .any(|rel| rel.starts_with("http://nodeinfo.diaspora.software/ns/schema/2."))
            };
            ensure(several(at(document, "links")).iter().any(known), "no link to NodeInfo 2.0 or 2.1")
        },
        source: "federation/node_info.ex extract_nodeinfo_endpoint",
    },
];

fn place_at(document: &Value, path: &str) -> Held {
    let place = at(document, path);
    ensure(place.is_object() || place.is_string(), format!("`{path}` is neither an object nor a text"))?;
    let address = at(place, "address");
    ensure(
        address.is_null() || address.is_string() || address.is_object(),
        format!("`{path}.address` is neither an object nor a text"),
    )
}

fn attachments(event: &Value) -> Held {
    optional(event, "attachment", list)?;
    each(event, "attachment", |attachment| {
        ensure(attachment.is_object(), "an attachment is not an object")?;
        if at(attachment, "type") != "PropertyValue" {
            return Ok(());
        }
        text(attachment, "propertyID")?;
        let value = at(attachment, "value");
        ensure(
            value.is_string() || value.is_number() || value.is_boolean(),
            "the `value` of a property is neither a text, a number nor true or false",
        )
    })
}
