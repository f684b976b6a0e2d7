//! What the fuzz targets run: each function takes bytes as a stranger may send them, has our readers read them,
//! and panics where one of them lets through what it must not.
//!
//! Exists for the fuzz targets (feature `fuzzing`) and for the test below, which runs the seeds through it. Asks
//! nobody, stores nothing, and is no part of the door.
#![expect(clippy::expect_used, clippy::missing_panics_doc, reason = "to panic is to report a finding")]

use crate::actor::remote as remote_actor;
use crate::inbox;
use crate::object::remote::PostObject;
use crate::transport::{
    Accept, CollectionLimits, Headers, IncomingSignature, TestHosts, Walk, date, fetch, json, nodeinfo,
    outcome, read_handle, same_origin, webfinger,
};
use crate::vocabulary::{id_of, read_time, write_time};
use clocher_app::{domains, text};
use serde_json::Value;
use url::Url;

/// The instance to which requests are addressed.
const ORIGIN: &str = "https://alpha.example";
/// When they arrive, in seconds since 1970: 2027-01-15 08:00 UTC.
const NOW: i64 = 1_800_000_000;
/// Most items taken of a collection.
const ITEMS: usize = 100;

/// A request to an inbox: header lines, an empty line, the body; or the body alone, where the bytes begin with `{`.
pub fn inbox(bytes: &[u8]) {
    let (headers, body) = message(bytes);
    check_signature(&headers, body);
    let Ok(json) = json::parse(body) else { return };
    check_json(&json);
    let _ = inbox::read(&json);
    let id = inbox::actor_id(&json).and_then(|actor| Ok((actor, inbox::check(actor, &json)?)));
    if let Ok((actor, id)) = id {
        assert!(are_of_one_origin(actor, &id), "the activity {id} is not on the server of {actor}");
    }
    let mut about = Some(&json);
    while let Some(object) = about {
        check_object(object);
        about = object.get("object");
    }
}

/// An answer of another server: header lines, an empty line, a document; or the document alone.
pub fn fetcher(bytes: &[u8]) {
    let (headers, body) = message(bytes);
    if let Some(line) = headers.get("content-type") {
        let _ = Accept::Activity.takes(line);
    }
    if let Some(seconds) = headers.get("retry-after").and_then(|line| outcome::retry_after(line, NOW)) {
        assert!((0..=7 * 86_400).contains(&seconds), "a pause of {seconds} s");
    }
    let Ok(document) = fetch::read(body, &TestHosts::default()) else { return };
    assert_eq!(document.id.scheme(), "https", "an address that may not be asked is an id");
    check_object(&document.json);
    let limits = CollectionLimits { items: ITEMS, ..CollectionLimits::default() };
    let mut walk = Walk::begin(&document, limits);
    if let Some(page) = walk.wanted(&TestHosts::default()) {
        assert!(same_origin(&page, &document.id), "a page of another server");
    }
    let items = walk.end(true).items;
    assert!(items.len() <= ITEMS, "more items than the limit");
    items.iter().for_each(check_object);
}

/// What is typed or answered to find somebody: a handle or a domain; or the JSON of `WebFinger` and of `NodeInfo`.
pub fn webfinger(bytes: &[u8]) {
    let hosts = TestHosts::default();
    if let Ok(line) = std::str::from_utf8(bytes) {
        if let Ok(handle) = read_handle(line, &hosts) {
            let again = read_handle(&handle.to_string(), &hosts);
            assert_eq!(again.as_ref(), Ok(&handle), "a handle is another when it is read again");
        }
        if let Ok(domain) = domains::normalise(line) {
            assert_eq!(domains::normalise(&domain).as_ref(), Ok(&domain), "a domain has two forms");
        }
    }
    let Ok(json) = json::parse(bytes) else { return };
    if let Ok(found) = webfinger::read(&json, &hosts) {
        assert!(hosts.check(found.actor.as_str()).is_ok(), "{} may not be asked", found.actor);
    }
    let _ = nodeinfo::read_index(&json);
    if let Ok(info) = nodeinfo::read(&json) {
        let plain = |text: &str| text.len() <= 64 && text.chars().all(|c| c.is_ascii_graphic());
        assert!(plain(&info.software_name) && plain(&info.version), "{info:?} is not plain");
    }
}

