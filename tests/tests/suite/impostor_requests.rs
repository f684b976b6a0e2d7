//! Requests that are not what they seem: none is believed, and none leaves a trace.
#![expect(clippy::unwrap_used, reason = "a test whose stage does not stand cannot go on")]

use clocher_app::{Clock, domains};
use clocher_domain::time::HOUR;
use clocher_federation::transport::{Signer, SigningKey};
use clocher_storage::{actors, follows};
use clocher_tests::impostor::{Impostor, with};
use clocher_tests::request::Request;
use clocher_tests::stage::{Stage, activity, assert_same, dump, each_storage};
use clocher_tests::{Ways, actor_at};
use serde_json::{Value, json};
use std::net::TcpListener;

/// Bob, or another, asks to join alpha's community.
fn follow(stage: &Stage, actor: &str, number: u32) -> Value {
    let group = stage.alpha().site().community("velo");
    activity("Follow", actor, &format!("{actor}/follow/{number}"), &json!(group))
}

async fn is_member(stage: &Stage, actor: &str) -> bool {
    let group = actor_at(stage.alpha(), &stage.alpha().site().community("velo")).await.unwrap();
    let Some(actor) = actor_at(stage.alpha(), actor).await else { return false };
    stage.alpha().read(move |conn| follows::is_accepted(conn, actor.id, group.id)).await.unwrap()
}

/// The request is answered 401 with that code, and nothing is written.
async fn unverified(stage: &Stage, request: &Request, code: &str) {
    let before = dump(stage.alpha()).await;
    assert_eq!(request.send(stage.net.address).await, (401, code.to_owned()), "{request:?}");
    stage.net.settle().await;
    assert_same(&before, &dump(stage.alpha()).await, code);
}

