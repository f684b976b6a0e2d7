//! Messages of other servers that name several communities, and what is forged of them.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

use clocher_app::moderating::{self, Terms};
use clocher_app::{App, posting};
use clocher_domain::community::{Openness, Posting};
use clocher_domain::link::{Accepting, Policy, Relation, Sharing};
use clocher_domain::moderation::Act;
use clocher_domain::placement::{PlacementState, Reach};
use clocher_storage::actors::ActorRow;
use clocher_storage::placements;
use clocher_tests::impostor::with;
use clocher_tests::stage::{PUBLIC, Stage, activity, each_storage, note};
use clocher_tests::{actor_at, circle, community, post_at, put_end, thread};
use serde_json::{Value, json};

const OPEN: Policy = Policy { shares: Sharing::Everything, accepts: Accepting::Everything };

/// A `Create` of a titled message by that author, for these.
fn create(author: &str, number: u32, to: &Value, audience: Option<&str>) -> Value {
    let id = format!("{author}/page/{number}");
    let message =
        with(note(author, &id, "<p>Samedi.</p>"), json!({ "type": "Page", "name": "Loto", "to": to }));
    let message = audience.map_or(message.clone(), |home| with(message, json!({ "audience": home })));
    with(activity("Create", author, &format!("{id}/create"), &message), json!({ "to": to }))
}

/// The communities in which a message stands besides its home, by their names; none where it is not known.
async fn placed(app: &App, sent: &Value) -> Option<Vec<String>> {
    let top = post_at(app, sent["object"]["id"].as_str().unwrap()).await?;
    let rows = app.read(move |conn| placements::list(conn, top.id)).await.unwrap();
    let placed = rows.into_iter().filter(|(row, _)| row.state == PlacementState::Placed.as_str());
    Some(placed.map(|(_, community)| community.name).collect())
}

