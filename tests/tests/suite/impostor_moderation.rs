//! Who moderates: only moderators of that community, on its own word or with their own signature.
#![expect(clippy::unwrap_used, reason = "a test whose stage does not stand cannot go on")]

use clocher_app::moderating::{self, Terms};
use clocher_app::{communities, posting, reporting};
use clocher_domain::Refusal;
use clocher_domain::audience::Visibility;
use clocher_domain::community::Posting;
use clocher_domain::moderation::{Act, MAX_FEATURED, MAX_REPORTS};
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::bans;
use clocher_storage::posts::PostRow;
use clocher_tests::impostor::{Impostor, with};
use clocher_tests::stage::{Stage, activity, assert_same, dump, each_storage, note};
use clocher_tests::{Ways, actor_at, community, person, post_at, thread};
use serde_json::{Value, json};

/// A group of the honest server with a moderator, which Alice of alpha follows, and a thread of Bob's in it.
struct Club {
    group: ActorRow,
    moderator: String,
    post: PostRow,
}

impl Club {
    async fn set(stage: &Stage) -> Self {
        let moderator = stage.honest.person("mod");
        let id = stage.honest.at("/c/club");
        let lists = json!({
            "attributedTo": format!("{id}/moderators"), "featured": format!("{id}/featured"),
        });
        put_list(&stage.honest, "/c/club/moderators", &json!([moderator]));
        put_list(&stage.honest, "/c/club/featured", &json!([]));
        stage.honest.actor("Group", "/c/club", "club", lists.clone());
        let alice = stage.alice().await;
        let group = stage.net.find(stage.alpha(), &id).await.unwrap();
        clocher_app::membership::join(stage.alpha(), alice.id, group.id).await.unwrap();
        stage.net.settle().await;
        let (_, follow) =
            stage.honest.received().into_iter().find(|(path, _)| path == "/c/club/inbox").unwrap();
        let follow: Value = serde_json::from_str(&follow).unwrap();
        let accept = activity("Accept", &id, &format!("{id}/accept"), &follow);
        assert_eq!(stage.send(&stage.honest, stage.alpha(), &accept).await, 202);
        let post = stage.honest.at("/post/1");
        stage.honest.serve(&with(note(&stage.bob, &post, "<p>Bonjour.</p>"), json!({ "audience": id })));
        assert_eq!(announced(stage, &stage.honest, &id, 1, &json!(post)).await, 202);
        let post = post_at(stage.alpha(), &post).await.unwrap();
        assert_eq!(post.home_id, Some(group.id));
        Self { group, moderator, post }
    }

    /// What a moderator may do with a message and a person of this club, as Lemmy writes it.
    fn acts(&self, by: &str, person: &str) -> Vec<Value> {
        let group = &self.group.ap_id;
        let act = |kind: &str, object: &str, fields: Value| {
            let id = format!("{by}/act/{kind}");
            let about = json!({ "cc": [group], "audience": group });
            with(with(activity(kind, by, &id, &json!(object)), about), fields)
        };
        let post = &self.post.ap_id;
        vec![
            act("Lock", post, json!({})),
            act("Delete", post, json!({ "summary": "bad" })),
            act("Add", post, json!({ "target": format!("{group}/featured") })),
            act("Add", person, json!({ "target": format!("{group}/moderators") })),
            act("Remove", post, json!({ "target": group })),
            act("Block", person, json!({ "target": group, "removeData": true, "summary": "spam" })),
            act("Update", group, json!({ "object": { "id": group, "type": "Group", "name": "Pris" } })),
        ]
    }
}

fn put_list(server: &Impostor, path: &str, items: &Value) {
    let list = json!({ "id": server.at(path), "type": "OrderedCollection", "orderedItems": items });
    server.put(path, &list);
}

/// A group announces something to alpha.
async fn announced(stage: &Stage, server: &Impostor, group: &str, number: usize, object: &Value) -> u16 {
    let announce = activity("Announce", group, &format!("{group}/announce/{number}"), object);
    let status = stage.send(server, stage.alpha(), &announce).await;
    stage.net.settle().await;
    status
}