/// Text from elsewhere: HTML, Markdown, a name.
pub fn sanitiser(bytes: &[u8]) {
    let dirty = String::from_utf8_lossy(bytes);
    for clean in [text::sanitise(&dirty), text::render(&dirty)] {
        check_html(&clean);
        assert_eq!(text::sanitise(&clean), clean, "HTML that is sanitised changes when it is so again");
    }
    assert!(!text::escape(&dirty).contains(['<', '>', '"', '\'']), "text is not escaped");
    let plain = text::plain(&dirty);
    assert!(!plain.contains(['\n', '\r']), "plain text of several lines");
    for limit in [1, 20, 500] {
        let excerpt = text::excerpt(&plain, limit);
        assert!(excerpt.chars().count() <= limit, "an excerpt of more than {limit} characters");
        let line = text::clean_line(&dirty, limit);
        assert!(line.chars().count() <= limit, "a line of more than {limit} characters");
        assert!(!line.chars().any(char::is_control), "a line with control characters");
        assert_eq!(text::clean_line(&line, limit), line, "a clean line is cleaned");
    }
}

/// Splits header lines from a body.
fn message(bytes: &[u8]) -> (Headers, &[u8]) {
    let end = bytes.windows(2).position(|pair| pair == b"\n\n");
    let (Some(end), false) = (end, bytes.starts_with(b"{")) else { return (Headers::default(), bytes) };
    let (head, body) = bytes.split_at(end);
    let lines = head.split(|byte| *byte == b'\n').filter_map(|line| {
        let colon = line.iter().position(|byte| *byte == b':')?;
        let (name, value) = line.split_at(colon);
        Some((String::from_utf8_lossy(name).into_owned(), value.get(1..).unwrap_or_default().to_vec()))
    });
    (lines.collect(), body.get(2..).unwrap_or_default())
}

fn check_signature(headers: &Headers, body: &[u8]) {
    if let Some(at) = headers.get("date").and_then(date::parse) {
        assert!((-62_167_219_200..253_402_300_800).contains(&at), "a year of other than four figures: {at}");
    }
    let parsed = IncomingSignature::parse("POST", "/inbox", headers, NOW, ORIGIN);
    if let Ok(checked) = parsed.and_then(|signature| signature.check_body(body)) {
        let text = checked.signing_string();
        let covers = |name: &str| text.lines().any(|line| line.starts_with(name));
        assert!(covers("(request-target): post ") || covers("\"@method\": POST"), "it covers no method");
        let _ = checked.fingerprint();
    }
}

/// What is stored can be read again.
fn check_json(json: &Value) {
    json::parse(json.to_string().as_bytes()).expect("what was read once is read again");
}

/// Reads a document as whatever it may be.
fn check_object(document: &Value) {
    if let Ok(post) = PostObject::read(document)
        && let Ok(author) = post.author()
    {
        assert!(are_of_one_origin(author, &post.id), "{} is not on the server of {author}", post.id);
    }
    if let Some(at) = document.get("published").and_then(Value::as_str).and_then(read_time) {
        let _ = write_time(at.0);
    }
    let Some(id) = id_of(document).and_then(|id| Url::parse(id).ok()) else { return };
    if let Ok(actor) = remote_actor::read(document, &id, &TestHosts::default()) {
        let addresses = [Some(actor.inbox), actor.shared_inbox, actor.outbox, actor.followers];
        for address in addresses.into_iter().flatten().filter(|address| !address.is_empty()) {
            assert!(are_of_one_origin(&address, id.as_str()), "{address} is not on the server of {id}");
        }
    }
}

