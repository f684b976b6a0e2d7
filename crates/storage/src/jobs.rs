//! Jobs: work that is owed and needs the network, in order per subject.

use crate::dialect::on_backend;
use crate::schema::jobs;
use crate::{Conn, Result};
use diesel::dsl::{exists, not};
use diesel::prelude::*;

pub use crate::deliveries::{DUE, PARKED};

/// A job.
#[derive(Clone, Debug, Queryable, Insertable)]
#[diesel(table_name = jobs, treat_none_as_default_value = false)]
pub struct JobRow {
    /// Grows with time.
    pub id: i64,
    /// What is to be done.
    pub kind: String,
    /// What it is about: jobs of one subject are done in order.
    pub subject: String,
    /// Its particulars, JSON.
    pub document: String,
    /// [`DUE`] or [`PARKED`].
    pub state: String,
    /// How often it failed.
    pub attempts: i64,
    /// When it is due.
    pub next_at: i64,
    /// Until when a worker has it.
    pub claimed_until: Option<i64>,
    /// Why it last failed.
    pub last_error: Option<String>,
    /// Since when it is owed.
    pub created_at: i64,
    /// How far it has come, JSON: where it goes on when it is tried again.
    pub progress: Option<String>,
}

/// Owes a job. What waits about the same is tried again at once: there is news of it.
pub fn put(conn: &mut Conn, row: &JobRow) -> Result<()> {
    let waiting = jobs::table.filter(jobs::subject.eq(&row.subject).and(jobs::state.eq(DUE)));
    diesel::update(waiting.filter(jobs::claimed_until.is_null()))
        .set(jobs::next_at.eq(row.next_at))
        .execute(conn)?;
    diesel::insert_into(jobs::table).values(row).execute(conn)?;
    Ok(())
}

/// Whether a job of that kind and subject waits, and nobody has begun it: one under way may have read already what
/// changed since.
pub fn is_untouched(conn: &mut Conn, kind: &str, subject: &str) -> Result<bool> {
    let found: i64 = jobs::table
        .filter(jobs::kind.eq(kind).and(jobs::subject.eq(subject)).and(jobs::state.eq(DUE)))
        .filter(jobs::claimed_until.is_null())
        .count()
        .get_result(conn)?;
    Ok(found > 0)
}

/// Makes a job of that kind and subject, which waits and which nobody has begun, due at that instant; false where there
/// is none.
pub fn hasten(conn: &mut Conn, kind: &str, subject: &str, now: i64) -> Result<bool> {
    let waiting = jobs::kind.eq(kind).and(jobs::subject.eq(subject)).and(jobs::state.eq(DUE));
    let waiting = jobs::table.filter(waiting).filter(jobs::claimed_until.is_null());
    Ok(diesel::update(waiting).set(jobs::next_at.eq(now)).execute(conn)? > 0)
}

/// Whether a job of that kind and subject waits or is under way.
pub fn is_waiting(conn: &mut Conn, kind: &str, subject: &str) -> Result<bool> {
    let found: i64 = on_backend!(conn, c => jobs::table
        .filter(jobs::kind.eq(kind).and(jobs::subject.eq(subject)).and(jobs::state.eq(DUE)))
        .count()
        .get_result(c))?;
    Ok(found > 0)
}

/// The subjects of jobs of that kind which wait or are under way, and which end with that id, whosever they are: oldest
/// first, 50 at most.
pub fn subjects_about(conn: &mut Conn, kind: &str, id: &str) -> Result<Vec<String>> {
    // What stands for other letters in a pattern finds too much at worst, which is looked at again.
    let found: Vec<String> = on_backend!(conn, c => jobs::table
        .filter(jobs::kind.eq(kind).and(jobs::state.eq(DUE)).and(jobs::subject.like(format!("% {id}"))))
        .order(jobs::id)
        .limit(50)
        .select(jobs::subject)
        .load(c))?;
    Ok(found.into_iter().filter(|one| one.split_once(' ').is_some_and(|(_, about)| about == id)).collect())
}

/// Whether a job waits for an older one of its subject. One condition for claiming and for waking.
macro_rules! waits_for_older {
    ($older:ident) => {
        exists(
            $older
                .filter($older.field(jobs::subject).eq(jobs::subject))
                .filter($older.field(jobs::state).eq(DUE))
                .filter($older.field(jobs::id).lt(jobs::id)),
        )
    };
}

