//! Communities that become one, as communes merge: who follows goes along once, and nobody else decides it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use clocher_app::{App, Error, linking, membership, moving};
use clocher_domain::Refusal;
use clocher_domain::actor::Role;
use clocher_domain::membership::Standing;
use clocher_domain::time::DAY;
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::{communities, follows, testing};
use clocher_tests::{Network, Setting, Ways, account, actor_at, person};
use serde_json::{Value, json};

const NAMES: &[&str] = &["asperjoc", "antraigues", "nouvelle", "reader"];

async fn own(app: &App) -> ActorRow {
    let id = app.instance().await.unwrap().community_id.unwrap();
    app.read(move |conn| actors::find(conn, id)).await.unwrap().unwrap()
}

async fn administrator(app: &App) -> i64 {
    linking::administrator(app).await.unwrap().id
}

async fn standing(app: &App, follower: &ActorRow, followed: &str) -> Option<Standing> {
    let (follower, followed) = (follower.id, actor_at(app, followed).await?.id);
    let row = app.read(move |conn| follows::find(conn, follower, followed)).await.unwrap();
    row.map(|row| row.standing().unwrap())
}

async fn written(app: &App, kind: &str) -> Vec<Value> {
    let all = app.read(testing::local_activities).await.unwrap();
    let all = all.into_iter().map(|(_, text)| serde_json::from_str::<Value>(&text).unwrap());
    all.filter(|document| document["type"] == kind).collect()
}

async fn merge(net: &Network, app: &App, by: i64, target: &str) -> Result<ActorRow, Error> {
    let done = moving::merge(app, &net.directory(), by, own(app).await.id, target).await;
    net.settle().await;
    done
}

fn is<T>(refusal: Refusal, answer: &Result<T, Error>) {
    assert!(matches!(answer, Err(Error::Refused(why)) if *why == refusal), "not {refusal:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s63_two_communes_merge_into_one_and_who_follows_both_follows_the_new_one_once() {
    let mut ways = vec![Ways::SqliteHttp, Ways::SqliteDirect];
    ways.extend(testing::postgres_url().map(|_| Ways::PostgresHttp));
    for ways in ways {
        let territories = &["commune:07086", "commune:07129", "commune:07011"];
        let setting = Setting { territories, shy: true, ..Setting::default() };
        let mut net = Network::start_as(setting, ways, NAMES).await;
        let apps = |name: &str| net.node(name).clone();
        let (one, two, new, reader) =
            (apps("asperjoc"), apps("antraigues"), apps("nouvelle"), apps("reader"));
        let target = own(&new).await;
        let carol = person(&reader, "carol").await;
        let dave = person(&one, "dave").await;
        for old in [&one, &two] {
            let known = net.find(&reader, &own(old).await.ap_id).await.unwrap();
            membership::join(&reader, carol.id, known.id).await.unwrap();
        }
        membership::join(&one, dave.id, own(&one).await.id).await.unwrap();
        net.settle().await;

        // Neither a moderator decides it, nor anybody before the new one says so.
        let clerk = clocher_app::accounts::add(&one, account("clerk"), Role::Moderator).await.unwrap();
        is(Refusal::NotPossible, &merge(&net, &one, clerk.id, &target.ap_id).await);
        let mayor = administrator(&one).await;
        is(Refusal::NotLinked, &merge(&net, &one, mayor, &target.ap_id).await);
        is(Refusal::SameAccount, &merge(&net, &one, mayor, &own(&one).await.ap_id).await);
        assert!(written(&one, "Move").await.is_empty());
        for old in [&one, &two] {
            let there = net.find(&new, &own(old).await.ap_id).await.unwrap();
            let by = administrator(&new).await;
            moving::add_predecessor(&new, by, target.id, there.id).await.unwrap();
            net.settle().await;
            merge(&net, old, administrator(old).await, &target.ap_id).await.unwrap();
        }

        for old in [&one, &two] {
            let old = own(old).await;
            assert_eq!(old.moved_to.as_ref(), Some(&target.ap_id));
            let there = actor_at(&reader, &old.ap_id).await.unwrap();
            assert_eq!(there.moved_to.as_ref(), Some(&target.ap_id), "{ways:?}");
            assert_eq!(standing(&reader, &carol, &old.ap_id).await, None);
            is(Refusal::MovedAway, &membership::join(&reader, carol.id, there.id).await);
        }
        assert_eq!(standing(&reader, &carol, &target.ap_id).await, Some(Standing::Accepted));
        assert_eq!(standing(&one, &dave, &target.ap_id).await, Some(Standing::Accepted));
        let follows = written(&reader, "Follow").await;
        let of_new = follows.iter().filter(|document| document["object"] == target.ap_id.as_str());
        assert_eq!(of_new.count(), 1, "{ways:?}");
        let moves = written(&one, "Move").await;
        let [document] = moves.as_slice() else { panic!("one Move: {moves:#?}") };
        let old = own(&one).await;
        assert_eq!((&document["actor"], &document["object"]), (&json!(old.ap_id), &json!(old.ap_id)));
        assert_eq!(document["target"], json!(target.ap_id));
        assert_eq!(document["to"], json!(["https://www.w3.org/ns/activitystreams#Public"]));

        // Once more, or away again too soon, changes nothing.
        merge(&net, &one, mayor, &target.ap_id).await.unwrap();
        assert_eq!(written(&one, "Move").await.len(), 1);
        let there = net.find(&two, &old.ap_id).await.unwrap();
        let by = administrator(&two).await;
        moving::add_predecessor(&two, by, own(&two).await.id, there.id).await.unwrap();
        net.clock.advance(DAY);
        let away = own(&two).await.ap_id;
        is(Refusal::MovedAway, &merge(&net, &one, mayor, &away).await);
        net.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_community_of_a_retired_code_is_known_as_that_of_its_successor() {
    let territories = &["commune:07086"];
    let setting = Setting { territories, shy: true, ..Setting::default() };
    let mut net = Network::start_as(setting, Ways::SqliteHttp, &["asperjoc", "reader"]).await;
    let (old, reader) = (net.node("asperjoc").clone(), net.node("reader").clone());
    // Founded in 2018, when Asperjoc had a code of its own.
    let id = own(&old).await.id;
    old.write(move |deed| {
        let row = communities::find(deed.conn, id)?.unwrap();
        communities::put(
            deed.conn,
            &communities::CommunityRow { territory: Some("commune:07016".to_owned()), ..row },
        )?;
        Ok::<_, Error>(())
    })
    .await
    .unwrap();
    let known = net.find(&reader, &own(&old).await.ap_id).await.unwrap();
    let claims = reader.read(move |conn| communities::find(conn, known.id)).await.unwrap().unwrap();
    assert_eq!(claims.territory.as_deref(), Some("commune:07011"));
    net.stop().await;
}
