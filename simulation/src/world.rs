//! A world to be simulated, as plain data: instances, communities, links, people and what they write.
//!
//! Everything is named by its place in its list.

use crate::events::{self, Event};
use rand::Rng;
use rand::seq::IndexedRandom;

/// What the other community is to the one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// The one is nested in it.
    Upper,
    /// They stand side by side.
    Peer,
}

/// What an end of a link shares: as in the program, but for what a moderator chooses one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shares {
    /// Nothing.
    Nothing,
    /// What the author chose.
    Author,
    /// Everything.
    Everything,
}

/// What an end of a link accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepts {
    /// Nothing.
    Nothing,
    /// What its moderators let in.
    Moderated,
    /// Everything.
    Everything,
}

/// What an end of a link states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// What it shares.
    pub shares: Shares,
    /// What it accepts.
    pub accepts: Accepts,
}

/// Both directions open, nobody asked.
pub const OPEN: Policy = Policy { shares: Shares::Everything, accepts: Accepts::Everything };

/// An instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// Its host.
    pub host: String,
}

/// A community.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Community {
    /// Its instance.
    pub instance: usize,
    /// Its name on it.
    pub name: String,
    /// Whether only its members read it.
    pub closed: bool,
}

/// A link between two communities, agreed by both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// One end.
    pub one: usize,
    /// The other.
    pub other: usize,
    /// What the other is to the one.
    pub relation: Relation,
    /// What the one states, and the other.
    pub policies: [Policy; 2],
    /// Whether there is none at first: an event opens it.
    pub is_late: bool,
}

/// In which way somebody wants to be told what a community has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// Not at all, but on the page.
    None,
    /// Once a week.
    Weekly,
    /// Once a day.
    Daily,
    /// At once.
    Immediate,
}

/// Somebody who takes part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The instance where their account is.
    pub instance: usize,
    /// The name of the account.
    pub name: String,
    /// The mail address.
    pub mail: String,
    /// Which communities they follow, and how.
    pub follows: Vec<(usize, Mode)>,
}

/// A mail address that is of two people, each on an instance of their own: one and the same reader, who has said so before
/// anything is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Joint {
    /// Whose instance sends.
    pub home: usize,
    /// Whose does no more, of what the other can follow.
    pub second: usize,
}

/// A thread that somebody opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Who writes it.
    pub author: usize,
    /// The community where.
    pub home: usize,
    /// Other communities of the same instance to which it is addressed too.
    pub also: Vec<usize>,
    /// The communities above and beside where it may be placed.
    pub reach: Vec<usize>,
    /// Whether it may be placed in what is nested in its home.
    pub down: bool,
    /// Who answers at once, each the message before.
    pub answers: Vec<usize>,
    /// Which communities' moderators say no, where they are asked.
    pub refused_by: Vec<usize>,
}

/// A world.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct World {
    /// Its instances.
    pub instances: Vec<Instance>,
    /// Its communities.
    pub communities: Vec<Community>,
    /// Its links.
    pub links: Vec<Link>,
    /// Its people.
    pub people: Vec<Person>,
    /// Which of their addresses are joined.
    pub joints: Vec<Joint>,
    /// What they write.
    pub messages: Vec<Message>,
    /// What happens, one thing after the other; each message is written once.
    pub events: Vec<Event>,
}

/// How large a random world is, at most.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Instances.
    pub instances: usize,
    /// Communities.
    pub communities: usize,
    /// Links.
    pub links: usize,
    /// People.
    pub people: usize,
    /// Messages.
    pub messages: usize,
}

impl World {
    /// A small world of any shape: diamonds, several uppers, peers beside uppers, cycles of peers; nesting has no
    /// cycle, which the program refuses.
    pub fn random(size: Size, random: &mut impl Rng) -> Self {
        let mut world = Self::default();
        for number in 0..random.random_range(1..=size.instances.max(1)) {
            world.instances.push(Instance { host: format!("i{number}.communes.example.org") });
        }
        for number in 0..random.random_range(1..=size.communities.max(1)) {
            let instance = random.random_range(0..world.instances.len());
            let closed = number > 0 && random.random_bool(0.15);
            world.communities.push(Community { instance, name: format!("c{number}"), closed });
        }
        world.add_chain(random);
        for _ in 0..random.random_range(0..=size.links) {
            world.add_link(random);
        }
        for number in 0..random.random_range(1..=size.people.max(1)) {
            let instance = random.random_range(0..world.instances.len());
            world.add_person(number, instance, random);
        }
        world.add_joint(random);
        for _ in 0..random.random_range(1..=size.messages.max(1)) {
            let message = world.random_message(random);
            world.messages.push(message);
        }
        world.events = events::random(&world, random);
        world
    }

    /// In half of the worlds that are large enough, the first three communities are nested in one another, on three
    /// instances: whoever follows the last from a fourth is two links away from the first.
    fn add_chain(&mut self, random: &mut impl Rng) {
        if self.instances.len() < 3 || self.communities.len() < 3 || random.random_bool(0.5) {
            return;
        }
        for (number, community) in self.communities.iter_mut().take(3).enumerate() {
            (community.instance, community.closed) = (number, false);
        }
        for (one, other) in [(2, 1), (1, 0)] {
            let is_late = random.random_bool(0.2);
            self.links.push(Link { one, other, relation: Relation::Upper, policies: [OPEN, OPEN], is_late });
        }
    }

