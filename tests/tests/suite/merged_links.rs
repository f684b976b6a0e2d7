//! What becomes of the links of communities that merge: the new one proposes them again, and they work meanwhile.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

use clocher_app::linking::{self, Linked};
use clocher_app::{App, claims, membership, moving, posting, reading};
use clocher_domain::link::{Accepting, CARRIED, LinkState, Policy, Relation, Sharing};
use clocher_domain::placement::{PlacementState, Reach};
use clocher_domain::territory::TerritoryId;
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::communities::{self, CommunityRow};
use clocher_storage::links::{self, LinkRow};
use clocher_storage::posts::PostRow;
use clocher_storage::{placements, testing};
use clocher_tests::impostor::with;
use clocher_tests::stage::{Stage, activity, each_storage};
use clocher_tests::{Network, Setting, Ways, actor_at, link, person, post_at, put_end, thread};
use serde_json::json;

/// Three communes of before 2019, the commune nouvelle that they became then, and its intercommunalité.
const NAMES: &[&str] = &["montrigaud", "miribel", "bonnet", "valherbasse", "agglo"];
/// The codes with which those three were founded.
const FOUNDED: [&str; 3] = ["commune:26210", "commune:26184", "commune:26297"];
const OPEN: Policy = Policy { shares: Sharing::Everything, accepts: Accepting::Everything };

async fn own(app: &App) -> ActorRow {
    let id = app.instance().await.unwrap().community_id.unwrap();
    app.read(move |conn| actors::find(conn, id)).await.unwrap().unwrap()
}

async fn administrator(app: &App) -> i64 {
    linking::administrator(app).await.unwrap().id
}

fn ways() -> Vec<Ways> {
    let mut ways = vec![Ways::SqliteHttp, Ways::SqliteDirect];
    ways.extend(testing::postgres_url().map(|_| Ways::PostgresHttp));
    ways
}

/// The end of a link of the community of an instance with that of another.
async fn row(app: &App, other: &App) -> Option<LinkRow> {
    let (here, there) = (own(app).await.id, actor_at(app, &own(other).await.ap_id).await?.id);
    app.read(move |conn| links::find_between(conn, here, there)).await.unwrap()
}

async fn state(app: &App, other: &App) -> Option<LinkState> {
    row(app, other).await.map(|row| row.state().unwrap())
}

async fn works(app: &App, other: &App) -> bool {
    let (here, there) = (own(app).await.id, actor_at(app, &own(other).await.ap_id).await.unwrap().id);
    let now = app.now().0;
    app.read(move |conn| links::find_working(conn, here, there, now)).await.unwrap().is_some()
}

async fn events(app: &App) -> Vec<String> {
    let lines = linking::journal(app, own(app).await.id, None, 50).await.unwrap();
    lines.into_iter().map(|line| line.row.event).collect()
}

/// The instances know one another, and the old communes are nested in the intercommunalité.
async fn start(ways: Ways) -> Network {
    let commune = clocher_cog::find_id("commune:26210".parse().unwrap()).unwrap();
    let epci = clocher_cog::direct_parents(&commune)[0].id.to_string();
    let territories = ["commune:26210", "commune:26210", "commune:26210", "commune:26210", epci.as_str()];
    let setting = Setting { territories: &territories, shy: true, ..Setting::default() };
    let net = Network::start_as(setting, ways, NAMES).await;
    let agglo = net.node("agglo");
    for (number, name) in NAMES[..3].iter().enumerate() {
        let old = net.node(name);
        let (id, code) = (own(old).await.id, FOUNDED[number].to_owned());
        old.write(move |deed| {
            let row = communities::find(deed.conn, id)?.unwrap();
            communities::put(deed.conn, &CommunityRow { territory: Some(code), ..row })
        })
        .await
        .unwrap();
        net.find(old, &own(agglo).await.ap_id).await.unwrap();
        net.find(agglo, &own(old).await.ap_id).await.unwrap();
        link((old, &own(old).await, OPEN), Relation::Upper, (agglo, &own(agglo).await, OPEN)).await;
    }
    net
}

/// The old communes become the new one, one after the other.
async fn merge(net: &Network, names: &[&str]) {
    let new = net.node("valherbasse");
    for name in names {
        let old = net.node(name);
        let there = net.find(new, &own(old).await.ap_id).await.unwrap();
        moving::add_predecessor(new, administrator(new).await, own(new).await.id, there.id).await.unwrap();
        net.settle().await;
        let (by, target) = (administrator(old).await, own(new).await.ap_id);
        moving::merge(old, &net.directory(), by, own(old).await.id, &target).await.unwrap();
        net.settle().await;
    }
}

/// Somebody writes in the community of an instance, for that of another too; whether it is shown there.
async fn arrives(net: &Network, from: &App, to: &App, author: &ActorRow) -> Option<PlacementState> {
    let mut new = thread(author, &own(from).await, "Avis", "À tous.");
    new.reach = Some(Reach { communities: vec![own(to).await.ap_id], down: true });
    let top = posting::write(from, new).await.unwrap();
    net.settle().await;
    placed(to, &top).await
}

