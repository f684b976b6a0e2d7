//! What rules are made of: predicates on the fields of a document, each with its reason.
//!
//! A field is named by its path, as `publicKey.owner`. Nothing here belongs to one receiver.

use super::Held;
use serde_json::Value;
use url::Url;

/// Everybody (ActivityPub, section 5.6).
pub const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

/// The field at a path; null where there is none.
pub fn at<'a>(document: &'a Value, path: &str) -> &'a Value {
    path.split('.').fold(document, |value, name| value.get(name).unwrap_or(&Value::Null))
}

/// A text, or the texts of a list.
pub fn texts(value: &Value) -> impl Iterator<Item = &str> {
    several(value).iter().filter_map(Value::as_str)
}

/// The items of a list; another value is a list of one, and null of none.
pub fn several(value: &Value) -> &[Value] {
    match value {
        Value::Array(items) => items,
        Value::Null => &[],
        other => std::slice::from_ref(other),
    }
}

/// Whether that names everybody, in any of the three spellings in use.
pub fn is_public(id: &str) -> bool {
    matches!(id, PUBLIC | "as:Public" | "Public")
}

/// The host and port of an address.
pub fn host(value: &Value) -> Option<String> {
    let url = Url::parse(value.as_str()?).ok()?;
    let host = url.host_str()?.to_lowercase();
    Some(url.port().map_or_else(|| host.clone(), |port| format!("{host}:{port}")))
}

/// An address, or the id of an embedded object.
pub fn id_at<'a>(document: &'a Value, path: &str) -> &'a Value {
    match at(document, path) {
        embedded @ Value::Object(_) => at(embedded, "id"),
        named => named,
    }
}

/// Holds where that is so.
pub fn ensure(so: bool, reason: impl Into<String>) -> Held {
    if so { Ok(()) } else { Err(reason.into()) }
}

fn is_address(value: &Value) -> bool {
    let address = value.as_str().and_then(|text| Url::parse(text).ok());
    address.is_some_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// Something is there that is not empty.
pub fn present(document: &Value, path: &str) -> Held {
    let there = match at(document, path) {
        Value::Null => false,
        Value::String(text) => !text.trim().is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        _ => true,
    };
    ensure(there, format!("`{path}` is missing"))
}

/// Nothing is there.
pub fn absent(document: &Value, path: &str) -> Held {
    ensure(at(document, path).is_null(), format!("`{path}` is there"))
}

/// A text that is not empty.
pub fn text(document: &Value, path: &str) -> Held {
    let value = at(document, path);
    ensure(
        value.as_str().is_some_and(|text| !text.trim().is_empty()),
        format!("`{path}` is not a text: {value}"),
    )
}

/// A text, which may be empty.
pub fn string(document: &Value, path: &str) -> Held {
    let value = at(document, path);
    ensure(value.is_string(), format!("`{path}` is not a text: {value}"))
}

/// A text of at most that many characters.
pub fn at_most(document: &Value, path: &str, most: usize) -> Held {
    let length = at(document, path).as_str().map_or(0, |text| text.chars().count());
    ensure(length <= most, format!("`{path}` has {length} characters, more than {most}"))
}

/// True or false.
pub fn boolean(document: &Value, path: &str) -> Held {
    let value = at(document, path);
    ensure(value.is_boolean(), format!("`{path}` is neither true nor false: {value}"))
}

/// A whole number that is not negative.
pub fn count(document: &Value, path: &str) -> Held {
    let value = at(document, path);
    ensure(value.is_u64(), format!("`{path}` is not a count: {value}"))
}

/// A number with a fraction, as `45.0`.
pub fn fraction(document: &Value, path: &str) -> Held {
    let value = at(document, path);
    ensure(value.is_f64(), format!("`{path}` is not written with a fraction: {value}"))
}

/// An http address.
pub fn address(document: &Value, path: &str) -> Held {
    let value = at(document, path);
    ensure(is_address(value), format!("`{path}` is not an address: {value}"))
}

/// An http address, or an object with one as its id.
pub fn reference(document: &Value, path: &str) -> Held {
    let value = id_at(document, path);
    ensure(is_address(value), format!("`{path}` names nothing: {value}"))
}

/// One http address or a list of them; everybody may stand for one.
pub fn addresses(document: &Value, path: &str) -> Held {
    let value = at(document, path);
    ensure(!value.is_null(), format!("`{path}` is missing"))?;
    let wrong = several(value).iter().find(|item| !is_address(item) && !item.as_str().is_some_and(is_public));
    wrong.map_or(Ok(()), |item| Err(format!("`{path}` has {item}, which is not an address")))
}

/// An instant with its offset (RFC 3339).
pub fn instant(document: &Value, path: &str) -> Held {
    let value = at(document, path);
    let parsed = value.as_str().is_some_and(|text| text.parse::<jiff::Timestamp>().is_ok());
    ensure(parsed, format!("`{path}` is not an instant of RFC 3339: {value}"))
}

/// An object.
pub fn object(document: &Value, path: &str) -> Held {
    let value = at(document, path);
    ensure(value.is_object(), format!("`{path}` is not an object: {value}"))
}

/// A list.
pub fn list(document: &Value, path: &str) -> Held {
    let value = at(document, path);
    ensure(value.is_array(), format!("`{path}` is not a list: {value}"))
}

/// Whatever it must be, where it is there.
pub fn optional(document: &Value, path: &str, holds: fn(&Value, &str) -> Held) -> Held {
    if at(document, path).is_null() { Ok(()) } else { holds(document, path) }
}

/// Each item of a list, or the one thing that is there.
pub fn each(document: &Value, path: &str, holds: impl Fn(&Value) -> Held) -> Held {
    several(at(document, path))
        .iter()
        .try_for_each(|item| holds(item).map_err(|reason| format!("in `{path}`: {reason}")))
}

/// One of these texts.
pub fn one_of(document: &Value, path: &str, allowed: &[&str]) -> Held {
    let value = at(document, path);
    let known = value.as_str().is_some_and(|text| allowed.contains(&text));
    ensure(known, format!("`{path}` is {value}, not one of {allowed:?}"))
}

/// Two addresses, or ids, on the same host.
pub fn same_host(document: &Value, one: &str, other: &str) -> Held {
    let (first, second) = (host(id_at(document, one)), host(id_at(document, other)));
    ensure(
        first.is_some() && first == second,
        format!("`{one}` is on {first:?} and `{other}` on {second:?}: not on one host"),
    )
}

/// Two fields, or ids, are equal.
pub fn same(document: &Value, one: &str, other: &str) -> Held {
    let (first, second) = (id_at(document, one), id_at(document, other));
    ensure(first == second && first.is_string(), format!("`{one}` is {first}, and `{other}` {second}"))
}

/// Everybody is among those in `to` and `cc`.
pub fn public(document: &Value) -> Held {
    let named = ["to", "cc"].iter().flat_map(|name| texts(at(document, name)));
    ensure(named.into_iter().any(is_public), "neither `to` nor `cc` names everybody")
}

/// Whether it is for the followers of a community, and not for everybody.
pub fn for_members(document: &Value) -> bool {
    let named = || ["to", "cc"].iter().flat_map(|name| texts(at(document, name)));
    let is_of_community = |id: &str| id.contains("/c/") && id.ends_with("/followers");
    named().any(is_of_community) && !named().any(is_public)
}

/// The ActivityStreams context is that of the document, or among those of it.
pub fn context(document: &Value) -> Held {
    let known = texts(at(document, "@context")).any(|one| one == "https://www.w3.org/ns/activitystreams");
    ensure(known, "`@context` does not name ActivityStreams")
}
