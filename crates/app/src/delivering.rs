//! The queues, as their workers see them: claiming, and recording what came of it.

use crate::app::Deed;
use crate::{App, Error, Result, backfill, domains, readers};
use clocher_domain::Timestamp;
use clocher_domain::delivery::{Next, Policy};
use clocher_domain::time::{DAY, HOUR, MINUTE};
use clocher_storage::deliveries::{self, DeliveryRow};
use clocher_storage::hosts::{self, HostRow};
use clocher_storage::jobs::{self, JobRow, Kinds};
use clocher_storage::{Conn, activities, communities, openings, posts};
use std::collections::HashMap;
use std::sync::Arc;

/// How long a worker has what it claimed, in milliseconds: well above the deadline of one exchange.
const CLAIM: i64 = MINUTE;
/// How long a worker has a job, in milliseconds: well above the longest that it may take.
const JOB_CLAIM: i64 = 5 * MINUTE;
/// How long a server is given to verify what it answered 401 to, in milliseconds.
const VERIFIED_WITHIN: i64 = 6 * HOUR;
/// How long the software of a host is believed, in milliseconds.
const SOFTWARE: i64 = 7 * DAY;
/// How long the ids of received activities are remembered, in milliseconds.
pub const SEEN: i64 = 90 * DAY;

/// What came of a delivery that did not arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The host did not answer: none of its deliveries is tried before the pause is over.
    HostSilent,
    /// It answered that it cannot now; `retry_after` in milliseconds.
    Later {
        /// The pause that it asked for.
        retry_after: Option<i64>,
    },
    /// It could not verify who sends it: it may be able to in a while, and hardly after that.
    Unverified,
    /// It will not take it, ever.
    Refused,
}

/// A delivery that was tried.
#[derive(Clone, Debug)]
pub struct Tried {
    /// The delivery.
    pub row: DeliveryRow,
    /// None where it arrived; else what came of it, and why.
    pub failure: Option<(Failure, String)>,
    /// Random in 0..1.
    pub jitter: f64,
}

/// How many more deliveries a worker takes.
#[derive(Clone, Debug)]
pub struct Room {
    /// In all.
    pub total: usize,
    /// To one host.
    pub per_host: usize,
    /// How many are under way to each host.
    pub under_way: HashMap<String, usize>,
}

/// A delivery that a worker has.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// The delivery.
    pub row: DeliveryRow,
    /// What is delivered.
    pub document: String,
    /// Whether this instance has nothing to do with its host.
    pub is_blocked: bool,
}

/// What a worker does next.
#[derive(Clone, Debug)]
pub struct Turn {
    /// Deliveries to be tried now.
    pub claimed: Vec<Claimed>,
    /// Where there is room and none to be tried: when the next is due, in milliseconds since the Unix epoch.
    pub next_due: Option<i64>,
}

/// Records what came of the deliveries that ended since the last turn, and claims the next ones, in one transaction:
/// the shorter the time between an arrival and its record, the fewer arrive twice when the process is killed.
///
/// # Errors
/// Those of storage: nothing is recorded or claimed then.
pub async fn turn(app: &App, ended: Arc<[Tried]>, room: Room, policy: Policy) -> Result<Turn> {
    app.note(move |deed| {
        for tried in ended.iter() {
            record(deed, tried, policy)?;
        }
        let (now, has_room) = (deed.now(), room.total > 0);
        let claimed = claim(deed, room, now)?;
        let is_idle = has_room && claimed.is_empty();
        let next_due = if is_idle { deliveries::next_due(deed.conn, now)? } else { None };
        Ok::<_, Error>(Turn { claimed, next_due })
    })
    .await
}

