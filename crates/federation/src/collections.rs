//! The collections of local actors; those of messages are in [`crate::conversation`]. Followers are counted, never named.

use crate::error::{Error, Result};
use crate::object::{Message, load_all};
use crate::vocabulary::with_context;
use clocher_app::{App, Site, moderating};
use clocher_storage::actors::ActorRow;
use clocher_storage::{activities, follows, posts};
use serde_json::{Value, json};
use url::Url;

/// Activities on one page of an outbox.
const PAGE: i64 = 20;

/// Which part of a collection is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// The collection itself.
    Whole,
    /// Its page below that id.
    Below(Option<i64>),
}

impl Page {
    /// Reads `?page=true` or `?before=ID`.
    pub fn read(url: &Url) -> Self {
        let query =
            |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        match query("before").and_then(|id| id.parse().ok()) {
            Some(id) => Self::Below(Some(id)),
            None if query("page").is_some() => Self::Below(None),
            None => Self::Whole,
        }
    }
}

/// What an actor published, newest first.
pub async fn outbox(app: &App, actor: ActorRow, page: Page) -> Result<Value> {
    let id = actor.outbox.unwrap_or_default();
    let actor_id = actor.id;
    let Page::Below(before) = page else {
        let total = app.read(move |conn| activities::count_outbox(conn, actor_id)).await?;
        let first = format!("{id}?page=true");
        return Ok(with_context(
            json!({ "id": id, "type": "OrderedCollection", "totalItems": total, "first": first }),
        ));
    };
    let mut rows = app.read(move |conn| activities::list_outbox(conn, actor_id, before, PAGE + 1)).await?;
    let more = rows.len() > usize::try_from(PAGE).unwrap_or(usize::MAX);
    if more {
        rows.pop();
    }
    let next = rows.last().filter(|_| more).map(|row| format!("{id}?before={}", row.id));
    let items =
        rows.iter().map(|row| serde_json::from_str::<Value>(&row.document)).collect::<Result<Vec<_>, _>>();
    let items = items.map_err(|_| Error::Malformed("a stored activity"))?;
    let own = before.map_or_else(|| format!("{id}?page=true"), |before| format!("{id}?before={before}"));
    let mut document =
        json!({ "id": own, "type": "OrderedCollectionPage", "partOf": id, "orderedItems": items });
    if let (Value::Object(fields), Some(next)) = (&mut document, next) {
        fields.insert("next".to_owned(), json!(next));
    }
    Ok(with_context(document))
}

/// How many follow an actor.
pub async fn followers(app: &App, actor: ActorRow) -> Result<Value> {
    let total = app.read(move |conn| follows::count_followers(conn, actor.id)).await?;
    // Lemmy counts the members of a community only where they come in this form.
    Ok(with_context(json!({ "id": actor.followers, "type": "Collection", "totalItems": total, "items": [] })))
}

/// Who moderates a community.
pub async fn moderators(app: &App, actor: ActorRow) -> Result<Value> {
    let id = Site::moderators(&actor.ap_id);
    let rows = app.read(move |conn| moderating::list_moderators(conn, &actor)).await?;
    let ids: Vec<&str> = rows.iter().map(|row| row.ap_id.as_str()).collect();
    Ok(with_context(
        json!({ "id": id, "type": "OrderedCollection", "totalItems": ids.len(), "orderedItems": ids }),
    ))
}

/// The threads that a community features, featured last first. Lemmy reads them only where they stand in it.
pub async fn featured(app: &App, actor: ActorRow) -> Result<Value> {
    let id = Site::featured(&actor.ap_id);
    let threads = app.read(move |conn| {
        let rows = posts::list_featured(conn, actor.id)?;
        load_all(conn, rows.into_iter().map(|(post, _)| post).collect())
    });
    let items: Vec<Value> = threads.await?.iter().map(Message::document).collect();
    Ok(with_context(
        json!({ "id": id, "type": "OrderedCollection", "totalItems": items.len(), "orderedItems": items }),
    ))
}

/// A collection that has nothing in it.
pub fn empty(url: &Url) -> Value {
    with_context(
        json!({ "id": url.as_str(), "type": "OrderedCollection", "totalItems": 0, "orderedItems": [] }),
    )
}
