//! One official area as callers see it, and how to find one by its code.
//!
//! Does not guess what a person meant by a code (see `resolve`) and does not search names (see `search`).

use clocher_domain::territory::{Level, TerritoryCode, TerritoryId};

use crate::layout::{Area, NONE_24, SIREN_BYTES};
use crate::table::{TABLE, wide};

/// An official area of the vintage. Small and free to copy; its texts are the program's own bytes.
#[derive(Debug, Clone, Copy)]
pub struct Territory {
    /// Its level and code.
    pub id: TerritoryId,
    /// Its official name, as INSEE writes it; for an EPCI, as DGCL does, with its kind (`CA Arche Agglo`).
    pub name: &'static str,
    /// Inhabitants. Communes: the legal population by INSEE (Mayotte's is that of 2017). EPCI: the municipal
    /// population by DGCL, of its own year. Arrondissements, départements, régions: the sum of their
    /// communes, the source having no figure. `None` for areas without inhabitants, and for those whose
    /// communes the source does not attach.
    pub population: Option<u32>,
    /// Nine digits. Communes (but overseas collectivities') and EPCI have one.
    pub siren: Option<&'static str>,
    /// The kind of an EPCI; `None` for another level.
    pub epci_kind: Option<EpciKind>,
    /// Where in the Republic it is.
    pub zone: Zone,
    /// Its place among all areas.
    pub(crate) place: usize,
}

impl Territory {
    /// Its level.
    pub const fn level(&self) -> Level {
        self.id.level
    }

    /// Its code, borrowed from the table.
    pub fn code(&self) -> &'static str {
        TABLE.area(self.place).map(|area| TABLE.code(&area)).unwrap_or_default()
    }

    /// Its postal codes, five digits each, in order: those of a commune (21 at most, none for uninhabited
    /// lands). Other levels have none.
    pub fn postal_codes(&self) -> PostalCodes {
        let (first, count) =
            TABLE.area(self.place).map_or((0, 0), |area| (wide(area.postal), usize::from(area.postal_count)));
        PostalCodes { numbers: TABLE.postal.get(first..first + count).unwrap_or_default() }
    }
}

/// Two areas are one when their level and code are.
impl PartialEq for Territory {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Territory {}

/// The postal codes of an area, in order.
#[derive(Debug, Clone)]
pub struct PostalCodes {
    numbers: &'static [[u8; 2]],
}

impl Iterator for PostalCodes {
    type Item = &'static str;

    fn next(&mut self) -> Option<&'static str> {
        let (number, rest) = self.numbers.split_first()?;
        self.numbers = rest;
        let code = TABLE.postcodes.get(usize::from(u16::from_le_bytes(*number)))?;
        std::str::from_utf8(code).ok()
    }
}

/// The kind of an EPCI with its own tax.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EpciKind {
    /// Communauté de communes.
    CommunauteDeCommunes,
    /// Communauté d'agglomération.
    CommunauteDAgglomeration,
    /// Communauté urbaine.
    CommunauteUrbaine,
    /// Métropole.
    Metropole,
    /// Métropole de Lyon, which is also a département of its own (the source keeps it in the Rhône).
    MetropoleDeLyon,
}

impl EpciKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [
        Self::CommunauteDeCommunes,
        Self::CommunauteDAgglomeration,
        Self::CommunauteUrbaine,
        Self::Metropole,
        Self::MetropoleDeLyon,
    ];

    /// The abbreviation of the source: `CC`, `CA`, `CU`, `METRO`, `MET69`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CommunauteDeCommunes => "CC",
            Self::CommunauteDAgglomeration => "CA",
            Self::CommunauteUrbaine => "CU",
            Self::Metropole => "METRO",
            Self::MetropoleDeLyon => "MET69",
        }
    }

    /// Its number in the data file.
    pub const fn number(self) -> u8 {
        match self {
            Self::CommunauteDeCommunes => 1,
            Self::CommunauteDAgglomeration => 2,
            Self::CommunauteUrbaine => 3,
            Self::Metropole => 4,
            Self::MetropoleDeLyon => 5,
        }
    }
}

/// Where in the Republic an area is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Zone {
    /// Metropolitan France.
    Metropole,
    /// An overseas département and région.
    Drom,
    /// An overseas collectivity. The source lists each as a département and as a région of the same code,
    /// so that its communes have both; in law it is neither.
    Com,
}

impl Zone {
    /// Every zone.
    pub const ALL: [Self; 3] = [Self::Metropole, Self::Drom, Self::Com];

    /// The word of the source: `metro`, `drom`, `com`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Metropole => "metro",
            Self::Drom => "drom",
            Self::Com => "com",
        }
    }

    /// Its number in the data file.
    pub const fn number(self) -> u8 {
        match self {
            Self::Metropole => 0,
            Self::Drom => 1,
            Self::Com => 2,
        }
    }
}

/// The area of a level that has this code, in upper or lower case; `None` for a code that is unknown or
/// retired ([`crate::resolve`] follows those).
pub fn find(level: Level, code: &str) -> Option<Territory> {
    let code = TerritoryCode::new(code).ok()?;
    let place = TABLE
        .level(level)
        .binary_search_by(|bytes| TABLE.code(&Area::from_bytes(bytes)).cmp(code.as_str()))
        .ok()?;
    at(TABLE.range(level).0 + place)
}

/// The area of this identity; `None` when it is unknown or retired.
pub fn find_id(id: TerritoryId) -> Option<Territory> {
    find(id.level, id.code.as_str())
}

/// Every area of a level, by code. Empty for hamlets.
pub fn all(level: Level) -> impl Iterator<Item = Territory> {
    let (first, end) = TABLE.range(level);
    (first..end).filter_map(at)
}

/// The communes that have this postal code, by code. Anything but five digits gives none.
pub fn by_postal_code(code: &str) -> Vec<Territory> {
    let Ok(number) = TABLE.postcodes.binary_search_by(|known| known.as_slice().cmp(code.as_bytes())) else {
        return Vec::new();
    };
    let has_it = |area: &Area| {
        let (first, count) = (wide(area.postal), usize::from(area.postal_count));
        let numbers = TABLE.postal.get(first..first + count).unwrap_or_default();
        numbers.iter().any(|other| usize::from(u16::from_le_bytes(*other)) == number)
    };
    let (first, end) = TABLE.range(Level::Commune);
    (first..end).filter(|place| TABLE.area(*place).is_some_and(|area| has_it(&area))).filter_map(at).collect()
}

/// The area at a place among all areas.
pub(crate) fn at(place: usize) -> Option<Territory> {
    let level = TABLE.level_at(place)?;
    let area = TABLE.area(place)?;
    let code = TABLE.code(&area);
    let after_code = wide(area.text) + code.len();
    let siren = area.has_siren.then(|| TABLE.text(after_code, SIREN_BYTES));
    let name = TABLE.text(after_code + siren.map_or(0, str::len), usize::from(area.name_length));
    Some(Territory {
        id: TerritoryId::new(level, code).ok()?,
        name,
        population: (area.population != NONE_24).then_some(area.population),
        siren: if level == Level::Epci { Some(code) } else { siren },
        epci_kind: EpciKind::ALL.into_iter().find(|kind| kind.number() == area.kind),
        zone: Zone::ALL.into_iter().find(|zone| zone.number() == area.zone)?,
        place,
    })
}
