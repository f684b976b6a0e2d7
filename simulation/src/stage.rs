//! A world made real: its communities, people and links on the instances of a network, through the use cases that
//! everybody goes through.

use crate::network::Ground;
use crate::world::{self, Message, World};
use crate::{Copies, Network, Outcome, Report, oracle};
use clocher_app::accounts::{self, NewAccount};
use clocher_app::communities::{self, NewCommunity};
use clocher_app::placing;
use clocher_app::ports::Directory;
use clocher_app::posting::{self, NewPost};
use clocher_app::sessions::Viewer;
use clocher_app::{App, admitting, joining, linking, membership, profile, reading, subscribing, timeline};
use clocher_domain::actor::Role;
use clocher_domain::audience::Visibility;
use clocher_domain::community::{Openness, Posting};
use clocher_domain::joint::JointState;
use clocher_domain::ledger::Mode;
use clocher_domain::placement::{PlacementState, Reach};
use clocher_federation::Fediverse;
use clocher_federation::transport::SigningKey;
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::posts::{self, PostRow};
use clocher_storage::{accounts as storage_accounts, activities, placements};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// A world on a network.
pub struct Stage {
    /// The world, its addresses joined.
    pub world: World,
    /// Its instances.
    pub network: Network,
    /// The ActivityPub ids of its communities.
    pub(crate) communities: Vec<String>,
    /// The ids of its people, each on their instance.
    people: Vec<i64>,
    /// The ids of those who moderate, one on each instance.
    pub(crate) moderators: Vec<i64>,
    /// Which communities' moderators let in no thread with that ActivityPub id, and no change of it.
    pub(crate) refused: HashMap<String, [Vec<usize>; 2]>,
    /// The communities for which moderators answered already: the ActivityPub id of the thread, the community.
    pub(crate) answered: HashSet<(String, usize)>,
    /// What moderators were asked that they should not have been.
    pub(crate) needless: Vec<String>,
    key: SigningKey,
}

impl Stage {
    /// Makes a world real, but for what is written in it.
    ///
    /// # Errors
    /// Those of the use cases.
    pub async fn raise(world: World, ground: Ground, seed: u64) -> Outcome<Self> {
        let network = Network::found(&world, ground, seed).await?;
        let key = SigningKey::generate()?;
        let mut stage = Self {
            world,
            network,
            communities: Vec::new(),
            people: Vec::new(),
            moderators: Vec::new(),
            refused: HashMap::new(),
            answered: HashSet::new(),
            needless: Vec::new(),
            key,
        };
        for place in 0..stage.world.instances.len() {
            let app = stage.network.instance(place)?;
            let actor = app.instance().await?.actor_id;
            stage.give_key(&app, actor).await?;
            stage.moderators.push(linking::administrator(&app).await?.id);
        }
        stage.make_communities().await?;
        stage.settle_people().await?;
        stage.network.settle().await?;
        stage.admit().await?;
        stage.subscribe().await?;
        stage.join_addresses().await?;
        let links = stage.world.links.iter().enumerate().filter(|(_, link)| !link.is_late);
        let links: Vec<usize> = links.map(|(number, _)| number).collect();
        for number in &links {
            stage.propose(*number).await?;
        }
        stage.network.settle().await?;
        for number in &links {
            stage.accept(*number).await?;
        }
        stage.network.settle().await?;
        // Only threads that are younger than a link go by it.
        stage.network.pass(1_000);
        stage.network.take_stirred();
        Ok(stage)
    }

    /// All of them sign with one key: to make one for each would take longer than all the rest.
    async fn give_key(&self, app: &App, actor: i64) -> Outcome {
        let (private, public) = (self.key.to_pkcs8_pem()?.to_string(), self.key.public_pem().to_owned());
        profile::give_rsa_key(app, actor, private, public).await?;
        Ok(())
    }

