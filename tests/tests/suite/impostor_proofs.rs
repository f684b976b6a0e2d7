//! What its actor has proved is the actor's word, whoever passes it on; what is proved wrongly is nobody's.

#![expect(clippy::unwrap_used, reason = "a test whose stage does not stand cannot go on")]

use clocher_app::{App, posting, voting};
use clocher_domain::vote::Vote as Choice;
use clocher_federation::transport::keys::ed25519_from_multibase;
use clocher_federation::transport::proof::prove;
use clocher_federation::transport::{Ed25519Key, Proof};
use clocher_storage::actors::ActorRow;
use clocher_tests::impostor::{assertion_method, proof_key_id, with};
use clocher_tests::request::Request;
use clocher_tests::stage::{Stage, activity, assert_same, dump, each_storage, note};
use clocher_tests::{Ways, actor_at, post_at, thread};
use serde_json::{Value, json};

/// Alice of alpha follows mallory's group.
async fn followed(stage: &Stage) -> ActorRow {
    stage.follow_group(&stage.alice().await, &stage.mallory, "foule").await
}

fn announce(group: &ActorRow, number: u32, object: &Value) -> Value {
    activity("Announce", &group.ap_id, &format!("{}/announce/{number}", group.ap_id), object)
}

/// The group announces something to alpha: the status, and the code of the refusal, once alpha has come to rest.
async fn announced(stage: &Stage, group: &ActorRow, number: u32, object: &Value) -> (u16, String) {
    let document = announce(group, number, object);
    let answered = stage.send_as(&stage.mallory, &group.ap_id, stage.alpha(), &document).await;
    stage.net.settle().await;
    answered
}

/// A message of Bob's for that group, which his server does not serve.
fn of_bob(stage: &Stage, group: &ActorRow, path: &str, html: &str) -> Value {
    with(note(&stage.bob, &stage.honest.at(path), html), json!({ "audience": group.ap_id }))
}

fn create(message: &Value) -> Value {
    let (author, id) = (message["attributedTo"].as_str().unwrap(), message["id"].as_str().unwrap());
    activity("Create", author, &format!("{id}/create"), message)
}

/// An activity of an actor of honest.test, proved.
fn proved(stage: &Stage, activity: &Value) -> Value {
    stage.honest.proved(&*stage.net.clock, activity)
}

async fn html(app: &App, message: &Value) -> Option<String> {
    post_at(app, message["id"].as_str().unwrap()).await.map(|post| post.html)
}

