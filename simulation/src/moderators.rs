//! What moderators of a world made real do: they propose, accept, change and end links, and answer for threads.

use crate::events::End;
use crate::stage::find;
use crate::world::{self, Accepts, Shares};
use crate::{Outcome, Stage};
use clocher_app::placing::{self, Judgement};
use clocher_app::{App, linking};
use clocher_domain::link::{Accepting, LinkState, Policy, Relation, Sharing};
use clocher_storage::links;
use std::collections::HashSet;

impl Stage {
    /// The one end of a link proposes it.
    ///
    /// # Errors
    /// Those of the use cases.
    pub async fn propose(&mut self, link: usize) -> Outcome {
        let link = self.link(link)?;
        let app = self.instance_of(link.one)?;
        let relation = match link.relation {
            world::Relation::Upper => Relation::Upper,
            world::Relation::Peer => Relation::Peer,
        };
        let (one, other) = (self.community(&app, link.one).await?, self.community(&app, link.other).await?);
        let moderator = self.moderator_of(link.one)?;
        let [policy, _] = link.policies;
        linking::propose(&app, moderator, one.id, other.id, relation, policy_of(policy)).await?;
        Ok(())
    }

    /// The other end of a link accepts it, where it is asked. Between communities of one instance nobody is.
    ///
    /// # Errors
    /// Those of the use cases.
    pub async fn accept(&mut self, link: usize) -> Outcome {
        let link = self.link(link)?;
        let app = self.instance_of(link.other)?;
        let (one, other) = (self.community(&app, link.one).await?, self.community(&app, link.other).await?);
        let row = app.read(move |conn| links::find_between(conn, other.id, one.id)).await?;
        let row = row.ok_or("a link that nobody proposed")?;
        let moderator = self.moderator_of(link.other)?;
        let [_, policy] = link.policies;
        if row.state()? == LinkState::Asked {
            linking::accept(&app, moderator, row.id, policy_of(policy)).await?;
        } else {
            linking::change_policy(&app, moderator, row.id, policy_of(policy)).await?;
        }
        Ok(())
    }

    /// An end of a link ends it.
    ///
    /// # Errors
    /// Those of the use cases.
    pub async fn end(&mut self, link: usize, by: End) -> Outcome {
        let (app, moderator, row) = self.end_of(link, by).await?;
        linking::end(&app, moderator, row, false).await?;
        Ok(())
    }

    /// An end of a link states something else.
    ///
    /// # Errors
    /// Those of the use cases.
    pub async fn change_policy(&mut self, link: usize, end: End, policy: world::Policy) -> Outcome {
        let (app, moderator, row) = self.end_of(link, end).await?;
        linking::change_policy(&app, moderator, row, policy_of(policy)).await?;
        Ok(())
    }

    /// The instance of an end of a link, who moderates there, and the id of the link there.
    async fn end_of(&mut self, link: usize, end: End) -> Outcome<(App, i64, i64)> {
        let link = self.link(link)?;
        let (own, other) = if end == End::One { (link.one, link.other) } else { (link.other, link.one) };
        let app = self.instance_of(own)?;
        let (own_id, other_id) = (self.community(&app, own).await?.id, self.community(&app, other).await?.id);
        let row = app.read(move |conn| links::find_between(conn, own_id, other_id)).await?;
        Ok((app, self.moderator_of(own)?, row.ok_or("a link that nobody proposed")?.id))
    }

    pub(crate) fn moderator_of(&self, community: usize) -> Outcome<i64> {
        let place = self.world.communities.get(community).ok_or("a community that there is not")?.instance;
        Ok(*self.moderators.get(place).ok_or("an instance that there is not")?)
    }

    fn link(&self, link: usize) -> Outcome<world::Link> {
        Ok(self.world.links.get(link).cloned().ok_or("a link that there is not")?)
    }

    /// Moderators answer for every thread that asks for them, until none does: also for the communities ahead that they
    /// moderate.
    ///
    /// # Errors
    /// Those of the use cases.
    pub async fn judge(&mut self) -> Outcome {
        loop {
            self.network.settle().await?;
            let mut answered = false;
            for place in self.network.take_stirred() {
                let app = self.network.look_at(place)?;
                let moderator = *self.moderators.get(place).ok_or("nobody moderates")?;
                let items = placing::list_items(&app, moderator).await?;
                if items.is_empty() {
                    continue;
                }
                answered = true;
                self.network.wake(place);
                let mut threads = HashSet::new();
                for item in items {
                    if !threads.insert(item.thread.ap_id.clone()) {
                        self.needless.push(format!("I7: two items for {}", item.thread.ap_id));
                    }
                    let judgement = self.decide(&item);
                    placing::judge(&app, moderator, item.thread.id, judgement).await?;
                }
            }
            if !answered {
                return Ok(());
            }
        }
    }

    /// What moderators answer for a thread.
    fn decide(&mut self, item: &placing::Item) -> Judgement {
        let thread = &item.thread.ap_id;
        let [refused, refused_change] = self.refused.get(thread).cloned().unwrap_or_default();
        let standing = item.standing.iter().map(|row| (&row.community, Some(row.is_edit)));
        let ahead = item.ahead.iter().filter(|row| row.answer.is_none()).map(|row| (&row.community, None));
        let mut judgement = Judgement::default();
        for (row, stands) in standing.chain(ahead) {
            let Some(community) = self.communities.iter().position(|id| *id == row.ap_id) else { continue };
            let is_new = self.answered.insert((thread.clone(), community));
            if !is_new && stands == Some(false) {
                self.needless.push(format!("I7: asked a second time for {thread} in {community}"));
            }
            let refused = if stands == Some(true) { &refused_change } else { &refused };
            if refused.contains(&community) {
                judgement.refused.push(row.id);
            } else {
                judgement.accepted.push(row.id);
            }
        }
        judgement
    }

    /// What moderators were asked that they should not have been.
    pub fn take_needless(&mut self) -> Vec<String> {
        std::mem::take(&mut self.needless)
    }

    /// The moderators of a community show a thread no more.
    ///
    /// # Errors
    /// Those of the use cases.
    pub async fn withdraw(&mut self, community: usize, ap_id: &str) -> Outcome {
        let app = self.instance_of(community)?;
        let (moderator, place) = (self.moderator_of(community)?, self.community(&app, community).await?);
        let thread = find(&app, ap_id).await?.ok_or("a thread that is not there")?;
        Ok(placing::withdraw(&app, moderator, place.id, thread.id).await?)
    }
}

fn policy_of(policy: world::Policy) -> Policy {
    let shares = match policy.shares {
        Shares::Nothing => Sharing::Nothing,
        Shares::Author => Sharing::Author,
        Shares::Everything => Sharing::Everything,
    };
    let accepts = match policy.accepts {
        Accepts::Nothing => Accepting::Nothing,
        Accepts::Moderated => Accepting::Moderated,
        Accepts::Everything => Accepting::Everything,
    };
    Policy { shares, accepts }
}
