//! Conversations: served whole, read from others within bounds, and fetched for the first who follows.
#![expect(clippy::unwrap_used, reason = "a test whose stage does not stand cannot go on")]

use clocher_app::{App, membership, posting, queue, reading};
use clocher_storage::actors::ActorRow;
use clocher_storage::posts::PostRow;
use clocher_tests::impostor::{Impostor, with};
use clocher_tests::stage::{Stage, activity, assert_same, dump, each_storage, note, until};
use clocher_tests::{Network, Ways, actor_at, each_network, person, post_at, reply, thread};
use serde_json::{Value, json};
use std::sync::Arc;

/// The community that every instance has.
async fn velo(app: &App) -> ActorRow {
    actor_at(app, &app.site().community("velo")).await.unwrap()
}

async fn write(app: &App, new: clocher_app::posting::NewPost) -> PostRow {
    posting::write(app, new).await.unwrap()
}

/// What stands at an address of ours, for whoever asks for ActivityPub.
async fn ask(net: &Network, url: &str) -> Value {
    let url = url::Url::parse(url).unwrap();
    let host = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap());
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client.get(format!("http://{}{}{query}", net.address, url.path()));
    let request = request.header("Host", host).header("Accept", "application/activity+json");
    request.send().await.unwrap().json().await.unwrap()
}

/// The ids of the messages of a thread that an instance has, in its order.
async fn messages(app: &App, top: &str) -> Vec<String> {
    let top = post_at(app, top).await.unwrap();
    let rows = app.read(move |conn| clocher_storage::posts::list_thread(conn, top.id, None, 1_000));
    rows.await.unwrap().into_iter().map(|(post, _)| post.ap_id).collect()
}

/// The ids of the threads of a community, as its page at an instance lists them.
async fn listed(app: &App, community: &ActorRow) -> Vec<String> {
    let mut ids = Vec::new();
    let mut before = None;
    loop {
        let page = reading::community(app, community.id, None, before).await.unwrap().page;
        ids.extend(page.threads.into_iter().map(|line| line.top.post.ap_id));
        before = page.next;
        if before.is_none() {
            return ids;
        }
    }
}