async fn velo(stage: &Stage) -> ActorRow {
    actor_at(stage.alpha(), &stage.alpha().site().community("velo")).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s42_what_its_author_proved_is_recorded_edited_and_deleted_without_asking_anybody() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let group = followed(&stage).await;
        let message = of_bob(&stage, &group, "/post/1", "<p>Vrai.</p>");
        assert_eq!(announced(&stage, &group, 1, &proved(&stage, &create(&message))).await.0, 202);
        let post = post_at(stage.alpha(), message["id"].as_str().unwrap()).await.unwrap();
        assert_eq!((post.html.as_str(), post.home_id), ("<p>Vrai.</p>", Some(group.id)));
        let edited =
            with(message.clone(), json!({ "content": "<p>Mieux.</p>", "updated": "2026-01-03T00:00:00Z" }));
        let update = activity("Update", &stage.bob, &stage.honest.at("/update/1"), &edited);
        assert_eq!(announced(&stage, &group, 2, &proved(&stage, &update)).await.0, 202);
        assert_eq!(html(stage.alpha(), &message).await.as_deref(), Some("<p>Mieux.</p>"));
        // Another community passes on what the message was at first.
        let club = stage
            .follow_group(&clocher_tests::person(stage.alpha(), "carla").await, &stage.mallory, "club")
            .await;
        announced(&stage, &club, 11, &proved(&stage, &create(&message))).await;
        assert_eq!(html(stage.alpha(), &message).await.as_deref(), Some("<p>Mieux.</p>"));
        let delete = activity("Delete", &stage.bob, &stage.honest.at("/delete/1"), &message["id"]);
        assert_eq!(announced(&stage, &group, 3, &proved(&stage, &delete)).await.0, 202);
        assert!(post_at(stage.alpha(), &post.ap_id).await.unwrap().deleted_at.is_some());
        // What comes late, of what is deleted, stays deleted.
        assert_eq!(announced(&stage, &group, 4, &proved(&stage, &update)).await.0, 202);
        assert_eq!(html(stage.alpha(), &message).await.as_deref(), Some(""));
        assert!(stage.honest.asked().is_empty(), "{:?}", stage.honest.asked());
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s43_a_proved_message_does_not_wait_for_its_server() {
    let mut stage = Stage::set(Ways::SqliteHttp).await;
    let group = followed(&stage).await;
    stage.honest.fall_silent().await;
    let message = of_bob(&stage, &group, "/post/1", "<p>Vrai.</p>");
    assert_eq!(announced(&stage, &group, 1, &proved(&stage, &create(&message))).await.0, 202);
    assert_eq!(html(stage.alpha(), &message).await.as_deref(), Some("<p>Vrai.</p>"));
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s42_only_the_key_of_an_unknown_author_is_asked_for() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let group = followed(&stage).await;
    let carol = stage.honest.person("carol");
    let message = with(of_bob(&stage, &group, "/post/1", "<p>Vrai.</p>"), json!({ "attributedTo": carol }));
    assert_eq!(announced(&stage, &group, 1, &proved(&stage, &create(&message))).await.0, 202);
    assert_eq!(html(stage.alpha(), &message).await.as_deref(), Some("<p>Vrai.</p>"));
    assert_eq!(stage.honest.asked(), ["/u/carol"]);
    // Nothing is kept of whoever proves wrongly.
    let before = dump(stage.alpha()).await;
    let dave = stage.honest.person("dave");
    let other = with(message, json!({ "id": stage.honest.at("/post/2"), "attributedTo": dave }));
    let altered = with(proved(&stage, &create(&other)), json!({ "summary": "more" }));
    assert_eq!(announced(&stage, &group, 2, &altered).await.0, 202);
    assert_same(&before, &dump(stage.alpha()).await, "a proof that does not fit");
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s45_what_is_proved_wrongly_is_refused_with_its_reason_and_not_taken_for_a_hint() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let group = followed(&stage).await;
    let message = of_bob(&stage, &group, "/post/1", "<p>Vrai.</p>");
    // It could be fetched, were the proof taken for none.
    stage.honest.serve(&message);
    let good = proved(&stage, &create(&message));
    let altered =
        with(good.clone(), json!({ "object": with(message.clone(), json!({ "content": "<p>Faux.</p>" })) }));

    // The first time Bob might have another key: he is asked, once.
    let before = dump(stage.alpha()).await;
    assert_eq!(announced(&stage, &group, 1, &altered).await.0, 202);
    assert_eq!(stage.honest.asked(), ["/u/bob"]);
    assert_same(&before, &dump(stage.alpha()).await, "an altered message");

    let now = stage.alpha().now().seconds();
    let by = |key: &Ed25519Key, method: &str| prove(create(&message), key, method, now).unwrap();
    let mallory = stage.mallory.person("mallory");
    let proof = |fields: Value| with(good.clone(), json!({ "proof": with(good["proof"].clone(), fields) }));
    for (number, (code, document)) in [
        ("proof_wrong", altered.clone()),
        ("proof_wrong", with(good.clone(), json!({ "cc": [mallory] }))),
        ("proof_wrong", by(&stage.mallory.proof_key, &proof_key_id(&stage.bob))),
        ("proof_key", by(&stage.mallory.proof_key, &proof_key_id(&mallory))),
        ("proof_key", by(&stage.honest.proof_key, &format!("{}#other", stage.bob))),
        ("proof_several", with(good.clone(), json!({ "proof": [good["proof"], good["proof"]] }))),
        ("proof_purpose", proof(json!({ "proofPurpose": "authentication" }))),
        ("proof_future", prove(create(&message), &stage.honest.proof_key, "x", now + 3_700).unwrap()),
        ("proof_expired", proof(json!({ "expires": "2026-01-01T00:00:00Z" }))),
        ("proof_malformed", proof(json!({ "proofValue": "z1" }))),
        ("proof_context", proof(json!({ "@context": "https://other.test/" }))),
        ("json_inexact", with(good.clone(), json!({ "likes": -0.0 }))),
        ("forged", proved(&stage, &with(create(&message), json!({ "id": stage.mallory.at("/create/1") })))),
    ]
    .into_iter()
    .enumerate()
    {
        let answered = announced(&stage, &group, 10 + u32::try_from(number).unwrap(), &document).await;
        assert_eq!(answered, (403, code.to_owned()), "{document}");
    }
    assert_same(&before, &dump(stage.alpha()).await, "a wrong proof");
    assert_eq!(stage.honest.asked(), ["/u/bob"], "nobody else is asked, and Bob once");

    // Of another suite, it is none: what is embedded is a hint.
    let unknown = with(altered["proof"].clone(), json!({ "cryptosuite": "eddsa-rdfc-2022" }));
    assert_eq!(announced(&stage, &group, 30, &with(altered, json!({ "proof": unknown }))).await.0, 202);
    assert_eq!(html(stage.alpha(), &message).await.as_deref(), Some("<p>Vrai.</p>"));
    assert_eq!(stage.honest.asked(), ["/u/bob", "/post/1"]);
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s45_a_proof_older_than_our_memory_of_activities_is_none() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let group = followed(&stage).await;
    let message = of_bob(&stage, &group, "/post/1", "<p>Vieux.</p>");
    let old = stage.alpha().now().seconds() - 91 * 24 * 3_600;
    let proof = prove(create(&message), &stage.honest.proof_key, &proof_key_id(&stage.bob), old).unwrap();
    assert_eq!(announced(&stage, &group, 1, &proof).await.0, 202);
    assert_eq!(html(stage.alpha(), &message).await, None, "it is not on its server");
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s41_what_somebody_proves_of_a_message_of_another_is_a_hint() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let group = followed(&stage).await;
    let mallory = stage.mallory.person("mallory");
    let message = of_bob(&stage, &group, "/post/1", "<p>Vrai.</p>");
    stage.honest.serve(&message);
    let forged = with(message.clone(), json!({ "content": "<p>Faux.</p>" }));
    let by_mallory = |kind: &str, object: &Value| {
        let activity = activity(kind, &mallory, &stage.mallory.at(&format!("/{kind}")), object);
        stage.mallory.proved(&*stage.net.clock, &activity)
    };
    for (number, kind) in [(1, "Create"), (2, "Update")] {
        assert_eq!(announced(&stage, &group, number, &by_mallory(kind, &forged)).await.0, 202);
        assert_eq!(html(stage.alpha(), &message).await.as_deref(), Some("<p>Vrai.</p>"));
    }
    assert_eq!(announced(&stage, &group, 3, &by_mallory("Delete", &message["id"])).await.0, 202);
    assert_eq!(html(stage.alpha(), &message).await.as_deref(), Some("<p>Vrai.</p>"));
    // Nor is it hers because she says so of a message on Bob's server.
    let taken = with(forged, json!({ "id": stage.honest.at("/post/2"), "attributedTo": mallory }));
    announced(&stage, &group, 4, &by_mallory("Create", &taken)).await;
    assert_eq!(html(stage.alpha(), &taken).await, None);
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s23_what_is_processed_is_what_was_verified() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let group = followed(&stage).await;
    let message = of_bob(&stage, &group, "/post/1", "<p>Vrai.</p>");
    let honest = announce(&group, 1, &proved(&stage, &create(&message))).to_string();
    let send = async |body: String| {
        let signer = stage.mallory.signer(&format!("{}#main-key", group.ap_id));
        let now = stage.alpha().now().seconds();
        let inbox = stage.alpha().site().shared_inbox();
        Request::signed(&signer, &inbox, body.as_bytes(), now).send(stage.net.address).await
    };
    // A second member of the same name, which one parser takes and the other does not.
    let text = "\"content\":\"<p>Vrai.</p>\"";
    assert!(honest.contains(text));
    let before = dump(stage.alpha()).await;
    for twice in
        [format!("{text},\"content\":\"<p>Faux.</p>\""), format!("\"c\\u006fntent\":\"<p>Faux.</p>\",{text}")]
    {
        let answered = send(honest.replace(text, &twice)).await;
        assert_eq!(answered, (400, "json_duplicate_key".to_owned()));
    }
    assert_same(&before, &dump(stage.alpha()).await, "a member given twice");
    // Written otherwise it says the same, and is what was proved.
    assert_eq!(send(honest.replace("Vrai", "\\u0056rai").replace("\"Note\"", " \"Note\" ")).await.0, 202);
    assert_eq!(html(stage.alpha(), &message).await.as_deref(), Some("<p>Vrai.</p>"));
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s05_what_is_forwarded_counts_where_its_actor_proved_it_and_is_not_verified_else() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let (home, mallory) = (velo(&stage).await, stage.mallory.person("mallory"));
        let message = of_bob(&stage, &home, "/post/1", "<p>Bonjour.</p>");
        let plain = create(&message);
        let forwarded =
            async |document: &Value| stage.send_as(&stage.mallory, &mallory, stage.alpha(), document).await;
        let before = dump(stage.alpha()).await;
        let altered = with(proved(&stage, &plain), json!({ "summary": "more" }));
        let follow = activity("Follow", &stage.bob, &stage.honest.at("/follow/1"), &json!(home.ap_id));
        let undo = activity("Undo", &stage.bob, &stage.honest.at("/undo/1"), &follow);
        let profile = json!({ "id": stage.bob, "type": "Person", "name": "Mallory" });
        let update = activity("Update", &stage.bob, &stage.honest.at("/update/1"), &profile);
        let gone = activity("Delete", &stage.bob, &stage.honest.at("/delete/1"), &json!(stage.bob));
        for document in [&plain, &follow, &undo, &update] {
            assert_eq!(forwarded(document).await, (401, "unverified".to_owned()), "{document}");
        }
        // What an actor asks for or says of itself comes from its own server alone.
        for document in [&follow, &undo, &update] {
            assert_eq!(forwarded(&proved(&stage, document)).await.0, 401, "{document}");
        }
        // Of whoever is not known, the end of somebody is nothing; of whoever is, it is not verified.
        assert_eq!(forwarded(&proved(&stage, &gone)).await.0, 202);
        assert_eq!(forwarded(&altered).await, (403, "proof_wrong".to_owned()));
        assert_same(&before, &dump(stage.alpha()).await, "what was forwarded without a proof that fits");

        assert_eq!(forwarded(&proved(&stage, &plain)).await.0, 202);
        assert_eq!(forwarded(&proved(&stage, &gone)).await.0, 401);
        stage.net.settle().await;
        let post = post_at(stage.alpha(), message["id"].as_str().unwrap()).await.unwrap();
        assert_eq!(post.home_id, Some(home.id));
        // An old edit does not undo a newer one, and one without a date may be old.
        let edit = |number: u32, fields: Value| {
            let id = stage.honest.at(&format!("/edit/{number}"));
            proved(&stage, &activity("Update", &stage.bob, &id, &with(message.clone(), fields)))
        };
        let newer = edit(1, json!({ "content": "<p>Mieux.</p>", "updated": "2026-01-05T00:00:00Z" }));
        let older = edit(2, json!({ "content": "<p>Avant.</p>", "updated": "2026-01-04T00:00:00Z" }));
        let undated = edit(3, json!({ "content": "<p>Avant.</p>" }));
        for (document, status) in
            [(&newer, 202), (&older, 202), (&undated, 401), (&proved(&stage, &plain), 202)]
        {
            assert_eq!(forwarded(document).await.0, status, "{document}");
            assert_eq!(html(stage.alpha(), &message).await.as_deref(), Some("<p>Mieux.</p>"), "{document}");
        }
        // Of whoever is not known, the key is asked for.
        let carol = stage.honest.person("carol");
        let like = activity("Like", &carol, &stage.honest.at("/like/1"), &message["id"]);
        let unlike = activity("Undo", &carol, &stage.honest.at("/undo/2"), &like);
        for (document, likes) in [(&like, 1), (&like, 1), (&unlike, 0), (&like, 0)] {
            assert_eq!(forwarded(&proved(&stage, document)).await.0, 202);
            assert_eq!(post_at(stage.alpha(), &post.ap_id).await.unwrap().likes, likes, "{document}");
        }
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s65_a_proved_vote_counts_once_and_only_by_its_home() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let group = followed(&stage).await;
    let message = of_bob(&stage, &group, "/post/1", "<p>Bonjour.</p>");
    announced(&stage, &group, 1, &proved(&stage, &create(&message))).await;
    let id = message["id"].as_str().unwrap();
    let carol = stage.honest.person("carol");
    stage.net.find(stage.alpha(), &carol).await.unwrap();
    stage.honest.forget();
    let like = activity("Like", &carol, &stage.honest.at("/like/1"), &json!(id));
    let wrong = with(proved(&stage, &like), json!({ "type": "Dislike" }));
    announced(&stage, &group, 2, &wrong).await;
    assert_eq!(announced(&stage, &group, 3, &wrong).await, (403, "proof_wrong".to_owned()));
    let counts = async || {
        let post = post_at(stage.alpha(), id).await.unwrap();
        (post.likes, post.dislikes)
    };
    assert_eq!(counts().await, (0, 0));
    stage.honest.forget();
    for number in [4, 5] {
        assert_eq!(announced(&stage, &group, number, &proved(&stage, &like)).await.0, 202);
        assert_eq!(counts().await, (1, 0));
    }
    let undo = activity("Undo", &carol, &stage.honest.at("/undo/1"), &like);
    assert_eq!(announced(&stage, &group, 6, &proved(&stage, &undo)).await.0, 202);
    assert_eq!(counts().await, (0, 0));
    // A voter whom nobody knows is counted on the home's word, and not asked for.
    let dave = activity("Like", &stage.honest.at("/u/dave"), &stage.honest.at("/like/2"), &json!(id));
    assert_eq!(announced(&stage, &group, 7, &proved(&stage, &dave)).await.0, 202);
    assert_eq!(counts().await, (1, 0));
    assert!(stage.honest.asked().is_empty(), "{:?}", stage.honest.asked());

    // Another group passes on in vain what is not its own.
    let carla = clocher_tests::person(stage.alpha(), "carla").await;
    let club = stage.follow_group(&carla, &stage.honest, "club").await;
    let elsewhere = activity("Like", &stage.bob, &stage.honest.at("/like/3"), &json!(id));
    let passed_on =
        activity("Announce", &club.ap_id, &stage.honest.at("/announce/1"), &proved(&stage, &elsewhere));
    stage.leaves_no_trace(202, &stage.honest, stage.alpha(), &passed_on).await;
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_key_is_asked_for_once_in_five_minutes() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let group = followed(&stage).await;
    let new = Ed25519Key::generate().unwrap();
    let key_id = format!("{}#new-key", stage.bob);
    stage.honest.actor(
        "Person",
        "/u/bob",
        "bob",
        json!({ "assertionMethod": [assertion_method(&stage.bob, &key_id, &new)] }),
    );
    let now = stage.alpha().now().seconds();
    let by_new = |number: u32| {
        let message = of_bob(&stage, &group, &format!("/post/{number}"), "<p>Nouveau.</p>");
        (message.clone(), prove(create(&message), &new, &key_id, now).unwrap())
    };
    for number in [1, 2] {
        let (message, document) = by_new(number);
        assert_eq!(announced(&stage, &group, number, &document).await.0, 202);
        assert_eq!(html(stage.alpha(), &message).await.as_deref(), Some("<p>Nouveau.</p>"));
    }
    assert_eq!(stage.honest.asked(), ["/u/bob"]);
    // The old one counts no more.
    let message = of_bob(&stage, &group, "/post/3", "<p>Ancien.</p>");
    let old = proved(&stage, &create(&message));
    assert_eq!(announced(&stage, &group, 3, &old).await, (403, "proof_key".to_owned()));
    assert_eq!(stage.honest.asked(), ["/u/bob"]);
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_of_a_batch_is_handled_on_its_own_and_a_bad_one_hides_none() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let group = followed(&stage).await;
        let message = |number: u32| of_bob(&stage, &group, &format!("/post/{number}"), "<p>Bonjour.</p>");
        let (first, second, third, fourth) = (message(1), message(2), message(3), message(4));
        stage.honest.serve(&third);
        stage.honest.serve(&fourth);
        let vote = |name: &str| {
            let voter = stage.honest.at(&format!("/u/{name}"));
            activity("Like", &voter, &format!("{voter}/like"), &first["id"])
        };
        let altered = with(proved(&stage, &create(&second)), json!({ "summary": "more" }));
        let batch = json!([
            proved(&stage, &create(&first)),
            altered,
            json!(7),
            { "type": "Create" },
            vote("dave"),
            vote("erin"),
            create(&third),
            third["id"],
            fourth["id"],
            stage.honest.at("/nothing"),
        ]);
        for number in [1, 1, 2] {
            assert_eq!(announced(&stage, &group, number, &batch).await.0, 202);
            for good in [&first, &third, &fourth] {
                assert_eq!(html(stage.alpha(), good).await.as_deref(), Some("<p>Bonjour.</p>"), "{good}");
            }
            assert_eq!(html(stage.alpha(), &second).await, None);
            assert_eq!(post_at(stage.alpha(), first["id"].as_str().unwrap()).await.unwrap().likes, 2);
        }
        // At most fifty are looked at, and where all are bad the batch is.
        let many: Vec<_> = (100..160).map(|number| proved(&stage, &create(&message(number)))).collect();
        assert_eq!(announced(&stage, &group, 3, &json!(many)).await.0, 202);
        assert!(html(stage.alpha(), &message(149)).await.is_some());
        assert_eq!(html(stage.alpha(), &message(150)).await, None);
        assert_eq!(announced(&stage, &group, 4, &json!([7, { "type": "Create" }])).await.0, 400);
        stage.clear().await;
    }
}

