//! Links that one end alone wants, forged ones, and those that would close a circle.
#![expect(clippy::unwrap_used, reason = "a test whose stage does not stand cannot go on")]

use clocher_app::linking;
use clocher_app::{App, communities};
use clocher_domain::community::Posting;
use clocher_domain::link::{LinkState, Policy, Relation};
use clocher_storage::actors::ActorRow;
use clocher_storage::links::{self, LinkRow};
use clocher_tests::impostor::{Impostor, with};
use clocher_tests::stage::{Stage, activity, each_storage};
use clocher_tests::{actor_at, community};
use serde_json::{Value, json};

/// A group of a foreign server that has links, and a community of alpha.
struct Pair {
    club: String,
    velo: ActorRow,
    moderator: ActorRow,
}

impl Pair {
    async fn set(stage: &Stage) -> Self {
        let club = stage.honest.actor("Group", "/c/club", "club", has_links(&stage.honest, "club"));
        list(&stage.honest, "club", &[]);
        stage.net.find(stage.alpha(), &club).await.unwrap();
        let velo = communities::find(stage.alpha(), "velo").await.unwrap();
        let moderator = linking::administrator(stage.alpha()).await.unwrap();
        Self { club, velo, moderator }
    }

    async fn row(&self, app: &App) -> Option<LinkRow> {
        self.row_of(app, &self.velo).await
    }

    async fn row_of(&self, app: &App, community: &ActorRow) -> Option<LinkRow> {
        let (here, there) = (community.id, actor_at(app, &self.club).await?.id);
        app.read(move |conn| links::find_between(conn, here, there)).await.unwrap()
    }

    async fn state(&self, app: &App) -> Option<LinkState> {
        self.row(app).await.map(|row| row.state().unwrap())
    }

    /// The club is proposed a link; gives the `Offer` that it got.
    async fn proposed(&self, stage: &Stage, relation: Relation) -> Value {
        let there = actor_at(stage.alpha(), &self.club).await.unwrap();
        let (moderator, velo) = (self.moderator.id, self.velo.id);
        let policy = Policy::default();
        linking::propose(stage.alpha(), moderator, velo, there.id, relation, policy).await.unwrap();
        stage.net.settle().await;
        let is_offer = |one: &Value| one.get("type").is_some_and(|kind| kind == "Offer");
        let offer = stage.honest.activities().into_iter().rev().find(is_offer).unwrap();
        assert_eq!(offer.get("target"), Some(&json!(self.club)));
        assert_eq!(offer.pointer("/object/subject"), Some(&json!(self.velo.ap_id)));
        offer
    }

    /// What the club says of a link with that community.
    fn says(&self, number: usize, relationship: &str, object: &str) -> Value {
        relationship_of(&self.club, number, relationship, object)
    }

    fn accept(&self, number: usize, offer: &Value, result: &str) -> Value {
        let accept = activity("Accept", &self.club, &format!("{}/accept/{number}", self.club), offer);
        with(accept, json!({ "result": result, "to": [self.velo.ap_id] }))
    }

    /// The club offers a link, which alpha accepts, and lists it.
    async fn agreed(&self, stage: &Stage, number: usize, relationship: &str, community: &ActorRow) {
        let says = self.says(number, relationship, &community.ap_id);
        let offer = activity("Offer", &self.club, &format!("{}/offer/{number}", self.club), &says);
        assert_eq!(stage.send(&stage.honest, stage.alpha(), &offer).await, 202);
        let row = self.row_of(stage.alpha(), community).await.unwrap();
        assert_eq!(row.state().unwrap(), LinkState::Asked);
        list(&stage.honest, "club", &[says]);
        linking::accept(stage.alpha(), self.moderator.id, row.id, Policy::default()).await.unwrap();
        stage.net.settle().await;
        let row = self.row_of(stage.alpha(), community).await.unwrap();
        assert_eq!(row.state().unwrap(), LinkState::Active);
    }
}

