//! Areas by their names, as people write them.
//!
//! Corrects no spelling and knows no former names; both would need more than the table holds. Names are
//! compared as `names` folds them. One pass over the keys, half a megabyte of the program's own bytes.

use std::cmp::Reverse;

use clocher_domain::territory::Level;

use crate::area::{EpciKind, Territory, at, by_postal_code};
use crate::layout::{Area, KEY_MARK, NONE_24};
use crate::names;
use crate::resolve::{Resolution, resolve};
use crate::table::{TABLE, wide};

/// Most results of one search; a larger limit counts as this one.
pub const MOST_RESULTS: usize = 100;

/// Longest text searched for, in characters: no official name comes near. A longer one matches nothing.
pub const LONGEST_QUERY: usize = 200;

/// Shortest word that is also looked for inside words, in bytes.
const SHORTEST_INSIDE: usize = 3;

/// How well a name answers, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// The same name.
    Exact,
    /// The same name but for articles or the kind of EPCI.
    Same,
    /// It begins with the words searched for.
    Prefix,
    /// Its words begin with those searched for, in their order.
    InOrder,
    /// Its words begin with those searched for, in any order.
    AnyOrder,
    /// It holds those searched for, some inside a word.
    Inside,
}

/// A text searched for, in the forms that keys are compared with.
struct Query {
    /// All its words, articles included.
    full: Vec<String>,
    /// The words that count.
    words: Vec<String>,
    /// The same in one text.
    key: String,
    /// Only EPCI of this kind.
    kind: Option<EpciKind>,
}

impl Query {
    /// `None` when the text is too long or has no letter and no digit.
    fn new(text: &str) -> Option<Self> {
        if text.chars().nth(LONGEST_QUERY).is_some() {
            return None;
        }
        let full = names::words(text);
        let words = names::without_articles(full.clone());
        let key = words.join(" ");
        (!key.is_empty() && key.len() <= LONGEST_QUERY).then_some(Self { full, words, key, kind: None })
    }

    /// The same without the kind of EPCI that it begins with, for that kind alone.
    fn of_kind(&self) -> Option<Self> {
        let (kind, words) = names::split_kind(&self.words)?;
        Some(Self { full: self.full.clone(), words: words.to_vec(), key: words.join(" "), kind: Some(kind) })
    }

    /// The word to look for first: the longest is the rarest.
    fn rarest(&self) -> &str {
        self.words.iter().max_by_key(|word| word.len()).map_or("", String::as_str)
    }

    /// How well the area at a place, which has this key, answers.
    fn rank(&self, place: usize, key: &str) -> Option<Rank> {
        if let Some(rest) = key.strip_prefix(self.key.as_str()) {
            let same = rest.is_empty();
            let exact = same && at(place).is_some_and(|area| names::words(area.name) == self.full);
            return Some(if exact {
                Rank::Exact
            } else if same {
                Rank::Same
            } else {
                Rank::Prefix
            });
        }
        let mut wanted = self.words.iter().peekable();
        for word in key.split(' ') {
            wanted.next_if(|start| word.starts_with(start.as_str()));
        }
        if wanted.peek().is_none() {
            return Some(Rank::InOrder);
        }
        let starts = |start: &String| key.split(' ').any(|word| word.starts_with(start.as_str()));
        if self.words.iter().all(starts) {
            return Some(Rank::AnyOrder);
        }
        let inside = |part: &String| part.len() >= SHORTEST_INSIDE && key.contains(part.as_str());
        self.words.iter().all(|word| inside(word) || starts(word)).then_some(Rank::Inside)
    }

    /// Whether an area is of the level and kind asked for.
    fn admits(&self, place: usize, level: Option<Level>) -> bool {
        let of_level = level.is_none_or(|level| {
            let (first, end) = TABLE.range(level);
            (first..end).contains(&place)
        });
        let of_kind =
            self.kind.is_none_or(|kind| TABLE.area(place).is_some_and(|area| area.kind == kind.number()));
        of_level && of_kind
    }
}

/// The areas of any level that answer these words, the best first, at most `limit` (and [`MOST_RESULTS`]).
///
/// Case, accents, hyphens, apostrophes and articles do not count, and `st` is `saint`. First the names that
/// are exactly these words, then those that begin with them, then those whose words begin with them in their
/// order, then in any order, then those that hold them inside a word (of three letters or more). Within a
/// rank the most populated come first, then the smaller level, then the code; arrondissements come last. Words that begin with a kind
/// of EPCI (`cc`, `communauté de communes`) look for EPCI of that kind first. A code, or a postal code,
/// brings first the areas that have it. Empty, longer than [`LONGEST_QUERY`] or made of signs: no result.
pub fn search(words: &str, limit: usize) -> Vec<Territory> {
    run(None, words, limit)
}

