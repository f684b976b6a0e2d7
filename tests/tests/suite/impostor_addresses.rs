//! Addresses that programs read differently: blanks, line ends, names before an `@`, fragments. Wherever they stand in
//! what arrives, nobody is asked for them, and nothing is stored under them.
#![expect(clippy::unwrap_used, reason = "a test whose stage does not stand cannot go on")]

use clocher_app::Clock;
use clocher_storage::actors::ActorRow;
use clocher_tests::impostor::with;
use clocher_tests::request::Request;
use clocher_tests::stage::{Stage, activity, assert_same, dump, each_storage, note};
use clocher_tests::{Ways, actor_at, post_at};
use serde_json::{Value, json};
use std::net::TcpListener;

/// The community of alpha.
async fn velo(stage: &Stage) -> ActorRow {
    actor_at(stage.alpha(), &stage.alpha().site().community("velo")).await.unwrap()
}

/// An address of mallory's, that of somebody else of any host beside it, written so that readers may disagree.
fn doubtful(stage: &Stage, path: &str) -> Vec<String> {
    let (host, honest) = (&stage.mallory.host, &stage.honest.host);
    vec![
        format!("http://{host}{path}\r\nX-Forged: yes"),
        format!("http://{host}{path}\n"),
        format!("\thttp://{host}{path}"),
        format!(" http://{host}{path} "),
        format!("http://mal\tlory.test:{}{path}", stage.mallory.address.port()),
        format!("http://{host}{path}\tx"),
        format!("http://{host}{path} x"),
        format!("http://{host}\\{path}"),
        format!("http:\\\\{host}{path}"),
        format!("http://{host}\u{a0}{path}"),
        format!("http://{host}{path}\u{202e}x"),
        format!("http://{host}{path}\u{200b}"),
        format!("http://{honest}@{host}{path}"),
        format!("http://:{honest}@{host}{path}"),
        format!("http://{host}{path}?{}", "x".repeat(4_000)),
    ]
}

