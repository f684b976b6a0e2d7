//! The workers of the instances of a process: started one instance after the other, and stopped.
//!
//! Does not know what the workers do: that is `federation` and, for the readers of here, `mailroom`.

use crate::lock::Lock;
use crate::mailroom;
use crate::served::Served;
use clocher_app::App;
use clocher_federation::Federation;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, watch};
use tokio::task::{AbortHandle, JoinHandle};

/// The workers of all the instances of a process.
pub(crate) struct Staff {
    federation: Arc<Federation>,
    served: Arc<Served>,
    /// Databases are opened one after the other: hundreds at once would starve the first requests.
    turn: Arc<Semaphore>,
    crews: Mutex<HashMap<String, Crew>>,
}

/// The workers of one instance.
struct Crew {
    stop: watch::Sender<bool>,
    /// Ends with true where none of them died.
    task: JoinHandle<bool>,
}

impl Staff {
    pub(crate) fn new(federation: Arc<Federation>, served: Arc<Served>) -> Self {
        Self { federation, served, turn: Arc::new(Semaphore::new(1)), crews: Mutex::default() }
    }

    /// Starts the workers of an instance when its turn comes. The lock is held until they have ended.
    pub(crate) fn engage(&self, app: App, lock: Option<Lock>) {
        let (stop, stopped) = watch::channel(false);
        let domain = app.site().domain().to_owned();
        let (federation, served) = (Arc::clone(&self.federation), Arc::clone(&self.served));
        let task = tokio::spawn(work(federation, served, Arc::clone(&self.turn), app, lock, stopped));
        let before = self.lock_crews().insert(domain, Crew { stop, task });
        if let Some(before) = before {
            before.stop.send_replace(true);
        }
    }

    /// Asks the workers of an instance to end, without waiting for them.
    pub(crate) fn dismiss(&self, domain: &str) {
        if let Some(crew) = self.lock_crews().remove(domain) {
            crew.stop.send_replace(true);
        }
    }

    /// Asks all workers to end, without waiting for them.
    pub(crate) fn ask_to_end(&self) {
        for crew in self.lock_crews().values() {
            crew.stop.send_replace(true);
        }
    }

    /// Asks all workers to end, and waits for them; those still at work at the limit are cut off. True where
    /// none died.
    pub(crate) async fn end(&self, within: Duration) -> bool {
        self.ask_to_end();
        let crews: Vec<Crew> = self.lock_crews().drain().map(|(_, crew)| crew).collect();
        let deadline = tokio::time::Instant::now() + within;
        let mut none_died = true;
        for mut crew in crews {
            if let Ok(ended) = tokio::time::timeout_at(deadline, &mut crew.task).await {
                none_died &= ended.unwrap_or(false);
            } else {
                tracing::warn!("workers were cut off at the end of the process");
                crew.task.abort();
            }
        }
        none_died
    }

    fn lock_crews(&self) -> std::sync::MutexGuard<'_, HashMap<String, Crew>> {
        self.crews.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Works for one instance until it is stopped. True where no worker died.
async fn work(
    federation: Arc<Federation>,
    served: Arc<Served>,
    turn: Arc<Semaphore>,
    app: App,
    lock: Option<Lock>,
    mut stopped: watch::Receiver<bool>,
) -> bool {
    let workers = {
        let _turn = tokio::select! {
            turn = turn.acquire() => turn,
            _ = stopped.wait_for(|stop| *stop) => return true,
        };
        if let Err(error) = app.instance().await {
            tracing::error!(instance = app.site().domain(), %error, "the instance does not open");
        }
        let mut workers = federation.start_workers(&app, lock.is_some(), stopped.clone());
        let folder = lock.as_ref().map(|lock| lock.folder().to_owned());
        workers.push(tokio::spawn(mailroom::run(app.clone(), folder, served, stopped)));
        workers
    };
    let _cut = CutOff(workers.iter().map(JoinHandle::abort_handle).collect());
    let mut none_died = true;
    for worker in workers {
        if let Err(error) = worker.await {
            tracing::error!(instance = app.site().domain(), %error, "a worker died");
            none_died = false;
        }
    }
    none_died
}

/// Ends the workers with the task that waits for them.
struct CutOff(Vec<AbortHandle>);

impl Drop for CutOff {
    fn drop(&mut self) {
        self.0.iter().for_each(AbortHandle::abort);
    }
}
