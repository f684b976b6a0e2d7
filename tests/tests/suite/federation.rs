//! Three instances tell one another what happens, on both databases, over HTTP and directly; and find actors of
//! other servers.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use clocher_app::{membership, posting, profile, queue, reading, voting};
use clocher_domain::actor::ActorKind;
use clocher_domain::membership::Standing;
use clocher_domain::vote::Vote;
use clocher_storage::actors::ActorRow;
use clocher_storage::{follows, hosts};
use clocher_tests::stage::{Stage, each_storage, until};
use clocher_tests::{Network, Ways, actor_at, each_network, person, post_at, reply, thread};
use serde_json::json;
use std::sync::Arc;

const THREE: &[&str] = &["alpha", "beta", "gamma"];

/// Alice of alpha and Carol of gamma are members of beta's community; gives both, and the community as
/// each of the three has it.
async fn neighbours(net: &Network) -> (ActorRow, ActorRow, [ActorRow; 3]) {
    let (alpha, beta, gamma) = (net.node("alpha"), net.node("beta"), net.node("gamma"));
    let (alice, carol) = (person(alpha, "alice").await, person(gamma, "carol").await);
    let handle = format!("!velo@{}", beta.site().domain());
    let at_alpha = net.find(alpha, &handle).await.unwrap();
    let at_gamma = net.find(gamma, &handle).await.unwrap();
    membership::join(alpha, alice.id, at_alpha.id).await.unwrap();
    membership::join(gamma, carol.id, at_gamma.id).await.unwrap();
    net.settle().await;
    let at_beta = actor_at(beta, &at_alpha.ap_id).await.unwrap();
    (alice, carol, [at_alpha, at_beta, at_gamma])
}

