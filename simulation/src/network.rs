//! Instances over databases in memory, and the network between them: it loses, doubles, delays and reorders, and
//! instances are killed. Time passes when everybody has done what they could.

use crate::post_office::PostOffice;
use crate::{Outcome, World};
use clocher_app::accounts::NewAccount;
use clocher_app::delivering::{self, Claimed, Failure, Room, Tried};
use clocher_app::founding::{Founding, found};
use clocher_app::marker::{self, Found, Marker};
use clocher_app::ports::{Channel, Seal};
use clocher_app::sending::{self, Desk};
use clocher_app::{App, Clock, Site, ledger};
use clocher_domain::Timestamp;
use clocher_domain::delivery::Policy;
use clocher_federation::transport::{Limits, TestHosts};
use clocher_federation::{Federation, Options, Siblings, Traffic};
use clocher_storage::deliveries::{DUE, DeliveryRow};
use clocher_storage::{Db, Location, testing};
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, SliceRandom};
use rand::{Rng, SeedableRng};
use std::collections::{BTreeSet, HashMap};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// When a simulated world begins: 24 November 2026, eight o'clock in the morning in France, in milliseconds.
const DAWN: i64 = 1_795_503_600_000;
/// How far time goes on after each round, in milliseconds.
const TICK: i64 = 20;
/// Longest delay, in milliseconds: below the time for which a delivery is claimed.
const LONGEST_DELAY: i64 = 20_000;
/// Deliveries of one instance under way at once, and to one host.
const ROOM: (usize, usize) = (64, 16);
/// Most deliveries that are kept to be sent again.
const MOST_HEARD: usize = 2_000;
/// Rounds after which a network that is not calm never will be.
const PATIENCE: usize = 200_000;

/// On what the instances of a network stand.
pub struct Ground {
    /// `https`, or `http` for the test hosts.
    pub scheme: &'static str,
    /// Hosts that are reached by plain http.
    pub test_hosts: TestHosts,
    /// The database of the instance with that host.
    pub database: Box<dyn Fn(&str) -> Location + Send + Sync>,
    /// When its time begins, in milliseconds since the Unix epoch.
    pub begins_at: i64,
}

impl Ground {
    /// Databases in memory.
    pub fn memory() -> Self {
        Self {
            scheme: "https",
            test_hosts: TestHosts::default(),
            database: Box::new(|_| Location::Memory),
            begins_at: DAWN,
        }
    }

    /// Databases in files of a folder.
    pub fn files(folder: &Path) -> Self {
        let folder: PathBuf = folder.to_owned();
        Self { database: Box::new(move |host| Location::Sqlite(folder.join(host))), ..Self::memory() }
    }
}

/// The clock of all instances.
#[derive(Debug)]
struct OneClock(AtomicI64);

impl Clock for OneClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::Relaxed))
    }
}

/// What befalls deliveries: probabilities from 0 to 1.
#[derive(Clone, Copy, Debug, Default)]
pub struct Faults {
    /// A delivery does not arrive, and is tried again.
    pub lost: f64,
    /// It arrives, and the answer does not: it is sent again.
    pub unanswered: f64,
    /// It arrives twice.
    pub doubled: f64,
    /// It arrives late, after others.
    pub delayed: f64,
    /// After a round, one of the instances is killed and starts anew.
    pub killed: f64,
    /// After a round, something that was sent long ago is sent again.
    pub replayed: f64,
}

impl Faults {
    /// Bad weather.
    pub const FOUL: Self =
        Self { lost: 0.1, unanswered: 0.1, doubled: 0.1, delayed: 0.2, killed: 0.02, replayed: 0.1 };
}

/// An instance.
struct Node {
    app: App,
    db: Db,
    /// What its folder holds of what is sent, which no backup of the database brings back.
    folder: Folder,
    /// Whether it may send.
    sends: bool,
    /// When the next thing is due that waits; digests too, and without them.
    due: Option<i64>,
    due_without_mail: Option<i64>,
    held: Vec<(i64, Claimed)>,
}

/// The folder of an instance.
#[derive(Clone, Debug, Default)]
struct Folder(Arc<Mutex<Option<Marker>>>);

impl Folder {
    fn read(&self) -> Found {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        held.map_or(Found::Nothing, Found::Marker)
    }
}

impl Seal for Folder {
    fn write(&self, marker: &Marker) -> io::Result<()> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(marker.clone());
        Ok(())
    }
}

