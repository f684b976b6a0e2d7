//! What a message of another server says, whatever its kind: title, text, content warning, link, and in the text
//! what stands beside it on its own server (attachments, the choices of a poll, the time and place of an event).
//!
//! Pure, and believes nothing: the text is sanitised where it is stored. Media are named, never fetched.

use crate::vocabulary::{MAX_REFERENCES, first_text, read_time};
use clocher_app::text;
use serde_json::Value;
use url::Url;

/// Most attachments, and most choices of a poll, that are named in the text.
const MAX_LISTED: usize = 20;
/// Longest line made of a field, in characters.
const MAX_LINE: usize = 300;
/// Longest address kept, in bytes.
const MAX_ADDRESS: usize = 2_000;

/// What a message says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// Its title, if it opens a thread and has one.
    pub title: Option<String>,
    /// Its text, HTML, not sanitised.
    pub html: String,
    /// What to know before reading it; empty where it is only said to be sensitive.
    pub warning: Option<String>,
    /// The address on the web that it is about.
    pub link: Option<String>,
    /// Its language, BCP 47.
    pub language: Option<String>,
    /// How many attachments are named in the text.
    pub attachments: usize,
}

impl Content {
    /// Reads what a document of that kind says. A reply has no title, whatever its server calls it.
    pub fn read(document: &Value, kind: &str, is_reply: bool) -> Self {
        let name = text_of(document, "name").map(line).filter(|name| !name.is_empty());
        let summary = text_of(document, "summary").map(words).unwrap_or_default();
        let body = body(document);
        let is_titled = name.is_some() && !is_reply;
        let is_sensitive = document.get("sensitive") == Some(&Value::Bool(true));
        let (link, attachments) = attachments(document, kind);
        let mut html = String::new();
        if body.is_empty() && !is_titled {
            html.extend(name.as_deref().map(paragraph));
        }
        let warning = Some(&summary).filter(|_| is_sensitive);
        let warning = match kind {
            // Without words, only its media are sensitive, which are not shown.
            "Note" => warning.filter(|words| !words.is_empty()).cloned(),
            _ => warning.map(|words| if is_excerpt(words, &body) { String::new() } else { words.clone() }),
        };
        let is_told = warning.as_ref() == Some(&summary) || name.as_ref() == Some(&summary);
        // Of what has a title it is an excerpt, of other messages the subject.
        if (body.is_empty() || !is_titled) && !is_told && !is_excerpt(&summary, &body) {
            html.extend(Some(&summary).filter(|words| !words.is_empty()).map(|words| paragraph(words)));
        }
        html.extend(occasion(document).as_deref().map(paragraph));
        html.push_str(&body);
        html.push_str(&list(choices(document).iter().map(|choice| text::escape(choice))));
        html.push_str(&list(attachments.iter().map(Attachment::html)));
        Self {
            title: name.filter(|_| is_titled),
            html,
            warning,
            link,
            language: language(document),
            attachments: attachments.len(),
        }
    }
}

/// Whether a document is a vote in a poll, which servers send as a note that has nothing but a name.
pub fn is_poll_vote(document: &Value) -> bool {
    let has = |name: &str| document.get(name).is_some_and(|value| !value.is_null());
    let is_note = document.get("type").and_then(first_text) == Some("Note");
    let shows_something =
        document.get("attachment").and_then(Value::as_array).is_some_and(|all| !all.is_empty());
    is_note && has("name") && has("inReplyTo") && text_of(document, "content").is_none() && !shows_something
}

/// The text of a field, or of the first language of its `…Map`.
fn text_of<'a>(document: &'a Value, name: &str) -> Option<&'a str> {
    let plain = document.get(name).and_then(first_text);
    let by_language = || document.get(format!("{name}Map"))?.as_object()?.values().find_map(first_text);
    plain.or_else(by_language).filter(|text| !text.trim().is_empty())
}

/// The text, as HTML: `content` in whatever it is written, else the source where that is Markdown.
fn body(document: &Value) -> String {
    let media_type =
        |value: &Value| value.get("mediaType").and_then(Value::as_str).unwrap_or_default().to_owned();
    let Some(content) = text_of(document, "content") else {
        let source = document.get("source").filter(|source| media_type(source) == "text/markdown");
        let source = source.and_then(|source| source.get("content")).and_then(Value::as_str);
        return source.map(bounded_markdown).unwrap_or_default();
    };
    match media_type(document).as_str() {
        "text/markdown" => bounded_markdown(content),
        "text/plain" => content.split("\n\n").map(paragraph).collect(),
        _ => content.to_owned(),
    }
}

/// Markdown of others is rendered up to the length of HTML that is read.
fn bounded_markdown(markdown: &str) -> String {
    if markdown.len() <= text::MAX_HTML { text::render(markdown) } else { text::escape(markdown) }
}

