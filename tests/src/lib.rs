//! A network of real instances for the end-to-end tests: real listeners, real signatures, real databases.
//!
//! Holds no test. Instances are called `alpha.test:PORT` through the resolver of the HTTP client, since on a
//! bare `localhost` origin checks pass vacuously.
#![expect(clippy::expect_used, reason = "a test whose network does not stand cannot go on")]

pub mod impostor;
mod mail;
pub mod processes;
pub mod readership;
pub mod request;
pub mod shapes;
pub mod stage;
pub mod visitor;
pub mod weather;
pub mod wire;

use clocher_app::accounts::{self, NewAccount};
use clocher_app::communities::{self, NewCommunity};
use clocher_app::founding::{Founding, found};
use clocher_app::posting::NewPost;
use clocher_app::sending::Desk;
use clocher_app::{App, Clock, Site, SystemClock, ports::Directory};
use clocher_domain::Timestamp;
use clocher_domain::actor::Role;
use clocher_domain::audience::Visibility;
use clocher_domain::community::{Openness, Posting};
use clocher_domain::delivery::Policy;
use clocher_domain::link::{LinkState, Policy as LinkPolicy, Relation};
use clocher_federation::transport::{Limits, Scheme, TestHost, TestHosts};
use clocher_federation::{Fediverse, Options, Siblings};
use clocher_server::process::{Process, ProcessOptions, Running};
use clocher_storage::Db;
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::links::{self, LinkRow};
use clocher_storage::posts::{self, PostRow};
use clocher_storage::testing::{self, TestDb};
use readership::Post;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};
use weather::Weather;

/// The account of every instance that the program `node` founds.
pub const NODE_PERSON: &str = "facteur";
/// Its password.
pub const NODE_PASSWORD: &str = "la lettre arrive";

/// How long the network may take to come to rest.
const SETTLE: Duration = Duration::from_secs(30);

/// A clock that tests can set forward.
#[derive(Debug, Default)]
pub struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        SystemClock.now().plus(self.0.load(Ordering::Relaxed))
    }
}

impl TestClock {
    /// Sets the clock forward.
    pub fn advance(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::Relaxed);
    }
}

/// The clock of one instance, which may go before or after the others'.
struct OwnClock {
    all: Arc<TestClock>,
    /// By how many milliseconds it goes before.
    before: i64,
}

impl Clock for OwnClock {
    fn now(&self) -> Timestamp {
        self.all.now().plus(self.before)
    }
}

/// What a network is to be, beyond the names of its instances.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    /// How persistent deliveries are.
    pub policy: Policy,
    /// Other test hosts: name and where they listen.
    pub strangers: &'a [(&'a str, SocketAddr)],
    /// Weather between the instances, fair at first, by that seed.
    pub weather: Option<u64>,
    /// By how many milliseconds the clock of each instance goes before; in the order of the names.
    pub clocks: &'a [i64],
    /// Whether locks of databases are waited for a fraction of a second only.
    pub impatient: bool,
    /// What one exchange with another server may cost.
    pub limits: Limits,
    /// The official area of each instance, as `commune:07186`; in the order of the names, none where it is missing.
    pub territories: &'a [&'a str],
    /// Whether the instances send mail, which their [`readership::Post`] keeps.
    pub mail: bool,
    /// Whether the instances do not look for those of the territories around when they start.
    pub shy: bool,
}

impl Default for Setting<'_> {
    /// Short pauses: tests of failing hosts do not wait for half a minute.
    fn default() -> Self {
        let policy = Policy { first_pause: 50, longest_pause: 400, ..Policy::default() };
        let limits = Limits::default();
        Self {
            policy,
            strangers: &[],
            weather: None,
            clocks: &[],
            impatient: false,
            limits,
            territories: &[],
            mail: false,
            shy: false,
        }
    }
}

/// In which way a network stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ways {
    /// SQLite, over HTTP.
    SqliteHttp,
    /// SQLite, siblings reached directly.
    SqliteDirect,
    /// PostgreSQL, over HTTP.
    PostgresHttp,
}

/// One instance of the network.
pub struct Node {
    /// The instance.
    pub app: App,
    /// Its clock.
    pub clock: Arc<dyn Clock>,
    /// The mail that it sent.
    pub post: Arc<Post>,
    mails: bool,
    db: TestDb,
}

impl Node {
    /// Says what carries its mail, where it sends any.
    fn set_desk(&self) {
        if self.mails {
            self.app.set_desk(Desk { mail: Some(self.post.clone()), ..Desk::default() });
        }
    }
}

