//! The way of a thread: from its home, or from where it came, to the communities that are linked there.

use super::{dated, home_of, mint_announce, reach_of, show, write_ids};
use crate::app::Deed;
use crate::received::{Outcome, Received};
use crate::{App, Error, Result, moderating, readers};
use clocher_domain::audience::Visibility;
use clocher_domain::effect::Effect;
use clocher_domain::link::Accepting;
use clocher_domain::mutant::{self, Mutant};
use clocher_domain::placement::{
    Arrival, Arrived, Departure, PlacementState, Way, Ways, decide_arrival, decide_departure, is_answered,
};
use clocher_domain::time::DAY;
use clocher_domain::{Id, Refusal};
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::links::LinkRow;
use clocher_storage::placements::{self, ArrivalRow, PlacementRow};
use clocher_storage::posts::{self, PostRow};
use clocher_storage::{Conn, activities, bans, links};

/// A thread that a community of here offers to a neighbour elsewhere.
#[derive(Clone, Debug)]
pub struct Offering {
    /// Who offers it.
    pub community: ActorRow,
    /// To whom.
    pub neighbour: ActorRow,
    /// The top post.
    pub thread: PostRow,
    /// The way by which it came to the community.
    pub way: Way,
    /// ActivityPub ids, from the home to the community.
    pub path: Vec<String>,
    /// The id of the `Announce` of each.
    pub announces: Vec<String>,
}

/// A thread that a neighbour elsewhere offers to a community of here. The home, and every community on the path, is known
/// to have announced it.
#[derive(Clone, Debug)]
pub struct Offered {
    /// The community of here.
    pub community_id: i64,
    /// The neighbour.
    pub neighbour_id: i64,
    /// The ActivityPub id of the top post.
    pub thread: String,
    /// The way by which it came to the neighbour.
    pub way: Way,
    /// ActivityPub ids, from the home to the neighbour.
    pub path: Vec<String>,
    /// The id of the `Announce` of each.
    pub announces: Vec<String>,
}

/// A thread that comes from a neighbour, of here or elsewhere, to a community of here.
struct Coming<'a> {
    thread: &'a PostRow,
    community: &'a ActorRow,
    neighbour: &'a ActorRow,
    way: Way,
    path: &'a [String],
    announces: &'a [String],
    /// The id of the `Offer`; none between communities of here.
    offer: &'a str,
}

/// Owes the way of a thread from its home of here, if that is linked with anybody.
pub(crate) fn begin(deed: &mut Deed<'_>, post: &PostRow, home: &ActorRow) -> Result<()> {
    if !post.is_top() || !home.local || !links::has_working(deed.conn, home.id, deed.now())? {
        return Ok(());
    }
    let (thread, community) = (Id(post.id), Id(home.id));
    deed.owe(&Effect::Travels { thread, community, way: Way::Home, neighbour: None })
}

/// A thread goes on from a community of here, where it came by that way: to neighbours of here at once, to those
/// elsewhere by what is given. To `only` that one where a moderator sends it.
///
/// # Errors
/// Those of storage.
pub fn depart(
    deed: &mut Deed<'_>,
    thread_id: i64,
    community_id: i64,
    way: Way,
    only: Option<i64>,
) -> Result<Vec<Offering>> {
    let found = posts::find(deed.conn, thread_id)?.zip(actors::find(deed.conn, community_id)?);
    let Some((thread, community)) = found.filter(|(thread, community)| may_travel(thread) && community.local)
    else {
        return Ok(Vec::new());
    };
    let Some((path, announces)) = route(deed.conn, &thread, &community, way)? else { return Ok(Vec::new()) };
    let (reach, reach_is_chosen) = reach_of(deed.conn, &thread)?;
    let mut offerings = Vec::new();
    for (link, neighbour) in links::list_working(deed.conn, community_id, deed.now())? {
        let is_meant = only.is_none_or(|only| only == neighbour.id);
        if !is_meant || !neighbour.is_active() || path.contains(&neighbour.ap_id) {
            continue;
        }
        let relation = link.relation()?;
        let next = Way::from_neighbour(relation.inverse());
        let goes = decide_departure(Departure {
            came: way,
            neighbour: relation,
            policy: link.policy()?,
            is_taken: link.other_policy()?.accepts != Accepting::Nothing,
            within_reach: reach.allows(next, &neighbour.ap_id),
            reach_is_chosen,
            moderator_chose: only.is_some(),
            link_is_older: link.effective_at <= dated(&thread),
            length: path.len(),
        });
        if !goes {
            continue;
        }
        if neighbour.local {
            let coming = Coming {
                thread: &thread,
                community: &neighbour,
                neighbour: &community,
                way,
                path: &path,
                announces: &announces,
                offer: "",
            };
            match arrive(deed, &coming) {
                Ok(()) => {}
                Err(Error::Refused(refusal)) => {
                    tracing::debug!(thread = thread.ap_id, at = neighbour.ap_id, %refusal, "not placed");
                }
                Err(error) => return Err(error),
            }
        } else {
            let (thread, path, announces) = (thread.clone(), path.clone(), announces.clone());
            offerings.push(Offering {
                community: community.clone(),
                neighbour,
                thread,
                way,
                path,
                announces,
            });
        }
    }
    Ok(offerings)
}

