//! Getting what is not known yet: actors and objects of other servers, of siblings, never of ourselves.
//!
//! A caller that must answer at once ([`Sources::local`]) gets `NeedsNetwork` instead, and leaves the
//! matter to a job.

use crate::actor::remote as remote_actor;
use crate::documents;
use crate::error::{Error, Result};
use crate::federation::Federation;
use crate::groups;
use crate::transport::{
    CollectionLimits, Confirmed, Document, FetchError, Items, Walk, authority, fetch_document, fetch_page,
    find_alternate, read_handle, webfinger,
};
use crate::vocabulary::{check_compact, first_text};
use clocher_app::{App, delivering, domains, profile};
use clocher_domain::Refusal;
use clocher_domain::handle::{Handle, shown_name};
use clocher_domain::time::DAY;
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::jobs::JobRow;
use serde_json::{Map, Value};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use url::Url;

/// How long what an actor says of itself is believed, in milliseconds.
const ACTOR_AGE: i64 = 3 * DAY;

/// Where one instance gets what it does not know.
#[derive(Clone)]
pub struct Sources {
    /// What the process shares.
    pub federation: Arc<Federation>,
    /// The instance that asks.
    pub app: App,
    network: bool,
    /// How many more documents may be fetched, where that is bounded.
    left: Option<Arc<AtomicUsize>>,
    shelf: Option<Arc<Shelf>>,
}

impl Sources {
    /// Knows what this instance has stored, and asks nobody.
    pub fn local(federation: &Arc<Federation>, app: &App) -> Self {
        Self::new(federation, app, false)
    }

    /// Asks other servers for what is not known.
    pub fn network(federation: &Arc<Federation>, app: &App) -> Self {
        Self::new(federation, app, true)
    }

    fn new(federation: &Arc<Federation>, app: &App, network: bool) -> Self {
        Self { federation: Arc::clone(federation), app: app.clone(), network, left: None, shelf: None }
    }

    /// The same, for that many documents at most.
    pub fn at_most(self, documents: usize) -> Self {
        Self { left: Some(Arc::new(AtomicUsize::new(documents))), ..self }
    }

    /// The same for a job, which keeps on its shelf what it must not fetch again when it is interrupted.
    pub fn for_job(self, row: &JobRow) -> Self {
        Self { shelf: Some(Arc::new(Shelf::of(row))), ..self }
    }

    /// How many more documents may be fetched.
    pub fn left(&self) -> usize {
        self.left.as_ref().map_or(usize::MAX, |left| left.load(Ordering::Relaxed))
    }

    /// The document with that id, from the shelf or from its own server; kept on the shelf from now on.
    ///
    /// # Errors
    /// As [`document`](Self::document).
    pub async fn document_for_good(&self, id: &str) -> Result<Value> {
        let Some(shelf) = &self.shelf else { return Ok(self.document(id).await?.1) };
        if let Some(kept) = shelf.get(id) {
            return Ok(kept);
        }
        let (_, document) = self.document(id).await?;
        if let Some(progress) = shelf.put(id, &document) {
            delivering::job_progress(&self.app, shelf.job, progress).await?;
        }
        Ok(document)
    }

    /// Says `NeedsNetwork` where nobody is asked.
    pub fn may_ask(&self) -> Result<()> {
        if self.network { Ok(()) } else { Err(Error::NeedsNetwork) }
    }

    /// The actor with that id, if it is stored, in full or by its id only.
    pub async fn find_actor(&self, id: &str) -> Result<Option<ActorRow>> {
        let id = id.to_owned();
        Ok(self.app.read(move |conn| actors::find_by_ap_id(conn, &id)).await?)
    }

    /// The actor with that id, fetched where it is not known, or known too long.
    ///
    /// # Errors
    /// `NotFound` for an actor of ours that does not exist; `NeedsNetwork`; what fetching refuses.
    pub async fn actor(&self, id: &str) -> Result<ActorRow> {
        let known = self.find_actor(id).await?;
        self.actor_as_known(id, known).await
    }

