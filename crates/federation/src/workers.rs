//! The workers of an instance: effects, deliveries and jobs. Woken by the commit of what they are to do, and
//! by the clock for what is due later; asleep, they cost no connection.

use crate::federation::Federation;
use crate::slots::Slots;
use crate::{deliver, jobs, outbox};
use clocher_app::delivering::{Claimed, Room, Tried, Turn};
use clocher_app::{App, backfill, delivering, linking};
use clocher_domain::time::DAY;
use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::task::{Id, JoinError, JoinHandle, JoinSet};
use tokio::time::Instant;

/// Prompt deliveries under way at once, for one instance; and as many as that with those whose answer tarries.
/// Few prompt ones: what was answered and is not recorded yet is sent again when the process is killed.
const DELIVERIES: (usize, usize) = (4, 256);
/// After how long without an answer a delivery gives its slot to another.
const UNANSWERED: Duration = Duration::from_millis(25);
/// Deliveries under way at once to one host.
const PER_HOST: usize = 4;
/// Quick jobs under way at once, for one instance; and as many as that with those that wait for slow hosts.
const JOBS: (usize, usize) = (8, 64);
/// After how long a job gives its slot to another.
const SLOW: Duration = Duration::from_millis(500);
/// Jobs that are known to take long, besides.
const SLOW_JOBS: usize = 3;
/// After how long a worker looks again though nothing woke it: another process may have written.
const LOOK_AGAIN: Duration = Duration::from_mins(5);
/// After how long a worker tries again when storage failed.
const AFTER_ERROR: Duration = Duration::from_secs(1);

impl Federation {
    /// Starts the workers of an instance, which end when `stop` turns true.
    ///
    /// With `alone`, what a dead process had claimed is freed first: only for a process that holds the
    /// instance's lock.
    pub fn start_workers(
        self: &Arc<Self>,
        app: &App,
        alone: bool,
        stop: watch::Receiver<bool>,
    ) -> Vec<JoinHandle<()>> {
        let (federation, app) = (Arc::clone(self), app.clone());
        let supervisor = tokio::spawn(async move {
            while let Err(error) = delivering::start(&app, alone).await {
                tracing::error!(instance = app.site().domain(), %error, "the queues cannot be opened");
                if pause(AFTER_ERROR, &stop).await {
                    return;
                }
            }
            tokio::join!(
                effects(Arc::clone(&federation), app.clone(), stop.clone()),
                deliveries(Arc::clone(&federation), app.clone(), stop.clone()),
                do_jobs(federation, app, stop),
            );
        });
        vec![supervisor]
    }
}

async fn effects(federation: Arc<Federation>, app: App, stop: watch::Receiver<bool>) {
    let mut swept = app.now();
    while !*stop.borrow() {
        if app.now().since(swept) > DAY {
            swept = app.now();
            if let Err(error) = delivering::sweep(&app).await {
                tracing::warn!(%error, "what is too old is not forgotten yet");
            }
            if let Err(error) = linking::end_overdue(&app).await {
                tracing::warn!(%error, "links of communities that merged are not ended yet");
            }
        }
        match outbox::carry_out_next(&federation, &app).await {
            Ok(true) => {}
            Ok(false) => {
                wait(&app.wakers().effects, LOOK_AGAIN, &stop).await;
            }
            Err(error) => {
                tracing::warn!(%error, "an effect is not carried out yet");
                pause(AFTER_ERROR, &stop).await;
            }
        }
    }
}

async fn deliveries(federation: Arc<Federation>, app: App, stop: watch::Receiver<bool>) {
    let mut under_way = UnderWay::new();
    let mut ended: Vec<Tried> = Vec::new();
    loop {
        under_way.take_ended(&mut ended);
        let ending = *stop.borrow();
        if ending && ended.is_empty() && under_way.tasks.is_empty() {
            return;
        }
        let to_record: Arc<[Tried]> = ended.clone().into();
        let turn = delivering::turn(&app, to_record, under_way.room(ending), federation.policy()).await;
        let Turn { claimed, next_due } = match turn {
            Ok(turn) => turn,
            Err(error) => {
                tracing::warn!(%error, "deliveries cannot be claimed and recorded");
                if pause(AFTER_ERROR, &stop).await {
                    // Claims run out, and what was sent is sent again: receivers know its id.
                    return;
                }
                continue;
            }
        };
        ended.clear();
        let found_some = !claimed.is_empty();
        for claimed in claimed {
            under_way.start(&federation, &app, claimed);
        }
        if found_some && under_way.has_room() {
            // There may be more for other hosts.
            tokio::task::yield_now().await;
            continue;
        }
        let idle = under_way.tasks.is_empty();
        if ending && idle {
            return;
        }
        let due = until(next_due, &app, idle);
        let due = under_way.slots.until_free(Instant::now()).map_or(due, |free| free.min(due));
        tokio::select! {
            Some(end) = under_way.tasks.join_next_with_id(), if !idle => ended.extend(under_way.end(end)),
            () = wait(&app.wakers().deliveries, due, &stop), if !ending => {}
        }
    }
}

/// The deliveries that are under way, for one instance.
struct UnderWay {
    tasks: JoinSet<Tried>,
    slots: Slots,
    hosts: HashMap<String, usize>,
}