fn claim(deed: &mut Deed<'_>, room: Room, now: i64) -> Result<Vec<Claimed>> {
    let Room { total, per_host, mut under_way } = room;
    if total == 0 {
        return Ok(Vec::new());
    }
    let limit = i64::try_from(total).unwrap_or(i64::MAX);
    let full = under_way.iter().filter(|(_, count)| **count >= per_host);
    let full: Vec<String> = full.map(|(host, _)| host.clone()).collect();
    let has_room = |host: &str| {
        let count = under_way.entry(host.to_owned()).or_default();
        *count += 1;
        *count <= per_host
    };
    let mut claimed = Vec::new();
    for (row, document) in deliveries::claim(deed.conn, now, now + CLAIM, limit, &full, has_room)? {
        if !is_due_to(deed.conn, &row)? {
            deliveries::remove(deed.conn, &row)?;
            continue;
        }
        let is_blocked = match domains::is_blocked(deed.conn, &row.host) {
            // What is no host is nobody's: one such row must not keep the others.
            Err(Error::Refused(_)) => true,
            known => known?,
        };
        claimed.push(Claimed { row, document, is_blocked });
    }
    Ok(claimed)
}

/// Under which name an `Update` is kept by which a community tells those who knew it otherwise that it is open, or is not, any
/// more: they are told though they have no member in it.
pub const TURNED: &str = "Update of openness";

/// Whether a delivery is still for its host: what a community of ours says of a message for members goes only where one of
/// them is now, whoever was one when it was said (S67), also where the community was opened since; what else one that is not
/// open says, only where it has a member. Its answers to whoever asks, its invitations, what it takes back and that it
/// turned go to anybody.
fn is_due_to(conn: &mut Conn, row: &DeliveryRow) -> Result<bool> {
    let Some(openness) = communities::find_openness(conn, row.signer_id)? else { return Ok(true) };
    if openness.is_open() && openings::find_last(conn, row.signer_id)?.is_none() {
        return Ok(true);
    }
    let Some((kind, post_id)) = activities::find_about(conn, row.activity_id)? else { return Ok(true) };
    if let Some(post) = post_id.map(|id| posts::find(conn, id)).transpose()?.flatten() {
        return readers::is_told(conn, &post, row.signer_id, &row.host);
    }
    let is_for_anybody = matches!(kind.as_str(), "Accept" | "Reject" | "Invite" | "Undo" | "Remove" | TURNED);
    Ok(is_for_anybody || readers::host_reads(conn, row.signer_id, &row.host)?)
}

fn record(deed: &mut Deed<'_>, tried: &Tried, policy: Policy) -> Result<()> {
    let Tried { row, failure, jitter } = tried;
    match failure {
        None => {
            deliveries::remove(deed.conn, row)?;
            revive(deed, &row.host)
        }
        Some((failure, error)) => failed(deed, row, *failure, error, policy, *jitter),
    }
}

fn failed(
    deed: &mut Deed<'_>,
    row: &DeliveryRow,
    failure: Failure,
    error: &str,
    policy: Policy,
    jitter: f64,
) -> Result<()> {
    let now = deed.app.now();
    let failures = u32::try_from(row.attempts + 1).unwrap_or(u32::MAX);
    let born = Timestamp(row.created_at);
    if is_withdrawn(deed, row.activity_id)? {
        // It was under way when its message was deleted: it is not sent again.
        deliveries::remove(deed.conn, row)?;
        return Ok(());
    }
    let (state, next_at) = match failure {
        Failure::Unverified if now.since(born) < VERIFIED_WITHIN => {
            after(policy, failures, born, now, jitter, None)
        }
        Failure::Unverified | Failure::Refused => (deliveries::REFUSED, row.next_at),
        Failure::Later { retry_after } => {
            if let Some(asked) = retry_after {
                leave_alone(deed, &row.host, asked.min(policy.longest_pause))?;
            }
            after(policy, failures, born, now, jitter, retry_after)
        }
        Failure::HostSilent => {
            rest(deed, &row.host, policy, jitter)?;
            after(policy, 1, born, now, 0.0, None)
        }
    };
    if state == deliveries::PARKED {
        await_sign_of_life(deed, &row.host)?;
    }
    let error: String = error.chars().take(300).collect();
    Ok(deliveries::fail(deed.conn, row, state, next_at, &error)?)
}

