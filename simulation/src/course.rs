//! What a world should have come to after each event, from the specification alone: where threads stand, and who has been
//! told of them how.

use crate::events::{End, Event};
use crate::oracle::{self, Journey, Tie};
use crate::world::{Message, Mode, World};
use std::collections::{BTreeMap, BTreeSet};

const HOUR: i64 = 60 * 60 * 1_000;
const DAY: i64 = 24 * HOUR;
/// What is older goes into a digest.
const LATE: i64 = 7 * DAY;
/// When digests go out, after midnight UTC: at seven o'clock of a French winter.
const DIGESTS: i64 = 6 * HOUR;

/// What somebody has been told of a message by mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// It waits for a digest; perhaps the digest went out already.
    Waits {
        /// For which, at least.
        mode: Mode,
        /// Whether it may have gone out.
        perhaps: bool,
    },
    /// They have it: at once, in a digest, or one of the two.
    Has(Option<bool>),
    /// It is not known whether they have it.
    Perhaps,
}

impl Told {
    /// How many copies there may be, and whether it came at once, where there is one and that is known.
    pub fn copies(told: Option<Self>) -> (std::ops::RangeInclusive<u64>, Option<bool>) {
        match told {
            None | Some(Self::Waits { perhaps: false, .. }) => (0..=0, None),
            Some(Self::Waits { perhaps: true, .. } | Self::Perhaps) => (0..=1, None),
            Some(Self::Has(at_once)) => (1..=1, at_once),
        }
    }
}

/// A thread, on its course.
#[derive(Clone, Debug)]
pub struct Thread {
    /// What was written.
    pub message: Message,
    /// How it travels.
    pub journey: Journey,
    /// Whether it is deleted.
    pub is_deleted: bool,
    /// Whether it was taken out of a community.
    pub was_withdrawn: bool,
    /// When it was written, in milliseconds.
    written_at: i64,
    told: BTreeMap<usize, Told>,
}

impl Thread {
    /// Where it stands: nowhere once it is deleted.
    pub fn stands(&self) -> BTreeSet<usize> {
        if self.is_deleted { BTreeSet::new() } else { self.journey.stands() }
    }

    /// What somebody has been told of it by mail.
    pub fn told(&self, person: usize) -> Option<Told> {
        self.told.get(&person).copied()
    }
}

/// A world, on its course.
#[derive(Clone, Debug)]
pub struct Course {
    world: World,
    ties: Vec<Tie>,
    threads: BTreeMap<usize, Thread>,
    /// How many events there were.
    now: usize,
    /// When the last one ended, in milliseconds.
    ended_at: i64,
}

impl Course {
    /// Nothing has happened yet.
    pub fn new(world: &World) -> Self {
        let ties = world.links.iter().map(Tie::at_dawn).collect();
        Self { ties, threads: BTreeMap::new(), now: 0, ended_at: i64::MAX, world: world.clone() }
    }

    /// A thread, once it is written.
    pub fn thread(&self, message: usize) -> Option<&Thread> {
        self.threads.get(&message)
    }

    /// Where a message stands.
    pub fn stands(&self, message: usize) -> BTreeSet<usize> {
        self.thread(message).map(Thread::stands).unwrap_or_default()
    }

    /// Whether something can happen now.
    pub fn admits(&self, event: &Event) -> bool {
        let lives = |message: &usize| self.thread(*message).is_some_and(|thread| !thread.is_deleted);
        let is_open = |link: &usize| self.ties.get(*link).is_some_and(|tie| tie.since.is_some());
        match event {
            Event::Write(message) => !self.threads.contains_key(message),
            Event::Edit { message, .. } | Event::Reach { message, .. } | Event::Delete(message) => {
                lives(message)
            }
            Event::Answer { message, person } => {
                let held = self.stands(*message);
                let thread = self.thread(*message).filter(|_| lives(message));
                thread.is_some_and(|thread| oracle::may_answer(&self.world, &thread.message, &held, *person))
            }
            Event::Withdraw { message, community } => {
                let home = self.thread(*message).map(|thread| thread.message.home);
                home != Some(*community) && self.stands(*message).contains(community)
            }
            // Whoever has an account there may answer for what their own instance says.
            Event::Forge { message, person } => self.thread(*message).is_some_and(|thread| {
                let instance = |person: usize| self.world.people.get(person).map(|row| row.instance);
                instance(*person) != instance(thread.message.author)
            }),
            Event::Open(link) => !is_open(link),
            Event::Close { link, .. } | Event::Policy { link, .. } => is_open(link),
            Event::Rest | Event::BackUp(_) | Event::Restore(_) | Event::Confirm(_) => true,
        }
    }

