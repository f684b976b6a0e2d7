//! What a world should come to, computed from the specification alone: no rule of the program is asked.

use crate::world::{Accepts, Link, Message, Mode, Person, Policy, Relation, Shares, World};
use std::collections::{BTreeMap, BTreeSet};

/// The last step of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    /// None: it is the home.
    Start,
    Up,
    Down,
    Sideways,
    /// None: its author addressed it there besides its home.
    Addressed,
}

/// A link as it is at some time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tie {
    link: Link,
    /// What its ends state now.
    pub policies: [Policy; 2],
    /// Since when it is as it is, by the number of an event; none where there is none.
    pub since: Option<usize>,
}

impl Tie {
    /// A link before anything is written: one that comes late is none yet.
    pub fn at_dawn(link: &Link) -> Self {
        Self { policies: link.policies, since: (!link.is_late).then_some(0), link: link.clone() }
    }

    /// What its ends state when it is opened.
    pub fn at_first(&self) -> [Policy; 2] {
        self.link.policies
    }

    /// Both directions, from the one end on and from the other.
    fn directions(&self) -> [Direction; 2] {
        let (Link { one, other, relation, .. }, [first, second]) = (&self.link, self.policies);
        let (forth, back) = match relation {
            Relation::Upper => (Step::Up, Step::Down),
            Relation::Peer => (Step::Sideways, Step::Sideways),
        };
        [
            Direction { from: *one, to: *other, step: forth, shares: first.shares, accepts: second.accepts },
            Direction { from: *other, to: *one, step: back, shares: second.shares, accepts: first.accepts },
        ]
    }
}

/// One direction of a link.
struct Direction {
    from: usize,
    to: usize,
    step: Step,
    shares: Shares,
    accepts: Accepts,
}

/// A way by which a thread came somewhere: the community and the last step.
type Way = (usize, Step);

/// How a message travels.
#[derive(Clone, Debug)]
pub struct Journey {
    home: usize,
    reach: Vec<usize>,
    down: bool,
    refused_by: Vec<usize>,
    /// When its author last said how far it goes, by the number of an event: younger links do not carry it.
    dated: usize,
    /// Every way by which it came, and the one from which it came by that.
    came: BTreeSet<(Way, Way)>,
    /// Where it stands, besides its home.
    placed: BTreeSet<usize>,
    /// Where its moderators were asked, and where they were not.
    asked: BTreeSet<usize>,
    unasked: BTreeSet<usize>,
    /// Whose moderators show it no more.
    barred: BTreeSet<usize>,
}

impl Journey {
    /// Written at that time, and not gone anywhere yet but where it is addressed.
    pub fn new(message: &Message, dated: usize) -> Self {
        let Message { home, also, reach, down, refused_by, .. } = message.clone();
        let came = also.iter().map(|to| ((*to, Step::Addressed), (home, Step::Start))).collect();
        let placed: BTreeSet<usize> = also.into_iter().collect();
        let (unasked, asked, barred) = (placed.clone(), BTreeSet::new(), BTreeSet::new());
        Self { home, reach, down, refused_by, dated, came, placed, asked, unasked, barred }
    }

    /// Goes as far as it may: to the least set that is closed under the rules of travel.
    ///
    /// Moderators decide about a message in their community, once, whatever the way by which it came; a link that accepts
    /// everything asks nobody. What stands there goes on by every way by which it came.
    pub fn spread(&mut self, ties: &[Tie]) {
        let open = ties.iter().filter(|tie| tie.since.is_some_and(|since| since <= self.dated));
        let open: Vec<Direction> = open.flat_map(Tie::directions).collect();
        loop {
            let before = (self.came.len(), self.placed.len());
            let ways = self.unbroken();
            for direction in &open {
                for came in ways.iter().filter(|(at, _)| *at == direction.from) {
                    self.go(direction, *came);
                }
            }
            if (self.came.len(), self.placed.len()) == before {
                return;
            }
        }
    }

    /// The ways by which it goes on: those of which each community still has it.
    fn unbroken(&self) -> BTreeSet<Way> {
        let mut ways = BTreeSet::from([(self.home, Step::Start)]);
        loop {
            let more: Vec<Way> = self
                .came
                .iter()
                .filter(|(way, from)| ways.contains(from) && self.placed.contains(&way.0))
                .map(|(way, _)| *way)
                .collect();
            let before = ways.len();
            ways.extend(more);
            if ways.len() == before {
                return ways;
            }
        }
    }

    fn go(&mut self, direction: &Direction, came: Way) {
        let Direction { to, step, shares, accepts, .. } = *direction;
        let keeps_direction = match came.1 {
            Step::Start => true,
            Step::Up => step == Step::Up,
            Step::Down => step == Step::Down,
            Step::Sideways | Step::Addressed => false,
        };
        // Whoever writes with our software says how far.
        let is_open = shares != Shares::Nothing && accepts != Accepts::Nothing;
        // The home has it already.
        if !keeps_direction || !self.allows((to, step)) || !is_open || to == self.home {
            return;
        }
        self.came.insert(((to, step), came));
        let is_asked = accepts == Accepts::Moderated;
        if is_asked {
            self.asked.insert(to)
        } else {
            self.unasked.insert(to)
        };
        let is_refused = is_asked && self.refused_by.contains(&to);
        if !is_refused && !self.barred.contains(&to) {
            self.placed.insert(to);
        }
    }

