//! Feeds: a community with what is nested in it, as Lemmy and PieFed follow them, and what strangers may not.
#![expect(clippy::unwrap_used, reason = "a test whose stage does not stand cannot go on")]

use clocher_app::{App, Clock, accounts, communities, feeds, linking, posting};
use clocher_domain::actor::{ActorKind, Role};
use clocher_domain::community::{Openness, Posting};
use clocher_domain::link::{Policy, Relation};
use clocher_domain::{Refusal, feed};
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::{communities as community_rows, follows, links};
use clocher_tests::impostor::Impostor;
use clocher_tests::request::{Whole, ask};
use clocher_tests::stage::{Stage, activity, each_storage};
use clocher_tests::{account, actor_at, circle, community, put_end, thread};
use serde_json::{Value, json};

const ACTIVITY: &str = "application/activity+json";

/// A commune of alpha, in which a hamlet of alpha is nested.
struct Nest {
    commune: ActorRow,
    hamlet: ActorRow,
    moderator: ActorRow,
    id: String,
}

impl Nest {
    async fn of(stage: &Stage) -> Self {
        let alpha = stage.alpha();
        let commune = community(alpha, "commune", Posting::Everybody).await;
        let hamlet = community(alpha, "hameau", Posting::Everybody).await;
        let moderator = linking::administrator(alpha).await.unwrap();
        let id = alpha.site().feed("commune");
        let this = Self { commune, hamlet, moderator, id };
        this.link(stage, &this.hamlet, Relation::Lower).await;
        this
    }

    /// Whoever moderates both links the commune with another community of alpha.
    async fn link(&self, stage: &Stage, other: &ActorRow, relation: Relation) {
        let (alpha, moderator) = (stage.alpha(), self.moderator.id);
        let policy = Policy::default();
        linking::propose(alpha, moderator, self.commune.id, other.id, relation, policy).await.unwrap();
        stage.net.settle().await;
    }

    async fn unlink(&self, stage: &Stage, other: &ActorRow) {
        let (here, there) = (self.commune.id, other.id);
        let row = stage.alpha().read(move |conn| links::find_between(conn, here, there)).await.unwrap();
        linking::end(stage.alpha(), self.moderator.id, row.unwrap().id, false).await.unwrap();
        stage.net.settle().await;
    }

    /// Somebody of a server that runs this follows the feed.
    async fn followed_by(&self, stage: &Stage, server: &Impostor, software: &str) -> String {
        server.runs(software);
        let fan = server.person("fan");
        let follow = activity("Follow", &fan, &format!("{fan}/follow/1"), &json!(self.id));
        assert_eq!(stage.send(server, stage.alpha(), &follow).await, 202);
        stage.net.settle().await;
        let [accept] = &server.activities()[..] else { panic!("{:?}", server.activities()) };
        assert_eq!((&accept["type"], &accept["actor"]), (&json!("Accept"), &json!(self.id)));
        assert_eq!(accept.pointer("/object/id"), follow.get("id"));
        server.forget();
        fan
    }

    async fn followers(&self, app: &App) -> i64 {
        let Some(feed) = actor_at(app, &self.id).await else { return 0 };
        app.read(move |conn| follows::count_followers(conn, feed.id)).await.unwrap()
    }
}

async fn get(stage: &Stage, address: &str) -> Whole {
    ask(stage.net.address, address, ACTIVITY, None, stage.net.clock.now().seconds()).await
}

