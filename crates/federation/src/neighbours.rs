//! Looking for the instances of the territories around that of an instance: among those of the process, at addresses
//! that somebody gave, and along the links that the communities found there list.
//!
//! One step of a job looks at one instance or community, so that a job that is interrupted goes on where it was. It is
//! bounded in number and in distance. What it finds is a claim: it leads to a proposal, which the other end answers.

use crate::backfill::Slice;
use crate::error::{Error, Result};
use crate::links;
use crate::sources::Sources;
use crate::transport::{FetchError, authority, fetch_nodeinfo};
use clocher_app::linking::{self, Search};
use clocher_app::{App, delivering, domains};
use clocher_domain::actor::ActorKind;
use clocher_domain::link::Relation;
use clocher_storage::jobs::JobRow;
use clocher_storage::{actors, communities};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use url::Url;

/// Most instances and communities that one search looks at.
const MOST: usize = 200;
/// Most steps along links, from where it begins.
const FARTHEST: usize = 3;
/// How often those that do not answer are asked again.
const ROUNDS: u32 = 8;

/// What is looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Place {
    /// An instance, by its host.
    Host(String),
    /// A community, by its id.
    Community(String),
}

/// How far a search has come.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Progress {
    /// What is to be looked at, and how many links from the beginning it is.
    waiting: VecDeque<(Place, usize)>,
    /// Everything that ever waited.
    seen: Vec<Place>,
    /// What did not answer.
    silent: VecDeque<(Place, usize)>,
    /// How often that was so.
    rounds: u32,
}

impl Progress {
    /// Where a search begins.
    fn begin(sources: &Sources, search: &Search) -> Self {
        let mut progress = Self::default();
        if search.siblings {
            for host in sources.federation.domains() {
                progress.add(Place::Host(host), 0);
            }
        }
        for address in &search.neighbours {
            progress.add(Place::Host(host_of(address)), 0);
        }
        let own = Place::Host(sources.app.site().domain().to_owned());
        progress.waiting.retain(|(place, _)| *place != own);
        progress
    }

    fn add(&mut self, place: Place, steps: usize) {
        if self.seen.len() < MOST && !self.seen.contains(&place) {
            self.seen.push(place.clone());
            self.waiting.push_back((place, steps));
        }
    }

    fn write(&self) -> Result<String> {
        serde_json::to_string(self).map_err(|_| Error::Malformed("the progress of a search"))
    }
}

/// The host that somebody means by an address of any page of it, or by a handle there.
fn host_of(address: &str) -> String {
    match Url::parse(address) {
        Ok(url) if url.has_host() => authority(&url),
        _ => address.rsplit('@').next().unwrap_or_default().trim_end_matches('/').to_ascii_lowercase(),
    }
}

/// Looks at one place, and proposes the link that its territory implies.
///
/// # Errors
/// `NotYet` where some did not answer; those of storage.
pub async fn search(sources: &Sources, row: &JobRow) -> Result<Slice> {
    let wanted: Search =
        serde_json::from_str(&row.document).map_err(|_| Error::Malformed("what is searched"))?;
    let kept = row.progress.as_deref().and_then(|text| serde_json::from_str(text).ok());
    let mut progress: Progress = kept.unwrap_or_else(|| Progress::begin(sources, &wanted));
    let Some((place, steps)) = progress.waiting.pop_front() else {
        return again(sources, row, progress).await;
    };
    match look(sources, &place, steps).await {
        Ok(linked) => {
            for id in linked {
                progress.add(Place::Community(id), steps + 1);
            }
        }
        Err(error) if error.is_transient() => progress.silent.push_back((place, steps)),
        Err(error @ Error::App(_)) if error.status().is_server_error() => return Err(error),
        Err(error) => tracing::info!(?place, %error, "nobody is found there"),
    }
    if progress.waiting.is_empty() && progress.silent.is_empty() {
        return Ok(Slice::Done);
    }
    Ok(Slice::GoesOn(progress.write()?))
}

/// What did not answer is asked again later.
async fn again(sources: &Sources, row: &JobRow, mut progress: Progress) -> Result<Slice> {
    progress.rounds += 1;
    if progress.silent.is_empty() || progress.rounds > ROUNDS {
        return Ok(Slice::Done);
    }
    progress.waiting = std::mem::take(&mut progress.silent);
    delivering::job_progress(&sources.app, row.id, progress.write()?).await?;
    Err(Error::NotYet("an instance of the territory around"))
}

/// Looks at a place; gives the communities that are linked with the one there, where they are not too far.
async fn look(sources: &Sources, place: &Place, steps: usize) -> Result<Vec<String>> {
    let id = match place {
        Place::Host(host) => match community_of(sources, host).await? {
            Some(id) => id,
            None => return Ok(Vec::new()),
        },
        Place::Community(id) => id.clone(),
    };
    if sources.app.site().owns(&id) {
        return Ok(Vec::new());
    }
    let group = sources.actor(&id).await?;
    if group.local || !group.is_active() || group.kind != ActorKind::Group.as_str() {
        return Ok(Vec::new());
    }
    let of = group.id;
    let claims = sources.app.read(move |conn| communities::find(conn, of)).await?;
    if claims.is_none_or(|row| row.territory.is_none()) {
        return Ok(Vec::new());
    }
    if linking::propose_implied(&sources.app, group.id).await? {
        tracing::info!(other = group.ap_id, "an implied link is proposed");
    }
    if steps >= FARTHEST {
        return Ok(Vec::new());
    }
    let listed = match links::listing(sources, &group).await {
        Err(error) if !error.is_transient() => Vec::new(),
        listed => listed?,
    };
    let is_nested = |relation| matches!(relation, Relation::Upper | Relation::Lower);
    Ok(listed.into_iter().filter(|one| is_nested(one.relation)).map(|one| one.object).collect())
}

/// The community that stands for the territory of an instance, by what that says of itself; none where it stands for
/// none, or names one of another host.
async fn community_of(sources: &Sources, host: &str) -> Result<Option<String>> {
    let app = &sources.app;
    sources.may_ask()?;
    domains::check(app, host).await?;
    if let Some(sibling) = sources.federation.sibling(host) {
        return of_sibling(&sibling).await;
    }
    let http = sources.federation.http();
    let info = fetch_nodeinfo(http, host, app.now().seconds()).await?;
    let Some(id) = info.territory_group else { return Ok(None) };
    let url = http.test_hosts().check(&id).map_err(FetchError::from)?;
    Ok((authority(&url) == host).then_some(id))
}

async fn of_sibling(sibling: &App) -> Result<Option<String>> {
    let Some(id) = sibling.instance().await?.community_id else { return Ok(None) };
    let community = sibling.read(move |conn| actors::find(conn, id)).await?;
    Ok(community.map(|row| row.ap_id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_of_an_instance_is_read_from_any_address_there() {
        for address in [
            "arche-agglo.example",
            "Arche-Agglo.example/",
            "https://arche-agglo.example/c/arche-agglo/links",
            "!arche-agglo@arche-agglo.example",
        ] {
            assert_eq!(host_of(address), "arche-agglo.example", "{address}");
        }
        assert_eq!(host_of("alpha.test:4000"), "alpha.test:4000");
    }

    #[test]
    fn a_search_looks_at_so_many_places_each_once() {
        let mut progress = Progress::default();
        for number in 0..2 * MOST {
            progress.add(Place::Host(format!("h{number}.example")), 0);
            progress.add(Place::Host(format!("h{number}.example")), 0);
        }
        assert_eq!(progress.waiting.len(), MOST);
    }
}
