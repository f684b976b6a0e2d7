//! The data folder: one folder for each instance, named after its domain.
//!
//! Founds nothing (that is `creation`) and locks nothing.

use crate::configuration::{INSTANCE_FILE, InstanceSettings, Value};
use crate::domain;
use crate::failure::{Failure, Outcome};
use clocher_app::{App, Clock};
use clocher_storage::Db;
use std::fs::DirBuilder;
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where the data of a machine is, where it is installed.
const INSTALLED: &str = "/var/lib/clocher";
/// Where it is otherwise.
const BESIDE: &str = "clocher-data";

/// The folder that holds the instances.
#[derive(Clone, Debug)]
pub struct Data(PathBuf);

/// What tells a folder from another one of the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity(u64, u64);

impl Data {
    /// That folder; without one, `/var/lib/clocher` where it exists, else `clocher-data` in the current
    /// folder.
    pub fn at(path: Option<PathBuf>) -> Self {
        let path = path.filter(|path| !path.as_os_str().is_empty());
        let installed = || Some(PathBuf::from(INSTALLED)).filter(|path| path.is_dir());
        Self(path.or_else(installed).unwrap_or_else(|| PathBuf::from(BESIDE)))
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The folder of an instance.
    pub fn folder(&self, domain: &str) -> PathBuf {
        self.0.join(domain)
    }

    /// Makes the folder if it does not exist, for this user alone.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn prepare(&self) -> Outcome {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&self.0);
        made.map_err(|error| Failure::file(&self.0, &error))
    }

    /// The domains of the instances in it, in order. Folders whose name begins with a dot are not looked at.
    ///
    /// # Errors
    /// Where the folder cannot be read.
    pub fn domains(&self) -> Outcome<Vec<String>> {
        let failed = |error: std::io::Error| Failure::file(&self.0, &error);
        let mut domains = Vec::new();
        for entry in std::fs::read_dir(&self.0).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            // What is there and may not be looked into is an instance all the same: whoever opens it is told why not.
            let found = entry.path().join(INSTANCE_FILE).symlink_metadata();
            let is_absent = found
                .is_err_and(|error| matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory));
            if !name.starts_with('.') && !is_absent {
                domains.push(name);
            }
        }
        domains.sort_unstable();
        Ok(domains)
    }

    /// The folder that an instance is in now; `None` where there is none.
    pub fn identity(&self, domain: &str) -> Option<Identity> {
        let metadata = std::fs::metadata(self.folder(domain)).ok()?;
        Some(Identity(metadata.dev(), metadata.ino()))
    }

    /// An instance, whose database is not opened yet. `others` override its file.
    ///
    /// # Errors
    /// Where its file is missing or wrong, or the folder does not bear its domain.
    pub fn open(&self, domain: &str, others: &[Value], clock: Arc<dyn Clock>) -> Outcome<App> {
        let folder = self.folder(domain);
        let settings = InstanceSettings::read(&folder, others)?;
        if settings.domain != domain || domain::parse(domain).as_deref() != Some(domain) {
            return Err(Failure::failed("instance-folder-name")
                .with("folder", folder.display())
                .with("domain", settings.domain));
        }
        let app = App::new(Db::new(settings.database.location(&folder)), domain::site(domain), clock);
        app.set_desk(settings.channels.desk(&folder));
        Ok(app)
    }

    /// The instance that is meant: the named one, or the only one. Says also whether it is the only one.
    ///
    /// # Errors
    /// Where there is none, or several and none is named.
    pub fn choose(&self, named: Option<&str>) -> Outcome<(String, bool)> {
        let domains = if self.0.is_dir() { self.domains()? } else { Vec::new() };
        let alone = domains.len() == 1;
        if let Some(named) = named {
            let wanted = domain::parse(named).unwrap_or_else(|| named.to_owned());
            if domains.contains(&wanted) {
                return Ok((wanted, alone));
            }
            let unknown = Failure::failed("instance-unknown").with("domain", named);
            return Err(unknown.with("folder", self.0.display()).lines(domains));
        }
        match domains.as_slice() {
            [] => Err(Failure::failed("instance-none").with("folder", self.0.display())),
            [only] => Ok((only.clone(), true)),
            _ => Err(Failure::wrong("instance-several").lines(domains)),
        }
    }
}
