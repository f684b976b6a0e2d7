//! The configuration of one instance: `instance.toml` in its folder.
//!
//! What an instance says of itself (name, territory, language) is in its database.

use super::channels::ChannelSettings;
use super::nearest::unknown;
use super::source::Value;
use super::{INSTANCE_FILE, file};
use crate::failure::{Failure, Outcome};
use clocher_storage::Location;
use std::path::Path;

/// Every key of an instance.
pub(super) const INSTANCE_KEYS: [&str; 5] =
    ["domain", "database.url", "database.schema", "channels.outbox_files", "channels.digest_hour"];

/// The name of the SQLite database in the folder of an instance.
const SQLITE_FILE: &str = "clocher.sqlite";
/// Longest identifier of PostgreSQL, in bytes.
const LONGEST_SCHEMA: usize = 63;

/// Where an instance keeps its data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Database {
    /// In a SQLite file of its folder.
    #[default]
    Sqlite,
    /// In a schema of a PostgreSQL database.
    Postgres {
        /// `postgres://…`.
        url: String,
        /// The schema.
        schema: String,
    },
}

impl Database {
    /// Reads `sqlite` or a PostgreSQL address, for an instance of that domain; `None` for anything else.
    pub fn parse(url: &str, domain: &str) -> Option<Self> {
        if url == "sqlite" {
            return Some(Self::Sqlite);
        }
        let is_postgres = url.starts_with("postgres://") || url.starts_with("postgresql://");
        is_postgres.then(|| Self::Postgres { url: url.to_owned(), schema: schema_of(domain) })
    }

    /// What the last of these values say, for an instance of that domain; without any, SQLite.
    ///
    /// # Errors
    /// Where a value is not one of its key. An address is not repeated: it may hold a password.
    pub fn of(values: &[Value], domain: &str) -> Outcome<Self> {
        let last = |key: &str| values.iter().rfind(|value| value.key == key);
        let mut database = match last("database.url") {
            Some(value) => Self::parse(&value.text, domain)
                .ok_or_else(|| Failure::wrong("database-invalid").with("source", &value.source))?,
            None => Self::Sqlite,
        };
        if let (Some(value), Self::Postgres { schema, .. }) = (last("database.schema"), &mut database) {
            if !is_schema(&value.text) {
                return Err(value.refused("a–z 0–9 _"));
            }
            schema.clone_from(&value.text);
        }
        Ok(database)
    }

    /// Where it is, for an instance of that folder.
    pub fn location(&self, folder: &Path) -> Location {
        match self {
            Self::Sqlite => Location::Sqlite(folder.join(SQLITE_FILE)),
            Self::Postgres { url, schema } => Location::Postgres { url: url.clone(), schema: schema.clone() },
        }
    }
}

/// The configuration of an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstanceSettings {
    /// Its domain, with its port where that is not the default one.
    pub domain: String,
    /// Where it keeps its data.
    pub database: Database,
    /// How mail is carried.
    pub channels: ChannelSettings,
}

impl InstanceSettings {
    /// Reads the file of an instance's folder, then lets other values override it.
    ///
    /// # Errors
    /// Where there is no such file, a key is unknown or missing, or a value is not one of its key.
    pub fn read(folder: &Path, others: &[Value]) -> Outcome<Self> {
        let path = folder.join(INSTANCE_FILE);
        let values = file::read(&path)?
            .ok_or_else(|| Failure::failed("instance-file-missing").with("path", path.display()))?;
        if let Some(value) = values.iter().find(|value| !INSTANCE_KEYS.contains(&value.key.as_str())) {
            return Err(unknown(value, &INSTANCE_KEYS));
        }
        let domain = values
            .iter()
            .find(|value| value.key == "domain")
            .map(|value| value.text.clone())
            .ok_or_else(|| Failure::wrong("instance-domain-missing").with("path", path.display()))?;
        let values = [values.as_slice(), others].concat();
        let (database, channels) = (Database::of(&values, &domain)?, ChannelSettings::of(&values)?);
        Ok(Self { domain, database, channels })
    }

