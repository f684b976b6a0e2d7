//! What a community elsewhere says of itself besides its profile: who moderates it, and which threads it features.
//!
//! Both are read from its own server in a job of their own, bounded; what they name is judged as ever.

use crate::error::Result;
use crate::object::remote::PostObject;
use crate::sources::Sources;
use crate::threads;
use crate::transport::{CollectionLimits, authority};
use crate::vocabulary::id_of;
use clocher_app::received::Received;
use clocher_app::{App, Site, delivering, moderating};
use clocher_domain::actor::ActorKind;
use clocher_domain::moderation::{MAX_FEATURED, MAX_MODERATORS};
use clocher_storage::actors::ActorRow;
use clocher_storage::{communities, follows, posts};
use url::Url;

/// The kind of job that reads who moderates a community elsewhere, and what it features.
pub const REFRESH: &str = "group";
/// Moderators whose profiles are fetched, so that they have names.
const INTRODUCED: usize = 10;

/// Owes reading what a community elsewhere lists, where it lists anything.
pub async fn owe_refresh(app: &App, actor: &ActorRow) -> Result<()> {
    if actor.kind != ActorKind::Group.as_str() || actor.local {
        return Ok(());
    }
    let id = actor.id;
    let community = app.read(move |conn| communities::find(conn, id)).await?;
    let lists = community.is_some_and(|row| row.moderators_url.is_some() || row.featured_url.is_some());
    if lists {
        delivering::put_job_once(app, REFRESH, actor.ap_id.clone()).await?;
    }
    Ok(())
}

/// Reads what the community with that id lists: its moderators and, where somebody of here follows it, its featured
/// threads.
pub async fn refresh(sources: &Sources, ap_id: &str) -> Result<()> {
    let Some(group) = sources.find_actor(ap_id).await?.filter(ActorRow::is_active) else { return Ok(()) };
    let moderators = match refresh_moderators(sources, &group).await {
        Err(error) if error.is_transient() => return Err(error),
        listed => listed.unwrap_or_default(),
    };
    for moderator in moderators.iter().take(INTRODUCED) {
        // Whoever cannot be had now is known by the id.
        if let Err(error) = sources.actor(moderator).await {
            tracing::debug!(%error, moderator, "a moderator cannot be had");
        }
    }
    let id = group.id;
    if sources.app.read(move |conn| follows::count_local_followers(conn, id)).await? > 0 {
        Box::pin(refresh_featured(sources, &group)).await?;
    }
    Ok(())
}

/// Reads who moderates a community elsewhere; gives their ids.
///
/// # Errors
/// `NeedsNetwork`; what fetching refuses.
pub async fn refresh_moderators(sources: &Sources, group: &ActorRow) -> Result<Vec<String>> {
    let id = group.id;
    let community = sources.app.read(move |conn| communities::find(conn, id)).await?;
    let Some(url) = community.and_then(|row| row.moderators_url) else { return Ok(Vec::new()) };
    let limits = CollectionLimits { pages: 2, items: MAX_MODERATORS };
    let items = sources.collection(&url, limits).await?.items;
    let test_hosts = sources.federation.http().test_hosts();
    let listed: Vec<(String, String)> = items
        .iter()
        .filter_map(|item| test_hosts.check(id_of(item)?).ok())
        .map(|url| (url.to_string(), authority(&url)))
        .collect();
    let ids = listed.iter().map(|(id, _)| id.clone()).collect();
    moderating::receive_moderators(&sources.app, group.id, listed).await?;
    Ok(ids)
}

/// Reads the threads that a community elsewhere features: those that are not known are fetched.
async fn refresh_featured(sources: &Sources, group: &ActorRow) -> Result<()> {
    let id = group.id;
    let community = sources.app.read(move |conn| communities::find(conn, id)).await?;
    let Some(url) = community.and_then(|row| row.featured_url) else { return Ok(()) };
    let limits = CollectionLimits { pages: 2, items: MAX_FEATURED };
    let items = sources.collection(&url, limits).await?.items;
    let ids: Vec<String> = items.iter().filter_map(id_of).map(str::to_owned).collect();
    for id in &ids {
        if let Err(error) = record(sources, group, id).await {
            tracing::debug!(%error, id, "a featured thread cannot be had");
        }
    }
    Ok(moderating::receive_featured(&sources.app, group.id, ids).await?)
}

/// Records a thread that its home lists, as if the home had announced it.
async fn record(sources: &Sources, group: &ActorRow, id: &str) -> Result<()> {
    let wanted = id.to_owned();
    let known = sources.app.read(move |conn| posts::find_by_ap_id(conn, &wanted)).await?;
    if sources.app.site().owns(id) || known.is_some_and(|post| post.home_id == Some(group.id)) {
        return Ok(());
    }
    let (_, document) = sources.document(id).await?;
    let object = PostObject::read(&document)?;
    let author = sources.actor(object.author()?).await?;
    let received = Received {
        activity: id.to_owned(),
        seen_as: format!("featured {id}"),
        kind: "Announce",
        document: None,
        announced_by: Some(group.id),
        asked_for: false,
        carried: None,
    };
    threads::record(sources, received, &author, object).await?;
    Ok(())
}

/// Which collection of a community an address is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Collection {
    /// Who moderates it.
    Moderators,
    /// The threads that it features.
    Featured,
    /// All that stands in it: the community itself, or its outbox.
    Contents,
}

/// Which collection of that community the address is, if any.
pub async fn collection_at(app: &App, group: &ActorRow, address: &str) -> Result<Option<Collection>> {
    let id = group.id;
    let community = app.read(move |conn| communities::find(conn, id)).await?;
    let (moderators, featured) =
        community.map(|row| (row.moderators_url, row.featured_url)).unwrap_or_default();
    let moderators = moderators.unwrap_or_else(|| Site::moderators(&group.ap_id));
    let featured = featured.unwrap_or_else(|| Site::featured(&group.ap_id));
    let contents = [Some(&group.ap_id), group.outbox.as_ref()];
    Ok(if address == moderators {
        Some(Collection::Moderators)
    } else if address == featured {
        Some(Collection::Featured)
    } else if contents.into_iter().flatten().any(|own| own == address) {
        Some(Collection::Contents)
    } else {
        None
    })
}

/// The community of ours to which an address belongs: its own, or that of one of its collections.
pub async fn local_group_at(app: &App, address: &str) -> Result<Option<ActorRow>> {
    if !app.site().owns(address) {
        return Ok(None);
    }
    let Ok(url) = Url::parse(address) else { return Ok(None) };
    let mut segments = url.path_segments().into_iter().flatten();
    let (Some("c"), Some(name)) = (segments.next(), segments.next()) else { return Ok(None) };
    let id = app.site().community(name);
    let group = app.read(move |conn| clocher_storage::actors::find_by_ap_id(conn, &id)).await?;
    Ok(group.filter(|row| row.local && row.kind == ActorKind::Group.as_str()))
}
