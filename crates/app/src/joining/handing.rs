//! What the two ends of a joint say to each other, and what each does upon it.
//!
//! Whoever stops telling does so first, and says what was told: the other begins then, and makes up for what came in
//! between. So a message is told by one of them, whatever the order in which things arrive. Nobody but the two who speak
//! for the ends changes anything, and the second instance obeys no home that did not bring its ticket.

use super::{
    instance_actor, is_active, is_same, key_of, mark_of, others, owe_to, parting, proving, say, say_told,
    set_state,
};
use crate::app::Deed;
use crate::ledger::{self, Case, ONE};
use crate::received::{Outcome, Received};
use crate::{App, Error, Result, membership, readers};
use clocher_domain::actor::ActorKind;
use clocher_domain::joint::{JointState, JointStep, MAX_COMMUNITIES, MAX_TOLD, may_hand_over};
use clocher_domain::ledger::Mode;
use clocher_domain::membership::Standing;
use clocher_domain::time::DAY;
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::joints::{self, JointCommunityRow, JointRow};
use clocher_storage::subscriptions::{self, SubscriptionRow};
use clocher_storage::{Conn, addresses, fan_outs, follows, ledger as rows};
use std::collections::BTreeMap;

/// For how long it is remembered what another instance told, in milliseconds.
const TOLD: i64 = 90 * DAY;
/// Most fan-outs that are looked at for whom an address is handed over.
const MOST_PENDING: i64 = 500;

/// What one end says.
#[derive(Clone, Debug)]
pub struct Statement {
    /// Who says it.
    pub sender: ActorRow,
    /// The domain of the other end.
    pub domain: String,
    /// What both call the joint.
    pub key: String,
    /// The ticket, and the mark of the mailbox.
    pub ticket: Option<(String, String)>,
    /// Communities, by their ActivityPub ids, with their modes.
    pub communities: Vec<(String, Mode)>,
}

/// What an end of a joint has to say now; none where it is over.
///
/// # Errors
/// Those of storage.
pub fn statement(
    conn: &mut Conn,
    instance_actor_id: i64,
    joint_id: i64,
    step: JointStep,
) -> Result<Option<Statement>> {
    let Some(joint) = joints::find(conn, joint_id)?.filter(|row| row.is_home == step.is_of_home()) else {
        return Ok(None);
    };
    let speaker = if joint.is_home { joint.account_id } else { instance_actor_id };
    let (Some(sender), Some(address)) =
        (actors::find(conn, speaker)?, addresses::find(conn, joint.address_id)?)
    else {
        return Ok(None);
    };
    let mut communities = Vec::new();
    match step {
        JointStep::List => {
            for (id, mode) in listing(conn, address.id)? {
                communities.extend(actors::find(conn, id)?.map(|row| (row.ap_id, mode)));
            }
        }
        JointStep::Ready | JointStep::Handed => {
            for row in joints::list_communities(conn, joint.id)? {
                let says = match step {
                    JointStep::Ready => follows::is_accepted(conn, joint.account_id, row.community_id)?,
                    _ => row.handed_at.is_some(),
                };
                let community = actors::find(conn, row.community_id)?.filter(|_| says);
                let mode = row.mode()?;
                communities.extend(community.map(|community| (community.ap_id, mode)));
            }
        }
        JointStep::Begin | JointStep::Release | JointStep::Released => {}
    }
    let ticket = joint.ticket.filter(|_| step == JointStep::Begin);
    let ticket = ticket.map(|ticket| (ticket.clone(), mark_of(&ticket, true, &address.mail)));
    Ok(Some(Statement { sender, domain: joint.domain, key: joint.key, ticket, communities }))
}

/// The open communities that the accounts of an address are members of and get mail of, with the strongest mode. What is not
/// open is named to nobody else, and stays with this instance.
fn listing(conn: &mut Conn, address_id: i64) -> Result<Vec<(i64, Mode)>> {
    let mut wanted: BTreeMap<i64, Mode> = BTreeMap::new();
    for account in addresses::list_accounts(conn, address_id)? {
        let own = super::subscriber(conn, account)?.mode()?;
        for (follow, community) in follows::list_followed(conn, account)? {
            let is_one = community.kind()? == ActorKind::Group && follow.standing()? == Standing::Accepted;
            if !is_one || !community.is_active() || !readers::openness(conn, community.id)?.is_open() {
                continue;
            }
            let mode = mode_of(conn, account, community.id)?.unwrap_or(own);
            if mode != Mode::None {
                let known = wanted.entry(community.id).or_insert(mode);
                *known = mode.min(*known);
            }
        }
    }
    Ok(wanted.into_iter().take(MAX_COMMUNITIES).collect())
}

