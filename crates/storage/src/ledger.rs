//! The ledger: who is told what by which channel, at most once.

use crate::dialect::on_backend;
use crate::schema::{ledger, posts};
use crate::{Conn, Error, Result};
use clocher_domain::ledger::Mode;
use diesel::prelude::*;

/// The channel of every mode of mail: persons are addresses.
pub const MAIL: &str = "mail";
/// The channel of notifications: persons are accounts.
pub const NOTIFICATION: &str = "notification";
/// State of what is not told yet.
pub const WAITING: &str = "waiting";
/// State of what was told; of a notification, what was seen.
pub const SENT: &str = "sent";

/// A message for a person. Instants are milliseconds since the Unix epoch.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = ledger, treat_none_as_default_value = false)]
pub struct LedgerRow {
    /// Minted here.
    pub id: i64,
    /// The address of a mail, the account of a notification.
    pub person_id: i64,
    /// The message.
    pub post_id: i64,
    /// [`MAIL`] or [`NOTIFICATION`].
    pub channel: String,
    /// The thread of the message.
    pub thread_id: i64,
    /// A [`Mode`]; read it with [`LedgerRow::mode`].
    pub mode: String,
    /// [`WAITING`] or [`SENT`].
    pub state: String,
    /// When it is to be told: lines of one digest are due at one instant.
    pub due_at: i64,
    /// Not before then, where it failed.
    pub retry_at: i64,
    /// How often it failed.
    pub attempts: i64,
    /// The list that it was told from.
    pub list_id: Option<i64>,
    /// When it was written.
    pub created_at: i64,
    /// When it was told, or seen.
    pub sent_at: Option<i64>,
}

impl LedgerRow {
    /// In which mode it is told.
    ///
    /// # Errors
    /// [`Error::Corrupt`].
    pub fn mode(&self) -> Result<Mode> {
        Mode::parse(&self.mode).ok_or(Error::Corrupt { table: "ledger", column: "mode", id: self.id })
    }
}

