//! What other servers' messages do to threads and to those who follow: private answers stay private, nobody writes
//! through an alias, what concerns nobody here is not kept, and nobody is moved but by itself.
#![expect(clippy::unwrap_used, reason = "a test whose stage does not stand cannot go on")]

use clocher_app::{Error, membership, posting, reading};
use clocher_domain::Refusal;
use clocher_domain::membership::Standing;
use clocher_domain::time::DAY;
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::follows;
use clocher_storage::posts::PostRow;
use clocher_tests::impostor::with;
use clocher_tests::stage::{Stage, activity, assert_same, dump, each_storage, note, until};
use clocher_tests::{Ways, actor_at, person, post_at, reply, thread};
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
    let is_member = stage.alpha().read(move |conn| follows::is_accepted(conn, bob.id, velo.id)).await;
    assert!(is_member.unwrap(), "the request is answered at once");
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_keeps_the_answers_to_a_thread_waiting_that_is_not_here_yet() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let alice = stage.alice().await;
    let group = stage.follow_group(&alice, &stage.honest, "cinema").await;
    let top = with(
        note(&stage.bob, &stage.honest.at("/top"), "<p>Samedi.</p>"),
        json!({ "type": "Page", "name": "Séance", "audience": group.ap_id }),
    );
    stage.honest.serve(&top);
    // It answers what does not come, and claims to be about the thread.
    let mallory = stage.mallory.person("mallory");
    stage.mallory.put_as("/never", 503, "text/plain", "");
    let hook = with(
        note(&mallory, &stage.mallory.at("/hook"), "<p>Bonjour.</p>"),
        json!({ "cc": [alice.ap_id], "inReplyTo": stage.mallory.at("/never"), "object": top["id"] }),
    );
    assert_eq!(stage.send(&stage.mallory, stage.alpha(), &create(&mallory, &hook)).await, 202);
    let context = format!("{}/context", stage.honest.at("/top"));
    let answer = with(
        note(&stage.bob, &stage.honest.at("/answer"), "<p>J’y serai.</p>"),
        json!({ "audience": group.ap_id, "inReplyTo": top["id"], "context": context }),
    );
    stage.honest.serve(&answer);
    let announce =
        activity("Announce", &group.ap_id, &stage.honest.at("/announce/1"), &create(&stage.bob, &answer));
    assert_eq!(stage.send(&stage.honest, stage.alpha(), &announce).await, 202);
    let id = stage.honest.at("/answer");
    until("the answer", async || post_at(stage.alpha(), &id).await.is_some()).await;
    stage.clear().await;
}

// Moves of persons (FEP-7628).

/// `Move` of an actor by itself.
fn moving(mover: &str, number: u32, target: &str) -> Value {
    let plain = activity("Move", mover, &format!("{mover}/move/{number}"), &json!(mover));
    with(plain, json!({ "target": target }))
}

/// A person of the honest server who says to be that other one too.
fn heir(stage: &Stage, name: &str, of: &str) -> String {
    stage.honest.actor("Person", &format!("/u/{name}"), name, json!({ "alsoKnownAs": [of] }))
}

