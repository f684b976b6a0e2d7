//! What the table holds: counts, parents, children, figures.

use std::collections::BTreeSet;

use clocher_cog::{EpciKind, Territory, Zone, all, by_postal_code, children, find, find_id, parents};
use clocher_domain::territory::Level;

fn get(level: Level, code: &str) -> Territory {
    find(level, code).unwrap_or_else(|| panic!("{level}:{code} is unknown"))
}

fn codes(territories: &[Territory]) -> Vec<&'static str> {
    territories.iter().map(Territory::code).collect()
}

/// Ardèche, Drôme, Loire.
const THREE: [&str; 3] = ["07", "26", "42"];

#[test]
fn the_data_file_in_the_program_is_whole() {
    let counts = Level::ALL.map(|level| all(level).count());
    assert_eq!(counts, [0, 34_969, 1_255, 333, 109, 26]);
    for level in Level::ALL {
        let all: Vec<_> = all(level).collect();
        assert!(all.is_sorted_by(|a, b| a.code() < b.code()), "{level}: out of order or met twice");
        for territory in all {
            assert_eq!(territory.code(), territory.id.code.as_str());
            assert!(!territory.name.is_empty(), "{}", territory.id);
            assert_eq!(find_id(territory.id), Some(territory));
        }
    }
}

#[test]
fn metropolitan_france_and_its_overseas_departements_are_101_and_18_regions() {
    let of_the_republic = |level| all(level).filter(|territory| territory.zone != Zone::Com).count();
    assert_eq!(of_the_republic(Level::Departement), 101);
    assert_eq!(of_the_republic(Level::Region), 18);
    assert_eq!(of_the_republic(Level::Commune), 34_875);
}

#[test]
fn ardeche_drome_and_loire_are_touched_by_1017_communes_and_44_epci_of_which_9_straddle_a_border() {
    let departements = THREE.map(|code| get(Level::Departement, code));
    let communes: usize = departements.iter().map(|of| children(of, Level::Commune).len()).sum();
    assert_eq!(communes, 1_017);

    let epcis: BTreeSet<_> =
        departements.iter().flat_map(|of| children(of, Level::Epci)).map(|epci| epci.id).collect();
    assert_eq!(epcis.len(), 44);

    let straddling: Vec<_> = epcis
        .into_iter()
        .filter_map(|id| find_id(id).map(|epci| (id.code.to_string(), codes(&parents(&epci)))))
        .filter(|(_, departements)| departements.len() > 1)
        .collect();
    let expected: [(&str, &[&str]); 9] = [
        ("200035129", &["30", "07"]),
        ("200035723", &["84", "26"]),
        ("200040491", &["26", "07"]),
        ("200040681", &["26", "84"]),
        ("200066587", &["69", "42"]),
        ("200068765", &["05", "04", "26"]),
        ("200071033", &["04", "26"]),
        ("200073096", &["26", "07"]),
        ("248400335", &["84", "26"]),
    ];
    let straddling: Vec<_> = straddling.iter().map(|(code, of)| (code.as_str(), of.as_slice())).collect();
    assert_eq!(straddling, expected);
    // Two of them lie within the three, the others also outside.
    let within = straddling.iter().filter(|(_, of)| of.iter().all(|code| THREE.contains(code))).count();
    assert_eq!(within, 2);
}

#[test]
fn a_commune_has_its_epci_its_arrondissement_its_departement_and_its_region() {
    let parents = parents(&get(Level::Commune, "07186"));
    let ids: Vec<_> = parents.iter().map(|parent| parent.id.to_string()).collect();
    assert_eq!(ids, ["epci:200071413", "arrondissement:072", "departement:07", "region:84"]);
}

#[test]
fn every_commune_has_its_parents_but_those_that_the_law_leaves_without() {
    let (mut without_epci, mut without_arrondissement) = (Vec::new(), BTreeSet::new());
    for commune in all(Level::Commune) {
        let levels: Vec<_> = parents(&commune).iter().map(Territory::level).collect();
        assert!(levels.ends_with(&[Level::Departement, Level::Region]), "{}", commune.id);
        if commune.zone != Zone::Com && !levels.contains(&Level::Epci) {
            without_epci.push(commune.name);
        }
        if commune.zone != Zone::Com && !levels.contains(&Level::Arrondissement) {
            without_arrondissement.insert(parents(&commune).first().map(Territory::code));
            let departement =
                parents(&commune).into_iter().find(|parent| parent.level() == Level::Departement);
            assert_eq!(departement.unwrap().name, "Mayotte");
        }
    }
    assert_eq!(without_epci, ["Île-de-Bréhat", "Île-de-Sein", "Ouessant", "L'Île-d'Yeu"]);
    assert!(!without_arrondissement.is_empty());
}

