//! Signatures after RFC 9421, in both directions: what is believed, what is refused, and how a server that
//! takes one form only is spoken to.
#![expect(clippy::unwrap_used, reason = "a test whose stage does not stand cannot go on")]

use clocher_app::{Clock, queue};
use clocher_domain::time::HOUR;
use clocher_federation::transport::{Ed25519Key, Form, IncomingSignature, PublicKey};
use clocher_storage::hosts::{self, HostRow};
use clocher_storage::{actors, follows};
use clocher_tests::impostor::Asked;
use clocher_tests::request::Request;
use clocher_tests::stage::{Stage, activity, assert_same, dump, each_storage, note};
use clocher_tests::{Ways, actor_at};
use serde_json::{Value, json};

const COVERED: &str = r#""@method" "@target-uri" "content-digest""#;

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

fn now(stage: &Stage) -> i64 {
    stage.net.clock.now().seconds()
}

/// Bob's request to join, signed after RFC 9421.
fn genuine(stage: &Stage, number: u32) -> Request {
    let signer = stage.honest.signer(&format!("{}#main-key", stage.bob));
    let body = follow(stage, &stage.bob, number).to_string();
    let inbox = stage.alpha().site().shared_inbox();
    Request::signed_in(Form::Rfc9421, &signer, &inbox, body.as_bytes(), now(stage))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s03_s47_a_message_is_signed_whole_once_and_in_time_or_refused() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let sign = |text: &[u8]| stage.honest.key.sign(text).unwrap();
    let key_id = format!(r#"keyid="{}#main-key""#, stage.bob);
    let at = now(&stage);
    let request = || genuine(&stage, 1);
    let over = |covered: &str| request().sign_message(sign, covered, &format!(";created={at};{key_id}"));
    let with = |params: String| request().sign_message(sign, COVERED, &params);

    for covered in [
        r#""@target-uri" "content-digest""#,
        r#""@method" "content-digest""#,
        r#""@method" "@authority" "content-digest""#,
        r#""@method" "@path" "content-digest""#,
        r#""@method" "@target-uri""#,
    ] {
        unverified(&stage, &over(covered), "signature_not_covered").await;
    }
    unverified(&stage, &with(format!(";{key_id}")), "signature_not_covered").await;
    unverified(&stage, &with(format!(";created={};{key_id}", at + 2 * 3600)), "signature_future").await;
    unverified(&stage, &with(format!(";created={};{key_id}", at - 13 * 3600)), "signature_expired").await;
    let past = with(format!(";created={};expires={};{key_id}", at - 60, at - 5));
    unverified(&stage, &past, "signature_expired").await;
    for alg in ["ed25519", "hmac-sha256", "ecdsa-p256-sha256", "rsa-sha256", "none"] {
        let named = with(format!(";created={at};{key_id};alg=\"{alg}\""));
        unverified(&stage, &named, "signature_algorithm").await;
    }
    let as_pss = with(format!(";created={at};{key_id};alg=\"rsa-pss-sha512\""));
    unverified(&stage, &as_pss, "signature_wrong").await;
    // Two labels, of which one is good.
    let good = over(COVERED);
    let second = |name: &str| format!("{}, bad={}", good.get(name), good.get(name).replacen("hand=", "", 1));
    let two = good
        .clone()
        .set("signature-input", &second("signature-input"))
        .set("signature", &format!("{}, bad=:AAAA:", good.get("signature")));
    unverified(&stage, &two, "signature_several").await;
    // Beside a signature after the draft that is good.
    let draft = stage.honest.request(
        &*stage.net.clock,
        &stage.bob,
        &stage.alpha().site().shared_inbox(),
        &follow(&stage, &stage.bob, 1),
    );
    let mut both = over(COVERED);
    both.lines.extend(draft.lines.iter().filter(|(name, _)| name == "date" || name == "digest").cloned());
    let signature = format!("{}, {}", draft.get("signature"), good.get("signature"));
    unverified(&stage, &both.clone().set("signature", &signature), "signature_malformed").await;
    both.lines.push(("signature".into(), draft.get("signature").to_owned()));
    unverified(&stage, &both, "signature_duplicate").await;
    // Another body, under the old digest and under its own.
    unverified(&stage, &request().body("{}"), "digest_mismatch").await;
    let forged = follow(&stage, &stage.mallory.person("mallory"), 1).to_string();
    let other = stage.mallory.signer(&format!("{}#main-key", stage.bob));
    let inbox = stage.alpha().site().shared_inbox();
    let digest = Request::signed_in(Form::Rfc9421, &other, &inbox, forged.as_bytes(), at);
    let swapped = request().body(&forged).set("content-digest", digest.get("content-digest"));
    unverified(&stage, &swapped, "signature_wrong").await;
    unverified(&stage, &digest, "signature_wrong").await;
    unverified(&stage, &request().without("content-digest"), "signature_header_absent").await;

    // By hand and whole, it is taken.
    assert!(!is_member(&stage, &stage.bob).await);
    assert_eq!(over(COVERED).send(stage.net.address).await.0, 202);
    assert!(is_member(&stage, &stage.bob).await);
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s49_a_replayed_message_is_processed_once_and_nowhere_else() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let request = genuine(&stage, 1);
        unverified(&stage, &request.clone().to("/c/velo/inbox"), "signature_wrong").await;
        let beta = dump(stage.beta()).await;
        let to_beta = request.clone().set("host", stage.beta().site().domain());
        assert_eq!(to_beta.send(stage.net.address).await, (401, "signature_wrong".to_owned()));
        assert_same(&beta, &dump(stage.beta()).await, "a request to another host");

        assert_eq!(request.send(stage.net.address).await.0, 202);
        assert!(is_member(&stage, &stage.bob).await);
        let undo =
            activity("Undo", &stage.bob, &format!("{}/undo", stage.bob), &follow(&stage, &stage.bob, 1));
        assert_eq!(stage.send(&stage.honest, stage.alpha(), &undo).await, 202);
        stage.net.settle().await;
        let before = dump(stage.alpha()).await;
        assert_eq!(request.send(stage.net.address).await.0, 202);
        stage.net.settle().await;
        assert_same(&before, &dump(stage.alpha()).await, "a replay");
        // Half a day later it is not even read.
        stage.net.clock.advance(13 * HOUR);
        unverified(&stage, &request, "signature_expired").await;
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ed25519_key_signs_for_whoever_lists_it() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let pair = Ed25519Key::generate().unwrap();
    let id = stage.mallory.at("/u/ed");
    let multikey = json!([{ "id": format!("{id}#ed"), "type": "Multikey", "controller": id, "publicKeyMultibase": pair.multibase() }]);
    stage.mallory.actor("Person", "/u/ed", "ed", json!({ "assertionMethod": multikey }));
    let by = |actor: &str, pair: &Ed25519Key, number: u32| {
        let signer = stage.mallory.signer("https://unused.example/key");
        let body = follow(&stage, actor, number).to_string();
        let inbox = stage.alpha().site().shared_inbox();
        Request::signed_in(Form::Rfc9421, &signer, &inbox, body.as_bytes(), now(&stage)).sign_message(
            |text| pair.sign(text),
            COVERED,
            &format!(";created={};keyid=\"{actor}#ed\"", now(&stage)),
        )
    };
    let stranger = Ed25519Key::generate().unwrap();
    unverified(&stage, &by(&id, &stranger, 1), "signature_wrong").await;
    // Nobody else's key, also not under the name of one who lists none.
    unverified(&stage, &by(&stage.bob, &pair, 1), "unverified").await;
    assert_eq!(by(&id, &pair, 1).send(stage.net.address).await.0, 202);
    assert!(is_member(&stage, &id).await);
    // It is known now, and not asked for again.
    stage.net.settle().await;
    stage.mallory.forget();
    assert_eq!(by(&id, &pair, 2).send(stage.net.address).await.0, 202);
    assert!(stage.mallory.asked().is_empty(), "{:?}", stage.mallory.asked());
    stage.clear().await;
}

async fn host_row(stage: &Stage, host: &str) -> Option<HostRow> {
    let host = host.to_owned();
    stage.alpha().read(move |conn| hosts::find(conn, &host)).await.unwrap()
}

/// The forms of the requests of that kind that came to honest.test, in order.
fn forms(stage: &Stage, method: &str) -> Vec<Option<Form>> {
    stage.honest.requests().iter().filter(|asked| asked.method == method).map(Asked::form).collect()
}

/// The signature of a request is that of the actor which its key names.
async fn assert_signed(stage: &Stage, asked: &Asked) {
    let origin = format!("http://{}", stage.honest.host);
    let parsed = IncomingSignature::parse(&asked.method, &asked.target, &asked.headers, now(stage), &origin);
    let parsed = parsed.unwrap().check_body(asked.body.as_bytes()).unwrap();
    let key_id = parsed.key_id().to_owned();
    let owner = stage.alpha().read(move |conn| actors::find_by_key_id(conn, &key_id)).await.unwrap().unwrap();
    parsed.verify(&PublicKey::from_pem(&owner.public_key_pem).unwrap()).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_takes_rfc_9421_only_is_knocked_at_twice_once() {
    for ways in each_storage() {
        let mut stage = Stage::set(ways).await;
        stage.honest.understands_only(Some(Form::Rfc9421));
        // Bob joins, and is told so.
        assert_eq!(genuine(&stage, 1).send(stage.net.address).await.0, 202);
        stage.net.settle().await;
        assert_eq!(forms(&stage, "POST"), [Some(Form::Cavage), Some(Form::Rfc9421)]);
        let accept = stage.honest.requests().into_iter().rfind(|asked| asked.method == "POST").unwrap();
        assert!(accept.body.contains("Accept"), "{accept:?}");
        assert_signed(&stage, &accept).await;
        assert!(host_row(&stage, &stage.honest.host).await.unwrap().rfc9421);

        // What is asked of it, and what is sent later, also after a restart, begins with what it takes.
        stage.honest.forget();
        let carol = stage.honest.person("carol");
        stage.net.find(stage.alpha(), &carol).await.unwrap();
        assert_eq!(forms(&stage, "GET"), [Some(Form::Rfc9421)]);
        assert_signed(&stage, &stage.honest.requests()[0]).await;
        stage.net.restart().await;
        assert_eq!(genuine(&stage, 2).send(stage.net.address).await.0, 202);
        stage.net.settle().await;
        assert_eq!(forms(&stage, "POST"), [Some(Form::Rfc9421)]);

        // It changes its mind: the other form is tried, once, and what is known of it forgotten.
        stage.honest.forget();
        stage.honest.understands_only(Some(Form::Cavage));
        for number in [3, 4] {
            assert_eq!(genuine(&stage, number).send(stage.net.address).await.0, 202);
            stage.net.settle().await;
        }
        let (cavage, rfc9421) = (Some(Form::Cavage), Some(Form::Rfc9421));
        assert_eq!(forms(&stage, "POST"), [rfc9421, cavage, cavage]);
        assert!(!host_row(&stage, &stage.honest.host).await.unwrap().rfc9421);
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_asked_of_a_server_that_takes_rfc_9421_only_is_signed_so_and_leaves_no_trace() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    stage.honest.understands_only(Some(Form::Rfc9421));
    let before = dump(stage.alpha()).await;
    // A signature of mallory's in the name of a person whose document can only be had so.
    let carol = stage.honest.person("carol");
    let inbox = stage.alpha().site().shared_inbox();
    let forged = stage.mallory.request(&*stage.net.clock, &carol, &inbox, &follow(&stage, &carol, 1));
    unverified(&stage, &forged, "signature_wrong").await;
    assert_eq!(forms(&stage, "GET"), [Some(Form::Cavage), Some(Form::Rfc9421)]);
    assert_same(&before, &dump(stage.alpha()).await, "a question in two forms");
    // It is kept in mind all the same.
    stage.honest.forget();
    stage.honest.serve(&note(&carol, &stage.honest.at("/n/1"), "<p>Salut</p>"));
    stage.net.find(stage.alpha(), &carol).await.unwrap();
    assert_eq!(forms(&stage, "GET"), [Some(Form::Rfc9421)]);
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_refuses_both_forms_is_not_knocked_at_twice_again() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    stage.honest.answer_next(&[401, 401, 401]);
    assert_eq!(genuine(&stage, 1).send(stage.net.address).await.0, 202);
    stage.net.settle().await;
    // Two refusals in the first attempt, one in the second; the third arrives, as it always did.
    let (cavage, rfc9421) = (Some(Form::Cavage), Some(Form::Rfc9421));
    assert_eq!(forms(&stage, "POST"), [cavage, rfc9421, cavage, cavage]);
    assert!(!host_row(&stage, &stage.honest.host).await.is_some_and(|row| row.rfc9421));

    // What is refused as malformed in both forms is refused for good, at once.
    stage.honest.forget();
    stage.honest.answer_all(400, None);
    assert_eq!(genuine(&stage, 2).send(stage.net.address).await.0, 202);
    stage.net.settle().await;
    assert_eq!(forms(&stage, "POST"), [cavage]);
    let queues = queue::list(stage.alpha(), 10).await.unwrap();
    let refused: Vec<_> = queues.deliveries.iter().filter(|row| row.state == "refused").collect();
    assert_eq!(refused.len(), 1, "{queues:?}");
    assert_eq!(refused[0].last_error.as_deref(), Some("status 400"));
    stage.clear().await;
}