/// Adds a row unless the person has one of that message and channel; false where they have.
pub fn put(conn: &mut Conn, row: &LedgerRow) -> Result<bool> {
    let added = on_backend!(conn, c => diesel::insert_into(ledger::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(added > 0)
}

/// Gives the row of that person, message and channel, where it waits in a weaker mode, this one's mode.
pub fn upgrade(conn: &mut Conn, row: &LedgerRow) -> Result<()> {
    let weaker: Vec<&str> = row.mode()?.weaker().into_iter().map(Mode::as_str).collect();
    let same = ledger::person_id
        .eq(row.person_id)
        .and(ledger::post_id.eq(row.post_id))
        .and(ledger::channel.eq(&row.channel));
    diesel::update(
        ledger::table.filter(same).filter(ledger::state.eq(WAITING).and(ledger::mode.eq_any(weaker))),
    )
    .set((ledger::mode.eq(&row.mode), ledger::due_at.eq(row.due_at)))
    .execute(conn)?;
    Ok(())
}

/// Whether a person was, or is to be, told of a message by a channel.
pub fn has(conn: &mut Conn, person_id: i64, post_id: i64, channel: &str) -> Result<bool> {
    let same = ledger::person_id.eq(person_id).and(ledger::post_id.eq(post_id));
    let found: Option<i64> = on_backend!(conn, c => ledger::table
        .filter(same.and(ledger::channel.eq(channel)))
        .select(ledger::id)
        .first(c))
    .optional()?;
    Ok(found.is_some())
}

/// The first mail that is due.
pub fn first_due(conn: &mut Conn, now: i64) -> Result<Option<LedgerRow>> {
    Ok(on_backend!(conn, c => ledger::table
        .filter(ledger::channel.eq(MAIL).and(ledger::state.eq(WAITING)))
        .filter(ledger::due_at.le(now).and(ledger::retry_at.le(now)))
        .order((ledger::due_at, ledger::id))
        .first(c))
    .optional()?)
}

/// The lines of a person's digest of one instant, at most `limit`, oldest first.
pub fn list_digest(conn: &mut Conn, person_id: i64, due_at: i64, limit: i64) -> Result<Vec<LedgerRow>> {
    let digests = [Mode::Daily.as_str(), Mode::Weekly.as_str()];
    Ok(ledger::table
        .filter(ledger::person_id.eq(person_id).and(ledger::channel.eq(MAIL)))
        .filter(ledger::state.eq(WAITING).and(ledger::due_at.eq(due_at)).and(ledger::mode.eq_any(digests)))
        .order(ledger::id)
        .limit(limit)
        .load(conn)?)
}

/// The mail that waits for an address, oldest first, at most `limit`.
pub fn list_waiting(conn: &mut Conn, person_id: i64, limit: i64) -> Result<Vec<LedgerRow>> {
    Ok(ledger::table
        .filter(ledger::person_id.eq(person_id).and(ledger::channel.eq(MAIL)))
        .filter(ledger::state.eq(WAITING))
        .order(ledger::id)
        .limit(limit)
        .load(conn)?)
}

/// When the next mail is due; none where nothing waits.
pub fn next_due(conn: &mut Conn, now: i64) -> Result<Option<i64>> {
    let waiting: Option<(i64, i64)> = on_backend!(conn, c => ledger::table
        .filter(ledger::channel.eq(MAIL).and(ledger::state.eq(WAITING)))
        .filter(ledger::due_at.gt(now).or(ledger::retry_at.le(now)))
        .order((ledger::due_at, ledger::id))
        .select((ledger::due_at, ledger::retry_at))
        .first(c))
    .optional()?;
    let held: Option<i64> = ledger::table
        .filter(ledger::channel.eq(MAIL).and(ledger::state.eq(WAITING)).and(ledger::retry_at.gt(now)))
        .select(diesel::dsl::min(ledger::retry_at))
        .first(conn)?;
    Ok([waiting.map(|(due, retry)| due.max(retry)), held].into_iter().flatten().min())
}

/// Records that a message was told from a list.
pub fn set_sent(conn: &mut Conn, id: i64, list_id: Option<i64>, now: i64) -> Result<()> {
    diesel::update(ledger::table.find(id))
        .set((ledger::state.eq(SENT), ledger::list_id.eq(list_id), ledger::sent_at.eq(Some(now))))
        .execute(conn)?;
    Ok(())
}

/// Puts a message that waits into another mode.
pub fn set_mode(conn: &mut Conn, id: i64, mode: Mode, due_at: i64) -> Result<()> {
    diesel::update(ledger::table.find(id))
        .set((ledger::mode.eq(mode.as_str()), ledger::due_at.eq(due_at)))
        .execute(conn)?;
    Ok(())
}

/// Records that telling failed: not again before `retry_at`.
pub fn fail(conn: &mut Conn, id: i64, retry_at: i64) -> Result<()> {
    diesel::update(ledger::table.find(id))
        .set((ledger::retry_at.eq(retry_at), ledger::attempts.eq(ledger::attempts + 1)))
        .execute(conn)?;
    Ok(())
}

/// Removes a row that is not to be told.
pub fn remove(conn: &mut Conn, id: i64) -> Result<()> {
    diesel::delete(ledger::table.find(id).filter(ledger::state.eq(WAITING))).execute(conn)?;
    Ok(())
}

/// Removes what waits of a message; what was told stays told.
pub fn remove_waiting_of(conn: &mut Conn, post_id: i64) -> Result<()> {
    on_backend!(conn, c => diesel::delete(
        ledger::table.filter(ledger::post_id.eq(post_id).and(ledger::state.eq(WAITING)))
    )
    .execute(c))?;
    Ok(())
}

/// Counts as told all mail that waits since before that instant; gives how many.
pub fn discard_waiting(conn: &mut Conn, before: i64, now: i64) -> Result<usize> {
    let waiting = ledger::table.filter(ledger::channel.eq(MAIL).and(ledger::state.eq(WAITING)));
    Ok(diesel::update(waiting.filter(ledger::created_at.lt(before)))
        .set((ledger::state.eq(SENT), ledger::sent_at.eq(Some(now))))
        .execute(conn)?)
}

/// The list from which a person was told first of a thread.
pub fn find_list(conn: &mut Conn, person_id: i64, thread_id: i64) -> Result<Option<i64>> {
    let first: Option<Option<i64>> = on_backend!(conn, c => ledger::table
        .filter(ledger::person_id.eq(person_id).and(ledger::thread_id.eq(thread_id)))
        .filter(ledger::channel.eq(MAIL).and(ledger::list_id.is_not_null()))
        .order((ledger::sent_at, ledger::id))
        .select(ledger::list_id)
        .first(c))
    .optional()?;
    Ok(first.flatten())
}

/// Everything that a person was or is to be told by a channel, newest first, below the row `before`, at most `limit`.
pub fn list(
    conn: &mut Conn,
    person_id: i64,
    channel: &str,
    before: i64,
    limit: i64,
) -> Result<Vec<LedgerRow>> {
    Ok(ledger::table
        .filter(ledger::person_id.eq(person_id).and(ledger::channel.eq(channel)).and(ledger::id.lt(before)))
        .order(ledger::id.desc())
        .limit(limit)
        .load(conn)?)
}

/// How many notifications a person has not seen of messages that are there to be read.
pub fn count_unseen(conn: &mut Conn, person_id: i64) -> Result<i64> {
    Ok(on_backend!(conn, c => ledger::table
        .inner_join(posts::table.on(posts::id.eq(ledger::post_id)))
        .filter(ledger::person_id.eq(person_id).and(ledger::channel.eq(NOTIFICATION)))
        .filter(ledger::state.eq(WAITING))
        .filter(posts::deleted_at.is_null().and(posts::removed_at.is_null()))
        .count()
        .get_result(c))?)
}

/// Records that a person saw their notifications up to that row.
pub fn set_seen(conn: &mut Conn, person_id: i64, up_to: i64, now: i64) -> Result<()> {
    diesel::update(ledger::table.filter(ledger::person_id.eq(person_id).and(ledger::id.le(up_to))))
        .filter(ledger::channel.eq(NOTIFICATION).and(ledger::state.eq(WAITING)))
        .set((ledger::state.eq(SENT), ledger::sent_at.eq(Some(now))))
        .execute(conn)?;
    Ok(())
}
