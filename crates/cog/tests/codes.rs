//! What codes lead to: current, retired, shared by two levels, unknown, hostile.

use std::path::Path;

use clocher_cog::{FormerStatus, Resolution, Territory, find, resolve, resolve_id};
use clocher_domain::territory::{Level, TerritoryId};

fn current(code: &str) -> String {
    match resolve(code) {
        Resolution::Current(territory) => territory.id.to_string(),
        other => panic!("{code}: {other:?}"),
    }
}

/// The successor of a retired code, the name that the code had, and what has become of it.
fn retired(code: &str) -> (&'static str, Option<&'static str>, FormerStatus) {
    match resolve(code) {
        Resolution::Retired { successor, was } => (successor.code(), was.name, was.status),
        other => panic!("{code}: {other:?}"),
    }
}

#[test]
fn a_code_is_read_as_people_write_it() {
    for (written, id) in [
        ("07186", "commune:07186"),
        (" 07186\n", "commune:07186"),
        ("7186", "commune:07186"),
        ("2a004", "commune:2A004"),
        ("200 071 413", "epci:200071413"),
        ("200\u{a0}071\u{a0}413", "epci:200071413"),
        ("07", "departement:07"),
        ("7", "departement:07"),
        ("2a", "departement:2A"),
        ("072", "arrondissement:072"),
        ("9711", "arrondissement:9711"),
        ("commune:07186", "commune:07186"),
        ("Région : 84", "region:84"),
        ("département:84", "departement:84"),
    ] {
        assert_eq!(current(written), id, "{written}");
    }
}

#[test]
fn a_retired_code_resolves_to_its_successor() {
    assert_eq!(retired("07016"), ("07011", Some("Asperjoc"), FormerStatus::Delegated));
    assert_eq!(retired("commune:07016"), ("07011", Some("Asperjoc"), FormerStatus::Delegated));
    assert_eq!(retired("07252"), ("07103", None, FormerStatus::Merged));
    assert_eq!(retired("01120"), ("01262", Some("Cordieux"), FormerStatus::Associated));
    assert_eq!(retired("75101").0, "75056");
    assert_eq!(retired("69383").2, FormerStatus::Ward);
    assert_eq!(find(Level::Commune, "07016"), None);
}

#[test]
fn a_part_of_a_commune_that_has_changed_hands_resolves_to_the_one_that_has_it_today() {
    assert_eq!(retired("55273").0, "55386");
    assert_eq!(retired("60455").0, "60694");
}

#[test]
fn a_commune_deleguee_with_the_code_of_its_commune_is_the_commune() {
    let Resolution::Current(commune) = resolve("01015") else { panic!("retired") };
    assert_eq!(commune.name, "Arboys en Bugey");
}

#[test]
fn a_kept_identity_resolves_across_a_merger() {
    let kept = TerritoryId::new(Level::Commune, "26219").unwrap();
    assert_eq!(resolve_id(kept).territory().unwrap().code(), "26216");
}

#[test]
fn a_code_of_two_levels_is_ambiguous_until_the_level_is_written() {
    for code in ["84", "01", "75"] {
        let Resolution::Ambiguous(several) = resolve(code) else { panic!("{code} is not ambiguous") };
        let levels: Vec<_> = several.iter().map(Territory::level).collect();
        assert_eq!(levels, [Level::Departement, Level::Region]);
        assert_eq!(resolve(code).territory(), None);
    }
    assert_eq!(current("region:84"), "region:84");
}

#[test]
fn an_overseas_collectivity_that_the_source_lists_twice_is_not_ambiguous() {
    assert_eq!(current("975"), "departement:975");
}

#[test]
fn a_code_that_is_none_is_unknown() {
    let huge = "7".repeat(1_000_000);
    let long_level = format!("{huge}:07186");
    for code in
        ["", " ", "99999", "07000", "epci:07186", "canton:0701", ":", "::", "é", "0\u{0}7186", "07-186"]
    {
        assert_eq!(resolve(code), Resolution::Unknown, "{code:?}");
    }
    assert_eq!(resolve(&huge), Resolution::Unknown);
    assert_eq!(resolve(&long_level), Resolution::Unknown);
}

#[test]
fn every_commune_of_the_outlines_of_2018_resolves() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/contours");
    let Ok(files) = std::fs::read_dir(&folder) else {
        assert!(
            std::env::var_os("CI").is_none_or(|ci| ci != "true"),
            "the outlines are absent: {}",
            folder.display()
        );
        eprintln!("NOT RUN: the outlines of 2018 are absent.");
        return;
    };
    let (mut communes, mut merged) = (0, Vec::new());
    for file in files {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "geojson") {
            continue;
        }
        let outlines: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        for feature in outlines["features"].as_array().unwrap() {
            communes += 1;
            let code = feature["properties"]["code"].as_str().unwrap();
            match resolve(code) {
                Resolution::Current(_) => {}
                Resolution::Retired { successor, was } => {
                    assert_eq!(was.code, code);
                    merged.push((code.to_owned(), successor.code()));
                }
                other => panic!("{code}: {other:?}"),
            }
        }
    }
    assert!(communes > 700, "only {communes} outlines were read");
    for (code, successor) in [("07256", "07165"), ("07135", "07262"), ("26184", "26210"), ("26371", "26289")]
    {
        assert!(merged.contains(&(code.to_owned(), successor)), "{code}");
    }
}
