//! Moderation over three instances: what a moderator of the home or of elsewhere does is the same everywhere.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use clocher_app::moderating::{self, Terms};
use clocher_app::{App, communities, membership, posting, reading, reporting, voting};
use clocher_domain::Refusal;
use clocher_domain::moderation::Act;
use clocher_domain::time::DAY;
use clocher_domain::vote::Vote;
use clocher_storage::actors::ActorRow;
use clocher_storage::posts::PostRow;
use clocher_storage::{bans, follows};
use clocher_tests::{Network, actor_at, each_network, person, post_at, reply, thread};
use std::sync::Arc;

const THREE: &[&str] = &["alpha", "beta", "gamma"];

/// Alice of alpha and Carol of gamma are members of beta's community, which Bob of beta moderates.
struct Village {
    alice: ActorRow,
    bob: ActorRow,
    carol: ActorRow,
    /// The community as alpha, beta and gamma have it.
    velo: [ActorRow; 3],
}

impl Village {
    async fn set(net: &Network) -> Self {
        let (alpha, beta, gamma) = (net.node("alpha"), net.node("beta"), net.node("gamma"));
        let (alice, bob) = (person(alpha, "alice").await, person(beta, "bob").await);
        let carol = person(gamma, "carol").await;
        let handle = format!("!velo@{}", beta.site().domain());
        let at_alpha = net.find(alpha, &handle).await.unwrap();
        let at_gamma = net.find(gamma, &handle).await.unwrap();
        let at_beta = communities::find(beta, "velo").await.unwrap();
        membership::join(alpha, alice.id, at_alpha.id).await.unwrap();
        membership::join(gamma, carol.id, at_gamma.id).await.unwrap();
        let mairie = communities_moderator(beta, &at_beta).await;
        moderate_person(beta, &mairie, &at_beta, &bob.ap_id, Act::Appoint, Terms::default()).await.unwrap();
        net.settle().await;
        Self { alice, bob, carol, velo: [at_alpha, at_beta, at_gamma] }
    }

    /// Who moderates: at the home, and elsewhere, where the home has made them a moderator.
    async fn moderators(&self, net: &Network) -> [(App, ActorRow); 2] {
        let (alpha, beta) = (net.node("alpha").clone(), net.node("beta").clone());
        let [_, velo, _] = &self.velo;
        moderate_person(&beta, &self.bob, velo, &self.alice.ap_id, Act::Appoint, Terms::default())
            .await
            .unwrap();
        net.settle().await;
        [(beta, self.bob.clone()), (alpha, self.alice.clone())]
    }

    /// The community as that instance has it.
    async fn velo_at(&self, app: &App) -> ActorRow {
        let [any, ..] = &self.velo;
        actor_at(app, &any.ap_id).await.unwrap()
    }
}

/// Whoever founded a community.
async fn communities_moderator(app: &App, community: &ActorRow) -> ActorRow {
    let community = community.clone();
    app.read(move |conn| moderating::list_moderators(conn, &community)).await.unwrap().remove(0)
}

async fn moderate_person(
    app: &App,
    moderator: &ActorRow,
    community: &ActorRow,
    person: &str,
    act: Act,
    terms: Terms,
) -> clocher_app::Result<()> {
    let person = actor_at(app, person).await.unwrap();
    moderating::moderate_person(app, moderator.id, community.id, person.id, act, terms).await
}

async fn moderate(
    app: &App,
    moderator: &ActorRow,
    message: &PostRow,
    act: Act,
) -> clocher_app::Result<PostRow> {
    let post = post_at(app, &message.ap_id).await.unwrap();
    moderating::moderate_message(app, moderator.id, post.id, act, "Hors charte".into()).await
}

