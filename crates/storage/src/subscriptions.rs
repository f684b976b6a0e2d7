//! What local people want to hear: of communities, of persons, of threads. Who follows whom is in `follows`.

use crate::dialect::{among_on_backend, on_backend};
use crate::schema::{addresses, follows, mutes, subscribers, subscriptions, thread_follows};
use crate::{Conn, Error, Result};
use clocher_domain::ledger::Mode;
use clocher_domain::membership::Standing;
use diesel::prelude::*;

/// What an account asked for a community.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = subscriptions, treat_none_as_default_value = false)]
pub struct SubscriptionRow {
    /// The account.
    pub account_id: i64,
    /// The community.
    pub community_id: i64,
    /// A [`Mode`]; none for the account's own. Read it with [`SubscriptionRow::mode`].
    pub mode: Option<String>,
    /// Whether the timeline leaves it out.
    pub quiet: bool,
    /// When the account left it: threads whose home it is come by no other list.
    pub left_at: Option<i64>,
}

impl SubscriptionRow {
    /// The mode that was asked for.
    ///
    /// # Errors
    /// [`Error::Corrupt`].
    pub fn mode(&self) -> Result<Option<Mode>> {
        parse(self.mode.as_deref(), self.account_id)
    }
}

fn parse(name: Option<&str>, account_id: i64) -> Result<Option<Mode>> {
    let corrupt = Error::Corrupt { table: "subscriptions", column: "mode", id: account_id };
    name.map(|name| Mode::parse(name).ok_or(corrupt)).transpose()
}

/// A membership of an account that has an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberRow {
    /// The follow.
    pub follow_id: i64,
    /// The account.
    pub account_id: i64,
    /// Its address.
    pub address_id: i64,
    /// The community.
    pub community_id: i64,
    /// Since when.
    pub since: i64,
    /// The mode that holds for it.
    pub mode: Mode,
}

/// What an account asked for a community.
pub fn find(conn: &mut Conn, account_id: i64, community_id: i64) -> Result<Option<SubscriptionRow>> {
    Ok(on_backend!(conn, c => subscriptions::table.find((account_id, community_id)).first(c)).optional()?)
}

/// Everything that an account asked for communities.
pub fn list(conn: &mut Conn, account_id: i64) -> Result<Vec<SubscriptionRow>> {
    Ok(subscriptions::table
        .filter(subscriptions::account_id.eq(account_id))
        .order(subscriptions::community_id)
        .load(conn)?)
}

/// Replaces what an account asked for a community.
pub fn put(conn: &mut Conn, row: &SubscriptionRow) -> Result<()> {
    diesel::delete(subscriptions::table.find((row.account_id, row.community_id))).execute(conn)?;
    diesel::insert_into(subscriptions::table).values(row).execute(conn)?;
    Ok(())
}

/// Removes what an account asked for a community; nothing where there was nothing.
pub fn remove(conn: &mut Conn, account_id: i64, community_id: i64) -> Result<()> {
    diesel::delete(subscriptions::table.find((account_id, community_id))).execute(conn)?;
    Ok(())
}

type Found = (i64, i64, i64, i64, i64, Option<String>, String);

fn member(found: Found) -> Result<MemberRow> {
    let (follow_id, account_id, address_id, community_id, since, mode, own) = found;
    let corrupt = Error::Corrupt { table: "subscribers", column: "mode", id: account_id };
    let own = Mode::parse(&own).ok_or(corrupt)?;
    let mode = parse(mode.as_deref(), account_id)?.unwrap_or(own);
    Ok(MemberRow { follow_id, account_id, address_id, community_id, since, mode })
}

#[diesel::dsl::auto_type]
fn asked() -> _ {
    subscriptions::account_id
        .eq(follows::follower_id)
        .and(subscriptions::community_id.eq(follows::followed_id))
}

type Columns = (
    follows::id,
    follows::follower_id,
    subscribers::address_id,
    follows::followed_id,
    follows::created_at,
    diesel::dsl::Nullable<subscriptions::mode>,
    subscribers::mode,
);

fn columns() -> Columns {
    use diesel::NullableExpressionMethods;
    (
        follows::id,
        follows::follower_id,
        subscribers::address_id,
        follows::followed_id,
        follows::created_at,
        subscriptions::mode.nullable(),
        subscribers::mode,
    )
}

