//! Messages on the wire: ours as documents here, those of others in [`remote`].

pub mod content;
mod load;
pub mod remote;

use crate::vocabulary::{PUBLIC, write_time};
use clocher_app::text;
use clocher_domain::audience::Visibility;
use clocher_domain::placement::Reach;
use clocher_storage::actors::ActorRow;
use clocher_storage::posts::PostRow;
use serde::Serialize;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

pub use load::{load, load_all};

/// Longest excerpt in `summary`, in characters: what microblogs show of a titled post.
const EXCERPT: usize = 300;

/// A local message with what its document names.
#[derive(Clone, Debug)]
pub struct Message {
    /// The message.
    pub post: Arc<PostRow>,
    /// Its author.
    pub author: Arc<ActorRow>,
    /// The home community of its thread.
    pub home: Option<Arc<ActorRow>>,
    /// The top post of its thread; itself for a top post.
    pub thread: Arc<PostRow>,
    /// The ActivityPub id of the message that it answers.
    pub in_reply_to: Option<String>,
    /// Whom it is addressed to by name.
    pub recipients: Vec<Arc<ActorRow>>,
}

impl Message {
    /// `to` and `cc` of the message and of what is done with it.
    pub fn addressing(&self) -> (Vec<&str>, Vec<&str>) {
        let followers = self.author.followers.as_deref();
        let named = self.recipients.iter().map(|row| row.ap_id.as_str());
        let home = self.home.iter().map(|home| home.ap_id.as_str());
        match Visibility::parse(&self.post.visibility) {
            Some(Visibility::Public) => {
                let to = home.chain([PUBLIC]).collect();
                // Replies name those they answer; followers of the author hear of top posts only.
                let cc = if self.post.is_top() {
                    followers.into_iter().chain(named).collect()
                } else {
                    named.collect()
                };
                (to, cc)
            }
            Some(Visibility::Unlisted) => (followers.into_iter().chain(named).collect(), vec![PUBLIC]),
            Some(Visibility::Followers) => (followers.into_iter().collect(), named.collect()),
            // The members of its home, and nobody by name: who is named may be one no more.
            Some(Visibility::Members) => {
                let members = self.home.iter().filter_map(|home| home.followers.as_deref());
                (home.chain(members).collect(), Vec::new())
            }
            // A visibility that we cannot read shows the message to nobody new.
            Some(Visibility::Direct) | None => (named.collect(), Vec::new()),
        }
    }

    /// The document, without `@context`: of a deleted or removed message, its tombstone.
    pub fn document(&self) -> Value {
        if self.post.is_live() { written(&self.live()) } else { written(&self.tombstone()) }
    }

    /// The same, written behind what is written already.
    ///
    /// # Errors
    /// Never, in practice.
    pub fn write(&self, into: &mut Vec<u8>) -> serde_json::Result<()> {
        if self.post.is_live() {
            serde_json::to_writer(into, &self.live())
        } else {
            serde_json::to_writer(into, &self.tombstone())
        }
    }

    /// The collection of the conversation that it is part of: ours, or the one that its top post names.
    pub fn context(&self) -> Option<Cow<'_, str>> {
        if self.thread.local {
            Some(Cow::Owned(format!("{}/context", self.thread.ap_id)))
        } else {
            self.thread.context.as_deref().map(Cow::Borrowed)
        }
    }

    fn live(&self) -> Live<'_> {
        let post = &self.post;
        let (to, cc) = self.addressing();
        // What microblogs show of a titled post.
        let excerpt = post.title.as_ref().map(|_| text::excerpt(&text::plain(&post.html), EXCERPT));
        let excerpt = excerpt.filter(|excerpt| !excerpt.is_empty());
        let excerpt = excerpt.map(|excerpt| format!("<p>{}</p>", text::escape(&excerpt)));
        Live {
            id: &post.ap_id,
            kind: &post.kind,
            attributed_to: &self.author.ap_id,
            audience: self.home.as_ref().map(|home| home.ap_id.as_str()),
            to,
            cc,
            name: post.title.as_deref(),
            summary: excerpt.clone(),
            preview: excerpt.map(|content| Preview { kind: "Note", content }),
            content: &post.html,
            media_type: "text/html",
            source: post.source.as_deref().map(|content| Source { content, media_type: "text/markdown" }),
            content_map: post.language.as_deref().map(|language| BTreeMap::from([(language, &*post.html)])),
            url: &post.url,
            in_reply_to: self.in_reply_to.as_deref(),
            context: self.context(),
            replies: post.local.then(|| format!("{}/replies", post.ap_id)),
            tag: self.recipients.iter().map(|row| Mention::of(row)).collect(),
            attachment: [],
            sensitive: false,
            comments_enabled: post.locked.then_some(false),
            reach: post.reach().ok().flatten(),
            published: write_time(post.published_at),
            updated: post.edited_at.map(write_time),
        }
    }

    fn tombstone(&self) -> Tombstone<'_> {
        Tombstone {
            id: &self.post.ap_id,
            kind: "Tombstone",
            former_type: &self.post.kind,
            context: self.context(),
            audience: self.home.as_ref().map(|home| home.ap_id.as_str()),
            deleted: self.post.deleted_at.or(self.post.removed_at).map(write_time),
        }
    }
}

/// A message as its document says it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Live<'a> {
    id: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    attributed_to: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    audience: Option<&'a str>,
    to: Vec<&'a str>,
    cc: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    preview: Option<Preview>,
    content: &'a str,
    media_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<Source<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_map: Option<BTreeMap<&'a str, &'a str>>,
    url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    in_reply_to: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    replies: Option<String>,
    tag: Vec<Mention<'a>>,
    /// Some servers cannot read a message without it.
    attachment: [(); 0],
    sensitive: bool,
    /// Said only where it takes no answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    comments_enabled: Option<bool>,
    /// How far its author lets a thread go.
    #[serde(skip_serializing_if = "Option::is_none")]
    reach: Option<Reach>,
    published: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated: Option<String>,
}

/// What stands in the place of a deleted or removed message (FEP-4f05).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Tombstone<'a> {
    id: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    former_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    audience: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted: Option<String>,
}

#[derive(Serialize)]
struct Preview {
    #[serde(rename = "type")]
    kind: &'static str,
    content: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Source<'a> {
    content: &'a str,
    media_type: &'static str,
}

#[derive(Serialize)]
struct Mention<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    href: &'a str,
    name: String,
}

impl<'a> Mention<'a> {
    fn of(row: &'a ActorRow) -> Self {
        Self { kind: "Mention", href: &row.ap_id, name: format!("@{}", row.handle()) }
    }
}

/// A document as a value. What is made of texts and lists alone can always be one.
fn written(document: &impl Serialize) -> Value {
    serde_json::to_value(document).unwrap_or_default()
}
