//! The other communities to which a new thread is addressed: the choice, and what is told of those that do not show it.

use crate::actor_name::ActorName;
use crate::error::{Failure, refusal_key};
use crate::forms::Fields;
use crate::language::Lang;
use crate::session::Visit;
use clocher_app::placing::{self, Addressable};
use clocher_domain::placement::MAX_ADDRESSED;
use clocher_storage::actors::ActorRow;

/// How the name of a field begins; the number of the community follows.
const FIELD: &str = "also-";
/// The parameter of the page of a thread that names the communities which do not show it.
const UNPLACED: &str = "unplaced";
/// Most numbers of a form or an address that are read.
const MOST: usize = 50;

/// A community that an author may choose.
pub struct Choice {
    /// Its number here.
    pub id: i64,
    /// The community.
    pub community: ActorName,
    /// How many read there, or that it is not open.
    pub words: String,
    /// Whether it is chosen.
    pub is_chosen: bool,
}

impl Choice {
    fn new(lang: Lang, one: &Addressable, chosen: &[i64]) -> Self {
        let words = if one.is_open { lang.count("members", one.members) } else { lang.say("also-closed") };
        Self {
            id: one.community.id,
            community: ActorName::new(&one.community),
            words,
            is_chosen: chosen.contains(&one.community.id),
        }
    }
}

/// What an author may choose besides that home, as it was chosen.
///
/// # Errors
/// Those of storage.
pub async fn choices(
    visit: &Visit,
    author_id: i64,
    home: &ActorRow,
    chosen: &[i64],
) -> Result<Vec<Choice>, Failure> {
    if !home.local {
        return Ok(Vec::new());
    }
    let listed = placing::list_addressable(&visit.app, author_id, home.id, chosen.to_vec()).await?;
    Ok(listed.iter().map(|one| Choice::new(visit.lang, one, chosen)).collect())
}

/// What was chosen, by the numbers of the communities.
pub fn chosen(fields: &Fields) -> Vec<i64> {
    let names = fields.names().filter_map(|name| name.strip_prefix(FIELD));
    let mut ids: Vec<i64> = names.filter_map(|id| id.parse().ok()).collect();
    ids.sort_unstable();
    ids.truncate(MOST);
    ids
}

/// Whether a field says what is chosen.
pub fn is_field(name: &str) -> bool {
    name.starts_with(FIELD)
}

/// The page of a new thread, which tells its author in which communities it does not stand.
pub fn page_of(address: String, unplaced: &[ActorRow]) -> String {
    if unplaced.is_empty() {
        return address;
    }
    let ids: Vec<String> = unplaced.iter().map(|row| row.id.to_string()).collect();
    format!("{address}?{UNPLACED}={}", ids.join("-"))
}

/// What the author of a thread is told of communities that the address names and that do not show it: a sentence each, with
/// the reason.
///
/// # Errors
/// Those of storage.
pub async fn unplaced(visit: &Visit, thread_id: i64) -> Result<Vec<(String, String)>, Failure> {
    let (Some(viewer), Some(named)) = (visit.viewer_id(), visit.query.get(UNPLACED)) else {
        return Ok(Vec::new());
    };
    let ids = named.split('-').take(MAX_ADDRESSED).filter_map(|id| id.parse().ok()).collect();
    let told = placing::list_unplaced(&visit.app, viewer, thread_id, ids).await?;
    let sentence = |community: &ActorRow| visit.lang.name("also-unplaced", &ActorName::new(community).name);
    Ok(told
        .iter()
        .map(|(community, refusal)| (sentence(community), visit.lang.say(&refusal_key(*refusal))))
        .collect())
}
