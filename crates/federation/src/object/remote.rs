//! Messages of other servers: reading their documents into what a use case takes.

use super::content::{Content, is_poll_vote, mentions};
use crate::error::{Error, Result};
use crate::sources::Sources;
use crate::transport::{TestHosts, read_address, same_origin};
use crate::vocabulary::{
    MAX_REFERENCES, Reference, References, first_text, id_of, is_public, page_of, read_reach, read_time,
};
use activitypub_federation::protocol::helpers::deserialize_skip_error;
use clocher_app::readers;
use clocher_app::receiving::RemotePost;
use clocher_domain::actor::ActorKind;
use clocher_domain::audience::Visibility;
use clocher_domain::post::PostKind;
use clocher_storage::actors::{self, ActorRow};
use serde::Deserialize;
use serde_json::Value;
use std::collections::HashMap;
use url::Url;

/// Most strangers that are asked whether they are the home of a message that does not say which is.
const MAX_ASKED: usize = 3;
/// Longest address of a conversation, in bytes.
const MAX_ADDRESS: usize = 2_000;

/// A message as its document tells it. What is not essential and has another form is read as absent.
#[derive(Clone, Debug)]
pub struct PostObject {
    /// Its id.
    pub id: String,
    /// What it answers.
    pub in_reply_to: Reference,
    /// The collection of its conversation.
    pub context: Reference,
    /// The collection of what answers it.
    pub replies: Reference,
    /// What it says.
    pub content: Box<Content>,
    /// Whom it mentions.
    pub mentions: Vec<String>,
    frame: Box<Frame>,
}

/// What a message is and for whom.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Frame {
    id: String,
    #[serde(default)]
    attributed_to: Value,
    /// The person who made it, where Mobilizon attributes it to a group.
    #[serde(default)]
    actor: Reference,
    #[serde(default)]
    audience: References,
    #[serde(default)]
    to: References,
    #[serde(default)]
    cc: References,
    #[serde(default)]
    url: Value,
    #[serde(default)]
    in_reply_to: Reference,
    #[serde(default)]
    context: Reference,
    #[serde(default)]
    replies: Reference,
    #[serde(default)]
    reach: Value,
    #[serde(default)]
    comments_enabled: Value,
    #[serde(default, deserialize_with = "deserialize_skip_error")]
    published: Option<String>,
    #[serde(default, deserialize_with = "deserialize_skip_error")]
    updated: Option<String>,
}

/// Whether a type is a message that we read. Those beside `Note`, `Page` and `Article` are read for what they have
/// in common with these, so that a thread about them is whole.
pub fn is_post(kind: &str) -> bool {
    const KINDS: [&str; 10] =
        ["Note", "Page", "Article", "Question", "Event", "Video", "Audio", "Image", "Document", "Album"];
    KINDS.contains(&kind)
}

impl PostObject {
    /// Reads the document.
    ///
    /// # Errors
    /// `Malformed` for what is not a message.
    pub fn read(document: &Value) -> Result<Self> {
        let kind = document.get("type").and_then(first_text).filter(|kind| is_post(kind));
        let kind = kind.ok_or(Error::Malformed("the type of a message"))?;
        if is_poll_vote(document) {
            return Err(Error::Malformed("a vote in a poll, not a message"));
        }
        let frame = Frame::deserialize(document).map_err(|_| Error::Malformed("the id of a message"))?;
        let in_reply_to = frame.in_reply_to.clone();
        let (context, replies) = (frame.context.clone(), frame.replies.clone());
        Ok(Self {
            id: frame.id.clone(),
            content: Box::new(Content::read(document, kind, in_reply_to.id().is_some())),
            in_reply_to,
            context,
            replies,
            mentions: mentions(document),
            frame: Box::new(frame),
        })
    }

    /// Reads the document that its author sends.
    ///
    /// # Errors
    /// Those of [`read`](Self::read) and [`author`](Self::author); `Forged` where it is another's.
    pub fn read_sent(document: &Value, sender: &str) -> Result<Self> {
        let object = Self::read(document)?;
        if object.author()? == sender { Ok(object) } else { Err(Error::Forged("the author of a message")) }
    }

