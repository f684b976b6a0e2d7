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
    let (first, end) = TABLE.range(level);
    (first..end).filter(|place| lies_in(*place, territory)).filter_map(at).collect()
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
    let (level, place) = (territory.level(), territory.place);
    TABLE
        .level(Level::Commune)
        .iter()
        .map(Area::from_bytes)
        .filter(move |commune| above(commune, level) == Some(place))
}

/// Whether the area at a place has this one above it.
fn lies_in(place: usize, territory: &Territory) -> bool {
    TABLE.area(place).and_then(|area| above(&area, territory.level())) == Some(territory.place)
}

/// The place of the area of a level above this one.
fn above(area: &Area, level: Level) -> Option<usize> {
    let number = match level {
        Level::Epci => usize::from(area.epci),
        Level::Arrondissement => usize::from(area.arrondissement),
        Level::Departement => usize::from(area.departement),
        Level::Region => usize::from(area.region),
        Level::Hamlet | Level::Commune => return None,
    };
    // The marks for "none" are above every count.
    let (first, end) = TABLE.range(level);
    (first..end).nth(number)
}
