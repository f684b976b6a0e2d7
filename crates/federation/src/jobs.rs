//! Jobs: verified activities that need another server to be asked, hosts whose software is not known, and what was
//! said before we listened.

use crate::backfill::{self, Slice};
use crate::error::{Error, Result};
use crate::federation::Federation;
use crate::groups;
use crate::inbox::{self, Incoming};
use crate::links;
use crate::merging;
use crate::neighbours;
use crate::sources::Sources;
use crate::transport::{FetchError, fetch_nodeinfo};
use crate::vocabulary::id_of;
use clocher_app::backfill::KIND as BACKFILL;
use clocher_app::{App, delivering, domains, linking};
use clocher_storage::jobs::JobRow;
use clocher_storage::{actors, effects};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

/// A verified activity that could not be handled at once.
pub const INCOMING: &str = "incoming";
/// A host whose NodeInfo is to be read.
pub const DISCOVER: &str = "discover";

/// How often in a row what was said before is asked for in vain.
const PATIENCE: i64 = 5;

/// What a job of [`INCOMING`] holds.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    actor: i64,
    id: String,
    json: Value,
    request: Option<String>,
}

/// Keeps a verified activity for later. Those of one subject are handled in order.
pub async fn put_incoming(app: &App, incoming: &Incoming, subject: String) -> Result<()> {
    let kept = Kept {
        actor: incoming.actor.id,
        id: incoming.id.clone(),
        json: incoming.json.clone(),
        request: incoming.request.clone(),
    };
    let document = serde_json::to_string(&kept).map_err(|_| Error::Malformed("an activity"))?;
    Ok(delivering::put_job(app, INCOMING, subject, document).await?)
}

/// Whose activity it is, and what it is about in the end: of an announced undoing of a vote, the message that was
/// voted on. Nobody keeps the activities of others waiting.
pub fn subject(incoming: &Incoming) -> String {
    let mut about = &incoming.json;
    let mut id = incoming.id.as_str();
    for _ in 0..3 {
        let Some(object) = about.get("object") else { break };
        id = id_of(object).unwrap_or(id);
        about = object;
    }
    format!("{} {id}", incoming.actor.id)
}

/// Does a job, and records what came of it.
pub async fn run(federation: Arc<Federation>, app: App, row: JobRow) {
    let done = match row.kind.as_str() {
        INCOMING => in_time(incoming(&federation, &app, &row)).await.map(|()| Slice::Done),
        BACKFILL => in_time(Box::pin(backfill::run(&federation, &app, &row))).await,
        effects::SET_ASIDE => owe_again(&app, row.id, &row.document).await.map(|()| Slice::Done),
        DISCOVER => discover(&federation, &app, &row.subject).await.map(|()| Slice::Done),
        groups::REFRESH => {
            let sources = Sources::network(&federation, &app);
            in_time(Box::pin(groups::refresh(&sources, &row.subject))).await.map(|()| Slice::Done)
        }
        linking::CHECK => {
            let sources = Sources::network(&federation, &app);
            in_time(Box::pin(links::check(&sources, &row))).await.map(|()| Slice::Done)
        }
        linking::CARRY => {
            let sources = Sources::network(&federation, &app);
            in_time(Box::pin(merging::carry(&sources, &row))).await.map(|()| Slice::Done)
        }
        linking::SEARCH => {
            let sources = Sources::network(&federation, &app);
            in_time(Box::pin(neighbours::search(&sources, &row))).await
        }
        _ => Err(Error::Malformed("the kind of a job")),
    };
    let recorded = match done {
        Err(error) if row.kind == BACKFILL && row.attempts >= PATIENCE => {
            tracing::info!(job = row.id, subject = row.subject, %error, "what was said before cannot be had");
            delivering::job_done(&app, row.id).await
        }
        // What another server was told that we have is given up only for a reason of its own.
        Err(error) if error.is_transient() || error.status().is_server_error() => {
            let text = error.to_string();
            delivering::job_failed(&app, row, text, federation.policy(), rand::random()).await
        }
        Err(error) => {
            tracing::info!(job = row.id, kind = row.kind, subject = row.subject, %error, "a job came to nothing");
            delivering::job_done(&app, row.id).await
        }
        Ok(Slice::GoesOn(progress)) => delivering::job_goes_on(&app, row.id, progress).await,
        Ok(Slice::Done) => delivering::job_done(&app, row.id).await,
    };
    if let Err(error) = recorded {
        // The claim runs out, and the job is done again: doing it twice changes nothing.
        tracing::error!(%error, "the end of a job could not be recorded");
    }
}

/// Most time that a job may take: an exchange is bounded, but a thread may need many.
const LONGEST: Duration = Duration::from_mins(2);

async fn in_time<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::time::timeout(LONGEST, work).await.unwrap_or(Err(FetchError::Timeout.into()))
}

async fn incoming(federation: &Arc<Federation>, app: &App, row: &JobRow) -> Result<()> {
    let kept: Kept = serde_json::from_str(&row.document).map_err(|_| Error::Malformed("a kept activity"))?;
    let actor = app.read(move |conn| actors::find(conn, kept.actor)).await?;
    let Some(actor) = actor.filter(actors::ActorRow::is_active) else { return Ok(()) };
    domains::check(app, &actor.host).await?;
    let incoming =
        Incoming { sender: actor.host.clone(), actor, id: kept.id, json: kept.json, request: kept.request };
    if inbox::is_seen(app, &incoming).await? {
        // It came a second time while it waited.
        return Ok(());
    }
    let sources = Sources::network(federation, app).for_job(row);
    Box::pin(inbox::handle(&sources, &incoming)).await.map(|_| ())
}

/// An effect that was set aside, and that somebody wants tried again.
async fn owe_again(app: &App, job: i64, document: &str) -> Result<()> {
    let effect = serde_json::from_str(document).map_err(|_| Error::Malformed("an effect"))?;
    let owed = app.write(move |deed| {
        clocher_storage::jobs::remove(deed.conn, job)?;
        deed.owe(&effect)
    });
    Ok(owed.await?)
}

/// Asks a host what it runs, and records it.
pub async fn discover(federation: &Arc<Federation>, app: &App, host: &str) -> Result<()> {
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
