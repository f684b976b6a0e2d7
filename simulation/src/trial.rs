//! A world played to its end, and what is wrong with it.

use crate::network::Ground;
use crate::world::{Mode, Size, World};
use crate::{Faults, Outcome, Report, Stage, oracle};
use rand::SeedableRng;
use rand::rngs::StdRng;
use std::collections::HashMap;

/// A world that is played to its end.
pub struct Trial {
    /// The world, made real.
    pub stage: Stage,
    /// The ActivityPub ids of its messages.
    pub written: Vec<String>,
    /// Those of the answers to each, with who gave them.
    pub answers: Vec<Vec<(usize, String)>>,
}

/// Random worlds of this size are played.
const SIZE: Size = Size { instances: 5, communities: 8, links: 12, people: 10, messages: 6 };

/// The world of that number: the same one each time.
pub fn world(number: u64) -> World {
    World::random(SIZE, &mut StdRng::seed_from_u64(number))
}

impl Trial {
    /// Plays a world: each message travels until everybody has done what they could; in the end all digests go out.
    ///
    /// # Errors
    /// Those of the use cases.
    pub async fn play(world: World, number: u64, faults: Faults) -> Outcome<Self> {
        let mut stage = Stage::raise(world, Ground::memory(), number).await?;
        stage.network.faults = faults;
        let (mut written, mut answers, mut numbers) = (Vec::new(), Vec::new(), HashMap::new());
        for (number, message) in stage.world.messages.clone().into_iter().enumerate() {
            let ap_id = stage.write(&message).await?;
            numbers.insert(ap_id.clone(), number);
            stage.judge(&numbers).await?;
            let mut given = Vec::new();
            let mut last = ap_id.clone();
            for person in message.answers.iter().copied() {
                if oracle::may_answer(&stage.world, &message, person)
                    && let Some(answer) = stage.answer(person, &last).await?
                {
                    last.clone_from(&answer);
                    given.push((person, answer));
                    stage.network.settle().await?;
                }
            }
            written.push(ap_id);
            answers.push(given);
        }
        stage.network.settle_digests().await?;
        Ok(Self { stage, written, answers })
    }

    /// What is wrong with it, a line each.
    ///
    /// # Errors
    /// Those of storage.
    pub async fn wrongs(&mut self) -> Outcome<Vec<String>> {
        let world = self.stage.world.clone();
        let mut wrong = Vec::new();
        self.check_placements(&world, &mut wrong).await?;
        self.check_timelines(&world, &mut wrong).await?;
        self.check_mail(&world, &mut wrong);
        self.check_answers(&world, &mut wrong).await?;
        self.check_secrets(&world, &mut wrong).await?;
        Ok(wrong)
    }

    /// I3, I4: a thread stands where the oracle says, and each community announced it once.
    async fn check_placements(&mut self, world: &World, wrong: &mut Vec<String>) -> Outcome {
        for (message, ap_id) in world.messages.iter().zip(&self.written) {
            let (is, should) = (self.stage.placed(ap_id).await?, oracle::placements(world, message));
            if is != should {
                wrong.push(format!("I3: {message:?} stands in {is:?}, and should in {should:?}"));
            }
            for (community, announces) in self.stage.count_announces(ap_id).await? {
                if announces > 1 {
                    wrong.push(format!("{community} announced {announces} times {message:?}"));
                }
            }
        }
        Ok(())
    }

    /// I1, I2, I9 for timelines.
    async fn check_timelines(&mut self, world: &World, wrong: &mut Vec<String>) -> Outcome {
        let report = Report::compare(world, &self.stage.copies_on_timelines(&self.written).await?);
        if !report.is_clean() {
            wrong.push(format!("timelines: {report:?}"));
        }
        for person in 0..world.people.len() {
            for (ap_id, reasons) in self.stage.timeline(person).await? {
                let number = self.written.iter().position(|one| *one == ap_id);
                let Some(message) = number.and_then(|number| world.messages.get(number)) else { continue };
                let should = oracle::reasons(world, message, person);
                if reasons != should {
                    wrong.push(format!(
                        "I9: {person} has {message:?} for {reasons:?}, and should for {should:?}"
                    ));
                }
            }
        }
        Ok(())
    }

    /// I1, I2 for mail.
    fn check_mail(&self, world: &World, wrong: &mut Vec<String>) {
        let by_mail = self.stage.copies_by_mail(&self.written);
        for (number, message) in world.messages.iter().enumerate() {
            let modes = oracle::modes(world, message);
            for person in 0..world.people.len() {
                let mode = modes.get(&person).copied().unwrap_or(Mode::None);
                let (is, should) = (
                    by_mail.get(&(number, person)).copied().unwrap_or_default(),
                    u64::from(mode > Mode::None),
                );
                if is != should {
                    wrong
                        .push(format!("I1, I2: {person} got {is} mails of {message:?}, and should {should}"));
                }
                let at_once = self.stage.is_told_at_once(person, self.written.get(number));
                if is == 1 && at_once != (mode == Mode::Immediate) {
                    wrong.push(format!(
                        "{person} was told of {message:?} at once: {at_once}, and wants {mode:?}"
                    ));
                }
            }
        }
    }

    /// Every instance that has a thread, for a reader or in a community, has its answers.
    async fn check_answers(&mut self, world: &World, wrong: &mut Vec<String>) -> Outcome {
        for (message, answers) in world.messages.iter().zip(self.answers.clone()) {
            for (person, answer) in answers {
                for instance in oracle::instances(world, message) {
                    if !self.stage.has(instance, &answer).await? {
                        wrong.push(format!("{instance} has not what {person} answered to {message:?}"));
                    }
                }
            }
        }
        Ok(())
    }

    /// I5: what is written in a closed community is nowhere but where its members are.
    async fn check_secrets(&mut self, world: &World, wrong: &mut Vec<String>) -> Outcome {
        for (number, message) in world.messages.iter().enumerate() {
            if !world.communities.get(message.home).is_some_and(|home| home.closed) {
                continue;
            }
            let may_have = oracle::hosts_of_members(world, message.home);
            let answers = self.answers.get(number).into_iter().flatten().map(|(_, answer)| answer);
            let said: Vec<String> = self.written.get(number).into_iter().chain(answers).cloned().collect();
            for instance in (0..world.instances.len()).filter(|instance| !may_have.contains(instance)) {
                for ap_id in &said {
                    if self.stage.has(instance, ap_id).await? {
                        wrong.push(format!("I5: {instance} has something of {message:?}"));
                    }
                }
            }
        }
        Ok(())
    }
}
