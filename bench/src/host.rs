//! The hidden modes of the program: the server that is measured, and the bare one that it is compared with.
//!
//! Only here, in code, are the hosts of a benchmark reached by plain http on the loopback.

use crate::Outcome;
use actix_web::{App as Routes, HttpResponse, HttpServer, web};
use bytes::Bytes;
use clocher_app::{App, Clock, Site, SystemClock};
use clocher_domain::delivery::Policy;
use clocher_federation::transport::{Scheme, TestHost, TestHosts};
use clocher_federation::{Options, Siblings};
use clocher_server::lock::Lock;
use clocher_server::process::{Process, ProcessOptions};
use clocher_storage::{Db, Location};
use serde::{Deserialize, Serialize};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// The file that says what a folder holds.
const LAYOUT: &str = "layout.json";

/// What a folder holds, and whom its instances reach.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Layout {
    /// Where the server listens.
    pub port: u16,
    /// Names of the instances; their domains are `NAME.bench:PORT`.
    pub instances: Vec<String>,
    /// Where the other servers listen.
    pub strangers_port: u16,
    /// Names of the other servers; their hosts are `NAME.bench:PORT`.
    pub strangers: Vec<String>,
    /// Whether the instances reach one another over signed HTTP, as anybody; else directly.
    #[serde(default)]
    pub siblings_by_http: bool,
}

/// The file in which the server says what it has sent.
const TRAFFIC: &str = "traffic.json";
/// How often it does.
pub const SAYS_EVERY: Duration = Duration::from_millis(100);

/// What the server of a folder has sent: deliveries and their bytes.
///
/// # Errors
/// Those of the file system.
pub fn traffic(folder: &Path) -> Outcome<(u64, u64)> {
    Ok(serde_json::from_slice(&std::fs::read(folder.join(TRAFFIC))?)?)
}

impl Layout {
    /// Writes it into a folder.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn write(&self, folder: &Path) -> Outcome {
        Ok(std::fs::write(folder.join(LAYOUT), serde_json::to_vec(self)?)?)
    }

    fn read(folder: &Path) -> Outcome<Self> {
        Ok(serde_json::from_slice(&std::fs::read(folder.join(LAYOUT))?)?)
    }

    /// The hosts that are reached by plain http.
    pub fn test_hosts(&self) -> TestHosts {
        let host = |name: &String, port| TestHost {
            scheme: Scheme::Http,
            host: format!("{name}.bench"),
            port,
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
        };
        let strangers = self.strangers.iter().map(|name| host(name, self.strangers_port));
        let own = self.instances.iter().filter(|_| self.siblings_by_http).map(|name| host(name, self.port));
        TestHosts::new(strangers.chain(own))
    }
}

/// An instance of a folder, its database not opened yet.
pub fn open(folder: &Path, name: &str, port: u16) -> App {
    let db = Db::new(Location::Sqlite(folder.join(name).join("clocher.sqlite")));
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    App::new(db, Site::new("http", &format!("{name}.bench:{port}")), clock)
}

/// Serves the instances of a folder until the process is killed.
///
/// # Errors
/// Where it cannot.
pub async fn serve(folder: &Path) -> Outcome {
    let layout = Layout::read(folder)?;
    let policy = Policy { first_pause: 40, longest_pause: 200, ..Policy::default() };
    let usual = ProcessOptions::default();
    let test_hosts = layout.test_hosts();
    let siblings = if layout.siblings_by_http { Siblings::Http } else { Siblings::Direct };
    let federation = Options { test_hosts, siblings, policy, ..usual.federation };
    let mut process = Process::new(ProcessOptions { federation, ..usual })?;
    for name in &layout.instances {
        let lock = Lock::take(&folder.join(name))?.ok_or("another process serves this folder")?;
        process.add(open(folder, name, layout.port), Some(lock));
    }
    let running = process.serve(TcpListener::bind((Ipv4Addr::LOCALHOST, layout.port))?)?;
    loop {
        let sent = running.federation().traffic();
        // Written aside first: whoever reads finds the whole of it.
        let aside = folder.join("traffic.new");
        std::fs::write(&aside, serde_json::to_vec(&(sent.deliveries, sent.bytes))?)?;
        std::fs::rename(aside, folder.join(TRAFFIC))?;
        tokio::time::sleep(SAYS_EVERY).await;
    }
}

/// Answers every request with that many bytes: what the same HTTP server takes without us.
///
/// # Errors
/// Where it cannot.
pub async fn serve_bare(port: u16, bytes: usize) -> Outcome {
    let body = Bytes::from(vec![b'x'; bytes]);
    let server = HttpServer::new(move || {
        let body = body.clone();
        let answer = move || {
            let body = body.clone();
            async move { HttpResponse::Ok().content_type("text/html; charset=utf-8").body(body) }
        };
        Routes::new().default_service(web::to(answer))
    });
    server.workers(2).bind((Ipv4Addr::LOCALHOST, port))?.run().await?;
    Ok(())
}
