//! The invariants of nesting, over random worlds in foul weather, against the oracle: each person gets each message
//! once, wherever it comes by, and nobody else gets it.
//!
//! Each world is made of a number; the same one is the same world. `CLOCHER_WORLDS=FROM-TO` plays others.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use clocher_simulation::{Faults, Trial, trial};
use std::ops::Range;

fn worlds(usual: Range<u64>) -> Range<u64> {
    let asked = std::env::var("CLOCHER_WORLDS").ok();
    let range = asked.as_deref().and_then(|range| range.split_once('-'));
    range.map_or(usual, |(from, to)| from.parse().unwrap()..to.parse().unwrap())
}

async fn each_world(numbers: Range<u64>, faults: Faults) {
    for number in worlds(numbers) {
        let world = trial::world(number);
        let mut trial = Trial::play(world.clone(), number, faults).await.unwrap();
        let wrong = trial.wrongs().await.unwrap();
        assert!(wrong.is_empty(), "world {number}: {wrong:#?}\n{world:#?}");
    }
}

#[tokio::test]
async fn in_any_world_each_person_gets_each_message_once() {
    each_world(0..12, Faults::default()).await;
}

#[tokio::test]
async fn in_foul_weather_too() {
    each_world(100..112, Faults { killed: 0.0, ..Faults::FOUL }).await;
}

#[tokio::test]
async fn and_while_instances_are_killed() {
    each_world(200..212, Faults::FOUL).await;
}