/// Somebody of an instance joins a community of another, and waits for the answer.
async fn join(net: &Network, app: &App, who: &ActorRow, community: &str) -> ActorRow {
    let known = net.find(app, community).await.unwrap();
    membership::join(app, who.id, known.id).await.unwrap();
    net.settle().await;
    known
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_context_holds_the_messages_of_here_and_names_the_others() {
    for ways in each_storage() {
        let net = Network::start(ways, &["alpha", "beta"], &[]).await;
        let (alpha, beta) = (net.node("alpha"), net.node("beta"));
        let (alice, marius) = (person(alpha, "alice").await, person(beta, "marius").await);
        let home = velo(alpha).await;
        join(&net, beta, &marius, &home.ap_id).await;
        let top = write(alpha, thread(&alice, &home, "Sortie", "Dimanche.")).await;
        net.settle().await;
        let at_beta = post_at(beta, &top.ap_id).await.unwrap();
        let of_marius = write(beta, reply(&marius, &at_beta, "J’en suis.")).await;
        net.settle().await;
        let at_alpha = post_at(alpha, &of_marius.ap_id).await.unwrap();
        let first = write(alpha, reply(&alice, &at_alpha, "Bien.")).await;
        let gone = write(alpha, reply(&alice, &top, "Oups.")).await;
        posting::delete(alpha, alice.id, gone.id).await.unwrap();

        let context = ask(&net, &format!("{}/context", top.ap_id)).await;
        assert_eq!(context["type"], "OrderedCollection");
        assert_eq!(context["id"], format!("{}/context", top.ap_id));
        assert_eq!(
            (&context["attributedTo"], &context["audience"]),
            (&json!(home.ap_id), &json!(home.ap_id))
        );
        assert_eq!(context["totalItems"], 4);
        let items = context["orderedItems"].as_array().unwrap();
        assert_eq!((&items[0]["id"], &items[0]["name"]), (&json!(top.ap_id), &json!("Sortie")));
        assert_eq!(items[1], of_marius.ap_id, "what is another server's is named only");
        assert_eq!((&items[2]["id"], &items[2]["inReplyTo"]), (&json!(first.ap_id), &json!(of_marius.ap_id)));
        assert_eq!(items[2], without_context(ask(&net, &first.ap_id).await), "the document itself");
        assert_eq!((&items[3]["type"], &items[3]["formerType"]), (&json!("Tombstone"), &json!("Note")));
        for item in [&items[0], &items[2], &items[3]] {
            assert_eq!(item["context"], context["id"], "every message names its conversation");
        }
        let at_home = ask(&net, &of_marius.ap_id).await;
        assert_eq!(at_home["context"], context["id"], "one in a thread elsewhere too");
        let replies = ask(&net, &format!("{}/replies", top.ap_id)).await;
        assert_eq!(replies["orderedItems"], json!([of_marius.ap_id]), "what is deleted answers nothing");
        posting::delete(beta, marius.id, of_marius.id).await.unwrap();
        assert_eq!(ask(&net, &of_marius.ap_id).await["context"], context["id"], "and its tombstone");
        stop(net).await;
    }
}

fn without_context(mut document: Value) -> Value {
    document.as_object_mut().unwrap().shift_remove("@context");
    document
}

async fn stop(mut net: Network) {
    net.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thread_of_three_hundred_stands_on_one_page_and_a_longer_one_on_several() {
    let net = Network::start(Ways::SqliteHttp, &["alpha"], &[]).await;
    let alpha = net.node("alpha");
    let alice = person(alpha, "alice").await;
    let top = write(alpha, thread(&alice, &velo(alpha).await, "Sortie", "Dimanche.")).await;
    let text = "Une réponse comme une autre. ".repeat(10);
    for _ in 0..300 {
        write(alpha, reply(&alice, &top, &text)).await;
    }
    let context = format!("{}/context", top.ap_id);
    let whole = ask(&net, &context).await;
    assert_eq!(whole["orderedItems"].as_array().unwrap().len(), 301);
    assert!(whole["orderedItems"].as_array().unwrap().iter().all(Value::is_object));

    for _ in 0..20 {
        write(alpha, reply(&alice, &top, &"Long. ".repeat(8_000))).await;
    }
    let paged = ask(&net, &context).await;
    assert_eq!((&paged["totalItems"], &paged["orderedItems"]), (&json!(321), &Value::Null));
    let mut page = paged["first"].clone();
    let mut found = Vec::new();
    loop {
        let bytes = page.to_string().len();
        assert!(bytes < 1024 * 1024, "a page of {bytes} bytes");
        found.extend(page["orderedItems"].as_array().unwrap().iter().map(|item| item["id"].clone()));
        let Some(next) = page["next"].as_str().map(str::to_owned) else { break };
        page = ask(&net, &next).await;
        assert_eq!((&page["id"], &page["partOf"]), (&json!(next), &json!(context)));
    }
    assert_eq!(found.len(), 321);
    assert_eq!(found[0], top.ap_id);
    stop(net).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_follows_first_gets_the_last_fifty_threads_and_nobody_is_told() {
    each_network(&["alpha", "beta", "gamma"], |net: Arc<Network>| async move {
        let (alpha, beta, gamma) = (net.node("alpha"), net.node("beta"), net.node("gamma"));
        let (alice, marius) = (person(alpha, "alice").await, person(beta, "marius").await);
        let home = velo(alpha).await;
        join(&net, beta, &marius, &home.ap_id).await;
        let mut tops = Vec::new();
        for number in 0..52 {
            tops.push(write(alpha, thread(&alice, &home, &format!("Fil {number}"), "Texte.")).await);
            net.clock.advance(1_000);
        }
        net.settle().await;
        let last = tops.last().unwrap().clone();
        let at_beta = post_at(beta, &last.ap_id).await.unwrap();
        let of_marius = write(beta, reply(&marius, &at_beta, "De loin.")).await;
        net.settle().await;
        let at_alpha = post_at(alpha, &of_marius.ap_id).await.unwrap();
        let below = write(alpha, reply(&alice, &at_alpha, "De près.")).await;
        net.settle().await;

        let sent = |app: &App| {
            let app = app.clone();
            async move { app.read(clocher_storage::testing::dump).await.unwrap() }
        };
        let is_sent = |line: &&String| line.starts_with("activities ") || line.starts_with("deliveries ");
        let before: Vec<String> = sent(beta).await.iter().filter(is_sent).cloned().collect();
        let gabin = person(gamma, "gabin").await;
        let known = join(&net, gamma, &gabin, &home.ap_id).await;
        let listed_here = listed(gamma, &known).await;
        let newest: Vec<_> = tops.iter().rev().take(50).map(|top| top.ap_id.clone()).collect();
        assert_eq!(listed_here, newest, "the newest first");
        let ids = messages(gamma, &last.ap_id).await;
        assert_eq!(ids, [&last.ap_id, &of_marius.ap_id, &below.ap_id].map(String::clone));
        let at_gamma = post_at(gamma, &last.ap_id).await.unwrap();
        assert_eq!((at_gamma.replies, at_gamma.published_at / 1_000), (2, last.published_at / 1_000));
        assert_eq!(at_gamma.home_id, Some(known.id));
        let after: Vec<String> = sent(beta).await.iter().filter(is_sent).cloned().collect();
        assert_eq!(before, after, "beta is told nothing");
        let told: Vec<String> = sent(gamma).await.into_iter().filter(|line| is_sent(&line)).collect();
        assert_eq!(told.len(), 1, "gamma has sent its Follow: {told:#?}");

        // A second time changes nothing.
        let posts =
            |lines: Vec<String>| lines.into_iter().filter(|line| line.starts_with("posts ")).collect();
        let before: Vec<String> = posts(dump(gamma).await);
        membership::leave(gamma, gabin.id, known.id).await.unwrap();
        net.settle().await;
        join(&net, gamma, &gabin, &home.ap_id).await;
        assert_same(&before, &posts(dump(gamma).await), "a second backfill");
    })
    .await;
}

/// A group of the honest server whose outbox lists these items, followed by Alice of alpha.
async fn follow_outbox(stage: &Stage, server: &Impostor, name: &str, items: &Value) -> ActorRow {
    let outbox = server.at(&format!("/c/{name}/outbox"));
    let collection = json!({ "id": outbox, "type": "OrderedCollection", "orderedItems": items });
    server.serve(&collection);
    let alice = match actor_at(stage.alpha(), &stage.alpha().site().person("alice")).await {
        Some(alice) => alice,
        None => stage.alice().await,
    };
    stage.follow_group(&alice, server, name).await
}

/// A titled message for a group, as its server serves it, with these fields.
fn page(server: &Impostor, author: &str, group: &str, path: &str, fields: Value) -> Value {
    let page = with(
        note(author, &server.at(path), "<p>Texte.</p>"),
        json!({ "type": "Page", "name": "Titre", "audience": group }),
    );
    let page = with(page, fields);
    server.serve(&page);
    page
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outbox_like_lemmys_and_a_context_of_ids_are_read() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let server = &stage.honest;
        let group = server.at("/c/club");
        let context = server.at("/post/1/context");
        let top = page(server, &stage.bob, &group, "/post/1", json!({ "context": context }));
        let mallory = stage.mallory.person("mallory");
        let from_elsewhere = with(
            note(&mallory, &stage.mallory.at("/1"), "<p>De passage.</p>"),
            json!({ "inReplyTo": top["id"], "audience": group }),
        );
        stage.mallory.serve(&from_elsewhere);
        let missing = stage.mallory.at("/missing");
        server.serve(&json!({
            "id": context, "type": "OrderedCollection", "attributedTo": group, "totalItems": 3,
            "orderedItems": [top["id"], missing, from_elsewhere["id"]],
        }));
        let other = page(server, &stage.bob, &group, "/post/2", json!({}));
        let announced = |page: &Value, number: u32| {
            let create = activity("Create", &stage.bob, &server.at(&format!("/create/{number}")), page);
            activity("Announce", &group, &server.at(&format!("/announce/{number}")), &create)
        };
        let like = activity("Like", &stage.bob, &server.at("/like"), &top["id"]);
        let liked = activity("Announce", &group, &server.at("/announce/3"), &like);
        let items = json!([announced(&top, 1), liked, announced(&other, 2)]);
        let club = follow_outbox(&stage, server, "club", &items).await;
        let top_id = top["id"].as_str().unwrap();
        assert_eq!(messages(stage.alpha(), top_id).await, [top_id, from_elsewhere["id"].as_str().unwrap()]);
        for message in [&top, &other, &from_elsewhere] {
            let post = post_at(stage.alpha(), message["id"].as_str().unwrap()).await.unwrap();
            assert_eq!(post.home_id, Some(club.id), "on the word of the group: {message}");
        }
        assert!(stage.mallory.received().is_empty() && server.received().is_empty(), "nobody is told");
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outbox_like_mastodons_and_replies_of_replies_are_read() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let server = &stage.honest;
    let bob = &stage.bob;
    let replies_of = |path: &str, items: Value| {
        let id = server.at(&format!("{path}/replies"));
        let next = server.at(&format!("{path}/replies?page=true"));
        let page = json!({ "id": next, "type": "CollectionPage", "partOf": id, "items": items });
        server.put(&format!("{path}/replies?page=true"), &page);
        let first = json!({ "type": "CollectionPage", "partOf": id, "items": [], "next": next });
        let collection = json!({ "id": id, "type": "Collection", "first": first });
        server.serve(&collection);
        collection
    };
    let carla = stage.mallory.person("carla");
    let below = with(
        note(&carla, &stage.mallory.at("/2"), "<p>Deux.</p>"),
        json!({ "inReplyTo": server.at("/n/1/a") }),
    );
    stage.mallory.serve(&below);
    let answer = with(
        note(bob, &server.at("/n/1/a"), "<p>Un.</p>"),
        json!({ "inReplyTo": server.at("/n/1"), "replies": replies_of("/n/1/a", json!([below["id"]])) }),
    );
    server.serve(&answer);
    let top = with(
        note(bob, &server.at("/n/1"), "<p>Bonjour.</p>"),
        json!({ "replies": replies_of("/n/1", json!([answer["id"]])), "context": "tag:honest.test,2026:1" }),
    );
    server.serve(&top);
    let create = activity("Create", bob, &server.at("/create/1"), &top);
    let of_another = page(&stage.mallory, &carla, &stage.mallory.at("/c/x"), "/p", json!({}));
    let boost = activity("Announce", bob, &server.at("/boost"), &of_another["id"]);
    let outbox = server.at("/u/bob/outbox");
    server.put("/u/bob/outbox?page=true", &json!({
        "id": format!("{outbox}?page=true"), "type": "OrderedCollectionPage", "orderedItems": [boost, create],
    }));
    server.serve(&json!({
        "id": outbox, "type": "OrderedCollection", "totalItems": 2, "first": format!("{outbox}?page=true"),
    }));
    let alice = stage.alice().await;
    let known = stage.net.find(stage.alpha(), bob).await.unwrap();
    membership::join(stage.alpha(), alice.id, known.id).await.unwrap();
    stage.net.settle().await;
    let follow = server.activities().pop().unwrap();
    let accept = activity("Accept", bob, &server.at("/accept"), &follow);
    assert_eq!(stage.send(server, stage.alpha(), &accept).await, 202);
    stage.net.settle().await;
    let ids = [&top, &answer, &below].map(|message| message["id"].as_str().unwrap().to_owned());
    assert_eq!(messages(stage.alpha(), &ids[0]).await, ids);
    assert!(
        post_at(stage.alpha(), of_another["id"].as_str().unwrap()).await.is_none(),
        "a boost is another's"
    );
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s01_what_a_context_embeds_of_another_server_is_not_believed() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let (mallory, group) = (stage.mallory.person("mallory"), stage.mallory.at("/c/foule"));
        let context = stage.mallory.at("/post/1/context");
        let top = page(&stage.mallory, &mallory, &group, "/post/1", json!({ "context": context }));
        let genuine = with(
            note(&stage.bob, &stage.honest.at("/1"), "<p>Vrai.</p>"),
            json!({ "inReplyTo": top["id"], "audience": group }),
        );
        stage.honest.serve(&genuine);
        let forged = with(genuine.clone(), json!({ "content": "<p>Faux.</p>" }));
        let invented = with(forged.clone(), json!({ "id": stage.honest.at("/invented") }));
        let alias = with(forged.clone(), json!({ "id": stage.mallory.at("/alias") }));
        let own = with(
            note(&mallory, &stage.mallory.at("/own"), "<p>À moi.</p>"),
            json!({ "inReplyTo": top["id"], "audience": group }),
        );
        let ours = with(forged.clone(), json!({ "id": stage.alpha().site().comment(1) }));
        stage.mallory.serve(&json!({
            "id": context, "type": "OrderedCollection",
            "orderedItems": [top, forged, invented, alias, ours, own],
        }));
        follow_outbox(&stage, &stage.mallory, "foule", &json!([top["id"]])).await;
        let html = async |message: &Value| {
            post_at(stage.alpha(), message["id"].as_str().unwrap()).await.map(|post| post.html)
        };
        assert_eq!(html(&genuine).await.as_deref(), Some("<p>Vrai.</p>"), "fetched from its own server");
        assert_eq!(html(&own).await.as_deref(), Some("<p>À moi.</p>"), "its own server embedded it");
        assert!(!stage.mallory.asked().iter().any(|path| path == "/own"), "and was not asked for it");
        for message in [&invented, &alias, &ours] {
            assert_eq!(html(message).await, None, "{message}");
        }
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s56_an_outbox_without_end_is_left_at_its_bounds() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let server = &stage.mallory;
    let mallory = server.person("mallory");
    let alice = stage.alice().await;
    let outbox_of = |name: &str| server.at(&format!("/c/{name}/outbox"));
    // Pages without end, of threads without end.
    let group = server.at("/c/endless");
    for number in 0..30 {
        let items: Vec<_> = (0..20).map(|item| server.at(&format!("/post/{}", number * 20 + item))).collect();
        server.put(
            &format!("/c/endless/outbox?{number}"),
            &json!({
                "type": "OrderedCollectionPage", "orderedItems": items,
                "next": format!("{}?{}", outbox_of("endless"), number + 1),
            }),
        );
    }
    for number in 0..600 {
        page(server, &mallory, &group, &format!("/post/{number}"), json!({}));
    }
    server.serve(&json!({
        "id": outbox_of("endless"), "type": "OrderedCollection", "totalItems": 1_000_000_000,
        "first": format!("{}?0", outbox_of("endless")),
    }));
    // A page that follows itself, one that leads away, and one that is larger than anybody reads.
    server.serve(&json!({
        "id": outbox_of("itself"), "type": "OrderedCollection", "next": outbox_of("itself"), "items": [],
    }));
    server.serve(&json!({
        "id": outbox_of("away"), "type": "OrderedCollection", "first": stage.honest.at("/victim"),
    }));
    server.serve(&json!({
        "id": outbox_of("huge"), "type": "OrderedCollection", "orderedItems": vec![7; 1_000_000],
    }));
    stage.honest.forget();
    let mut asked = Vec::new();
    for name in ["endless", "itself", "away", "huge"] {
        let id = server.group(name);
        let known = stage.net.find(stage.alpha(), &id).await.unwrap();
        membership::join(stage.alpha(), alice.id, known.id).await.unwrap();
        stage.net.settle().await;
        let follow = server.activities().pop().unwrap();
        server.forget();
        let accept = activity("Accept", &id, &format!("{id}/accept"), &follow);
        assert_eq!(stage.send(server, stage.alpha(), &accept).await, 202);
        stage.net.settle().await;
        asked.push(server.asked());
    }
    let pages = asked[0].iter().filter(|path| path.contains("outbox?")).count();
    let posts = asked[0].iter().filter(|path| path.starts_with("/post/")).count();
    assert_eq!((pages, posts), (10, 50));
    let outboxes = |at: usize| asked[at].iter().filter(|path| path.contains("outbox")).count();
    assert_eq!((outboxes(1), outboxes(2), outboxes(3)), (1, 1, 1));
    assert!(stage.honest.asked().is_empty(), "nobody else was asked: {:?}", stage.honest.asked());
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s56_s59_a_conversation_without_end_is_left_at_its_bounds() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let server = &stage.mallory;
    let (mallory, group) = (server.person("mallory"), server.at("/c/foule"));
    let context = server.at("/post/1/context");
    let top = page(server, &mallory, &group, "/post/1", json!({ "context": context }));
    let answers: Vec<_> = (0..400).map(|number| server.at(&format!("/answer/{number}"))).collect();
    for id in &answers {
        let answer = note(&mallory, id, "<p>Encore.</p>");
        server.serve(&with(answer, json!({ "inReplyTo": top["id"], "audience": group })));
    }
    server.serve(&json!({
        "id": context, "type": "OrderedCollection", "totalItems": 1_000_000_000, "orderedItems": answers,
    }));
    // Replies that lead to one another for ever.
    let circle = |number: u32| {
        let path = format!("/circle/{number}");
        let replies = json!({
            "id": server.at(&format!("{path}/replies")), "type": "Collection",
            "items": [server.at(&format!("/circle/{}", 1 - number))],
        });
        server.serve(&replies);
        page(server, &mallory, &group, &path, json!({ "replies": replies["id"] }))
    };
    let [one, _] = [0, 1].map(circle);
    let stranger =
        page(server, &mallory, &group, "/post/3", json!({ "context": stage.honest.at("/context") }));
    stage.honest.forget();
    follow_outbox(&stage, server, "foule", &json!([top["id"], one["id"], stranger["id"]])).await;
    let have = messages(stage.alpha(), top["id"].as_str().unwrap()).await.len();
    assert_eq!(have, 201, "two hundred are asked for, one by one");
    assert!(post_at(stage.alpha(), one["id"].as_str().unwrap()).await.is_some());
    assert!(
        !stage.honest.asked().iter().any(|path| path == "/context"),
        "a conversation is on its own server"
    );
    stage.clear().await;
}

/// A chain of answers, of which the first half is mallory's and the older half the honest server's.
fn chain(stage: &Stage, length: usize) -> Vec<Value> {
    let (mallory, bob) = (stage.mallory.person("mallory"), stage.bob.clone());
    let at = |number: usize| {
        let server = if number < length / 2 { &stage.mallory } else { &stage.honest };
        (server, server.at(&format!("/chain/{number}")))
    };
    let message = |number: usize| {
        let (server, id) = at(number);
        let author = if number < length / 2 { &mallory } else { &bob };
        let above = if number + 1 < length { json!(at(number + 1).1) } else { Value::Null };
        let message = with(note(author, &id, "<p>Encore.</p>"), json!({ "inReplyTo": above }));
        server.serve(&message);
        message
    };
    (0..length).map(message).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s59_a_long_chain_goes_on_where_it_stopped() {
    for ways in each_storage() {
        let mut stage = Stage::set(ways).await;
        let alice = stage.alice().await;
        let messages = chain(&stage, 40);
        stage.honest.fall_silent().await;
        let last = with(messages[0].clone(), json!({ "to": [alice.ap_id, "as:Public"] }));
        stage.mallory.serve(&last);
        let id = last["id"].as_str().unwrap();
        let author = last["attributedTo"].as_str().unwrap();
        let create = activity("Create", author, &format!("{id}/create"), &last);
        assert_eq!(stage.send(&stage.mallory, stage.alpha(), &create).await, 202);
        until("an attempt that fails half way", async || {
            queue::list(stage.alpha(), 20).await.unwrap().jobs.iter().any(|job| job.attempts >= 1)
        })
        .await;
        stage.net.restart().await;
        stage.honest.come_back();
        stage.net.settle().await;
        assert!(post_at(stage.alpha(), id).await.is_some());
        let top = messages.last().unwrap()["id"].as_str().unwrap();
        assert_eq!(self::messages(stage.alpha(), top).await.len(), 40);
        for number in 1..20 {
            let path = format!("/chain/{number}");
            let asked = stage.mallory.asked().iter().filter(|asked| **asked == path).count();
            assert_eq!(asked, 1, "{path} is asked for once");
        }
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backfill_that_is_interrupted_goes_on_where_it_stopped() {
    for ways in each_storage() {
        let mut stage = Stage::set(ways).await;
        let alice = stage.alice().await;
        let group = stage.honest.group("club");
        let mut tops = Vec::new();
        for number in 0..6 {
            // The conversation of the fourth thread cannot be had for now.
            let context = stage.honest.at(&format!("/post/{number}/context"));
            let top = page(
                &stage.honest,
                &stage.bob,
                &group,
                &format!("/post/{number}"),
                json!({ "context": context }),
            );
            stage.honest.serve(&json!({ "id": context, "type": "OrderedCollection", "orderedItems": [] }));
            tops.push(top["id"].clone());
        }
        stage.honest.put_as("/post/3/context", 503, "text/plain", "");
        let outbox = stage.honest.at("/c/club/outbox");
        stage.honest.serve(&json!({ "id": outbox, "type": "OrderedCollection", "orderedItems": tops }));
        let known = stage.net.find(stage.alpha(), &group).await.unwrap();
        membership::join(stage.alpha(), alice.id, known.id).await.unwrap();
        stage.net.settle().await;
        let follow = stage.honest.activities().pop().unwrap();
        let accept = activity("Accept", &group, &format!("{group}/accept"), &follow);
        assert_eq!(stage.send(&stage.honest, stage.alpha(), &accept).await, 202);
        until("an attempt that fails half way", async || {
            queue::list(stage.alpha(), 20).await.unwrap().jobs.iter().any(|job| job.attempts >= 1)
        })
        .await;
        stage.net.restart().await;
        let answers =
            json!({ "id": stage.honest.at("/post/3/context"), "type": "OrderedCollection", "items": [] });
        stage.honest.serve(&answers);
        stage.net.settle().await;
        for id in &tops {
            assert!(post_at(stage.alpha(), id.as_str().unwrap()).await.is_some(), "{id}");
        }
        let asked = |path: &str| stage.honest.asked().iter().filter(|asked| *asked == path).count();
        assert_eq!((asked("/c/club/outbox"), asked("/post/0"), asked("/post/3")), (1, 1, 1));
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_rest_of_a_thread_is_fetched_where_we_come_late_to_it() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let server = &stage.honest;
    let group = follow_outbox(&stage, server, "club", &json!([])).await;
    let context = server.at("/post/1/context");
    let top = page(server, &stage.bob, &group.ap_id, "/post/1", json!({ "context": context }));
    let answer = |number: u32| {
        let fields = json!({ "inReplyTo": top["id"], "audience": group.ap_id });
        with(note(&stage.bob, &server.at(&format!("/answer/{number}")), "<p>Oui.</p>"), fields)
    };
    let answers = [1, 2].map(answer);
    for answer in &answers {
        server.serve(answer);
    }
    server.serve(
        &json!({ "id": context, "type": "OrderedCollection", "orderedItems": [top, answers[0], answers[1]] }),
    );
    let create = activity("Create", &stage.bob, &server.at("/create/2"), &answers[1]);
    let announce = activity("Announce", &group.ap_id, &server.at("/announce/2"), &create);
    assert_eq!(stage.send(server, stage.alpha(), &announce).await, 202);
    stage.net.settle().await;
    assert_eq!(messages(stage.alpha(), top["id"].as_str().unwrap()).await.len(), 3, "the first answer too");
    stage.clear().await;
}