    async fn make_communities(&mut self) -> Outcome {
        for community in self.world.communities.clone() {
            let app = self.network.instance(community.instance)?;
            let new = NewCommunity {
                name: community.name.clone(),
                display_name: community.name.clone(),
                presentation: String::new(),
                territory: None,
                posting: Posting::Everybody,
                openness: if community.closed { Openness::Closed } else { Openness::Open },
            };
            // The founding has made one of that name.
            let row = match communities::find(&app, &community.name).await {
                Ok(row) => row,
                Err(_) => communities::add(&app, new, None).await?,
            };
            self.give_key(&app, row.id).await?;
            self.communities.push(row.ap_id);
        }
        Ok(())
    }

    async fn settle_people(&mut self) -> Outcome {
        for person in self.world.people.clone() {
            let app = self.network.instance(person.instance)?;
            let account = NewAccount {
                name: person.name.clone(),
                display_name: person.name.clone(),
                mail: person.mail.clone(),
                password: None,
            };
            let row = accounts::add(&app, account, Role::Member).await?;
            self.give_key(&app, row.id).await?;
            self.people.push(row.id);
            for (community, _) in &person.follows {
                let followed = self.community(&app, *community).await?;
                membership::join(&app, row.id, followed.id).await?;
            }
        }
        Ok(())
    }

    /// Moderators let in whoever asks to join a closed community.
    async fn admit(&mut self) -> Outcome {
        for number in 0..self.world.communities.len() {
            let app = self.instance_of(number)?;
            let (moderator, community) = (self.moderator_of(number)?, self.community(&app, number).await?);
            let Some(admission) = admitting::list(&app, moderator, community.id).await? else { continue };
            for request in admission.requests {
                admitting::answer(&app, moderator, community.id, request.person.id, true).await?;
            }
        }
        self.network.settle().await
    }

    /// People choose how they are told, and confirm their addresses by the mails that ask them to.
    async fn subscribe(&mut self) -> Outcome {
        for (number, person) in self.world.people.clone().into_iter().enumerate() {
            let (app, account) = (self.network.instance(person.instance)?, self.person(number)?);
            for (community, mode) in &person.follows {
                let followed = self.community(&app, *community).await?;
                subscribing::choose_mode(&app, account, Some(followed.id), Some(mode_of(*mode))).await?;
            }
        }
        self.network.settle().await?;
        for (host, link) in self.network.post_office.take_asked() {
            let instance = self.world.instances.iter().position(|instance| instance.host == host);
            let app = self.network.instance(instance.ok_or("a host that there is not")?)?;
            let token = link.rsplit(['/', '=']).next().unwrap_or_default();
            subscribing::confirm(&app, token).await?;
        }
        Ok(())
    }

    /// Who has two accounts for one address says so, as the instances of one process do for them.
    async fn join_addresses(&mut self) -> Outcome {
        for joint in self.world.joints.clone() {
            let (home, second) = (self.at_home_of(joint.home)?, self.at_home_of(joint.second)?);
            let mail = &self.world.people.get(joint.home).ok_or("nobody")?.mail;
            let ticket = joining::issue(&second, mail, home.site().domain()).await?;
            let ticket = ticket.ok_or("an address that cannot be joined")?;
            joining::take(&home, mail, &ticket, second.site().domain()).await?;
        }
        self.network.settle().await?;
        for joint in self.world.joints.clone() {
            for person in [joint.home, joint.second] {
                let (app, account) = (self.at_home_of(person)?, self.person(person)?);
                let joints = joining::list(&app, account).await?;
                if joints.iter().all(|one| one.state != JointState::Handed) {
                    return Err(format!("{joint:?} is not joined: {joints:?}").into());
                }
            }
        }
        self.world = std::mem::take(&mut self.world).joined();
        Ok(())
    }

    pub(crate) fn instance_of(&mut self, community: usize) -> Outcome<App> {
        let community = self.world.communities.get(community).ok_or("a community that there is not")?;
        self.network.instance(community.instance)
    }

