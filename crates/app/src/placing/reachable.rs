//! How far a new thread of a community could go, as its links are known here: what an author chooses from.

use crate::{App, Error, Result, readers};
use clocher_domain::Refusal;
use clocher_domain::link::{Accepting, LinkState, Relation, Sharing};
use clocher_domain::placement::{MAX_PATH, Reach, Way};
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::{Conn, communities, follows, links};
use std::collections::HashSet;

/// Most communities that an author is shown.
const MOST: usize = 50;

/// How far a new thread could go.
#[derive(Clone, Debug, Default)]
pub struct Reachable {
    /// The communities above and beside, nearest first.
    pub beyond: Vec<Destination>,
    /// How many communities are nested in it, as far as is known here.
    pub below: i64,
    /// What is meant where the author chooses nothing.
    pub default: Reach,
}

impl Reachable {
    /// Whether there is anything to choose.
    pub fn is_empty(&self) -> bool {
        self.beyond.is_empty() && self.below == 0
    }
}

/// A community where a thread could be placed too.
#[derive(Clone, Debug)]
pub struct Destination {
    /// The community.
    pub community: ActorRow,
    /// By which way the thread would come.
    pub way: Way,
    /// How many follow it: of a community elsewhere as it says, if it does.
    pub members: Option<i64>,
    /// Whether moderators are asked on the way to it, as far as is known here.
    pub asks: bool,
}

/// One step of a thread to a neighbour.
pub(super) struct Step {
    pub(super) way: Way,
    pub(super) community: ActorRow,
    /// Whether a moderator is asked, at either end.
    pub(super) asks: bool,
}

/// How far a new thread of that community could go.
///
/// # Errors
/// `NotFound`; those of storage.
pub async fn list_reachable(app: &App, community_id: i64) -> Result<Reachable> {
    let now = app.now().0;
    app.read(move |conn| {
        let home = actors::find(conn, community_id)?.ok_or(Refusal::NotFound)?;
        let default = communities::find(conn, home.id)?.map(|row| row.default_reach()).transpose()?;
        let mut reachable = Reachable { default: default.unwrap_or_default(), ..Reachable::default() };
        let mut seen = HashSet::from([home.id]);
        let mut open = vec![(home, Way::Home)];
        for _ in 1..MAX_PATH {
            let mut next = Vec::new();
            for (from, came) in open {
                for Step { way, community, asks } in steps(conn, &from, came, now)? {
                    if way == Way::Down {
                        reachable.below += 1;
                    } else if reachable.beyond.len() < MOST && seen.insert(community.id) {
                        let members = members(conn, &community)?;
                        reachable.beyond.push(Destination {
                            community: community.clone(),
                            way,
                            members,
                            asks,
                        });
                        next.push((community, way));
                    }
                }
            }
            open = next;
        }
        Ok::<_, Error>(reachable)
    })
    .await
}

/// To whom a thread may go on from a community to which it came by that way: by its links of here, or as it lists them.
pub(super) fn steps(conn: &mut Conn, from: &ActorRow, came: Way, now: i64) -> Result<Vec<Step>> {
    let mut steps = Vec::new();
    let way_to = |relation: Relation| Way::from_neighbour(relation.inverse());
    if from.local {
        for (link, other) in links::list_working(conn, from.id, now)? {
            let is_open = link.policy()?.shares != Sharing::Nothing
                && link.other_policy()?.accepts != Accepting::Nothing;
            let way = way_to(link.relation()?);
            if is_open && came.goes_on(way) && other.is_active() {
                let asks = link.policy()?.shares == Sharing::Moderator
                    || link.other_policy()?.accepts == Accepting::Moderated;
                steps.push(Step { way, community: other, asks });
            }
        }
        return Ok(steps);
    }
    for (other, relation) in links::list_elsewhere(conn, from.id)?.into_iter().take(MOST) {
        let way = way_to(relation);
        let Some(other) = actors::find_by_ap_id(conn, &other)?.filter(|_| came.goes_on(way)) else {
            continue;
        };
        // What it says of one of here counts nothing where that one does not say so; a closed one is named nowhere.
        let is_agreed = !other.local || is_linked(conn, other.id, from.id)?;
        if is_agreed && other.is_active() && readers::openness(conn, other.id)?.is_open() {
            steps.push(Step { way, community: other, asks: false });
        }
    }
    Ok(steps)
}

fn is_linked(conn: &mut Conn, community_id: i64, other_id: i64) -> Result<bool> {
    let link = links::find_between(conn, community_id, other_id)?;
    Ok(link.is_some_and(|link| link.state == LinkState::Active.as_str()))
}

pub(super) fn members(conn: &mut Conn, community: &ActorRow) -> Result<Option<i64>> {
    if community.local {
        return Ok(Some(follows::count_followers(conn, community.id)?));
    }
    Ok(communities::find(conn, community.id)?.and_then(|row| row.members_claimed))
}
