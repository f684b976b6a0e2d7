//! One message to several communities of an instance: one thread, shown in each of them as its own rules say.
#![expect(clippy::unwrap_used, reason = "a test whose network does not stand cannot go on")]

use clocher_app::posting::Written;
use clocher_app::{App, membership, placing, posting, reading};
use clocher_domain::community::{Openness, Posting};
use clocher_domain::link::{Accepting, Policy, Relation, Sharing};
use clocher_domain::placement::{PlacementState, Reach, Way};
use clocher_storage::actors::ActorRow;
use clocher_storage::placements::{self, PlacementRow};
use clocher_storage::posts::PostRow;
use clocher_storage::{activities, posts};
use clocher_tests::{
    Network, actor_at, circle, community, each_network, link, person, post_at, reply, thread,
};
use serde_json::{Value, json};

const OPEN: Policy = Policy { shares: Sharing::Everything, accepts: Accepting::Everything };

/// How a thread stands in a community, as an instance has it.
async fn placement(app: &App, top: &PostRow, place: &ActorRow) -> Option<PlacementRow> {
    let (top, place) = (post_at(app, &top.ap_id).await?, actor_at(app, &place.ap_id).await?);
    app.read(move |conn| placements::find_in(conn, top.id, place.id)).await.unwrap()
}

async fn state(app: &App, top: &PostRow, place: &ActorRow) -> Option<PlacementState> {
    placement(app, top, place).await.map(|row| row.state().unwrap())
}

/// The titles on the page of a community, as an instance shows it.
async fn listed(app: &App, place: &ActorRow) -> Vec<String> {
    let row = actor_at(app, &place.ap_id).await.unwrap();
    let page = reading::community(app, row.id, None, None).await.unwrap().page;
    page.threads.into_iter().map(|line| line.top.post.title.unwrap_or_default()).collect()
}

async fn follow(net: &Network, app: &App, who: &ActorRow, places: &[&ActorRow]) {
    for place in places {
        let known = net.find(app, &place.ap_id).await.unwrap();
        membership::join(app, who.id, known.id).await.unwrap();
    }
    net.settle().await;
}

