//! Who would read a new thread, before it is sent: the communities where it may stand, and the people of here, each once.
//!
//! Tells the most that can be: moderators, and communities of other servers, decide when it comes to them.

use super::addressing::{addressed, obstacle};
use super::reachable::{Destination, members, steps};
use crate::{App, Error, Result, readers};
use clocher_domain::Refusal;
use clocher_domain::placement::{MAX_PATH, Reach, Way};
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::{Conn, follows};
use std::collections::{BTreeSet, HashSet};

/// Most communities that are foreseen.
const MOST: usize = 500;

/// Who would read a new thread.
#[derive(Clone, Debug, Default)]
pub struct Foreseen {
    /// The home, then where the thread may come, nearest first.
    pub communities: Vec<Destination>,
    /// Chosen communities to which nothing leads by what is chosen.
    pub missed: Vec<ActorRow>,
    /// Communities to which it would be addressed and that, by their own rules, would not show it.
    pub unplaced: Vec<ActorRow>,
    /// How many people of here belong to one of them, each counted once, the author not at all.
    pub people: usize,
    /// The other servers that have one of them, or of which somebody belongs to one of here.
    pub hosts: Vec<String>,
    /// Whether more communities than are told could be reached.
    pub is_cut: bool,
}

/// Who would read a new thread of that author in a community and in those `also` addressed, going as far as `reach` allows.
///
/// # Errors
/// `NotFound`, also for a community that the author may not know or read; what refuses those `also` addressed; those of
/// storage.
pub async fn foresee(
    app: &App,
    author_id: i64,
    community_id: i64,
    reach: Reach,
    also: Vec<i64>,
) -> Result<Foreseen> {
    let now = app.now().0;
    app.read(move |conn| {
        let author = actors::find(conn, author_id)?.ok_or(Refusal::NotFound)?;
        let home = actors::find(conn, community_id)?.ok_or(Refusal::NotFound)?;
        if !readers::may_read_contents(conn, &home, Some(author_id))? {
            return Err(Error::from(Refusal::NotFound));
        }
        let mut foreseen = Foreseen::default();
        let mut others = Vec::new();
        for community in addressed(conn, Some(&home), &author, &also)? {
            if obstacle(conn, &community, &author, now)?.is_none() {
                others.push(community);
            } else {
                foreseen.unplaced.push(community);
            }
        }
        walk(conn, &home, &others, &reach, &mut foreseen, now)?;
        let came: HashSet<&str> =
            foreseen.communities.iter().map(|one| one.community.ap_id.as_str()).collect();
        let missed: Vec<String> =
            reach.communities.iter().filter(|id| !came.contains(id.as_str())).cloned().collect();
        foreseen.missed = actors::list_by_ap_ids(conn, &missed)?;
        let (mut people, mut hosts) = (HashSet::new(), BTreeSet::new());
        for one in &foreseen.communities {
            people.extend(follows::list_active_local_followers(conn, one.community.id)?);
            if one.community.local {
                hosts.extend(
                    follows::list_follower_inboxes(conn, one.community.id)?.into_iter().map(|row| row.1),
                );
            } else {
                hosts.insert(one.community.host.clone());
            }
        }
        people.remove(&author_id);
        foreseen.people = people.len();
        foreseen.hosts = hosts.into_iter().collect();
        Ok(foreseen)
    })
    .await
}

/// Begins with the home and those addressed besides, then follows the links as a thread would, from the nearest on.
fn walk(
    conn: &mut Conn,
    home: &ActorRow,
    addressed: &[ActorRow],
    reach: &Reach,
    foreseen: &mut Foreseen,
    now: i64,
) -> Result<()> {
    let named = addressed.iter().map(|community| (community, Way::Addressed));
    for (community, way) in std::iter::once((home, Way::Home)).chain(named) {
        let members = members(conn, community)?;
        foreseen.communities.push(Destination { community: community.clone(), way, members, asks: false });
    }
    let mut seen = HashSet::from([home.id]);
    let mut open = vec![(home.clone(), Way::Home)];
    for _ in 1..MAX_PATH {
        let mut next = Vec::new();
        for (from, came) in open {
            for step in steps(conn, &from, came, now)? {
                let community = step.community;
                if !reach.allows(step.way, &community.ap_id) || !seen.insert(community.id) {
                    continue;
                }
                if foreseen.communities.len() >= MOST {
                    foreseen.is_cut = true;
                    return Ok(());
                }
                let members = members(conn, &community)?;
                next.push((community.clone(), step.way));
                if addressed.iter().any(|named| named.id == community.id) {
                    continue;
                }
                foreseen.communities.push(Destination { community, way: step.way, members, asks: step.asks });
            }
        }
        open = next;
    }
    Ok(())
}
