//! Addresses that stand on two instances and were joined by their holders: of the two, the home alone tells of the
//! communities that were handed over.
//!
//! One row at each end. What the ends say to each other is in `federation`.

use crate::dialect::{among_on_backend, on_backend};
use crate::schema::{
    actors, addresses, joint_communities, joints, ledger, placements, posts, told_elsewhere,
};
use crate::{Conn, Error, Result};
use clocher_domain::audience::Visibility;
use clocher_domain::joint::JointState;
use clocher_domain::ledger::Mode;
use clocher_domain::placement::PlacementState;
use diesel::prelude::*;

/// One end of a joint. Instants are milliseconds since the Unix epoch.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = joints, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct JointRow {
    /// Minted here.
    pub id: i64,
    /// What both ends call it: the hash of its ticket.
    pub key: String,
    /// Whether this instance is the home, which sends.
    pub is_home: bool,
    /// The address, of here.
    pub address_id: i64,
    /// The account of here: of the home, the one that follows; of the other, the one that asked.
    pub account_id: i64,
    /// The domain of the other instance.
    pub domain: String,
    /// Who speaks for the other end: the person of the home, or the instance actor of the other.
    pub partner_id: Option<i64>,
    /// Of the home, the ticket that its holder brought from the other instance.
    pub ticket: Option<String>,
    /// A [`JointState`]; read it with [`JointRow::state`].
    pub state: String,
    /// When it was asked for.
    pub created_at: i64,
    /// Until when its holder may confirm it.
    pub expires_at: i64,
    /// When the mail that asks its holder went out.
    pub mailed_at: Option<i64>,
    /// Since when it is in its state.
    pub changed_at: i64,
}

impl JointRow {
    /// How far it has come.
    ///
    /// # Errors
    /// [`Error::Corrupt`].
    pub fn state(&self) -> Result<JointState> {
        JointState::parse(&self.state).ok_or(Error::Corrupt { table: "joints", column: "state", id: self.id })
    }
}

/// A community of a joint.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = joint_communities, treat_none_as_default_value = false)]
pub struct JointCommunityRow {
    /// The joint.
    pub joint_id: i64,
    /// The community, of here or elsewhere.
    pub community_id: i64,
    /// A [`Mode`], that of the second instance; read it with [`JointCommunityRow::mode`].
    pub mode: String,
    /// Of the home: whether the account was a member before, and is told as it was.
    pub was_member: bool,
    /// Since when the home asks to follow it.
    pub listed_at: i64,
    /// Since when the home tells of it; none where it does not.
    pub handed_at: Option<i64>,
}

impl JointCommunityRow {
    /// In which mode.
    ///
    /// # Errors
    /// [`Error::Corrupt`].
    pub fn mode(&self) -> Result<Mode> {
        let corrupt = Error::Corrupt { table: "joint_communities", column: "mode", id: self.joint_id };
        Mode::parse(&self.mode).ok_or(corrupt)
    }
}

/// Adds a joint.
pub fn put(conn: &mut Conn, row: &JointRow) -> Result<()> {
    diesel::insert_into(joints::table).values(row).execute(conn)?;
    Ok(())
}

/// Stores a joint that changed.
pub fn update(conn: &mut Conn, row: &JointRow) -> Result<()> {
    diesel::update(joints::table.find(row.id)).set(row).execute(conn)?;
    Ok(())
}

/// Removes a joint, with its communities.
pub fn remove(conn: &mut Conn, id: i64) -> Result<()> {
    diesel::delete(joint_communities::table.filter(joint_communities::joint_id.eq(id))).execute(conn)?;
    diesel::delete(joints::table.find(id)).execute(conn)?;
    Ok(())
}

/// The joint with that id.
pub fn find(conn: &mut Conn, id: i64) -> Result<Option<JointRow>> {
    Ok(joints::table.find(id).first(conn).optional()?)
}

/// The joint that both ends call so.
pub fn find_by_key(conn: &mut Conn, key: &str) -> Result<Option<JointRow>> {
    Ok(joints::table.filter(joints::key.eq(key)).first(conn).optional()?)
}

/// The joints of an address, oldest first.
pub fn list_of_address(conn: &mut Conn, address_id: i64) -> Result<Vec<JointRow>> {
    Ok(joints::table.filter(joints::address_id.eq(address_id)).order(joints::id).load(conn)?)
}

/// The joints whose following account of here that is, oldest first.
pub fn list_of_home(conn: &mut Conn, account_id: i64) -> Result<Vec<JointRow>> {
    Ok(joints::table
        .filter(joints::account_id.eq(account_id).and(joints::is_home.eq(true)))
        .order(joints::id)
        .load(conn)?)
}

/// The joints in one of these states since before that instant, oldest first.
pub fn list_in(conn: &mut Conn, states: &[JointState], before: i64) -> Result<Vec<JointRow>> {
    let states: Vec<&str> = states.iter().map(|state| state.as_str()).collect();
    Ok(joints::table
        .filter(joints::state.eq_any(states).and(joints::changed_at.lt(before)))
        .order(joints::id)
        .load(conn)?)
}

/// The oldest joint whose holder is to be asked by mail.
pub fn first_unmailed(conn: &mut Conn, now: i64) -> Result<Option<JointRow>> {
    Ok(on_backend!(conn, c => joints::table
        .filter(joints::state.eq(JointState::Asked.as_str()).and(joints::mailed_at.is_null()))
        .filter(joints::expires_at.gt(now))
        .order(joints::id)
        .first(c))
    .optional()?)
}

/// Records that the mail that asks its holder went out.
pub fn set_mailed(conn: &mut Conn, id: i64, now: i64) -> Result<()> {
    diesel::update(joints::table.find(id)).set(joints::mailed_at.eq(Some(now))).execute(conn)?;
    Ok(())
}

