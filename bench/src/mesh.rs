//! The communes of a département with what is above them, all in one process of the real server, which reach one another
//! over signed HTTP: people write by the forms, and everybody's timeline is looked at.
//!
//! The places, links and memberships are made before, in this process, through the use cases; what is measured is what
//! the server does from the first message on.

use crate::Outcome;
use crate::browser::Browser;
use crate::child::{Child, free_port, to_f64};
use crate::host::{self, Layout, open};
use crate::town::quick_folder;
use clocher_app::{App, Clock, SystemClock, linking, placing, queue};
use clocher_domain::time::HOUR;
use clocher_simulation::network::Ground;
use clocher_simulation::stage::timeline_of;
use clocher_simulation::territory::Extent;
use clocher_simulation::{Copies, Report, Stage, World};
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::{Location, posts};
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};

/// Communes of the usual runs.
pub const SIZES: [usize; 3] = [50, 100, 269];
/// Messages of a run.
pub const MESSAGES: usize = 200;
/// People, for each commune.
const PEOPLE: usize = 4;
/// The département: Ardèche, with most of the 269 communes of the syndicate.
const DEPARTEMENT: [&str; 1] = ["07"];
/// How long the server may take to come to rest.
const PATIENCE: Duration = Duration::from_mins(10);

/// Runs it over that many communes, and gives one object: what there was, and what became of it.
///
/// # Errors
/// Those of use cases, and where the server does not answer or does not come to rest.
pub async fn run(communes: usize, messages: usize) -> Outcome<Value> {
    let (folder, port) = (quick_folder()?, free_port()?);
    let ending = format!(".bench:{port}");
    let extent = Extent {
        hosts: &ending,
        departements: &DEPARTEMENT,
        communes,
        networks: communes / 10,
        moderated: false,
        people: communes * PEOPLE,
        messages,
    };
    let world = World::of_territories(extent, &mut StdRng::seed_from_u64(1));
    let names = world.instances.iter().map(|instance| instance.host.trim_end_matches(&ending).to_owned());
    let layout = Layout { port, instances: names.collect(), siblings_by_http: true, ..Layout::default() };
    eprintln!("{} instances …", world.instances.len());
    let mesh = Mesh::build(folder.path(), &layout, world).await?;
    layout.write(folder.path())?;
    let child = Child::start(port, [Path::new("server"), folder.path()]).await?;
    mesh.settle().await?;
    eprintln!("{messages} messages …");
    let browsers = mesh.sign_in(&child).await?;
    let (cpu, before) = (child.cpu_ms()?, host::traffic(folder.path())?);
    for (number, browser) in browsers.iter().enumerate() {
        mesh.write(number, browser).await?;
    }
    mesh.settle().await?;
    while mesh.judge(&child).await? {
        mesh.settle().await?;
    }
    let cpu = child.cpu_ms()? - cpu;
    tokio::time::sleep(host::SAYS_EVERY * 2).await;
    let after = host::traffic(folder.path())?;
    let report = Report::compare(&mesh.world, &mesh.copies().await?);
    let count = to_f64(messages.try_into()?);
    let readers = to_f64(report.expected) / count;
    Ok(json!({
        "communities": mesh.world.communities.len(),
        "instances": mesh.world.instances.len(),
        "people": mesh.world.people.len(),
        "messages": messages,
        "deliveries": after.0 - before.0,
        "duplicates": report.duplicates,
        "missing": report.missing,
        "unentitled": report.unentitled,
        "copies_on_timelines": report.copies,
        "readers_per_message": readers,
        "deliveries_per_message": to_f64(after.0 - before.0) / count,
        "bytes_per_message": to_f64(after.1 - before.1) / count,
        "cpu_ms_per_message": cpu / count,
        "rss_mb": child.rss_mb()?,
    }))
}

/// A world that stands in files, and how this process reads them.
struct Mesh {
    world: World,
    apps: Vec<App>,
    people: Vec<i64>,
    communities: Vec<String>,
}