/// Which jobs are meant.
#[derive(Clone, Copy, Debug)]
pub enum Kinds<'a> {
    /// Those of one kind.
    Only(&'a str),
    /// All others.
    AllBut(&'a str),
}

/// Claims up to `limit` due jobs of these kinds until `until`, none behind an older one of its subject.
pub fn claim(conn: &mut Conn, now: i64, until: i64, limit: i64, kinds: Kinds<'_>) -> Result<Vec<JobRow>> {
    let older = diesel::alias!(jobs as older);
    let (only, but) = match kinds {
        Kinds::Only(kind) => (Some(kind), None),
        Kinds::AllBut(kind) => (None, Some(kind)),
    };
    let mut due = jobs::table
        .filter(jobs::state.eq(DUE).and(jobs::next_at.le(now)))
        .filter(jobs::claimed_until.is_null().or(jobs::claimed_until.le(now)))
        .filter(not(waits_for_older!(older)))
        .order(jobs::id)
        .limit(limit)
        .select(jobs::id)
        .into_boxed();
    if let Some(kind) = only {
        due = due.filter(jobs::kind.eq(kind));
    }
    if let Some(kind) = but {
        due = due.filter(jobs::kind.ne(kind));
    }
    let due: Vec<i64> = due.load(conn)?;
    diesel::update(
        jobs::table
            .filter(jobs::id.eq_any(due.clone()))
            .filter(jobs::claimed_until.is_null().or(jobs::claimed_until.le(now))),
    )
    .set(jobs::claimed_until.eq(Some(until)))
    .execute(conn)?;
    Ok(jobs::table
        .filter(jobs::id.eq_any(due).and(jobs::claimed_until.eq(Some(until))))
        .order(jobs::id)
        .load(conn)?)
}

/// Frees what a dead process had claimed. Only for a process that knows itself to be alone.
pub fn release_claims(conn: &mut Conn) -> Result<()> {
    diesel::update(jobs::table.filter(jobs::claimed_until.is_not_null()))
        .set(jobs::claimed_until.eq(None::<i64>))
        .execute(conn)?;
    Ok(())
}

/// Removes a job that is done; false where there was none.
pub fn remove(conn: &mut Conn, id: i64) -> Result<bool> {
    Ok(on_backend!(conn, c => diesel::delete(jobs::table.find(id)).execute(c))? == 1)
}

/// Records how far a job has come, while a worker has it.
pub fn set_progress(conn: &mut Conn, id: i64, progress: &str) -> Result<()> {
    diesel::update(jobs::table.find(id)).set(jobs::progress.eq(Some(progress))).execute(conn)?;
    Ok(())
}

/// Gives back a job that has come farther and is not at its end: it is due again now, as if never tried.
pub fn go_on(conn: &mut Conn, id: i64, now: i64, progress: &str) -> Result<()> {
    diesel::update(jobs::table.find(id))
        .set((
            jobs::progress.eq(Some(progress)),
            jobs::next_at.eq(now),
            jobs::attempts.eq(0),
            jobs::claimed_until.eq(None::<i64>),
        ))
        .execute(conn)?;
    Ok(())
}

/// Whether the very same work waits.
pub fn is_owed(conn: &mut Conn, kind: &str, document: &str) -> Result<bool> {
    let found: i64 = jobs::table
        .filter(jobs::kind.eq(kind).and(jobs::document.eq(document)).and(jobs::state.eq(DUE)))
        .count()
        .get_result(conn)?;
    Ok(found > 0)
}

/// Records a failure: the job is due again at `next_at`, or parked.
pub fn fail(conn: &mut Conn, id: i64, state: &str, next_at: i64, error: &str) -> Result<()> {
    diesel::update(jobs::table.find(id))
        .set((
            jobs::state.eq(state),
            jobs::next_at.eq(next_at),
            jobs::attempts.eq(jobs::attempts + 1),
            jobs::claimed_until.eq(None::<i64>),
            jobs::last_error.eq(Some(error)),
        ))
        .execute(conn)?;
    Ok(())
}

/// When a job may next be claimed: when one is due that waits for no older one, or when a claim runs out. None when
/// nothing waits.
pub fn next_due(conn: &mut Conn, now: i64) -> Result<Option<i64>> {
    use diesel::dsl::min;
    let older = diesel::alias!(jobs as older);
    let free: Option<i64> = jobs::table
        .filter(jobs::state.eq(DUE))
        .filter(jobs::claimed_until.is_null().or(jobs::claimed_until.le(now)))
        .filter(not(waits_for_older!(older)))
        .select(min(jobs::next_at))
        .first(conn)?;
    let claimed: Option<i64> = jobs::table
        .filter(jobs::state.eq(DUE).and(jobs::claimed_until.gt(now)))
        .select(min(jobs::claimed_until))
        .first(conn)?;
    Ok([free, claimed].into_iter().flatten().min())
}

/// Makes the waiting and the parked jobs due now, or the one with that id; gives how many.
pub fn retry(conn: &mut Conn, id: Option<i64>, now: i64) -> Result<usize> {
    let mut query = diesel::update(jobs::table)
        .set((jobs::state.eq(DUE), jobs::next_at.eq(now)))
        .filter(jobs::claimed_until.is_null())
        .into_boxed();
    if let Some(id) = id {
        query = query.filter(jobs::id.eq(id));
    }
    Ok(query.execute(conn)?)
}

/// Jobs that wait or are parked, oldest first, at most `limit`.
pub fn list(conn: &mut Conn, limit: i64) -> Result<Vec<JobRow>> {
    Ok(jobs::table.order(jobs::id).limit(limit).load(conn)?)
}

/// How many jobs wait.
pub fn count(conn: &mut Conn) -> Result<i64> {
    Ok(jobs::table.filter(jobs::state.eq(DUE)).count().get_result(conn)?)
}
