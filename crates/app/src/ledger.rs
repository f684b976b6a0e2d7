//! Once per person: writing into the ledger whom a message is owed to. Sending it is in `sending`.
//!
//! The deed that makes a message visible owes one fan-out; a worker writes the rows in bounded batches, and begins again
//! where it stopped. Whether a person may have the message is asked anew before it is sent.

use crate::app::Deed;
use crate::placing::Hiding;
use crate::sending::Desk;
use crate::{App, Error, Result, moderating, readers};
use clocher_domain::Refusal;
use clocher_domain::community::Posting;
use clocher_domain::joint::{SKEW, is_told_by_home};
use clocher_domain::ledger::{Membership, Message, Mode, Person, decide_mode};
use clocher_domain::placement::PlacementState;
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::addresses::{self, AddressRow};
use clocher_storage::fan_outs::{self, FanOutRow};
use clocher_storage::ledger::{self, LedgerRow, MAIL, NOTIFICATION, WAITING};
use clocher_storage::posts::{self, PostRow};
use clocher_storage::{Conn, communities, joints, placements, republications, subscriptions};
use std::collections::{BTreeMap, HashSet};

/// Persons whose rows are written in one transaction: it must not hold up other writers.
pub const BATCH: i64 = 200;

/// Whose turn it is in a fan-out, in this order.
const NAMED: i64 = 0;
const THREAD_FOLLOWERS: i64 = 1;
const MEMBERS: i64 = 2;
/// Not a turn among the others: of one address alone.
pub(crate) const ONE: i64 = 3;

/// Owes the readers of a community a message that became visible in it: a top post recorded in its home, a thread placed
/// there, a reply recorded in its home. Doing it twice changes nothing.
///
/// # Errors
/// `NotFound` for an unknown message; those of storage.
pub fn owe_fan_out(deed: &mut Deed<'_>, post_id: i64, community_id: i64) -> Result<()> {
    let post = posts::find(deed.conn, post_id)?.ok_or(Refusal::NotFound)?;
    owe(deed, &post, Some(community_id), false)
}

/// The same of a message that is at hand, in its home or in none. `fetched`: it was asked for, from before we listened.
pub(crate) fn owe(
    deed: &mut Deed<'_>,
    post: &PostRow,
    community_id: Option<i64>,
    fetched: bool,
) -> Result<()> {
    let row = FanOutRow {
        id: deed.app.mint(),
        post_id: post.id,
        community_id,
        fetched,
        stage: NAMED,
        reached: 0,
        created_at: deed.now(),
    };
    fan_outs::put(deed.conn, &row)?;
    deed.wake_ledger();
    Ok(())
}

/// A message is deleted: what waits of it is told to nobody.
pub(crate) fn forget(deed: &mut Deed<'_>, post_id: i64) -> Result<()> {
    Ok(ledger::remove_waiting_of(deed.conn, post_id)?)
}

/// A message, with what decides who is told of it.
pub(crate) struct Case {
    pub post: PostRow,
    pub author: ActorRow,
    pub home: Option<ActorRow>,
    /// The communities in which its thread stands.
    pub holders: Vec<i64>,
    pub message: Message,
    /// The persons of here that it addresses or answers.
    pub named: HashSet<i64>,
    /// The message of a community that is not open which it says again.
    pub original: Option<PostRow>,
    /// Of a reply, what communities that share its thread hide.
    hiding: Option<Hiding>,
}

