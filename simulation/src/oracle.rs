//! What a world should come to, computed from the specification alone: no rule of the program is asked.

use crate::world::{Accepts, Link, Message, Mode, Relation, Shares, World};
use std::collections::{BTreeMap, BTreeSet};

/// The last step of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    /// None: it is the home.
    Start,
    Up,
    Down,
    Sideways,
}

/// Where a message comes to stand, its home among them: the least set that is closed under the rules of travel.
///
/// Moderators decide about a message in their community, once, whatever the way by which it came; a link that accepts
/// everything asks nobody. What stands there goes on by every way by which it came.
pub fn placements(world: &World, message: &Message) -> BTreeSet<usize> {
    let mut came = BTreeSet::from([(message.home, Step::Start)]);
    let mut placed = BTreeSet::from([message.home]);
    loop {
        let before = (came.len(), placed.len());
        let going: Vec<_> =
            came.iter().copied().filter(|(community, _)| placed.contains(community)).collect();
        for link in &world.links {
            for (from, step) in
                going.iter().copied().filter(|(from, _)| [link.one, link.other].contains(from))
            {
                let Some((to, step, accepts)) = onward(message, link, from, step) else { continue };
                came.insert((to, step));
                if accepts == Accepts::Everything || !message.refused_by.contains(&to) {
                    placed.insert(to);
                }
            }
        }
        if (came.len(), placed.len()) == before {
            return placed;
        }
    }
}

/// Where a link takes a message from a community, by which step, and what is accepted there.
fn onward(message: &Message, link: &Link, from: usize, came: Step) -> Option<(usize, Step, Accepts)> {
    let leaves_from_one = link.one == from;
    let [one, other] = link.policies;
    let (to, shares, accepts) = if leaves_from_one {
        (link.other, one.shares, other.accepts)
    } else {
        (link.one, other.shares, one.accepts)
    };
    let step = match (link.relation, leaves_from_one) {
        (Relation::Upper, true) => Step::Up,
        (Relation::Upper, false) => Step::Down,
        (Relation::Peer, _) => Step::Sideways,
    };
    let keeps_direction = match came {
        Step::Start => true,
        Step::Up => step == Step::Up,
        Step::Down => step == Step::Down,
        Step::Sideways => false,
    };
    let within_reach = if step == Step::Down { message.down } else { message.reach.contains(&to) };
    // Whoever writes with our software says how far.
    let is_open = shares != Shares::Nothing && accepts != Accepts::Nothing;
    // The home has it already.
    (keeps_direction && within_reach && is_open && to != message.home).then_some((to, step, accepts))
}

/// Who reads a message on their own page: whoever follows a community that holds it, and did not write it.
pub fn readers(world: &World, message: &Message) -> BTreeSet<usize> {
    modes(world, message).into_keys().collect()
}

/// In which mode each of them is told of it: the strongest among the communities by which it reaches them.
pub fn modes(world: &World, message: &Message) -> BTreeMap<usize, Mode> {
    let held = placements(world, message);
    let mut modes = BTreeMap::new();
    for (number, person) in world.people.iter().enumerate() {
        if number == message.author {
            continue;
        }
        let by = person.follows.iter().filter(|(community, _)| held.contains(community));
        if let Some(mode) = by.map(|(_, mode)| *mode).max() {
            modes.insert(number, mode);
        }
    }
    modes
}

/// The reasons shown to somebody: the communities that they follow and that hold the message.
pub fn reasons(world: &World, message: &Message, person: usize) -> BTreeSet<usize> {
    let held = placements(world, message);
    let follows = world.people.get(person).map(|person| person.follows.as_slice()).unwrap_or_default();
    follows.iter().map(|(community, _)| *community).filter(|community| held.contains(community)).collect()
}

/// Whether somebody can answer a message: they have it, and may write where its home is.
pub fn may_answer(world: &World, message: &Message, person: usize) -> bool {
    (person == message.author || readers(world, message).contains(&person))
        && world.may_write(person, message.home)
}

