//! The vocabulary on the wire: our one namespace, the `@context` that is always inlined, and lenient
//! reading of what others write where ActivityStreams allows several forms.
//!
//! Processes no JSON-LD: names are the compact ones, whatever a document's `@context` says, so that an
//! aliased or expanded name means nothing.

use crate::error::{Error, Result};
use clocher_domain::Timestamp;
use clocher_domain::placement::{MAX_REACH, Reach};
use serde::Deserialize;
use serde_json::{Value, json};

/// The one namespace that is ours.
pub const NAMESPACE: &str = "https://ns.communes.example/v1#";
/// Everybody (ActivityPub, section 5.6).
pub const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";
/// Most references read from one field of one document.
pub const MAX_REFERENCES: usize = 50;

/// The `@context` of every document of ours. Nobody needs to fetch more than the well-known ones.
pub fn context() -> Value {
    json!([
        "https://www.w3.org/ns/activitystreams",
        "https://w3id.org/security/v1",
        "https://w3id.org/security/multikey/v1",
        "https://w3id.org/security/data-integrity/v2",
        {
            "toot": "http://joinmastodon.org/ns#",
            "lemmy": "https://join-lemmy.org/ns#",
            "mz": "https://joinmobilizon.org/ns#",
            "pt": "https://joinpeertube.org/ns#",
            "schema": "http://schema.org#",
            "igeo": "http://rdf.insee.fr/def/geo#",
            "org": "http://www.w3.org/ns/org#",
            "ter": NAMESPACE,
            "sensitive": "as:sensitive",
            "manuallyApprovesFollowers": "as:manuallyApprovesFollowers",
            "alsoKnownAs": { "@id": "as:alsoKnownAs", "@type": "@id" },
            "movedTo": { "@id": "as:movedTo", "@type": "@id" },
            "discoverable": "toot:discoverable",
            "indexable": "toot:indexable",
            "PropertyValue": "schema:PropertyValue",
            "value": "schema:value",
            "moderators": { "@id": "lemmy:moderators", "@type": "@id" },
            "postingRestrictedToMods": "lemmy:postingRestrictedToMods",
            "Lock": "lemmy:Lock",
            "removeData": "lemmy:removeData",
            "commentsEnabled": "pt:commentsEnabled",
            "featured": { "@id": "toot:featured", "@type": "@id" },
            "memberCount": "mz:memberCount",
            "openness": "mz:openness",
            "affiliations": { "@id": "https://w3id.org/fep/5219#affiliations", "@type": "@id" },
            "canFollow": "https://w3id.org/fep/5219#canFollow",
            "canParticipate": "https://w3id.org/fep/5219#canParticipate",
            "identifier": "https://schema.org/identifier",
            "propertyID": "https://schema.org/propertyID",
            "codeINSEE": "igeo:codeINSEE",
            "webfinger": "https://purl.archive.org/socialweb/webfinger#webfinger",
            "implements": { "@id": "https://w3id.org/fep/844e/implements", "@type": "@id", "@container": "@set" },
            "territoryKind": "ter:territoryKind",
            "links": { "@id": "ter:links", "@type": "@id" },
            "shares": "ter:shares",
            "accepts": "ter:accepts"
        },
        of_nesting()
    ])
}

/// The terms of linked communities, and of threads that travel between them.
fn of_nesting() -> Value {
    json!({
        "rollup": { "@id": "ter:rollup", "@type": "@id" },
        "reach": "ter:reach",
        "defaultReach": "ter:defaultReach",
        "communities": { "@id": "ter:communities", "@type": "@id", "@container": "@set" },
        "down": "ter:down",
        "way": "ter:way",
        "path": { "@id": "ter:path", "@type": "@id", "@container": "@list" },
        "implied": "ter:implied",
        "carries": { "@id": "ter:carries", "@type": "@id" },
        "MailHome": "ter:MailHome",
        "joint": "ter:joint",
        "step": "ter:step",
        "ticket": "ter:ticket",
        "mark": "ter:mark",
        "modes": "ter:modes",
        "told": { "@id": "ter:told", "@type": "@id", "@container": "@set" },
        "owed": { "@id": "ter:owed", "@type": "@id", "@container": "@set" },
        "announces": { "@id": "ter:announces", "@type": "@id", "@container": "@list" }
    })
}

/// A document of ours with its `@context` first.
pub fn with_context(document: Value) -> Value {
    let mut whole = serde_json::Map::new();
    whole.insert("@context".to_owned(), context());
    if let Value::Object(fields) = document {
        whole.extend(fields);
    }
    Value::Object(whole)
}

/// A reference to an object: by its id, or the object itself.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Value")]
pub struct Reference(pub Value);

impl From<Value> for Reference {
    fn from(value: Value) -> Self {
        Self(value)
    }
}

impl Reference {
    /// Its id.
    pub fn id(&self) -> Option<&str> {
        id_of(&self.0)
    }

    /// Its type, where the object itself stands there.
    pub fn kind(&self) -> Option<&str> {
        self.0.get("type").and_then(first_text)
    }
}

/// One or several references, of which at most [`MAX_REFERENCES`] are read.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Value")]
pub struct References(pub Vec<String>);

impl From<Value> for References {
    fn from(value: Value) -> Self {
        let ids = match &value {
            Value::Array(items) => {
                items.iter().filter_map(id_of).take(MAX_REFERENCES).map(str::to_owned).collect()
            }
            other => id_of(other).map(str::to_owned).into_iter().collect(),
        };
        Self(ids)
    }
}

