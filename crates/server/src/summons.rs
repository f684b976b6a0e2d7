//! How a command tells the server of an instance that its queues changed: it touches a file.
//!
//! The server sees it when it next looks at the data folder, and wakes the workers. Without a server, nobody
//! is told, and nothing is lost: the queues are in the database.

use clocher_app::App;
use std::io;
use std::path::Path;
use std::time::SystemTime;

/// The name of the file, in the folder of the instance.
const FILE: &str = "wake";

/// Calls the workers of the instance of that folder.
pub(crate) fn call(app: &App, folder: &Path) -> io::Result<()> {
    std::fs::write(folder.join(FILE), app.now().0.to_string())
}

/// When they were last called, if ever.
pub(crate) fn last(folder: &Path) -> Option<SystemTime> {
    std::fs::metadata(folder.join(FILE)).and_then(|metadata| metadata.modified()).ok()
}

/// Wakes the workers of an instance of this process.
pub(crate) fn wake(app: &App) {
    let wakers = app.wakers();
    wakers.effects.notify_one();
    wakers.deliveries.notify_one();
    wakers.jobs.notify_one();
    wakers.ledger.notify_one();
}
