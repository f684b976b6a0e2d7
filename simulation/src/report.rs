//! Who got how many copies of what, beside who should have: no more than one each, and nobody else any.

use crate::oracle;
use crate::world::World;
use std::collections::BTreeMap;

/// How many copies of each message each person got, by their places in the world.
pub type Copies = BTreeMap<(usize, usize), u64>;

/// What a simulation came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Copies that people should get.
    pub expected: u64,
    /// Copies that they got.
    pub copies: u64,
    /// Copies beyond the first.
    pub duplicates: u64,
    /// Copies that did not come.
    pub missing: u64,
    /// Copies that somebody got who should not have.
    pub unentitled: u64,
}

impl Report {
    /// Compares copies of the messages of a world with what the oracle says of each reader.
    pub fn compare(world: &World, copies: &Copies) -> Self {
        let mut report = Self { copies: copies.values().sum(), ..Self::default() };
        for (number, message) in world.messages.iter().enumerate() {
            let readers = oracle::readers(world, message);
            report.expected += readers.len() as u64;
            let got = |person| copies.get(&(number, person)).copied().unwrap_or_default();
            report.missing += readers.iter().filter(|person| got(**person) == 0).count() as u64;
            for ((_, person), count) in copies.range((number, 0)..(number + 1, 0)) {
                if readers.contains(person) {
                    report.duplicates += count.saturating_sub(1);
                } else {
                    report.unentitled += count;
                }
            }
        }
        report
    }

    /// Whether everybody who should got one, and nobody another.
    pub fn is_clean(&self) -> bool {
        self.duplicates == 0 && self.missing == 0 && self.unentitled == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::{Community, Instance, Message, Mode, Person};

    #[test]
    fn a_second_copy_a_missing_one_and_one_to_a_stranger_are_counted() {
        let person = |name: &str, follows: Vec<(usize, Mode)>| Person {
            instance: 0,
            name: name.to_owned(),
            mail: format!("{name}@mail.example"),
            follows,
        };
        let follower = |name| person(name, vec![(0, Mode::Daily)]);
        let (also, reach, answers, refused_by) = (vec![], vec![], vec![], vec![]);
        let message = Message { author: 0, home: 0, also, reach, down: false, answers, refused_by };
        let world = World {
            instances: vec![Instance { host: "a.example".to_owned() }],
            communities: vec![Community { instance: 0, name: "c".to_owned(), closed: false }],
            links: vec![],
            people: vec![
                follower("writes"),
                follower("twice"),
                follower("never"),
                person("stranger", vec![]),
            ],
            messages: vec![message],
            ..World::default()
        };
        let report = Report::compare(&world, &Copies::from([((0, 1), 2), ((0, 3), 1)]));
        assert_eq!(report, Report { expected: 2, copies: 3, duplicates: 1, missing: 1, unentitled: 1 });
        assert!(!report.is_clean());
        assert!(Report::compare(&world, &Copies::from([((0, 1), 1), ((0, 2), 1)])).is_clean());
    }
}
