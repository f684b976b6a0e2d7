//! Which instances of the data folder a process serves: it admits those that appear, and lets go of those
//! that are gone.
//!
//! Looks when it is asked to. A changed `instance.toml` is not read again before the next start.

use crate::configuration::Value;
use crate::data::{Data, Identity};
use crate::failure::{Failure, Outcome};
use crate::lock::Lock;
use crate::process::{Process, Running};
use crate::summons;
use clocher_app::{App, Clock};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::SystemTime;

/// Keeps what is served in step with the data folder.
pub struct Admission {
    data: Data,
    /// What overrides the file of an instance that is the only one.
    others: Vec<Value>,
    clock: Arc<dyn Clock>,
    known: HashMap<String, Known>,
}

/// What became of an instance that was found.
enum Known {
    Served(Served),
    Refused(Failure),
}

/// An instance that is served.
struct Served {
    identity: Identity,
    app: App,
    /// When a command last called its workers.
    called: Option<SystemTime>,
}

/// What a look found.
#[derive(Default)]
pub struct Look {
    /// Instances that are served from now on.
    pub admitted: Vec<(App, Lock)>,
    /// Instances that are not, and why; not again what an earlier look said.
    pub refused: Vec<(String, Failure)>,
    /// Instances whose workers a command has called.
    pub called: Vec<App>,
    /// Instances that are served no more.
    pub gone: Vec<String>,
}

impl Admission {
    /// Serves nothing yet.
    pub fn new(data: Data, others: Vec<Value>, clock: Arc<dyn Clock>) -> Self {
        Self { data, others, clock, known: HashMap::new() }
    }

    /// Looks at the folder.
    ///
    /// # Errors
    /// Where it cannot be read: what is served then stays so.
    pub fn look(&mut self) -> Outcome<Look> {
        let domains = self.data.domains()?;
        let mut look = Look::default();
        self.known.retain(|domain, known| match known {
            Known::Served(served) => {
                let identity = Some(served.identity);
                let stays = domains.contains(domain) && self.data.identity(domain) == identity;
                let called = summons::last(&self.data.folder(domain));
                if stays && called != served.called {
                    served.called = called;
                    look.called.push(served.app.clone());
                }
                if !stays {
                    look.gone.push(domain.clone());
                }
                stays
            }
            Known::Refused(_) => domains.contains(domain),
        });
        let alone = domains.len() == 1;
        for domain in domains {
            if matches!(self.known.get(&domain), Some(Known::Served(_))) {
                continue;
            }
            let known = match self.admit(&domain, alone) {
                Ok((app, lock, identity)) => {
                    let called = summons::last(&self.data.folder(&domain));
                    look.admitted.push((app.clone(), lock));
                    Known::Served(Served { identity, app, called })
                }
                Err(failure) => {
                    let before = self.known.get(&domain);
                    if !matches!(before, Some(Known::Refused(before)) if *before == failure) {
                        look.refused.push((domain.clone(), failure.clone()));
                    }
                    Known::Refused(failure)
                }
            };
            self.known.insert(domain, known);
        }
        Ok(look)
    }

    fn admit(&self, domain: &str, alone: bool) -> Outcome<(App, Lock, Identity)> {
        let folder = self.data.folder(domain);
        let missing = || Failure::failed("instance-file-missing").with("path", folder.display());
        let identity = self.data.identity(domain).ok_or_else(missing)?;
        let others = if alone { self.others.as_slice() } else { &[] };
        let app = self.data.open(domain, others, Arc::clone(&self.clock))?;
        let lock = Lock::take(&folder).map_err(|error| Failure::file(&folder, &error))?;
        let lock = lock.ok_or_else(|| Failure::failed("instance-locked").with("domain", domain))?;
        Ok((app, lock, identity))
    }
}

impl Look {
    /// Adds what it admitted to a process that does not serve yet.
    pub fn begin(self, process: &mut Process) {
        for (app, lock) in self.admitted {
            process.add(app, Some(lock));
        }
    }

