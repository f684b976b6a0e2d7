//! Mail addresses, which accounts get their mail there, and the proofs that are asked of their holders.

use crate::dialect::{among_on_backend, on_backend};
use crate::schema::{actors, address_claims, addresses, subscribers};
use crate::{Conn, Error, Result};
use clocher_domain::ledger::Mode;
use diesel::prelude::*;

/// A mail address: for mail, a person. Instants are milliseconds since the Unix epoch.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = addresses, treat_none_as_default_value = false)]
pub struct AddressRow {
    /// Minted here.
    pub id: i64,
    /// The address, in lower case, its domain in ASCII.
    pub mail: String,
    /// Since when its holder is known to read it; nothing is sent to it before.
    pub verified_at: Option<i64>,
    /// The domain of the instance to which its holder joined it: that tells of the communities that it took over (see
    /// [`crate::joints`]); none where this one tells of everything.
    pub home: Option<String>,
    /// When the other instances of the process were asked whether they know it too.
    pub matched_at: Option<i64>,
}

/// Where an account gets its mail.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = subscribers)]
pub struct SubscriberRow {
    /// The account.
    pub account_id: i64,
    /// The address.
    pub address_id: i64,
    /// The [`Mode`] where nothing else is said; read it with [`SubscriberRow::mode`].
    pub mode: String,
}

impl SubscriberRow {
    /// The mode where nothing else is said.
    ///
    /// # Errors
    /// [`Error::Corrupt`].
    pub fn mode(&self) -> Result<Mode> {
        let corrupt = Error::Corrupt { table: "subscribers", column: "mode", id: self.account_id };
        Mode::parse(&self.mode).ok_or(corrupt)
    }
}

/// A proof that is asked of the holder of an address, by a mail to it.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = address_claims, treat_none_as_default_value = false)]
pub struct ClaimRow {
    /// Minted here.
    pub id: i64,
    /// The account that wants its mail there.
    pub account_id: i64,
    /// The address.
    pub address_id: i64,
    /// When it was asked for.
    pub created_at: i64,
    /// Until when the answer counts.
    pub expires_at: i64,
    /// When the mail went out.
    pub sent_at: Option<i64>,
}

/// The address with that id.
pub fn find(conn: &mut Conn, id: i64) -> Result<Option<AddressRow>> {
    Ok(on_backend!(conn, c => addresses::table.find(id).first(c)).optional()?)
}

