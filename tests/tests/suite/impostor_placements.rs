//! Forged travel: what is placed without an offer, by an offer of a stranger, or on a path that nobody took.
#![expect(clippy::unwrap_used, reason = "a test whose stage does not stand cannot go on")]

use clocher_domain::community::Posting;
use clocher_domain::link::{Accepting, Policy, Relation, Sharing};
use clocher_domain::placement::PlacementState;
use clocher_storage::actors::ActorRow;
use clocher_storage::placements;
use clocher_tests::impostor::with;
use clocher_tests::stage::{Stage, activity, each_storage, note};
use clocher_tests::{community, post_at, put_end};
use serde_json::{Value, json};

const OPEN: Policy = Policy { shares: Sharing::Everything, accepts: Accepting::Everything };

/// A commune of alpha, with a hamlet of mallory's linked below it, and a house of the honest server below that.
struct Scene {
    stage: Stage,
    commune: ActorRow,
    neighbour: String,
    home: String,
}

impl Scene {
    async fn set(ways: clocher_tests::Ways) -> Self {
        let stage = Stage::set(ways).await;
        let commune = community(stage.alpha(), "commune", Posting::Everybody).await;
        let (neighbour, home) = (stage.mallory.group("hameau"), stage.honest.group("maison"));
        stage.net.find(stage.alpha(), &neighbour).await.unwrap();
        put_end(stage.alpha(), &commune.ap_id, &neighbour, Relation::Lower, OPEN, OPEN).await;
        stage.honest.forget();
        Self { stage, commune, neighbour, home }
    }

    /// A thread of Bob's in the house, served, and announced by the house.
    fn thread(&self, number: u32, reaches: &[&str]) -> Value {
        let id = self.stage.honest.at(&format!("/post/{number}"));
        let fields = json!({
            "type": "Page",
            "name": "Travaux",
            "audience": self.home,
            "published": "2099-01-01T00:00:00Z",
            "reach": { "communities": reaches, "down": false },
        });
        let root = with(note(&self.stage.bob, &id, "<p>Lundi.</p>"), fields);
        self.stage.honest.serve(&root);
        let announce = activity("Announce", &self.home, &self.announce(number), &create(&root));
        self.stage.honest.put(&format!("/announce/{number}"), &announce);
        root
    }

    fn announce(&self, number: u32) -> String {
        self.stage.honest.at(&format!("/announce/{number}"))
    }

    /// An offer by the neighbour, as it should be.
    fn offer(&self, name: &str, root: &Value, number: u32) -> Value {
        let id = self.stage.mallory.at(&format!("/offer/{name}"));
        let fields = json!({
            "target": self.commune.ap_id,
            "to": [self.commune.ap_id],
            "way": "up",
            "path": [self.home, self.neighbour],
            "announces": [self.announce(number), self.stage.mallory.at(&format!("/announce/{number}"))],
        });
        with(activity("Offer", &self.neighbour, &id, &root["id"]), fields)
    }

    async fn state(&self, root: &Value) -> Option<PlacementState> {
        let top = post_at(self.stage.alpha(), root["id"].as_str().unwrap()).await?;
        let commune = self.commune.id;
        let found = self.stage.alpha().read(move |conn| placements::find_in(conn, top.id, commune));
        found.await.unwrap().map(|row| row.state().unwrap())
    }

    /// Sends something to alpha, which looks into it.
    async fn send(&self, document: &Value) -> u16 {
        let status = self.stage.send(&self.stage.mallory, self.stage.alpha(), document).await;
        self.stage.net.settle().await;
        status
    }
}

