//! How many exchanges with other servers may be under way at once. Knows neither what they are nor with whom.
//!
//! A slot is for an exchange that is quick, as with a living server. One that lasts gives its slot to another, and goes
//! on beside: so a host that is silent, or many at once, hold nobody up for longer than it takes to find them slow.

use std::collections::HashMap;
use std::time::Duration;
use tokio::task::Id;
use tokio::time::Instant;

/// The exchanges of one kind and instance that are under way.
#[derive(Debug)]
pub struct Slots {
    /// How many quick ones there may be.
    quick: usize,
    /// How many there may be with the slow ones.
    all: usize,
    /// After how long one is slow.
    slow: Duration,
    begun: HashMap<Id, Instant>,
}

impl Slots {
    /// Slots for so many quick exchanges, and for so many with the slow ones, which last that long.
    pub fn new(quick: usize, all: usize, slow: Duration) -> Self {
        Self { quick, all, slow, begun: HashMap::new() }
    }

    /// How many more exchanges may begin.
    pub fn free(&self, now: Instant) -> usize {
        let quick = self.begun.values().filter(|begun| !self.is_slow(**begun, now)).count();
        let quick = self.quick.saturating_sub(quick);
        quick.min(self.all.saturating_sub(self.begun.len()))
    }

    /// After how long a quick exchange turns slow, where that would make room.
    pub fn until_free(&self, now: Instant) -> Option<Duration> {
        if self.free(now) > 0 || self.begun.len() >= self.all {
            return None;
        }
        let oldest = self.begun.values().filter(|begun| !self.is_slow(**begun, now)).min()?;
        Some((*oldest + self.slow).saturating_duration_since(now))
    }

    /// An exchange begins.
    pub fn begin(&mut self, task: Id, now: Instant) {
        self.begun.insert(task, now);
    }

    /// It has ended.
    pub fn end(&mut self, task: Id) {
        self.begun.remove(&task);
    }

    fn is_slow(&self, begun: Instant, now: Instant) -> bool {
        now.saturating_duration_since(begun) >= self.slow
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SLOW: Duration = Duration::from_millis(500);

    #[tokio::test]
    async fn what_is_slow_gives_its_slot_to_another_up_to_a_bound() {
        let mut slots = Slots::new(2, 3, SLOW);
        let start = Instant::now();
        let mut tasks = tokio::task::JoinSet::new();
        let mut begin = |slots: &mut Slots, now| {
            let id = tasks.spawn(std::future::pending::<()>()).id();
            slots.begin(id, now);
            id
        };
        assert_eq!((slots.free(start), slots.until_free(start)), (2, None));
        let first = begin(&mut slots, start);
        begin(&mut slots, start + SLOW / 2);
        let now = start + SLOW / 2;
        assert_eq!((slots.free(now), slots.until_free(now)), (0, Some(SLOW / 2)));
        let now = start + SLOW;
        assert_eq!(slots.free(now), 1, "the first is slow");
        begin(&mut slots, now);
        let later = start + SLOW * 9;
        assert_eq!((slots.free(later), slots.until_free(later)), (0, None), "three is all there may be");
        slots.end(first);
        assert_eq!(slots.free(later), 1);
    }
}