async fn home_of(app: &App, sent: &Value) -> Option<String> {
    let home = post_at(app, sent["object"]["id"].as_str().unwrap()).await?.home_id?;
    app.read(move |conn| clocher_storage::actors::find(conn, home)).await.unwrap().map(|row| row.name)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_to_several_groups_of_ours_is_one_thread_by_the_rules_of_each() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let alpha = stage.alpha();
        let commune = community(alpha, "commune", Posting::Everybody).await;
        let school = community(alpha, "ecole", Posting::Everybody).await;
        let club = community(alpha, "club", Posting::Members).await;
        let strict = community(alpha, "stade", Posting::Everybody).await;
        let mairie = actor_at(alpha, &alpha.site().person("mairie")).await.unwrap();
        let bob = actor_at(alpha, &stage.bob).await.unwrap();
        moderating::moderate_person(alpha, mairie.id, strict.id, bob.id, Act::Ban, Terms::default())
            .await
            .unwrap();
        stage.net.settle().await;
        let all = json!([commune.ap_id, school.ap_id, club.ap_id, strict.ap_id, PUBLIC]);
        let sent = create(&stage.bob, 1, &all, Some(&commune.ap_id));
        assert_eq!(stage.send(&stage.honest, alpha, &sent).await, 202);
        stage.net.settle().await;
        assert_eq!(home_of(alpha, &sent).await.as_deref(), Some("commune"));
        assert_eq!(placed(alpha, &sent).await.unwrap(), ["ecole"], "he is no member, and banned");
        // Without `audience` the first group is the home.
        let sent = create(&stage.bob, 2, &json!([PUBLIC, school.ap_id, commune.ap_id]), None);
        assert_eq!(stage.send(&stage.honest, alpha, &sent).await, 202);
        stage.net.settle().await;
        assert_eq!(home_of(alpha, &sent).await.as_deref(), Some("ecole"));
        assert_eq!(placed(alpha, &sent).await.unwrap(), ["commune"]);
        // The same again, under another id, changes nothing.
        let again = with(sent.clone(), json!({ "id": format!("{}/again", stage.bob) }));
        stage.send(&stage.honest, alpha, &again).await;
        stage.net.settle().await;
        assert_eq!(placed(alpha, &sent).await.unwrap(), ["commune"]);
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s35_what_names_groups_of_two_instances_is_placed_by_the_instance_of_its_home_alone() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let (alpha, beta) = (stage.alpha(), stage.beta());
        let commune = community(alpha, "commune", Posting::Everybody).await;
        let school = community(alpha, "ecole", Posting::Everybody).await;
        let there = community(beta, "autre", Posting::Everybody).await;
        for app in [alpha, beta] {
            for one in [&commune, &there] {
                stage.net.find(app, &one.ap_id).await.unwrap();
            }
        }
        let to = json!([commune.ap_id, there.ap_id, school.ap_id, PUBLIC]);
        for (number, audience) in [(1, Some(&*commune.ap_id)), (2, None)] {
            let sent = create(&stage.bob, number, &to, audience);
            for app in [alpha, beta] {
                stage.send(&stage.honest, app, &sent).await;
            }
            stage.net.settle().await;
            assert_eq!(home_of(alpha, &sent).await.as_deref(), Some("commune"));
            assert_eq!(placed(alpha, &sent).await.unwrap(), ["ecole"]);
            assert!(home_of(beta, &sent).await.is_none_or(|home| home == "commune"), "{audience:?}");
            assert_eq!(placed(beta, &sent).await.unwrap_or_default(), Vec::<String>::new());
        }
        // Also where the other instance has not heard of it yet, and nothing but the order says so.
        let unheard = community(alpha, "hameau", Posting::Everybody).await;
        let sent = create(&stage.bob, 4, &json!([unheard.ap_id, there.ap_id, PUBLIC]), None);
        stage.send(&stage.honest, beta, &sent).await;
        stage.net.settle().await;
        assert!(home_of(beta, &sent).await.is_none_or(|home| home == "hameau"));
        assert_eq!(placed(beta, &sent).await.unwrap_or_default(), Vec::<String>::new());
        // Sent to one community and naming another: in the one that it names.
        let sent = create(&stage.bob, 3, &json!([school.ap_id, PUBLIC]), Some(&commune.ap_id));
        stage.send(&stage.honest, alpha, &sent).await;
        stage.net.settle().await;
        assert!(home_of(alpha, &sent).await.is_none_or(|home| home == "commune"));
        assert_eq!(
            placed(alpha, &sent).await.unwrap_or_default(),
            Vec::<String>::new(),
            "never in the other"
        );
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s70_what_names_closed_and_open_groups_stands_nowhere_and_a_hidden_one_is_as_none() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let alpha = stage.alpha();
        let alice = stage.alice().await;
        let commune = community(alpha, "commune", Posting::Everybody).await;
        let council = circle(alpha, "conseil", Openness::Closed, &alice).await;
        let other = circle(alpha, "comite", Openness::Closed, &alice).await;
        let hidden = circle(alpha, "cercle", Openness::Hidden, &alice).await;
        stage.net.settle().await;
        for (number, (to, audience)) in [
            (json!([commune.ap_id, council.ap_id, PUBLIC]), Some(&*commune.ap_id)),
            (json!([commune.ap_id, council.ap_id, PUBLIC]), None),
            (json!([council.ap_id, commune.ap_id]), Some(&*council.ap_id)),
            (json!([council.ap_id, other.ap_id]), Some(&*council.ap_id)),
        ]
        .into_iter()
        .enumerate()
        {
            let sent = create(&stage.bob, u32::try_from(number).unwrap(), &to, audience);
            let before = clocher_tests::stage::dump(alpha).await;
            let status = stage.send(&stage.honest, alpha, &sent).await;
            assert!((400..500).contains(&status), "for good: {status}");
            stage.net.settle().await;
            clocher_tests::stage::assert_same(
                &before,
                &clocher_tests::stage::dump(alpha).await,
                &to.to_string(),
            );
        }
        let missing = hidden.ap_id.replace("cercle", "elcrec");
        for (number, named) in [(10, &hidden.ap_id), (11, &missing)] {
            let sent =
                create(&stage.bob, number, &json!([commune.ap_id, named, PUBLIC]), Some(&commune.ap_id));
            assert_eq!(stage.send(&stage.honest, alpha, &sent).await, 202, "{named}");
            stage.net.settle().await;
            assert_eq!(placed(alpha, &sent).await.unwrap(), Vec::<String>::new());
        }
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_announces_as_addressed_what_is_of_another_server_is_not_believed() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let alpha = stage.alpha();
        let alice = stage.alice().await;
        let commune = community(alpha, "commune", Posting::Everybody).await;
        let top = posting::write(alpha, thread(&alice, &commune, "Ici", "Chez nous.")).await.unwrap();
        let group = stage.follow_group(&alice, &stage.mallory, "voisine").await;
        let house = stage.follow_group(&alice, &stage.honest, "maison").await;
        let id = stage.honest.at("/post/1");
        let fields = json!({ "type": "Page", "name": "Travaux", "audience": house.ap_id, "published": "2099-01-01T00:00:00Z" });
        let root = with(note(&stage.bob, &id, "<p>Lundi.</p>"), fields);
        stage.honest.serve(&root);
        let own = stage.honest.at("/announce/1");
        let opening = activity("Create", &stage.bob, &format!("{id}/create"), &root);
        let announce = activity("Announce", &house.ap_id, &own, &opening);
        stage.honest.put("/announce/1", &announce);
        stage.send(&stage.honest, alpha, &announce).await;
        stage.net.settle().await;
        assert!(post_at(alpha, &id).await.is_some());
        let claims = |name: &str, object: &str, path: &[&str], announces: &[&str]| {
            let claim = activity("Announce", &group.ap_id, &stage.mallory.at(name), &json!(object));
            with(claim, json!({ "way": "addressed", "path": path, "announces": announces }))
        };
        for forged in [
            claims("/announce/1", &id, &[&house.ap_id], &[&own]),
            claims("/announce/2", &id, &[&group.ap_id], &[&own]),
            claims("/announce/3", &top.ap_id, &[&commune.ap_id], &[&own]),
            claims("/announce/4", &id, &[], &[]),
        ] {
            stage.leaves_no_trace(202, &stage.mallory, alpha, &forged).await;
        }
        // On its own server, a community may be one of several.
        let beside = stage.follow_group(&alice, &stage.honest, "jardin").await;
        let said = activity("Announce", &beside.ap_id, &stage.honest.at("/announce/2"), &json!(id));
        let said = with(said, json!({ "way": "addressed", "path": [house.ap_id], "announces": [own] }));
        assert_eq!(stage.send(&stage.honest, alpha, &said).await, 202);
        stage.net.settle().await;
        let known = post_at(alpha, &id).await.unwrap();
        let rows = alpha.read(move |conn| placements::list(conn, known.id)).await.unwrap();
        assert_eq!(rows.iter().map(|(_, row)| row.id).collect::<Vec<_>>(), [beside.id]);
        stage.clear().await;
    }
}

