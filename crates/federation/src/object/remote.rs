//! Messages of other servers: reading their documents into what a use case takes.

use crate::error::{Error, Result};
use crate::sources::Sources;
use crate::transport::{TestHosts, same_origin};
use crate::vocabulary::{Reference, References, first_text, id_of, is_public, read_time};
use activitypub_federation::protocol::helpers::deserialize_skip_error;
use clocher_app::receiving::RemotePost;
use clocher_domain::actor::ActorKind;
use clocher_domain::audience::Visibility;
use clocher_domain::post::PostKind;
use clocher_storage::actors::{self, ActorRow};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

/// Longest address of a conversation, in bytes.
const MAX_ADDRESS: usize = 2_000;

/// The shape of a message. What is not essential and has another form is read as absent.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PostObject {
    /// Its id.
    pub id: String,
    #[serde(rename = "type")]
    kind: Value,
    /// Its author.
    #[serde(default)]
    attributed_to: Value,
    #[serde(default)]
    audience: References,
    #[serde(default)]
    to: References,
    #[serde(default)]
    cc: References,
    #[serde(default, deserialize_with = "deserialize_skip_error")]
    name: Option<String>,
    #[serde(default, deserialize_with = "deserialize_skip_error")]
    content: Option<String>,
    #[serde(default, deserialize_with = "deserialize_skip_error")]
    content_map: Option<serde_json::Map<String, Value>>,
    #[serde(default)]
    url: Value,
    /// What it answers.
    #[serde(default)]
    pub in_reply_to: Reference,
    /// The collection of its conversation.
    #[serde(default)]
    pub context: Reference,
    /// The collection of what answers it.
    #[serde(default)]
    pub replies: Reference,
    #[serde(default, deserialize_with = "deserialize_skip_error")]
    published: Option<String>,
    #[serde(default, deserialize_with = "deserialize_skip_error")]
    updated: Option<String>,
}

/// Whether a type is a message that we read.
pub fn is_post(kind: &str) -> bool {
    matches!(kind, "Page" | "Note" | "Article")
}

impl PostObject {
    /// Reads the document.
    ///
    /// # Errors
    /// `Malformed` for what is not a message.
    pub fn read(document: &Value) -> Result<Self> {
        let object = Self::deserialize(document).map_err(|_| Error::Malformed("a message"))?;
        let known = first_text(&object.kind).is_some_and(is_post);
        if known { Ok(object) } else { Err(Error::Malformed("the type of a message")) }
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
        let author = match &self.attributed_to {
            // PeerTube and others name the person among several: the first `Person`, else the first.
            Value::Array(many) => {
                let person =
                    many.iter().find(|one| one.get("type").and_then(Value::as_str) == Some("Person"));
                person.or_else(|| many.first()).and_then(id_of)
            }
            one => id_of(one),
        };
        let author = author.ok_or(Error::Malformed("the author of a message"))?;
        let (id, at) = (parse(&self.id)?, parse(author)?);
        if same_origin(&id, &at) { Ok(author) } else { Err(Error::Forged("the author of a message")) }
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
        let id = parse(&self.id)?;
        let home = self.home(sources, author).await?;
        let url = id_of(&self.url).and_then(|url| sources.federation.http().test_hosts().check(url).ok());
        let url = url.filter(|url| same_origin(url, &id)).unwrap_or_else(|| id.clone());
        let visibility = self.visibility(author);
        let recipients = self.recipients(sources).await?;
        let kind = match first_text(&self.kind) {
            Some("Note") => PostKind::Note,
            _ => PostKind::Page,
        };
        let language = self
            .content_map
            .as_ref()
            .and_then(|map| map.keys().next())
            .filter(|tag| tag.len() <= 35)
            .cloned();
        let published = self.published.as_deref().and_then(read_time);
        let context = context(&self.context, &id, home.as_ref(), sources.federation.http().test_hosts());
        Ok(RemotePost {
            parent: self.in_reply_to.id().map(str::to_owned),
            // A reply has no title, whatever its server calls it.
            title: self.name.filter(|_| kind == PostKind::Page),
            ap_id: self.id,
            url: url.into(),
            kind,
            author_id: author.id,
            home_id: home.map(|home| home.id),
            visibility,
            html: self.content.unwrap_or_default(),
            language,
            published_at: published.unwrap_or_else(|| sources.app.now()).0,
            context,
            edited_at: self.updated.as_deref().and_then(read_time).map(|at| at.0),
            recipients,
        })
    }

    /// The community that it names as its home: `audience`, else the first known group it is addressed to.
    async fn home(&self, sources: &Sources, author: &ActorRow) -> Result<Option<ActorRow>> {
        let is_group = |row: &ActorRow| row.kind == ActorKind::Group.as_str();
        // Some name there whoever may read.
        let named = |id: &&String| !is_public(id) && Some(*id) != author.followers.as_ref();
        if let Some(audience) = self.audience.0.iter().find(named) {
            // A home that cannot be had is a home all the same: the message is not its author's own.
            let home = sources.actor(audience).await?;
            return Ok(Some(home).filter(is_group));
        }
        let known = self.known(sources).await?;
        Ok(known.into_iter().find(is_group))
    }

    async fn recipients(&self, sources: &Sources) -> Result<Vec<i64>> {
        let known = self.known(sources).await?;
        Ok(known.into_iter().filter(|row| row.kind != ActorKind::Group.as_str()).map(|row| row.id).collect())
    }

    /// The actors it is addressed to that are known here, in its order.
    async fn known(&self, sources: &Sources) -> Result<Vec<ActorRow>> {
        let ids: Vec<String> = self.to.0.iter().chain(&self.cc.0).cloned().collect();
        let known = sources.app.read(move |conn| {
            let rows = ids
                .iter()
                .map(|id| actors::find_by_ap_id(conn, id))
                .collect::<clocher_storage::Result<Vec<_>>>();
            rows.map(|rows| rows.into_iter().flatten().collect())
        });
        Ok(known.await?)
    }

    fn visibility(&self, author: &ActorRow) -> Visibility {
        let followers =
            |references: &References| references.0.iter().any(|id| Some(id) == author.followers.as_ref());
        if self.to.has_public() {
            Visibility::Public
        } else if self.cc.has_public() {
            Visibility::Unlisted
        } else if followers(&self.to) || followers(&self.cc) {
            Visibility::Followers
        } else {
            Visibility::Direct
        }
    }
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
    Url::parse(id).map_err(|_| Error::Malformed("an id"))
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
        assert!(PostObject::read(&json!({ "id": "https://a.example/1", "type": "Video" })).is_err());
        assert!(PostObject::read(&json!({ "type": "Note" })).is_err());
        assert!(PostObject::read(&json!("https://a.example/1")).is_err());
    }
}
