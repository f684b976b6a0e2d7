//! Whether the package holds together: codes in form and unique, every parent and successor there.
//!
//! Repairs nothing: an incoherence is told, and the file is not made.

use std::collections::{BTreeMap, BTreeSet};

use clocher_cog::{EpciKind, Zone};
use clocher_domain::territory::TerritoryCode;

use super::source::{Commune, Division, Epci, Source};

/// Every incoherence of the source, for people to read; empty when it holds together.
pub fn problems(source: &Source) -> Vec<String> {
    let mut problems = Vec::new();
    codes(&mut problems, "commune", source.communes.iter().map(|c| (&c.code, &c.nom)), 5..=5);
    codes(&mut problems, "EPCI", source.epcis.iter().map(|e| (&e.code, &e.nom)), 9..=9);
    codes(&mut problems, "arrondissement", source.arrondissements.iter().map(|a| (&a.code, &a.nom)), 3..=4);
    codes(&mut problems, "département", source.departements.iter().map(|d| (&d.code, &d.nom)), 2..=3);
    codes(&mut problems, "région", source.regions.iter().map(|r| (&r.code, &r.nom)), 2..=3);
    let regions = by_code(&source.regions);
    let departements = by_code(&source.departements);
    let arrondissements = by_code(&source.arrondissements);
    for division in source.regions.iter().chain(&source.departements) {
        zone(&mut problems, &division.code, division.zone.as_deref().unwrap_or_default());
    }
    for departement in &source.departements {
        if !regions.contains_key(departement.region.as_deref().unwrap_or_default()) {
            problems.push(format!("département {} has no known région", departement.code));
        }
    }
    for arrondissement in &source.arrondissements {
        let departement = departements.get(arrondissement.departement.as_deref().unwrap_or_default());
        if departement.is_none_or(|departement| departement.region != arrondissement.region) {
            problems.push(format!(
                "arrondissement {} has no known département in its région",
                arrondissement.code
            ));
        }
    }
    for commune in &source.communes {
        check_commune(&mut problems, commune, &departements, &arrondissements);
    }
    let communes: BTreeMap<_, _> = source.communes.iter().map(|c| (c.code.as_str(), c)).collect();
    check_members(&mut problems, &source.epcis, &communes);
    for (code, retired) in &source.retired {
        if code.len() != 5 || communes.contains_key(code.as_str()) {
            problems.push(format!("retired code {code} is out of form, or in force"));
        }
        if !communes.contains_key(retired.successor.as_str()) {
            problems.push(format!("retired code {code} leads to {}, which is unknown", retired.successor));
        }
    }
    problems
}

fn by_code(divisions: &[Division]) -> BTreeMap<&str, &Division> {
    divisions.iter().map(|division| (division.code.as_str(), division)).collect()
}

/// Codes of a form and met once, names that are one line.
fn codes<'a>(
    problems: &mut Vec<String>,
    what: &str,
    areas: impl Iterator<Item = (&'a String, &'a String)>,
    length: std::ops::RangeInclusive<usize>,
) {
    let mut seen = BTreeSet::new();
    for (code, name) in areas {
        let tidy = TerritoryCode::new(code).is_ok_and(|tidy| tidy.as_str() == code);
        if !tidy || !length.contains(&code.len()) {
            problems.push(format!("{what} {code:?}: not the form of a code"));
        }
        if name.trim() != name || name.is_empty() || name.chars().any(char::is_control) {
            problems.push(format!("{what} {code}: not the form of a name: {name:?}"));
        }
        if !seen.insert(code) {
            problems.push(format!("{what} {code}: met twice"));
        }
    }
}

fn zone(problems: &mut Vec<String>, code: &str, zone: &str) {
    if !Zone::ALL.iter().any(|known| known.as_str() == zone) {
        problems.push(format!("{code} is in an unknown zone: {zone:?}"));
    }
}

