//! Sending what the ledger owes by mail: one message at a time, each recorded before the next.
//!
//! Knows no form of mail: a [`Channel`] carries. Whether a person may have a message, in which mode and from which list,
//! is asked when it is sent.

use crate::ledger::{Case, Reader, readers};
use crate::marker::Marker;
use crate::ports::{Channel, Seal};
use crate::{App, Error, Result, joining, secret, subscribing};
use clocher_domain::Timestamp;
use clocher_domain::ledger::{Mode, admitting, nearest, next_digest};
use clocher_domain::mutant::{self, Mutant};
use clocher_domain::time::{DAY, MINUTE, SECOND};
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::addresses::{self, ClaimRow};
use clocher_storage::joints::{self, JointRow};
use clocher_storage::ledger::{self, LedgerRow};
use clocher_storage::posts::{self, PostRow};
use clocher_storage::{Conn, accounts, follows, links, placements, sending};
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};
use url::Url;

/// At which hour digests are due where nothing is said, in the time of the instance.
pub const DIGEST_HOUR: i64 = 7;
/// Most lines of one digest; the rest stands in another one.
pub const LONGEST_DIGEST: i64 = 200;
/// Most communities that are looked at upwards of one.
const MOST_ABOVE: usize = 100;
/// Longest pause between tries, as a power of two of minutes.
const LONGEST_PAUSE: i64 = 8;

/// The time of the instance.
static PARIS: LazyLock<TimeZone> = LazyLock::new(|| TimeZone::get("Europe/Paris").unwrap_or(TimeZone::UTC));

/// What sends, and when.
#[derive(Clone)]
pub struct Desk {
    /// What carries mail; without it, nothing is owed by mail.
    pub mail: Option<Arc<dyn Channel>>,
    /// Where what is about to be sent is counted; without it, nobody knows a restored database.
    pub seal: Option<Arc<dyn Seal>>,
    /// At which hour digests are due, 0 to 23, in the time of the instance.
    pub digest_hour: i64,
}

impl Default for Desk {
    /// Carries no mail.
    fn default() -> Self {
        Self { mail: None, seal: None, digest_hour: DIGEST_HOUR }
    }
}

impl Desk {
    /// When a message is told that becomes owed at `now`.
    pub fn due(&self, now: Timestamp, mode: Mode) -> Timestamp {
        if mode.is_digest() { next_digest(now, mode, self.digest_hour, offset) } else { now }
    }
}

/// By how many milliseconds clocks are before UTC.
fn offset(at: Timestamp) -> i64 {
    let instant = jiff::Timestamp::from_millisecond(at.0).unwrap_or_default();
    i64::from(PARIS.to_offset(instant).seconds()) * SECOND
}

/// A message for a person.
#[derive(Clone, Debug)]
pub struct Item {
    /// The message, as it is shown where it comes from.
    pub post: PostRow,
    /// Its author.
    pub author: ActorRow,
    /// The list that it comes from; none for a message in no community.
    pub list: Option<ActorRow>,
    /// The other communities of the person that hold the thread. A closed one is named to its members alone.
    pub also_in: Vec<ActorRow>,
    /// The id of its mail, made of its ActivityPub id alone.
    pub message_id: String,
    /// The id of the mail of what it answers.
    pub answers: Option<String>,
}

/// What a parcel holds.
#[derive(Clone, Debug)]
pub enum Letter {
    /// One message.
    Message(Box<Item>),
    /// The digest that is due at an instant, in milliseconds since the Unix epoch.
    Digest {
        /// When it is due.
        due_at: i64,
        /// Its lines, oldest first.
        items: Vec<Item>,
    },
    /// The question whether its reader wants mail of this instance at that address.
    Confirmation {
        /// The page that answers it.
        link: String,
    },
    /// The question whether one of two instances is to send alone what both send to that address.
    Joining {
        /// The page that answers it.
        link: String,
        /// The other instance.
        domain: String,
        /// Whether it would be this instance; else it would be the other.
        is_home: bool,
    },
}

/// What is carried to one person.
#[derive(Clone, Debug)]
pub struct Parcel {
    /// The address.
    pub to: String,
    /// The language of the person, `fr` or `en`.
    pub language: String,
    /// The id of the mail, without brackets: the same one whenever it is sent again.
    pub message_id: String,
    /// What it holds.
    pub letter: Letter,
    /// The page where its reader says that another server sends them mail already, for the footer.
    pub elsewhere: String,
}

