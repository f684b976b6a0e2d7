//! What is owed of what was said elsewhere before we listened. Doing it is the business of the door.

use crate::app::Deed;
use crate::delivering::put_job_in;
use crate::{App, Error, Result};
use clocher_domain::backfill::{Found, decide_catching_up};
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::posts::PostRow;
use clocher_storage::{jobs, posts};
use serde::{Deserialize, Serialize};

/// The kind of its jobs. Those of one host are done one after the other.
pub const KIND: &str = "backfill";

/// What is to be fetched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Wanted {
    /// The newest threads of an actor that somebody of ours follows, with their replies.
    Outbox {
        /// The actor.
        actor: i64,
    },
    /// The replies of one thread.
    Thread {
        /// The ActivityPub id of its top post.
        top: String,
    },
}

/// Owes what an actor of another server published before the first of ours followed it.
pub(crate) fn owe_outbox(deed: &mut Deed<'_>, actor: &ActorRow) -> Result<()> {
    owe(deed, &actor.host, &Wanted::Outbox { actor: actor.id })
}

/// Owes the rest of the thread of a message that was just recorded, where we came late to it. Threads of here
/// are never filled from elsewhere: what stands in them was judged here.
///
/// # Errors
/// Those of storage.
pub async fn catch_up(app: &App, ap_id: String, found: Found) -> Result<()> {
    if !decide_catching_up(found) {
        return Ok(());
    }
    app.write(move |deed| {
        let Some(post) = posts::find_by_ap_id(deed.conn, &ap_id)? else { return Ok::<_, Error>(()) };
        let top = posts::find(deed.conn, post.thread_id)?.filter(|top| !top.local);
        let Some(top) = top else { return Ok(()) };
        let home = top.home_id.map(|id| actors::find(deed.conn, id)).transpose()?.flatten();
        if home.as_ref().is_some_and(|home| home.local) {
            return Ok(());
        }
        let Some(author) = actors::find(deed.conn, top.author_id)? else { return Ok(()) };
        owe(deed, &author.host, &Wanted::Thread { top: top.ap_id })
    })
    .await?;
    app.wakers().jobs.notify_one();
    Ok(())
}

/// Owes what was answered in a thread of elsewhere before a community of here showed it.
pub(crate) fn owe_thread(deed: &mut Deed<'_>, thread: &PostRow) -> Result<()> {
    let home = thread.home_id.map(|id| actors::find(deed.conn, id)).transpose()?.flatten();
    if thread.local || home.is_some_and(|home| home.local) {
        return Ok(());
    }
    let Some(author) = actors::find(deed.conn, thread.author_id)? else { return Ok(()) };
    owe(deed, &author.host, &Wanted::Thread { top: thread.ap_id.clone() })
}

fn owe(deed: &mut Deed<'_>, host: &str, wanted: &Wanted) -> Result<()> {
    let document = serde_json::to_string(wanted).map_err(|error| Error::Internal(error.to_string()))?;
    if jobs::is_owed(deed.conn, KIND, &document)? {
        return Ok(());
    }
    put_job_in(deed, KIND, format!("{KIND} {host}"), document)
}
