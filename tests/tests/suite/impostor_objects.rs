//! Messages of every shape: those of good servers are read, those that are made to break a reader break nothing.
#![expect(clippy::unwrap_used, reason = "a test whose stage does not stand cannot go on")]

use clocher_app::reading;
use clocher_domain::audience::Visibility;
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::communities;
use clocher_storage::posts::{self, PostRow};
use clocher_tests::impostor::{Impostor, with};
use clocher_tests::stage::{PUBLIC, Stage, activity, each_storage, note, until};
use clocher_tests::{Ways, actor_at, post_at};
use serde_json::{Map, Value, json};
use std::time::{Duration, Instant};

/// Longest time that any one document may take, from its sending to its answer: many times what it takes.
const LONGEST: Duration = Duration::from_secs(8);

/// The community of alpha.
async fn velo(stage: &Stage) -> ActorRow {
    actor_at(stage.alpha(), &stage.alpha().site().community("velo")).await.unwrap()
}

/// `Create` of a message by its author.
fn create(message: &Value) -> Value {
    let (author, id) = (message["attributedTo"].as_str().unwrap(), message["id"].as_str().unwrap());
    activity("Create", author, &format!("{id}/create"), message)
}

/// A message of Bob's in alpha's community, with these fields in place of the usual ones.
async fn message(stage: &Stage, path: &str, fields: Value) -> Value {
    let home = json!({ "audience": velo(stage).await.ap_id });
    with(with(note(&stage.bob, &stage.honest.at(path), "<p>Bonjour.</p>"), home), fields)
}

/// Sends it to alpha, which must take it, and gives what alpha has of it.
async fn taken(stage: &Stage, message: &Value) -> PostRow {
    let before = Instant::now();
    assert_eq!(stage.send(&stage.honest, stage.alpha(), &create(message)).await, 202);
    assert!(before.elapsed() < LONGEST, "it took {:?}", before.elapsed());
    stage.net.settle().await;
    post_at(stage.alpha(), message["id"].as_str().unwrap()).await.unwrap()
}