/// The instances where the members of a community are, and its own.
pub fn hosts_of_members(world: &World, community: usize) -> BTreeSet<usize> {
    let own = world.communities.get(community).map(|row| row.instance);
    let members =
        world.people.iter().filter(|row| row.follows.iter().any(|(followed, _)| *followed == community));
    members.map(|row| row.instance).chain(own).collect()
}

/// The instances where somebody reads a message, or where it stands: whoever answers it is heard there.
pub fn instances(world: &World, message: &Message) -> BTreeSet<usize> {
    let held = placements(world, message);
    let homes = held.iter().filter_map(|community| world.communities.get(*community)).map(|row| row.instance);
    let readers = readers(world, message);
    let reading = readers.iter().filter_map(|person| world.people.get(*person)).map(|row| row.instance);
    homes.chain(reading).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::{Community, Instance, OPEN, Person, Policy};

    /// Hamlets 3 and 4 in communes 1 and 2 in the intercommunalité 0; 5 beside commune 1.
    fn valley() -> World {
        let instances = vec![Instance { host: "a.example".to_owned() }];
        let communities = (0..6)
            .map(|number| Community { instance: 0, name: format!("c{number}"), closed: false })
            .collect();
        let link = |one, other, relation| Link { one, other, relation, policies: [OPEN, OPEN] };
        let links = vec![
            link(1, 0, Relation::Upper),
            link(2, 0, Relation::Upper),
            link(3, 1, Relation::Upper),
            link(4, 2, Relation::Upper),
            link(5, 1, Relation::Peer),
        ];
        let person = |name: &str, follows| Person {
            instance: 0,
            name: name.to_owned(),
            mail: format!("{name}@mail.example"),
            follows,
        };
        let people = vec![
            person("writes", vec![]),
            person("reads", vec![(0, Mode::Daily), (1, Mode::Weekly), (4, Mode::Immediate)]),
        ];
        World { instances, communities, links, people, messages: Vec::new() }
    }

    fn message(home: usize, reach: &[usize], down: bool) -> Message {
        Message { author: 0, home, reach: reach.to_vec(), down, answers: vec![], refused_by: vec![] }
    }

    #[test]
    fn what_climbs_is_not_pushed_down_again_nor_sideways() {
        let world = valley();
        let all = [0, 1, 2, 3, 4, 5];
        assert_eq!(placements(&world, &message(3, &all, true)), BTreeSet::from([3, 1, 0]));
        assert_eq!(placements(&world, &message(1, &all, true)), BTreeSet::from([1, 0, 3, 5]));
        assert_eq!(placements(&world, &message(1, &[0], false)), BTreeSet::from([1, 0]));
        assert_eq!(placements(&world, &message(0, &[], true)), BTreeSet::from([0, 1, 2, 3, 4]));
        assert_eq!(placements(&world, &message(5, &all, true)), BTreeSet::from([5, 1]));
    }

    #[test]
    fn a_closed_direction_and_a_moderator_stop_it() {
        let mut world = valley();
        world.links[0].policies = [OPEN, Policy { accepts: Accepts::Moderated, ..OPEN }];
        let mut refused = message(3, &[0, 1], false);
        assert_eq!(placements(&world, &refused).len(), 3);
        refused.refused_by = vec![0];
        assert_eq!(placements(&world, &refused), BTreeSet::from([3, 1]));
        world.links[2].policies = [Policy { shares: Shares::Nothing, ..OPEN }, OPEN];
        assert_eq!(placements(&world, &refused), BTreeSet::from([3]));
    }

    #[test]
    fn a_reader_has_the_strongest_mode_of_the_communities_that_hold_it() {
        let world = valley();
        let climbs = message(3, &[0, 1], false);
        assert_eq!(modes(&world, &climbs), BTreeMap::from([(1, Mode::Daily)]));
        assert_eq!(reasons(&world, &climbs, 1), BTreeSet::from([0, 1]));
        assert_eq!(modes(&world, &message(0, &[], true)), BTreeMap::from([(1, Mode::Immediate)]));
    }
}