impl UnderWay {
    fn new() -> Self {
        let slots = Slots::new(DELIVERIES.0, DELIVERIES.1, UNANSWERED);
        Self { tasks: JoinSet::new(), slots, hosts: HashMap::new() }
    }

    fn has_room(&self) -> bool {
        self.slots.free(Instant::now()) > 0
    }

    /// What more may be started; nothing where the worker is ending.
    fn room(&self, ending: bool) -> Room {
        let total = if ending { 0 } else { self.slots.free(Instant::now()) };
        Room { total, per_host: PER_HOST, under_way: self.hosts.clone() }
    }

    fn start(&mut self, federation: &Arc<Federation>, app: &App, claimed: Claimed) {
        *self.hosts.entry(claimed.row.host.clone()).or_default() += 1;
        let task = self.tasks.spawn(deliver::run(Arc::clone(federation), app.clone(), claimed));
        self.slots.begin(task.id(), Instant::now());
    }

    /// Takes all that have ended.
    fn take_ended(&mut self, into: &mut Vec<Tried>) {
        while let Some(end) = self.tasks.try_join_next_with_id() {
            into.extend(self.end(end));
        }
    }

    fn end(&mut self, end: Result<(Id, Tried), JoinError>) -> Option<Tried> {
        match end {
            Ok((task, tried)) => {
                self.slots.end(task);
                if let Some(count) = self.hosts.get_mut(&tried.row.host) {
                    *count -= 1;
                    if *count == 0 {
                        self.hosts.remove(&tried.row.host);
                    }
                }
                Some(tried)
            }
            // Whose it was is lost with it; better one too many at once than a host forgotten.
            Err(error) => {
                tracing::error!(%error, "a delivery panicked");
                self.slots.end(error.id());
                self.hosts.clear();
                None
            }
        }
    }
}

async fn do_jobs(federation: Arc<Federation>, app: App, stop: watch::Receiver<bool>) {
    let (mut quick, mut slow): (JoinSet<()>, JoinSet<()>) = (JoinSet::new(), JoinSet::new());
    let mut slots = Slots::new(JOBS.0, JOBS.1, SLOW);
    while !*stop.borrow() {
        while let Some(ended) = quick.try_join_next_with_id() {
            slots.end(id_of(ended));
        }
        while slow.try_join_next().is_some() {}
        let (free, places) = (slots.free(Instant::now()), SLOW_JOBS - slow.len());
        let claimed = if free == 0 {
            Ok(Vec::new())
        } else {
            delivering::claim_jobs(&app, limit(free), limit(places)).await
        };
        let claimed = match claimed {
            Ok(claimed) => claimed,
            Err(error) => {
                tracing::warn!(%error, "jobs cannot be claimed");
                pause(AFTER_ERROR, &stop).await;
                continue;
            }
        };
        for row in claimed {
            let is_slow = row.kind == backfill::KIND;
            let job = jobs::run(Arc::clone(&federation), app.clone(), row);
            if is_slow {
                slow.spawn(job);
            } else {
                slots.begin(quick.spawn(job).id(), Instant::now());
            }
        }
        let idle = quick.is_empty() && slow.is_empty();
        let due = until(delivering::next_job_due(&app).await.ok().flatten(), &app, idle);
        let due = slots.until_free(Instant::now()).map_or(due, |free| free.min(due));
        tokio::select! {
            Some(ended) = quick.join_next_with_id(), if !quick.is_empty() => slots.end(id_of(ended)),
            Some(_) = slow.join_next(), if !slow.is_empty() => {}
            () = wait(&app.wakers().jobs, due, &stop) => {}
        }
    }
    tokio::join!(drain(quick), drain(slow));
}

fn id_of(ended: Result<(Id, ()), JoinError>) -> Id {
    ended.map_or_else(|error| error.id(), |(task, ())| task)
}

/// Waits for what is under way: each is bounded by the deadline of its exchange.
async fn drain<T: 'static>(mut under_way: JoinSet<T>) {
    while under_way.join_next().await.is_some() {}
}

fn limit(free: usize) -> i64 {
    i64::try_from(free).unwrap_or(i64::MAX)
}

/// How long to wait for what is due next. While something is under way, its end wakes the worker anyway.
fn until(due: Option<i64>, app: &App, idle: bool) -> Duration {
    let Some(due) = due else { return LOOK_AGAIN };
    let millis = u64::try_from(due - app.now().0).unwrap_or(0);
    let least = if idle { 20 } else { 100 };
    Duration::from_millis(millis.max(least)).min(LOOK_AGAIN)
}

/// Waits to be woken, for that time at most, or until the workers are to stop.
async fn wait(waker: &Notify, at_most: Duration, stop: &watch::Receiver<bool>) {
    until_stop(stop, async {
        let _ = tokio::time::timeout(at_most, waker.notified()).await;
    })
    .await;
}

/// Pauses; true where the workers are to stop.
async fn pause(time: Duration, stop: &watch::Receiver<bool>) -> bool {
    until_stop(stop, tokio::time::sleep(time)).await;
    *stop.borrow()
}

async fn until_stop(stop: &watch::Receiver<bool>, work: impl Future<Output = ()>) {
    let mut stop = stop.clone();
    tokio::select! {
        () = work => {}
        _ = stop.wait_for(|stop| *stop) => {}
    }
}
