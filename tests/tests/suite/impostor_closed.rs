//! Closed and hidden communities among strangers: nothing written in one is had, seen or guessed by who is not in it.
#![expect(clippy::unwrap_used, reason = "a test whose stage does not stand cannot go on")]

use clocher_app::{App, Clock, admitting, membership, posting, readers};
use clocher_domain::community::{Openness, Posting};
use clocher_domain::membership::Standing;
use clocher_storage::actors::ActorRow;
use clocher_storage::posts::PostRow;
use clocher_storage::{follows, posts};
use clocher_tests::impostor::{Impostor, with};
use clocher_tests::request::{Whole, ask};
use clocher_tests::stage::{PUBLIC, Stage, activity, assert_same, dump, each_storage, note};
use clocher_tests::{actor_at, circle, community, person, post_at, thread};
use serde_json::{Value, json};

const ACTIVITY: &str = "application/activity+json";

/// Alice's closed community of alpha, in which she has written, and a hidden one of hers.
struct Council {
    alice: ActorRow,
    closed: ActorRow,
    hidden: ActorRow,
    post: PostRow,
}

impl Council {
    async fn of(stage: &Stage) -> Self {
        let alpha = stage.alpha();
        let alice = stage.alice().await;
        let closed = circle(alpha, "conseil", Openness::Closed, &alice).await;
        let hidden = circle(alpha, "cercle", Openness::Hidden, &alice).await;
        let post = write(alpha, &alice, &closed, "Compte rendu").await;
        stage.net.settle().await;
        Self { alice, closed, hidden, post }
    }

    /// Somebody of a server asks to join the closed community.
    async fn asked_by(&self, stage: &Stage, server: &Impostor, person: &str, number: u32) -> u16 {
        let ask = activity("Follow", person, &format!("{person}/ask/{number}"), &json!(self.closed.ap_id));
        let status = stage.send(server, stage.alpha(), &ask).await;
        stage.net.settle().await;
        status
    }

    /// Bob of the honest server is let in.
    async fn let_bob_in(&self, stage: &Stage) -> ActorRow {
        stage.honest.runs("clocher");
        assert_eq!(self.asked_by(stage, &stage.honest, &stage.bob, 1).await, 202);
        let bob = actor_at(stage.alpha(), &stage.bob).await.unwrap();
        admitting::answer(stage.alpha(), self.alice.id, self.closed.id, bob.id, true).await.unwrap();
        stage.net.settle().await;
        let is_answer = |one: &Value| {
            one["type"] == "Accept"
                && one.pointer("/object/actor").is_some_and(|actor| *actor == stage.bob.as_str())
        };
        assert!(stage.honest.activities().iter().any(is_answer));
        stage.honest.forget();
        bob
    }
}

async fn write(app: &App, author: &ActorRow, home: &ActorRow, title: &str) -> PostRow {
    posting::write(app, thread(author, home, title, "Secret de la commune.")).await.unwrap()
}

async fn standing(app: &App, follower: &str, followed: &ActorRow) -> Option<Standing> {
    let (follower, followed) = (actor_at(app, follower).await?.id, followed.id);
    let row = app.read(move |conn| follows::find(conn, follower, followed)).await.unwrap();
    row.map(|row| row.standing().unwrap())
}

/// What a server that signs as that person, or a stranger, gets at an address.
async fn get(stage: &Stage, address: &str, signer: Option<(&Impostor, &str)>) -> Whole {
    let signer = signer.map(|(server, person)| server.signer(&format!("{person}#main-key")));
    ask(stage.net.address, address, ACTIVITY, signer.as_ref(), stage.net.clock.now().seconds()).await
}

/// Every address at which something of a closed community could stand.
fn addresses(council: &Council) -> Vec<String> {
    let (post, group) = (&council.post.ap_id, &council.closed.ap_id);
    let parts =
        ["outbox", "outbox?page=true", "followers", "moderators", "featured", "affiliations", "members"];
    let parts = parts.map(|part| format!("{group}/{part}"));
    let of_post = ["", "/context", "/replies", "/context?after=0", "/replies?after=0"];
    of_post.iter().map(|part| format!("{post}{part}")).chain(parts).collect()
}