    /// The same, of whom it is known already what is stored.
    pub async fn actor_as_known(&self, id: &str, known: Option<ActorRow>) -> Result<ActorRow> {
        if self.app.site().owns(id) {
            return Ok(known.ok_or(Refusal::NotFound)?);
        }
        match known.filter(|row| row.fetched_at.is_some()) {
            Some(row) if !self.network => Ok(row),
            Some(row) => {
                let age = self.app.now().0 - row.fetched_at.unwrap_or_default();
                let fresh = age < ACTOR_AGE || row.deleted_at.is_some();
                // An actor whose server is silent today is still the actor that we know.
                if fresh { Ok(row) } else { Ok(self.fetch_actor(id).await.unwrap_or(row)) }
            }
            None => self.fetch_actor(id).await,
        }
    }

    /// The actor with that id, fetched from its own server now.
    pub async fn fetch_actor(&self, id: &str) -> Result<ActorRow> {
        let (id, document) = self.document(id).await?;
        let remote = remote_actor::read(&document, &id, self.federation.http().test_hosts())?;
        let actor = profile::receive(&self.app, remote).await?;
        groups::owe_refresh(&self.app, &actor).await?;
        // Large, and seldom needed: kept off the futures of whoever asks for an actor.
        Box::pin(self.confirm_handle(actor, &id, &document)).await
    }

    /// Asks the host of the handle that an actor claims (`webfinger`, FEP-2c59), or was shown under until now,
    /// whether it is so (S61).
    async fn confirm_handle(&self, actor: ActorRow, id: &Url, document: &Value) -> Result<ActorRow> {
        let claimed = document.get("webfinger").and_then(Value::as_str).or(actor.handle.as_deref());
        let http = self.federation.http();
        let claimed = claimed.and_then(|claimed| read_handle(claimed, http.test_hosts()).ok());
        let Some(claimed) = claimed.filter(|claimed| claimed.host != actor.host) else { return Ok(actor) };
        if domains::check(&self.app, &claimed.host).await.is_err() {
            return Ok(actor);
        }
        let now = self.app.now().seconds();
        match webfinger::confirm(http, id, &actor.name, Some(&claimed.to_string()), now).await {
            Ok(Confirmed { handle, .. }) => self.shown_as(actor, &handle).await,
            Err(_) => Ok(actor),
        }
    }

    /// Records the handle under which an actor is shown, which the host of that handle has confirmed or is the
    /// host of the actor's id.
    pub async fn shown_as(&self, actor: ActorRow, handle: &Handle) -> Result<ActorRow> {
        let elsewhere = handle.host != actor.host;
        let shown = elsewhere.then(|| format!("{}@{}", shown_name(&handle.name), handle.host));
        if actor.local || shown == actor.handle {
            return Ok(actor);
        }
        Ok(profile::receive_handle(&self.app, actor.id, shown).await?)
    }

    /// The document with that id, from its own server now; its `id` is the one returned.
    ///
    /// # Errors
    /// `NeedsNetwork`; `NotFound` for our own; `DomainBlocked`; what fetching refuses.
    pub async fn document(&self, id: &str) -> Result<(Url, Value)> {
        self.may_ask()?;
        if self.app.site().owns(id) {
            // Ours is in the database, or nowhere.
            return Err(Refusal::NotFound.into());
        }
        self.spend()?;
        let mut url = self.federation.http().test_hosts().check(id).map_err(FetchError::from)?;
        url.set_fragment(None);
        domains::check(&self.app, &authority(&url)).await?;
        if let Some(sibling) = self.federation.sibling(&authority(&url)) {
            let document =
                documents::find(&self.federation, &sibling, &url, Some(self.app.site().domain())).await?;
            let served = document.ok_or(FetchError::Gone(404))?;
            return if served.is_tombstone() {
                Err(FetchError::Gone(410).into())
            } else {
                Ok((url, served.into_json()?))
            };
        }
        let signer = self.federation.instance_signer(&self.app).await?;
        let now = self.app.now().seconds();
        let document = fetch_document(self.federation.http(), &url, Some(&signer), now).await?;
        // A redirect or an alias may have led elsewhere.
        domains::check(&self.app, &authority(&document.id)).await?;
        if self.app.site().owns(document.id.as_str()) {
            return Err(Refusal::NotFound.into());
        }
        check_compact(&document.json)?;
        Ok((document.id, document.json))
    }

