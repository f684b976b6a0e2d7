//! The end of a joint, by its holder at either end: the second instance tells again.
//!
//! The home stops first, and says what it told and what it owed; the second instance goes on from there. A home that does
//! not answer is not waited for longer than a day.

use super::handing::{advance, note_told};
use super::{is_entitled, owe_to, say, say_told, set_state, subscriber};
use crate::app::Deed;
use crate::{App, Error, Result, membership};
use clocher_domain::Refusal;
use clocher_domain::joint::{JointState, JointStep, MAX_TOLD, PATIENCE, UNDER_WAY};
use clocher_storage::joints::{self, JointRow};
use clocher_storage::{addresses, ledger, posts, subscriptions};

/// The holder of an account's address ends a joint of it. Ending it twice changes nothing.
///
/// # Errors
/// `NotFound` for a joint of another address.
pub async fn part(app: &App, account_id: i64, joint_id: i64) -> Result<()> {
    let _counter = app.counter().await;
    app.write(move |deed| {
        let subscriber = subscriber(deed.conn, account_id)?;
        let joint = joints::find(deed.conn, joint_id)?;
        let joint = joint.filter(|row| row.address_id == subscriber.address_id).ok_or(Refusal::NotFound)?;
        match (joint.state()?, joint.is_home) {
            (JointState::Asked | JointState::Confirmed, false) | (JointState::Asked, true) => {
                set_state(deed, &joint, JointState::Ended)?;
            }
            (JointState::Begun | JointState::Handed, false) => {
                set_state(deed, &joint, JointState::Ending)?;
                say(deed, joint.id, JointStep::Release)?;
            }
            (JointState::Confirmed | JointState::Begun | JointState::Handed, true) => stop(deed, &joint)?,
            (JointState::Ending | JointState::Ended, _) => {}
        }
        Ok::<_, Error>(())
    })
    .await
}

/// The home follows no more what it followed for the joint alone, and tells no more what it owed of it.
pub(super) fn stop(deed: &mut Deed<'_>, joint: &JointRow) -> Result<()> {
    let mut owed = Vec::new();
    if joint.state()? != JointState::Ended {
        for row in joints::list_communities(deed.conn, joint.id)? {
            if !row.was_member {
                membership::leave_in(deed, joint.account_id, row.community_id)?;
                // Leaving stops what other communities bring too: that was not asked for.
                subscriptions::remove(deed.conn, joint.account_id, row.community_id)?;
            }
        }
        let now = deed.now();
        let most = i64::try_from(MAX_TOLD).unwrap_or(i64::MAX);
        for row in ledger::list_waiting(deed.conn, joint.address_id, most)? {
            if !is_entitled(deed.conn, row.post_id, joint.address_id, now)? {
                ledger::remove(deed.conn, row.id)?;
                owed.extend(posts::find(deed.conn, row.post_id)?.map(|post| post.ap_id));
            }
        }
        joints::remove_communities(deed.conn, joint.id)?;
        set_state(deed, joint, JointState::Ended)?;
    }
    say_told(deed, joint, JointStep::Released, owed)
}

/// The second instance tells again, and makes up for what the home owed and for what was on its way.
pub(super) fn take_back(
    deed: &mut Deed<'_>,
    joint: &JointRow,
    told: &[String],
    owed: &[String],
) -> Result<()> {
    let state = joint.state()?;
    if !state.is_live() {
        return Ok(());
    }
    note_told(deed, joint.address_id, told)?;
    let asked = if state == JointState::Ending { joint.changed_at } else { deed.now() };
    let most = i64::try_from(MAX_TOLD).unwrap_or(i64::MAX);
    for row in joints::list_communities(deed.conn, joint.id)? {
        let Some(handed_at) = row.handed_at else { continue };
        let since = handed_at.max(asked - UNDER_WAY);
        let shown = joints::list_shown_since(deed.conn, row.community_id, since, most)?;
        owe_to(deed, joint.address_id, Some(row.community_id), &shown, true)?;
    }
    for ap_id in owed {
        if let Some(post) = posts::find_by_ap_id(deed.conn, ap_id)? {
            owe_to(deed, joint.address_id, post.home_id, &[post.id], false)?;
        }
    }
    joints::remove_communities(deed.conn, joint.id)?;
    addresses::set_home(deed.conn, joint.address_id, None)?;
    set_state(deed, joint, JointState::Ended)?;
    Ok(())
}

/// Goes on with the joints that waited long enough: for communities that do not answer, and for homes that do not.
///
/// # Errors
/// Those of storage.
pub async fn tick(app: &App) -> Result<()> {
    let before = app.now().0 - PATIENCE;
    let states = [JointState::Begun, JointState::Ending];
    let overdue = app.read(move |conn| joints::list_in(conn, &states, before)).await?;
    for found in overdue {
        let _counter = app.counter().await;
        app.write(move |deed| {
            let Some(joint) = joints::find(deed.conn, found.id)?.filter(|row| *row == found) else {
                return Ok::<_, Error>(());
            };
            match (joint.state()?, joint.is_home) {
                (JointState::Ending, false) => take_back(deed, &joint, &[], &[]),
                (JointState::Begun, true) => {
                    let joint = set_state(deed, &joint, JointState::Begun)?;
                    advance(deed, &joint, true)
                }
                _ => Ok(()),
            }
        })
        .await?;
    }
    Ok(())
}
