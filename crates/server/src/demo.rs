//! The living example: `clocher demo`.
//!
//! Not there yet: the command says so.

use crate::failure::{Failure, Outcome};
use crate::language::Language;
use std::net::SocketAddr;
use std::path::PathBuf;

/// What the example is asked for.
#[derive(Clone, Debug)]
pub struct DemoOptions {
    /// Address and port to listen on.
    pub listen: SocketAddr,
    /// Where its data is kept; without it, in a temporary folder.
    pub data: Option<PathBuf>,
    /// The language of what it prints.
    pub language: Language,
}

/// Runs the example until it is asked to stop.
///
/// # Errors
/// Where it cannot start.
#[expect(clippy::unused_async, reason = "the example that is to come awaits")]
pub async fn run(_options: DemoOptions) -> Outcome {
    Err(Failure::failed("demo-missing"))
}