impl Mesh {
    async fn build(folder: &Path, layout: &Layout, world: World) -> Outcome<Self> {
        for name in &layout.instances {
            std::fs::create_dir_all(folder.join(name))?;
        }
        let (files, ending) = (folder.to_owned(), format!(".bench:{}", layout.port));
        let ground = Ground {
            scheme: "http",
            test_hosts: layout.test_hosts(),
            database: Box::new(move |host| {
                Location::Sqlite(files.join(host.trim_end_matches(&ending)).join("clocher.sqlite"))
            }),
            begins_at: SystemClock.now().0 - HOUR,
        };
        let stage = Stage::raise(world, ground, 1).await?;
        let people =
            (0..stage.world.people.len()).map(|person| stage.person(person)).collect::<Outcome<_>>()?;
        let communities =
            (0..stage.world.communities.len()).map(|place| stage.id_of(place)).collect::<Outcome<_>>()?;
        let apps = layout.instances.iter().map(|name| open(folder, name, layout.port)).collect();
        Ok(Self { world: stage.world.clone(), apps, people, communities })
    }

    fn app_of(&self, person: usize) -> Outcome<&App> {
        let instance = self.world.people.get(person).ok_or("nobody")?.instance;
        Ok(self.apps.get(instance).ok_or("an instance that there is not")?)
    }

    /// The author of each message, at a browser.
    async fn sign_in(&self, child: &Child) -> Outcome<Vec<Browser>> {
        let mut browsers = Vec::new();
        for message in &self.world.messages {
            let person = *self.people.get(message.author).ok_or("nobody")?;
            browsers.push(Browser::sign_in(self.app_of(message.author)?, person, child.address).await?);
        }
        Ok(browsers)
    }

    async fn write(&self, number: usize, browser: &Browser) -> Outcome {
        let message = self.world.messages.get(number).ok_or("a message that there is not")?;
        let app = self.app_of(message.author)?;
        let home = self.find(app, message.home).await?.ok_or("the author does not know the home")?;
        let mut reach = Vec::new();
        for place in &message.reach {
            let place = self.find(app, *place).await?;
            reach.push(place.ok_or("the author is not offered a community beside or above the home")?.id);
        }
        browser.open_travelling(&home, &format!("Message {number}"), &reach, message.down).await
    }

    async fn find(&self, app: &App, community: usize) -> Outcome<Option<ActorRow>> {
        let ap_id = self.communities.get(community).ok_or("a community that there is not")?.clone();
        Ok(app.read(move |conn| actors::find_by_ap_id(conn, &ap_id)).await?)
    }

    /// Moderators let in what asks for them: more than a few threads a day over one link do. Whether any did.
    async fn judge(&self, child: &Child) -> Outcome<bool> {
        let mut any = false;
        for app in &self.apps {
            let moderator = linking::administrator(app).await?;
            let items = placing::list_items(app, moderator.id).await?;
            if items.is_empty() {
                continue;
            }
            any = true;
            let browser = Browser::sign_in(app, moderator.id, child.address).await?;
            for item in items {
                let places: Vec<i64> = item.standing.iter().map(|standing| standing.community.id).collect();
                browser.let_in(item.thread.id, &places).await?;
            }
        }
        Ok(any)
    }

    /// Waits until nobody owes anybody anything.
    async fn settle(&self) -> Outcome {
        let until = Instant::now() + PATIENCE;
        let mut calm = 0;
        while calm < 2 {
            let mut owes = false;
            for app in &self.apps {
                let owed = queue::list(app, 1).await?;
                owes |= owed.effects > 0 || !owed.deliveries.is_empty() || !owed.jobs.is_empty();
                if owes {
                    break;
                }
            }
            calm = if owes { 0 } else { calm + 1 };
            if Instant::now() > until {
                return Err("the server does not come to rest".into());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// What stands on everybody's timeline, their own messages left out.
    async fn copies(&self) -> Outcome<Copies> {
        let mut copies = Copies::new();
        for (person, id) in self.people.iter().enumerate() {
            let app = self.app_of(person)?;
            for (ap_id, _) in timeline_of(app, *id).await? {
                let title = app.read(move |conn| posts::find_by_ap_id(conn, &ap_id)).await?;
                let title = title.and_then(|post| post.title).unwrap_or_default();
                let number = title.strip_prefix("Message ").and_then(|number| number.parse::<usize>().ok());
                let Some(number) = number else { continue };
                if self.world.messages.get(number).is_some_and(|message| message.author != person) {
                    *copies.entry((number, person)).or_default() += 1;
                }
            }
        }
        Ok(copies)
    }
}
