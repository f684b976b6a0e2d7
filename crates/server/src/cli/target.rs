//! The instance that a command is about.
//!
//! Takes no lock: commands work beside a running server.

use super::arguments::Which;
use crate::configuration::{Environment, ProcessSettings};
use crate::data::Data;
use crate::failure::Outcome;
use clocher_app::{App, SystemClock};
use std::path::PathBuf;
use std::sync::Arc;

/// Opens the instance that is meant. The configuration is read as `serve` reads it, so that a mistake in it
/// is told by every command.
pub(super) fn open(which: &Which) -> Outcome<App> {
    open_with_folder(which).map(|(app, _)| app)
}

/// As [`open`], with the folder of the instance.
pub(super) fn open_with_folder(which: &Which) -> Outcome<(App, PathBuf)> {
    let data = Data::at(which.folder.data.clone());
    let environment = Environment::read()?;
    let (domain, alone) = data.choose(which.instance.as_deref())?;
    ProcessSettings::read(data.path(), &environment.process)?;
    let others = if alone { environment.instance.as_slice() } else { &[] };
    let app = data.open(&domain, others, Arc::new(SystemClock))?;
    Ok((app, data.folder(&domain)))
}
