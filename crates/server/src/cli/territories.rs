//! `clocher territory`, and what `--commune` and `--territory` mean.
//!
//! Reads the table of `cog`; changes nothing.

use super::arguments::Territory as Asked;
use super::print::{Printer, table};
use crate::failure::{Failure, Outcome};
use crate::language::Language;
use clocher_cog::{Former, Resolution, Territory};
use clocher_domain::territory::Level;
use serde_json::{Value, json};

/// How many areas are proposed in place of an unknown one.
const PROPOSED: usize = 5;

pub(super) fn run(asked: &Asked, language: Language) -> Outcome {
    match asked {
        Asked::Search { words, level, limit, output } => {
            let words = words.join(" ");
            let found = match level {
                Some(level) => clocher_cog::search_at(*level, &words, *limit),
                None => clocher_cog::search(&words, *limit),
            };
            let printer = Printer::new(output.json, language);
            if found.is_empty() {
                printer.note("territory-nothing", &[("words", words)]);
            }
            printer.data(
                || found.iter().map(view).collect(),
                |_| table(&found.iter().map(row).collect::<Vec<_>>()),
            );
            Ok(())
        }
        Asked::Show { code, output } => {
            let (territory, former) = area(code)?;
            let printer = Printer::new(output.json, language);
            if let Some(former) = former {
                note_retired(printer, former, &territory);
            }
            printer.data(|| detailed(&territory, former), |language| shown(&territory, language));
            Ok(())
        }
    }
}

/// The commune of a code or a name.
pub(super) fn commune(text: &str) -> Outcome<(Territory, Option<Former>)> {
    match clocher_cog::resolve(text) {
        Resolution::Current(found) if found.level() == Level::Commune => return Ok((found, None)),
        Resolution::Retired { successor, was } => return Ok((successor, Some(was))),
        _ => {}
    }
    let named = clocher_cog::by_exact_name(Level::Commune, text);
    match named.as_slice() {
        [only] => Ok((*only, None)),
        [] => Err(unknown("commune-unknown", text, &clocher_cog::search_at(Level::Commune, text, PROPOSED))),
        _ => {
            Err(Failure::wrong("commune-ambiguous").with("name", text).lines(lines(&named, Territory::code)))
        }
    }
}

/// The area of a code (`07186`, `region:84`), or of a name that is nobody else's.
pub(super) fn area(text: &str) -> Outcome<(Territory, Option<Former>)> {
    match clocher_cog::resolve(text) {
        Resolution::Current(found) => return Ok((found, None)),
        Resolution::Retired { successor, was } => return Ok((successor, Some(was))),
        Resolution::Ambiguous(several) => return Err(ambiguous(text, &several)),
        Resolution::Unknown => {}
    }
    // An arrondissement bears the name of its chief town, which is what people mean.
    let levels = Level::ALL.into_iter().filter(|level| *level != Level::Arrondissement);
    let named: Vec<_> = levels.flat_map(|level| clocher_cog::by_exact_name(level, text)).collect();
    match named.as_slice() {
        [only] => Ok((*only, None)),
        [] => Err(unknown("territory-unknown", text, &clocher_cog::search(text, PROPOSED))),
        _ => Err(ambiguous(text, &named)),
    }
}

/// Says that a code is not, or no longer, that of a commune.
pub(super) fn note_retired(printer: Printer, former: Former, successor: &Territory) {
    let was = former.name.map_or_else(String::new, |name| format!(" ({name})"));
    printer.note(
        "territory-retired",
        &[
            ("code", former.code.to_owned()),
            ("was", was),
            ("successor", successor.name.to_owned()),
            ("new", successor.code().to_owned()),
        ],
    );
}

fn ambiguous(text: &str, several: &[Territory]) -> Failure {
    Failure::wrong("territory-ambiguous")
        .with("name", text)
        .lines(lines(several, |territory| territory.id.to_string()))
}

fn unknown(key: &str, text: &str, proposed: &[Territory]) -> Failure {
    let key = if proposed.is_empty() { key.to_owned() } else { format!("{key}-proposed") };
    let lines = lines(proposed, |territory| territory.id.to_string());
    Failure::wrong(&key).with("name", text).lines(lines)
}

/// A line for each area: how to ask for it, its name, and where it is.
fn lines<T: ToString>(territories: &[Territory], code: impl Fn(&Territory) -> T) -> Vec<String> {
    let rows: Vec<_> = territories
        .iter()
        .map(|territory| vec![code(territory).to_string(), territory.name.to_owned(), place(territory)])
        .collect();
    table(&rows).lines().map(str::to_owned).collect()
}

/// The département of an area, or else its région.
fn place(territory: &Territory) -> String {
    let parents = clocher_cog::parents(territory);
    let of = |level| parents.iter().find(move |parent| parent.level() == level);
    of(Level::Departement)
        .or_else(|| of(Level::Region))
        .map_or_else(String::new, |parent| format!("{} ({})", parent.name, parent.code()))
}

fn row(territory: &Territory) -> Vec<String> {
    vec![territory.id.to_string(), territory.name.to_owned(), place(territory)]
}

fn view(territory: &Territory) -> Value {
    let parents = clocher_cog::parents(territory);
    let parents: Vec<Value> =
        parents.iter().map(|parent| json!({ "id": parent.id.to_string(), "name": parent.name })).collect();
    json!({
        "id": territory.id.to_string(),
        "level": territory.level().as_str(),
        "code": territory.code(),
        "name": territory.name,
        "population": territory.population,
        "siren": territory.siren,
        "epci_kind": territory.epci_kind.map(clocher_cog::EpciKind::as_str),
        "postal_codes": territory.postal_codes().collect::<Vec<_>>(),
        "parents": parents,
    })
}

fn detailed(territory: &Territory, former: Option<Former>) -> Value {
    let mut view = view(territory);
    if let Value::Object(fields) = &mut view {
        fields.insert("retired_code".into(), former.map(|former| former.code).into());
        fields.insert("vintage".into(), clocher_cog::VINTAGE.into());
        fields.insert("source".into(), clocher_cog::ATTRIBUTION.en.into());
        fields.insert("licence".into(), clocher_cog::ATTRIBUTION.licence.into());
    }
    view
}

fn shown(territory: &Territory, language: Language) -> String {
    let level = language.text(&format!("level-{}", territory.level()));
    let mut rows = vec![
        vec![language.text("territory-name"), territory.name.to_owned()],
        vec![language.text("territory-code"), format!("{} ({level})", territory.id)],
    ];
    let mut push = |key: &str, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            rows.push(vec![language.text(key), value]);
        }
    };
    push("territory-population", territory.population.map(|number| number.to_string()));
    push("territory-siren", territory.siren.map(str::to_owned));
    push("territory-postal", Some(territory.postal_codes().collect::<Vec<_>>().join(", ")));
    for parent in clocher_cog::parents(territory) {
        push(&format!("level-{}", parent.level()), Some(format!("{} ({})", parent.name, parent.id)));
    }
    let source = match language {
        Language::En => clocher_cog::ATTRIBUTION.en,
        Language::Fr => clocher_cog::ATTRIBUTION.fr,
    };
    format!("{}\n\n{source}", table(&rows))
}
