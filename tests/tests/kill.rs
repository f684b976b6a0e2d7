//! Three instances, each a process of its own, exchange messages while they are killed at random moments.
//!
//! Nothing that was acknowledged may be lost, and nothing may stand twice.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

use clocher_storage::posts::{self, Listing};
use clocher_storage::{Db, Location, actors, deliveries, effects, follows, jobs};
use clocher_tests::visitor::{Page, Visitor};
use clocher_tests::{NODE_PASSWORD, NODE_PERSON};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

const NAMES: [&str; 3] = ["alpha", "beta", "gamma"];
const POSTS_EACH: usize = 100;
const KILLS: usize = 30;
/// Bound of everything that is waited for.
const PATIENCE: Duration = Duration::from_mins(2);

/// A process of the network.
struct Node {
    name: &'static str,
    folder: PathBuf,
    arguments: Vec<String>,
    address: SocketAddr,
    child: Mutex<Child>,
}

impl Node {
    fn spawn(folder: &Path, arguments: &[String]) -> Child {
        Command::new(env!("CARGO_BIN_EXE_node"))
            .arg(folder)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("a process")
    }

    fn host(&self) -> String {
        format!("{}.test:{}", self.name, self.address.port())
    }

    /// Kills the process as a power cut would, and starts it again.
    async fn kill(&self) {
        let mut child = self.child.lock().await;
        child.kill().expect("a living process");
        child.wait().expect("its end");
        *child = Self::spawn(&self.folder, &self.arguments);
    }