fn relationship_of(by: &str, number: usize, relationship: &str, object: &str) -> Value {
    json!({
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": format!("{by}/links/{number}"),
        "type": "Relationship",
        "attributedTo": by,
        "subject": by,
        "relationship": relationship,
        "object": object,
        "shares": "author",
        "accepts": "moderated",
    })
}

fn has_links(server: &Impostor, name: &str) -> Value {
    json!({ "links": server.at(&format!("/c/{name}/links")) })
}

/// Puts what a group lists as its links.
fn list(server: &Impostor, name: &str, items: &[Value]) {
    let path = format!("/c/{name}/links");
    server.put(&path, &json!({ "id": server.at(&path), "type": "OrderedCollection", "orderedItems": items }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s54_what_one_says_of_anothers_link_or_alone_of_its_own_makes_nothing() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let pair = Pair::set(&stage).await;
        let (alpha, club, velo) = (stage.alpha(), &pair.club, &pair.velo.ap_id);
        let other = stage.honest.group("autre");
        let gang = stage.mallory.group("gang");
        let person = stage.mallory.person("mallory");
        for known in [&other, &gang, &person] {
            stage.net.find(alpha, known).await.unwrap();
        }
        let says = pair.says(1, "org:hasSubOrganization", velo);
        list(&stage.honest, "club", std::slice::from_ref(&says));
        let add = activity("Add", club, &format!("{club}/add"), &says);
        let add = with(add, json!({ "target": format!("{club}/links") }));
        stage.leaves_no_trace(202, &stage.honest, alpha, &add).await;
        let update = activity("Update", club, &format!("{club}/update"), &says);
        stage.leaves_no_trace(202, &stage.honest, alpha, &update).await;
        let never = json!({ "id": alpha.site().activity(7), "type": "Offer", "actor": velo, "target": club });
        let accept = pair.accept(1, &never, &format!("{club}/links/1"));
        stage.leaves_no_trace(202, &stage.honest, alpha, &accept).await;

        // An Offer for the community of another: of another server, and of the same.
        let forged = activity("Offer", &gang, &format!("{gang}/offer"), &says);
        stage.leaves_no_trace(403, &stage.mallory, alpha, &forged).await;
        let forged = activity("Offer", &other, &format!("{other}/offer"), &says);
        stage.leaves_no_trace(403, &stage.honest, alpha, &forged).await;
        let own = relationship_of(&person, 1, "org:linkedTo", velo);
        let of_person = activity("Offer", &person, &format!("{person}/offer"), &own);
        stage.leaves_no_trace(400, &stage.mallory, alpha, &of_person).await;
        // In the club's name, by somebody else of its server, and with its proof by anybody.
        let offer = activity("Offer", club, &format!("{club}/offer/9"), &says);
        let status = stage.send_as(&stage.honest, &other, alpha, &offer).await.0;
        assert_eq!(status, 401, "another actor of that host signs");
        let proved = stage.honest.proved(&*stage.net.clock, &offer);
        let status = stage.send_as(&stage.mallory, &gang, alpha, &proved).await.0;
        assert_eq!(status, 401, "nobody forwards an Offer");
        stage.net.settle().await;
        assert_eq!(pair.state(alpha).await, None);
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s54_an_acceptance_counts_where_the_other_end_lists_it_and_never_twice() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let pair = Pair::set(&stage).await;
        let (alpha, club) = (stage.alpha(), &pair.club);
        let other = stage.honest.group("autre");
        stage.net.find(alpha, &other).await.unwrap();
        let offer = pair.proposed(&stage, Relation::Upper).await;
        let result = format!("{club}/links/1");
        let send = async |number: usize, accept: Value| {
            let accept = with(accept, json!({ "id": format!("{club}/accept/{number}") }));
            let status = stage.send(&stage.honest, alpha, &accept).await;
            stage.net.settle().await;
            status
        };
        // It lists nothing; it lists another's, or in another relation; what it names is elsewhere.
        assert_eq!(send(1, pair.accept(1, &offer, &result)).await, 202);
        assert_eq!(pair.state(alpha).await, Some(LinkState::Proposed));
        stage.honest.put("/c/club/links/1", &pair.says(1, "org:hasSubOrganization", &other));
        assert_eq!(send(2, pair.accept(2, &offer, &result)).await, 202);
        stage.honest.put("/c/club/links/1", &pair.says(1, "org:subOrganizationOf", &pair.velo.ap_id));
        assert_eq!(send(3, pair.accept(3, &offer, &result)).await, 202);
        let says = pair.says(1, "org:hasSubOrganization", &pair.velo.ap_id);
        stage.mallory.put("/c/club/links/1", &says);
        assert_eq!(send(4, pair.accept(4, &offer, &stage.mallory.at("/c/club/links/1"))).await, 202);
        assert_eq!(pair.state(alpha).await, Some(LinkState::Proposed));
        // Another actor of its host says so.
        stage.honest.put("/c/club/links/1", &says);
        list(&stage.honest, "club", std::slice::from_ref(&says));
        let by_other = activity("Accept", &other, &format!("{other}/accept"), &offer);
        let by_other = with(by_other, json!({ "result": result }));
        assert_eq!(stage.send(&stage.honest, alpha, &by_other).await, 202);
        let signed_by_other = pair.accept(5, &offer, &result);
        assert_eq!(stage.send_as(&stage.honest, &other, alpha, &signed_by_other).await.0, 401);
        stage.net.settle().await;
        assert_eq!(pair.state(alpha).await, Some(LinkState::Proposed));

        assert_eq!(send(6, pair.accept(6, &offer, &result)).await, 202);
        assert_eq!(pair.state(alpha).await, Some(LinkState::Active));
        // Who undoes it is another.
        let undo = activity("Undo", &other, &format!("{other}/undo"), &offer);
        assert_eq!(stage.send(&stage.honest, alpha, &undo).await, 202);
        assert_eq!(pair.state(alpha).await, Some(LinkState::Active));
        let accept = pair.accept(6, &offer, &result);
        let undo = activity("Undo", club, &format!("{club}/undo"), &accept);
        assert_eq!(stage.send(&stage.honest, alpha, &undo).await, 202);
        assert_eq!(pair.state(alpha).await, Some(LinkState::Ended));
        // The same Accept again, and the same under another id; also once another Offer is made.
        assert_eq!(send(6, accept.clone()).await, 202);
        assert_eq!(send(7, accept.clone()).await, 202);
        assert_eq!(pair.state(alpha).await, Some(LinkState::Ended));
        pair.proposed(&stage, Relation::Upper).await;
        assert_eq!(send(8, accept).await, 202);
        assert_eq!(pair.state(alpha).await, Some(LinkState::Proposed));
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s54_a_link_that_the_other_end_does_not_list_does_not_last() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let pair = Pair::set(&stage).await;
        let (alpha, club) = (stage.alpha(), &pair.club);
        let says = pair.says(1, "org:subOrganizationOf", &pair.velo.ap_id);
        let offer = activity("Offer", club, &format!("{club}/offer/1"), &says);
        assert_eq!(stage.send(&stage.honest, alpha, &offer).await, 202);
        let row = pair.row(alpha).await.unwrap();
        linking::accept(alpha, pair.moderator.id, row.id, Policy::default()).await.unwrap();
        stage.net.settle().await;
        assert_eq!(pair.state(alpha).await, Some(LinkState::Ended));
        let journal = linking::journal(alpha, pair.velo.id, None, 10).await.unwrap();
        assert_eq!(journal.first().unwrap().row.event, "link_unlisted");
        let undone = stage.honest.activities().into_iter().find(|one| one["type"] == "Undo").unwrap();
        assert_eq!(undone["object"]["object"], offer["id"]);
        // The same Offer again says nothing new, and a new one is a new question.
        assert_eq!(stage.send(&stage.honest, alpha, &offer).await, 202);
        assert_eq!(pair.state(alpha).await, Some(LinkState::Ended));
        let again = with(offer, json!({ "id": format!("{club}/offer/2") }));
        assert_eq!(stage.send(&stage.honest, alpha, &again).await, 202);
        assert_eq!(pair.state(alpha).await, Some(LinkState::Asked));
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s53_a_circle_that_came_to_be_since_the_offer_is_refused_at_the_acceptance() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let pair = Pair::set(&stage).await;
        let (alpha, club) = (stage.alpha(), &pair.club);
        let offer = pair.proposed(&stage, Relation::Upper).await;
        // Meanwhile the club is nested in a community that is nested in the one that asked.
        let hamlet = community(alpha, "hameau", Posting::Everybody).await;
        pair.agreed(&stage, 5, "org:subOrganizationOf", &hamlet).await;
        let moderator = pair.moderator.id;
        let policy = Policy::default();
        linking::propose(alpha, moderator, hamlet.id, pair.velo.id, Relation::Upper, policy).await.unwrap();
        let says = pair.says(1, "org:hasSubOrganization", &pair.velo.ap_id);
        let nested = pair.says(5, "org:subOrganizationOf", &hamlet.ap_id);
        list(&stage.honest, "club", &[says.clone(), nested]);
        stage.honest.put("/c/club/links/1", &says);
        stage.honest.forget();
        let accept = pair.accept(1, &offer, &format!("{club}/links/1"));
        assert_eq!(stage.send(&stage.honest, alpha, &accept).await, 202);
        stage.net.settle().await;
        assert_eq!(pair.state(alpha).await, Some(LinkState::Refused));
        let undone = stage.honest.activities().into_iter().find(|one| one["type"] == "Undo").unwrap();
        assert_eq!(undone["object"]["id"], offer["id"]);
        // And an Offer that is known to close the circle is answered with a refusal.
        stage.honest.forget();
        let again = activity("Offer", club, &format!("{club}/offer/7"), &says);
        assert_eq!(stage.send(&stage.honest, alpha, &again).await, 202);
        stage.net.settle().await;
        assert_eq!(pair.state(alpha).await, Some(LinkState::Refused));
        let refused = stage.honest.activities().into_iter().find(|one| one["type"] == "Reject").unwrap();
        assert_eq!(refused["object"]["id"], again["id"]);
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s55_a_group_that_describes_itself_anew_changes_no_link() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let pair = Pair::set(&stage).await;
        let (alpha, club) = (stage.alpha(), &pair.club);
        pair.agreed(&stage, 1, "org:subOrganizationOf", &pair.velo).await;
        let before = pair.row(alpha).await.unwrap();
        list(&stage.honest, "autre", &[]);
        let taken = json!({
            "links": stage.honest.at("/c/autre/links"),
            "territoryKind": "ter:Departement",
            "location": { "type": "Place", "codeINSEE": "07" },
        });
        let group = stage.honest.actor_document("Group", "/c/club", "club", taken);
        let update = activity("Update", club, &format!("{club}/update"), &group);
        assert_eq!(stage.send(&stage.honest, alpha, &update).await, 202);
        stage.net.settle().await;
        assert_eq!(pair.row(alpha).await.unwrap(), before);
        // What it states of the link itself is its own to change, and no more than that.
        let says =
            with(pair.says(1, "org:hasSubOrganization", &pair.velo.ap_id), json!({ "shares": "everything" }));
        let update = activity("Update", club, &format!("{club}/update/2"), &says);
        assert_eq!(stage.send(&stage.honest, alpha, &update).await, 202);
        assert_eq!(pair.row(alpha).await.unwrap(), before, "the relation is what both agreed to");
        let says = with(says, json!({ "relationship": "org:subOrganizationOf" }));
        let update = activity("Update", club, &format!("{club}/update/3"), &says);
        assert_eq!(stage.send(&stage.honest, alpha, &update).await, 202);
        let after = pair.row(alpha).await.unwrap();
        assert_eq!((after.other_shares.as_str(), &after.shares), ("everything", &before.shares));
        stage.clear().await;
    }
}
