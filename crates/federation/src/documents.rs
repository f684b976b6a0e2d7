//! What stands at the ActivityPub addresses of an instance, for anybody who asks: by HTTP through
//! [`crate::routes`], or as a sibling of the process through [`crate::sources`]. Both get the same.
//!
//! Shows what everybody may read and, to a server that has shown who it is, what is for the members that it has: to
//! anybody else that answers as what does not exist.

use crate::actor;
use crate::collections::{self, Page};
use crate::conversation;
use crate::error::{Error, Result};
use crate::federation::Federation;
use crate::feeds;
use crate::links;
use crate::object::{self, Message};
use crate::transport::json::parse;
use crate::vocabulary::with_context;
use clocher_app::{App, Site, readers};
use clocher_domain::Id;
use clocher_domain::actor::ActorKind;
use clocher_domain::community::Openness;
use clocher_domain::link::Relation;
use clocher_domain::placement::PlacementState;
use clocher_domain::territory::TerritoryId;
use clocher_storage::activities::{self, ActivityRow};
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::communities::{self, CommunityRow};
use clocher_storage::placements::{self, PlacementRow};
use clocher_storage::{Conn, follows, posts};
use serde_json::{Value, json};
use url::Url;

/// What stands at an address.
pub enum Served {
    /// A document.
    Document(Value),
    /// A collection of the messages of a thread, already written: it is large.
    Written(Vec<u8>),
}

impl Served {
    /// Whether it stands in the place of what is deleted.
    pub fn is_tombstone(&self) -> bool {
        match self {
            Self::Document(document) => document.get("type").and_then(Value::as_str) == Some("Tombstone"),
            Self::Written(_) => false,
        }
    }

    /// As it is sent.
    pub fn into_body(self) -> Vec<u8> {
        match self {
            Self::Document(document) => document.to_string().into_bytes(),
            Self::Written(body) => body,
        }
    }

    /// As a sibling reads it.
    ///
    /// # Errors
    /// `Json` for more than anybody reads.
    pub fn into_json(self) -> Result<Value> {
        match self {
            Self::Document(document) => Ok(document),
            Self::Written(body) => Ok(parse(&body)?),
        }
    }
}

/// The document at an address of this instance; none where there is none for that host. `asker` is the host that asks,
/// where it has shown that it does; none is anybody.
///
/// # Errors
/// Those of storage, and of keys.
pub async fn find(
    federation: &Federation,
    app: &App,
    url: &Url,
    asker: Option<&str>,
) -> Result<Option<Served>> {
    if let Some(asked) = conversation::asked(url) {
        let message = message(app, asked.id, asked.at_post, asker).await?;
        let Some(message) = message else { return Ok(None) };
        return Ok(Some(Served::Written(conversation::page(app, message, asked).await?)));
    }
    Ok(document(federation, app, url, asker).await?.map(Served::Document))
}

async fn document(
    federation: &Federation,
    app: &App,
    url: &Url,
    asker: Option<&str>,
) -> Result<Option<Value>> {
    let segments: Vec<&str> = url.path().split('/').skip(1).collect();
    let page = Page::read(url);
    match segments.as_slice() {
        ["actor"] => instance(federation, app).await.map(Some),
        ["c" | "u", name, rest @ ..] => {
            let kind = if segments.first() == Some(&"c") { ActorKind::Group } else { ActorKind::Person };
            let Some((row, facts)) = local_actor(app, name, kind, asker).await? else { return Ok(None) };
            match rest {
                _ if !rest.is_empty() && !facts.shows_contents => Ok(None),
                [] => describe(federation, app, row, facts).await.map(Some),
                ["outbox"] => collections::outbox(app, row, page).await.map(Some),
                ["followers"] => collections::followers(app, row).await.map(Some),
                ["moderators"] if kind == ActorKind::Group => {
                    collections::moderators(app, row).await.map(Some)
                }
                ["featured"] if kind == ActorKind::Group => {
                    collections::featured(app, row, asker).await.map(Some)
                }
                ["links"] if kind == ActorKind::Group => links::collection(app, row, page).await.map(Some),
                ["links", id] if kind == ActorKind::Group => links::found(app, row, id).await,
                ["affiliations"] if facts.has_affiliations() => {
                    collections::affiliations(app, row).await.map(Some)
                }
                _ => Ok(None),
            }
        }
        ["m", name, rest @ ..] => feeds::found(federation, app, name, rest, url).await,
        ["actor", "outbox" | "followers"] => Ok(Some(collections::empty(url))),
        ["post" | "comment", id] => {
            let message = message(app, id, segments.first() == Some(&"post"), asker).await?;
            Ok(message.map(|message| with_context(message.document())))
        }
        ["activity", id] => activity(app, id).await,
        ["place", code] => Ok(place(app, code).await?),
        _ => Ok(None),
    }
}

async fn instance(federation: &Federation, app: &App) -> Result<Value> {
    let id = app.instance().await?.actor_id;
    let row =
        app.read(move |conn| actors::find(conn, id)).await?.ok_or(Error::Malformed("no instance actor"))?;
    actor_document(federation, app, row).await
}