    fn allows(&self, (to, step): Way) -> bool {
        match step {
            Step::Down => self.down,
            Step::Up | Step::Sideways => self.reach.contains(&to),
            Step::Start | Step::Addressed => true,
        }
    }

    /// Its author lets it go as far as that from now on: where none of its ways is allowed it stands no more, and what is
    /// new it may go by links that it is too old for.
    pub fn set_reach(&mut self, reach: &[usize], down: bool, now: usize, ties: &[Tie]) {
        let holds = (self.down || !down) && reach.iter().all(|one| self.reach.contains(one));
        (self.reach, self.down, self.dated) = (reach.to_vec(), down, now);
        let allowed: BTreeSet<usize> =
            self.came.iter().map(|(way, _)| *way).filter(|way| self.allows(*way)).map(|(at, _)| at).collect();
        self.placed.retain(|at| allowed.contains(at));
        if !holds {
            self.spread(ties);
        }
    }

    /// The moderators of a community show it no more.
    pub fn bar(&mut self, community: usize) {
        self.barred.insert(community);
        self.placed.remove(&community);
    }

    /// Where it stands, its home among them.
    pub fn stands(&self) -> BTreeSet<usize> {
        self.placed.iter().copied().chain([self.home]).collect()
    }

    /// Whether the moderators of a community, where it stands, let it in; nothing where it came both ways, and it hangs on
    /// which was first.
    pub fn was_let_in(&self, community: usize) -> Option<bool> {
        let (asked, unasked) = (self.asked.contains(&community), self.unasked.contains(&community));
        (asked != unasked || community == self.home).then_some(asked && community != self.home)
    }
}

/// Where a message comes to stand, its home among them, in a world in which nothing else happens.
pub fn placements(world: &World, message: &Message) -> BTreeSet<usize> {
    let ties: Vec<Tie> = world.links.iter().map(Tie::at_dawn).collect();
    let mut journey = Journey::new(message, 0);
    journey.spread(&ties);
    journey.stands()
}

/// Who reads a message on their own page: whoever follows a community that holds it, and did not write it.
pub fn readers(world: &World, message: &Message) -> BTreeSet<usize> {
    modes(world, message).into_keys().collect()
}

/// In which mode each of them is told of it: the strongest among the communities by which it reaches them.
pub fn modes(world: &World, message: &Message) -> BTreeMap<usize, Mode> {
    modes_where(world, message, &placements(world, message))
}

/// The same of a message that stands there.
pub fn modes_where(world: &World, message: &Message, held: &BTreeSet<usize>) -> BTreeMap<usize, Mode> {
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

/// The reasons shown to somebody of a message that stands there: the communities that they follow and that hold it.
pub fn reasons(world: &World, held: &BTreeSet<usize>, person: usize) -> BTreeSet<usize> {
    let follows = world.people.get(person).map(|person| person.follows.as_slice()).unwrap_or_default();
    follows.iter().map(|(community, _)| *community).filter(|community| held.contains(community)).collect()
}

/// Whether somebody can answer a message that stands there: they have it, and may write where its home is.
pub fn may_answer(world: &World, message: &Message, held: &BTreeSet<usize>, person: usize) -> bool {
    let has_it = person == message.author || !reasons(world, held, person).is_empty();
    has_it && world.may_write(person, message.home)
}

/// The instances where the members of a community are, and its own.
pub fn hosts_of_members(world: &World, community: usize) -> BTreeSet<usize> {
    let own = world.communities.get(community).map(|row| row.instance);
    let members =
        world.people.iter().filter(|row| row.follows.iter().any(|(followed, _)| *followed == community));
    members.map(|row| row.instance).chain(own).collect()
}

/// The instances where somebody reads a message that stands there, and where it stands: whoever answers it is heard there.
pub fn instances(world: &World, held: &BTreeSet<usize>) -> BTreeSet<usize> {
    let homes = held.iter().filter_map(|community| world.communities.get(*community)).map(|row| row.instance);
    let reads = |person: &&Person| person.follows.iter().any(|(followed, _)| held.contains(followed));
    homes.chain(world.people.iter().filter(reads).map(|person| person.instance)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::{Community, Instance, OPEN};

    /// Hamlets 3 and 4 in communes 1 and 2 in the intercommunalité 0; 5 beside commune 1.
    fn valley() -> World {
        let instances = vec![Instance { host: "a.example".to_owned() }];
        let communities = (0..6)
            .map(|number| Community { instance: 0, name: format!("c{number}"), closed: false })
            .collect();
        let link =
            |one, other, relation| Link { one, other, relation, policies: [OPEN, OPEN], is_late: false };
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
        World { instances, communities, links, people, ..World::default() }
    }

    fn message(home: usize, reach: &[usize], down: bool) -> Message {
        let (also, answers, refused_by) = (vec![], vec![], vec![]);
        Message { author: 0, home, also, reach: reach.to_vec(), down, answers, refused_by }
    }

    #[test]
    fn where_it_is_addressed_it_stands_and_goes_on_by_links_alone() {
        let world = valley();
        let addressed = |reach: &[usize]| Message { also: vec![2], ..message(3, reach, true) };
        assert_eq!(placements(&world, &addressed(&[])), BTreeSet::from([3, 2]));
        assert_eq!(placements(&world, &addressed(&[0, 1])), BTreeSet::from([3, 2, 1, 0]));
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
        assert_eq!(reasons(&world, &placements(&world, &climbs), 1), BTreeSet::from([0, 1]));
        assert_eq!(modes(&world, &message(0, &[], true)), BTreeMap::from([(1, Mode::Immediate)]));
    }
}