/// Whether a document bears the proof of an actor, with the key that it has here.
async fn is_proved_by(stage: &Stage, document: &Value, actor: &str) -> bool {
    let row = actor_at(stage.alpha(), actor).await.unwrap();
    let key = ed25519_from_multibase(&row.ed25519_public.unwrap()).unwrap();
    let proof = Proof::read(document, stage.alpha().now().seconds()).unwrap().unwrap();
    assert_eq!(proof.method(), format!("{actor}#ed25519-key"));
    assert_eq!(document["actor"], actor);
    proof.verify(&key).is_ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_that_goes_out_is_proved_and_what_is_passed_on_is_not_altered() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let (home, alice) = (velo(&stage).await, stage.alice().await);
    let watcher = stage.honest.group("watcher");
    let join = activity("Follow", &watcher, &stage.honest.at("/follow/w"), &json!(home.ap_id));
    assert_eq!(stage.send(&stage.honest, stage.alpha(), &join).await, 202);
    let top = posting::write(stage.alpha(), thread(&alice, &home, "Le pont", "Fermé.")).await.unwrap();
    posting::edit(stage.alpha(), alice.id, top.id, Some("Le pont".into()), "Ouvert.".into()).await.unwrap();
    let administrator = actor_at(stage.alpha(), &stage.alpha().site().person("mairie")).await.unwrap();
    voting::vote(stage.alpha(), administrator.id, top.id, Some(Choice::Like)).await.unwrap();
    voting::vote(stage.alpha(), administrator.id, top.id, None).await.unwrap();
    let message = of_bob(&stage, &home, "/post/1", "<p>Bonjour.</p>");
    let foreign = proved(&stage, &create(&message));
    assert_eq!(stage.send(&stage.honest, stage.alpha(), &foreign).await, 202);
    stage.net.settle().await;

    let told = stage.honest.activities();
    let mut announced = Vec::new();
    for document in &told {
        assert!(is_proved_by(&stage, document, document["actor"].as_str().unwrap()).await, "{document}");
        if document["type"] == "Announce" {
            let inner = &document["object"];
            announced.push(inner["type"].as_str().unwrap().to_owned());
            if inner["actor"] != stage.bob.as_str() {
                assert!(is_proved_by(&stage, inner, inner["actor"].as_str().unwrap()).await, "{inner}");
            }
        }
    }
    announced.sort();
    assert_eq!(announced, ["Create", "Create", "Like", "Undo", "Update"], "{told:#?}");
    let passed_on = told.iter().find(|one| one["object"]["actor"] == stage.bob.as_str()).unwrap();
    assert_eq!(passed_on["object"], foreign, "as it came");
    stage.clear().await;
}
