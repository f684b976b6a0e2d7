//! Official areas: their levels, their codes, and the folded form of their names.
//!
//! Holds no table of areas (that is `clocher-cog`) and no text for people: a level is named here by a
//! stable word, which the doors translate.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A level of the official division of territory, from the smallest to the largest.
///
/// Ordered: `Level::Commune < Level::Region`. A hamlet has no code in the official geographic code; its
/// code is chosen by the instance that declares it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Level {
    /// A part of a commune (hameau, quartier, lieu-dit).
    Hamlet,
    /// A commune; code of five characters (`07186`, `2A004`).
    Commune,
    /// An intercommunalité with its own tax (EPCI à fiscalité propre); code of nine digits, its SIREN.
    Epci,
    /// An arrondissement of a département; code of three or four characters (`073`, `9711`).
    Arrondissement,
    /// A département, or an overseas collectivity; code of two or three characters (`07`, `2A`, `975`).
    Departement,
    /// A région; code of two digits (`84`), three for an overseas collectivity.
    Region,
}

impl Level {
    /// Every level, from the smallest to the largest.
    pub const ALL: [Self; 6] =
        [Self::Hamlet, Self::Commune, Self::Epci, Self::Arrondissement, Self::Departement, Self::Region];

    /// The stable word of the level, as in `commune:07186`: ASCII lower-case letters.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hamlet => "hamlet",
            Self::Commune => "commune",
            Self::Epci => "epci",
            Self::Arrondissement => "arrondissement",
            Self::Departement => "departement",
            Self::Region => "region",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Level {
    type Err = InvalidTerritory;

    /// Reads exactly what [`Level::as_str`] writes.
    fn from_str(text: &str) -> Result<Self, InvalidTerritory> {
        Self::ALL.into_iter().find(|level| level.as_str() == text).ok_or(InvalidTerritory::Level)
    }
}

/// The code of an area within its level: 1 to [`TerritoryCode::MAX`] ASCII letters and digits, upper case.
///
/// A code alone is ambiguous (`01` is a département and a région): identity is [`TerritoryId`].
/// Whether the area exists is asked of `clocher-cog`.
#[derive(Clone, Copy)]
pub struct TerritoryCode {
    bytes: [u8; Self::MAX],
    length: u8,
}

impl TerritoryCode {
    /// Longest code, in characters. Official codes have at most nine; the rest is for hamlets.
    pub const MAX: usize = 24;

    /// Checks a code and puts it in upper case.
    ///
    /// # Errors
    /// `InvalidTerritory::Code` when it is empty, too long, or not made of ASCII letters and digits.
    pub fn new(code: &str) -> Result<Self, InvalidTerritory> {
        let length = u8::try_from(code.len()).map_err(|_| InvalidTerritory::Code)?;
        let mut bytes = [0; Self::MAX];
        let room = bytes.get_mut(..code.len()).ok_or(InvalidTerritory::Code)?;
        room.copy_from_slice(code.as_bytes());
        room.make_ascii_uppercase();
        if room.is_empty() || !room.iter().all(u8::is_ascii_alphanumeric) {
            return Err(InvalidTerritory::Code);
        }
        Ok(Self { bytes, length })
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        let used = self.bytes.get(..usize::from(self.length)).unwrap_or_default();
        std::str::from_utf8(used).unwrap_or_default()
    }
}

impl fmt::Debug for TerritoryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.as_str())
    }
}

impl fmt::Display for TerritoryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for TerritoryCode {
    type Err = InvalidTerritory;

    fn from_str(text: &str) -> Result<Self, InvalidTerritory> {
        Self::new(text)
    }
}

impl PartialEq for TerritoryCode {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for TerritoryCode {}

impl PartialOrd for TerritoryCode {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for TerritoryCode {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl Hash for TerritoryCode {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

/// The identity of an area: its level and its code within that level.
///
/// Its stable text form, also its form in JSON and in a database, is `LEVEL:CODE`: `commune:07186`,
/// `epci:200071413`, `departement:07`, `region:84`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TerritoryId {
    /// The level.
    pub level: Level,
    /// The code within the level.
    pub code: TerritoryCode,
}

impl TerritoryId {
    /// Makes an identity of a level and a code.
    ///
    /// # Errors
    /// `InvalidTerritory::Code` when the code has not the form of one.
    pub fn new(level: Level, code: &str) -> Result<Self, InvalidTerritory> {
        Ok(Self { level, code: TerritoryCode::new(code)? })
    }
}

impl fmt::Display for TerritoryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.level, self.code)
    }
}

