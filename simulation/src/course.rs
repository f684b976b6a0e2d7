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
            Event::Answer { .. } | Event::Rest | Event::BackUp(_) | Event::Restore(_) | Event::Confirm(_) => {
            }
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

/// What somebody has been told, where the strongest mode of the communities that hold it is that one now.
fn told(before: Option<Told>, mode: Option<Mode>, is_rest: bool, is_long: bool) -> Option<Told> {
    match (before, mode) {
        (None, None) => None,
        (None, Some(Mode::Immediate)) => Some(Told::Has((!is_long).then_some(true))),
        (None, Some(_)) if is_rest => Some(Told::Has(Some(false))),
        (None, Some(mode)) => Some(Told::Waits { mode, perhaps: is_long }),
        (Some(Told::Waits { perhaps: false, .. }), Some(Mode::Immediate)) => {
            Some(Told::Has((!is_long && !is_rest).then_some(true)))
        }
        (Some(Told::Waits { perhaps: true, .. }), Some(Mode::Immediate)) => Some(Told::Has(None)),
        (Some(Told::Waits { .. }), Some(_)) if is_rest => Some(Told::Has(Some(false))),
        (Some(Told::Waits { mode: before, perhaps }), Some(mode)) => {
            Some(Told::Waits { mode: before.max(mode), perhaps: perhaps || is_long })
        }
        (Some(Told::Waits { perhaps: false, .. }), None) if is_rest => None,
        (Some(Told::Waits { perhaps: true, .. }), None) if is_rest => Some(Told::Perhaps),
        (Some(Told::Waits { mode, perhaps }), None) => {
            Some(Told::Waits { mode, perhaps: perhaps || is_long })
        }
        // Who may have it is not told a second time, and who may not is told now.
        (Some(Told::Perhaps), Some(Mode::Immediate)) => Some(Told::Has(None)),
        (Some(Told::Perhaps), Some(mode)) if !is_rest => Some(Told::Waits { mode, perhaps: true }),
        (Some(Told::Perhaps), Some(_)) => Some(Told::Has(None)),
        (Some(known), _) => Some(known),
    }
}