    /// Makes a process that serves follow.
    pub fn apply(self, running: &Running) {
        for domain in self.gone {
            tracing::info!(instance = domain, "served no more: its folder is gone");
            running.remove(&domain);
        }
        for (app, lock) in self.admitted {
            tracing::info!(instance = app.site().domain(), "served from now on");
            running.add(app, Some(lock));
        }
        self.called.iter().for_each(summons::wake);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clocher_app::SystemClock;
    use std::fs;

    fn put(data: &Data, domain: &str) {
        fs::create_dir_all(data.folder(domain)).unwrap();
        let file = data.folder(domain).join(crate::configuration::INSTANCE_FILE);
        fs::write(file, format!("domain = \"{domain}\"\n")).unwrap();
    }

    fn domains(look: &Look) -> Vec<String> {
        look.admitted.iter().map(|(app, _)| app.site().domain().to_owned()).collect()
    }

    #[test]
    fn instances_come_and_go_with_their_folders() {
        let folder = tempfile::tempdir().unwrap();
        let data = Data::at(Some(folder.path().to_owned()));
        let mut admission = Admission::new(data.clone(), Vec::new(), Arc::new(SystemClock));
        assert_eq!(domains(&admission.look().unwrap()), Vec::<String>::new());
        put(&data, "a.fr");
        put(&data, ".b.fr.1");
        fs::create_dir(data.folder("c.fr")).unwrap();
        let first = admission.look().unwrap();
        assert_eq!(domains(&first), ["a.fr"]);
        assert_eq!(domains(&admission.look().unwrap()), Vec::<String>::new());
        fs::rename(data.folder("a.fr"), data.folder(".gone")).unwrap();
        put(&data, "a.fr");
        let again = admission.look().unwrap();
        assert_eq!(
            (again.gone.as_slice(), domains(&again)),
            (["a.fr".to_owned()].as_slice(), vec!["a.fr".into()])
        );
        fs::remove_dir_all(data.folder("a.fr")).unwrap();
        assert_eq!(admission.look().unwrap().gone, ["a.fr"]);
    }

    #[test]
    fn a_call_of_the_workers_is_heard_once() {
        let folder = tempfile::tempdir().unwrap();
        let data = Data::at(Some(folder.path().to_owned()));
        put(&data, "a.fr");
        let mut admission = Admission::new(data.clone(), Vec::new(), Arc::new(SystemClock));
        let (app, _lock) = admission.look().unwrap().admitted.remove(0);
        assert!(admission.look().unwrap().called.is_empty());
        summons::call(&app, &data.folder("a.fr")).unwrap();
        assert_eq!(admission.look().unwrap().called.len(), 1);
        assert!(admission.look().unwrap().called.is_empty());
    }

    #[test]
    fn a_wrong_instance_is_refused_once_and_admitted_when_it_is_corrected() {
        let folder = tempfile::tempdir().unwrap();
        let data = Data::at(Some(folder.path().to_owned()));
        put(&data, "a.fr");
        fs::rename(data.folder("a.fr"), data.folder("b.fr")).unwrap();
        let mut admission = Admission::new(data.clone(), Vec::new(), Arc::new(SystemClock));
        let look = admission.look().unwrap();
        assert_eq!(look.refused[0].1.key(), "instance-folder-name");
        assert!(admission.look().unwrap().refused.is_empty());
        put(&data, "b.fr");
        assert_eq!(domains(&admission.look().unwrap()), ["b.fr"]);
    }

    #[test]
    fn an_instance_that_another_process_serves_is_refused_until_it_is_free() {
        let folder = tempfile::tempdir().unwrap();
        let data = Data::at(Some(folder.path().to_owned()));
        put(&data, "a.fr");
        let clock = Arc::new(SystemClock);
        let other = Lock::take(&data.folder("a.fr")).unwrap();
        let mut admission = Admission::new(data, Vec::new(), clock);
        assert_eq!(admission.look().unwrap().refused[0].1.key(), "instance-locked");
        drop(other);
        assert_eq!(domains(&admission.look().unwrap()), ["a.fr"]);
    }
}
