//! The form of the data file, shared by its one reader (this crate) and its one writer (`clocher-xtask`).
//!
//! Holds sizes, marks and the two fixed-size rows; neither finds nor checks anything. Numbers are
//! little-endian. In this order: the header; the areas, level by level from communes to régions, by code
//! within a level; the retired codes, by code; the distinct postal codes, in order; the postal codes of the
//! areas, as numbers of the former; the texts; the search keys.

/// First bytes of the file: a name and the version of this form.
pub const MAGIC: [u8; 8] = *b"CLOCOG01";

/// Numbers of four bytes after the magic: vintage; counts of communes, EPCI, arrondissements,
/// départements, régions, retired codes, postal codes, postal codes of areas; bytes of texts, bytes of keys.
pub const HEADER_NUMBERS: usize = 11;

/// Bytes of an area.
pub const AREA_BYTES: usize = 22;

/// Bytes of a retired code.
pub const RETIRED_BYTES: usize = 12;

/// A number of three bytes that says "none" (a population).
pub const NONE_24: u32 = 0xff_ffff;

/// A number of two bytes that says "none" (an EPCI, an arrondissement).
pub const NONE_16: u16 = u16::MAX;

/// A number of one byte that says "none" (a département, a région).
pub const NONE_8: u8 = u8::MAX;

/// What stands before each search key, and after the last one.
pub const KEY_MARK: u8 = b'\n';

/// Length of a SIREN, which stands between the code and the name of an area that has one.
pub const SIREN_BYTES: usize = 9;

/// An area as it stands in the file. Parents are numbers within their level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    /// Where its text begins in the texts: code, SIREN if `has_siren`, name.
    pub text: u32,
    /// Where its key begins in the keys, after its mark.
    pub key: u32,
    /// Inhabitants, or [`NONE_24`].
    pub population: u32,
    /// Its EPCI, or [`NONE_16`].
    pub epci: u16,
    /// Its arrondissement, or [`NONE_16`].
    pub arrondissement: u16,
    /// Its département, or [`NONE_8`].
    pub departement: u8,
    /// Its région, or [`NONE_8`].
    pub region: u8,
    /// Where its postal codes begin among those of the areas.
    pub postal: u32,
    /// How many postal codes it has.
    pub postal_count: u8,
    /// Bytes of its code.
    pub code_length: u8,
    /// Bytes of its name.
    pub name_length: u8,
    /// Zone (0 to 2), see `Zone::number`.
    pub zone: u8,
    /// Kind of EPCI (1 to 5), see `EpciKind::number`; 0 for another level.
    pub kind: u8,
    /// Whether a SIREN stands after the code.
    pub has_siren: bool,
}

impl Area {
    /// Writes the row. Offsets and populations above three bytes are cut: the writer checks them first.
    pub fn to_bytes(self) -> [u8; AREA_BYTES] {
        let [t0, t1, t2, _] = self.text.to_le_bytes();
        let [k0, k1, k2, _] = self.key.to_le_bytes();
        let [n0, n1, n2, _] = self.population.to_le_bytes();
        let [e0, e1] = self.epci.to_le_bytes();
        let [a0, a1] = self.arrondissement.to_le_bytes();
        let [p0, p1, p2, _] = self.postal.to_le_bytes();
        let flags = (self.zone & 3) | ((self.kind & 7) << 2) | (u8::from(self.has_siren) << 5);
        [
            t0,
            t1,
            t2,
            k0,
            k1,
            k2,
            n0,
            n1,
            n2,
            e0,
            e1,
            a0,
            a1,
            self.departement,
            self.region,
            p0,
            p1,
            p2,
            self.postal_count,
            self.code_length,
            self.name_length,
            flags,
        ]
    }

    /// Reads a row. Any bytes give a row; what it points at may not exist.
    pub fn from_bytes(bytes: &[u8; AREA_BYTES]) -> Self {
        let [t0, t1, t2, k0, k1, k2, n0, n1, n2, e0, e1, a0, a1, d, r, p0, p1, p2, pc, cl, nl, flags] =
            *bytes;
        Self {
            text: u32::from_le_bytes([t0, t1, t2, 0]),
            key: u32::from_le_bytes([k0, k1, k2, 0]),
            population: u32::from_le_bytes([n0, n1, n2, 0]),
            epci: u16::from_le_bytes([e0, e1]),
            arrondissement: u16::from_le_bytes([a0, a1]),
            departement: d,
            region: r,
            postal: u32::from_le_bytes([p0, p1, p2, 0]),
            postal_count: pc,
            code_length: cl,
            name_length: nl,
            zone: flags & 3,
            kind: (flags >> 2) & 7,
            has_siren: flags & 32 != 0,
        }
    }
}

/// A retired code as it stands in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retired {
    /// The code, five characters.
    pub code: [u8; 5],
    /// The commune that it leads to, as a number among the communes.
    pub successor: u16,
    /// What it is now (0 to 3), see `FormerStatus::number`.
    pub status: u8,
    /// Where its name begins in the texts.
    pub name: u32,
    /// Bytes of its name; 0 when the source has none.
    pub name_length: u8,
}

impl Retired {
    /// Writes the row. An offset above three bytes is cut: the writer checks it first.
    pub fn to_bytes(self) -> [u8; RETIRED_BYTES] {
        let [c0, c1, c2, c3, c4] = self.code;
        let [s0, s1] = self.successor.to_le_bytes();
        let [n0, n1, n2, _] = self.name.to_le_bytes();
        [c0, c1, c2, c3, c4, s0, s1, self.status, n0, n1, n2, self.name_length]
    }

    /// Reads a row. Any bytes give a row; what it points at may not exist.
    pub fn from_bytes(bytes: &[u8; RETIRED_BYTES]) -> Self {
        let [c0, c1, c2, c3, c4, s0, s1, status, n0, n1, n2, name_length] = *bytes;
        Self {
            code: [c0, c1, c2, c3, c4],
            successor: u16::from_le_bytes([s0, s1]),
            status,
            name: u32::from_le_bytes([n0, n1, n2, 0]),
            name_length,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_read_back_as_it_was_written() {
        let area = Area {
            text: 0x01_02_03,
            key: 0x04_05_06,
            population: NONE_24,
            epci: 0x0708,
            arrondissement: NONE_16,
            departement: 9,
            region: NONE_8,
            postal: 0x0a_0b_0c,
            postal_count: 13,
            code_length: 14,
            name_length: 15,
            zone: 2,
            kind: 5,
            has_siren: true,
        };
        assert_eq!(Area::from_bytes(&area.to_bytes()), area);
        let retired =
            Retired { code: *b"07016", successor: 0x0102, status: 3, name: 0x04_05_06, name_length: 7 };
        assert_eq!(Retired::from_bytes(&retired.to_bytes()), retired);
    }
}