/// The activities are refused, or mean nothing, and neither leave a trace nor have anybody asked.
async fn come_to_nothing(stage: &Stage, documents: &[Value], what: &str) {
    let before = dump(stage.alpha()).await;
    stage.honest.forget();
    stage.mallory.forget();
    for document in documents {
        let status = stage.send(&stage.mallory, stage.alpha(), document).await;
        assert!(matches!(status, 202 | 400 | 401 | 403), "{status}: {document}");
    }
    stage.net.settle().await;
    assert_same(&before, &dump(stage.alpha()).await, what);
    let (asked, elsewhere) = (stage.mallory.asked(), stage.honest.asked());
    assert!(asked.is_empty() && elsewhere.is_empty(), "{what}: {asked:?}, {elsewhere:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s16_nothing_is_stored_under_an_address_that_readers_read_differently() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let mallory = stage.mallory.person("mallory");
        stage.net.find(stage.alpha(), &mallory).await.unwrap();
        let home = velo(&stage).await.ap_id;
        let message = |id: &str| with(note(&mallory, id, "<p>Bonjour.</p>"), json!({ "audience": home }));
        let own = stage.mallory.at("/post/1");
        for id in doubtful(&stage, "/x") {
            let act = |number: usize| stage.mallory.at(&format!("/act/{number}"));
            // As the id of an activity, and of a message.
            let mut documents = vec![
                activity("Follow", &mallory, &id, &json!(home)),
                activity("Create", &mallory, &id, &message(&own)),
                activity("Create", &mallory, &act(0), &message(&id)),
            ];
            // As who wrote it, as its community, as what it answers.
            let fields = ["attributedTo", "audience", "inReplyTo"].into_iter().enumerate();
            documents.extend(fields.map(|(number, field)| {
                activity("Create", &mallory, &act(10 + number), &with(message(&own), json!({ field: id })))
            }));
            // As what is liked, deleted and so on.
            let kinds = ["Like", "Delete", "Undo", "Announce", "Update", "Accept", "Follow", "Flag"];
            let kinds = kinds.into_iter().enumerate();
            documents
                .extend(kinds.map(|(number, kind)| activity(kind, &mallory, &act(20 + number), &json!(id))));
            come_to_nothing(&stage, &documents, &id).await;
        }
        // The rest of what was tried is as good as any.
        let create = activity("Create", &mallory, &stage.mallory.at("/create/1"), &message(&own));
        assert_eq!(stage.send(&stage.mallory, stage.alpha(), &create).await, 202);
        assert!(post_at(stage.alpha(), &own).await.is_some());
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s16_what_stands_behind_a_fragment_names_no_host() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let mallory = stage.mallory.person("mallory");
    stage.net.find(stage.alpha(), &mallory).await.unwrap();
    let home = velo(&stage).await.ap_id;
    let (host, honest) = (&stage.mallory.host, &stage.honest.host);
    let message = |id: &str| with(note(&mallory, id, "<p>Faux.</p>"), json!({ "audience": home }));
    // Whatever stands behind it, the host is what stands before.
    for id in [
        format!("http://{honest}#@{host}/post/1"),
        format!("http://{honest}/#http://{host}/post/1"),
        format!("http://{honest}?@{host}/post/1"),
        format!("http://{honest}/@{host}/../post/1"),
        format!("http://{}#@{host}/post/1", stage.alpha().site().domain()),
    ] {
        let create = activity("Create", &mallory, &stage.mallory.at("/create/1"), &message(&id));
        stage.leaves_no_trace(403, &stage.mallory, stage.alpha(), &create).await;
        let create = activity("Create", &mallory, &id, &message(&stage.mallory.at("/post/1")));
        stage.leaves_no_trace(403, &stage.mallory, stage.alpha(), &create).await;
    }
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s16_no_request_is_made_to_an_address_that_readers_read_differently() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let inside = TcpListener::bind("127.0.0.1:0").unwrap();
    inside.set_nonblocking(true).unwrap();
    let port = inside.local_addr().unwrap().port();
    let home = velo(&stage).await.ap_id;
    let group = stage.follow_group(&stage.alice().await, &stage.honest, "club").await;
    let mut addresses = doubtful(&stage, "/u/spy");
    addresses.extend([
        format!("http://{}#@127.0.0.1:{port}/", stage.mallory.host.replace(".test", ".test.")),
        format!("http://127.0.0.1:{port}#@{}/u/spy", stage.mallory.host),
        format!("http://127.0.0.1:{port}/\r\nHost: {}", stage.mallory.host),
        format!("http://127.0.0.1:{port}\t/"),
    ]);
    for (number, address) in addresses.iter().enumerate() {
        // As whose key it is, and as the actor of what is sent.
        stage.mallory.person("spy");
        stage.mallory.forget();
        let before = dump(stage.alpha()).await;
        let (inbox, now) = (stage.alpha().site().shared_inbox(), stage.net.clock.now().seconds());
        let follow = activity("Follow", address, &stage.mallory.at("/follow/1"), &json!(home));
        if !address.contains(['\r', '\n']) {
            let signer = stage.mallory.signer(&format!("{address}#main-key"));
            let request = Request::signed(&signer, &inbox, follow.to_string().as_bytes(), now);
            let (status, _) = request.send(stage.net.address).await;
            assert!(matches!(status, 400 | 401), "{status}: {address}");
        }
        assert!(stage.mallory.asked().is_empty(), "{address}: {:?}", stage.mallory.asked());
        let spy = stage.mallory.at("/u/spy");
        let (status, _) = stage.send_as(&stage.mallory, &spy, stage.alpha(), &follow).await;
        assert!(matches!(status, 400 | 401 | 403), "{status}: {address}");
        // As what a community announces.
        stage.mallory.forget();
        let announce =
            activity("Announce", &group.ap_id, &format!("{}/a/{number}", group.ap_id), &json!(address));
        let status = stage.send(&stage.honest, stage.alpha(), &announce).await;
        assert!(matches!(status, 202 | 400 | 403), "{status}: {address}");
        stage.net.settle().await;
        assert!(stage.mallory.asked().is_empty(), "{address}: {:?}", stage.mallory.asked());
        assert_same(&before, &dump(stage.alpha()).await, address);
        // As where an actor takes what it is sent: it is one that nothing is sent to.
        let fields = json!({ "inbox": address, "endpoints": { "sharedInbox": address } });
        let path = format!("/u/deaf{number}");
        let actor = stage.mallory.actor("Person", &path, "deaf", fields);
        let follow = activity("Follow", &actor, &format!("{actor}/follow"), &json!(home));
        assert_eq!(stage.send(&stage.mallory, stage.alpha(), &follow).await, 400, "{address}");
        assert_eq!(actor_at(stage.alpha(), &actor).await.unwrap().delivery_inbox(), "", "{address}");
    }
    stage.net.settle().await;
    assert!(stage.mallory.received().is_empty());
    assert_eq!(inside.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    stage.clear().await;
}
