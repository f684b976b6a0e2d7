//! Servers that would take over the mail of an address, or have one of ours follow what its holder does not: without the
//! holder's word at both ends, nothing changes.
#![expect(clippy::unwrap_used, reason = "a test whose stage does not stand cannot go on")]

use clocher_app::{App, Error, joining, membership, subscribing};
use clocher_domain::community::Posting;
use clocher_domain::ledger::Mode;
use clocher_storage::actors::ActorRow;
use clocher_storage::addresses;
use clocher_storage::joints::{self, JointRow};
use clocher_tests::impostor::{Impostor, with};
use clocher_tests::stage::{Stage, activity, each_storage};
use clocher_tests::{actor_at, community};
use serde_json::{Value, json};

const MAIL: &str = "alice@mail.test";

/// Alice of alpha, with a confirmed address.
async fn alice(stage: &Stage) -> ActorRow {
    let alice = stage.alice().await;
    let account = alice.id;
    stage
        .alpha()
        .write(move |deed| {
            let now = deed.now();
            let subscriber = addresses::find_subscriber(deed.conn, account)?.unwrap();
            addresses::verify(deed.conn, subscriber.address_id, now)
        })
        .await
        .unwrap();
    subscribing::choose_mode(stage.alpha(), alice.id, None, Some(Mode::Immediate)).await.unwrap();
    alice
}

fn host(server: &Impostor) -> String {
    server.at("").trim_start_matches("http://").trim_end_matches('/').to_owned()
}

/// One step, said by an actor.
fn step(actor: &str, number: usize, step: &str, fields: Value) -> Value {
    let object = with(json!({ "type": "MailHome", "step": step }), fields);
    activity("Offer", actor, &format!("{actor}/offer/{number}"), &object)
}

fn begin(actor: &str, number: usize, ticket: &str, mark: &str) -> Value {
    let key = joining::key_of(ticket);
    step(actor, number, "begin", json!({ "joint": key, "ticket": ticket, "mark": mark }))
}

async fn joint(app: &App, ticket: &str) -> JointRow {
    let key = joining::key_of(ticket);
    app.read(move |conn| joints::find_by_key(conn, &key)).await.unwrap().unwrap()
}