/// A network of instances.
pub struct Network {
    federation: Arc<Federation>,
    clock: Arc<OneClock>,
    scheme: &'static str,
    nodes: Vec<Node>,
    places: HashMap<String, usize>,
    awake: BTreeSet<usize>,
    /// Who did something since somebody asked.
    stirred: BTreeSet<usize>,
    /// What was sent, and may be sent again by somebody who listened: some of it, with who sent it.
    heard: Vec<(usize, Claimed)>,
    random: StdRng,
    mail_is_held: bool,
    /// Everybody's mail.
    pub post_office: Arc<PostOffice>,
    /// What befalls it, from now on.
    pub faults: Faults,
}

impl Network {
    /// Founds the instances of a world, each with an administrator who is called `mairie`.
    ///
    /// # Errors
    /// Those of founding.
    pub async fn found(world: &World, ground: Ground, seed: u64) -> Outcome<Self> {
        let Ground { scheme, test_hosts, database, begins_at } = ground;
        let options = Options {
            test_hosts,
            siblings: Siblings::Direct,
            policy: Policy::default(),
            limits: Limits::default(),
        };
        let post_office = Arc::new(PostOffice::default());
        let mut network = Self {
            mail_is_held: false,
            post_office,
            federation: Federation::new(options)?,
            clock: Arc::new(OneClock(AtomicI64::new(begins_at))),
            scheme,
            nodes: Vec::new(),
            places: HashMap::new(),
            awake: BTreeSet::new(),
            stirred: BTreeSet::new(),
            heard: Vec::new(),
            random: StdRng::seed_from_u64(seed),
            faults: Faults::default(),
        };
        for (number, instance) in world.instances.iter().enumerate() {
            let db = Db::new(database(&instance.host));
            let app = network.app(&db, &instance.host);
            let administrator = NewAccount {
                name: "mairie".to_owned(),
                display_name: "Mairie".to_owned(),
                mail: format!("mairie@{}", instance.host),
                password: None,
            };
            let founding = Founding {
                territory: None,
                name: "Commune".to_owned(),
                language: "fr".to_owned(),
                administrator,
                neighbours: Vec::new(),
                communities: Vec::new(),
            };
            found(&app, founding).await?;
            network.federation.add(&app);
            let node = Node {
                app,
                db,
                folder: Folder::default(),
                sends: false,
                due: None,
                due_without_mail: None,
                held: Vec::new(),
            };
            network.nodes.push(node);
            network.places.insert(instance.host.clone(), number);
            network.admit(number).await?;
        }
        Ok(network)
    }

    fn app(&self, db: &Db, host: &str) -> App {
        let clock: Arc<dyn Clock> = Arc::clone(&self.clock) as Arc<dyn Clock>;
        App::new(db.clone(), Site::new(self.scheme, host), clock)
    }

    /// What all of them federate by.
    pub fn federation(&self) -> &Arc<Federation> {
        &self.federation
    }

    /// An instance, by its place; whoever asks for it will have it do something.
    ///
    /// # Errors
    /// Where there is none.
    pub fn instance(&mut self, place: usize) -> Outcome<App> {
        self.awake.insert(place);
        let node = self.nodes.get(place).ok_or("an instance that there is not")?;
        Ok(node.app.clone())
    }

    /// The same, for somebody who merely looks.
    ///
    /// # Errors
    /// Where there is none.
    pub fn look_at(&self, place: usize) -> Outcome<App> {
        Ok(self.nodes.get(place).ok_or("an instance that there is not")?.app.clone())
    }

    /// An instance may have something to do.
    pub fn wake(&mut self, place: usize) {
        self.awake.insert(place);
    }

    /// Which instances did something since this was asked last.
    pub fn take_stirred(&mut self) -> BTreeSet<usize> {
        std::mem::take(&mut self.stirred)
    }

    /// What went over it until now, repetitions among it.
    pub fn traffic(&self) -> Traffic {
        self.federation.traffic()
    }

    /// The present instant, in milliseconds since the Unix epoch.
    pub fn now(&self) -> i64 {
        self.clock.now().0
    }

    /// Lets time pass, in milliseconds, without anybody doing anything.
    pub fn pass(&self, millis: i64) {
        self.clock.0.fetch_add(millis, Ordering::Relaxed);
    }

    /// Has everybody do what they can, and time pass, until nobody owes anybody anything but digests.
    ///
    /// # Errors
    /// Those of storage; where the network does not come to rest.
    pub async fn settle(&mut self) -> Outcome {
        self.settle_as(false).await
    }

    /// The same, until the digests are sent too.
    ///
    /// # Errors
    /// As `settle`.
    pub async fn settle_digests(&mut self) -> Outcome {
        self.settle_as(true).await
    }

