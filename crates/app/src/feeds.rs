//! The feed of a community: an actor beside it, by which Lemmy and PieFed follow it as one with the communities nested in it.
//!
//! What a feed lists is read from the links; stored is the actor alone, from when anybody first asks for it, with who follows
//! it. Only an open community has one: what is not open is named in none.

use crate::app::Deed;
use crate::reading::ThreadPage;
use crate::sessions::Viewer;
use crate::shown::shown_with_nested;
use crate::{App, Error, Result, Site, moderating, profile, readers};
use clocher_domain::actor::ActorKind;
use clocher_domain::effect::Effect;
use clocher_domain::link::Relation;
use clocher_domain::{Id, Refusal, feed};
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::{Conn, follows, links};

/// Names that are tried for a new feed.
const ATTEMPTS: usize = 20;

/// A feed.
#[derive(Clone, Debug)]
pub struct Feed {
    /// Itself.
    pub actor: ActorRow,
    /// Its community, of here.
    pub community: ActorRow,
    /// To whom it is attributed: who has moderated the community for longest, of here. None where nobody does.
    pub owner: Option<ActorRow>,
}

/// What a feed lists, as far as it was asked for.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The communities.
    pub communities: Vec<ActorRow>,
    /// What to give as `after` for those that follow; none at the end.
    pub next: Option<i64>,
    /// How many it lists in all.
    pub total: i64,
}

/// The page of a feed.
#[derive(Clone, Debug)]
pub struct FeedView {
    /// Its community.
    pub community: ActorRow,
    /// Its own name (`preferredUsername`); none where nobody asked for it from elsewhere yet.
    pub name: Option<String>,
    /// What is nested in the community.
    pub nested: Listed,
    /// What is said in it, what it shows besides and what is said in those nested in it, each once.
    pub page: ThreadPage,
}

/// Whether a community of here has a feed: it is live and open, and others are nested in it, or were when its feed was
/// first asked for.
///
/// # Errors
/// Those of storage.
pub fn is_there(conn: &mut Conn, site: &Site, community: &ActorRow) -> Result<bool> {
    let may_be = community.local && community.kind()? == ActorKind::Group && community.is_active();
    if !may_be || !readers::openness(conn, community.id)?.is_open() {
        return Ok(false);
    }
    Ok(links::has_active_as(conn, community.id, Relation::Lower)?
        || actors::find_by_ap_id(conn, &site.feed(&community.name))?.is_some())
}

/// The community of a feed of here.
pub(crate) fn community_of(conn: &mut Conn, feed: &ActorRow) -> Result<Option<ActorRow>> {
    let name = feed.ap_id.rsplit('/').next().unwrap_or_default();
    let row = actors::find_local(conn, name)?;
    Ok(row.filter(|row| row.kind == ActorKind::Group.as_str()))
}

/// The feed of the community with that name, which is made where nobody asked for it before; none where it has none.
///
/// # Errors
/// Those of storage.
pub async fn find(app: &App, name: &str) -> Result<Option<Feed>> {
    let (site, asked) = (app.site().clone(), name.to_owned());
    let known = app.read(move |conn| {
        let row = actors::find_local(conn, &asked)?;
        let Some(community) = row.filter(|row| row.kind == ActorKind::Group.as_str()) else {
            return Ok::<_, Error>(None);
        };
        if !is_there(conn, &site, &community)? {
            return Ok(None);
        }
        let actor = actors::find_by_ap_id(conn, &site.feed(&asked))?;
        Ok(Some((actor, owner(conn, &community)?, community)))
    });
    let Some((actor, owner, community)) = known.await? else { return Ok(None) };
    let actor = if let Some(actor) = actor {
        actor
    } else {
        let community = community.clone();
        app.write(move |deed| make(deed, &community)).await?
    };
    Ok(Some(Feed { actor, community, owner }))
}

/// The feed at an address of here; none where none is there.
///
/// # Errors
/// Those of storage.
pub async fn find_at(app: &App, address: &str) -> Result<Option<Feed>> {
    match address.strip_prefix(app.site().feed("").as_str()) {
        Some(name) if !name.contains('/') => find(app, name).await,
        _ => Ok(None),
    }
}

/// The feed with that name of its own (`preferredUsername`), also where nobody asked for it before.
///
/// # Errors
/// Those of storage.
pub async fn find_by_name(app: &App, name: &str) -> Result<Option<Feed>> {
    if !feed::is_name(name) {
        return Ok(None);
    }
    let named = name.to_owned();
    let row = app.read(move |conn| actors::find_local(conn, &named)).await?;
    if let Some(row) = row {
        return find_at(app, &row.ap_id).await;
    }
    // The name of a community that is cut in it is found when the feed has been asked for by its address.
    let Some((community, _)) = name.rsplit_once('_') else { return Ok(None) };
    let found = find(app, community).await?;
    Ok(found.filter(|found| found.actor.name == name))
}

