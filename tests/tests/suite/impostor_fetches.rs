//! What a server answers when it is asked: redirects that lead in circles or inside, answers without end or larger
//! than they look. None of it is believed for more than it is, none of it leaves a trace, and nothing waits for it.
//!
//! Of names that resolve differently the second time (S15) nothing can be shown here: a name in the tables of the
//! tests is never resolved, and the server takes no other word than the system's for where a name leads. There is no
//! second time besides: the address that is checked is the one that is connected to, which the test of the client in
//! `transport/client.rs` shows where that happens.
#![expect(clippy::unwrap_used, reason = "a test whose stage does not stand cannot go on")]

use clocher_app::queue;
use clocher_domain::time::DAY;
use clocher_federation::transport::Limits;
use clocher_storage::actors::ActorRow;
use clocher_storage::hosts;
use clocher_tests::impostor::{Impostor, with};
use clocher_tests::stage::{Stage, activity, assert_same, dump, each_storage, note, until};
use clocher_tests::{Setting, Ways, actor_at, post_at};
use flate2::{Compress, Compression, FlushCompress};
use serde_json::{Value, json};
use std::net::TcpListener;
use std::time::{Duration, Instant};

const AS2: &str = "application/activity+json";
const JRD: &str = "application/jrd+json";

/// Longest time that anything may take that comes to nothing: many times what it takes.
const LONGEST: Duration = Duration::from_secs(8);

/// Asks to join alpha's community.
fn follow(stage: &Stage, actor: &str, number: u32) -> Value {
    let group = stage.alpha().site().community("velo");
    activity("Follow", actor, &format!("{actor}/follow/{number}"), &json!(group))
}

/// A group of the honest server, followed by Alice of alpha.
async fn club(stage: &Stage) -> ActorRow {
    stage.follow_group(&stage.alice().await, &stage.honest, "club").await
}

/// The group announces what stands at an address; alpha looks there, and finds nothing that it takes.
async fn announced_in_vain(stage: &Stage, group: &ActorRow, number: u32, id: &str) {
    let announce = activity("Announce", &group.ap_id, &format!("{}/a/{number}", group.ap_id), &json!(id));
    stage.leaves_no_trace(202, &stage.honest, stage.alpha(), &announce).await;
}

/// A message of an actor, said to be in that group.
fn message(group: &ActorRow, author: &str, id: &str, fields: Value) -> Value {
    with(with(note(author, id, "<p>Faux.</p>"), json!({ "audience": group.ap_id })), fields)
}

/// Where a server answers for a name.
fn webfinger(server: &Impostor, name: &str) -> String {
    let resource = format!("acct%3A{name}%40{}", server.host.replace(':', "%3A"));
    format!("/.well-known/webfinger?resource={resource}")
}

/// Says that this name is that actor's.
fn answer_for(server: &Impostor, path: &str, name: &str, actor: &str) {
    let links = json!([{ "rel": "self", "type": AS2, "href": actor }]);
    let answer = json!({ "subject": format!("acct:{name}@{}", server.host), "links": links });
    server.put_as(path, 200, JRD, &answer.to_string());
}

/// A listener inside that nobody may connect to, and its port.
fn inside() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