/// Removes the joints, older than that instant, whose holders were not asked by a mail; gives how many.
pub fn remove_unmailed(conn: &mut Conn, before: i64) -> Result<usize> {
    let unmailed = joints::table
        .filter(joints::state.eq(JointState::Asked.as_str()).and(joints::mailed_at.is_null()))
        .filter(joints::created_at.lt(before));
    Ok(diesel::delete(unmailed).execute(conn)?)
}

/// Adds a community to a joint, or replaces what stands of it.
pub fn put_community(conn: &mut Conn, row: &JointCommunityRow) -> Result<()> {
    diesel::delete(joint_communities::table.find((row.joint_id, row.community_id))).execute(conn)?;
    diesel::insert_into(joint_communities::table).values(row).execute(conn)?;
    Ok(())
}

/// The communities of a joint.
pub fn list_communities(conn: &mut Conn, joint_id: i64) -> Result<Vec<JointCommunityRow>> {
    Ok(joint_communities::table
        .filter(joint_communities::joint_id.eq(joint_id))
        .order(joint_communities::community_id)
        .load(conn)?)
}

/// Removes the communities of a joint.
pub fn remove_communities(conn: &mut Conn, joint_id: i64) -> Result<()> {
    diesel::delete(joint_communities::table.filter(joint_communities::joint_id.eq(joint_id)))
        .execute(conn)?;
    Ok(())
}

/// A community of which another instance tells an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Queryable)]
pub struct HandedRow {
    /// The address.
    pub address_id: i64,
    /// The community.
    pub community_id: i64,
    /// Since when.
    pub handed_at: Option<i64>,
}

/// The communities that other instances tell these addresses of. One whose person is gone tells nobody.
pub fn list_handed(conn: &mut Conn, address_ids: &[i64]) -> Result<Vec<HandedRow>> {
    let handed = [JointState::Handed.as_str(), JointState::Ending.as_str()];
    Ok(among_on_backend!(conn, addresses::id, address_ids, (c, among) => joints::table
        .inner_join(addresses::table.on(addresses::id.eq(joints::address_id)))
        .inner_join(joint_communities::table.on(joint_communities::joint_id.eq(joints::id)))
        .inner_join(actors::table.on(actors::id.nullable().eq(joints::partner_id)))
        .filter(among)
        .filter(addresses::home.is_not_null())
        .filter(joints::is_home.eq(false).and(joints::state.eq_any(handed)))
        .filter(joint_communities::handed_at.is_not_null())
        .filter(actors::deleted_at.is_null().and(actors::suspended_at.is_null()))
        .select((joints::address_id, joint_communities::community_id, joint_communities::handed_at))
        .load(c))?)
}

/// Records that other instances told an address of these messages.
pub fn put_told(conn: &mut Conn, address_id: i64, ap_ids: &[String], now: i64) -> Result<()> {
    for ap_id in ap_ids {
        let row = (
            told_elsewhere::address_id.eq(address_id),
            told_elsewhere::ap_id.eq(ap_id),
            told_elsewhere::created_at.eq(now),
        );
        on_backend!(conn, c => diesel::insert_into(told_elsewhere::table)
            .values(row)
            .on_conflict_do_nothing()
            .execute(c))?;
    }
    Ok(())
}

/// Forgets what other instances told an address of.
pub fn remove_told(conn: &mut Conn, address_id: i64) -> Result<()> {
    diesel::delete(told_elsewhere::table.filter(told_elsewhere::address_id.eq(address_id))).execute(conn)?;
    Ok(())
}

/// Forgets what other instances told before that instant.
pub fn remove_told_before(conn: &mut Conn, before: i64) -> Result<()> {
    diesel::delete(told_elsewhere::table.filter(told_elsewhere::created_at.lt(before))).execute(conn)?;
    Ok(())
}

/// Which addresses other instances told of a message.
pub fn list_told(conn: &mut Conn, ap_id: &str) -> Result<Vec<i64>> {
    Ok(on_backend!(conn, c => told_elsewhere::table
        .filter(told_elsewhere::ap_id.eq(ap_id))
        .select(told_elsewhere::address_id)
        .load(c))?)
}

/// The newest public messages of which an address was told by mail or is to be, at most `limit`: their ActivityPub ids.
pub fn list_telling(conn: &mut Conn, address_id: i64, limit: i64) -> Result<Vec<String>> {
    Ok(ledger::table
        .inner_join(posts::table.on(posts::id.eq(ledger::post_id)))
        .filter(ledger::person_id.eq(address_id).and(ledger::channel.eq(crate::ledger::MAIL)))
        .filter(posts::visibility.eq(Visibility::Public.as_str()))
        .order(ledger::id.desc())
        .limit(limit)
        .select(posts::ap_id)
        .load(conn)?)
}

/// What came to stand in a community since an instant, newest first, at most `limit`: what has its home there, and the
/// threads that were placed there.
pub fn list_shown_since(conn: &mut Conn, community_id: i64, since: i64, limit: i64) -> Result<Vec<i64>> {
    let mut ids: Vec<i64> = posts::table
        .filter(posts::home_id.eq(community_id).and(posts::received_at.ge(since)))
        .filter(posts::deleted_at.is_null())
        .order(posts::received_at.desc())
        .limit(limit)
        .select(posts::id)
        .load(conn)?;
    let placed: Vec<i64> = placements::table
        .filter(placements::community_id.eq(community_id).and(placements::created_at.ge(since)))
        .filter(placements::state.eq(PlacementState::Placed.as_str()))
        .order(placements::created_at.desc())
        .limit(limit)
        .select(placements::thread_id)
        .load(conn)?;
    ids.extend(placed);
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}
