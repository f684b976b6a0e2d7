//! The process: several instances behind one listener, with their workers, until it is stopped.
//!
//! Reads no file and no environment: whoever builds it hands over the instances and the options.

use crate::doors::{self, Traffic};
use crate::lock::Lock;
use crate::served::Served;
use crate::staff::Staff;
use actix_web::dev::ServerHandle;
use actix_web::middleware::from_fn;
use actix_web::{App as Routes, HttpServer};
use clocher_app::{App, Result};
use clocher_domain::delivery::Policy;
use clocher_federation::transport::{Limits, TestHosts};
use clocher_federation::{Federation, Options, Siblings};
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;

/// Blocking threads of each HTTP thread: each waits for a database.
const BLOCKING_THREADS: usize = 64;
/// How often the end of the last request is looked for.
const LOOK: Duration = Duration::from_millis(10);
/// What the last answer is given to leave the connection's buffer.
const FLUSH: Duration = Duration::from_millis(30);

/// How a process serves.
#[derive(Clone, Debug)]
pub struct ProcessOptions {
    /// How it federates.
    pub federation: Options,
    /// Threads that answer HTTP.
    pub threads: usize,
    /// How long requests, and then workers, are given to finish when it stops.
    pub finish_within: Duration,
}

impl Default for ProcessOptions {
    /// As a real server: no test host, direct delivery between siblings, at most two threads.
    fn default() -> Self {
        Self {
            federation: Options {
                test_hosts: TestHosts::default(),
                siblings: Siblings::Direct,
                policy: Policy::default(),
                limits: Limits::default(),
            },
            threads: std::thread::available_parallelism().map_or(1, |cores| cores.get().min(2)),
            finish_within: Duration::from_secs(5),
        }
    }
}

/// A process that does not serve yet.
pub struct Process {
    options: ProcessOptions,
    federation: Arc<Federation>,
    instances: Vec<(App, Option<Lock>)>,
}

impl Process {
    /// A process without instances.
    ///
    /// # Errors
    /// Those of `Federation::new`.
    pub fn new(options: ProcessOptions) -> Result<Self> {
        let federation = Federation::new(options.federation.clone())?;
        Ok(Self { options, federation, instances: Vec::new() })
    }

    /// Its federation.
    pub fn federation(&self) -> &Arc<Federation> {
        &self.federation
    }

    /// Adds an instance. With its lock, what a dead process had claimed of its queues is freed first.
    pub fn add(&mut self, app: App, lock: Option<Lock>) {
        self.instances.push((app, lock));
    }

    /// Serves on a listener, and starts the workers in the background. Needs a tokio runtime.
    ///
    /// # Errors
    /// Where the listener cannot be used.
    pub fn serve(self, listener: TcpListener) -> io::Result<Running> {
        let Self { options, federation, instances } = self;
        let address = listener.local_addr()?;
        let served = Arc::new(Served::default());
        let traffic = Arc::new(Traffic::default());
        for (app, _) in &instances {
            federation.add(app);
            served.put(app);
        }
        let server = {
            let (served, traffic, federation) =
                (Arc::clone(&served), Arc::clone(&traffic), Arc::clone(&federation));
            HttpServer::new(move || {
                let (table, passing) = (Arc::clone(&served), Arc::clone(&traffic));
                Routes::new().configure(|config| doors::mount(config, &federation, &traffic)).wrap(from_fn(
                    move |request, next| {
                        doors::enter(Arc::clone(&table), Arc::clone(&passing), request, next)
                    },
                ))
            })
            .workers(options.threads.max(1))
            .worker_max_blocking_threads(BLOCKING_THREADS)
            .client_request_timeout(Duration::from_secs(15))
            .disable_signals()
            .listen(listener)?
            .run()
        };
        let handle = server.handle();
        let task = tokio::spawn(server);
        let staff = Staff::new(Arc::clone(&federation), Arc::clone(&served));
        for (app, lock) in instances {
            staff.engage(app, lock);
        }
        let finish_within = options.finish_within;
        Ok(Running { address, federation, served, traffic, staff, handle, task: Some(task), finish_within })
    }
}

/// A process that serves. Dropping it stops it without waiting; [`stop`](Self::stop) waits.
pub struct Running {
    address: SocketAddr,
    federation: Arc<Federation>,
    served: Arc<Served>,
    traffic: Arc<Traffic>,
    staff: Staff,
    handle: ServerHandle,
    task: Option<JoinHandle<io::Result<()>>>,
    finish_within: Duration,
}

impl Running {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its federation.
    pub fn federation(&self) -> &Arc<Federation> {
        &self.federation
    }

    /// The instances it serves.
    pub fn served(&self) -> &Served {
        &self.served
    }

    /// Serves one more instance from now on.
    pub fn add(&self, app: App, lock: Option<Lock>) {
        self.federation.add(&app);
        self.served.put(&app);
        self.staff.engage(app, lock);
    }

    /// Serves an instance no more. Its lock is released when its workers have ended.
    pub fn remove(&self, domain: &str) {
        self.served.remove(domain);
        self.federation.remove(domain);
        self.staff.dismiss(domain);
    }

    /// Stops: takes no more connections, lets the requests under way and the workers finish, each within
    /// the limit of the options. True where no worker died; those that are cut off at the limit did not.
    pub async fn stop(mut self) -> bool {
        self.traffic.end();
        self.staff.ask_to_end();
        self.handle.pause().await;
        let finished = tokio::time::timeout(self.finish_within, async {
            while !self.traffic.is_over() {
                tokio::time::sleep(LOOK).await;
            }
            tokio::time::sleep(FLUSH).await;
        });
        if finished.await.is_err() {
            tracing::warn!("requests were cut off at the end of the process");
        }
        let closing = self.handle.stop(false);
        let task = self.task.take();
        let closed = tokio::time::timeout(self.finish_within, async {
            closing.await;
            match task {
                Some(task) => task.await.unwrap_or(Ok(())),
                None => Ok(()),
            }
        });
        match closed.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "the server ended with an error"),
            Err(_) => tracing::warn!("connections were left at the end of the process"),
        }
        self.staff.end(self.finish_within).await
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.task.is_some() {
            self.staff.ask_to_end();
            drop(self.handle.stop(false));
        }
    }
}
