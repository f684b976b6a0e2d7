//! Where a moderator may send a thread on, as links, ways and the reach of its author allow.

use super::{home_of, reach_of};
use crate::{App, Error, Result, moderating};
use clocher_domain::Refusal;
use clocher_domain::link::{Accepting, Sharing};
use clocher_domain::placement::{PlacementState, Way};
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::{links, placements, posts};
use std::collections::HashSet;

/// Most that is offered to a moderator for one thread.
const MOST: usize = 50;

/// A thread that shows in one community, and another to which it may be sent.
#[derive(Clone, Debug)]
pub struct Onward {
    /// A community of here that the person moderates.
    pub from: ActorRow,
    /// The linked one.
    pub to: ActorRow,
}

/// Where that person may send a thread on by [`super::share`], of communities that do not show it yet. Nothing for who
/// moderates none of those that do.
///
/// # Errors
/// Those of storage.
pub async fn list_onward(app: &App, moderator_id: i64, thread_id: i64) -> Result<Vec<Onward>> {
    let now = app.now().0;
    app.read(move |conn| {
        let moderator = actors::find(conn, moderator_id)?.filter(|row| row.local).ok_or(Refusal::NotFound)?;
        let found = posts::find(conn, thread_id)?;
        let thread = found.filter(|post| post.is_live() && post.is_top() && post.home_id.is_some());
        let Some(thread) = thread else { return Ok(Vec::new()) };
        let home = home_of(conn, &thread)?;
        let (reach, _) = reach_of(conn, &thread)?;
        let mut stands = HashSet::from([home.id]);
        let mut mine = vec![(home, vec![Way::Home])];
        for (row, community) in placements::list(conn, thread.id)? {
            if row.state()? == PlacementState::Placed {
                stands.insert(community.id);
                mine.push((community, row.ways()?.iter().collect()));
            }
        }
        let mut onward = Vec::new();
        for (from, ways) in mine {
            if !from.local || !moderating::moderates(conn, &from, &moderator)? {
                continue;
            }
            for (link, to) in links::list_working(conn, from.id, now)? {
                let next = Way::from_neighbour(link.relation()?.inverse());
                let goes = to.is_active()
                    && !stands.contains(&to.id)
                    && link.policy()?.shares != Sharing::Nothing
                    && link.other_policy()?.accepts != Accepting::Nothing
                    && reach.allows(next, &to.ap_id)
                    && ways.iter().any(|way| way.goes_on(next));
                if goes && onward.len() < MOST {
                    onward.push(Onward { from: from.clone(), to });
                }
            }
        }
        Ok::<_, Error>(onward)
    })
    .await
}
