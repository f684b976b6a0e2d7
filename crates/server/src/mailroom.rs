//! The worker that tells the people of an instance: it writes the ledger, and hands to the channel what is due.
//!
//! Woken by the commit of what it is to do, and by the clock for digests. A restored or copied database sends nothing
//! until an administrator confirms it: its marker is not the one of the folder.

use crate::served::Served;
use clocher_app::marker::{self, Found, Marker};
use clocher_app::ports::Seal;
use clocher_app::sending::Desk;
use clocher_app::{App, Result, joining, ledger, sending};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// The name of the file that holds the marker, in the folder of the instance.
const FILE: &str = "marker";
/// After how long the worker looks again though nothing woke it.
const LOOK_AGAIN: Duration = Duration::from_mins(1);
/// After how long it tries again when storage or the channel failed.
const AFTER_ERROR: Duration = Duration::from_secs(1);

/// Works until `stop` turns true. Without a folder, there is no marker to compare.
pub(crate) async fn run(
    app: App,
    folder: Option<PathBuf>,
    served: Arc<Served>,
    mut stop: watch::Receiver<bool>,
) {
    let desk = app.desk();
    // Where nothing is carried out of here, nothing can be sent twice.
    let mut sealed = folder.filter(|_| desk.mail.is_some());
    let mut is_told = false;
    while !*stop.borrow() {
        let turn = async {
            if let Some(folder) = &sealed {
                if !admit(&app, folder).await? {
                    return Ok(Turn::Stopped);
                }
                sealed = None;
            }
            work(&app, &desk, &served, &stop).await.map(Turn::Done)
        };
        let wait = match turn.await {
            Ok(Turn::Done(due)) => until(&app, due),
            Ok(Turn::Stopped) => {
                if !is_told {
                    is_told = true;
                    let domain = app.site().domain();
                    tracing::error!(
                        instance = domain,
                        "the database was restored or copied: nothing is sent before `clocher channel confirm --instance {domain}`"
                    );
                }
                LOOK_AGAIN
            }
            Err(error) => {
                tracing::warn!(instance = app.site().domain(), %error, "people are not told yet");
                AFTER_ERROR
            }
        };
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => {}
            () = app.wakers().ledger.notified() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// How a turn of the worker ended.
enum Turn {
    /// All is done that is due; when something is due next.
    Done(Option<i64>),
    /// Nothing may be sent.
    Stopped,
}

/// Does all that is to be done now; gives when something is due next.
async fn work(app: &App, desk: &Desk, served: &Served, stop: &watch::Receiver<bool>) -> Result<Option<i64>> {
    if desk.mail.is_some() {
        joining::tick(app).await?;
        while !*stop.borrow() && joining::match_next(app, served).await? {}
    }
    while !*stop.borrow() && (ledger::fan_out_next(app, desk).await? || sending::send_next(app, desk).await?)
    {
    }
    if desk.mail.is_some() { sending::next_due(app).await } else { Ok(None) }
}

fn until(app: &App, due: Option<i64>) -> Duration {
    let millis = due.map_or(u64::MAX, |due| u64::try_from(due - app.now().0).unwrap_or(0));
    Duration::from_millis(millis.max(20)).min(LOOK_AGAIN)
}

/// Whether the instance of that folder may send; if so, both have the same marker from now on.
async fn admit(app: &App, folder: &Path) -> Result<bool> {
    let failed = |error: io::Error| clocher_app::Error::Internal(format!("the marker: {error}"));
    let found = read(folder).map_err(failed)?;
    let Some(marker) = marker::judge(app, found).await? else { return Ok(false) };
    write(folder, &marker).map_err(failed)?;
    Ok(true)
}

/// The marker that a folder holds. A file that was copied is not where it was written: it names its own inode.
fn read(folder: &Path) -> io::Result<Found> {
    let path = folder.join(FILE);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(error) => return Err(error),
    };
    let inode = std::fs::metadata(&path)?.ino().to_string();
    let mut words = text.split_whitespace();
    let marker = words.next().zip(words.next().and_then(|turn| turn.parse().ok()));
    Ok(match marker.filter(|_| words.next() == Some(&inode)) {
        Some((name, turn)) => Found::Marker(Marker { name: name.to_owned(), turn }),
        None => Found::Copy,
    })
}

/// The folder of an instance, which counts what is sent.
pub(crate) struct Folder(pub PathBuf);

impl Seal for Folder {
    fn write(&self, marker: &Marker) -> io::Result<()> {
        write(&self.0, marker)
    }
}

/// Writes the marker of a folder. A power cut may leave an older one, which does no harm.
pub(crate) fn write(folder: &Path, marker: &Marker) -> io::Result<()> {
    let draft = folder.join(".marker.draft");
    let mut file =
        std::fs::OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&draft)?;
    let inode = file.metadata()?.ino();
    file.write_all(format!("{} {} {inode}\n", marker.name, marker.turn).as_bytes())?;
    std::fs::rename(&draft, folder.join(FILE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_is_read_where_it_was_written_and_a_copy_is_known() {
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        assert_eq!(read(here.path()).unwrap(), Found::Nothing);
        let marker = Marker { name: "abc".into(), turn: 7 };
        write(here.path(), &marker).unwrap();
        assert_eq!(read(here.path()).unwrap(), Found::Marker(marker));
        std::fs::copy(here.path().join(FILE), there.path().join(FILE)).unwrap();
        assert_eq!(read(there.path()).unwrap(), Found::Copy);
    }
}