/// As [`search`], among the areas of one level.
pub fn search_at(level: Level, words: &str, limit: usize) -> Vec<Territory> {
    run(Some(level), words, limit)
}

/// Every area of a level that bears this name, by code: two communes for `Lemps`.
///
/// Case, accents, hyphens and `st` for `saint` do not count. Articles do, unless no name is the same with
/// them: `Mars` is not `Les Mars`, but `Abergement-Clémenciat` is found. An EPCI is found with its kind in
/// short or in full, or without it.
pub fn by_exact_name(level: Level, name: &str) -> Vec<Territory> {
    let Some(query) = Query::new(name) else { return Vec::new() };
    let mut same = matches(&query, Some(level));
    if let Some(of_kind) = query.of_kind() {
        same.extend(matches(&of_kind, Some(level)));
    }
    same.retain(|(rank, ..)| *rank <= Rank::Same);
    if same.iter().any(|(rank, ..)| *rank == Rank::Exact) {
        same.retain(|(rank, ..)| *rank == Rank::Exact);
    }
    let mut places: Vec<_> = same.into_iter().map(|(_, _, place)| place).collect();
    places.sort_unstable();
    places.dedup();
    places.into_iter().filter_map(at).collect()
}

fn run(level: Option<Level>, words: &str, limit: usize) -> Vec<Territory> {
    let limit = limit.min(MOST_RESULTS);
    let Some(query) = Query::new(words) else { return Vec::new() };
    let mut results = by_code(words);
    results.retain(|territory| level.is_none_or(|level| territory.level() == level));
    let mut found = query.of_kind().map(|of_kind| matches(&of_kind, level)).unwrap_or_default();
    if found.is_empty() {
        found = matches(&query, level);
    }
    if found.len() > limit {
        found.select_nth_unstable(limit);
        found.truncate(limit);
    }
    found.sort_unstable();
    for territory in found.into_iter().filter_map(|(_, _, place)| at(place)) {
        if !results.contains(&territory) {
            results.push(territory);
        }
    }
    results.truncate(limit);
    results
}

/// The areas that have the text as code or postal code.
fn by_code(text: &str) -> Vec<Territory> {
    if !text.contains(|character: char| character.is_ascii_digit()) {
        return Vec::new();
    }
    let mut found = match resolve(text) {
        Resolution::Ambiguous(several) => several,
        one => one.territory().into_iter().collect(),
    };
    let mut posted = by_postal_code(text.trim());
    posted.sort_by_key(|commune| Reverse(commune.population));
    for commune in posted {
        if !found.contains(&commune) {
            found.push(commune);
        }
    }
    found
}

/// Every area that answers: its rank, what orders it within the rank, its place among all areas. Smaller
/// levels and codes come before in places.
fn matches(query: &Query, level: Option<Level>) -> Vec<(Rank, Reverse<u32>, usize)> {
    let Ok(keys) = std::str::from_utf8(TABLE.keys) else { return Vec::new() };
    let arrondissements = TABLE.range(Level::Arrondissement);
    let rarest = query.rarest();
    let inside = rarest.len() >= SHORTEST_INSIDE;
    let mut found = Vec::new();
    let mut seen = 0;
    for (offset, _) in keys.match_indices(rarest) {
        let before = offset.checked_sub(1).and_then(|before| TABLE.keys.get(before));
        let starts = before.is_none_or(|before| [b' ', KEY_MARK].contains(before));
        if offset < seen || !(starts || inside) {
            continue;
        }
        let places = TABLE.areas.partition_point(|area| wide(Area::from_bytes(area).key) <= offset);
        let Some(place) = places.checked_sub(1) else { continue };
        let Some(area) = TABLE.area(place) else { continue };
        let key = keys
            .get(wide(area.key)..)
            .and_then(|rest| rest.split(char::from(KEY_MARK)).next())
            .unwrap_or_default();
        seen = wide(area.key) + key.len();
        if !query.admits(place, level) {
            continue;
        }
        if let Some(rank) = query.rank(place, key) {
            // An arrondissement bears the name of its chief town, which is what people mean.
            let last = area.population == NONE_24 || (arrondissements.0..arrondissements.1).contains(&place);
            found.push((rank, Reverse(if last { 0 } else { area.population }), place));
        }
    }
    found
}
