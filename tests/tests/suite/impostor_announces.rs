//! What a community passes on is a hint: only what its own server says of it is stored.

#![expect(clippy::unwrap_used, reason = "a test whose stage does not stand cannot go on")]

use clocher_app::{App, domains, queue};
use clocher_storage::actors::{self, ActorRow};
use clocher_tests::impostor::with;
use clocher_tests::stage::{PUBLIC, Stage, activity, assert_same, dump, each_storage, note, until};
use clocher_tests::{Ways, actor_at, post_at};
use serde_json::{Value, json};
use std::net::TcpListener;

/// Alice of alpha follows mallory's group.
async fn followed(stage: &Stage) -> ActorRow {
    stage.follow_group(&stage.alice().await, &stage.mallory, "foule").await
}

/// The group announces something under a new id.
fn announce(group: &ActorRow, number: u32, object: &Value) -> Value {
    activity("Announce", &group.ap_id, &format!("{}/announce/{number}", group.ap_id), object)
}

/// The group announces something to alpha, which looks into it, or says at once that it is not taken.
async fn announced(stage: &Stage, group: &ActorRow, number: u32, object: &Value) {
    let status = stage.send(&stage.mallory, stage.alpha(), &announce(group, number, object)).await;
    assert!(matches!(status, 202 | 403), "{status}: {object}");
    stage.net.settle().await;
}

/// A message of Bob's for that group, as his server serves it.
fn of_bob(stage: &Stage, group: &ActorRow, path: &str, html: &str) -> Value {
    let message = with(note(&stage.bob, &stage.honest.at(path), html), json!({ "audience": group.ap_id }));
    stage.honest.serve(&message);
    message
}

fn create(message: &Value) -> Value {
    let (author, id) = (message["attributedTo"].as_str().unwrap(), message["id"].as_str().unwrap());
    activity("Create", author, &format!("{id}/create"), message)
}