    /// Where it does not say for whom it is: for whom the activity is that it came in.
    pub fn or_addressed(mut self, to: &References, cc: &References) -> Self {
        if self.frame.to.0.is_empty() && self.frame.cc.0.is_empty() {
            (self.frame.to, self.frame.cc) = (to.clone(), cc.clone());
        }
        self
    }

    /// Whether it names that community as its home.
    pub fn is_in(&self, home: &str) -> bool {
        self.frame.audience.0.iter().any(|id| id == home)
    }

    /// Whether it names where more of its thread is to be had.
    pub fn has_conversation(&self) -> bool {
        self.context.id().is_some() || self.replies.id().is_some()
    }

    /// The id of its author, which must be on the server of the message: a server speaks for its own only.
    ///
    /// # Errors
    /// `Malformed` without an author, `Forged` for one of another server.
    pub fn author(&self) -> Result<&str> {
        let id = parse(&self.id)?;
        let mut named = self.authors().peekable();
        if named.peek().is_none() {
            return Err(Error::Malformed("the author of a message"));
        }
        let own = named.find(|author| read_address(author).is_ok_and(|author| same_origin(&author, &id)));
        own.ok_or(Error::Forged("the author of a message"))
    }

    /// Whoever may be its author, the likeliest first: the person who made it, any `Person` that it is attributed to
    /// (PeerTube names its channel beside), else whoever that is.
    fn authors(&self) -> impl Iterator<Item = &str> {
        let attributed = match &self.frame.attributed_to {
            Value::Array(many) => many.as_slice(),
            one => std::slice::from_ref(one),
        };
        let attributed = || attributed.iter().take(MAX_REFERENCES);
        let persons = attributed().filter(|one| one.get("type").and_then(first_text) == Some("Person"));
        self.frame.actor.id().into_iter().chain(persons.chain(attributed()).filter_map(id_of))
    }

    /// Reads it into what the use cases take. `author` is the actor that [`author`](Self::author) names.
    ///
    /// # Errors
    /// `Malformed`, and those of storage.
    pub async fn into_post(self, sources: &Sources, author: &ActorRow) -> Result<RemotePost> {
        if parse(&author.ap_id)? != parse(self.author()?)? {
            // Where its author's address leads to another actor, it is nobody's.
            return Err(Error::Forged("the author of a message"));
        }
        // Boxed: what may ask other servers is large, and stands in the future of whatever records a message.
        let (known, audience) = Box::pin(self.known(sources, author)).await?;
        let home = Box::pin(self.home(sources, author, &known, audience)).await?;
        let persons = known.iter().filter(|row| !is_group(row) && row.id != author.id);
        let kind = if self.content.title.is_some() { PostKind::Page } else { PostKind::Note };
        let test_hosts = sources.federation.http().test_hosts();
        let context = context(&self.context, &parse(&self.id)?, home.as_ref(), test_hosts);
        let (names_home, other_groups) = self.groups(home.as_ref(), &known, author);
        let visibility = self.visibility_in(home.as_ref(), author);
        let published = self.frame.published.as_deref().and_then(read_time);
        Ok(RemotePost {
            url: self.page(test_hosts)?,
            kind,
            author_id: author.id,
            home_id: home.map(|home| home.id),
            context,
            reach: read_reach(&self.frame.reach),
            locked: self.frame.comments_enabled == Value::Bool(false),
            parent: self.in_reply_to.id().map(str::to_owned),
            visibility,
            names_home,
            other_groups,
            recipients: persons.map(|row| row.id).collect(),
            published_at: published.unwrap_or_else(|| sources.app.now()).0,
            edited_at: self.frame.updated.as_deref().and_then(read_time).map(|at| at.0),
            ap_id: self.id,
            title: self.content.title,
            html: self.content.html,
            warning: self.content.warning,
            link: self.content.link,
            language: self.content.language,
        })
    }

