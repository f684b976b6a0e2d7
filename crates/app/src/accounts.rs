//! Accounts: making, listing, suspending them, and what they may do.

use crate::app::Deed;
use crate::{App, Error, Result, profile, secret, subscribing};
use clocher_domain::Refusal;
use clocher_domain::actor::{ActorKind, Role, decide_dismissal};
use clocher_storage::accounts::{self, AccountRow};
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::sessions as session_rows;

/// A person who is to have an account.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// `preferredUsername`: ASCII lower-case letters, digits, `-` and `_`.
    pub name: String,
    /// Name for people.
    pub display_name: String,
    /// Mail address.
    pub mail: String,
    /// A first password; none where the person signs in by link.
    pub password: Option<String>,
}

/// Makes an account.
///
/// # Errors
/// `InvalidName`, `ReservedName`, `NameTaken`, `InvalidMail`, `MailTaken`, `InvalidPassword`.
pub async fn add(app: &App, account: NewAccount, role: Role) -> Result<ActorRow> {
    let hash = hash(account.password.clone()).await?;
    app.write(move |deed| add_in(deed, &account, role, hash)).await
}

pub(crate) fn add_in(
    deed: &mut Deed<'_>,
    account: &NewAccount,
    role: Role,
    hash: Option<String>,
) -> Result<ActorRow> {
    let mail = check_mail(&account.mail)?;
    if accounts::find_by_mail(deed.conn, &mail)?.is_some() {
        return Err(Refusal::MailTaken.into());
    }
    let actor = profile::new_local(deed.app, ActorKind::Person, &account.name, &account.display_name, None)?;
    profile::put_new(deed, &actor)?;
    let row = AccountRow {
        actor_id: actor.id,
        mail: mail.clone(),
        password_hash: hash,
        role: role.as_str().to_owned(),
        language: None,
        created_at: deed.now(),
    };
    accounts::put(deed.conn, &row)?;
    subscribing::put_new(deed, actor.id, &mail)?;
    Ok(actor)
}

/// A mail address in the form that is stored: lower case, no space.
///
/// # Errors
/// `InvalidMail` for what has not the form `local@domain.tld`.
pub fn check_mail(mail: &str) -> Result<String, Refusal> {
    let mail = mail.trim().to_lowercase();
    let (local, domain) = mail.rsplit_once('@').ok_or(Refusal::InvalidMail)?;
    let bad =
        |c: char| c.is_control() || c.is_whitespace() || matches!(c, '<' | '>' | ',' | ';' | '"' | '(' | ')');
    let local_ok = !local.is_empty() && local.len() <= 64 && !local.contains(bad) && !local.contains('@');
    let domain_ok = domain.len() <= 190
        && domain.split('.').all(|label| !label.is_empty())
        && !domain.contains(bad)
        && (domain.contains('.') || domain == "localhost");
    if local_ok && domain_ok { Ok(mail) } else { Err(Refusal::InvalidMail) }
}

/// Checks and hashes a password on a blocking thread.
pub(crate) async fn hash(password: Option<String>) -> Result<Option<String>> {
    let Some(password) = password else { return Ok(None) };
    if !(10..=200).contains(&password.chars().count()) {
        return Err(Refusal::InvalidPassword.into());
    }
    secret::in_turn(move || secret::hash_password(&password).map(Some)).await?
}

/// Sets the password of an account. Every other session of it ends, and every sign-in link: whoever else has one
/// signs in again. `session` is the secret of the session that stays.
///
/// # Errors
/// `InvalidPassword`.
pub async fn choose_password(app: &App, actor_id: i64, session: &str, password: String) -> Result<()> {
    let hash = hash(Some(password)).await?;
    let session = secret::hash_token(session);
    app.write(move |deed| {
        accounts::set_password(deed.conn, actor_id, hash.as_deref())?;
        session_rows::remove_others(deed.conn, actor_id, &session)
    })
    .await
}

/// All accounts with their persons, by name.
///
/// # Errors
/// Those of storage.
pub async fn list(app: &App) -> Result<Vec<(AccountRow, ActorRow)>> {
    app.read(accounts::list).await
}

/// The local person of that name or mail address, with the account.
///
/// # Errors
/// `NotFound`.
pub async fn find(app: &App, name_or_mail: &str) -> Result<(AccountRow, ActorRow)> {
    let wanted = name_or_mail.trim().to_lowercase();
    app.read(move |conn| {
        let account = match accounts::find_by_mail(conn, &wanted)? {
            Some(account) => Some(account),
            None => match actors::find_local(conn, &wanted)? {
                Some(actor) => accounts::find(conn, actor.id)?,
                None => None,
            },
        };
        let account = account.ok_or(Refusal::NotFound)?;
        let actor = actors::find(conn, account.actor_id)?.ok_or(Refusal::NotFound)?;
        Ok::<_, Error>((account, actor))
    })
    .await
}

/// Suspends an account, which ends its sessions, or lifts it.
///
/// # Errors
/// `LastAdministrator`.
pub async fn suspend(app: &App, actor_id: i64, suspended: bool) -> Result<()> {
    app.write(move |deed| {
        if suspended {
            check_dismissal(deed, actor_id)?;
        }
        let since = suspended.then(|| deed.now());
        actors::suspend(deed.conn, actor_id, since)?;
        if suspended {
            session_rows::remove_all(deed.conn, actor_id)?;
        }
        Ok::<_, Error>(())
    })
    .await
}

/// Gives an account another role.
///
/// # Errors
/// `LastAdministrator`.
pub async fn set_role(app: &App, actor_id: i64, role: Role) -> Result<()> {
    app.write(move |deed| {
        if role != Role::Administrator {
            check_dismissal(deed, actor_id)?;
        }
        Ok::<_, Error>(accounts::set_role(deed.conn, actor_id, role)?)
    })
    .await
}

/// Whether that person may cease to administer the instance, if they do.
fn check_dismissal(deed: &mut Deed<'_>, actor_id: i64) -> Result<()> {
    let administrators: Vec<i64> = accounts::list(deed.conn)?
        .into_iter()
        .filter(|(account, actor)| account.role == Role::Administrator.as_str() && actor.is_active())
        .map(|(_, actor)| actor.id)
        .collect();
    let others = administrators.iter().filter(|id| **id != actor_id).count();
    Ok(decide_dismissal(administrators.contains(&actor_id), others)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_addresses_are_checked_and_folded() {
        assert_eq!(check_mail(" Maire@Exemple.FR "), Ok("maire@exemple.fr".into()));
        for bad in ["", "a", "a@b", "@b.fr", "a@.fr", "a b@c.fr", "a@c..fr", "a@b@c.fr", "<a@c.fr>"] {
            assert_eq!(check_mail(bad), Err(Refusal::InvalidMail), "{bad}");
        }
    }
}
