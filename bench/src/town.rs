//! The data of a benchmark: an instance with people, a thread of 300 replies and others, and its followers
//! elsewhere. Made through the use cases of `app`, and the same at each run.

use crate::Outcome;
use crate::child::{Child, free_port};
use crate::host::{Layout, open};
use crate::strangers::Strangers;
use clocher_app::accounts::{self, NewAccount};
use clocher_app::communities::{self, NewCommunity};
use clocher_app::founding::{Founding, found};
use clocher_app::posting::{self, NewPost};
use clocher_app::profile::{self, RemoteActor};
use clocher_app::{App, membership, queue};
use clocher_domain::actor::{ActorKind, Role};
use clocher_domain::audience::Visibility;
use clocher_domain::community::{Openness, Posting};
use clocher_domain::membership::Standing;
use clocher_domain::territory::{Level, TerritoryId};
use clocher_domain::time::DAY;
use clocher_storage::activities::{self, ActivityRow};
use clocher_storage::actors::ActorRow;
use clocher_storage::deliveries::{self, DeliveryRow};
use clocher_storage::follows::{self, FollowRow};
use clocher_storage::hosts::{self, HostRow};
use clocher_storage::posts::PostRow;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The name of the instance.
pub const NAME: &str = "mairie";
/// Replies of the long thread.
pub const REPLIES: usize = 300;
/// Messages of a small instance, those of the long thread counted.
pub const SMALL: usize = 700;
/// People of the instance.
const PEOPLE: usize = 20;
/// Replies of the other threads.
const REPLIES_OF_OTHERS: usize = 4;
/// How long the instance may take to come to rest.
const PATIENCE: Duration = Duration::from_mins(5);

/// What people say.
const SENTENCES: [&str; 8] = [
    "Le conseil municipal se réunit **jeudi** à la salle des fêtes.",
    "Qui a une remorque à prêter pour samedi ?",
    "La route de la gare est fermée jusqu'au 12, voir https://mairie.example/travaux.",
    "Merci à toutes et à tous pour dimanche : nous étions *plus de cent*.",
    "Je propose d'en parler à la prochaine réunion du comité.",
    "Le marché du mercredi change de place pendant les travaux.",
    "> Et pour le stationnement ?\n\nDerrière l'église, comme d'habitude.",
    "Il reste des places dans la voiture, départ à sept heures.",
];

/// An instance, and whom it reaches.
pub struct Town {
    folder: TempDir,
    layout: Layout,
    /// The instance, as this process reads it.
    pub app: App,
    /// Its first community.
    pub community: ActorRow,
    /// The top post of its long thread.
    pub thread: PostRow,
    /// Who lives there.
    pub people: Vec<ActorRow>,
    /// Deliveries that never arrive.
    debts: i64,
}

impl Town {
    /// Founds the instance and has its people write that many messages, the long thread first.
    ///
    /// # Errors
    /// Those of use cases and of the file system.
    pub async fn build(messages: usize) -> Outcome<Self> {
        let (made_in, folder) = (quick_folder()?, tempfile::tempdir()?);
        let port = free_port()?;
        std::fs::create_dir_all(made_in.path().join(NAME))?;
        let app = open(made_in.path(), NAME, port);
        found(&app, founding(NAME)?).await?;
        let community = communities::find(&app, "annonay").await?;
        let people = people(&app, &community).await?;
        let mut writer = Writer { app: &app, people: &people, community: &community, dice: Dice(1) };
        let thread = writer.thread(REPLIES).await?;
        let mut written = REPLIES + 1;
        while written < messages {
            writer.thread(REPLIES_OF_OTHERS).await?;
            written += REPLIES_OF_OTHERS + 1;
        }
        let layout = Layout { port, instances: vec![NAME.to_owned()], ..Layout::default() };
        let made = Self { folder: made_in, layout, app, community, thread, people, debts: 0 };
        // What the messages owe is carried out before anything is measured.
        let child = made.serve().await?;
        made.settle().await?;
        child.kill()?;
        made.move_to(folder)
    }

    fn move_to(self, folder: TempDir) -> Outcome<Self> {
        let from = database(self.folder.path());
        rusqlite::Connection::open(&from)?.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
        std::fs::create_dir_all(folder.path().join(NAME))?;
        std::fs::copy(&from, database(folder.path()))?;
        let app = open(folder.path(), NAME, self.layout.port);
        Ok(Self { folder, app, ..self })
    }