    async fn ready(&self) {
        let until = Instant::now() + PATIENCE;
        while std::net::TcpStream::connect_timeout(&self.address, Duration::from_millis(200)).is_err() {
            assert!(Instant::now() < until, "{} does not answer", self.name);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let child = self.child.get_mut();
        let _ = child.kill();
        let _ = child.wait();
    }
}

fn start(folder: &Path) -> Vec<Arc<Node>> {
    // The ports are free now; the processes take them again after each kill.
    let listeners: Vec<TcpListener> =
        NAMES.iter().map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port")).collect();
    let addresses: Vec<SocketAddr> =
        listeners.iter().map(|one| one.local_addr().expect("an address")).collect();
    drop(listeners);
    let hosts: Vec<String> =
        NAMES.iter().zip(&addresses).map(|(name, at)| format!("{name}={}", at.port())).collect();
    NAMES
        .iter()
        .zip(addresses)
        .map(|(name, address)| {
            let folder = folder.join(name);
            let arguments = [vec![(*name).to_owned()], hosts.clone()].concat();
            let child = Mutex::new(Node::spawn(&folder, &arguments));
            Arc::new(Node { name, folder, arguments, address, child })
        })
        .collect()
}

/// Opens a page, again and again while its server is down.
async fn open(visitor: &Visitor, path: &str) -> Page {
    let until = Instant::now() + PATIENCE;
    loop {
        match visitor.open(path).await {
            Ok(page) if page.status < 500 => return page,
            other => assert!(Instant::now() < until, "{path}: {other:?}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Signs in and joins the communities of all three.
async fn join(node: &Node, all: &[Arc<Node>]) -> Visitor {
    let visitor = Visitor::new(&node.host(), node.address);
    node.ready().await;
    let page = visitor.sign_in(NODE_PERSON, NODE_PASSWORD).await.unwrap();
    assert_eq!(page.status, 200, "{}", page.html);
    for other in all.iter().filter(|other| other.name != node.name) {
        other.ready().await;
        let community = format!("place-{}@{}", other.name, other.host());
        let page = open(&visitor, &format!("/c/{community}")).await;
        let joined = visitor.fill(&page, &format!("/c/{community}/join"), &[]).await.unwrap();
        assert_eq!(joined.status, 200, "{}", joined.html);
    }
    visitor
}

/// Waits until the communities of all three have accepted the person of an instance: only what is written after
/// that is owed to it.
async fn accepted(node: &Node) {
    let until = Instant::now() + PATIENCE;
    let db = Db::new(Location::Sqlite(node.folder.join("clocher.sqlite")));
    loop {
        let joined = db.read::<_, clocher_storage::Error, _>(|conn| {
            let person = actors::find_local(conn, NODE_PERSON)?.map(|row| row.id).unwrap_or_default();
            follows::list_followed(conn, person)
        });
        let joined = joined.await.unwrap();
        if joined.len() == NAMES.len() && joined.iter().all(|(follow, _)| follow.standing == "accepted") {
            return;
        }
        assert!(Instant::now() < until, "{} is not accepted everywhere: {joined:?}", node.name);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Writes the threads of one person, each until it is acknowledged: the same form again writes once.
async fn write(node: Arc<Node>, all: Vec<Arc<Node>>, visitor: Visitor, written: Arc<AtomicUsize>) {
    for number in 0..POSTS_EACH {
        let home = &all[number % all.len()];
        let community = if home.name == node.name {
            format!("place-{}", home.name)
        } else {
            format!("place-{}@{}", home.name, home.host())
        };
        let page = open(&visitor, &format!("/c/{community}")).await;
        let title = format!("{} {number}", node.name);
        let until = Instant::now() + PATIENCE;
        loop {
            let fields = [("title", title.as_str()), ("text", "Un message.")];
            match visitor.fill(&page, &format!("/c/{community}/post"), &fields).await {
                Ok(answer) if answer.status == 200 => break,
                other => assert!(Instant::now() < until, "{title}: {other:?}"),
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        written.fetch_add(1, Ordering::Relaxed);
    }
}

/// How often each title stands on an instance, and whether it owes nothing.
async fn state(folder: &Path) -> (BTreeMap<String, usize>, bool) {
    let db = Db::new(Location::Sqlite(folder.join("clocher.sqlite")));
    db.read::<_, clocher_storage::Error, _>(|conn| {
        let mut titles = BTreeMap::new();
        for (post, _) in posts::list_threads(conn, Listing::AnyHome, None, 10_000)? {
            *titles.entry(post.title.unwrap_or_default()).or_insert(0) += 1;
        }
        let due = deliveries::count(conn, deliveries::DUE)? + jobs::count(conn)? + effects::count(conn)?;
        Ok((titles, due == 0))
    })
    .await
    .unwrap()
}

/// Numbers that look random and can be had again: a linear congruential generator.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_hundred_messages_survive_thirty_kills_exactly_once() {
    let folder = tempfile::tempdir().unwrap();
    let nodes = start(folder.path());
    let mut visitors = Vec::new();
    for node in &nodes {
        visitors.push(join(node, &nodes).await);
    }
    for node in &nodes {
        accepted(node).await;
    }
    let seed = u64::from(std::process::id());
    eprintln!("seed {seed}");
    let written = Arc::new(AtomicUsize::new(0));
    let done = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = nodes
        .iter()
        .zip(visitors)
        .map(|(node, visitor)| {
            tokio::spawn(write(Arc::clone(node), nodes.clone(), visitor, Arc::clone(&written)))
        })
        .collect();
    let killer = {
        let (nodes, written, done) = (nodes.clone(), Arc::clone(&written), Arc::clone(&done));
        tokio::spawn(async move {
            let mut dice = Dice(seed);
            for kill in 1..=KILLS {
                // The kills are spread over the whole exchange; within their share of it, at any moment.
                let share = kill * (POSTS_EACH * NAMES.len()) / (KILLS + 1);
                while written.load(Ordering::Relaxed) < share && !done.load(Ordering::Relaxed) {
                    tokio::time::sleep(Duration::from_millis(2)).await;
                }
                tokio::time::sleep(Duration::from_millis(dice.below(40))).await;
                nodes[usize::try_from(dice.below(3)).unwrap()].kill().await;
            }
        })
    };
    for writer in writers {
        writer.await.unwrap();
    }
    done.store(true, Ordering::Relaxed);
    killer.await.unwrap();

    let expected: BTreeMap<String, usize> = NAMES
        .iter()
        .flat_map(|name| (0..POSTS_EACH).map(move |number| (format!("{name} {number}"), 1)))
        .collect();
    let until = Instant::now() + PATIENCE;
    for node in &nodes {
        loop {
            let (titles, calm) = state(&node.folder).await;
            assert!(
                titles.values().all(|count| *count == 1),
                "{}: a message stands twice: {titles:?}",
                node.name
            );
            if titles == expected && calm {
                break;
            }
            let missing: Vec<_> = expected.keys().filter(|title| !titles.contains_key(*title)).collect();
            assert!(Instant::now() < until, "{}: calm {calm}, missing {missing:?}", node.name);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}
