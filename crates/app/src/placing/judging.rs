//! The part of moderators: one item for a thread, whatever number of their communities it waits at or is to come to.

use super::travel::refuse;
use super::{hide, home_of, mint_announce, reach_of, show};
use crate::app::Deed;
use crate::{App, Error, Result, moderating};
use clocher_domain::effect::Effect;
use clocher_domain::link::{Accepting, LinkState};
use clocher_domain::placement::{Departure, PlacementState, Way, decide_departure};
use clocher_domain::{Id, Refusal};
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::placements::{self, AnswerRow, PlacementRow};
use clocher_storage::posts::{self, PostRow};
use clocher_storage::{Conn, communities, links};
use std::collections::HashSet;

/// Most items of a queue that are looked at.
const ITEMS: i64 = 200;
/// Most communities ahead of one item.
const AHEAD: usize = 100;

/// A thread that asks for a moderator.
#[derive(Clone, Debug)]
pub struct Item {
    /// The top post.
    pub thread: PostRow,
    /// Its author.
    pub author: ActorRow,
    /// Its home.
    pub home: ActorRow,
    /// Where it asks.
    pub standing: Vec<Standing>,
    /// Where it will, of what the same moderator moderates.
    pub ahead: Vec<Ahead>,
}

/// A community at which a thread waits.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The community.
    pub community: ActorRow,
    /// Whether it is shown there already, as it was before its author changed it.
    pub is_edit: bool,
}

/// A community to which a thread may go on.
#[derive(Clone, Debug)]
pub struct Ahead {
    /// The community.
    pub community: ActorRow,
    /// What a moderator answered already.
    pub answer: Option<bool>,
}

/// What a moderator decides on a thread.
#[derive(Clone, Debug, Default)]
pub struct Judgement {
    /// The communities that let it in, now or when it comes.
    pub accepted: Vec<i64>,
    /// Those that do not.
    pub refused: Vec<i64>,
}

/// What asks for that person of here as a moderator, oldest first.
///
/// # Errors
/// `NotFound`; those of storage.
pub async fn list_items(app: &App, moderator_id: i64) -> Result<Vec<Item>> {
    app.read(move |conn| {
        let moderator = local(conn, moderator_id)?;
        let mut mine = Vec::new();
        for (_, community) in communities::list_local(conn)? {
            if moderating::moderates(conn, &community, &moderator)? {
                mine.push(community);
            }
        }
        let ids: Vec<i64> = mine.iter().map(|row| row.id).collect();
        let mut items: Vec<Item> = Vec::new();
        for (row, thread) in placements::list_open(conn, &ids, ITEMS)? {
            let Some(community) = mine.iter().find(|one| one.id == row.community_id) else { continue };
            let standing =
                Standing { community: community.clone(), is_edit: row.state()? == PlacementState::Placed };
            match items.last_mut().filter(|item| item.thread.id == thread.id) {
                Some(item) => item.standing.push(standing),
                None => items.push(Item {
                    author: actors::find(conn, thread.author_id)?.ok_or(Refusal::NotFound)?,
                    home: home_of(conn, &thread)?,
                    thread,
                    standing: vec![standing],
                    ahead: Vec::new(),
                }),
            }
        }
        for item in &mut items {
            item.ahead = ahead(conn, item, &mine)?;
        }
        Ok::<_, Error>(items)
    })
    .await
}

fn local(conn: &mut Conn, id: i64) -> Result<ActorRow> {
    Ok(actors::find(conn, id)?.filter(|row| row.local).ok_or(Refusal::NotFound)?)
}

