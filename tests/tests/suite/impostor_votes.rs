//! Votes: whatever is sent, a person counts once, by its own word or that of the message's home; and a vote in a poll
//! is no message.
#![expect(clippy::unwrap_used, reason = "a test whose stage does not stand cannot go on")]

use clocher_app::posting;
use clocher_storage::actors::ActorRow;
use clocher_storage::posts::PostRow;
use clocher_tests::impostor::with;
use clocher_tests::stage::{PUBLIC, Stage, activity, each_storage, note};
use clocher_tests::{actor_at, post_at, thread};
use serde_json::{Value, json};

/// The community of alpha.
async fn velo(stage: &Stage) -> ActorRow {
    actor_at(stage.alpha(), &stage.alpha().site().community("velo")).await.unwrap()
}

/// `Create` of a message by its author.
fn create(message: &Value) -> Value {
    let (author, id) = (message["attributedTo"].as_str().unwrap(), message["id"].as_str().unwrap());
    activity("Create", author, &format!("{id}/create"), message)
}

/// A thread of Bob's in alpha's community, as it is sent.
async fn thread_of_bob(stage: &Stage) -> Value {
    let fields = json!({ "type": "Page", "name": "Le pont", "audience": velo(stage).await.ap_id });
    let message = with(note(&stage.bob, &stage.honest.at("/post/1"), "<p>Il est fermé.</p>"), fields);
    assert_eq!(stage.send(&stage.honest, stage.alpha(), &create(&message)).await, 202);
    stage.net.settle().await;
    message
}

/// A thread of Alice's in alpha's community.
async fn thread_of_alice(stage: &Stage) -> PostRow {
    let alice = stage.alice().await;
    let post = posting::write(stage.alpha(), thread(&alice, &velo(stage).await, "Sortie", "Dimanche.")).await;
    stage.net.settle().await;
    post.unwrap()
}

