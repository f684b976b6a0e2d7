//! What communities of other servers say that they stand for, and what of it is believed here: what is shown of each,
//! what confirms it, and what the administrators of this instance decide.
//!
//! Works out what a claim is worth whenever it is asked, from the links that are known then: nothing is kept that the
//! end of a link would have to undo. Asks nobody.

use crate::app::Deed;
use crate::{App, Error, Result, domains};
use clocher_domain::actor::Role;
use clocher_domain::claim::{Claimant, Ground, Standing, decide_shown, decide_standing};
use clocher_domain::effect::Effect;
use clocher_domain::link::{LinkState, Relation};
use clocher_domain::territory::TerritoryId;
use clocher_domain::{Id, Refusal};
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::claims::{self, ChangedRow, JudgedRow};
use clocher_storage::{Conn, accounts, communities, links};
use std::collections::{HashMap, HashSet};

/// Most communities that are looked at to judge what is asked.
const MOST: usize = 3_000;
/// Most communities that say the same, and most that are listed.
const CLAIMANTS: i64 = 500;
/// As many rounds as there are levels of areas, and one.
const ROUNDS: usize = 6;

/// What a community says now that it stands for, where that is not what is shown of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// Another area.
    To(TerritoryId),
    /// None any more.
    Away,
}

/// What a community says that it stands for, and what that is worth here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// What is shown of it; none where nothing is.
    pub shown: Option<TerritoryId>,
    /// What that is worth.
    pub standing: Standing,
    /// What it says now where that is not what is shown.
    pub changed: Option<Changed>,
}

impl Claim {
    /// The other area that it says it stands for now.
    pub fn says_now(&self) -> Option<TerritoryId> {
        match self.changed {
            Some(Changed::To(territory)) => Some(territory),
            Some(Changed::Away) | None => None,
        }
    }

    /// Whether what it stands for may be shown as a fact.
    pub fn is_believed(&self) -> bool {
        self.standing == Standing::Confirmed
    }
}

/// A claim that an administrator may decide upon.
#[derive(Clone, Debug)]
pub struct Open {
    /// The community.
    pub community: ActorRow,
    /// What it says, and what that is worth.
    pub claim: Claim,
    /// The others that say that they stand for what is shown of it.
    pub others: Vec<ActorRow>,
}

/// What that community says that it stands for; none where it is topical and says nothing else.
///
/// # Errors
/// Those of storage.
pub async fn find(app: &App, community_id: i64) -> Result<Option<Claim>> {
    Ok(list(app, vec![community_id]).await?.remove(&community_id))
}

/// What these communities say that they stand for; topical ones are left out.
///
/// # Errors
/// Those of storage.
pub async fn list(app: &App, ids: Vec<i64>) -> Result<HashMap<i64, Claim>> {
    app.read(move |conn| {
        let known = Known::load(conn, &ids)?;
        Ok::<_, Error>(ids.into_iter().filter_map(|id| Some((id, known.claim(id)?))).collect())
    })
    .await
}

/// What the administrators of this instance may decide: claims of communities elsewhere that are not confirmed, newest
/// first.
///
/// # Errors
/// `NotPossible` for anybody else.
pub async fn list_open(app: &App, administrator_id: i64) -> Result<Vec<Open>> {
    app.read(move |conn| {
        administrator(conn, administrator_id)?;
        let rows = claims::list_elsewhere(conn, CLAIMANTS)?;
        let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
        let known = Known::load(conn, &ids)?;
        let mut open = Vec::new();
        for community in rows {
            let Some(claim) = known.claim(community.id) else { continue };
            if known.counts(&community) && known.is_open(community.id, &claim) {
                let others = known.rivals(community.id).into_iter().cloned().collect();
                open.push(Open { community, claim, others });
            }
        }
        Ok::<_, Error>(open)
    })
    .await
}

/// An administrator confirms, or rejects, that a community elsewhere stands for an area: what is shown of it, or what it
/// says now. What was confirmed is shown from then on, and a link of here that nobody chose, with what is nested in a
/// community of here, is one that was chosen.
///
/// # Errors
/// `NotFound` for what it does not say and for a community of here; `NotPossible` for anybody else.
pub async fn judge(
    app: &App,
    administrator_id: i64,
    community_id: i64,
    territory: TerritoryId,
    confirmed: bool,
) -> Result<()> {
    app.write(move |deed| {
        administrator(deed.conn, administrator_id)?;
        let community = actors::find(deed.conn, community_id)?.filter(|row| !row.local);
        let community = community.ok_or(Refusal::NotFound)?;
        let claim = Known::load(deed.conn, &[community.id])?.claim(community.id).ok_or(Refusal::NotFound)?;
        if claim.shown != Some(territory) && claim.says_now() != Some(territory) {
            return Err(Error::from(Refusal::NotFound));
        }
        if confirmed {
            show(deed, &community, territory)?;
        }
        let row = JudgedRow {
            community_id,
            territory: territory.to_string(),
            confirmed,
            decider_id: administrator_id,
            decided_at: deed.now(),
        };
        Ok(claims::put_judged(deed.conn, &row)?)
    })
    .await
}

