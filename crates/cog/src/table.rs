//! The data file where it lies in the program: its parts, and the rows and texts in them.
//!
//! Neither ranks nor names levels to people, and never copies: the parts are cut when the program is
//! compiled. A file of another form gives an empty table, which the tests refuse.

use clocher_domain::territory::Level;

use crate::layout::{AREA_BYTES, Area, HEADER_NUMBERS, MAGIC, RETIRED_BYTES};

/// The one table of the program.
pub(crate) static TABLE: Table = match Table::read(include_bytes!("../data/cog-2026.bin")) {
    Some(table) => table,
    None => Table::EMPTY,
};

/// The parts of the data file; see [`crate::layout`].
pub(crate) struct Table {
    /// Every area, level by level.
    pub(crate) areas: &'static [[u8; AREA_BYTES]],
    /// How many areas there are of each level, from communes to régions.
    counts: [usize; 5],
    /// The retired codes.
    pub(crate) retired: &'static [[u8; RETIRED_BYTES]],
    /// The distinct postal codes.
    pub(crate) postcodes: &'static [[u8; 5]],
    /// The postal codes of the areas, as numbers of the former.
    pub(crate) postal: &'static [[u8; 2]],
    texts: &'static [u8],
    /// The search keys of all areas, in their order.
    pub(crate) keys: &'static [u8],
}

impl Table {
    const EMPTY: Self =
        Self { areas: &[], counts: [0; 5], retired: &[], postcodes: &[], postal: &[], texts: &[], keys: &[] };

    /// Cuts the file; `None` when it is not of this form, or shorter or longer than its header says.
    const fn read(file: &'static [u8]) -> Option<Self> {
        let Some((header, rest)) = file.split_at_checked(MAGIC.len() + 4 * HEADER_NUMBERS) else {
            return None;
        };
        let (
            [
                magic,
                version,
                _vintage,
                communes,
                epcis,
                arrondissements,
                departements,
                regions,
                retired,
                codes,
                postal,
                texts,
                keys,
            ],
            [],
        ) = header.as_chunks::<4>()
        else {
            return None;
        };
        if !matches!((magic, version), (b"CLOC", b"OG01")) {
            return None;
        }
        let (communes, epcis, arrondissements) =
            (number(*communes), number(*epcis), number(*arrondissements));
        let (departements, regions) = (number(*departements), number(*regions));
        let areas = communes + epcis + arrondissements + departements + regions;
        let Some((areas, rest)) = rest.split_at_checked(areas * AREA_BYTES) else {
            return None;
        };
        let Some((retired, rest)) = rest.split_at_checked(number(*retired) * RETIRED_BYTES) else {
            return None;
        };
        let Some((postcodes, rest)) = rest.split_at_checked(number(*codes) * 5) else { return None };
        let Some((postal, rest)) = rest.split_at_checked(number(*postal) * 2) else { return None };
        let Some((texts, rest)) = rest.split_at_checked(number(*texts)) else { return None };
        if rest.len() != number(*keys) {
            return None;
        }
        Some(Self {
            areas: areas.as_chunks().0,
            counts: [communes, epcis, arrondissements, departements, regions],
            retired: retired.as_chunks().0,
            postcodes: postcodes.as_chunks().0,
            postal: postal.as_chunks().0,
            texts,
            keys: rest,
        })
    }

    /// The places among all areas of those of a level: first, and one past the last.
    pub(crate) fn range(&self, level: Level) -> (usize, usize) {
        let mut first = 0;
        for (count, of) in self.counts.into_iter().zip(Level::ALL.into_iter().skip(1)) {
            if of == level {
                return (first, first + count);
            }
            first += count;
        }
        (0, 0)
    }

    /// The areas of a level, by code.
    pub(crate) fn level(&self, level: Level) -> &'static [[u8; AREA_BYTES]] {
        let (first, end) = self.range(level);
        self.areas.get(first..end).unwrap_or_default()
    }

    /// The level of the area at a place.
    pub(crate) fn level_at(&self, place: usize) -> Option<Level> {
        Level::ALL.into_iter().find(|level| {
            let (first, end) = self.range(*level);
            (first..end).contains(&place)
        })
    }

    /// The area at a place.
    pub(crate) fn area(&self, place: usize) -> Option<Area> {
        self.areas.get(place).map(Area::from_bytes)
    }

    /// A piece of the texts, empty when the file has none there.
    pub(crate) fn text(&self, start: usize, length: usize) -> &'static str {
        let piece = self.texts.get(start..start.saturating_add(length)).unwrap_or_default();
        std::str::from_utf8(piece).unwrap_or_default()
    }

    /// The code of an area.
    pub(crate) fn code(&self, area: &Area) -> &'static str {
        self.text(wide(area.text), usize::from(area.code_length))
    }
}

/// A number of the header.
const fn number(bytes: [u8; 4]) -> usize {
    u32::from_le_bytes(bytes) as usize
}

/// An offset of a row, for slicing.
pub(crate) const fn wide(number: u32) -> usize {
    number as usize
}
