//! What a person or an old record means by an official code.
//!
//! Reads codes only, not names (see `search`). Retired codes of communes are known, those of EPCI and of the
//! régions of before 2016 are not: the source has none.

use clocher_domain::territory::{Level, TerritoryId, fold};

use crate::area::{Territory, Zone, at, find};
use crate::layout::Retired;
use crate::table::{TABLE, wide};

/// Longest text read as a code, in bytes.
const LONGEST: usize = 64;

/// What a code names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolution {
    /// An area of the vintage.
    Current(Territory),
    /// A code that is no longer, or not, that of a commune.
    Retired {
        /// The commune that contains it today.
        successor: Territory,
        /// What the code named.
        was: Former,
    },
    /// The code of several areas of different levels, the smallest first: `84` is a département and a
    /// région. Ask which, or write the level (`departement:84`). Never empty.
    Ambiguous(Vec<Territory>),
    /// No code of the vintage, nor of the past that the source remembers.
    Unknown,
}

impl Resolution {
    /// The one area that the code leads to, if there is one.
    pub fn territory(&self) -> Option<Territory> {
        match self {
            Self::Current(territory) | Self::Retired { successor: territory, .. } => Some(*territory),
            Self::Ambiguous(_) | Self::Unknown => None,
        }
    }
}

/// What a retired code named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Former {
    /// The code, five characters.
    pub code: &'static str,
    /// Its name, where the source has it: not for a commune that merged without a trace.
    pub name: Option<&'static str>,
    /// What has become of it.
    pub status: FormerStatus,
}

/// What has become of a former commune.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FormerStatus {
    /// It merged, and has no status of its own.
    Merged,
    /// It is a commune déléguée of its successor.
    Delegated,
    /// It is a commune associée of its successor.
    Associated,
    /// It is an arrondissement municipal of Paris, Lyon or Marseille: its code is in force, but not that of
    /// a commune.
    Ward,
}

impl FormerStatus {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::Merged, Self::Delegated, Self::Associated, Self::Ward];

    /// Its number in the data file.
    pub const fn number(self) -> u8 {
        match self {
            Self::Merged => 0,
            Self::Delegated => 1,
            Self::Associated => 2,
            Self::Ward => 3,
        }
    }
}

/// Resolves a code as people write it: `07186`, ` 2a004 `, `200 071 413`, `07`, `region:84`, `Région : 84`,
/// or `7186` where a spreadsheet has eaten the zero.
///
/// A code that two levels share is [`Resolution::Ambiguous`], but for an overseas collectivity, which the
/// source lists at both: there it is the département. Costs a few binary searches; a text above 64 bytes
/// is unknown.
pub fn resolve(code: &str) -> Resolution {
    if code.len() > LONGEST {
        return Resolution::Unknown;
    }
    if let Some((level, code)) = code.split_once(':') {
        let Ok(level) = fold(level).parse::<Level>() else { return Resolution::Unknown };
        let code = tidy(code);
        return match find(level, &code) {
            Some(territory) => Resolution::Current(territory),
            None if level == Level::Commune => retired(&code),
            None => Resolution::Unknown,
        };
    }
    let code = tidy(code);
    match known(&code) {
        Resolution::Unknown if matches!(code.len(), 1 | 4) => known(&format!("0{code}")),
        resolution => resolution,
    }
}

/// Resolves an identity kept since an earlier vintage.
pub fn resolve_id(id: TerritoryId) -> Resolution {
    resolve(&id.to_string())
}

/// A code without the spaces of its writing.
fn tidy(code: &str) -> String {
    code.chars().filter(|character| !character.is_whitespace()).collect()
}

/// What a tidy code names, at any level.
fn known(code: &str) -> Resolution {
    let found: Vec<_> = Level::ALL.into_iter().filter_map(|level| find(level, code)).collect();
    match found.as_slice() {
        [] => retired(code),
        [one] => Resolution::Current(*one),
        [collectivity, ..] if collectivity.zone == Zone::Com => Resolution::Current(*collectivity),
        _ => Resolution::Ambiguous(found),
    }
}

/// What a tidy code named.
fn retired(code: &str) -> Resolution {
    follow(code).map_or(Resolution::Unknown, |(successor, was)| Resolution::Retired { successor, was })
}

fn follow(code: &str) -> Option<(Territory, Former)> {
    let code = code.to_ascii_uppercase();
    let place = TABLE
        .retired
        .binary_search_by(|bytes| Retired::from_bytes(bytes).code.as_slice().cmp(code.as_bytes()))
        .ok()?;
    let bytes = TABLE.retired.get(place)?;
    let row = Retired::from_bytes(bytes);
    let name = TABLE.text(wide(row.name), usize::from(row.name_length));
    let was = Former {
        code: std::str::from_utf8(bytes.get(..row.code.len())?).ok()?,
        name: (!name.is_empty()).then_some(name),
        status: FormerStatus::ALL.into_iter().find(|status| status.number() == row.status)?,
    };
    Some((at(usize::from(row.successor))?, was))
}