/// Whether a message is one that may stand elsewhere than in its home.
pub(super) fn may_travel(thread: &PostRow) -> bool {
    let is_public = thread.visibility == Visibility::Public.as_str();
    thread.is_top() && thread.home_id.is_some() && thread.is_live() && is_public
}

/// The path of what begins at its home, of here, and the id of its `Announce`; none where it has not announced the thread.
///
/// # Errors
/// Those of storage.
pub fn route_from_home(
    conn: &mut Conn,
    thread: &PostRow,
    home: &ActorRow,
) -> Result<Option<(Vec<String>, Vec<String>)>> {
    let announced = activities::list_announces(conn, home.id, thread.id)?;
    let first = announced.into_iter().rev().find(|row| row.listed);
    Ok(first.map(|row| (vec![home.ap_id.clone()], vec![row.ap_id])))
}

/// From the home to the community, which came to have it by that way: ids, and that of the `Announce` of each. None where
/// it does not show the thread.
fn route(
    conn: &mut Conn,
    thread: &PostRow,
    community: &ActorRow,
    way: Way,
) -> Result<Option<(Vec<String>, Vec<String>)>> {
    if way == Way::Home {
        return if thread.home_id == Some(community.id) {
            route_from_home(conn, thread, community)
        } else {
            Ok(None)
        };
    }
    let row = placements::find_in(conn, thread.id, community.id)?;
    let row = row.filter(|row| row.state == PlacementState::Placed.as_str());
    let Some((row, announce)) = row.and_then(|row| row.announce.clone().map(|announce| (row, announce)))
    else {
        return Ok(None);
    };
    let mut shortest: Option<(Vec<String>, Vec<String>)> = None;
    for arrival in placements::list_arrivals(conn, row.id)? {
        if arrival.way()? != way {
            continue;
        }
        let path = arrival.path()?;
        if shortest.as_ref().is_none_or(|(known, _)| path.len() < known.len()) {
            shortest = Some((path, arrival.announces()?));
        }
    }
    Ok(shortest.map(|(mut path, mut announces)| {
        path.push(community.ap_id.clone());
        announces.push(announce);
        (path, announces)
    }))
}

/// Whether an offer is worth looking into: the receiver takes something by the link. A stranger could else make us fetch at
/// will.
///
/// # Errors
/// `NoLink` where the two are not linked.
pub async fn check_offer(app: &App, community_id: i64, neighbour_id: i64) -> Result<bool> {
    let now = app.now().0;
    app.read(move |conn| {
        let link = links::find_working(conn, community_id, neighbour_id, now)?.ok_or(Refusal::NoLink)?;
        Ok::<_, Error>(link.policy()?.accepts != Accepting::Nothing)
    })
    .await
}

/// A community of here takes nothing of what a linked one elsewhere offers, which is told so once.
///
/// # Errors
/// Those of storage.
pub async fn refuse_offer(
    app: &App,
    received: Received,
    community_id: i64,
    neighbour_id: i64,
    thread: String,
) -> Result<Outcome> {
    app.write(move |deed| {
        if !received.is_first(deed)? {
            return Ok(Outcome::Known);
        }
        let (community, neighbour) = (Id(community_id), Id(neighbour_id));
        deed.owe(&Effect::OfferRefused { community, neighbour, thread, offer: received.activity })?;
        Ok::<_, Error>(Outcome::Recorded)
    })
    .await
}

/// A neighbour elsewhere offers a thread.
///
/// # Errors
/// `NotFound` where the thread or the community is not known here; what the rule refuses.
pub async fn receive_offer(app: &App, received: Received, offered: Offered) -> Result<Outcome> {
    app.write(move |deed| {
        let thread = posts::find_by_ap_id(deed.conn, &offered.thread)?.filter(may_travel);
        let thread = thread.ok_or(Refusal::NotFound)?;
        let community = actors::find(deed.conn, offered.community_id)?.filter(|row| row.local);
        let community = community.ok_or(Refusal::NotFound)?;
        let neighbour = actors::find(deed.conn, offered.neighbour_id)?.ok_or(Refusal::NotFound)?;
        let coming = Coming {
            thread: &thread,
            community: &community,
            neighbour: &neighbour,
            way: offered.way,
            path: &offered.path,
            announces: &offered.announces,
            offer: &received.activity,
        };
        let arrived = arrive(deed, &coming);
        let is_first = received.is_first(deed)?;
        match arrived {
            Err(Error::Refused(refusal)) if is_answered(refusal) => {
                if is_first {
                    tell_refused(deed, &coming)
                } else {
                    Ok(())
                }
            }
            arrived => arrived,
        }
    })
    .await?;
    app.wakers().jobs.notify_one();
    Ok(Outcome::Recorded)
}

