//! Reading items of collections: which thread an item of an outbox opens, which message an item of a
//! conversation is.

use super::OUTBOX;
use super::THREADS;
use crate::error::Result;
use crate::object::remote::{PostObject, is_post};
use crate::sources::Sources;
use crate::transport::same_origin;
use crate::vocabulary::{first_text, id_of};
use clocher_domain::actor::ActorKind;
use clocher_storage::actors::ActorRow;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{HashSet, VecDeque};
use url::Url;

/// A collection of messages of one thread.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Branch {
    /// The whole conversation, and what to walk if that cannot be had.
    Context {
        /// Its id.
        id: String,
        /// The answers to the top post.
        replies: Option<String>,
    },
    /// The answers to a message.
    Replies {
        /// Its id.
        id: String,
    },
}

impl Branch {
    /// Where the rest of a thread is to be had, by what its top post says: on its own server, or on that of the
    /// home.
    pub fn of_top(top: &PostObject, home: Option<&str>) -> Option<Self> {
        let origins: Vec<Url> = [Some(top.id.as_str()), home]
            .into_iter()
            .flatten()
            .filter_map(|id| Url::parse(id).ok())
            .collect();
        let is_theirs = |id: &&str| {
            Url::parse(id).is_ok_and(|url| origins.iter().any(|origin| same_origin(&url, origin)))
        };
        let replies = top.replies.id().filter(is_theirs).map(str::to_owned);
        match top.context.id().filter(is_theirs) {
            Some(context) => Some(Self::Context { id: context.to_owned(), replies }),
            None => replies.map(|id| Self::Replies { id }),
        }
    }

    /// The answers to a message, on its own server.
    pub fn of_reply(message: &PostObject) -> Option<Self> {
        let id = message.replies.id()?;
        let (own, at) = (Url::parse(id).ok()?, Url::parse(&message.id).ok()?);
        same_origin(&own, &at).then(|| Self::Replies { id: id.to_owned() })
    }
}

/// The newest threads that an outbox lists, by the ids of their top posts.
///
/// # Errors
/// Where the outbox cannot be had.
pub async fn threads_of(sources: &Sources, actor: &ActorRow, outbox: &str) -> Result<VecDeque<String>> {
    let found = sources.collection(outbox, OUTBOX).await?;
    let mut seen = HashSet::new();
    let tops = found.items.iter().filter_map(|item| top_of(item, actor));
    Ok(tops.filter(|id| seen.insert(id.to_string())).take(THREADS).map(str::to_owned).collect())
}

/// The top post that an item of an outbox is about: what a community passed on, what a person wrote.
fn top_of<'a>(item: &'a Value, owner: &ActorRow) -> Option<&'a str> {
    let kind = |value: &'a Value| value.get("type").and_then(first_text).unwrap_or_default();
    let is_owners =
        |activity: &Value| activity.get("actor").and_then(id_of).is_none_or(|actor| actor == owner.ap_id);
    let is_group = owner.kind == ActorKind::Group.as_str();
    let mut about = item;
    if kind(about) == "Announce" {
        // What a person passes on is another's.
        if !is_group || !is_owners(about) {
            return None;
        }
        about = about.get("object")?;
    }
    if kind(about) == "Create" {
        if !is_group && !is_owners(about) {
            return None;
        }
        about = about.get("object")?;
    }
    let is_reply = about.get("inReplyTo").is_some_and(|parent| !parent.is_null());
    let is_message = about.is_string() || is_post(kind(about));
    id_of(about).filter(|_| is_message && !is_reply)
}

/// A message that a collection of a thread names or holds.
pub struct Item<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its document, where its own server served it so.
    pub document: Option<&'a Value>,
}

/// The message that an item of a collection is; none for what is none, or is gone.
///
/// What is embedded counts only where the collection is on the same server as the message (S01).
pub fn message_of<'a>(item: &'a Value, collection: &Url) -> Option<Item<'a>> {
    let kind = item.get("type").and_then(first_text);
    // Some list the activities.
    let item = if matches!(kind, Some("Create" | "Announce")) { item.get("object")? } else { item };
    let kind = item.get("type").and_then(first_text);
    if kind.is_some_and(|kind| !is_post(kind)) {
        return None;
    }
    let id = id_of(item)?;
    let is_own = Url::parse(id).is_ok_and(|url| same_origin(&url, collection));
    let is_whole = item.get("attributedTo").is_some() && item.get("to").is_some();
    Some(Item { id, document: Some(item).filter(|_| is_own && is_whole) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn s01_what_is_embedded_counts_on_its_own_server_only() {
        let collection = Url::parse("https://a.example/post/1/context").unwrap();
        let message =
            |id: &str| json!({ "id": id, "type": "Note", "attributedTo": "https://a.example/u/x", "to": [] });
        let own = message("https://a.example/comment/2");
        assert!(message_of(&own, &collection).unwrap().document.is_some());
        let other = message("https://b.example/comment/2");
        assert!(message_of(&other, &collection).unwrap().document.is_none());
        let port = message("https://a.example:8443/comment/2");
        assert!(message_of(&port, &collection).unwrap().document.is_none());
        let stub = json!({ "id": "https://a.example/comment/3", "type": "Note" });
        assert!(message_of(&stub, &collection).unwrap().document.is_none(), "not the whole of it");
        assert_eq!(message_of(&json!("https://b.example/1"), &collection).unwrap().id, "https://b.example/1");
        assert!(
            message_of(&json!({ "id": "https://a.example/4", "type": "Tombstone" }), &collection).is_none()
        );
    }
}
