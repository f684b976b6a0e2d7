//! Accounts: local persons who sign in.

use crate::actors::ActorRow;
use crate::dialect::on_backend;
use crate::schema::{accounts, actors};
use crate::{Conn, Error, Result};
use clocher_domain::actor::Role;
use diesel::prelude::*;

/// An account of a local person.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = accounts, treat_none_as_default_value = false)]
pub struct AccountRow {
    /// The person.
    pub actor_id: i64,
    /// Mail address, in lower case.
    pub mail: String,
    /// Argon2id, in PHC form; none where the person signs in by link only.
    pub password_hash: Option<String>,
    /// A [`Role`]; read it with [`AccountRow::role`].
    pub role: String,
    /// Language of the person's pages: `fr` or `en`.
    pub language: Option<String>,
    /// When it was made.
    pub created_at: i64,
}

impl AccountRow {
    /// What the account may do on the instance.
    ///
    /// # Errors
    /// [`Error::Corrupt`].
    pub fn role(&self) -> Result<Role> {
        Role::parse(&self.role).ok_or(Error::Corrupt { table: "accounts", column: "role", id: self.actor_id })
    }
}

/// The account of that person.
pub fn find(conn: &mut Conn, actor_id: i64) -> Result<Option<AccountRow>> {
    Ok(on_backend!(conn, c => accounts::table.find(actor_id).first(c)).optional()?)
}

/// The account with that mail address.
pub fn find_by_mail(conn: &mut Conn, mail: &str) -> Result<Option<AccountRow>> {
    Ok(accounts::table.filter(accounts::mail.eq(mail)).first(conn).optional()?)
}

/// All accounts with their persons, by name.
pub fn list(conn: &mut Conn) -> Result<Vec<(AccountRow, ActorRow)>> {
    Ok(accounts::table
        .inner_join(actors::table.on(actors::id.eq(accounts::actor_id)))
        .order(actors::name)
        .load(conn)?)
}

/// How many accounts there are.
pub fn count(conn: &mut Conn) -> Result<i64> {
    Ok(accounts::table.count().get_result(conn)?)
}

/// Adds an account.
///
/// # Errors
/// [`Error::Duplicate`] where the mail address has one.
pub fn put(conn: &mut Conn, row: &AccountRow) -> Result<()> {
    diesel::insert_into(accounts::table).values(row).execute(conn)?;
    Ok(())
}

/// Sets or removes the password.
pub fn set_password(conn: &mut Conn, actor_id: i64, hash: Option<&str>) -> Result<()> {
    diesel::update(accounts::table.find(actor_id)).set(accounts::password_hash.eq(hash)).execute(conn)?;
    Ok(())
}

/// Sets the role.
pub fn set_role(conn: &mut Conn, actor_id: i64, role: Role) -> Result<()> {
    diesel::update(accounts::table.find(actor_id)).set(accounts::role.eq(role.as_str())).execute(conn)?;
    Ok(())
}
