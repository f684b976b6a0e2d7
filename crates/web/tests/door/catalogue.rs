//! The catalogue: both languages say all that pages and refusals need, and nothing that nobody says.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

const FAMILIES: [&str; 27] = [
    "refusal-",
    "failure-",
    "level-",
    "audience-",
    "posting-",
    "language-",
    "links-upper",
    "links-lower",
    "links-peer",
    "asked-",
    "relation-",
    "shares-",
    "accepts-",
    "own-shares-",
    "own-accepts-",
    "other-shares-",
    "other-accepts-",
    "placement-",
    "journal-link_",
    "journal-merged_",
    "journal-community_",
    "journal-repl",
    "openness-",
    "hiding-title-",
    "hiding-hint-",
    "journal-relation-",
    "mode-",
];

/// The keys of a catalogue, with the variables that each uses.
fn catalogue(lang: &str) -> BTreeMap<String, BTreeSet<String>> {
    let text = fs::read_to_string(root().join(format!("locales/{lang}/pages.ftl"))).unwrap();
    let mut keys: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut current = String::new();
    for line in text.lines() {
        if let Some((key, _)) =
            line.split_once(" =").filter(|_| line.starts_with(|c: char| c.is_ascii_lowercase()))
        {
            current = key.to_owned();
            assert!(keys.insert(current.clone(), BTreeSet::new()).is_none(), "{key} twice in {lang}");
        }
        let names =
            line.split('$').skip(1).map(|rest| rest.split(|c: char| !c.is_ascii_lowercase()).next().unwrap());
        let names: Vec<String> = names.map(str::to_owned).collect();
        keys.entry(current.clone()).or_default().extend(names);
    }
    keys.remove("");
    keys
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The text of all templates and all sources.
fn sources() -> String {
    let mut folders = vec![root().join("templates"), root().join("src")];
    let mut text = String::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                text.push_str(&fs::read_to_string(path).unwrap());
            }
        }
    }
    text
}

/// The literals given to a function of that name.
fn literals(text: &str, call: &str) -> BTreeSet<String> {
    text.split(call).skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
}

#[test]
fn both_languages_have_the_same_keys_and_the_same_variables() {
    assert_eq!(catalogue("fr"), catalogue("en"));
}

#[test]
fn every_text_that_is_asked_for_is_there_and_every_text_is_asked_for() {
    let (catalogue, sources) = (catalogue("fr"), sources());
    for call in ["say(\"", "count(\"", "name(\"", "say_with(\""] {
        for key in literals(&sources, call) {
            assert!(catalogue.contains_key(&key), "no text {key}");
        }
    }
    for key in catalogue.keys() {
        let is_of_a_family = FAMILIES.iter().any(|family| key.starts_with(family));
        let is_a_standing = ["accepted", "requested"].contains(&key.as_str());
        assert!(
            is_of_a_family || is_a_standing || sources.contains(&format!("\"{key}\"")),
            "nobody says {key}"
        );
    }
}

#[test]
fn every_refusal_and_every_failure_has_its_sentence() {
    let domain = include_str!("../../../domain/src/refusal.rs");
    let app = include_str!("../../../app/src/error.rs");
    let codes = |text: &str| literals(text, "=> \"");
    let refusals = codes(domain);
    assert!(refusals.len() >= 20, "{refusals:?}");
    let failures = codes(app);
    assert!(failures.contains("internal"), "{failures:?}");
    for lang in ["fr", "en"] {
        let catalogue = catalogue(lang);
        for (family, codes) in [("refusal", &refusals), ("failure", &failures)] {
            for code in codes {
                assert!(catalogue.contains_key(&format!("{family}-{code}")), "{lang}: no {family}-{code}");
            }
        }
    }
}

#[test]
fn every_level_posting_rule_and_visibility_has_its_words() {
    use clocher_domain::audience::Visibility;
    use clocher_domain::community::Posting;
    use clocher_domain::territory::Level;
    let catalogue = catalogue("fr");
    let levels = Level::ALL.map(|level| format!("level-{level}"));
    let postings = [Posting::Everybody, Posting::Members, Posting::Moderators]
        .map(|posting| format!("posting-{}", posting.as_str()));
    let audiences = [Visibility::Public, Visibility::Unlisted, Visibility::Followers, Visibility::Direct]
        .map(|visibility| format!("audience-{}", visibility.as_str()));
    let placements = ["waiting", "refused", "withdrawn"].map(|state| format!("placement-{state}"));
    for key in levels.iter().chain(&postings).chain(&audiences).chain(&placements) {
        assert!(catalogue.contains_key(key), "no {key}");
    }
}

#[test]
fn every_relation_policy_and_event_of_links_has_its_words() {
    use clocher_domain::link::{Accepting, Relation, Sharing};
    let catalogue = catalogue("fr");
    let mut keys = Vec::new();
    for relation in Relation::ALL.map(Relation::as_str) {
        keys.extend(
            ["links-", "asked-", "relation-", "journal-relation-"].map(|of| format!("{of}{relation}")),
        );
    }
    for sharing in Sharing::ALL.map(Sharing::as_str) {
        keys.extend(["", "own-", "other-"].map(|of| format!("{of}shares-{sharing}")));
    }
    for accepting in Accepting::ALL.map(Accepting::as_str) {
        keys.extend(["", "own-", "other-"].map(|of| format!("{of}accepts-{accepting}")));
    }
    let events = literals(include_str!("../../../app/src/linking/record.rs"), "=> \"");
    assert!(events.len() >= 8, "{events:?}");
    keys.extend(events.iter().map(|event| format!("journal-{event}")));
    for key in &keys {
        assert!(catalogue.contains_key(key), "no {key}");
    }
}

#[test]
fn french_has_its_spaces_and_quotation_marks() {
    let text = fs::read_to_string(root().join("locales/fr/pages.ftl")).unwrap();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        for wrong in [" ;", " !", " ?", " :", " »", "« ", "'", "...", " }:"] {
            assert!(!line.contains(wrong), "{wrong:?} in {line}");
        }
    }
}

#[test]
fn only_what_was_sanitised_is_written_without_escaping() {
    let templates = fs::read_dir(root().join("templates")).unwrap();
    for path in templates.map(|entry| entry.unwrap().path()) {
        let text = fs::read_to_string(&path).unwrap();
        for (at, _) in text.match_indices("|safe") {
            let name = text[..at].rsplit(|c: char| c.is_whitespace() || c == '{').next().unwrap();
            let is_known = ["message.html", "presentation", "rendered", "reply"].contains(&name);
            assert!(is_known, "{name} is written without escaping in {}", path.display());
        }
    }
}
