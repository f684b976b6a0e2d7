//! The collections of local actors; those of messages are in [`crate::conversation`]. Followers are counted, never named.

use crate::error::{Error, Result};
use crate::object::{Message, load_all};
use crate::vocabulary::with_context;
use clocher_app::{App, Site, moderating, readers};
use clocher_domain::actor::ActorKind;
use clocher_domain::membership::Standing;
use clocher_storage::activities::{self, ActivityRow};
use clocher_storage::actors::ActorRow;
use clocher_storage::{follows, posts};
use serde_json::{Value, json};
use url::Url;

/// Activities on one page of an outbox.
const PAGE: i64 = 20;
/// Activities of a community that stand in its outbox itself.
const NEWEST: i64 = 50;
/// Most bytes of activities in one document: readers take no more than 1 MiB.
const MAX_BYTES: usize = 768 * 1024;
/// Most members and elements of one document: readers bound them too, and each activity brings its `@context`.
const MAX_MEMBERS: usize = 18_000;

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
///
/// The newest of a community stand in the collection itself: Lemmy reads no pages.
pub async fn outbox(app: &App, actor: ActorRow, page: Page) -> Result<Value> {
    let id = actor.outbox.unwrap_or_default();
    let actor_id = actor.id;
    let is_group = actor.kind == ActorKind::Group.as_str();
    let total = match page {
        Page::Whole => Some(app.read(move |conn| activities::count_outbox(conn, actor_id)).await?),
        Page::Below(_) => None,
    };
    let (before, limit) = match page {
        Page::Whole if !is_group => {
            let first = format!("{id}?page=true");
            let whole = json!({ "id": id, "type": "OrderedCollection", "totalItems": total, "first": first });
            return Ok(with_context(whole));
        }
        Page::Whole => (None, NEWEST),
        Page::Below(before) => (before, PAGE),
    };
    let rows = app.read(move |conn| activities::list_outbox(conn, actor_id, before, limit + 1)).await?;
    let shown = rows.len().min(usize::try_from(limit).unwrap_or(usize::MAX));
    let items = as_many_as_fit(rows.get(..shown).unwrap_or_default())?;
    let next =
        items.len().checked_sub(1).and_then(|last| rows.get(last)).filter(|_| items.len() < rows.len());
    let next = next.map(|row| format!("{id}?before={}", row.id));
    let mut document = if let Some(total) = total {
        json!({ "id": id, "type": "OrderedCollection", "totalItems": total, "orderedItems": items })
    } else {
        let own = before.map_or_else(|| format!("{id}?page=true"), |before| format!("{id}?before={before}"));
        json!({ "id": own, "type": "OrderedCollectionPage", "partOf": id, "orderedItems": items })
    };
    if let (Value::Object(fields), Some(next)) = (&mut document, next) {
        fields.insert("next".to_owned(), json!(next));
    }
    Ok(with_context(document))
}

/// The first of these activities, one at least, that others read in one document.
fn as_many_as_fit(rows: &[ActivityRow]) -> Result<Vec<Value>> {
    let mut fit = Vec::new();
    let (mut bytes, mut all) = (0, 0);
    for row in rows {
        let item: Value =
            serde_json::from_str(&row.document).map_err(|_| Error::Malformed("a stored activity"))?;
        bytes += row.document.len();
        all += members(&item);
        if !fit.is_empty() && (bytes > MAX_BYTES || all > MAX_MEMBERS) {
            break;
        }
        fit.push(item);
    }
    Ok(fit)
}

/// How many members and elements a value has, at every depth.
fn members(value: &Value) -> usize {
    match value {
        Value::Object(fields) => fields.len() + fields.values().map(members).sum::<usize>(),
        Value::Array(elements) => elements.len() + elements.iter().map(members).sum::<usize>(),
        _ => 0,
    }
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

/// Most persons that are named as those of a community.
const AFFILIATED: i64 = 1_000;

/// Who is in a community that is not open, and as what (FEP-5219): for servers that have members in it.
pub async fn affiliations(app: &App, actor: ActorRow) -> Result<Value> {
    let (id, group) = (format!("{}/affiliations", actor.ap_id), actor.ap_id.clone());
    let listed = app.read(move |conn| {
        let moderators = moderating::list_moderators(conn, &actor)?;
        let members = follows::list_followers(conn, actor.id, Standing::Accepted, 0, AFFILIATED)?;
        Ok::<_, clocher_app::Error>((moderators, members))
    });
    let (moderators, members) = listed.await?;
    let is_moderator = |row: &ActorRow| moderators.iter().any(|moderator| moderator.id == row.id);
    let members = members.iter().map(|(_, row)| row).filter(|row| !is_moderator(row));
    let all = moderators.iter().map(|row| (row, "admin")).chain(members.map(|row| (row, "member")));
    let items: Vec<Value> = all
        .map(|(row, relationship)| {
            json!({
                "id": format!("{id}/{}", row.id),
                "type": "Relationship",
                "attributedTo": group,
                "subject": row.ap_id,
                "relationship": relationship,
                "object": group,
            })
        })
        .collect();
    Ok(with_context(json!({
        "id": id,
        "type": "OrderedCollection",
        "attributedTo": group,
        "totalItems": items.len(),
        "orderedItems": items,
    })))
}

/// The threads that a community features, featured last first. Lemmy reads them only where they stand in it.
/// `asker` is the host that asks.
pub async fn featured(app: &App, actor: ActorRow, asker: Option<&str>) -> Result<Value> {
    let id = Site::featured(&actor.ap_id);
    let asker = asker.map(str::to_owned);
    let threads = app.read(move |conn| {
        let mut shown = Vec::new();
        for (post, _) in posts::list_featured(conn, actor.id)? {
            // What is for members stays so where the community was opened.
            if readers::host_may_have(conn, &post, asker.as_deref())? {
                shown.push(post);
            }
        }
        load_all(conn, shown)
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