    /// Where a thread stands: its home, and the communities that say of themselves, each on its own instance, that they
    /// show it.
    ///
    /// # Errors
    /// Those of storage.
    pub async fn placed(&mut self, ap_id: &str) -> Outcome<BTreeSet<usize>> {
        let mut placed = BTreeSet::new();
        for number in 0..self.world.communities.len() {
            let app = self.instance_of(number)?;
            let Some(thread) = find(&app, ap_id).await? else { continue };
            let community = self.community(&app, number).await?.id;
            let row = app.read(move |conn| placements::find_in(conn, thread.id, community)).await?;
            let is_placed = row.is_some_and(|row| row.state == PlacementState::Placed.as_str());
            if is_placed || thread.home_id == Some(community) {
                placed.insert(number);
            }
        }
        Ok(placed)
    }

    /// Mail beside who should have it: whoever reads a message and wants mail of a community by which it comes.
    pub fn report_of_mail(&self, written: &[String]) -> Report {
        let mut report = Report::default();
        for (message, ap_id) in self.world.messages.iter().zip(written) {
            let modes = oracle::modes(&self.world, message);
            for (number, person) in self.world.people.iter().enumerate() {
                let wants = modes.get(&number).is_some_and(|mode| *mode > world::Mode::None);
                let copies = self.network.post_office.copies(&person.mail, ap_id);
                report.expected += u64::from(wants);
                report.copies += copies;
                if wants {
                    report.missing += u64::from(copies == 0);
                    report.duplicates += copies.saturating_sub(1);
                } else {
                    report.unentitled += copies;
                }
            }
        }
        report
    }

    /// How often each community announced a thread of which it is not the home.
    ///
    /// # Errors
    /// Those of storage.
    pub async fn count_announces(&mut self, ap_id: &str) -> Outcome<Vec<(usize, usize)>> {
        let mut counts = Vec::new();
        for number in 0..self.world.communities.len() {
            let app = self.instance_of(number)?;
            let Some(thread) = find(&app, ap_id).await? else { continue };
            let community = self.community(&app, number).await?.id;
            if thread.home_id != Some(community) {
                let rows =
                    app.read(move |conn| activities::list_announces(conn, community, thread.id)).await?;
                // A reply that is handed on to the home is announced too, by its own id.
                let of_thread = format!("\"object\":\"{ap_id}\"");
                counts.push((number, rows.iter().filter(|row| row.document.contains(&of_thread)).count()));
            }
        }
        Ok(counts)
    }

    /// How many entries for each message stand on each person's timeline, their own messages left out.
    ///
    /// # Errors
    /// Those of storage.
    pub async fn copies_on_timelines(&mut self, written: &[String]) -> Outcome<Copies> {
        let numbers: HashMap<&str, usize> =
            written.iter().enumerate().map(|(number, ap_id)| (ap_id.as_str(), number)).collect();
        let mut copies = Copies::new();
        for person in 0..self.people.len() {
            for (ap_id, _) in self.timeline(person).await? {
                if let Some(number) = numbers.get(ap_id.as_str()) {
                    let author = self.world.messages.get(*number).map(|message| message.author);
                    if author != Some(person) {
                        *copies.entry((*number, person)).or_default() += 1;
                    }
                }
            }
        }
        Ok(copies)
    }

    /// The ActivityPub ids of the threads on somebody's timeline, page after page, each with the communities for which it
    /// stands there.
    ///
    /// # Errors
    /// Those of storage.
    pub async fn timeline(&mut self, person: usize) -> Outcome<Vec<(String, BTreeSet<usize>)>> {
        let (app, id) = (self.at_home_of(person)?, self.person(person)?);
        let place_of = |ap_id: &String| self.communities.iter().position(|id| id == ap_id);
        let entries = timeline_of(&app, id).await?.into_iter();
        Ok(entries.map(|(ap_id, reasons)| (ap_id, reasons.iter().filter_map(place_of).collect())).collect())
    }

