//! How the holder of an address shows at both instances that it is one mailbox: by a link in a mail of each.
//!
//! Whoever asks, and whatever they type, gets the same answer whether an address is known or not. What the browser
//! carries from one instance to the other is a ticket and a mark, which mean nothing to whoever does not know the address.

use super::{domain_of, is_active, is_same, key_of, mark_of, others, say, set_state};
use crate::app::Deed;
use crate::{App, Error, Result, accounts, domains, secret, subscribing};
use clocher_domain::Refusal;
use clocher_domain::joint::{ASKING, BETWEEN, JointState, JointStep, MAX_JOINTS, may_be_home, may_hand_over};
use clocher_storage::Conn;
use clocher_storage::addresses::{self, AddressRow};
use clocher_storage::joints::{self, JointRow};

/// The link in the footer of every mail to an address. It only asks for another mail to the same address: whoever was
/// handed a copy of a mail can do no more with it.
pub(crate) fn footer_link(app: &App, instance_secret: &str, address_id: i64) -> String {
    let proof = footer_proof(instance_secret, address_id);
    app.site().address(&format!("/mail-home/{address_id}-{proof}"))
}

fn footer_proof(instance_secret: &str, address_id: i64) -> String {
    secret::hash_token(&format!("footer:{instance_secret}:{address_id}"))
}

/// The page that asks the holder of the address of a joint.
pub(crate) fn joint_link(app: &App, instance_secret: &str, id: i64) -> String {
    app.site().address(&format!("/mail-home/confirm/{id}-{}", joint_proof(instance_secret, id)))
}

fn joint_proof(instance_secret: &str, id: i64) -> String {
    secret::hash_token(&format!("joint-link:{instance_secret}:{id}"))
}

/// The ticket of a joint: made of what the second instance alone knows, and stored nowhere there.
pub(super) fn ticket_of(instance_secret: &str, id: i64) -> String {
    secret::hash_token(&format!("ticket:{instance_secret}:{id}"))
}

/// The number in a token, where the rest of it is what this instance would have written.
async fn number(app: &App, token: &str, proof: fn(&str, i64) -> String) -> Result<i64> {
    let (id, given) = token.split_once('-').ok_or(Refusal::NotFound)?;
    let id: i64 = id.parse().map_err(|_| Refusal::NotFound)?;
    if is_same(given, &proof(&app.instance().await?.secret, id)) {
        Ok(id)
    } else {
        Err(Refusal::NotFound.into())
    }
}

/// The path of the page where the holder of an account's address says that another server sends them mail already; none
/// where the address is not confirmed.
///
/// # Errors
/// `NotFound` for who has no account.
pub async fn footer(app: &App, account_id: i64) -> Result<Option<String>> {
    let secret = app.instance().await?.secret.clone();
    app.read(move |conn| {
        let subscriber = super::subscriber(conn, account_id)?;
        let address = addresses::find(conn, subscriber.address_id)?.filter(|row| row.verified_at.is_some());
        Ok::<_, Error>(address.map(|row| format!("/mail-home/{}-{}", row.id, footer_proof(&secret, row.id))))
    })
    .await
}

/// Whether the link of a footer is one of ours.
///
/// # Errors
/// `NotFound` where it is not.
pub async fn peek_footer(app: &App, token: &str) -> Result<()> {
    number(app, token, footer_proof).await.map(|_| ())
}