/// The most memory that this process ever had, in MiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s27_bombs_are_refused_in_little_time_and_memory() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    taken(&stage, &message(&stage, "/post/0", json!({})).await).await;
    let options: Vec<Value> =
        (0..10_000).map(|n| json!({ "type": "Note", "name": format!("{n}") })).collect();
    let tags: Vec<Value> = (0..100_000).map(|_| json!("#a")).collect();
    let keys: Map<String, Value> = (0..60_000).map(|n| (format!("k{n}"), json!(0))).collect();
    let poll = message(&stage, "/post/1", json!({ "type": "Question", "oneOf": options })).await;
    let tagged = message(&stage, "/post/2", json!({ "tag": tags })).await;
    let wide = message(&stage, "/post/3", Value::Object(keys)).await;
    let before = peak();
    for bomb in [poll, tagged, wide] {
        let started = Instant::now();
        stage.leaves_no_trace(400, &stage.honest, stage.alpha(), &create(&bomb)).await;
        assert!(started.elapsed() < LONGEST, "it took {:?}", started.elapsed());
    }
    // What no value can hold without being as deep itself is written by hand.
    let deep = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
    // A million keys are more than the bytes that are read.
    let keys = (0..120_000).map(|n| format!("\"{n}\":0")).collect::<Vec<_>>().join(",");
    for (body, status) in [(format!("{{\"a\":{deep}}}"), 400), (format!("{{{keys}}}"), 413)] {
        let signer = stage.honest.signer(&format!("{}#main-key", stage.bob));
        let inbox = stage.alpha().site().shared_inbox();
        let now = clocher_app::Clock::now(&*stage.net.clock).seconds();
        let request = clocher_tests::request::Request::signed(&signer, &inbox, body.as_bytes(), now);
        let started = Instant::now();
        assert_eq!(request.send(stage.net.address).await.0, status);
        assert!(started.elapsed() < LONGEST, "it took {:?}", started.elapsed());
    }
    let grown = peak() - before;
    assert!(grown < 200, "it took {grown} MiB, of which the bombs themselves are most");
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s27_what_is_only_long_is_cut() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let long = message(&stage, "/post/1", json!({ "type": "Page", "name": "é".repeat(400_000) })).await;
        assert_eq!(taken(&stage, &long).await.title.unwrap().chars().count(), 200);
        let options: Vec<Value> = (0..5_000).map(|n| json!({ "name": format!("{n}") })).collect();
        let poll = message(&stage, "/post/2", json!({ "type": "Question", "anyOf": options })).await;
        assert_eq!(taken(&stage, &poll).await.html.matches("<li>").count(), 20);
        let warned = json!({ "sensitive": true, "summary": "<b>".repeat(100_000) + "Attention" });
        let warned = taken(&stage, &message(&stage, "/post/3", warned).await).await;
        assert!(warned.warning.unwrap().chars().count() <= 200);
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s30_markup_that_breaks_a_sanitiser_is_kept_as_text_and_what_comes_after_is_read() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let hostile = [
        "<div><b>".repeat(20_000),
        "<brx>".repeat(40_000),
        "<b></x>".repeat(25_000),
        "<listing>".repeat(20_000),
        "<a><p>".repeat(30_000),
        "<table><td>".repeat(15_000),
        "<svg><desc>".repeat(15_000),
        "<!--".repeat(40_000),
        "<a href='".to_owned() + &"&".repeat(190_000),
        "a\u{0}<p title='\u{0}\u{FFFE}'>b</p\u{0}>".to_owned(),
        "<p ".to_owned() + &"x=1 ".repeat(40_000) + ">",
    ];
    for (number, html) in hostile.iter().enumerate() {
        let told: String = html.chars().take(20).collect();
        let message = message(&stage, &format!("/post/{number}"), json!({ "content": html })).await;
        let started = Instant::now();
        let post = taken(&stage, &message).await;
        eprintln!("{told}: {:?}, {} bytes", started.elapsed(), post.html.len());
        assert!(!post.html.contains('\0'), "{told}");
        let page = reading::thread(stage.alpha(), post.id, None).await.unwrap();
        assert_eq!(page.top.post.id, post.id);
    }
    // The same, read by a worker and not by whoever answers the request.
    let alice = stage.alice().await;
    let group = stage.follow_group(&alice, &stage.honest, "cinema").await;
    let fetched = with(
        note(&stage.bob, &stage.honest.at("/fetched/1"), &hostile[0]),
        json!({ "audience": group.ap_id }),
    );
    stage.honest.serve(&fetched);
    let announce = activity("Announce", &group.ap_id, &stage.honest.at("/announce/1"), &fetched["id"]);
    assert_eq!(stage.send(&stage.honest, stage.alpha(), &announce).await, 202);
    stage.net.settle().await;
    assert!(post_at(stage.alpha(), fetched["id"].as_str().unwrap()).await.is_some());
    let after = taken(&stage, &message(&stage, "/post/after", json!({})).await).await;
    assert_eq!(after.html, "<p>Bonjour.</p>");
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s58_whoever_is_mentioned_is_looked_up_among_the_known_and_at_most_fifty() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let alice = stage.alice().await;
    let mut tags: Vec<Value> = (0..2_500)
        .map(|n| json!({ "type": "Mention", "href": stage.mallory.at(&format!("/u/{n}")) }))
        .collect();
    tags.insert(10, json!({ "type": "Mention", "href": alice.ap_id, "name": "@alice" }));
    let message = message(&stage, "/post/1", json!({ "tag": tags, "cc": tags })).await;
    let known = stage.alpha().read(count_actors).await.unwrap();
    let post = taken(&stage, &message).await;
    assert!(stage.mallory.asked().is_empty(), "nobody who is only mentioned is asked for");
    assert_eq!(stage.alpha().read(count_actors).await.unwrap(), known, "nor stored");
    let recipients = stage.alpha().read(move |conn| posts::list_recipients(conn, post.id)).await.unwrap();
    assert_eq!(recipients.iter().map(|row| row.id).collect::<Vec<_>>(), [alice.id]);
    stage.clear().await;
}

