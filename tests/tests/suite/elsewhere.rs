//! What readers of other software see of linked communities: how each thing we do comes to a microblog and to Lemmy.
//! That what comes is in a shape that they accept is checked of every activity, in every suite.
#![expect(clippy::unwrap_used, reason = "a test whose stage does not stand cannot go on")]

use clocher_app::{linking, placing, posting};
use clocher_domain::community::Posting;
use clocher_domain::link::{Accepting, Policy, Relation, Sharing};
use clocher_domain::placement::{PlacementState, Reach};
use clocher_storage::actors::ActorRow;
use clocher_storage::placements;
use clocher_storage::posts::PostRow;
use clocher_tests::impostor::Impostor;
use clocher_tests::stage::{Stage, activity, each_storage};
use clocher_tests::{community, reply, thread};
use serde_json::{Value, json};

const OPEN: Policy = Policy { shares: Sharing::Everything, accepts: Accepting::Everything };

/// A hamlet and its commune, of alpha, which somebody on a microblog follows, and somebody on Lemmy.
struct Village {
    hamlet: ActorRow,
    commune: ActorRow,
    moderator: ActorRow,
}

impl Village {
    async fn of(stage: &Stage) -> Self {
        let alpha = stage.alpha();
        let hamlet = community(alpha, "hameau", Posting::Everybody).await;
        let commune = community(alpha, "commune", Posting::Everybody).await;
        let moderator = linking::administrator(alpha).await.unwrap();
        stage.mallory.runs("mastodon");
        stage.honest.runs("lemmy");
        for server in [&stage.mallory, &stage.honest] {
            let fan = server.person("fan");
            for followed in [&hamlet, &commune] {
                let id = format!("{fan}/follow/{}", followed.name);
                let follow = activity("Follow", &fan, &id, &json!(followed.ap_id));
                assert_eq!(stage.send(server, alpha, &follow).await, 202);
            }
        }
        stage.net.settle().await;
        forget(stage);
        // The handshake, between communities of one instance and with what others list.
        linking::propose(alpha, moderator.id, hamlet.id, commune.id, Relation::Upper, OPEN).await.unwrap();
        stage.net.settle().await;
        let row = linking::list(alpha, commune.id).await.unwrap().remove(0).link;
        linking::change_policy(alpha, moderator.id, row.id, OPEN).await.unwrap();
        stage.net.settle().await;
        for server in [&stage.mallory, &stage.honest] {
            assert_eq!(server.activities(), [] as [Value; 0], "of links others are told nothing");
        }
        Self { hamlet, commune, moderator }
    }
}

fn forget(stage: &Stage) {
    stage.mallory.forget();
    stage.honest.forget();
}

/// What a server was told by that community about a thread: each `Announce`, and of which kind its object is.
fn announces(server: &Impostor, by: &ActorRow, thread: &PostRow) -> Vec<(Value, String)> {
    let told = server.activities().into_iter().filter(|one| one["type"] == "Announce");
    let told = told.filter(|one| one["actor"] == json!(by.ap_id) && one.to_string().contains(&thread.ap_id));
    told.map(|one| {
        let kind = one.pointer("/object/type").and_then(Value::as_str).unwrap_or("id").to_owned();
        (one, kind)
    })
    .collect()
}

async fn write(stage: &Stage, author: &ActorRow, home: &ActorRow, reach: Option<Reach>) -> PostRow {
    let new = thread(author, home, "Coupure", "L’eau est coupée.");
    let post = posting::write(stage.alpha(), clocher_app::posting::NewPost { reach, ..new }).await.unwrap();
    stage.net.settle().await;
    post
}

async fn is_placed(stage: &Stage, post: &PostRow, community: &ActorRow) -> bool {
    let (post, community) = (post.id, community.id);
    let row = stage.alpha().read(move |conn| placements::find_in(conn, post, community)).await.unwrap();
    row.is_some_and(|row| row.state().unwrap() == PlacementState::Placed)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_share_is_one_boost_more_on_a_microblog_that_names_the_home_and_not_the_author_and_nothing_on_lemmy()
 {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let it = Village::of(&stage).await;
        let (toot, lemmy, alice) = (&stage.mallory, &stage.honest, stage.alice().await);
        let reach = Reach { communities: vec![it.commune.ap_id.clone()], down: false };
        let top = write(&stage, &alice, &it.hamlet, Some(reach)).await;
        assert!(is_placed(&stage, &top, &it.commune).await);

        let by_home = announces(toot, &it.hamlet, &top);
        let shared = announces(toot, &it.commune, &top);
        assert_eq!((by_home.len(), shared.len()), (1, 1), "one for each community, thread and server");
        assert_eq!(by_home[0].0["cc"], json!([it.hamlet.followers]));
        let (boost, kind) = &shared[0];
        assert_eq!((kind.as_str(), &boost["object"]), ("id", &json!(top.ap_id)));
        let followers = it.commune.followers.clone().unwrap();
        assert_eq!(boost["cc"], json!([followers, it.hamlet.ap_id]));
        assert!(!boost.to_string().contains(&alice.ap_id), "the author is not told of every share");
        let kinds = |by: &ActorRow| -> Vec<String> {
            announces(lemmy, by, &top).into_iter().map(|(_, kind)| kind).collect()
        };
        assert_eq!((kinds(&it.hamlet), kinds(&it.commune)), (vec!["Create".to_owned()], Vec::new()));

        // A reply stands in the thread, and is boosted by nobody.
        forget(&stage);
        posting::write(stage.alpha(), reply(&alice, &top, "Jusqu’à quand ?")).await.unwrap();
        stage.net.settle().await;
        assert_eq!(announces(toot, &it.hamlet, &top), []);
        assert_eq!(announces(toot, &it.commune, &top), []);
        assert_eq!((kinds(&it.hamlet), kinds(&it.commune)), (vec!["Create".to_owned()], Vec::new()));

        // What the commune takes back is unboosted once, and stays the hamlet's.
        forget(&stage);
        placing::withdraw(stage.alpha(), it.moderator.id, it.commune.id, top.id).await.unwrap();
        stage.net.settle().await;
        let undone = toot.activities();
        let [undo] = &undone[..] else { panic!("{undone:#?}") };
        assert_eq!((&undo["type"], &undo["object"]["id"]), (&json!("Undo"), &boost["id"]));
        assert_eq!(lemmy.activities(), [] as [Value; 0]);
        stage.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_comes_down_by_policy_alone_is_not_boosted_and_what_its_author_sent_down_is() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let it = Village::of(&stage).await;
        let (toot, alice) = (&stage.mallory, stage.alice().await);
        let down = Reach { communities: Vec::new(), down: true };
        let (alpha, moderator) = (stage.alpha(), it.moderator.id);
        placing::change_default_reach(alpha, moderator, it.commune.id, down.clone()).await.unwrap();
        stage.net.settle().await;
        forget(&stage);
        let top = write(&stage, &alice, &it.commune, None).await;
        assert!(is_placed(&stage, &top, &it.hamlet).await);
        assert_eq!(announces(toot, &it.commune, &top).len(), 1);
        assert_eq!(announces(toot, &it.hamlet, &top), []);

        let top = write(&stage, &alice, &it.commune, Some(down)).await;
        assert!(is_placed(&stage, &top, &it.hamlet).await);
        assert_eq!(announces(toot, &it.hamlet, &top).len(), 1);
        stage.clear().await;
    }
}
