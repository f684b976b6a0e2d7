//! Fetches an `ActivityPub` document and makes sure that it is what its id says, from where its id says.
//!
//! It deliberately does not follow links of HTML pages (see `alternate`), does not read contexts, and does not judge
//! what the document claims about others: only `id` and the address that served it are compared.

use serde_json::Value;
use url::Url;

use super::accept::Accept;
use super::address::{AddressError, TestHosts};
use super::client::Http;
use super::error::FetchError;
use super::json;
use super::signer::Signer;

/// A document served by the address that is its id.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// Its id, equal to the URL that served it after redirects. The spelling in the document may
    /// differ in ways that URLs forgive (case of the host, default port): this is the one to store.
    pub id: Url,
    /// The document, from the only parse of its bytes.
    pub json: Value,
}

/// Fetches the document at `url`. `now` in seconds since 1970.
///
/// If it names another id than the address that served it, whatever the reason (an alias of the
/// same server, a copy on a stranger's), its bytes are thrown away and the named id is asked, once
/// (S01, S04, S08). `url` in the document is never looked at. A tombstone under its own id is
/// [`FetchError::Gone`], as are 404 and 410. Costs two exchanges at most, each within the client's
/// limits.
pub async fn fetch_document(
    http: &Http,
    url: &Url,
    signer: Option<&Signer>,
    now: i64,
) -> Result<Document, FetchError> {
    let first = fetch_once(http, url, signer, now).await?;
    let document = match first {
        Found::Own(document) => document,
        Found::Named(id) => match fetch_once(http, &id, signer, now).await? {
            Found::Own(document) => document,
            Found::Named(_) => return Err(FetchError::IdMismatch),
        },
    };
    if document.json.get("type").is_some_and(is_tombstone) {
        Err(FetchError::Gone(200))
    } else {
        Ok(document)
    }
}

enum Found {
    /// A document that bears the URL that served it.
    Own(Document),
    /// Some document that bears another id.
    Named(Url),
}

async fn fetch_once(http: &Http, url: &Url, signer: Option<&Signer>, now: i64) -> Result<Found, FetchError> {
    let fetched = http.get_json(url, Accept::Activity, signer, now).await?;
    let document = read(&fetched.body, http.test_hosts())?;
    Ok(if document.id == fetched.final_url { Found::Own(document) } else { Found::Named(document.id) })
}

/// Reads a body as a document that names itself, whoever served it.
pub(crate) fn read(body: &[u8], test_hosts: &TestHosts) -> Result<Document, FetchError> {
    let json = json::parse(body)?;
    let id = json.get("id").and_then(Value::as_str).ok_or(FetchError::NoId)?;
    let id = test_hosts.check(id).map_err(|error| match error {
        AddressError::Malformed => FetchError::NoId,
        other => FetchError::Address(other),
    })?;
    Ok(Document { id, json })
}

fn is_tombstone(kind: &Value) -> bool {
    match kind {
        Value::String(name) => name == "Tombstone",
        Value::Array(names) => names.iter().any(|name| name == "Tombstone"),
        _ => false,
    }
}
