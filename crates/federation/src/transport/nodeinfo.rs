//! Asks a host which software it runs (`NodeInfo` 2.0 and 2.1).
//!
//! Of the rest of the document it deliberately reads nothing but which community stands for its territory: what a
//! server says of its users and posts is its own affair, and what it says of its software is a hint for the wire form,
//! never a right.

use serde_json::Value;

use super::accept::Accept;
use super::address::same_origin;
use super::client::Http;
use super::error::FetchError;
use super::json;

/// Longest name or version kept, in characters.
const MAX_TEXT: usize = 64;
/// The schemas read, the better first.
const SCHEMAS: [&str; 2] =
    ["http://nodeinfo.diaspora.software/ns/schema/2.1", "http://nodeinfo.diaspora.software/ns/schema/2.0"];

/// What a host says it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeInfo {
    /// Name of the software in lower case, of letters, figures and hyphens only.
    pub software_name: String,
    /// Version as given, at most 64 visible characters.
    pub version: String,
    /// Whether it is Clocher, or says in its metadata that it was made from it.
    pub clocher: bool,
    /// The id of the community that stands for its territory, as it says.
    pub territory_group: Option<String>,
}

/// Asks the host (`example.org`, `alpha.test:4000`). `now` in seconds since 1970.
///
/// The document must be of the same origin as the index, where the index was found after redirects
/// (S12): a host cannot have us ask elsewhere.
pub async fn fetch_nodeinfo(http: &Http, host: &str, now: i64) -> Result<NodeInfo, FetchError> {
    let mut url = http.test_hosts().base_url(host)?;
    url.set_path("/.well-known/nodeinfo");
    let index = http.get_json(&url, Accept::NodeInfo, None, now).await?;
    let links = json::parse(&index.body)?;
    let href = read_index(&links).ok_or(FetchError::Lacks("a link to NodeInfo"))?;
    let href = http.test_hosts().check(href)?;
    if !same_origin(&href, &index.final_url) {
        return Err(FetchError::IdMismatch);
    }
    let answer = http.get_json(&href, Accept::NodeInfo, None, now).await?;
    if !same_origin(&answer.final_url, &href) {
        return Err(FetchError::IdMismatch);
    }
    read(&json::parse(&answer.body)?)
}

/// The link to the best document that an index names.
pub(crate) fn read_index(index: &Value) -> Option<&str> {
    SCHEMAS.iter().find_map(|schema| find_link(index, schema))
}

fn find_link<'a>(index: &'a Value, schema: &str) -> Option<&'a str> {
    let link = index
        .get("links")?
        .as_array()?
        .iter()
        .find(|link| link.get("rel").is_some_and(|rel| rel == schema))?;
    link.get("href")?.as_str()
}

pub(crate) fn read(document: &Value) -> Result<NodeInfo, FetchError> {
    let software = |member: &str| document.get("software")?.get(member)?.as_str();
    let named = software("name").ok_or(FetchError::Lacks("a software name"))?;
    let software_name: String = named
        .to_ascii_lowercase()
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
        .take(MAX_TEXT)
        .collect();
    let version = software("version").unwrap_or_default();
    let version = version.chars().filter(char::is_ascii_graphic).take(MAX_TEXT).collect();
    let territory_group = document.get("metadata").and_then(|metadata| metadata.get("territoryGroup"));
    let territory_group = territory_group.and_then(Value::as_str).map(str::to_owned);
    let generator = document.get("metadata").and_then(|metadata| metadata.get("generator"));
    let made_from_it =
        generator.and_then(Value::as_str).is_some_and(|name| name.eq_ignore_ascii_case("clocher"));
    let clocher = software_name == "clocher" || made_from_it;
    Ok(NodeInfo { software_name, version, clocher, territory_group })
}
