//! The living example: `clocher demo` serves two communes of Ardèche and their intercommunalité, and fills them.
//!
//! Everything in it came into being as it would anywhere: through the use cases, and by ActivityPub between the
//! three. Writes no row by itself.

mod cast;
mod nesting;
mod story;

use crate::configuration::Database;
use crate::creation::{self, NewInstance};
use crate::data::Data;
use crate::failure::{Failure, Outcome};
use crate::language::Language;
use crate::lock::Lock;
use crate::process::{Process, ProcessOptions, Running};
use crate::signals::Signals;
use cast::{PASSWORD, PLACES, Place};
use clocher_app::{App, SystemClock, sessions};
use clocher_federation::transport::{Scheme, TestHost, TestHosts};
use clocher_federation::{Options, Siblings};
use serde::{Deserialize, Serialize};
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The file that says that a folder holds the example, and how far it has come.
const MARK: &str = "demo.json";

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

/// What [`MARK`] says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Mark {
    port: u16,
    /// Whether its people have the known password.
    password: bool,
    told: bool,
}

/// Runs the example until it is asked to stop.
///
/// # Errors
/// Where it cannot listen, its folder holds something else, or its story cannot be told.
pub async fn run(options: DemoOptions) -> Outcome {
    let mut signals = Signals::listen().map_err(internal)?;
    let listener = TcpListener::bind(options.listen).map_err(|error| {
        Failure::failed("listen-failed").with("address", options.listen).with("error", error)
    })?;
    let address = listener.local_addr().map_err(internal)?;
    let temporary = options.data.is_none().then(tempfile::tempdir).transpose().map_err(internal)?;
    let folder = options.data.or_else(|| temporary.as_ref().map(|folder| folder.path().to_owned()));
    let data = Data::at(folder);
    let mark = prepare(&data, address)?;
    let password = mark.password.then_some(PASSWORD);
    let (places, running) = serve(&data, listener, address, password).await?;
    if !mark.told {
        tokio::select! {
            told = story::tell(&places, running.federation(), password) => told?,
            () = signals.wait() => {
                running.stop().await;
                return Ok(());
            }
        }
        write(data.path(), Mark { told: true, ..mark })?;
    }
    let text = describe(&places, options.language, &data, password).await?;
    // A reader that went away is no failure: the example goes on.
    let _ = writeln!(std::io::stdout(), "{text}");
    signals.wait().await;
    // Asked twice, it ends at once.
    tokio::select! {
        _ = running.stop() => {}
        () = signals.wait() => {}
    }
    drop(temporary);
    Ok(())
}

/// Makes sure that the folder is the example's own, and that a half-told story begins again.
fn prepare(data: &Data, address: SocketAddr) -> Outcome<Mark> {
    data.prepare()?;
    // A known password is for a machine that nobody else reaches.
    let fresh = Mark { port: address.port(), password: address.ip().is_loopback(), told: false };
    let Some(mark) = read(data.path()) else {
        if !data.domains()?.is_empty() {
            return Err(Failure::failed("demo-folder-occupied").with("folder", data.path().display()));
        }
        write(data.path(), fresh)?;
        return Ok(fresh);
    };
    if mark.told && mark.port != fresh.port {
        return Err(Failure::failed("demo-other-port").with("port", mark.port));
    }
    if mark.told && mark.password && !fresh.password {
        return Err(Failure::failed("demo-loopback-only").with("port", mark.port));
    }
    if !mark.told {
        for place in &PLACES {
            let folder = data.folder(&place.domain(mark.port));
            if folder.exists() {
                std::fs::remove_dir_all(&folder).map_err(|error| Failure::file(&folder, &error))?;
            }
        }
        write(data.path(), fresh)?;
        return Ok(fresh);
    }
    Ok(mark)
}

fn read(folder: &Path) -> Option<Mark> {
    serde_json::from_slice(&std::fs::read(folder.join(MARK)).ok()?).ok()
}

fn write(folder: &Path, mark: Mark) -> Outcome {
    let path = folder.join(MARK);
    let text = serde_json::to_string(&mark)
        .map_err(|error| Failure::failed("internal-failed").with("error", error))?;
    std::fs::write(&path, text).map_err(|error| Failure::file(&path, &error))
}

/// Founds the three instances where they are not founded yet, and serves them.
async fn serve(
    data: &Data,
    listener: TcpListener,
    address: SocketAddr,
    password: Option<&str>,
) -> Outcome<(Vec<(&'static Place, App)>, Running)> {
    let clock = Arc::new(SystemClock);
    let reached = if address.ip().is_unspecified() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { address.ip() };
    let test_hosts = TestHosts::new(PLACES.iter().map(|place| TestHost {
        scheme: Scheme::Http,
        host: place.host(),
        port: address.port(),
        address: SocketAddr::new(reached, address.port()),
    }));
    let usual = ProcessOptions::default();
    let federation = Options { test_hosts, siblings: Siblings::Http, ..usual.federation };
    let mut process = Process::new(ProcessOptions { federation, ..usual })?;
    let mut places = Vec::new();
    for place in &PLACES {
        let domain = place.domain(address.port());
        if !data.folder(&domain).exists() {
            let new = NewInstance {
                domain: domain.clone(),
                database: Database::Sqlite,
                founding: place.founding(password)?,
            };
            creation::create(data, new, clock.clone()).await?;
        }
        let lock = Lock::take(&data.folder(&domain)).map_err(internal)?;
        let lock = lock.ok_or_else(|| Failure::failed("instance-locked").with("domain", &domain))?;
        let app = data.open(&domain, &[], clock.clone())?;
        process.add(app.clone(), Some(lock));
        places.push((place, app));
    }
    Ok((places, process.serve(listener).map_err(internal)?))
}

/// What there is to see and to try.
async fn describe(
    places: &[(&'static Place, App)],
    language: Language,
    data: &Data,
    password: Option<&str>,
) -> Outcome<String> {
    let mut lines = vec![language.text("demo-places")];
    for (place, app) in places {
        let name = &app.instance().await?.name;
        lines.push(format!("  {}  {name}", app.site().address("")));
        for person in place.people {
            let account = clocher_app::accounts::find(app, person.name).await?;
            let link = sessions::make_link(app, account.0.actor_id).await?.address;
            lines.push(format!("      {:<26} {link}", person.display_name));
        }
    }
    let at =
        |index: usize| places.get(index).map(|(_, app)| app.site().domain().to_owned()).unwrap_or_default();
    let arguments = [
        ("first", at(0)),
        ("second", at(1)),
        ("third", at(2)),
        ("folder", data.path().display().to_string()),
        ("password", password.unwrap_or_default().to_owned()),
    ];
    let keys = if password.is_some() {
        &["demo-password", "demo-try", "demo-stop"][..]
    } else {
        &["demo-try", "demo-stop"]
    };
    for key in keys {
        lines.push(String::new());
        lines.push(language.fill(key, &arguments));
    }
    Ok(lines.join("\n"))
}

fn internal(error: std::io::Error) -> Failure {
    Failure::failed("internal-failed").with("error", error)
}
