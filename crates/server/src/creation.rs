//! Making an instance: its folder, its database, what founds it, its file.
//!
//! All of it or nothing: a running server sees the folder only when it is complete. Asks nobody anything.

use crate::configuration::{
    ChannelSettings, Database, INSTANCE_FILE, InstanceSettings, PROCESS_FILE, PROCESS_TEMPLATE,
};
use crate::data::Data;
use crate::domain;
use crate::failure::{Failure, Outcome};
use clocher_app::founding::{self, Founding};
use clocher_app::sessions::SignInLink;
use clocher_app::{App, Clock};
use clocher_domain::Refusal;
use clocher_storage::Db;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// An instance that is to be.
#[derive(Clone, Debug)]
pub struct NewInstance {
    /// Its domain, as [`domain::parse`] gives it.
    pub domain: String,
    /// Where it keeps its data.
    pub database: Database,
    /// What founds it.
    pub founding: Founding,
}

/// Makes an instance and gives the administrator's one-time sign-in link.
///
/// # Errors
/// Where there is one of that domain, or founding it fails: nothing is changed then.
pub async fn create(data: &Data, new: NewInstance, clock: Arc<dyn Clock>) -> Outcome<SignInLink> {
    let folder = data.folder(&new.domain);
    let exists =
        || Failure::failed("instance-exists").with("domain", &new.domain).with("folder", folder.display());
    if folder.symlink_metadata().is_ok() {
        return Err(exists());
    }
    data.prepare()?;
    let draft = Draft::begin(data, &new.domain)?;
    let app =
        App::new(Db::new(new.database.location(&draft.0)), domain::site(&new.domain), Arc::clone(&clock));
    let link = founding::found(&app, new.founding).await.map_err(|error| match error.refusal() {
        Some(Refusal::NotPossible) => Failure::failed("database-occupied"),
        _ => error.into(),
    })?;
    drop(app);
    let settings = InstanceSettings {
        domain: new.domain.clone(),
        database: new.database,
        channels: ChannelSettings::default(),
    };
    write_new(&draft.0.join(INSTANCE_FILE), &settings.write())?;
    write_template(data)?;
    draft.finish(&folder).map_err(|error| match error.kind() {
        io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => {
            exists()
        }
        _ => Failure::file(&folder, &error),
    })?;
    Ok(link)
}

/// A folder that is not an instance yet, removed unless it becomes one.
struct Draft(PathBuf);

impl Draft {
    fn begin(data: &Data, domain: &str) -> Outcome<Self> {
        // The dot hides it from whoever lists instances.
        let path = data.path().join(format!(".{domain}.{}", std::process::id()));
        let made = DirBuilder::new().mode(0o700).create(&path);
        made.map_err(|error| Failure::file(&path, &error))?;
        Ok(Self(path))
    }

    fn finish(self, folder: &Path) -> io::Result<()> {
        // Fails where a folder with anything in it has come there meanwhile.
        std::fs::rename(&self.0, folder)?;
        folder.parent().map_or(Ok(()), |parent| File::open(parent)?.sync_all())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if self.0.exists() {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }
}

/// Writes a file that is nobody else's to read: it may hold the password of a database.
fn write_new(path: &Path, text: &str) -> Outcome {
    let write = || {
        let mut file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    write().map_err(|error| Failure::file(path, &error))
}

/// Writes the file of the process, unless there is one.
fn write_template(data: &Data) -> Outcome {
    let path = data.path().join(PROCESS_FILE);
    if path.exists() { Ok(()) } else { write_new(&path, PROCESS_TEMPLATE) }
}