fn mode_of(conn: &mut Conn, account_id: i64, community_id: i64) -> Result<Option<Mode>> {
    let row = subscriptions::find(conn, account_id, community_id)?;
    Ok(row.as_ref().map(SubscriptionRow::mode).transpose()?.flatten())
}

/// What another instance said of a joint. Lists are bounded by whoever read it.
#[derive(Clone, Debug)]
pub struct Heard {
    /// What both call the joint; of a beginning, the hash of its ticket is what counts.
    pub key: String,
    /// What it says.
    pub step: JointStep,
    /// The ticket, and the mark of the mailbox.
    pub ticket: Option<(String, String)>,
    /// Communities, by their ActivityPub ids, with their modes.
    pub communities: Vec<(String, Mode)>,
    /// Messages that were told, by their ActivityPub ids.
    pub told: Vec<String>,
    /// Messages that are told no more, likewise.
    pub owed: Vec<String>,
}

/// Whether that actor may list the communities of that joint: else nobody is asked for them.
///
/// # Errors
/// Those of storage.
pub async fn expects(app: &App, key: &str, sender: &ActorRow) -> Result<bool> {
    let (asked, key, sender) = (app.clone(), key.to_owned(), sender.clone());
    app.read(move |conn| {
        let joint = joints::find_by_key(conn, &key)?;
        Ok::<_, Error>(joint.is_some_and(|joint| joint.is_home && is_second(&asked, &joint, &sender)))
    })
    .await
}

fn is_second(app: &App, joint: &JointRow, sender: &ActorRow) -> bool {
    sender.ap_id == instance_actor(app, &joint.domain) && sender.kind == ActorKind::Application.as_str()
}

/// The other end of a joint says something. What anybody else says changes nothing.
///
/// # Errors
/// Those of storage.
pub async fn receive(app: &App, received: Received, sender: ActorRow, heard: Heard) -> Result<Outcome> {
    let _counter = app.counter().await;
    let instance_secret = app.instance().await?.secret.clone();
    app.write(move |deed| {
        let key = heard.ticket.as_ref().map_or_else(|| heard.key.clone(), |(ticket, _)| key_of(ticket));
        let Some(joint) = joints::find_by_key(deed.conn, &key)? else { return Ok(Outcome::NotOurs) };
        let may_say = match heard.step {
            JointStep::Begin => may_begin(deed, &joint, &sender, &heard, &instance_secret)?,
            step if step.is_of_home() => !joint.is_home && joint.partner_id == Some(sender.id),
            _ => joint.is_home && is_second(deed.app, &joint, &sender),
        };
        if !may_say {
            return Ok(Outcome::NotOurs);
        }
        if !received.is_first(deed)? {
            return Ok(Outcome::Known);
        }
        match heard.step {
            // It did not hear the answer.
            JointStep::Begin if joint.state()? != JointState::Confirmed => {
                say(deed, joint.id, JointStep::List)?;
            }
            JointStep::Begin => {
                let joint = JointRow { partner_id: Some(sender.id), ..joint };
                let joint = set_state(deed, &joint, JointState::Begun)?;
                say(deed, joint.id, JointStep::List)?;
            }
            JointStep::List => listed(deed, &joint, sender.id, &heard.communities)?,
            JointStep::Ready => hand_over(deed, &joint, &heard.communities)?,
            JointStep::Handed => take_over(deed, &joint, &heard)?,
            JointStep::Release => parting::stop(deed, &joint)?,
            JointStep::Released => parting::take_back(deed, &joint, &heard.told, &heard.owed)?,
        }
        Ok::<_, Error>(Outcome::Recorded)
    })
    .await
}

/// A person of the very server that the holder named brings the ticket, once, and means the same mailbox.
fn may_begin(
    deed: &mut Deed<'_>,
    joint: &JointRow,
    sender: &ActorRow,
    heard: &Heard,
    instance_secret: &str,
) -> Result<bool> {
    let Some((ticket, mark)) = &heard.ticket else { return Ok(false) };
    let Some(address) = addresses::find(deed.conn, joint.address_id)? else { return Ok(false) };
    let is_new = joint.state()? == JointState::Confirmed && joint.expires_at > deed.now();
    let is_again = matches!(joint.state()?, JointState::Begun | JointState::Handed)
        && joint.partner_id == Some(sender.id);
    let is_expected = !joint.is_home
        && (is_new || is_again)
        && is_same(ticket, &proving::ticket_of(instance_secret, joint.id))
        && is_same(mark, &mark_of(ticket, true, &address.mail));
    let is_theirs = sender.host == joint.domain && sender.kind == ActorKind::Person.as_str();
    let mut rows = joints::list_of_address(deed.conn, address.id)?;
    rows.retain(|row| row.id != joint.id);
    Ok(is_expected && is_theirs && may_hand_over(&others(&rows)?, &joint.domain))
}

