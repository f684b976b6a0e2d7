//! What names find: exact, folded, ranked, bounded.

use clocher_cog::{LONGEST_QUERY, MOST_RESULTS, Territory, by_exact_name, search, search_at};
use clocher_domain::territory::{Level, fold};

fn ids(territories: &[Territory]) -> Vec<String> {
    territories.iter().map(|territory| territory.id.to_string()).collect()
}

fn first(words: &str) -> String {
    ids(&search(words, 1)).pop().unwrap_or_default()
}

#[test]
fn a_name_that_several_communes_bear_gives_them_all() {
    for (name, expected) in [
        ("Lemps", ["commune:07140", "commune:26161"]),
        ("Mars", ["commune:07151", "commune:42141"]),
        ("Vion", ["commune:07345", "commune:72378"]),
        ("mirabel", ["commune:07159", "commune:82110"]),
    ] {
        assert_eq!(ids(&by_exact_name(Level::Commune, name)), expected);
    }
}

#[test]
fn an_exact_name_counts_articles_only_where_they_tell_names_apart() {
    assert_eq!(ids(&by_exact_name(Level::Commune, "les mars")), ["commune:23123"]);
    assert_eq!(ids(&by_exact_name(Level::Commune, "Abergement Clemenciat")), ["commune:01001"]);
    assert!(by_exact_name(Level::Commune, "Lem").is_empty());
    assert!(by_exact_name(Level::Departement, "Lemps").is_empty());
    assert_eq!(ids(&by_exact_name(Level::Departement, "ardeche")), ["departement:07"]);
}

#[test]
fn an_epci_is_named_with_its_kind_in_short_or_in_full_or_without() {
    for name in ["CA Arche Agglo", "Communauté d'agglomération Arche Agglo", "arche agglo"] {
        assert_eq!(ids(&by_exact_name(Level::Epci, name)), ["epci:200073096"], "{name}");
        assert_eq!(first(name), "epci:200073096", "{name}");
    }
    assert!(by_exact_name(Level::Epci, "CC Arche Agglo").is_empty());
}

#[test]
fn case_accents_hyphens_apostrophes_and_articles_do_not_count() {
    for (words, expected) in [
        ("SAINT ETIENNE", "commune:42218"),
        ("st-étienne", "commune:42218"),
        ("abergement-clemenciat", "commune:01001"),
        ("L’ABERGEMENT CLÉMENCIAT", "commune:01001"),
        ("Le Teil", "commune:07319"),
        ("teil", "commune:07319"),
        ("antraigues asperjoc", "commune:07011"),
        ("asperjoc vallees", "commune:07011"),
        ("ste sigolene", "commune:43224"),
        ("oeuilly", "commune:51410"),
        ("ardeche", "departement:07"),
        ("auvergne rhone alpes", "region:84"),
    ] {
        assert_eq!(first(words), expected, "{words}");
    }
}

#[test]
fn words_that_are_all_articles_are_searched_for_as_words() {
    let found = search("les", 5);
    assert!(!found.is_empty() && found.iter().all(|found| fold(found.name).contains("les")), "{found:?}");
}

#[test]
fn a_town_comes_before_the_arrondissement_that_bears_its_name() {
    let found = ids(&search("privas", 3));
    assert_eq!(found, ["commune:07186", "arrondissement:072", "epci:200071413"]);
}

#[test]
fn exact_names_come_first_then_beginnings_then_words_within() {
    let names = |words| -> Vec<_> {
        search_at(Level::Commune, words, MOST_RESULTS).iter().map(|found| found.name).collect()
    };
    assert_eq!(names("privas"), ["Privas", "Valprivas"]);
    let mars = names("mars");
    let place = |name: &str| mars.iter().position(|found| *found == name).unwrap_or_else(|| panic!("{name}"));
    assert_eq!(mars[..3], ["Mars", "Mars", "Les Mars"]);
    assert!(place("Les Mars") < place("Marseille") && place("Marseille") < place("Mars-la-Tour"));
    assert!(place("Mars-la-Tour") < place("Cinq-Mars-la-Pile"));
    assert_eq!(names("pile mars"), ["Cinq-Mars-la-Pile"]);
}

#[test]
fn within_a_rank_the_most_populated_come_first() {
    let found = search_at(Level::Commune, "Lemps", 2);
    assert_eq!(ids(&found), ["commune:07140", "commune:26161"]);
    let beginnings = search_at(Level::Commune, "saint-m", 50);
    assert_eq!(beginnings.len(), 50);
    assert!(beginnings.is_sorted_by(|a, b| a.population >= b.population));
}

#[test]
fn a_code_or_a_postal_code_brings_its_areas_first() {
    assert_eq!(first("07186"), "commune:07186");
    assert_eq!(first("07016"), "commune:07011");
    assert_eq!(first("epci:200073096"), "epci:200073096");
    assert_eq!(ids(&search("84", 2)), ["departement:84", "region:84"]);
    assert_eq!(first("26000"), "commune:26362");
    assert_eq!(ids(&search_at(Level::Region, "84", 5)), ["region:84"]);
}

#[test]
fn a_search_never_gives_more_than_its_limit_nor_an_area_twice() {
    assert!(search("saint", 0).is_empty());
    assert_eq!(search("saint", 3).len(), 3);
    let most = search("a", usize::MAX);
    assert_eq!(most.len(), MOST_RESULTS);
    let mut distinct = ids(&most);
    distinct.sort();
    distinct.dedup();
    assert_eq!(distinct.len(), MOST_RESULTS);
}

#[test]
fn hostile_words_are_harmless() {
    let long = "a".repeat(LONGEST_QUERY + 1);
    let huge = "saint ".repeat(200_000);
    let transliterated = "㍿".repeat(LONGEST_QUERY);
    let words = "a ".repeat(LONGEST_QUERY / 2);
    let nothing = [
        "",
        " ",
        "-'’",
        "\u{0}\u{1}\u{7f}",
        "\u{301}",
        "\u{200b}",
        "\n",
        "😀",
        &long,
        &huge,
        &transliterated,
    ];
    for hostile in nothing {
        assert!(search(hostile, 10).is_empty(), "{:?}", hostile.chars().take(20).collect::<String>());
        assert!(by_exact_name(Level::Commune, hostile).is_empty());
    }
    for odd in
        ["privas\u{0}", "%privas%", "'; drop table", "\u{202e}savirp", "privas\nvalence", &words, "北京"]
    {
        assert!(search(odd, 10).len() <= 10);
    }
    assert_eq!(first("\u{0}privas\u{7}"), "commune:07186");
}

#[test]
fn every_area_is_found_by_its_own_name() {
    for level in Level::ALL {
        for territory in clocher_cog::all(level).step_by(97) {
            assert!(by_exact_name(level, territory.name).contains(&territory), "{}", territory.name);
            let found = search_at(level, territory.name, MOST_RESULTS);
            assert!(found.contains(&territory), "{}", territory.name);
        }
    }
}
