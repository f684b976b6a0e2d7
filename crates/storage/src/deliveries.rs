//! Deliveries: one row per activity and inbox, in order per host and subject.

use crate::dialect::on_backend;
use crate::schema::{activities, deliveries, hosts};
use crate::{Conn, Result};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use std::collections::HashSet;

/// Tried when it is due.
pub const DUE: &str = "due";
/// Kept, but not tried until its host gives a sign of life or somebody asks.
pub const PARKED: &str = "parked";
/// The receiver refused it for good.
pub const REFUSED: &str = "refused";

/// A delivery.
#[derive(Clone, Debug, Queryable, Insertable)]
#[diesel(table_name = deliveries, treat_none_as_default_value = false)]
pub struct DeliveryRow {
    /// Grows with time: the order within a host and subject.
    pub id: i64,
    /// What is delivered.
    pub activity_id: i64,
    /// The local actor that signs it.
    pub signer_id: i64,
    /// Where to.
    pub inbox: String,
    /// Host of the inbox, with its port where that is not the default one.
    pub host: String,
    /// What it is about: deliveries of one subject to one host arrive in order.
    pub subject: String,
    /// [`DUE`], [`PARKED`] or [`REFUSED`].
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
    /// Whether it waits for an older one; what is put says so itself.
    pub waits: bool,
}

/// How often a delivery fails before others about its subject, to other inboxes of its host, wait for it no more.
const PATIENCE: i64 = 3;

/// Whether a delivery waits for an older one: of another activity, about the same subject, for the same host. An inbox
/// that fails again and again holds up itself alone.
///
/// What it says is kept in `waits`, so that claiming costs the same however many wait: [`put`] writes it, and whatever
/// ends a delivery or brings one back writes it anew.
macro_rules! waits_for_older {
    ($older:ident) => {
        exists(
            $older
                .filter($older.field(deliveries::host).eq(deliveries::host))
                .filter($older.field(deliveries::subject).eq(deliveries::subject))
                .filter($older.field(deliveries::state).eq(DUE))
                .filter($older.field(deliveries::activity_id).ne(deliveries::activity_id))
                .filter(
                    $older
                        .field(deliveries::inbox)
                        .eq(deliveries::inbox)
                        .or($older.field(deliveries::attempts).lt(PATIENCE)),
                )
                .filter($older.field(deliveries::id).lt(deliveries::id)),
        )
    };
}

