//! Messages and memberships that somebody claims who may not: what stands, stands.
#![expect(clippy::unwrap_used, reason = "a test whose stage does not stand cannot go on")]

use clocher_app::{membership, posting, reading};
use clocher_domain::community::Posting;
use clocher_domain::membership::Standing;
use clocher_storage::actors::ActorRow;
use clocher_storage::follows;
use clocher_storage::posts::PostRow;
use clocher_tests::impostor::with;
use clocher_tests::stage::{PUBLIC, Stage, activity, each_storage, note, until};
use clocher_tests::{Ways, actor_at, community, post_at, thread};
use serde_json::{Value, json};
use std::net::TcpListener;

/// The community of alpha.
async fn velo(stage: &Stage) -> ActorRow {
    actor_at(stage.alpha(), &stage.alpha().site().community("velo")).await.unwrap()
}

/// `Create` of a message by its author.
fn create(message: &Value) -> Value {
    let (author, id) = (message["attributedTo"].as_str().unwrap(), message["id"].as_str().unwrap());
    activity("Create", author, &format!("{id}/create"), message)
}

/// A thread of Bob's in alpha's community, as it is sent and as alpha has it.
async fn thread_of_bob(stage: &Stage) -> (Value, PostRow) {
    let id = stage.honest.at("/post/1");
    let fields = json!({ "type": "Page", "name": "Le pont", "audience": velo(stage).await.ap_id });
    let message = with(note(&stage.bob, &id, "<p>Il est fermé.</p>"), fields);
    stage.honest.serve(&message);
    assert_eq!(stage.send(&stage.honest, stage.alpha(), &create(&message)).await, 202);
    stage.net.settle().await;
    (message, post_at(stage.alpha(), &id).await.unwrap())
}

/// A thread of Alice's in alpha's community.
async fn thread_of_alice(stage: &Stage) -> PostRow {
    let alice = stage.alice().await;
    let post = posting::write(stage.alpha(), thread(&alice, &velo(stage).await, "Sortie", "Dimanche.")).await;
    stage.net.settle().await;
    post.unwrap()
}