/// The home asks to follow what the second instance lists. Its account is told nothing of it by mail before it is handed
/// over: the second instance tells of it until then.
fn listed(
    deed: &mut Deed<'_>,
    joint: &JointRow,
    sender_id: i64,
    communities: &[(String, Mode)],
) -> Result<()> {
    if matches!(joint.state()?, JointState::Asked | JointState::Ending | JointState::Ended) {
        return Ok(());
    }
    let is_handed = joint.state()? == JointState::Handed;
    let joint = JointRow { partner_id: Some(sender_id), ticket: None, ..joint.clone() };
    let joint = set_state(deed, &joint, if is_handed { JointState::Handed } else { JointState::Begun })?;
    if !is_active(deed.conn, joint.account_id)? {
        return Ok(());
    }
    let known = joints::list_communities(deed.conn, joint.id)?;
    for (ap_id, mode) in communities.iter().take(MAX_COMMUNITIES.saturating_sub(known.len())) {
        let community = actors::find_by_ap_id(deed.conn, ap_id)?.filter(ActorRow::is_active);
        let Some(community) = community.filter(|row| row.kind == ActorKind::Group.as_str()) else { continue };
        let is_known = known.iter().any(|row| row.community_id == community.id);
        if is_known || !readers::openness(deed.conn, community.id)?.is_open() {
            continue;
        }
        let was_member = follows::find(deed.conn, joint.account_id, community.id)?.is_some();
        let listed_at = deed.now();
        if !was_member {
            match membership::join_in(deed, joint.account_id, community.id) {
                Ok(_) => set_mode(deed, joint.account_id, community.id, Mode::None)?,
                Err(Error::Refused(_)) => continue,
                Err(error) => return Err(error),
            }
        }
        let row = JointCommunityRow {
            joint_id: joint.id,
            community_id: community.id,
            mode: mode.as_str().to_owned(),
            was_member,
            listed_at,
            handed_at: None,
        };
        joints::put_community(deed.conn, &row)?;
    }
    advance(deed, &joint, false)
}

fn set_mode(deed: &mut Deed<'_>, account_id: i64, community_id: i64, mode: Mode) -> Result<()> {
    let nothing = SubscriptionRow { account_id, community_id, mode: None, quiet: false, left_at: None };
    let row = subscriptions::find(deed.conn, account_id, community_id)?.unwrap_or(nothing);
    let row = SubscriptionRow { mode: Some(mode.as_str().to_owned()), ..row };
    Ok(subscriptions::put(deed.conn, &row)?)
}

/// The home says that it is ready, once every community has answered, or where it waits no longer.
pub(super) fn advance(deed: &mut Deed<'_>, joint: &JointRow, waits_no_longer: bool) -> Result<()> {
    for row in joints::list_communities(deed.conn, joint.id)? {
        let follow = follows::find(deed.conn, joint.account_id, row.community_id)?;
        let is_open = follow.map(|follow| follow.standing()).transpose()? == Some(Standing::Requested);
        if is_open && row.handed_at.is_none() && !waits_no_longer {
            return Ok(());
        }
    }
    say(deed, joint.id, JointStep::Ready)
}

/// Another server answered a request of somebody of here to follow: a joint may have waited for it.
pub(crate) fn note_answer(deed: &mut Deed<'_>, account_id: i64, community_id: i64) -> Result<()> {
    for joint in joints::list_of_home(deed.conn, account_id)? {
        let of_joint = joints::list_communities(deed.conn, joint.id)?;
        let waits = of_joint.iter().any(|row| row.community_id == community_id && row.handed_at.is_none());
        if waits && matches!(joint.state()?, JointState::Begun | JointState::Handed) {
            advance(deed, &joint, false)?;
        }
    }
    Ok(())
}

/// Somebody of here asked for something else: the home of their address is to know what it is to follow.
pub(crate) fn note_subscribed(deed: &mut Deed<'_>, account_id: i64) -> Result<()> {
    let Some(subscriber) = addresses::find_subscriber(deed.conn, account_id)? else { return Ok(()) };
    for joint in joints::list_of_address(deed.conn, subscriber.address_id)? {
        if !joint.is_home && matches!(joint.state()?, JointState::Begun | JointState::Handed) {
            say(deed, joint.id, JointStep::List)?;
        }
    }
    Ok(())
}