fn assert_untouched(inside: &TcpListener) {
    assert_eq!(inside.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s04_redirects_between_two_hosts_make_nobody_an_author_there() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let group = club(&stage).await;
        let mallory = stage.mallory.person("mallory");
        stage.net.find(stage.alpha(), &mallory).await.unwrap();
        let (own, bobs) = (stage.mallory.at("/post/1"), stage.honest.at("/post/1"));
        // Its id here, its page there, and each address leads to the other.
        stage.mallory.redirect("/post/1", &bobs);
        stage.honest.redirect("/post/1", &own);
        for (number, id) in [(1, &own), (2, &bobs)] {
            stage.mallory.forget();
            announced_in_vain(&stage, &group, number, id).await;
            assert!(stage.mallory.asked().len() <= 2, "{:?}", stage.mallory.asked());
        }
        // An open redirect of the honest server hands out what mallory wrote: under Bob's id and as Bob's, under
        // Bob's id and as mallory's, under mallory's id and as Bob's.
        stage.honest.redirect("/post/1", &stage.mallory.at("/copy"));
        for (number, id, author) in [(3, &bobs, &stage.bob), (4, &bobs, &mallory)] {
            stage.mallory.put("/copy", &message(&group, author, id, json!({ "url": own })));
            announced_in_vain(&stage, &group, number, &bobs).await;
            assert!(post_at(stage.alpha(), &stage.mallory.at("/copy")).await.is_none());
        }
        let copy = stage.mallory.at("/copy");
        stage.mallory.put("/copy", &message(&group, &stage.bob, &copy, json!({ "url": bobs })));
        announced_in_vain(&stage, &group, 5, &bobs).await;
        // Nor does an actor become another: whoever asks for a key is led to mallory's.
        let key = json!({ "id": format!("{}#main-key", stage.bob), "owner": stage.bob, "publicKeyPem": stage.mallory.key.public_pem() });
        let fields = json!({ "id": stage.honest.at("/u/new"), "publicKey": key });
        let forged = stage.mallory.actor_document("Person", "/u/mallory", "new", fields);
        stage.mallory.put("/u/forged", &forged);
        stage.honest.redirect("/u/new", &stage.mallory.at("/u/forged"));
        let new = stage.honest.at("/u/new");
        stage.leaves_no_trace(401, &stage.mallory, stage.alpha(), &follow(&stage, &new, 1)).await;

        // Mallory's own, under its own id, is mallory's; what it says of its page is nothing to go by.
        let genuine = message(&group, &mallory, &own, json!({ "url": bobs }));
        stage.mallory.put("/post/1", &genuine);
        let announce = activity("Announce", &group.ap_id, &format!("{}/a/9", group.ap_id), &json!(own));
        assert_eq!(stage.send(&stage.honest, stage.alpha(), &announce).await, 202);
        stage.net.settle().await;
        let post = post_at(stage.alpha(), &own).await.unwrap();
        assert_eq!(post.url, own);
        assert_eq!(post.author_id, actor_at(stage.alpha(), &mallory).await.unwrap().id);
        assert!(post_at(stage.alpha(), &bobs).await.is_none());
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s11_a_handle_that_is_redirected_without_end_or_inside_leads_nowhere() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let (inside, port) = inside();
    let server = &stage.mallory;
    let eve = server.person("eve");
    let redirect = |name: &str, to: &str| server.redirect(&webfinger(server, name), to);
    let own = |name: &str| server.at(&webfinger(server, name));
    redirect("circle", &own("circle"));
    redirect("ping", &own("pong"));
    redirect("pong", &own("ping"));
    (0..10).for_each(|hop| redirect(&format!("hop{hop}"), &own(&format!("hop{}", hop + 1))));
    answer_for(server, &webfinger(server, "hop10"), "hop0", &eve);
    redirect("plain", "http://example.org/.well-known/webfinger");
    redirect("figures", &format!("http://127.0.0.1:{port}/"));
    redirect("figures-tls", &format!("https://127.0.0.1:{port}/"));
    redirect("local", &format!("https://localhost:{port}/"));
    redirect("six", &format!("https://[::1]:{port}/"));
    redirect("metadata", "https://169.254.169.254/latest/meta-data/");
    redirect("file", "file:///etc/passwd");
    redirect("data", "data:application/jrd+json,{}");
    redirect("port", &format!("http://mallory.test:{port}/"));
    redirect("blank", &format!("http://127.0.0.1:{port}/\t"));
    answer_for(server, &webfinger(server, "answer"), "answer", &format!("https://127.0.0.1:{port}/u/x"));
    // It asks whether it is called as it claims: the same answers, met while a key is looked for.
    let claiming = |name: &str| json!({ "webfinger": format!("{name}@{}", server.host) });
    for name in [
        "circle",
        "ping",
        "hop0",
        "plain",
        "figures",
        "figures-tls",
        "local",
        "six",
        "metadata",
        "file",
        "data",
        "port",
        "blank",
        "answer",
    ] {
        server.forget();
        let before = dump(stage.alpha()).await;
        let handle = format!("{name}@{}", server.host);
        assert!(stage.net.find(stage.alpha(), &handle).await.is_err(), "{name}");
        let asked = server.asked();
        assert!((1..=4).contains(&asked.len()), "{name}: {asked:?}");
        assert_same(&before, &dump(stage.alpha()).await, name);
        let id = stage.honest.actor("Person", &format!("/u/{name}"), name, claiming(name));
        assert_eq!(stage.send(&stage.honest, stage.alpha(), &follow(&stage, &id, 1)).await, 202);
        let known = actor_at(stage.alpha(), &id).await.unwrap();
        assert_eq!(known.handle(), format!("{name}@{}", stage.honest.host), "nobody confirms another name");
        stage.net.settle().await;
    }
    assert_untouched(&inside);
    // Three steps are taken, as somebody's server may have moved.
    let found = stage.net.find(stage.alpha(), &format!("hop7@{}", server.host)).await;
    assert!(found.is_err(), "who is asked after hop7 answers for hop0");
    answer_for(server, &webfinger(server, "hop10"), "hop7", &eve);
    let found = stage.net.find(stage.alpha(), &format!("hop7@{}", server.host)).await;
    assert_eq!(found.unwrap().ap_id, eve);
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s12_a_nodeinfo_that_points_inside_or_elsewhere_is_not_asked() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let (inside, port) = inside();
    stage.honest.runs("lemmy");
    let own = stage.mallory.at("/nodeinfo/2.0");
    let links = [
        "data:application/json,{\"software\":{\"name\":\"lemmy\"}}".to_owned(),
        "file:///etc/passwd".to_owned(),
        "http://169.254.169.254/".to_owned(),
        "https://169.254.169.254/latest/meta-data/".to_owned(),
        format!("http://127.0.0.1:{port}/nodeinfo/2.0"),
        format!("https://localhost:{port}/nodeinfo/2.0"),
        format!("https://[::ffff:127.0.0.1]:{port}/nodeinfo/2.0"),
        format!("http://mallory.test:{port}/nodeinfo/2.0"),
        "/nodeinfo/2.0".to_owned(),
        stage.honest.at("/nodeinfo/2.0"),
        format!("{}\\@127.0.0.1:{port}/", stage.mallory.at("")),
    ];
    // One that is its own, and sends on to where it is not.
    let redirected = [stage.honest.at("/nodeinfo/2.0"), format!("http://127.0.0.1:{port}/")];
    let cases = links.into_iter().map(|link| (link, None));
    let cases = cases.chain(redirected.into_iter().map(|to| (own.clone(), Some(to))));
    for (number, (href, to)) in cases.enumerate() {
        // Hosts are asked what they run once a week.
        stage.net.clock.advance(8 * DAY);
        let rel = "http://nodeinfo.diaspora.software/ns/schema/2.0";
        let index = json!({ "links": [{ "rel": rel, "href": href }] });
        stage.mallory.put_as("/.well-known/nodeinfo", 200, "application/json", &index.to_string());
        if let Some(to) = &to {
            stage.mallory.redirect("/nodeinfo/2.0", to);
        }
        stage.mallory.forget();
        stage.honest.forget();
        // Whoever is told that they are a member lives on a host that is worth knowing.
        let member = stage.mallory.person(&format!("m{number}"));
        assert_eq!(stage.send(&stage.mallory, stage.alpha(), &follow(&stage, &member, 1)).await, 202);
        stage.net.settle().await;
        let asked = stage.mallory.asked();
        let indices = asked.iter().filter(|path| *path == "/.well-known/nodeinfo").count();
        assert_eq!(indices, 1, "{href}: {asked:?}");
        assert_eq!(asked.iter().any(|path| path == "/nodeinfo/2.0"), to.is_some(), "{href}: {asked:?}");
        let stranger = stage.honest.asked();
        assert!(to.is_some() || stranger.iter().all(|path| path != "/nodeinfo/2.0"), "{href}: {stranger:?}");
        let host = stage.mallory.host.clone();
        let row = stage.alpha().read(move |conn| hosts::find(conn, &host)).await.unwrap().unwrap();
        assert_eq!((row.software, row.version, row.clocher), (None, None, false), "{href}");
        assert!(row.checked_at.is_some(), "{href}");
    }
    assert_untouched(&inside);
    stage.clear().await;
}

/// The stage in a hurry: no exchange lasts longer than this.
const DEADLINE: Duration = Duration::from_millis(900);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s18_a_server_that_drips_for_ever_is_cut_off_and_holds_up_nobody() {
    let limits = Limits { deadline: DEADLINE, ..Limits::default() };
    let stage = Stage::set_as(Setting { limits, ..Setting::default() }, Ways::SqliteHttp).await;
    let group = club(&stage).await;
    let cut_off = |started: Instant, what: &str| {
        let took = started.elapsed();
        // It is neither given up at once nor waited for as long as bytes come.
        assert!(took >= DEADLINE && took < LONGEST, "{what}: {took:?}");
    };
    let slow = stage.mallory.at("/u/slow");
    stage.mallory.drip("/u/slow", AS2);
    stage.mallory.drip(&webfinger(&stage.mallory, "slow"), JRD);
    for address in [slow.clone(), format!("slow@{}", stage.mallory.host)] {
        let started = Instant::now();
        let found = stage.net.find(stage.alpha(), &address).await;
        assert!(matches!(found, Err(clocher_app::Error::Remote(_))), "{address}: {found:?}");
        cut_off(started, &address);
    }
    // The owner of a key, whom the request must wait for: it may come again.
    let started = Instant::now();
    stage.leaves_no_trace(503, &stage.mallory, stage.alpha(), &follow(&stage, &slow, 1)).await;
    cut_off(started, "the owner of a key");
    // A message that is announced: a job waits for it, and what comes meanwhile is taken.
    let late = stage.honest.at("/post/late");
    stage.honest.drip("/post/late", AS2);
    let announce = activity("Announce", &group.ap_id, &stage.honest.at("/a/1"), &json!(late));
    assert_eq!(stage.send(&stage.honest, stage.alpha(), &announce).await, 202);
    assert_eq!(stage.send(&stage.honest, stage.alpha(), &follow(&stage, &stage.bob, 1)).await, 202);
    until("the answer to Bob", async || stage.honest.activities().iter().any(|one| one["type"] == "Accept"))
        .await;
    until("a second attempt", async || {
        queue::list(stage.alpha(), 20).await.unwrap().jobs.iter().any(|job| job.attempts >= 1)
    })
    .await;
    assert!(post_at(stage.alpha(), &late).await.is_none());
    let genuine = with(note(&stage.bob, &late, "<p>Enfin.</p>"), json!({ "audience": group.ap_id }));
    stage.honest.serve(&genuine);
    stage.net.settle().await;
    assert!(post_at(stage.alpha(), &late).await.is_some());
    // An inbox that takes what it gets and answers for ever has taken it, once.
    let member = stage.mallory.person("member");
    stage.mallory.drip("/u/member/inbox", AS2);
    assert_eq!(stage.send(&stage.mallory, stage.alpha(), &follow(&stage, &member, 1)).await, 202);
    until("a delivery", async || !stage.mallory.received().is_empty()).await;
    let started = Instant::now();
    stage.net.settle().await;
    assert!(started.elapsed() < LONGEST);
    let accepts = stage.mallory.activities().iter().filter(|one| one["type"] == "Accept").count();
    assert_eq!(accepts, 1, "{:?}", stage.mallory.received());
    stage.clear().await;
}

/// The most memory that this process ever had, in MiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
}

