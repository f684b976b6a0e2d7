//! The bytes of the data file, in the form that `clocher_cog::layout` tells.
//!
//! Expects a source that was checked; refuses what does not fit in the numbers of the form.

use std::collections::{BTreeMap, BTreeSet};

use clocher_cog::layout::{self, Area, NONE_8, NONE_16, NONE_24};
use clocher_cog::{EpciKind, VINTAGE, Zone, names};

use super::source::{Commune, Division, Source};

/// Codes of a level, and the number of each in its order.
type Places<'a> = BTreeMap<&'a str, usize>;

/// What grows while areas are written.
#[derive(Default)]
struct Parts {
    areas: Vec<u8>,
    postal: Vec<u8>,
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
    fn put(&mut self, entry: &Entry<'_>) -> Result<(), String> {
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

/// The number of each code within its level.
struct Levels<'a> {
    communes: Places<'a>,
    epcis: Places<'a>,
    arrondissements: Places<'a>,
    departements: Places<'a>,
    regions: Places<'a>,
    postcodes: Places<'a>,
}

impl<'a> Levels<'a> {
    fn new(source: &'a Source) -> Self {
        let divisions = |of: &'a [Division]| places(of.iter().map(|division| division.code.as_str()));
        let postcodes: BTreeSet<&str> =
            source.communes.iter().flat_map(|commune| &commune.codes_postaux).map(String::as_str).collect();
        Self {
            communes: places(source.communes.iter().map(|commune| commune.code.as_str())),
            epcis: places(source.epcis.iter().map(|epci| epci.code.as_str())),
            arrondissements: divisions(&source.arrondissements),
            departements: divisions(&source.departements),
            regions: divisions(&source.regions),
            postcodes: places(postcodes),
        }
    }
}

/// The bytes of the data file.
///
/// # Errors
/// A message for people: what does not fit.
pub fn bytes(source: &Source) -> Result<Vec<u8>, String> {
    let levels = Levels::new(source);
    let mut parts = Parts::default();
    put_communes(&mut parts, source, &levels)?;
    put_epcis(&mut parts, source, &levels)?;
    put_divisions(&mut parts, &source.arrondissements, source, &levels, |commune| &commune.arrondissement)?;
    put_divisions(&mut parts, &source.departements, source, &levels, |commune| &commune.departement)?;
    put_divisions(&mut parts, &source.regions, source, &levels, |commune| &commune.region)?;
    parts.keys.push(layout::KEY_MARK);
    let retired = retired(source, &levels.communes, &mut parts.texts)?;

    let mut file = layout::MAGIC.to_vec();
    let numbers: [usize; layout::HEADER_NUMBERS] = [
        usize::from(VINTAGE),
        source.communes.len(),
        source.epcis.len(),
        source.arrondissements.len(),
        source.departements.len(),
        source.regions.len(),
        source.retired.len(),
        levels.postcodes.len(),
        parts.postal.len() / 2,
        parts.texts.len(),
        parts.keys.len(),
    ];
    for number in numbers {
        file.extend_from_slice(&fit::<u32>(number)?.to_le_bytes());
    }
    file.extend(parts.areas);
    file.extend(retired);
    file.extend(levels.postcodes.keys().flat_map(|code| code.bytes()));
    file.extend(parts.postal);
    file.extend(parts.texts);
    file.extend(parts.keys);
    Ok(file)
}

fn put_communes(parts: &mut Parts, source: &Source, levels: &Levels<'_>) -> Result<(), String> {
    let epci_of: BTreeMap<&str, &str> = source
        .epcis
        .iter()
        .flat_map(|epci| epci.membres.iter().map(|member| (member.code.as_str(), epci.code.as_str())))
        .collect();
    for commune in &source.communes {
        let row = Area {
            population: population(commune.population)?,
            epci: parent(&levels.epcis, epci_of.get(commune.code.as_str()).copied(), NONE_16)?,
            arrondissement: parent(&levels.arrondissements, Some(&commune.arrondissement), NONE_16)?,
            departement: parent(&levels.departements, Some(&commune.departement), NONE_8)?,
            region: parent(&levels.regions, Some(&commune.region), NONE_8)?,
            postal: small(parts.postal.len() / 2)?,
            postal_count: fit(commune.codes_postaux.len())?,
            zone: zone(&commune.zone),
            ..BLANK
        };
        let known = |code: &String| levels.postcodes.get(code.as_str());
        let mut postcodes: Vec<_> = commune.codes_postaux.iter().filter_map(known).collect();
        postcodes.sort();
        for postcode in postcodes {
            parts.postal.extend_from_slice(&fit::<u16>(*postcode)?.to_le_bytes());
        }
        let siren = commune.siren.as_deref();
        parts.put(&Entry { code: &commune.code, siren, name: &commune.nom, is_epci: false, row })?;
    }
    Ok(())
}

/// The zone of an EPCI is that of its first member.
fn put_epcis(parts: &mut Parts, source: &Source, levels: &Levels<'_>) -> Result<(), String> {
    for epci in &source.epcis {
        let kind = EpciKind::ALL.into_iter().find(|kind| kind.as_str() == epci.r#type);
        let first = epci.membres.first().and_then(|member| levels.communes.get(member.code.as_str()));
        let row = Area {
            population: population(epci.population_municipale)?,
            kind: kind.map_or(0, EpciKind::number),
            zone: first
                .and_then(|place| source.communes.get(*place))
                .map_or(0, |commune| zone(&commune.zone)),
            ..BLANK
        };
        parts.put(&Entry { code: &epci.code, siren: None, name: &epci.nom, is_epci: true, row })?;
    }
    Ok(())
}

/// Arrondissements, départements or régions, with the people of the communes that name them by `of`.
fn put_divisions(
    parts: &mut Parts,
    divisions: &[Division],
    source: &Source,
    levels: &Levels<'_>,
    of: impl Fn(&Commune) -> &String,
) -> Result<(), String> {
    let mut people: BTreeMap<&str, u32> = BTreeMap::new();
    for commune in &source.communes {
        if let Some(inhabitants) = commune.population {
            *people.entry(of(commune)).or_default() += inhabitants;
        }
    }
    for division in divisions {
        // An arrondissement is in the zone of its département.
        let departement = division.departement.as_deref();
        let above = source.departements.iter().find(|above| Some(above.code.as_str()) == departement);
        let row = Area {
            population: population(people.get(division.code.as_str()).copied())?,
            departement: parent(&levels.departements, departement, NONE_8)?,
            region: parent(&levels.regions, division.region.as_deref(), NONE_8)?,
            zone: zone(
                division
                    .zone
                    .as_deref()
                    .or(above.and_then(|above| above.zone.as_deref()))
                    .unwrap_or_default(),
            ),
            ..BLANK
        };
        parts.put(&Entry { code: &division.code, siren: None, name: &division.nom, is_epci: false, row })?;
    }
    Ok(())
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
