//! How a thread travels between linked communities, within one instance and between several.
#![expect(clippy::unwrap_used, reason = "a test whose network does not stand cannot go on")]

use clocher_app::placing::{self, Judgement};
use clocher_app::{App, membership, moderating, posting, reading, voting};
use clocher_domain::community::Posting;
use clocher_domain::link::{Accepting, Policy, Relation, Sharing};
use clocher_domain::moderation::Act;
use clocher_domain::placement::{PlacementState, Reach};
use clocher_domain::vote::Vote;
use clocher_storage::actors::ActorRow;
use clocher_storage::placements::{self, PlacementRow};
use clocher_storage::posts::PostRow;
use clocher_tests::{Network, actor_at, community, each_network, link, person, post_at, reply, thread};

const OPEN: Policy = Policy { shares: Sharing::Everything, accepts: Accepting::Everything };
const MODERATED: Policy = Policy { shares: Sharing::Everything, accepts: Accepting::Moderated };

/// A community of an instance.
#[derive(Clone)]
struct Place<'a> {
    app: &'a App,
    row: ActorRow,
}

async fn place<'a>(app: &'a App, name: &str) -> Place<'a> {
    Place { app, row: community(app, name, Posting::Everybody).await }
}

/// Links two communities; the instances get to know them. `upper` is above.
async fn nest(net: &Network, lower: (&Place<'_>, Policy), upper: (&Place<'_>, Policy)) {
    join(net, lower, Relation::Upper, upper).await;
}

async fn join(net: &Network, one: (&Place<'_>, Policy), relation: Relation, other: (&Place<'_>, Policy)) {
    net.find(one.0.app, &other.0.row.ap_id).await.unwrap();
    net.find(other.0.app, &one.0.row.ap_id).await.unwrap();
    link((one.0.app, &one.0.row, one.1), relation, (other.0.app, &other.0.row, other.1)).await;
}