async fn local_actor(
    app: &App,
    name: &str,
    kind: ActorKind,
    asker: Option<&str>,
) -> Result<Option<(ActorRow, Facts)>> {
    let (name, asker, site) = (name.to_owned(), asker.map(str::to_owned), app.site().clone());
    let found = app.read(move |conn| {
        let row = actors::find_local(conn, &name)?;
        let Some(row) = row.filter(|row| row.kind == kind.as_str() && row.is_active()) else {
            return Ok::<_, clocher_app::Error>(None);
        };
        if !readers::host_knows(conn, row.id, asker.as_deref())? {
            return Ok(None);
        }
        let facts = Facts::load(conn, &site, &row)?;
        let shows_contents = match asker {
            Some(host) => readers::host_reads(conn, row.id, &host)?,
            None => readers::openness(conn, row.id)?.is_open(),
        };
        Ok(Some((row, Facts { shows_contents, ..facts })))
    });
    Ok(found.await?)
}

/// Most communities that the document of one names as those in which it is nested.
const UPPERS: i64 = 3;

/// What the document of a local actor says besides its row.
struct Facts {
    /// Of a group.
    community: Option<CommunityRow>,
    /// Of a group: how many follow it.
    members: i64,
    /// Of a group: whether others are nested in it, so that it has a feed.
    has_feed: bool,
    /// Of a group: what it is nested in, as far as its document says so.
    uppers: Vec<ActorRow>,
    /// Whether whoever asks is shown more than what it says of itself.
    shows_contents: bool,
}

impl Facts {
    fn load(conn: &mut Conn, site: &Site, actor: &ActorRow) -> clocher_app::Result<Self> {
        let community = communities::find(conn, actor.id)?;
        let members = if community.is_some() { follows::count_followers(conn, actor.id)? } else { 0 };
        let has_feed = community.is_some() && clocher_app::feeds::is_there(conn, site, actor)?;
        let uppers = if community.is_some() {
            clocher_storage::links::list_open_as(conn, actor.id, Relation::Upper, 0, UPPERS)?
        } else {
            Vec::new()
        };
        let uppers = uppers.into_iter().map(|(_, row)| row).collect();
        Ok(Self { community, members, has_feed, uppers, shows_contents: true })
    }

    /// Whether it says who is in it: a community that is not open.
    fn has_affiliations(&self) -> bool {
        self.community.as_ref().is_some_and(|row| row.openness != Openness::Open.as_str())
    }
}

/// The document of a local actor, as it stands now; its RSA key is made if it has none.
pub(crate) async fn actor_document(federation: &Federation, app: &App, row: ActorRow) -> Result<Value> {
    let (actor, site) = (row.clone(), app.site().clone());
    let facts = app.read(move |conn| Facts::load(conn, &site, &actor)).await?;
    describe(federation, app, row, facts).await
}

async fn describe(federation: &Federation, app: &App, row: ActorRow, facts: Facts) -> Result<Value> {
    let row = federation.with_key(app, row).await?;
    let mut document = actor::document(app.site(), &row, facts.community.as_ref(), facts.members)?;
    if let (Value::Object(fields), Some(community)) = (&mut document, &facts.community) {
        actor::put_attachment(fields, community, &facts.uppers);
        if facts.has_feed {
            fields.insert("rollup".to_owned(), json!(app.site().feed(&row.name)));
        }
    }
    Ok(document)
}

/// A local message that whoever asks may have, or its tombstone. Each is at one address only.
async fn message(app: &App, id: &str, at_post: bool, asker: Option<&str>) -> Result<Option<Message>> {
    let Ok(id) = id.parse::<Id>() else { return Ok(None) };
    let asker = asker.map(str::to_owned);
    let message = app.read(move |conn| {
        let post = posts::find(conn, id.0)?.filter(|post| post.local && post.is_top() == at_post);
        let Some(post) = post else { return Ok::<_, clocher_app::Error>(None) };
        if !readers::host_may_have(conn, &post, asker.as_deref())? {
            return Ok(None);
        }
        Ok(Some(object::load(conn, post)?))
    });
    Ok(message.await?)
}

/// The official area that this instance stands for. Others are elsewhere.
async fn place(app: &App, code: &str) -> Result<Option<Value>> {
    let territory =
        app.instance().await?.territory.as_deref().and_then(|text| text.parse::<TerritoryId>().ok());
    let territory = territory.filter(|territory| territory.code.as_str() == code);
    Ok(territory.and_then(|territory| actor::place(app.site(), territory)).map(with_context))
}

/// A listed activity. The `Create` of a reply is not listed: an embedded one would become a boost on
/// Mastodon.
async fn activity(app: &App, id: &str) -> Result<Option<Value>> {
    let Ok(id) = id.parse::<Id>() else { return Ok(None) };
    let row = app.read(move |conn| {
        let row = activities::find(conn, id.0)?.filter(|row| row.local);
        // What shares a thread of another home is there for those who check a path, and in no outbox.
        let shares = |conn: &mut Conn, row: &ActivityRow| {
            let placement = placements::find_by_announce(conn, &row.ap_id)?;
            let shows = |row: PlacementRow| row.state == PlacementState::Placed.as_str();
            Ok::<_, clocher_app::Error>(placement.is_some_and(shows))
        };
        let row = match row {
            Some(row) if row.listed || shares(conn, &row)? => Some(row),
            _ => None,
        };
        let post = row.as_ref().and_then(|row| row.post_id).map(|id| posts::find(conn, id)).transpose()?;
        let is_removed = post.flatten().is_some_and(|post| post.removed_at.is_some());
        Ok::<_, clocher_app::Error>(row.filter(|_| !is_removed))
    });
    let row = row.await?;
    row.map(|row| serde_json::from_str(&row.document).map_err(|_| Error::Malformed("a stored activity")))
        .transpose()
}