/// Where the thread of an item may come, of the communities `mine`, that have not decided on it.
fn ahead(conn: &mut Conn, item: &Item, mine: &[ActorRow]) -> Result<Vec<Ahead>> {
    let (reach, reach_is_chosen) = reach_of(conn, &item.thread)?;
    let mut open: Vec<(i64, Way, usize)> = Vec::new();
    for standing in item.standing.iter().filter(|standing| !standing.is_edit) {
        let Some(row) = placements::find_in(conn, item.thread.id, standing.community.id)? else { continue };
        let length = row.path()?.len() + 1;
        open.extend(row.ways()?.iter().map(|way| (standing.community.id, way, length)));
    }
    let mut seen: HashSet<i64> = item.standing.iter().map(|standing| standing.community.id).collect();
    seen.insert(item.home.id);
    let mut ahead = Vec::new();
    while let Some((from, came, length)) = open.pop() {
        for (link, neighbour) in links::list(conn, from, &[LinkState::Active])? {
            let (relation, other) = (link.relation()?, link.other_policy()?);
            let next = Way::from_neighbour(relation.inverse());
            let goes = neighbour.local
                && decide_departure(Departure {
                    came,
                    neighbour: relation,
                    policy: link.policy()?,
                    is_taken: other.accepts != Accepting::Nothing,
                    within_reach: reach.allows(next, &neighbour.ap_id),
                    reach_is_chosen,
                    moderator_chose: false,
                    link_is_older: link.effective_at <= super::dated(&item.thread),
                    length,
                });
            if !goes || !seen.insert(neighbour.id) || ahead.len() >= AHEAD {
                continue;
            }
            open.push((neighbour.id, next, length + 1));
            let is_mine = mine.iter().any(|one| one.id == neighbour.id);
            if is_mine && placements::find_in(conn, item.thread.id, neighbour.id)?.is_none() {
                let answer = placements::find_answer(conn, item.thread.id, neighbour.id)?;
                ahead.push(Ahead { community: neighbour, answer: answer.map(|answer| answer.accepted) });
            }
        }
    }
    ahead.sort_by_key(|one| one.community.id);
    Ok(ahead)
}

/// A person of here decides on a thread, for those of their communities that they name. Where it has not come yet the answer is
/// kept until it does.
///
/// # Errors
/// `NotAModerator`, `Suspended`, `NotFound`, `Deleted`.
pub async fn judge(app: &App, moderator_id: i64, thread_id: i64, judgement: Judgement) -> Result<()> {
    app.write(move |deed| {
        let moderator = local(deed.conn, moderator_id)?;
        let thread = thread(deed, thread_id)?;
        let each = judgement.accepted.iter().map(|id| (*id, true));
        for (community_id, accepted) in each.chain(judgement.refused.iter().map(|id| (*id, false))) {
            let community = moderating::moderated(deed.conn, community_id, &moderator)?;
            if !community.local {
                return Err(Error::from(Refusal::NotFound));
            }
            judge_in(deed, &thread, &community, moderator.id, accepted)?;
        }
        Ok(())
    })
    .await?;
    app.wakers().jobs.notify_one();
    Ok(())
}

fn thread(deed: &mut Deed<'_>, id: i64) -> Result<PostRow> {
    let thread = posts::find(deed.conn, id)?.filter(|post| post.is_top() && post.home_id.is_some());
    let thread = thread.ok_or(Refusal::NotFound)?;
    if thread.is_live() { Ok(thread) } else { Err(Refusal::Deleted.into()) }
}