fn genuine(stage: &Stage, number: u32) -> Request {
    let inbox = stage.alpha().site().shared_inbox();
    stage.honest.request(&*stage.net.clock, &stage.bob, &inbox, &follow(stage, &stage.bob, number))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s03_a_request_is_signed_whole_or_refused() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let key = &stage.honest.key;
    let params = format!(r#"keyId="{}#main-key",algorithm="rsa-sha256""#, stage.bob);
    let all = "(request-target) host date digest content-type";
    let beta = stage.beta().site().domain().to_owned();
    let request = || genuine(&stage, 1);

    unverified(&stage, &request().without("signature"), "signature_missing").await;
    unverified(&stage, &request().without("digest"), "signature_header_absent").await;
    unverified(&stage, &request().body("{}"), "digest_mismatch").await;
    unverified(&stage, &request().set("digest", "SHA-512=AAAA"), "digest_mismatch").await;
    let digestless = request().without("digest").sign_over(key, "(request-target) host date", &params);
    unverified(&stage, &digestless, "signature_not_covered").await;
    let hostless = request().sign_over(key, "(request-target) date digest", &params);
    unverified(&stage, &hostless, "signature_not_covered").await;
    let targetless = request().sign_over(key, "host date digest", &params);
    unverified(&stage, &targetless, "signature_not_covered").await;
    let dateless = request().sign_over(key, "(request-target) host digest", &params);
    unverified(&stage, &dateless, "signature_not_covered").await;
    // Signed for one instance of the process and sent to the other, under either name.
    let inbox = stage.beta().site().shared_inbox();
    let for_beta =
        stage.honest.request(&*stage.net.clock, &stage.bob, &inbox, &follow(&stage, &stage.bob, 1));
    let alpha = stage.alpha().site().domain();
    unverified(&stage, &for_beta.set("host", alpha), "signature_wrong").await;
    let twice = Request { lines: [request().lines, vec![("host".into(), beta)]].concat(), ..request() };
    assert_eq!(twice.send(stage.net.address).await.0, 400);

    // The same by hand, whole, is taken.
    assert!(!is_member(&stage, &stage.bob).await);
    assert_eq!(request().sign_over(key, all, &params).send(stage.net.address).await.0, 202);
    assert!(is_member(&stage, &stage.bob).await);
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s48_a_signature_in_doubtful_words_is_refused() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let key = &stage.honest.key;
    let key_id = format!(r#"keyId="{}#main-key""#, stage.bob);
    let all = "(request-target) host date digest";
    let request = || genuine(&stage, 1);
    for algorithm in ["none", "hmac-sha256", "rsa-sha1", "ed25519"] {
        let signed = request().sign_over(key, all, &format!(r#"{key_id},algorithm="{algorithm}""#));
        unverified(&stage, &signed, "signature_algorithm").await;
    }
    let twice = request().sign_over(key, all, &format!("{key_id},{key_id}"));
    unverified(&stage, &twice, "signature_duplicate").await;
    let line = request().get("signature").to_owned();
    let double = Request { lines: [request().lines, vec![("signature".into(), line)]].concat(), ..request() };
    unverified(&stage, &double, "signature_duplicate").await;
    let created = request().sign_over(
        key,
        "(request-target) host (created) digest",
        &format!(r#"{key_id},algorithm="rsa-sha256",created=1"#),
    );
    unverified(&stage, &created, "signature_algorithm").await;
    let other =
        request().without("signature").set("signature-input", "sig1=()").set("signature", "sig1=:AA==:");
    unverified(&stage, &other, "signature_not_covered").await;
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s05_a_key_does_not_speak_for_another_actor() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let alice = stage.alice().await;
    let (mallory, eve) = (stage.mallory.person("mallory"), stage.mallory.person("eve"));
    for known in [false, true] {
        if known {
            stage.net.find(stage.alpha(), &mallory).await.unwrap();
        }
        for victim in [alice.ap_id.as_str(), stage.bob.as_str(), eve.as_str()] {
            let forged = follow(&stage, victim, 1);
            let inbox = stage.alpha().site().shared_inbox();
            let request = stage.mallory.request(&*stage.net.clock, &mallory, &inbox, &forged);
            unverified(&stage, &request, "unverified").await;
        }
    }
    // Nor does it fit the key that the victim has.
    let forged = follow(&stage, &stage.bob, 1);
    let inbox = stage.alpha().site().shared_inbox();
    let request = stage.mallory.request(&*stage.net.clock, &stage.bob, &inbox, &forged);
    unverified(&stage, &request, "signature_wrong").await;
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s06_a_key_counts_only_where_its_owner_lists_it() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let pem = stage.mallory.key.public_pem();
    let own = stage.mallory.at("/keys/1");
    stage.mallory.put("/keys/1", &json!({ "id": own, "owner": stage.bob, "publicKeyPem": pem }));
    let signer = stage.mallory.signer(&own);
    let (inbox, now) = (stage.alpha().site().shared_inbox(), stage.net.clock.now().seconds());
    let body = follow(&stage, &stage.bob, 1).to_string();
    unverified(&stage, &Request::signed(&signer, &inbox, body.as_bytes(), now), "unverified").await;

    // A key in a document of its own is good where its owner lists it.
    let id = stage.mallory.at("/u/keyed");
    let key = json!({ "id": stage.mallory.at("/keys/2"), "owner": id, "publicKeyPem": pem });
    stage.mallory.put("/keys/2", &key);
    stage.mallory.actor("Person", "/u/keyed", "keyed", json!({ "publicKey": key }));
    let body = follow(&stage, &id, 1).to_string();
    let signer = stage.mallory.signer(&stage.mallory.at("/keys/2"));
    assert_eq!(Request::signed(&signer, &inbox, body.as_bytes(), now).send(stage.net.address).await.0, 202);
    assert!(is_member(&stage, &id).await);
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_named_as_if_it_were_anothers_stands_in_nobodys_way() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let carol = stage.honest.person("carol");
    let key = |owner: &str| json!({ "id": format!("{carol}#main-key"), "owner": owner, "publicKeyPem": stage.mallory.key.public_pem() });
    let mallory = stage.mallory.at("/u/mallory");
    stage.mallory.actor("Person", "/u/mallory", "mallory", json!({ "publicKey": key(&mallory) }));
    let before = dump(stage.alpha()).await;
    assert!(stage.net.find(stage.alpha(), &mallory).await.is_err());
    assert_same(&before, &dump(stage.alpha()).await, "an actor with the name of another's key");
    // Nor when it is known already, and tells so of itself.
    stage.mallory.person("mallory");
    stage.net.find(stage.alpha(), &mallory).await.unwrap();
    let document = stage.mallory.actor_document(
        "Person",
        "/u/mallory",
        "mallory",
        json!({ "publicKey": key(&mallory) }),
    );
    let update = activity("Update", &mallory, &format!("{mallory}/update"), &document);
    stage.leaves_no_trace(403, &stage.mallory, stage.alpha(), &update).await;

    assert_eq!(stage.send(&stage.honest, stage.alpha(), &follow(&stage, &carol, 1)).await, 202);
    assert!(is_member(&stage, &carol).await);
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s37_a_key_on_our_own_host_or_at_an_internal_address_is_not_asked_for() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let inside = TcpListener::bind("127.0.0.1:0").unwrap();
    inside.set_nonblocking(true).unwrap();
    let port = inside.local_addr().unwrap().port();
    let (site, now) = (stage.alpha().site(), stage.net.clock.now().seconds());
    let alpha = site.domain();
    let key_ids = [
        (format!("{}#main-key", site.instance_actor()), "signature_wrong"),
        (format!("{}#main-key", site.community("velo")), "signature_wrong"),
        (format!("{}#main-key", site.person("nobody")), "signature_wrong"),
        (format!("HTTP://{}/actor#main-key", alpha.to_uppercase()), "signature_wrong"),
        (format!("http://127.0.0.1:{port}/key"), "url_scheme"),
        (format!("https://127.0.0.1:{port}/key"), "url_host"),
        (format!("https://localhost:{port}/key"), "url_host"),
        (format!("https://2130706433:{port}/key"), "url_host"),
        (format!("https://[::1]:{port}/key"), "url_host"),
        ("https://10.0.0.1/key".to_owned(), "url_host"),
        ("file:///etc/passwd".to_owned(), "url_scheme"),
        (format!("http://user@{}/key", stage.mallory.host), "url_userinfo"),
    ];
    for (key_id, code) in key_ids {
        let signer = stage.mallory.signer(&key_id);
        let body = follow(&stage, &site.person("nobody"), 1).to_string();
        // The code tells that it was refused before anybody was asked.
        unverified(&stage, &Request::signed(&signer, &site.shared_inbox(), body.as_bytes(), now), code).await;
    }
    assert_eq!(inside.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    assert!(stage.mallory.asked().is_empty());
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s07_an_activity_with_an_id_of_another_host_is_not_even_remembered() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let mallory = stage.mallory.person("mallory");
        let genuine = follow(&stage, &stage.bob, 1);
        let forged = with(follow(&stage, &mallory, 1), json!({ "id": genuine["id"] }));
        stage.leaves_no_trace(403, &stage.mallory, stage.alpha(), &forged).await;
        // Nor from an actor that is known.
        stage.net.find(stage.alpha(), &mallory).await.unwrap();
        stage.leaves_no_trace(403, &stage.mallory, stage.alpha(), &forged).await;
        for id in [json!(null), json!(7), json!("not an address")] {
            let nameless = with(forged.clone(), json!({ "id": id }));
            let status = stage.send(&stage.mallory, stage.alpha(), &nameless).await;
            assert!(matches!(status, 400 | 403), "{id}: {status}");
        }
        assert_eq!(stage.send(&stage.honest, stage.alpha(), &genuine).await, 202);
        assert!(is_member(&stage, &stage.bob).await);
        assert!(!is_member(&stage, &mallory).await);
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s49_a_replayed_request_is_processed_once_and_nowhere_else() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let request = genuine(&stage, 1);
        let elsewhere = request.clone().to("/c/velo/inbox");
        unverified(&stage, &elsewhere, "signature_wrong").await;
        let beta = dump(stage.beta()).await;
        let to_beta = request.clone().set("host", stage.beta().site().domain());
        assert_eq!(to_beta.send(stage.net.address).await.0, 401);
        assert_same(&beta, &dump(stage.beta()).await, "a request to another host");

        let at = stage.net.address;
        let all = futures_util::future::join_all((0..6).map(|_| request.send(at))).await;
        assert!(all.iter().all(|(status, _)| *status == 202), "{all:?}");
        stage.net.settle().await;
        assert!(is_member(&stage, &stage.bob).await);
        let accepted =
            |stage: &Stage| stage.honest.activities().iter().filter(|one| one["type"] == "Accept").count();
        assert_eq!(accepted(&stage), 1);
        // Replayed after its author undid it, it does not come back.
        let undo =
            activity("Undo", &stage.bob, &format!("{}/undo", stage.bob), &follow(&stage, &stage.bob, 1));
        assert_eq!(stage.send(&stage.honest, stage.alpha(), &undo).await, 202);
        assert!(!is_member(&stage, &stage.bob).await);
        stage.net.settle().await;
        let before = dump(stage.alpha()).await;
        assert_eq!(request.send(at).await.0, 202);
        stage.net.settle().await;
        assert_same(&before, &dump(stage.alpha()).await, "a replay");
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s49_a_replayed_profile_does_not_undo_a_later_one() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let name = async || actor_at(stage.alpha(), &stage.bob).await.unwrap().display_name;
    let update = |number: u32, name: &str| {
        let document = stage.honest.actor_document("Person", "/u/bob", "bob", json!({ "name": name }));
        let update = activity("Update", &stage.bob, &format!("{}/update/{number}", stage.bob), &document);
        stage.honest.request(&*stage.net.clock, &stage.bob, &stage.alpha().site().shared_inbox(), &update)
    };
    let (first, second) = (update(1, "Robert"), update(2, "Bobby"));
    for (request, then) in [(&first, "Robert"), (&second, "Bobby"), (&first, "Bobby")] {
        assert_eq!(request.send(stage.net.address).await.0, 202);
        assert_eq!(name().await, then);
    }
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_date_outside_the_window_is_refused() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let signer = stage.honest.signer(&format!("{}#main-key", stage.bob));
    let (inbox, now) = (stage.alpha().site().shared_inbox(), stage.net.clock.now().seconds());
    let body = follow(&stage, &stage.bob, 1).to_string();
    let signed = |at: i64| Request::signed(&signer, &inbox, body.as_bytes(), at);
    unverified(&stage, &signed(now - 13 * 3600), "signature_expired").await;
    unverified(&stage, &signed(now + 2 * 3600), "signature_future").await;
    let request = signed(now);
    stage.net.clock.advance(13 * HOUR);
    unverified(&stage, &request, "signature_expired").await;
    assert_eq!(signed(now + 2 * 3600).send(stage.net.address).await.0, 202);
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s50_a_rotated_key_is_asked_for_once_and_the_old_one_is_worth_nothing() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let key = SigningKey::generate().unwrap();
    let key_id = format!("{}#main-key", stage.bob);
    let signed = |key: &SigningKey, number: u32| {
        let signer = Signer::new(key_id.clone(), key.clone());
        let body = follow(&stage, &stage.bob, number).to_string();
        let inbox = stage.alpha().site().shared_inbox();
        Request::signed(&signer, &inbox, body.as_bytes(), stage.net.clock.now().seconds())
    };
    let listed = json!({ "id": key_id, "owner": stage.bob, "publicKeyPem": key.public_pem() });
    stage.honest.actor("Person", "/u/bob", "bob", json!({ "publicKey": listed }));
    let old = signed(&stage.honest.key, 1);
    assert_eq!(signed(&key, 2).send(stage.net.address).await.0, 202);
    assert!(is_member(&stage, &stage.bob).await);
    stage.net.settle().await;
    let asked = || stage.honest.asked().iter().filter(|path| *path == "/u/bob").count();
    assert_eq!(asked(), 1);
    // The old key, and any other, is refused without asking again.
    for _ in 0..3 {
        unverified(&stage, &old, "signature_wrong").await;
        unverified(&stage, &signed(&stage.mallory.key, 3), "signature_wrong").await;
    }
    assert_eq!(asked(), 1);
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s51_the_deletion_of_an_unknown_actor_is_taken_without_asking_anybody() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    for number in 0..5 {
        let gone = stage.mallory.at(&format!("/u/gone{number}"));
        let delete = activity("Delete", &gone, &format!("{gone}#delete"), &json!(gone));
        stage.leaves_no_trace(202, &stage.mallory, stage.alpha(), &delete).await;
    }
    assert!(stage.mallory.asked().is_empty(), "{:?}", stage.mallory.asked());
    // A known one is deleted by its own word only, also when its document is gone already.
    let eve = stage.mallory.person("eve");
    let forged = activity("Delete", &stage.bob, &format!("{}#delete", stage.bob), &json!(stage.bob));
    let before = dump(stage.alpha()).await;
    assert_eq!(stage.send_as(&stage.mallory, &stage.bob, stage.alpha(), &forged).await.0, 401);
    let by_another = activity("Delete", &eve, &format!("{eve}#delete"), &json!(stage.bob));
    assert_eq!(stage.send_as(&stage.mallory, &eve, stage.beta(), &by_another).await.0, 403);
    assert_same(&before, &dump(stage.alpha()).await, "a forged deletion");
    stage.honest.put_as("/u/bob", 410, "text/plain", "gone");
    assert_eq!(stage.send(&stage.honest, stage.alpha(), &forged).await, 202);
    assert!(actor_at(stage.alpha(), &stage.bob).await.unwrap().deleted_at.is_some());
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s27_s46_bodies_that_are_too_much_or_ambiguous_are_refused_and_the_server_lives() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let mallory = stage.mallory.person("mallory");
    stage.net.find(stage.alpha(), &mallory).await.unwrap();
    let signer = stage.mallory.signer(&format!("{mallory}#main-key"));
    let (inbox, now) = (stage.alpha().site().shared_inbox(), stage.net.clock.now().seconds());
    let usual = follow(&stage, &mallory, 1).to_string();
    let tail = |more: &str| format!("{},{more}}}", usual.trim_end_matches('}'));
    let bodies = [
        (413, tail(&format!(r#""content":"{}""#, "x".repeat(1024 * 1024)))),
        (400, tail(&format!(r#""tag":{}{}"#, "[".repeat(10_000), "]".repeat(10_000)))),
        (400, tail(&format!(r#""tag":{}1{}"#, r#"{"a":"#.repeat(10_000), "}".repeat(10_000)))),
        (400, "[".repeat(500_000)),
        (400, tail(&format!(r#""tag":[{}1]"#, "1,".repeat(100_000)))),
        (400, tail(r#""actor":"http://honest.test/u/bob""#)),
        (400, tail(r#""x":{"a":1,"\u0061":2}"#)),
        (400, tail(r#""x":1e400"#)),
        (400, tail(r#""x":"\ud800""#)),
        (400, tail(r#""x":NaN"#)),
        (400, format!("\u{feff}{usual}")),
        (400, format!("{usual}{usual}")),
        (400, String::new()),
    ];
    let before = dump(stage.alpha()).await;
    for (status, body) in bodies {
        let request = Request::signed(&signer, &inbox, body.as_bytes(), now);
        let head: String = body.chars().take(200).collect();
        assert_eq!(request.send(stage.net.address).await.0, status, "{head}");
    }
    stage.net.settle().await;
    assert_same(&before, &dump(stage.alpha()).await, "a body");
    assert_eq!(Request::signed(&signer, &inbox, usual.as_bytes(), now).send(stage.net.address).await.0, 202);
    assert!(is_member(&stage, &mallory).await);
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s02_s08_an_actor_is_believed_only_as_its_own_address_serves_it() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let eve = stage.mallory.at("/u/eve");
    let document = stage.mallory.actor_document("Person", "/u/eve", "eve", json!({})).to_string();
    for kind in
        ["text/html", "text/plain", "application/json", "application/octet-stream", "application/ld+json"]
    {
        stage.mallory.put_as("/u/eve", 200, kind, &document);
        stage.leaves_no_trace(401, &stage.mallory, stage.alpha(), &follow(&stage, &eve, 1)).await;
    }
    // Bob, as mallory would like him: at an address of mallory's.
    let key = json!({ "id": format!("{}#main-key", stage.bob), "owner": stage.bob, "publicKeyPem": stage.mallory.key.public_pem() });
    let bob = with(
        stage.mallory.actor_document("Person", "/u/eve", "bob", json!({})),
        json!({ "id": stage.bob, "publicKey": key }),
    );
    stage.mallory.put("/u/eve", &bob);
    let inbox = stage.alpha().site().shared_inbox();
    let request = stage.mallory.request(&*stage.net.clock, &eve, &inbox, &follow(&stage, &stage.bob, 1));
    unverified(&stage, &request, "unverified").await;
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s17_a_blocked_domain_is_refused_in_every_spelling() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let mallory = stage.mallory.person("mallory");
    stage.net.find(stage.alpha(), &mallory).await.unwrap();
    stage.mallory.forget();
    for spelling in ["mallory.test", "MALLORY.test.", "mallory.test:443", "ｍallory．test", "test"] {
        domains::set(stage.alpha(), spelling, true, String::new()).await.unwrap();
        stage.leaves_no_trace(403, &stage.mallory, stage.alpha(), &follow(&stage, &mallory, 1)).await;
        domains::remove(stage.alpha(), spelling).await.unwrap();
    }
    domains::set(stage.alpha(), "mallory.test", true, String::new()).await.unwrap();
    for host in [
        stage.mallory.host.to_uppercase(),
        stage.mallory.host.replace("test", "test."),
        stage.mallory.host.replace('.', "．"),
    ] {
        let actor = format!("http://{host}/u/mallory");
        let before = dump(stage.alpha()).await;
        let (status, _) =
            stage.send_as(&stage.mallory, &actor, stage.alpha(), &follow(&stage, &mallory, 1)).await;
        assert!(matches!(status, 401 | 403), "{host}: {status}");
        assert_same(&before, &dump(stage.alpha()).await, &host);
    }
    assert!(stage.net.find(stage.alpha(), &stage.mallory.person("eve")).await.is_err());
    assert!(stage.mallory.asked().is_empty(), "a blocked server is not asked: {:?}", stage.mallory.asked());
    // The other instance has its own rules.
    let follow =
        activity("Follow", &mallory, &format!("{mallory}/b"), &json!(stage.beta().site().community("velo")));
    assert_eq!(stage.send(&stage.mallory, stage.beta(), &follow).await, 202);
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_actor_that_comes_for_the_first_time_many_times_at_once_is_one() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let eve = stage.mallory.person("eve");
        let requests: Vec<_> = (0..8)
            .map(|number| {
                let inbox = stage.alpha().site().shared_inbox();
                stage.mallory.request(&*stage.net.clock, &eve, &inbox, &follow(&stage, &eve, number))
            })
            .collect();
        let sent = requests.iter().map(|request| request.send(stage.net.address));
        let answers = futures_util::future::join_all(sent).await;
        assert!(answers.iter().all(|(status, _)| *status == 202), "{answers:?}");
        assert!(is_member(&stage, &eve).await);
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s26_a_suspended_actor_does_nothing_here() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let bob = actor_at(stage.alpha(), &stage.bob).await.unwrap();
    stage.alpha().write(move |deed| actors::suspend(deed.conn, bob.id, Some(deed.now()))).await.unwrap();
    stage.leaves_no_trace(202, &stage.honest, stage.alpha(), &follow(&stage, &stage.bob, 1)).await;
    // Nor does a new key or a new document bring it back.
    let key = Impostor::start("key.test").key.clone();
    let listed = json!({ "id": format!("{}#main-key", stage.bob), "owner": stage.bob, "publicKeyPem": key.public_pem() });
    stage.honest.actor("Person", "/u/bob", "bob", json!({ "publicKey": listed }));
    let signer = Signer::new(format!("{}#main-key", stage.bob), key);
    let body = follow(&stage, &stage.bob, 2).to_string();
    let (inbox, now) = (stage.alpha().site().shared_inbox(), stage.net.clock.now().seconds());
    assert_eq!(Request::signed(&signer, &inbox, body.as_bytes(), now).send(stage.net.address).await.0, 202);
    assert!(!is_member(&stage, &stage.bob).await);
    assert!(actor_at(stage.alpha(), &stage.bob).await.unwrap().suspended_at.is_some());
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s21_an_actor_or_object_under_an_expanded_name_is_none() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let mallory = stage.mallory.person("mallory");
    stage.net.find(stage.alpha(), &mallory).await.unwrap();
    for name in ["as:actor", "https://www.w3.org/ns/activitystreams#actor", "Actor"] {
        // The name that is read says mallory, the other one Bob.
        let both = with(follow(&stage, &mallory, 1), json!({ name: stage.bob }));
        let aliased = with(both.clone(), json!({ "actor": null, name: mallory }));
        let inbox = stage.alpha().site().shared_inbox();
        let request = stage.mallory.request(&*stage.net.clock, &mallory, &inbox, &aliased);
        assert_eq!(request.send(stage.net.address).await, (400, "malformed".to_owned()), "{name}");
        let expanded =
            with(follow(&stage, &mallory, 1), json!({ "object": null, "as:object": both["object"] }));
        stage.leaves_no_trace(400, &stage.mallory, stage.alpha(), &expanded).await;
        assert_eq!(stage.send(&stage.mallory, stage.alpha(), &both).await, 202);
        stage.net.settle().await;
        assert!(!is_member(&stage, &stage.bob).await, "{name}");
    }
    assert!(is_member(&stage, &mallory).await);
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s22_a_signature_within_the_document_gives_no_authority_and_hidden_graphs_are_refused() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let mallory = stage.mallory.person("mallory");
    stage.net.find(stage.alpha(), &mallory).await.unwrap();
    let signature = json!({
        "type": "RsaSignature2017",
        "creator": format!("{}#main-key", stage.bob),
        "created": "2026-11-23T12:00:00Z",
        "signatureValue": "AAAA",
    });
    let of_bob = with(follow(&stage, &stage.bob, 1), json!({ "signature": signature }));
    let inbox = stage.alpha().site().shared_inbox();
    let request = stage.mallory.request(&*stage.net.clock, &mallory, &inbox, &of_bob);
    unverified(&stage, &request, "unverified").await;

    let own = follow(&stage, &mallory, 1);
    let other = follow(&stage, &stage.bob, 2);
    for (name, value) in [
        ("@graph", json!([other])),
        ("@included", json!([other])),
        ("@reverse", json!({ "actor": other })),
        ("@nest", json!({ "actor": stage.bob })),
    ] {
        let alone = json!({ "@context": own["@context"], name: value });
        let wrapped = stage.mallory.request(&*stage.net.clock, &mallory, &inbox, &alone);
        assert_eq!(wrapped.send(stage.net.address).await.0, 400, "{name}");
        let beside = with(own.clone(), json!({ name: value }));
        stage.leaves_no_trace(400, &stage.mallory, stage.alpha(), &beside).await;
        let within = with(own.clone(), json!({ "tag": [{ "type": "Link", name: value }] }));
        stage.leaves_no_trace(400, &stage.mallory, stage.alpha(), &within).await;
        // Nor is an actor taken that hides one.
        stage.mallory.actor("Person", "/u/graph", "graph", json!({ name: value }));
        assert!(stage.net.find(stage.alpha(), &stage.mallory.at("/u/graph")).await.is_err(), "{name}");
    }
    // A context of mallory's own, which would give the names other meanings, is never asked for.
    stage.mallory.forget();
    let renamed = with(own, json!({ "@context": [stage.mallory.at("/context"), { "actor": "as:object" }] }));
    assert_eq!(stage.send(&stage.mallory, stage.alpha(), &renamed).await, 202);
    assert!(is_member(&stage, &mallory).await);
    assert!(!stage.mallory.asked().contains(&"/context".to_owned()));
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s23_the_bytes_that_were_verified_are_the_ones_that_count() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let mallory = stage.mallory.person("mallory");
    // Its id leads to another document, and so does that of what it embeds.
    let sent = follow(&stage, &mallory, 1);
    let other = with(sent.clone(), json!({ "type": "Delete", "actor": stage.bob, "object": stage.bob }));
    stage.mallory.put("/u/mallory/follow/1", &other);
    assert_eq!(stage.send(&stage.mallory, stage.alpha(), &sent).await, 202);
    stage.net.settle().await;
    assert!(is_member(&stage, &mallory).await);
    assert!(!stage.mallory.asked().contains(&"/u/mallory/follow/1".to_owned()));
    assert!(actor_at(stage.alpha(), &stage.bob).await.unwrap().deleted_at.is_none());
    // Two meanings in one text: what a second parse would find is not there in the first.
    let twice = sent.to_string().replacen('{', &format!(r#"{{"actor":"{}","#, stage.bob), 1);
    let signer = stage.mallory.signer(&format!("{mallory}#main-key"));
    let (inbox, now) = (stage.alpha().site().shared_inbox(), stage.net.clock.now().seconds());
    let before = dump(stage.alpha()).await;
    let answer = Request::signed(&signer, &inbox, twice.as_bytes(), now).send(stage.net.address).await;
    assert_eq!(answer.0, 400, "{answer:?}");
    assert_same(&before, &dump(stage.alpha()).await, "a text of two meanings");
    stage.clear().await;
}
