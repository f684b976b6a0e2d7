//! Instances that are each a process of its own are killed at random moments: five that exchange messages in foul
//! weather, and one that fetches what was said before.
//!
//! Nothing that was acknowledged may be lost, and nothing may stand twice.

use clocher_app::{App, Site, SystemClock, posting};
use clocher_storage::actors;
use clocher_storage::posts::PostRow;
use clocher_tests::processes::{Node, PATIENCE, open, start};
use clocher_tests::visitor::Visitor;
use clocher_tests::weather::Dice;
use clocher_tests::{NODE_PERSON, reply, thread};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// The program that the processes run.
const PROGRAM: &str = env!("CARGO_BIN_EXE_node");

const FIVE: [&str; 5] = ["alpha", "beta", "gamma", "delta", "epsilon"];
const POSTS_EACH: usize = 60;
const KILLS: usize = 40;

/// The seed of this run: `CLOCHER_TEST_SEED`, or another each time.
fn seed() -> u64 {
    let given = std::env::var("CLOCHER_TEST_SEED").ok().and_then(|text| text.parse().ok());
    let seed = given.unwrap_or_else(|| u64::from(std::process::id()));
    eprintln!("seed {seed}");
    seed
}

/// Writes the threads of one person, each until it is acknowledged: the same form again writes once.
async fn write(node: Arc<Node>, all: Vec<Arc<Node>>, visitor: Visitor, written: Arc<AtomicUsize>) {
    let homes = all.iter().cycle();
    for (number, home) in (0..POSTS_EACH).zip(homes) {
        let community = node.community(home);
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

/// How often each title stands there.
fn titles(threads: &[PostRow]) -> BTreeMap<String, usize> {
    let mut titles = BTreeMap::new();
    for thread in threads {
        *titles.entry(thread.title.clone().unwrap_or_default()).or_insert(0) += 1;
    }
    titles
}

/// Waits until an instance has each of these threads once, and owes nothing.
async fn has_once(node: &Node, expected: &BTreeSet<String>) -> Vec<PostRow> {
    let until = Instant::now() + PATIENCE;
    loop {
        let (threads, calm) = node.state().await;
        let titles = titles(&threads);
        assert!(titles.values().all(|count| *count == 1), "{}: twice in {titles:?}", node.name);
        if calm && titles.keys().eq(expected) {
            return threads;
        }
        let missing: Vec<_> = expected.iter().filter(|title| !titles.contains_key(*title)).collect();
        assert!(Instant::now() < until, "{}: calm {calm}, missing {missing:?} of {titles:?}", node.name);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Kills any of them, at any moment of its share of the exchange, until as many were killed as shall be or all is
/// written.
async fn kill(nodes: Vec<Arc<Node>>, seed: u64, written: Arc<AtomicUsize>, done: Arc<AtomicBool>) {
    let mut dice = Dice::new(seed);
    for kill in 1..=KILLS {
        let share = kill * (POSTS_EACH * nodes.len()) / (KILLS + 1);
        while written.load(Ordering::Relaxed) < share && !done.load(Ordering::Relaxed) {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        tokio::time::sleep(Duration::from_millis(dice.below(40))).await;
        dice.one(&nodes).kill().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_five_say_in_a_storm_survives_forty_kills_and_stands_everywhere_once() {
    let (folder, seed) = (tempfile::tempdir().unwrap(), seed());
    let nodes = start(PROGRAM, folder.path(), &FIVE, seed).await;
    let mut visitors = Vec::new();
    for node in &nodes {
        visitors.push(node.person().await);
    }
    for (node, visitor) in nodes.iter().zip(&visitors) {
        for other in nodes.iter().filter(|other| other.name != node.name) {
            node.join(visitor, other).await;
        }
    }
    for node in &nodes {
        node.accepted(FIVE.len()).await;
        node.weather.storm();
    }
    let (written, done): (Arc<AtomicUsize>, Arc<AtomicBool>) = Default::default();
    let write = |(node, visitor): (&Arc<Node>, Visitor)| {
        tokio::spawn(write(Arc::clone(node), nodes.clone(), visitor, Arc::clone(&written)))
    };
    let started = Instant::now();
    let writers: Vec<_> = nodes.iter().zip(visitors).map(write).collect();
    let killer = tokio::spawn(kill(nodes.clone(), seed, Arc::clone(&written), Arc::clone(&done)));
    for writer in writers {
        writer.await.unwrap();
    }
    done.store(true, Ordering::Relaxed);
    killer.await.unwrap();
    eprintln!("all is written after {:?}", started.elapsed());

    let title = |name: &str, number: usize| format!("{name} {number}");
    let expected: BTreeSet<String> =
        FIVE.iter().flat_map(|name| (0..POSTS_EACH).map(move |number| title(name, number))).collect();
    for node in &nodes {
        has_once(node, &expected).await;
    }
    eprintln!("and stands everywhere after {:?}", started.elapsed());
    for node in &nodes {
        eprintln!("{}: {:?}", node.name, node.weather.tally());
        let befell: BTreeSet<_> = node.weather.tally().into_keys().collect();
        for fate in ["delayed", "doubled", "held", "refused", "lost", "answer lost"] {
            assert!(befell.contains(fate), "nothing on the way to {} was {fate}", node.name);
        }
    }
}

/// Threads that there are, of which the newest are fetched.
const WRITTEN: usize = 55;
const FETCHED: usize = 50;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_said_before_is_there_once_though_whoever_fetches_it_is_killed_again_and_again() {
    let folder = tempfile::tempdir().unwrap();
    let nodes = start(PROGRAM, folder.path(), &["alpha", "beta"], 1).await;
    let [alpha, beta] = nodes.as_slice() else { panic!("two of them") };
    alpha.ready().await;
    // Written beside the process, as a command would.
    let app = App::new(alpha.db(), Site::new("http", &alpha.host()), Arc::new(SystemClock));
    let local = async |name: &'static str| {
        app.read(move |conn| actors::find_local(conn, name)).await.unwrap().unwrap()
    };
    let (author, home) = (local(NODE_PERSON).await, local("place-alpha").await);
    for number in 0..WRITTEN {
        let top = thread(&author, &home, &format!("Fil {number}"), "Texte.");
        let top = posting::write(&app, top).await.unwrap();
        posting::write(&app, reply(&author, &top, "Réponse.")).await.unwrap();
    }
    // It looks at once, when it starts, at what it owes: nobody is told of these when somebody joins later.
    alpha.kill().await;
    alpha.ready().await;
    has_once(alpha, &(0..WRITTEN).map(|number| format!("Fil {number}")).collect()).await;

    let person = beta.person().await;
    alpha.weather.slow_down(Duration::from_millis(25));
    beta.join(&person, alpha).await;
    let until = Instant::now() + PATIENCE;
    for share in [1, 10, 20, 30, 40] {
        let fetched = loop {
            let fetched = beta.state().await.0.len();
            if fetched >= share {
                break fetched;
            }
            assert!(Instant::now() < until, "{fetched} threads, and no more come");
            tokio::time::sleep(Duration::from_millis(2)).await;
        };
        beta.kill().await;
        eprintln!("killed at {fetched}");
        assert!(fetched < FETCHED, "all was there before it was killed");
    }
    let newest = (WRITTEN - FETCHED..WRITTEN).map(|number| format!("Fil {number}")).collect();
    let threads = has_once(beta, &newest).await;
    assert!(threads.iter().all(|top| top.replies == 1), "each with its answer, once: {threads:?}");
}
