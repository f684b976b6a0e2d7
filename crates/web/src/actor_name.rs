//! Persons and communities as pages name them: a name, a handle where they are of elsewhere, a page here.

use clocher_domain::actor::ActorKind;
use clocher_storage::actors::ActorRow;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What stays readable in a segment of a path.
const SEGMENT: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'@').remove(b':');

/// A person or a community on a page.
#[derive(Clone, Debug)]
pub struct ActorName {
    /// The name for people.
    pub name: String,
    /// `@name@host`.
    pub handle: String,
    /// Whether it lives here.
    pub local: bool,
    /// The page of it here.
    pub page: String,
    /// The page of it where it lives.
    pub original: String,
}

impl ActorName {
    /// Names an actor.
    pub fn new(actor: &ActorRow) -> Self {
        Self {
            name: if actor.display_name.is_empty() { &actor.name } else { &actor.display_name }.clone(),
            handle: format!("@{}", actor.handle()),
            local: actor.local,
            page: page_of(actor),
            original: web_address(&actor.url).unwrap_or(&actor.ap_id).to_owned(),
        }
    }
}

/// The page of an actor on this instance: `/c/NAME` or `/u/NAME`, with `@HOST` where it is of elsewhere.
pub fn page_of(actor: &ActorRow) -> String {
    let place = if actor.kind == ActorKind::Group.as_str() { "c" } else { "u" };
    let segment = if actor.local { actor.name.clone() } else { actor.handle() };
    format!("/{place}/{}", utf8_percent_encode(&segment, SEGMENT))
}

/// The address, where it is one that a page may link to.
pub fn web_address(address: &str) -> Option<&str> {
    (address.starts_with("https://") || address.starts_with("http://")).then_some(address)
}
