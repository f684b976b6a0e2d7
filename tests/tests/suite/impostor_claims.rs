//! Communities that say that they stand for what another one stands for: what is shown of them, and what confirms it.
#![expect(clippy::unwrap_used, reason = "a test whose stage does not stand cannot go on")]

use clocher_app::claims::{self, Changed, Claim};
use clocher_app::{App, Error, linking};
use clocher_domain::Refusal;
use clocher_domain::claim::Standing;
use clocher_domain::link::{Policy, Relation};
use clocher_domain::territory::TerritoryId;
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::links;
use clocher_tests::impostor::Impostor;
use clocher_tests::stage::{Stage, activity, each_storage};
use clocher_tests::{Setting, actor_at, person, put_end};
use serde_json::{Value, json};

/// ARCHE Agglo, and two of its communes.
const EPCI: &str = "epci:200073096";
const TOURNON: &str = "commune:07324";
const LEMPS: &str = "commune:07140";

fn area(id: &str) -> TerritoryId {
    id.parse().unwrap()
}

/// What a group says of itself that stands for a commune; its links are listed at `links` below it.
fn commune(server: &Impostor, name: &str, code: &str) -> Value {
    json!({
        "territoryKind": "ter:Commune",
        "location": { "type": "Place", "codeINSEE": code },
        "links": server.at(&format!("/c/{name}/links")),
    })
}

fn epci(server: &Impostor, name: &str, code: &str) -> Value {
    let identifier = json!([{ "type": "PropertyValue", "propertyID": "SIREN", "value": code }]);
    json!({
        "territoryKind": "ter:Intercommunalite",
        "location": { "type": "Place", "identifier": identifier },
        "links": server.at(&format!("/c/{name}/links")),
    })
}

async fn claim(app: &App, ap_id: &str) -> Claim {
    let id = actor_at(app, ap_id).await.unwrap().id;
    claims::find(app, id).await.unwrap().unwrap()
}

async fn standing(app: &App, ap_id: &str) -> Standing {
    claim(app, ap_id).await.standing
}

async fn own(app: &App) -> ActorRow {
    let id = app.instance().await.unwrap().community_id.unwrap();
    app.read(move |conn| actors::find(conn, id)).await.unwrap().unwrap()
}

async fn judge(app: &App, ap_id: &str, territory: &str, confirmed: bool) -> Result<(), Error> {
    let by = linking::administrator(app).await.unwrap().id;
    let id = actor_at(app, ap_id).await.unwrap().id;
    claims::judge(app, by, id, area(territory), confirmed).await
}

async fn set(ways: clocher_tests::Ways, territories: &[&str]) -> Stage {
    Stage::set_as(Setting { territories, shy: true, ..Setting::default() }, ways).await
}

