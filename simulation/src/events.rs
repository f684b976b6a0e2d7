//! What happens in a world, as plain data: one thing after the other, each when the one before has come to rest.

use crate::world::{Policy, World, random_policy};
use rand::Rng;
use rand::seq::IndexedRandom;

/// Threads and widenings between two rests: what comes over a link without a moderator is bounded by day and author.
const UNTIL_REST: usize = 3;

/// An end of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The one.
    One,
    /// The other.
    Other,
}

/// Something that happens. What is not possible when its turn comes does not happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A thread is opened, and answered.
    Write(usize),
    /// Somebody answers a thread later.
    Answer {
        /// The thread.
        message: usize,
        /// Who.
        person: usize,
    },
    /// Its author writes a thread anew.
    Edit {
        /// The thread.
        message: usize,
        /// Which moderators who let it in do not let the change in.
        refused_by: Vec<usize>,
    },
    /// Its author lets a thread go as far as that, and no farther.
    Reach {
        /// The thread.
        message: usize,
        /// The communities above and beside.
        reach: Vec<usize>,
        /// Whether also in what is nested in its home.
        down: bool,
    },
    /// Moderators show a thread no more.
    Withdraw {
        /// The thread.
        message: usize,
        /// Their community.
        community: usize,
    },
    /// Its author deletes a thread.
    Delete(usize),
    /// The instance of somebody says in their name, to all others, what they may not say of a thread that somebody of
    /// another one wrote: that it is theirs, that it is otherwise, that it is gone.
    Forge {
        /// The thread.
        message: usize,
        /// Who.
        person: usize,
    },
    /// A link is proposed by its one end and accepted by the other.
    Open(usize),
    /// One end ends a link.
    Close {
        /// The link.
        link: usize,
        /// Who ends it.
        by: End,
    },
    /// One end of a link states something else.
    Policy {
        /// The link.
        link: usize,
        /// Which end.
        end: End,
        /// What it states.
        policy: Policy,
    },
    /// Time passes until all digests are sent, and a day.
    Rest,
    /// The database of an instance is copied.
    BackUp(usize),
    /// An instance starts over the copy of its database.
    Restore(usize),
    /// Its administrator says that it is the only one.
    Confirm(usize),
}

/// Any events of a world: what is written there, and what befalls that.
pub fn random(world: &World, random: &mut impl Rng) -> Vec<Event> {
    let mut events = Vec::new();
    let restored = random.random_bool(0.25).then(|| random.random_range(0..world.instances.len()));
    // What an instance forgets of a joint is another story.
    let restored = restored.filter(|_| world.joints.is_empty());
    let backed_up = random.random_range(0..world.messages.len());
    let mut since_rest = 0;
    for number in 0..world.messages.len() {
        make_room(&mut since_rest, &mut events);
        events.push(Event::Write(number));
        if let Some(instance) = restored.filter(|_| number == backed_up) {
            // What waits for a digest is in the copy, and sent before the restore.
            events.push(Event::BackUp(instance));
        }
        for _ in 0..random.random_range(0..3) {
            let event = any(world, number, random);
            match event {
                Event::Reach { .. } => make_room(&mut since_rest, &mut events),
                Event::Rest => since_rest = 0,
                _ => {}
            }
            events.push(event);
        }
    }
    if let Some(instance) = restored {
        // The last message is written once the instance is back.
        let last =
            events.iter().rposition(|event| matches!(event, Event::Write(number) if *number > backed_up));
        let last = last.map(|at| events.split_off(at)).unwrap_or_default();
        events.extend([Event::Rest, Event::Restore(instance), Event::Rest, Event::Confirm(instance)]);
        events.extend(last.into_iter().take(1));
    }
    events
}

/// Another thread travels: there is a rest where as many did since the last one as nobody is asked for.
fn make_room(since_rest: &mut usize, events: &mut Vec<Event>) {
    if *since_rest >= UNTIL_REST {
        events.push(Event::Rest);
        *since_rest = 0;
    }
    *since_rest += 1;
}

/// Something that befalls one of the threads up to that one, or a link.
fn any(world: &World, last: usize, random: &mut impl Rng) -> Event {
    let message = random.random_range(0..=last);
    let count = world.communities.len();
    let community = random.random_range(0..count);
    let link = (0..world.links.len()).collect::<Vec<_>>().choose(random).copied();
    let late: Vec<usize> =
        world.links.iter().enumerate().filter(|(_, link)| link.is_late).map(|(at, _)| at).collect();
    let end = if random.random_bool(0.5) { End::One } else { End::Other };
    match (random.random_range(0..22), link) {
        (0..=2, _) => Event::Edit { message, refused_by: few(count, random) },
        (3..=6, _) => {
            let reach = if random.random_bool(0.6) { world.random_reach(random) } else { few(count, random) };
            Event::Reach { message, reach, down: random.random_bool(0.5) }
        }
        (7, _) => Event::Delete(message),
        (8..=9, _) => Event::Withdraw { message, community },
        (10..=11, _) => Event::Answer { message, person: random.random_range(0..world.people.len()) },
        (12..=14, Some(link)) => Event::Open(late.choose(random).copied().unwrap_or(link)),
        (15, Some(link)) => Event::Close { link, by: end },
        (16..=17, Some(link)) => Event::Policy { link, end, policy: random_policy(random) },
        (18..=19, _) => Event::Forge { message, person: random.random_range(0..world.people.len()) },
        _ => Event::Rest,
    }
}

/// A few of so many.
fn few(count: usize, random: &mut impl Rng) -> Vec<usize> {
    (0..count).filter(|_| random.random_bool(0.3)).collect()
}