/// The id of the mail of a message: made of its ActivityPub id alone, so that two instances give it the same one.
pub fn message_id(ap_id: &str) -> String {
    let url = Url::parse(ap_id).ok();
    let host = url.as_ref().and_then(Url::host_str).unwrap_or("invalid");
    format!("{}@{host}", secret::hash_token(ap_id))
}

/// What becomes of a row that is due.
enum Verdict {
    Tell(Box<Item>),
    Move(Mode, i64),
    Drop,
}

/// A parcel, with what is recorded once it is carried.
struct Turn {
    parcel: Option<Parcel>,
    rows: Vec<(LedgerRow, Verdict)>,
    question: Option<Question>,
}

/// A parcel that asks its reader something.
#[derive(Clone, Copy)]
enum Question {
    /// Whether they read mail at the address of that claim.
    Claim(i64),
    /// Whether that joint is to be.
    Joint(i64),
}

/// Sends the next mail that is due; false where none is.
///
/// # Errors
/// Those of storage. A channel that fails is asked again later.
pub async fn send_next(app: &App, desk: &Desk) -> Result<bool> {
    let Some(channel) = desk.mail.clone() else { return Ok(false) };
    let _counter = app.counter().await;
    let instance = app.instance().await?.clone();
    let (asked, at) = (app.clone(), desk.clone());
    let turn =
        app.read(move |conn| next_turn(conn, &asked, &at, &instance.language, &instance.secret)).await?;
    let Some(turn) = turn else { return Ok(false) };
    let marker = match desk.seal.clone().filter(|_| turn.parcel.is_some()) {
        Some(seal) => Some(count_next(app, seal).await?),
        None => None,
    };
    let carried = match &turn.parcel {
        Some(parcel) => channel.carry(app, parcel).await,
        None => Ok(()),
    };
    if let Err(error) = &carried {
        tracing::warn!(instance = app.site().domain(), %error, "mail is not carried yet");
        if turn.question.is_some() {
            return Err(Error::Internal("a question is not carried".into()));
        }
    }
    let is_carried = carried.is_ok();
    app.write(move |deed| {
        let now = deed.now();
        if let Some(marker) = marker.filter(|_| is_carried) {
            sending::set_turn(deed.conn, marker.turn)?;
        }
        match turn.question {
            Some(Question::Claim(claim)) => addresses::set_claim_sent(deed.conn, claim, now)?,
            Some(Question::Joint(joint)) => joints::set_mailed(deed.conn, joint, now)?,
            None => {}
        }
        for (row, verdict) in turn.rows {
            match verdict {
                Verdict::Tell(_) if is_carried && stays_in_digest(&row) => {
                    ledger::set_mode(deed.conn, row.id, Mode::Daily, now + DAY)?;
                }
                Verdict::Tell(_) if is_carried && mutant::is(Mutant::NoLedgerCheck) => {
                    ledger::remove(deed.conn, row.id)?;
                }
                Verdict::Tell(item) if is_carried => {
                    ledger::set_sent(deed.conn, row.id, item.list.map(|list| list.id), now)?;
                }
                Verdict::Tell(_) => {
                    let pause = MINUTE << row.attempts.clamp(0, LONGEST_PAUSE);
                    ledger::fail(deed.conn, row.id, now + pause)?;
                }
                Verdict::Move(mode, due_at) => ledger::set_mode(deed.conn, row.id, mode, due_at)?,
                Verdict::Drop => ledger::remove(deed.conn, row.id)?,
            }
        }
        Ok::<_, Error>(())
    })
    .await?;
    Ok(true)
}

/// Counts the next parcel where a restored database cannot take it back.
async fn count_next(app: &App, seal: Arc<dyn Seal>) -> Result<Marker> {
    let row = app.read(sending::find).await?;
    let row = row.ok_or_else(|| Error::Internal("nobody has judged whether this database sends".into()))?;
    let marker = Marker { name: row.marker, turn: row.turn + 1 };
    let written = marker.clone();
    let done = tokio::task::spawn_blocking(move || seal.write(&written)).await;
    let failed = |error: String| Error::Internal(format!("the marker: {error}"));
    done.map_err(|error| failed(error.to_string()))?.map_err(|error| failed(error.to_string()))?;
    Ok(marker)
}