fn judge_in(
    deed: &mut Deed<'_>,
    thread: &PostRow,
    community: &ActorRow,
    moderator_id: i64,
    accepted: bool,
) -> Result<()> {
    let now = deed.now();
    let Some(row) = placements::find_in(deed.conn, thread.id, community.id)? else {
        let answer = AnswerRow {
            thread_id: thread.id,
            community_id: community.id,
            decider_id: moderator_id,
            accepted,
            created_at: now,
        };
        return Ok(placements::put_answer(deed.conn, &answer)?);
    };
    let state = row.state()?;
    let waits = state == PlacementState::Waiting;
    let is_edit = state == PlacementState::Placed && row.accepted_html.is_some();
    match (accepted, waits || is_edit) {
        (_, false) => Ok(()),
        (false, true) if is_edit => hide(deed, row, Some(moderator_id)),
        (accepted, true) => {
            let mut row = PlacementRow {
                decider_id: Some(moderator_id),
                accepted_title: None,
                accepted_html: None,
                changed_at: now,
                ..row
            };
            if waits {
                let next = if accepted { PlacementState::Placed } else { PlacementState::Refused };
                next.as_str().clone_into(&mut row.state);
                row.announce = accepted.then(|| mint_announce(deed));
            }
            placements::update(deed.conn, &row)?;
            match (waits, accepted) {
                (true, true) => show(deed, thread, &row, true),
                (true, false) => refuse_all(deed, thread, &row),
                (false, _) => Ok(()),
            }
        }
    }
}

/// Tells every neighbour that offered a thread that it is refused.
pub(super) fn refuse_all(deed: &mut Deed<'_>, thread: &PostRow, row: &PlacementRow) -> Result<()> {
    for arrival in placements::list_arrivals(deed.conn, row.id)? {
        if let Some(neighbour) = actors::find(deed.conn, arrival.neighbour_id)? {
            refuse(deed, thread, row.community_id, &neighbour, &arrival.offer)?;
        }
    }
    Ok(())
}

/// A person of here takes a thread out of a community that they moderate. Its home, and others that share it, keep it.
///
/// # Errors
/// `NotAModerator`, `Suspended`, `NotFound` where it is not placed there.
pub async fn withdraw(app: &App, moderator_id: i64, community_id: i64, thread_id: i64) -> Result<()> {
    app.write(move |deed| {
        let moderator = local(deed.conn, moderator_id)?;
        let community = moderating::moderated(deed.conn, community_id, &moderator)?;
        let row = placements::find_in(deed.conn, thread_id, community.id)?.filter(|_| community.local);
        let row = row.filter(|row| row.state == PlacementState::Placed.as_str());
        hide(deed, row.ok_or(Refusal::NotFound)?, Some(moderator_id))
    })
    .await
}

/// A person of here sends a thread from a community that they moderate, and that shows it, on to a linked one, as far as its
/// author allows.
///
/// # Errors
/// `NotAModerator`, `Suspended`, `NotFound`, `Deleted`, `NoLink`, `BeyondReach`, `PathBroken` where it came by a way that does
/// not go on there.
pub async fn share(
    app: &App,
    moderator_id: i64,
    community_id: i64,
    thread_id: i64,
    neighbour_id: i64,
) -> Result<()> {
    app.write(move |deed| {
        let moderator = local(deed.conn, moderator_id)?;
        let community = moderating::moderated(deed.conn, community_id, &moderator)?;
        let thread = thread(deed, thread_id)?;
        let link = links::find_working(deed.conn, community.id, neighbour_id, deed.now())?;
        let link = link.ok_or(Refusal::NoLink)?;
        let neighbour = actors::find(deed.conn, neighbour_id)?.ok_or(Refusal::NotFound)?;
        let next = Way::from_neighbour(link.relation()?.inverse());
        if !reach_of(deed.conn, &thread)?.0.allows(next, &neighbour.ap_id) {
            return Err(Error::from(Refusal::BeyondReach));
        }
        let ways = if thread.home_id == Some(community.id) {
            vec![Way::Home]
        } else {
            let row = placements::find_in(deed.conn, thread.id, community.id)?;
            let row = row.filter(|row| row.state == PlacementState::Placed.as_str());
            row.ok_or(Refusal::NotFound)?.ways()?.iter().collect()
        };
        let way = ways.into_iter().find(|way| way.goes_on(next)).ok_or(Refusal::PathBroken)?;
        deed.owe(&Effect::Travels {
            thread: Id(thread.id),
            community: Id(community.id),
            way,
            neighbour: Some(Id(neighbour_id)),
        })
    })
    .await
}