/// The holder of a mail says that another server sends them mail already: they are asked by a mail to the same address.
///
/// # Errors
/// `NotFound` for a false link; `NoServer`, `DomainBlocked`; `AlreadyJoined`; `TooMany` where they were asked a moment ago.
pub async fn ask(app: &App, token: &str, typed: &str) -> Result<()> {
    let address_id = number(app, token, footer_proof).await?;
    let domain = domain_of(typed)?;
    if domain == app.site().domain() {
        return Err(Refusal::NoServer.into());
    }
    domains::check(app, &domain).await?;
    let secret = app.instance().await?.secret.clone();
    app.write(move |deed| {
        let address = verified(deed.conn, address_id)?;
        let account_id = addresses::list_accounts(deed.conn, address.id)?.first().copied();
        let account_id = account_id.ok_or(Refusal::NotFound)?;
        let rows = joints::list_of_address(deed.conn, address.id)?;
        let now = deed.now();
        let live = rows
            .iter()
            .any(|row| !row.is_home && row.domain == domain && row.state().is_ok_and(JointState::is_live));
        if live || !may_hand_over(&others(&rows)?, &domain) {
            return Err(Error::from(Refusal::AlreadyJoined));
        }
        for row in rows.into_iter().filter(|row| !row.is_home) {
            let waits = matches!(row.state()?, JointState::Asked | JointState::Confirmed);
            if waits && row.created_at + BETWEEN > now {
                return Err(Refusal::TooMany.into());
            }
            if waits || row.domain == domain {
                joints::remove(deed.conn, row.id)?;
            }
        }
        let id = deed.app.mint();
        joints::put(
            deed.conn,
            &JointRow {
                id,
                key: key_of(&ticket_of(&secret, id)),
                is_home: false,
                address_id: address.id,
                account_id,
                domain,
                partner_id: None,
                ticket: None,
                state: JointState::Asked.as_str().to_owned(),
                created_at: now,
                expires_at: now + ASKING,
                mailed_at: None,
                changed_at: now,
            },
        )?;
        deed.wake_ledger();
        Ok(())
    })
    .await
}

fn verified(conn: &mut Conn, address_id: i64) -> Result<AddressRow> {
    let address = addresses::find(conn, address_id)?.filter(|row| row.verified_at.is_some());
    Ok(address.ok_or(Refusal::NotFound)?)
}

/// What a link would confirm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The address.
    pub mail: String,
    /// The other instance.
    pub domain: String,
    /// Whether this instance would send what the other did; else the other would.
    pub is_home: bool,
}

/// What a link would confirm, without using it up.
///
/// # Errors
/// `NotFound` where the link is used up, expired or false.
pub async fn peek(app: &App, token: &str) -> Result<Asked> {
    let id = number(app, token, joint_proof).await?;
    let now = app.now().0;
    app.read(move |conn| {
        let joint = asked(conn, id, now)?;
        let address = verified(conn, joint.address_id)?;
        Ok::<_, Error>(Asked { mail: address.mail, domain: joint.domain, is_home: joint.is_home })
    })
    .await
}

fn asked(conn: &mut Conn, id: i64, now: i64) -> Result<JointRow> {
    let joint = joints::find(conn, id)?.filter(|row| row.expires_at > now);
    let joint = joint.filter(|row| row.state == JointState::Asked.as_str());
    Ok(joint.ok_or(Refusal::NotFound)?)
}

/// What the holder of an address carries to the home.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// The home.
    pub domain: String,
    /// What the home takes, once.
    pub code: String,
    /// The page of the home that takes it.
    pub address: String,
}

/// What came of the word of a holder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Confirmed {
    /// At the second instance: it is to be carried to the home.
    Carry(Ticket),
    /// At the home: all is done that the holder has to do.
    Done,
}

