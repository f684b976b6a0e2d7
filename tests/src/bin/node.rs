//! One instance in a process of its own, for the tests that kill processes.
//!
//! `node DATA NAME NAME=PORT@REACHED…`: founds `NAME.test:PORT` under DATA if it is not there, with an account whose
//! name and password are given by the library, and serves it at PORT until it is killed. Others are known by their
//! PORT and reached at REACHED, where something may stand between. Only here, in code, are the hosts of the test
//! reached by plain http on the loopback.

use clocher_app::accounts::NewAccount;
use clocher_app::founding::{Founding, found};
use clocher_app::{App, Clock, Site, SystemClock};
use clocher_domain::delivery::Policy;
use clocher_federation::transport::{Scheme, TestHost, TestHosts};
use clocher_federation::{Options, Siblings};
use clocher_server::lock::Lock;
use clocher_server::process::{Process, ProcessOptions};
use clocher_storage::{Db, Location, instance};
use clocher_tests::{NODE_PASSWORD, NODE_PERSON};
use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("DATA is missing")?);
    let name = arguments.next().ok_or("NAME is missing")?;
    let mut hosts = Vec::new();
    for pair in arguments {
        let parts = pair.split_once('=').and_then(|(name, ports)| Some((name, ports.split_once('@')?)));
        let (name, (port, reached)) = parts.ok_or("NAME=PORT@REACHED is missing")?;
        hosts.push((name.to_owned(), port.parse::<u16>()?, reached.parse::<u16>()?));
    }
    let port = hosts.iter().find(|(known, ..)| *known == name).ok_or("the own port is missing")?.1;
    let test_hosts = TestHosts::new(hosts.into_iter().map(|(name, port, reached)| TestHost {
        scheme: Scheme::Http,
        host: format!("{name}.test"),
        port,
        address: SocketAddr::from((Ipv4Addr::LOCALHOST, reached)),
    }));
    std::fs::create_dir_all(&folder)?;
    let lock = Lock::take(&folder)?.ok_or("another process serves this folder")?;
    let db = Db::new(Location::Sqlite(folder.join("clocher.sqlite")));
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let app = App::new(db, Site::new("http", &format!("{name}.test:{port}")), clock);
    if app.read(instance::find).await?.is_none() {
        found(&app, founding(&name)).await?;
    }
    // Pauses of a fraction of a second: the test does not wait for half a minute after each kill.
    let policy = Policy { first_pause: 40, longest_pause: 200, ..Policy::default() };
    let usual = ProcessOptions::default();
    let federation = Options { test_hosts, siblings: Siblings::Http, policy, ..usual.federation };
    let mut process = Process::new(ProcessOptions { federation, ..usual })?;
    process.add(app, Some(lock));
    let _running = process.serve(TcpListener::bind((Ipv4Addr::LOCALHOST, port))?)?;
    std::future::pending::<()>().await;
    Ok(())
}

fn founding(name: &str) -> Founding {
    Founding {
        territory: None,
        name: format!("place-{name}"),
        language: "fr".to_owned(),
        administrator: NewAccount {
            name: NODE_PERSON.to_owned(),
            display_name: format!("Facteur de {name}"),
            mail: format!("{NODE_PERSON}@{name}.test"),
            password: Some(NODE_PASSWORD.to_owned()),
        },
        neighbours: Vec::new(),
        communities: Vec::new(),
    }
}
