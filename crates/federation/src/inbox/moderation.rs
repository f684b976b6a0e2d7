//! Moderation (FEP-1b12): `Lock`, `Block`, `Add`, `Remove`, a moderator's `Delete`, and `Undo` of each.
//!
//! For a community of ours the moderator's own signature counts; for one elsewhere, that it announces the act itself.
//! In both cases whoever acts must be among its moderators now (S44). Who that is, is asked of the community again,
//! not too often, before an act is refused.

use super::Incoming;
use crate::error::{Error, Result};
use crate::groups::{self, Collection};
use crate::sources::Sources;
use crate::transport::{FetchError, authority};
use crate::vocabulary::{Reference, id_of, read_time};
use clocher_app::moderating::{self, RemoteAct, Terms};
use clocher_app::received::{Outcome, Received};
use clocher_app::{domains, profile, readers};
use clocher_domain::Refusal;
use clocher_domain::moderation::Act;
use clocher_storage::actors::ActorRow;
use clocher_storage::bans;
use clocher_storage::posts::{self, PostRow};
use serde::Deserialize;
use serde_json::Value;

/// The shape of any of them: what matters is read from the document.
#[derive(Debug, Deserialize)]
pub struct Moderation {}

/// What an activity does, before it is known which collection its target is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verb {
    Lock,
    Delete,
    Block,
    Add,
    Remove,
}

impl Verb {
    fn parse(kind: &str) -> Option<Self> {
        match kind {
            "Lock" => Some(Self::Lock),
            "Delete" => Some(Self::Delete),
            "Block" => Some(Self::Block),
            "Add" => Some(Self::Add),
            "Remove" => Some(Self::Remove),
            _ => None,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Lock => "Lock",
            Self::Delete => "Delete",
            Self::Block => "Block",
            Self::Add => "Add",
            Self::Remove => "Remove",
        }
    }

    /// What it means for that collection of the community, if anything.
    fn act(self, target: Option<Collection>) -> Option<Act> {
        match (self, target) {
            (Self::Lock, _) => Some(Act::Lock),
            (Self::Delete, _) | (Self::Remove, Some(Collection::Contents)) => Some(Act::Remove),
            (Self::Block, Some(Collection::Contents)) => Some(Act::Ban),
            (Self::Add, Some(Collection::Moderators)) => Some(Act::Appoint),
            (Self::Add, Some(Collection::Featured)) => Some(Act::Feature),
            (Self::Add, Some(Collection::Contents)) => Some(Act::Restore),
            (Self::Remove, Some(Collection::Moderators)) => Some(Act::Dismiss),
            (Self::Remove, Some(Collection::Featured)) => Some(Act::Unfeature),
            _ => None,
        }
    }
}

/// Whether an activity of that type may be one of moderation.
pub fn is_act(kind: &str) -> bool {
    Verb::parse(kind).is_some()
}

/// An activity of moderation as it stands.
struct Reading {
    verb: Verb,
    is_undone: bool,
    object: String,
    target: Option<String>,
    terms: Terms,
}

impl Reading {
    /// Reads it; none for what is none.
    fn of(activity: &Value) -> Option<Self> {
        let whole = Reference(activity.clone());
        let inner = activity.get("object").filter(|_| whole.kind() == Some("Undo"));
        let is_undone = inner.is_some();
        let activity = inner.unwrap_or(activity);
        let verb = Verb::parse(Reference(activity.clone()).kind()?)?;
        let text = |from: &Value, name: &str| from.get(name).and_then(Value::as_str).map(str::to_owned);
        let reason = ["summary", "content"]
            .into_iter()
            .find_map(|name| text(&whole.0, name).or_else(|| text(activity, name)));
        // The second name is that of Lemmy before 0.19.4.
        let until = ["endTime", "expires"].into_iter().find_map(|name| text(activity, name));
        Some(Self {
            verb,
            is_undone,
            object: activity.get("object").and_then(id_of)?.to_owned(),
            target: activity.get("target").and_then(id_of).map(str::to_owned),
            terms: Terms {
                reason: reason.unwrap_or_default(),
                until: until.and_then(|until| read_time(&until)).map(|at| at.0),
                removes_messages: activity.get("removeData").and_then(Value::as_bool).unwrap_or(false),
            },
        })
    }