fn count_actors(conn: &mut clocher_storage::Conn) -> clocher_storage::Result<usize> {
    Ok(clocher_storage::testing::dump(conn)?.iter().filter(|line| line.starts_with("actors")).count())
}

/// A video of a channel, as PeerTube serves it.
fn video(server: &Impostor, author: &str, channel: &str) -> Value {
    let id = server.at("/videos/watch/1");
    json!({
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": id,
        "type": "Video",
        "name": "Le pont, en images",
        "content": "**Tourné** lundi.",
        "mediaType": "text/markdown",
        "language": { "identifier": "fr", "name": "Français" },
        "url": [
            { "type": "Link", "mediaType": "video/mp4", "href": server.at("/static/1.mp4") },
            { "type": "Link", "mediaType": "text/html", "href": server.at("/w/1") },
        ],
        "attributedTo": [{ "type": "Person", "id": author }, { "type": "Group", "id": channel }],
        "to": [PUBLIC],
        "published": "2026-01-02T03:04:05.678Z",
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thread_about_a_video_of_a_channel_is_whole() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let alice = stage.alice().await;
        let channel = stage.follow_group(&alice, &stage.honest, "chaine").await;
        let video = video(&stage.honest, &stage.bob, &channel.ap_id);
        stage.honest.serve(&video);
        let reply = with(
            note(&stage.bob, &stage.honest.at("/comments/1"), "<p>Bravo !</p>"),
            json!({ "inReplyTo": video["id"], "to": [PUBLIC, alice.ap_id] }),
        );
        assert_eq!(stage.send(&stage.honest, stage.alpha(), &create(&reply)).await, 202);
        stage.net.settle().await;
        let top = post_at(stage.alpha(), video["id"].as_str().unwrap()).await.expect("the video");
        assert_eq!(top.title.as_deref(), Some("Le pont, en images"));
        assert_eq!(top.html, "<p><strong>Tourné</strong> lundi.</p>");
        assert_eq!((top.url.as_str(), top.language.as_deref()), (&*stage.honest.at("/w/1"), Some("fr")));
        assert_eq!(top.home_id, Some(channel.id), "its channel is its home");
        let answer = post_at(stage.alpha(), reply["id"].as_str().unwrap()).await.expect("the answer");
        assert_eq!(answer.thread_id, top.id);
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_of_a_group_is_by_whoever_made_it() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let alice = stage.alice().await;
    let group = stage.follow_group(&alice, &stage.honest, "comite").await;
    let fields = json!({ "type": "Event", "name": "Bal", "actor": stage.bob, "attributedTo": group.ap_id,
        "startTime": "2026-07-14T20:00:00+02:00" });
    let event = with(note(&stage.bob, &stage.honest.at("/events/1"), "<p>Venez.</p>"), fields);
    let created = activity("Create", &stage.bob, &stage.honest.at("/events/1/activity"), &event);
    assert_eq!(stage.send(&stage.honest, stage.alpha(), &created).await, 202);
    let post = post_at(stage.alpha(), event["id"].as_str().unwrap()).await.expect("the event");
    let bob = actor_at(stage.alpha(), &stage.bob).await.unwrap();
    assert_eq!((post.author_id, post.home_id), (bob.id, Some(group.id)));
    assert_eq!(post.html, "<p>2026-07-14 20:00 +02:00</p><p>Venez.</p>");
    // Another of the same server is not let in by naming the group.
    let carol = stage.honest.person("carol");
    let forged = activity("Create", &carol, &stage.honest.at("/events/2/activity"), &event);
    stage.net.find(stage.alpha(), &carol).await.unwrap();
    stage.leaves_no_trace(403, &stage.honest, stage.alpha(), &forged).await;
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn warnings_and_links_are_kept_changed_and_erased_with_the_message() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let fields = json!({ "type": "Page", "name": "Photo", "sensitive": true, "summary": "Chasse",
            "attachment": [{ "type": "Link", "href": "https://journal.example/pont" }] });
        let message = message(&stage, "/post/1", fields).await;
        let post = taken(&stage, &message).await;
        assert_eq!(post.warning.as_deref(), Some("Chasse"));
        assert_eq!(post.link.as_deref(), Some("https://journal.example/pont"));
        let lifted = with(message.clone(), json!({ "sensitive": false, "attachment": [] }));
        let update = activity("Update", &stage.bob, &stage.honest.at("/update/1"), &lifted);
        assert_eq!(stage.send(&stage.honest, stage.alpha(), &update).await, 202);
        let post = post_at(stage.alpha(), &post.ap_id).await.unwrap();
        assert_eq!((post.warning, post.link), (None, None));
        let again = activity("Update", &stage.bob, &stage.honest.at("/update/2"), &message);
        assert_eq!(stage.send(&stage.honest, stage.alpha(), &again).await, 202);
        assert!(post_at(stage.alpha(), &post.ap_id).await.unwrap().warning.is_some());
        // GoToSocial names its deletions by nothing.
        let delete = json!({ "type": "Delete", "actor": stage.bob, "object": post.ap_id, "to": [PUBLIC] });
        assert_eq!(stage.send(&stage.honest, stage.alpha(), &delete).await, 202);
        let gone = post_at(stage.alpha(), &post.ap_id).await.unwrap();
        assert!(gone.deleted_at.is_some());
        assert_eq!((gone.warning, gone.link), (None, None));
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_names_only_its_group_is_for_everybody_and_what_names_nobody_as_its_activity_says() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let nobody = message(&stage, "/post/1", json!({ "to": null, "cc": null })).await;
    let post = taken(&stage, &nobody).await;
    assert_eq!((post.visibility().unwrap(), post.home_id), (Visibility::Public, Some(velo(&stage).await.id)));
    let alice = stage.alice().await;
    let whispered = with(nobody, json!({ "id": stage.honest.at("/post/2"), "audience": null }));
    let whispered = with(create(&whispered), json!({ "to": [alice.ap_id] }));
    assert_eq!(stage.send(&stage.honest, stage.alpha(), &whispered).await, 202);
    let post = post_at(stage.alpha(), &stage.honest.at("/post/2")).await.unwrap();
    assert_eq!((post.visibility().unwrap(), post.home_id), (Visibility::Direct, None));
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_vote_in_a_poll_is_no_message_and_an_unknown_kind_is_ignored() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let first = taken(&stage, &message(&stage, "/post/1", json!({})).await).await;
    let alice = stage.alice().await.ap_id;
    let vote = json!({ "name": "oui", "content": null, "inReplyTo": first.ap_id, "to": [alice] });
    let chat = json!({ "type": "ChatMessage", "to": [alice] });
    for (path, fields) in [("/post/2", vote), ("/post/3", chat)] {
        let message = message(&stage, path, fields).await;
        stage.leaves_no_trace(202, &stage.honest, stage.alpha(), &create(&message)).await;
    }
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_community_that_a_moderator_changed_is_asked_what_it_says_of_itself() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let alice = stage.alice().await;
    let group = stage.follow_group(&alice, &stage.honest, "cinema").await;
    stage.honest.actor("Group", "/c/cinema", "cinema", json!({ "name": "Ciné-club" }));
    let (id, bob) = (group.id, actor_at(stage.alpha(), &stage.bob).await.unwrap().id);
    stage.alpha().write(move |deed| communities::put_moderator(deed.conn, id, bob)).await.unwrap();
    let claimed = json!({ "id": group.ap_id, "type": "Group", "name": "Faux" });
    let update = activity("Update", &stage.bob, &stage.honest.at("/update/1"), &claimed);
    stage.leaves_no_trace(403, &stage.honest, stage.alpha(), &update).await;
    let announce = activity("Announce", &group.ap_id, &stage.honest.at("/announce/1"), &update);
    assert_eq!(stage.send(&stage.honest, stage.alpha(), &announce).await, 202);
    until("its new name", async || {
        let row = stage.alpha().read(move |conn| actors::find(conn, id)).await.unwrap().unwrap();
        row.display_name == "Ciné-club"
    })
    .await;
    stage.clear().await;
}