    /// Whether it is addressed to its home or to those who follow that; and the other communities it is addressed to.
    fn groups(&self, home: Option<&ActorRow>, known: &[ActorRow], author: &ActorRow) -> (bool, Vec<i64>) {
        let addressed: Vec<&String> = self.frame.to.0.iter().chain(&self.frame.cc.0).collect();
        let names_home = home.is_some_and(|home| {
            addressed.iter().any(|id| **id == home.ap_id || Some(*id) == home.followers.as_ref())
        });
        let is_other = |row: &&ActorRow| {
            is_group(row)
                && row.id != author.id
                && home.is_none_or(|home| home.id != row.id)
                && addressed.contains(&&row.ap_id)
        };
        (names_home, known.iter().filter(is_other).map(|row| row.id).collect())
    }

    /// Who may read it, in that home: what is for the followers of the home, and not for everybody, is for its members.
    fn visibility_in(&self, home: Option<&ActorRow>, author: &ActorRow) -> Visibility {
        let visibility = self.visibility(author.followers.as_deref());
        let members = home.and_then(|home| home.followers.as_ref());
        let mut addressed = self.frame.to.0.iter().chain(&self.frame.cc.0);
        if !visibility.is_open() && members.is_some_and(|members| addressed.any(|id| id == members)) {
            Visibility::Members
        } else {
            visibility
        }
    }

    /// Its page for people, on its own server; its id where it names none.
    fn page(&self, test_hosts: &TestHosts) -> Result<String> {
        let id = parse(&self.id)?;
        let page = page_of(&self.frame.url).and_then(|url| test_hosts.check(url).ok());
        Ok(page.filter(|url| same_origin(url, &id)).unwrap_or(id).into())
    }

    /// The community that it names as its home: `audience`, else the first known group it is addressed to, else
    /// the known group that it is attributed to. `audience` is what is known of the one that it names.
    async fn home(
        &self,
        sources: &Sources,
        author: &ActorRow,
        known: &[ActorRow],
        audience: Option<ActorRow>,
    ) -> Result<Option<ActorRow>> {
        if let Some(id) = self.audience(author) {
            // A home that cannot be had is a home all the same: the message is not its author's own.
            let home = sources.actor_as_known(id, audience).await?;
            return Ok(Some(home).filter(is_group));
        }
        match known.iter().find(|row| is_group(row) && row.id != author.id).cloned() {
            Some(first) if first.local && self.in_reply_to.id().is_none() => {
                self.first_group(sources, author, known, first).await.map(Some)
            }
            first => Ok(first),
        }
    }

    /// The first group that a thread is addressed to, where `first` is the first of those known, and of here: one of
    /// elsewhere may stand before it, whose own server decides then (S35). What cannot be had is no group.
    async fn first_group(
        &self,
        sources: &Sources,
        author: &ActorRow,
        known: &[ActorRow],
        first: ActorRow,
    ) -> Result<ActorRow> {
        let addressed: Vec<&String> = self.frame.to.0.iter().chain(&self.frame.cc.0).collect();
        let Some(at) = addressed.iter().position(|id| **id == first.ap_id) else { return Ok(first) };
        let is_stranger = |id: &&&String| {
            !is_public(id)
                && Some(**id) != author.followers.as_ref()
                && !sources.app.site().owns(id)
                && known.iter().all(|row| row.ap_id != ***id)
        };
        for id in addressed.iter().take(at).filter(is_stranger).take(MAX_ASKED) {
            match sources.actor(id).await {
                Ok(row) if is_group(&row) && row.id != author.id => return Ok(row),
                Err(Error::NeedsNetwork) => return Err(Error::NeedsNetwork),
                Ok(_) | Err(_) => {}
            }
        }
        Ok(first)
    }

    /// The first `audience` that is neither everybody nor the followers of the author: some name there whoever may
    /// read.
    fn audience(&self, author: &ActorRow) -> Option<&str> {
        let named = |id: &&String| !is_public(id) && Some(*id) != author.followers.as_ref();
        self.frame.audience.0.iter().find(named).map(String::as_str)
    }