/// Whether an activity tells of a message that was deleted after it was made.
fn is_withdrawn(deed: &mut Deed<'_>, activity_id: i64) -> Result<bool> {
    let Some(activity) = activities::find(deed.conn, activity_id)? else { return Ok(true) };
    let post = activity.post_id.map(|id| posts::find(deed.conn, id)).transpose()?.flatten();
    let deleted_at = post.and_then(|post| post.deleted_at);
    Ok(deleted_at.is_some_and(|deleted_at| activity.created_at < deleted_at))
}

fn after(
    policy: Policy,
    failures: u32,
    born: Timestamp,
    now: Timestamp,
    jitter: f64,
    asked: Option<i64>,
) -> (&'static str, i64) {
    match policy.after_failure(failures, born, now, jitter, asked) {
        Next::At(at) => (deliveries::DUE, at.0),
        Next::Parked => (deliveries::PARKED, now.0),
    }
}

/// Lets a silent host rest: the longer the more often in a row it was silent.
fn rest(deed: &mut Deed<'_>, host: &str, policy: Policy, jitter: f64) -> Result<()> {
    let now = deed.app.now();
    let known = hosts::find(deed.conn, host)?
        .unwrap_or_else(|| HostRow { host: host.to_owned(), ..HostRow::default() });
    if known.retry_at.is_some_and(|at| at > now.0) {
        // Several deliveries were under way when it fell silent: that is one silence, not several.
        return Ok(());
    }
    let failures = known.failures + 1;
    let spell = u32::try_from(failures).unwrap_or(u32::MAX);
    let retry_at = match policy.after_failure(spell, now, now, jitter, None) {
        Next::At(at) => at.0,
        Next::Parked => now.plus(policy.longest_pause).0,
    };
    let failing_since = known.failing_since.or(Some(now.0));
    hosts::put(deed.conn, &HostRow { failures, failing_since, retry_at: Some(retry_at), ..known })?;
    // Nobody looks at what is for it until then.
    Ok(deliveries::put_off(deed.conn, host, retry_at)?)
}

/// A host asked to be left alone for a while: that holds for all that is sent to it.
fn leave_alone(deed: &mut Deed<'_>, host: &str, millis: i64) -> Result<()> {
    let known = hosts::find(deed.conn, host)?
        .unwrap_or_else(|| HostRow { host: host.to_owned(), ..HostRow::default() });
    let until = deed.app.now().plus(millis).0;
    if millis > 0 && known.retry_at.is_none_or(|at| at < until) {
        hosts::put(deed.conn, &HostRow { retry_at: Some(until), ..known })?;
    }
    Ok(())
}

/// A host that only ever answered that it cannot is as dead as a silent one once a delivery is parked.
fn await_sign_of_life(deed: &mut Deed<'_>, host: &str) -> Result<()> {
    let known = hosts::find(deed.conn, host)?
        .unwrap_or_else(|| HostRow { host: host.to_owned(), ..HostRow::default() });
    if known.failures == 0 {
        let failing_since = known.failing_since.or(Some(deed.now()));
        hosts::put(deed.conn, &HostRow { failures: 1, failing_since, ..known })?;
    }
    Ok(())
}

/// A host gave a sign of life: whatever waits for it, parked or not, is due now.
///
/// # Errors
/// Those of storage.
pub async fn sign_of_life(app: &App, host: &str) -> Result<()> {
    let host = host.to_owned();
    app.write(move |deed| revive(deed, &host)).await?;
    app.wakers().deliveries.notify_one();
    Ok(())
}

/// Whether a host did not answer when it was last asked.
///
/// # Errors
/// Those of storage.
pub fn is_silent(conn: &mut Conn, host: &str) -> Result<bool> {
    Ok(hosts::find(conn, host)?.is_some_and(|row| row.failures > 0))
}