async fn members(net: &Network, velo: &[ActorRow; 3]) -> Vec<i64> {
    let mut counts = Vec::new();
    for (name, row) in THREE.iter().zip(velo) {
        counts.push(reading::community(net.node(name), row.id, None, None).await.unwrap().line.members);
    }
    counts
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_join_and_a_leave_are_seen_on_all_three() {
    each_network(THREE, |net: Arc<Network>| async move {
        let (alice, _, velo) = neighbours(&net).await;
        let [at_alpha, ..] = &velo;
        let standing = reading::joined(net.node("alpha"), alice.id).await.unwrap();
        assert!(
            standing.iter().any(|(row, standing)| row.id == at_alpha.id && *standing == Standing::Accepted)
        );
        // The administrator of beta, who founded it, Alice and Carol.
        assert_eq!(members(&net, &velo).await, [3, 3, 3]);
        membership::leave(net.node("alpha"), alice.id, at_alpha.id).await.unwrap();
        net.settle().await;
        // Nobody of alpha follows any more: alpha is not told, and keeps what it knew.
        assert_eq!(members(&net, &velo).await.get(1..), Some(&[2, 2][..]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thread_its_replies_edits_votes_and_deletion_are_the_same_on_all_three() {
    each_network(THREE, |net: Arc<Network>| async move {
        let (alpha, beta, gamma) = (net.node("alpha"), net.node("beta"), net.node("gamma"));
        let (alice, carol, [at_alpha, ..]) = neighbours(&net).await;

        let top =
            posting::write(alpha, thread(&alice, &at_alpha, "Le pont", "Il est **fermé**.")).await.unwrap();
        net.settle().await;
        for app in [alpha, beta, gamma] {
            let post = post_at(app, &top.ap_id).await.expect("the thread everywhere");
            assert_eq!(
                (post.title.as_deref(), post.html.as_str()),
                (Some("Le pont"), "<p>Il est <strong>fermé</strong>.</p>")
            );
            assert_eq!(actor_at(app, &at_alpha.ap_id).await.map(|home| home.id), post.home_id);
        }

        let parent = post_at(gamma, &top.ap_id).await.unwrap();
        let answer = posting::write(gamma, reply(&carol, &parent, "Et la navette ?")).await.unwrap();
        net.settle().await;
        for app in [alpha, beta, gamma] {
            let post = post_at(app, &answer.ap_id).await.expect("the reply everywhere");
            let top = post_at(app, &top.ap_id).await.unwrap();
            assert_eq!((post.parent_id, post.thread_id, top.replies), (Some(top.id), top.id, 1));
        }

        voting::vote(gamma, carol.id, parent.id, Some(Vote::Like)).await.unwrap();
        let at_alpha_answer = post_at(alpha, &answer.ap_id).await.unwrap();
        voting::vote(alpha, alice.id, at_alpha_answer.id, Some(Vote::Dislike)).await.unwrap();
        net.settle().await;
        for app in [alpha, beta, gamma] {
            let (top, answer) =
                (post_at(app, &top.ap_id).await.unwrap(), post_at(app, &answer.ap_id).await.unwrap());
            assert_eq!(
                [top.likes, top.dislikes, answer.likes, answer.dislikes],
                [1, 0, 0, 1],
                "{}",
                app.site().domain()
            );
        }
        voting::vote(gamma, carol.id, parent.id, None).await.unwrap();
        voting::vote(alpha, alice.id, at_alpha_answer.id, Some(Vote::Like)).await.unwrap();
        net.settle().await;
        for app in [alpha, beta, gamma] {
            let (top, answer) =
                (post_at(app, &top.ap_id).await.unwrap(), post_at(app, &answer.ap_id).await.unwrap());
            assert_eq!(
                [top.likes, top.dislikes, answer.likes, answer.dislikes],
                [0, 0, 1, 0],
                "{}",
                app.site().domain()
            );
        }

        posting::edit(alpha, alice.id, top.id, Some("Le pont est ouvert".into()), "Il est ouvert.".into())
            .await
            .unwrap();
        net.settle().await;
        for app in [alpha, beta, gamma] {
            let post = post_at(app, &top.ap_id).await.unwrap();
            assert_eq!(
                (post.title.as_deref(), post.html.as_str()),
                (Some("Le pont est ouvert"), "<p>Il est ouvert.</p>")
            );
            assert!(post.edited_at.is_some());
        }

        posting::delete(gamma, carol.id, answer.id).await.unwrap();
        net.settle().await;
        for app in [alpha, beta, gamma] {
            let (top, answer) =
                (post_at(app, &top.ap_id).await.unwrap(), post_at(app, &answer.ap_id).await.unwrap());
            assert!(answer.deleted_at.is_some() && answer.html.is_empty(), "{}", app.site().domain());
            assert_eq!(top.replies, 0);
        }
        posting::delete(alpha, alice.id, top.id).await.unwrap();
        net.settle().await;
        for app in [alpha, beta, gamma] {
            let post = post_at(app, &top.ap_id).await.unwrap();
            assert!(post.deleted_at.is_some() && post.title.is_none() && post.html.is_empty());
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_local_thread_of_the_home_reaches_members_elsewhere_and_a_changed_profile_too() {
    each_network(THREE, |net: Arc<Network>| async move {
        let (alpha, beta, gamma) = (net.node("alpha"), net.node("beta"), net.node("gamma"));
        let (_, _, [_, velo, _]) = neighbours(&net).await;
        let bob = person(beta, "bob").await;
        let top = posting::write(beta, thread(&bob, &velo, "Sortie", "Dimanche.")).await.unwrap();
        profile::change(beta, velo.id, "Vélo des vallées".into(), "Tous à vélo.".into()).await.unwrap();
        net.settle().await;
        for app in [alpha, gamma] {
            assert!(post_at(app, &top.ap_id).await.is_some());
            let row = actor_at(app, &velo.ap_id).await.unwrap();
            assert_eq!(
                (row.display_name.as_str(), row.summary_html.as_str()),
                ("Vélo des vallées", "<p>Tous à vélo.</p>")
            );
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn followers_of_a_person_get_what_has_no_home_and_only_they() {
    use clocher_domain::audience::Visibility;
    each_network(THREE, |net: Arc<Network>| async move {
        let (alpha, beta, gamma) = (net.node("alpha"), net.node("beta"), net.node("gamma"));
        let (alice, bob) = (person(alpha, "alice").await, person(beta, "bob").await);
        let at_beta = net.find(beta, &format!("@alice@{}", alpha.site().domain())).await.unwrap();
        membership::join(beta, bob.id, at_beta.id).await.unwrap();
        net.settle().await;
        let for_followers = posting::NewPost {
            home_id: None,
            visibility: Visibility::Followers,
            title: None,
            ..thread(&alice, &alice, "", "Pour mes proches.")
        };
        let note = posting::write(alpha, for_followers).await.unwrap();
        net.settle().await;
        let received = post_at(beta, &note.ap_id).await.expect("the follower's instance has it");
        assert_eq!(received.visibility, "followers");
        assert!(post_at(gamma, &note.ap_id).await.is_none());
        // Bob reads it, a stranger of beta does not, and it is not to be fetched.
        let account = clocher_app::accounts::find(beta, "bob").await.unwrap();
        let viewer = clocher_app::sessions::Viewer { account: account.0, actor: account.1 };
        assert!(reading::thread(beta, received.id, Some(&viewer)).await.is_ok());
        assert!(reading::thread(beta, received.id, None).await.is_err());
        let (follower, followed) = (bob.id, at_beta.id);
        assert!(beta.read(move |conn| follows::is_accepted(conn, follower, followed)).await.unwrap());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s10_the_address_of_a_page_leads_to_its_actor_in_one_hop_or_nowhere() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let find = async |path: &str| stage.net.find(stage.alpha(), &stage.mallory.at(path)).await;
    let page = |path: &str, to: &str| {
        let link = format!("<link rel=alternate type=\"application/activity+json\" href=\"{to}\">");
        stage.mallory.put_as(path, 200, "text/html; charset=utf-8", &format!("<head>{link}</head>"));
    };
    let eve = stage.mallory.person("eve");
    page("/@eve", "/u/eve");
    assert_eq!(find("/@eve").await.unwrap().ap_id, eve);
    // Itself, a circle of two, a page behind a page, another server, and what is not a page.
    page("/@self", "/@self");
    page("/@self-again", "/@self-again#me");
    page("/@one", "/@two");
    page("/@two", "/@one");
    page("/@page", "/@eve");
    page("/@bob", &stage.bob);
    page("/@inside", "http://127.0.0.1/");
    page("/@file", "file:///etc/passwd");
    stage.mallory.put_as(
        "/@plain",
        200,
        "text/plain",
        "<link rel=alternate type=application/activity+json href=/u/eve>",
    );
    stage.mallory.put_as("/@none", 200, "text/html", "<p>Bonjour</p>");
    for path in
        ["/@self", "/@self-again", "/@one", "/@page", "/@bob", "/@inside", "/@file", "/@plain", "/@none"]
    {
        stage.mallory.forget();
        stage.honest.forget();
        assert!(find(path).await.is_err(), "{path}");
        let asked = stage.mallory.asked();
        assert!(asked.len() <= 3, "{path}: {asked:?}");
        assert!(stage.honest.asked().is_empty(), "{path}");
    }
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s62_a_name_that_passes_for_another_is_shown_for_what_it_is() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    for (number, name, shown) in [
        (1, "mairie", "mairie"),
        (2, "m\u{430}irie", "xn--mirie-4ve"),
        (3, "\u{202e}eiriam", "eiriam"),
        (4, "mai\u{200b}rie", "mairie"),
        (5, "mairie@alpha.test", "mairiealpha.test"),
    ] {
        let id = stage.mallory.actor("Person", &format!("/u/{number}"), name, json!({}));
        let row = stage.net.find(stage.alpha(), &id).await.unwrap();
        let host = &stage.mallory.host;
        assert_eq!((row.name.as_str(), row.handle()), (shown, format!("{shown}@{host}")), "{name}");
    }
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s61_a_handle_of_another_host_is_shown_only_where_that_host_confirms_it() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let (town, social) = (&stage.honest, &stage.mallory);
        let answer_for = |name: &str, actor: &str| {
            let (subject, links) = (
                format!("acct:{name}@{}", town.host),
                json!([{ "rel": "self", "type": "application/activity+json", "href": actor }]),
            );
            let resource = format!("acct%3A{name}%40{}", town.host.replace(':', "%3A"));
            let path = format!("/.well-known/webfinger?resource={resource}");
            town.put_as(
                &path,
                200,
                "application/jrd+json",
                &json!({ "subject": subject, "links": links }).to_string(),
            );
        };
        let claiming = |path: &str, name: &str| {
            social.actor("Person", path, name, json!({ "webfinger": format!("mairie@{}", town.host) }))
        };
        // Whoever claims it is shown by the host of its id, as nobody confirms it; nor does another's yes.
        let forger = claiming("/u/forger", "mairie");
        let at_home = format!("mairie@{}", social.host);
        assert_eq!(stage.net.find(stage.alpha(), &forger).await.unwrap().handle(), at_home);
        let genuine = claiming("/u/genuine", "mairie");
        answer_for("mairie", &genuine);
        let liar = claiming("/u/liar", "mairie");
        assert_eq!(stage.net.find(stage.alpha(), &liar).await.unwrap().handle(), at_home);
        // The one that the town names is shown so, and found so.
        let handle = format!("mairie@{}", town.host);
        let shown = stage.net.find(stage.alpha(), &genuine).await.unwrap();
        assert_eq!((shown.handle(), &shown.host), (handle.clone(), &social.host));
        let known = |kinds| reading::known_actor(stage.alpha(), "mairie", &town.host, kinds, None);
        assert_eq!(known(&[ActorKind::Person]).await.unwrap().ap_id, genuine);
        // The town changes its mind: looked for by its handle, another one bears it, and the first no more.
        let next = social.person("next");
        answer_for("mairie", &next);
        let found = stage.net.find(stage.alpha(), &format!("@{handle}")).await.unwrap();
        assert_eq!((found.ap_id.as_str(), found.handle()), (next.as_str(), handle));
        assert_eq!(actor_at(stage.alpha(), &genuine).await.unwrap().handle(), at_home);
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_reaches_a_third_instance_without_its_own_being_asked() {
    let mut net = Network::start(Ways::SqliteHttp, THREE, &[]).await;
    let (alice, _, [at_alpha, ..]) = neighbours(&net).await;
    let greeting =
        posting::write(net.node("alpha"), thread(&alice, &at_alpha, "Bonjour", "À tous.")).await.unwrap();
    net.settle().await;
    assert!(post_at(net.node("gamma"), &greeting.ap_id).await.is_some(), "gamma knows Alice by now");

    // While beta lets gamma rest, Alice writes to beta; then her own instance is gone.
    let gamma = net.node("gamma").site().domain().to_owned();
    let resting = gamma.clone();
    net.node("beta")
        .write(move |deed| {
            let row = hosts::find(deed.conn, &resting)?.unwrap_or_default();
            let retry_at = Some(deed.now() + 3_600_000);
            hosts::put(deed.conn, &hosts::HostRow { host: resting, retry_at, ..row })
        })
        .await
        .unwrap();
    let top =
        posting::write(net.node("alpha"), thread(&alice, &at_alpha, "Le pont", "Fermé.")).await.unwrap();
    until("the message at its home", async || post_at(net.node("beta"), &top.ap_id).await.is_some()).await;
    assert!(post_at(net.node("gamma"), &top.ap_id).await.is_none());
    let alpha = net.node("alpha").site().domain().to_owned();
    net.restart_only(|app| app.site().domain() != alpha).await;
    queue::retry(net.node("beta"), None, Some(gamma)).await.unwrap();
    until("the message at gamma", async || post_at(net.node("gamma"), &top.ap_id).await.is_some()).await;
    net.stop().await;
}