/// Two of mallory's, known to alpha.
async fn known(stage: &Stage) -> (String, String) {
    let both = (stage.mallory.person("mallory"), stage.mallory.person("eve"));
    stage.net.find(stage.alpha(), &both.0).await.unwrap();
    stage.net.find(stage.alpha(), &both.1).await.unwrap();
    stage.mallory.forget();
    both
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s41_s69_nobody_publishes_in_the_name_of_another_of_any_host() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let (mallory, eve) = known(&stage).await;
    let alice = stage.alice().await.ap_id;
    let home = json!({ "audience": velo(&stage).await.ap_id });
    let forged = |author: &str, id: &str| {
        let message = with(note(author, id, "<p>Signé : moi.</p>"), home.clone());
        activity("Create", &mallory, &stage.mallory.at("/create/1"), &message)
    };
    let own = stage.mallory.at("/post/1");
    for author in [&eve, &stage.bob, &alice] {
        stage.leaves_no_trace(403, &stage.mallory, stage.alpha(), &forged(author, &own)).await;
    }
    // Its own name under an id of another server.
    for id in [
        stage.honest.at("/post/1"),
        stage.alpha().site().post(1),
        stage.mallory.at("").replace(".test", ".test.") + "/1",
    ] {
        stage.leaves_no_trace(403, &stage.mallory, stage.alpha(), &forged(&mallory, &id)).await;
    }
    for (authors, status) in [
        (json!(null), 400),
        (json!([]), 400),
        (json!([eve, mallory]), 403),
        (json!([mallory, { "type": "Person", "id": eve }]), 403),
    ] {
        let message = with(forged(&mallory, &own)["object"].clone(), json!({ "attributedTo": authors }));
        let create = activity("Create", &mallory, &stage.mallory.at("/create/1"), &message);
        stage.leaves_no_trace(status, &stage.mallory, stage.alpha(), &create).await;
    }
    assert_eq!(stage.send(&stage.mallory, stage.alpha(), &forged(&mallory, &own)).await, 202);
    assert!(post_at(stage.alpha(), &own).await.is_some(), "its own under its own name is taken");
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s32_s69_nobody_edits_or_deletes_what_another_of_any_host_wrote() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let (mallory, _) = known(&stage).await;
    let carol = stage.honest.person("carol");
    stage.net.find(stage.alpha(), &carol).await.unwrap();
    let (message, _) = thread_of_bob(&stage).await;
    let local = thread_of_alice(&stage).await;
    let edited =
        |author: &str| with(message.clone(), json!({ "attributedTo": author, "content": "<p>Faux.</p>" }));
    for (server, by) in [(&stage.honest, &carol), (&stage.mallory, &mallory)] {
        for author in [by, &stage.bob] {
            let update = activity("Update", by, &format!("{by}/update"), &edited(author));
            stage.leaves_no_trace(403, server, stage.alpha(), &update).await;
        }
        let hidden = with(edited(by), json!({ "id": local.ap_id }));
        let update = activity("Update", by, &format!("{by}/update"), &hidden);
        stage.leaves_no_trace(403, server, stage.alpha(), &update).await;
        for object in [message["id"].as_str().unwrap(), &local.ap_id] {
            let tombstone = json!({ "id": object, "type": "Tombstone" });
            for object in [json!(object), tombstone] {
                let delete = activity("Delete", by, &format!("{by}/delete"), &object);
                stage.leaves_no_trace(403, server, stage.alpha(), &delete).await;
            }
        }
    }
    // Nor what is not known here yet, which is not published by its edit either.
    let unknown = stage.honest.at("/post/unknown");
    for author in [&carol, &stage.bob] {
        let unknown = with(edited(author), json!({ "id": unknown }));
        let update = activity("Update", &carol, &stage.honest.at("/update/unknown"), &unknown);
        let status = if author == &carol { 202 } else { 403 };
        stage.leaves_no_trace(status, &stage.honest, stage.alpha(), &update).await;
    }
    // Nor does its author give it away.
    let given = activity("Update", &stage.bob, &stage.honest.at("/update/0"), &edited(&carol));
    stage.leaves_no_trace(403, &stage.honest, stage.alpha(), &given).await;

    let update = activity("Update", &stage.bob, &stage.honest.at("/update/1"), &edited(&stage.bob));
    assert_eq!(stage.send(&stage.honest, stage.alpha(), &update).await, 202);
    let id = message["id"].as_str().unwrap();
    assert_eq!(post_at(stage.alpha(), id).await.unwrap().html, "<p>Faux.</p>");
    let delete = activity("Delete", &stage.bob, &stage.honest.at("/delete/1"), &json!(id));
    assert_eq!(stage.send(&stage.honest, stage.alpha(), &delete).await, 202);
    assert!(post_at(stage.alpha(), id).await.unwrap().deleted_at.is_some());
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s49_a_replayed_edit_does_not_undo_a_later_one() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let (message, post) = thread_of_bob(&stage).await;
    let edit = |number: u32, html: &str| {
        let message = with(message.clone(), json!({ "content": html }));
        activity("Update", &stage.bob, &stage.honest.at(&format!("/update/{number}")), &message)
    };
    // The first one says what was said already.
    let (same, next, last) = (edit(1, &post.html), edit(2, "<p>Deux.</p>"), edit(3, "<p>Trois.</p>"));
    for (update, then) in [
        (&same, post.html.as_str()),
        (&next, "<p>Deux.</p>"),
        (&last, "<p>Trois.</p>"),
        (&same, "<p>Trois.</p>"),
        (&next, "<p>Trois.</p>"),
    ] {
        // Edits that name no time are as late as they come.
        stage.net.clock.advance(1);
        assert_eq!(stage.send(&stage.honest, stage.alpha(), update).await, 202);
        assert_eq!(post_at(stage.alpha(), &post.ap_id).await.unwrap().html, then);
    }
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s32_s69_nobody_edits_the_profile_of_another() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let (mallory, eve) = known(&stage).await;
    let alice = stage.alice().await.ap_id;
    let usual = stage.mallory.actor_document("Person", "/u/mallory", "mallory", json!({ "name": "Faux" }));
    for victim in [&eve, &stage.bob, &alice, &velo(&stage).await.ap_id] {
        let forged = with(usual.clone(), json!({ "id": victim }));
        let update = activity("Update", &mallory, &stage.mallory.at("/update/1"), &forged);
        stage.leaves_no_trace(403, &stage.mallory, stage.alpha(), &update).await;
    }
    let key = json!({ "id": format!("{mallory}#main-key"), "owner": stage.bob, "publicKeyPem": stage.mallory.key.public_pem() });
    let update = activity(
        "Update",
        &mallory,
        &stage.mallory.at("/update/1"),
        &with(usual, json!({ "publicKey": key })),
    );
    stage.leaves_no_trace(403, &stage.mallory, stage.alpha(), &update).await;
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s38_only_who_was_asked_accepts_or_rejects() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let (mallory, _) = known(&stage).await;
    let carol = stage.honest.person("carol");
    stage.net.find(stage.alpha(), &carol).await.unwrap();
    let alice = stage.alice().await;
    let club = stage.net.find(stage.alpha(), &stage.honest.group("club")).await.unwrap();
    membership::join(stage.alpha(), alice.id, club.id).await.unwrap();
    stage.net.settle().await;
    let follow = stage.honest.activities().into_iter().find(|one| one["type"] == "Follow").unwrap();
    let standing = async || {
        let (follower, followed) = (alice.id, club.id);
        let row = stage.alpha().read(move |conn| follows::find(conn, follower, followed)).await.unwrap();
        row.map(|row| row.standing().unwrap())
    };
    for (server, by) in [(&stage.honest, &carol), (&stage.honest, &stage.bob), (&stage.mallory, &mallory)] {
        for kind in ["Accept", "Reject"] {
            let to_me = with(follow.clone(), json!({ "object": by }));
            for object in [follow["id"].clone(), follow.clone(), to_me] {
                let answer = activity(kind, by, &format!("{by}/answer"), &object);
                stage.leaves_no_trace(202, server, stage.alpha(), &answer).await;
            }
        }
    }
    assert_eq!(standing().await, Some(Standing::Requested));
    let accept = activity("Accept", &club.ap_id, &stage.honest.at("/accept/1"), &follow);
    assert_eq!(stage.send_as(&stage.mallory, &club.ap_id, stage.alpha(), &accept).await.0, 401);
    assert_eq!(standing().await, Some(Standing::Requested));
    assert_eq!(stage.send(&stage.honest, stage.alpha(), &accept).await, 202);
    assert_eq!(standing().await, Some(Standing::Accepted));
    // What the club published before is asked for.
    stage.net.settle().await;
    // What was accepted is not ended by another either.
    let reject = activity("Reject", &mallory, &stage.mallory.at("/reject/1"), &follow);
    stage.leaves_no_trace(202, &stage.mallory, stage.alpha(), &reject).await;
    // After she left, the old answer brings nothing back.
    membership::leave(stage.alpha(), alice.id, club.id).await.unwrap();
    stage.net.settle().await;
    let again = with(accept, json!({ "id": stage.honest.at("/accept/2") }));
    stage.leaves_no_trace(202, &stage.honest, stage.alpha(), &again).await;
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s69_nobody_undoes_what_another_did() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let (mallory, _) = known(&stage).await;
    let carol = stage.honest.person("carol");
    let (group, post) = (velo(&stage).await, thread_of_alice(&stage).await);
    let follow = activity("Follow", &stage.bob, &stage.honest.at("/follow/1"), &json!(group.ap_id));
    let like = activity("Like", &stage.bob, &stage.honest.at("/like/1"), &json!(post.ap_id));
    for done in [&follow, &like] {
        assert_eq!(stage.send(&stage.honest, stage.alpha(), done).await, 202);
    }
    stage.net.settle().await;
    let mut number = 0;
    for (server, by) in [(&stage.honest, &carol), (&stage.mallory, &mallory)] {
        for done in [&follow, &like] {
            let as_own = with(done.clone(), json!({ "actor": by }));
            for object in [done["id"].clone(), done.clone(), as_own] {
                number += 1;
                let undo = activity("Undo", by, &format!("{by}/undo/{number}"), &object);
                assert_eq!(stage.send(server, stage.alpha(), &undo).await, 202);
            }
        }
        let forged = activity("Undo", &stage.bob, &stage.honest.at("/undo/1"), &follow);
        let (status, _) = stage.send_as(server, by, stage.alpha(), &forged).await;
        assert_eq!(status, 401);
    }
    stage.net.settle().await;
    let bob = actor_at(stage.alpha(), &stage.bob).await.unwrap();
    assert!(stage.alpha().read(move |conn| follows::is_accepted(conn, bob.id, group.id)).await.unwrap());
    assert_eq!(post_at(stage.alpha(), &post.ap_id).await.unwrap().likes, 1);
    for (number, done) in [&follow, &like].into_iter().enumerate() {
        let undo = activity("Undo", &stage.bob, &stage.honest.at(&format!("/undo/own/{number}")), done);
        assert_eq!(stage.send(&stage.honest, stage.alpha(), &undo).await, 202);
    }
    let bob = actor_at(stage.alpha(), &stage.bob).await.unwrap();
    assert!(!stage.alpha().read(move |conn| follows::is_accepted(conn, bob.id, group.id)).await.unwrap());
    assert_eq!(post_at(stage.alpha(), &post.ap_id).await.unwrap().likes, 0);
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s35_a_message_is_in_the_community_that_it_names_or_in_none() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let group = |site: &clocher_app::Site| site.community("velo");
    let (of_alpha, of_beta) = (group(stage.alpha().site()), group(stage.beta().site()));
    let id = stage.honest.at("/post/1");
    let fields = json!({ "audience": of_alpha, "to": [of_beta, PUBLIC] });
    let message = with(note(&stage.bob, &id, "<p>Bonjour.</p>"), fields);
    stage.honest.serve(&message);
    let request =
        |inbox: String| stage.honest.request(&*stage.net.clock, &stage.bob, &inbox, &create(&message));
    assert_eq!(request(format!("{of_beta}/inbox")).send(stage.net.address).await.0, 202);
    stage.net.settle().await;
    if let Some(post) = post_at(stage.beta(), &id).await {
        assert_eq!(
            post.home_id, None,
            "beta's community is not the one it names, and alpha's has not announced it"
        );
    }
    // To the inbox of another actor than the community that it names: there all the same, and once.
    assert_eq!(request(stage.alpha().site().address("/u/mairie/inbox")).send(stage.net.address).await.0, 202);
    stage.net.settle().await;
    let home = velo(&stage).await;
    assert_eq!(post_at(stage.alpha(), &id).await.unwrap().home_id, Some(home.id));
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s35_a_message_to_one_community_about_another_of_the_same_host_is_in_that_one_once() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let (named, addressed) =
            (velo(&stage).await, community(stage.alpha(), "pied", Posting::Everybody).await);
        // Somebody who is a member of both hears what each of them passes on.
        for group in [&named, &addressed] {
            let follow =
                activity("Follow", &stage.bob, &format!("{}/f/{}", stage.bob, group.id), &json!(group.ap_id));
            assert_eq!(stage.send(&stage.honest, stage.alpha(), &follow).await, 202);
        }
        stage.net.settle().await;
        let carol = stage.mallory.person("carol");
        let message = |number: u32, fields: Value| {
            let id = stage.mallory.at(&format!("/post/{number}"));
            let usual = json!({ "type": "Page", "name": "Le pont", "audience": named.ap_id });
            with(with(note(&carol, &id, "<p>Il est fermé.</p>"), usual), fields)
        };
        let (a, b) = (&named.ap_id, &addressed.ap_id);
        let cases = [
            message(1, json!({ "to": [b, PUBLIC] })),
            message(2, json!({ "to": [PUBLIC], "cc": [b] })),
            message(3, json!({ "to": [b, a, PUBLIC] })),
            message(4, json!({ "audience": [a, b], "to": [b, PUBLIC] })),
            message(5, json!({ "to": [b, PUBLIC], "tag": [{ "type": "Mention", "href": b }] })),
            message(6, json!({ "to": null, "cc": null })),
        ];
        for case in &cases {
            stage.honest.forget();
            let id = case["id"].as_str().unwrap();
            let sent = with(create(case), json!({ "to": [b, PUBLIC], "audience": b }));
            for inbox in [format!("{b}/inbox"), format!("{a}/inbox"), stage.alpha().site().shared_inbox()] {
                let request = stage.mallory.request(&*stage.net.clock, &carol, &inbox, &sent);
                assert_eq!(request.send(stage.net.address).await.0, 202, "{case}");
            }
            stage.net.settle().await;
            assert_eq!(post_at(stage.alpha(), id).await.unwrap().home_id, Some(named.id), "{case}");
            let told = stage.honest.activities();
            let told = told.iter().filter(|one| one["type"] == "Announce" && one.to_string().contains(id));
            let by: Vec<_> = told.map(|one| one["actor"].as_str().unwrap().to_owned()).collect();
            assert!(!by.is_empty() && by.iter().all(|group| group == a), "{case}: {by:?}");
        }
        let listed = async |group: &ActorRow| {
            let page = reading::community(stage.alpha(), group.id, None, None).await.unwrap().page;
            page.threads.into_iter().map(|line| line.top.post.ap_id).collect::<Vec<_>>()
        };
        assert_eq!(listed(&named).await.len(), cases.len(), "each of them once");
        let both = cases[2]["id"].as_str().unwrap();
        assert_eq!(listed(&addressed).await, [both], "addressed to both, and to no other");
        // Nor does it move there, or come there as an answer.
        let first = cases.first().unwrap();
        let moved =
            with(first.clone(), json!({ "audience": b, "to": [b, PUBLIC], "name": "Le pont, rouvert" }));
        let update = activity("Update", &carol, &stage.mallory.at("/update/1"), &moved);
        stage.send(&stage.mallory, stage.alpha(), &update).await;
        let answer = message(
            9,
            json!({ "type": "Note", "name": null, "inReplyTo": first["id"], "audience": b, "to": [b, PUBLIC] }),
        );
        stage.send(&stage.mallory, stage.alpha(), &create(&answer)).await;
        stage.net.settle().await;
        let answer = post_at(stage.alpha(), answer["id"].as_str().unwrap()).await;
        assert!(answer.is_none_or(|post| post.home_id == Some(named.id)));
        assert_eq!(listed(&addressed).await, [both], "addressed to both, and to no other");
        let first = post_at(stage.alpha(), first["id"].as_str().unwrap()).await.unwrap();
        assert_eq!(first.home_id, Some(named.id));
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_for_a_community_elsewhere_is_in_it_only_once_that_announces_it() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let (mallory, _) = known(&stage).await;
        let club = stage.follow_group(&stage.alice().await, &stage.honest, "club").await;
        let home = velo(&stage).await;
        let id = stage.mallory.at("/post/1");
        let fields = json!({ "audience": club.ap_id, "to": [home.ap_id, club.ap_id, PUBLIC] });
        let message = with(note(&mallory, &id, "<p>Bonjour.</p>"), fields);
        stage.mallory.serve(&message);
        assert_eq!(stage.send(&stage.mallory, stage.alpha(), &create(&message)).await, 202);
        stage.net.settle().await;
        assert!(post_at(stage.alpha(), &id).await.is_none_or(|post| post.home_id.is_none()));
        let page = reading::community(stage.alpha(), home.id, None, None).await.unwrap();
        assert!(page.page.threads.is_empty());
        // A reply of a third server in that community waits for it too.
        let reply = stage.mallory.at("/comment/1");
        let fields = json!({ "audience": club.ap_id, "inReplyTo": id });
        stage.mallory.serve(&with(note(&mallory, &reply, "<p>Re.</p>"), fields));

        let announce = activity("Announce", &club.ap_id, &stage.honest.at("/announce/1"), &create(&message));
        assert_eq!(stage.send(&stage.honest, stage.alpha(), &announce).await, 202);
        stage.net.settle().await;
        assert_eq!(post_at(stage.alpha(), &id).await.unwrap().home_id, Some(club.id));
        let fields = json!({ "audience": club.ap_id, "inReplyTo": id });
        let reply = create(&with(note(&mallory, &reply, "<p>Re.</p>"), fields));
        stage.leaves_no_trace(202, &stage.mallory, stage.alpha(), &reply).await;
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_deleted_before_it_came_does_not_come_back() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let (mallory, eve) = known(&stage).await;
        let home = json!({ "audience": velo(&stage).await.ap_id });
        let id = stage.mallory.at("/post/1");
        let message = with(note(&mallory, &id, "<p>Oups.</p>"), home.clone());
        // Another's word of its deletion hides nothing.
        let other = stage.mallory.at("/post/2");
        let forged = activity("Delete", &eve, &stage.mallory.at("/delete/2"), &json!(other));
        assert_eq!(stage.send(&stage.mallory, stage.alpha(), &forged).await, 202);
        let delete = activity("Delete", &mallory, &stage.mallory.at("/delete/1"), &json!(id));
        assert_eq!(stage.send(&stage.mallory, stage.alpha(), &delete).await, 202);
        stage.leaves_no_trace(202, &stage.mallory, stage.alpha(), &create(&message)).await;
        assert!(post_at(stage.alpha(), &id).await.is_none());
        let message = with(note(&mallory, &other, "<p>Bien.</p>"), home);
        assert_eq!(stage.send(&stage.mallory, stage.alpha(), &create(&message)).await, 202);
        assert!(post_at(stage.alpha(), &other).await.is_some());
        // Nor does an edit revive what was deleted after it came.
        let delete = activity("Delete", &mallory, &stage.mallory.at("/delete/3"), &json!(other));
        assert_eq!(stage.send(&stage.mallory, stage.alpha(), &delete).await, 202);
        let update = activity("Update", &mallory, &stage.mallory.at("/update/3"), &message);
        assert_eq!(stage.send(&stage.mallory, stage.alpha(), &update).await, 202);
        let post = post_at(stage.alpha(), &other).await.unwrap();
        assert!(post.deleted_at.is_some() && post.html.is_empty());
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s68_hostile_html_is_stored_harmless() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let hostile = concat!(
        r#"<p class="x" style="position:fixed" onclick="x()">Bonjour <script>alert(1)</script>"#,
        r#"<a href="javascript:alert(1)">a</a> <a href="data:text/html,x" target="_top">b</a> "#,
        r#"<a href="https://ok.example/">c</a><img src="https://t.example/p.gif" onerror="x()"></p>"#,
        r#"<svg><style><img src=x onerror=x()></style></svg><math><mtext><table><mglyph><style>"#,
        r#"<!--</style><img title="--&gt;&lt;img src=1 onerror=x()&gt;"></table></math>"#,
        r#"<noscript><p title="</noscript><img src=x onerror=x()>"></noscript>"#,
        r#"<iframe srcdoc="<script>x()</script>"></iframe><form action="https://e.example"><input></form>"#,
    );
    let id = stage.honest.at("/post/1");
    let fields = json!({
        "type": "Page",
        "name": "<b onmouseover=x()>Titre</b>\u{202e}\u{200b} long",
        "audience": velo(&stage).await.ap_id,
        "url": "javascript:alert(1)",
        "summary": "<script>x()</script>",
    });
    let message = with(note(&stage.bob, &id, hostile), fields);
    assert_eq!(stage.send(&stage.honest, stage.alpha(), &create(&message)).await, 202);
    let post = post_at(stage.alpha(), &id).await.unwrap();
    for bad in [
        "<script",
        "javascript:",
        "data:",
        "onclick",
        "onerror=x()>",
        "style",
        "class",
        "<img",
        "<svg",
        "<math",
        "<iframe",
        "<form",
        "target",
    ] {
        assert!(!post.html.contains(bad), "{bad} in {}", post.html);
    }
    assert_eq!(clocher_app::text::sanitise(&post.html), post.html, "what is stored is stable");
    assert_eq!(post.title.as_deref(), Some("<b onmouseover=x()>Titre</b> long"), "a title is text, not HTML");
    assert_eq!(post.url, id);
    // Such a profile, too.
    let fields = json!({ "name": "Bob\u{202e}\n", "summary": hostile, "url": "data:text/html,x", "icon": { "url": "javascript:x()" } });
    let document = stage.honest.actor_document("Person", "/u/bob", "bob", fields);
    let update = activity("Update", &stage.bob, &stage.honest.at("/update/1"), &document);
    assert_eq!(stage.send(&stage.honest, stage.alpha(), &update).await, 202);
    let bob = actor_at(stage.alpha(), &stage.bob).await.unwrap();
    assert_eq!((bob.display_name.as_str(), bob.url.as_str()), ("Bob", stage.bob.as_str()));
    assert!(!bob.summary_html.contains("<script") && !bob.summary_html.contains("javascript:"));
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_for_everybody_is_not_published_in_a_community() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let alice = thread_of_alice(&stage).await;
    let home = velo(&stage).await;
    let followers = format!("{}/followers", stage.bob);
    stage.honest.group("watcher");
    let join =
        activity("Follow", &stage.honest.at("/c/watcher"), &stage.honest.at("/follow/w"), &json!(home.ap_id));
    assert_eq!(stage.send(&stage.honest, stage.alpha(), &join).await, 202);
    stage.net.settle().await;
    stage.honest.forget();
    let cases = [
        ("followers", json!({ "to": [followers], "cc": [home.ap_id] })),
        ("direct", json!({ "to": [home.ap_id] })),
        ("direct", json!({ "to": [home.ap_id], "audience": home.ap_id })),
        ("followers", json!({ "to": [followers], "inReplyTo": alice.ap_id, "audience": home.ap_id })),
        ("direct", json!({ "to": [home.ap_id], "inReplyTo": alice.ap_id })),
    ];
    for (number, (visibility, fields)) in cases.into_iter().enumerate() {
        let id = stage.honest.at(&format!("/private/{number}"));
        let message = with(note(&stage.bob, &id, "<p>Entre nous.</p>"), fields.clone());
        assert_eq!(stage.send(&stage.honest, stage.alpha(), &create(&message)).await, 202);
        stage.net.settle().await;
        let post = post_at(stage.alpha(), &id).await.unwrap();
        assert_eq!((post.visibility.as_str(), post.home_id), (visibility, None), "{fields}");
        assert!(reading::thread(stage.alpha(), post.id, None).await.is_err(), "{fields}");
    }
    let told = stage.honest.activities();
    assert!(told.iter().all(|one| one["type"] != "Announce"), "it is not passed on: {told:#?}");
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s13_an_actor_with_an_internal_inbox_gets_no_delivery() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let inside = TcpListener::bind("127.0.0.1:0").unwrap();
    inside.set_nonblocking(true).unwrap();
    let port = inside.local_addr().unwrap().port();
    let home = velo(&stage).await;
    let inboxes = [
        format!("http://127.0.0.1:{port}/inbox"),
        format!("https://localhost:{port}/inbox"),
        format!("http://{}/inbox", stage.alpha().site().domain().replace("alpha", "intern")),
        "https://10.0.0.1/inbox".to_owned(),
        format!("https://[::ffff:127.0.0.1]:{port}/inbox"),
    ];
    for (number, inbox) in inboxes.iter().enumerate() {
        let fields = json!({ "inbox": inbox, "endpoints": { "sharedInbox": inbox } });
        let actor = stage.mallory.actor("Person", &format!("/u/spy{number}"), "spy", fields);
        let follow = activity("Follow", &actor, &format!("{actor}/follow"), &json!(home.ap_id));
        // Nobody could be told that the request is accepted.
        assert_eq!(stage.send(&stage.mallory, stage.alpha(), &follow).await, 400);
        assert_eq!(actor_at(stage.alpha(), &actor).await.unwrap().delivery_inbox(), "", "{inbox}");
    }
    let follow = activity("Follow", &stage.bob, &stage.honest.at("/follow/1"), &json!(home.ap_id));
    assert_eq!(stage.send(&stage.honest, stage.alpha(), &follow).await, 202);
    let top = thread_of_alice(&stage).await;
    until("the thread at Bob's", async || {
        stage.honest.received().iter().any(|(_, body)| body.contains(&top.ap_id))
    })
    .await;
    let queues = clocher_app::queue::list(stage.alpha(), 20).await.unwrap();
    assert!(queues.deliveries.is_empty(), "{queues:?}");
    assert_eq!(inside.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    assert!(stage.mallory.received().is_empty());
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s58_s59_long_threads_and_long_lists_of_names_are_followed_within_bounds() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let (mallory, _) = known(&stage).await;
    let chained = |number: u32| {
        let parent = stage.mallory.at(&format!("/chain/{}", number + 1));
        let fields = json!({ "inReplyTo": parent });
        with(note(&mallory, &stage.mallory.at(&format!("/chain/{number}")), "<p>Encore.</p>"), fields)
    };
    (0..200).for_each(|number| stage.mallory.serve(&chained(number)));
    stage.leaves_no_trace(202, &stage.mallory, stage.alpha(), &create(&chained(0))).await;
    let asked = stage.mallory.asked().len();
    assert!(asked <= 51, "{asked} messages upwards were asked for");
    // A thread that answers itself.
    let circle = |number: u32| {
        let fields = json!({ "inReplyTo": stage.mallory.at(&format!("/circle/{}", 1 - number)) });
        with(note(&mallory, &stage.mallory.at(&format!("/circle/{number}")), "<p>Rond.</p>"), fields)
    };
    (0..2).for_each(|number| stage.mallory.serve(&circle(number)));
    stage.leaves_no_trace(202, &stage.mallory, stage.alpha(), &create(&circle(0))).await;
    // Thousands of names, each of another host.
    stage.mallory.forget();
    let names: Vec<_> = (0..5_000).map(|number| stage.honest.at(&format!("/u/n{number}"))).collect();
    let bomb = with(note(&mallory, &stage.mallory.at("/bomb"), "<p>Vous tous.</p>"), json!({ "cc": names }));
    stage.honest.forget();
    assert_eq!(stage.send(&stage.mallory, stage.alpha(), &create(&bomb)).await, 202);
    stage.net.settle().await;
    assert!(stage.honest.asked().is_empty(), "nobody is asked who they are");
    stage.clear().await;
}
