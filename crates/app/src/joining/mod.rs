//! One mail address on two instances, joined by its holder: of the two, the home alone tells them of the communities that
//! are handed over ([ADR 0008](../../../../docs/adr/0009-one-address-on-two-instances.md)).
//!
//! The holder confirms by a mail of each (`proving`), and carries a ticket from one to the other: the instances exchange
//! no address. Then the home follows what the other listed, and each says to the other what it told (`handing`).
//! Instances of one process match the addresses that they verified themselves (`kin`).
//!
//! A test joins two addresses without a browser by [`issue`] at the second instance and [`take`] at the home: the ticket
//! that one gives is what the other takes. What follows goes over federation.

mod handing;
mod kin;
mod parting;
mod proving;

pub use handing::{Heard, Statement, expects, receive, statement};
pub(crate) use handing::{note_answer, note_subscribed, resume};
pub use kin::{issue, match_next, since, take};
pub use parting::{part, tick};
pub use proving::{Asked, Confirmed, Ticket, ask, ask_home, confirm, footer, peek, peek_footer};
pub(crate) use proving::{footer_link, joint_link};

use crate::app::Deed;
use crate::ledger::{Case, ONE};
use crate::{App, Error, Result, secret};
use clocher_domain::Refusal;
use clocher_domain::joint::{JointState, JointStep, MAX_TOLD, Other};
use clocher_domain::{Id, effect::Effect};
use clocher_storage::addresses::{self, SubscriberRow};
use clocher_storage::fan_outs::{self, FanOutRow};
use clocher_storage::joints::{self, JointRow};
use clocher_storage::{Conn, actors};

/// A joint of an account's address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joint {
    /// Its id.
    pub id: i64,
    /// The other instance.
    pub domain: String,
    /// Whether this instance is the home, which sends.
    pub is_home: bool,
    /// How far it has come.
    pub state: JointState,
}

/// The joints of an account's address that are not ended, oldest first.
///
/// # Errors
/// `NotFound` for who has no account.
pub async fn list(app: &App, account_id: i64) -> Result<Vec<Joint>> {
    app.read(move |conn| {
        let subscriber = subscriber(conn, account_id)?;
        let mut all = Vec::new();
        for row in joints::list_of_address(conn, subscriber.address_id)? {
            let state = row.state()?;
            if state != JointState::Ended {
                all.push(Joint { id: row.id, domain: row.domain, is_home: row.is_home, state });
            }
        }
        Ok::<_, Error>(all)
    })
    .await
}

fn subscriber(conn: &mut Conn, account_id: i64) -> Result<SubscriberRow> {
    Ok(addresses::find_subscriber(conn, account_id)?.ok_or(Refusal::NotFound)?)
}

/// The joints as the rules see them.
fn others(rows: &[JointRow]) -> Result<Vec<Other<'_>>> {
    let mut all = Vec::new();
    for row in rows {
        all.push(Other { is_home: row.is_home, domain: &row.domain, state: row.state()? });
    }
    Ok(all)
}

/// Puts a joint into another state.
fn set_state(deed: &mut Deed<'_>, joint: &JointRow, state: JointState) -> Result<JointRow> {
    let row = JointRow { state: state.as_str().to_owned(), changed_at: deed.now(), ..joint.clone() };
    joints::update(deed.conn, &row)?;
    Ok(row)
}

/// Owes the other end a word.
fn say(deed: &mut Deed<'_>, joint_id: i64, step: JointStep) -> Result<()> {
    deed.owe(&Effect::JointSaid { joint: Id(joint_id), step, told: Vec::new(), owed: Vec::new() })
}

/// Owes the other end a word with what is told here, as it is now: a line that is written by a batch that was read before,
/// and dropped when it is its turn, is not among it.
fn say_told(deed: &mut Deed<'_>, joint: &JointRow, step: JointStep, owed: Vec<String>) -> Result<()> {
    let most = i64::try_from(MAX_TOLD).unwrap_or(i64::MAX);
    let told = joints::list_telling(deed.conn, joint.address_id, most)?;
    deed.owe(&Effect::JointSaid { joint: Id(joint.id), step, told, owed })
}

