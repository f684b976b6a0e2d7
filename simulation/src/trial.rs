//! A world played to its end, and what is wrong with it.

use crate::network::Ground;
use crate::world::{Size, World};
use crate::{Course, Event, Faults, Outcome, Stage, oracle};
use rand::SeedableRng;
use rand::rngs::StdRng;
use std::collections::BTreeMap;
use tempfile::TempDir;

/// A world that is played to its end.
pub struct Trial {
    /// The world, made real.
    pub stage: Stage,
    /// What it should come to.
    pub(crate) course: Course,
    /// The ActivityPub ids of its messages, in the order of their numbers.
    pub(crate) written: Vec<String>,
    /// Those of the answers to each, with who gave them.
    pub(crate) answers: Vec<Vec<(usize, String)>>,
    /// The titles of those that were written anew.
    titles: BTreeMap<usize, String>,
    /// What was wrong on the way.
    pub(crate) wrong: Vec<String>,
    /// Where the copies of databases are.
    copies: TempDir,
    /// Whether an instance was started over a copy: from then on it has forgotten things.
    restored: bool,
    /// How many parcels that instance had handed over when the copy was made, and when it was started over it.
    parcels: [u64; 2],
}

const A_DAY: i64 = 24 * 60 * 60 * 1_000;

/// Random worlds of this size are played.
const SIZE: Size = Size { instances: 5, communities: 8, links: 12, people: 10, messages: 6 };

/// The world of that number: the same one each time.
pub fn world(number: u64) -> World {
    World::random(SIZE, &mut StdRng::seed_from_u64(number))
}

impl Trial {
    /// Plays a world: each thing that happens comes to rest before the next one; in the end all digests go out.
    ///
    /// # Errors
    /// Those of the use cases.
    pub async fn play(world: World, number: u64, faults: Faults) -> Outcome<Self> {
        let mut stage = Stage::raise(world, Ground::memory(), number).await?;
        let (course, events) = (Course::new(&stage.world), stage.world.events.clone());
        stage.network.faults = faults;
        let mut trial = Self {
            stage,
            course,
            written: Vec::new(),
            answers: Vec::new(),
            titles: BTreeMap::new(),
            wrong: Vec::new(),
            copies: tempfile::tempdir()?,
            restored: false,
            parcels: [0, 0],
        };
        for event in events {
            if trial.restored || trial.course.admits(&event) {
                let done = trial.pass(&event).await;
                done.map_err(|error| format!("{event:?}: {error}"))?;
            }
        }
        trial.pass(&Event::Rest).await?;
        Ok(trial)
    }

    /// Something happens, and comes to rest.
    async fn pass(&mut self, event: &Event) -> Outcome {
        // What changes a link counts for what is younger.
        self.stage.network.pass(1_000);
        let from = self.stage.network.now();
        match event {
            Event::Write(number) => self.write(*number).await?,
            Event::Answer { message, person } => self.answer(*message, *person).await?,
            Event::Edit { message, refused_by } => self.edit(*message, refused_by).await?,
            Event::Reach { message, reach, down } => {
                let (author, ap_id) = self.thread(*message)?;
                self.stage.change_reach(author, &ap_id, reach, *down).await?;
            }
            Event::Withdraw { message, community } => {
                let (_, ap_id) = self.thread(*message)?;
                self.stage.withdraw(*community, &ap_id).await?;
            }
            Event::Delete(message) => {
                let (author, ap_id) = self.thread(*message)?;
                self.stage.delete(author, &ap_id).await?;
            }
            Event::Forge { message, person } => {
                let (author, ap_id) = self.thread(*message)?;
                self.stage.forge(*person, author, &ap_id).await?;
            }
            Event::Open(link) => {
                self.stage.propose(*link).await?;
                self.stage.network.settle().await?;
                self.stage.accept(*link).await?;
            }
            Event::Close { link, by } => self.stage.end(*link, *by).await?,
            Event::Policy { link, end, policy } => self.stage.change_policy(*link, *end, *policy).await?,
            Event::Rest => {
                self.stage.judge().await?;
                self.stage.network.settle_digests().await?;
                self.stage.network.pass(A_DAY);
            }
            Event::BackUp(instance) => {
                self.parcels = [self.parcels_of(*instance); 2];
                self.stage.network.back_up(*instance, &self.copies.path().join("copy")).await?;
            }
            Event::Restore(instance) => {
                // All that can be known exactly is looked at before.
                self.look().await?;
                self.restored = true;
                self.parcels[1] = self.parcels_of(*instance);
                self.stage.network.restore(*instance, &self.copies.path().join("copy")).await?;
            }
            Event::Confirm(instance) => {
                if self.has_sent_since() > 1 && self.parcels_of(*instance) != self.parcels[1] {
                    self.wrong.push(format!("{instance} sent mail after it was restored"));
                }
                self.stage.network.confirm(*instance).await?;
            }
        }
        self.stage.judge().await?;
        let until = self.stage.network.now();
        if !self.restored {
            self.course.pass(event, from, until);
        }
        if let (Event::Edit { message, .. } | Event::Forge { message, .. }, false) = (event, self.restored) {
            let title = self.title(*message);
            self.check_titles(*message, None, &title).await?;
        }
        let needless = self.stage.take_needless();
        if !self.restored {
            self.wrong.extend(needless);
        }
        Ok(())
    }

