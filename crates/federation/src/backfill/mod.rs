//! Fetching what was said elsewhere before we listened: the newest threads of an outbox, and the replies of a
//! thread by its context (FEP-f228) or, without one, by the replies of its messages.
//!
//! Works in slices, and records how far it came: an interrupted job goes on there, and doing it twice changes
//! nothing. Tells nobody: nothing fetched is passed on. What a server serves of itself is believed; what it
//! embeds of others is fetched from them.

mod items;
mod thread;

use crate::error::{Error, Result};
use crate::federation::Federation;
use crate::sources::Sources;
use crate::transport::CollectionLimits;
use clocher_app::backfill::Wanted;
use clocher_app::{App, delivering, domains};
use clocher_domain::Timestamp;
use clocher_domain::backfill::{Allowance, THREADS};
use clocher_domain::time::SECOND;
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::jobs::JobRow;
use items::Branch;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::sync::Arc;

/// How long one slice takes, in milliseconds, before others have their turn.
const SLICE: i64 = 30 * SECOND;

/// How often in a row a server that does not answer is asked again, before the job goes on without it.
const PATIENCE: i64 = 2;

/// How far a job has come.
#[derive(Debug, Serialize, Deserialize)]
pub struct Progress {
    /// Top posts whose threads are to be fetched, newest first; the first of them is under way.
    threads: VecDeque<String>,
    /// Of the thread under way: its collections that are to be walked.
    branches: VecDeque<Branch>,
    /// Of the first of these: how many items are done.
    done: usize,
    /// What may still be fetched, in all.
    left: Allowance,
    /// And for the thread under way.
    here: Allowance,
}

/// What became of a slice.
pub enum Slice {
    /// Nothing is left to do.
    Done,
    /// It goes on another time, from there.
    GoesOn(String),
}

/// What the parts of a job share.
struct Work<'a> {
    app: &'a App,
    federation: &'a Arc<Federation>,
    job: i64,
    /// How often in a row it failed.
    failures: i64,
    /// Whose outbox it is, where it is one.
    actor: Option<ActorRow>,
    ends_at: Timestamp,
}

impl Work<'_> {
    /// Sources for the thread under way.
    fn sources(&self, left: Allowance) -> Sources {
        Sources::network(self.federation, self.app).at_most(left.documents)
    }

    /// Whether what failed may succeed later, and was not waited for before.
    fn is_worth_waiting_for(&self, error: &Error) -> bool {
        error.is_transient() && self.failures < PATIENCE
    }

    fn is_over(&self) -> bool {
        self.app.now() >= self.ends_at
    }

    async fn save(&self, progress: &Progress) -> Result<()> {
        Ok(delivering::job_progress(self.app, self.job, write(progress)?).await?)
    }
}

/// Does a slice of a job.
///
/// # Errors
/// What may pass, where the server that was asked does not answer.
pub async fn run(federation: &Arc<Federation>, app: &App, row: &JobRow) -> Result<Slice> {
    let wanted: Wanted = serde_json::from_str(&row.document).map_err(|_| Error::Malformed("a job"))?;
    let mut work = Work {
        app,
        federation,
        job: row.id,
        failures: row.attempts,
        actor: None,
        ends_at: app.now().plus(SLICE),
    };
    if let Wanted::Outbox { actor } = wanted {
        let actor = app.read(move |conn| actors::find(conn, actor)).await?;
        let Some(actor) = actor.filter(ActorRow::is_active) else { return Ok(Slice::Done) };
        domains::check(app, &actor.host).await?;
        work.actor = Some(actor);
    }
    let kept = row.progress.as_deref().and_then(|text| serde_json::from_str(text).ok());
    let mut progress = match kept {
        Some(progress) => progress,
        None => begin(&work, &wanted).await?,
    };
    while !progress.threads.is_empty() {
        if work.is_over() {
            return Ok(Slice::GoesOn(write(&progress)?));
        }
        thread::go_on(&work, &mut progress).await?;
        work.save(&progress).await?;
    }
    Ok(Slice::Done)
}

/// Where a job begins: with one thread, or with those that an outbox lists.
async fn begin(work: &Work<'_>, wanted: &Wanted) -> Result<Progress> {
    let (threads, left) = match (wanted, &work.actor) {
        (Wanted::Thread { top }, _) => (VecDeque::from([top.clone()]), Allowance::THREAD),
        (Wanted::Outbox { .. }, Some(actor)) => {
            let sources = work.sources(Allowance::FOLLOW);
            let threads = match &actor.outbox {
                Some(outbox) => items::threads_of(&sources, actor, outbox).await?,
                None => VecDeque::new(),
            };
            (threads, Allowance { documents: sources.left(), ..Allowance::FOLLOW })
        }
        (Wanted::Outbox { .. }, None) => (VecDeque::new(), Allowance::FOLLOW),
    };
    let progress = Progress { threads, branches: VecDeque::new(), done: 0, left, here: left.of_a_thread() };
    work.save(&progress).await?;
    Ok(progress)
}

fn write(progress: &Progress) -> Result<String> {
    serde_json::to_string(progress).map_err(|_| Error::Malformed("the progress of a job"))
}

/// How far an outbox is walked.
const OUTBOX: CollectionLimits = CollectionLimits { pages: 10, items: 1_000 };
