//! What contains an area, and what it contains or touches.
//!
//! Knows no neighbours: the source has no outlines. Proposes no link between communities.

use clocher_domain::territory::Level;

use crate::area::{Territory, at};
use crate::layout::Area;
use crate::table::TABLE;

/// The areas that contain this one, directly or not, from the smallest level to the largest.
///
/// - A commune: its EPCI (four islands and the overseas collectivities have none), its arrondissement (none
///   in Mayotte and the overseas collectivities), its département, its région.
/// - An EPCI: every département that has one of its communes, the one with the most of them first; several
///   when it straddles a border.
/// - An arrondissement: its département, its région. A département: its région. A région: nothing.
pub fn parents(territory: &Territory) -> Vec<Territory> {
    if territory.level() == Level::Epci {
        return departements_of(territory);
    }
    [Level::Epci, Level::Arrondissement, Level::Departement, Level::Region]
        .into_iter()
        .filter_map(|level| above(&TABLE.area(territory.place)?, level).and_then(at))
        .collect()
}

/// The areas just above this one: those in which its community is nested.
///
/// - A commune: its EPCI; its département where it has none.
/// - An EPCI: every département that has one of its communes. An arrondissement: its département.
/// - A département: its région.
pub fn direct_parents(territory: &Territory) -> Vec<Territory> {
    let mut above = parents(territory);
    // An arrondissement gathers nobody between a commune and its département.
    above.retain(|area| area.level() != Level::Arrondissement);
    if let Some(nearest) = above.first().map(Territory::level) {
        above.retain(|area| area.level() == nearest);
    }
    above
}

/// The areas of a level that are inside this one, by code. EPCI may also be partly outside: those of a
/// département, an arrondissement or a région are all that have a commune there, and the départements of an
/// EPCI are all that have one of its communes. Empty when `level` is not below (that case apart).
pub fn children(territory: &Territory, level: Level) -> Vec<Territory> {
    let of = territory.level();
    if of == level {
        return Vec::new();
    }
    // EPCI cut across the other levels: only their communes tell what they touch.
    if (of == Level::Epci && level != Level::Commune) || (level == Level::Epci && of != Level::Commune) {
        let mut touched: Vec<_> = members(territory).filter_map(|commune| above(&commune, level)).collect();
        touched.sort_unstable();
        touched.dedup();
        return touched.into_iter().filter_map(at).collect();
    }
    inside(territory, level).filter_map(|(place, _)| at(place)).collect()
}

/// The départements of an EPCI: the one with the most of its communes first, then by code.
fn departements_of(epci: &Territory) -> Vec<Territory> {
    let mut counted: Vec<(usize, usize)> = Vec::new();
    for place in members(epci).filter_map(|commune| above(&commune, Level::Departement)) {
        match counted.iter_mut().find(|(_, known)| *known == place) {
            Some((count, _)) => *count += 1,
            None => counted.push((1, place)),
        }
    }
    counted.sort_unstable_by_key(|(count, place)| (usize::MAX - count, *place));
    counted.into_iter().filter_map(|(_, place)| at(place)).collect()
}

/// The communes of an area.
fn members(territory: &Territory) -> impl Iterator<Item = Area> {
    inside(territory, Level::Commune).map(|(_, area)| area)
}

/// The areas of a level that have this one above them, each with its place.
fn inside(territory: &Territory, level: Level) -> impl Iterator<Item = (usize, Area)> {
    let of = territory.level();
    let wanted = territory.place.checked_sub(TABLE.range(of).0);
    let (first, _) = TABLE.range(level);
    let areas = TABLE.level(level).iter().map(Area::from_bytes).enumerate();
    areas.filter(move |(_, area)| number(area, of) == wanted).map(move |(place, area)| (first + place, area))
}

/// The place of the area of a level above this one.
fn above(area: &Area, level: Level) -> Option<usize> {
    // The marks for "none" are above every count.
    let (first, end) = TABLE.range(level);
    (first..end).nth(number(area, level)?)
}

/// The number, within its level, of the area of a level above this one.
fn number(area: &Area, level: Level) -> Option<usize> {
    match level {
        Level::Epci => Some(area.epci.into()),
        Level::Arrondissement => Some(area.arrondissement.into()),
        Level::Departement => Some(area.departement.into()),
        Level::Region => Some(area.region.into()),
        Level::Hamlet | Level::Commune => None,
    }
}
