//! Finding actors of other servers by what people type: handles and addresses.

use crate::error::{Error, Result};
use crate::federation::Federation;
use crate::jobs;
use crate::sources::Sources;
use crate::transport::{FetchError, read_handle, webfinger};
use clocher_app::ports::{Directory, Later};
use clocher_app::{App, domains, readers};
use clocher_domain::Refusal;
use clocher_storage::actors::{self, ActorRow};
use std::sync::Arc;

/// The directory of the process: what [`Federation`] can find.
pub struct Fediverse(pub Arc<Federation>);

impl Directory for Fediverse {
    fn find<'a>(&'a self, app: &'a App, address: &'a str) -> Later<'a, clocher_app::Result<ActorRow>> {
        Box::pin(async move { find(&self.0, app, address.trim()).await.map_err(for_people) })
    }

    fn ask_again<'a>(
        &'a self,
        app: &'a App,
        actor: &'a ActorRow,
    ) -> Later<'a, clocher_app::Result<ActorRow>> {
        Box::pin(async move { ask_again(&self.0, app, actor).await.map_err(for_people) })
    }

    fn learn_software<'a>(&'a self, app: &'a App, actor: &'a ActorRow) -> Later<'a, clocher_app::Result<()>> {
        Box::pin(async move { learn_software(&self.0, app, actor).await.map_err(for_people) })
    }
}

async fn learn_software(federation: &Arc<Federation>, app: &App, actor: &ActorRow) -> Result<()> {
    let host = actor.host.clone();
    let is_known = app.read(move |conn| readers::keeps_closed(conn, &host)).await?;
    if is_known || actor.local { Ok(()) } else { jobs::discover(federation, app, &actor.host).await }
}

async fn find(federation: &Arc<Federation>, app: &App, address: &str) -> Result<ActorRow> {
    let sources = Sources::network(federation, app);
    if address.contains("://") {
        return by_address(&sources, address).await;
    }
    let test_hosts = federation.http().test_hosts();
    let handle = read_handle(address, test_hosts).map_err(|_| Refusal::NotFound)?;
    domains::check(app, &handle.host).await?;
    if handle.host == app.site().domain() {
        return local(app, handle.name).await;
    }
    if let Some(sibling) = federation.sibling(&handle.host) {
        let actor = local(&sibling, handle.name).await?;
        return sources.actor(&actor.ap_id).await;
    }
    let found = webfinger::resolve(federation.http(), &handle, app.now().seconds()).await?;
    let actor = sources.actor(found.actor.as_str()).await?;
    if actor.ap_id == found.actor.as_str() { sources.shown_as(actor, &found.handle).await } else { Ok(actor) }
}

/// The actor with that id; or that a page points to, as what people paste is often the address of a page.
async fn by_address(sources: &Sources, address: &str) -> Result<ActorRow> {
    match sources.actor(address).await {
        Err(Error::Fetch(FetchError::ContentType)) => {
            let document = sources.alternate(address).await?;
            sources.actor(document.as_str()).await
        }
        found => found,
    }
}

/// Ours is as it stands. One without an inbox that may be reached is nobody to follow.
async fn ask_again(federation: &Arc<Federation>, app: &App, actor: &ActorRow) -> Result<ActorRow> {
    let sources = Sources::network(federation, app);
    if actor.local {
        return sources.actor(&actor.ap_id).await;
    }
    let row = sources.fetch_actor(&actor.ap_id).await?;
    if row.inbox.is_empty() { Err(Refusal::NotFound.into()) } else { Ok(row) }
}

async fn local(app: &App, name: String) -> Result<ActorRow> {
    let name = name.to_lowercase();
    let row = app.read(move |conn| actors::find_local(conn, &name)).await?;
    Ok(row.filter(ActorRow::is_active).ok_or(Refusal::NotFound)?)
}

/// What whoever typed the address is told.
fn for_people(error: Error) -> clocher_app::Error {
    match error {
        Error::App(error) => error,
        Error::Fetch(error) if error.is_transient() => clocher_app::Error::Remote(error.to_string()),
        Error::Fetch(_) | Error::Malformed(_) | Error::Forged(_) | Error::Json(_) => Refusal::NotFound.into(),
        other => clocher_app::Error::Internal(other.to_string()),
    }
}