    async fn settle_as(&mut self, with_mail: bool) -> Outcome {
        for _ in 0..PATIENCE {
            if self.round().await? {
                continue;
            }
            let due = |node: &Node| if with_mail { node.due } else { node.due_without_mail };
            let Some(first) = self.nodes.iter().filter_map(due).min() else { return Ok(()) };
            self.pass((first - self.now()).max(TICK));
            let now = self.now();
            let is_due = |node: &Node| due(node).is_some_and(|due| due <= now);
            self.awake
                .extend((0..self.nodes.len()).filter(|place| self.nodes.get(*place).is_some_and(is_due)));
        }
        Err("the network does not come to rest".into())
    }

    /// One round of those who have something to do; whether somebody did something.
    async fn round(&mut self) -> Outcome<bool> {
        let mut places: Vec<usize> = std::mem::take(&mut self.awake).into_iter().collect();
        places.shuffle(&mut self.random);
        let mut busy = false;
        for place in places {
            if self.step(place).await? {
                self.awake.insert(place);
                busy = true;
            }
        }
        self.pass(TICK);
        if busy && self.random.random_bool(self.faults.killed) {
            let place = self.random.random_range(0..self.nodes.len());
            self.kill(place).await?;
        }
        if busy && self.random.random_bool(self.faults.replayed) {
            self.replay().await?;
        }
        Ok(busy)
    }

    /// Sends again something that was sent at any time.
    async fn replay(&mut self) -> Outcome {
        let Some((place, claimed)) = self.heard.choose(&mut self.random).cloned() else { return Ok(()) };
        self.awake.extend(self.places.get(&claimed.row.host));
        self.federation.deliver(&self.look_at(place)?, claimed).await;
        Ok(())
    }

    /// An instance sends a document to every other one, whatever its own queues hold.
    ///
    /// # Errors
    /// Where there is none.
    pub async fn say_to_all(&mut self, place: usize, document: &str) -> Outcome {
        let app = self.look_at(place)?;
        let others: Vec<String> =
            self.places.keys().filter(|host| *host != app.site().domain()).cloned().collect();
        for host in others {
            let row = DeliveryRow {
                id: 0,
                activity_id: 0,
                signer_id: 0,
                inbox: format!("{}://{host}/inbox", self.scheme),
                host,
                subject: String::new(),
                state: DUE.to_owned(),
                attempts: 0,
                next_at: 0,
                claimed_until: None,
                last_error: None,
                created_at: 0,
                waits: false,
            };
            self.awake.extend(self.places.get(&row.host));
            let claimed = Claimed { row, document: document.to_owned(), is_blocked: false };
            self.federation.deliver(&app, claimed).await;
        }
        Ok(())
    }

    /// Kills an instance, which starts anew over what it had stored.
    ///
    /// # Errors
    /// Those of storage.
    pub async fn kill(&mut self, place: usize) -> Outcome {
        let Some(node) = self.nodes.get(place) else { return Ok(()) };
        let host = node.app.site().domain().to_owned();
        let app = self.app(&node.db, &host);
        self.federation.add(&app);
        delivering::start(&app, true).await?;
        if let Some(node) = self.nodes.get_mut(place) {
            node.app = app;
            node.held.clear();
        }
        self.awake.insert(place);
        self.admit(place).await
    }

    /// Judges, at the start of an instance, whether it may send.
    async fn admit(&mut self, place: usize) -> Outcome {
        let Some(node) = self.nodes.get_mut(place) else { return Ok(()) };
        let marker = marker::judge(&node.app, node.folder.read()).await?;
        node.sends = marker.is_some();
        if let Some(marker) = marker {
            node.folder.write(&marker)?;
        }
        Ok(())
    }

    /// Has letters wait, or go again.
    pub fn hold_mail(&mut self, hold: bool) {
        self.mail_is_held = hold;
        self.awake.extend(0..self.nodes.len());
    }

    /// Copies the database of an instance, which is a file, to another file.
    ///
    /// # Errors
    /// Those of storage.
    pub async fn back_up(&self, place: usize, copy: &Path) -> Outcome {
        let node = self.nodes.get(place).ok_or("an instance that there is not")?;
        let copy = copy.to_owned();
        Ok(node.app.read(move |conn| testing::copy_to(conn, &copy)).await?)
    }

    /// Stops an instance and starts it over that database; its folder is as it was left.
    ///
    /// # Errors
    /// Those of storage.
    pub async fn restore(&mut self, place: usize, copy: &Path) -> Outcome {
        let node = self.nodes.get_mut(place).ok_or("an instance that there is not")?;
        node.db = Db::new(Location::Sqlite(copy.to_owned()));
        self.kill(place).await
    }