/// What an administrator confirmed is what is shown.
fn show(deed: &mut Deed<'_>, community: &ActorRow, territory: TerritoryId) -> Result<()> {
    claims::remove_confirmed(deed.conn, community.id)?;
    let row = communities::find(deed.conn, community.id)?.ok_or(Refusal::NotFound)?;
    let territory = Some(territory.to_string());
    let says_so = row.territory == territory
        || claims::list_changed(deed.conn, &[community.id])?
            .iter()
            .any(|changed| changed.territory == territory);
    communities::put(deed.conn, &communities::CommunityRow { territory, ..row })?;
    if says_so {
        claims::remove_changed(deed.conn, community.id)?;
    }
    for mut link in links::list_with(deed.conn, community.id, &[LinkState::Active])? {
        if link.implied && link.relation()? == Relation::Lower {
            link.implied = false;
            links::update(deed.conn, &link)?;
            deed.owe(&Effect::LinkListed { link: Id(link.id), added: true })?;
        }
    }
    Ok(())
}

fn administrator(conn: &mut Conn, id: i64) -> Result<()> {
    let role = accounts::find(conn, id)?.map(|account| account.role()).transpose()?;
    if role == Some(Role::Administrator) { Ok(()) } else { Err(Refusal::NotPossible.into()) }
}

/// What is shown of a community elsewhere that says now that it stands for that area, or for none. What it says is kept
/// where it is not shown.
pub(crate) fn receive(
    deed: &mut Deed<'_>,
    community_id: i64,
    says: Option<TerritoryId>,
) -> Result<Option<TerritoryId>> {
    let known = communities::find(deed.conn, community_id)?;
    let is_known = known.is_some();
    let before = known.and_then(|row| row.territory).as_deref().and_then(read);
    let judged = claims::list_judged(deed.conn, &[community_id])?;
    let text = says.map(|says| says.to_string());
    let is_confirmed = judged.iter().any(|row| row.confirmed && Some(&row.territory) == text.as_ref());
    let shown = decide_shown(is_known, before, says, is_confirmed);
    if shown == says {
        claims::remove_changed(deed.conn, community_id)?;
        return Ok(shown);
    }
    let said = claims::list_changed(deed.conn, &[community_id])?;
    if said.first().is_none_or(|row| row.territory != text) {
        let since = deed.now();
        claims::put_changed(deed.conn, &ChangedRow { community_id, territory: text, since })?;
    }
    Ok(shown)
}

/// An area as it is named today: a retired code is that of its successor.
fn read(text: &str) -> Option<TerritoryId> {
    let id = text.parse::<TerritoryId>().ok()?;
    Some(clocher_cog::resolve_id(id).territory().map_or(id, |area| area.id))
}

/// What is known here of what communities stand for, as far as it matters for some of them: of those, of all that say
/// the same, and of all that are above any of these.
#[derive(Default)]
struct Known {
    rows: HashMap<i64, ActorRow>,
    shown: HashMap<i64, TerritoryId>,
    changed: HashMap<i64, Changed>,
    judged: HashMap<(i64, TerritoryId), bool>,
    /// Of each, in which it is nested by the word of those.
    parents: HashMap<i64, Vec<i64>>,
    blocked: HashSet<String>,
}

impl Known {
    fn load(conn: &mut Conn, ids: &[i64]) -> Result<Self> {
        let own = claims::list_own(conn)?;
        let mut known = Self::default();
        let mut next: Vec<i64> = ids.to_vec();
        for _ in 0..ROUNDS {
            next.sort_unstable();
            next.dedup();
            next.retain(|id| !known.rows.contains_key(id));
            next.truncate(MOST.saturating_sub(known.rows.len()));
            if next.is_empty() {
                break;
            }
            next = known.load_round(conn, &next, &own)?;
        }
        if clocher_storage::domains::list(conn)?.is_empty() {
            return Ok(known);
        }
        let away = known.rows.values().filter(|row| !row.local);
        let hosts: HashSet<String> = away.map(|row| row.host.clone()).collect();
        for host in hosts {
            if domains::is_blocked(conn, &host)? {
                known.blocked.insert(host);
            }
        }
        Ok(known)
    }