impl Case {
    /// None where nobody is to be told of it any more.
    pub fn load(conn: &mut Conn, post_id: i64, now: i64) -> Result<Option<Self>> {
        let Some(post) = posts::find(conn, post_id)?.filter(PostRow::is_live) else { return Ok(None) };
        let Some(author) = actors::find(conn, post.author_id)?.filter(ActorRow::is_active) else {
            return Ok(None);
        };
        let top = if post.is_top() { Some(post.clone()) } else { posts::find(conn, post.thread_id)? };
        let Some(top) = top.filter(|top| top.removed_at.is_none()) else { return Ok(None) };
        let home = post.home_id.map(|id| actors::find(conn, id)).transpose()?.flatten();
        let mut holders: Vec<i64> = home.iter().map(|home| home.id).collect();
        if home.is_some() {
            for (placement, community) in placements::list(conn, top.id)? {
                if placement.state()? == PlacementState::Placed && !holders.contains(&community.id) {
                    holders.push(community.id);
                }
            }
        }
        let message = Message {
            is_reply: !post.is_top(),
            is_announcement: is_announcement(conn, &top, home.as_ref())?,
        };
        let named = named(conn, &post)?;
        let original = if post.is_top() { republications::find_original(conn, post.id)? } else { None };
        let original = original.map(|id| posts::find(conn, id)).transpose()?.flatten();
        let hiding = if post.is_top() { None } else { Hiding::load(conn, &top, now)? };
        Ok(Some(Self { post, author, home, holders, message, named, original, hiding }))
    }
}

fn is_announcement(conn: &mut Conn, top: &PostRow, home: Option<&ActorRow>) -> Result<bool> {
    let Some(home) = home else { return Ok(false) };
    let community = communities::find(conn, home.id)?;
    if community.map(|community| community.posting()).transpose()? == Some(Posting::Moderators) {
        return Ok(true);
    }
    let author = actors::find(conn, top.author_id)?.ok_or(Refusal::NotFound)?;
    moderating::moderates(conn, home, &author)
}

/// The persons of here that a message addresses or answers.
fn named(conn: &mut Conn, post: &PostRow) -> Result<HashSet<i64>> {
    let recipients = posts::list_recipients(conn, post.id)?;
    let mut named: HashSet<i64> = recipients.into_iter().filter(|row| row.local).map(|row| row.id).collect();
    if let Some(parent) = post.parent_id.map(|id| posts::find(conn, id)).transpose()?.flatten()
        && parent.local
    {
        named.insert(parent.author_id);
    }
    named.remove(&post.author_id);
    Ok(named)
}

/// A person for mail, as they stand to a message.
pub(crate) struct Reader {
    pub address: AddressRow,
    /// All accounts of the address, oldest first.
    pub accounts: Vec<i64>,
    /// Their memberships in the communities that hold the thread.
    pub memberships: Vec<Membership>,
    /// In which mode they are told; none where they are not.
    pub mode: Option<Mode>,
}

