//! Instances of one process match the addresses that each of them verified: no browser carries anything between them, and
//! none learns an address that it does not have.

use super::proving::{put_home, ticket_of};
use super::{key_of, others, say, set_state};
use crate::ports::Household;
use crate::{App, Error, Result};
use clocher_domain::joint::{ASKING, JointState, JointStep, first_home, may_hand_over};
use clocher_storage::addresses;
use clocher_storage::joints::{self, JointRow};

/// Joins the next verified address of which the others of the process were not asked; false where there is none. The
/// instance that verified it first is the home of all.
///
/// # Errors
/// Those of storage; what was not done is done when it is called again.
pub async fn match_next(app: &App, household: &dyn Household) -> Result<bool> {
    let Some(address) = app.read(addresses::first_unmatched).await? else { return Ok(false) };
    let mut verified = household.who_verified(app, &address.mail).await?;
    verified.push((app.site().domain().to_owned(), address.verified_at.unwrap_or_default()));
    if let Some(home) = first_home(&verified) {
        for (second, _) in verified.iter().filter(|(domain, _)| domain != home) {
            household.join(&address.mail, second, home).await?;
        }
    }
    app.write(move |deed| {
        let now = deed.now();
        addresses::set_matched(deed.conn, address.id, now)
    })
    .await?;
    Ok(true)
}

/// Since when an address is known to be read by its holder, in milliseconds; none where it is not.
///
/// # Errors
/// Those of storage.
pub async fn since(app: &App, mail: &str) -> Result<Option<i64>> {
    let mail = mail.to_owned();
    let found = app.read(move |conn| addresses::find_by_mail(conn, &mail)).await?;
    Ok(found.and_then(|row| row.verified_at))
}

/// The second instance gives a ticket for an address that it verified, to be taken by that home; none where its holder
/// parted from it before, or hands it over already. The caller vouches for the same address being verified there.
///
/// # Errors
/// Those of storage.
pub async fn issue(app: &App, mail: &str, home: &str) -> Result<Option<String>> {
    let secret = app.instance().await?.secret.clone();
    let (mail, home) = (mail.to_owned(), home.to_owned());
    app.write(move |deed| {
        let address = addresses::find_by_mail(deed.conn, &mail)?.filter(|row| row.verified_at.is_some());
        let Some(address) = address else { return Ok::<_, Error>(None) };
        let Some(account_id) = addresses::list_accounts(deed.conn, address.id)?.first().copied() else {
            return Ok(None);
        };
        let rows = joints::list_of_address(deed.conn, address.id)?;
        if !may_hand_over(&others(&rows)?, &home) {
            return Ok(None);
        }
        let now = deed.now();
        if let Some(row) = rows.into_iter().find(|row| !row.is_home && row.domain == home) {
            return match row.state()? {
                JointState::Asked | JointState::Confirmed => {
                    let row = JointRow { expires_at: now + ASKING, ..row };
                    set_state(deed, &row, JointState::Confirmed)?;
                    Ok(Some(ticket_of(&secret, row.id)))
                }
                _ => Ok(None),
            };
        }
        let id = deed.app.mint();
        let ticket = ticket_of(&secret, id);
        let row = JointRow {
            id,
            key: key_of(&ticket),
            is_home: false,
            address_id: address.id,
            account_id,
            domain: home,
            partner_id: None,
            ticket: None,
            state: JointState::Confirmed.as_str().to_owned(),
            created_at: now,
            expires_at: now + ASKING,
            mailed_at: None,
            changed_at: now,
        };
        joints::put(deed.conn, &row)?;
        Ok(Some(ticket))
    })
    .await
}

/// The home takes the ticket that another instance gave for an address that it verified too, and begins.
///
/// # Errors
/// Those of storage.
pub async fn take(app: &App, mail: &str, ticket: &str, second: &str) -> Result<()> {
    let (mail, ticket, second) = (mail.to_owned(), ticket.to_owned(), second.to_owned());
    app.write(move |deed| {
        let address = addresses::find_by_mail(deed.conn, &mail)?.filter(|row| row.verified_at.is_some());
        let Some(address) = address else { return Ok::<_, Error>(()) };
        if joints::find_by_key(deed.conn, &key_of(&ticket))?.is_some() {
            return Ok(());
        }
        if let Some(id) = put_home(deed, &address, &second, ticket, JointState::Confirmed)? {
            say(deed, id, JointStep::Begin)?;
        }
        Ok(())
    })
    .await
}