#[test]
fn an_epci_that_straddles_three_departements_has_three_parents() {
    let epci = get(Level::Epci, "200068765");
    assert_eq!(epci.name, "CC du Sisteronais-Buëch");
    assert_eq!(codes(&parents(&epci)), ["05", "04", "26"]);
    assert_eq!(codes(&children(&epci, Level::Departement)), ["04", "05", "26"]);
    assert_eq!(children(&epci, Level::Commune).len(), 60);
    for departement in parents(&epci) {
        assert!(children(&departement, Level::Epci).contains(&epci), "{}", departement.name);
    }
}

#[test]
fn parents_and_children_agree() {
    let mut attached = 0;
    for epci in all(Level::Epci) {
        let communes = children(&epci, Level::Commune);
        assert!(!communes.is_empty(), "{}", epci.id);
        attached += communes.len();
        assert!(communes.iter().all(|commune| parents(commune).contains(&epci)), "{}", epci.id);
    }
    assert_eq!(attached, 34_871);
    for departement in all(Level::Departement) {
        let region = parents(&departement);
        assert_eq!(region.len(), 1);
        assert!(children(&region[0], Level::Departement).contains(&departement), "{}", departement.id);
        for arrondissement in children(&departement, Level::Arrondissement) {
            assert_eq!(parents(&arrondissement).first(), Some(&departement));
        }
    }
    assert!(parents(&get(Level::Region, "84")).is_empty());
    let ardeche = get(Level::Departement, "07");
    assert!(children(&ardeche, Level::Region).is_empty());
    assert!(children(&ardeche, Level::Departement).is_empty());
    assert!(children(&ardeche, Level::Hamlet).is_empty());
    assert!(children(&get(Level::Commune, "07186"), Level::Epci).is_empty());
}

#[test]
fn an_epci_code_is_nine_digits_and_is_its_siren() {
    for epci in all(Level::Epci) {
        assert!(epci.code().len() == 9 && epci.code().bytes().all(|byte| byte.is_ascii_digit()));
        assert_eq!(epci.siren, Some(epci.code()));
        assert!(epci.epci_kind.is_some() && epci.population.is_some(), "{}", epci.id);
    }
    let of_kind = |kind| all(Level::Epci).filter(|epci| epci.epci_kind == Some(kind)).count();
    assert_eq!(EpciKind::ALL.map(of_kind), [989, 230, 14, 21, 1]);
    assert_eq!(get(Level::Commune, "07186").epci_kind, None);
}

#[test]
fn populations_siren_and_postal_codes_are_those_of_the_source() {
    for (code, name, population, siren) in [
        ("07186", "Privas", 8_538, "210701868"),
        ("26362", "Valence", 64_458, "212603625"),
        ("42218", "Saint-Étienne", 173_136, "214202186"),
        ("75056", "Paris", 2_103_778, "217500016"),
        ("97608", "Dzaoudzi", 17_831, "200008795"),
    ] {
        let commune = get(Level::Commune, code);
        assert_eq!((commune.name, commune.population, commune.siren), (name, Some(population), Some(siren)));
    }
    assert_eq!(get(Level::Epci, "200073096").population, Some(59_079));
    let postal = |code| get(Level::Commune, code).postal_codes().collect::<Vec<_>>();
    assert_eq!(postal("42218"), ["42000", "42100", "42230"]);
    assert_eq!(postal("75056").len(), 21);
    assert_eq!(get(Level::Departement, "07").postal_codes().count(), 0);
}

#[test]
fn an_uninhabited_land_has_neither_population_nor_siren_nor_postal_code() {
    let land = get(Level::Commune, "98412");
    assert_eq!((land.population, land.siren, land.postal_codes().count()), (None, None, 0));
    assert_eq!(get(Level::Departement, "984").population, None);
}

#[test]
fn a_departement_has_the_people_of_its_communes() {
    let ardeche = get(Level::Departement, "07");
    let people: u32 =
        children(&ardeche, Level::Commune).iter().filter_map(|commune| commune.population).sum();
    assert_eq!((ardeche.population, people), (Some(334_231), 334_231));
}

#[test]
fn a_postal_code_gives_its_communes() {
    let expected = ["07063", "07086", "07097", "07152", "07177", "07217", "07245", "07324"];
    assert_eq!(codes(&by_postal_code("07300")), expected);
    for none in ["", "0700", "07001", "é7000", "070000"] {
        assert!(by_postal_code(none).is_empty(), "{none}");
    }
}
