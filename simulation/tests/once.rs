//! The invariants of nesting, over random worlds in foul weather, against the oracle: each person gets each message
//! once, wherever it comes by, and nobody else gets it.
//!
//! Each world is made of a number; the same one is the same world. `CLOCHER_WORLDS=FROM-TO` plays others.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use clocher_simulation::network::Ground;
use clocher_simulation::world::{Mode, Size};
use clocher_simulation::{Faults, Report, Stage, World, oracle};
use rand::SeedableRng;
use rand::rngs::StdRng;
use std::collections::HashMap;
use std::ops::Range;

/// A world that is played to its end.
struct Played {
    stage: Stage,
    /// The ActivityPub ids of its messages.
    written: Vec<String>,
    /// Those of the answers to each.
    answers: Vec<Vec<(usize, String)>>,
}

async fn play(world: World, seed: u64, faults: Faults) -> Played {
    let mut stage = Stage::raise(world, Ground::memory(), seed).await.unwrap();
    stage.network.faults = faults;
    let (mut written, mut answers, mut numbers) = (Vec::new(), Vec::new(), HashMap::new());
    for (number, message) in stage.world.messages.clone().into_iter().enumerate() {
        let ap_id = stage.write(&message).await.unwrap();
        numbers.insert(ap_id.clone(), number);
        stage.judge(&numbers).await.unwrap();
        let mut given = Vec::new();
        let mut last = ap_id.clone();
        for person in message.answers {
            if let Some(answer) = stage.answer(person, &last).await.unwrap() {
                last.clone_from(&answer);
                given.push((person, answer));
                stage.network.settle().await.unwrap();
            }
        }
        written.push(ap_id);
        answers.push(given);
    }
    stage.network.settle_digests().await.unwrap();
    Played { stage, written, answers }
}

impl Played {
    /// What is wrong with it, a line each.
    async fn faults(&mut self) -> Vec<String> {
        let mut wrong = Vec::new();
        let world = self.stage.world.clone();
        for (message, ap_id) in world.messages.iter().zip(&self.written) {
            let (is, should) = (self.stage.placed(ap_id).await.unwrap(), oracle::placements(&world, message));
            if is != should {
                wrong.push(format!("I3: {message:?} stands in {is:?}, and should in {should:?}"));
            }
        }
        let on_timelines = self.stage.copies_on_timelines(&self.written).await.unwrap();
        let report = Report::compare(&world, &on_timelines);
        if !report.is_clean() {
            wrong.push(format!("timelines: {report:?}"));
        }
        for person in 0..world.people.len() {
            for (ap_id, reasons) in self.stage.timeline(person).await.unwrap() {
                let Some(number) = self.written.iter().position(|one| *one == ap_id) else { continue };
                let should = oracle::reasons(&world, &world.messages[number], person);
                if reasons != should {
                    wrong.push(format!(
                        "I9: {person} is told of {number} for {reasons:?}, and should for {should:?}"
                    ));
                }
            }
        }
        wrong.extend(self.faults_of_mail(&world));
        wrong.extend(self.faults_of_answers(&world).await);
        wrong
    }

    fn faults_of_mail(&self, world: &World) -> Vec<String> {
        let mut wrong = Vec::new();
        let by_mail = self.stage.copies_by_mail(&self.written);
        for (number, message) in world.messages.iter().enumerate() {
            let modes = oracle::modes(world, message);
            for person in 0..world.people.len() {
                let should = u64::from(modes.get(&person).is_some_and(|mode| *mode > Mode::None));
                let is = by_mail.get(&(number, person)).copied().unwrap_or_default();
                if is != should {
                    wrong.push(format!("I1, I2: {person} got {is} mails of {number}, and should {should}"));
                }
            }
        }
        wrong
    }

    /// Every instance that has a thread, for a reader or in a community, has its answers.
    async fn faults_of_answers(&mut self, world: &World) -> Vec<String> {
        let mut wrong = Vec::new();
        for (message, answers) in world.messages.iter().zip(self.answers.clone()) {
            for (person, answer) in answers {
                for instance in oracle::instances(world, message) {
                    if !self.stage.has(instance, &answer).await.unwrap() {
                        wrong.push(format!("{instance} has not what {person} answered to {message:?}"));
                    }
                }
            }
        }
        wrong
    }
}

fn worlds(usual: Range<u64>) -> Range<u64> {
    let asked = std::env::var("CLOCHER_WORLDS").ok();
    let range = asked.as_deref().and_then(|range| range.split_once('-'));
    range.map_or(usual, |(from, to)| from.parse().unwrap()..to.parse().unwrap())
}

async fn each_world(seeds: Range<u64>, faults: Faults) {
    let size = Size { instances: 5, communities: 8, links: 12, people: 10, messages: 6 };
    for seed in worlds(seeds) {
        let world = World::random(size, &mut StdRng::seed_from_u64(seed));
        let wrong = play(world.clone(), seed, faults).await.faults().await;
        assert!(wrong.is_empty(), "world {seed}: {wrong:#?}\n{world:#?}");
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
