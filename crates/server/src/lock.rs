//! The lock of an instance: one process serves it at a time.
//!
//! Held by the operating system for as long as the process lives, so that none is left behind by a crash.
//! Protects no data: commands write to the database of a running server.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// The name of the file, in the folder of the instance.
pub const FILE: &str = "lock";

/// The lock of one instance, held until this is dropped.
#[derive(Debug)]
pub struct Lock(File, PathBuf);

impl Lock {
    /// Takes the lock of the instance of that folder; `None` where another process has it.
    ///
    /// # Errors
    /// Where the file cannot be made.
    pub fn take(folder: &Path) -> io::Result<Option<Self>> {
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(folder.join(FILE))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self(file, folder.to_owned()))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// The folder of the instance.
    pub fn folder(&self) -> &Path {
        &self.1
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing the file would do: this says it.
        let _ = self.0.unlock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_taken_once_until_it_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let first = Lock::take(folder.path()).unwrap();
        assert!(first.is_some());
        assert!(Lock::take(folder.path()).unwrap().is_none());
        drop(first);
        assert!(Lock::take(folder.path()).unwrap().is_some());
    }
}