async fn placed(app: &App, top: &PostRow) -> Option<PlacementState> {
    let (top, here) = (post_at(app, &top.ap_id).await?.id, own(app).await.id);
    let row = app.read(move |conn| placements::find_in(conn, top, here)).await.unwrap();
    row.map(|row| row.state().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn communes_of_retired_codes_merge_and_their_links_work_on_until_the_new_one_is_answered() {
    let successor: TerritoryId = "commune:26210".parse().unwrap();
    for code in FOUNDED {
        let today = clocher_cog::resolve_id(code.parse().unwrap()).territory().unwrap();
        assert_eq!(today.id, successor, "{code}");
    }
    for ways in ways() {
        let mut net = start(ways).await;
        let apps = |name: &str| net.node(name).clone();
        let (new, agglo, one) = (apps("valherbasse"), apps("agglo"), apps("montrigaud"));
        let reader = person(&agglo, "lectrice").await;
        for name in &NAMES[..3] {
            let known = actor_at(&agglo, &own(net.node(name)).await.ap_id).await.unwrap();
            let claim = claims::find(&agglo, known.id).await.unwrap().unwrap();
            assert_eq!(claim.shown, Some(successor), "{name} is known as what it is today");
            membership::join(&agglo, reader.id, known.id).await.unwrap();
        }
        net.settle().await;
        merge(&net, &NAMES[..3]).await;

        // One proposal for all three, which works as their links did.
        assert_eq!(state(&new, &agglo).await, Some(LinkState::Proposed), "{ways:?}");
        assert_eq!(state(&agglo, &new).await, Some(LinkState::Asked), "{ways:?}");
        let asked = row(&agglo, &new).await.unwrap();
        assert_eq!((asked.relation().unwrap(), asked.policy().unwrap()), (Relation::Lower, OPEN));
        assert!(works(&new, &agglo).await && works(&agglo, &new).await, "{ways:?}");
        assert_eq!(state(&one, &agglo).await, Some(LinkState::Active), "for what has its home there");
        let author = person(&new, "auteur").await;
        assert_eq!(arrives(&net, &new, &agglo, &author).await, Some(PlacementState::Placed), "{ways:?}");
        assert_eq!(arrives(&net, &agglo, &new, &reader).await, Some(PlacementState::Placed), "{ways:?}");
        let target = actor_at(&agglo, &own(&new).await.ap_id).await.unwrap();
        let followed: Vec<i64> = agglo
            .read(move |conn| clocher_storage::follows::list_followed(conn, reader.id))
            .await
            .unwrap()
            .into_iter()
            .map(|(_, row)| row.id)
            .collect();
        assert!(followed.contains(&target.id), "who followed the old ones follows the new one");
        assert!(events(&one).await.contains(&"merged_into".to_owned()));
        let at_new = events(&new).await;
        let count = |event: &str| at_new.iter().filter(|one| *one == event).count();
        assert_eq!((count("merged_named"), count("merged_from"), count("link_proposed")), (3, 3, 1));

        let by = administrator(&agglo).await;
        linking::accept(&agglo, by, asked.id, OPEN).await.unwrap();
        net.settle().await;
        assert_eq!(state(&new, &agglo).await, Some(LinkState::Active), "{ways:?}");
        assert_eq!(state(&agglo, &new).await, Some(LinkState::Active));
        for name in &NAMES[..3] {
            assert_eq!(state(net.node(name), &agglo).await, Some(LinkState::Ended), "{name} {ways:?}");
            assert_eq!(state(&agglo, net.node(name)).await, Some(LinkState::Ended));
        }
        assert!(events(&agglo).await.contains(&"link_merged".to_owned()));
        // The parent took the new one itself: it stands for the commune of today.
        let claim = claims::find(&agglo, target.id).await.unwrap().unwrap();
        assert!(claim.is_believed() && claim.shown == Some(successor));
        net.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_is_refused_in_the_place_of_an_old_one_ends_that_too() {
    for ways in ways() {
        let mut net = start(ways).await;
        let (new, agglo, one) =
            (net.node("valherbasse").clone(), net.node("agglo").clone(), net.node("montrigaud").clone());
        merge(&net, &["montrigaud"]).await;
        let asked = row(&agglo, &new).await.unwrap();
        linking::refuse(&agglo, administrator(&agglo).await, asked.id).await.unwrap();
        net.settle().await;
        assert_eq!(state(&new, &agglo).await, Some(LinkState::Refused), "{ways:?}");
        assert!(!works(&new, &agglo).await && !works(&agglo, &new).await);
        assert_eq!(state(&one, &agglo).await, Some(LinkState::Ended), "{ways:?}");
        let author = person(&new, "auteur").await;
        assert_eq!(arrives(&net, &new, &agglo, &author).await, None);
        net.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_ninety_days_without_an_answer_old_links_end_and_the_proposal_waits_without_working() {
    for ways in ways() {
        let mut net = start(ways).await;
        let (new, agglo, one) =
            (net.node("valherbasse").clone(), net.node("agglo").clone(), net.node("montrigaud").clone());
        merge(&net, &["montrigaud"]).await;
        for app in [&new, &agglo, &one] {
            linking::end_overdue(app).await.unwrap();
        }
        assert!(works(&agglo, &new).await);
        net.clock.advance(CARRIED);
        assert!(!works(&agglo, &new).await && !works(&new, &agglo).await, "{ways:?}");
        linking::end_overdue(&agglo).await.unwrap();
        net.settle().await;
        assert_eq!(state(&one, &agglo).await, Some(LinkState::Ended), "the other end is told");
        assert_eq!(state(&agglo, &one).await, Some(LinkState::Ended));
        assert_eq!(events(&agglo).await.first().map(String::as_str), Some("link_merged"));
        linking::end_overdue(&new).await.unwrap();
        let waiting: Vec<Linked> =
            linking::list_asked(&agglo, administrator(&agglo).await, own(&agglo).await.id).await.unwrap();
        assert_eq!((waiting.len(), waiting[0].state), (1, LinkState::Asked), "it may still be answered");
        net.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_of_an_old_community_leads_on_and_its_handle_and_document_are_still_there() {
    for ways in [Ways::SqliteHttp] {
        let mut net = start(ways).await;
        let (new, agglo, one) =
            (net.node("valherbasse").clone(), net.node("agglo").clone(), net.node("montrigaud").clone());
        merge(&net, &["montrigaud"]).await;
        let (old, target) = (own(&one).await, own(&new).await);
        // By its handle, as somebody elsewhere types it: asked of its server, as if it were not known.
        let found = net.find(&agglo, &format!("@{}", old.handle())).await.unwrap();
        assert_eq!((&found.ap_id, &found.moved_to), (&old.ap_id, &Some(target.ap_id.clone())));
        let successor = moving::proved_successor(&agglo, &found).await.unwrap().unwrap();
        assert_eq!(successor.ap_id, target.ap_id);
        let view = reading::community(&agglo, successor.id, None, None).await.unwrap();
        assert_eq!(view.line.community.territory.as_deref(), Some("commune:26210"));
        net.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s63_a_proposal_in_the_place_of_a_link_works_only_where_both_say_that_the_one_became_the_other() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let (alpha, honest, mallory) = (stage.alpha(), &stage.honest, &stage.mallory);
        let velo = clocher_app::communities::find(alpha, "velo").await.unwrap();
        let old = honest.group("ancienne");
        let false_one = mallory.actor("Group", "/c/nouvelle", "nouvelle", json!({ "alsoKnownAs": [old] }));
        for known in [&old, &false_one] {
            stage.net.find(alpha, known).await.unwrap();
        }
        put_end(alpha, &velo.ap_id, &old, Relation::Lower, OPEN, OPEN).await;
        let offer = |by: &str, number: usize| {
            let says = json!({
                "id": format!("{by}/links/{number}"), "type": "Relationship", "attributedTo": by, "subject": by,
                "relationship": "org:subOrganizationOf", "object": velo.ap_id,
                "shares": "everything", "accepts": "everything",
            });
            let offer = activity("Offer", by, &format!("{by}/offer/{number}"), &says);
            with(offer, json!({ "target": velo.ap_id, "carries": old }))
        };
        let working = async |by: &str| {
            let (here, there) = (velo.id, actor_at(alpha, by).await.unwrap().id);
            let now = alpha.now().0;
            let row = alpha.read(move |conn| links::find_working(conn, here, there, now)).await.unwrap();
            let waits = alpha.read(move |conn| links::find_between(conn, here, there)).await.unwrap();
            (row.is_some(), waits.map(|row| row.state().unwrap()))
        };
        assert_eq!(stage.send(mallory, alpha, &offer(&false_one, 1)).await, 202);
        stage.net.settle().await;
        assert_eq!(working(&false_one).await, (false, Some(LinkState::Asked)), "the old one does not say so");

        // The old one says so; one that does not say that it was the old one is refused the same.
        let true_one = honest.actor("Group", "/c/vraie", "vraie", json!({}));
        stage.net.find(alpha, &true_one).await.unwrap();
        honest.actor("Group", "/c/ancienne", "ancienne", json!({ "movedTo": true_one }));
        assert_eq!(stage.send(honest, alpha, &offer(&true_one, 1)).await, 202);
        stage.net.settle().await;
        assert_eq!(working(&true_one).await, (false, Some(LinkState::Asked)));
        honest.actor("Group", "/c/vraie", "vraie", json!({ "alsoKnownAs": [old] }));
        assert_eq!(stage.send(honest, alpha, &offer(&true_one, 2)).await, 202);
        assert_eq!(stage.send(mallory, alpha, &offer(&false_one, 2)).await, 202);
        stage.net.settle().await;
        assert_eq!(working(&true_one).await, (true, Some(LinkState::Asked)));
        assert_eq!(working(&false_one).await, (false, Some(LinkState::Asked)));
        stage.clear().await;
    }
}
