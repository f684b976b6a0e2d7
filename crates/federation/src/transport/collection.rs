//! Walks a remote collection page by page, within bounds (S56).
//!
//! It deliberately does not believe `totalItems`, does not leave the collection's origin, and
//! returns items as they stand: an embedded one of another origin is a hint, to be fetched from there.

use std::collections::HashSet;

use serde_json::Value;
use url::Url;

use super::accept::Accept;
use super::address::{TestHosts, same_origin};
use super::client::Http;
use super::error::FetchError;
use super::fetch::{Document, fetch_document};
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
    /// The collection's id, from whose origin every page came.
    pub collection: Url,
    /// The items in the order served: ids, or embedded objects, which prove nothing of other origins.
    pub items: Vec<Value>,
    /// Whether the walk came to the end by itself, and not to a limit or a page it would not read.
    pub complete: bool,
}

/// A walk through a collection: it says which page it wants next, and takes what is given.
#[derive(Debug)]
pub struct Walk {
    found: Items,
    limits: CollectionLimits,
    seen: HashSet<Url>,
    next: Option<Value>,
    pages: usize,
}

impl Walk {
    /// Begins with the collection itself, and with its first page where that is embedded.
    pub fn begin(collection: &Document, limits: CollectionLimits) -> Self {
        let found = Items { collection: collection.id.clone(), items: Vec::new(), complete: true };
        let seen = HashSet::from([collection.id.clone()]);
        let mut walk = Self { found, limits, seen, next: None, pages: 0 };
        walk.take_items(&collection.json);
        let first = collection.json.get("first").or_else(|| collection.json.get("next"));
        match first {
            // It came from the collection's own origin with it.
            Some(page) if page.is_object() => walk.take(page),
            link => walk.next = link.cloned(),
        }
        walk
    }

    /// The page to fetch next; none at the end, or where the walk stops.
    pub fn wanted(&mut self, test_hosts: &TestHosts) -> Option<Url> {
        let link = self.next.take()?;
        let page = link.as_str().and_then(|text| test_hosts.check(text).ok());
        let page = page
            .filter(|page| same_origin(page, &self.found.collection) && self.seen.insert(page.clone()))
            .filter(|_| self.pages < self.limits.pages && self.found.items.len() < self.limits.items);
        self.found.complete &= page.is_some();
        page
    }

    /// Takes a page.
    pub fn take(&mut self, page: &Value) {
        self.pages += 1;
        self.take_items(page);
        self.next = page.get("next").filter(|next| !next.is_null()).cloned();
    }

    /// What was found; `complete` is false where a page could not be had.
    pub fn end(self, complete: bool) -> Items {
        Items { complete: self.found.complete && complete, ..self.found }
    }

    fn take_items(&mut self, page: &Value) {
        let found = &mut self.found;
        for member in ["orderedItems", "items"] {
            match page.get(member) {
                Some(Value::Array(items)) => {
                    let room = self.limits.items.saturating_sub(found.items.len());
                    found.items.extend(items.iter().take(room).cloned());
                    found.complete &= items.len() <= room;
                }
                Some(Value::Null) | None => {}
                Some(single) if found.items.len() < self.limits.items => found.items.push(single.clone()),
                Some(_) => found.complete = false,
            }
        }
    }
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
    let mut walk = Walk::begin(&collection, limits);
    while let Some(wanted) = walk.wanted(http.test_hosts()) {
        match fetch_page(http, &wanted, &collection.id, signer, now).await {
            Ok(page) => walk.take(&page),
            Err(_) => return Ok(walk.end(false)),
        }
    }
    Ok(walk.end(true))
}

/// Fetches a page, which needs no id of its own, but must be served by the collection's origin.
pub async fn fetch_page(
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
