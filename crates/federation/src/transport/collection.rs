//! Walks a remote collection page by page, within bounds (S56).
//!
//! It deliberately does not believe `totalItems`, does not leave the collection's origin, and
//! returns items as they stand: an embedded one is a hint, to be fetched from its own origin.

use std::collections::HashSet;

use serde_json::Value;
use url::Url;

use super::accept::Accept;
use super::address::same_origin;
use super::client::Http;
use super::error::FetchError;
use super::fetch::fetch_document;
use super::json;
use super::signer::Signer;

/// How far a collection is walked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CollectionLimits {
    /// Pages fetched.
    pub pages: usize,
    /// Items taken.
    pub items: usize,
}

impl Default for CollectionLimits {
    /// 10 pages, 1,000 items.
    fn default() -> Self {
        Self { pages: 10, items: 1_000 }
    }
}

/// What was found of a collection.
#[derive(Debug, Clone, PartialEq)]
pub struct Items {
    /// The items in the order served: ids, or embedded objects that prove nothing.
    pub items: Vec<Value>,
    /// Whether the walk came to the end by itself, and not to a limit or a page it would not read.
    pub complete: bool,
}

/// Walks the collection at `url`. `now` in seconds since 1970.
///
/// Fails if the collection itself cannot be had; a page that cannot be had, that was read before or
/// that lies on another origin ends the walk, with `complete` false.
pub async fn fetch_collection(
    http: &Http,
    url: &Url,
    signer: Option<&Signer>,
    limits: CollectionLimits,
    now: i64,
) -> Result<Items, FetchError> {
    let collection = fetch_document(http, url, signer, now).await?;
    let mut found = Items { items: Vec::new(), complete: true };
    let mut seen = HashSet::from([collection.id.clone()]);
    take_items(&collection.json, limits.items, &mut found);
    let mut next = collection.json.get("first").or_else(|| collection.json.get("next")).cloned();
    let mut pages = 0;
    while let Some(link) = next {
        // The first page may be embedded: it came from the collection's own origin with it.
        let page = if link.is_object() && pages == 0 {
            link
        } else {
            let wanted = link.as_str().and_then(|text| http.test_hosts().check(text).ok());
            let wanted = wanted.filter(|page| same_origin(page, &collection.id) && seen.insert(page.clone()));
            let (Some(wanted), true) = (wanted, pages < limits.pages) else {
                found.complete = false;
                break;
            };
            if let Ok(page) = fetch_page(http, &wanted, &collection.id, signer, now).await {
                page
            } else {
                found.complete = false;
                break;
            }
        };
        pages += 1;
        take_items(&page, limits.items, &mut found);
        next = page.get("next").filter(|next| !next.is_null()).cloned();
        if found.items.len() >= limits.items {
            found.complete &= next.is_none();
            break;
        }
    }
    Ok(found)
}

/// A page needs no id of its own, but it must be served by the collection's origin.
async fn fetch_page(
    http: &Http,
    url: &Url,
    collection: &Url,
    signer: Option<&Signer>,
    now: i64,
) -> Result<Value, FetchError> {
    let fetched = http.get_json(url, Accept::Activity, signer, now).await?;
    if !same_origin(&fetched.final_url, collection) {
        return Err(FetchError::IdMismatch);
    }
    Ok(json::parse(&fetched.body)?)
}

pub(crate) fn take_items(page: &Value, most: usize, found: &mut Items) {
    for member in ["orderedItems", "items"] {
        match page.get(member) {
            Some(Value::Array(items)) => {
                let room = most.saturating_sub(found.items.len());
                found.items.extend(items.iter().take(room).cloned());
                found.complete &= items.len() <= room;
            }
            Some(Value::Null) | None => {}
            Some(single) if found.items.len() < most => found.items.push(single.clone()),
            Some(_) => found.complete = false,
        }
    }
}