fn create(message: &Value) -> Value {
    let (author, id) = (message["attributedTo"].as_str().unwrap(), message["id"].as_str().unwrap());
    activity("Create", author, &format!("{id}/create"), message)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_no_offer_preceded_is_placed_nowhere() {
    for ways in each_storage() {
        let scene = Scene::set(ways).await;
        let root = scene.thread(1, &[&scene.commune.ap_id]);
        let to_commune = with(create(&root), json!({ "to": [scene.commune.ap_id], "cc": [] }));
        scene.stage.send(&scene.stage.honest, scene.stage.alpha(), &to_commune).await;
        let shared = with(
            activity("Announce", &scene.neighbour, &scene.stage.mallory.at("/announce/1"), &root["id"]),
            json!({ "path": [scene.home], "announces": [scene.announce(1)] }),
        );
        assert_eq!(scene.send(&shared).await, 202);
        assert_eq!(scene.state(&root).await, None, "an Announce and a Create place nothing");

        // What is announced of an announcement is nothing, and a second announcement of a thread is no second placement.
        let again = activity("Announce", &scene.neighbour, &scene.stage.mallory.at("/announce/2"), &shared);
        scene.send(&again).await;
        scene.send(&with(shared.clone(), json!({ "id": scene.stage.mallory.at("/announce/3") }))).await;
        let top = post_at(scene.stage.alpha(), root["id"].as_str().unwrap()).await.unwrap();
        let rows = scene.stage.alpha().read(move |conn| placements::list(conn, top.id)).await.unwrap();
        let by: Vec<_> = rows.iter().map(|(_, community)| community.ap_id.clone()).collect();
        assert_eq!(by, std::slice::from_ref(&scene.neighbour), "it is the neighbour's word on itself");
        scene.stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s52_an_announce_of_an_announce_is_nothing() {
    let scene = Scene::set(clocher_tests::Ways::SqliteHttp).await;
    let root = scene.thread(1, &[&scene.commune.ap_id]);
    let inner = activity("Announce", &scene.home, &scene.announce(1), &root["id"]);
    let outer = activity("Announce", &scene.neighbour, &scene.stage.mallory.at("/announce/1"), &inner);
    scene.stage.leaves_no_trace(202, &scene.stage.mallory, scene.stage.alpha(), &outer).await;
    scene.stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_offer_counts_for_what_its_path_and_its_sender_are() {
    for ways in each_storage() {
        let scene = Scene::set(ways).await;
        let mallory = &scene.stage.mallory;
        let root = scene.thread(1, &[&scene.commune.ap_id]);
        let good = scene.offer("1", &root, 1);
        let stranger = mallory.group("etrangere");
        scene.stage.net.find(scene.stage.alpha(), &stranger).await.unwrap();
        scene.stage.honest.forget();
        let id = |name: &str| mallory.at(&format!("/offer/{name}"));
        let own = mallory.at("/announce/1");

        // At once, and without asking anybody.
        for forged in [
            json!({ "id": id("a"), "actor": stranger, "path": [scene.home, stranger] }),
            json!({ "id": id("b"), "path": [scene.neighbour, scene.home] }),
            json!({ "id": id("c"), "path": [scene.home] }),
            json!({ "id": id("d"), "path": [] , "announces": [] }),
            json!({ "id": id("e"), "way": "sideways" }),
            json!({ "id": id("f"), "path": vec![scene.neighbour.as_str(); 50], "announces": vec![own.as_str(); 50] }),
            json!({ "id": id("g"), "announces": [scene.announce(1), scene.announce(1)] }),
        ] {
            let offer = with(good.clone(), forged);
            let before = clocher_tests::stage::dump(scene.stage.alpha()).await;
            let status = scene.send(&offer).await;
            assert!((400..500).contains(&status), "{status}: {offer}");
            let after = clocher_tests::stage::dump(scene.stage.alpha()).await;
            clocher_tests::stage::assert_same(&before, &after, &offer.to_string());
        }
        assert!(scene.stage.honest.asked().is_empty(), "{:?}", scene.stage.honest.asked());

        // After looking into it.
        let elsewhere = scene.thread(2, &["https://other.test/c/commune"]);
        let fresh = scene.thread(3, &[&scene.commune.ap_id]);
        let between = mallory.group("entre");
        mallory
            .put("/announce/9", &activity("Announce", &between, &mallory.at("/announce/9"), &json!("x:y")));
        for forged in [
            json!({ "id": id("h"), "way": "down" }),
            json!({ "id": id("i"), "way": "side" }),
            json!({ "id": id("j"), "way": "home" }),
            json!({ "id": id("k"), "path": [scene.neighbour], "announces": [own], "way": "home" }),
            json!({ "id": id("l"), "path": [scene.home, between, scene.neighbour],
                "announces": [scene.announce(1), mallory.at("/announce/9"), own] }),
            json!({ "id": id("m"), "path": [scene.home, between, scene.neighbour],
                "announces": [scene.announce(1), mallory.at("/announce/none"), own] }),
            json!({ "id": id("n"), "object": fresh["id"], "announces": [scene.stage.honest.at("/post/3"), own] }),
            json!({ "id": id("o"), "object": elsewhere["id"], "announces": [scene.announce(2), own] }),
            json!({ "id": id("p"), "announces": [own, own] }),
            json!({ "id": id("q"), "way": "addressed", "path": [scene.home, between, scene.neighbour],
                "announces": [scene.announce(1), mallory.at("/announce/9"), own] }),
            json!({ "id": id("r"), "way": "addressed" }),
        ] {
            scene.send(&with(good.clone(), forged.clone())).await;
            assert_eq!(scene.state(&root).await, None, "{forged}");
        }
        assert_eq!(scene.state(&elsewhere).await, None, "beyond its reach");
        assert_eq!(scene.state(&fresh).await, None, "its home has not announced it");
        let refused: Vec<Value> =
            mallory.activities().into_iter().filter(|one| one["type"] == "Reject").collect();
        assert_eq!(
            refused.len(),
            1,
            "what a rule refused, and nothing that is broken or a stranger's: {refused:?}"
        );
        assert_eq!(
            (&refused[0]["object"]["id"], &refused[0]["actor"]),
            (&json!(id("o")), &json!(scene.commune.ap_id))
        );

        assert_eq!(scene.send(&good).await, 202);
        assert_eq!(scene.state(&root).await, Some(PlacementState::Placed));
        let top = post_at(scene.stage.alpha(), root["id"].as_str().unwrap()).await.unwrap();
        assert!(top.home_id.is_some(), "under its true home");
        let accepted = mallory.activities().into_iter().find(|one| one["type"] == "Accept").unwrap();
        assert_eq!((&accepted["object"]["id"], &accepted["object"]["type"]), (&good["id"], &json!("Offer")));
        let announce =
            scene.stage.honest.activities().into_iter().find(|one| one["type"] == "Announce").unwrap();
        assert_eq!((&announce["object"], &announce["id"]), (&root["id"], &accepted["result"]));
        assert!(announce["cc"].as_array().unwrap().contains(&json!(scene.home)), "the home is named");
        assert!(!announce["cc"].as_array().unwrap().contains(&json!(scene.stage.bob)), "the author is not");
        assert_eq!(announce["path"], json!([scene.home, scene.neighbour]));
        mallory.forget();
        scene.send(&with(good.clone(), json!({ "id": id("again") }))).await;
        assert!(mallory.activities().is_empty(), "a repeated way tells nobody anything");
        scene.stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reply_that_lands_where_a_thread_is_shared_goes_to_its_home() {
    for ways in each_storage() {
        let scene = Scene::set(ways).await;
        let root = scene.thread(1, &[&scene.commune.ap_id]);
        assert_eq!(scene.send(&scene.offer("1", &root, 1)).await, 202);
        assert_eq!(scene.state(&root).await, Some(PlacementState::Placed));
        scene.stage.honest.forget();
        let eve = scene.stage.mallory.person("eve");
        let fields = json!({ "inReplyTo": root["id"], "audience": scene.home });
        let answer = with(note(&eve, &scene.stage.mallory.at("/post/8"), "<p>Et ?</p>"), fields);
        scene.stage.mallory.serve(&answer);
        assert_eq!(scene.send(&create(&answer)).await, 202);
        assert!(
            post_at(scene.stage.alpha(), answer["id"].as_str().unwrap()).await.is_none(),
            "its home decides"
        );
        let told = scene.stage.honest.activities();
        let handed = told.iter().find(|one| one["type"] == "Announce").unwrap();
        assert_eq!((&handed["actor"], &handed["object"]), (&json!(scene.commune.ap_id), &answer["id"]));
        assert_eq!(handed["to"], json!([scene.home]), "to the home alone");
        scene.stage.clear().await;
    }
}
