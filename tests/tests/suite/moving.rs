//! Persons of ours who move: who follows goes along once, on three instances and at strangers; nobody is moved to who
//! does not say so; who is back lives here again.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use clocher_app::{App, Error, membership, moving, posting};
use clocher_domain::Refusal;
use clocher_domain::membership::Standing;
use clocher_domain::time::DAY;
use clocher_storage::activities;
use clocher_storage::actors::ActorRow;
use clocher_storage::deliveries::{self, DeliveryRow};
use clocher_storage::{follows, testing};
use clocher_tests::stage::{Stage, activity, assert_same, dump, each_storage};
use clocher_tests::{Network, Ways, actor_at, each_network, person, reply, thread};
use serde_json::{Value, json};
use std::sync::Arc;

const THREE: &[&str] = &["alpha", "beta", "gamma"];

/// How far a follow has come.
async fn standing(app: &App, follower: &ActorRow, followed: &str) -> Option<Standing> {
    let (follower, followed) = (follower.id, actor_at(app, followed).await?.id);
    let row = app.read(move |conn| follows::find(conn, follower, followed)).await.unwrap();
    row.map(|row| row.standing().unwrap())
}

/// A person of that instance follows another, of anywhere.
async fn follow(net: &Network, app: &App, follower: &ActorRow, followed: &str) {
    let followed = match actor_at(app, followed).await {
        Some(known) => known,
        None => net.find(app, followed).await.unwrap(),
    };
    membership::join(app, follower.id, followed.id).await.unwrap();
    net.settle().await;
}

/// A person says to be another too.
async fn link(net: &Network, app: &App, person: &ActorRow, other: &str) {
    let other = net.find(app, other).await.unwrap();
    moving::add_alias(app, person.id, other.id).await.unwrap();
    net.settle().await;
}

async fn depart(net: &Network, app: &App, person: &ActorRow, target: &str) -> Result<(), Error> {
    let done = moving::depart(app, &net.directory(), person.id, target).await;
    net.settle().await;
    done
}

/// The activities of that type which an instance wrote: id and document.
async fn written(app: &App, kind: &str) -> Vec<(i64, Value)> {
    let all = app.read(testing::local_activities).await.unwrap();
    let all = all.into_iter().map(|(id, text)| (id, serde_json::from_str::<Value>(&text).unwrap()));
    all.filter(|(_, document)| document["type"] == kind).collect()
}

/// Sends a stored activity to the shared inbox of another instance once more.
async fn send_again(net: &Network, from: &App, activity: i64, to: &App) {
    let row = from.read(move |conn| activities::find(conn, activity)).await.unwrap().unwrap();
    let delivery = DeliveryRow {
        id: from.mint(),
        activity_id: activity,
        signer_id: row.actor_id,
        inbox: to.site().shared_inbox(),
        host: to.site().domain().to_owned(),
        subject: row.ap_id,
        state: deliveries::DUE.to_owned(),
        attempts: 0,
        next_at: from.now().0,
        claimed_until: None,
        last_error: None,
        created_at: from.now().0,
        waits: false,
    };
    from.write(move |deed| deliveries::put(deed.conn, &delivery)).await.unwrap();
    from.wakers().deliveries.notify_one();
    net.settle().await;
}