/// The second instance hands over what the home follows. What it owes of before, it tells itself: those lines are written
/// now, and none after.
fn hand_over(deed: &mut Deed<'_>, joint: &JointRow, communities: &[(String, Mode)]) -> Result<()> {
    let Some(partner_id) =
        joint.partner_id.filter(|_| matches!(joint.state(), Ok(JointState::Begun | JointState::Handed)))
    else {
        return Ok(());
    };
    write_pending(deed, joint.address_id)?;
    let (known, wanted) =
        (joints::list_communities(deed.conn, joint.id)?, listing(deed.conn, joint.address_id)?);
    for (ap_id, _) in communities {
        let Some(community) = actors::find_by_ap_id(deed.conn, ap_id)? else { continue };
        let Some((_, mode)) = wanted.iter().find(|(id, _)| *id == community.id) else { continue };
        // Of ours, we know ourselves who follows.
        let is_had = !community.local || follows::is_accepted(deed.conn, partner_id, community.id)?;
        if !is_had || known.iter().any(|row| row.community_id == community.id) {
            continue;
        }
        let now = deed.now();
        let row = JointCommunityRow {
            joint_id: joint.id,
            community_id: community.id,
            mode: mode.as_str().to_owned(),
            was_member: true,
            listed_at: now,
            handed_at: Some(now),
        };
        joints::put_community(deed.conn, &row)?;
    }
    addresses::set_home(deed.conn, joint.address_id, Some(&joint.domain))?;
    let joint = set_state(deed, joint, JointState::Handed)?;
    say_told(deed, &joint, JointStep::Handed, Vec::new())
}

/// Writes into the ledger what an address is owed by fan-outs that are not done.
fn write_pending(deed: &mut Deed<'_>, address_id: i64) -> Result<()> {
    let now = deed.now();
    for fan_out in fan_outs::list(deed.conn, MOST_PENDING)? {
        if fan_out.stage == ONE && fan_out.reached != address_id {
            continue;
        }
        let Some(case) = Case::load(deed.conn, fan_out.post_id, now)? else { continue };
        let joined_by = if fan_out.fetched { case.post.published_at } else { i64::MAX };
        for reader in ledger::readers(deed.conn, &case, &[address_id], joined_by, i64::MAX)? {
            if let Some(mode) = reader.mode {
                let line = ledger::mail_line(deed.app, &deed.app.desk(), &case, address_id, mode);
                rows::put(deed.conn, &line)?;
            }
        }
    }
    Ok(())
}

/// The home tells of what was handed over from now on, and makes up for what came since it asked.
fn take_over(deed: &mut Deed<'_>, joint: &JointRow, heard: &Heard) -> Result<()> {
    if !matches!(joint.state()?, JointState::Begun | JointState::Handed) {
        return Ok(());
    }
    let now = deed.now();
    note_told(deed, joint.address_id, &heard.told)?;
    for row in joints::list_communities(deed.conn, joint.id)? {
        let Some(community) = actors::find(deed.conn, row.community_id)? else { continue };
        if row.handed_at.is_some() || !heard.communities.iter().any(|(id, _)| *id == community.ap_id) {
            continue;
        }
        let has = mode_of(deed.conn, joint.account_id, community.id)?;
        let has = match has {
            Some(mode) => mode,
            None => super::subscriber(deed.conn, joint.account_id)?.mode()?,
        };
        let mode = row.mode()?;
        // Who was a member already gets it in the stronger of both modes.
        if mode < has {
            set_mode(deed, joint.account_id, community.id, mode)?;
        }
        joints::put_community(deed.conn, &JointCommunityRow { handed_at: Some(now), ..row.clone() })?;
        let most = i64::try_from(MAX_TOLD).unwrap_or(i64::MAX);
        let shown = joints::list_shown_since(deed.conn, community.id, row.listed_at, most)?;
        owe_to(deed, joint.address_id, Some(community.id), &shown, true)?;
    }
    set_state(deed, joint, JointState::Handed)?;
    Ok(())
}

pub(super) fn note_told(deed: &mut Deed<'_>, address_id: i64, told: &[String]) -> Result<()> {
    let now = deed.now();
    joints::remove_told_before(deed.conn, now - TOLD)?;
    Ok(joints::put_told(deed.conn, address_id, told, now)?)
}

/// A restored database may have forgotten what was said since: both ends say it again.
pub(crate) fn resume(deed: &mut Deed<'_>) -> Result<()> {
    let states = [JointState::Confirmed, JointState::Begun, JointState::Handed, JointState::Ending];
    for joint in joints::list_in(deed.conn, &states, i64::MAX)? {
        let step = match (joint.is_home, joint.state()?) {
            (true, JointState::Confirmed) => JointStep::Begin,
            (true, _) => JointStep::Ready,
            (false, JointState::Ending) => JointStep::Release,
            (false, JointState::Confirmed) => continue,
            (false, _) => JointStep::List,
        };
        say(deed, joint.id, step)?;
    }
    Ok(())
}
