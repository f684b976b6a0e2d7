//! Communities: what a `Group` actor is besides an actor, and who moderates it.

use crate::actors::ActorRow;
use crate::dialect::on_backend;
use crate::schema::{accounts, actors, communities, follows, moderators};
use crate::{Conn, Error, Result};
use clocher_domain::actor::Role;
use clocher_domain::community::{CommunityKind, Openness, Posting};
use clocher_domain::placement::Reach;
use diesel::prelude::*;

/// A community of here or elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = communities, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct CommunityRow {
    /// The `Group` actor.
    pub actor_id: i64,
    /// The official area it stands for, as `commune:07186`; none for a topical community.
    pub territory: Option<String>,
    /// A [`Posting`]; read it with [`CommunityRow::posting`].
    pub posting: String,
    /// The number of members that the community of elsewhere says it has.
    pub members_claimed: Option<i64>,
    /// The collection of the moderators of a community of elsewhere.
    pub moderators_url: Option<String>,
    /// The collection of the threads that a community of elsewhere features.
    pub featured_url: Option<String>,
    /// How far threads go whose authors cannot say, a [`Reach`] as JSON; read it with
    /// [`CommunityRow::default_reach`].
    pub default_reach: Option<String>,
    /// The collection of the links of a community of elsewhere.
    pub links_url: Option<String>,
    /// An [`Openness`]; read it with [`CommunityRow::openness`].
    pub openness: String,
}

impl CommunityRow {
    /// Who may write in it.
    ///
    /// # Errors
    /// [`Error::Corrupt`].
    pub fn posting(&self) -> Result<Posting> {
        Posting::parse(&self.posting).ok_or(Error::Corrupt {
            table: "communities",
            column: "posting",
            id: self.actor_id,
        })
    }

    /// Who may read it.
    ///
    /// # Errors
    /// [`Error::Corrupt`].
    pub fn openness(&self) -> Result<Openness> {
        Openness::parse(&self.openness).ok_or(Error::Corrupt {
            table: "communities",
            column: "openness",
            id: self.actor_id,
        })
    }

    /// How far threads go whose authors cannot say: nowhere, where nothing is said.
    ///
    /// # Errors
    /// [`Error::Corrupt`].
    pub fn default_reach(&self) -> Result<Reach> {
        let corrupt = Error::Corrupt { table: "communities", column: "default_reach", id: self.actor_id };
        let reach = self.default_reach.as_deref().map(serde_json::from_str).transpose();
        Ok(reach.map_err(|_| corrupt)?.unwrap_or_default())
    }

    /// Whether it stands for an official area, and which.
    ///
    /// # Errors
    /// [`Error::Corrupt`].
    pub fn kind(&self) -> Result<CommunityKind> {
        match &self.territory {
            None => Ok(CommunityKind::Topical),
            Some(text) => text.parse().map(CommunityKind::Territorial).map_err(|_| Error::Corrupt {
                table: "communities",
                column: "territory",
                id: self.actor_id,
            }),
        }
    }
}

/// The community of that actor.
pub fn find(conn: &mut Conn, actor_id: i64) -> Result<Option<CommunityRow>> {
    Ok(on_backend!(conn, c => communities::table.find(actor_id).first(c)).optional()?)
}

/// Who may read the community of that actor; none where the actor is no community.
pub fn find_openness(conn: &mut Conn, actor_id: i64) -> Result<Option<Openness>> {
    let found: Option<String> = on_backend!(conn, c => communities::table
        .find(actor_id)
        .select(communities::openness)
        .first(c))
    .optional()?;
    let corrupt = Error::Corrupt { table: "communities", column: "openness", id: actor_id };
    found.map(|name| Openness::parse(&name).ok_or(corrupt)).transpose()
}

/// Adds the community, or replaces what is known of it.
pub fn put(conn: &mut Conn, row: &CommunityRow) -> Result<()> {
    if diesel::update(communities::table.find(row.actor_id)).set(row).execute(conn)? == 0 {
        diesel::insert_into(communities::table).values(row).execute(conn)?;
    }
    Ok(())
}

/// Local communities, by display name.
pub fn list_local(conn: &mut Conn) -> Result<Vec<(CommunityRow, ActorRow)>> {
    Ok(communities::table
        .inner_join(actors::table.on(actors::id.eq(communities::actor_id)))
        .filter(actors::local.eq(true).and(actors::deleted_at.is_null()))
        .order(actors::display_name)
        .load(conn)?)
}

/// The communities of here that are not open.
pub fn list_not_open(conn: &mut Conn) -> Result<Vec<i64>> {
    Ok(on_backend!(conn, c => communities::table
        .inner_join(actors::table.on(actors::id.eq(communities::actor_id)))
        .filter(communities::openness.ne(Openness::Open.as_str()).and(actors::local.eq(true)))
        .select(communities::actor_id)
        .load(c))?)
}

/// Communities of elsewhere that somebody of here follows, by display name.
pub fn list_followed_remote(conn: &mut Conn) -> Result<Vec<(CommunityRow, ActorRow)>> {
    let followed = follows::table.select(follows::followed_id);
    Ok(communities::table
        .inner_join(actors::table.on(actors::id.eq(communities::actor_id)))
        .filter(actors::local.eq(false).and(actors::deleted_at.is_null()).and(actors::id.eq_any(followed)))
        .order(actors::display_name)
        .load(conn)?)
}

/// The moderators of the instance, who moderate every community of it.
pub fn list_staff(conn: &mut Conn) -> Result<Vec<ActorRow>> {
    Ok(actors::table
        .inner_join(accounts::table.on(accounts::actor_id.eq(actors::id)))
        .filter(accounts::role.eq_any([Role::Moderator.as_str(), Role::Administrator.as_str()]))
        .filter(actors::suspended_at.is_null().and(actors::deleted_at.is_null()))
        .order(actors::id)
        .select(actors::all_columns)
        .load(conn)?)
}

/// Makes an actor a moderator; a second time changes nothing.
pub fn put_moderator(conn: &mut Conn, community_id: i64, actor_id: i64) -> Result<()> {
    if !is_moderator(conn, community_id, actor_id)? {
        diesel::insert_into(moderators::table)
            .values((moderators::community_id.eq(community_id), moderators::actor_id.eq(actor_id)))
            .execute(conn)?;
    }
    Ok(())
}

/// Dismisses a moderator; nothing where there was none.
pub fn remove_moderator(conn: &mut Conn, community_id: i64, actor_id: i64) -> Result<()> {
    diesel::delete(moderators::table.find((community_id, actor_id))).execute(conn)?;
    Ok(())
}

/// Whether the actor moderates the community.
pub fn is_moderator(conn: &mut Conn, community_id: i64, actor_id: i64) -> Result<bool> {
    let found: i64 =
        on_backend!(conn, c => moderators::table.find((community_id, actor_id)).count().get_result(c))?;
    Ok(found > 0)
}

/// The moderators of a community, oldest actor first.
pub fn list_moderators(conn: &mut Conn, community_id: i64) -> Result<Vec<ActorRow>> {
    let ids: Vec<i64> = moderators::table
        .filter(moderators::community_id.eq(community_id))
        .select(moderators::actor_id)
        .load(conn)?;
    let mut rows = crate::actors::list(conn, &ids)?;
    rows.sort_by_key(|row| row.id);
    Ok(rows)
}