/// Owes a delivery; the same activity to the same inbox is owed once. What is for a host that rests is due after that.
pub fn put(conn: &mut Conn, row: &DeliveryRow) -> Result<()> {
    let rested: Option<Option<i64>> =
        on_backend!(conn, c => hosts::table.find(&row.host).select(hosts::retry_at).first(c)).optional()?;
    let next_at = rested.flatten().map_or(row.next_at, |rested| rested.max(row.next_at));
    let row = DeliveryRow { waits: has_older(conn, row)?, next_at, ..row.clone() };
    on_backend!(conn, c => diesel::insert_into(deliveries::table)
        .values(&row)
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(())
}

/// Whether there is an older one that it waits for.
fn has_older(conn: &mut Conn, row: &DeliveryRow) -> Result<bool> {
    let holds_up = deliveries::inbox.eq(&row.inbox).or(deliveries::attempts.lt(PATIENCE));
    let older: Option<i64> = on_backend!(conn, c => deliveries::table
        .filter(deliveries::host.eq(&row.host).and(deliveries::subject.eq(&row.subject)))
        .filter(deliveries::state.eq(DUE).and(deliveries::activity_id.ne(row.activity_id)))
        .filter(deliveries::id.lt(row.id).and(holds_up))
        .select(deliveries::id)
        .first(c))
    .optional()?;
    Ok(older.is_some())
}

/// Lets pass what waited for a delivery about that subject to that host which is due no more, or holds up only itself.
pub(crate) fn let_pass(conn: &mut Conn, host: &str, subject: &str) -> Result<()> {
    let (mut first, mut last, mut passed) = (None, i64::MIN, false);
    // What is about another activity waits for this one, but where this one fails again and again.
    while let Some(next) = next_waiting(conn, host, subject, last)?
        && *first.get_or_insert(next.activity_id) == next.activity_id
    {
        last = next.id;
        if !has_older(conn, &next)? {
            passed = true;
            on_backend!(conn, c => diesel::update(deliveries::table.find(next.id))
                .set(deliveries::waits.eq(false))
                .execute(c))?;
        }
    }
    if !passed && first.is_some() {
        let older = diesel::alias!(deliveries as older);
        let passing = deliveries::table
            .filter(deliveries::host.eq(host).and(deliveries::subject.eq(subject)))
            .filter(deliveries::state.eq(DUE).and(deliveries::waits.eq(true)))
            .filter(not(waits_for_older!(older)));
        diesel::update(passing).set(deliveries::waits.eq(false)).execute(conn)?;
    }
    Ok(())
}

/// The oldest that waits, above that id.
fn next_waiting(conn: &mut Conn, host: &str, subject: &str, above: i64) -> Result<Option<DeliveryRow>> {
    Ok(on_backend!(conn, c => deliveries::table
        .filter(deliveries::host.eq(host).and(deliveries::subject.eq(subject)))
        .filter(deliveries::state.eq(DUE).and(deliveries::waits.eq(true)))
        .filter(deliveries::id.gt(above))
        .order(deliveries::id)
        .first(c))
    .optional()?)
}

/// Finds out anew what waits, of all that is due to a host, or to any.
fn put_in_order(conn: &mut Conn, host: Option<&str>) -> Result<()> {
    let of_host = || {
        let all = deliveries::table.filter(deliveries::state.eq(DUE)).into_boxed();
        match host {
            Some(host) => all.filter(deliveries::host.eq(host.to_owned())),
            None => all,
        }
    };
    let older = diesel::alias!(deliveries as older);
    let all: Vec<(i64, bool)> = of_host().select((deliveries::id, deliveries::waits)).load(conn)?;
    let waiting: Vec<i64> = of_host().filter(waits_for_older!(older)).select(deliveries::id).load(conn)?;
    let waiting: HashSet<i64> = waiting.into_iter().collect();
    for (id, waits) in all {
        if waits != waiting.contains(&id) {
            diesel::update(deliveries::table.find(id)).set(deliveries::waits.eq(!waits)).execute(conn)?;
        }
    }
    Ok(())
}

/// Claims up to `limit` due deliveries until `until`, with the documents they carry.
///
/// Leaves out those behind another, older activity about their subject to their host, those of hosts that are
/// resting or named `full`, and those that `has_room`, asked of the host of each in turn, has no room for. The same
/// activity goes to the inboxes of a host side by side.
pub fn claim(
    conn: &mut Conn,
    now: i64,
    until: i64,
    limit: i64,
    full: &[String],
    mut has_room: impl FnMut(&str) -> bool,
) -> Result<Vec<(DeliveryRow, String)>> {
    let resting = hosts::table.filter(hosts::retry_at.gt(now)).select(hosts::host);
    let free = deliveries::claimed_until.is_null().or(deliveries::claimed_until.le(now));
    let due = deliveries::table
        .inner_join(activities::table.on(activities::id.eq(deliveries::activity_id)))
        .filter(deliveries::state.eq(DUE).and(deliveries::waits.eq(false)).and(deliveries::next_at.le(now)))
        .filter(free)
        .filter(deliveries::host.ne_all(resting))
        .order((deliveries::next_at, deliveries::id))
        .limit(limit)
        .select((deliveries::all_columns, activities::document));
    let mut claimed: Vec<(DeliveryRow, String)> = if full.is_empty() {
        on_backend!(conn, c => due.load(c))?
    } else {
        // A list is a statement of its own for every length: the usual one, without, is prepared once.
        let due = due.filter(deliveries::host.ne_all(full.to_vec()));
        on_backend!(conn, c => due.load(c))?
    };
    claimed.retain(|(row, _)| has_room(&row.host));
    // One statement a row, prepared once. What was read stands: nobody else writes meanwhile.
    for (row, _) in &mut claimed {
        row.claimed_until = Some(until);
        on_backend!(conn, c => diesel::update(deliveries::table.find(row.id))
            .set(deliveries::claimed_until.eq(row.claimed_until))
            .execute(c))?;
    }
    Ok(claimed)
}

/// Frees what a dead process had claimed. Only for a process that knows itself to be alone.
pub fn release_claims(conn: &mut Conn) -> Result<()> {
    diesel::update(deliveries::table.filter(deliveries::claimed_until.is_not_null()))
        .set(deliveries::claimed_until.eq(None::<i64>))
        .execute(conn)?;
    Ok(())
}

/// The delivery with that id.
pub fn find(conn: &mut Conn, id: i64) -> Result<Option<DeliveryRow>> {
    Ok(deliveries::table.find(id).first(conn).optional()?)
}

/// Removes a delivery: it arrived, or somebody drops it. False where there was none.
pub fn remove(conn: &mut Conn, row: &DeliveryRow) -> Result<bool> {
    let removed = on_backend!(conn, c => diesel::delete(deliveries::table.find(row.id)).execute(c))? == 1;
    let_pass(conn, &row.host, &row.subject)?;
    Ok(removed)
}

/// Records a failure: the delivery is due again at `next_at`, parked or refused.
pub fn fail(conn: &mut Conn, row: &DeliveryRow, state: &str, next_at: i64, error: &str) -> Result<()> {
    diesel::update(deliveries::table.find(row.id))
        .set((
            deliveries::state.eq(state),
            deliveries::next_at.eq(next_at),
            deliveries::attempts.eq(deliveries::attempts + 1),
            deliveries::claimed_until.eq(None::<i64>),
            deliveries::last_error.eq(Some(error)),
        ))
        .execute(conn)?;
    if state != DUE || row.attempts + 1 >= PATIENCE {
        let_pass(conn, &row.host, &row.subject)?;
    }
    Ok(())
}

/// Makes nothing due to a host before that instant.
pub fn put_off(conn: &mut Conn, host: &str, until: i64) -> Result<()> {
    diesel::update(deliveries::table.filter(deliveries::host.eq(host).and(deliveries::state.eq(DUE))))
        .filter(deliveries::waits.eq(false).and(deliveries::next_at.lt(until)))
        .set(deliveries::next_at.eq(until))
        .execute(conn)?;
    Ok(())
}

/// When a delivery may next be claimed: when one is due that waits neither for its host nor for an older one,
/// when a claim runs out, or when a host with deliveries has rested. None when nothing waits.
///
/// What waits behind an older one wakes nobody: it would for as long as that one fails.
pub fn next_due(conn: &mut Conn, now: i64) -> Result<Option<i64>> {
    use diesel::dsl::min;
    let resting = hosts::table.filter(hosts::retry_at.gt(now)).select(hosts::host);
    let first_in_line = deliveries::state.eq(DUE).and(deliveries::waits.eq(false));
    let free: Option<i64> = on_backend!(conn, c => deliveries::table
        .filter(first_in_line)
        .filter(deliveries::claimed_until.is_null().or(deliveries::claimed_until.le(now)))
        .filter(deliveries::host.ne_all(resting))
        .select(min(deliveries::next_at))
        .first(c))?;
    let claimed: Option<i64> = on_backend!(conn, c => deliveries::table
        .filter(first_in_line.and(deliveries::claimed_until.gt(now)))
        .select(min(deliveries::claimed_until))
        .first(c))?;
    let waiting = deliveries::table.filter(first_in_line).select(deliveries::host);
    let rested: Option<i64> = on_backend!(conn, c => hosts::table
        .filter(hosts::retry_at.gt(now).and(hosts::host.eq_any(waiting)))
        .select(min(hosts::retry_at))
        .first(c))?;
    Ok([free, claimed, rested].into_iter().flatten().min())
}

/// Makes the deliveries in these states due now: all, those to one host, or one.
pub fn retry(
    conn: &mut Conn,
    host: Option<&str>,
    id: Option<i64>,
    states: &[&str],
    now: i64,
) -> Result<usize> {
    let states: Vec<String> = states.iter().map(|state| (*state).to_owned()).collect();
    let mut query = diesel::update(deliveries::table)
        .set((deliveries::state.eq(DUE), deliveries::next_at.eq(now)))
        .filter(deliveries::claimed_until.is_null())
        .filter(deliveries::state.eq_any(states))
        .into_boxed();
    if let Some(host) = host {
        query = query.filter(deliveries::host.eq(host.to_owned()));
    }
    if let Some(id) = id {
        query = query.filter(deliveries::id.eq(id));
    }
    let retried = query.execute(conn)?;
    put_in_order(conn, host)?;
    Ok(retried)
}

/// Deliveries that wait, are parked or were refused, oldest first, at most `limit`.
pub fn list(conn: &mut Conn, limit: i64) -> Result<Vec<DeliveryRow>> {
    Ok(deliveries::table.order(deliveries::id).limit(limit).load(conn)?)
}

/// How many deliveries are in that state.
pub fn count(conn: &mut Conn, state: &str) -> Result<i64> {
    Ok(deliveries::table.filter(deliveries::state.eq(state)).count().get_result(conn)?)
}