/// How the persons of these addresses stand to a message. `joined_by`: memberships that are younger count nothing.
/// `owed_at`: since when they are owed it; what another instance took over since does not change that.
pub(crate) fn readers(
    conn: &mut Conn,
    case: &Case,
    address_ids: &[i64],
    joined_by: i64,
    owed_at: i64,
) -> Result<Vec<Reader>> {
    let mut persons: BTreeMap<i64, (AddressRow, Vec<i64>, Mode)> = BTreeMap::new();
    for (subscriber, address) in addresses::list_verified(conn, address_ids)? {
        let mode = subscriber.mode()?;
        let person = persons.entry(address.id).or_insert_with(|| (address, Vec::new(), Mode::None));
        person.1.push(subscriber.account_id);
        person.2 = person.2.min(mode);
    }
    let accounts: Vec<i64> = persons.values().flat_map(|(_, accounts, _)| accounts.clone()).collect();
    let home_id = case.home.as_ref().map(|home| home.id);
    let mut memberships: BTreeMap<i64, Vec<Membership>> = BTreeMap::new();
    for row in subscriptions::list_memberships(conn, &accounts, &case.holders)? {
        if row.since <= joined_by {
            memberships.entry(row.address_id).or_default().push(Membership {
                community: row.community_id,
                since: row.since,
                mode: row.mode,
                is_home: Some(row.community_id) == home_id,
            });
        }
    }
    let muting = subscriptions::list_muting(conn, &accounts, case.author.id)?;
    let following = if case.message.is_reply {
        subscriptions::list_following(conn, &accounts, case.post.thread_id)?
    } else {
        Vec::new()
    };
    let left =
        home_id.map(|home| subscriptions::list_left(conn, &accounts, home)).transpose()?.unwrap_or_default();
    let is_open = case.post.visibility()?.is_open();
    let handed = joints::list_handed(conn, address_ids)?;
    let told = joints::list_told(conn, &case.post.ap_id)?;
    let mut readers = Vec::new();
    for (id, (address, accounts, own_mode)) in persons {
        let memberships = memberships.remove(&id).unwrap_or_default();
        let any = |among: &[i64]| accounts.iter().any(|account| among.contains(account));
        let mut mode = decide_mode(
            case.message,
            Person {
                memberships: &memberships,
                is_author: accounts.contains(&case.author.id),
                has_muted: any(&muting),
                // By another account of the same address they may be a member still.
                has_original: has_original(conn, case, id, &accounts)?,
                has_left_home: any(&left) && !memberships.iter().any(|membership| membership.is_home),
                is_named: accounts.iter().any(|account| case.named.contains(account)),
                follows_thread: any(&following),
                own_mode,
            },
        );
        let taken = handed.iter().filter(|row| row.address_id == id && row.handed_at < Some(owed_at));
        let taken: Vec<i64> = taken.map(|row| row.community_id).collect();
        let is_theirs = is_told_by_home(case.message.is_reply, &case.holders, home_id, &taken);
        if is_theirs || told.contains(&id) {
            mode = None;
        }
        if mode.is_some() && !is_open && !any_may_read(conn, &case.post, &accounts)? {
            mode = None;
        }
        if mode.is_some() && is_hidden_from_all(conn, case, &accounts)? {
            mode = None;
        }
        readers.push(Reader { address, accounts, memberships, mode });
    }
    Ok(readers)
}

/// Whether a person has, or may read, the message that this one says again: they get no second copy.
fn has_original(conn: &mut Conn, case: &Case, address_id: i64, accounts: &[i64]) -> Result<bool> {
    let Some(original) = &case.original else { return Ok(false) };
    Ok(ledger::has(conn, address_id, original.id, MAIL)?
        || (original.is_live() && any_may_read(conn, original, accounts)?))
}