fn revive(deed: &mut Deed<'_>, host: &str) -> Result<()> {
    let now = deed.now();
    if let Some(row) = hosts::find(deed.conn, host)?.filter(|row| row.failures > 0) {
        let alive = HostRow { failures: 0, failing_since: None, retry_at: None, seen_at: Some(now), ..row };
        hosts::put(deed.conn, &alive)?;
        // What it refused it would refuse again.
        deliveries::retry(deed.conn, Some(host), None, &[deliveries::DUE, deliveries::PARKED], now)?;
    }
    Ok(())
}

/// Owes a job.
///
/// # Errors
/// Those of storage.
pub async fn put_job(app: &App, kind: &'static str, subject: String, document: String) -> Result<()> {
    app.write(move |deed| put_job_in(deed, kind, subject, document)).await?;
    app.wakers().jobs.notify_one();
    Ok(())
}

pub(crate) fn put_job_in(deed: &mut Deed<'_>, kind: &str, subject: String, document: String) -> Result<()> {
    let now = deed.now();
    let row = JobRow {
        id: deed.app.mint(),
        kind: kind.to_owned(),
        subject,
        document,
        state: jobs::DUE.to_owned(),
        attempts: 0,
        next_at: now,
        claimed_until: None,
        last_error: None,
        created_at: now,
        progress: None,
    };
    Ok(jobs::put(deed.conn, &row)?)
}

/// Owes a job unless one of its kind and subject waits that nobody has begun.
///
/// # Errors
/// Those of storage.
pub async fn put_job_once(app: &App, kind: &'static str, subject: String) -> Result<()> {
    let owed = app.write(move |deed| {
        if jobs::is_untouched(deed.conn, kind, &subject)? {
            return Ok::<_, Error>(false);
        }
        put_job_in(deed, kind, subject, String::new())?;
        Ok(true)
    });
    if owed.await? {
        app.wakers().jobs.notify_one();
    }
    Ok(())
}

/// Owes a job unless one of its kind and subject waits, or the host named by the subject is known well enough.
///
/// # Errors
/// Those of storage.
pub async fn discover_host(app: &App, kind: &'static str, host: String) -> Result<()> {
    let owed = app
        .write(move |deed| {
            let fresh = deed.now() - SOFTWARE;
            let known =
                hosts::find(deed.conn, &host)?.and_then(|row| row.checked_at).is_some_and(|at| at > fresh);
            if known || jobs::is_waiting(deed.conn, kind, &host)? {
                return Ok::<_, Error>(false);
            }
            put_job_in(deed, kind, host.clone(), String::new())?;
            Ok(true)
        })
        .await?;
    if owed {
        app.wakers().jobs.notify_one();
    }
    Ok(())
}

/// Records what a host runs; `software` is none where it did not say.
///
/// # Errors
/// Those of storage.
pub async fn record_software(
    app: &App,
    host: String,
    software: Option<(String, String)>,
    clocher: bool,
) -> Result<()> {
    app.write(move |deed| {
        let known = hosts::find(deed.conn, &host)?
            .unwrap_or_else(|| HostRow { host: host.clone(), ..HostRow::default() });
        let (name, version) = software.unzip();
        let checked_at = Some(deed.now());
        hosts::put(deed.conn, &HostRow { software: name, version, clocher, checked_at, ..known })
    })
    .await
}

/// Whether a host takes signatures after RFC 9421 rather than those of draft-cavage-12.
///
/// # Errors
/// Those of storage.
pub async fn takes_rfc9421(app: &App, host: &str) -> Result<bool> {
    let host = host.to_owned();
    Ok(app.read(move |conn| hosts::find(conn, &host)).await?.is_some_and(|row| row.rfc9421))
}

