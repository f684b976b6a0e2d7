//! Instances that propose, when they are first served, the links that their official territories imply.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

use clocher_app::App;
use clocher_app::linking::{self, Linked};
use clocher_domain::link::{LinkState, Policy, Relation};
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::links;
use clocher_tests::{Network, Setting, Ways};
use std::collections::BTreeSet;

/// Two départements, two EPCI, of which the first straddles the border, and three communes of each.
const NAMES: &[&str] =
    &["ardeche", "drome", "arche", "pays", "a-one", "a-two", "a-three", "p-one", "p-two", "p-three"];
const TERRITORIES: &[&str] = &[
    "departement:07",
    "departement:26",
    "epci:200073096",
    "epci:200016905",
    "commune:07324",
    "commune:26347",
    "commune:07140",
    "commune:07129",
    "commune:07079",
    "commune:07085",
];

async fn own(app: &App) -> ActorRow {
    let id = app.instance().await.unwrap().community_id.unwrap();
    app.read(move |conn| actors::find(conn, id)).await.unwrap().unwrap()
}

async fn waiting(app: &App) -> Vec<Linked> {
    let administrator = linking::administrator(app).await.unwrap();
    let community = own(app).await;
    linking::list_asked(app, administrator.id, community.id).await.unwrap()
}

/// The administrator accepts all that waits; gives how many.
async fn accept_all(app: &App) -> usize {
    let administrator = linking::administrator(app).await.unwrap();
    let asked: Vec<_> = waiting(app).await.into_iter().filter(|one| one.state == LinkState::Asked).collect();
    for linked in &asked {
        linking::accept(app, administrator.id, linked.link.id, Policy::default()).await.unwrap();
    }
    asked.len()
}

/// Who is nested in whom, by what the instances list: names of instances, the lower one first.
async fn graph(net: &Network) -> BTreeSet<(String, String)> {
    let mut edges = BTreeSet::new();
    let name = |host: &str| host.split('.').next().unwrap_or_default().to_owned();
    for node in &net.nodes {
        let community = own(&node.app).await;
        for linked in linking::list(&node.app, community.id).await.unwrap() {
            let (here, there) = (name(&community.host), name(&linked.other.host));
            edges.insert(match linked.relation {
                Relation::Upper => (here, there),
                Relation::Lower => (there, here),
                Relation::Peer => panic!("{here} beside {there}"),
            });
        }
    }
    edges
}

/// The same, by the official division.
fn official() -> BTreeSet<(String, String)> {
    let areas: Vec<_> =
        TERRITORIES.iter().map(|id| clocher_cog::find_id(id.parse().unwrap()).unwrap()).collect();
    let mut edges = BTreeSet::new();
    for (one, lower) in areas.iter().enumerate() {
        for (other, upper) in areas.iter().enumerate() {
            if clocher_cog::direct_parents(lower).contains(upper) {
                edges.insert((NAMES[one].to_owned(), NAMES[other].to_owned()));
            }
        }
    }
    edges
}

fn ways() -> Vec<Ways> {
    let mut ways = vec![Ways::SqliteHttp, Ways::SqliteDirect];
    ways.extend(clocher_storage::testing::postgres_url().map(|_| Ways::PostgresHttp));
    ways
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn new_instances_propose_the_official_links_and_nothing_holds_before_the_other_end_accepts() {
    let official = official();
    assert_eq!(official.len(), 3 + 6, "three of the EPCI, six of the communes: {official:?}");
    // As a process serves its instances; over HTTP this many keys take long to make.
    for ways in [Ways::SqliteDirect] {
        let setting = Setting { territories: TERRITORIES, ..Setting::default() };
        let mut net = Network::start_as(setting, ways, NAMES).await;
        net.settle().await;
        // Each proposes to all, and proposals that nobody chose are no agreement where they meet.
        assert_eq!(graph(&net).await, BTreeSet::new(), "{ways:?}");
        let mut ends = 0;
        for node in &net.nodes {
            for linked in waiting(&node.app).await {
                assert!(matches!(linked.state, LinkState::Asked | LinkState::Proposed));
                ends += 1;
            }
        }
        assert_eq!(ends, 2 * official.len(), "each link waits at both ends: {ways:?}");
        let mut accepted = 0;
        for node in &net.nodes {
            accepted += accept_all(&node.app).await;
        }
        assert_eq!(accepted, official.len(), "each is accepted by one end: {ways:?}");
        net.settle().await;
        assert_eq!(graph(&net).await, official, "{ways:?}");

        // A second start proposes nothing anew, nor what was ended.
        let commune = net.node("a-one").clone();
        let administrator = linking::administrator(&commune).await.unwrap();
        let linked = linking::list(&commune, own(&commune).await.id).await.unwrap();
        linking::end(&commune, administrator.id, linked[0].link.id, false).await.unwrap();
        net.settle().await;
        linking::search(&commune, administrator.id, net.node("arche").site().domain().to_owned())
            .await
            .unwrap();
        net.restart().await;
        net.settle().await;
        for node in &net.nodes {
            assert!(waiting(&node.app).await.is_empty(), "{ways:?}");
        }
        assert_eq!(graph(&net).await.len(), official.len() - 1);
        net.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_one_address_the_territories_around_are_found_along_the_links_of_those_known() {
    for ways in ways() {
        let territories = &["departement:07", "epci:200073096", "commune:07324"];
        let setting = Setting { territories, shy: true, ..Setting::default() };
        let mut net = Network::start_as(setting, ways, &["ardeche", "arche", "a-one"]).await;
        let arche = net.node("arche").clone();
        let administrator = linking::administrator(&arche).await.unwrap();
        // Nobody knows of anybody: the EPCI is told of its département, then finds nobody else there.
        let address = net.node("ardeche").site().address("/");
        linking::search(&arche, administrator.id, address).await.unwrap();
        net.settle().await;
        assert_eq!(waiting(&arche).await.len(), 1, "{ways:?}");
        accept_all(net.node("ardeche")).await;
        net.settle().await;
        // A commune that knows of the département only finds its EPCI there, and none of the others.
        let commune = net.node("a-one").clone();
        let mayor = linking::administrator(&commune).await.unwrap();
        let domain = net.node("ardeche").site().domain().to_owned();
        linking::search(&commune, mayor.id, domain).await.unwrap();
        net.settle().await;
        let proposed = waiting(&commune).await;
        assert_eq!(proposed.len(), 1, "{ways:?}");
        assert_eq!(
            (proposed[0].relation, &proposed[0].other.host),
            (Relation::Upper, &own(&arche).await.host)
        );
        let there = waiting(&arche).await;
        assert_eq!((there.len(), there[0].state), (1, LinkState::Asked));
        // Whoever moderates nothing has nobody looked for.
        let guest = clocher_tests::person(&commune, "guest").await;
        let refused = linking::search(&commune, guest.id, "ardeche.test".to_owned()).await;
        assert!(refused.is_err());
        let rows = commune.read(links::list_active).await.unwrap();
        assert!(rows.is_empty());
        net.stop().await;
    }
}