fn digits(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn check_commune(
    problems: &mut Vec<String>,
    commune: &Commune,
    departements: &BTreeMap<&str, &Division>,
    arrondissements: &BTreeMap<&str, &Division>,
) {
    let code = &commune.code;
    zone(problems, code, &commune.zone);
    let departement = departements.get(commune.departement.as_str());
    if departement.is_none_or(|departement| departement.region.as_ref() != Some(&commune.region)) {
        problems.push(format!("commune {code} has no known département in its région"));
    }
    let arrondissement = arrondissements.get(commune.arrondissement.as_str());
    let elsewhere = arrondissement.is_none_or(|of| of.departement.as_ref() != Some(&commune.departement));
    if !commune.arrondissement.is_empty() && elsewhere {
        problems.push(format!("commune {code} has no known arrondissement in its département"));
    }
    if !commune.siren.as_deref().is_none_or(|siren| digits(siren, 9)) {
        problems.push(format!("commune {code}: not a SIREN"));
    }
    if !commune.codes_postaux.iter().all(|postal| digits(postal, 5)) {
        problems.push(format!("commune {code}: not a postal code"));
    }
}

/// Every member is a commune, of one EPCI only, under one SIREN.
fn check_members(problems: &mut Vec<String>, epcis: &[Epci], communes: &BTreeMap<&str, &Commune>) {
    let mut placed = BTreeMap::new();
    for epci in epcis {
        if !EpciKind::ALL.iter().any(|kind| kind.as_str() == epci.r#type) {
            problems.push(format!("EPCI {} is of an unknown kind: {}", epci.code, epci.r#type));
        }
        if !digits(&epci.code, 9) || epci.membres.is_empty() {
            problems.push(format!("EPCI {}: not a SIREN, or no member", epci.code));
        }
        for member in &epci.membres {
            match communes.get(member.code.as_str()) {
                None => problems.push(format!("EPCI {} has an unknown member: {}", epci.code, member.code)),
                Some(commune) if commune.siren != member.siren => {
                    problems.push(format!("commune {} has two SIREN", member.code));
                }
                Some(_) => {}
            }
            if let Some(other) = placed.insert(member.code.as_str(), &epci.code) {
                problems.push(format!("commune {} is in two EPCI: {other} and {}", member.code, epci.code));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// One commune with all its parents, changed by `change`.
    fn source(change: impl Fn(&mut Value)) -> Source {
        let mut all = json!({
            "commune": { "code": "07186", "nom": "Privas", "type": "commune-actuelle", "zone": "metro",
                "departement": "07", "region": "84", "arrondissement": "072", "siren": "210701868",
                "codesPostaux": ["07000"], "population": 8538 },
            "epci": { "code": "200071413", "nom": "CA Privas Centre Ardèche", "type": "CA",
                "membres": [{ "code": "07186", "siren": "210701868" }] },
            "arrondissement": { "code": "072", "nom": "Privas", "departement": "07", "region": "84" },
            "departement": { "code": "07", "nom": "Ardèche", "region": "84", "zone": "metro" },
            "region": { "code": "84", "nom": "Auvergne-Rhône-Alpes", "zone": "metro" },
        });
        change(&mut all);
        let division = |name: &str| vec![serde_json::from_value(all[name].clone()).unwrap()];
        Source {
            communes: vec![serde_json::from_value(all["commune"].clone()).unwrap()],
            epcis: vec![serde_json::from_value(all["epci"].clone()).unwrap()],
            arrondissements: division("arrondissement"),
            departements: division("departement"),
            regions: division("region"),
            retired: BTreeMap::new(),
        }
    }

    #[test]
    fn a_sound_source_has_no_problem() {
        assert_eq!(problems(&source(|_| ())), Vec::<String>::new());
    }

    #[test]
    fn each_incoherence_is_told() {
        for (path, value, told) in [
            ("/commune/code", json!("0718é"), "not the form of a code"),
            ("/commune/nom", json!("Pri\nvas"), "not the form of a name"),
            ("/commune/zone", json!("moon"), "unknown zone"),
            ("/commune/departement", json!("08"), "no known département"),
            ("/commune/arrondissement", json!("073"), "no known arrondissement"),
            ("/commune/siren", json!("21"), "not a SIREN"),
            ("/commune/codesPostaux", json!(["7000"]), "not a postal code"),
            ("/epci/type", json!("SIVU"), "unknown kind"),
            ("/epci/membres/0/code", json!("07999"), "unknown member"),
            ("/epci/membres/0/siren", json!("210701869"), "two SIREN"),
            ("/arrondissement/departement", json!("26"), "no known département"),
            ("/departement/region", json!("93"), "no known région"),
        ] {
            let broken = source(|all| *all.pointer_mut(path).unwrap() = value.clone());
            assert!(problems(&broken).iter().any(|problem| problem.contains(told)), "{path}");
        }
    }

    #[test]
    fn a_retired_code_that_leads_nowhere_is_told() {
        let mut source = source(|_| ());
        let retired = |successor: &str| super::super::source::Retired {
            successor: successor.to_owned(),
            status: clocher_cog::FormerStatus::Merged,
            name: String::new(),
        };
        source.retired.insert("07016".to_owned(), retired("07011"));
        source.retired.insert("07186".to_owned(), retired("07186"));
        assert_eq!(problems(&source).len(), 2);
    }

    #[test]
    fn what_is_written_has_the_size_that_its_header_says() {
        let bytes = super::super::write::bytes(&source(|_| ())).unwrap();
        let keys = b"\nprivas\nprivas centre ardeche\nprivas\nardeche\nauvergne rhone alpes\n";
        assert!(bytes.starts_with(&clocher_cog::layout::MAGIC) && bytes.ends_with(keys));
    }
}