/// Records which signatures a host takes. One that was only asked, and nothing was ever sent to, is not added.
///
/// # Errors
/// Those of storage.
pub async fn record_rfc9421(app: &App, host: &str, rfc9421: bool, add: bool) -> Result<()> {
    let host = host.to_owned();
    app.write(move |deed| {
        let known = hosts::find(deed.conn, &host)?;
        let known = known.or_else(|| add.then(|| HostRow { host, ..HostRow::default() }));
        known.map_or(Ok(()), |row| hosts::put(deed.conn, &HostRow { rfc9421, ..row }))
    })
    .await
}

/// Claims up to `limit` jobs, of which at most `slow` are of those that take long.
///
/// # Errors
/// Those of storage.
pub async fn claim_jobs(app: &App, limit: i64, slow: i64) -> Result<Vec<JobRow>> {
    app.note(move |deed| {
        let (now, until) = (deed.now(), deed.now() + JOB_CLAIM);
        let mut claimed = jobs::claim(deed.conn, now, until, limit, Kinds::AllBut(backfill::KIND))?;
        let free = limit - i64::try_from(claimed.len()).unwrap_or(limit);
        claimed.extend(jobs::claim(deed.conn, now, until, free.min(slow), Kinds::Only(backfill::KIND))?);
        Ok::<_, Error>(claimed)
    })
    .await
}

/// A worker has brought a job farther, and goes on: from there, should it be interrupted.
///
/// # Errors
/// Those of storage.
pub async fn job_progress(app: &App, id: i64, progress: String) -> Result<()> {
    app.write(move |deed| jobs::set_progress(deed.conn, id, &progress)).await
}

/// A worker has brought a job farther, and leaves the rest for another time, that others have their turn.
///
/// # Errors
/// Those of storage.
pub async fn job_goes_on(app: &App, id: i64, progress: String) -> Result<()> {
    app.write(move |deed| jobs::go_on(deed.conn, id, deed.now(), &progress)).await
}

/// A job is done, or is not worth another try.
///
/// # Errors
/// Those of storage.
pub async fn job_done(app: &App, id: i64) -> Result<()> {
    app.note(move |deed| jobs::remove(deed.conn, id).map(|_| ())).await
}

/// A job failed in a way that may pass.
///
/// # Errors
/// Those of storage.
pub async fn job_failed(app: &App, row: JobRow, error: String, policy: Policy, jitter: f64) -> Result<()> {
    app.write(move |deed| {
        let failures = u32::try_from(row.attempts + 1).unwrap_or(u32::MAX);
        let (state, next_at) =
            after(policy, failures, Timestamp(row.created_at), deed.app.now(), jitter, None);
        let error: String = error.chars().take(300).collect();
        jobs::fail(deed.conn, row.id, state, next_at, &error)
    })
    .await
}

/// When the next job is due, in milliseconds since the Unix epoch.
///
/// # Errors
/// Those of storage.
pub async fn next_job_due(app: &App) -> Result<Option<i64>> {
    let now = app.now().0;
    app.read(move |conn| jobs::next_due(conn, now)).await
}

/// Puts the queues in order at the start of their workers. `alone` frees what a dead process had claimed.
///
/// # Errors
/// Those of storage.
pub async fn start(app: &App, alone: bool) -> Result<()> {
    app.write(move |deed| {
        // The clock may have been set back since the rows that wait were written: order is by id.
        deed.app.stay_above(clocher_storage::instance::newest_id(deed.conn)?);
        if alone {
            deliveries::release_claims(deed.conn)?;
            jobs::release_claims(deed.conn)?;
        }
        Ok::<_, Error>(())
    })
    .await?;
    sweep(app).await
}

/// Forgets the ids of activities received so long ago that nobody sends them again.
///
/// # Errors
/// Those of storage.
pub async fn sweep(app: &App) -> Result<()> {
    app.write(|deed| activities::forget_seen(deed.conn, deed.now() - SEEN).map(|_| ())).await
}
