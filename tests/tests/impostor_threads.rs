//! What other servers' messages do to threads: private answers stay private, nobody writes through an alias, and
//! what concerns nobody here is not kept.
#![expect(clippy::unwrap_used, reason = "a test whose stage does not stand cannot go on")]

use clocher_app::posting;
use clocher_storage::actors::ActorRow;
use clocher_storage::posts::PostRow;
use clocher_tests::impostor::with;
use clocher_tests::stage::{Stage, activity, note};
use clocher_tests::{Ways, actor_at, post_at, reply, thread};
use serde_json::{Value, json};

/// The community of alpha.
async fn velo(stage: &Stage) -> ActorRow {
    actor_at(stage.alpha(), &stage.alpha().site().community("velo")).await.unwrap()
}

/// Alice of alpha, and her thread in alpha's community.
async fn thread_of_alice(stage: &Stage) -> (ActorRow, PostRow) {
    let alice = stage.alice().await;
    let top = posting::write(stage.alpha(), thread(&alice, &velo(stage).await, "Sortie", "Dimanche.")).await;
    (alice, top.unwrap())
}

/// `Create` of a message by an actor.
fn create(actor: &str, message: &Value) -> Value {
    activity("Create", actor, &format!("{}/create", message["id"].as_str().unwrap()), message)
}