/// Owes telling a neighbour elsewhere that what it offered is refused.
fn tell_refused(deed: &mut Deed<'_>, coming: &Coming<'_>) -> Result<()> {
    refuse(deed, coming.thread, coming.community.id, coming.neighbour, coming.offer)
}

/// Owes telling a neighbour that the thread which it offered is refused: one elsewhere, by its `Offer`.
pub(super) fn refuse(
    deed: &mut Deed<'_>,
    thread: &PostRow,
    community_id: i64,
    neighbour: &ActorRow,
    offer: &str,
) -> Result<()> {
    if neighbour.local || offer.is_empty() {
        return Ok(());
    }
    deed.owe(&Effect::OfferRefused {
        community: Id(community_id),
        neighbour: Id(neighbour.id),
        thread: thread.ap_id.clone(),
        offer: offer.to_owned(),
    })
}

/// A thread comes to a community of here.
fn arrive(deed: &mut Deed<'_>, coming: &Coming<'_>) -> Result<()> {
    let (thread, community) = (coming.thread, coming.community);
    let link = links::find_working(deed.conn, community.id, coming.neighbour.id, deed.now())?;
    let relation = link.as_ref().map(LinkRow::relation).transpose()?;
    let way = relation.map_or(Way::Side, Way::from_neighbour);
    let decided = decide_arrival(arrival(deed, coming, link.as_ref(), way)?)?;
    let now = deed.now();
    let Some(row) = placements::find_in(deed.conn, thread.id, community.id)? else {
        let (state, decider_id) = first_state(deed, thread, community, decided)?;
        let row = PlacementRow {
            id: deed.app.mint(),
            thread_id: thread.id,
            community_id: community.id,
            state: state.as_str().to_owned(),
            ways: Ways::default().with(way).bits(),
            path: write_ids(coming.path)?,
            announce: (state == PlacementState::Placed).then(|| mint_announce(deed)),
            accepted_title: None,
            accepted_html: None,
            decider_id,
            created_at: now,
            changed_at: now,
            dated_at: thread.published_at,
        };
        placements::put(deed.conn, &row)?;
        note(deed, coming, row.id, way, now)?;
        return match state {
            PlacementState::Placed => show(deed, thread, &row, false),
            PlacementState::Refused => tell_refused(deed, coming),
            PlacementState::Waiting | PlacementState::Withdrawn => Ok(()),
        };
    };
    if !note(deed, coming, row.id, way, now)? {
        if row.state()? != PlacementState::Withdrawn {
            // Whoever brought it before brings nothing new.
            return Ok(());
        }
        placements::remove_arrival(deed.conn, row.id, coming.neighbour.id)?;
        note(deed, coming, row.id, way, now)?;
    }
    come_again(deed, coming, row, way, decided)
}

/// A thread that is known to a community comes to it by another neighbour, or again after it was withdrawn.
fn come_again(
    deed: &mut Deed<'_>,
    coming: &Coming<'_>,
    mut row: PlacementRow,
    way: Way,
    decided: Arrived,
) -> Result<()> {
    let (state, ways) = (row.state()?, row.ways()?);
    let is_new = !ways.has(way);
    row.ways = ways.with(way).bits();
    row.path = write_ids(&shortest_path(deed.conn, &row, coming)?)?;
    let back = state == PlacementState::Withdrawn && row.decider_id.is_none();
    // A link that accepts everything asks nobody: where its thread stands must not hang on which link was first.
    let asked = matches!(state, PlacementState::Waiting | PlacementState::Refused);
    if back || (asked && decided == Arrived::Placed) {
        let (next, decider_id) = first_state(deed, coming.thread, coming.community, decided)?;
        next.as_str().clone_into(&mut row.state);
        (row.decider_id, row.changed_at) = (decider_id, deed.now());
        if next == PlacementState::Placed {
            row.announce = Some(mint_announce(deed));
        }
        placements::update(deed.conn, &row)?;
        return match next {
            PlacementState::Placed => show(deed, coming.thread, &row, true),
            PlacementState::Refused => tell_refused(deed, coming),
            PlacementState::Waiting | PlacementState::Withdrawn => Ok(()),
        };
    }
    if matches!(state, PlacementState::Refused | PlacementState::Withdrawn) {
        // Its moderators said no, whoever brings it.
        placements::update(deed.conn, &row)?;
        return tell_refused(deed, coming);
    }
    if state == PlacementState::Placed && is_new && mutant::is(Mutant::ReAnnouncing) {
        row.announce = Some(mint_announce(deed));
        placements::update(deed.conn, &row)?;
        return show(deed, coming.thread, &row, false);
    }
    placements::update(deed.conn, &row)?;
    let is_new = is_new && !mutant::is(Mutant::SecondWayIgnored);
    if state == PlacementState::Placed && is_new {
        // It tells nobody anything, and only goes on where that way may.
        let (thread, community) = (Id(row.thread_id), Id(row.community_id));
        deed.owe(&Effect::Travels { thread, community, way, neighbour: None })?;
    }
    Ok(())
}

