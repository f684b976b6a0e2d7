//! What everybody sees of the links of a community, and what its moderators see besides.

use crate::{App, Error, Result, moderating, readers};
use clocher_domain::Refusal;
use clocher_domain::actor::ActorKind;
use clocher_domain::link::{LinkState, Policy, Relation};
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::journal::{self, JournalRow};
use clocher_storage::links::{self, LinkRow};
use std::collections::HashMap;

/// A link of a community of here, with the other one.
#[derive(Clone, Debug)]
pub struct Linked {
    /// This end of it.
    pub link: LinkRow,
    /// The other community.
    pub other: ActorRow,
    /// What the other is to this one.
    pub relation: Relation,
    /// How far it has come.
    pub state: LinkState,
    /// What this end shares and accepts.
    pub policy: Policy,
    /// What the other end does.
    pub other_policy: Policy,
}

impl Linked {
    /// Reads the row of a link.
    ///
    /// # Errors
    /// `Corrupt`.
    pub fn new((link, other): (LinkRow, ActorRow)) -> Result<Self> {
        Ok(Self {
            relation: link.relation()?,
            state: link.state()?,
            policy: link.policy()?,
            other_policy: link.other_policy()?,
            link,
            other,
        })
    }
}

/// A line of a journal, with whom it names.
#[derive(Clone, Debug)]
pub struct Noted {
    /// The line.
    pub row: JournalRow,
    /// Who did it; none where the other community did.
    pub actor: Option<ActorRow>,
    /// The other community.
    pub other: Option<ActorRow>,
}

impl Noted {
    /// One of its particulars; none where it has none of that name.
    pub fn detail(&self, name: &str) -> Option<String> {
        let details: serde_json::Value = serde_json::from_str(&self.row.details).ok()?;
        details.get(name)?.as_str().map(str::to_owned)
    }
}

/// The active links of a community of here, oldest first: anybody may see them.
///
/// # Errors
/// Those of storage.
pub async fn list(app: &App, community_id: i64) -> Result<Vec<Linked>> {
    app.read(move |conn| {
        let rows = links::list(conn, community_id, &[LinkState::Active])?;
        rows.into_iter().map(Linked::new).collect::<Result<_>>()
    })
    .await
}

/// What a community is linked with, by name: of one of here, as it agreed; of one elsewhere, as communities of here
/// agreed with it, and as it lists others that are known here. Anybody may see them.
///
/// # Errors
/// Those of storage.
pub async fn list_neighbours(app: &App, community_id: i64) -> Result<Vec<(Relation, ActorRow)>> {
    app.read(move |conn| {
        let Some(community) = actors::find(conn, community_id)? else { return Ok(Vec::new()) };
        let mut neighbours = Vec::new();
        if community.local {
            for (link, other) in links::list(conn, community_id, &[LinkState::Active])? {
                neighbours.push((link.relation()?, other));
            }
        } else {
            let ours = links::list_with(conn, community_id, &[LinkState::Active])?;
            let ids: Vec<i64> = ours.iter().map(|link| link.community_id).collect();
            let named = actors::list(conn, &ids)?;
            for link in ours {
                if let Some(other) = named.iter().find(|row| row.id == link.community_id) {
                    neighbours.push((link.relation()?.inverse(), other.clone()));
                }
            }
            let listed = links::list_elsewhere(conn, community_id)?;
            let ids: Vec<String> = listed.iter().map(|(id, _)| id.clone()).collect();
            let named = actors::list_by_ap_ids(conn, &ids)?;
            for (id, relation) in listed {
                // What it says of one of here counts nothing where that one does not say so.
                let other = named.iter().find(|row| row.ap_id == id && !row.local);
                neighbours.extend(other.map(|other| (relation, other.clone())));
            }
        }
        let mut open = Vec::new();
        for (relation, other) in neighbours {
            // A closed one is named nowhere, whatever others list.
            if other.is_active() && readers::openness(conn, other.id)?.is_open() {
                open.push((relation, other));
            }
        }
        let mut neighbours = open;
        neighbours.sort_by_cached_key(|(_, other)| (other.display_name.to_lowercase(), other.id));
        Ok::<_, Error>(neighbours)
    })
    .await
}

/// The links of a community that wait for one end or the other, oldest first: for its moderators.
///
/// # Errors
/// `NotFound`, `NotAModerator`, `Suspended`.
pub async fn list_asked(app: &App, moderator_id: i64, community_id: i64) -> Result<Vec<Linked>> {
    app.read(move |conn| {
        let moderator = actors::find(conn, moderator_id)?.ok_or(Refusal::NotFound)?;
        moderating::moderated(conn, community_id, &moderator)?;
        let rows = links::list(conn, community_id, &[LinkState::Asked, LinkState::Proposed])?;
        rows.into_iter().map(Linked::new).collect::<Result<_>>()
    })
    .await
}

/// What a community of here lists as its links.
#[derive(Clone, Debug)]
pub struct Listed {
    /// How many they are.
    pub total: i64,
    /// Those of one page, newest first.
    pub links: Vec<Linked>,
    /// Whether there are more below.
    pub goes_on: bool,
}

/// A page of the active links of a community of here, newest first, below `before`, at most `limit`.
///
/// # Errors
/// Those of storage.
pub async fn list_listed(app: &App, community_id: i64, before: Option<i64>, limit: usize) -> Result<Listed> {
    app.read(move |conn| {
        let total = links::count(conn, community_id, &[LinkState::Active])?;
        let most = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
        let mut rows = links::list_active_of(conn, community_id, before, most)?;
        let goes_on = rows.len() > limit;
        rows.truncate(limit);
        let links = rows.into_iter().map(Linked::new).collect::<Result<_>>()?;
        Ok::<_, Error>(Listed { total, links, goes_on })
    })
    .await
}

/// A link of a community of here, as it is listed: none where it is not active.
///
/// # Errors
/// Those of storage.
pub async fn find_listed(app: &App, community_id: i64, link_id: i64) -> Result<Option<Linked>> {
    app.read(move |conn| {
        let row = links::find(conn, link_id)?.filter(|row| row.community_id == community_id);
        let Some(row) = row.filter(|row| row.state == LinkState::Active.as_str()) else { return Ok(None) };
        let Some(other) = actors::find(conn, row.other_id)? else { return Ok(None) };
        Linked::new((row, other)).map(Some)
    })
    .await
}

/// The public journal of a community, newest first, below `before`, at most `limit` lines.
///
/// # Errors
/// `NotFound` for what is no community.
pub async fn journal(app: &App, community_id: i64, before: Option<i64>, limit: i64) -> Result<Vec<Noted>> {
    app.read(move |conn| {
        let community = actors::find(conn, community_id)?.ok_or(Refusal::NotFound)?;
        if community.kind()? != ActorKind::Group {
            return Err(Error::from(Refusal::NotFound));
        }
        let rows = journal::list(conn, community_id, before, limit)?;
        let ids: Vec<i64> = rows.iter().flat_map(|row| [row.actor_id, row.other_id]).flatten().collect();
        let named = actors::list(conn, &ids)?;
        let named: HashMap<i64, ActorRow> = named.into_iter().map(|row| (row.id, row)).collect();
        let find = |id: Option<i64>| id.and_then(|id| named.get(&id)).cloned();
        Ok(rows
            .into_iter()
            .map(|row| Noted { actor: find(row.actor_id), other: find(row.other_id), row })
            .collect())
    })
    .await
}
