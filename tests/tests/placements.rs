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
use clocher_tests::{
    Network, actor_at, community, each_network, link, person, post_at, reply, thread,
};

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

fn reach(communities: &[&Place<'_>], down: bool) -> Option<Reach> {
    Some(Reach { communities: communities.iter().map(|one| one.row.ap_id.clone()).collect(), down })
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
        new.reach = reach(&[&commune, &epci, &other], true);
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
        assert_eq!(known_at_home.announce, at_epci.announce, "the home knows who shares it, by which announce");
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
        new.reach = reach(&[&commune, &epci], false);
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