    /// What it does in that community; none where its target is nothing of that community.
    async fn act(&self, sources: &Sources, group: &ActorRow) -> Result<Option<Act>> {
        let target = match &self.target {
            Some(target) => groups::collection_at(&sources.app, group, target).await?,
            None => None,
        };
        let act = self.verb.act(target);
        Ok(if self.is_undone { act.map(Act::undone) } else { act })
    }

    fn kind(&self) -> &'static str {
        if self.is_undone { "Undo" } else { self.verb.as_str() }
    }
}

impl Moderation {
    /// Sent by a moderator of a community of ours.
    pub async fn receive(self, sources: &Sources, incoming: &Incoming) -> Result<Outcome> {
        let Some(reading) = Reading::of(&incoming.json) else { return Ok(Outcome::NotOurs) };
        let Some(group) = local_group(sources, &reading).await? else { return Ok(Outcome::NotOurs) };
        let Some(act) = reading.act(sources, &group).await? else { return Ok(Outcome::NotOurs) };
        if !moderating::is_by_moderator(&sources.app, group.id, incoming.actor.id).await? {
            let id = group.id;
            if !sources.app.read(move |conn| readers::openness(conn, id)).await?.is_open() {
                // As if there were nothing: what is in it is not for strangers to know (S70).
                return Ok(Outcome::NotOurs);
            }
            return Err(Refusal::NotAModerator.into());
        }
        let received = incoming.received(reading.kind());
        carry_out(sources, received, &group, &incoming.actor, act, reading).await
    }
}

/// The community of ours that is meant: the home of the message, or what the target belongs to.
async fn local_group(sources: &Sources, reading: &Reading) -> Result<Option<ActorRow>> {
    if let Some(target) = &reading.target {
        return groups::local_group_at(&sources.app, target).await;
    }
    let post = find_post(sources, &reading.object).await?;
    Ok(home(sources, post).await?.filter(|home| home.local))
}

async fn find_post(sources: &Sources, id: &str) -> Result<Option<PostRow>> {
    let id = id.to_owned();
    Ok(sources.app.read(move |conn| posts::find_by_ap_id(conn, &id)).await?)
}

async fn home(sources: &Sources, post: Option<PostRow>) -> Result<Option<ActorRow>> {
    let Some(id) = post.and_then(|post| post.home_id) else { return Ok(None) };
    Ok(sources.app.read(move |conn| clocher_storage::actors::find(conn, id)).await?)
}

/// Whether a `Delete` is a moderator's removal rather than the author's deletion: it says why, or another does it.
pub async fn is_removal(sources: &Sources, actor: &str, delete: &Value) -> Result<bool> {
    let Some(object) = delete.get("object").and_then(id_of) else { return Ok(false) };
    let Some(post) = find_post(sources, object).await? else { return Ok(false) };
    let Some(home_id) = post.home_id else { return Ok(false) };
    let Some(actor) = sources.find_actor(actor).await? else { return Ok(true) };
    if post.author_id != actor.id {
        return Ok(true);
    }
    let says_why = delete.get("summary").is_some_and(Value::is_string);
    Ok(says_why && moderating::is_by_moderator(&sources.app, home_id, actor.id).await?)
}

/// Passed on by a community elsewhere. `received` tells that it was.
pub async fn announced(
    sources: &Sources,
    received: Received,
    group: &ActorRow,
    activity: &Value,
) -> Result<Outcome> {
    let moderator = activity.get("actor").and_then(id_of);
    let moderator = moderator.ok_or(Error::Malformed("the actor of an act of moderation"))?;
    if sources.app.site().owns(moderator) {
        // What ours do stands since they did it.
        return Ok(Outcome::Known);
    }
    let Some(reading) = Reading::of(activity) else { return Ok(Outcome::NotOurs) };
    let Some(act) = reading.act(sources, group).await? else { return Ok(Outcome::NotOurs) };
    if act.is_about_message() {
        let post = find_post(sources, &reading.object).await?;
        if post.is_none_or(|post| post.home_id != Some(group.id)) {
            return Ok(Outcome::NotOurs);
        }
    }
    let Some(moderator) = known_moderator(sources, group, moderator).await? else {
        return Ok(Outcome::NotOurs);
    };
    carry_out(sources, received, group, &moderator, act, reading).await
}

