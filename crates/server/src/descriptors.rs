//! How many files the process may hold open: a database is several, and there are hundreds.
//!
//! Asks for what an administrator has allowed already, never for more.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Above what any process of ours holds open.
const ENOUGH: u64 = 65_536;

/// Raises the soft limit as far as the hard one allows. Where that fails, the limit stays as it is.
pub(crate) fn raise_limit() {
    let limit = getrlimit(Resource::Nofile);
    let wanted = limit.maximum.map_or(ENOUGH, |hard| hard.min(ENOUGH));
    if limit.current.is_some_and(|soft| soft < wanted) {
        let raised = setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), ..limit });
        if let Err(error) = raised {
            tracing::warn!(%error, "the limit of open files stays as it is");
        }
    }
}
