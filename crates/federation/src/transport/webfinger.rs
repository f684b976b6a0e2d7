//! Finds the actor behind a handle, and the handle that an actor may be shown under (RFC 7033).
//!
//! It deliberately does not fetch the actor and keeps nothing: a handle is believed only as far as
//! the two hosts named in it say the same.

use clocher_domain::handle::Handle;
use serde_json::Value;
use url::Url;

use super::accept::Accept;
use super::address::{AddressError, TestHosts, authority};
use super::client::Http;
use super::error::FetchError;
use super::json;

/// Reads a handle, of which the host may be asked and is written as in addresses: in lower case and Punycode,
/// with its port unless it is the scheme's own.
pub fn read_handle(text: &str, test_hosts: &TestHosts) -> Result<Handle, AddressError> {
    let handle = Handle::parse(text).ok_or(AddressError::Malformed)?;
    let base = test_hosts.base_url(&handle.host)?;
    Ok(Handle { host: authority(&base), ..handle })
}

/// Where a handle leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// The handle in its server's own spelling; its host may differ from the one that was asked.
    pub handle: Handle,
    /// The actor's id as `WebFinger` gives it: to be fetched, and its id believed instead.
    pub actor: Url,
}

/// Finds the actor of a handle.
///
/// If the host answers with a subject of another host or name, that one is asked in turn, once, and
/// must answer for itself: so nobody can give out handles of a host that is not theirs.
pub async fn resolve(http: &Http, handle: &Handle, now: i64) -> Result<Resolved, FetchError> {
    let first = ask(http, handle, now).await?;
    if first.handle.is_same(handle) {
        return Ok(first);
    }
    let second = ask(http, &first.handle, now).await?;
    if second.handle.is_same(&first.handle) { Ok(second) } else { Err(FetchError::IdMismatch) }
}

/// Under which handle an actor may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmed {
    /// The handle.
    pub handle: Handle,
    /// Whether `WebFinger` leads from this handle back to the actor. If not, the handle is the
    /// actor's name at the host of its id, which is true of where it is if not of what it is called.
    pub confirmed: bool,
}

/// Decides the handle of a fetched actor (S61).
///
/// `id` and `name` are the actor's `id` and `preferredUsername`; `claimed` is its `webfinger`
/// (FEP-2c59), if any, which is believed only if that handle leads back to `id`. Otherwise the name
/// at the id's own host is asked, which may point to a handle elsewhere that must lead back, too.
pub async fn confirm(
    http: &Http,
    id: &Url,
    name: &str,
    claimed: Option<&str>,
    now: i64,
) -> Result<Confirmed, FetchError> {
    let own = Handle { name: name.to_owned(), host: authority(id) };
    let own = Handle::parse(&own.to_string()).ok_or(FetchError::Lacks("a usable name"))?;
    let claimed = claimed.and_then(|text| read_handle(text, http.test_hosts()).ok());
    for handle in claimed.iter().filter(|handle| !handle.is_same(&own)).chain([&own]) {
        match resolve(http, handle, now).await {
            Ok(found) if found.actor == *id => {
                return Ok(Confirmed { handle: found.handle, confirmed: true });
            }
            _ => {}
        }
    }
    Ok(Confirmed { handle: own, confirmed: false })
}

/// One query, to the handle's own host.
async fn ask(http: &Http, handle: &Handle, now: i64) -> Result<Resolved, FetchError> {
    let mut url = http.test_hosts().base_url(&handle.host)?;
    url.set_path("/.well-known/webfinger");
    url.query_pairs_mut().append_pair("resource", &format!("acct:{handle}"));
    let fetched = http.get_json(&url, Accept::WebFinger, None, now).await?;
    read(&json::parse(&fetched.body)?, http.test_hosts())
}

/// What an answer says: a handle, and the address of its actor.
pub(crate) fn read(answer: &Value, test_hosts: &TestHosts) -> Result<Resolved, FetchError> {
    let subject = answer.get("subject").and_then(Value::as_str);
    let subject = subject.filter(|text| text.starts_with("acct:")).ok_or(FetchError::Lacks("a subject"))?;
    let handle = read_handle(subject, test_hosts)?;
    let links = answer.get("links").and_then(Value::as_array).ok_or(FetchError::Lacks("links"))?;
    let href = links.iter().find_map(|link| {
        let text = |member: &str| link.get(member).and_then(Value::as_str);
        let is_actor = text("rel") == Some("self") && text("type").is_some_and(|t| Accept::Activity.takes(t));
        if is_actor { text("href") } else { None }
    });
    let actor = test_hosts.check(href.ok_or(FetchError::Lacks("a link to an actor"))?)?;
    Ok(Resolved { handle, actor })
}