    /// The document that a page of another server points to. Nothing more is followed from there.
    ///
    /// # Errors
    /// `DomainBlocked`; what fetching refuses.
    pub async fn alternate(&self, page: &str) -> Result<Url> {
        let http = self.federation.http();
        let page = http.test_hosts().check(page).map_err(FetchError::from)?;
        domains::check(&self.app, &authority(&page)).await?;
        Ok(find_alternate(http, &page, self.app.now().seconds()).await?)
    }

    /// The items of the collection with that id, as far as `limits` go.
    ///
    /// # Errors
    /// As [`document`](Self::document), where the collection itself cannot be had; `Malformed` for what is none.
    pub async fn collection(&self, id: &str, limits: CollectionLimits) -> Result<Items> {
        let (id, json) = self.document(id).await?;
        let kind = json.get("type").and_then(first_text).unwrap_or_default();
        if !kind.contains("Collection") {
            return Err(Error::Malformed("a collection"));
        }
        let mut walk = Walk::begin(&Document { id: id.clone(), json }, limits);
        while let Some(wanted) = walk.wanted(self.federation.http().test_hosts()) {
            match self.page(&wanted, &id).await {
                Ok(page) => walk.take(&page),
                Err(_) => return Ok(walk.end(false)),
            }
        }
        Ok(walk.end(true))
    }

    /// A page of a collection, which is on the same server.
    async fn page(&self, url: &Url, collection: &Url) -> Result<Value> {
        self.spend()?;
        if let Some(sibling) = self.federation.sibling(&authority(url)) {
            let page =
                documents::find(&self.federation, &sibling, url, Some(self.app.site().domain())).await?;
            return page.ok_or(FetchError::Gone(404))?.into_json();
        }
        let signer = self.federation.instance_signer(&self.app).await?;
        let now = self.app.now().seconds();
        let page = fetch_page(self.federation.http(), url, collection, Some(&signer), now).await?;
        check_compact(&page)?;
        Ok(page)
    }

    fn spend(&self) -> Result<()> {
        let Some(left) = &self.left else { return Ok(()) };
        let spent = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        spent.map(|_| ()).map_err(|_| Error::Exhausted)
    }
}

/// Documents that a job has fetched, and must not fetch again when it is interrupted and begins anew.
struct Shelf {
    job: i64,
    documents: Mutex<Map<String, Value>>,
}

/// Most bytes on a shelf: what is larger is fetched again.
const SHELF: usize = 1024 * 1024;

impl Shelf {
    fn of(row: &JobRow) -> Self {
        let kept = row.progress.as_deref().and_then(|text| serde_json::from_str(text).ok());
        Self { job: row.id, documents: Mutex::new(kept.unwrap_or_default()) }
    }

    fn documents(&self) -> MutexGuard<'_, Map<String, Value>> {
        self.documents.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(&self, id: &str) -> Option<Value> {
        self.documents().get(id).cloned()
    }

    /// Puts a document on it, and gives what is on it now, where that is not too much.
    fn put(&self, id: &str, document: &Value) -> Option<String> {
        let mut documents = self.documents();
        documents.insert(id.to_owned(), document.clone());
        let text = serde_json::to_string(&*documents).ok().filter(|text| text.len() <= SHELF);
        if text.is_none() {
            documents.shift_remove(id);
        }
        text
    }
}
