//! Feeds: the actor beside a community by which software that shows several communities as one follows it with those
//! nested in it. Knows neither who follows a feed nor how it is told of.

use crate::handle::MAX_NAME;
use crate::link::Relation;

/// What follows the name of its community in that of a feed.
const SUFFIX: &str = "_tout";
/// Longest name of a feed, in characters: PieFed keeps no more.
const MAX_FEED_NAME: usize = 50;
/// Longest title, in characters: Lemmy takes no more.
const MAX_TITLE: usize = 50;

/// Whether the communities that are that to a community stand in its feed: those nested in it. What is above it or
/// beside it has followers of its own, and is shared one thread at a time.
pub fn lists(relation: Relation) -> bool {
    relation == Relation::Lower
}

/// The name of the feed of a community; `attempt` counts from 0 those that are taken.
pub fn name_of(community: &str, attempt: usize) -> String {
    let number = if attempt == 0 { String::new() } else { format!("_{}", attempt + 1) };
    let room = MAX_FEED_NAME.min(MAX_NAME) - SUFFIX.len() - number.len().min(MAX_FEED_NAME - SUFFIX.len());
    let base: String = community.chars().take(room).collect();
    format!("{}{SUFFIX}{number}", base.trim_end_matches(['-', '_']))
}

/// Whether that is the name of a feed, which no person and no community bears.
pub fn is_name(name: &str) -> bool {
    let Some((_, rest)) = name.rsplit_once(SUFFIX) else { return false };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    rest.is_empty() || rest.strip_prefix('_').is_some_and(is_number)
}

/// The title of the feed of a community with that name for people, in the language of the communes.
pub fn title_of(community: &str) -> String {
    const REST: &str = " et ses communautés";
    let room = MAX_TITLE - REST.chars().count();
    if community.chars().count() <= room {
        return format!("{community}{REST}");
    }
    let beginning: String = community.chars().take(room - 1).collect();
    format!("{}…{REST}", beginning.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feed_lists_what_is_nested_and_nothing_above_or_beside() {
        assert_eq!(Relation::ALL.map(lists), [false, true, false]);
    }

    #[test]
    fn names_of_feeds_are_reserved_also_where_they_are_cut_or_numbered() {
        assert_eq!(name_of("saint-exemple", 0), "saint-exemple_tout");
        assert_eq!(name_of("saint-exemple", 2), "saint-exemple_tout_3");
        let long = "a".repeat(MAX_NAME);
        for attempt in [0, 1, 11] {
            let name = name_of(&long, attempt);
            assert!(name.len() <= MAX_FEED_NAME && is_name(&name), "{name}");
        }
        assert_eq!(name_of(&format!("{}-bbbbb", "a".repeat(44)), 0), format!("{}_tout", "a".repeat(44)));
        for other in ["tout", "saint-exemple", "atout", "tout_tout-vert", "x_tout_", "x_tout_vert"] {
            assert!(!is_name(other), "{other}");
        }
    }

    #[test]
    fn a_title_is_as_short_as_lemmy_takes_it() {
        assert_eq!(title_of("Saint-Exemple"), "Saint-Exemple et ses communautés");
        let long = title_of(&"Communauté de communes du pays ".repeat(3));
        assert!(long.chars().count() <= MAX_TITLE && long.ends_with("… et ses communautés"), "{long}");
    }
}