    /// The actors it names that are known here, in its order, and what is known of its `audience`: a handler of the
    /// inbox asks for no others (S58).
    async fn known(&self, sources: &Sources, author: &ActorRow) -> Result<(Vec<ActorRow>, Option<ActorRow>)> {
        let attributed = References::from(self.frame.attributed_to.clone()).0;
        let addressed = self.frame.to.0.iter().chain(&self.frame.cc.0).chain(&self.mentions);
        let ids: Vec<String> = addressed.chain(&attributed).filter(|id| !is_public(id)).cloned().collect();
        let audience = self.audience(author).map(str::to_owned);
        let wanted: Vec<String> = ids.iter().cloned().chain(audience.clone()).collect();
        let author = author.id;
        let rows = sources.app.read(move |conn| {
            let mut rows = actors::list_by_ap_ids(conn, &wanted)?;
            let mut unknown = Vec::new();
            for row in rows.iter().filter(|row| row.local && is_group(row)) {
                if !readers::may_know(conn, row, Some(author))? {
                    unknown.push(row.id);
                }
            }
            // To whoever may not know of them they do not exist (S70).
            rows.retain(|row| !unknown.contains(&row.id));
            Ok::<_, clocher_app::Error>(rows)
        });
        let rows = rows.await?;
        let mut rows: HashMap<String, ActorRow> =
            rows.into_iter().map(|row| (row.ap_id.clone(), row)).collect();
        let audience = audience.and_then(|id| rows.get(&id).cloned());
        Ok((ids.iter().filter_map(|id| rows.remove(id)).collect(), audience))
    }

    /// Who may read it, by whom it is addressed to; `followers` is the collection of its author.
    pub fn visibility(&self, followers: Option<&str>) -> Visibility {
        let Frame { to, cc, audience, .. } = &*self.frame;
        if to.0.is_empty() && cc.0.is_empty() && !audience.0.is_empty() {
            // Discourse names the group, and nobody else.
            return Visibility::Public;
        }
        let has_followers = to.0.iter().chain(&cc.0).any(|id| Some(id.as_str()) == followers);
        if to.has_public() {
            Visibility::Public
        } else if cc.has_public() {
            Visibility::Unlisted
        } else if has_followers {
            Visibility::Followers
        } else {
            Visibility::Direct
        }
    }
}

fn is_group(row: &ActorRow) -> bool {
    row.kind == ActorKind::Group.as_str()
}

/// The collection of its conversation, where it is on its own server or on that of its home: elsewhere nobody
/// can speak for it.
fn context(named: &Reference, id: &Url, home: Option<&ActorRow>, test_hosts: &TestHosts) -> Option<String> {
    let context = named.id().filter(|id| id.len() <= MAX_ADDRESS).and_then(|id| test_hosts.check(id).ok())?;
    let home = home.and_then(|home| Url::parse(&home.ap_id).ok());
    let is_theirs = same_origin(&context, id) || home.is_some_and(|home| same_origin(&context, &home));
    is_theirs.then(|| context.into())
}

fn parse(id: &str) -> Result<Url> {
    read_address(id).map_err(|_| Error::Malformed("an id"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_author_of_another_server_is_forged() {
        let mut note =
            json!({ "id": "https://a.example/1", "type": "Note", "attributedTo": "https://a.example/u/x" });
        assert_eq!(PostObject::read(&note).unwrap().author().unwrap(), "https://a.example/u/x");
        note["attributedTo"] = json!("https://a.example:8443/u/x");
        assert!(matches!(PostObject::read(&note).unwrap().author(), Err(Error::Forged(_))));
        note["attributedTo"] = json!([]);
        assert!(matches!(PostObject::read(&note).unwrap().author(), Err(Error::Malformed(_))));
    }

    #[test]
    fn other_types_are_not_messages() {
        assert!(PostObject::read(&json!({ "id": "https://a.example/1", "type": "ChatMessage" })).is_err());
        assert!(PostObject::read(&json!({ "type": "Note" })).is_err());
        assert!(PostObject::read(&json!("https://a.example/1")).is_err());
    }
}