/// An address like that one at which nothing ever stood, as long.
fn missing(address: &str) -> String {
    let swapped = address.replace("/c/conseil", "/c/liesnoc");
    if swapped != address {
        return swapped;
    }
    let (base, rest) = address.split_once("/post/").unwrap();
    let digits = rest.chars().take_while(char::is_ascii_digit).count();
    format!("{base}/post/{}{}", "1".repeat(digits), &rest[digits..])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s25_s36_a_stranger_gets_of_what_is_closed_what_it_gets_of_nothing() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let council = Council::of(&stage).await;
        council.let_bob_in(&stage).await;
        let mallory = stage.mallory.person("mallory");
        let signers = [None, Some((&stage.mallory, mallory.as_str()))];
        for address in addresses(&council) {
            for signer in signers {
                let answer = get(&stage, &address, signer).await;
                assert_eq!(answer.status, 404, "{address} {}", answer.body);
                assert_eq!(answer, get(&stage, &missing(&address), signer).await, "{address}");
            }
        }
        // What was said about it stands nowhere either.
        let told = stage.alpha().read({
            let id = council.post.id;
            move |conn| posts::find(conn, id)
        });
        assert!(told.await.unwrap().is_some());
        let lines = dump(stage.alpha()).await;
        let activities = lines.iter().filter(|line| line.starts_with("activities "));
        for line in activities.filter(|line| line.contains("/activity/")) {
            let id = line.split("/activity/").nth(1).unwrap();
            let id: String = id.chars().take_while(char::is_ascii_digit).collect();
            let address = stage.alpha().site().address(&format!("/activity/{id}"));
            let answer = get(&stage, &address, Some((&stage.honest, &stage.bob))).await;
            assert!(!answer.body.contains("conseil"), "{address} {}", answer.body);
        }
        // The pages likewise, and of a hidden community they are those of none.
        let alpha = stage.alpha().site();
        let page = async |path: &str| {
            let now = stage.net.clock.now().seconds();
            ask(stage.net.address, &alpha.address(path), "text/html", None, now).await
        };
        let post = format!("/post/{}", council.post.id);
        for (path, none) in [
            (post.clone(), missing(&post)),
            (format!("{post}/report"), missing(&format!("{post}/report"))),
            ("/c/cercle".to_owned(), "/c/elcrec".to_owned()),
            ("/c/cercle/moderation".to_owned(), "/c/elcrec/moderation".to_owned()),
        ] {
            let (answer, of_none) = (page(&path).await, page(&none).await);
            let named = |whole: &Whole, path: &str| whole.body.replace(path, "PATH");
            assert_eq!(answer.status, of_none.status, "{path}");
            assert_eq!(answer.body.len(), of_none.body.len(), "{path}");
            assert_eq!(named(&answer, &path), named(&of_none, &none), "{path}");
        }
        let listed = page("/").await.body;
        assert!(listed.contains("/c/conseil") && !listed.contains("/c/cercle"));
        assert!(!listed.contains("Compte rendu"));
        let closed = page("/c/conseil").await;
        assert!(closed.status == 200 && !closed.body.contains("Compte rendu"), "{}", closed.body);
        for name in ["cercle", "elcrec"] {
            let finger = format!("/.well-known/webfinger?resource=acct:{name}@{}", alpha.domain());
            assert_eq!(page(&finger).await.status, 404);
            assert_eq!(get(&stage, &alpha.community(name), None).await.status, 404);
        }
        assert_eq!(
            get(&stage, &council.hidden.ap_id, None).await,
            get(&stage, &alpha.community("elcrec"), None).await
        );
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s28_what_a_member_server_is_shown_is_kept_by_no_cache_and_shown_to_no_other() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let council = Council::of(&stage).await;
        let member = Some((&stage.honest, stage.bob.as_str()));
        let address = &council.post.ap_id;
        assert_eq!(get(&stage, address, member).await.status, 404, "before it has a member");
        let bob = council.let_bob_in(&stage).await;
        let answer = get(&stage, address, member).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let document: Value = serde_json::from_str(&answer.body).unwrap();
        let followers = format!("{}/followers", council.closed.ap_id);
        assert_eq!(document["to"], json!([council.closed.ap_id, followers]));
        assert_eq!(document["cc"], json!([]));
        for part in ["context", "replies"] {
            assert_eq!(get(&stage, &format!("{address}/{part}"), member).await.status, 200, "{part}");
        }
        let affiliations = get(&stage, &format!("{}/affiliations", council.closed.ap_id), member).await;
        assert!(affiliations.body.contains(&stage.bob), "{}", affiliations.body);
        for shown in [&answer, &affiliations] {
            assert!(shown.lines.iter().any(|line| line == "cache-control: private, no-store"), "{shown:?}");
            let varies = |line: &String| line.starts_with("vary:") && line.contains("signature");
            assert!(shown.lines.iter().any(varies), "{shown:?}");
        }
        let mallory = stage.mallory.person("mallory");
        let stranger = get(&stage, address, Some((&stage.mallory, &mallory))).await;
        assert_eq!(stranger.status, 404);
        assert_eq!(get(&stage, address, None).await.status, 404);
        // Signed with another's name, it is nobody's.
        let forged = Some((&stage.mallory, stage.bob.as_str()));
        assert_eq!(get(&stage, address, forged).await.status, 404);
        admitting::remove(stage.alpha(), council.alice.id, council.closed.id, bob.id).await.unwrap();
        assert_eq!(get(&stage, address, member).await, stranger, "after it has none");
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s33_a_report_of_what_its_sender_may_not_see_is_of_nothing() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let council = Council::of(&stage).await;
        let mallory = stage.mallory.person("mallory");
        stage.net.find(stage.alpha(), &mallory).await.unwrap();
        for (number, named) in [council.post.ap_id.clone(), missing(&council.post.ap_id)].iter().enumerate() {
            let id = format!("{mallory}/flag/{number}");
            let flag = with(activity("Flag", &mallory, &id, &json!([named])), json!({ "content": "spam" }));
            stage.leaves_no_trace(202, &stage.mallory, stage.alpha(), &flag).await;
        }
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s34_what_is_closed_is_in_no_public_count_and_its_members_are_named_to_nobody() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let council = Council::of(&stage).await;
        let count = async || {
            let info = get(&stage, &stage.alpha().site().address("/nodeinfo/2.1"), None).await;
            let info: Value = serde_json::from_str(&info.body).unwrap();
            info["usage"]["localPosts"].as_i64().unwrap()
        };
        assert_eq!(count().await, 0);
        let square = community(stage.alpha(), "ouverte", Posting::Everybody).await;
        write(stage.alpha(), &council.alice, &square, "Ouvert").await;
        stage.net.settle().await;
        assert_eq!(count().await, 1);
        let outbox = get(&stage, &format!("{}/outbox?page=true", council.alice.ap_id), None).await;
        assert!(outbox.body.contains("Ouvert") && !outbox.body.contains("conseil"), "{}", outbox.body);
        let document = get(&stage, &council.closed.ap_id, None).await;
        let document: Value = serde_json::from_str(&document.body).unwrap();
        for (field, value) in [
            ("openness", json!("moderated")),
            ("manuallyApprovesFollowers", json!(true)),
            ("discoverable", json!(false)),
            ("canFollow", json!("member")),
            ("canParticipate", json!("member")),
        ] {
            assert_eq!(document[field], value, "{field}");
        }
        let affiliations = document["affiliations"].as_str().unwrap();
        assert_eq!(get(&stage, affiliations, None).await.status, 404);
        stage.clear().await;
    }
}

