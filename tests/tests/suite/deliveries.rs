//! Deliveries: whom they go to, in which form and order, and what becomes of those that do not arrive.

#![expect(clippy::unwrap_used, reason = "a test whose stage does not stand cannot go on")]

use clocher_app::{App, accounts, domains, moderating, posting, queue};
use clocher_domain::delivery::Policy;
use clocher_domain::moderation::Act;
use clocher_domain::time::{DAY, HOUR, SECOND};
use clocher_storage::actors::ActorRow;
use clocher_storage::deliveries::{DUE, DeliveryRow, PARKED, REFUSED};
use clocher_storage::hosts::{self, HostRow};
use clocher_storage::posts::PostRow;
use clocher_tests::impostor::Impostor;
use clocher_tests::stage::{Stage, activity, each_storage, until};
use clocher_tests::{Ways, actor_at, post_at, reply, thread};
use serde_json::{Value, json};
use std::net::TcpListener;
use tokio::sync::watch;

/// The community of alpha.
async fn velo(stage: &Stage) -> ActorRow {
    actor_at(stage.alpha(), &stage.alpha().site().community("velo")).await.unwrap()
}

/// A person of that server joins alpha's community.
async fn join(stage: &Stage, server: &Impostor, name: &str, fields: Value) -> String {
    let id = server.actor("Person", &format!("/u/{name}"), name, fields);
    let follow = activity("Follow", &id, &format!("{id}/follow"), &json!(velo(stage).await.ap_id));
    assert_eq!(stage.send(server, stage.alpha(), &follow).await, 202);
    stage.net.settle().await;
    server.forget();
    id
}

/// Alice of alpha, who is there since she was first wanted.
async fn alice(stage: &Stage) -> ActorRow {
    match accounts::find(stage.alpha(), "alice").await {
        Ok((_, author)) => author,
        Err(_) => stage.alice().await,
    }
}

/// A thread of Alice's in alpha's community.
async fn publish(stage: &Stage, title: &str) -> PostRow {
    let (home, author) = (velo(stage).await, alice(stage).await);
    posting::write(stage.alpha(), thread(&author, &home, title, "Texte.")).await.unwrap()
}

async fn deliveries(app: &App) -> Vec<DeliveryRow> {
    queue::list(app, 200).await.unwrap().deliveries
}

async fn states(app: &App) -> Vec<String> {
    deliveries(app).await.into_iter().map(|row| row.state).collect()
}

async fn host(app: &App, server: &Impostor) -> Option<HostRow> {
    let name = server.host.clone();
    app.read(move |conn| hosts::find(conn, &name)).await.unwrap()
}

/// Sets the clock forward, and lets the workers see it.
fn pass(stage: &Stage, millis: i64) {
    stage.net.clock.advance(millis);
    stage.alpha().wakers().deliveries.notify_one();
}

/// Waits until no delivery is under way: a claim would not outlive a long jump of the clock.
async fn quiet(stage: &Stage) {
    until("nothing under way", async || {
        deliveries(stage.alpha()).await.iter().all(|row| row.claimed_until.is_none())
    })
    .await;
}