fn any_may_read(conn: &mut Conn, post: &PostRow, accounts: &[i64]) -> Result<bool> {
    for account in accounts {
        if readers::may_read(conn, post, Some(*account))? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a reply is hidden from all accounts of a person: by every community by which they come to its thread.
fn is_hidden_from_all(conn: &mut Conn, case: &Case, accounts: &[i64]) -> Result<bool> {
    let Some(hiding) = &case.hiding else { return Ok(false) };
    for account in accounts {
        if !hiding.hides_from(conn, &case.post, Some(*account))? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// One batch of a fan-out: the rows to write, and where the next one begins; none at the end.
struct Step {
    row: FanOutRow,
    lines: Vec<LedgerRow>,
    next: Option<(i64, i64)>,
}

/// Writes the next batch of rows that are owed; false where none are.
///
/// # Errors
/// Those of storage. What was not written is written when it is called again.
pub async fn fan_out_next(app: &App, desk: &Desk) -> Result<bool> {
    let (asked, at) = (app.clone(), desk.clone());
    // Read outside of the transaction that writes: what is not so any more is found before sending.
    let Some(step) = app.read(move |conn| next_step(conn, &asked, &at)).await? else { return Ok(false) };
    app.note(move |deed| {
        if !fan_outs::is_unchanged(deed.conn, &step.row)? {
            return Ok::<_, Error>(());
        }
        for line in &step.lines {
            if !ledger::put(deed.conn, line)? {
                ledger::upgrade(deed.conn, line)?;
            }
        }
        match step.next {
            Some((stage, reached)) => fan_outs::set_reached(deed.conn, step.row.id, stage, reached)?,
            None => fan_outs::remove(deed.conn, step.row.id)?,
        }
        Ok(())
    })
    .await?;
    Ok(true)
}

fn next_step(conn: &mut Conn, app: &App, desk: &Desk) -> Result<Option<Step>> {
    let Some(row) = fan_outs::first(conn)? else { return Ok(None) };
    let nothing = |row| Ok(Some(Step { row, lines: Vec::new(), next: None }));
    let Some(case) = Case::load(conn, row.post_id, app.now().0)? else { return nothing(row) };
    let mut lines = Vec::new();
    if row.stage == NAMED {
        notifications(conn, app, &case, &mut lines)?;
    }
    if desk.mail.is_none() {
        return Ok(Some(Step { row, lines, next: None }));
    }
    let is_reply = case.message.is_reply;
    let (found, next) = match row.stage {
        NAMED if is_reply => {
            let named: Vec<i64> = case.named.iter().copied().collect();
            (addresses::list_of_accounts(conn, &named)?, Some((THREAD_FOLLOWERS, 0)))
        }
        NAMED => (Vec::new(), Some((MEMBERS, 0))),
        THREAD_FOLLOWERS => {
            let accounts =
                subscriptions::list_thread_followers(conn, case.post.thread_id, row.reached, BATCH)?;
            let last = accounts.last().map(|last| (THREAD_FOLLOWERS, *last));
            (addresses::list_of_accounts(conn, &accounts)?, Some(last.unwrap_or((MEMBERS, 0))))
        }
        ONE => (vec![row.reached], None),
        _ => {
            // Replies go to the members of the home alone; where a thread stands no more, nobody is told.
            let home = case.home.as_ref().map(|home| home.id);
            let told = row.community_id.filter(|id| case.holders.contains(id));
            let Some(community) = told.filter(|id| !is_reply || Some(*id) == home) else {
                return nothing(row);
            };
            let members = subscriptions::list_willing(conn, community, row.reached, BATCH)?;
            let last = members.last().map(|last| (MEMBERS, last.follow_id));
            let mut ids: Vec<i64> = members.iter().map(|member| member.address_id).collect();
            ids.sort_unstable();
            ids.dedup();
            (ids, last)
        }
    };
    let slack = if row.stage == ONE { SKEW } else { 0 };
    let joined_by = if row.fetched { case.post.published_at.saturating_add(slack) } else { i64::MAX };
    for reader in readers(conn, &case, &found, joined_by, i64::MAX)? {
        let Some(mode) = reader.mode else { continue };
        lines.push(mail_line(app, desk, &case, reader.address.id, mode));
    }
    Ok(Some(Step { row, lines, next }))
}

fn notifications(conn: &mut Conn, app: &App, case: &Case, lines: &mut Vec<LedgerRow>) -> Result<()> {
    let named: Vec<i64> = case.named.iter().copied().collect();
    let muting = subscriptions::list_muting(conn, &named, case.author.id)?;
    for account in named.into_iter().filter(|account| !muting.contains(account)) {
        if addresses::find_subscriber(conn, account)?.is_some()
            && readers::may_read(conn, &case.post, Some(account))?
        {
            lines.push(line(app, case, account, NOTIFICATION, Mode::Immediate, app.now().0));
        }
    }
    Ok(())
}

/// What a person is owed of a message by mail.
pub(crate) fn mail_line(app: &App, desk: &Desk, case: &Case, address_id: i64, mode: Mode) -> LedgerRow {
    let now = app.now();
    let mode = mode.after(now.0.saturating_sub(case.post.published_at));
    line(app, case, address_id, MAIL, mode, desk.due(now, mode).0)
}

fn line(app: &App, case: &Case, person_id: i64, channel: &str, mode: Mode, due_at: i64) -> LedgerRow {
    LedgerRow {
        id: app.mint(),
        person_id,
        post_id: case.post.id,
        channel: channel.to_owned(),
        thread_id: case.post.thread_id,
        mode: mode.as_str().to_owned(),
        state: WAITING.to_owned(),
        due_at,
        retry_at: 0,
        attempts: 0,
        list_id: None,
        created_at: app.now().0,
        sent_at: None,
    }
}
