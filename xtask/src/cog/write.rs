//! The bytes of the data file, in the form that `clocher_cog::layout` tells.
//!
//! Expects a source that was checked; refuses what does not fit in the numbers of the form.

use std::collections::BTreeMap;

use clocher_cog::layout::{self, Area, NONE_8, NONE_16, NONE_24};
use clocher_cog::{EpciKind, VINTAGE, Zone, names};

use super::source::{Division, Source};

/// Codes of a level, and the number of each in its order.
type Places<'a> = BTreeMap<&'a str, usize>;

/// Inhabitants by number of area, where a commune of theirs has any.
type Sums = BTreeMap<usize, u32>;

/// What grows while areas are written.
#[derive(Default)]
struct Parts {
    areas: Vec<u8>,
    texts: Vec<u8>,
    keys: Vec<u8>,
}

/// The name and figures of an area, before it has its place in the parts.
struct Entry<'a> {
    code: &'a str,
    siren: Option<&'a str>,
    name: &'a str,
    is_epci: bool,
    row: Area,
}

/// An area without parents, figures or texts.
const BLANK: Area = Area {
    text: 0,
    key: 0,
    population: NONE_24,
    epci: NONE_16,
    arrondissement: NONE_16,
    departement: NONE_8,
    region: NONE_8,
    postal: 0,
    postal_count: 0,
    code_length: 0,
    name_length: 0,
    zone: 0,
    kind: 0,
    has_siren: false,
};

impl Parts {
    /// Adds an area after the others.
    fn put(&mut self, entry: Entry<'_>) -> Result<(), String> {
        self.keys.push(layout::KEY_MARK);
        let row = Area {
            text: small(self.texts.len())?,
            key: small(self.keys.len())?,
            code_length: fit(entry.code.len())?,
            name_length: fit(entry.name.len())?,
            has_siren: entry.siren.is_some(),
            ..entry.row
        };
        for text in [entry.code, entry.siren.unwrap_or_default(), entry.name] {
            self.texts.extend_from_slice(text.as_bytes());
        }
        let key = names::key(entry.name, entry.is_epci);
        if key.is_empty() {
            return Err(format!("{} has no name to search for", entry.code));
        }
        self.keys.extend_from_slice(key.as_bytes());
        self.areas.extend_from_slice(&row.to_bytes());
        Ok(())
    }
}

