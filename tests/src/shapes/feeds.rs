//! What Lemmy 1.0 and PieFed ask of feeds: actors that list communities, to be followed as one. Nobody else knows them.
//!
//! Paths are those of Lemmy at commit 439734d, below `crates/apub`, and of PieFed in the copy blentz/pyfedi, below `app`.

use super::Rule;
use super::document::{Kind, kind_of};
use super::form::{
    address, addresses, at, at_most, count, each, ensure, list, object, one_of, optional, same, same_host,
    several, string, text,
};
use serde_json::Value;

/// Those of Lemmy 1.0.
pub const LEMMY: &[Rule] = &[
    Rule {
        name: "feed",
        of: &[Kind::Feed],
        holds: |feed| {
            ["id", "inbox", "following"].iter().try_for_each(|field| address(feed, field))?;
            text(feed, "preferredUsername")?;
            object(feed, "publicKey")?;
            ["publicKey.id", "publicKey.publicKeyPem"].iter().try_for_each(|field| text(feed, field))?;
            address(feed, "publicKey.owner")?;
            ["name", "summary", "description"].iter().try_for_each(|field| optional(feed, field, string))?;
            optional(feed, "mediaType", |feed, field| one_of(feed, field, &["text/html"]))
        },
        source: "objects/src/protocol/multi_community.rs Feed",
    },
    Rule {
        name: "owner of a feed",
        of: &[Kind::Feed],
        holds: |feed| address(feed, "attributedTo"),
        source: "objects/src/protocol/multi_community.rs attributed_to: ObjectId<ApubPerson>",
    },
    Rule {
        name: "title of a feed",
        of: &[Kind::Feed],
        holds: |feed| {
            at_most(feed, "name", 50)?;
            let name = at(feed, "name").as_str().unwrap_or_default();
            ensure(!name.starts_with('@') && !name.contains('\n'), format!("`name` is {name}"))
        },
        source: "objects/src/objects/multi_community.rs from_json; crates/utils/src/utils/validation.rs \
                 is_valid_display_name",
    },
    Rule {
        name: "feed by its owner",
        of: &[Kind::Update],
        holds: |update| match kind_of(update).1 {
            Some(Kind::Feed) => {
                same(update, "object.attributedTo", "actor")?;
                same_host(update, "object", "id")
            }
            _ => Ok(()),
        },
        source: "activities/src/community/update.rs verify (verify_urls_match, ApubMultiCommunity::verify)",
    },
    Rule {
        name: "communities of a feed",
        of: &[Kind::Listed],
        holds: |collection| {
            address(collection, "id")?;
            one_of(collection, "type", &["Collection"])?;
            count(collection, "totalItems")?;
            list(collection, "items")?;
            addresses(collection, "items")?;
            let listed = several(at(collection, "items")).len();
            ensure(listed < 50, format!("{listed} communities are more than it takes"))
        },
        source: "objects/src/protocol/multi_community.rs FeedCollection; crates/db_schema/src/impls/\
                 multi_community.rs update_entries (MultiCommunityEntryLimitReached)",
    },
];

/// Those of PieFed.
pub const PIEFED: &[Rule] = &[
    Rule {
        name: "listed in a feed",
        of: &[Kind::Add, Kind::Remove],
        holds: |activity| {
            if !of_feed(activity) {
                return Ok(());
            }
            one_of(activity, "object.type", &["Group"])?;
            ["object.id", "target.id"].iter().try_for_each(|field| text(activity, field))
        },
        source: "activitypub/routes.py process_inbox_request Add, Remove (feed and 'id' in core_activity['object'])",
    },
    Rule {
        name: "feed",
        of: &[Kind::Feed],
        holds: |feed| {
            ["id", "preferredUsername", "name"].iter().try_for_each(|field| text(feed, field))?;
            at_most(feed, "preferredUsername", 50)?;
            ["publicKey.publicKeyPem", "outbox", "following"]
                .iter()
                .try_for_each(|field| text(feed, field))?;
            let endpoints = at(feed, "endpoints");
            if endpoints.is_null() { text(feed, "inbox") } else { text(feed, "endpoints.sharedInbox") }?;
            optional(feed, "source", object)
        },
        source: "activitypub/util.py actor_json_to_model Feed(…); models.py Feed.machine_name String(50)",
    },
    Rule {
        // Copies of before April 2026 want a collection there, as PieFed has it; Lemmy wants a person. By Lemmy's
        // maintainers PieFed takes either since (https://github.com/LemmyNet/lemmy/issues/6302).
        name: "owner of a feed",
        of: &[Kind::Feed],
        holds: |feed| text(feed, "attributedTo").or_else(|_| text(feed, "moderators")),
        source: "activitypub/util.py actor_json_to_model owners_url",
    },
    Rule {
        name: "communities of a feed",
        of: &[Kind::Listed],
        holds: |collection| {
            one_of(collection, "type", &["Collection"])?;
            list(collection, "items")?;
            each(collection, "items", |item| ensure(item.is_string(), format!("{item} is not a text")))
        },
        source: "activitypub/util.py actor_json_to_model feed_following, refresh_feed_profile_task",
    },
];

/// Whether it puts a community into a feed, or takes it out.
pub fn of_feed(activity: &Value) -> bool {
    at(activity, "target.type") == "Collection"
}
