//! The work of an instance done on demand, by a program that keeps its own time: simulations.
//!
//! The workers of a server are in `workers`; both do the same things, one by one.

use crate::error::Result;
use crate::federation::Federation;
use crate::{deliver, jobs, outbox};
use clocher_app::delivering::{Claimed, Tried};
use clocher_app::{App, delivering};
use std::sync::Arc;

/// Most jobs claimed at once.
const JOBS: i64 = 64;

impl Federation {
    /// Carries out every effect that the instance owes; says how many.
    ///
    /// # Errors
    /// What may pass, which leaves the effect owed.
    pub async fn carry_out_effects(&self, app: &App) -> Result<usize> {
        let mut done = 0;
        while outbox::carry_out_next(self, app).await? {
            done += 1;
        }
        Ok(done)
    }

    /// Does the jobs of the instance that are due; says how many there were.
    ///
    /// # Errors
    /// Those of storage.
    pub async fn do_due_jobs(self: &Arc<Self>, app: &App) -> Result<usize> {
        let mut done = 0;
        loop {
            let claimed = delivering::claim_jobs(app, JOBS, JOBS).await?;
            if claimed.is_empty() {
                return Ok(done);
            }
            done += claimed.len();
            for row in claimed {
                jobs::run(Arc::clone(self), app.clone(), row).await;
            }
        }
    }

    /// Tries a delivery of the instance; the caller records what came of it.
    pub async fn deliver(self: &Arc<Self>, app: &App, claimed: Claimed) -> Tried {
        deliver::run(Arc::clone(self), app.clone(), claimed).await
    }
}