async fn document(stage: &Stage, address: &str) -> Value {
    let answer = get(stage, address).await;
    assert_eq!(answer.status, 200, "{address} {}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

fn webfinger(app: &App, name: &str) -> String {
    let domain = app.site().domain();
    app.site().address(&format!("/.well-known/webfinger?resource=acct:{name}@{domain}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_feed_lists_its_community_and_what_is_nested_in_it_and_nothing_above_or_beside() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let (alpha, it) = (stage.alpha(), Nest::of(&stage).await);
        let above = community(alpha, "pays", Posting::Everybody).await;
        let beside = community(alpha, "club", Posting::Everybody).await;
        it.link(&stage, &above, Relation::Upper).await;
        it.link(&stage, &beside, Relation::Peer).await;

        let group = document(&stage, &it.commune.ap_id).await;
        assert_eq!(group["rollup"], json!(it.id));
        let leaf = document(&stage, &it.hamlet.ap_id).await;
        assert_eq!(leaf.get("rollup"), None);
        assert_eq!(get(&stage, &alpha.site().feed("hameau")).await.status, 404, "nothing is nested in it");

        let jrd = document(&stage, &webfinger(alpha, "commune_tout")).await;
        assert_eq!(jrd["links"][0]["href"], json!(it.id));
        let feed = document(&stage, &it.id).await;
        assert_eq!((&feed["type"], &feed["preferredUsername"]), (&json!("Feed"), &json!("commune_tout")));
        assert_eq!(feed["name"], json!(feed::title_of(&it.commune.display_name)));
        assert_eq!(feed["attributedTo"], json!(it.moderator.ap_id));
        for part in ["inbox", "outbox", "followers", "following"] {
            assert_eq!(feed[part], json!(format!("{}/{part}", it.id)));
        }
        let listed = document(&stage, feed["following"].as_str().unwrap()).await;
        assert_eq!(listed["items"], json!([it.commune.ap_id, it.hamlet.ap_id]));
        assert_eq!((&listed["totalItems"], listed.get("next")), (&json!(2), None));
        assert_eq!(document(&stage, feed["outbox"].as_str().unwrap()).await["totalItems"], json!(0));
        assert_eq!(get(&stage, &format!("{}/moderators", it.id)).await.status, 404);
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lemmy_is_told_of_the_whole_by_its_owner_and_piefed_of_each_by_the_feed_and_nobody_of_threads() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let (alpha, it) = (stage.alpha(), Nest::of(&stage).await);
        let (lemmy, piefed) = (&stage.honest, &stage.mallory);
        let fan = it.followed_by(&stage, lemmy, "lemmy").await;
        it.followed_by(&stage, piefed, "piefed").await;
        assert_eq!(document(&stage, &format!("{}/followers", it.id)).await["totalItems"], json!(2));

        let mill = community(alpha, "moulin", Posting::Everybody).await;
        it.link(&stage, &mill, Relation::Lower).await;
        let club = community(alpha, "club", Posting::Everybody).await;
        it.link(&stage, &club, Relation::Peer).await;
        let [update] = &lemmy.activities()[..] else { panic!("{:#?}", lemmy.activities()) };
        assert_eq!((&update["type"], &update["actor"]), (&json!("Update"), &json!(it.moderator.ap_id)));
        assert_eq!(update["object"]["id"], json!(it.id));
        assert_eq!(update["object"]["attributedTo"], update["actor"], "Lemmy takes it of nobody else");
        let [announce] = &piefed.activities()[..] else { panic!("{:#?}", piefed.activities()) };
        assert_eq!((&announce["type"], &announce["actor"]), (&json!("Announce"), &json!(it.id)));
        let said = &announce["object"];
        assert_eq!((&said["type"], &said["object"]["id"]), (&json!("Add"), &json!(mill.ap_id)));
        assert_eq!(said["target"]["id"], json!(format!("{}/following", it.id)));

        lemmy.forget();
        piefed.forget();
        it.unlink(&stage, &mill).await;
        assert_eq!(lemmy.activities().len(), 1);
        let [announce] = &piefed.activities()[..] else { panic!("{:#?}", piefed.activities()) };
        assert_eq!(announce["object"]["type"], json!("Remove"));
        let listed = document(&stage, &format!("{}/following", it.id)).await;
        assert_eq!(listed["items"], json!([it.commune.ap_id, it.hamlet.ap_id]));

        // Of what is said they hear from the communities themselves.
        lemmy.forget();
        piefed.forget();
        let alice = stage.alice().await;
        posting::write(alpha, thread(&alice, &it.hamlet, "Coupure", "L’eau est coupée.")).await.unwrap();
        stage.net.settle().await;
        assert!(lemmy.received().is_empty() && piefed.received().is_empty());

        let follow = activity("Follow", &fan, &format!("{fan}/follow/1"), &json!(it.id));
        let undo = activity("Undo", &fan, &format!("{fan}/undo/1"), &follow);
        assert_eq!(stage.send(lemmy, alpha, &undo).await, 202);
        stage.net.settle().await;
        assert_eq!(it.followers(alpha).await, 1);
        it.unlink(&stage, &it.hamlet).await;
        assert!(lemmy.received().is_empty(), "who has left is told nothing");
        let listed = document(&stage, &format!("{}/following", it.id)).await;
        assert_eq!(listed["items"], json!([it.commune.ap_id]), "who follows it still finds it");
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_of_hundreds_is_read_in_pages_of_which_lemmy_takes_the_first() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let (alpha, it) = (stage.alpha(), Nest::of(&stage).await);
        let policy = Policy::default();
        let mut expected = vec![it.commune.ap_id.clone(), it.hamlet.ap_id.clone()];
        for number in 0..110 {
            let other = community(alpha, &format!("lieu-{number}"), Posting::Everybody).await;
            put_end(alpha, &it.commune.ap_id, &other.ap_id, Relation::Lower, policy, policy).await;
            expected.push(other.ap_id);
        }
        let group = get(&stage, &it.commune.ap_id).await;
        assert!(group.body.len() < 8_000, "{}", group.body.len());
        let mut next = Some(format!("{}/following", it.id));
        let mut found: Vec<String> = Vec::new();
        let mut pages = 0;
        while let Some(address) = next {
            let page = document(&stage, &address).await;
            let items = page["items"].as_array().unwrap();
            assert!(items.len() < 50);
            if pages == 0 {
                assert_eq!(page["totalItems"], json!(expected.len()));
            }
            found.extend(items.iter().map(|item| item.as_str().unwrap().to_owned()));
            next = page["next"].as_str().map(str::to_owned);
            pages += 1;
        }
        assert_eq!((pages, found), (3, expected));
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_of_feeds_are_kept_for_them() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let (alpha, it) = (stage.alpha(), Nest::of(&stage).await);
        let person = accounts::add(alpha, account("autre_tout"), Role::Member).await;
        assert!(matches!(person, Err(clocher_app::Error::Refused(Refusal::ReservedName))), "{person:?}");
        // One who had that name before there were feeds keeps it.
        let alice = stage.alice().await;
        let known = alice.id;
        alpha
            .write(move |deed| {
                let mut row = actors::find(deed.conn, known)?.unwrap();
                "commune_tout".clone_into(&mut row.name);
                actors::update(deed.conn, &row)
            })
            .await
            .unwrap();
        let feed = feeds::find(alpha, "commune").await.unwrap().unwrap();
        assert_eq!(feed.actor.name, "commune_tout_2");
        assert_eq!(feed.actor.kind, ActorKind::Feed.as_str());
        let jrd = document(&stage, &webfinger(alpha, "commune_tout_2")).await;
        assert_eq!(jrd["links"][0]["href"], json!(it.id));
        let jrd = document(&stage, &webfinger(alpha, "commune_tout")).await;
        assert_eq!(jrd["links"][0]["href"], json!(alice.ap_id));
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s34_s70_the_feed_of_a_closed_community_is_not_there_and_none_lists_it() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let (alpha, it) = (stage.alpha(), Nest::of(&stage).await);
        let alice = stage.alice().await;
        let closed = circle(alpha, "conseil", Openness::Closed, &alice).await;
        let hidden = circle(alpha, "reseaux", Openness::Hidden, &alice).await;
        let policy = Policy::default();
        // As if they had been linked while they were open.
        for other in [&closed, &hidden] {
            put_end(alpha, &it.commune.ap_id, &other.ap_id, Relation::Lower, policy, policy).await;
            put_end(alpha, &other.ap_id, &it.hamlet.ap_id, Relation::Lower, policy, policy).await;
        }
        let listed = document(&stage, &format!("{}/following", it.id)).await;
        assert_eq!(listed["items"], json!([it.commune.ap_id, it.hamlet.ap_id]));
        assert_eq!(listed["totalItems"], json!(2));
        let page = feeds::page(alpha, "commune".to_owned(), None, None).await.unwrap();
        assert_eq!(page.nested.communities.len(), 1);

        let fan = stage.honest.person("fan");
        for name in ["conseil", "reseaux"] {
            let nothing = "inconnu";
            for part in ["", "/outbox", "/followers", "/following", "/following?after=1"] {
                let address = |name: &str| format!("{}{part}", alpha.site().feed(name));
                let answer = get(&stage, &address(name)).await;
                assert_eq!(answer.status, 404);
                assert_eq!(answer, get(&stage, &address(nothing)).await, "{name}{part}");
            }
            let finger = |name: &str| webfinger(alpha, &format!("{name}_tout"));
            let answer = get(&stage, &finger(name)).await;
            assert_eq!(answer, get(&stage, &finger(nothing)).await);
            let follow = |name: &str| {
                let feed = json!(alpha.site().feed(name));
                activity("Follow", &fan, &format!("{fan}/follow/{name}"), &feed)
            };
            let answer = stage.send_as(&stage.honest, &fan, alpha, &follow(name)).await;
            assert_eq!(answer, stage.send_as(&stage.honest, &fan, alpha, &follow(nothing)).await);
            assert!(feeds::page(alpha, name.to_owned(), None, None).await.is_err());
        }

        // Of one that was open and had followers, nothing is there any more once it is not.
        it.followed_by(&stage, &stage.mallory, "lemmy").await;
        let id = it.commune.id;
        alpha
            .write(move |deed| {
                let mut row = community_rows::find(deed.conn, id)?.unwrap();
                Openness::Closed.as_str().clone_into(&mut row.openness);
                community_rows::put(deed.conn, &row)
            })
            .await
            .unwrap();
        for part in ["", "/followers", "/following"] {
            assert_eq!(get(&stage, &format!("{}{part}", it.id)).await.status, 404);
        }
        assert_eq!(get(&stage, &webfinger(alpha, "commune_tout")).await.status, 404);
        let answers = |id: &str| activity("Follow", &fan, &format!("{fan}/follow/late"), &json!(id));
        let answer = stage.send_as(&stage.honest, &fan, alpha, &answers(&it.id)).await;
        let nothing = alpha.site().feed("inconnu");
        assert_eq!(answer, stage.send_as(&stage.honest, &fan, alpha, &answers(&nothing)).await);
        it.unlink(&stage, &it.hamlet).await;
        assert!(stage.mallory.received().is_empty(), "nobody is told of what a closed one does");
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s34_s54_what_strangers_say_of_a_feed_or_as_one_changes_nothing() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let (alpha, it) = (stage.alpha(), Nest::of(&stage).await);
        let fan = it.followed_by(&stage, &stage.honest, "lemmy").await;
        let mallory = stage.mallory.person("mallory");
        stage.net.find(alpha, &mallory).await.unwrap();
        let at = |path: &str| stage.mallory.at(path);
        let whole = document(&stage, &it.id).await;
        let following = json!({ "id": format!("{}/following", it.id), "type": "Collection" });
        let group = json!({ "id": at("/c/gang"), "type": "Group" });
        let follow = activity("Follow", &fan, &format!("{fan}/follow/1"), &json!(it.id));
        let mut add = activity("Add", &mallory, &at("/add"), &group);
        add["target"] = following.clone();
        for forged in [
            activity("Update", &mallory, &at("/update"), &whole),
            activity("Undo", &mallory, &at("/undo"), &follow),
            activity("Delete", &mallory, &at("/delete"), &json!(it.id)),
            activity("Announce", &mallory, &at("/announce"), &add),
            add.clone(),
        ] {
            stage.send(&stage.mallory, alpha, &forged).await;
            stage.net.settle().await;
            assert_eq!(it.followers(alpha).await, 1, "{forged}");
            assert_eq!(document(&stage, &it.id).await, whole, "{forged}");
        }
        // A Follow in the name of somebody else.
        let stranger = stage.honest.person("erin");
        let forged = activity("Follow", &stranger, &format!("{stranger}/follow/2"), &json!(it.id));
        let answer = stage.send_as(&stage.mallory, &mallory, alpha, &forged).await;
        assert!((400..500).contains(&answer.0), "{answer:?}");
        assert_eq!(it.followers(alpha).await, 1);
        // A feed of another server is nobody here: it is neither followed nor believed.
        let theirs = stage.mallory.actor("Feed", "/m/gang", "gang_tout", json!({}));
        assert!(stage.net.find(alpha, &theirs).await.is_err());
        let follow = activity("Follow", &theirs, &at("/m/gang/follow/1"), &json!(it.id));
        assert!(stage.send(&stage.mallory, alpha, &follow).await >= 400);
        assert_eq!(it.followers(alpha).await, 1);
        let velo = communities::find(alpha, "velo").await.unwrap();
        let follow = activity("Follow", &theirs, &at("/m/gang/follow/2"), &json!(velo.ap_id));
        assert!(stage.send(&stage.mallory, alpha, &follow).await >= 400);
        stage.clear().await;
    }
}
