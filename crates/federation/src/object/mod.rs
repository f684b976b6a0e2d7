//! Messages on the wire: ours as documents here, those of others in [`remote`].

pub mod remote;

use crate::vocabulary::{PUBLIC, write_time};
use clocher_app::text;
use clocher_domain::audience::Visibility;
use clocher_storage::actors::ActorRow;
use clocher_storage::posts::PostRow;
use serde_json::{Map, Value, json};

/// Longest excerpt in `summary`, in characters: what microblogs show of a titled post.
const EXCERPT: usize = 300;

/// A local message with what its document names.
#[derive(Clone, Debug)]
pub struct Message {
    /// The message.
    pub post: PostRow,
    /// Its author.
    pub author: ActorRow,
    /// The home community of its thread.
    pub home: Option<ActorRow>,
    /// The top post of its thread; itself for a top post.
    pub thread: PostRow,
    /// The message that it answers, with its author.
    pub parent: Option<(PostRow, ActorRow)>,
    /// Whom it is addressed to by name.
    pub recipients: Vec<ActorRow>,
}

impl Message {
    /// `to` and `cc` of the message and of what is done with it.
    pub fn addressing(&self) -> (Vec<String>, Vec<String>) {
        let followers = self.author.followers.clone();
        let named = self.recipients.iter().map(|row| row.ap_id.clone());
        let home = self.home.iter().map(|home| home.ap_id.clone());
        match Visibility::parse(&self.post.visibility) {
            Some(Visibility::Public) => {
                let to = home.chain([PUBLIC.to_owned()]).collect();
                // Replies name those they answer; followers of the author hear of top posts only.
                let cc = if self.post.is_top() {
                    followers.into_iter().chain(named).collect()
                } else {
                    named.collect()
                };
                (to, cc)
            }
            Some(Visibility::Unlisted) => {
                (followers.into_iter().chain(named).collect(), vec![PUBLIC.to_owned()])
            }
            Some(Visibility::Followers) => (followers.into_iter().collect(), named.collect()),
            // A visibility that we cannot read shows the message to nobody new.
            Some(Visibility::Direct) | None => (named.collect(), Vec::new()),
        }
    }

    /// The document, without `@context`: of a deleted message, its tombstone.
    pub fn document(&self) -> Value {
        if self.post.deleted_at.is_some() {
            return self.tombstone();
        }
        let post = &self.post;
        let (to, cc) = self.addressing();
        let mut fields = Map::new();
        let mut put = |name: &str, value: Value| {
            fields.insert(name.to_owned(), value);
        };
        put("id", json!(post.ap_id));
        put("type", json!(post.kind));
        put("attributedTo", json!(self.author.ap_id));
        if let Some(home) = &self.home {
            put("audience", json!(home.ap_id));
        }
        put("to", json!(to));
        put("cc", json!(cc));
        if let Some(title) = &post.title {
            put("name", json!(title));
            let excerpt = text::excerpt(&text::plain(&post.html), EXCERPT);
            if !excerpt.is_empty() {
                put("summary", json!(format!("<p>{}</p>", text::escape(&excerpt))));
                let preview =
                    json!({ "type": "Note", "content": format!("<p>{}</p>", text::escape(&excerpt)) });
                put("preview", preview);
            }
        }
        put("content", json!(post.html));
        put("mediaType", json!("text/html"));
        if let Some(source) = &post.source {
            put("source", json!({ "content": source, "mediaType": "text/markdown" }));
        }
        if let Some(language) = &post.language {
            put("contentMap", json!({ language: post.html }));
        }
        put("url", json!(post.url));
        if let Some((parent, _)) = &self.parent {
            put("inReplyTo", json!(parent.ap_id));
        }
        if self.thread.local {
            put("context", json!(format!("{}/context", self.thread.ap_id)));
        }
        put("replies", json!(format!("{}/replies", post.ap_id)));
        put("tag", Value::Array(self.mentions()));
        put("attachment", json!([]));
        put("sensitive", json!(false));
        put("published", json!(write_time(post.published_at)));
        if let Some(edited_at) = post.edited_at {
            put("updated", json!(write_time(edited_at)));
        }
        Value::Object(fields)
    }

    /// What stands in the place of a deleted message (FEP-4f05).
    pub fn tombstone(&self) -> Value {
        let mut tombstone = json!({
            "id": self.post.ap_id,
            "type": "Tombstone",
            "formerType": self.post.kind,
            "context": format!("{}/context", self.thread.ap_id),
        });
        if let Value::Object(fields) = &mut tombstone {
            if let Some(home) = &self.home {
                fields.insert("audience".to_owned(), json!(home.ap_id));
            }
            if let Some(deleted_at) = self.post.deleted_at {
                fields.insert("deleted".to_owned(), json!(write_time(deleted_at)));
            }
        }
        tombstone
    }

    fn mentions(&self) -> Vec<Value> {
        let mention = |row: &ActorRow| json!({ "type": "Mention", "href": row.ap_id, "name": format!("@{}", row.handle()) });
        self.recipients.iter().map(mention).collect()
    }
}
