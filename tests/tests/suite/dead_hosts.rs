//! Hosts that are silent, ask to be left alone, or fail at one inbox: what they cost the living, which is nothing.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use clocher_app::{App, posting, queue};
use clocher_domain::delivery::Policy;
use clocher_domain::time::HOUR;
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::deliveries::{DUE, DeliveryRow};
use clocher_storage::follows::{self, FollowRow};
use clocher_storage::hosts;
use clocher_storage::posts::PostRow;
use clocher_tests::impostor::Impostor;
use clocher_tests::stage::until;
use clocher_tests::{Network, Setting, Ways, actor_at, person, reply, thread};
use std::net::{SocketAddr, TcpListener};

/// How many hosts are silent.
const SILENT: usize = 40;
/// Inboxes at each host.
const INBOXES: usize = 4;
/// Deliveries that may be under way to one host.
const PER_HOST: usize = 4;

/// One instance of ours, and followers of its community elsewhere.
struct Place {
    net: Network,
    alice: ActorRow,
    velo: ActorRow,
}

impl Place {
    async fn with(policy: Policy, strangers: &[(&str, SocketAddr)]) -> Self {
        let setting = Setting { policy, strangers, ..Setting::default() };
        let net = Network::start_as(setting, Ways::SqliteHttp, &["alpha"]).await;
        let app = net.node("alpha");
        let alice = person(app, "alice").await;
        let velo = actor_at(app, &app.site().community("velo")).await.unwrap();
        Self { net, alice, velo }
    }

    fn app(&self) -> &App {
        self.net.node("alpha")
    }

    /// Somebody of that host follows the community, as if the request had come and been accepted.
    async fn follow(&self, host: &str, name: &str) {
        let (app, velo) = (self.app(), self.velo.clone());
        let now = app.now().0;
        let id = app.mint();
        let ap_id = format!("http://{host}/u/{name}");
        let follower = ActorRow {
            id,
            kind: "Person".to_owned(),
            local: false,
            name: name.to_owned(),
            host: host.to_owned(),
            display_name: name.to_owned(),
            url: ap_id.clone(),
            inbox: format!("{ap_id}/inbox"),
            shared_inbox: None,
            fetched_at: Some(now),
            ap_id: ap_id.clone(),
            public_key_id: String::new(),
            public_key_pem: String::new(),
            outbox: None,
            followers: None,
            ..velo
        };
        let follow = FollowRow {
            id: app.mint(),
            ap_id: format!("{ap_id}/follow"),
            follower_id: id,
            followed_id: self.velo.id,
            standing: "accepted".to_owned(),
            created_at: now,
        };
        let stored = app.write(move |deed| {
            actors::put(deed.conn, &follower)?;
            follows::put(deed.conn, &follow)
        });
        stored.await.unwrap();
    }

    async fn publish(&self, title: &str) -> PostRow {
        let new = thread(&self.alice, &self.velo, title, "Il est fermé.");
        posting::write(self.app(), new).await.unwrap()
    }

    async fn deliveries(&self) -> Vec<DeliveryRow> {
        queue::list(self.app(), 1_000).await.unwrap().deliveries
    }

    async fn clear(mut self) {
        self.net.stop().await;
    }
}