/// The `Announce`s of a thread that a community has made.
async fn announced(app: &App, place: &ActorRow, top: &PostRow) -> Vec<Value> {
    let (place, top) = (place.id, top.id);
    let rows = app.read(move |conn| activities::list_announces(conn, place, top)).await.unwrap();
    rows.iter().map(|row| serde_json::from_str(&row.document).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_to_several_communities_of_one_instance_is_one_thread_in_each() {
    each_network(&["alpha", "beta", "gamma"], |net| async move {
        let (alpha, beta, gamma) = (net.node("alpha"), net.node("beta"), net.node("gamma"));
        let commune = community(alpha, "commune", Posting::Everybody).await;
        let school = community(alpha, "ecole", Posting::Everybody).await;
        let office = community(alpha, "annonces", Posting::Moderators).await;
        let (lea, max) = (person(beta, "lea").await, person(gamma, "max").await);
        follow(&net, beta, &lea, &[&school]).await;
        follow(&net, gamma, &max, &[&commune, &school]).await;
        let alice = person(alpha, "alice").await;
        let mut new = thread(&alice, &commune, "Kermesse", "Samedi.");
        new.also = vec![school.id, office.id, school.id, commune.id];
        new.request_key = Some("une".into());
        let Written { post: top, unplaced } = posting::publish(alpha, new.clone()).await.unwrap();
        let names = |rows: &[ActorRow]| rows.iter().map(|row| row.name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&unplaced), ["annonces"], "its author is told where it does not stand");
        let again = posting::publish(alpha, new).await.unwrap();
        assert_eq!((again.post.id, names(&again.unplaced)), (top.id, names(&unplaced)), "once");
        net.settle().await;

        let row = placement(alpha, &top, &school).await.unwrap();
        assert_eq!(row.state().unwrap(), PlacementState::Placed);
        assert_eq!(row.ways().unwrap().iter().collect::<Vec<_>>(), [Way::Addressed]);
        assert_eq!(row.path().unwrap(), std::slice::from_ref(&commune.ap_id));
        assert_eq!(state(alpha, &top, &office).await, None, "its rule lets moderators alone open threads");
        let said = announced(alpha, &school, &top).await;
        assert_eq!(said.len(), 1);
        assert_eq!((&said[0]["object"], &said[0]["way"]), (&json!(top.ap_id), &json!("addressed")));
        assert_eq!(said[0]["path"], json!([commune.ap_id]));
        assert!(said[0]["cc"].as_array().unwrap().contains(&json!(commune.ap_id)), "the home is named");

        // Who follows the other community alone has the same thread, with its home.
        let at_beta = post_at(beta, &top.ap_id).await.unwrap();
        let home = actor_at(beta, &commune.ap_id).await.unwrap();
        assert_eq!(at_beta.home_id, Some(home.id));
        assert_eq!(placement(beta, &top, &school).await.unwrap().announce, row.announce);
        assert_eq!(listed(beta, &school).await, ["Kermesse"]);
        assert_eq!(
            (listed(gamma, &school).await, listed(gamma, &commune).await.len()),
            (vec!["Kermesse".to_owned()], 1)
        );

        // Replies, edits and reach are of the one thread; a narrow reach takes nothing back that was addressed.
        let answer = posting::write(beta, reply(&lea, &at_beta, "J’apporte un gâteau.")).await.unwrap();
        posting::edit(alpha, alice.id, top.id, Some("Fête".into()), "Dimanche.".into()).await.unwrap();
        placing::change_reach(alpha, alice.id, top.id, Reach::default()).await.unwrap();
        net.settle().await;
        for app in [alpha, gamma] {
            assert!(post_at(app, &answer.ap_id).await.is_some(), "{}", app.site().domain());
        }
        assert_eq!(listed(beta, &school).await, ["Fête"]);

        // Its moderators take it out of the one, and a deletion goes there all the same.
        let mairie = actor_at(alpha, &alpha.site().person("mairie")).await.unwrap();
        placing::withdraw(alpha, mairie.id, school.id, top.id).await.unwrap();
        net.settle().await;
        assert_eq!(state(beta, &top, &school).await, Some(PlacementState::Withdrawn));
        assert_eq!(listed(alpha, &commune).await, ["Fête"]);
        posting::delete(alpha, alice.id, top.id).await.unwrap();
        net.settle().await;
        assert!(post_at(beta, &top.ap_id).await.unwrap().deleted_at.is_some());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_by_which_it_also_comes_adds_a_way_and_tells_nothing() {
    each_network(&["alpha", "beta"], |net| async move {
        let (alpha, beta) = (net.node("alpha"), net.node("beta"));
        let commune = community(alpha, "commune", Posting::Everybody).await;
        let epci = community(alpha, "epci", Posting::Everybody).await;
        let (school, region) = (
            community(alpha, "ecole", Posting::Everybody).await,
            community(beta, "region", Posting::Everybody).await,
        );
        net.find(alpha, &region.ap_id).await.unwrap();
        net.find(beta, &epci.ap_id).await.unwrap();
        link((alpha, &commune, OPEN), Relation::Upper, (alpha, &epci, OPEN)).await;
        link((alpha, &school, OPEN), Relation::Upper, (alpha, &epci, OPEN)).await;
        link((alpha, &epci, OPEN), Relation::Upper, (beta, &region, OPEN)).await;
        let alice = person(alpha, "alice").await;
        let mut new = thread(&alice, &commune, "Bac", "Jeudi.");
        new.also = vec![epci.id, school.id];
        new.reach = Some(Reach { communities: vec![epci.ap_id.clone(), region.ap_id.clone()], down: false });
        let top = posting::write(alpha, new).await.unwrap();
        let mut addressed = thread(&alice, &commune, "Mare", "Vendredi.");
        addressed.also = vec![epci.id];
        addressed.reach = Some(Reach { communities: vec![region.ap_id.clone()], down: false });
        let short = posting::write(alpha, addressed).await.unwrap();
        net.settle().await;

        let at_epci = placement(alpha, &top, &epci).await.unwrap();
        assert_eq!(at_epci.ways().unwrap().iter().collect::<Vec<_>>(), [Way::Addressed, Way::Up]);
        assert_eq!(announced(alpha, &epci, &top).await.len(), 1, "it was shown there already");
        let at_region = placement(beta, &top, &region).await.unwrap();
        assert_eq!(at_region.path().unwrap(), [commune.ap_id.clone(), epci.ap_id.clone()], "by the link");
        assert_eq!(state(alpha, &short, &epci).await, Some(PlacementState::Placed));
        assert_eq!(state(beta, &short, &region).await, None, "what is addressed goes nowhere on");
        assert_eq!(state(alpha, &top, &school).await, Some(PlacementState::Placed));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_addressed_together_is_refused_and_not_written() {
    each_network(&["alpha", "beta"], |net| async move {
        let (alpha, beta) = (net.node("alpha"), net.node("beta"));
        let alice = person(alpha, "alice").await;
        let commune = community(alpha, "commune", Posting::Everybody).await;
        let school = community(alpha, "ecole", Posting::Everybody).await;
        let council = circle(alpha, "conseil", Openness::Closed, &alice).await;
        let other = circle(alpha, "comite", Openness::Hidden, &alice).await;
        let far = community(beta, "loin", Posting::Everybody).await;
        let mairie = actor_at(alpha, &alpha.site().person("mairie")).await.unwrap();
        let hidden = circle(alpha, "cercle", Openness::Hidden, &mairie).await;
        let far = net.find(alpha, &far.ap_id).await.unwrap();
        let bob = person(alpha, "bob").await;
        for (author, home, also, code) in [
            (&alice, &commune, vec![school.id, council.id], "not_for_members"),
            (&alice, &council, vec![commune.id], "not_for_members"),
            (&alice, &council, vec![other.id], "not_for_members"),
            (&alice, &other, vec![commune.id], "not_for_members"),
            (&alice, &far, vec![commune.id], "not_possible"),
            (&alice, &commune, vec![far.id], "not_found"),
            (&bob, &commune, vec![hidden.id], "not_found"),
            (&bob, &commune, vec![hidden.id + 1_000_000], "not_found"),
            (&bob, &commune, vec![alice.id], "not_found"),
        ] {
            let mut new = thread(author, home, "Une", "Deux.");
            new.also = also;
            let refused = posting::write(alpha, new).await.unwrap_err().to_string();
            assert!(refused.contains(code), "{refused}, not {code}: {}", home.name);
        }
        let mut many = Vec::new();
        for number in 0..11 {
            many.push(community(alpha, &format!("quartier-{number}"), Posting::Everybody).await.id);
        }
        let mut new = thread(&alice, &commune, "Une", "Deux.");
        new.also = many;
        let refused = posting::write(alpha, new).await.unwrap_err().to_string();
        assert!(refused.contains("too_many_addressed"), "{refused}");
        let mut answer = reply(
            &alice,
            &posting::write(alpha, thread(&alice, &commune, "Trois", "")).await.unwrap(),
            "Non",
        );
        answer.also = vec![school.id];
        assert!(posting::write(alpha, answer).await.unwrap_err().to_string().contains("not_possible"));
        let written = alpha.read(posts::count_local).await.unwrap();
        assert_eq!(written, (1, 0));
    })
    .await;
}