/// What each of the three has of a message.
async fn everywhere(net: &Network, message: &PostRow) -> Vec<PostRow> {
    let mut all = Vec::new();
    for name in THREE {
        all.push(post_at(net.node(name), &message.ap_id).await.unwrap());
    }
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_moderators_do_with_messages_and_undo_is_the_same_on_all_three() {
    each_network(THREE, |net: Arc<Network>| async move {
        let village = Village::set(&net).await;
        let gamma = net.node("gamma");
        let [.., velo] = &village.velo;
        let top = posting::write(gamma, thread(&village.carol, velo, "Le pont", "Fermé.")).await.unwrap();
        let answer = posting::write(gamma, reply(&village.carol, &top, "Et rouvert.")).await.unwrap();
        net.settle().await;
        for (app, moderator) in village.moderators(&net).await {
            let host = app.site().domain();
            for (act, message) in [
                (Act::Lock, &top),
                (Act::Lock, &answer),
                (Act::Feature, &top),
                (Act::Remove, &answer),
                (Act::Remove, &top),
            ] {
                moderate(&app, &moderator, message, act).await.unwrap();
                net.settle().await;
                for post in everywhere(&net, message).await {
                    let state = (post.locked, post.featured_at.is_some(), post.removed_at.is_some());
                    let is_so = match act {
                        Act::Lock => state.0,
                        Act::Feature => state.1,
                        _ => state.2 && post.removal_reason.as_deref() == Some("Hors charte"),
                    };
                    assert!(is_so, "{act:?} by {host}: {state:?}");
                    assert_eq!(post.deleted_at, None, "a removal is not a deletion");
                }
            }
            for top in everywhere(&net, &top).await {
                assert_eq!((top.replies, top.featured_at), (0, None), "what is removed is not counted");
            }
            for (act, message) in
                [(Act::Restore, &top), (Act::Restore, &answer), (Act::Unlock, &answer), (Act::Unlock, &top)]
            {
                moderate(&app, &moderator, message, act).await.unwrap();
            }
            moderate(&app, &moderator, &top, Act::Feature).await.unwrap();
            moderate(&app, &moderator, &top, Act::Unfeature).await.unwrap();
            net.settle().await;
            for message in [&top, &answer] {
                for post in everywhere(&net, message).await {
                    assert!(
                        !post.locked && post.featured_at.is_none() && post.removed_at.is_none(),
                        "{host}"
                    );
                    assert_eq!(post.html, message.html, "what was removed is as it was");
                }
            }
            for top in everywhere(&net, &top).await {
                assert_eq!(top.replies, 1);
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_locked_thread_and_a_locked_reply_take_no_answers_but_of_moderators() {
    each_network(THREE, |net: Arc<Network>| async move {
        let village = Village::set(&net).await;
        let (beta, gamma) = (net.node("beta"), net.node("gamma"));
        let [.., velo] = &village.velo;
        let top = posting::write(gamma, thread(&village.carol, velo, "Le pont", "Fermé.")).await.unwrap();
        let answer = posting::write(gamma, reply(&village.carol, &top, "Et rouvert.")).await.unwrap();
        net.settle().await;
        moderate(beta, &village.bob, &answer, Act::Lock).await.unwrap();
        net.settle().await;
        let refused = posting::write(gamma, reply(&village.carol, &answer, "Non.")).await.unwrap_err();
        assert_eq!(refused.refusal(), Some(Refusal::ThreadLocked));
        posting::write(gamma, reply(&village.carol, &top, "À côté.")).await.unwrap();
        moderate(beta, &village.bob, &top, Act::Lock).await.unwrap();
        net.settle().await;
        let refused = posting::write(gamma, reply(&village.carol, &top, "Non.")).await.unwrap_err();
        assert_eq!(refused.refusal(), Some(Refusal::ThreadLocked));
        let at_beta = post_at(beta, &top.ap_id).await.unwrap();
        let last = posting::write(beta, reply(&village.bob, &at_beta, "Débat clos.")).await.unwrap();
        net.settle().await;
        assert_eq!(everywhere(&net, &last).await.len(), 3, "a moderator answers all the same");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_banned_takes_no_part_until_the_ban_is_lifted_or_ends() {
    each_network(THREE, |net: Arc<Network>| async move {
        let village = Village::set(&net).await;
        let gamma = net.node("gamma");
        let [.., velo] = &village.velo;
        let carol = &village.carol;
        let other = posting::write(net.node("beta"), {
            let [_, velo, _] = &village.velo;
            thread(&village.bob, velo, "Sortie", "Dimanche.")
        })
        .await
        .unwrap();
        for (app, moderator) in village.moderators(&net).await {
            membership::join(gamma, carol.id, velo.id).await.unwrap();
            let spam = posting::write(gamma, thread(carol, velo, "Réclame", "Achetez.")).await.unwrap();
            net.settle().await;
            let at_home = village.velo_at(&app).await;
            let terms = Terms {
                reason: "Réclame".into(),
                until: Some(app.now().plus(DAY).0),
                removes_messages: true,
            };
            moderate_person(&app, &moderator, &at_home, &carol.ap_id, Act::Ban, terms.clone()).await.unwrap();
            net.settle().await;
            for name in THREE {
                let node = net.node(name);
                let (community, banned) =
                    (village.velo_at(node).await, actor_at(node, &carol.ap_id).await.unwrap());
                let now = node.now().0;
                let ban = node.read(move |conn| bans::find(conn, community.id, banned.id)).await.unwrap();
                let ban = ban.unwrap_or_else(|| panic!("{name} knows nothing of the ban"));
                // The wire knows seconds only.
                assert_eq!(ban.until.unwrap() / 1_000, terms.until.unwrap() / 1_000);
                assert!(ban.reason == "Réclame" && ban.until.unwrap() > now);
                let removed = post_at(node, &spam.ap_id).await.unwrap();
                assert!(removed.removed_at.is_some(), "{name} still shows the message");
            }
            // She is a member no more, here and at the home.
            let (follower, followed) = (carol.id, velo.id);
            assert!(gamma.read(move |conn| follows::find(conn, follower, followed)).await.unwrap().is_none());
            let refusal = |error: clocher_app::Error| error.refusal();
            let at_gamma = post_at(gamma, &other.ap_id).await.unwrap();
            let written = posting::write(gamma, thread(carol, velo, "Encore", "Achetez.")).await;
            assert_eq!(refusal(written.unwrap_err()), Some(Refusal::Banned));
            let answered = posting::write(gamma, reply(carol, &at_gamma, "Achetez.")).await;
            assert_eq!(refusal(answered.unwrap_err()), Some(Refusal::Banned));
            let voted = voting::vote(gamma, carol.id, at_gamma.id, Some(Vote::Like)).await;
            assert_eq!(refusal(voted.unwrap_err()), Some(Refusal::Banned));
            let joined = membership::join(gamma, carol.id, velo.id).await;
            assert_eq!(refusal(joined.unwrap_err()), Some(Refusal::Banned));

            moderate_person(&app, &moderator, &at_home, &carol.ap_id, Act::Unban, Terms::default())
                .await
                .unwrap();
            net.settle().await;
        }
        membership::join(gamma, carol.id, velo.id).await.unwrap();
        net.settle().await;
        let back = posting::write(gamma, thread(carol, velo, "Pardon", "C’est fini.")).await.unwrap();
        net.settle().await;
        assert_eq!(everywhere(&net, &back).await.len(), 3);

        // A ban that is not lifted ends by itself.
        let [_, at_beta, _] = &village.velo;
        let terms = Terms { until: Some(gamma.now().plus(DAY).0), ..Terms::default() };
        moderate_person(net.node("beta"), &village.bob, at_beta, &carol.ap_id, Act::Ban, terms)
            .await
            .unwrap();
        net.settle().await;
        assert!(posting::write(gamma, thread(carol, velo, "Trop tôt", "Non.")).await.is_err());
        net.clock.advance(2 * DAY);
        membership::join(gamma, carol.id, velo.id).await.unwrap();
        net.settle().await;
        let later = posting::write(gamma, thread(carol, velo, "Plus tard", "Oui.")).await.unwrap();
        net.settle().await;
        assert_eq!(everywhere(&net, &later).await.len(), 3);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn moderators_are_the_same_everywhere_and_lose_their_office_everywhere() {
    each_network(THREE, |net: Arc<Network>| async move {
        let village = Village::set(&net).await;
        let (alpha, beta, gamma) = (net.node("alpha"), net.node("beta"), net.node("gamma"));
        let [at_alpha, at_beta, _] = &village.velo;
        let names = async |app: &App| {
            let velo = village.velo_at(app).await;
            let view = reading::community(app, velo.id, None, None).await.unwrap();
            let mut names: Vec<_> = view.moderators.into_iter().map(|row| row.name).collect();
            names.sort();
            names
        };
        for app in [alpha, beta, gamma] {
            assert_eq!(names(app).await, ["bob", "mairie"], "{}", app.site().domain());
        }
        let terms = Terms::default;
        moderate_person(beta, &village.bob, at_beta, &village.alice.ap_id, Act::Appoint, terms())
            .await
            .unwrap();
        net.settle().await;
        for app in [alpha, beta, gamma] {
            assert_eq!(names(app).await, ["alice", "bob", "mairie"], "{}", app.site().domain());
        }
        // A moderator elsewhere dismisses the one at the home, and has nothing more to say once dismissed.
        moderate_person(alpha, &village.alice, at_alpha, &village.bob.ap_id, Act::Dismiss, terms())
            .await
            .unwrap();
        net.settle().await;
        for app in [alpha, beta, gamma] {
            assert_eq!(names(app).await, ["alice", "mairie"], "{}", app.site().domain());
        }
        let refused =
            moderate_person(beta, &village.bob, at_beta, &village.alice.ap_id, Act::Dismiss, terms());
        assert_eq!(refused.await.unwrap_err().refusal(), Some(Refusal::NotAModerator));
        let mairie = communities_moderator(beta, at_beta).await;
        moderate_person(beta, &mairie, at_beta, &village.alice.ap_id, Act::Dismiss, terms()).await.unwrap();
        net.settle().await;
        for app in [alpha, beta, gamma] {
            assert_eq!(names(app).await, ["mairie"], "{}", app.site().domain());
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_joins_later_finds_what_is_featured() {
    each_network(THREE, |net: Arc<Network>| async move {
        let (beta, gamma) = (net.node("beta"), net.node("gamma"));
        let velo = communities::find(beta, "velo").await.unwrap();
        let mairie = communities_moderator(beta, &velo).await;
        let rules = posting::write(beta, thread(&mairie, &velo, "La charte", "Soyez polis.")).await.unwrap();
        let gone = posting::write(beta, thread(&mairie, &velo, "Ancienne", "Caduque.")).await.unwrap();
        for (message, act) in [(&gone, Act::Feature), (&rules, Act::Feature), (&gone, Act::Remove)] {
            moderate(beta, &mairie, message, act).await.unwrap();
        }
        let carol = person(gamma, "carol").await;
        let at_gamma = net.find(gamma, &velo.ap_id).await.unwrap();
        membership::join(gamma, carol.id, at_gamma.id).await.unwrap();
        net.settle().await;
        let view = reading::community(gamma, at_gamma.id, None, None).await.unwrap();
        let featured: Vec<_> = view.featured.into_iter().map(|line| line.top.post.ap_id).collect();
        assert_eq!(featured, std::slice::from_ref(&rules.ap_id));
        assert!(post_at(gamma, &gone.ap_id).await.is_none());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_report_reaches_the_moderators_of_the_home_once_and_nobody_else() {
    each_network(THREE, |net: Arc<Network>| async move {
        let village = Village::set(&net).await;
        let (alpha, beta, gamma) = (net.node("alpha"), net.node("beta"), net.node("gamma"));
        let [.., velo] = &village.velo;
        let top = posting::write(gamma, thread(&village.carol, velo, "Le pont", "Insultes.")).await.unwrap();
        net.settle().await;
        let at_alpha = post_at(alpha, &top.ap_id).await.unwrap();
        for _ in 0..2 {
            reporting::report(alpha, village.alice.id, at_alpha.id, " Insultes ".into()).await.unwrap();
        }
        let empty = reporting::report(alpha, village.alice.id, at_alpha.id, "  ".into()).await.unwrap_err();
        assert_eq!(empty.refusal(), Some(Refusal::EmptyText));
        net.settle().await;
        let [_, at_beta, _] = &village.velo;
        let reports = reporting::list(beta, village.bob.id, Some(at_beta.id)).await.unwrap();
        let [report] = reports.as_slice() else { panic!("{reports:?}") };
        assert_eq!((report.report.reason.as_str(), report.reporter.name.as_str()), ("Insultes", "alice"));
        assert_eq!(report.post.as_ref().unwrap().ap_id, top.ap_id);
        // The author's own server is told, and not by whom.
        let mairie = clocher_app::accounts::find(gamma, "mairie").await.unwrap().1;
        let told = reporting::list(gamma, mairie.id, None).await.unwrap();
        let [told] = told.as_slice() else { panic!("{told:?}") };
        assert_eq!(told.reporter.ap_id, alpha.site().instance_actor());
        let told = reporting::list(gamma, mairie.id, Some(village.velo_at(gamma).await.id)).await;
        assert_eq!(told.unwrap_err().refusal(), Some(Refusal::NotAModerator));
        // Not even its moderators' colleagues elsewhere see it; those who are no moderators see nothing.
        assert!(reporting::list(alpha, village.alice.id, Some(at_alpha.home_id.unwrap())).await.is_err());

        reporting::resolve(beta, village.bob.id, report.report.id).await.unwrap();
        assert!(reporting::list(beta, village.bob.id, Some(at_beta.id)).await.unwrap().is_empty());
    })
    .await;
}