/// Whether a line stays in a digest, though its message went out at once: a bug that tests must catch.
fn stays_in_digest(row: &LedgerRow) -> bool {
    mutant::is(Mutant::DigestAfterUpgrade) && row.mode == Mode::Immediate.as_str()
}

fn next_turn(
    conn: &mut Conn,
    app: &App,
    desk: &Desk,
    language: &str,
    instance_secret: &str,
) -> Result<Option<Turn>> {
    let now = app.now();
    if let Some(claim) = addresses::first_unsent_claim(conn, now.0)? {
        return confirmation(conn, app, &claim, language, instance_secret).map(Some);
    }
    if let Some(joint) = joints::first_unmailed(conn, now.0)? {
        return question(conn, app, &joint, language, instance_secret).map(Some);
    }
    let Some(first) = ledger::first_due(conn, now.0)? else { return Ok(None) };
    let is_digest = first.mode()?.is_digest();
    let due = if is_digest {
        ledger::list_digest(conn, first.person_id, first.due_at, LONGEST_DIGEST)?
    } else {
        vec![first.clone()]
    };
    let mut rows = Vec::new();
    let mut items = Vec::new();
    let mut reader_language = None;
    for row in due {
        let verdict = judge(conn, app, desk, &row, &mut reader_language)?;
        if let Verdict::Tell(item) = &verdict {
            items.push((**item).clone());
        }
        rows.push((row, verdict));
    }
    let address = addresses::find(conn, first.person_id)?;
    let parcel = address.filter(|_| !items.is_empty()).map(|address| {
        let language = reader_language.unwrap_or_else(|| language.to_owned());
        let elsewhere = joining::footer_link(app, instance_secret, address.id);
        let to = address.mail;
        if is_digest {
            let hash = secret::hash_token(&format!("digest {to} {} {}", first.due_at, first.id));
            let message_id = format!("{hash}@{}", app.site().host_name());
            let letter = Letter::Digest { due_at: first.due_at, items };
            return Parcel { to, language, message_id, letter, elsewhere };
        }
        let item = items.remove(0);
        let message_id = item.message_id.clone();
        let letter = Letter::Message(Box::new(item));
        Parcel { to, language, message_id, letter, elsewhere }
    });
    Ok(Some(Turn { parcel, rows, question: None }))
}

fn confirmation(
    conn: &mut Conn,
    app: &App,
    claim: &ClaimRow,
    language: &str,
    instance_secret: &str,
) -> Result<Turn> {
    let own = accounts::find(conn, claim.account_id)?.and_then(|account| account.language);
    let parcel = addresses::find(conn, claim.address_id)?.map(|address| {
        let link = subscribing::claim_link(app, instance_secret, claim.id);
        let hash = secret::hash_token(&link);
        Parcel {
            to: address.mail,
            language: own.unwrap_or_else(|| language.to_owned()),
            message_id: format!("{hash}@{}", app.site().host_name()),
            letter: Letter::Confirmation { link },
            elsewhere: joining::footer_link(app, instance_secret, address.id),
        }
    });
    Ok(Turn { parcel, rows: Vec::new(), question: Some(Question::Claim(claim.id)) })
}

fn question(
    conn: &mut Conn,
    app: &App,
    joint: &JointRow,
    language: &str,
    instance_secret: &str,
) -> Result<Turn> {
    let own = accounts::find(conn, joint.account_id)?.and_then(|account| account.language);
    let address = addresses::find(conn, joint.address_id)?.filter(|row| row.verified_at.is_some());
    let parcel = address.map(|address| {
        let link = joining::joint_link(app, instance_secret, joint.id);
        let hash = secret::hash_token(&link);
        let (domain, is_home) = (joint.domain.clone(), joint.is_home);
        Parcel {
            to: address.mail,
            language: own.unwrap_or_else(|| language.to_owned()),
            message_id: format!("{hash}@{}", app.site().host_name()),
            letter: Letter::Joining { link, domain, is_home },
            elsewhere: joining::footer_link(app, instance_secret, address.id),
        }
    });
    Ok(Turn { parcel, rows: Vec::new(), question: Some(Question::Joint(joint.id)) })
}