/// A network of instances in one process.
pub struct Network {
    /// Its instances, in the order of their names.
    pub nodes: Vec<Node>,
    /// The hosts that stand, impostors too.
    pub test_hosts: TestHosts,
    /// The clock of all of them.
    pub clock: Arc<TestClock>,
    /// Where all of them listen.
    pub address: SocketAddr,
    /// What is between them.
    pub weather: Option<Weather>,
    options: Options,
    running: Option<Running>,
    wire: wire::Wire,
}

/// Runs a test on each kind of network at hand.
///
/// # Panics
/// Where the test keeps the network.
pub async fn each_network<F, T>(names: &'static [&'static str], mut test: F)
where
    F: FnMut(Arc<Network>) -> T,
    T: Future<Output = ()>,
{
    for ways in [Ways::SqliteHttp, Ways::SqliteDirect, Ways::PostgresHttp] {
        if ways == Ways::PostgresHttp && testing::postgres_url().is_none() {
            continue;
        }
        eprintln!("on {ways:?}");
        let network = Arc::new(Network::start(ways, names, &[]).await);
        test(Arc::clone(&network)).await;
        let mut network = Arc::into_inner(network).expect("the test hands the network back");
        network.stop().await;
    }
}

impl Network {
    /// Starts instances with these names. `strangers` are other test hosts: name and where it listens.
    ///
    /// # Panics
    /// Where a listener or a database cannot be had.
    pub async fn start(ways: Ways, names: &[&str], strangers: &[(&str, SocketAddr)]) -> Self {
        Self::start_as(Setting { strangers, ..Setting::default() }, ways, names).await
    }

    /// The same, with deliveries as persistent as that.
    ///
    /// # Panics
    /// Where a listener or a database cannot be had.
    pub async fn start_with(
        policy: Policy,
        ways: Ways,
        names: &[&str],
        strangers: &[(&str, SocketAddr)],
    ) -> Self {
        Self::start_as(Setting { policy, strangers, ..Setting::default() }, ways, names).await
    }

    /// The same, in any setting.
    ///
    /// # Panics
    /// Where a listener or a database cannot be had.
    pub async fn start_as(setting: Setting<'_>, ways: Ways, names: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("its address");
        let weather = match setting.weather {
            Some(seed) => Some(Weather::before(address, seed).await),
            None => None,
        };
        let reached_at = weather.as_ref().map_or(address, |weather| weather.address);
        let ours = names.iter().map(|name| (format!("{name}.test"), address.port(), reached_at));
        let others = setting.strangers.iter().map(|(name, at)| ((*name).to_owned(), at.port(), *at));
        let test_hosts = TestHosts::new(ours.chain(others).map(|(host, port, address)| TestHost {
            scheme: Scheme::Http,
            host,
            port,
            address,
        }));
        let siblings = if ways == Ways::SqliteDirect { Siblings::Direct } else { Siblings::Http };
        let Setting { policy, limits, .. } = setting;
        let options = Options { test_hosts: test_hosts.clone(), siblings, policy, limits };
        let clock = Arc::new(TestClock::default());
        let mut nodes = Vec::new();
        for (number, name) in names.iter().enumerate() {
            let before = setting.clocks.get(number).copied().unwrap_or_default();
            let own: Arc<dyn Clock> = Arc::new(OwnClock { all: Arc::clone(&clock), before });
            let db = match ways {
                Ways::PostgresHttp => testing::postgres().expect("a PostgreSQL server"),
                _ => testing::sqlite(),
            };
            let db = if setting.impatient { testing::impatient(db) } else { db };
            let site = Site::new("http", &format!("{name}.test:{}", address.port()));
            let app = App::new(db.db.clone(), site, Arc::clone(&own));
            let territory = setting.territories.get(number).map(|code| code.parse().expect("a territory"));
            found(&app, Founding { territory, ..founding(name) }).await.expect("an instance");
            if setting.shy {
                app.write(|deed| {
                    for job in clocher_storage::jobs::list(deed.conn, 100)? {
                        clocher_storage::jobs::remove(deed.conn, job.id)?;
                    }
                    Ok::<_, clocher_app::Error>(())
                })
                .await
                .expect("storage");
            }
            let node = Node { app, clock: own, post: Arc::default(), mails: setting.mail, db };
            node.set_desk();
            nodes.push(node);
        }
        let running = Some(serve(&options, nodes.iter(), listener));
        let wire = wire::Wire::default();
        Self { nodes, test_hosts, clock, address, weather, options, running, wire }
    }

    /// Stops the process, and starts a new one over the same databases where it listened.
    ///
    /// # Panics
    /// Where the listener cannot be had again.
    pub async fn restart(&mut self) {
        self.restart_only(|_| true).await;
    }

    /// The same, with new connections to the databases.
    ///
    /// # Panics
    /// Where the listener cannot be had again.
    pub async fn restart_anew(&mut self) {
        self.stop().await;
        for node in &mut self.nodes {
            node.db.db = Db::new(node.db.db.location().clone());
        }
        self.restart().await;
    }

