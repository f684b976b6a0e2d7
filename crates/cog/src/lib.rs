//! The official areas of France in their 2026 vintage, inside the program: communes, EPCI,
//! arrondissements, départements and régions, with their names, parents, population, SIREN and postal codes.
//!
//! Nothing is read, parsed or copied at start: every answer is read where it lies in the program's own
//! bytes (`data/cog-2026.bin`, made by `clocher-xtask`), and borrows from them. The table knows neither
//! outlines, nor neighbours, nor hamlets, nor retired EPCI: the source has none of them. The
//! établissements publics territoriaux of Greater Paris are left out: they have no tax of their own, and
//! their communes have the Métropole du Grand Paris as EPCI.
//!
//! ```
//! use clocher_cog::{Resolution, children, find, parents, resolve, search};
//! use clocher_domain::territory::Level;
//!
//! let privas = find(Level::Commune, "07186").unwrap();
//! assert_eq!((privas.name, privas.siren), ("Privas", Some("210701868")));
//! assert_eq!(parents(&privas).last().unwrap().name, "Auvergne-Rhône-Alpes");
//! assert_eq!(search("saint etienne", 5)[0].id.to_string(), "commune:42218");
//! assert!(matches!(resolve("07016"), Resolution::Retired { successor, .. } if successor.code() == "07011"));
//! assert_eq!(children(&find(Level::Departement, "07").unwrap(), Level::Commune).len(), 335);
//! ```

mod area;
mod family;
pub mod layout;
pub mod names;
mod resolve;
mod search;
mod table;

pub use area::{EpciKind, PostalCodes, Territory, Zone, all, by_postal_code, find, find_id};
pub use family::{children, direct_parents, parents};
pub use resolve::{Former, FormerStatus, Resolution, resolve, resolve_id};
pub use search::{LONGEST_QUERY, MOST_RESULTS, by_exact_name, search, search_at};

/// The year of the official geographic code: the areas are those of 1 January of that year.
pub const VINTAGE: u16 = 2026;

/// Where the data comes from and under which licence, for people to read: the licence asks that it be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attribution {
    /// In French.
    pub fr: &'static str,
    /// In English.
    pub en: &'static str,
    /// Where the licence is published.
    pub licence: &'static str,
}

/// The attribution of the data of this crate.
pub const ATTRIBUTION: Attribution = Attribution {
    fr: "Découpage administratif au 1er janvier 2026. Sources : INSEE (code officiel géographique, populations \
         légales), DGCL (EPCI à fiscalité propre, SIREN), La Poste (codes postaux), réunies par Etalab \
         (@etalab/decoupage-administratif 6.0.0). Licence Ouverte 2.0.",
    en: "Administrative areas of France on 1 January 2026. Sources: INSEE (official geographic code, legal \
         populations), DGCL (EPCI and SIREN), La Poste (postal codes), put together by Etalab \
         (@etalab/decoupage-administratif 6.0.0). Licence Ouverte 2.0 (Open Licence).",
    licence: "https://www.etalab.gouv.fr/licence-ouverte-open-licence",
};
