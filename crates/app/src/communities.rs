//! Communities of here: making and listing them, opening and closing them.

use crate::app::Deed;
use crate::{App, Error, Result, moderating, placing, profile, readers};
use clocher_domain::Refusal;
use clocher_domain::actor::{ActorKind, Role};
use clocher_domain::community::{Openness, Posting};
use clocher_domain::link::LinkState;
use clocher_domain::membership::Standing;
use clocher_domain::territory::TerritoryId;
use clocher_storage::Conn;
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::communities::{self, CommunityRow};
use clocher_storage::follows::{self, FollowRow};
use clocher_storage::{accounts, links, placements};
use std::collections::BTreeMap;

/// A community that is to be.
#[derive(Clone, Debug)]
pub struct NewCommunity {
    /// `preferredUsername`.
    pub name: String,
    /// Name for people.
    pub display_name: String,
    /// Presentation, in Markdown.
    pub presentation: String,
    /// The official area it stands for; none for a topical one.
    pub territory: Option<TerritoryId>,
    /// Who may write in it.
    pub posting: Posting,
    /// Who may read it.
    pub openness: Openness,
}

/// Makes a community; its founder, where there is one, is its first member and moderator.
///
/// # Errors
/// `InvalidName`, `ReservedName`, `NameTaken`, `UnknownTerritory`.
pub async fn add(app: &App, community: NewCommunity, founder: Option<i64>) -> Result<ActorRow> {
    app.write(move |deed| add_in(deed, &community, founder)).await
}

pub(crate) fn add_in(
    deed: &mut Deed<'_>,
    community: &NewCommunity,
    founder: Option<i64>,
) -> Result<ActorRow> {
    if community.territory.is_some_and(|territory| clocher_cog::find_id(territory).is_none()) {
        return Err(Refusal::UnknownTerritory.into());
    }
    let name = free_name(deed, community)?;
    let presentation = Some(community.presentation.as_str());
    let actor = profile::new_local(deed.app, ActorKind::Group, &name, &community.display_name, presentation)?;
    profile::put_new(deed, &actor)?;
    let row = CommunityRow {
        actor_id: actor.id,
        territory: community.territory.map(|territory| territory.to_string()),
        posting: community.posting.as_str().to_owned(),
        members_claimed: None,
        moderators_url: None,
        featured_url: None,
        default_reach: None,
        links_url: None,
        openness: community.openness.as_str().to_owned(),
    };
    communities::put(deed.conn, &row)?;
    if let Some(founder) = founder {
        communities::put_moderator(deed.conn, actor.id, founder)?;
        let id = deed.app.mint();
        let follow = FollowRow {
            id,
            ap_id: deed.app.site().activity(id),
            follower_id: founder,
            followed_id: actor.id,
            standing: Standing::Accepted.as_str().to_owned(),
            created_at: deed.now(),
        };
        follows::put(deed.conn, &follow)?;
    }
    Ok(actor)
}

/// The wanted name; of a territory whose name is taken, with its code.
fn free_name(deed: &mut Deed<'_>, community: &NewCommunity) -> Result<String> {
    let taken = actors::find_local(deed.conn, &community.name)?.is_some();
    Ok(match community.territory {
        Some(territory) if taken => format!("{}-{}", community.name, territory.code.as_str().to_lowercase()),
        _ => community.name.clone(),
    })
}

/// A moderator of a community of here opens, closes or hides it. What is written keeps its readers: what was public stays so,
/// where it went too, and what was for members is for those who were members; new threads, and what answers from now on,
/// follow the community. Closing one ends its links.
///
/// # Errors
/// `NotAModerator`, `Suspended`, `NotFound`.
pub async fn change_openness(
    app: &App,
    moderator_id: i64,
    community_id: i64,
    openness: Openness,
) -> Result<ActorRow> {
    app.write(move |deed| {
        let moderator = actors::find(deed.conn, moderator_id)?.filter(|row| row.local);
        let moderator = moderator.ok_or(Refusal::NotFound)?;
        let community = moderating::moderated(deed.conn, community_id, &moderator)?;
        let row = communities::find(deed.conn, community.id)?.filter(|_| community.local);
        let mut row = row.ok_or(Refusal::NotFound)?;
        let before = row.openness()?;
        if before != openness {
            openness.as_str().clone_into(&mut row.openness);
            communities::put(deed.conn, &row)?;
            let now = deed.now();
            actors::update(deed.conn, &ActorRow { updated_at: now, ..community.clone() })?;
            placing::turned(deed, &moderator, &community, before, openness)?;
        }
        Ok::<_, Error>(community)
    })
    .await
}