    /// The same, but only these instances stand in the new process: nobody reaches the others.
    ///
    /// # Panics
    /// Where the listener cannot be had again.
    pub async fn restart_only(&mut self, stands: impl Fn(&App) -> bool) {
        self.stop().await;
        for node in &mut self.nodes {
            node.app = App::new(node.db.db.clone(), node.app.site().clone(), Arc::clone(&node.clock));
            node.set_desk();
        }
        let listener = TcpListener::bind(self.address).expect("the port it had");
        let nodes = self.nodes.iter().filter(|node| stands(&node.app));
        self.running = Some(serve(&self.options, nodes, listener));
    }

    /// The instance of that name.
    ///
    /// # Panics
    /// Where there is none.
    pub fn node(&self, name: &str) -> &App {
        &self.whole(name).app
    }

    /// The mail of the instance of that name.
    ///
    /// # Panics
    /// Where there is none.
    pub fn post(&self, name: &str) -> &Post {
        &self.whole(name).post
    }

    fn whole(&self, name: &str) -> &Node {
        let domain = format!("{name}.test:{}", self.address.port());
        self.nodes.iter().find(|node| node.app.site().domain() == domain).expect("a node of that name")
    }

    /// Waits until nobody owes anybody anything, and looks at what was said meanwhile.
    ///
    /// # Panics
    /// Where the network does not come to rest in time: it says what is owed. Where others would refuse what an
    /// instance said.
    pub async fn settle(&self) {
        self.rest().await;
        self.look(false).await;
    }

    /// Holds what the instances say against the shapes that others accept.
    async fn look(&self, last: bool) {
        let address = self.running.is_some().then_some(self.address);
        for node in &self.nodes {
            self.wire.look(&node.app, address, last).await;
        }
    }