fn make(deed: &mut Deed<'_>, community: &ActorRow) -> Result<ActorRow> {
    let known = actors::find_by_ap_id(deed.conn, &deed.app.site().feed(&community.name))?;
    if let Some(known) = known {
        // Another request was first.
        return Ok(known);
    }
    let mut actor = profile::new_local(deed.app, ActorKind::Feed, &community.name, "", None)?;
    for attempt in 0..ATTEMPTS {
        actor.name = feed::name_of(&community.name, attempt);
        if actors::find_local(deed.conn, &actor.name)?.is_none() {
            profile::put_new(deed, &actor)?;
            return actors::find(deed.conn, actor.id)?.ok_or_else(|| Refusal::NotFound.into());
        }
    }
    Err(Refusal::NameTaken.into())
}

/// To whom the feed of a community is attributed: Lemmy takes the word on it of a person alone.
///
/// # Errors
/// Those of storage.
pub fn owner(conn: &mut Conn, community: &ActorRow) -> Result<Option<ActorRow>> {
    let moderators = moderating::list_moderators(conn, community)?;
    let may_be = |row: &ActorRow| row.local && row.is_active() && row.kind == ActorKind::Person.as_str();
    Ok(moderators.into_iter().find(may_be))
}

/// What the feed of a community lists: itself, then the open communities nested in it, as they came to be; above the link
/// `after`, at most `most`.
///
/// # Errors
/// Those of storage.
pub fn list(conn: &mut Conn, community: &ActorRow, after: Option<i64>, most: usize) -> Result<Listed> {
    let mut communities = if after.is_none() { vec![community.clone()] } else { Vec::new() };
    let room = most.saturating_sub(communities.len());
    let limit = i64::try_from(room).unwrap_or(i64::MAX).saturating_add(1);
    let mut rows =
        links::list_open_as(conn, community.id, Relation::Lower, after.unwrap_or_default(), limit)?;
    let more = rows.len() > room;
    rows.truncate(room);
    let next = if more { rows.last().map(|(link, _)| *link) } else { None };
    communities.extend(rows.into_iter().map(|(_, row)| row));
    let total = links::count_open_as(conn, community.id, Relation::Lower)?.saturating_add(1);
    Ok(Listed { communities, next, total })
}

/// The feed of a community that has followers, and the community; none where nobody is to be told of anything.
///
/// # Errors
/// Those of storage.
pub fn followed(conn: &mut Conn, site: &Site, community_id: i64) -> Result<Option<Feed>> {
    let Some(community) = actors::find(conn, community_id)? else { return Ok(None) };
    let actor = actors::find_by_ap_id(conn, &site.feed(&community.name))?;
    let Some(actor) = actor.filter(|row| row.local && row.is_active()) else { return Ok(None) };
    if follows::count_followers(conn, actor.id)? == 0 || !is_there(conn, site, &community)? {
        return Ok(None);
    }
    Ok(Some(Feed { owner: owner(conn, &community)?, actor, community }))
}

/// Owes telling those who follow the feed of a community that its list has changed, where a link in that relation belongs
/// to it.
pub(crate) fn owe_change(deed: &mut Deed<'_>, community_id: i64, relation: Relation) -> Result<()> {
    if !feed::lists(relation) {
        return Ok(());
    }
    let site = deed.app.site().clone();
    if followed(deed.conn, &site, community_id)?.is_some() {
        deed.owe(&Effect::FeedChanged { community: Id(community_id) })?;
    }
    Ok(())
}

/// Communities that the page of a feed names.
const NAMED: usize = 100;

/// The page of the feed of the community with that name, for anybody.
///
/// # Errors
/// `NotFound` where it has none.
pub async fn page(app: &App, name: String, viewer: Option<&Viewer>, before: Option<i64>) -> Result<FeedView> {
    let (site, reader) = (app.site().clone(), viewer.map(|viewer| viewer.actor.id));
    app.read(move |conn| {
        let row = actors::find_local(conn, &name)?;
        let community = row.filter(|row| row.kind == ActorKind::Group.as_str()).ok_or(Refusal::NotFound)?;
        if !is_there(conn, &site, &community)? {
            return Err(Error::from(Refusal::NotFound));
        }
        let mut nested = list(conn, &community, None, NAMED)?;
        nested.communities.retain(|row| row.id != community.id);
        let page = shown_with_nested(conn, community.id, reader, before)?;
        let actor = actors::find_by_ap_id(conn, &site.feed(&community.name))?;
        Ok(FeedView { community, name: actor.map(|row| row.name), nested, page })
    })
    .await
}
