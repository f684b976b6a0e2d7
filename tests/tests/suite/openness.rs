//! Communities that are closed or opened after they were made: what is written keeps its readers, whatever waits in the queues.
#![expect(clippy::unwrap_used, reason = "a test whose network does not stand cannot go on")]

use clocher_app::{App, admitting, communities, membership, posting, readers, reading};
use clocher_domain::audience::Visibility;
use clocher_domain::community::{Openness, Posting};
use clocher_domain::link::{Accepting, LinkState, Policy, Relation, Sharing};
use clocher_domain::membership::Standing;
use clocher_domain::placement::{PlacementState, Reach};
use clocher_storage::actors::ActorRow;
use clocher_storage::posts::PostRow;
use clocher_storage::{links, placements};
use clocher_tests::stage::{Stage, activity, each_storage, until};
use clocher_tests::{actor_at, circle, community, each_network, link, person, post_at, reply, thread};
use serde_json::{Value, json};

const OPEN: Policy = Policy { shares: Sharing::Everything, accepts: Accepting::Everything };

async fn openness_at(app: &App, ap_id: &str) -> Openness {
    let id = actor_at(app, ap_id).await.unwrap().id;
    let found = app.read(move |conn| clocher_storage::communities::find_openness(conn, id)).await;
    found.unwrap().unwrap()
}

/// Whether somebody (none: a stranger) reads the message with that id at an instance; none where it is not there.
async fn reads(app: &App, who: Option<&ActorRow>, post: &PostRow) -> Option<bool> {
    let post = post_at(app, &post.ap_id).await?;
    let id = who.map(|who| who.id);
    Some(app.read(move |conn| readers::may_read(conn, &post, id)).await.unwrap())
}

async fn placed(app: &App, top: &PostRow, place: &ActorRow) -> Option<PlacementState> {
    let (top, place) = (post_at(app, &top.ap_id).await?.id, actor_at(app, &place.ap_id).await?.id);
    let row = app.read(move |conn| placements::find_in(conn, top, place)).await.unwrap();
    row.map(|row| row.state().unwrap())
}

async fn active_links(app: &App, community: &ActorRow) -> usize {
    let id = community.id;
    app.read(move |conn| links::list(conn, id, &[LinkState::Active])).await.unwrap().len()
}

