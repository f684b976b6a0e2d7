//! What a community that merely shares a thread may do with it: what it hides from its own readers, whom it banned, and what
//! microblogs hear of the root.
#![expect(clippy::unwrap_used, reason = "a test whose network does not stand cannot go on")]

use clocher_app::moderating::{self, Terms};
use clocher_app::placing::{self, Veil};
use clocher_app::reading::{self, ThreadView};
use clocher_app::sessions::Viewer;
use clocher_app::{App, accounts, membership, posting, subscribing};
use clocher_domain::community::Posting;
use clocher_domain::ledger::Mode;
use clocher_domain::link::{Accepting, Policy, Relation, Sharing};
use clocher_domain::moderation::Act;
use clocher_domain::placement::{PlacementState, Reach};
use clocher_storage::actors::ActorRow;
use clocher_storage::placements;
use clocher_storage::posts::PostRow;
use clocher_tests::readership::{at_once, each_town};
use clocher_tests::stage::{Stage, activity, each_storage};
use clocher_tests::{Network, actor_at, community, each_network, link, person, post_at, reply, thread};
use serde_json::{Value, json};

const OPEN: Policy = Policy { shares: Sharing::Everything, accepts: Accepting::Everything };

/// A commune, and an intercommunalité above it that takes everything from it.
async fn nest(net: &Network, lower: (&App, &ActorRow), upper: (&App, &ActorRow)) {
    net.find(lower.0, &upper.1.ap_id).await.unwrap();
    net.find(upper.0, &lower.1.ap_id).await.unwrap();
    link((lower.0, lower.1, OPEN), Relation::Upper, (upper.0, upper.1, OPEN)).await;
}

async fn write(app: &App, author: &ActorRow, home: &ActorRow, title: &str, to: &ActorRow) -> PostRow {
    let reach = Some(Reach { communities: vec![to.ap_id.clone()], down: false });
    let home = actor_at(app, &home.ap_id).await.unwrap();
    let new = clocher_app::posting::NewPost { reach, ..thread(author, &home, title, "Lundi.") };
    posting::write(app, new).await.unwrap()
}

async fn joins(net: &Network, app: &App, name: &str, communities: &[&ActorRow]) -> ActorRow {
    let who = person(app, name).await;
    for community in communities {
        let known = net.find(app, &community.ap_id).await.unwrap();
        membership::join(app, who.id, known.id).await.unwrap();
        net.settle().await;
    }
    who
}

/// The thread, as somebody of an instance (none: a stranger) sees it there.
async fn seen(app: &App, top: &PostRow, who: Option<&ActorRow>) -> ThreadView {
    let viewer = match who {
        Some(who) => {
            let (account, actor) = accounts::find(app, &who.name).await.unwrap();
            Some(Viewer { actor, account })
        }
        None => None,
    };
    let id = post_at(app, &top.ap_id).await.unwrap().id;
    reading::thread(app, id, viewer.as_ref()).await.unwrap()
}

/// How many replies somebody reads, and how many are hidden.
async fn read(app: &App, top: &PostRow, who: Option<&ActorRow>) -> (usize, i64) {
    let view = seen(app, top, who).await;
    (view.replies.iter().filter(|reply| reply.veil != Veil::Hidden).count(), view.hidden)
}

async fn mairie(app: &App) -> ActorRow {
    actor_at(app, &app.site().person("mairie")).await.unwrap()
}

