//! The configuration of the process: `clocher.toml` in the data folder.
//!
//! Says nothing of any one instance.

use super::nearest::unknown;
use super::source::Value;
use super::{PROCESS_FILE, file};
use crate::failure::Outcome;
use clocher_federation::Siblings;
use std::net::SocketAddr;
use std::path::Path;

/// Every key of the process.
pub(super) const PROCESS_KEYS: [&str; 4] =
    ["server.listen", "server.workers", "federation.siblings", "log.level"];

/// Most threads that answer HTTP.
const MOST_WORKERS: usize = 256;

/// The file as it is first written: every key with its default value, as a comment.
pub const TEMPLATE: &str = r#"# Clocher : configuration du processus / configuration of the process.
#
# Une ligne commentée montre la valeur par défaut. / A commented line shows the default value.
# Une variable CLOCHER_SECTION__CLÉ ou une option de la ligne de commande l'emporte sur ce fichier.
# A variable CLOCHER_SECTION__KEY or a flag of the command line overrides this file.

[server]
# Adresse et port d'écoute. / Address and port to listen on.
#listen = "127.0.0.1:8080"

# Fils d'exécution qui répondent en HTTP ; par défaut deux, ou un seul sur une machine à un cœur.
# Threads that answer HTTP; by default two, or one on a machine with a single core.
#workers = 2

[federation]
# Entre instances de ce processus : "direct" (en mémoire) ou "http" (comme avec tout le monde).
# Between instances of this process: "direct" (in memory) or "http" (as with anybody).
#siblings = "direct"

[log]
# error, warn, info, debug, trace, ou par module : "info,clocher_federation=debug".
# error, warn, info, debug, trace, or by module: "info,clocher_federation=debug".
#level = "info"
"#;

/// The configuration of the process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessSettings {
    /// `server.listen`.
    pub listen: SocketAddr,
    /// `server.workers`; by default what the machine has, at most two.
    pub workers: Option<usize>,
    /// `federation.siblings`.
    pub siblings: Siblings,
    /// `log.level`, as `tracing` takes it.
    pub log: String,
}

impl Default for ProcessSettings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            workers: None,
            siblings: Siblings::Direct,
            log: "info".to_owned(),
        }
    }
}

impl ProcessSettings {
    /// Reads the file of a data folder, if there is one, then lets the other values override it in order.
    ///
    /// # Errors
    /// Where a key is unknown, or a value is not one of its key.
    pub fn read(data: &Path, others: &[Value]) -> Outcome<Self> {
        let values = file::read(&data.join(PROCESS_FILE))?.unwrap_or_default();
        let mut settings = Self::default();
        values.iter().chain(others).try_for_each(|value| settings.set(value))?;
        Ok(settings)
    }

    fn set(&mut self, value: &Value) -> Outcome {
        let text = value.text.trim();
        match value.key.as_str() {
            "server.listen" => {
                self.listen = text.parse().map_err(|_| value.refused("127.0.0.1:8080, [::]:8080"))?;
            }
            "server.workers" => {
                let number = text.parse().ok().filter(|number| (1..=MOST_WORKERS).contains(number));
                self.workers = Some(number.ok_or_else(|| value.refused("1–256"))?);
            }
            "federation.siblings" => {
                self.siblings = match text {
                    "direct" => Siblings::Direct,
                    "http" => Siblings::Http,
                    _ => return Err(value.refused("direct, http")),
                };
            }
            "log.level" => {
                let fits = tracing_subscriber::EnvFilter::try_new(text).is_ok();
                if text.is_empty() || !fits {
                    return Err(value.refused("error, warn, info, debug, trace"));
                }
                text.clone_into(&mut self.log);
            }
            _ => return Err(unknown(value, &PROCESS_KEYS)),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::configuration::Source;
    use crate::language::Language;

    fn read(text: &str, others: &[Value]) -> Outcome<ProcessSettings> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(PROCESS_FILE), text).unwrap();
        ProcessSettings::read(folder.path(), others)
    }

    fn refusal(text: &str) -> String {
        let failure = read(text, &[]).unwrap_err();
        assert_eq!(failure.code(), 2);
        failure.text(Language::En)
    }

    #[test]
    fn the_file_that_is_first_written_changes_nothing_and_shows_every_key() {
        assert_eq!(read(TEMPLATE, &[]).unwrap(), ProcessSettings::default());
        let opened: String = TEMPLATE
            .lines()
            .map(|line| if line.starts_with('#') && !line.starts_with("# ") { &line[1..] } else { line })
            .fold(String::new(), |text, line| text + line + "\n");
        let shown = read(&opened.replace("#\n", "\n"), &[]).unwrap();
        assert_eq!(ProcessSettings { workers: None, ..shown }, ProcessSettings::default());
        for key in PROCESS_KEYS {
            let name = key.split('.').next_back().unwrap();
            assert!(TEMPLATE.contains(&format!("#{name} = ")), "{key}");
        }
    }

    #[test]
    fn later_values_override_earlier_ones() {
        let flag = Value {
            key: "server.listen".into(),
            text: "127.0.0.1:3".into(),
            source: Source::Flag("--listen"),
        };
        let settings = read("[server]\nlisten = \"127.0.0.1:2\"\nworkers = 3\n", &[flag]).unwrap();
        assert_eq!((settings.listen.port(), settings.workers), (3, Some(3)));
    }

    #[test]
    fn an_unknown_key_names_its_line_and_the_nearest_known_one() {
        let text = refusal("[server]\n\nlisten_on = \"127.0.0.1:1\"\n");
        assert!(text.contains("clocher.toml:3") && text.contains("server.listen_on"), "{text}");
        assert!(text.ends_with("is server.listen"), "{text}");
    }

    #[test]
    fn test_hosts_are_no_key() {
        assert!(refusal("[federation]\ntest_hosts = [\"a.test\"]\n").contains("federation.test_hosts"));
        assert!(refusal("[[federation.test_hosts]]\nhost = \"a\"\n").contains("federation.test_hosts"));
        assert!(refusal("[federation.test_hosts]\nhost = \"a\"\n").contains("federation.test_hosts"));
    }

    #[test]
    fn a_value_of_another_kind_is_refused() {
        for text in [
            "[server]\nlisten = 8080\n",
            "[server]\nworkers = 0\n",
            "[server]\nworkers = \"many\"\n",
            "[federation]\nsiblings = \"mail\"\n",
            "[log]\nlevel = \"\"\n",
            "[log]\nlevel = \"clocher=loud\"\n",
        ] {
            assert!(refusal(text).contains("clocher.toml:2"), "{text}");
        }
    }
}