    fn add_link(&mut self, random: &mut impl Rng) {
        let one = random.random_range(0..self.communities.len());
        let other = random.random_range(0..self.communities.len());
        let between =
            |link: &&Link| [link.one, link.other] == [one, other] || [link.other, link.one] == [one, other];
        let is_closed =
            self.communities.iter().enumerate().any(|(at, row)| row.closed && [one, other].contains(&at));
        if one == other || is_closed || self.links.iter().find(between).is_some() {
            return;
        }
        let relation = if random.random_bool(0.7) { Relation::Upper } else { Relation::Peer };
        // What is nested stands further back: no cycle.
        let (one, other) =
            if relation == Relation::Upper { (one.max(other), one.min(other)) } else { (one, other) };
        let policies = [random_policy(random), random_policy(random)];
        self.links.push(Link { one, other, relation, policies, is_late: random.random_bool(0.2) });
    }

    fn add_person(&mut self, number: usize, instance: usize, random: &mut impl Rng) {
        let wanted = random.random_range(0..=self.communities.len().min(5));
        let mut follows: Vec<(usize, Mode)> = Vec::new();
        for _ in 0..wanted {
            let community = random.random_range(0..self.communities.len());
            if follows.iter().all(|(known, _)| *known != community) {
                let mode = *[Mode::None, Mode::Weekly, Mode::Daily, Mode::Immediate]
                    .choose(random)
                    .unwrap_or(&Mode::None);
                follows.push((community, mode));
            }
        }
        self.people.push(Person {
            instance,
            name: format!("p{number}"),
            mail: format!("p{number}@mail.example"),
            follows,
        });
    }

    /// In some worlds two people are one reader. What is closed is named to no other instance, so that both would tell
    /// of it: they do not share any.
    fn add_joint(&mut self, random: &mut impl Rng) {
        let home = random.random_range(0..self.people.len());
        let second = random.random_range(0..self.people.len());
        // Only who is to get mail confirms the address.
        let has_mail = |row: &Person| row.follows.iter().any(|(_, mode)| *mode > Mode::None);
        let Some(first) = self.people.get(home).cloned().filter(has_mail) else { return };
        let is_other = |row: &&mut Person| row.instance != first.instance && has_mail(row);
        let communities = &self.communities;
        let Some(row) = self.people.get_mut(second).filter(is_other) else { return };
        row.mail.clone_from(&first.mail);
        row.follows.retain(|(community, _)| {
            let is_closed = communities.get(*community).is_some_and(|row| row.closed);
            !is_closed || first.follows.iter().all(|(followed, _)| followed != community)
        });
        if !has_mail(row) {
            row.follows = vec![(0, Mode::Weekly)];
        }
        self.joints.push(Joint { home, second });
    }

    /// The same world once addresses are joined: the one end follows, as a member, whatever the other had mail of in open
    /// communities, in the stronger mode of both; the other stays a member, and gets no mail of these.
    #[must_use]
    pub fn joined(mut self) -> Self {
        for Joint { home, second } in &self.joints {
            let communities = &self.communities;
            let Some(second) = self.people.get_mut(*second) else { continue };
            let mut handed = Vec::new();
            for (community, mode) in &mut second.follows {
                let is_open = communities.get(*community).is_some_and(|row| !row.closed);
                if is_open && *mode > Mode::None {
                    handed.push((*community, std::mem::replace(mode, Mode::None)));
                }
            }
            let Some(home) = self.people.get_mut(*home) else { continue };
            for (community, mode) in handed {
                match home.follows.iter_mut().find(|(followed, _)| *followed == community) {
                    Some((_, own)) => *own = mode.max(*own),
                    None => home.follows.push((community, mode)),
                }
            }
        }
        self
    }

    /// Whether somebody may open a thread in a community.
    pub fn may_write(&self, person: usize, community: usize) -> bool {
        let closed = self.communities.get(community).is_some_and(|row| row.closed);
        let follows = self.people.get(person).map(|row| row.follows.as_slice()).unwrap_or_default();
        !closed || follows.iter().any(|(followed, _)| *followed == community)
    }

    /// Any communities, most of them.
    pub fn random_reach(&self, random: &mut impl Rng) -> Vec<usize> {
        (0..self.communities.len()).filter(|_| random.random_bool(0.8)).collect()
    }

    /// A message of anybody in any community, with any reach.
    pub fn random_message(&self, random: &mut impl Rng) -> Message {
        let all = 0..self.communities.len();
        let author = random.random_range(0..self.people.len());
        let home = random.random_range(all.clone());
        // In a closed community members alone write.
        let home = if self.may_write(author, home) { home } else { 0 };
        let also = self.random_also(author, home, random);
        let reach = self.random_reach(random);
        let refused_by = all.clone().filter(|_| random.random_bool(0.2)).collect();
        let answers =
            (0..random.random_range(0..3)).map(|_| random.random_range(0..self.people.len())).collect();
        Message { author, home, also, reach, down: random.random_bool(0.6), answers, refused_by }
    }

    /// What somebody addresses besides the home: open communities of their own instance, where the home is one too.
    fn random_also(&self, author: usize, home: usize, random: &mut impl Rng) -> Vec<usize> {
        let instance = self.people.get(author).map(|person| person.instance);
        let is_one = |at: usize| {
            self.communities.get(at).is_some_and(|row| !row.closed && Some(row.instance) == instance)
        };
        let others = (0..self.communities.len()).filter(|at| *at != home && is_one(*at));
        others.filter(|_| is_one(home) && random.random_bool(0.5)).collect()
    }
}

/// Any policy, an open one most often.
pub fn random_policy(random: &mut impl Rng) -> Policy {
    let shares = *[Shares::Everything, Shares::Everything, Shares::Author, Shares::Nothing]
        .choose(random)
        .unwrap_or(&Shares::Nothing);
    let accepts = *[Accepts::Everything, Accepts::Everything, Accepts::Moderated, Accepts::Nothing]
        .choose(random)
        .unwrap_or(&Accepts::Nothing);
    Policy { shares, accepts }
}