/// A refusal, by its code.
fn refused<T: std::fmt::Debug>(result: clocher_app::Result<T>) -> &'static str {
    result.unwrap_err().code()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_sharing_community_hides_is_hidden_from_its_own_readers_alone_and_altered_nowhere() {
    each_network(&["alpha", "beta", "gamma"], |net| async move {
        let (alpha, beta, gamma) = (net.node("alpha"), net.node("beta"), net.node("gamma"));
        let home = community(alpha, "commune", Posting::Everybody).await;
        let epci = community(beta, "epci", Posting::Everybody).await;
        nest(&net, (alpha, &home), (beta, &epci)).await;
        let (alice, bob) = (person(alpha, "alice").await, person(alpha, "bob").await);
        let lea = joins(&net, beta, "lea", &[&epci]).await;
        let hugo = joins(&net, beta, "hugo", &[&epci, &home]).await;
        let zoe = joins(&net, gamma, "zoe", &[&epci]).await;
        let top = write(alpha, &alice, &home, "Travaux", &epci).await;
        net.settle().await;
        let rude = posting::write(alpha, reply(&bob, &top, "Grossier.")).await.unwrap();
        net.settle().await;
        posting::write(alpha, reply(&alice, &rude, "Calmez-vous.")).await.unwrap();
        net.settle().await;
        let mairie = mairie(beta).await;
        let there = post_at(beta, &rude.ap_id).await.unwrap();
        assert_eq!(read(beta, &top, Some(&lea)).await, (2, 0));

        assert_eq!(
            refused(placing::set_hidden(beta, lea.id, epci.id, there.id, true).await),
            "not_a_moderator"
        );
        let other = community(beta, "canton", Posting::Everybody).await;
        assert_eq!(
            refused(placing::set_hidden(beta, mairie.id, other.id, there.id, true).await),
            "not_found"
        );
        placing::set_hidden(beta, mairie.id, epci.id, there.id, true).await.unwrap();
        net.settle().await;
        // What answers it is read, below what is not.
        assert_eq!(read(beta, &top, Some(&lea)).await, (1, 1));
        let view = seen(beta, &top, Some(&lea)).await;
        assert_eq!((view.replies.len(), view.replies[0].post.html.as_str()), (2, ""));
        assert_eq!(read(beta, &top, None).await, (1, 1), "a stranger comes by the intercommunalité alone");
        assert_eq!(read(beta, &top, Some(&hugo)).await, (2, 0), "who also comes by the home reads it");
        assert_eq!(read(alpha, &top, None).await, (2, 0), "and so do strangers there");
        assert_eq!(read(gamma, &top, Some(&zoe)).await, (2, 0), "nobody elsewhere is told");
        let marked = seen(beta, &top, Some(&mairie)).await;
        let Veil::Marked(hiders) = &marked.replies[0].veil else { panic!("not marked") };
        assert_eq!((hiders.len(), hiders[0].community.id), (1, epci.id));
        for app in [alpha, beta, gamma] {
            assert!(post_at(app, &rude.ap_id).await.unwrap().html.contains("Grossier"));
        }

        // Later answers arrive everywhere, and pass through as they are.
        placing::set_hidden(beta, mairie.id, epci.id, post_at(beta, &top.ap_id).await.unwrap().id, true)
            .await
            .unwrap();
        let late = posting::write(alpha, reply(&alice, &top, "Encore.")).await.unwrap();
        net.settle().await;
        assert!(post_at(gamma, &late.ap_id).await.unwrap().html.contains("Encore"));
        assert_eq!(read(gamma, &top, Some(&zoe)).await, (3, 0));
        assert_eq!(read(beta, &top, Some(&lea)).await, (0, 3), "all of them, present and to come");
        let own = post_at(beta, &top.ap_id).await.unwrap();
        let of_lea = posting::write(beta, reply(&lea, &own, "Et moi ?")).await.unwrap();
        net.settle().await;
        assert_eq!(read(beta, &top, Some(&lea)).await, (1, 3), "but one's own");
        let answer = post_at(alpha, &of_lea.ap_id).await.unwrap();
        posting::write(alpha, reply(&alice, &answer, "Vous aussi.")).await.unwrap();
        net.settle().await;
        assert_eq!(read(beta, &top, Some(&lea)).await, (2, 3), "and what answers it");

        placing::set_hidden(beta, mairie.id, epci.id, own.id, false).await.unwrap();
        placing::set_hidden(beta, mairie.id, epci.id, there.id, false).await.unwrap();
        assert_eq!(read(beta, &top, Some(&lea)).await, (5, 0));
        let journal = clocher_app::linking::journal(beta, epci.id, None, 10).await.unwrap();
        let events: Vec<&str> = journal.iter().map(|line| line.row.event.as_str()).collect();
        assert_eq!(events, ["reply_shown", "replies_shown", "replies_hidden", "reply_hidden"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whom_a_sharing_community_banned_is_read_at_the_home_and_not_there() {
    each_network(&["alpha", "beta"], |net| async move {
        let (alpha, beta) = (net.node("alpha"), net.node("beta"));
        let home = community(alpha, "commune", Posting::Everybody).await;
        let epci = community(beta, "epci", Posting::Everybody).await;
        nest(&net, (alpha, &home), (beta, &epci)).await;
        let (alice, bob) = (person(alpha, "alice").await, person(alpha, "bob").await);
        let lea = joins(&net, beta, "lea", &[&epci]).await;
        let top = write(alpha, &alice, &home, "Travaux", &epci).await;
        let his = write(alpha, &bob, &home, "De Bob", &epci).await;
        net.settle().await;
        posting::write(alpha, reply(&bob, &top, "Grossier.")).await.unwrap();
        net.settle().await;
        let mairie = mairie(beta).await;
        let banned = actor_at(beta, &bob.ap_id).await.unwrap();
        let state = async |top: &PostRow| {
            let (thread, place) = (post_at(beta, &top.ap_id).await?.id, epci.id);
            let row = beta.read(move |conn| placements::find_in(conn, thread, place)).await.unwrap();
            row.map(|row| row.state().unwrap())
        };
        assert_eq!(
            (read(beta, &top, Some(&lea)).await, state(&his).await),
            ((1, 0), Some(PlacementState::Placed))
        );
        let terms = Terms { removes_messages: true, ..Terms::default() };
        moderating::moderate_person(beta, mairie.id, epci.id, banned.id, Act::Ban, terms).await.unwrap();
        net.settle().await;
        assert_eq!(read(beta, &top, Some(&lea)).await, (0, 1), "what is written by whom it banned is hidden");
        assert_eq!(read(alpha, &top, None).await, (1, 0));
        assert_eq!(state(&his).await, Some(PlacementState::Withdrawn), "and their threads are taken back");
        let after = write(alpha, &bob, &home, "Après", &epci).await;
        net.settle().await;
        assert_eq!(state(&after).await, None, "and let in no more");
        // A reply of theirs that comes to the community is not handed on by it: their own server sends it to the home.
        let again = posting::write(alpha, reply(&bob, &top, "Encore.")).await.unwrap();
        net.settle().await;
        assert_eq!(read(beta, &top, Some(&lea)).await, (0, 2));
        assert!(post_at(beta, &again.ap_id).await.is_some(), "the home decides what the thread is");

        moderating::moderate_person(beta, mairie.id, epci.id, banned.id, Act::Unban, Terms::default())
            .await
            .unwrap();
        assert_eq!(read(beta, &top, Some(&lea)).await, (2, 0), "for as long as the ban stands");
    })
    .await;
}

#[tokio::test]
async fn who_follows_a_thread_gets_no_mail_of_a_reply_that_their_communities_hide() {
    each_town(|town| async move {
        let (home, epci) = (town.community("commune").await, town.community("epci").await);
        let author = town.reader("alice", Mode::None, &[]).await;
        town.reader("maison", Mode::Immediate, &[&home]).await;
        let beside = town.reader("epcien", Mode::Immediate, &[&epci]).await;
        let top = town.thread(&author, &home, "Travaux").await;
        town.place(&top, &epci).await;
        subscribing::follow_thread(&town.app, beside.id, top.id, true).await.unwrap();
        town.work().await;
        town.copies();
        let rude = posting::write(&town.app, reply(&author, &top, "Grossier.")).await.unwrap();
        placing::set_hidden(&town.app, town.mairie.id, epci.id, rude.id, true).await.unwrap();
        town.work().await;
        assert_eq!(town.copies(), [at_once("maison", "commune", "<p>Grossier.</p>")]);
        // Hidden between the row and its sending.
        let late = posting::write(&town.app, reply(&author, &top, "Tard.")).await.unwrap();
        town.fan_out().await;
        placing::set_hidden(&town.app, town.mairie.id, epci.id, late.id, true).await.unwrap();
        town.work().await;
        assert_eq!(town.copies(), [at_once("maison", "commune", "<p>Tard.</p>")]);
        let fine = posting::write(&town.app, reply(&author, &top, "Poli.")).await.unwrap();
        town.work().await;
        let told: Vec<String> = town.copies().into_iter().map(|copy| copy.0).collect();
        assert_eq!(told, ["epcien", "maison"], "{}", fine.ap_id);
        // Whom a reply answers is told of it, whoever hides it.
        let own = posting::write(&town.app, reply(&beside, &top, "Moi.")).await.unwrap();
        town.work().await;
        town.copies();
        let to_them = posting::write(&town.app, reply(&author, &own, "À vous.")).await.unwrap();
        placing::set_hidden(&town.app, town.mairie.id, epci.id, to_them.id, true).await.unwrap();
        town.work().await;
        let told: Vec<String> = town.copies().into_iter().map(|copy| copy.0).collect();
        assert_eq!(told, ["epcien", "maison"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn microblogs_hear_once_that_the_root_of_a_shared_thread_is_gone_and_that_it_is_back() {
    for ways in each_storage() {
        let stage = Stage::set(ways).await;
        let (net, alpha, beta) = (&stage.net, stage.alpha(), stage.beta());
        stage.honest.runs("mastodon");
        let home = community(beta, "commune", Posting::Everybody).await;
        let epci = community(alpha, "epci", Posting::Everybody).await;
        nest(net, (beta, &home), (alpha, &epci)).await;
        let follow = activity("Follow", &stage.bob, &format!("{}/follow", stage.bob), &json!(epci.ap_id));
        assert_eq!(stage.send(&stage.honest, alpha, &follow).await, 202);
        net.settle().await;
        stage.honest.forget();
        let heard = || -> Vec<(String, String)> {
            let all = stage.honest.activities();
            stage.honest.forget();
            let kind = |one: &Value| one["type"].as_str().unwrap().to_owned();
            let about = |one: &Value| {
                one["object"].as_str().or(one["object"]["id"].as_str()).unwrap_or_default().to_owned()
            };
            all.iter()
                .filter(|one| one["actor"] == epci.ap_id.as_str())
                .map(|one| (kind(one), about(one)))
                .collect()
        };
        let of_beta = person(beta, "bea").await;
        let of_alpha = joins(net, alpha, "alice", &[&home]).await;
        let mairie = mairie(beta).await;
        for (app, author) in [(beta, &of_beta), (alpha, &of_alpha)] {
            let top = write(app, author, &home, "Travaux", &epci).await;
            net.settle().await;
            let [(kind, root)] = &heard()[..] else { panic!("not shared") };
            assert_eq!((kind.as_str(), root), ("Announce", &top.ap_id));
            let at_home = post_at(beta, &top.ap_id).await.unwrap();
            let shared = post_at(alpha, &top.ap_id).await.unwrap();
            let place = epci.id;
            let row = alpha.read(move |conn| placements::find_in(conn, shared.id, place)).await.unwrap();
            let announce = row.unwrap().announce.unwrap();

            moderating::moderate_message(beta, mairie.id, at_home.id, Act::Remove, String::new())
                .await
                .unwrap();
            net.settle().await;
            assert_eq!(heard(), [("Undo".to_owned(), announce.clone())], "removed by its home");
            moderating::moderate_message(beta, mairie.id, at_home.id, Act::Restore, String::new())
                .await
                .unwrap();
            net.settle().await;
            assert_eq!(heard(), [("Announce".to_owned(), top.ap_id.clone())], "and restored");
            let own = post_at(app, &top.ap_id).await.unwrap();
            posting::delete(app, author.id, own.id).await.unwrap();
            net.settle().await;
            assert_eq!(heard(), [("Undo".to_owned(), announce)], "and deleted");
        }
        stage.clear().await;
    }
}