    /// Where its files are.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Its domain.
    pub fn domain(&self) -> &str {
        self.app.site().domain()
    }

    /// Lets it reach those servers.
    pub fn know(&mut self, strangers: &Strangers) {
        self.layout.strangers_port = strangers.port;
        self.layout.strangers.clone_from(&strangers.names);
    }

    /// Serves it in a process of its own.
    ///
    /// # Errors
    /// Where that does not start.
    pub async fn serve(&self) -> Outcome<Child> {
        self.layout.write(self.folder())?;
        Child::start(self.layout.port, [Path::new("server"), self.folder()]).await
    }

    /// One more community.
    ///
    /// # Errors
    /// Those of the use case.
    pub async fn add_community(&self, name: &str) -> Outcome<ActorRow> {
        let new = NewCommunity {
            name: name.to_owned(),
            display_name: name.to_owned(),
            presentation: String::new(),
            territory: None,
            posting: Posting::Everybody,
            openness: Openness::Open,
        };
        Ok(communities::add(&self.app, new, None).await?)
    }

    /// Has somebody of that server follow a community, as if it had been so for long: nobody is told.
    ///
    /// # Errors
    /// Those of storage.
    pub async fn follow(&self, community: &ActorRow, strangers: &Strangers, name: &str) -> Outcome {
        let host = strangers.host(name);
        let id = format!("http://{host}/u/{name}");
        let remote = RemoteActor {
            kind: ActorKind::Person,
            name: name.to_owned(),
            display_name: name.to_owned(),
            summary: String::new(),
            url: id.clone(),
            inbox: format!("{id}/inbox"),
            shared_inbox: Some(format!("http://{host}/inbox")),
            outbox: None,
            followers: None,
            public_key_id: format!("{id}#main-key"),
            public_key_pem: strangers.key.public_pem().to_owned(),
            assertion_methods: Vec::new(),
            also_known_as: Vec::new(),
            moved_to: None,
            community: None,
            ap_id: id,
            host,
        };
        let follower = profile::receive(&self.app, remote).await?;
        let (id, followed_id) = (self.app.mint(), community.id);
        let follow = FollowRow {
            id,
            ap_id: format!("{}/follows/{id}", follower.ap_id),
            follower_id: follower.id,
            followed_id,
            standing: Standing::Accepted.as_str().to_owned(),
            created_at: self.app.now().0,
        };
        Ok(self.app.write(move |deed| follows::put(deed.conn, &follow)).await?)
    }

    /// Has it owe that many deliveries, about a tenth as many threads, to a host that has been silent for days.
    ///
    /// # Errors
    /// Those of storage.
    pub async fn owe_to_silent_host(&mut self, count: i64) -> Outcome {
        let (signer_id, app) = (self.community.id, self.app.clone());
        self.app
            .write(move |deed| {
                let now = deed.now();
                let host = "parti.bench".to_owned();
                hosts::put(
                    deed.conn,
                    &HostRow {
                        host: host.clone(),
                        failures: 9,
                        failing_since: Some(now - 5 * DAY),
                        retry_at: Some(now + DAY),
                        ..HostRow::default()
                    },
                )?;
                for number in 0..count {
                    let id = app.mint();
                    let activity = ActivityRow {
                        id,
                        ap_id: app.site().activity(id),
                        kind: "Announce".to_owned(),
                        local: true,
                        actor_id: signer_id,
                        post_id: None,
                        listed: false,
                        document: "{}".to_owned(),
                        created_at: now,
                    };
                    let delivery = DeliveryRow {
                        id: app.mint(),
                        activity_id: activities::put(deed.conn, &activity)?,
                        signer_id,
                        inbox: format!("http://{host}/inbox"),
                        host: host.clone(),
                        subject: format!("http://{host}/threads/{}", number / 10),
                        state: deliveries::DUE.to_owned(),
                        attempts: 0,
                        next_at: now,
                        claimed_until: None,
                        last_error: None,
                        created_at: now,
                        waits: false,
                    };
                    deliveries::put(deed.conn, &delivery)?;
                }
                Ok::<_, clocher_app::Error>(())
            })
            .await?;
        self.debts = count;
        Ok(())
    }