async fn html(app: &App, message: &Value) -> Option<String> {
    post_at(app, message["id"].as_str().unwrap()).await.map(|post| post.html)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_group_that_nobody_follows_and_a_person_announce_in_vain() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let group = stage.net.find(stage.alpha(), &stage.mallory.group("foule")).await.unwrap();
    let person = stage.net.find(stage.alpha(), &stage.mallory.person("mallory")).await.unwrap();
    let message = of_bob(&stage, &group, "/post/1", "<p>Bonjour.</p>");
    stage.honest.forget();
    for actor in [&group, &person] {
        for object in [create(&message), message.clone(), message["id"].clone()] {
            stage.leaves_no_trace(202, &stage.mallory, stage.alpha(), &announce(actor, 1, &object)).await;
        }
    }
    // Nor does a group whose answer alpha still awaits.
    let alice = stage.alice().await;
    clocher_app::membership::join(stage.alpha(), alice.id, group.id).await.unwrap();
    stage.net.settle().await;
    stage.honest.forget();
    stage.leaves_no_trace(202, &stage.mallory, stage.alpha(), &announce(&group, 2, &create(&message))).await;
    assert!(stage.honest.asked().is_empty(), "nobody was asked: {:?}", stage.honest.asked());
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s09_s42_what_is_embedded_is_not_believed_but_fetched_from_its_own_server() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let group = followed(&stage).await;
        let genuine = of_bob(&stage, &group, "/post/1", "<p>Vrai.</p>");
        let forged =
            with(genuine.clone(), json!({ "content": "<p>Faux.</p>", "name": "Faux", "type": "Page" }));
        announced(&stage, &group, 1, &create(&forged)).await;
        assert_eq!(html(stage.alpha(), &genuine).await.as_deref(), Some("<p>Vrai.</p>"));
        // An edit likewise, of Bob's and as if by another.
        let update = activity("Update", &stage.bob, &stage.honest.at("/update/1"), &forged);
        announced(&stage, &group, 2, &update).await;
        announced(&stage, &group, 3, &with(update, json!({ "actor": group.ap_id }))).await;
        announced(&stage, &group, 4, &forged).await;
        let post = post_at(stage.alpha(), genuine["id"].as_str().unwrap()).await.unwrap();
        assert_eq!((post.html.as_str(), post.title, post.edited_at), ("<p>Vrai.</p>", None, None));

        // What its server does not serve does not exist; what another server says of it counts for nothing.
        let before = dump(stage.alpha()).await;
        let invented = with(forged.clone(), json!({ "id": stage.honest.at("/post/2") }));
        announced(&stage, &group, 5, &create(&invented)).await;
        for (number, author) in [(6, stage.bob.clone()), (7, stage.alpha().site().person("alice"))] {
            let misplaced =
                with(forged.clone(), json!({ "id": stage.mallory.at("/post/3"), "attributedTo": author }));
            stage.mallory.serve(&misplaced);
            announced(&stage, &group, number, &create(&misplaced)).await;
        }
        let local = with(
            forged,
            json!({ "id": stage.alpha().site().post(1), "attributedTo": stage.alpha().site().person("alice") }),
        );
        announced(&stage, &group, 8, &create(&local)).await;
        assert_same(&before, &dump(stage.alpha()).await, "an invented message");
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s43_nothing_is_stored_while_its_own_server_cannot_be_asked() {
    let mut stage = Stage::set(Ways::SqliteHttp).await;
    let group = followed(&stage).await;
    let message = of_bob(&stage, &group, "/post/1", "<p>Vrai.</p>");
    let forged = with(message.clone(), json!({ "content": "<p>Faux.</p>" }));
    stage.honest.fall_silent().await;
    let announce = announce(&group, 1, &create(&forged));
    assert_eq!(stage.send(&stage.mallory, stage.alpha(), &announce).await, 202);
    until("two attempts to fetch it", async || {
        queue::list(stage.alpha(), 20).await.unwrap().jobs.iter().any(|job| job.attempts >= 2)
    })
    .await;
    assert_eq!(html(stage.alpha(), &message).await, None);
    stage.honest.come_back();
    stage.net.settle().await;
    assert_eq!(html(stage.alpha(), &message).await.as_deref(), Some("<p>Vrai.</p>"));
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s01_a_document_that_names_another_id_is_taken_from_there() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let group = followed(&stage).await;
    let genuine = of_bob(&stage, &group, "/post/1", "<p>Vrai.</p>");
    let copy = with(genuine.clone(), json!({ "content": "<p>Faux.</p>" }));
    stage.mallory.put("/copy", &copy);
    announced(&stage, &group, 1, &json!(stage.mallory.at("/copy"))).await;
    assert_eq!(html(stage.alpha(), &genuine).await.as_deref(), Some("<p>Vrai.</p>"));
    assert!(post_at(stage.alpha(), &stage.mallory.at("/copy")).await.is_none());
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s44_s65_a_vote_counts_on_the_word_of_the_home_alone() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let group = followed(&stage).await;
    let carla = clocher_tests::person(stage.alpha(), "carla").await;
    let club = stage.follow_group(&carla, &stage.honest, "club").await;
    let of_club = of_bob(&stage, &club, "/post/1", "<p>Du club.</p>");
    let first = activity("Announce", &club.ap_id, &stage.honest.at("/announce/1"), &of_club["id"]);
    assert_eq!(stage.send(&stage.honest, stage.alpha(), &first).await, 202);
    stage.net.settle().await;
    let id = of_club["id"].as_str().unwrap();
    assert_eq!(post_at(stage.alpha(), id).await.unwrap().home_id, Some(club.id));

    let vote = |voter: &str, kind: &str| activity(kind, voter, &format!("{voter}/vote/{kind}"), &json!(id));
    let stranger = stage.mallory.at("/u/invented");
    let before = dump(stage.alpha()).await;
    for (number, voter) in [(1, &stranger), (2, &stage.honest.at("/u/dave"))] {
        announced(&stage, &group, number, &vote(voter, "Like")).await;
        announced(&stage, &group, number + 10, &vote(voter, "Dislike")).await;
    }
    assert_same(&before, &dump(stage.alpha()).await, "a vote that another group passed on");

    let dave = stage.honest.at("/u/dave");
    let counted = activity("Announce", &club.ap_id, &stage.honest.at("/announce/2"), &vote(&dave, "Like"));
    assert_eq!(stage.send(&stage.honest, stage.alpha(), &counted).await, 202);
    stage.net.settle().await;
    assert_eq!(post_at(stage.alpha(), id).await.unwrap().likes, 1);
    // Its withdrawal by another group is none, and our own people's votes are counted by us.
    let undo = activity("Undo", &dave, &format!("{dave}/undo"), &vote(&dave, "Like"));
    announced(&stage, &group, 22, &undo).await;
    let ours =
        activity("Announce", &club.ap_id, &stage.honest.at("/announce/3"), &vote(&carla.ap_id, "Like"));
    assert_eq!(stage.send(&stage.honest, stage.alpha(), &ours).await, 202);
    stage.net.settle().await;
    assert_eq!(post_at(stage.alpha(), id).await.unwrap().likes, 1);
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_announced_deletion_is_one_only_where_the_message_is_gone() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let group = followed(&stage).await;
    let message = of_bob(&stage, &group, "/post/1", "<p>Bonjour.</p>");
    let id = message["id"].as_str().unwrap();
    announced(&stage, &group, 1, &create(&message)).await;
    let delete = activity("Delete", &stage.bob, &stage.honest.at("/delete/1"), &json!(id));
    announced(&stage, &group, 2, &delete).await;
    announced(&stage, &group, 3, &with(delete.clone(), json!({ "actor": group.ap_id }))).await;
    assert_eq!(html(stage.alpha(), &message).await.as_deref(), Some("<p>Bonjour.</p>"));
    let alone = activity("Delete", &group.ap_id, &stage.mallory.at("/delete/2"), &json!(id));
    stage.leaves_no_trace(403, &stage.mallory, stage.alpha(), &alone).await;

    stage.honest.put("/post/1", &json!({ "id": id, "type": "Tombstone" }));
    announced(&stage, &group, 4, &delete).await;
    assert!(post_at(stage.alpha(), id).await.unwrap().deleted_at.is_some());
    // It does not come back when its server serves it again.
    of_bob(&stage, &group, "/post/1", "<p>Revenant.</p>");
    announced(&stage, &group, 5, &create(&message)).await;
    let update = activity("Update", &stage.bob, &stage.honest.at("/update/1"), &message);
    announced(&stage, &group, 6, &update).await;
    assert_eq!(html(stage.alpha(), &message).await.as_deref(), Some(""));
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s17_nothing_of_a_blocked_domain_comes_in_by_others() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let group = followed(&stage).await;
    let known = of_bob(&stage, &group, "/post/1", "<p>Avant.</p>");
    announced(&stage, &group, 1, &create(&known)).await;
    let carol = stage.honest.person("carol");
    stage.net.find(stage.alpha(), &carol).await.unwrap();
    domains::set(stage.alpha(), "HONEST.test.", true, "Essai".into()).await.unwrap();
    let new = of_bob(&stage, &group, "/post/2", "<p>Après.</p>");
    of_bob(&stage, &group, "/post/1", "<p>Changé.</p>");
    stage.honest.forget();
    let before = dump(stage.alpha()).await;
    announced(&stage, &group, 2, &create(&new)).await;
    announced(&stage, &group, 3, &new["id"]).await;
    let update = activity("Update", &stage.bob, &stage.honest.at("/update/1"), &known);
    announced(&stage, &group, 4, &update).await;
    // The votes of those who are known, and of those who are not.
    for (number, voter) in [(5, carol), (6, stage.honest.at("/u/dave"))] {
        let like = activity("Like", &voter, &format!("{voter}/like"), &known["id"]);
        announced(&stage, &group, number, &like).await;
    }
    // An answer to what is not taken is not taken.
    let mallory = stage.mallory.person("mallory");
    let fields = json!({ "inReplyTo": new["id"], "audience": group.ap_id });
    let reply = with(note(&mallory, &stage.mallory.at("/comment/1"), "<p>Re.</p>"), fields);
    stage.mallory.serve(&reply);
    announced(&stage, &group, 7, &create(&reply)).await;
    assert!(stage.honest.asked().is_empty(), "a blocked server is not asked: {:?}", stage.honest.asked());
    let after: Vec<_> =
        dump(stage.alpha()).await.into_iter().filter(|line| !line.contains("/u/mallory")).collect();
    assert_same(&before, &after, "something of a blocked domain");
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s26_nothing_of_a_suspended_actor_comes_in_by_others() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let group = followed(&stage).await;
    let known = of_bob(&stage, &group, "/post/1", "<p>Avant.</p>");
    announced(&stage, &group, 1, &create(&known)).await;
    let bob = actor_at(stage.alpha(), &stage.bob).await.unwrap();
    stage.alpha().write(move |deed| actors::suspend(deed.conn, bob.id, Some(deed.now()))).await.unwrap();
    let new = of_bob(&stage, &group, "/post/2", "<p>Après.</p>");
    of_bob(&stage, &group, "/post/1", "<p>Changé.</p>");
    announced(&stage, &group, 2, &create(&new)).await;
    announced(&stage, &group, 3, &new["id"]).await;
    let update = activity("Update", &stage.bob, &stage.honest.at("/update/1"), &known);
    announced(&stage, &group, 4, &update).await;
    announced(&stage, &group, 5, &activity("Like", &stage.bob, &stage.honest.at("/like/1"), &known["id"]))
        .await;
    // Nor as what another answers.
    let carol = stage.honest.person("carol");
    let fields = json!({ "inReplyTo": new["id"], "audience": group.ap_id });
    let reply = with(note(&carol, &stage.honest.at("/comment/1"), "<p>Re.</p>"), fields);
    stage.honest.serve(&reply);
    announced(&stage, &group, 6, &create(&reply)).await;
    assert_eq!(html(stage.alpha(), &new).await, None);
    assert_eq!(html(stage.alpha(), &reply).await, None);
    let post = post_at(stage.alpha(), known["id"].as_str().unwrap()).await.unwrap();
    assert_eq!((post.html.as_str(), post.likes), ("<p>Avant.</p>", 0));
    assert!(actor_at(stage.alpha(), &stage.bob).await.unwrap().suspended_at.is_some());
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s52_an_announce_of_an_announce_and_what_has_no_meaning_here_are_nothing() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let group = followed(&stage).await;
    let message = of_bob(&stage, &group, "/post/1", "<p>Bonjour.</p>");
    let nested = announce(&group, 99, &create(&message));
    let meant = |kind: &str| activity(kind, &group.ap_id, &stage.mallory.at("/x"), &json!(stage.bob));
    for (number, object) in [
        nested.clone(),
        announce(&group, 98, &nested),
        meant("Block"),
        meant("Lock"),
        meant("Add"),
        meant("Remove"),
        meant("Follow"),
        meant("Accept"),
        activity(
            "Update",
            &stage.bob,
            &stage.honest.at("/u/1"),
            &json!({ "id": stage.bob, "type": "Person" }),
        ),
        activity("Delete", &stage.bob, &stage.honest.at("/d/1"), &json!(stage.bob)),
    ]
    .iter()
    .enumerate()
    {
        let number = u32::try_from(number).unwrap();
        stage.leaves_no_trace(202, &stage.mallory, stage.alpha(), &announce(&group, number, object)).await;
    }
    for object in [json!(null), json!(7), json!({}), json!([])] {
        let status = stage.send(&stage.mallory, stage.alpha(), &announce(&group, 50, &object)).await;
        assert_eq!(status, 400, "{object}");
    }
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s14_an_announced_address_inside_is_not_asked() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let group = followed(&stage).await;
    let inside = TcpListener::bind("127.0.0.1:0").unwrap();
    inside.set_nonblocking(true).unwrap();
    let port = inside.local_addr().unwrap().port();
    let before = dump(stage.alpha()).await;
    for (number, id) in [
        format!("http://127.0.0.1:{port}/"),
        format!("https://127.0.0.1:{port}/"),
        format!("https://localhost:{port}/"),
        format!("https://0x7f000001:{port}/"),
        format!("https://[::ffff:7f00:1]:{port}/"),
        "file:///etc/passwd".to_owned(),
        "gopher://honest.test/1".to_owned(),
        format!("http://{}@127.0.0.1:{port}/", stage.honest.host),
        format!("{}\\@127.0.0.1:{port}/", stage.honest.at("")),
        format!("{}\n", stage.honest.at("/post/1")),
    ]
    .iter()
    .enumerate()
    {
        announced(&stage, &group, u32::try_from(number).unwrap(), &json!(id)).await;
    }
    assert_same(&before, &dump(stage.alpha()).await, "an address inside");
    assert_eq!(inside.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_group_announces_is_not_made_public_by_it() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let group = followed(&stage).await;
    let private = with(
        note(&stage.bob, &stage.honest.at("/post/1"), "<p>Entre nous.</p>"),
        json!({ "audience": group.ap_id, "to": [format!("{}/followers", stage.bob)] }),
    );
    stage.honest.serve(&private);
    announced(&stage, &group, 1, &create(&with(private.clone(), json!({ "to": [PUBLIC] })))).await;
    announced(&stage, &group, 2, &private["id"]).await;
    let post = post_at(stage.alpha(), private["id"].as_str().unwrap()).await;
    assert!(post.is_none_or(|post| post.home_id.is_none() && post.visibility == "followers"));
    stage.clear().await;
}
