//! ActivityPub: the door through which other servers come in, and the voice with which ours speaks.
//!
//! Translates and verifies; decides nothing (that is `domain`, through `app`) and shows nothing to people
//! (that is `web`).

pub mod transport;

use actix_web::web::ServiceConfig;
use clocher_app::ports::{Directory, Later};
use clocher_app::{App, Error, Result};
use clocher_domain::delivery::Policy;
use clocher_storage::actors::ActorRow;
use std::sync::Arc;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use transport::TestHosts;

/// How deliveries between instances of this process travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Siblings {
    /// Into the inbox directly, after the place where signatures are checked.
    Direct,
    /// Over HTTP, as to anybody.
    Http,
}

/// How this process federates.
#[derive(Clone, Debug)]
pub struct Options {
    /// Hosts that are reached by plain http or at loopback addresses.
    pub test_hosts: TestHosts,
    /// How instances of this process reach one another.
    pub siblings: Siblings,
    /// How persistent deliveries are.
    pub policy: Policy,
}

/// Federation of all the instances of a process.
pub struct Federation {
    _options: Options,
}

impl Federation {
    /// Federation without instances yet.
    ///
    /// # Errors
    /// `Internal` where the HTTP client cannot be made.
    pub fn new(options: Options) -> Result<Arc<Self>> {
        Ok(Arc::new(Self { _options: options }))
    }

    /// Adds an instance of this process, found by its domain from now on.
    pub fn add(&self, _app: &App) {}

    /// Starts the workers of an instance (effects, deliveries, jobs), which end when `stop` turns true.
    ///
    /// With `alone`, what a dead process had claimed is freed first: only for a process that holds the
    /// instance's lock.
    pub fn start_workers(self: &Arc<Self>, _app: &App, _alone: bool, _stop: watch::Receiver<bool>) -> Vec<JoinHandle<()>> {
        Vec::new()
    }
}

impl Directory for Federation {
    fn find<'a>(&'a self, _app: &'a App, _address: &'a str) -> Later<'a, Result<ActorRow>> {
        Box::pin(async { Err(Error::Internal("not yet".into())) })
    }
}

/// Mounts the ActivityPub addresses. Each handler finds its `App` in the request's extensions and
/// `Arc<Federation>` in the application's data (`web::Data<Arc<Federation>>`).
pub fn routes(_config: &mut ServiceConfig) {}