    /// The administrator of an instance says that its database is the only one.
    ///
    /// # Errors
    /// Those of storage.
    pub async fn confirm(&mut self, place: usize) -> Outcome {
        let node = self.nodes.get_mut(place).ok_or("an instance that there is not")?;
        let (marker, _) = marker::confirm(&node.app, false).await?;
        node.folder.write(&marker)?;
        self.admit(place).await
    }

    /// What one instance can do now; whether there was something.
    async fn step(&mut self, place: usize) -> Outcome<bool> {
        let Some(node) = self.nodes.get_mut(place) else { return Ok(false) };
        let (app, held) = (node.app.clone(), std::mem::take(&mut node.held));
        self.stirred.insert(place);
        let desk = Desk {
            mail: Some(Arc::clone(&self.post_office) as Arc<dyn Channel>),
            seal: Some(Arc::new(node.folder.clone())),
            ..Desk::default()
        };
        let sends = node.sends;
        self.federation.carry_out_effects(&app).await?;
        let jobs = self.federation.do_due_jobs(&app).await?;
        let mut sent = false;
        while sends && ledger::fan_out_next(&app, &desk).await? {
            sent = true;
        }
        while sends && !self.mail_is_held && sending::send_next(&app, &desk).await? {
            sent = true;
        }
        let room = Room { total: ROOM.0, per_host: ROOM.1, under_way: HashMap::new() };
        let turn = delivering::turn(&app, Arc::new([]), room, Policy::default()).await?;
        let now = self.now();
        let (mut ready, still): (Vec<_>, Vec<_>) = held.into_iter().partition(|(until, _)| *until <= now);
        let busy = sent || jobs > 0 || !turn.claimed.is_empty() || !ready.is_empty();
        if let Some(node) = self.nodes.get_mut(place) {
            node.held = still;
        }
        ready.extend(turn.claimed.into_iter().map(|claimed| (0, claimed)));
        ready.shuffle(&mut self.random);
        let mut tried = Vec::new();
        for (was_held, claimed) in ready {
            if was_held == 0 && self.random.random_bool(self.faults.delayed) {
                let until = now + self.random.random_range(0..LONGEST_DELAY);
                if let Some(node) = self.nodes.get_mut(place) {
                    node.held.push((until, claimed));
                }
                continue;
            }
            if self.faults.replayed > 0.0 && self.heard.len() < MOST_HEARD {
                self.heard.push((place, claimed.clone()));
            }
            tried.push(self.send(&app, claimed).await);
        }
        if !tried.is_empty() {
            let room = Room { total: 0, per_host: 0, under_way: HashMap::new() };
            delivering::turn(&app, tried.into(), room, Policy::default()).await?;
        }
        if !busy {
            self.note_due(place).await?;
        }
        Ok(busy)
    }

    /// Sends one delivery through the weather.
    async fn send(&mut self, app: &App, claimed: Claimed) -> Tried {
        let row = claimed.row.clone();
        let failed = |why: &str| Tried {
            row: row.clone(),
            failure: Some((Failure::Later { retry_after: None }, why.to_owned())),
            jitter: 0.5,
        };
        if self.random.random_bool(self.faults.lost) {
            return failed("lost on the way");
        }
        let times = 1 + u64::from(self.random.random_bool(self.faults.doubled));
        let mut tried = None;
        for _ in 0..times {
            tried = Some(self.federation.deliver(app, claimed.clone()).await);
        }
        self.awake.extend(self.places.get(&row.host));
        match tried {
            Some(_) if self.random.random_bool(self.faults.unanswered) => failed("the answer was lost"),
            Some(tried) => tried,
            None => failed("not sent"),
        }
    }

    /// Notes when the next thing of an instance is due that waits.
    async fn note_due(&mut self, place: usize) -> Outcome {
        let Some(node) = self.nodes.get_mut(place) else { return Ok(()) };
        let room = Room { total: 1, per_host: 0, under_way: HashMap::new() };
        let turn = delivering::turn(&node.app, Arc::new([]), room, Policy::default()).await?;
        let job = delivering::next_job_due(&node.app).await?;
        let mail = if node.sends { sending::next_due(&node.app).await? } else { None };
        let held = node.held.iter().map(|(until, _)| *until).min();
        node.due_without_mail = [turn.next_due, job, held].into_iter().flatten().min();
        node.due = [node.due_without_mail, mail].into_iter().flatten().min();
        Ok(())
    }
}
