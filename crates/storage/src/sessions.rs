//! Sessions and one-time sign-in links, by the hash of their secret.

use crate::schema::{sessions, sign_in_links};
use crate::{Conn, Result};
use diesel::prelude::*;

/// A session of an account.
#[derive(Clone, Debug, Queryable, Insertable)]
#[diesel(table_name = sessions)]
pub struct SessionRow {
    /// SHA-256 of the secret, in hexadecimal.
    pub token_hash: String,
    /// The account.
    pub account_id: i64,
    /// When it began.
    pub created_at: i64,
    /// When it ends.
    pub expires_at: i64,
}

/// A one-time sign-in link of an account.
#[derive(Clone, Debug, Queryable, Insertable)]
#[diesel(table_name = sign_in_links)]
pub struct SignInLinkRow {
    /// SHA-256 of the secret, in hexadecimal.
    pub token_hash: String,
    /// The account.
    pub account_id: i64,
    /// When it was made.
    pub created_at: i64,
    /// When it ends.
    pub expires_at: i64,
}

/// The session of that secret, if it has not ended.
pub fn find(conn: &mut Conn, token_hash: &str, now: i64) -> Result<Option<SessionRow>> {
    Ok(sessions::table.find(token_hash).filter(sessions::expires_at.gt(now)).first(conn).optional()?)
}

/// Begins a session, and forgets those that have ended.
pub fn put(conn: &mut Conn, row: &SessionRow) -> Result<()> {
    diesel::delete(sessions::table.filter(sessions::expires_at.le(row.created_at))).execute(conn)?;
    diesel::insert_into(sessions::table).values(row).execute(conn)?;
    Ok(())
}

/// Ends a session.
pub fn remove(conn: &mut Conn, token_hash: &str) -> Result<()> {
    diesel::delete(sessions::table.find(token_hash)).execute(conn)?;
    Ok(())
}

/// Ends all the sessions of an account but one, and its links.
pub fn remove_others(conn: &mut Conn, account_id: i64, token_hash: &str) -> Result<()> {
    let others =
        sessions::table.filter(sessions::account_id.eq(account_id).and(sessions::token_hash.ne(token_hash)));
    diesel::delete(others).execute(conn)?;
    diesel::delete(sign_in_links::table.filter(sign_in_links::account_id.eq(account_id))).execute(conn)?;
    Ok(())
}

/// Ends all the sessions and links of an account.
pub fn remove_all(conn: &mut Conn, account_id: i64) -> Result<()> {
    diesel::delete(sessions::table.filter(sessions::account_id.eq(account_id))).execute(conn)?;
    diesel::delete(sign_in_links::table.filter(sign_in_links::account_id.eq(account_id))).execute(conn)?;
    Ok(())
}

/// Makes a sign-in link, and forgets those that have ended.
pub fn put_link(conn: &mut Conn, row: &SignInLinkRow) -> Result<()> {
    diesel::delete(sign_in_links::table.filter(sign_in_links::expires_at.le(row.created_at)))
        .execute(conn)?;
    diesel::insert_into(sign_in_links::table).values(row).execute(conn)?;
    Ok(())
}

/// The link of that secret, if it has not ended. Does not use it up.
pub fn find_link(conn: &mut Conn, token_hash: &str, now: i64) -> Result<Option<SignInLinkRow>> {
    Ok(sign_in_links::table
        .find(token_hash)
        .filter(sign_in_links::expires_at.gt(now))
        .first(conn)
        .optional()?)
}

/// Uses a link up: the account it was for, once.
pub fn take_link(conn: &mut Conn, token_hash: &str, now: i64) -> Result<Option<i64>> {
    let link = find_link(conn, token_hash, now)?;
    let removed = diesel::delete(sign_in_links::table.find(token_hash)).execute(conn)?;
    Ok(link.filter(|_| removed == 1).map(|link| link.account_id))
}