    /// Something happened, and came to rest, from then to then (in milliseconds).
    pub fn pass(&mut self, event: &Event, from: i64, until: i64) {
        self.now += 1;
        match event {
            Event::Write(number) => self.write(*number, from),
            Event::Reach { message, reach, down } => {
                if let Some(thread) = self.threads.get_mut(message) {
                    thread.journey.set_reach(reach, *down, self.now, &self.ties);
                    thread.was_withdrawn = true;
                }
            }
            Event::Edit { message, refused_by } => {
                for community in refused_by {
                    if self.is_let_in(*message, *community) {
                        self.bar(*message, *community);
                    }
                }
            }
            Event::Withdraw { message, community } => self.bar(*message, *community),
            Event::Delete(message) => {
                if let Some(thread) = self.threads.get_mut(message) {
                    thread.is_deleted = true;
                }
            }
            Event::Open(link) => {
                if let Some(tie) = self.ties.get_mut(*link) {
                    (tie.since, tie.policies) = (Some(self.now), tie.at_first());
                }
            }
            Event::Close { link, .. } => {
                if let Some(tie) = self.ties.get_mut(*link) {
                    tie.since = None;
                }
            }
            Event::Policy { link, end, policy } => {
                if let Some(tie) = self.ties.get_mut(*link) {
                    let [one, other] = &mut tie.policies;
                    let stated = if *end == End::One { one } else { other };
                    if stated != policy {
                        (*stated, tie.since) = (*policy, Some(self.now));
                    }
                }
            }
            Event::Answer { .. }
            | Event::Forge { .. }
            | Event::Rest
            | Event::BackUp(_)
            | Event::Restore(_)
            | Event::Confirm(_) => {}
        }
        self.tell(*event == Event::Rest, from, until);
    }

    /// Whether moderators of a community let a thread in that stands there.
    pub fn is_let_in(&self, message: usize, community: usize) -> bool {
        let thread = self.thread(message).filter(|thread| thread.stands().contains(&community));
        thread.is_some_and(|thread| thread.journey.was_let_in(community) == Some(true))
    }

    fn bar(&mut self, message: usize, community: usize) {
        if let Some(thread) = self.threads.get_mut(&message) {
            thread.journey.bar(community);
            thread.was_withdrawn = true;
        }
    }

    fn write(&mut self, number: usize, at: i64) {
        let Some(message) = self.world.messages.get(number).cloned() else { return };
        let mut journey = Journey::new(&message, self.now);
        journey.spread(&self.ties);
        let told = BTreeMap::new();
        self.threads.insert(
            number,
            Thread { message, journey, is_deleted: false, was_withdrawn: false, written_at: at, told },
        );
    }

    /// Who is told of what by mail, after an event: in a digest, all of what waits, where there was a rest.
    fn tell(&mut self, is_rest: bool, from: i64, until: i64) {
        // Retries may take hours: a digest may have gone out meanwhile.
        let day = |at: i64| (at - DIGESTS).div_euclid(DAY);
        let is_long = !is_rest && day(self.ended_at.min(from)) != day(until);
        self.ended_at = until;
        for thread in self.threads.values_mut() {
            let modes = oracle::modes_where(&self.world, &thread.message, &thread.stands());
            let is_late = from - thread.written_at > LATE;
            for person in 0..self.world.people.len() {
                let mode = modes.get(&person).copied().filter(|mode| *mode > Mode::None);
                let mode = mode.map(|mode| if is_late { mode.min(Mode::Daily) } else { mode });
                let before = thread.told.get(&person).copied();
                let after = told(before, mode, is_rest, is_long);
                match after {
                    Some(after) => thread.told.insert(person, after),
                    None => thread.told.remove(&person),
                };
            }
        }
    }
}

