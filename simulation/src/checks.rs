//! What is looked at in a world that was played, each thing against its course.

use crate::course::Told;
use crate::{Outcome, Trial, oracle};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

impl Trial {
    /// I3, I4: a thread stands where it should, and each community announced it once, until it showed it no more.
    pub(crate) async fn check_placements(&mut self) -> Outcome {
        for (number, ap_id) in self.written.clone().iter().enumerate() {
            let Some(thread) = self.course.thread(number).filter(|one| !one.is_deleted).cloned() else {
                continue;
            };
            let (is, should) = (self.stage.placed(ap_id).await?, thread.stands());
            if is != should {
                let message = &thread.message;
                self.wrong
                    .push(format!("I3: {number} {message:?} stands in {is:?}, and should in {should:?}"));
            }
            for (community, announces) in self.stage.count_announces(ap_id).await? {
                if announces > 1 && !thread.was_withdrawn {
                    self.wrong.push(format!("{community} announced {announces} times {number}"));
                }
            }
        }
        Ok(())
    }

    /// I1, I2, I9 for timelines.
    pub(crate) async fn check_timelines(&mut self) -> Outcome {
        let world = self.stage.world.clone();
        for person in 0..world.people.len() {
            let mut seen = BTreeSet::new();
            for (ap_id, reasons) in self.stage.timeline(person).await? {
                let Some(number) = self.written.iter().position(|one| *one == ap_id) else { continue };
                if !seen.insert(number) {
                    self.wrong.push(format!("I1: {person} has {number} twice"));
                }
                let should = oracle::reasons(&world, &self.course.stands(number), person);
                if reasons != should {
                    self.wrong.push(format!(
                        "I9: {person} has {number} for {reasons:?}, and should for {should:?}"
                    ));
                }
            }
            for number in (0..self.written.len()).filter(|number| !seen.contains(number)) {
                let should = oracle::reasons(&world, &self.course.stands(number), person);
                let is_author = self.course.thread(number).is_some_and(|one| one.message.author == person);
                if !should.is_empty() && !is_author {
                    self.wrong.push(format!("I2: {person} has not {number}, and should for {should:?}"));
                }
            }
        }
        Ok(())
    }

    /// The mail addresses, each with whose it is: joined ones are of two people.
    fn mailboxes(&self) -> BTreeMap<String, Vec<usize>> {
        let mut boxes: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (person, row) in self.stage.world.people.iter().enumerate() {
            boxes.entry(row.mail.clone()).or_default().push(person);
        }
        boxes
    }

    /// I1, I2, I6, I11 for mail.
    pub(crate) fn check_mail(&mut self) {
        let boxes = self.mailboxes();
        for (number, ap_id) in self.written.iter().enumerate() {
            let Some(thread) = self.course.thread(number) else { continue };
            for (mail, people) in &boxes {
                let told = people.iter().map(|person| Told::copies(thread.told(*person)));
                let told: Vec<_> = told.filter(|(copies, _)| *copies.end() > 0).collect();
                let sum = |bound: fn(&RangeInclusive<u64>) -> u64| {
                    told.iter().map(|(copies, _)| bound(copies)).sum()
                };
                let (least, most): (u64, u64) = (sum(|copies| *copies.start()), sum(|copies| *copies.end()));
                let is = self.stage.network.post_office.copies(mail, ap_id);
                if !(least..=most).contains(&is) {
                    let message = &thread.message;
                    self.wrong.push(format!(
                        "I1, I2: {people:?} got {is} mails of {number} {message:?}, and should {least} to {most}"
                    ));
                }
                let was_at_once = self.stage.network.post_office.at_once(mail, ap_id);
                if let ([(_, Some(at_once))], 1) = (told.as_slice(), is)
                    && *at_once != was_at_once
                {
                    self.wrong.push(format!("{people:?} was told of {number} at once: {was_at_once}"));
                }
            }
        }
    }