impl References {
    /// Whether everybody is among them, in any of the three spellings that are in use.
    pub fn has_public(&self) -> bool {
        self.0.iter().any(|id| is_public(id))
    }
}

/// Keywords of JSON-LD by which a document says more, to those who process it, than stands in its members.
const HIDDEN_MEANING: [&str; 4] = ["@graph", "@included", "@reverse", "@nest"];

/// Refuses a document that would be another one to whoever processes JSON-LD: those who pass on or sign it
/// may have read that other one.
///
/// # Errors
/// `Malformed`.
pub fn check_compact(document: &Value) -> Result<()> {
    match document {
        Value::Array(items) => items.iter().try_for_each(check_compact),
        Value::Object(members) => members.iter().try_for_each(|(name, value)| match name.as_str() {
            "@context" => Ok(()),
            name if HIDDEN_MEANING.contains(&name) => Err(Error::Malformed("a compact document")),
            _ => check_compact(value),
        }),
        _ => Ok(()),
    }
}

/// Whether that reference means everybody.
pub fn is_public(id: &str) -> bool {
    matches!(id, PUBLIC | "as:Public" | "Public")
}

/// The id that a reference names: a text, an object's `id` or `href`, or the first of several.
pub fn id_of(value: &Value) -> Option<&str> {
    match value {
        Value::String(id) => Some(id),
        Value::Object(fields) => fields.get("id").or_else(|| fields.get("href")).and_then(Value::as_str),
        Value::Array(items) => {
            items.first().and_then(|item| if item.is_array() { None } else { id_of(item) })
        }
        _ => None,
    }
}

/// The page for people that `url` names: the first link of type `text/html`, else what stands first.
pub fn page_of(url: &Value) -> Option<&str> {
    let is_html = |link: &&Value| link.get("mediaType").and_then(Value::as_str) == Some("text/html");
    let page = url.as_array().and_then(|links| links.iter().find(is_html));
    id_of(page.unwrap_or(url))
}

/// A text, or the first of several.
pub fn first_text(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => Some(text),
        Value::Array(items) => items.first().and_then(Value::as_str),
        _ => None,
    }
}

/// Longest id that a list of ids holds, in bytes.
const MAX_ID: usize = 2_000;

/// A list of at most `most` ids; none for anything else, or for more.
pub fn ids_of(value: &Value, most: usize) -> Option<Vec<String>> {
    let items = value.as_array().filter(|items| items.len() <= most)?;
    let id = |item: &Value| id_of(item).filter(|id| id.len() <= MAX_ID).map(str::to_owned);
    items.iter().map(id).collect()
}

/// How far a thread may go (`ter:reach`); none for what does not say so in our form.
pub fn read_reach(value: &Value) -> Option<Reach> {
    let communities = ids_of(value.get("communities")?, MAX_REACH)?;
    Some(Reach { communities, down: value.get("down").and_then(Value::as_bool).unwrap_or(false) })
}

/// An instant as XML Schema writes it, to the millisecond: two edits within a second are told apart by it.
pub fn write_time(at: i64) -> String {
    jiff::Timestamp::from_millisecond(at).map(|at| at.to_string()).unwrap_or_default()
}

/// Reads an instant; none for what is not one.
pub fn read_time(text: &str) -> Option<Timestamp> {
    text.parse::<jiff::Timestamp>().ok().map(|at| Timestamp(at.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read_in_all_their_forms_and_bounded() {
        assert_eq!(id_of(&json!("a")), Some("a"));
        assert_eq!(id_of(&json!({ "id": "b", "type": "Note" })), Some("b"));
        assert_eq!(id_of(&json!([{ "type": "Link", "href": "c" }])), Some("c"));
        assert_eq!(id_of(&json!([[["d"]]])), None);
        let many = Value::Array((0..5_000).map(|n| json!(format!("https://h{n}.test/"))).collect());
        assert_eq!(References::from(many).0.len(), MAX_REFERENCES);
        assert!(References::from(json!("as:Public")).has_public());
    }

    #[test]
    fn a_reach_is_read_in_its_form_and_bounded() {
        let reach = read_reach(&json!({ "communities": ["https://a.test/c/x"], "down": true }));
        assert_eq!(reach, Some(Reach { communities: vec!["https://a.test/c/x".into()], down: true }));
        let many: Vec<String> = (0..=MAX_REACH).map(|n| format!("https://a.test/c/{n}")).collect();
        assert_eq!(read_reach(&json!({ "communities": many })), None);
        assert_eq!(read_reach(&json!({ "communities": ["x".repeat(MAX_ID + 1)] })), None);
        assert_eq!(read_reach(&json!({ "communities": [7] })), None);
        assert_eq!(read_reach(&json!("https://a.test/c/x")), None);
    }

    #[test]
    fn s21_an_expanded_name_of_the_public_or_of_a_field_means_nothing() {
        assert_eq!(Reference(json!({ "@id": "https://a.test/1", "@type": "Note" })).id(), None);
        assert!(!References::from(json!({ "as:href": PUBLIC })).has_public());
    }

    #[test]
    fn instants_round_trip_to_the_millisecond() {
        assert_eq!(write_time(1_800_000_000_000), "2027-01-15T08:00:00Z");
        assert_eq!(write_time(1_800_000_000_120), "2027-01-15T08:00:00.12Z");
        assert_eq!(read_time("2027-01-15T08:00:00.12Z"), Some(Timestamp(1_800_000_000_120)));
        assert_eq!(read_time("2027-01-15T09:00:00+01:00"), Some(Timestamp(1_800_000_000_000)));
        assert_eq!(read_time("yesterday"), None);
    }
}