/// A group sends an `Update` of itself, with what it says of itself now.
async fn describe_anew(stage: &Stage, server: &Impostor, name: &str, number: usize, fields: Value) {
    let path = format!("/c/{name}");
    let group = server.actor_document("Group", &path, name, fields);
    server.put(&path, &group);
    let id = server.at(&path);
    let update = activity("Update", &id, &format!("{id}/update/{number}"), &group);
    assert_eq!(stage.send(server, stage.alpha(), &update).await, 202);
    stage.net.settle().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s55_a_code_that_two_hosts_claim_is_contested_at_both_until_an_administrator_decides() {
    for ways in each_storage() {
        let stage = set(ways, &[]).await;
        let (alpha, honest, mallory) = (stage.alpha(), &stage.honest, &stage.mallory);
        let true_one = honest.actor("Group", "/c/tournon", "tournon", commune(honest, "tournon", "07324"));
        let false_one = mallory.actor("Group", "/c/tournon", "tournon", commune(mallory, "tournon", "07324"));
        stage.net.find(alpha, &true_one).await.unwrap();
        assert_eq!(standing(alpha, &true_one).await, Standing::Claimed);
        stage.net.find(alpha, &false_one).await.unwrap();
        assert_eq!(standing(alpha, &true_one).await, Standing::Contested);
        assert_eq!(standing(alpha, &false_one).await, Standing::Contested);
        let by = linking::administrator(alpha).await.unwrap().id;
        let open = claims::list_open(alpha, by).await.unwrap();
        assert_eq!(open.len(), 2);
        assert!(open.iter().all(|open| open.others.len() == 1));

        // Nobody else decides, and nothing that it does not say is confirmed.
        let alice = person(alpha, "alice").await;
        let id = actor_at(alpha, &false_one).await.unwrap().id;
        let refused = claims::judge(alpha, alice.id, id, area(TOURNON), true).await;
        assert!(matches!(refused, Err(Error::Refused(Refusal::NotPossible))));
        assert!(claims::list_open(alpha, alice.id).await.is_err());
        let refused = judge(alpha, &true_one, LEMPS, true).await;
        assert!(matches!(refused, Err(Error::Refused(Refusal::NotFound))));

        judge(alpha, &true_one, TOURNON, true).await.unwrap();
        assert_eq!(standing(alpha, &true_one).await, Standing::Confirmed);
        assert_eq!(standing(alpha, &false_one).await, Standing::Contested, "and never takes its place");
        judge(alpha, &false_one, TOURNON, false).await.unwrap();
        assert_eq!(standing(alpha, &false_one).await, Standing::Rejected);
        assert!(claims::list_open(alpha, by).await.unwrap().is_empty());
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s55_an_update_to_another_commune_s_code_changes_no_label_until_an_administrator_confirms_it() {
    for ways in each_storage() {
        let stage = set(ways, &[]).await;
        let (alpha, honest) = (stage.alpha(), &stage.honest);
        let group = honest.actor("Group", "/c/tournon", "tournon", commune(honest, "tournon", "07324"));
        stage.net.find(alpha, &group).await.unwrap();
        judge(alpha, &group, TOURNON, true).await.unwrap();

        describe_anew(&stage, honest, "tournon", 1, commune(honest, "tournon", "07140")).await;
        let now = claim(alpha, &group).await;
        assert_eq!((now.shown, now.standing), (Some(area(TOURNON)), Standing::Confirmed));
        assert_eq!(now.changed, Some(Changed::To(area(LEMPS))), "what it says is kept");
        // Away from it is such a change too, and back again is none.
        describe_anew(&stage, honest, "tournon", 2, json!({})).await;
        let now = claim(alpha, &group).await;
        assert_eq!((now.shown, now.changed), (Some(area(TOURNON)), Some(Changed::Away)));
        describe_anew(&stage, honest, "tournon", 3, commune(honest, "tournon", "07324")).await;
        assert_eq!(claim(alpha, &group).await.changed, None);

        describe_anew(&stage, honest, "tournon", 4, commune(honest, "tournon", "07140")).await;
        judge(alpha, &group, LEMPS, true).await.unwrap();
        let now = claim(alpha, &group).await;
        assert_eq!((now.shown, now.standing, now.changed), (Some(area(LEMPS)), Standing::Confirmed, None));
        // It was confirmed for one area, and is not for the one before any more.
        describe_anew(&stage, honest, "tournon", 5, commune(honest, "tournon", "07324")).await;
        let now = claim(alpha, &group).await;
        assert_eq!((now.shown, now.changed), (Some(area(LEMPS)), Some(Changed::To(area(TOURNON)))));
        let by = linking::administrator(alpha).await.unwrap().id;
        assert_eq!(claims::list_open(alpha, by).await.unwrap().len(), 1);
        judge(alpha, &group, TOURNON, false).await.unwrap();
        assert_eq!(claim(alpha, &group).await.shown, Some(area(LEMPS)));
        assert!(claims::list_open(alpha, by).await.unwrap().is_empty(), "it is answered");
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s55_a_link_that_its_parent_chose_confirms_a_commune_for_what_it_was_then_and_as_long_as_it_lasts() {
    for ways in each_storage() {
        let stage = set(ways, &[EPCI]).await;
        let (alpha, honest, mallory) = (stage.alpha(), &stage.honest, &stage.mallory);
        let parent = own(alpha).await;
        let group = honest.actor("Group", "/c/tournon", "tournon", commune(honest, "tournon", "07324"));
        let other = mallory.actor("Group", "/c/tournon", "tournon", commune(mallory, "tournon", "07324"));
        for known in [&group, &other] {
            stage.net.find(alpha, known).await.unwrap();
        }
        let usual = Policy::default();
        put_end(alpha, &parent.ap_id, &group, Relation::Lower, usual, usual).await;
        assert_eq!(standing(alpha, &group).await, Standing::Confirmed);
        assert_eq!(standing(alpha, &other).await, Standing::Contested);

        // What it says afterwards is not what the parent agreed to.
        describe_anew(&stage, honest, "tournon", 1, commune(honest, "tournon", "07140")).await;
        let now = claim(alpha, &group).await;
        assert_eq!((now.shown, now.standing), (Some(area(TOURNON)), Standing::Confirmed));
        assert_eq!(now.changed, Some(Changed::To(area(LEMPS))));

        let there = actor_at(alpha, &group).await.unwrap().id;
        let row = alpha.read(move |conn| links::find_between(conn, parent.id, there)).await.unwrap().unwrap();
        let by = linking::administrator(alpha).await.unwrap().id;
        linking::end(alpha, by, row.id, false).await.unwrap();
        assert_eq!(standing(alpha, &group).await, Standing::Contested, "the link is over");
        assert_eq!(standing(alpha, &other).await, Standing::Contested);
        stage.net.settle().await;
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s55_a_link_that_nobody_chose_confirms_nothing_until_the_administrator_of_the_parent_does() {
    for ways in each_storage() {
        let stage = set(ways, &[EPCI]).await;
        let (alpha, mallory) = (stage.alpha(), &stage.mallory);
        let parent = own(alpha).await;
        let group = mallory.actor("Group", "/c/tournon", "tournon", commune(mallory, "tournon", "07324"));
        stage.net.find(alpha, &group).await.unwrap();
        let usual = Policy::default();
        put_end(alpha, &parent.ap_id, &group, Relation::Lower, usual, usual).await;
        let there = actor_at(alpha, &group).await.unwrap().id;
        let here = parent.id;
        alpha
            .write(move |deed| {
                let row = links::find_between(deed.conn, here, there)?.unwrap();
                links::update(deed.conn, &links::LinkRow { implied: true, ..row })
            })
            .await
            .unwrap();
        assert_eq!(standing(alpha, &group).await, Standing::Claimed, "the machine proposed, and it accepted");
        judge(alpha, &group, TOURNON, true).await.unwrap();
        assert_eq!(standing(alpha, &group).await, Standing::Confirmed);
        let row = alpha.read(move |conn| links::find_between(conn, here, there)).await.unwrap().unwrap();
        assert!(!row.implied, "whoever looks at what the parent lists knows it too");
        stage.net.settle().await;
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s55_between_communities_elsewhere_the_parent_must_be_believed_and_list_the_commune_itself() {
    for ways in each_storage() {
        let stage = set(ways, &[]).await;
        let (alpha, honest, mallory) = (stage.alpha(), &stage.honest, &stage.mallory);
        let parent = honest.actor("Group", "/c/arche", "arche", epci(honest, "arche", "200073096"));
        let group = mallory.actor("Group", "/c/tournon", "tournon", commune(mallory, "tournon", "07324"));
        for known in [&parent, &group] {
            stage.net.find(alpha, known).await.unwrap();
        }
        let (above, below) =
            (actor_at(alpha, &parent).await.unwrap(), actor_at(alpha, &group).await.unwrap());
        assert_eq!(claim(alpha, &parent).await.shown, Some(area(EPCI)));
        let upper = vec![(parent.clone(), Relation::Upper)];
        linking::receive_listing(alpha, below.id, upper, Vec::new()).await.unwrap();
        judge(alpha, &parent, EPCI, true).await.unwrap();
        assert_eq!(standing(alpha, &group).await, Standing::Claimed, "by its own word alone");

        let lower = vec![(group.clone(), Relation::Lower)];
        linking::receive_listing(alpha, above.id, lower.clone(), vec![group.clone()]).await.unwrap();
        assert_eq!(standing(alpha, &group).await, Standing::Claimed, "the parent chose nothing");
        linking::receive_listing(alpha, above.id, lower, Vec::new()).await.unwrap();
        assert_eq!(standing(alpha, &group).await, Standing::Confirmed);
        judge(alpha, &parent, EPCI, false).await.unwrap();
        assert_eq!(standing(alpha, &group).await, Standing::Claimed, "nobody believes the parent");
        judge(alpha, &parent, EPCI, true).await.unwrap();
        linking::receive_listing(alpha, above.id, Vec::new(), Vec::new()).await.unwrap();
        assert_eq!(standing(alpha, &group).await, Standing::Claimed, "the parent lists it no more");
        stage.clear().await;
    }
}