    /// Waits until it owes nobody anything that can arrive.
    ///
    /// # Errors
    /// Where it does not come to rest.
    pub async fn settle(&self) -> Outcome {
        let until = Instant::now() + PATIENCE;
        loop {
            let owed = queue::list(&self.app, 1).await?;
            let due = self.app.read(|conn| deliveries::count(conn, deliveries::DUE)).await?;
            if owed.effects == 0 && due <= self.debts && owed.jobs.is_empty() {
                return Ok(());
            }
            if Instant::now() > until {
                return Err(format!("the instance does not come to rest: {owed:?}").into());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// Founds that many instances in a folder, and serves them in one process.
///
/// # Errors
/// Those of use cases and of the file system.
pub async fn many(folder: &Path, count: usize) -> Outcome<(Child, Vec<String>)> {
    let port = free_port()?;
    let names: Vec<String> = (0..count).map(|number| format!("commune-{number}")).collect();
    let mut domains = Vec::new();
    for name in &names {
        std::fs::create_dir_all(folder.join(name))?;
        let app = open(folder, name, port);
        found(&app, founding(name)?).await?;
        domains.push(app.site().domain().to_owned());
    }
    Layout { port, instances: names, ..Layout::default() }.write(folder)?;
    Ok((Child::start(port, [Path::new("server"), folder]).await?, domains))
}

fn founding(name: &str) -> Outcome<Founding> {
    Ok(Founding {
        territory: Some(TerritoryId::new(Level::Commune, "07010").map_err(|_| "Annonay has a code")?),
        name: "Annonay".to_owned(),
        language: "fr".to_owned(),
        administrator: account(name),
        neighbours: Vec::new(),
        communities: vec![("Vélo".to_owned(), "À **vélo** dans le bassin d'Annonay.".to_owned())],
    })
}

fn account(name: &str) -> NewAccount {
    NewAccount {
        name: name.to_owned(),
        display_name: name.to_owned(),
        mail: format!("{name}@mail.example"),
        password: None,
    }
}

async fn people(app: &App, community: &ActorRow) -> Outcome<Vec<ActorRow>> {
    let mut people = Vec::new();
    for number in 0..PEOPLE {
        let person = accounts::add(app, account(&format!("voisine-{number}")), Role::Member).await?;
        membership::join(app, person.id, community.id).await?;
        people.push(person);
    }
    Ok(people)
}

/// Writes threads.
struct Writer<'a> {
    app: &'a App,
    people: &'a [ActorRow],
    community: &'a ActorRow,
    dice: Dice,
}

impl Writer<'_> {
    /// A thread with that many replies, each to any of the messages before it.
    async fn thread(&mut self, replies: usize) -> Outcome<PostRow> {
        let title = format!("Sujet {}", self.dice.below(100_000));
        let opening = NewPost { title: Some(title), home_id: Some(self.community.id), ..self.message(None)? };
        let top = posting::write(self.app, opening).await?;
        let mut ids = vec![top.id];
        for _ in 0..replies {
            let parent = ids.get(self.dice.below(ids.len())).copied();
            let reply = self.message(parent)?;
            ids.push(posting::write(self.app, reply).await?.id);
        }
        Ok(top)
    }

    fn message(&mut self, parent_id: Option<i64>) -> Outcome<NewPost> {
        let author = self.people.get(self.dice.below(self.people.len())).ok_or("nobody lives here")?;
        let sentences = 1 + self.dice.below(5);
        let text: Vec<&str> =
            (0..sentences).filter_map(|_| SENTENCES.get(self.dice.below(SENTENCES.len())).copied()).collect();
        Ok(NewPost {
            author_id: author.id,
            home_id: None,
            parent_id,
            title: None,
            text: text.join("\n\n"),
            visibility: Visibility::Public,
            language: Some("fr".to_owned()),
            reach: None,
            also: Vec::new(),
            request_key: None,
        })
    }
}

/// Numbers that look random and are the same at each run: a linear congruential generator.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default() % limit.max(1)
    }
}

fn database(folder: &Path) -> PathBuf {
    folder.join(NAME).join("clocher.sqlite")
}

/// A temporary folder in memory where there is one: ten thousand durable transactions take their time.
pub fn quick_folder() -> Outcome<TempDir> {
    Ok(tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir())?)
}