/// A group of the honest server follows alpha's community, and is told what that announces.
async fn watched(stage: &Stage) {
    let watcher = stage.honest.group("watcher");
    let join = activity("Follow", &watcher, &stage.honest.at("/follow/w"), &json!(velo(stage).await.ap_id));
    assert_eq!(stage.send(&stage.honest, stage.alpha(), &join).await, 202);
    stage.net.settle().await;
    stage.honest.forget();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_private_answer_in_a_community_is_answered_in_private() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let (alice, top) = thread_of_alice(&stage).await;
    watched(&stage).await;
    let id = stage.honest.at("/private/1");
    let fields = json!({ "to": [alice.ap_id], "inReplyTo": top.ap_id });
    let private = with(note(&stage.bob, &id, "<p>Entre nous.</p>"), fields);
    assert_eq!(stage.send(&stage.honest, stage.alpha(), &create(&stage.bob, &private)).await, 202);
    stage.net.settle().await;
    let private = post_at(stage.alpha(), &id).await.unwrap();
    let answer = posting::write(stage.alpha(), reply(&alice, &private, "Rien qu’à vous.")).await.unwrap();
    assert_eq!((answer.visibility.as_str(), answer.home_id), ("direct", None));
    stage.net.settle().await;
    let told = stage.honest.activities();
    assert!(told.iter().all(|one| one["type"] != "Announce"), "no community says so: {told:#?}");
    let of_answer: Vec<_> = told.iter().filter(|one| one["object"]["id"] == answer.ap_id.as_str()).collect();
    assert_eq!(of_answer.len(), 1, "its reader is told: {told:#?}");
    assert_eq!((&of_answer[0]["to"], &of_answer[0]["cc"]), (&json!([stage.bob]), &json!([])));
    assert_eq!(
        post_at(stage.alpha(), &top.ap_id).await.unwrap().replies,
        0,
        "strangers do not see it counted"
    );
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s08_an_author_whose_address_leads_to_another_actor_publishes_nothing() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let mallory = stage.mallory.person("mallory");
    let home = velo(&stage).await.ap_id;
    // At an address of mallory's stands a document that says to be Bob's, of the honest server.
    stage
        .mallory
        .put("/u/alias", &json!({ "id": stage.bob, "type": "Person", "inbox": stage.mallory.at("/inbox") }));
    let forged = with(
        note(&stage.mallory.at("/u/alias"), &stage.mallory.at("/forged"), "<p>Je démissionne.</p>"),
        json!({ "audience": home }),
    );
    stage.mallory.serve(&forged);
    let answer = with(
        note(&mallory, &stage.mallory.at("/answer"), "<p>Ah bon ?</p>"),
        json!({ "audience": home, "inReplyTo": forged["id"] }),
    );
    assert_eq!(stage.send(&stage.mallory, stage.alpha(), &create(&mallory, &answer)).await, 202);
    stage.net.settle().await;
    assert!(stage.mallory.asked().iter().any(|path| path.contains("/forged")), "it was looked at");
    assert!(post_at(stage.alpha(), forged["id"].as_str().unwrap()).await.is_none());
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_concerns_nobody_here_is_neither_kept_nor_asked_for() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let mallory = stage.mallory.person("mallory");
    let plain = note(&mallory, &stage.mallory.at("/1"), "<p>Publicité.</p>");
    let answer = with(
        note(&mallory, &stage.mallory.at("/2"), "<p>Publicité.</p>"),
        json!({ "inReplyTo": stage.mallory.at("/3") }),
    );
    for message in [&plain, &answer] {
        assert_eq!(stage.send(&stage.mallory, stage.alpha(), &create(&mallory, message)).await, 202);
        stage.net.settle().await;
        assert!(post_at(stage.alpha(), message["id"].as_str().unwrap()).await.is_none());
    }
    assert!(stage.mallory.asked().iter().all(|path| !path.ends_with("/3")), "{:?}", stage.mallory.asked());
    // Addressed to somebody of ours, it is kept.
    let alice = stage.alice().await.ap_id;
    let mention = with(note(&mallory, &stage.mallory.at("/4"), "<p>Bonjour.</p>"), json!({ "cc": [alice] }));
    assert_eq!(stage.send(&stage.mallory, stage.alpha(), &create(&mallory, &mention)).await, 202);
    assert!(post_at(stage.alpha(), mention["id"].as_str().unwrap()).await.is_some());
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_was_fetched_for_its_answer_is_passed_on_when_it_comes() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    watched(&stage).await;
    let home = velo(&stage).await.ap_id;
    let top = with(
        note(&stage.bob, &stage.honest.at("/late"), "<p>Il est fermé.</p>"),
        json!({ "type": "Page", "name": "Le pont", "audience": home }),
    );
    stage.honest.serve(&top);
    let answer = with(
        note(&stage.bob, &stage.honest.at("/early"), "<p>Et la navette ?</p>"),
        json!({ "audience": home, "inReplyTo": top["id"] }),
    );
    for message in [&answer, &top, &top] {
        assert_eq!(stage.send(&stage.honest, stage.alpha(), &create(&stage.bob, message)).await, 202);
        stage.net.settle().await;
    }
    let told = stage.honest.activities();
    for message in [&answer, &top] {
        let announced = told
            .iter()
            .filter(|one| one["type"] == "Announce" && one["object"]["object"]["id"] == message["id"]);
        assert_eq!(announced.count(), 1, "{}: {told:#?}", message["id"]);
    }
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_keeps_what_others_send_waiting() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let mallory = stage.mallory.person("mallory");
    let (home, alice) = (velo(&stage).await.ap_id, stage.alice().await.ap_id);
    stage.mallory.put_as("/never", 503, "text/plain", "");
    // It concerns Alice, answers what does not come, and claims to be about the community.
    let hook = with(
        note(&mallory, &stage.mallory.at("/hook"), "<p>Bonjour.</p>"),
        json!({ "cc": [alice], "inReplyTo": stage.mallory.at("/never"), "object": home }),
    );
    assert_eq!(stage.send(&stage.mallory, stage.alpha(), &create(&mallory, &hook)).await, 202);
    let join = activity("Follow", &stage.bob, &stage.honest.at("/follow/1"), &json!(home));
    assert_eq!(stage.send(&stage.honest, stage.alpha(), &join).await, 202);
    let bob = actor_at(stage.alpha(), &stage.bob).await.unwrap();
    let velo = velo(&stage).await;
    let is_member =
        stage.alpha().read(move |conn| clocher_storage::follows::is_accepted(conn, bob.id, velo.id)).await;
    assert!(is_member.unwrap(), "the request is answered at once");
    stage.clear().await;
}
