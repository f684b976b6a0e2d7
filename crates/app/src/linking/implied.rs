//! The links that official territories imply: a commune is nested in its intercommunalité, that one in its
//! départements, these in their région. They are proposed, never assumed: each waits for the moderators of the other end.
//!
//! Finds nobody: who exists is looked for in a job ([`SEARCH`]) by the door that asks other servers.

use super::deciding::put_offer;
use super::record::Ends;
use crate::app::Deed;
use crate::delivering::put_job_in;
use crate::moderating::moderated;
use crate::{App, Error, Result, communities};
use clocher_cog::Territory;
use clocher_domain::Refusal;
use clocher_domain::link::{Policy, Proposed, Relation, decide_proposing};
use clocher_domain::territory::TerritoryId;
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::{Conn, instance, jobs, links};
use serde::{Deserialize, Serialize};

/// The kind of job that looks for the instances of the territories around that of this one; its document is a
/// [`Search`].
pub const SEARCH: &str = "territory";
/// Longest address of an instance to begin with, in bytes.
const LONGEST: usize = 300;

/// Where the instances of the territories around are looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Search {
    /// Whether the other instances of the process are asked.
    pub siblings: bool,
    /// Domains or addresses of others to begin with.
    pub neighbours: Vec<String>,
}

/// What `other` is to `own`, by the official division: above it, below it, or neither.
pub fn implied_relation(own: &Territory, other: &Territory) -> Option<Relation> {
    if clocher_cog::direct_parents(own).contains(other) {
        Some(Relation::Upper)
    } else if clocher_cog::direct_parents(other).contains(own) {
        Some(Relation::Lower)
    } else {
        None
    }
}

/// Owes looking for the instances around, once the instance is served.
pub(crate) fn owe_search(deed: &mut Deed<'_>, neighbours: &[String]) -> Result<()> {
    put_search(deed, &Search { siblings: true, neighbours: neighbours.to_vec() })
}

fn put_search(deed: &mut Deed<'_>, search: &Search) -> Result<()> {
    if search.neighbours.iter().any(|address| address.trim().is_empty() || address.len() > LONGEST) {
        return Err(Refusal::NotFound.into());
    }
    let document = serde_json::to_string(search).map_err(|error| Error::Internal(error.to_string()))?;
    if jobs::is_owed(deed.conn, SEARCH, &document)? {
        return Ok(());
    }
    // Of different beginnings, none waits for the other.
    let subject = format!("{SEARCH} {}", search.neighbours.join(" "));
    put_job_in(deed, SEARCH, subject, document)
}

/// Looks for the instances of the territories around, beginning with that address; for the moderators of the community
/// of the territory.
///
/// # Errors
/// `NotFound` for what is no address, `NotAModerator`, `Suspended`; `NotPossible` where the instance stands for no
/// territory.
pub async fn search(app: &App, moderator_id: i64, address: String) -> Result<()> {
    app.write(move |deed| {
        let moderator =
            actors::find(deed.conn, moderator_id)?.filter(|row| row.local).ok_or(Refusal::NotFound)?;
        let (community, _) = own(deed.conn)?.ok_or(Refusal::NotPossible)?;
        moderated(deed.conn, community.id, &moderator)?;
        put_search(deed, &Search { siblings: false, neighbours: vec![address.trim().to_owned()] })
    })
    .await?;
    app.wakers().jobs.notify_one();
    Ok(())
}

/// The community of the territory of this instance, and that territory as it is now.
fn own(conn: &mut Conn) -> Result<Option<(ActorRow, Territory)>> {
    let Some(row) = instance::find(conn)? else { return Ok(None) };
    let (Some(id), Some(territory)) = (row.community_id, area(row.territory.as_deref())) else {
        return Ok(None);
    };
    let community = actors::find(conn, id)?.filter(|row| row.is_active() && row.moved_to.is_none());
    Ok(community.map(|community| (community, territory)))
}

fn area(territory: Option<&str>) -> Option<Territory> {
    clocher_cog::resolve_id(territory?.parse::<TerritoryId>().ok()?).territory()
}

/// Whether that community is the one of the territory of this instance.
///
/// # Errors
/// Those of storage.
pub async fn is_of_territory(app: &App, community_id: i64) -> Result<bool> {
    app.read(move |conn| {
        Ok::<_, Error>(own(conn)?.is_some_and(|(community, _)| community.id == community_id))
    })
    .await
}

/// Proposes to a community elsewhere the link that its territory and that of this instance imply. Not where there is
/// one already, or was: what was refused is not asked again. Says whether it was proposed.
///
/// # Errors
/// Those of storage.
pub async fn propose_implied(app: &App, other_id: i64) -> Result<bool> {
    app.write(move |deed| {
        let Some((community, territory)) = own(deed.conn)? else { return Ok(false) };
        let other = actors::find(deed.conn, other_id)?.filter(|row| !row.local);
        let Some(other) = other else { return Ok(false) };
        if links::find_between(deed.conn, community.id, other.id)?.is_some() {
            return Ok(false);
        }
        let claims = clocher_storage::communities::find(deed.conn, other.id)?;
        let claimed = area(claims.and_then(|row| row.territory).as_deref());
        let Some(relation) = claimed.and_then(|claimed| implied_relation(&territory, &claimed)) else {
            return Ok(false);
        };
        if !communities::is_open(deed.conn, community.id)? || !communities::is_open(deed.conn, other.id)? {
            return Ok(false);
        }
        let ends = Ends { community, other };
        match ends.proposal(deed, None, relation).and_then(|proposal| Ok(decide_proposing(proposal)?)) {
            Ok(Proposed::Waits) => {
                put_offer(deed, &ends, None, (relation, Policy::default()), None)?;
                Ok(true)
            }
            Ok(_) => Ok(false),
            Err(Error::Refused(refusal)) => {
                tracing::info!(
                    other = ends.other.ap_id,
                    code = refusal.code(),
                    "an implied link is not proposed"
                );
                Ok(false)
            }
            Err(error) => Err(error),
        }
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use clocher_cog::find;
    use clocher_domain::territory::Level;

    #[test]
    fn a_commune_is_nested_in_its_epci_and_only_without_one_in_its_departement() {
        let area = |level, code| find(level, code).unwrap();
        let commune = area(Level::Commune, "07186");
        let epci = clocher_cog::parents(&commune)[0];
        assert_eq!(epci.level(), Level::Epci);
        let departement = area(Level::Departement, "07");
        assert_eq!(implied_relation(&commune, &epci), Some(Relation::Upper));
        assert_eq!(implied_relation(&epci, &commune), Some(Relation::Lower));
        assert_eq!(implied_relation(&commune, &departement), None);
        // Île-de-Sein stands alone.
        let island = area(Level::Commune, "29083");
        assert_eq!(implied_relation(&island, &area(Level::Departement, "29")), Some(Relation::Upper));
        let region = area(Level::Region, "84");
        assert_eq!(implied_relation(&departement, &region), Some(Relation::Upper));
        assert_eq!(implied_relation(&epci, &region), None);
        assert_eq!(
            implied_relation(&area(Level::Arrondissement, "073"), &departement),
            Some(Relation::Upper)
        );
    }

    #[test]
    fn an_epci_that_straddles_a_border_is_nested_on_both_sides() {
        let epci = find(Level::Epci, "200073096").unwrap();
        for code in ["07", "26"] {
            let departement = find(Level::Departement, code).unwrap();
            assert_eq!(implied_relation(&departement, &epci), Some(Relation::Lower), "{code}");
        }
    }
}
