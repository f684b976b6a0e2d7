//! Jobs: verified activities that need another server to be asked, and hosts whose software is not known.

use crate::error::{Error, Result};
use crate::federation::Federation;
use crate::inbox::{self, Incoming};
use crate::sources::Sources;
use crate::transport::fetch_nodeinfo;
use crate::vocabulary::id_of;
use clocher_app::{App, delivering};
use clocher_storage::jobs::JobRow;
use clocher_storage::{actors, effects};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;

/// A verified activity that could not be handled at once.
pub const INCOMING: &str = "incoming";
/// A host whose NodeInfo is to be read.
pub const DISCOVER: &str = "discover";

/// What a job of [`INCOMING`] holds.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    actor: i64,
    id: String,
    json: Value,
}

/// Keeps a verified activity for later. Those about one object are handled in order.
pub async fn put_incoming(app: &App, incoming: &Incoming) -> Result<()> {
    let object = incoming.json.get("object");
    let inner = object.and_then(|object| object.get("object")).and_then(id_of);
    let subject = inner.or(object.and_then(id_of)).unwrap_or(&incoming.id).to_owned();
    let kept = Kept { actor: incoming.actor.id, id: incoming.id.clone(), json: incoming.json.clone() };
    let document = serde_json::to_string(&kept).map_err(|_| Error::Malformed("an activity"))?;
    Ok(delivering::put_job(app, INCOMING, subject, document).await?)
}

/// Does a job, and records what came of it.
pub async fn run(federation: Arc<Federation>, app: App, row: JobRow) {
    let done = match row.kind.as_str() {
        INCOMING => incoming(&federation, &app, &row.document).await,
        effects::SET_ASIDE => owe_again(&app, &row.document).await,
        DISCOVER => discover(&federation, &app, &row.subject).await,
        _ => Err(Error::Malformed("the kind of a job")),
    };
    let recorded = match done {
        Err(error) if error.is_transient() => {
            let text = error.to_string();
            delivering::job_failed(&app, row, text, federation.policy(), rand::random()).await
        }
        Err(error) => {
            tracing::info!(job = row.id, kind = row.kind, subject = row.subject, %error, "a job came to nothing");
            delivering::job_done(&app, row.id).await
        }
        Ok(()) => delivering::job_done(&app, row.id).await,
    };
    if let Err(error) = recorded {
        // The claim runs out, and the job is done again: doing it twice changes nothing.
        tracing::error!(%error, "the end of a job could not be recorded");
    }
}

async fn incoming(federation: &Arc<Federation>, app: &App, document: &str) -> Result<()> {
    let kept: Kept = serde_json::from_str(document).map_err(|_| Error::Malformed("a kept activity"))?;
    let actor = app.read(move |conn| actors::find(conn, kept.actor)).await?;
    let Some(actor) = actor.filter(actors::ActorRow::is_active) else { return Ok(()) };
    let incoming = Incoming { actor, id: kept.id, json: kept.json };
    Box::pin(inbox::handle(&Sources::network(federation, app), &incoming)).await.map(|_| ())
}

/// An effect that was set aside, and that somebody wants tried again.
async fn owe_again(app: &App, document: &str) -> Result<()> {
    let effect = serde_json::from_str(document).map_err(|_| Error::Malformed("an effect"))?;
    Ok(app.write(move |deed| deed.owe(&effect)).await?)
}

async fn discover(federation: &Arc<Federation>, app: &App, host: &str) -> Result<()> {
    let known = if federation.sibling(host).is_some() {
        Some(("clocher".to_owned(), env!("CARGO_PKG_VERSION").to_owned(), true))
    } else {
        match fetch_nodeinfo(federation.http(), host, app.now().seconds()).await {
            Ok(info) => Some((info.software_name, info.version, info.clocher)),
            Err(error) if error.is_transient() => return Err(error.into()),
            Err(_) => None,
        }
    };
    let clocher = known.as_ref().is_some_and(|(_, _, clocher)| *clocher);
    let software = known.map(|(name, version, _)| (name, version));
    Ok(delivering::record_software(app, host.to_owned(), software, clocher).await?)
}