fn reach(communities: &[&Place<'_>], down: bool) -> Reach {
    Reach { communities: communities.iter().map(|one| one.row.ap_id.clone()).collect(), down }
}

/// How a thread stands in a community, as an instance has it.
async fn placement(app: &App, top: &PostRow, place: &Place<'_>) -> Option<PlacementRow> {
    let (top, place) = (post_at(app, &top.ap_id).await?, actor_at(app, &place.row.ap_id).await?);
    app.read(move |conn| placements::find_in(conn, top.id, place.id)).await.unwrap()
}

async fn state(place: &Place<'_>, top: &PostRow) -> Option<PlacementState> {
    placement(place.app, top, place).await.map(|row| row.state().unwrap())
}

/// The titles on the page of a community, as an instance shows it.
async fn listed(app: &App, place: &Place<'_>) -> Vec<String> {
    let row = actor_at(app, &place.row.ap_id).await.unwrap();
    let page = reading::community(app, row.id, None, None).await.unwrap().page;
    page.threads.into_iter().map(|line| line.top.post.title.unwrap_or_default()).collect()
}

/// Somebody of an instance follows a community.
async fn reader(net: &Network, app: &App, name: &str, place: &Place<'_>) -> ActorRow {
    let who = person(app, name).await;
    let known = net.find(app, &place.row.ap_id).await.unwrap();
    membership::join(app, who.id, known.id).await.unwrap();
    net.settle().await;
    who
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_of_a_hamlet_climbs_and_is_not_pushed_into_the_other_communes() {
    each_network(&["alpha", "beta", "gamma"], |net| async move {
        let (alpha, beta, gamma) = (net.node("alpha"), net.node("beta"), net.node("gamma"));
        let hamlet = place(alpha, "hameau").await;
        let commune = place(alpha, "commune").await;
        let epci = place(beta, "epci").await;
        let other = place(gamma, "voisine").await;
        nest(&net, (&hamlet, OPEN), (&commune, OPEN)).await;
        nest(&net, (&commune, OPEN), (&epci, OPEN)).await;
        nest(&net, (&other, OPEN), (&epci, OPEN)).await;
        let alice = person(alpha, "alice").await;
        let mut new = thread(&alice, &hamlet.row, "Coupure", "L’eau est coupée.");
        new.reach = Some(reach(&[&commune, &epci, &other], true));
        let top = posting::write(alpha, new).await.unwrap();
        net.settle().await;

        assert_eq!(state(&commune, &top).await, Some(PlacementState::Placed));
        assert_eq!(state(&epci, &top).await, Some(PlacementState::Placed));
        assert_eq!(state(&other, &top).await, None, "what climbed does not go down again");
        let at_epci = placement(beta, &top, &epci).await.unwrap();
        assert_eq!(at_epci.path().unwrap(), [hamlet.row.ap_id.clone(), commune.row.ap_id.clone()]);
        let at_beta = post_at(beta, &top.ap_id).await.unwrap();
        let home = actor_at(beta, &hamlet.row.ap_id).await.unwrap();
        assert_eq!(at_beta.home_id, Some(home.id), "it has its true home there");
        let known_at_home = placement(alpha, &top, &epci).await.unwrap();
        assert_eq!(
            known_at_home.announce, at_epci.announce,
            "the home knows who shares it, by which announce"
        );
        assert_eq!(listed(beta, &epci).await, ["Coupure"]);
        assert_eq!(listed(alpha, &commune).await, ["Coupure"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_two_links_away_on_a_third_instance_gets_what_follows() {
    each_network(&["alpha", "beta", "gamma", "delta"], |net| async move {
        let (alpha, beta, gamma) = (net.node("alpha"), net.node("beta"), net.node("gamma"));
        let delta = net.node("delta");
        let (hamlet, commune, epci) =
            (place(alpha, "hameau").await, place(beta, "commune").await, place(gamma, "epci").await);
        nest(&net, (&hamlet, OPEN), (&commune, OPEN)).await;
        nest(&net, (&commune, OPEN), (&epci, OPEN)).await;
        let lea = reader(&net, delta, "lea", &epci).await;
        let alice = person(alpha, "alice").await;
        let mut new = thread(&alice, &hamlet.row, "Fête", "Samedi.");
        new.reach = Some(reach(&[&commune, &epci], false));
        let top = posting::write(alpha, new).await.unwrap();
        net.settle().await;

        let at_delta = post_at(delta, &top.ap_id).await.unwrap();
        assert_eq!(listed(delta, &epci).await, ["Fête"], "it stands under what is followed");
        let home = actor_at(delta, &hamlet.row.ap_id).await.unwrap();
        assert_eq!(at_delta.home_id, Some(home.id), "with its home, which nobody here follows");

        let answer = posting::write(alpha, reply(&alice, &top, "Apportez à boire.")).await.unwrap();
        net.settle().await;
        for app in [beta, gamma, delta] {
            let there = post_at(app, &answer.ap_id).await.expect("the reply is everywhere");
            assert!(there.html.contains("boire"));
        }
        posting::edit(alpha, alice.id, answer.id, None, "Apportez à manger.".into()).await.unwrap();
        net.settle().await;
        assert!(post_at(delta, &answer.ap_id).await.unwrap().html.contains("manger"));

        // Somebody there answers, and votes: the home is told, and tells the others.
        let of_lea = posting::write(delta, reply(&lea, &at_delta, "J’en suis.")).await.unwrap();
        voting::vote(delta, lea.id, at_delta.id, Some(Vote::Like)).await.unwrap();
        net.settle().await;
        for app in [alpha, beta, gamma] {
            assert!(post_at(app, &of_lea.ap_id).await.is_some());
            assert_eq!(post_at(app, &top.ap_id).await.unwrap().likes, 1);
        }

        let mairie = actor_at(alpha, &alpha.site().person("mairie")).await.unwrap();
        moderating::moderate_message(alpha, mairie.id, top.id, Act::Lock, String::new()).await.unwrap();
        posting::delete(alpha, alice.id, answer.id).await.unwrap();
        net.settle().await;
        for app in [beta, gamma, delta] {
            assert!(post_at(app, &top.ap_id).await.unwrap().locked, "{}", app.site().domain());
            assert!(post_at(app, &answer.ap_id).await.unwrap().deleted_at.is_some());
        }
        posting::delete(alpha, alice.id, top.id).await.unwrap();
        net.settle().await;
        assert!(post_at(delta, &top.ap_id).await.unwrap().deleted_at.is_some());
        assert!(listed(delta, &epci).await.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_diamond_makes_one_placement_and_a_cycle_ends() {
    each_network(&["alpha", "beta", "gamma"], |net| async move {
        let (alpha, beta, gamma) = (net.node("alpha"), net.node("beta"), net.node("gamma"));
        let hamlet = place(alpha, "hameau").await;
        let (epci, canton) = (place(alpha, "epci").await, place(beta, "canton").await);
        let department = place(gamma, "departement").await;
        for between in [&epci, &canton] {
            nest(&net, (&hamlet, OPEN), (between, OPEN)).await;
            nest(&net, (between, OPEN), (&department, OPEN)).await;
        }
        // Three instances accepted at once what is a cycle of nesting.
        nest(&net, (&department, OPEN), (&hamlet, OPEN)).await;
        let lea = reader(&net, beta, "lea", &department).await;
        let alice = person(alpha, "alice").await;
        let mut new = thread(&alice, &hamlet.row, "Marché", "Jeudi.");
        new.reach = Some(reach(&[&epci, &canton, &department], false));
        let top = posting::write(alpha, new).await.unwrap();
        net.settle().await;

        let at_department = placement(gamma, &top, &department).await.unwrap();
        assert_eq!(at_department.state().unwrap(), PlacementState::Placed);
        let arrivals =
            gamma.read(move |conn| placements::list_arrivals(conn, at_department.id)).await.unwrap();
        assert_eq!(arrivals.len(), 2, "by both ways");
        assert_eq!(announced(gamma, &department, &top).await, 1, "and announced once");
        assert_eq!(placement(alpha, &top, &hamlet).await, None, "a home is no placement");
        assert_eq!(listed(beta, &department).await, ["Marché"]);
        assert_eq!(follows_of(beta, lea.id).await, 1);
    })
    .await;
}

async fn follows_of(app: &App, person: i64) -> usize {
    reading::joined(app, person).await.unwrap().len()
}

/// How many `Announce`s of a thread a community has made.
async fn announced(app: &App, place: &Place<'_>, top: &PostRow) -> usize {
    let top = post_at(app, &top.ap_id).await.unwrap();
    let place = place.row.id;
    let rows = app.read(move |conn| clocher_storage::activities::list_announces(conn, place, top.id));
    rows.await.unwrap().len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_goes_beyond_reach_policy_or_the_age_of_a_link() {
    each_network(&["alpha", "beta"], |net| async move {
        let (alpha, beta) = (net.node("alpha"), net.node("beta"));
        let home = place(alpha, "commune").await;
        let (above, closed) = (place(beta, "epci").await, place(beta, "fermee").await);
        let (below, beside) = (place(beta, "hameau").await, place(beta, "voisine").await);
        let shut = Policy { accepts: Accepting::Nothing, ..OPEN };
        nest(&net, (&home, OPEN), (&above, OPEN)).await;
        nest(&net, (&home, OPEN), (&closed, shut)).await;
        nest(&net, (&below, OPEN), (&home, OPEN)).await;
        join(&net, (&home, OPEN), Relation::Peer, (&beside, OPEN)).await;
        let alice = person(alpha, "alice").await;
        let mut new = thread(&alice, &home.row, "Une", "Une.");
        new.reach = Some(reach(&[&closed, &beside], false));
        let first = posting::write(alpha, new).await.unwrap();
        let mut new = thread(&alice, &home.row, "Deux", "Deux.");
        new.reach = Some(reach(&[], true));
        let second = posting::write(alpha, new).await.unwrap();
        let third = posting::write(alpha, thread(&alice, &home.row, "Trois", "Trois.")).await.unwrap();
        net.settle().await;
        assert_eq!(state(&above, &first).await, None, "the author did not name it");
        assert_eq!(state(&closed, &first).await, None, "it takes nothing");
        assert_eq!(state(&beside, &first).await, Some(PlacementState::Placed));
        assert_eq!(state(&below, &first).await, None);
        assert_eq!(state(&below, &second).await, Some(PlacementState::Placed));
        assert_eq!(state(&beside, &second).await, None);
        for place in [&above, &below, &beside] {
            assert_eq!(state(place, &third).await, None, "the home has no default");
        }

        // A link that is younger than a thread does not carry it.
        let late = place(beta, "tardive").await;
        nest(&net, (&home, OPEN), (&late, OPEN)).await;
        placing::change_reach(alpha, alice.id, third.id, Reach::default()).await.unwrap();
        net.settle().await;
        assert_eq!(state(&late, &third).await, None);
        placing::change_reach(alpha, alice.id, third.id, reach(&[&late, &above], false)).await.unwrap();
        net.settle().await;
        assert_eq!(state(&late, &third).await, Some(PlacementState::Placed), "but a widening sends it");
        assert_eq!(state(&above, &third).await, Some(PlacementState::Placed));
        placing::change_reach(alpha, alice.id, third.id, reach(&[&above], false)).await.unwrap();
        net.settle().await;
        assert_eq!(state(&late, &third).await, Some(PlacementState::Withdrawn), "a narrowing takes it back");
        assert_eq!(state(&above, &third).await, Some(PlacementState::Placed));
        let seen_at_home = placement(alpha, &third, &late).await.unwrap();
        assert_eq!(seen_at_home.state().unwrap(), PlacementState::Withdrawn, "and the home knows");
        placing::change_reach(alpha, alice.id, third.id, reach(&[&late, &above], false)).await.unwrap();
        net.settle().await;
        assert_eq!(state(&late, &third).await, Some(PlacementState::Placed), "a widening brings it back");
        let seen_at_home = placement(alpha, &third, &late).await.unwrap();
        assert_eq!(seen_at_home.state().unwrap(), PlacementState::Placed);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_moderator_has_one_item_and_the_answer_for_what_is_ahead_waits_for_the_thread() {
    each_network(&["alpha", "beta"], |net| async move {
        let (alpha, beta) = (net.node("alpha"), net.node("beta"));
        let home = place(alpha, "hameau").await;
        let (commune, epci) = (place(beta, "commune").await, place(beta, "epci").await);
        let department = place(beta, "departement").await;
        nest(&net, (&home, OPEN), (&commune, MODERATED)).await;
        nest(&net, (&commune, MODERATED), (&epci, MODERATED)).await;
        nest(&net, (&epci, MODERATED), (&department, MODERATED)).await;
        let mairie = actor_at(beta, &beta.site().person("mairie")).await.unwrap();
        let alice = person(alpha, "alice").await;
        let mut new = thread(&alice, &home.row, "Travaux", "Lundi.");
        new.reach = Some(reach(&[&commune, &epci, &department], false));
        let top = posting::write(alpha, new).await.unwrap();
        net.settle().await;
        assert_eq!(state(&commune, &top).await, Some(PlacementState::Waiting));
        assert!(listed(beta, &commune).await.is_empty());

        let items = placing::list_items(beta, mairie.id).await.unwrap();
        assert_eq!(items.len(), 1);
        let item = &items[0];
        let ahead: Vec<i64> = item.ahead.iter().map(|one| one.community.id).collect();
        assert_eq!(ahead, [epci.row.id, department.row.id]);
        let judgement =
            Judgement { accepted: vec![commune.row.id, epci.row.id], refused: vec![department.row.id] };
        placing::judge(beta, mairie.id, item.thread.id, judgement).await.unwrap();
        net.settle().await;
        assert_eq!(state(&commune, &top).await, Some(PlacementState::Placed));
        assert_eq!(
            state(&epci, &top).await,
            Some(PlacementState::Placed),
            "the answer was kept until it came"
        );
        assert_eq!(state(&department, &top).await, Some(PlacementState::Refused));
        assert!(placing::list_items(beta, mairie.id).await.unwrap().is_empty());
        assert_eq!(listed(beta, &epci).await, ["Travaux"]);

        // What its author changes since is not shown there until it is let in.
        posting::edit(alpha, alice.id, top.id, Some("Soldes".into()), "Tout doit partir.".into())
            .await
            .unwrap();
        net.settle().await;
        assert_eq!(listed(alpha, &home).await, ["Soldes"]);
        assert_eq!(listed(beta, &commune).await, ["Travaux"]);
        let items = placing::list_items(beta, mairie.id).await.unwrap();
        assert_eq!(items.len(), 1, "one item for both communities");
        assert!(items[0].standing.iter().all(|one| one.is_edit) && items[0].standing.len() == 2);
        let judgement = Judgement { accepted: vec![commune.row.id], refused: vec![epci.row.id] };
        placing::judge(beta, mairie.id, items[0].thread.id, judgement).await.unwrap();
        net.settle().await;
        assert_eq!(listed(beta, &commune).await, ["Soldes"]);
        assert_eq!(state(&epci, &top).await, Some(PlacementState::Withdrawn));
        placing::withdraw(beta, mairie.id, commune.row.id, items[0].thread.id).await.unwrap();
        net.settle().await;
        assert!(listed(beta, &commune).await.is_empty());
        let at_home = placement(alpha, &top, &commune).await.unwrap();
        assert_eq!(at_home.state().unwrap(), PlacementState::Withdrawn);
        let lea = person(beta, "lea").await;
        let refused = placing::withdraw(beta, lea.id, commune.row.id, items[0].thread.id).await;
        assert!(refused.unwrap_err().to_string().contains("not_a_moderator"));

        // A deletion also goes to what is withdrawn.
        posting::delete(alpha, alice.id, top.id).await.unwrap();
        net.settle().await;
        assert!(post_at(beta, &top.ap_id).await.unwrap().deleted_at.is_some());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_answered_gets_the_answer_though_nobody_there_follows_the_home() {
    each_network(&["alpha", "beta", "gamma"], |net| async move {
        let (alpha, beta, gamma) = (net.node("alpha"), net.node("beta"), net.node("gamma"));
        let home = place(alpha, "commune").await;
        let bob = reader(&net, beta, "bob", &home).await;
        // Of gamma nobody follows anything: Carol only writes there.
        let carol = person(gamma, "carol").await;
        let known = net.find(gamma, &home.row.ap_id).await.unwrap();
        let top = posting::write(gamma, thread(&carol, &known, "Clé trouvée", "Rue du Pont.")).await.unwrap();
        net.settle().await;
        let at_beta = post_at(beta, &top.ap_id).await.unwrap();
        let first = posting::write(beta, reply(&bob, &at_beta, "C’est la mienne.")).await.unwrap();
        net.settle().await;
        let at_gamma = post_at(gamma, &first.ap_id).await.expect("whose thread it is, is told");
        let second = posting::write(gamma, reply(&carol, &at_gamma, "Venez donc.")).await.unwrap();
        net.settle().await;
        assert!(post_at(beta, &second.ap_id).await.is_some());
        posting::edit(beta, bob.id, first.id, None, "Pardon, non.".into()).await.unwrap();
        net.settle().await;
        assert!(post_at(gamma, &first.ap_id).await.unwrap().html.contains("Pardon"));
        posting::delete(beta, bob.id, first.id).await.unwrap();
        net.settle().await;
        assert!(post_at(gamma, &first.ap_id).await.unwrap().deleted_at.is_some());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_before_a_thread_went_farther_comes_along() {
    each_network(&["alpha", "beta", "gamma"], |net| async move {
        let (alpha, beta, gamma) = (net.node("alpha"), net.node("beta"), net.node("gamma"));
        let (home, above) = (place(alpha, "commune").await, place(beta, "epci").await);
        nest(&net, (&home, OPEN), (&above, OPEN)).await;
        reader(&net, gamma, "lea", &above).await;
        let alice = person(alpha, "alice").await;
        let mut new = thread(&alice, &home.row, "Piscine", "Ouverte.");
        new.reach = Some(reach(&[], false));
        let top = posting::write(alpha, new).await.unwrap();
        let first = posting::write(alpha, reply(&alice, &top, "Dès dix heures.")).await.unwrap();
        let second = posting::write(alpha, reply(&alice, &first, "Non, onze.")).await.unwrap();
        net.settle().await;
        assert!(post_at(beta, &top.ap_id).await.is_none());
        placing::change_reach(alpha, alice.id, top.id, reach(&[&above], false)).await.unwrap();
        net.settle().await;
        for app in [beta, gamma] {
            for answer in [&first, &second] {
                assert!(post_at(app, &answer.ap_id).await.is_some(), "{}", app.site().domain());
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_moderator_sends_on_what_the_policy_leaves_to_moderators() {
    each_network(&["alpha", "beta"], |net| async move {
        let (alpha, beta) = (net.node("alpha"), net.node("beta"));
        let (home, above) = (place(alpha, "commune").await, place(beta, "epci").await);
        let chosen = Policy { shares: Sharing::Moderator, accepts: Accepting::Everything };
        nest(&net, (&home, chosen), (&above, OPEN)).await;
        let mairie = actor_at(alpha, &alpha.site().person("mairie")).await.unwrap();
        let alice = person(alpha, "alice").await;
        let mut new = thread(&alice, &home.row, "Piscine", "Ouverte.");
        new.reach = Some(reach(&[&above], false));
        let top = posting::write(alpha, new).await.unwrap();
        moderating::moderate_message(alpha, mairie.id, top.id, Act::Lock, String::new()).await.unwrap();
        net.settle().await;
        assert_eq!(state(&above, &top).await, None);
        let there = actor_at(alpha, &above.row.ap_id).await.unwrap();
        placing::share(alpha, mairie.id, home.row.id, top.id, there.id).await.unwrap();
        net.settle().await;
        assert_eq!(state(&above, &top).await, Some(PlacementState::Placed));
        let at_beta = post_at(beta, &top.ap_id).await.unwrap();
        assert!(at_beta.locked, "it takes no answers there either");
        let bob = person(beta, "bob").await;
        assert!(posting::write(beta, reply(&bob, &at_beta, "Et ?")).await.is_err());
        let refused = placing::share(alpha, alice.id, home.row.id, top.id, there.id).await;
        assert!(refused.unwrap_err().to_string().contains("not_a_moderator"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_than_three_threads_of_an_author_on_a_day_wait_for_a_moderator() {
    each_network(&["alpha", "beta"], |net| async move {
        let (alpha, beta) = (net.node("alpha"), net.node("beta"));
        let (home, above) = (place(alpha, "commune").await, place(beta, "epci").await);
        nest(&net, (&home, OPEN), (&above, OPEN)).await;
        let alice = person(alpha, "alice").await;
        let mut states = Vec::new();
        for number in 0..5 {
            let mut new = thread(&alice, &home.row, &format!("N° {number}"), "Encore.");
            new.reach = Some(reach(&[&above], false));
            let top = posting::write(alpha, new).await.unwrap();
            net.settle().await;
            states.push(state(&above, &top).await);
        }
        let placed = states.iter().filter(|state| **state == Some(PlacementState::Placed)).count();
        let waits = states.iter().filter(|state| **state == Some(PlacementState::Waiting)).count();
        assert_eq!((placed, waits), (3, 2));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn authors_who_cannot_say_are_taken_at_the_default_of_the_home() {
    each_network(&["alpha", "beta", "gamma"], |net| async move {
        let (alpha, beta, gamma) = (net.node("alpha"), net.node("beta"), net.node("gamma"));
        let (home, above) = (place(alpha, "commune").await, place(beta, "epci").await);
        let mairie = actor_at(alpha, &alpha.site().person("mairie")).await.unwrap();
        let default = reach(&[&above], false);
        placing::change_default_reach(alpha, mairie.id, home.row.id, default.clone()).await.unwrap();
        nest(&net, (&home, OPEN), (&above, OPEN)).await;
        // Its author lives on a third instance.
        let marius = reader(&net, gamma, "marius", &home).await;
        let there = actor_at(gamma, &home.row.ap_id).await.unwrap();
        let known = gamma.read(move |conn| clocher_storage::communities::find(conn, there.id)).await.unwrap();
        assert_eq!(known.unwrap().default_reach().unwrap(), default, "it is published");
        let there = actor_at(gamma, &home.row.ap_id).await.unwrap();
        let top = posting::write(gamma, thread(&marius, &there, "Loto", "Dimanche.")).await.unwrap();
        net.settle().await;
        assert_eq!(state(&above, &top).await, Some(PlacementState::Placed));
        let answer = posting::write(gamma, reply(&marius, &top, "À 14 h.")).await.unwrap();
        net.settle().await;
        assert!(post_at(beta, &answer.ap_id).await.is_some());

        // The same author takes a thread back from there, from where they live.
        let narrowed = placing::change_reach(gamma, marius.id, top.id, Reach::default()).await;
        narrowed.unwrap();
        net.settle().await;
        assert_eq!(state(&above, &top).await, Some(PlacementState::Withdrawn));
        placing::change_reach(gamma, marius.id, top.id, default).await.unwrap();
        net.settle().await;
        assert_eq!(state(&above, &top).await, Some(PlacementState::Placed));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_offered_a_thread_is_told_that_it_is_refused_and_its_author_finds_it() {
    each_network(&["alpha", "beta"], |net| async move {
        let (alpha, beta) = (net.node("alpha"), net.node("beta"));
        let home = place(alpha, "commune").await;
        let (asks, strict) = (place(beta, "epci").await, place(beta, "canton").await);
        nest(&net, (&home, OPEN), (&asks, MODERATED)).await;
        nest(&net, (&home, OPEN), (&strict, OPEN)).await;
        let alice = person(alpha, "alice").await;
        let known = net.find(beta, &alice.ap_id).await.unwrap();
        let mairie = actor_at(beta, &beta.site().person("mairie")).await.unwrap();
        let terms = moderating::Terms::default();
        moderating::moderate_person(beta, mairie.id, strict.row.id, known.id, Act::Ban, terms).await.unwrap();
        let mut new = thread(&alice, &home.row, "Travaux", "Lundi.");
        new.reach = Some(reach(&[&asks, &strict], false));
        let top = posting::write(alpha, new).await.unwrap();
        net.settle().await;
        assert_eq!(placement(alpha, &top, &asks).await, None, "nothing is decided yet");
        let told = placement(alpha, &top, &strict).await.unwrap();
        assert_eq!(told.state().unwrap(), PlacementState::Refused, "she is banned there");
        assert_eq!(state(&strict, &top).await, None);

        let at_beta = post_at(beta, &top.ap_id).await.unwrap();
        let judgement = Judgement { refused: vec![asks.row.id], ..Judgement::default() };
        placing::judge(beta, mairie.id, at_beta.id, judgement).await.unwrap();
        net.settle().await;
        let told = placement(alpha, &top, &asks).await.unwrap();
        assert_eq!(told.state().unwrap(), PlacementState::Refused);
        let listed = listed(alpha, &asks).await;
        assert!(listed.is_empty(), "{listed:?}");
        // Widened again, it is offered again, and told nothing new: no loop.
        placing::change_reach(alpha, alice.id, top.id, reach(&[&asks, &strict], true)).await.unwrap();
        net.settle().await;
        assert_eq!(state(&asks, &top).await, Some(PlacementState::Refused));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_label_is_the_shortest_path_whichever_was_first() {
    each_network(&["alpha", "beta"], |net| async move {
        let (alpha, beta) = (net.node("alpha"), net.node("beta"));
        let (hamlet, commune) = (place(alpha, "hameau").await, place(alpha, "commune").await);
        let epci = place(beta, "epci").await;
        let chosen = Policy { shares: Sharing::Moderator, accepts: Accepting::Everything };
        nest(&net, (&hamlet, OPEN), (&commune, OPEN)).await;
        nest(&net, (&commune, OPEN), (&epci, OPEN)).await;
        nest(&net, (&hamlet, chosen), (&epci, OPEN)).await;
        let mairie = actor_at(alpha, &alpha.site().person("mairie")).await.unwrap();
        let alice = person(alpha, "alice").await;
        let mut new = thread(&alice, &hamlet.row, "Puits", "À sec.");
        new.reach = Some(reach(&[&commune, &epci], false));
        let top = posting::write(alpha, new).await.unwrap();
        net.settle().await;
        let row = placement(beta, &top, &epci).await.unwrap();
        assert_eq!(row.path().unwrap(), [hamlet.row.ap_id.clone(), commune.row.ap_id.clone()]);
        let there = actor_at(alpha, &epci.row.ap_id).await.unwrap();
        placing::share(alpha, mairie.id, hamlet.row.id, top.id, there.id).await.unwrap();
        net.settle().await;
        let row = placement(beta, &top, &epci).await.unwrap();
        assert_eq!(row.path().unwrap(), std::slice::from_ref(&hamlet.row.ap_id));
        assert_eq!(announced(beta, &epci, &top).await, 1, "and nobody is told again");
    })
    .await;
}