/// How many are for a message and against it, at alpha.
async fn votes(stage: &Stage, ap_id: &str) -> (i64, i64) {
    let post = post_at(stage.alpha(), ap_id).await.unwrap();
    (post.likes, post.dislikes)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s65_a_person_counts_once_however_often_and_fast_it_votes() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let post = thread_of_alice(&stage).await;
        let own = thread_of_bob(&stage).await;
        let vote = |kind: &str, number: usize| {
            let id = stage.honest.at(&format!("/{kind}/{number}"));
            activity(kind, &stage.bob, &id, &json!(post.ap_id))
        };
        let likes: Vec<_> = (0..6).map(|number| vote("Like", number)).collect();
        let sent = likes.iter().map(|like| stage.send(&stage.honest, stage.alpha(), like));
        let statuses = futures_util::future::join_all(sent).await;
        assert!(statuses.iter().all(|status| *status == 202), "{statuses:?}");
        assert_eq!(votes(&stage, &post.ap_id).await, (1, 0));
        assert_eq!(stage.send(&stage.honest, stage.alpha(), &vote("Dislike", 1)).await, 202);
        assert_eq!(votes(&stage, &post.ap_id).await, (0, 1));
        for old in &likes {
            assert_eq!(stage.send(&stage.honest, stage.alpha(), old).await, 202);
        }
        assert_eq!(votes(&stage, &post.ap_id).await, (0, 1), "what was received before counts no more");
        let of_own = activity("Like", &stage.bob, &stage.honest.at("/own"), &own["id"]);
        stage.net.settle().await;
        stage.leaves_no_trace(403, &stage.honest, stage.alpha(), &of_own).await;
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s65_two_actors_with_one_key_have_a_vote_each_and_none_for_the_other() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let post = thread_of_alice(&stage).await;
        let like = |voter: &str, number: u32| {
            activity("Like", voter, &format!("{voter}/like/{number}"), &json!(post.ap_id))
        };
        // A server may have one key for all of its people: each has an own name for it.
        let carol = stage.honest.person("carol");
        for (voter, counted) in [(&stage.bob, 1), (&carol, 2), (&stage.bob, 2), (&carol, 2)] {
            assert_eq!(stage.send(&stage.honest, stage.alpha(), &like(voter, 1)).await, 202);
            assert_eq!(votes(&stage, &post.ap_id).await, (counted, 0));
        }
        stage.net.settle().await;
        // By that key nobody votes in the name of another, known or not.
        let dave = stage.honest.person("dave");
        for (signer, voter) in [(&carol, &dave), (&stage.bob, &carol), (&dave, &stage.bob)] {
            let (status, _) = stage.send_as(&stage.honest, signer, stage.alpha(), &like(voter, 2)).await;
            assert_eq!(status, 401, "{voter} by {signer}");
        }
        // A key that is named as of another host, or as another's, is nobody's.
        let spy = stage.mallory.at("/u/spy");
        let pem = stage.mallory.key.public_pem();
        for (id, owner) in [
            (format!("{}#main-key", stage.bob), &spy),
            (format!("{}#main-key", stage.bob), &stage.bob),
            (format!("{spy}#main-key"), &stage.bob),
            (stage.honest.at("/keys/1"), &spy),
        ] {
            let key = json!({ "id": id, "owner": owner, "publicKeyPem": pem });
            stage.mallory.actor("Person", "/u/spy", "spy", json!({ "publicKey": key }));
            for signer in [&spy, &stage.bob] {
                let before = votes(&stage, &post.ap_id).await;
                let (status, _) = stage.send_as(&stage.mallory, signer, stage.alpha(), &like(&spy, 3)).await;
                assert!(matches!(status, 401 | 403), "{status}: {id} of {owner}, by {signer}");
                assert_eq!(votes(&stage, &post.ap_id).await, before);
            }
            assert!(actor_at(stage.alpha(), &spy).await.is_none());
        }
        // Nor does one of a server take the name of another's key there: whose it is votes, and the other does not.
        let eve = stage.mallory.person("eve");
        let key = json!({ "id": format!("{eve}#main-key"), "owner": spy, "publicKeyPem": pem });
        stage.mallory.actor("Person", "/u/spy", "spy", json!({ "publicKey": key }));
        stage.net.find(stage.alpha(), &spy).await.unwrap();
        assert_eq!(stage.send(&stage.mallory, stage.alpha(), &like(&eve, 1)).await, 202);
        assert_eq!(votes(&stage, &post.ap_id).await, (3, 0));
        let (status, _) = stage.send_as(&stage.mallory, &eve, stage.alpha(), &like(&spy, 4)).await;
        assert_eq!(status, 401);
        assert_eq!(votes(&stage, &post.ap_id).await, (3, 0));
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s65_a_vote_for_what_is_yet_to_come_is_none_and_is_counted_once_when_it_came() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let message = with(
            note(&stage.bob, &stage.honest.at("/post/1"), "<p>Il est fermé.</p>"),
            json!({ "type": "Page", "name": "Le pont", "audience": velo(&stage).await.ap_id }),
        );
        let id = message["id"].as_str().unwrap();
        let carol = stage.honest.person("carol");
        stage.net.find(stage.alpha(), &carol).await.unwrap();
        stage.honest.forget();
        let like = activity("Like", &carol, &stage.honest.at("/like/1"), &json!(id));
        for _ in 0..2 {
            stage.leaves_no_trace(202, &stage.honest, stage.alpha(), &like).await;
        }
        assert!(stage.honest.asked().is_empty(), "nobody is asked for what is voted on");
        assert_eq!(stage.send(&stage.honest, stage.alpha(), &create(&message)).await, 202);
        assert_eq!(votes(&stage, id).await, (0, 0));
        for _ in 0..2 {
            assert_eq!(stage.send(&stage.honest, stage.alpha(), &like).await, 202);
            assert_eq!(votes(&stage, id).await, (1, 0));
        }
        stage.net.settle().await;

        // A vote that says it is in a community that nobody has heard of is one on the message where that stands.
        stage.mallory.forget();
        let future = stage.mallory.at("/c/future");
        let dave = stage.honest.person("dave");
        let astray = json!({ "audience": future, "cc": [future] });
        let astray = with(activity("Like", &dave, &stage.honest.at("/like/2"), &json!(id)), astray);
        assert_eq!(stage.send(&stage.honest, stage.alpha(), &astray).await, 202);
        stage.net.settle().await;
        assert_eq!(votes(&stage, id).await, (2, 0));
        assert!(stage.mallory.asked().is_empty(), "{:?}", stage.mallory.asked());
        assert!(actor_at(stage.alpha(), &future).await.is_none());
        // Once there is such a community, and somebody here is its member, it counts nothing a second time.
        let alice = stage.alice().await;
        let group = stage.follow_group(&alice, &stage.mallory, "future").await;
        let again = activity("Like", &dave, &stage.honest.at("/like/3"), &json!(id));
        let stranger = stage.mallory.at("/u/invented");
        let invented = activity("Like", &stranger, &stage.mallory.at("/like/1"), &json!(id));
        for (number, vote) in (1..).zip([&astray, &again, &invented]) {
            let at = stage.mallory.at(&format!("/announce/{number}"));
            let announce = activity("Announce", &group.ap_id, &at, vote);
            stage.leaves_no_trace(202, &stage.mallory, stage.alpha(), &announce).await;
        }
        assert_eq!(votes(&stage, id).await, (2, 0));
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s65_a_vote_in_a_poll_is_no_message_whenever_it_comes() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let group = stage.follow_group(&stage.alice().await, &stage.honest, "club").await;
        let alice = actor_at(stage.alpha(), &stage.alpha().site().person("alice")).await.unwrap();
        let own =
            posting::write(stage.alpha(), thread(&alice, &velo(&stage).await, "Midi ?", "Oui ou non ?"));
        let own = own.await.unwrap();
        // Two polls of Bob's, one of which is over, and a message of Alice's that only asks.
        let poll = |path: &str, end: &str| {
            let options = json!([{ "type": "Note", "name": "Oui" }, { "type": "Note", "name": "Non" }]);
            let fields =
                json!({ "type": "Question", "oneOf": options, "endTime": end, "audience": group.ap_id });
            with(note(&stage.bob, &stage.honest.at(path), "<p>Midi ?</p>"), fields)
        };
        let polls = [poll("/poll/1", "2099-01-01T00:00:00Z"), poll("/poll/2", "2026-01-03T00:00:00Z")];
        for poll in &polls {
            stage.honest.serve(poll);
            let announce = activity(
                "Announce",
                &group.ap_id,
                &format!("{}/announce", poll["id"].as_str().unwrap()),
                &poll["id"],
            );
            assert_eq!(stage.send(&stage.honest, stage.alpha(), &announce).await, 202);
        }
        stage.net.settle().await;
        let asked = polls.each_ref().map(|poll| poll["id"].as_str().unwrap().to_owned());
        assert!(
            post_at(stage.alpha(), &asked[0]).await.is_some()
                && post_at(stage.alpha(), &asked[1]).await.is_some()
        );
        let carol = stage.honest.person("carol");
        stage.net.find(stage.alpha(), &carol).await.unwrap();
        let mut number = 0;
        for question in [&asked[0], &asked[1], &own.ap_id] {
            let absent = [
                json!({ "content": null }),
                json!({ "content": "" }),
                json!({ "content": null, "contentMap": {} }),
            ];
            for fields in absent {
                number += 1;
                let id = stage.honest.at(&format!("/vote/{number}"));
                let vote = json!({ "name": "Oui", "inReplyTo": question, "to": [stage.bob, alice.ap_id, PUBLIC],
                    "audience": group.ap_id });
                let vote = with(with(note(&carol, &id, ""), vote), fields);
                stage.honest.serve(&vote);
                let what = format!("{question} {vote}");
                // Twice, changed, to somebody here or passed on by the group, in full and by its id.
                let update = activity("Update", &carol, &format!("{id}/update"), &vote);
                for sent in [&create(&vote), &create(&vote)] {
                    stage.leaves_no_trace(202, &stage.honest, stage.alpha(), sent).await;
                }
                let status = stage.send(&stage.honest, stage.alpha(), &update).await;
                assert!(matches!(status, 202 | 400), "{status}: {what}");
                for (way, object) in [create(&vote), vote.clone(), vote["id"].clone()].iter().enumerate() {
                    let at = format!("{id}/announce/{way}");
                    let announce = activity("Announce", &group.ap_id, &at, object);
                    stage.leaves_no_trace(202, &stage.honest, stage.alpha(), &announce).await;
                }
                assert!(post_at(stage.alpha(), &id).await.is_none(), "{what}");
            }
            let question = post_at(stage.alpha(), question).await.unwrap();
            assert_eq!((question.replies, question.likes, question.dislikes), (0, 0, 0));
        }
        stage.clear().await;
    }
}
