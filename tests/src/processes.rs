//! Instances that are processes of their own: with weather before each, killed as by a power cut, started again where
//! they were.
//!
//! Holds no test. The program is `node`, whose path only a test knows.

use crate::visitor::{Page, Visitor};
use crate::weather::Weather;
use crate::{NODE_PASSWORD, NODE_PERSON};
use clocher_storage::posts::{self, Listing, PostRow};
use clocher_storage::{Db, Location, actors, deliveries, effects, follows, jobs};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// Bound of everything that is waited for.
pub const PATIENCE: Duration = Duration::from_mins(2);

/// How often what is waited for is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// A process of the network.
pub struct Node {
    /// Its name, as `alpha`.
    pub name: &'static str,
    /// Where it listens.
    pub address: SocketAddr,
    /// What the others have to pass to reach it.
    pub weather: Weather,
    program: PathBuf,
    folder: PathBuf,
    arguments: Vec<String>,
    child: Mutex<Child>,
}

/// Starts processes with these names, each with its folder in that one, and fair weather before each.
///
/// # Panics
/// Where one cannot be started.
pub async fn start(program: &str, folder: &Path, names: &[&'static str], seed: u64) -> Vec<Arc<Node>> {
    // The ports are free now; the processes take them again after each kill.
    let listeners: Vec<TcpListener> =
        names.iter().map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port")).collect();
    let mut before = Vec::new();
    for (listener, number) in listeners.iter().zip(0..) {
        let address = listener.local_addr().expect("an address");
        before.push((address, Weather::before(address, seed.wrapping_add(number)).await));
    }
    drop(listeners);
    let host = |(name, (address, weather)): (&&str, &(SocketAddr, Weather))| {
        format!("{name}={}@{}", address.port(), weather.address.port())
    };
    let hosts: Vec<String> = names.iter().zip(&before).map(host).collect();
    let node = |(name, (address, weather)): (&&'static str, (SocketAddr, Weather))| {
        let (program, folder) = (PathBuf::from(program), folder.join(name));
        let arguments = [vec![(*name).to_owned()], hosts.clone()].concat();
        let child = Mutex::new(Node::spawn(&program, &folder, &arguments));
        Arc::new(Node { name, address, weather, program, folder, arguments, child })
    };
    names.iter().zip(before).map(node).collect()
}

impl Node {
    fn spawn(program: &Path, folder: &Path, arguments: &[String]) -> Child {
        Command::new(program)
            .arg(folder)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("a process")
    }

    /// Its domain.
    pub fn host(&self) -> String {
        format!("{}.test:{}", self.name, self.address.port())
    }

    /// The handle of its community, for others and for itself.
    pub fn community(&self, of: &Self) -> String {
        if self.name == of.name {
            format!("place-{}", of.name)
        } else {
            format!("place-{}@{}", of.name, of.host())
        }
    }

    /// Its database, opened beside it.
    pub fn db(&self) -> Db {
        Db::new(Location::Sqlite(self.folder.join("clocher.sqlite")))
    }

    /// Kills the process as a power cut would, and starts it again.
    ///
    /// # Panics
    /// Where it was dead, or cannot be started.
    pub async fn kill(&self) {
        let mut child = self.child.lock().await;
        child.kill().expect("a living process");
        child.wait().expect("its end");
        *child = Self::spawn(&self.program, &self.folder, &self.arguments);
    }

    /// Waits until it listens.
    ///
    /// # Panics
    /// Where it never does.
    pub async fn ready(&self) {
        let until = Instant::now() + PATIENCE;
        while std::net::TcpStream::connect_timeout(&self.address, Duration::from_millis(200)).is_err() {
            assert!(Instant::now() < until, "{} does not answer", self.name);
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Its person at a browser, signed in.
    ///
    /// # Panics
    /// Where the person is not let in.
    pub async fn person(&self) -> Visitor {
        let visitor = Visitor::new(&self.host(), self.address);
        self.ready().await;
        let page = visitor.sign_in(NODE_PERSON, NODE_PASSWORD).await.expect("a page");
        assert_eq!(page.status, 200, "{}", page.html);
        visitor
    }

    /// Its person asks to join the community of another, which listens already.
    ///
    /// # Panics
    /// Where that is refused.
    pub async fn join(&self, person: &Visitor, other: &Self) {
        let community = self.community(other);
        let page = open(person, &format!("/c/{community}")).await;
        let joined = person.fill(&page, &format!("/c/{community}/join"), &[]).await.expect("a page");
        assert_eq!(joined.status, 200, "{}", joined.html);
    }

    /// Waits until its person is a member of that many communities: only what is written after that is owed to it.
    ///
    /// # Panics
    /// Where that is never so.
    pub async fn accepted(&self, communities: usize) {
        let until = Instant::now() + PATIENCE;
        let db = self.db();
        loop {
            let joined = db.read::<_, clocher_storage::Error, _>(|conn| {
                let person = actors::find_local(conn, NODE_PERSON)?.map(|row| row.id).unwrap_or_default();
                follows::list_followed(conn, person)
            });
            let joined = joined.await.expect("its follows");
            let accepted = joined.iter().filter(|(follow, _)| follow.standing == "accepted").count();
            if accepted == communities && joined.len() == communities {
                return;
            }
            assert!(Instant::now() < until, "{} is not accepted everywhere: {joined:?}", self.name);
            tokio::time::sleep(LOOK).await;
        }
    }

    /// The threads that it has, and whether it owes nothing.
    ///
    /// # Panics
    /// Where its database cannot be read.
    pub async fn state(&self) -> (Vec<PostRow>, bool) {
        let db = self.db();
        let state = db.read::<_, clocher_storage::Error, _>(|conn| {
            let threads = posts::list_threads(conn, Listing::AnyHome, None, None, 10_000)?;
            let due = deliveries::count(conn, deliveries::DUE)? + jobs::count(conn)? + effects::count(conn)?;
            Ok((threads.into_iter().map(|(post, _)| post).collect(), due == 0))
        });
        state.await.expect("its state")
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let child = self.child.get_mut();
        let _ = child.kill();
        let _ = child.wait();
    }
}

/// Opens a page, again and again while its server is down.
///
/// # Panics
/// Where it stays so.
pub async fn open(visitor: &Visitor, path: &str) -> Page {
    let until = Instant::now() + PATIENCE;
    loop {
        match visitor.open(path).await {
            Ok(page) if page.status < 500 => return page,
            other => assert!(Instant::now() < until, "{path}: {other:?}"),
        }
        tokio::time::sleep(LOOK).await;
    }
}