fn judge(
    conn: &mut Conn,
    app: &App,
    desk: &Desk,
    row: &LedgerRow,
    language: &mut Option<String>,
) -> Result<Verdict> {
    let Some(case) = Case::load(conn, row.post_id, app.now().0)? else { return Ok(Verdict::Drop) };
    let Some(reader) = readers(conn, &case, &[row.person_id], i64::MAX, row.created_at)?.pop() else {
        return Ok(Verdict::Drop);
    };
    let Some(mode) = reader.mode else { return Ok(Verdict::Drop) };
    let now = app.now();
    let mode = mode.after(now.0.saturating_sub(case.post.published_at));
    if mode.is_digest() && !row.mode()?.is_digest() {
        return Ok(Verdict::Move(mode, desk.due(now, mode).0));
    }
    for account in &reader.accounts {
        if language.is_none() {
            *language = accounts::find(conn, *account)?.and_then(|account| account.language);
        }
    }
    item(conn, case, &reader).map(|item| Verdict::Tell(Box::new(item)))
}

fn item(conn: &mut Conn, case: Case, reader: &Reader) -> Result<Item> {
    let list_id = list_of(conn, &case, reader)?.or(case.home.as_ref().map(|home| home.id));
    let mut also: Vec<i64> = reader.memberships.iter().map(|membership| membership.community).collect();
    if mutant::is(Mutant::ClosedIsNamed) {
        let author = follows::list_followed(conn, case.author.id)?;
        also.extend(author.into_iter().map(|(_, community)| community.id));
    }
    also.retain(|id| Some(*id) != list_id);
    also.sort_unstable();
    also.dedup();
    let mut also_in = actors::list(conn, &also)?;
    also_in.sort_by_key(|row| row.id);
    let parent = case.post.parent_id.map(|id| posts::find(conn, id)).transpose()?.flatten();
    let list = list_id.map(|id| actors::find(conn, id)).transpose()?.flatten();
    let message_id = message_id(&case.post.ap_id);
    let answers = parent.map(|parent| self::message_id(&parent.ap_id));
    let post = as_accepted(conn, case.post, list_id)?;
    Ok(Item { message_id, answers, post, author: case.author, list, also_in })
}

/// A message as its list shows it: where a change waits for a moderator, as it was accepted.
fn as_accepted(conn: &mut Conn, post: PostRow, list_id: Option<i64>) -> Result<PostRow> {
    let Some(list_id) = list_id.filter(|id| post.is_top() && post.home_id != Some(*id)) else {
        return Ok(post);
    };
    let accepted = placements::find_in(conn, post.id, list_id)?;
    let html = accepted.as_ref().and_then(|placement| placement.accepted_html.clone());
    Ok(match (accepted, html) {
        (Some(placement), Some(html)) => {
            PostRow { html, title: placement.accepted_title, source: None, ..post }
        }
        _ => post,
    })
}

/// The list that a message comes from: the one of the first mail of its thread while its reader remains in it, else the
/// nearest.
fn list_of(conn: &mut Conn, case: &Case, reader: &Reader) -> Result<Option<i64>> {
    let kept = ledger::find_list(conn, reader.address.id, case.post.thread_id)?;
    if let Some(kept) = kept.filter(|kept| reader.memberships.iter().any(|one| one.community == *kept)) {
        return Ok(Some(kept));
    }
    let among = admitting(case.message, &reader.memberships);
    let mut above = BTreeMap::new();
    if among.len() > 1 {
        for one in &among {
            above.insert(one.community, reachable(conn, one.community)?);
        }
    }
    Ok(nearest(&among, &above))
}

/// The communities that are reachable from one by active links upwards, as far as they are known here.
fn reachable(conn: &mut Conn, from: i64) -> Result<BTreeSet<i64>> {
    let mut reached = BTreeSet::new();
    let mut waiting = vec![from];
    while let Some(at) = waiting.pop() {
        for upper in links::list_uppers(conn, at)? {
            if reached.len() < MOST_ABOVE && reached.insert(upper) {
                waiting.push(upper);
            }
        }
    }
    Ok(reached)
}

/// When the next mail is due, in milliseconds since the Unix epoch; none where nothing waits.
///
/// # Errors
/// Those of storage.
pub async fn next_due(app: &App) -> Result<Option<i64>> {
    let now = app.now().0;
    app.read(move |conn| ledger::next_due(conn, now)).await
}
