//! The messages of a thread and the answers to a message, as collections (FEP-7888, FEP-f228).
//!
//! Messages of here stand in them as whole documents, deleted ones as tombstones. Those of other servers are
//! named only: what we have of them is our reading, and nobody should take our word for theirs.

use crate::error::{Error, Result};
use crate::object::{self, Message};
use crate::vocabulary::context;
use clocher_app::App;
use clocher_domain::audience::Visibility;
use clocher_storage::posts::{self, Branch};
use serde::Serialize;
use serde_json::Value;
use url::Url;

/// Most messages on one page. Readers count members, and some read no more than 20,000.
const PAGE: usize = 400;
/// Most bytes on one page of more than one message: readers take no more than 1 MiB.
const PAGE_BYTES: usize = 768 * 1024;

/// Which collection of a message is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// All of its thread.
    Context,
    /// What answers it.
    Replies,
}

/// A collection of a message, or a page of it, by its address.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The number of the message, in its address.
    pub id: &'a str,
    /// Whether it is a top post.
    pub at_post: bool,
    kind: Kind,
    /// The page of messages above that id; none for the collection itself.
    after: Option<i64>,
}

/// Reads `/post/ID/context`, `/post/ID/replies` and `/comment/ID/replies`, with `?after=ID` for a page.
pub fn asked(url: &Url) -> Option<Asked<'_>> {
    let mut segments = url.path().split('/').skip(1);
    let at_post = match segments.next()? {
        "post" => true,
        "comment" => false,
        _ => return None,
    };
    let id = segments.next()?;
    let kind = match segments.next()? {
        "context" if at_post => Kind::Context,
        "replies" => Kind::Replies,
        _ => return None,
    };
    let after = url.query_pairs().find(|(key, _)| key == "after").and_then(|(_, id)| id.parse().ok());
    segments.next().is_none().then_some(Asked { id, at_post, kind, after })
}

/// A collection, but for what stands in it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Collection<'a> {
    #[serde(rename = "@context")]
    context: Value,
    id: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    attributed_to: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    audience: Option<&'a str>,
    total_items: i64,
}

/// A page of a collection, but for what stands on it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Page<'a> {
    #[serde(rename = "@context", skip_serializing_if = "Option::is_none")]
    context: Option<Value>,
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    part_of: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// The messages of one page.
struct Portion {
    /// How many.
    count: usize,
    /// The list of them, written.
    items: Vec<u8>,
    /// The id after which the next page begins.
    next: Option<i64>,
}

/// The collection of a message that was asked for, written out.
///
/// What fits on one page stands in the collection itself; of more, the first page does.
///
/// # Errors
/// Those of storage.
pub async fn page(app: &App, message: Message, asked: Asked<'_>) -> Result<Vec<u8>> {
    let (id, branch) = match asked.kind {
        Kind::Context => (format!("{}/context", message.post.ap_id), Branch::Thread(message.post.id)),
        Kind::Replies => (format!("{}/replies", message.post.ap_id), Branch::Replies(message.post.id)),
    };
    let after = asked.after.unwrap_or_default();
    // Whoever may have it reads its home.
    let for_members = message.post.visibility()? == Visibility::Members;
    let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let portion = app.read(move |conn| {
        let rows = posts::list_branch(conn, branch, for_members, after, limit)?;
        let messages = object::load_all(conn, rows)?;
        portion(&messages).map_err(|error| clocher_app::Error::Internal(error.to_string()))
    });
    let Portion { count, items, next } = portion.await?;
    let page = |context: Option<Value>| {
        let address = |after: i64| format!("{id}?after={after}");
        let kind = "OrderedCollectionPage";
        written(&Page { context, id: address(after), kind, part_of: &id, next: next.map(address) })
    };
    if asked.after.is_some() {
        return Ok(with(page(Some(context()))?, "orderedItems", &items));
    }
    let total = match next {
        None => i64::try_from(count).unwrap_or(i64::MAX),
        Some(_) => app.read(move |conn| posts::count_branch(conn, branch, for_members)).await?,
    };
    let home = message.home.as_ref().map(|home| home.ap_id.as_str());
    let is_context = asked.kind == Kind::Context;
    let collection = written(&Collection {
        context: context(),
        id: &id,
        kind: "OrderedCollection",
        // Whoever decides what is part of it: its home, else its author.
        attributed_to: is_context.then(|| home.unwrap_or(&message.author.ap_id)),
        audience: home.filter(|_| is_context),
        total_items: total,
    })?;
    Ok(match next {
        None => with(collection, "orderedItems", &items),
        Some(_) => with(collection, "first", &with(page(None)?, "orderedItems", &items)),
    })
}

fn written(document: &impl Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec(document).map_err(|_| Error::Malformed("a collection"))
}

/// A written object with one more member, which is written already: large lists are written once.
fn with(mut object: Vec<u8>, name: &str, value: &[u8]) -> Vec<u8> {
    object.pop();
    object.extend_from_slice(format!(",\"{name}\":").as_bytes());
    object.extend_from_slice(value);
    object.push(b'}');
    object
}

/// As many of these messages as fit on one page.
fn portion(messages: &[Message]) -> serde_json::Result<Portion> {
    let mut items = vec![b'['];
    let mut next = None;
    let mut count = 0;
    for message in messages {
        let before = items.len();
        if count > 0 {
            items.push(b',');
        }
        if message.post.local {
            message.write(&mut items)?;
        } else {
            serde_json::to_writer(&mut items, &message.post.ap_id)?;
        }
        if count == PAGE || (items.len() > PAGE_BYTES && count > 0) {
            items.truncate(before);
            items.push(b']');
            return Ok(Portion { count, items, next });
        }
        count += 1;
        next = Some(message.post.id);
    }
    items.push(b']');
    Ok(Portion { count, items, next: None })
}