    /// Loads these; gives what matters for them.
    fn load_round(&mut self, conn: &mut Conn, ids: &[i64], own: &[(i64, String)]) -> Result<Vec<i64>> {
        for row in actors::list(conn, ids)? {
            self.rows.insert(row.id, row);
        }
        let mut stands = HashSet::new();
        for (id, text) in claims::list_shown(conn, ids)? {
            if let Some(territory) = read(&text) {
                self.shown.insert(id, territory);
                stands.insert(territory);
            }
        }
        for row in claims::list_changed(conn, ids)? {
            let territory = row.territory.as_deref().and_then(read);
            self.changed.insert(row.community_id, territory.map_or(Changed::Away, Changed::To));
        }
        for row in claims::list_judged(conn, ids)? {
            if let Some(territory) = read(&row.territory) {
                self.judged.insert((row.community_id, territory), row.confirmed);
            }
        }
        let texts: Vec<String> = stands.iter().map(ToString::to_string).collect();
        let claimants = claims::list_claimants(conn, &texts, CLAIMANTS)?;
        let mut next: Vec<i64> = claimants.into_iter().map(|(id, _)| id).collect();
        // One of here may bear the code of its founding.
        let is_same = |text: &String| read(text).is_some_and(|territory| stands.contains(&territory));
        next.extend(own.iter().filter(|(_, text)| is_same(text)).map(|(id, _)| *id));
        for (lower, upper) in claims::list_parents(conn, ids)? {
            self.parents.entry(lower).or_default().push(upper);
            next.push(upper);
        }
        Ok(next)
    }

    fn claim(&self, id: i64) -> Option<Claim> {
        let (shown, changed) = (self.shown.get(&id).copied(), self.changed.get(&id).copied());
        if shown.is_none() && changed.is_none() {
            return None;
        }
        let standing = shown.map_or(Standing::Claimed, |_| self.standing(id));
        Some(Claim { shown, standing, changed })
    }

    /// Whether there is anything for an administrator to decide.
    fn is_open(&self, id: i64, claim: &Claim) -> bool {
        let is_unsure = matches!(claim.standing, Standing::Claimed | Standing::Contested);
        let is_rejected = |territory| self.judged.get(&(id, territory)) == Some(&false);
        (is_unsure && claim.shown.is_some())
            || claim.says_now().is_some_and(|territory| !is_rejected(territory))
    }

    /// Whether a community is one that may say anything here.
    fn counts(&self, row: &ActorRow) -> bool {
        row.is_active() && row.moved_to.is_none() && !self.blocked.contains(&row.host)
    }

    /// The communities of other hosts that say that they stand for what is shown of that one.
    fn rivals(&self, id: i64) -> Vec<&ActorRow> {
        let (Some(own), Some(territory)) = (self.rows.get(&id), self.shown.get(&id)) else {
            return Vec::new();
        };
        let says_so = |other: i64| {
            self.shown.get(&other) == Some(territory)
                || self.changed.get(&other) == Some(&Changed::To(*territory))
        };
        let mut rivals: Vec<_> =
            self.rows.values().filter(|row| row.host != own.host && says_so(row.id)).collect();
        rivals.retain(|row| self.counts(row));
        rivals.sort_unstable_by_key(|row| row.id);
        rivals
    }

    fn standing(&self, id: i64) -> Standing {
        let Some(territory) = self.shown.get(&id) else { return Standing::Claimed };
        let own = self.claimant(id, *territory);
        if own.ground == Ground::Trusted || own.is_rejected {
            return decide_standing(own, &[]);
        }
        let others: Vec<Claimant> =
            self.rivals(id).into_iter().map(|row| self.claimant(row.id, *territory)).collect();
        decide_standing(own, &others)
    }

    /// What speaks for a community as that of an area.
    fn claimant(&self, id: i64, territory: TerritoryId) -> Claimant {
        let judged = self.judged.get(&(id, territory)).copied();
        let is_own = self.rows.get(&id).is_some_and(|row| row.local);
        let ground = if is_own || judged == Some(true) {
            Ground::Trusted
        } else if self.shown.get(&id) == Some(&territory) && self.has_parent(id, territory) {
            Ground::Link
        } else {
            Ground::Word
        };
        Claimant { ground, is_rejected: judged == Some(false) }
    }

    /// Whether a community just above that area, which is believed to be, has taken that one as its lower. What is above
    /// is of a higher level: the question comes to an end.
    fn has_parent(&self, id: i64, territory: TerritoryId) -> bool {
        let Some(area) = clocher_cog::find_id(territory) else { return false };
        let official = clocher_cog::direct_parents(&area);
        self.parents.get(&id).into_iter().flatten().any(|upper| {
            let is_above =
                self.shown.get(upper).is_some_and(|above| official.iter().any(|area| area.id == *above));
            let counts = self.rows.get(upper).is_some_and(|row| self.counts(row));
            is_above && counts && self.standing(*upper) == Standing::Confirmed
        })
    }
}