fn of_host<'a>(rows: &'a [DeliveryRow], host: &'a str) -> impl Iterator<Item = &'a DeliveryRow> {
    rows.iter().filter(move |row| row.host == host)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forty_silent_hosts_do_not_hold_up_a_living_one() {
    let living = Impostor::start("zuletzt.test");
    // They accept connections, and never answer.
    let listeners: Vec<TcpListener> =
        (0..SILENT).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
    let names: Vec<String> = (0..SILENT).map(|number| format!("silent{number}.test")).collect();
    let silent: Vec<(&str, SocketAddr)> = names
        .iter()
        .zip(&listeners)
        .map(|(name, listener)| (name.as_str(), listener.local_addr().unwrap()))
        .collect();
    let strangers = [silent.clone(), vec![living.stranger()]].concat();
    let place = Place::with(Policy::default(), &strangers).await;
    for (name, address) in &silent {
        for number in 0..INBOXES {
            place.follow(&format!("{name}:{}", address.port()), &format!("p{number}")).await;
        }
    }
    // Last: whoever came first would be served first.
    place.follow(&living.host, "bob").await;

    for title in ["Le pont", "La navette", "Le marché"] {
        place.publish(title).await;
        until("the living host has it", async || {
            let rows = place.deliveries().await;
            let due = |name: &str, port: u16| {
                let host = format!("{name}:{port}");
                of_host(&rows, &host).filter(|row| row.claimed_until.is_some()).count()
            };
            let most = silent.iter().map(|(name, address)| due(name, address.port())).max();
            assert!(most <= Some(PER_HOST), "a silent host occupies {most:?} slots");
            living.activities().iter().any(|one| one.to_string().contains(title))
        })
        .await;
    }
    let owed = async || of_host(&place.deliveries().await, &living.host).count();
    until("its answers are recorded", async || owed().await == 0).await;
    let rows = place.deliveries().await;
    assert!(rows.iter().all(|row| row.attempts == 0), "the living one had to wait for a time-out");
    assert!(rows.len() >= SILENT * INBOXES * 3, "nothing is lost of what the silent ones are owed");
    place.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_asks_to_be_left_alone_is_so_with_everything() {
    let server = Impostor::start("busy.test");
    let place = Place::with(Policy::default(), &[server.stranger()]).await;
    place.follow(&server.host, "bob").await;
    server.answer_all(503, Some("3600"));
    place.publish("Le pont").await;
    until("the refusal", async || place.deliveries().await.iter().any(|row| row.attempts == 1)).await;
    let host = server.host.clone();
    let row = place.app().read(move |conn| hosts::find(conn, &host)).await.unwrap().unwrap();
    let pause = row.retry_at.unwrap_or_default() - place.app().now().0;
    assert!(pause > HOUR * 9 / 10 && pause <= HOUR, "{pause}");
    assert_eq!(row.failures, 0, "to be busy is not to be dead");

    server.answer_all(202, None);
    let second = place.publish("La navette").await;
    until("it is owed", async || place.deliveries().await.len() == 2).await;
    place.net.clock.advance(HOUR / 2);
    place.app().wakers().deliveries.notify_one();
    // What is not about its host is done meanwhile: the workers have looked.
    let rows = place.deliveries().await;
    assert!(rows.iter().all(|row| row.state == DUE && row.claimed_until.is_none()), "{rows:#?}");
    place.net.clock.advance(HOUR);
    place.app().wakers().deliveries.notify_one();
    until("both have arrived", async || server.activities().len() == 2).await;
    assert!(server.activities().iter().any(|one| one.to_string().contains(&second.ap_id)));
    assert_eq!(server.refused().len(), 1, "it was asked in between");
    place.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_inbox_that_fails_holds_up_itself_alone() {
    let server = Impostor::start("half.test");
    let place = Place::with(Setting::default().policy, &[server.stranger()]).await;
    for name in ["bob", "carol"] {
        place.follow(&server.host, name).await;
    }
    server.answer_at("/u/bob/inbox", 500);
    let top = place.publish("Le pont").await;
    let new = reply(&place.alice, &top, "Et la navette ?");
    posting::write(place.app(), new).await.unwrap();
    let at = |name: &str| {
        let path = format!("/u/{name}/inbox");
        server.received().iter().filter(|(to, _)| *to == path).count()
    };
    until("carol has both", async || at("carol") == 2).await;
    assert_eq!(at("bob"), 0);
    server.answer_at("/u/bob/inbox", 202);
    place.net.settle().await;
    assert_eq!((at("bob"), at("carol")), (2, 2));
    place.clear().await;
}