    /// The author of a message and its ActivityPub id.
    pub(crate) fn thread(&self, message: usize) -> Outcome<(usize, String)> {
        let written = self.stage.world.messages.get(message).zip(self.written.get(message));
        let (message, ap_id) = written.ok_or("a message that nobody wrote")?;
        Ok((message.author, ap_id.clone()))
    }

    async fn write(&mut self, number: usize) -> Outcome {
        let message = self.stage.world.messages.get(number).cloned().ok_or("a message that there is not")?;
        let ap_id = self.stage.write(&message).await?;
        self.written.push(ap_id);
        self.answers.push(Vec::new());
        self.stage.judge().await?;
        if self.restored {
            return Ok(());
        }
        let mut course = self.course.clone();
        course.pass(&Event::Write(number), 0, 0);
        let held = course.stands(number);
        for person in message.answers.iter().copied() {
            if oracle::may_answer(&self.stage.world, &message, &held, person) {
                self.answer(number, person).await?;
                self.stage.network.settle().await?;
            }
        }
        Ok(())
    }

    async fn answer(&mut self, message: usize, person: usize) -> Outcome {
        let (_, ap_id) = self.thread(message)?;
        let answers = self.answers.get_mut(message).ok_or("a message that nobody wrote")?;
        let last = answers.last().map_or(&ap_id, |(_, answer)| answer);
        match self.stage.answer(person, last).await? {
            Some(answer) => answers.push((person, answer)),
            None => self.wrong.push(format!("{person} cannot answer {message}: they do not have {last}")),
        }
        Ok(())
    }

    /// Under which title a message was written last.
    pub(crate) fn title(&self, message: usize) -> String {
        let written = || self.stage.world.messages.get(message).map(Stage::title).unwrap_or_default();
        self.titles.get(&message).cloned().unwrap_or_else(written)
    }

    /// How many parcels an instance handed over.
    fn parcels_of(&self, instance: usize) -> u64 {
        let host = self.stage.world.instances.get(instance).map(|row| row.host.as_str());
        self.stage.network.post_office.parcels(host.unwrap_or_default())
    }

    /// How many parcels an instance handed over between the copy and the restore. One alone looks like the end of a process
    /// in the middle of sending it, which is sent again.
    pub(crate) fn has_sent_since(&self) -> u64 {
        let [before, after] = self.parcels;
        after - before
    }

    async fn edit(&mut self, message: usize, refused_by: &[usize]) -> Outcome {
        let (author, ap_id) = self.thread(message)?;
        let before = self.title(message);
        let now = format!("{before}+");
        let refused_by: Vec<usize> =
            refused_by.iter().copied().filter(|one| self.course.is_let_in(message, *one)).collect();
        self.stage.edit(author, &ap_id, &now, &refused_by).await?;
        self.titles.insert(message, now.clone());
        if !self.restored {
            self.stage.network.settle().await?;
            self.check_titles(message, Some(&before), &now).await?;
        }
        Ok(())
    }

    /// What is wrong with it, a line each.
    ///
    /// # Errors
    /// Those of storage.
    pub async fn wrongs(&mut self) -> Outcome<Vec<String>> {
        if self.restored {
            self.check_no_second_mail();
        } else {
            self.look().await?;
        }
        self.check_secrets().await?;
        self.check_footers()?;
        Ok(std::mem::take(&mut self.wrong))
    }

    /// All that is known exactly.
    async fn look(&mut self) -> Outcome {
        self.check_placements().await?;
        self.check_timelines().await?;
        self.check_mail();
        self.check_answers().await?;
        self.check_deletions().await
    }
}
