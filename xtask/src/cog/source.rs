//! The npm package as it is read: its JSON files, put in order by code.
//!
//! Judges nothing: whether the data holds together is asked of `check`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use clocher_cog::FormerStatus;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// The version of the package that this reads.
const VERSION: &str = "6.0.0";

/// What the data file is made of, each list by code.
pub struct Source {
    pub communes: Vec<Commune>,
    pub epcis: Vec<Epci>,
    pub arrondissements: Vec<Division>,
    pub departements: Vec<Division>,
    pub regions: Vec<Division>,
    pub retired: BTreeMap<String, Retired>,
}

/// An entry of `communes.json`: a commune, or a part of one.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Commune {
    pub code: String,
    pub nom: String,
    pub r#type: String,
    pub zone: String,
    pub departement: String,
    pub region: String,
    /// Absent or empty where there is none.
    #[serde(default)]
    pub arrondissement: String,
    pub siren: Option<String>,
    pub population: Option<u32>,
    #[serde(default)]
    pub codes_postaux: Vec<String>,
    #[serde(default)]
    anciens_codes: Vec<String>,
    /// Of a commune déléguée or associée: the commune that contains it.
    chef_lieu: Option<String>,
    /// Of an arrondissement municipal: the commune that contains it.
    #[serde(rename = "commune")]
    inside: Option<String>,
}

/// An entry of `epci.json`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Epci {
    pub code: String,
    pub nom: String,
    pub r#type: String,
    pub population_municipale: Option<u32>,
    pub membres: Vec<Member>,
}

/// A commune of an EPCI.
#[derive(Deserialize)]
pub struct Member {
    pub code: String,
    pub siren: Option<String>,
}

/// An entry of `arrondissements.json`, `departements.json` or `regions.json`.
#[derive(Deserialize)]
pub struct Division {
    pub code: String,
    pub nom: String,
    /// Of an arrondissement.
    pub departement: Option<String>,
    /// Of an arrondissement or a département.
    pub region: Option<String>,
    /// Of a département or a région.
    pub zone: Option<String>,
}

/// What a retired code leads to.
pub struct Retired {
    /// Code of the commune that contains it today.
    pub successor: String,
    pub status: FormerStatus,
    /// Empty where the source has none.
    pub name: String,
}

impl Source {
    /// Reads the unpacked package.
    ///
    /// # Errors
    /// A message for people: which file cannot be read, or is not of the expected shape or version.
    pub fn read(directory: &Path) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Package {
            version: String,
        }
        let package: Package = read(&directory.join("package.json"))?;
        if package.version != VERSION {
            return Err(format!("this is version {} of the package; expected {VERSION}", package.version));
        }
        let data = directory.join("data");
        let entries: Vec<Commune> = read(&data.join("communes.json"))?;
        let (mut communes, parts): (Vec<_>, Vec<_>) =
            entries.into_iter().partition(|entry| entry.r#type == "commune-actuelle");
        let retired = retired(&communes, &parts)?;
        communes.sort_by(|a, b| a.code.cmp(&b.code));
        let mut epcis: Vec<Epci> = read(&data.join("epci.json"))?;
        epcis.sort_by(|a, b| a.code.cmp(&b.code));
        Ok(Self {
            communes,
            epcis,
            arrondissements: divisions(&data.join("arrondissements.json"))?,
            departements: divisions(&data.join("departements.json"))?,
            regions: divisions(&data.join("regions.json"))?,
            retired,
        })
    }
}

/// The retired codes: former codes of the communes, then the parts of communes. Where both speak, the part
/// knows better (its record is of this vintage, and it has a name). Many communes déléguées bear the code
/// of the commune that contains them: such a code is not retired.
fn retired(communes: &[Commune], parts: &[Commune]) -> Result<BTreeMap<String, Retired>, String> {
    let mut retired = BTreeMap::new();
    for commune in communes {
        for code in &commune.anciens_codes {
            let merged = Retired {
                successor: commune.code.clone(),
                status: FormerStatus::Merged,
                name: String::new(),
            };
            if retired.insert(code.clone(), merged).is_some() {
                return Err(format!("two communes claim the former code {code}"));
            }
        }
    }
    let current: BTreeSet<&str> = communes.iter().map(|commune| commune.code.as_str()).collect();
    for part in parts {
        let (status, successor) = match part.r#type.as_str() {
            "commune-deleguee" => (FormerStatus::Delegated, &part.chef_lieu),
            "commune-associee" => (FormerStatus::Associated, &part.chef_lieu),
            "arrondissement-municipal" => (FormerStatus::Ward, &part.inside),
            other => return Err(format!("{} is of an unknown type: {other}", part.code)),
        };
        let successor =
            successor.clone().ok_or_else(|| format!("{} names no commune that contains it", part.code))?;
        if !current.contains(part.code.as_str()) {
            retired.insert(part.code.clone(), Retired { successor, status, name: part.nom.clone() });
        }
    }
    Ok(retired)
}

/// Reads a list of divisions, by code.
fn divisions(path: &Path) -> Result<Vec<Division>, String> {
    let mut divisions: Vec<Division> = read(path)?;
    divisions.sort_by(|a, b| a.code.cmp(&b.code));
    Ok(divisions)
}

/// Reads a JSON file.
fn read<T: DeserializeOwned>(path: &Path) -> Result<T, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
}
