//! Communities of here: making and listing them.

use crate::app::Deed;
use crate::{App, Error, Result, profile, readers};
use clocher_domain::Refusal;
use clocher_domain::actor::ActorKind;
use clocher_domain::community::{Openness, Posting};
use clocher_domain::membership::Standing;
use clocher_domain::territory::TerritoryId;
use clocher_storage::Conn;
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::communities::{self, CommunityRow};
use clocher_storage::follows::{self, FollowRow};

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