/// The accepted members of a community with a verified address and in any mode but `none`, by their follow, above the
/// follow `after`, at most `limit`.
pub fn list_willing(conn: &mut Conn, community_id: i64, after: i64, limit: i64) -> Result<Vec<MemberRow>> {
    let none = Mode::None.as_str();
    let found: Vec<Found> = on_backend!(conn, c => follows::table
        .inner_join(subscribers::table.on(subscribers::account_id.eq(follows::follower_id)))
        .inner_join(addresses::table.on(addresses::id.eq(subscribers::address_id)))
        .left_join(subscriptions::table.on(asked()))
        .filter(follows::followed_id.eq(community_id).and(follows::standing.eq(Standing::Accepted.as_str())))
        .filter(follows::id.gt(after))
        .filter(addresses::verified_at.is_not_null())
        .filter(subscriptions::mode.ne(none).or(subscriptions::mode.is_null().and(subscribers::mode.ne(none))))
        .order(follows::id)
        .limit(limit)
        .select(columns())
        .load(c))?;
    found.into_iter().map(member).collect()
}

/// The accepted memberships of these accounts in these communities.
pub fn list_memberships(
    conn: &mut Conn,
    account_ids: &[i64],
    community_ids: &[i64],
) -> Result<Vec<MemberRow>> {
    let found: Vec<Found> = among_on_backend!(conn, follows::follower_id, account_ids, (c, among) => follows::table
        .inner_join(subscribers::table.on(subscribers::account_id.eq(follows::follower_id)))
        .left_join(subscriptions::table.on(asked()))
        .filter(among)
        .filter(follows::followed_id.eq_any(community_ids))
        .filter(follows::standing.eq(Standing::Accepted.as_str()))
        .order(follows::id)
        .select(columns())
        .load(c))?;
    found.into_iter().map(member).collect()
}

/// Which of these accounts left a community, and are not its members again.
pub fn list_left(conn: &mut Conn, account_ids: &[i64], community_id: i64) -> Result<Vec<i64>> {
    Ok(among_on_backend!(conn, subscriptions::account_id, account_ids, (c, among) => subscriptions::table
        .filter(among)
        .filter(subscriptions::community_id.eq(community_id).and(subscriptions::left_at.is_not_null()))
        .select(subscriptions::account_id)
        .load(c))?)
}

/// An account wants to hear nothing of an actor; a second time changes nothing.
pub fn put_mute(conn: &mut Conn, account_id: i64, actor_id: i64, now: i64) -> Result<()> {
    on_backend!(conn, c => diesel::insert_into(mutes::table)
        .values((mutes::account_id.eq(account_id), mutes::actor_id.eq(actor_id), mutes::created_at.eq(now)))
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(())
}

/// An account wants to hear an actor again.
pub fn remove_mute(conn: &mut Conn, account_id: i64, actor_id: i64) -> Result<()> {
    diesel::delete(mutes::table.find((account_id, actor_id))).execute(conn)?;
    Ok(())
}

/// Whom an account wants to hear nothing of, first muted first.
pub fn list_muted(conn: &mut Conn, account_id: i64) -> Result<Vec<i64>> {
    Ok(mutes::table
        .filter(mutes::account_id.eq(account_id))
        .order((mutes::created_at, mutes::actor_id))
        .select(mutes::actor_id)
        .load(conn)?)
}

/// Which of these accounts want to hear nothing of an actor.
pub fn list_muting(conn: &mut Conn, account_ids: &[i64], actor_id: i64) -> Result<Vec<i64>> {
    Ok(among_on_backend!(conn, mutes::account_id, account_ids, (c, among) => mutes::table
        .filter(among)
        .filter(mutes::actor_id.eq(actor_id))
        .select(mutes::account_id)
        .load(c))?)
}

/// An account follows a thread; a second time changes nothing.
pub fn put_thread_follow(conn: &mut Conn, account_id: i64, thread_id: i64, now: i64) -> Result<()> {
    on_backend!(conn, c => diesel::insert_into(thread_follows::table)
        .values((
            thread_follows::account_id.eq(account_id),
            thread_follows::thread_id.eq(thread_id),
            thread_follows::created_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(())
}

/// An account follows a thread no more.
pub fn remove_thread_follow(conn: &mut Conn, account_id: i64, thread_id: i64) -> Result<()> {
    diesel::delete(thread_follows::table.find((account_id, thread_id))).execute(conn)?;
    Ok(())
}

/// Which of these accounts follow a thread.
pub fn list_following(conn: &mut Conn, account_ids: &[i64], thread_id: i64) -> Result<Vec<i64>> {
    Ok(among_on_backend!(conn, thread_follows::account_id, account_ids, (c, among) => thread_follows::table
        .filter(among)
        .filter(thread_follows::thread_id.eq(thread_id))
        .select(thread_follows::account_id)
        .load(c))?)
}

/// The accounts that follow a thread, above the account `after`, at most `limit`.
pub fn list_thread_followers(conn: &mut Conn, thread_id: i64, after: i64, limit: i64) -> Result<Vec<i64>> {
    Ok(thread_follows::table
        .filter(thread_follows::thread_id.eq(thread_id).and(thread_follows::account_id.gt(after)))
        .order(thread_follows::account_id)
        .limit(limit)
        .select(thread_follows::account_id)
        .load(conn)?)
}