/// The bytes of the data file.
///
/// # Errors
/// A message for people: what does not fit.
pub fn bytes(source: &Source) -> Result<Vec<u8>, String> {
    let epcis = places(source.epcis.iter().map(|epci| epci.code.as_str()));
    let arrondissements = places(source.arrondissements.iter().map(|division| division.code.as_str()));
    let departements = places(source.departements.iter().map(|division| division.code.as_str()));
    let regions = places(source.regions.iter().map(|division| division.code.as_str()));
    let communes = places(source.communes.iter().map(|commune| commune.code.as_str()));
    let postcodes = places(
        source
            .communes
            .iter()
            .flat_map(|c| &c.codes_postaux)
            .map(String::as_str)
            .collect::<std::collections::BTreeSet<_>>(),
    );
    let memberships: BTreeMap<&str, &str> = source
        .epcis
        .iter()
        .flat_map(|epci| epci.membres.iter().map(|member| (member.code.as_str(), epci.code.as_str())))
        .collect();

    let mut parts = Parts::default();
    let mut postal = Vec::new();
    let (mut by_arrondissement, mut by_departement, mut by_region) = (Sums::new(), Sums::new(), Sums::new());
    for commune in &source.communes {
        let row = Area {
            population: population(commune.population)?,
            epci: parent(&epcis, memberships.get(commune.code.as_str()).copied(), NONE_16)?,
            arrondissement: parent(&arrondissements, Some(&commune.arrondissement), NONE_16)?,
            departement: parent(&departements, Some(&commune.departement), NONE_8)?,
            region: parent(&regions, Some(&commune.region), NONE_8)?,
            postal: small(postal.len() / 2)?,
            postal_count: fit(commune.codes_postaux.len())?,
            zone: zone(&commune.zone),
            ..BLANK
        };
        for (sums, place) in [
            (&mut by_arrondissement, arrondissements.get(commune.arrondissement.as_str())),
            (&mut by_departement, departements.get(commune.departement.as_str())),
            (&mut by_region, regions.get(commune.region.as_str())),
        ] {
            if let (Some(place), Some(people)) = (place, commune.population) {
                *sums.entry(*place).or_default() += people;
            }
        }
        let mut codes: Vec<_> =
            commune.codes_postaux.iter().filter_map(|code| postcodes.get(code.as_str())).collect();
        codes.sort();
        for code in codes {
            postal.extend_from_slice(&fit::<u16>(*code)?.to_le_bytes());
        }
        let siren = commune.siren.as_deref();
        parts.put(Entry { code: &commune.code, siren, name: &commune.nom, is_epci: false, row })?;
    }
    for epci in &source.epcis {
        let kind =
            EpciKind::ALL.into_iter().find(|kind| kind.as_str() == epci.r#type).map_or(0, EpciKind::number);
        let zone = epci
            .membres
            .first()
            .and_then(|member| communes.get(member.code.as_str()))
            .and_then(|place| source.communes.get(*place))
            .map_or(0, |commune| self::zone(&commune.zone));
        let row = Area { population: population(epci.population_municipale)?, kind, zone, ..BLANK };
        parts.put(Entry { code: &epci.code, siren: None, name: &epci.nom, is_epci: true, row })?;
    }
    for (divisions, sums) in [
        (&source.arrondissements, by_arrondissement),
        (&source.departements, by_departement),
        (&source.regions, by_region),
    ] {
        for (place, division) in divisions.iter().enumerate() {
            let row = division_row(division, source, sums.get(&place).copied(), &departements, &regions)?;
            parts.put(Entry {
                code: &division.code,
                siren: None,
                name: &division.nom,
                is_epci: false,
                row,
            })?;
        }
    }
    parts.keys.push(layout::KEY_MARK);
    let retired = retired(source, &communes, &mut parts.texts)?;

    let mut file = layout::MAGIC.to_vec();
    for number in [
        usize::from(VINTAGE),
        source.communes.len(),
        source.epcis.len(),
        source.arrondissements.len(),
        source.departements.len(),
        source.regions.len(),
        source.retired.len(),
        postcodes.len(),
        postal.len() / 2,
        parts.texts.len(),
        parts.keys.len(),
    ] {
        file.extend_from_slice(&fit::<u32>(number)?.to_le_bytes());
    }
    file.extend(parts.areas);
    file.extend(retired);
    file.extend(postcodes.keys().flat_map(|code| code.bytes()));
    file.extend(postal);
    file.extend(parts.texts);
    file.extend(parts.keys);
    Ok(file)
}

/// The row of an arrondissement, a département or a région.
fn division_row(
    division: &Division,
    source: &Source,
    people: Option<u32>,
    departements: &Places<'_>,
    regions: &Places<'_>,
) -> Result<Area, String> {
    // An arrondissement is in the zone of its département.
    let of = division
        .departement
        .as_deref()
        .and_then(|code| source.departements.iter().find(|of| of.code == code));
    Ok(Area {
        population: population(people)?,
        departement: parent(departements, division.departement.as_deref(), NONE_8)?,
        region: parent(regions, division.region.as_deref(), NONE_8)?,
        zone: zone(division.zone.as_deref().or(of.and_then(|of| of.zone.as_deref())).unwrap_or_default()),
        ..BLANK
    })
}

/// The rows of the retired codes; their names go to the end of the texts.
fn retired(source: &Source, communes: &Places<'_>, texts: &mut Vec<u8>) -> Result<Vec<u8>, String> {
    let mut rows = Vec::new();
    for (code, retired) in &source.retired {
        let row = layout::Retired {
            code: code.as_bytes().try_into().map_err(|_| format!("{code} has not five characters"))?,
            successor: parent(communes, Some(&retired.successor), NONE_16)?,
            status: retired.status.number(),
            name: small(texts.len())?,
            name_length: fit(retired.name.len())?,
        };
        texts.extend_from_slice(retired.name.as_bytes());
        rows.extend_from_slice(&row.to_bytes());
    }
    Ok(rows)
}

/// Numbers codes that come in order.
fn places<'a>(codes: impl IntoIterator<Item = &'a str>) -> Places<'a> {
    codes.into_iter().enumerate().map(|(place, code)| (code, place)).collect()
}

/// The number of a parent; `none` for no parent (an absent or empty code).
fn parent<N: TryFrom<usize> + PartialEq>(
    places: &Places<'_>,
    code: Option<&str>,
    none: N,
) -> Result<N, String> {
    let Some(code) = code.filter(|code| !code.is_empty()) else { return Ok(none) };
    let place = places.get(code).ok_or_else(|| format!("{code} is unknown"))?;
    let number = fit(*place)?;
    if number == none { Err(format!("{code} has the number that says none")) } else { Ok(number) }
}

fn zone(zone: &str) -> u8 {
    Zone::ALL.into_iter().find(|known| known.as_str() == zone).map_or(0, Zone::number)
}

fn population(people: Option<u32>) -> Result<u32, String> {
    match people {
        Some(people) if people >= NONE_24 => Err(format!("a population of {people} does not fit")),
        people => Ok(people.unwrap_or(NONE_24)),
    }
}

/// A number of three bytes.
fn small(number: usize) -> Result<u32, String> {
    fit(number)
        .and_then(|number| if number < NONE_24 { Ok(number) } else { Err(format!("{number} does not fit")) })
}

fn fit<N: TryFrom<usize>>(number: usize) -> Result<N, String> {
    N::try_from(number).map_err(|_| format!("{number} does not fit in the form of the file"))
}
