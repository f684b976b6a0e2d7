//! Feeds on the wire: the actor beside a community that others call a multi-community (Lemmy 1.0) or a feed (PieFed), and
//! the collection of the communities that it lists.
//!
//! Whoever follows a feed follows the communities themselves, and hears of what is said from these: a feed says only what
//! it lists.

use crate::actor;
use crate::collections;
use crate::error::Result;
use crate::federation::Federation;
use crate::vocabulary::with_context;
use clocher_app::feeds::{self, Feed};
use clocher_app::{App, Site};
use clocher_domain::feed::title_of;
use serde_json::{Value, json};
use url::Url;

/// Communities in one document: Lemmy takes fewer than 50, and no other page.
const PAGE: usize = 49;
/// What every feed says of itself, for people.
const PRESENTATION: &str = "<p>Fil regroupé : cette communauté et celles qui y sont rattachées. / \
                            One feed of this community and of those nested in it.</p>";

/// What stands at an address of the feed of the community with that name; `rest` is what follows the name.
pub async fn found(
    federation: &Federation,
    app: &App,
    name: &str,
    rest: &[&str],
    url: &Url,
) -> Result<Option<Value>> {
    if !matches!(rest, [] | ["outbox" | "followers" | "following"]) {
        return Ok(None);
    }
    let Some(feed) = feeds::find(app, name).await? else { return Ok(None) };
    match rest {
        [] => {
            let actor = federation.with_key(app, feed.actor).await?;
            document(app.site(), &Feed { actor, ..feed }).map(Some)
        }
        ["followers"] => collections::followers(app, feed.actor).await.map(Some),
        ["following"] => following(app, feed, url).await.map(Some),
        _ => Ok(Some(collections::empty(url))),
    }
}

/// A feed as a document. It must have its RSA key.
///
/// # Errors
/// That of a corrupt row.
pub fn document(site: &Site, feed: &Feed) -> Result<Value> {
    let mut document = actor::document(site, &feed.actor, None, 0)?;
    if let Value::Object(fields) = &mut document {
        fields.insert("name".to_owned(), json!(title_of(&feed.community.display_name)));
        fields.insert("summary".to_owned(), json!(PRESENTATION));
        fields.insert("following".to_owned(), json!(Site::following(&feed.actor.ap_id)));
        if let Some(owner) = &feed.owner {
            fields.insert("attributedTo".to_owned(), json!(owner.ap_id));
        }
    }
    Ok(document)
}

/// What a feed lists: as many as others read at once stand in the collection itself.
async fn following(app: &App, feed: Feed, url: &Url) -> Result<Value> {
    let id = Site::following(&feed.actor.ap_id);
    let after = url.query_pairs().find(|(name, _)| name == "after");
    let after = after.and_then(|(_, number)| number.parse::<i64>().ok());
    let listed = app.read(move |conn| feeds::list(conn, &feed.community, after, PAGE)).await?;
    let items: Vec<&str> = listed.communities.iter().map(|row| row.ap_id.as_str()).collect();
    let mut document = match after {
        None => json!({ "id": id, "type": "Collection", "totalItems": listed.total, "items": items }),
        Some(after) => json!({
            "id": format!("{id}?after={after}"),
            "type": "CollectionPage",
            "partOf": id,
            "items": items,
        }),
    };
    if let (Value::Object(fields), Some(next)) = (&mut document, listed.next) {
        fields.insert("next".to_owned(), json!(format!("{id}?after={next}")));
    }
    Ok(with_context(document))
}