    /// A community as an instance knows it, which asks for it where it does not.
    pub(crate) async fn community(&self, app: &App, community: usize) -> Outcome<ActorRow> {
        let ap_id = self.communities.get(community).ok_or("a community that there is not")?;
        Ok(Fediverse(Arc::clone(self.network.federation())).find(app, ap_id).await?)
    }

    /// Somebody opens a thread; gives its ActivityPub id.
    ///
    /// # Errors
    /// Those of the use cases.
    pub async fn write(&mut self, message: &Message) -> Outcome<String> {
        let app = self.at_home_of(message.author)?;
        let home = self.community(&app, message.home).await?;
        let mut also = Vec::new();
        for community in &message.also {
            also.push(self.community(&app, *community).await?.id);
        }
        let new = NewPost {
            author_id: self.person(message.author)?,
            home_id: Some(home.id),
            parent_id: None,
            title: Some(Self::title(message)),
            text: "Il y a du nouveau au village.".to_owned(),
            visibility: Visibility::Public,
            language: Some("fr".to_owned()),
            also,
            request_key: None,
            reach: Some(self.reach(&message.reach, message.down)),
        };
        let ap_id = posting::write(&app, new).await?.ap_id;
        self.refused.insert(ap_id.clone(), [message.refused_by.clone(), Vec::new()]);
        Ok(ap_id)
    }

    /// The author of a thread writes it anew; these moderators, if they let it in, do not let the change in.
    ///
    /// # Errors
    /// Those of the use cases.
    pub async fn edit(&mut self, author: usize, ap_id: &str, title: &str, refused_by: &[usize]) -> Outcome {
        let app = self.at_home_of(author)?;
        let post = find(&app, ap_id).await?.ok_or("a message that is not there")?;
        let text = "Il y a du nouveau, et ce n’est pas tout.".to_owned();
        posting::edit(&app, self.person(author)?, post.id, Some(title.to_owned()), text).await?;
        if let Some([_, refused]) = self.refused.get_mut(ap_id) {
            *refused = refused_by.to_vec();
        }
        Ok(())
    }

    /// The author of a thread lets it go as far as that.
    ///
    /// # Errors
    /// Those of the use cases.
    pub async fn change_reach(&mut self, author: usize, ap_id: &str, reach: &[usize], down: bool) -> Outcome {
        let app = self.at_home_of(author)?;
        let post = find(&app, ap_id).await?.ok_or("a message that is not there")?;
        let reach = self.reach(reach, down);
        placing::change_reach(&app, self.person(author)?, post.id, reach).await?;
        // Where it is shown no more, and then again, moderators may be asked again.
        self.answered.retain(|(thread, _)| thread != ap_id);
        Ok(())
    }

    /// Under which title a message is written.
    pub fn title(message: &Message) -> String {
        format!("De {} à {}", message.author, message.home)
    }

    fn reach(&self, communities: &[usize], down: bool) -> Reach {
        let communities = communities.iter().filter_map(|one| self.communities.get(*one).cloned()).collect();
        Reach { communities, down }
    }