    /// I1, where an instance has forgotten things: nobody gets a second mail.
    pub(crate) fn check_no_second_mail(&mut self) {
        let most = if self.has_sent_since() == 1 { 2 } else { 1 };
        for (number, ap_id) in self.written.iter().enumerate() {
            for (person, row) in self.stage.world.people.iter().enumerate() {
                let is = self.stage.network.post_office.copies(&row.mail, ap_id);
                if is > most {
                    self.wrong.push(format!("I1: {person} got {is} mails of {number}, after a restore"));
                }
            }
        }
    }

    /// Every instance that has a thread, for a reader or in a community, has its answers.
    pub(crate) async fn check_answers(&mut self) -> Outcome {
        let world = self.stage.world.clone();
        for (number, answers) in self.answers.clone().into_iter().enumerate() {
            for instance in oracle::instances(&world, &self.course.stands(number)) {
                for (person, answer) in &answers {
                    if !self.stage.has(instance, answer).await? {
                        self.wrong.push(format!("{instance} has not what {person} answered to {number}"));
                    }
                }
            }
        }
        Ok(())
    }

    /// I10: what is deleted is nowhere, whatever is sent again.
    pub(crate) async fn check_deletions(&mut self) -> Outcome {
        for (number, ap_id) in self.written.clone().iter().enumerate() {
            if !self.course.thread(number).is_some_and(|thread| thread.is_deleted) {
                continue;
            }
            for instance in 0..self.stage.world.instances.len() {
                if !self.stage.is_gone(instance, ap_id).await? {
                    self.wrong.push(format!("{instance} still has {number}, which is deleted"));
                }
            }
        }
        Ok(())
    }

    /// Rule 8: a thread bears its new title everywhere; until moderators answer, the older one where they had let it in.
    pub(crate) async fn check_titles(&mut self, number: usize, before: Option<&str>, now: &str) -> Outcome {
        let (_, ap_id) = self.thread(number)?;
        let Some(thread) = self.course.thread(number).cloned() else { return Ok(()) };
        for community in thread.stands() {
            let is_closed = self.stage.world.communities.get(community).is_some_and(|row| row.closed);
            let should = match (thread.journey.was_let_in(community), before) {
                (Some(true), Some(before)) => before,
                (None, Some(_)) => continue,
                _ => now,
            };
            let is = self.stage.title_in(community, &ap_id).await?;
            if is.as_deref() != Some(should) && !is_closed {
                self.wrong.push(format!("{community} shows {number} as {is:?}, and should as {should}"));
            }
        }
        Ok(())
    }

    /// I5: what is written in a closed community is nowhere but where its members are.
    pub(crate) async fn check_secrets(&mut self) -> Outcome {
        let world = self.stage.world.clone();
        for (number, message) in world.messages.iter().enumerate() {
            if !world.communities.get(message.home).is_some_and(|home| home.closed) {
                continue;
            }
            let may_have = oracle::hosts_of_members(&world, message.home);
            let answers = self.answers.get(number).into_iter().flatten().map(|(_, answer)| answer);
            let said: Vec<String> = self.written.get(number).into_iter().chain(answers).cloned().collect();
            for instance in (0..world.instances.len()).filter(|instance| !may_have.contains(instance)) {
                for ap_id in &said {
                    if self.stage.has(instance, ap_id).await? {
                        self.wrong.push(format!("I5: {instance} has something of {message:?}"));
                    }
                }
            }
        }
        Ok(())
    }

    /// I5: no footer names a closed community to somebody who is not in it.
    pub(crate) fn check_footers(&mut self) -> Outcome {
        for (mail, people) in self.mailboxes() {
            let named = self.stage.network.post_office.named(&mail);
            let rows = people.iter().filter_map(|person| self.stage.world.people.get(*person));
            let follows: BTreeSet<usize> =
                rows.flat_map(|row| &row.follows).map(|(followed, _)| *followed).collect();
            for (number, community) in self.stage.world.communities.iter().enumerate() {
                let is_named = named.contains(&self.stage.id_of(number)?);
                if community.closed && !follows.contains(&number) && is_named {
                    self.wrong.push(format!("a footer names the closed {number} to {people:?}"));
                }
            }
        }
        Ok(())
    }
}
