//! Whom an address of ours names: `NAME` of here, or `NAME@HOST`.
//!
//! Asks another server only for whoever is signed in: strangers cannot make this one fetch.

use crate::error::Failure;
use crate::session::Visit;
use clocher_app::{Error, reading};
use clocher_domain::Refusal;
use clocher_domain::actor::ActorKind;
use clocher_domain::handle::Handle;
use clocher_domain::time::MINUTE;
use clocher_storage::actors::ActorRow;

/// How long it is believed of somebody elsewhere to have moved, in milliseconds.
const MOVED_AGE: i64 = 10 * MINUTE;
/// What `/c/…` shows.
pub const COMMUNITIES: &[ActorKind] = &[ActorKind::Group];
/// What `/u/…` shows.
pub const PEOPLE: &[ActorKind] = &[ActorKind::Person, ActorKind::Service, ActorKind::Organization];

/// The actor that a segment of a path names.
///
/// # Errors
/// `NotFound`; for whoever is signed in, what asking the other server may give.
pub async fn actor(visit: &Visit, segment: &str, kinds: &'static [ActorKind]) -> Result<ActorRow, Failure> {
    let Some(handle) = Handle::parse(segment) else {
        let kind = *kinds.first().ok_or(Refusal::NotFound)?;
        return Ok(reading::local_actor(&visit.app, segment, kind, visit.viewer.as_ref()).await?);
    };
    let known = reading::known_actor(&visit.app, &handle.name, &handle.host, kinds, visit.viewer.as_ref());
    match known.await {
        Err(Error::Refused(Refusal::NotFound)) => {}
        answer => return Ok(if_moved(visit, answer?).await),
    }
    let found = elsewhere(visit, &format!("@{}@{}", handle.name, handle.host)).await?;
    if kinds.iter().any(|kind| kind.as_str() == found.kind) {
        Ok(found)
    } else {
        Err(Refusal::NotFound.into())
    }
}

/// Who has moved, by what was known a while ago, may be back: its server tells its followers alone, and those of here
/// may all have gone along. One whose server does not answer is as it was known.
async fn if_moved(visit: &Visit, known: ActorRow) -> ActorRow {
    let age = visit.app.now().0 - known.fetched_at.unwrap_or_default();
    let is_doubtful = !known.local && known.moved_to.is_some() && age >= MOVED_AGE;
    match (&visit.viewer, &visit.directory) {
        (Some(_), Some(directory)) if is_doubtful => {
            directory.ask_again(&visit.app, &known).await.unwrap_or(known)
        }
        _ => known,
    }
}

/// The actor of a handle or address, asked of its server.
///
/// # Errors
/// `NotFound`, also for strangers; what asking the other server may give.
pub async fn elsewhere(visit: &Visit, address: &str) -> Result<ActorRow, Failure> {
    match (&visit.viewer, &visit.directory) {
        (Some(viewer), Some(directory)) => {
            let found = directory.find(&visit.app, address).await?;
            Ok(reading::known_to(&visit.app, found, Some(viewer)).await?)
        }
        _ => Err(Refusal::NotFound.into()),
    }
}