fn is(refusal: Refusal, answer: &Result<(), Error>) {
    assert!(matches!(answer, Err(Error::Refused(why)) if *why == refusal), "{answer:?} and not {refusal:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s63_a_person_of_ours_moves_and_who_follows_goes_along_once() {
    each_network(THREE, |net: Arc<Network>| async move {
        let (alpha, beta, gamma) = (net.node("alpha"), net.node("beta"), net.node("gamma"));
        let (old, new) = (person(alpha, "alice").await, person(beta, "alice").await);
        let (carol, dave) = (person(gamma, "carol").await, person(alpha, "dave").await);
        follow(&net, gamma, &carol, &old.ap_id).await;
        follow(&net, alpha, &dave, &old.ap_id).await;
        link(&net, beta, &new, &old.ap_id).await;

        let handle = format!("@alice@{}", beta.site().domain());
        let prospect = moving::prospect(alpha, &net.directory(), old.id, &handle).await.unwrap();
        assert_eq!(prospect.ap_id, new.ap_id);
        assert!(written(alpha, "Move").await.is_empty(), "nothing is decided yet");
        depart(&net, alpha, &old, &handle).await.unwrap();

        let moved = actor_at(alpha, &old.ap_id).await.unwrap();
        assert_eq!((moved.moved_to.as_ref(), moved.moved_at.is_some()), (Some(&new.ap_id), true));
        for (app, follower) in [(gamma, &carol), (alpha, &dave)] {
            assert_eq!(standing(app, follower, &old.ap_id).await, None, "{}", follower.name);
            assert_eq!(standing(app, follower, &new.ap_id).await, Some(Standing::Accepted));
        }
        let (old_id, new_id) = (old.id, new.id);
        assert_eq!(alpha.read(move |conn| follows::count_followers(conn, old_id)).await.unwrap(), 0);
        assert_eq!(beta.read(move |conn| follows::count_followers(conn, new_id)).await.unwrap(), 2);
        assert_eq!(actor_at(gamma, &old.ap_id).await.unwrap().moved_to.as_ref(), Some(&new.ap_id));

        let moves = written(alpha, "Move").await;
        let [(id, document)] = moves.as_slice() else { panic!("one Move: {moves:#?}") };
        assert_eq!((&document["actor"], &document["object"]), (&json!(old.ap_id), &json!(old.ap_id)));
        assert_eq!(
            (&document["target"], &document["to"]),
            (&json!(new.ap_id), &json!([format!("{}/followers", old.ap_id)]))
        );
        assert_eq!(document["proof"]["verificationMethod"], format!("{}#ed25519-key", old.ap_id));

        // The same again, from here or on the way, changes nothing; nor does it where Carol went back since.
        let before = dump(gamma).await;
        send_again(&net, alpha, *id, gamma).await;
        assert_same(&before, &dump(gamma).await, "a Move sent again");
        depart(&net, alpha, &old, &new.ap_id).await.unwrap();
        assert_eq!((written(alpha, "Move").await.len(), written(gamma, "Follow").await.len()), (1, 2));

        // The old one is not to be followed any more, and whoever is the new one now says so.
        let at_gamma = actor_at(gamma, &old.ap_id).await.unwrap();
        is(Refusal::MovedAway, &membership::join(gamma, carol.id, at_gamma.id).await.map(|_| ()));
        is(Refusal::MovedAway, &membership::join(alpha, dave.id, old.id).await.map(|_| ()));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s63_who_does_not_say_to_be_both_is_not_moved_to_and_nobody_is_told() {
    each_network(THREE, |net: Arc<Network>| async move {
        let (alpha, beta, gamma) = (net.node("alpha"), net.node("beta"), net.node("gamma"));
        let (old, new) = (person(alpha, "alice").await, person(beta, "alice").await);
        let carol = person(gamma, "carol").await;
        follow(&net, gamma, &carol, &old.ap_id).await;
        let community = beta.site().community("velo");
        for (target, refusal) in [
            (new.ap_id.as_str(), Refusal::NotLinked),
            (old.ap_id.as_str(), Refusal::SameAccount),
            (community.as_str(), Refusal::NotAPerson),
            (&beta.site().person("nobody"), Refusal::NotFound),
        ] {
            is(refusal, &depart(&net, alpha, &old, target).await);
            let seen = moving::prospect(alpha, &net.directory(), old.id, target).await;
            is(refusal, &seen.map(|_| ()));
        }
        // What it said once, and says no more, is not believed: it is asked anew.
        link(&net, beta, &new, &old.ap_id).await;
        moving::prospect(alpha, &net.directory(), old.id, &new.ap_id).await.unwrap();
        moving::remove_alias(beta, new.id, old.ap_id.clone()).await.unwrap();
        net.settle().await;
        is(Refusal::NotLinked, &depart(&net, alpha, &old, &new.ap_id).await);

        let row = actor_at(alpha, &old.ap_id).await.unwrap();
        assert_eq!((row.moved_to, row.moved_at, row.updated_at), (None, None, old.updated_at));
        for kind in ["Move", "Update"] {
            assert!(written(alpha, kind).await.is_empty(), "{kind}");
        }
        assert_eq!(standing(gamma, &carol, &old.ap_id).await, Some(Standing::Accepted));
        assert_eq!(standing(gamma, &carol, &new.ap_id).await, None);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s63_who_is_back_lives_here_again_and_moves_again_after_thirty_days() {
    each_network(THREE, |net: Arc<Network>| async move {
        let (alpha, beta, gamma) = (net.node("alpha"), net.node("beta"), net.node("gamma"));
        let (old, new, third) =
            (person(alpha, "alice").await, person(beta, "alice").await, person(gamma, "alice").await);
        let (carol, dave) = (person(gamma, "carol").await, person(gamma, "dave").await);
        follow(&net, gamma, &carol, &old.ap_id).await;
        link(&net, beta, &new, &old.ap_id).await;
        link(&net, gamma, &third, &old.ap_id).await;
        depart(&net, alpha, &old, &new.ap_id).await.unwrap();

        // Who moved writes there; what was written here stays, and may be changed.
        let velo = actor_at(alpha, &alpha.site().community("velo")).await.unwrap();
        let refused = posting::write(alpha, thread(&old, &velo, "Sortie", "Dimanche.")).await;
        is(Refusal::Moved, &refused.map(|_| ()));
        // Nobody moves to who moved away.
        link(&net, alpha, &old, &new.ap_id).await;
        is(Refusal::MovedAway, &depart(&net, beta, &new, &old.ap_id).await);
        is(Refusal::MovedRecently, &depart(&net, alpha, &old, &third.ap_id).await);

        // Nobody of gamma follows her any more: that she is back it hears by asking.
        moving::come_back(alpha, old.id).await.unwrap();
        moving::come_back(alpha, old.id).await.unwrap();
        net.settle().await;
        let back = actor_at(alpha, &old.ap_id).await.unwrap();
        assert_eq!((back.moved_to, back.moved_at.is_some()), (None, true));
        let at_gamma = actor_at(gamma, &old.ap_id).await.unwrap();
        let again = net.directory();
        clocher_app::ports::Directory::ask_again(&again, gamma, &at_gamma).await.unwrap();
        assert_eq!(actor_at(gamma, &old.ap_id).await.unwrap().moved_to, None);
        follow(&net, gamma, &dave, &old.ap_id).await;
        assert_eq!(standing(gamma, &dave, &old.ap_id).await, Some(Standing::Accepted));
        let top = posting::write(alpha, thread(&old, &velo, "Sortie", "Dimanche.")).await.unwrap();
        posting::write(alpha, reply(&old, &top, "À dix heures.")).await.unwrap();
        net.settle().await;

        is(Refusal::MovedRecently, &depart(&net, alpha, &old, &third.ap_id).await);
        net.clock.advance(31 * DAY);
        depart(&net, alpha, &old, &third.ap_id).await.unwrap();
        assert_eq!(written(alpha, "Move").await.len(), 2);
        assert_eq!(standing(gamma, &dave, &third.ap_id).await, Some(Standing::Accepted));
        assert_eq!(standing(gamma, &carol, &new.ap_id).await, Some(Standing::Accepted));
        assert_eq!(standing(gamma, &carol, &third.ap_id).await, None, "who left stays where it is");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s63_strangers_are_told_by_the_profile_and_the_move_and_follow_no_more() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let (alpha, alice) = (stage.alpha(), stage.alice().await);
        let ask = |number: u32| {
            activity(
                "Follow",
                &stage.bob,
                &stage.honest.at(&format!("/follow/{number}")),
                &json!(alice.ap_id),
            )
        };
        assert_eq!(stage.send(&stage.honest, alpha, &ask(1)).await, 202);
        stage.net.settle().await;
        let heir = stage.honest.actor("Person", "/u/heir", "heir", json!({ "alsoKnownAs": [alice.ap_id] }));
        link(&stage.net, alpha, &alice, &heir).await;
        stage.honest.forget();
        depart(&stage.net, alpha, &alice, &heir).await.unwrap();
        let told = stage.honest.activities();
        let [update, moving] = told.as_slice() else { panic!("an Update and a Move: {told:#?}") };
        assert_eq!((&update["type"], &update["object"]["movedTo"]), (&json!("Update"), &json!(heir)));
        assert_eq!(update["object"]["alsoKnownAs"], json!([heir]));
        assert_eq!((&moving["type"], &moving["object"]), (&json!("Move"), &json!(alice.ap_id)));
        assert_eq!((&moving["actor"], &moving["target"]), (&json!(alice.ap_id), &json!(heir)));
        assert_eq!(moving["proof"]["type"], "DataIntegrityProof");

        stage.honest.forget();
        assert_eq!(stage.send(&stage.honest, alpha, &ask(2)).await, 202);
        stage.net.settle().await;
        let answers: Vec<_> = stage.honest.activities();
        assert!(answers.iter().any(|one| one["type"] == "Reject"), "{answers:#?}");

        stage.honest.forget();
        moving::come_back(alpha, alice.id).await.unwrap();
        stage.net.settle().await;
        let told = stage.honest.activities();
        assert!(told.iter().all(|one| one["object"].get("movedTo").is_none()), "{told:#?}");
        assert_eq!(stage.send(&stage.honest, alpha, &ask(3)).await, 202);
        stage.net.settle().await;
        assert!(stage.honest.activities().iter().any(|one| one["type"] == "Accept"));
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_move_taken_back_before_it_was_told_is_not_told() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let (alpha, alice) = (stage.alpha(), stage.alice().await);
    let follow = activity("Follow", &stage.bob, &stage.honest.at("/follow/1"), &json!(alice.ap_id));
    assert_eq!(stage.send(&stage.honest, alpha, &follow).await, 202);
    stage.net.settle().await;
    stage.honest.forget();
    // As `depart` and `come_back` leave it before the worker comes.
    let person = clocher_domain::Id(alice.id);
    alpha.write(move |deed| deed.owe(&clocher_domain::effect::Effect::Moved { person })).await.unwrap();
    stage.net.settle().await;
    assert!(stage.honest.activities().is_empty());
    stage.clear().await;
}