fn paragraph(text: &str) -> String {
    format!("<p>{}</p>", text::escape(text).replace('\n', "<br>"))
}

fn list(items: impl Iterator<Item = String>) -> String {
    let items: Vec<String> = items.collect();
    if items.is_empty() { String::new() } else { format!("\n<ul><li>{}</li></ul>", items.join("</li><li>")) }
}

fn line(text: &str) -> String {
    text::clean_line(text, MAX_LINE)
}

/// The words of a field that is HTML, on one line.
fn words(html: &str) -> String {
    line(&text::plain(&text::sanitise(html)))
}

/// Whether a summary is only how the text begins.
fn is_excerpt(summary: &str, body: &str) -> bool {
    const BEGINNING: usize = 40;
    let beginning: String = summary.trim_end_matches(['…', '.']).chars().take(BEGINNING).collect();
    !body.is_empty() && words(body).starts_with(&beginning)
}

/// What is attached to a message.
struct Attachment {
    address: String,
    text: Option<String>,
}

impl Attachment {
    fn html(&self) -> String {
        let text = self.text.as_deref().unwrap_or(&self.address);
        format!("<a href=\"{}\">{}</a>", text::escape(&self.address), text::escape(text))
    }
}

/// The link that a message is about, and what else is attached to it, with its alternative text.
fn attachments(document: &Value, kind: &str) -> (Option<String>, Vec<Attachment>) {
    let attached = match document.get("attachment") {
        Some(Value::Array(many)) => many.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    let mut link = None;
    let mut others = Vec::new();
    for one in attached.iter().take(MAX_LISTED) {
        let Some(address) = one.get("href").or_else(|| one.get("url")).and_then(web_address) else {
            continue;
        };
        if link.is_none() && one.get("type").and_then(first_text) == Some("Link") {
            link = Some(address);
            continue;
        }
        let text = ["name", "summary"].iter().find_map(|field| text_of(one, field)).map(line);
        others.push(Attachment { address, text });
    }
    (link.or_else(|| linked_page(document, kind)), others)
}

/// Older Lemmy, lotide and Friendica give the address that a page is about as its `url`.
fn linked_page(document: &Value, kind: &str) -> Option<String> {
    let url = document.get("url").filter(|_| kind == "Page").and_then(web_address)?;
    let host = |address: &str| Url::parse(address).ok()?.host_str().map(str::to_owned);
    let own = host(document.get("id")?.as_str()?);
    Some(url).filter(|url| host(url) != own)
}

/// The first address of the web that a field names.
fn web_address(value: &Value) -> Option<String> {
    let named = match value {
        Value::String(address) => Some(address.as_str()),
        Value::Object(fields) => fields.get("href").or_else(|| fields.get("url")).and_then(Value::as_str),
        Value::Array(many) => return many.iter().filter(|one| !one.is_array()).find_map(web_address),
        _ => None,
    };
    let url = Url::parse(named.filter(|address| address.len() <= MAX_ADDRESS)?).ok()?;
    matches!(url.scheme(), "https" | "http").then(|| url.into())
}

/// What a poll lets its voters choose.
fn choices(document: &Value) -> Vec<String> {
    let offered = ["oneOf", "anyOf"].iter().find_map(|field| document.get(*field)?.as_array());
    let names = offered.into_iter().flatten().take(MAX_LISTED).filter_map(|choice| text_of(choice, "name"));
    names.map(line).collect()
}

/// When and where an event is.
fn occasion(document: &Value) -> Option<String> {
    let starts = document.get("startTime").and_then(Value::as_str).and_then(moment)?;
    let ends = document.get("endTime").and_then(Value::as_str).and_then(moment);
    let place = document.get("location").and_then(place);
    let when = ends.map_or_else(|| starts.clone(), |ends| format!("{starts} – {ends}"));
    Some(place.map_or_else(|| when.clone(), |place| format!("{when} · {place}")))
}

/// An instant in words that every language reads, in its author's time zone.
fn moment(text: &str) -> Option<String> {
    read_time(text)?;
    let (day, clock) = text.split_once('T')?;
    let zone = clock.find(['+', '-']).and_then(|at| clock.get(at..)).filter(|zone| *zone != "+00:00");
    Some(format!("{day} {} {}", clock.get(..5)?, zone.unwrap_or("UTC")))
}

fn place(location: &Value) -> Option<String> {
    let place = location.as_array().map_or(Some(location), |many| many.first())?;
    let part =
        |value: Option<&Value>| value.and_then(Value::as_str).map(line).filter(|part| !part.is_empty());
    let address = place.get("address");
    let town = part(address).or_else(|| part(address.and_then(|address| address.get("addressLocality"))));
    let parts: Vec<String> =
        part(Some(place)).into_iter().chain(part(place.get("name"))).chain(town).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// The language: named outright, or that under which the text stands in `contentMap`.
fn language(document: &Value) -> Option<String> {
    let named = ["language", "inLanguage"].iter().find_map(|field| {
        let value = document.get(*field)?;
        value.get("identifier").unwrap_or(value).as_str()
    });
    let mapped = || {
        let map = document.get("contentMap")?.as_object()?;
        let same = map.iter().find(|(_, text)| Some(*text) == document.get("content"));
        same.or_else(|| map.iter().next()).map(|(language, _)| language.as_str())
    };
    named.or_else(mapped).filter(|tag| is_language(tag)).map(str::to_owned)
}

/// Whether it has the form of a language tag (RFC 5646) that says something.
fn is_language(tag: &str) -> bool {
    let is_part =
        |part: &str| (1..=8).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphanumeric());
    tag.len() <= 35 && tag.split('-').all(is_part) && tag != "und"
}

/// The ids of those whom a message mentions in its `tag`, at most [`MAX_REFERENCES`] (S58).
pub fn mentions(document: &Value) -> Vec<String> {
    let tags = match document.get("tag") {
        Some(Value::Array(many)) => many.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    let mentions = tags.iter().filter(|tag| tag.get("type").and_then(first_text) == Some("Mention"));
    let ids = mentions.filter_map(|tag| tag.get("href").and_then(Value::as_str));
    ids.take(MAX_REFERENCES).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(document: &Value) -> Content {
        let kind = document["type"].as_str().unwrap();
        Content::read(document, kind, document.get("inReplyTo").is_some())
    }

    #[test]
    fn a_summary_warns_of_what_is_sensitive_and_is_an_excerpt_of_what_has_a_title() {
        let note = json!({ "type": "Note", "content": "<p>Fin du film</p>", "summary": "<b>Révélations</b>", "sensitive": true });
        assert_eq!(read(&note).warning.as_deref(), Some("Révélations"));
        assert_eq!(read(&note).html, "<p>Fin du film</p>");
        let subject = json!({ "type": "Note", "content": "<p>Fin du film</p>", "summary": "Cinéma" });
        assert_eq!(
            (read(&subject).warning, read(&subject).html.as_str()),
            (None, "<p>Cinéma</p><p>Fin du film</p>")
        );
        let article = json!({ "type": "Article", "name": "Le pont", "content": "<p>Le pont ferme lundi.</p>", "summary": "On en parle" });
        assert_eq!(
            (read(&article).warning, read(&article).html.as_str()),
            (None, "<p>Le pont ferme lundi.</p>")
        );
        let page = json!({ "type": "Page", "name": "Photo", "sensitive": true });
        assert_eq!(read(&page).warning.as_deref(), Some(""));
        let media = json!({ "type": "Note", "content": "Photo", "sensitive": true });
        assert_eq!(read(&media).warning, None, "its media are not shown");
    }

    #[test]
    fn a_title_is_the_name_of_what_opens_a_thread() {
        let mut note = json!({ "type": "Note", "name": " Notre\n réunion ", "content": "<p>Lundi</p>" });
        assert_eq!(read(&note).title.as_deref(), Some("Notre réunion"));
        note["inReplyTo"] = json!("https://a.example/1");
        assert_eq!((read(&note).title, read(&note).html.as_str()), (None, "<p>Lundi</p>"));
        let nameless = json!({ "type": "Video", "inReplyTo": "https://a.example/1", "name": "Un <film>" });
        assert_eq!(read(&nameless).html, "<p>Un &lt;film&gt;</p>", "its name is all it says");
        let mapped = json!({ "type": "Article", "nameMap": { "fr": "Le pont" }, "contentMap": { "fr": "<p>Fermé</p>" } });
        let content = read(&mapped);
        assert_eq!((content.title.as_deref(), content.html.as_str()), (Some("Le pont"), "<p>Fermé</p>"));
        assert_eq!(content.language.as_deref(), Some("fr"));
    }

    #[test]
    fn the_text_is_read_in_what_it_is_written() {
        let markdown = json!({ "type": "Video", "mediaType": "text/markdown", "content": "**Gras**" });
        assert_eq!(read(&markdown).html, "<p><strong>Gras</strong></p>");
        let plain = json!({ "type": "Note", "mediaType": "text/plain", "content": "<b>\n\nfin" });
        assert_eq!(read(&plain).html, "<p>&lt;b&gt;</p><p>fin</p>");
        let source = json!({ "type": "Page", "source": { "mediaType": "text/markdown", "content": "*x*" } });
        assert_eq!(read(&source).html, "<p><em>x</em></p>");
        let bbcode =
            json!({ "type": "Page", "source": { "mediaType": "text/bbcode", "content": "[b]x[/b]" } });
        assert_eq!(read(&bbcode).html, "");
    }

    #[test]
    fn links_are_kept_and_media_are_named_by_their_alternative_text() {
        let lemmy = json!({ "id": "https://a.example/1", "type": "Page", "name": "x", "attachment": [
            { "type": "Link", "href": "https://journal.example/pont" },
            { "type": "Image", "url": "https://a.example/i.png", "name": "Le \"pont\"" },
            { "type": "Document", "url": "javascript:alert(1)", "name": "non" },
            { "type": "PropertyValue", "name": "x", "value": "y" },
        ] });
        let content = read(&lemmy);
        assert_eq!((content.link.as_deref(), content.attachments), (Some("https://journal.example/pont"), 1));
        let html = text::sanitise(&content.html);
        assert!(
            html.contains("href=\"https://a.example/i.png\"") && html.contains(">Le \"pont\"</a>"),
            "{html}"
        );
        assert!(!html.contains("alert"));
        let mut lotide =
            json!({ "id": "https://a.example/1", "type": "Page", "name": "x", "url": "https://b.example/2" });
        assert_eq!(read(&lotide).link.as_deref(), Some("https://b.example/2"));
        lotide["url"] = json!("https://a.example/page/1");
        assert_eq!(read(&lotide).link, None, "its own page is not what it is about");
    }

    #[test]
    fn a_vote_in_a_poll_has_nothing_but_a_name() {
        let vote = json!({ "type": "Note", "name": "Oui", "inReplyTo": "https://a.example/poll/1" });
        let with = |fields: Value| {
            let mut all = vote.clone();
            all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
            is_poll_vote(&all)
        };
        assert!(with(json!({})) && with(json!({ "content": "" })) && with(json!({ "contentMap": {} })));
        assert!(with(json!({ "content": null, "attachment": [] })));
        assert!(!with(json!({ "content": "Oui." })) && !with(json!({ "contentMap": { "fr": "Oui." } })));
        assert!(!with(
            json!({ "content": "", "attachment": [{ "type": "Image", "url": "https://a.example/1" }] })
        ));
        assert!(!with(json!({ "inReplyTo": null })) && !with(json!({ "name": null })));
    }

    #[test]
    fn events_and_polls_are_put_into_words() {
        let event = json!({ "type": "Event", "name": "Bal", "content": "<p>Venez</p>",
            "startTime": "2026-07-14T20:00:00+02:00", "endTime": "2026-07-14T23:30:00Z",
            "location": { "type": "Place", "name": "Salle des fêtes", "address": { "addressLocality": "Privas" } } });
        let when = "2026-07-14 20:00 +02:00 – 2026-07-14 23:30 UTC · Salle des fêtes, Privas";
        assert_eq!(read(&event).html, format!("<p>{when}</p><p>Venez</p>"));
        let undated = json!({ "type": "Event", "name": "Bal", "startTime": "demain", "content": "x" });
        assert_eq!(read(&undated).html, "x");
        let poll = json!({ "type": "Question", "content": "Midi ?", "oneOf": [{ "name": "Oui" }, { "name": "<Non>" }] });
        assert_eq!(read(&poll).html, "Midi ?\n<ul><li>Oui</li><li>&lt;Non&gt;</li></ul>");
    }

    #[test]
    fn s27_long_lists_are_cut_and_s58_at_most_fifty_mentions_are_read() {
        let options: Vec<Value> = (0..10_000).map(|n| json!({ "name": format!("choice {n}") })).collect();
        let html = read(&json!({ "type": "Question", "content": "x", "oneOf": options })).html;
        assert_eq!(html.matches("<li>").count(), MAX_LISTED);
        let tags: Vec<Value> = (0..5_000)
            .map(|n| json!({ "type": "Mention", "href": format!("https://h{n}.example/u") }))
            .collect();
        assert_eq!(mentions(&json!({ "tag": tags })).len(), MAX_REFERENCES);
        let huge = read(&json!({ "type": "Page", "name": "a".repeat(1_000_000), "content": "x" }));
        assert_eq!(huge.title.unwrap().chars().count(), MAX_LINE);
    }

    #[test]
    fn only_what_has_the_form_of_a_language_is_one() {
        for (language, expected) in [
            (json!("fr-CA"), Some("fr-CA")),
            (json!({ "identifier": "oc" }), Some("oc")),
            (json!("und"), None),
            (json!("\"><script>"), None),
            (json!(7), None),
        ] {
            let note = json!({ "type": "Note", "content": "x", "language": language });
            assert_eq!(read(&note).language.as_deref(), expected, "{language}");
        }
    }
}