/// What follows where a community of here is closed that is open now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closing {
    /// How many links end.
    pub links: i64,
    /// How many threads of other communities it shows no more.
    pub placed: i64,
    /// How many members stay.
    pub members: i64,
    /// How many do not, because their servers are known not to keep closed what is.
    pub leaving: i64,
}

/// Most members of elsewhere that are looked at to foresee a closing.
const LOOKED_AT: i64 = 10_000;

/// What would follow where a community of here is closed.
///
/// # Errors
/// `NotAModerator`, `Suspended`, `NotFound`.
pub async fn foresee_closing(app: &App, moderator_id: i64, community_id: i64) -> Result<Closing> {
    app.read(move |conn| {
        let moderator = actors::find(conn, moderator_id)?.filter(|row| row.local).ok_or(Refusal::NotFound)?;
        let community = moderating::moderated(conn, community_id, &moderator)?;
        let mut by_host: BTreeMap<String, i64> = BTreeMap::new();
        for (_, follower) in follows::list_remote(conn, community.id, 0, LOOKED_AT)? {
            *by_host.entry(follower.host).or_default() += 1;
        }
        let mut leaving = 0;
        for (host, count) in by_host {
            if readers::leaks(conn, &host)? {
                leaving += count;
            }
        }
        let members = follows::count_followers(conn, community.id)?;
        Ok::<_, Error>(Closing {
            links: links::count(conn, community.id, &[LinkState::Active])?,
            placed: placements::count_shown(conn, community.id)?,
            members: members.saturating_sub(leaving),
            leaving,
        })
    })
    .await
}

/// Whether somebody of here may make communities, and with an official area: moderators of the instance may, and
/// administrators also for an area.
///
/// # Errors
/// Those of storage.
pub async fn may_make(app: &App, actor_id: i64) -> Result<(bool, bool)> {
    app.read(move |conn| makes(conn, actor_id)).await
}

fn makes(conn: &mut Conn, actor_id: i64) -> Result<(bool, bool)> {
    let is_active = actors::find(conn, actor_id)?.is_some_and(|row| row.local && row.is_active());
    let role = accounts::find(conn, actor_id)?.map(|account| account.role()).transpose()?;
    let role = role.filter(|_| is_active).unwrap_or(Role::Member);
    Ok((role >= Role::Moderator, role >= Role::Administrator))
}

/// A person of here makes a community, and is its first member and moderator.
///
/// # Errors
/// `NotAModerator` for whoever may not; those of [`add`].
pub async fn make(app: &App, community: NewCommunity, founder_id: i64) -> Result<ActorRow> {
    app.write(move |deed| {
        let (any, official) = makes(deed.conn, founder_id)?;
        if !any || (community.territory.is_some() && !official) {
            return Err(Error::from(Refusal::NotAModerator));
        }
        add_in(deed, &community, Some(founder_id))
    })
    .await
}

/// Whether everybody reads that community: only such a one is linked, and threads are placed only between such.
///
/// # Errors
/// Those of storage.
pub fn is_open(conn: &mut Conn, community_id: i64) -> Result<bool> {
    Ok(readers::openness(conn, community_id)?.is_open())
}

/// Local communities, by name for people.
///
/// # Errors
/// Those of storage.
pub async fn list(app: &App) -> Result<Vec<(CommunityRow, ActorRow)>> {
    app.read(communities::list_local).await
}

/// The local community of that name.
///
/// # Errors
/// `NotFound`.
pub async fn find(app: &App, name: &str) -> Result<ActorRow> {
    let name = name.to_owned();
    app.read(move |conn| {
        let actor = actors::find_local(conn, &name)?;
        let actor = actor.filter(|row| row.kind == ActorKind::Group.as_str() && row.deleted_at.is_none());
        Ok::<_, Error>(actor.ok_or(Refusal::NotFound)?)
    })
    .await
}