/// Owes one address these messages, where it is entitled to them and has none. `fetched`: what was there before it was a
/// member's is not owed.
fn owe_to(
    deed: &mut Deed<'_>,
    address_id: i64,
    community_id: Option<i64>,
    post_ids: &[i64],
    fetched: bool,
) -> Result<()> {
    for post_id in post_ids {
        let row = FanOutRow {
            id: deed.app.mint(),
            post_id: *post_id,
            community_id,
            fetched,
            stage: ONE,
            reached: address_id,
            created_at: deed.now(),
        };
        fan_outs::put(deed.conn, &row)?;
    }
    deed.wake_ledger();
    Ok(())
}

/// Whether an address is told of a message now, whatever another instance tells.
fn is_entitled(conn: &mut Conn, post_id: i64, address_id: i64, now: i64) -> Result<bool> {
    let Some(case) = Case::load(conn, post_id, now)? else { return Ok(false) };
    let found = crate::ledger::readers(conn, &case, &[address_id], i64::MAX, i64::MAX)?;
    Ok(found.iter().any(|reader| reader.mode.is_some()))
}

/// The domain that somebody means by what they typed: a domain, with its port where it has one, or an address there.
///
/// # Errors
/// `NoServer`.
fn domain_of(typed: &str) -> Result<String, Refusal> {
    let typed = typed.trim();
    let typed = typed.rsplit_once('@').map_or(typed, |(_, host)| host);
    let whole = if typed.contains("://") { typed.to_owned() } else { format!("https://{typed}/") };
    let url = url::Url::parse(&whole).map_err(|_| Refusal::NoServer)?;
    let host = url.host_str().map(|host| host.trim_end_matches('.')).filter(|host| host.contains('.'));
    let host = host.filter(|host| host.len() <= 253).ok_or(Refusal::NoServer)?;
    let is_web = matches!(url.scheme(), "https" | "http");
    let named = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    if is_web && url.username().is_empty() { Ok(named.to_lowercase()) } else { Err(Refusal::NoServer) }
}

/// Who speaks for the second instance: its instance actor.
fn instance_actor(app: &App, domain: &str) -> String {
    format!("{}://{domain}/actor", app.site().scheme())
}

/// What both ends call a joint: the hash of its ticket.
pub fn key_of(ticket: &str) -> String {
    secret::hash_token(&format!("joint:{ticket}"))
}

/// By what each end shows the other that it means the same mailbox, without naming it: it takes the ticket to make it.
pub fn mark_of(ticket: &str, is_home: bool, mail: &str) -> String {
    let role = if is_home { "home" } else { "second" };
    secret::hash_token(&format!("mailbox:{ticket}:{role}:{mail}"))
}

/// Whether two texts are one, compared in constant time.
fn is_same(one: &str, other: &str) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(one.as_bytes(), other.as_bytes()).is_ok()
}

/// Whether the person of that account is active, and has not moved away.
fn is_active(conn: &mut Conn, account_id: i64) -> Result<bool> {
    Ok(actors::find(conn, account_id)?.is_some_and(|row| row.is_active() && row.moved_to.is_none()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_typed_in_many_ways() {
        for typed in ["commune.fr", " COMMUNE.fr. ", "https://commune.fr/c/velo", "@marie@commune.fr"] {
            assert_eq!(domain_of(typed).as_deref(), Ok("commune.fr"), "{typed}");
        }
        assert_eq!(domain_of("alpha.test:4000").as_deref(), Ok("alpha.test:4000"));
        assert_eq!(domain_of("mairie-é.fr").as_deref(), Ok("xn--mairie--hya.fr"));
        for nothing in ["", "commune", "ftp://commune.fr", "a b.fr", "https://", "."] {
            assert_eq!(domain_of(nothing), Err(Refusal::NoServer), "{nothing}");
        }
    }

    #[test]
    fn a_mark_is_of_one_ticket_one_end_and_one_mailbox() {
        let mark = mark_of("t", true, "a@b.fr");
        for other in
            [mark_of("u", true, "a@b.fr"), mark_of("t", false, "a@b.fr"), mark_of("t", true, "b@b.fr")]
        {
            assert_ne!(mark, other);
        }
        assert_ne!(key_of("t"), secret::hash_token("t"));
    }
}