    /// The title under which a community shows a thread; none where it does not.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn title_in(&mut self, community: usize, ap_id: &str) -> Outcome<Option<String>> {
        let app = self.instance_of(community)?;
        let id = self.community(&app, community).await?.id;
        let page = reading::community(&app, id, None, None).await?.page;
        let shown = page.threads.into_iter().find(|line| line.top.post.ap_id == ap_id);
        Ok(shown.and_then(|line| line.top.post.title))
    }

    /// Somebody answers a message; gives the ActivityPub id of the answer, or none where they do not have it.
    ///
    /// # Errors
    /// Those of the use cases.
    pub async fn answer(&mut self, person: usize, answered: &str) -> Outcome<Option<String>> {
        let app = self.at_home_of(person)?;
        let Some(parent) = find(&app, answered).await? else { return Ok(None) };
        let new = NewPost {
            author_id: self.person(person)?,
            home_id: None,
            parent_id: Some(parent.id),
            title: None,
            text: "C’est noté.".to_owned(),
            visibility: Visibility::Public,
            language: None,
            also: Vec::new(),
            request_key: None,
            reach: None,
        };
        Ok(Some(posting::write(&app, new).await?.ap_id))
    }

    /// Somebody deletes what they wrote.
    ///
    /// # Errors
    /// Those of the use cases.
    pub async fn delete(&mut self, person: usize, ap_id: &str) -> Outcome {
        let app = self.at_home_of(person)?;
        let post = find(&app, ap_id).await?.ok_or("a message that is not there")?;
        posting::delete(&app, self.person(person)?, post.id).await?;
        Ok(())
    }

    /// Whether an instance has nothing, or no more than the tombstone, of a message.
    ///
    /// # Errors
    /// Those of storage.
    pub async fn is_gone(&mut self, instance: usize, ap_id: &str) -> Outcome<bool> {
        let app = self.network.instance(instance)?;
        Ok(find(&app, ap_id).await?.is_none_or(|post| post.deleted_at.is_some()))
    }

    /// The ActivityPub id of a community.
    ///
    /// # Errors
    /// Where there is none.
    pub fn id_of(&self, community: usize) -> Outcome<String> {
        Ok(self.communities.get(community).cloned().ok_or("a community that there is not")?)
    }

    /// Whether an instance has a message.
    ///
    /// # Errors
    /// Those of storage.
    pub async fn has(&mut self, instance: usize, ap_id: &str) -> Outcome<bool> {
        let app = self.network.instance(instance)?;
        Ok(find(&app, ap_id).await?.is_some())
    }

    fn at_home_of(&mut self, person: usize) -> Outcome<App> {
        let instance = self.world.people.get(person).ok_or("a person that there is not")?.instance;
        self.network.instance(instance)
    }

    /// The number of somebody on their instance.
    ///
    /// # Errors
    /// Where there is nobody.
    pub fn person(&self, person: usize) -> Outcome<i64> {
        Ok(*self.people.get(person).ok_or("a person that there is not")?)
    }
}

fn mode_of(mode: world::Mode) -> Mode {
    match mode {
        world::Mode::None => Mode::None,
        world::Mode::Weekly => Mode::Weekly,
        world::Mode::Daily => Mode::Daily,
        world::Mode::Immediate => Mode::Immediate,
    }
}

/// The ActivityPub ids of the threads on the timeline of a person of an instance, page after page, each with those of the
/// communities for which it stands there.
///
/// # Errors
/// Those of storage.
pub async fn timeline_of(app: &App, person_id: i64) -> Outcome<Vec<(String, Vec<String>)>> {
    let found = app.read(move |conn| {
        let actor = actors::find(conn, person_id)?;
        Ok::<_, clocher_app::Error>((actor, storage_accounts::find(conn, person_id)?))
    });
    let (actor, account) = found.await?;
    let viewer = Viewer { actor: actor.ok_or("nobody")?, account: account.ok_or("no account")? };
    let mut all = Vec::new();
    let mut before = None;
    loop {
        let page = timeline::page(app, &viewer, before).await?;
        for entry in page.entries {
            let reasons = entry.communities.into_iter().map(|row| row.ap_id).collect();
            all.push((entry.thread.top.post.ap_id, reasons));
        }
        match page.next {
            Some(next) => before = Some(next),
            None => return Ok(all),
        }
    }
}

pub(crate) async fn find(app: &App, ap_id: &str) -> Outcome<Option<PostRow>> {
    let ap_id = ap_id.to_owned();
    Ok(app.read(move |conn| posts::find_by_ap_id(conn, &ap_id)).await?)
}