fn are_of_one_origin(one: &str, other: &str) -> bool {
    Url::parse(one).is_ok_and(|one| Url::parse(other).is_ok_and(|other| same_origin(&one, &other)))
}

/// The elements that may be shown. Told a second time on purpose: the sanitiser's own list is what is examined.
const ELEMENTS: &[&str] = &[
    "p",
    "br",
    "a",
    "em",
    "strong",
    "b",
    "i",
    "del",
    "s",
    "u",
    "code",
    "pre",
    "blockquote",
    "ul",
    "ol",
    "li",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "span",
    "sup",
    "sub",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
];

/// Reads sanitised HTML tag by tag: a `<` is the beginning of an element that may be shown, and an attribute is one
/// of the few that may stand there.
fn check_html(html: &str) {
    let mut tags = html.split('<');
    assert!(!tags.next().unwrap_or_default().contains('\0'), "a NUL in {html:?}");
    for tag in tags {
        let name_ends = tag.find([' ', '>']).expect("a tag that ends");
        let (name, mut rest) = tag.split_at(name_ends);
        let element = name.strip_prefix('/').unwrap_or(name);
        assert!(ELEMENTS.contains(&element), "the element {element:?} in {html:?}");
        while let Some(attribute) = rest.strip_prefix(' ') {
            let (name, value) = attribute.split_once("=\"").expect("an attribute with its value");
            let (value, after) = value.split_once('"').expect("a value that ends");
            check_attribute(element, name, value);
            rest = after;
        }
        assert!(rest.starts_with('>'), "the tag {tag:?} in {html:?}");
    }
}

fn check_attribute(element: &str, name: &str, value: &str) {
    match (element, name) {
        ("a", "href") => assert!(may_be_followed(value), "the address {value:?}"),
        ("a", "rel") => assert_eq!(value, "nofollow noopener noreferrer ugc"),
        ("ol", "start") | (_, "lang" | "dir") => {}
        _ => panic!("the attribute {name}={value:?} of {element}"),
    }
}

/// Whether an address has one of the schemes that may be followed, or none, as a browser reads it: without blanks and
/// controls before it, nor tabs and ends of lines within (WHATWG URL, 4.4).
fn may_be_followed(value: &str) -> bool {
    let read = value.trim_start_matches(|c| c <= ' ').replace(['\t', '\n', '\r'], "");
    let scheme = read.split_once(':').map_or("", |(scheme, _)| scheme);
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    !is_scheme || ["http", "https", "mailto", "tel"].iter().any(|known| scheme.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    /// What was once found, and what is to be begun with: runs without the fuzzer.
    fn run_seeds(target: &str, run: fn(&[u8])) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds").join(target);
        let seeds: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(!seeds.is_empty(), "no seeds of {target}");
        for seed in seeds {
            eprintln!("{}", seed.display());
            run(&std::fs::read(seed).unwrap());
        }
    }

    #[test]
    fn the_seeds_of_the_inbox_are_read() {
        run_seeds("inbox", inbox);
    }

    #[test]
    fn the_seeds_of_the_fetcher_are_read() {
        run_seeds("fetcher", fetcher);
    }

    #[test]
    fn the_seeds_of_webfinger_are_read() {
        run_seeds("webfinger", webfinger);
    }

    #[test]
    fn the_seeds_of_the_sanitiser_are_read() {
        run_seeds("sanitiser", sanitiser);
    }

    #[test]
    fn what_must_not_be_shown_is_a_finding() {
        for html in [
            "<script>",
            "<p class=\"x\">",
            "<p onclick=x>",
            "<a href=\"java\tscript:x\">",
            "<a href=\" data:x\">",
            "a < b",
            "<a href=\"x\" rel=\"me\">",
        ] {
            assert!(std::panic::catch_unwind(|| check_html(html)).is_err(), "{html}");
        }
        check_html(
            "<p lang=\"fr\">a &lt; b<br><a href=\"https://a.example/:x\">c</a><a href=\"/x:y\">d</a></p>",
        );
    }
}
