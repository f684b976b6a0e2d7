//! Foul weather: five instances among delays, doubles, reorderings, failures and lost answers, with clocks an hour
//! apart; hosts that are gone for days; disks that are full or write-protected, and databases that are locked, or that
//! end statements and connections.
//!
//! What was accepted stands everywhere in the end, once, and as it was last said.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use clocher_app::accounts::{self, NewAccount};
use clocher_app::{App, Error, membership, posting, voting};
use clocher_domain::actor::Role;
use clocher_domain::time::{DAY, MINUTE};
use clocher_domain::vote::Vote;
use clocher_storage::actors::ActorRow;
use clocher_storage::deliveries::DUE;
use clocher_storage::instance;
use clocher_storage::posts::{self, PostRow};
use clocher_storage::testing::{WriteLock, end_connections, set_full, set_read_only, set_statement_timeout};
use clocher_tests::impostor::{Impostor, with};
use clocher_tests::stage::{activity, dump, each_storage, note, until};
use clocher_tests::visitor::Visitor;
use clocher_tests::weather::Dice;
use clocher_tests::{
    NODE_PASSWORD, Network, Setting, Ways, account, actor_at, person, post_at, reply, thread,
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

const FIVE: &[&str] = &["alpha", "beta", "gamma", "delta", "epsilon"];
/// All but the last, which may be gone.
const FOUR: &[&str] = &["alpha", "beta", "gamma", "delta"];
/// The clocks go from half an hour after the true time to half an hour before it.
const CLOCKS: &[i64] = &[-30 * MINUTE, -15 * MINUTE, 0, 15 * MINUTE, 30 * MINUTE];
/// What people do in the storm.
const DEEDS: u64 = 250;

/// The seed of this run: `CLOCHER_TEST_SEED`, or another each time.
fn seed() -> u64 {
    let given = std::env::var("CLOCHER_TEST_SEED").ok().and_then(|text| text.parse().ok());
    let seed = given.unwrap_or_else(|| u64::from(std::process::id()));
    eprintln!("seed {seed}");
    seed
}

/// Five instances with a person each, who is a member of the communities of all five.
struct Town {
    net: Network,
    people: Vec<ActorRow>,
}

/// A message as its author last said it.
#[derive(Debug)]
struct Said {
    /// Whose it is, by the number of the instance.
    by: usize,
    text: String,
    parent: Option<String>,
    is_deleted: bool,
    /// To be deleted, and so without answers: a home takes none to what is gone.
    is_fleeting: bool,
}

/// What was said and voted, as the people know it who did.
#[derive(Default)]
struct Chronicle {
    messages: BTreeMap<String, Said>,
    votes: BTreeMap<(usize, String), Vote>,
}

impl Town {
    async fn found(ways: Ways, weather: Option<u64>, clocks: &[i64]) -> Self {
        eprintln!("on {ways:?}");
        let net = Network::start_as(Setting { weather, clocks, ..Setting::default() }, ways, FIVE).await;
        let mut people = Vec::new();
        for name in FIVE {
            people.push(person(net.node(name), "alice").await);
        }
        let town = Self { net, people };
        for (app, person) in town.inhabitants() {
            for name in FIVE {
                let community = town.net.node(name).site().community("velo");
                let known = actor_at(app, &community).await;
                let community = match known {
                    Some(row) => row,
                    None => town.net.find(app, &community).await.unwrap(),
                };
                membership::join(app, person.id, community.id).await.unwrap();
            }
        }
        town.net.settle().await;
        town
    }

    fn inhabitants(&self) -> impl Iterator<Item = (&App, &ActorRow)> {
        self.net.nodes.iter().map(|node| &node.app).zip(&self.people)
    }

    fn app(&self, number: usize) -> &App {
        &self.net.nodes.get(number).unwrap().app
    }

    fn person(&self, number: usize) -> &ActorRow {
        self.people.get(number).unwrap()
    }

    /// One deed of somebody: what there is to choose from depends on what has reached them.
    async fn act(&self, dice: &mut Dice, number: u64, chronicle: &mut Chronicle) {
        let by = usize::try_from(dice.below(5)).unwrap();
        match dice.below(10) {
            0 | 1 => self.open(FIVE, dice, by, number, chronicle).await,
            2..=4 => self.answer(dice, by, number, chronicle).await,
            5 | 6 => self.vote(dice, by, chronicle).await,
            7 | 8 => self.edit(dice, by, number, chronicle).await,
            _ => self.delete(dice, by, chronicle).await,
        }
    }

    /// Opens a thread in the community of one of these.
    async fn open(&self, homes: &[&str], dice: &mut Dice, by: usize, number: u64, chronicle: &mut Chronicle) {
        let community = self.net.node(dice.one(homes)).site().community("velo");
        let home = actor_at(self.app(by), &community).await.unwrap();
        let text = format!("message {number}");
        let new = thread(self.person(by), &home, &format!("fil {number}"), &text);
        let post = posting::write(self.app(by), new).await.unwrap();
        chronicle.note(by, post, text, None, dice.below(4) == 0);
    }

    async fn answer(&self, dice: &mut Dice, by: usize, number: u64, chronicle: &mut Chronicle) {
        let lasting = chronicle.list(|said| !said.is_fleeting);
        let Some(parent) = self.pick(dice, by, &lasting).await else { return };
        let text = format!("message {number}");
        let post = posting::write(self.app(by), reply(self.person(by), &parent, &text)).await.unwrap();
        chronicle.note(by, post, text, Some(parent.ap_id), dice.below(3) == 0);
    }

    async fn vote(&self, dice: &mut Dice, by: usize, chronicle: &mut Chronicle) {
        let others = chronicle.list(|said| said.by != by && !said.is_deleted);
        let Some(post) = self.pick(dice, by, &others).await else { return };
        let wanted = dice.one(&[Some(Vote::Like), Some(Vote::Like), Some(Vote::Dislike), None]);
        voting::vote(self.app(by), self.person(by).id, post.id, wanted).await.unwrap();
        let key = (by, post.ap_id);
        match wanted {
            Some(vote) => drop(chronicle.votes.insert(key, vote)),
            None => drop(chronicle.votes.remove(&key)),
        }
    }

    async fn edit(&self, dice: &mut Dice, by: usize, number: u64, chronicle: &mut Chronicle) {
        let own = chronicle.list(|said| said.by == by && !said.is_deleted);
        let Some(post) = self.pick(dice, by, &own).await else { return };
        let text = format!("message corrigé {number}");
        let author = self.person(by).id;
        posting::edit(self.app(by), author, post.id, post.title, text.clone()).await.unwrap();
        chronicle.messages.get_mut(&post.ap_id).unwrap().text = text;
    }

    async fn delete(&self, dice: &mut Dice, by: usize, chronicle: &mut Chronicle) {
        let own = chronicle.list(|said| said.by == by && said.is_fleeting && !said.is_deleted);
        let Some(post) = self.pick(dice, by, &own).await else { return };
        posting::delete(self.app(by), self.person(by).id, post.id).await.unwrap();
        chronicle.messages.get_mut(&post.ap_id).unwrap().is_deleted = true;
    }

    /// One of these messages that has reached an instance and stands there.
    async fn pick(&self, dice: &mut Dice, at: usize, of: &[String]) -> Option<PostRow> {
        if of.is_empty() {
            return None;
        }
        let post = post_at(self.app(at), &dice.one(of)).await?;
        Some(post).filter(|post| post.deleted_at.is_none())
    }

    /// Whether no delivery is under way: a claim would not outlive a long jump of the clock.
    async fn is_quiet(&self) -> bool {
        for (app, _) in self.inhabitants() {
            let queues = clocher_app::queue::list(app, 1_000).await.unwrap();
            let claimed = queues.deliveries.iter().any(|row| row.claimed_until.is_some());
            if claimed || queues.effects > 0 {
                return false;
            }
        }
        true
    }

    /// Asserts that every instance has what the chronicle tells, once, and nothing else.
    async fn agrees_with(&self, chronicle: &Chronicle) {
        for (app, _) in self.inhabitants() {
            let domain = app.site().domain();
            let rows = dump(app).await.iter().filter(|line| line.starts_with("posts ")).count();
            let told = chronicle.messages.len();
            for (ap_id, said) in &chronicle.messages {
                let what = format!("{ap_id} at {domain}: {said:?}");
                let post = post_at(app, ap_id).await;
                // Whoever had not seen it before its deletion never does.
                let Some(post) = post else {
                    assert!(said.is_deleted, "it is missing: {what}");
                    continue;
                };
                assert_eq!(post.deleted_at.is_some(), said.is_deleted, "{what}");
                assert_eq!(parent_of(app, &post).await, said.parent, "{what}");
                if !said.is_deleted {
                    assert_eq!(post.html, format!("<p>{}</p>", said.text), "{what}");
                    let votes = (post.likes, post.dislikes);
                    assert_eq!(votes, chronicle.votes_on(ap_id), "the votes on {what}");
                }
            }
            assert!(rows <= told, "{domain} has {rows} messages, and {told} were written");
        }
    }
}

impl Chronicle {
    fn note(&mut self, by: usize, post: PostRow, text: String, parent: Option<String>, is_fleeting: bool) {
        let said = Said { by, text, parent, is_deleted: false, is_fleeting };
        self.messages.insert(post.ap_id, said);
    }

    fn list(&self, which: impl Fn(&Said) -> bool) -> Vec<String> {
        self.messages.iter().filter(|(_, said)| which(said)).map(|(ap_id, _)| ap_id.clone()).collect()
    }

    fn votes_on(&self, ap_id: &str) -> (i64, i64) {
        let count = |wanted: Vote| {
            let cast = self.votes.iter().filter(|((_, post), vote)| post == ap_id && **vote == wanted);
            i64::try_from(cast.count()).unwrap()
        };
        (count(Vote::Like), count(Vote::Dislike))
    }
}

async fn parent_of(app: &App, post: &PostRow) -> Option<String> {
    let parent = post.parent_id?;
    app.read(move |conn| posts::find(conn, parent)).await.unwrap().map(|row| row.ap_id)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_said_in_a_storm_stands_everywhere_once_and_as_it_was_last_said() {
    let seed = seed();
    let mut town = Town::found(Ways::SqliteHttp, Some(seed), CLOCKS).await;
    let weather = town.net.weather.take().unwrap();
    weather.storm();
    let (mut dice, mut chronicle) = (Dice::new(seed), Chronicle::default());
    for number in 0..DEEDS {
        town.act(&mut dice, number, &mut chronicle).await;
        if number % 5 == 0 {
            // Deeds cross with what the others hear of them.
            let passed = weather.count();
            until("the storm goes on", async || weather.count() > passed || town.net.is_calm().await).await;
        }
    }
    town.net.settle().await;
    eprintln!("{:?}; {} messages", weather.tally(), chronicle.messages.len());
    weather.clear_up();
    town.agrees_with(&chronicle).await;
    let befell: BTreeSet<_> = weather.tally().into_keys().collect();
    for fate in ["delayed", "doubled", "held", "refused", "lost", "answer lost"] {
        assert!(befell.contains(fate), "nothing was {fate}: the storm was none");
    }
    town.net.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_that_was_gone_for_days_gets_what_it_missed_once_it_is_heard_of() {
    let mut town = Town::found(Ways::SqliteHttp, Some(seed()), &[]).await;
    let weather = town.net.weather.take().unwrap();
    weather.take_away("epsilon.test");
    let (mut dice, mut chronicle) = (Dice::new(1), Chronicle::default());
    for number in 0..8 {
        let by = usize::try_from(number % 4).unwrap();
        town.open(FOUR, &mut dice, by, number, &mut chronicle).await;
    }
    let homes: Vec<&App> = town.net.nodes.iter().map(|node| &node.app).take(4).collect();
    let reached = async |apps: &[&App]| {
        for app in apps {
            for ap_id in chronicle.messages.keys() {
                if post_at(app, ap_id).await.is_none() {
                    return false;
                }
            }
        }
        true
    };
    until("the living have everything", async || reached(&homes).await).await;
    // After ten days nobody tries any more.
    until("nothing is under way", async || town.is_quiet().await).await;
    town.net.clock.advance(11 * DAY);
    for app in &homes {
        app.wakers().deliveries.notify_one();
    }
    until("what it is owed is parked", async || town.net.is_calm().await).await;
    weather.bring_back("epsilon.test");
    let epsilon = town.app(4);
    assert!(!reached(&[epsilon]).await);
    // Each of the others hears of it.
    for name in FOUR {
        let community = town.net.node(name).site().community("velo");
        let home = actor_at(epsilon, &community).await.unwrap();
        let new = thread(town.person(4), &home, "De retour", "Nous revoilà.");
        let post = posting::write(epsilon, new).await.unwrap();
        chronicle.note(4, post, "Nous revoilà.".to_owned(), None, false);
    }
    town.net.settle().await;
    town.agrees_with(&chronicle).await;
    town.net.stop().await;
}

/// Beta's Alice is a member of alpha's community, and beta is told 503 while something ails alpha's database.
async fn survive(ways: Ways, ail: impl AsyncFn(&App) -> Option<WriteLock>, heal: impl AsyncFn(&App)) {
    eprintln!("on {ways:?}");
    let setting = Setting { impatient: true, ..Setting::default() };
    let mut net = Network::start_as(setting, ways, &["alpha", "beta"]).await;
    let (alpha, beta) = (net.node("alpha").clone(), net.node("beta").clone());
    let (alice, bob) = (person(&alpha, "alice").await, person(&beta, "bob").await);
    let at_beta = net.find(&beta, &alpha.site().community("velo")).await.unwrap();
    membership::join(&beta, bob.id, at_beta.id).await.unwrap();
    net.settle().await;
    let at_alpha = actor_at(&alpha, &at_beta.ap_id).await.unwrap();

    let lock = ail(&alpha).await;
    let long = "Le pont est fermé. ".repeat(2_000);
    let told = posting::write(&beta, thread(&bob, &at_beta, "De loin", &long)).await.unwrap();
    until("beta is told to come again", async || {
        let owed = clocher_app::queue::list(&beta, 10).await.unwrap().deliveries;
        owed.iter().any(|row| row.state == DUE && row.last_error.as_deref() == Some("status 503"))
    })
    .await;
    let own = posting::write(&alpha, thread(&alice, &at_alpha, "De près", &long)).await;
    assert_eq!(own.unwrap_err().http_status(), 503);
    drop(lock);
    heal(&alpha).await;

    let own = posting::write(&alpha, thread(&alice, &at_alpha, "De près", &long)).await.unwrap();
    net.settle().await;
    for app in [&alpha, &beta] {
        for post in [&told, &own] {
            assert!(post_at(app, &post.ap_id).await.is_some(), "{} at {}", post.ap_id, app.site().domain());
        }
    }
    net.stop().await;
}

/// At both doors of alpha somebody is told 503 and when to come again while its database ails, by whoever does
/// `during`; afterwards the same are taken, once.
async fn told_to_come_again(
    ways: Ways,
    ail: impl AsyncFn(&App) -> Option<WriteLock>,
    during: impl AsyncFn(&App),
    heal: impl AsyncFn(&mut Network),
) {
    eprintln!("on {ways:?}");
    let honest = Impostor::start("honest.test");
    let strangers = [honest.stranger()];
    let setting = Setting { impatient: true, strangers: &strangers, ..Setting::default() };
    let mut net = Network::start_as(setting, ways, &["alpha"]).await;
    let alpha = net.node("alpha").clone();
    let anna = NewAccount { password: Some(NODE_PASSWORD.to_owned()), ..account("anna") };
    accounts::add(&alpha, anna, Role::Member).await.unwrap();
    let visitor = Visitor::new(alpha.site().domain(), net.address);
    assert_eq!(visitor.sign_in("anna", NODE_PASSWORD).await.unwrap().status, 200);
    let page = visitor.open("/c/velo").await.unwrap();
    // Bob is a member: what he is told of shows that all goes on.
    let (bob, home) = (honest.person("bob"), alpha.site().community("velo"));
    let send = |document: &Value| honest.request(&*net.clock, &bob, &alpha.site().shared_inbox(), document);
    let follow = activity("Follow", &bob, &honest.at("/follow/1"), &json!(home));
    assert_eq!(send(&follow).send(net.address).await.0, 202);
    net.settle().await;
    let id = honest.at("/post/1");
    let message = with(note(&bob, &id, "<p>De loin.</p>"), json!({ "audience": home }));
    let create = send(&activity("Create", &bob, &honest.at("/create/1"), &message));
    let form = [("title", "De près"), ("text", "Le pont est fermé.")];

    let lock = ail(&alpha).await;
    let at = net.address;
    let both = async { tokio::join!(create.send_for_lines(at), visitor.fill(&page, "/c/velo/post", &form)) };
    let mut both = std::pin::pin!(both);
    let ((status, lines), written) = loop {
        tokio::select! {
            both = &mut both => break both,
            () = during(&alpha) => {}
        }
    };
    assert!(status == 503 && lines.contains("retry-after: 30"), "{status}: {lines}");
    let written = written.unwrap();
    assert_eq!((written.status, written.retry_after.as_deref()), (503, Some("30")), "{}", written.html);
    assert!(written.html.contains("Le pont est fermé."), "the form comes back as it was typed");
    drop(lock);
    heal(&mut net).await;
    let alpha = net.node("alpha").clone();
    // A connection that was ended is found to be so by whoever uses it next.
    let honestly = |status: u16, taken: u16| {
        assert!(status == taken || status == 503, "{status}");
        status == taken
    };
    for _ in 0..2 {
        until("the inbox takes it", async || honestly(create.send(at).await.0, 202)).await;
        // The form that came back bears what tells it from another.
        until("the form is taken", async || {
            let again = visitor.fill(&written, "/c/velo/post", &form).await.unwrap();
            honestly(again.status, 200)
        })
        .await;
    }
    net.settle().await;
    assert!(post_at(&alpha, &id).await.is_some());
    let threads = |lines: Vec<String>| lines.into_iter().filter(|line| line.starts_with("posts ")).count();
    assert_eq!(threads(dump(&alpha).await), 2, "each of them once");
    let told = honest.activities().iter().filter(|one| one["type"] == "Announce").count();
    assert!(told >= 2, "{:?}", honest.activities());
    net.stop().await;
}

/// Whether this runs on PostgreSQL, where one is at hand.
fn postgres() -> Option<Ways> {
    each_storage().into_iter().find(|ways| *ways == Ways::PostgresHttp)
}

fn is_transient<T>(done: &Result<T, Error>) -> bool {
    done.as_ref().is_err_and(|error| error.http_status() == 503)
}

/// What is locked: the writing of the whole database, or that of one table.
fn lock(app: &App, table: Option<&str>) -> WriteLock {
    let location = app.db().location();
    table.map_or_else(|| WriteLock::take(location), |table| WriteLock::of_table(location, table))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_not_to_be_written_is_told_with_503_and_loses_nothing() {
    let ail = async |app: &App| {
        app.write(|deed| Ok::<_, Error>(set_read_only(deed.conn)?)).await.unwrap();
        None
    };
    let forever = async |_: &App| std::future::pending().await;
    told_to_come_again(Ways::SqliteHttp, ail, forever, async |net: &mut Network| net.restart_anew().await)
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn statements_that_are_ended_for_their_length_are_told_with_503_and_lose_nothing() {
    let Some(ways) = postgres() else { return };
    let set = async |app: &App, millis| {
        app.write(move |deed| Ok::<_, Error>(set_statement_timeout(deed.conn, millis)?)).await.unwrap();
    };
    for table in [None, Some("posts")] {
        let ail = async |app: &App| {
            // Shorter than what a lock is waited for.
            set(app, 100).await;
            Some(lock(app, table))
        };
        let forever = async |_: &App| std::future::pending().await;
        let heal = async |net: &mut Network| set(net.node("alpha"), 0).await;
        told_to_come_again(ways, ail, forever, heal).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_are_ended_are_told_with_503_and_lose_nothing() {
    let Some(ways) = postgres() else { return };
    let end = async |app: &App, only_waiting| {
        let location = app.db().location().clone();
        tokio::task::spawn_blocking(move || end_connections(&location, only_waiting)).await.unwrap();
    };
    for table in [None, Some("posts")] {
        let ail = async |app: &App| Some(lock(app, table));
        // Whoever is in the middle of something, again and again as long as somebody waits for an answer.
        let during = async |app: &App| {
            end(app, true).await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        // And in the end all that there are: each is lost to one who uses it, and then is a new one.
        let heal = async |net: &mut Network| {
            let alpha = net.node("alpha");
            end(alpha, false).await;
            let slow = || {
                alpha.read(|conn| {
                    // So that each has one of its own.
                    std::thread::sleep(Duration::from_millis(30));
                    Ok::<_, Error>(instance::find(conn)?)
                })
            };
            until("every connection is a new one", async || {
                let all = futures_util::future::join_all((0..8).map(|_| slow())).await;
                assert!(all.iter().all(|done| done.is_ok() || is_transient(done)));
                all.iter().all(Result::is_ok)
            })
            .await;
        };
        told_to_come_again(ways, ail, during, heal).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_told_with_503_and_loses_nothing() {
    let set = async |app: &App, full| app.write(move |deed| set_full(deed.conn, full)).await.unwrap();
    let ail = async |app: &App| {
        set(app, true).await;
        None
    };
    survive(Ways::SqliteHttp, ail, async |app: &App| set(app, false).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_locked_database_is_told_with_503_and_loses_nothing() {
    for ways in each_storage() {
        let ail = async |app: &App| Some(WriteLock::take(app.db().location()));
        survive(ways, ail, async |_: &App| {}).await;
    }
}