/// What gzip says of so many MiB of blanks, each a kilobyte: a flush leaves nothing to look back at, so that one
/// stands for all. The end is missing: nobody gets there.
fn gzip_bomb(mebibytes: usize) -> Vec<u8> {
    let blanks = vec![b' '; 1024 * 1024];
    let mut one = Vec::with_capacity(64 * 1024);
    let mut compress = Compress::new(Compression::best(), false);
    compress.compress_vec(&blanks, &mut one, FlushCompress::Full).unwrap();
    assert_eq!(compress.total_in(), blanks.len() as u64);
    let head = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF];
    [head.to_vec(), one.repeat(mebibytes)].concat()
}

/// What brotli says of 64 MiB of blanks.
const BROTLI_BOMB: &[u8] = &[
    0xCF, 0xFF, 0xFF, 0x7F, 0xF8, 0x25, 0x40, 0xE2, 0xB1, 0x40, 0x20, 0xF7, 0xFE, 0x9F, 0xFF, 0xFF, 0xFF,
    0x04, 0xB0, 0x0C, 0x46, 0x10, 0x18, 0x0E, 0xEF, 0xD3, 0xFF, 0xFF, 0xFF, 0xE1, 0x97, 0x00, 0x88, 0xC3,
    0x22, 0x00, 0xDD, 0xFB, 0xFF, 0xFC, 0xFF, 0xFC, 0x72, 0xF0, 0x11, 0x08, 0x70, 0x50, 0x0B, 0xAF, 0x7F,
    0xF0,
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s60_an_answer_that_grows_when_it_is_unpacked_is_left_unread() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let group = club(&stage).await;
    let gzip = gzip_bomb(768);
    assert!(gzip.len() < 1024 * 1024, "its length alone gives it away: {}", gzip.len());
    // Twice packed, it is small enough for any limit on what is sent.
    let twice = {
        let mut packed = Vec::with_capacity(256 * 1024);
        let mut compress = Compress::new(Compression::best(), false);
        compress.compress_vec(&gzip, &mut packed, FlushCompress::Full).unwrap();
        [gzip.get(..10).unwrap(), &packed].concat()
    };
    assert!(twice.len() < 64 * 1024, "{}", twice.len());
    let bombs = [("gzip", gzip), ("gzip, gzip", twice), ("br", BROTLI_BOMB.to_vec())];
    let before = peak();
    for (number, (coding, bomb)) in (1..).zip(bombs) {
        let started = Instant::now();
        let name = format!("bomb{number}");
        let put = |path: &str, kind: &str| stage.mallory.put_compressed(path, kind, coding, bomb.clone());
        // Where an actor is looked for by its address and by its handle.
        put(&format!("/u/{name}"), AS2);
        put(&webfinger(&stage.mallory, &name), JRD);
        let actor = stage.mallory.at(&format!("/u/{name}"));
        for address in [actor.clone(), format!("{name}@{}", stage.mallory.host)] {
            let nothing = dump(stage.alpha()).await;
            assert!(stage.net.find(stage.alpha(), &address).await.is_err(), "{coding}: {address}");
            assert_same(&nothing, &dump(stage.alpha()).await, &address);
        }
        // As the owner of a key, and as a message that is announced.
        stage.leaves_no_trace(401, &stage.mallory, stage.alpha(), &follow(&stage, &actor, 1)).await;
        put("/post/1", AS2);
        announced_in_vain(&stage, &group, number, &stage.mallory.at("/post/1")).await;
        // As what a host runs.
        stage.net.clock.advance(8 * DAY);
        put("/.well-known/nodeinfo", "application/json");
        let member = stage.mallory.person(&format!("m{number}"));
        assert_eq!(stage.send(&stage.mallory, stage.alpha(), &follow(&stage, &member, 1)).await, 202);
        stage.net.settle().await;
        assert!(stage.mallory.asked().iter().any(|path| path == "/.well-known/nodeinfo"));
        assert!(started.elapsed() < LONGEST, "{coding} took {:?}", started.elapsed());
    }
    let grown = peak() - before;
    assert!(grown < 64, "it took {grown} MiB");
    // What is packed and not too large is read.
    let document = stage.mallory.actor_document("Person", "/u/packed", "packed", json!({}));
    let mut packed = gzip_bomb(0);
    let mut compress = Compress::new(Compression::best(), false);
    let mut body = Vec::with_capacity(64 * 1024);
    compress.compress_vec(document.to_string().as_bytes(), &mut body, FlushCompress::Finish).unwrap();
    packed.extend(body);
    let mut crc = flate2::Crc::new();
    crc.update(document.to_string().as_bytes());
    packed.extend(crc.sum().to_le_bytes());
    packed.extend(crc.amount().to_le_bytes());
    stage.mallory.put_compressed("/u/packed", AS2, "gzip", packed);
    assert!(stage.net.find(stage.alpha(), &stage.mallory.at("/u/packed")).await.is_ok());
    stage.clear().await;
}