/// A message of a person of the honest server, in the `Create` in which it comes.
fn create(author: &str, number: u32, to: &Value, fields: Value) -> Value {
    let id = format!("{author}/note/{number}");
    let message = with(note(author, &id, "<p>Bonjour.</p>"), json!({ "to": to }));
    let message = with(message, fields);
    with(activity("Create", author, &format!("{id}/create"), &message), json!({ "to": to }))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s35_a_message_for_a_closed_community_is_in_that_one_or_nowhere() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let council = Council::of(&stage).await;
        let alpha = stage.alpha();
        let square = community(alpha, "ouverte", Posting::Everybody).await;
        council.let_bob_in(&stage).await;
        let (closed, open, bob) = (&council.closed.ap_id, &square.ap_id, &stage.bob);
        let followers = format!("{closed}/followers");
        for (number, (to, audience)) in [
            (json!([open]), closed),
            (json!([closed, open]), closed),
            (json!([closed, PUBLIC]), closed),
            (json!([open, closed, PUBLIC]), open),
            (json!([open, PUBLIC]), closed),
        ]
        .into_iter()
        .enumerate()
        {
            let sent = create(bob, u32::try_from(number).unwrap(), &to, json!({ "audience": audience }));
            stage.send(&stage.honest, alpha, &sent).await;
            stage.net.settle().await;
            let kept = post_at(alpha, sent["object"]["id"].as_str().unwrap()).await;
            assert!(
                kept.is_none_or(|post| post.home_id.is_none() && !post.visibility().unwrap().is_open()),
                "{sent}"
            );
        }
        let sent = create(bob, 10, &json!([closed, followers]), json!({ "audience": closed }));
        assert_eq!(stage.send(&stage.honest, alpha, &sent).await, 202);
        let post = post_at(alpha, sent["object"]["id"].as_str().unwrap()).await.unwrap();
        assert_eq!((post.home_id, post.visibility.as_str()), (Some(council.closed.id), "members"));
        stage.net.settle().await;
        // Of who is no member, nothing.
        let eve = stage.honest.person("eve");
        stage.net.find(alpha, &eve).await.unwrap();
        let sent = create(&eve, 11, &json!([closed, followers]), json!({ "audience": closed }));
        stage.leaves_no_trace(403, &stage.honest, alpha, &sent).await;
        let answer = json!({ "inReplyTo": council.post.ap_id, "audience": closed });
        let known = create(&eve, 12, &json!([closed, followers]), answer);
        let answer = json!({ "inReplyTo": missing(&council.post.ap_id), "audience": closed });
        let unknown = create(&eve, 13, &json!([closed, followers]), answer);
        let mut answers = Vec::new();
        for sent in [&known, &unknown] {
            answers.push(stage.send_as(&stage.honest, &eve, alpha, sent).await);
            stage.net.settle().await;
        }
        assert_eq!(answers[0], answers[1], "an answer to what is there, and to what is not");
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s38_who_is_not_accepted_by_the_very_community_gets_nothing() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let council = Council::of(&stage).await;
        let alpha = stage.alpha();
        stage.honest.runs("clocher");
        council.asked_by(&stage, &stage.honest, &stage.bob, 1).await;
        assert_eq!(standing(alpha, &stage.bob, &council.closed).await, Some(Standing::Requested));
        write(alpha, &council.alice, &council.closed, "Suite").await;
        stage.net.settle().await;
        assert_eq!(stage.honest.activities(), [] as [Value; 0]);
        // Nobody else accepts for it.
        let mallory = stage.mallory.person("mallory");
        stage.net.find(alpha, &mallory).await.unwrap();
        let ask =
            activity("Follow", &stage.bob, &format!("{}/ask/1", stage.bob), &json!(council.closed.ap_id));
        let accept = activity("Accept", &mallory, &format!("{mallory}/accept"), &ask);
        stage.send(&stage.mallory, alpha, &accept).await;
        let own = activity("Accept", &stage.bob, &format!("{}/accept", stage.bob), &ask);
        stage.send(&stage.honest, alpha, &own).await;
        stage.net.settle().await;
        assert_eq!(standing(alpha, &stage.bob, &council.closed).await, Some(Standing::Requested));

        // And of ours in a closed community elsewhere: only its own word counts.
        let lock = json!({ "manuallyApprovesFollowers": true, "openness": "moderated" });
        let club = stage.honest.actor("Group", "/c/club", "club", lock);
        let group = stage.net.find(alpha, &club).await.unwrap();
        membership::join(alpha, council.alice.id, group.id).await.unwrap();
        stage.net.settle().await;
        let asks = |one: &Value| one["type"] == "Follow" && one["object"] == club.as_str();
        let follow = stage.honest.activities().into_iter().find(asks).unwrap();
        let forged = activity("Accept", &mallory, &format!("{mallory}/accept/2"), &follow);
        stage.send(&stage.mallory, alpha, &forged).await;
        let alice = &council.alice.ap_id;
        assert_eq!(standing(alpha, alice, &group).await, Some(Standing::Requested));
        let members = json!([format!("{club}/followers")]);
        let secret =
            with(create(&stage.bob, 1, &members, json!({ "audience": club })), json!({ "to": members }));
        let secret = stage.honest.proved(&*stage.net.clock, &secret);
        let announce = |number: u32| {
            let id = format!("{club}/announce/{number}");
            with(activity("Announce", &club, &id, &secret), json!({ "to": members }))
        };
        stage.send(&stage.honest, alpha, &announce(1)).await;
        stage.net.settle().await;
        let id = secret["object"]["id"].as_str().unwrap();
        assert!(post_at(alpha, id).await.is_none());
        let accept = activity("Accept", &club, &format!("{club}/accept"), &follow);
        assert_eq!(stage.send(&stage.honest, alpha, &accept).await, 202);
        assert_eq!(stage.send(&stage.honest, alpha, &announce(2)).await, 202);
        stage.net.settle().await;
        let post = post_at(alpha, id).await.expect("what is announced to members");
        assert_eq!((post.visibility.as_str(), post.home_id), ("members", Some(group.id)));
        let dave = person(alpha, "dave").await;
        for (reader, may) in [(Some(council.alice.id), true), (Some(dave.id), false), (None, false)] {
            let post = post.clone();
            assert_eq!(alpha.read(move |conn| readers::may_read(conn, &post, reader)).await.unwrap(), may);
        }
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn software_that_would_show_what_is_closed_is_refused_with_the_reason() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let council = Council::of(&stage).await;
        stage.honest.runs("mastodon");
        for kind in ["Follow", "Join"] {
            let id = format!("{}/{kind}", stage.bob);
            let ask = activity(kind, &stage.bob, &id, &json!(council.closed.ap_id));
            assert_eq!(stage.send(&stage.honest, stage.alpha(), &ask).await, 202);
            stage.net.settle().await;
            let [reject] = &stage.honest.activities()[..] else { panic!("no answer to a {kind}") };
            assert_eq!((&reject["type"], &reject["object"]["type"]), (&json!("Reject"), &json!(kind)));
            assert!(reject["summary"].as_str().unwrap().contains("Closed community"), "{reject}");
            assert_eq!(standing(stage.alpha(), &stage.bob, &council.closed).await, None);
            stage.honest.forget();
        }
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s67_what_waits_in_the_queue_for_who_was_removed_is_never_sent() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let council = Council::of(&stage).await;
        let alpha = stage.alpha();
        let bob = council.let_bob_in(&stage).await;
        let told = write(alpha, &council.alice, &council.closed, "Pour Bob").await;
        stage.net.settle().await;
        let [announce] = &stage.honest.activities()[..] else { panic!("not announced") };
        assert_eq!(announce["to"], json!([format!("{}/followers", council.closed.ap_id)]));
        assert_eq!(announce["cc"], json!([]));
        assert!(announce["object"].is_object() && !announce.to_string().contains(PUBLIC), "{announce}");
        assert_eq!(announce["object"]["object"]["id"], told.ap_id.as_str());
        stage.honest.forget();
        // It cannot take it now: what is said meanwhile waits.
        stage.honest.answer_all(503, None);
        write(alpha, &council.alice, &council.closed, "Pendant").await;
        clocher_tests::stage::until("a first try", async || !stage.honest.refused().is_empty()).await;
        admitting::remove(alpha, council.alice.id, council.closed.id, bob.id).await.unwrap();
        posting::edit(alpha, council.alice.id, told.id, Some("Changé".into()), "Autre.".into())
            .await
            .unwrap();
        stage.honest.forget();
        stage.honest.answer_all(202, None);
        stage.net.settle().await;
        let kinds: Vec<_> = stage.honest.activities().iter().map(|one| one["type"].clone()).collect();
        assert_eq!(kinds, ["Reject"], "{:?}", stage.honest.activities());
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s70_no_answer_of_the_inbox_tells_a_hidden_community_from_none() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let council = Council::of(&stage).await;
        let alpha = stage.alpha();
        stage.honest.runs("clocher");
        let (hidden, none) = (council.hidden.ap_id.clone(), alpha.site().community("elcrec"));
        let bob = &stage.bob;
        let requests = |group: &str, number: u32| {
            let id = |kind: &str| format!("{bob}/{kind}/{number}");
            let about = |kind: &str, object: Value, fields: Value| {
                with(activity(kind, bob, &id(kind), &object), fields)
            };
            vec![
                about("Follow", json!(group), json!({})),
                about("Join", json!(group), json!({})),
                about("Invite", json!(group), json!({ "target": council.alice.ap_id })),
                create(bob, number, &json!([group]), json!({ "audience": group })),
                create(bob, number + 20, &json!([group, PUBLIC]), json!({ "audience": group })),
                create(bob, number + 40, &json!([group]), json!({})),
                create(bob, number + 60, &json!([group, format!("{group}/followers")]), json!({})),
                about("Block", json!(council.alice.ap_id), json!({ "target": group })),
                about("Add", json!(bob), json!({ "target": format!("{group}/moderators") })),
                about("Remove", json!(council.post.ap_id), json!({ "target": group })),
                about("Flag", json!([group]), json!({})),
                about("Announce", json!(group), json!({})),
            ]
        };
        let before = dump(alpha).await;
        for (one, other) in requests(&hidden, 1).iter().zip(requests(&none, 2)) {
            let at = |group: &str| format!("{group}/inbox");
            let send = async |document: &Value, inbox: String| {
                let request = stage.honest.request(&*stage.net.clock, bob, &inbox, document);
                let answer = request.send(stage.net.address).await;
                stage.net.settle().await;
                answer
            };
            assert_eq!(send(one, at(&hidden)).await, send(&other, at(&none)).await, "{one}");
        }
        let named = |line: &&String| line.contains("cercle");
        let (before, after) = (before, dump(alpha).await);
        let kept = |lines: &[String]| lines.iter().filter(named).cloned().collect::<Vec<_>>();
        assert_same(&kept(&before), &kept(&after), "a request that names a hidden community");
        stage.clear().await;
    }
}