/// What the announced activities are: their type, and the id of their object.
fn announced(server: &Impostor) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    server
        .activities()
        .iter()
        .map(|one| match &one["object"] {
            Value::String(id) => (text(&one["type"]), id.clone()),
            inner => {
                let object = &inner["object"];
                let id = object.as_str().map_or_else(|| text(&object["id"]), str::to_owned);
                (format!("{}{{{}}}", text(&one["type"]), text(&inner["type"])), id)
            }
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn followers_of_one_host_share_one_delivery() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let shared = json!({ "endpoints": { "sharedInbox": stage.honest.at("/inbox") } });
        let carol = join(&stage, &stage.honest, "carol", shared.clone()).await;
        join(&stage, &stage.honest, "dave", shared).await;
        join(&stage, &stage.honest, "erin", json!({})).await;
        // Who follows the author too is told once all the same.
        let alice = stage.alice().await;
        let follow = activity("Follow", &carol, &format!("{carol}/follow/2"), &json!(alice.ap_id));
        assert_eq!(stage.send(&stage.honest, stage.alpha(), &follow).await, 202);
        stage.net.settle().await;
        stage.honest.forget();
        stage.honest.answer_all(503, None);
        publish(&stage, "Le pont").await;
        until("two attempts", async || stage.honest.refused().len() >= 2).await;
        let rows = deliveries(stage.alpha()).await;
        assert_eq!(rows.len(), 2, "{rows:#?}");
        assert_eq!(rows[0].activity_id, rows[1].activity_id);
        stage.honest.answer_all(202, None);
        stage.net.settle().await;
        let mut paths: Vec<_> = stage.honest.received().into_iter().map(|(path, _)| path).collect();
        paths.sort();
        assert_eq!(paths, ["/inbox", "/u/erin/inbox"]);
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn microblogs_get_the_id_of_a_thread_and_community_servers_every_activity() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let (toot, lemmy) = (&stage.mallory, &stage.honest);
    toot.runs("mastodon");
    lemmy.runs("lemmy");
    for server in [toot, lemmy] {
        join(&stage, server, "carol", json!({})).await;
    }
    assert_eq!(host(stage.alpha(), toot).await.unwrap().software.as_deref(), Some("mastodon"));
    assert_eq!(host(stage.alpha(), lemmy).await.unwrap().software.as_deref(), Some("lemmy"));
    let top = publish(&stage, "Le pont").await;
    stage.net.settle().await;
    assert_eq!(announced(toot), [("Announce".to_owned(), top.ap_id.clone())]);
    assert_eq!(announced(lemmy), [("Announce{Create}".to_owned(), top.ap_id.clone())]);

    let alice = alice(&stage).await;
    let answer = posting::write(stage.alpha(), reply(&alice, &top, "Et la navette ?")).await.unwrap();
    stage.net.settle().await;
    assert_eq!(announced(toot).len(), 1, "a reply is not boosted");
    assert_eq!(announced(lemmy)[1..], [("Announce{Create}".to_owned(), answer.ap_id)]);

    // What is removed is boosted no more, and again where it is restored: to microblogs, and to nobody else.
    let boost = toot.activities().remove(0);
    let (_, mairie) = accounts::find(stage.alpha(), "mairie").await.unwrap();
    for (act, at_toot, at_lemmy) in
        [(Act::Remove, "Undo", "Announce{Delete}"), (Act::Restore, "Announce", "Announce{Undo}")]
    {
        toot.forget();
        lemmy.forget();
        moderating::moderate_message(stage.alpha(), mairie.id, top.id, act, "Hors charte".into())
            .await
            .unwrap();
        stage.net.settle().await;
        let [told] = toot.activities().try_into().unwrap();
        assert_eq!(told["type"], at_toot);
        if act == Act::Remove {
            assert_eq!(told["object"]["id"], boost["id"]);
            assert_eq!(told["object"]["object"], json!(top.ap_id));
        } else {
            assert_eq!(told["object"], json!(top.ap_id));
        }
        let kinds: Vec<_> = announced(lemmy).into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(kinds, [at_lemmy]);
    }
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_happens_to_a_thread_arrives_in_order_though_the_first_attempts_fail() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        join(&stage, &stage.honest, "carol", json!({})).await;
        stage.honest.answer_all(500, None);
        let top = publish(&stage, "Le pont").await;
        let owed = async |count: usize| {
            until("a delivery for each deed", async || deliveries(stage.alpha()).await.len() == count).await;
        };
        owed(1).await;
        posting::edit(stage.alpha(), top.author_id, top.id, Some("La passerelle".into()), "Ouverte.".into())
            .await
            .unwrap();
        owed(2).await;
        until("some failures", async || stage.honest.refused().len() >= 3).await;
        // Another thread does not wait for this one.
        let other = publish(&stage, "Autre").await;
        until("another thread", async || {
            stage.honest.refused().iter().any(|(_, body)| body.contains(&other.ap_id))
        })
        .await;
        stage.honest.answer_next(&[500, 202, 500]);
        stage.honest.answer_all(202, None);
        stage.net.settle().await;
        posting::delete(stage.alpha(), top.author_id, top.id).await.unwrap();
        stage.net.settle().await;
        let of_top: Vec<_> = announced(&stage.honest)
            .into_iter()
            .filter(|(_, id)| *id == top.ap_id)
            .map(|(kind, _)| kind)
            .collect();
        assert_eq!(of_top, ["Announce{Create}", "Announce{Update}", "Announce{Delete}"]);
        assert_eq!(announced(&stage.honest).len(), 4);
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_server_cannot_verify_is_tried_again_for_some_hours_and_then_refused() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    join(&stage, &stage.honest, "carol", json!({})).await;
    stage.honest.answer_all(401, None);
    publish(&stage, "Le pont").await;
    until("a second attempt", async || deliveries(stage.alpha()).await.iter().any(|row| row.attempts >= 2))
        .await;
    assert!(deliveries(stage.alpha()).await.iter().all(|row| row.state == "due"));
    quiet(&stage).await;
    pass(&stage, 7 * 60 * 60 * SECOND);
    until("a refusal", async || deliveries(stage.alpha()).await.iter().all(|row| row.state == REFUSED)).await;
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_deleted_before_it_was_sent_is_not_sent_any_more() {
    for ways in each_storage() {
        let mut stage = Stage::set(ways).await;
        join(&stage, &stage.honest, "carol", json!({})).await;
        stage.honest.fall_silent().await;
        let top = publish(&stage, "Regretté").await;
        until("a silence", async || {
            host(stage.alpha(), &stage.honest).await.is_some_and(|row| row.failures > 0)
        })
        .await;
        posting::delete(stage.alpha(), top.author_id, top.id).await.unwrap();
        stage.honest.come_back();
        stage.net.settle().await;
        let bodies: Vec<String> = stage.honest.received().into_iter().map(|(_, body)| body).collect();
        assert!(bodies.iter().any(|body| body.contains("Tombstone")), "the deletion is told");
        assert!(bodies.iter().all(|body| !body.contains("Regretté")), "what was deleted is not: {bodies:?}");
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_inbox_that_fails_does_not_keep_the_others_of_its_host_waiting() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        for name in ["carol", "dave", "erin"] {
            join(&stage, &stage.honest, name, json!({})).await;
        }
        stage.honest.answer_at("/u/carol/inbox", 500);
        let top = publish(&stage, "Le pont").await;
        until("the others", async || announced(&stage.honest).len() == 2).await;
        // What comes after it waits, as the server may know the thread by that inbox alone, but not for ever.
        posting::edit(stage.alpha(), top.author_id, top.id, Some("La passerelle".into()), "Ouverte.".into())
            .await
            .unwrap();
        until("the edit at the others", async || announced(&stage.honest).len() == 4).await;
        assert!(stage.honest.refused().len() >= 3, "it did not wait at all");
        stage.honest.answer_at("/u/carol/inbox", 202);
        stage.net.settle().await;
        assert_eq!(announced(&stage.honest).len(), 6);
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pauses_double_from_half_a_minute_with_jitter() {
    let stage = Stage::set_with(Some(Policy::default()), Ways::SqliteHttp).await;
    join(&stage, &stage.honest, "carol", json!({})).await;
    join(&stage, &stage.honest, "dave", json!({})).await;
    stage.honest.answer_all(500, None);
    publish(&stage, "Le pont").await;
    for attempts in 1_i64..=8 {
        until("the next attempt", async || {
            deliveries(stage.alpha()).await.iter().filter(|row| row.attempts == attempts).count() == 2
        })
        .await;
        let rows = deliveries(stage.alpha()).await;
        let pause = 30 * SECOND * (1 << (attempts - 1));
        for row in &rows {
            let left = row.next_at - stage.alpha().now().0;
            assert!(
                left <= pause + pause / 4 && left > pause * 3 / 4 - 10 * SECOND,
                "{attempts}: {left} of {pause}"
            );
            assert_eq!(row.last_error.as_deref(), Some("status 500"));
        }
        assert_ne!(rows[0].next_at, rows[1].next_at, "jitter keeps them apart");
        assert_eq!(stage.honest.refused().len(), usize::try_from(attempts).unwrap() * 2);
        if attempts == 8 {
            stage.honest.answer_all(202, None);
        }
        pass(&stage, pause + pause / 4);
    }
    stage.net.settle().await;
    assert_eq!(announced(&stage.honest).len(), 2);
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hosts_that_hang_fail_or_are_down_delay_nobody_else() {
    let mut stage = Stage::set_with(Some(Policy::default()), Ways::SqliteHttp).await;
    // More deliveries than may be under way at once, to a host that takes connections and says nothing.
    for number in 0..10 {
        join(&stage, &stage.mallory, &format!("m{number}"), json!({})).await;
    }
    join(&stage, &stage.honest, "carol", json!({})).await;
    stage.mallory.fall_silent().await;
    let hanging = TcpListener::bind(stage.mallory.address).unwrap();
    for title in ["Un", "Deux", "Trois", "Quatre"] {
        publish(&stage, title).await;
    }
    until("all at the living host", async || announced(&stage.honest).len() == 4).await;
    let mut waiting = deliveries(stage.alpha()).await;
    waiting.retain(|row| row.host == stage.mallory.host);
    assert_eq!(waiting.len(), 40);
    let under_way = waiting.iter().filter(|row| row.claimed_until.is_some()).count();
    assert!(under_way <= 4, "{under_way} under way to one host");
    // It breaks the connections, and is down: one silence, however many deliveries met it.
    drop(hanging);
    until("the host rests", async || {
        host(stage.alpha(), &stage.mallory).await.is_some_and(|row| row.retry_at.is_some())
    })
    .await;
    quiet(&stage).await;
    assert_eq!(host(stage.alpha(), &stage.mallory).await.unwrap().failures, 1);
    let tried = deliveries(stage.alpha()).await.iter().filter(|row| row.attempts > 0).count();
    assert!(tried <= 4, "{tried} met the silence");
    publish(&stage, "Cinq").await;
    until("the fifth at the living host", async || announced(&stage.honest).len() == 5).await;
    // The longer it is silent, the longer it rests.
    pass(&stage, 38 * SECOND);
    until("a second silence", async || host(stage.alpha(), &stage.mallory).await.unwrap().failures == 2)
        .await;
    let rest = host(stage.alpha(), &stage.mallory).await.unwrap().retry_at.unwrap() - stage.alpha().now().0;
    assert!((35 * SECOND..=75 * SECOND).contains(&rest), "{rest}");
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_delivery_to_a_new_host_does_not_wait_for_what_it_runs() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let (honest, nodeinfo) = (&stage.honest, "/.well-known/nodeinfo".to_owned());
        honest.hold(&nodeinfo);
        let carol = honest.actor("Person", "/u/carol", "carol", json!({}));
        let follow = activity("Follow", &carol, &format!("{carol}/follow"), &json!(velo(&stage).await.ap_id));
        assert_eq!(stage.send(honest, stage.alpha(), &follow).await, 202);
        until("what it runs is asked for", async || honest.asked().contains(&nodeinfo)).await;
        let post = publish(&stage, "Le pont").await;
        until("the thread is announced", async || announced(honest).iter().any(|(_, id)| *id == post.ap_id))
            .await;
        let known = host(stage.alpha(), honest).await;
        assert!(known.is_none_or(|row| row.checked_at.is_none()), "what it runs came first");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_refused_stays_refused_until_somebody_retries_or_drops_it() {
    for ways in each_storage() {
        let mut stage = Stage::set(ways).await;
        join(&stage, &stage.honest, "carol", json!({})).await;
        // The first 400 may mean the form of the signature: the other one is tried in the same attempt.
        stage.honest.answer_next(&[400]);
        for status in [400, 405, 403, 404, 410, 422] {
            stage.honest.answer_next(&[status]);
            publish(&stage, &format!("Refus {status}")).await;
            stage.net.settle().await;
        }
        let rows = deliveries(stage.alpha()).await;
        assert_eq!(rows.len(), 6);
        assert!(rows.iter().all(|row| row.state == REFUSED && row.attempts == 1), "{rows:#?}");
        assert_eq!(rows[0].last_error.as_deref(), Some("status 400"));
        assert_eq!(stage.honest.refused().len(), 7);

        queue::retry(stage.alpha(), Some(rows[1].id), None).await.unwrap();
        stage.net.settle().await;
        assert_eq!(announced(&stage.honest).len(), 1);
        queue::drop(stage.alpha(), rows[2].id).await.unwrap();
        assert!(queue::drop(stage.alpha(), rows[2].id).await.is_err());
        // That the host was away and came back does not make it take what it refused.
        stage.honest.fall_silent().await;
        publish(&stage, "Plus tard").await;
        until("a silence", async || {
            host(stage.alpha(), &stage.honest).await.is_some_and(|row| row.failures > 0)
        })
        .await;
        stage.honest.come_back();
        until("its return", async || announced(&stage.honest).len() == 2).await;
        stage.net.settle().await;
        assert_eq!(states(stage.alpha()).await, [REFUSED; 4]);
        assert_eq!(announced(&stage.honest).len(), 2);
        queue::retry(stage.alpha(), None, Some(stage.honest.host.clone())).await.unwrap();
        stage.net.settle().await;
        assert_eq!(announced(&stage.honest).len(), 6);
        assert!(deliveries(stage.alpha()).await.is_empty());
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_host_is_parked_and_its_next_sign_of_life_brings_everything_once() {
    for ways in each_storage() {
        for answers in [false, true] {
            let mut stage = Stage::set_with(Some(Policy::default()), ways).await;
            let carol = join(&stage, &stage.honest, "carol", json!({})).await;
            if answers {
                // Dead behind a proxy that lives.
                stage.honest.answer_all(502, None);
            } else {
                stage.honest.fall_silent().await;
            }
            let posts = [publish(&stage, "Un").await, publish(&stage, "Deux").await];
            until("the first attempts", async || {
                let (rows, host) =
                    (deliveries(stage.alpha()).await, host(stage.alpha(), &stage.honest).await);
                let rests = host.is_some_and(|row| row.retry_at.is_some());
                rows.len() == 2 && (rests || rows.iter().all(|row| row.attempts == 1))
            })
            .await;
            quiet(&stage).await;
            pass(&stage, 9 * DAY);
            until("another attempt of each", async || {
                let now = stage.alpha().now().0;
                deliveries(stage.alpha()).await.iter().all(|row| row.next_at > now)
            })
            .await;
            quiet(&stage).await;
            assert!(states(stage.alpha()).await.iter().all(|state| state == DUE));
            pass(&stage, DAY + HOUR);
            until("both parked", async || states(stage.alpha()).await == [PARKED; 2]).await;
            if answers {
                stage.honest.answer_all(202, None);
            } else {
                stage.honest.come_back();
            }
            stage.honest.forget();
            pass(&stage, DAY);
            stage.net.settle().await;
            assert!(stage.honest.received().is_empty(), "nothing is tried before it is known to live");

            let like = activity("Like", &carol, &format!("{carol}/like"), &json!(posts[0].ap_id));
            assert_eq!(stage.send(&stage.honest, stage.alpha(), &like).await, 202);
            stage.net.settle().await;
            let mut created: Vec<_> = announced(&stage.honest)
                .into_iter()
                .filter(|(kind, _)| kind == "Announce{Create}")
                .map(|(_, id)| id)
                .collect();
            created.sort();
            assert_eq!(created, [posts[0].ap_id.clone(), posts[1].ap_id.clone()]);
            assert!(deliveries(stage.alpha()).await.is_empty());
            assert_eq!(host(stage.alpha(), &stage.honest).await.unwrap().failures, 0);
            stage.clear().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delivery_that_somebody_retries_does_not_wait_for_its_host_to_have_rested() {
    let mut stage = Stage::set_with(Some(Policy::default()), Ways::SqliteHttp).await;
    join(&stage, &stage.honest, "carol", json!({})).await;
    stage.honest.fall_silent().await;
    publish(&stage, "Le pont").await;
    until("a silence", async || {
        deliveries(stage.alpha()).await.iter().any(|row| row.attempts == 1 && row.claimed_until.is_none())
    })
    .await;
    stage.honest.come_back();
    let row = deliveries(stage.alpha()).await.remove(0);
    assert_eq!(row.state, DUE);
    queue::retry(stage.alpha(), Some(row.id), None).await.unwrap();
    until("its arrival", async || announced(&stage.honest).len() == 1).await;
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_that_asks_for_patience_gets_it() {
    let stage = Stage::set_with(Some(Policy::default()), Ways::SqliteHttp).await;
    join(&stage, &stage.honest, "carol", json!({})).await;
    let in_two_hours = jiff::Timestamp::from_millisecond(stage.alpha().now().0 + 2 * HOUR).unwrap();
    let in_two_hours = in_two_hours.strftime("%a, %d %b %Y %T GMT").to_string();
    let asked = [
        (503, in_two_hours, 2 * HOUR),
        (429, "3600".to_owned(), HOUR),
        // Nobody keeps us waiting for ever, nor makes us hurry.
        (503, "99999999".to_owned(), 2 * DAY),
        (503, "0".to_owned(), 30 * SECOND),
        (503, "soon".to_owned(), 30 * SECOND),
    ];
    for (number, (status, retry_after, pause)) in asked.into_iter().enumerate() {
        stage.honest.forget();
        stage.honest.answer_all(status, Some(&retry_after));
        let before = stage.alpha().now().0;
        let top = publish(&stage, &format!("Fil {number}")).await;
        until("a failure", async || deliveries(stage.alpha()).await.iter().any(|row| row.attempts == 1))
            .await;
        let row = deliveries(stage.alpha()).await.remove(0);
        let wait = row.next_at - before;
        assert!(
            wait > pause * 3 / 4 - 2 * SECOND && wait < pause * 5 / 4 + 10 * SECOND,
            "{retry_after}: {wait}"
        );
        if pause >= HOUR {
            assert!(wait > pause - 10 * SECOND, "{retry_after}: {wait}");
            pass(&stage, pause - HOUR / 2);
            assert_eq!(stage.honest.refused().len(), 1);
        }
        stage.honest.answer_all(202, None);
        pass(&stage, pause);
        until("its arrival", async || announced(&stage.honest).iter().any(|(_, id)| *id == top.ap_id)).await;
        stage.net.settle().await;
    }
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_in_the_middle_loses_nothing_and_repeats_nothing() {
    for ways in each_storage() {
        let mut stage = Stage::set(ways).await;
        join(&stage, &stage.honest, "carol", json!({})).await;
        let bob = clocher_tests::person(stage.beta(), "bernard").await;
        let handle = format!("!velo@{}", stage.alpha().site().domain());
        let at_beta = stage.net.find(stage.beta(), &handle).await.unwrap();
        clocher_app::membership::join(stage.beta(), bob.id, at_beta.id).await.unwrap();
        stage.net.settle().await;
        stage.honest.forget();
        stage.honest.answer_next(&[202; 4]);
        stage.honest.answer_all(503, None);
        let mut posts = Vec::new();
        for number in 0..12 {
            posts.push(publish(&stage, &format!("Fil {number}")).await.ap_id);
            if number == 5 || number == 8 {
                stage.net.restart().await;
            }
        }
        until("some arrivals and some failures", async || {
            stage.honest.received().len() == 4 && stage.honest.refused().len() > 4
        })
        .await;
        stage.net.restart().await;
        stage.honest.answer_all(202, None);
        stage.net.settle().await;
        let mut arrived: Vec<_> = announced(&stage.honest).into_iter().map(|(_, id)| id).collect();
        arrived.sort();
        posts.sort();
        assert_eq!(arrived, posts);
        for ap_id in &posts {
            assert!(post_at(stage.beta(), ap_id).await.is_some(), "{ap_id} at beta");
        }
        assert!(deliveries(stage.alpha()).await.is_empty());
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_under_way_when_the_workers_stop_is_recorded_before_they_end() {
    for ways in each_storage() {
        let mut stage = Stage::set_with(Some(Policy::default()), ways).await;
        join(&stage, &stage.mallory, "mallory", json!({})).await;
        stage.mallory.fall_silent().await;
        let hanging = TcpListener::bind(stage.mallory.address).unwrap();
        let federation = stage.net.directory().0;
        stage.net.stop().await;
        publish(&stage, "Un").await;
        let (stop, stopped) = watch::channel(false);
        let workers = federation.start_workers(stage.alpha(), false, stopped);
        let is_claimed = |rows: Vec<DeliveryRow>| rows.iter().any(|row| row.claimed_until.is_some());
        until("it is under way", async || is_claimed(deliveries(stage.alpha()).await)).await;
        stop.send_replace(true);
        drop(hanging);
        for worker in workers {
            worker.await.unwrap();
        }
        let row = deliveries(stage.alpha()).await.remove(0);
        assert_eq!((row.claimed_until, row.attempts, row.state.as_str()), (None, 1, DUE));
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_that_is_blocked_meanwhile_gets_nothing_more() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    join(&stage, &stage.honest, "carol", json!({})).await;
    stage.honest.answer_all(503, None);
    publish(&stage, "Avant").await;
    until("a failure", async || !stage.honest.refused().is_empty()).await;
    domains::set(stage.alpha(), "honest.test", true, String::new()).await.unwrap();
    stage.honest.answer_all(202, None);
    publish(&stage, "Après").await;
    stage.net.settle().await;
    assert!(stage.honest.received().len() <= 1, "what was under way may still arrive");
    assert!(states(stage.alpha()).await.iter().all(|state| state == REFUSED));
    stage.honest.forget();
    publish(&stage, "Encore").await;
    stage.net.settle().await;
    assert!(stage.honest.received().is_empty());
    stage.clear().await;
}