/// The holder of an address confirms, once, at either end.
///
/// # Errors
/// `NotFound` where the link is used up, expired or false; `AlreadyJoined` where another server came first.
pub async fn confirm(app: &App, token: &str) -> Result<Confirmed> {
    let id = number(app, token, joint_proof).await?;
    let secret = app.instance().await?.secret.clone();
    app.write(move |deed| {
        let now = deed.now();
        let joint = asked(deed.conn, id, now)?;
        let address = verified(deed.conn, joint.address_id)?;
        let mut rows = joints::list_of_address(deed.conn, address.id)?;
        rows.retain(|row| row.id != joint.id);
        let seen = others(&rows)?;
        let allowed = if joint.is_home { may_be_home(&seen) } else { may_hand_over(&seen, &joint.domain) };
        if !allowed {
            return Err(Error::from(Refusal::AlreadyJoined));
        }
        let joint = JointRow { expires_at: now + ASKING, ..joint };
        let joint = set_state(deed, &joint, JointState::Confirmed)?;
        if joint.is_home {
            say(deed, joint.id, JointStep::Begin)?;
            return Ok(Confirmed::Done);
        }
        let ticket = ticket_of(&secret, joint.id);
        let code = format!("{ticket}.{}", mark_of(&ticket, false, &address.mail));
        let (scheme, from) = (deed.app.site().scheme(), deed.app.site().domain());
        let address = format!("{scheme}://{}/mail-home/take?from={from}&code={code}", joint.domain);
        Ok(Confirmed::Carry(Ticket { domain: joint.domain, code, address }))
    })
    .await
}

/// Somebody brings a ticket of another instance, and names the address where mail of this one comes: its holder is asked by
/// a mail, if it is the same address and comes to be known so to nobody.
///
/// # Errors
/// `NoServer`, `DomainBlocked`, `InvalidMail` for what has not the form; else none, whether the address is known or not.
pub async fn ask_home(app: &App, from: &str, code: &str, mail: &str) -> Result<()> {
    let domain = domain_of(from)?;
    domains::check(app, &domain).await?;
    let mail = subscribing::normal(&accounts::check_mail(mail)?);
    let (ticket, mark) = code.split_once('.').ok_or(Refusal::NotFound)?;
    let is_ours = domain == app.site().domain();
    if is_ours || ticket.len() != 64 || !is_same(mark, &mark_of(ticket, false, &mail)) {
        return Ok(());
    }
    let ticket = ticket.to_owned();
    app.write(move |deed| {
        let Some(address) = addresses::find_by_mail(deed.conn, &mail)? else { return Ok::<_, Error>(()) };
        if address.verified_at.is_none() || joints::find_by_key(deed.conn, &key_of(&ticket))?.is_some() {
            return Ok(());
        }
        let rows = joints::list_of_address(deed.conn, address.id)?;
        let now = deed.now();
        let waits = |row: &JointRow| row.is_home && row.state == JointState::Asked.as_str();
        if rows.iter().any(|row| waits(row) && row.created_at + BETWEEN > now) {
            return Ok(());
        }
        for row in rows.iter().filter(|row| waits(row)) {
            joints::remove(deed.conn, row.id)?;
        }
        put_home(deed, &address, &domain, ticket, JointState::Asked)?;
        deed.wake_ledger();
        Ok(())
    })
    .await
}

/// Records the end of the home; none where this instance cannot be one.
pub(super) fn put_home(
    deed: &mut Deed<'_>,
    address: &AddressRow,
    domain: &str,
    ticket: String,
    state: JointState,
) -> Result<Option<i64>> {
    for row in joints::list_of_address(deed.conn, address.id)? {
        if row.is_home && row.domain == domain && row.state()? == JointState::Ended {
            joints::remove(deed.conn, row.id)?;
        }
    }
    let rows = joints::list_of_address(deed.conn, address.id)?;
    if rows.len() >= MAX_JOINTS || !may_be_home(&others(&rows)?) {
        return Ok(None);
    }
    let mut account = None;
    for id in addresses::list_accounts(deed.conn, address.id)? {
        if account.is_none() && is_active(deed.conn, id)? {
            account = Some(id);
        }
    }
    let Some(account_id) = account else { return Ok(None) };
    let (id, now) = (deed.app.mint(), deed.now());
    let row = JointRow {
        id,
        key: key_of(&ticket),
        is_home: true,
        address_id: address.id,
        account_id,
        domain: domain.to_owned(),
        partner_id: None,
        ticket: Some(ticket),
        state: state.as_str().to_owned(),
        created_at: now,
        expires_at: now + ASKING,
        mailed_at: None,
        changed_at: now,
    };
    joints::put(deed.conn, &row)?;
    Ok(Some(id))
}