impl FromStr for TerritoryId {
    type Err = InvalidTerritory;

    /// Reads `LEVEL:CODE`. Letters of the code may be in lower case; nothing else is forgiven.
    fn from_str(text: &str) -> Result<Self, InvalidTerritory> {
        let (level, code) = text.split_once(':').ok_or(InvalidTerritory::Form)?;
        Self::new(level.parse()?, code)
    }
}

/// Why a text does not name an area.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTerritory {
    /// There is no colon between a level and a code.
    #[error("an area is written LEVEL:CODE")]
    Form,
    /// The word before the colon is not a level.
    #[error("unknown level of territory")]
    Level,
    /// The code is empty, too long, or has other characters than ASCII letters and digits.
    #[error("a code is 1 to 24 ASCII letters and digits")]
    Code,
}

/// A type of this module as the text that `serde` writes and reads.
macro_rules! as_text {
    ($($kind:ty),*) => {$(
        impl From<$kind> for String {
            fn from(value: $kind) -> Self {
                value.to_string()
            }
        }

        impl TryFrom<String> for $kind {
            type Error = InvalidTerritory;

            fn try_from(text: String) -> Result<Self, InvalidTerritory> {
                text.parse()
            }
        }
    )*};
}

as_text!(Level, TerritoryId);

/// Folds a name for comparison: lower case, without accents, ligatures expanded (`œ` gives `oe`), and
/// every run of characters that are neither letters nor digits as one space, none at the ends.
///
/// `L'Haÿ-les-Roses` gives `l hay les roses`. The result is ASCII. Takes time in proportion to the text;
/// scripts other than Latin are transliterated, which may lengthen them several times: whoever reads from
/// strangers bounds the input first.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut gap = false;
    for character in text.chars().filter(|character| !is_invisible(*character)) {
        let letters = if character.is_alphanumeric() { deunicode::deunicode_char(character) } else { None };
        for letter in letters.unwrap_or(" ").chars() {
            if !letter.is_ascii_alphanumeric() {
                gap = true;
                continue;
            }
            if gap && !folded.is_empty() {
                folded.push(' ');
            }
            gap = false;
            folded.push(letter.to_ascii_lowercase());
        }
    }
    folded
}

/// Accents written apart from their letter, and the characters without width: they part no word.
fn is_invisible(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36f}' | '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_area_is_read_back_from_its_text_form() {
        for text in ["commune:07186", "epci:200071413", "departement:2A", "region:84", "hamlet:07186LEBOURG"]
        {
            assert_eq!(text.parse::<TerritoryId>().unwrap().to_string(), text);
        }
        assert_eq!("departement:2a".parse::<TerritoryId>().unwrap().code.as_str(), "2A");
    }

    #[test]
    fn a_text_that_names_no_area_is_refused() {
        let long = format!("commune:{}", "0".repeat(TerritoryCode::MAX + 1));
        let huge = format!("commune:{}", "0".repeat(1_000_000));
        assert_eq!("07186".parse::<TerritoryId>(), Err(InvalidTerritory::Form));
        assert_eq!("canton:0701".parse::<TerritoryId>(), Err(InvalidTerritory::Level));
        for text in ["commune:", "commune:07 186", "commune:é7186", "commune:07186:1", &long, &huge] {
            assert_eq!(text.parse::<TerritoryId>(), Err(InvalidTerritory::Code));
        }
    }

    #[test]
    fn the_same_code_at_two_levels_names_two_areas() {
        let departement = TerritoryId::new(Level::Departement, "84").unwrap();
        let region = TerritoryId::new(Level::Region, "84").unwrap();
        assert_eq!(departement.code, region.code);
        assert_ne!(departement, region);
    }

    #[test]
    fn a_folded_name_has_neither_case_nor_accents_nor_punctuation() {
        for (name, folded) in [
            ("L'Haÿ-les-Roses", "l hay les roses"),
            ("L’Abergement‑Clémenciat", "l abergement clemenciat"),
            ("  Œuilly / ŒUVRE -- naïve Ça  ", "oeuilly oeuvre naive ca"),
            ("E\u{301}toile-sur-Rho\u{302}ne", "etoile sur rhone"),
            ("Straße n°7, 2€ 😀", "strasse n 7 2"),
            ("Saint\u{ad}Étienne", "saintetienne"),
            ("-- \u{0} \n", ""),
            ("", ""),
        ] {
            assert_eq!(fold(name), folded, "{name}");
        }
    }
}