/// The label of a placement: the shortest path by which it came, whichever was first; of several, always the same one.
fn shortest_path(conn: &mut Conn, row: &PlacementRow, coming: &Coming<'_>) -> Result<Vec<String>> {
    if row.ways()?.has(Way::Addressed) {
        // It came there from its home at once.
        return Ok(row.path()?);
    }
    let mut paths = vec![coming.path.to_vec()];
    for arrival in placements::list_arrivals(conn, row.id)? {
        paths.push(arrival.path()?);
    }
    paths.sort_by(|one, other| one.len().cmp(&other.len()).then_with(|| one.cmp(other)));
    Ok(paths.into_iter().next().unwrap_or_default())
}

/// How a thread stands that was decided upon: at once, or as a moderator answered before it came.
fn first_state(
    deed: &mut Deed<'_>,
    thread: &PostRow,
    community: &ActorRow,
    decided: Arrived,
) -> Result<(PlacementState, Option<i64>)> {
    if decided == Arrived::Placed {
        return Ok((PlacementState::Placed, None));
    }
    let Some(answer) = placements::find_answer(deed.conn, thread.id, community.id)? else {
        return Ok((PlacementState::Waiting, None));
    };
    let decider = actors::find(deed.conn, answer.decider_id)?;
    let counts = decider.map_or(Ok(false), |row| moderating::moderates(deed.conn, community, &row))?;
    Ok(match (counts, answer.accepted) {
        (true, true) => (PlacementState::Placed, Some(answer.decider_id)),
        (true, false) => (PlacementState::Refused, Some(answer.decider_id)),
        (false, _) => (PlacementState::Waiting, None),
    })
}

/// Records by whom a thread came; false where the same neighbour had brought it.
fn note(deed: &mut Deed<'_>, coming: &Coming<'_>, placement_id: i64, way: Way, now: i64) -> Result<bool> {
    let row = ArrivalRow {
        placement_id,
        neighbour_id: coming.neighbour.id,
        way: way.as_str().to_owned(),
        path: write_ids(coming.path)?,
        announces: write_ids(coming.announces)?,
        offer: coming.offer.to_owned(),
        created_at: now,
    };
    Ok(placements::put_arrival(deed.conn, &row)?)
}

/// What the rule of arrivals needs to know.
fn arrival(deed: &mut Deed<'_>, coming: &Coming<'_>, link: Option<&LinkRow>, way: Way) -> Result<Arrival> {
    let (thread, community, now) = (coming.thread, coming.community, deed.now());
    let home = home_of(deed.conn, thread)?;
    let author = actors::find(deed.conn, thread.author_id)?.ok_or(Refusal::NotFound)?;
    let both_open = readers::openness(deed.conn, home.id)?.is_open()
        && readers::openness(deed.conn, community.id)?.is_open();
    if !author.is_active() || !community.is_active() || community.id == home.id || !both_open {
        return Err(Refusal::PathBroken.into());
    }
    let ends_at_neighbour = coming.path.last() == Some(&coming.neighbour.ap_id);
    let (reach, _) = reach_of(deed.conn, thread)?;
    let (today_by_link, today_by_author) = placements::count_brought(
        deed.conn,
        community.id,
        coming.neighbour.id,
        author.id,
        now.saturating_sub(DAY),
    )?;
    Ok(Arrival {
        begins_at_home: ends_at_neighbour && coming.path.first() == Some(&home.ap_id),
        neighbour: link.map(LinkRow::relation).transpose()?,
        came: coming.way,
        length: coming.path.len(),
        passed_here: coming.path.contains(&community.ap_id),
        within_reach: reach.allows(way, &community.ap_id),
        link_is_older: link.is_some_and(|link| link.effective_at <= dated(thread)),
        policy: link.map(LinkRow::policy).transpose()?.unwrap_or_default(),
        author_is_banned: bans::is_banned(deed.conn, community.id, author.id, now)?,
        today_by_link,
        today_by_author,
    })
}