/// The row of an address, added if it is not known; `id` is for a new one.
pub fn put_if_new(conn: &mut Conn, id: i64, mail: &str) -> Result<AddressRow> {
    let row = AddressRow { id, mail: mail.to_owned(), verified_at: None, home: None, matched_at: None };
    on_backend!(conn, c => diesel::insert_into(addresses::table)
        .values(&row)
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(addresses::table.filter(addresses::mail.eq(mail)).first(conn)?)
}

/// Records since when the holder of an address is known to read it.
pub fn verify(conn: &mut Conn, id: i64, since: i64) -> Result<()> {
    diesel::update(addresses::table.find(id).filter(addresses::verified_at.is_null()))
        .set(addresses::verified_at.eq(Some(since)))
        .execute(conn)?;
    Ok(())
}

/// Records which instance alone writes to an address; none for this one.
pub fn set_home(conn: &mut Conn, id: i64, home: Option<&str>) -> Result<()> {
    diesel::update(addresses::table.find(id)).set(addresses::home.eq(home)).execute(conn)?;
    Ok(())
}

/// The row of an address, by the address itself.
pub fn find_by_mail(conn: &mut Conn, mail: &str) -> Result<Option<AddressRow>> {
    Ok(addresses::table.filter(addresses::mail.eq(mail)).first(conn).optional()?)
}

/// The oldest verified address of which the other instances of the process were not asked.
pub fn first_unmatched(conn: &mut Conn) -> Result<Option<AddressRow>> {
    Ok(on_backend!(conn, c => addresses::table
        .filter(addresses::verified_at.is_not_null().and(addresses::matched_at.is_null()))
        .order(addresses::id)
        .first(c))
    .optional()?)
}

/// Records that the other instances of the process were asked for an address.
pub fn set_matched(conn: &mut Conn, id: i64, now: i64) -> Result<()> {
    diesel::update(addresses::table.find(id)).set(addresses::matched_at.eq(Some(now))).execute(conn)?;
    Ok(())
}

/// The active accounts that get their mail at an address, oldest first.
pub fn list_accounts(conn: &mut Conn, address_id: i64) -> Result<Vec<i64>> {
    Ok(subscribers::table
        .inner_join(actors::table.on(actors::id.eq(subscribers::account_id)))
        .filter(subscribers::address_id.eq(address_id))
        .filter(actors::suspended_at.is_null().and(actors::deleted_at.is_null()))
        .order(subscribers::account_id)
        .select(subscribers::account_id)
        .load(conn)?)
}

/// Where an account gets its mail.
pub fn find_subscriber(conn: &mut Conn, account_id: i64) -> Result<Option<SubscriberRow>> {
    Ok(on_backend!(conn, c => subscribers::table.find(account_id).first(c)).optional()?)
}

/// Says where an account gets its mail, and in which mode where nothing else is said.
pub fn put_subscriber(conn: &mut Conn, row: &SubscriberRow) -> Result<()> {
    diesel::delete(subscribers::table.find(row.account_id)).execute(conn)?;
    diesel::insert_into(subscribers::table).values(row).execute(conn)?;
    Ok(())
}

/// The active accounts of those of these addresses that are verified, oldest account first.
pub fn list_verified(conn: &mut Conn, address_ids: &[i64]) -> Result<Vec<(SubscriberRow, AddressRow)>> {
    Ok(among_on_backend!(conn, addresses::id, address_ids, (c, among) => subscribers::table
        .inner_join(addresses::table.on(addresses::id.eq(subscribers::address_id)))
        .inner_join(actors::table.on(actors::id.eq(subscribers::account_id)))
        .filter(among)
        .filter(addresses::verified_at.is_not_null())
        .filter(actors::suspended_at.is_null().and(actors::deleted_at.is_null()))
        .order(subscribers::account_id)
        .select((subscribers::all_columns, addresses::all_columns))
        .load(c))?)
}

/// The addresses of these accounts, each once.
pub fn list_of_accounts(conn: &mut Conn, account_ids: &[i64]) -> Result<Vec<i64>> {
    let mut ids: Vec<i64> = among_on_backend!(conn, subscribers::account_id, account_ids, (c, among) => subscribers::table
        .filter(among)
        .select(subscribers::address_id)
        .load(c))?;
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

/// Asks for a proof; earlier ones of that account count no more.
pub fn put_claim(conn: &mut Conn, row: &ClaimRow) -> Result<()> {
    diesel::delete(address_claims::table.filter(address_claims::account_id.eq(row.account_id)))
        .execute(conn)?;
    diesel::insert_into(address_claims::table).values(row).execute(conn)?;
    Ok(())
}

/// The proof with that id that is asked for, unless its time is over.
pub fn find_claim(conn: &mut Conn, id: i64, now: i64) -> Result<Option<ClaimRow>> {
    Ok(address_claims::table
        .filter(address_claims::id.eq(id).and(address_claims::expires_at.gt(now)))
        .first(conn)
        .optional()?)
}

/// The proof that is asked of the holder of an account's address, if any counts still.
pub fn find_claim_of(conn: &mut Conn, account_id: i64, now: i64) -> Result<Option<ClaimRow>> {
    Ok(address_claims::table
        .filter(address_claims::account_id.eq(account_id).and(address_claims::expires_at.gt(now)))
        .first(conn)
        .optional()?)
}

/// The oldest proof that counts still, and whose mail did not go out.
pub fn first_unsent_claim(conn: &mut Conn, now: i64) -> Result<Option<ClaimRow>> {
    Ok(address_claims::table
        .filter(address_claims::sent_at.is_null().and(address_claims::expires_at.gt(now)))
        .order(address_claims::id)
        .first(conn)
        .optional()?)
}

/// Records that the mail of a proof went out.
pub fn set_claim_sent(conn: &mut Conn, id: i64, now: i64) -> Result<()> {
    diesel::update(address_claims::table.find(id))
        .set(address_claims::sent_at.eq(Some(now)))
        .execute(conn)?;
    Ok(())
}

/// Removes the proofs, older than that instant, whose mail did not go out.
pub fn remove_unsent_claims(conn: &mut Conn, before: i64) -> Result<usize> {
    let unsent = address_claims::table
        .filter(address_claims::sent_at.is_null().and(address_claims::created_at.lt(before)));
    Ok(diesel::delete(unsent).execute(conn)?)
}

/// Removes a proof that was given, or is asked for no more.
pub fn remove_claim(conn: &mut Conn, id: i64) -> Result<()> {
    diesel::delete(address_claims::table.find(id)).execute(conn)?;
    Ok(())
}