/// How far the follow of a person of alpha has come.
async fn standing(stage: &Stage, follower: &ActorRow, followed: &str) -> Option<Standing> {
    let (follower, followed) = (follower.id, actor_at(stage.alpha(), followed).await?.id);
    let row = stage.alpha().read(move |conn| follows::find(conn, follower, followed)).await.unwrap();
    row.map(|row| row.standing().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s63_who_follows_a_person_that_moves_goes_along_once() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let (alice, carol) = (stage.alice().await, person(stage.alpha(), "carol").await);
        let heir = heir(&stage, "heir", &stage.bob);
        // Carol follows both already.
        for (follower, followed) in [(&alice, &stage.bob), (&carol, &stage.bob), (&carol, &heir)] {
            stage.follow(follower, &stage.honest, followed).await;
        }
        let move_away = moving(&stage.bob, 1, &heir);
        assert_eq!(stage.send(&stage.honest, stage.alpha(), &move_away).await, 202);
        stage.net.settle().await;
        let told = stage.honest.activities();
        let asks = |one: &&Value| one["type"] == "Follow" && one["object"] == heir.as_str();
        let ends = |one: &&Value| one["type"] == "Undo" && one["object"]["object"] == stage.bob.as_str();
        let (asked, ended) = (told.iter().filter(asks).count(), told.iter().filter(ends).count());
        assert_eq!((told.len(), asked, ended), (3, 1, 2), "{told:#?}");
        assert_eq!(standing(&stage, &carol, &stage.bob).await, None);
        assert_eq!(standing(&stage, &carol, &heir).await, Some(Standing::Accepted));
        assert_eq!(standing(&stage, &alice, &stage.bob).await, None);
        assert_eq!(standing(&stage, &alice, &heir).await, Some(Standing::Requested));
        let moved = actor_at(stage.alpha(), &stage.bob).await.unwrap();
        assert_eq!((moved.moved_to.as_ref(), moved.moved_at.is_some()), (Some(&heir), true));
        let page = reading::person(stage.alpha(), moved.id, None, None).await.unwrap();
        assert_eq!(page.moved_to.map(|target| target.ap_id), Some(heir));
        stage.honest.forget();
        stage.leaves_no_trace(202, &stage.honest, stage.alpha(), &move_away).await;
        assert!(stage.honest.activities().is_empty());
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s63_who_becomes_a_person_of_here_is_followed_at_once_by_others() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let (alice, carol) = (stage.alice().await, person(stage.alpha(), "carol").await);
    for follower in [&alice, &carol] {
        stage.follow(follower, &stage.honest, &stage.bob).await;
    }
    let to_alice = moving(&stage.bob, 1, &alice.ap_id);
    stage.leaves_no_trace(202, &stage.honest, stage.alpha(), &to_alice).await;
    let linked = ActorRow { also_known_as: Some(json!([stage.bob]).to_string()), ..alice.clone() };
    stage.alpha().write(move |deed| actors::update(deed.conn, &linked)).await.unwrap();
    assert_eq!(stage.send(&stage.honest, stage.alpha(), &to_alice).await, 202);
    stage.net.settle().await;
    assert_eq!(standing(&stage, &carol, &alice.ap_id).await, Some(Standing::Accepted));
    assert_eq!(standing(&stage, &carol, &stage.bob).await, None);
    assert_eq!(standing(&stage, &alice, &alice.ap_id).await, None, "nobody follows oneself");
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s63_a_move_that_is_not_the_persons_own_to_who_says_so_is_ignored() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let (alice, honest) = (stage.alice().await, &stage.honest);
    let bob = &stage.bob;
    stage.follow(&alice, honest, bob).await;
    let group = stage.follow_group(&alice, honest, "group").await.ap_id;
    let link = |kind: &str, name: &str, of: &str| {
        honest.actor(kind, &format!("/x/{name}"), name, json!({ "alsoKnownAs": [of] }))
    };
    let unlinked = honest.person("unlinked");
    let (community, suspended) = (link("Group", "community", bob), link("Person", "suspended", bob));
    let known = stage.net.find(stage.alpha(), &suspended).await.unwrap();
    stage.alpha().write(move |deed| actors::suspend(deed.conn, known.id, Some(1))).await.unwrap();
    let (heir, of_group) = (link("Person", "heir", bob), link("Person", "of_group", &group));
    // Looked at, and found to be none.
    for (number, (mover, target)) in (1..).zip([
        (bob, &unlinked),
        (bob, &community),
        (bob, &suspended),
        (bob, &honest.at("/nobody")),
        (&group, &of_group),
    ]) {
        honest.forget();
        stage.leaves_no_trace(202, honest, stage.alpha(), &moving(mover, number, target)).await;
        let path = target.strip_prefix(&honest.at("")).unwrap().to_owned();
        assert!(honest.asked().contains(&path), "{target} was asked: {:?}", honest.asked());
    }
    // To itself; of a group by its moderator; of a person by somebody else.
    honest.put("/u/bob", &honest.actor_document("Person", "/u/bob", "bob", json!({ "alsoKnownAs": [bob] })));
    stage.leaves_no_trace(202, honest, stage.alpha(), &moving(bob, 11, bob)).await;
    for (number, moved) in [(12, &group), (13, &alice.ap_id)] {
        let by_moderator = with(moving(bob, number, &of_group), json!({ "object": moved }));
        stage.leaves_no_trace(202, honest, stage.alpha(), &by_moderator).await;
    }
    // What is the person's own is not taken from another.
    stage.mallory.person("mallory");
    stage.net.find(stage.alpha(), &stage.mallory.at("/u/mallory")).await.unwrap();
    let before = dump(stage.alpha()).await;
    let own = moving(bob, 14, &heir);
    for forged in [own.clone(), honest.proved(&*stage.net.clock, &own)] {
        let answer =
            stage.send_as(&stage.mallory, &stage.mallory.at("/u/mallory"), stage.alpha(), &forged).await;
        assert_eq!(answer.0, 401);
        stage.net.settle().await;
        assert_same(&before, &dump(stage.alpha()).await, "a Move by another");
    }
    // The same from its own is one.
    assert_eq!(stage.send(honest, stage.alpha(), &own).await, 202);
    stage.net.settle().await;
    assert_eq!(standing(&stage, &alice, &heir).await, Some(Standing::Requested));
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s63_nobody_moves_twice_in_seven_days() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let (alice, carol) = (stage.alice().await, person(stage.alpha(), "carol").await);
    let (first, second) = (heir(&stage, "first", &stage.bob), heir(&stage, "second", &stage.bob));
    stage.follow(&alice, &stage.honest, &stage.bob).await;
    assert_eq!(stage.send(&stage.honest, stage.alpha(), &moving(&stage.bob, 1, &first)).await, 202);
    stage.net.settle().await;
    assert_eq!(standing(&stage, &alice, &first).await, Some(Standing::Requested));
    // Nobody follows who moved away, until their own server says that they are back.
    let bob = actor_at(stage.alpha(), &stage.bob).await.unwrap();
    let refused = membership::join(stage.alpha(), carol.id, bob.id).await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::MovedAway))), "{refused:?}");
    for (number, moved_to) in [(1, Some(&first)), (2, None)] {
        let fields = moved_to.map_or_else(|| json!({}), |target| json!({ "movedTo": target }));
        let profile = stage.honest.actor_document("Person", "/u/bob", "bob", fields);
        let told = activity("Update", &stage.bob, &stage.honest.at(&format!("/update/{number}")), &profile);
        assert_eq!(stage.send(&stage.honest, stage.alpha(), &told).await, 202);
        stage.net.settle().await;
        let bob = actor_at(stage.alpha(), &stage.bob).await.unwrap();
        assert_eq!((bob.moved_to.as_ref(), bob.moved_at.is_some()), (moved_to, true));
    }
    stage.honest.forget();
    stage.follow(&carol, &stage.honest, &stage.bob).await;
    let again = moving(&stage.bob, 2, &second);
    stage.leaves_no_trace(202, &stage.honest, stage.alpha(), &again).await;
    assert!(stage.honest.asked().contains(&"/u/second".to_owned()), "it was looked at");
    stage.net.clock.advance(8 * DAY);
    assert_eq!(stage.send(&stage.honest, stage.alpha(), &again).await, 202);
    stage.net.settle().await;
    assert_eq!(standing(&stage, &carol, &second).await, Some(Standing::Requested));
    assert_eq!(standing(&stage, &carol, &stage.bob).await, None);
    assert_eq!(standing(&stage, &alice, &second).await, None, "who left stays where it is");
    stage.clear().await;
}