/// How the thread stands in a community elsewhere, as alpha has it.
async fn standing(stage: &Stage, thread: i64, there: &ActorRow) -> Option<PlacementState> {
    let there = there.id;
    let row = stage.alpha().read(move |conn| placements::find_in(conn, thread, there)).await.unwrap();
    row.map(|row| row.state().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_counts_of_whom_the_thread_was_offered_to() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let alpha = stage.alpha();
        let alice = stage.alice().await;
        let commune = community(alpha, "commune", Posting::Everybody).await;
        let above = stage.net.find(alpha, &stage.mallory.group("dessus")).await.unwrap();
        let beside = stage.net.find(alpha, &stage.mallory.group("voisine")).await.unwrap();
        put_end(alpha, &commune.ap_id, &above.ap_id, Relation::Upper, OPEN, OPEN).await;
        let mut new = thread(&alice, &commune, "Pont", "Fermé.");
        new.reach = Some(Reach { communities: vec![above.ap_id.clone()], down: false });
        let top = posting::write(alpha, new).await.unwrap();
        stage.net.settle().await;
        let offer = stage.mallory.activities().into_iter().find(|one| one["type"] == "Offer").unwrap();
        let inner = json!({ "id": offer["id"], "type": "Offer", "actor": commune.ap_id,
            "object": top.ap_id, "target": above.ap_id });
        let reject = |by: &ActorRow, name: &str, object: &Value| {
            with(
                activity("Reject", &by.ap_id, &stage.mallory.at(name), object),
                json!({ "to": [commune.ap_id] }),
            )
        };
        stage.leaves_no_trace(202, &stage.mallory, alpha, &reject(&beside, "/reject/1", &inner)).await;
        let unknown = with(inner.clone(), json!({ "id": alpha.site().activity(7) }));
        stage.leaves_no_trace(202, &stage.mallory, alpha, &reject(&above, "/reject/2", &unknown)).await;
        assert_eq!(standing(&stage, top.id, &above).await, None);
        assert_eq!(stage.send(&stage.mallory, alpha, &reject(&above, "/reject/3", &inner)).await, 202);
        stage.net.settle().await;
        assert_eq!(standing(&stage, top.id, &above).await, Some(PlacementState::Refused));
        // It may think better of it; and then refuses no more what it shows.
        let announce = stage.mallory.at("/announce/1");
        let accept = activity("Accept", &above.ap_id, &stage.mallory.at("/accept/1"), &inner);
        stage.send(&stage.mallory, alpha, &with(accept, json!({ "result": announce }))).await;
        stage.net.settle().await;
        assert_eq!(standing(&stage, top.id, &above).await, Some(PlacementState::Placed));
        stage.send(&stage.mallory, alpha, &reject(&above, "/reject/4", &inner)).await;
        stage.net.settle().await;
        assert_eq!(standing(&stage, top.id, &above).await, Some(PlacementState::Placed));
        stage.clear().await;
    }
}