async fn turn(app: &App, who: &ActorRow, community: &ActorRow, openness: Openness) {
    communities::change_openness(app, who.id, community.id, openness).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_written_in_a_community_while_it_is_closed_leaves_it_before_or_after_it_is_opened() {
    each_network(&["alpha", "beta", "gamma"], |net| async move {
        let (alpha, beta, gamma) = (net.node("alpha"), net.node("beta"), net.node("gamma"));
        let alice = person(alpha, "alice").await;
        let home = circle(alpha, "commune", Openness::Open, &alice).await;
        let epci = community(beta, "epci", Posting::Everybody).await;
        let at_beta = net.find(beta, &home.ap_id).await.unwrap();
        let at_gamma = net.find(gamma, &epci.ap_id).await.unwrap();
        net.find(alpha, &epci.ap_id).await.unwrap();
        link((alpha, &home, OPEN), Relation::Upper, (beta, &epci, OPEN)).await;
        let (bob, carol) = (person(beta, "bob").await, person(beta, "carol").await);
        let zoe = person(gamma, "zoe").await;
        membership::join(beta, bob.id, at_beta.id).await.unwrap();
        membership::join(gamma, zoe.id, at_gamma.id).await.unwrap();
        net.settle().await;
        let write = async |title: &str| {
            let mut new = thread(&alice, &home, title, "Texte.");
            new.reach = Some(Reach { communities: vec![epci.ap_id.clone()], down: true });
            posting::write(alpha, new).await.unwrap()
        };
        let before = write("Avant").await;
        let mut new = thread(&carol, &epci, "D’en haut", "Texte.");
        new.reach = Some(Reach { communities: Vec::new(), down: true });
        let from_above = posting::write(beta, new).await.unwrap();
        net.settle().await;
        assert_eq!(placed(beta, &before, &epci).await, Some(PlacementState::Placed));
        assert_eq!(placed(alpha, &from_above, &home).await, Some(PlacementState::Placed));
        assert!(post_at(gamma, &before.ap_id).await.is_some());

        let stranger =
            communities::change_openness(alpha, person(alpha, "dave").await.id, home.id, Openness::Closed);
        assert_eq!(stranger.await.unwrap_err().code(), "not_a_moderator");
        turn(alpha, &alice, &home, Openness::Closed).await;
        net.settle().await;
        assert_eq!(openness_at(beta, &home.ap_id).await, Openness::Closed, "others are told");
        assert_eq!((active_links(alpha, &home).await, active_links(beta, &epci).await), (0, 0));
        assert_eq!(placed(alpha, &from_above, &home).await, Some(PlacementState::Withdrawn));
        assert_eq!(placed(beta, &from_above, &home).await, Some(PlacementState::Withdrawn), "its home knows");
        assert_eq!(placed(beta, &before, &epci).await, Some(PlacementState::Placed));
        for app in [alpha, beta, gamma] {
            assert_eq!(reads(app, None, &before).await, Some(true), "what was public stays so where it went");
        }

        let secret = write("Entre nous").await;
        let answer = posting::write(alpha, reply(&alice, &before, "Entre nous aussi.")).await.unwrap();
        net.settle().await;
        for post in [&secret, &answer] {
            assert_eq!(post.visibility().unwrap(), Visibility::Members);
            assert_eq!(reads(alpha, None, post).await, Some(false));
            assert_eq!(reads(beta, Some(&bob), post).await, Some(true), "members have it: {}", post.html);
            assert_eq!(reads(beta, Some(&carol), post).await, Some(false));
            assert_eq!(reads(gamma, Some(&zoe), post).await, None, "and nobody else");
        }
        let shown =
            reading::thread(beta, post_at(beta, &before.ap_id).await.unwrap().id, None).await.unwrap();
        assert_eq!(shown.replies.len(), 0);

        turn(alpha, &alice, &home, Openness::Open).await;
        net.settle().await;
        assert_eq!(openness_at(beta, &home.ap_id).await, Openness::Open);
        let dave = actor_at(alpha, &alpha.site().person("dave")).await.unwrap();
        membership::join(alpha, dave.id, home.id).await.unwrap();
        membership::join(beta, carol.id, at_beta.id).await.unwrap();
        net.settle().await;
        posting::edit(alpha, alice.id, secret.id, Some("Changé".into()), "Texte.".into()).await.unwrap();
        let late = posting::write(alpha, reply(&alice, &secret, "Toujours entre nous.")).await.unwrap();
        let after = write("À tous").await;
        net.settle().await;
        for post in [&secret, &answer, &late] {
            assert_eq!(reads(alpha, None, post).await, Some(false));
            assert_eq!(
                reads(alpha, Some(&dave), post).await,
                Some(false),
                "who joins later was let in by nobody"
            );
            assert_eq!(reads(beta, Some(&bob), post).await, Some(true), "{}", post.html);
            assert_eq!(reads(beta, Some(&carol), post).await, Some(false));
            assert_eq!(reads(gamma, Some(&zoe), post).await, None);
        }
        assert_eq!(post_at(beta, &secret.ap_id).await.unwrap().title.as_deref(), Some("Changé"));
        let page = reading::community(alpha, home.id, None, None).await.unwrap().page;
        let titles: Vec<_> = page.threads.iter().filter_map(|line| line.top.post.title.clone()).collect();
        assert_eq!(titles, ["À tous", "Avant"]);
        assert_eq!(reads(beta, Some(&carol), &after).await, Some(true));

        // A deletion goes wherever the message went.
        turn(alpha, &alice, &home, Openness::Hidden).await;
        net.settle().await;
        posting::delete(alpha, alice.id, before.id).await.unwrap();
        net.settle().await;
        for app in [beta, gamma] {
            assert!(post_at(app, &before.ap_id).await.unwrap().deleted_at.is_some());
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s67_an_opening_frees_nothing_that_waited_for_who_was_removed() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let alpha = stage.alpha();
        let alice = stage.alice().await;
        let closed = circle(alpha, "conseil", Openness::Closed, &alice).await;
        stage.honest.runs("clocher");
        let ask = activity("Follow", &stage.bob, &format!("{}/ask", stage.bob), &json!(closed.ap_id));
        assert_eq!(stage.send(&stage.honest, alpha, &ask).await, 202);
        stage.net.settle().await;
        let bob = actor_at(alpha, &stage.bob).await.unwrap();
        admitting::answer(alpha, alice.id, closed.id, bob.id, true).await.unwrap();
        stage.net.settle().await;
        stage.honest.answer_all(503, None);
        posting::write(alpha, thread(&alice, &closed, "Pendant", "Secret.")).await.unwrap();
        until("a first try", async || !stage.honest.refused().is_empty()).await;
        admitting::remove(alpha, alice.id, closed.id, bob.id).await.unwrap();
        turn(alpha, &alice, &closed, Openness::Open).await;
        stage.honest.forget();
        stage.honest.answer_all(202, None);
        stage.net.settle().await;
        let got = stage.honest.activities();
        assert!(got.iter().any(|one| one["type"] == "Reject"), "{got:?}");
        assert!(!got.iter().any(|one| one.to_string().contains("Pendant")), "{got:?}");
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s67_who_would_not_keep_a_community_closed_gets_nothing_written_after_it_was() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let alpha = stage.alpha();
        let alice = stage.alice().await;
        let open = circle(alpha, "village", Openness::Open, &alice).await;
        stage.honest.runs("mastodon");
        let follow = activity("Follow", &stage.bob, &format!("{}/follow", stage.bob), &json!(open.ap_id));
        assert_eq!(stage.send(&stage.honest, alpha, &follow).await, 202);
        stage.net.settle().await;
        stage.honest.forget();
        stage.honest.answer_all(503, None);
        let public = posting::write(alpha, thread(&alice, &open, "Publique", "Pour tous.")).await.unwrap();
        until("a first try", async || !stage.honest.refused().is_empty()).await;
        turn(alpha, &alice, &open, Openness::Closed).await;
        posting::write(alpha, thread(&alice, &open, "Secrète", "Pour nous.")).await.unwrap();
        posting::write(alpha, reply(&alice, &public, "Secrète aussi.")).await.unwrap();
        stage.honest.forget();
        stage.honest.answer_all(202, None);
        stage.net.settle().await;
        let got = stage.honest.activities();
        let of = |kind: &str| got.iter().filter(|one| one["type"] == kind).count();
        assert!(!got.iter().any(|one| one.to_string().contains("Secrète")), "{got:?}");
        assert_eq!(of("Reject"), 1, "its follow is ended: {got:?}");
        let turned = got.iter().find(|one| one["type"] == "Update").expect("it is told");
        assert_eq!(turned.pointer("/object/openness"), Some(&Value::from("moderated")));
        let (bob, place) = (actor_at(alpha, &stage.bob).await.unwrap().id, open.id);
        let row = alpha.read(move |conn| clocher_storage::follows::find(conn, bob, place)).await.unwrap();
        assert_eq!(row, None);
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_waits_at_a_closed_community_is_let_in_when_it_is_opened() {
    each_network(&["alpha", "beta"], |net| async move {
        let (alpha, beta) = (net.node("alpha"), net.node("beta"));
        let alice = person(alpha, "alice").await;
        let closed = circle(alpha, "conseil", Openness::Closed, &alice).await;
        let (bob, dave) = (person(beta, "bob").await, person(alpha, "dave").await);
        let at_beta = net.find(beta, &closed.ap_id).await.unwrap();
        let secret = posting::write(alpha, thread(&alice, &closed, "Secret", "Chut.")).await.unwrap();
        membership::join(beta, bob.id, at_beta.id).await.unwrap();
        membership::join(alpha, dave.id, closed.id).await.unwrap();
        net.settle().await;
        turn(alpha, &alice, &closed, Openness::Open).await;
        net.settle().await;
        let joined = reading::joined(beta, bob.id).await.unwrap();
        assert_eq!(joined.iter().map(|(_, standing)| *standing).collect::<Vec<_>>(), [Standing::Accepted]);
        let joined = reading::joined(alpha, dave.id).await.unwrap();
        assert_eq!(joined.iter().map(|(_, standing)| *standing).collect::<Vec<_>>(), [Standing::Accepted]);
        assert_eq!(
            reads(alpha, Some(&dave), &secret).await,
            Some(false),
            "but not to what was written before"
        );
        let after = posting::write(alpha, thread(&alice, &closed, "Public", "À tous.")).await.unwrap();
        net.settle().await;
        assert_eq!(reads(beta, None, &after).await, Some(true));
    })
    .await;
}