    /// The file that says this.
    pub fn write(&self) -> String {
        let quote = |text: &str| toml::Value::from(text).to_string();
        let (url, schema) = match &self.database {
            Database::Sqlite => ("sqlite", None),
            Database::Postgres { url, schema } => (url.as_str(), Some(schema)),
        };
        let schema = schema.map_or_else(String::new, |schema| format!("schema = {}\n", quote(schema)));
        format!(
            "# Clocher : une instance / one instance.\n\
             \n\
             # Le domaine ; le dossier porte son nom. Il est dans toutes les adresses déjà données : il ne change plus.\n\
             # The domain; the folder bears its name. It is in every address given out already: it changes no more.\n\
             domain = {domain}\n\
             \n\
             [database]\n\
             # \"sqlite\" (le fichier {SQLITE_FILE} de ce dossier) ou \"postgres://…\" avec un schéma.\n\
             # \"sqlite\" (the file {SQLITE_FILE} of this folder) or \"postgres://…\" with a schema.\n\
             url = {url}\n\
             {schema}\n\
             {channels}",
            channels = self.channels.write(),
            domain = quote(&self.domain),
            url = quote(url),
        )
    }
}

fn is_schema(text: &str) -> bool {
    let shaped = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    shaped && text.starts_with(|first: char| first.is_ascii_lowercase()) && text.len() <= LONGEST_SCHEMA
}

/// The PostgreSQL schema of a domain: two domains never have the same.
///
/// Letters, digits and dots are told apart by it; a domain with anything else, or too long, gets a number
/// made of all its characters.
fn schema_of(domain: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let name: String = domain.bytes().map(|byte| if plain(byte) { char::from(byte) } else { '_' }).collect();
    let schema = format!("clocher_{name}");
    if schema.len() <= LONGEST_SCHEMA && domain.bytes().all(|byte| plain(byte) || byte == b'.') {
        return schema;
    }
    // FNV-1a, 64 bits.
    let number = domain.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let kept: String = schema.chars().take(LONGEST_SCHEMA - 17).collect();
    format!("{kept}_{number:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::configuration::Source;
    use crate::language::Language;

    fn read(text: &str, others: &[Value]) -> Outcome<InstanceSettings> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(INSTANCE_FILE), text).unwrap();
        InstanceSettings::read(folder.path(), others)
    }

    #[test]
    fn what_is_written_is_read_back() {
        for database in ["sqlite", "postgres://u:p\"\\@h/d?a=b"] {
            let settings = InstanceSettings {
                domain: "lamastre.localhost:8080".into(),
                database: Database::parse(database, "lamastre.localhost:8080").unwrap(),
                channels: ChannelSettings { outbox_files: database == "sqlite", digest_hour: 18 },
            };
            assert_eq!(read(&settings.write(), &[]).unwrap(), settings);
        }
        assert_eq!(Database::parse("mysql://x", "a.fr"), None);
    }

    #[test]
    fn another_value_overrides_the_database() {
        let other = Value {
            key: "database.url".into(),
            text: "postgres://h/d".into(),
            source: Source::Environment("CLOCHER_DATABASE__URL".into()),
        };
        let settings = read("domain = \"a.fr\"\n", std::slice::from_ref(&other)).unwrap();
        let expected = Database::Postgres { url: "postgres://h/d".into(), schema: "clocher_a_fr".into() };
        assert_eq!(settings.database, expected);
    }

    #[test]
    fn a_wrong_database_is_refused_without_repeating_its_password() {
        let failure = read("domain = \"a.fr\"\ndatabase.url = \"pg://u:secret@h/d\"\n", &[]).unwrap_err();
        let text = failure.text(Language::En);
        assert!(text.contains("instance.toml:2") && !text.contains("secret"), "{text}");
        let text = "domain = \"a.fr\"\ndatabase = { url = \"postgres://h/d\", schema = \"a\\\"b\" }\n";
        assert_eq!(read(text, &[]).unwrap_err().key(), "configuration-value");
    }

    #[test]
    fn an_unknown_key_names_the_nearest_known_one() {
        let failure = read("domain = \"a.fr\"\n[database]\nuri = \"sqlite\"\n", &[]).unwrap_err();
        let text = failure.text(Language::En);
        assert!(text.contains("instance.toml:3") && text.contains("database.url"), "{text}");
        assert_eq!(read("", &[]).unwrap_err().code(), 2);
    }

    #[test]
    fn each_domain_has_a_schema_of_its_own() {
        assert_eq!(schema_of("lamastre.fr"), "clocher_lamastre_fr");
        let long = format!("{}.fr", "a".repeat(60));
        let longer = format!("{}b.fr", "a".repeat(60));
        let domains = ["a-b.fr", "a.b.fr", "ab.fr", "a.b.fr:81", "a.b-fr", &long, &longer];
        let mut schemas: Vec<String> = domains.iter().map(|domain| schema_of(domain)).collect();
        assert!(schemas.iter().all(|schema| is_schema(schema)), "{schemas:?}");
        schemas.sort();
        schemas.dedup();
        assert_eq!(schemas.len(), domains.len());
    }
}