async fn home(app: &App, account: i64) -> Option<String> {
    app.read(move |conn| {
        let subscriber = addresses::find_subscriber(conn, account)?.unwrap();
        Ok::<_, Error>(addresses::find(conn, subscriber.address_id)?.unwrap().home)
    })
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_takes_over_an_address_without_the_ticket_that_its_holder_carried_to_the_server_that_they_named()
 {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let alpha = stage.alpha();
        let alice = alice(&stage).await;
        let school = community(alpha, "ecole", Posting::Everybody).await;
        membership::join(alpha, alice.id, school.id).await.unwrap();
        let (bob, other) = (stage.bob.clone(), stage.honest.person("autre"));
        let (mallory, group) = (stage.mallory.person("mallory"), stage.honest.group("club"));
        for known in [&bob, &other, &mallory, &group] {
            stage.net.find(alpha, known).await.unwrap();
        }
        stage.net.settle().await;
        // Nobody asked: everybody knows the address, and nobody the ticket.
        let guess = "0".repeat(64);
        let mark = joining::mark_of(&guess, true, MAIL);
        let forged = begin(&mallory, 1, &guess, &mark);
        stage.leaves_no_trace(202, &stage.mallory, alpha, &forged).await;

        // Alice asked for the honest server, and confirmed it here.
        let ticket = joining::issue(alpha, MAIL, &host(&stage.honest)).await.unwrap().unwrap();
        let mark = joining::mark_of(&ticket, true, MAIL);
        let key = joint(alpha, &ticket).await.key;
        let stolen = begin(&mallory, 2, &ticket, &mark);
        stage.leaves_no_trace(202, &stage.mallory, alpha, &stolen).await;
        let wrong = begin(&bob, 3, &ticket, &joining::mark_of(&ticket, true, "bob@mail.test"));
        stage.leaves_no_trace(202, &stage.honest, alpha, &wrong).await;
        let second = begin(&bob, 4, &ticket, &joining::mark_of(&ticket, false, MAIL));
        stage.leaves_no_trace(202, &stage.honest, alpha, &second).await;
        let by_key = step(&bob, 5, "begin", json!({ "joint": key }));
        stage.leaves_no_trace(202, &stage.honest, alpha, &by_key).await;
        let by_group = begin(&group, 6, &ticket, &mark);
        stage.leaves_no_trace(202, &stage.honest, alpha, &by_group).await;
        let proved = stage.honest.proved(&*stage.net.clock, &begin(&bob, 7, &ticket, &mark));
        let status = stage.send_as(&stage.mallory, &mallory, alpha, &proved).await.0;
        assert_eq!(status, 401, "nobody forwards it");

        // The home that she named begins; nobody else is it, on its own server neither, nor a second time.
        assert_eq!(stage.send(&stage.honest, alpha, &begin(&bob, 8, &ticket, &mark)).await, 202);
        stage.net.settle().await;
        let list = stage.honest.activities().into_iter().rev().find(|one| one["object"]["step"] == "list");
        let list = list.unwrap();
        assert_eq!(list["object"]["communities"], json!([school.ap_id]));
        assert_eq!(list["object"]["modes"], json!(["immediate"]));
        assert!(!list.to_string().contains(MAIL), "no address goes over");
        let ready = json!({ "joint": key, "communities": [school.ap_id] });
        for (number, (who, server)) in
            [(&mallory, &stage.mallory), (&other, &stage.honest)].into_iter().enumerate()
        {
            for (offset, name) in ["ready", "released", "handed", "list", "release"].into_iter().enumerate() {
                let said = step(who, 10 + 10 * number + offset, name, ready.clone());
                stage.leaves_no_trace(202, server, alpha, &said).await;
            }
            let again = begin(who, 40 + number, &ticket, &mark);
            stage.leaves_no_trace(202, server, alpha, &again).await;
        }
        // The home says that it follows what it does not: its word on what is ours is not taken.
        assert_eq!(stage.send(&stage.honest, alpha, &step(&bob, 50, "ready", ready.clone())).await, 202);
        stage.net.settle().await;
        let joint = joint(alpha, &ticket).await;
        let handed = alpha.read(move |conn| joints::list_communities(conn, joint.id)).await.unwrap();
        assert_eq!(handed, [], "the school is told from here still");
        // Endless lists are refused.
        let many: Vec<String> = (0..5_000).map(|n| stage.honest.at(&format!("/post/{n}"))).collect();
        let endless = step(&bob, 51, "released", json!({ "joint": key, "told": many }));
        stage.leaves_no_trace(400, &stage.honest, alpha, &endless).await;
        assert_eq!(home(alpha, alice.id).await, Some(host(&stage.honest)));
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_home_follows_what_the_instance_lists_whose_ticket_came_and_asks_nobody_on_the_word_of_others() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let alpha = stage.alpha();
        let alice = alice(&stage).await;
        let club = stage.honest.group("club");
        let (bob, mallory) = (stage.bob.clone(), stage.mallory.person("mallory"));
        let (instance, forger) = (
            stage.honest.actor("Application", "/actor", "instance", json!({})),
            stage.mallory.actor("Application", "/actor", "instance", json!({})),
        );
        for known in [&mallory, &instance, &forger] {
            stage.net.find(alpha, known).await.unwrap();
        }
        let ticket = "a".repeat(64);
        joining::take(alpha, MAIL, &ticket, &host(&stage.honest)).await.unwrap();
        stage.net.settle().await;
        let key = joining::key_of(&ticket);
        let said = stage.honest.activities();
        let begun = said.iter().find(|one| one["object"]["step"] == "begin").unwrap();
        assert_eq!(begun["actor"], alice.ap_id.as_str());
        assert_eq!(begun["object"]["mark"], joining::mark_of(&ticket, true, MAIL).as_str());
        assert!(!begun.to_string().contains(MAIL));
        let listing = json!({ "joint": key, "communities": [club], "modes": ["daily"] });
        stage.honest.forget();
        for (number, (who, server)) in
            [(&forger, &stage.mallory), (&mallory, &stage.mallory), (&bob, &stage.honest)]
                .into_iter()
                .enumerate()
        {
            let list = step(who, 10 + number, "list", listing.clone());
            stage.leaves_no_trace(202, server, alpha, &list).await;
            let release = step(who, 20 + number, "release", listing.clone());
            stage.leaves_no_trace(202, server, alpha, &release).await;
        }
        let other =
            step(&instance, 30, "list", with(listing.clone(), json!({ "joint": joining::key_of("b") })));
        stage.leaves_no_trace(202, &stage.honest, alpha, &other).await;
        assert_eq!(stage.honest.asked(), Vec::<String>::new(), "nobody was asked for the club");
        // The instance itself.
        assert_eq!(stage.send(&stage.honest, alpha, &step(&instance, 31, "list", listing)).await, 202);
        stage.net.settle().await;
        let known = actor_at(alpha, &club).await.unwrap();
        let follow = activity("Follow", &alice.ap_id, "", &json!(club));
        let asked = stage.honest.activities();
        assert!(asked.iter().any(|one| one["type"] == "Follow" && one["object"] == follow["object"]));
        let wish = subscribing::find_wish(alpha, alice.id, known.id).await.unwrap();
        assert_eq!(wish.mode, Some(Mode::None), "nothing is told of it before it is handed over");
        stage.clear().await;
    }
}