/// Whether a community elsewhere lifts the ban of one of ours, who is therefore no member that it would be heard for.
pub async fn lifts_ban(sources: &Sources, group: &ActorRow, activity: &Value) -> Result<bool> {
    let lifted = Reading::of(activity).filter(|reading| reading.is_undone && reading.verb == Verb::Block);
    let Some(reading) = lifted else { return Ok(false) };
    let Some(person) = sources.find_actor(&reading.object).await?.filter(|row| row.local) else {
        return Ok(false);
    };
    let group = group.id;
    Ok(sources.app.read(move |conn| bans::find(conn, group, person.id)).await?.is_some())
}

/// The actor, if it is among the moderators of a community elsewhere, which is asked again where it was not.
pub async fn known_moderator(
    sources: &Sources,
    group: &ActorRow,
    moderator: &str,
) -> Result<Option<ActorRow>> {
    let url = sources.federation.http().test_hosts().check(moderator).map_err(FetchError::from)?;
    domains::check(&sources.app, &authority(&url)).await?;
    if let Some(known) = moderator_at(sources, group, moderator).await? {
        return Ok(Some(known));
    }
    sources.may_ask()?;
    if sources.federation.may_refetch(&format!("moderators of {}", group.ap_id)) {
        match groups::refresh_moderators(sources, group).await {
            Err(error) if error.is_transient() => return Err(error),
            _ => {}
        }
    }
    moderator_at(sources, group, moderator).await
}

async fn moderator_at(sources: &Sources, group: &ActorRow, id: &str) -> Result<Option<ActorRow>> {
    let Some(actor) = sources.find_actor(id).await? else { return Ok(None) };
    let is_moderator = moderating::is_by_moderator(&sources.app, group.id, actor.id).await?;
    Ok(Some(actor).filter(|_| is_moderator))
}

/// Hands it to the use case. Whom it is about is had first: of somebody banned the id is enough.
async fn carry_out(
    sources: &Sources,
    received: Received,
    group: &ActorRow,
    moderator: &ActorRow,
    act: Act,
    reading: Reading,
) -> Result<Outcome> {
    match act {
        Act::Appoint => {
            sources.actor(&reading.object).await?;
        }
        Act::Ban => {
            named_actor(sources, &reading.object).await?;
        }
        _ => {}
    }
    let names_community = reading.target.is_some() || !act.is_about_message();
    let remote = RemoteAct {
        act,
        object: reading.object,
        community_id: names_community.then_some(group.id),
        terms: reading.terms,
    };
    Ok(moderating::receive(&sources.app, received, moderator.id, remote).await?)
}

/// An actor that is only named: stored by its id, unless it is known.
pub async fn named_actor(sources: &Sources, id: &str) -> Result<ActorRow> {
    if let Some(known) = sources.find_actor(id).await? {
        return Ok(known);
    }
    if sources.app.site().owns(id) {
        return Err(Refusal::NotFound.into());
    }
    let url = sources.federation.http().test_hosts().check(id).map_err(FetchError::from)?;
    Ok(profile::receive_id(&sources.app, url.to_string(), authority(&url)).await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_an_activity_does_depends_on_what_its_target_is() {
        let add = json!({ "type": "Add", "object": "https://a.test/u/x", "target": "https://a.test/c/m/moderators" });
        let reading = Reading::of(&add).unwrap();
        assert_eq!(reading.verb.act(Some(Collection::Moderators)), Some(Act::Appoint));
        assert_eq!(reading.verb.act(Some(Collection::Featured)), Some(Act::Feature));
        assert_eq!(reading.verb.act(None), None);
        assert_eq!(Verb::Block.act(Some(Collection::Moderators)), None);
    }

    #[test]
    fn an_undoing_is_read_through_and_its_reason_comes_first() {
        let block = json!({
            "type": "Block", "object": { "id": "https://b.test/u/y" }, "target": "https://a.test/c/m",
            "summary": "spam", "endTime": "2027-01-15T08:00:00Z", "removeData": true,
        });
        let reading = Reading::of(&json!({ "type": "Undo", "object": block, "summary": "pardon" })).unwrap();
        assert!(reading.is_undone);
        assert_eq!((reading.kind(), reading.object.as_str()), ("Undo", "https://b.test/u/y"));
        assert_eq!(reading.terms.reason, "pardon");
        assert_eq!(reading.terms.until, Some(1_800_000_000_000));
        assert!(reading.terms.removes_messages);
        let twice = json!({ "type": "Undo", "object": { "type": "Undo", "object": { "type": "Lock" } } });
        assert!(Reading::of(&twice).is_none());
        assert!(Reading::of(&json!({ "type": "Lock" })).is_none());
    }
}