/// What somebody has been told, where the strongest mode of the communities that hold it is that one now. Who has it is not
/// told a second time.
fn told(before: Option<Told>, mode: Option<Mode>, is_rest: bool, is_long: bool) -> Option<Told> {
    let (waits_for, perhaps) = match before {
        Some(Told::Has(_)) => return before,
        Some(Told::Waits { mode, perhaps }) => (Some(mode), perhaps),
        Some(Told::Perhaps) => (None, true),
        None => (None, false),
    };
    match mode {
        // Nobody is told what they may not have when it is sent.
        None if is_rest || waits_for.is_none() => perhaps.then_some(Told::Perhaps),
        None => waits_for.map(|mode| Told::Waits { mode, perhaps: perhaps || is_long }),
        Some(_) if is_rest && perhaps => Some(Told::Has(None)),
        Some(Mode::Immediate) => Some(Told::Has((!is_long && !perhaps && !is_rest).then_some(true))),
        Some(_) if is_rest => Some(Told::Has(Some(false))),
        Some(mode) => Some(Told::Waits {
            mode: waits_for.map_or(mode, |one| one.max(mode)),
            perhaps: perhaps || is_long,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::{Community, Instance, Link, OPEN, Person, Relation};

    /// A commune in an intercommunalité, by a link that is opened later; somebody writes, somebody reads above.
    fn valley() -> World {
        let community = |name: &str| Community { instance: 0, name: name.to_owned(), closed: false };
        let person = |name: &str, follows| Person {
            instance: 0,
            name: name.to_owned(),
            mail: format!("{name}@mail.example"),
            follows,
        };
        let (also, reach, answers, refused_by) = (vec![], vec![1], vec![], vec![]);
        World {
            instances: vec![Instance { host: "a.example".to_owned() }],
            communities: vec![community("commune"), community("epci")],
            links: vec![Link {
                one: 0,
                other: 1,
                relation: Relation::Upper,
                policies: [OPEN, OPEN],
                is_late: true,
            }],
            people: vec![person("writes", vec![]), person("reads", vec![(1, Mode::Daily)])],
            messages: vec![Message { author: 0, home: 0, also, reach, down: false, answers, refused_by }],
            ..World::default()
        }
    }

    #[test]
    fn a_link_carries_what_is_older_only_where_its_author_says_so_again() {
        let mut course = Course::new(&valley());
        let reach = |reach: &[usize], down| Event::Reach { message: 0, reach: reach.to_vec(), down };
        let mut stands_after = |event: Event| {
            assert!(course.admits(&event), "{event:?}");
            course.pass(&event, 0, 0);
            course.stands(0)
        };
        let (home, both) = (BTreeSet::from([0]), BTreeSet::from([0, 1]));
        assert_eq!(stands_after(Event::Write(0)), home);
        assert_eq!(stands_after(Event::Open(0)), home);
        assert_eq!(stands_after(reach(&[1], true)), both);
        assert_eq!(stands_after(reach(&[], true)), home);
        assert_eq!(stands_after(reach(&[1], true)), both);
        assert_eq!(stands_after(Event::Withdraw { message: 0, community: 1 }), home);
        assert_eq!(stands_after(reach(&[1, 0], true)), home);
        assert_eq!(stands_after(Event::Delete(0)), BTreeSet::new());
        assert!(!course.admits(&Event::Delete(0)));
    }

    #[test]
    fn what_is_told_once_is_not_told_again() {
        let waits = Some(Told::Waits { mode: Mode::Weekly, perhaps: false });
        assert_eq!(told(None, Some(Mode::Weekly), false, false), waits);
        assert_eq!(told(waits, Some(Mode::Immediate), false, false), Some(Told::Has(Some(true))));
        assert_eq!(told(waits, None, true, false), None);
        let has = told(waits, Some(Mode::Weekly), true, false);
        assert_eq!(has, Some(Told::Has(Some(false))));
        assert_eq!(told(has, Some(Mode::Immediate), false, false), has);
        assert_eq!(Told::copies(has), (1..=1, Some(false)));
    }
}