/// What an instance answers to a server that asks for a document.
async fn get(stage: &Stage, address: &str) -> (u16, String) {
    let client =
        reqwest::Client::builder().no_proxy().resolve("alpha.test", stage.net.address).build().unwrap();
    let request = client.get(address).header("Accept", "application/activity+json");
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

fn undo(act: &Value) -> Value {
    let (actor, id) = (act["actor"].as_str().unwrap(), act["id"].as_str().unwrap());
    activity("Undo", actor, &format!("{id}/undo"), act)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_group_announces_of_its_moderators_counts_in_the_forms_of_others() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let club = Club::set(&stage).await;
        let alpha = stage.alpha();
        let carla = person(alpha, "carla").await;
        let post = async || post_at(alpha, &club.post.ap_id).await.unwrap();
        let banned = async || {
            let (group, carla) = (club.group.id, carla.id);
            alpha.read(move |conn| bans::find(conn, group, carla)).await.unwrap()
        };
        let mut number = 10;
        for act in club.acts(&club.moderator, &carla.ap_id) {
            let kind = act["type"].as_str().unwrap().to_owned();
            if kind == "Update" {
                continue;
            }
            for (document, is_undone) in [(act.clone(), false), (undo(&act), true)] {
                number += 1;
                announced(&stage, &stage.honest, &club.group.ap_id, number, &document).await;
                let post = post().await;
                let target = act["target"].as_str().unwrap_or_default();
                let is_so = match kind.as_str() {
                    "Lock" => post.locked,
                    "Add" if target.ends_with("featured") => post.featured_at.is_some(),
                    "Add" => {
                        let (group, carla) = (club.group.id, carla.id);
                        moderating::is_by_moderator(alpha, group, carla).await.unwrap()
                    }
                    "Block" => banned().await.is_some(),
                    _ => post.removed_at.is_some(),
                };
                assert_eq!(is_so, !is_undone, "{document}");
                assert_eq!(post.deleted_at, None);
            }
        }
        // The collection as it was fetched is asked again where somebody acts who was not in it.
        let new = stage.honest.person("nouvelle");
        put_list(&stage.honest, "/c/club/moderators", &json!([club.moderator, new]));
        let lock = club.acts(&new, &carla.ap_id).remove(0);
        announced(&stage, &stage.honest, &club.group.ap_id, 90, &lock).await;
        assert!(post().await.locked);
        // A changed profile is fetched, and not believed.
        let changed =
            json!({ "name": "Le club", "attributedTo": format!("{}/moderators", club.group.ap_id) });
        stage.honest.actor("Group", "/c/club", "club", changed);
        let update = club.acts(&club.moderator, &carla.ap_id).pop().unwrap();
        announced(&stage, &stage.honest, &club.group.ap_id, 91, &update).await;
        assert_eq!(actor_at(alpha, &club.group.ap_id).await.unwrap().display_name, "Le club");
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s44_who_is_no_moderator_of_the_group_moderates_nothing_in_it() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let club = Club::set(&stage).await;
        let alpha = stage.alpha();
        let foule = {
            let carla = person(alpha, "carla").await;
            stage.follow_group(&carla, &stage.mallory, "foule").await
        };
        let strangers = [
            stage.mallory.person("mallory"),
            stage.honest.person("eve"),
            stage.honest.person("dave"),
            club.group.ap_id.clone(),
        ];
        for stranger in &strangers {
            stage.net.find(alpha, stranger).await.unwrap();
        }
        let victim = person(alpha, "victime").await;
        let before = dump(alpha).await;
        let mut number = 10;
        // The group itself passes on what somebody does who is none of its moderators.
        for stranger in &strangers {
            for act in club.acts(stranger, &victim.ap_id) {
                for document in [act.clone(), undo(&act)] {
                    number += 1;
                    announced(&stage, &stage.honest, &club.group.ap_id, number, &document).await;
                }
            }
        }
        assert_same(&before, &dump(alpha).await, "an act of no moderator");
        // Another group passes on what a moderator of the first does, or of its own: it is not its business.
        for actor in [&club.moderator, &stage.mallory.at("/u/mallory"), &foule.ap_id] {
            for act in club.acts(actor, &victim.ap_id) {
                for document in [act.clone(), undo(&act)] {
                    number += 1;
                    announced(&stage, &stage.mallory, &foule.ap_id, number, &document).await;
                }
            }
        }
        assert_same(&before, &dump(alpha).await, "an act in another group");
        // Alone, without the group's word, even its moderators have none for us.
        for act in club.acts(&club.moderator, &victim.ap_id) {
            let status = stage.send(&stage.honest, alpha, &act).await;
            assert!(matches!(status, 202 | 403), "{status} {act}");
        }
        stage.net.settle().await;
        let seen = |line: &String| !line.contains("/u/mod");
        let after: Vec<_> = dump(alpha).await.into_iter().filter(seen).collect();
        let before: Vec<_> = before.into_iter().filter(seen).collect();
        assert_same(&before, &after, "an act that nobody announced");
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s44_a_moderator_elsewhere_moderates_the_community_of_ours_and_no_other() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let alpha = stage.alpha();
        let velo = communities::find(alpha, "velo").await.unwrap();
        let other = community(alpha, "autre", Posting::Everybody).await;
        let alice = stage.alice().await;
        let here = posting::write(alpha, thread(&alice, &velo, "Ici", "Bonjour.")).await.unwrap();
        let there = posting::write(alpha, thread(&alice, &other, "Là", "Bonjour.")).await.unwrap();
        let moderator = stage.honest.person("mod");
        let stranger = stage.mallory.person("mallory");
        let row = stage.net.find(alpha, &moderator).await.unwrap();
        stage.net.find(alpha, &stranger).await.unwrap();
        let mairie = clocher_app::accounts::find(alpha, "mairie").await.unwrap().1;
        moderating::moderate_person(alpha, mairie.id, velo.id, row.id, Act::Appoint, Terms::default())
            .await
            .unwrap();
        stage.net.settle().await;
        let club = Club { group: velo.clone(), moderator: moderator.clone(), post: here.clone() };
        let elsewhere = Club { group: other.clone(), moderator: moderator.clone(), post: there.clone() };
        let victim = person(alpha, "victime").await;
        // A stranger, and a moderator of another community of ours, are refused.
        for act in club.acts(&stranger, &victim.ap_id) {
            stage.leaves_no_trace(403, &stage.mallory, alpha, &act).await;
            if act["type"] != "Update" {
                stage.leaves_no_trace(403, &stage.mallory, alpha, &undo(&act)).await;
            }
        }
        for act in elsewhere.acts(&moderator, &victim.ap_id) {
            stage.leaves_no_trace(403, &stage.honest, alpha, &act).await;
        }
        // A thread is not featured, nor removed, in a community where it is not.
        for (kind, target) in [("Add", format!("{}/featured", velo.ap_id)), ("Remove", velo.ap_id.clone())] {
            let misplaced = with(
                activity(kind, &moderator, &format!("{moderator}/{kind}"), &json!(there.ap_id)),
                json!({ "target": target }),
            );
            stage.leaves_no_trace(403, &stage.honest, alpha, &misplaced).await;
        }
        // Nobody makes themselves a moderator by a target of their own.
        let forged = with(
            activity("Add", &stranger, &format!("{stranger}/add"), &json!(stranger)),
            json!({ "target": stage.mallory.at("/c/velo/moderators") }),
        );
        stage.leaves_no_trace(202, &stage.mallory, alpha, &forged).await;

        // What the moderator does counts, and is passed on as it came.
        let follower = stage.mallory.person("lectrice");
        let follow = activity("Follow", &follower, &format!("{follower}/follow"), &json!(velo.ap_id));
        assert_eq!(stage.send(&stage.mallory, alpha, &follow).await, 202);
        stage.net.settle().await;
        stage.mallory.forget();
        let lock = club.acts(&moderator, &victim.ap_id).remove(0);
        assert_eq!(stage.send(&stage.honest, alpha, &lock).await, 202);
        stage.net.settle().await;
        assert!(post_at(alpha, &here.ap_id).await.unwrap().locked);
        let announces = stage.mallory.activities();
        let announce = announces.iter().find(|one| one["object"]["type"] == "Lock").unwrap();
        assert_eq!(announce["actor"], json!(velo.ap_id));
        assert_eq!(announce["object"]["id"], lock["id"]);
        assert_eq!(announce["object"]["actor"], json!(moderator));
        // The same again says nothing.
        assert_eq!(stage.send(&stage.honest, alpha, &lock).await, 202);
        stage.net.settle().await;
        assert_eq!(stage.mallory.activities().len(), announces.len());
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s44_nobody_removes_what_is_not_in_their_community() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let club = Club::set(&stage).await;
    let alpha = stage.alpha();
    let velo = communities::find(alpha, "velo").await.unwrap();
    let alice = clocher_app::accounts::add(
        alpha,
        clocher_tests::account("anne"),
        clocher_domain::actor::Role::Member,
    )
    .await
    .unwrap();
    let ours = posting::write(alpha, thread(&alice, &velo, "À nous", "Bonjour.")).await.unwrap();
    stage.net.settle().await;
    let before = dump(alpha).await;
    let stolen = Club { post: ours, ..club };
    for (number, act) in stolen.acts(&stolen.moderator, &stage.bob).into_iter().enumerate() {
        if act["object"] == json!(stolen.post.ap_id) {
            announced(&stage, &stage.honest, &stolen.group.ap_id, 20 + number, &act).await;
        }
    }
    assert_same(&before, &dump(alpha).await, "an act in a community of ours, by a group elsewhere");
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s26_a_suspended_moderator_moderates_nothing() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let club = Club::set(&stage).await;
    let alpha = stage.alpha();
    let moderator = actor_at(alpha, &club.moderator).await.unwrap();
    alpha.write(move |deed| actors::suspend(deed.conn, moderator.id, Some(deed.now()))).await.unwrap();
    let victim = person(alpha, "victime").await;
    let before = dump(alpha).await;
    for (number, act) in club.acts(&club.moderator, &victim.ap_id).into_iter().enumerate() {
        announced(&stage, &stage.honest, &club.group.ap_id, 20 + number, &act).await;
    }
    assert_same(&before, &dump(alpha).await, "an act of somebody suspended");
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_banned_is_refused_at_the_home_and_told_why() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let alpha = stage.alpha();
        let velo = communities::find(alpha, "velo").await.unwrap();
        let mairie = clocher_app::accounts::find(alpha, "mairie").await.unwrap().1;
        let bob = actor_at(alpha, &stage.bob).await.unwrap();
        let follow = activity("Follow", &stage.bob, &stage.honest.at("/follow/1"), &json!(velo.ap_id));
        assert_eq!(stage.send(&stage.honest, alpha, &follow).await, 202);
        stage.net.settle().await;
        stage.honest.forget();
        let terms = Terms { reason: "Réclame".into(), ..Terms::default() };
        moderating::moderate_person(alpha, mairie.id, velo.id, bob.id, Act::Ban, terms).await.unwrap();
        stage.net.settle().await;
        let told = stage.honest.activities();
        let kinds: Vec<_> =
            told.iter().map(|one| (one["type"].clone(), one["object"]["type"].clone())).collect();
        assert_eq!(kinds.first(), Some(&(json!("Announce"), json!("Block"))), "{told:#?}");
        assert_eq!(kinds.get(1), Some(&(json!("Reject"), json!("Follow"))));
        let block = told[0]["object"].clone();
        assert_eq!(block["target"], json!(velo.ap_id));
        assert_eq!((&block["object"], &block["summary"]), (&json!(stage.bob), &json!("Réclame")));

        let message = with(
            note(&stage.bob, &stage.honest.at("/post/9"), "<p>Non.</p>"),
            json!({ "audience": velo.ap_id }),
        );
        let create = activity("Create", &stage.bob, &stage.honest.at("/create/9"), &message);
        let answered = stage.send_as(&stage.honest, &stage.bob, alpha, &create).await;
        assert_eq!(answered, (403, "banned".to_owned()));
        stage.leaves_no_trace(403, &stage.honest, alpha, &create).await;
        let again = activity("Follow", &stage.bob, &stage.honest.at("/follow/2"), &json!(velo.ap_id));
        stage.honest.forget();
        assert_eq!(stage.send(&stage.honest, alpha, &again).await, 202);
        stage.net.settle().await;
        assert_eq!(stage.honest.activities()[0]["type"], json!("Reject"));
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s33_a_report_of_what_the_reporter_may_not_read_is_of_nothing() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let alpha = stage.alpha();
        let alice = stage.alice().await;
        let private = posting::NewPost {
            home_id: None,
            title: None,
            visibility: Visibility::Followers,
            ..thread(&alice, &alice, "", "Entre nous.")
        };
        let private = posting::write(alpha, private).await.unwrap();
        let open = posting::NewPost { home_id: None, title: None, ..thread(&alice, &alice, "", "À tous.") };
        let open = posting::write(alpha, open).await.unwrap();
        stage.net.settle().await;
        let flag = |id: &str, object: Value| {
            with(
                activity("Flag", &stage.bob, &stage.honest.at(id), &object),
                json!({ "to": [alice.ap_id], "content": "Insultes" }),
            )
        };
        for (number, object) in [
            json!(private.ap_id),
            json!([alice.ap_id, private.ap_id]),
            json!(alpha.site().post(7)),
            json!([alice.ap_id, alpha.site().post(7)]),
            json!(stage.honest.at("/post/1")),
            json!(null),
            json!([]),
        ]
        .into_iter()
        .enumerate()
        {
            let flag = flag(&format!("/flag/{number}"), object);
            stage.leaves_no_trace(202, &stage.honest, alpha, &flag).await;
        }
        let mairie = clocher_app::accounts::find(alpha, "mairie").await.unwrap().1;
        // As Mastodon and Mbin send it; it arrives once, and twice the same is once.
        let real = flag("/flag/20", json!([alice.ap_id, open.ap_id, private.ap_id]));
        for _ in 0..2 {
            assert_eq!(stage.send(&stage.honest, alpha, &real).await, 202);
        }
        assert_eq!(stage.send(&stage.honest, alpha, &flag("/flag/21", json!(open.ap_id))).await, 202);
        let reports = reporting::list(alpha, mairie.id, None).await.unwrap();
        let [report] = reports.as_slice() else { panic!("{reports:#?}") };
        assert_eq!(report.post.as_ref().unwrap().id, open.id);
        assert_eq!(report.report.reason, "Insultes");
        assert_eq!(
            reporting::list(alpha, alice.id, None).await.unwrap_err().refusal(),
            Some(Refusal::NotAModerator)
        );
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reports_of_one_reporter_are_bounded_and_so_are_featured_threads() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let alpha = stage.alpha();
    let velo = communities::find(alpha, "velo").await.unwrap();
    let mairie = clocher_app::accounts::find(alpha, "mairie").await.unwrap().1;
    let mut last = None;
    for number in 0..=MAX_REPORTS {
        let new = thread(&mairie, &velo, &format!("Fil {number}"), "Texte.");
        let post = posting::write(alpha, new).await.unwrap();
        let flag =
            activity("Flag", &stage.bob, &stage.honest.at(&format!("/flag/{number}")), &json!(post.ap_id));
        if number == MAX_REPORTS {
            stage.net.settle().await;
            stage.leaves_no_trace(202, &stage.honest, alpha, &flag).await;
        } else {
            assert_eq!(stage.send(&stage.honest, alpha, &flag).await, 202);
        }
        let act = moderating::moderate_message(alpha, mairie.id, post.id, Act::Feature, String::new()).await;
        if usize::try_from(number).unwrap() < MAX_FEATURED {
            act.unwrap();
        } else {
            assert_eq!(act.unwrap_err().refusal(), Some(Refusal::TooManyFeatured));
        }
        last = Some(post);
    }
    assert!(last.is_some_and(|post| post.featured_at.is_none()));
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_removed_is_shown_at_none_of_its_addresses_and_comes_back() {
    let stage = Stage::set(Ways::SqliteHttp).await;
    let alpha = stage.alpha();
    let velo = communities::find(alpha, "velo").await.unwrap();
    let mairie = clocher_app::accounts::find(alpha, "mairie").await.unwrap().1;
    let post = posting::write(alpha, thread(&mairie, &velo, "Secret retiré", "Texte retiré.")).await.unwrap();
    moderating::moderate_message(alpha, mairie.id, post.id, Act::Feature, String::new()).await.unwrap();
    stage.net.settle().await;
    let addresses = [
        post.ap_id.clone(),
        format!("{}/context", post.ap_id),
        format!("{}/outbox?page=true", velo.ap_id),
        format!("{}/outbox?page=true", mairie.ap_id),
        format!("{}/featured", velo.ap_id),
    ];
    let shown = async || {
        let mut shown = Vec::new();
        for address in &addresses {
            let (_, body) = get(&stage, address).await;
            shown.push(body.contains(&post.ap_id) && body.contains("retiré"));
        }
        shown
    };
    let before = shown().await;
    assert_eq!(before, [true, before[1], true, true, true]);
    moderating::moderate_message(alpha, mairie.id, post.id, Act::Remove, "Hors charte".into()).await.unwrap();
    stage.net.settle().await;
    assert_eq!(shown().await, [false; 5]);
    assert_eq!(get(&stage, &post.ap_id).await.0, 410);
    moderating::moderate_message(alpha, mairie.id, post.id, Act::Restore, String::new()).await.unwrap();
    stage.net.settle().await;
    // It is not featured any more: that was ended with it.
    assert_eq!(shown().await, [true, before[1], true, true, false]);
    stage.clear().await;
}