    async fn rest(&self) {
        // Many instances have many keys to make.
        let until = Instant::now() + SETTLE * u32::try_from(self.nodes.len().div_ceil(3)).unwrap_or(u32::MAX);
        let mut calm = 0;
        while calm < 2 {
            let owed = self.owed().await;
            assert!(Instant::now() < until, "the network does not come to rest: {owed:#?}");
            calm = if owed.is_empty() { calm + 1 } else { 0 };
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// What the instances owe, a text each.
    async fn owed(&self) -> Vec<String> {
        let mut owed = Vec::new();
        for node in &self.nodes {
            let queues = clocher_app::queue::list(&node.app, 20).await.expect("the queues");
            let due = queues.deliveries.iter().filter(|row| row.state == "due").count();
            let jobs = queues.jobs.iter().filter(|row| row.state == "due").count();
            if queues.effects > 0 || queues.fan_outs > 0 || due > 0 || jobs > 0 {
                owed.push(format!("{}: {queues:?}", node.app.site().domain()));
            }
        }
        owed
    }

    /// Whether nobody owes anybody anything at the moment.
    ///
    /// # Panics
    /// Where storage fails.
    pub async fn is_calm(&self) -> bool {
        self.owed().await.is_empty()
    }

    /// What that instance finds of an address, over the network.
    ///
    /// # Errors
    /// Those of the directory.
    ///
    /// # Panics
    /// Where the network is stopped.
    pub async fn find(&self, app: &App, address: &str) -> clocher_app::Result<ActorRow> {
        self.directory().find(app, address).await
    }

    /// What finds actors over the network.
    ///
    /// # Panics
    /// Where the network does not run.
    pub fn directory(&self) -> Fediverse {
        Fediverse(Arc::clone(self.running.as_ref().expect("a running network").federation()))
    }

    /// Stops the network, after a last look at all that it serves.
    ///
    /// # Panics
    /// Where others would refuse what an instance said, or a worker died.
    pub async fn stop(&mut self) {
        if self.running.is_some() {
            self.look(true).await;
        }
        if let Some(running) = self.running.take() {
            assert!(running.stop().await, "a worker died");
        }
    }
}

fn serve<'a>(options: &Options, nodes: impl Iterator<Item = &'a Node>, listener: TcpListener) -> Running {
    let options = ProcessOptions { federation: options.clone(), ..ProcessOptions::default() };
    let mut process = Process::new(options).expect("a process");
    for node in nodes {
        process.add(node.app.clone(), None);
    }
    process.serve(listener).expect("a server")
}

fn founding(name: &str) -> Founding {
    Founding {
        territory: None,
        name: name.to_owned(),
        language: "fr".to_owned(),
        administrator: account("mairie"),
        neighbours: Vec::new(),
        communities: vec![("Vélo".to_owned(), "À **vélo**.".to_owned())],
    }
}

/// A person to be.
pub fn account(name: &str) -> NewAccount {
    NewAccount {
        name: name.to_owned(),
        display_name: name.to_owned(),
        mail: format!("{name}@mail.test"),
        password: None,
    }
}

/// Makes a person.
///
/// # Panics
/// Where it cannot be.
pub async fn person(app: &App, name: &str) -> ActorRow {
    accounts::add(app, account(name), Role::Member).await.expect("a person")
}

/// Makes a topical community, moderated by nobody.
///
/// # Panics
/// Where it cannot be.
pub async fn community(app: &App, name: &str, posting: Posting) -> ActorRow {
    let new = NewCommunity {
        name: name.to_owned(),
        display_name: name.to_owned(),
        presentation: String::new(),
        territory: None,
        posting,
        openness: Openness::Open,
    };
    communities::add(app, new, None).await.expect("a community")
}

/// Makes a topical community of that openness, whose first member and moderator is `founder`.
///
/// # Panics
/// Where it cannot be.
pub async fn circle(app: &App, name: &str, openness: Openness, founder: &ActorRow) -> ActorRow {
    let new = NewCommunity {
        name: name.to_owned(),
        display_name: name.to_owned(),
        presentation: String::new(),
        territory: None,
        posting: Posting::Everybody,
        openness,
    };
    communities::add(app, new, Some(founder.id)).await.expect("a community")
}

/// A new thread in a community.
pub fn thread(author: &ActorRow, home: &ActorRow, title: &str, text: &str) -> NewPost {
    NewPost {
        author_id: author.id,
        home_id: Some(home.id),
        parent_id: None,
        title: Some(title.to_owned()),
        text: text.to_owned(),
        visibility: Visibility::Public,
        language: Some("fr".to_owned()),
        reach: None,
        also: Vec::new(),
        request_key: None,
    }
}

/// A new reply.
pub fn reply(author: &ActorRow, parent: &PostRow, text: &str) -> NewPost {
    NewPost {
        author_id: author.id,
        home_id: None,
        parent_id: Some(parent.id),
        title: None,
        text: text.to_owned(),
        visibility: Visibility::Public,
        language: None,
        reach: None,
        also: Vec::new(),
        request_key: None,
    }
}

/// The message of that ActivityPub id, as an instance has it.
///
/// # Panics
/// Where storage fails.
pub async fn post_at(app: &App, ap_id: &str) -> Option<PostRow> {
    let ap_id = ap_id.to_owned();
    app.read(move |conn| posts::find_by_ap_id(conn, &ap_id)).await.expect("storage")
}

/// The actor of that ActivityPub id, as an instance has it.
///
/// # Panics
/// Where storage fails.
pub async fn actor_at(app: &App, ap_id: &str) -> Option<ActorRow> {
    let ap_id = ap_id.to_owned();
    app.read(move |conn| actors::find_by_ap_id(conn, &ap_id)).await.expect("storage")
}

/// Links two communities, each of its instance, with the policies of either end: as both ends have it when the handshake
/// is over. `relation` is what `other` is to `community`.
///
/// # Panics
/// Where one is not known to the other's instance.
pub async fn link(
    (app, community, policy): (&App, &ActorRow, LinkPolicy),
    relation: Relation,
    (other_app, other, other_policy): (&App, &ActorRow, LinkPolicy),
) {
    put_end(app, &community.ap_id, &other.ap_id, relation, policy, other_policy).await;
    put_end(other_app, &other.ap_id, &community.ap_id, relation.inverse(), other_policy, policy).await;
}

/// Gives a community of an instance its end of an active link with one that the instance knows.
///
/// # Panics
/// Where one is not known.
pub async fn put_end(
    app: &App,
    community: &str,
    other: &str,
    relation: Relation,
    policy: LinkPolicy,
    other_policy: LinkPolicy,
) {
    let here = actor_at(app, community).await.expect("the community");
    let there = actor_at(app, other).await.expect("the other, known to the instance");
    app.write(move |deed| {
        let now = deed.now();
        let id = deed.app.mint();
        let row = LinkRow {
            id,
            community_id: here.id,
            other_id: there.id,
            relation: relation.as_str().to_owned(),
            state: LinkState::Active.as_str().to_owned(),
            shares: policy.shares.as_str().to_owned(),
            accepts: policy.accepts.as_str().to_owned(),
            other_shares: other_policy.shares.as_str().to_owned(),
            other_accepts: other_policy.accepts.as_str().to_owned(),
            offer: format!("{}#{id}", here.ap_id),
            acceptance: None,
            other_document: None,
            effective_at: now,
            created_at: now,
            changed_at: now,
            implied: false,
        };
        links::put(deed.conn, &row)
    })
    .await
    .expect("storage");
}
