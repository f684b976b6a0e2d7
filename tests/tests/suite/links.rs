//! Links between communities of several instances and of one: proposed, agreed, refused, changed and ended.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use clocher_app::linking::{self, Linked};
use clocher_app::{App, communities, membership, placing, posting};
use clocher_domain::Refusal;
use clocher_domain::community::Posting;
use clocher_domain::link::{Accepting, LinkState, Policy, Relation, Sharing};
use clocher_domain::placement::{self, PlacementState, Way};
use clocher_domain::time::MINUTE;
use clocher_storage::actors::ActorRow;
use clocher_storage::links::{self, LinkRow};
use clocher_storage::placements::{self, ArrivalRow, PlacementRow};
use clocher_tests::{Network, Ways, actor_at, community, each_network, person, thread};
use std::sync::Arc;

const TWO: &[&str] = &["alpha", "beta"];
const THREE: &[&str] = &["alpha", "beta", "gamma"];

/// One end of a link: an instance, a community of it and who moderates it.
struct End {
    app: App,
    community: ActorRow,
    moderator: ActorRow,
}

impl End {
    async fn of(app: &App, name: &str) -> Self {
        let community = match communities::find(app, name).await {
            Ok(known) => known,
            Err(_) => community(app, name, Posting::Everybody).await,
        };
        let moderator = linking::administrator(app).await.unwrap();
        Self { app: app.clone(), community, moderator }
    }

    /// This end as the other's instance has it.
    async fn at(&self, net: &Network, other: &Self) -> ActorRow {
        net.find(&other.app, &self.community.ap_id).await.unwrap()
    }

    async fn propose(&self, net: &Network, other: &Self, relation: Relation) -> LinkRow {
        self.try_to_propose(net, other, relation).await.unwrap()
    }

    async fn try_to_propose(
        &self,
        net: &Network,
        other: &Self,
        relation: Relation,
    ) -> clocher_app::Result<LinkRow> {
        let there = other.at(net, self).await;
        let policy = Policy { shares: Sharing::Everything, accepts: Accepting::Everything };
        linking::propose(&self.app, self.moderator.id, self.community.id, there.id, relation, policy).await
    }

    async fn row(&self, other: &Self) -> Option<LinkRow> {
        let there = actor_at(&self.app, &other.community.ap_id).await?;
        let here = self.community.id;
        self.app.read(move |conn| links::find_between(conn, here, there.id)).await.unwrap()
    }

    async fn state(&self, other: &Self) -> Option<LinkState> {
        self.row(other).await.map(|row| row.state().unwrap())
    }

    async fn accept(&self, other: &Self) -> LinkRow {
        let row = self.row(other).await.unwrap();
        linking::accept(&self.app, self.moderator.id, row.id, Policy::default()).await.unwrap()
    }

    async fn end(&self, other: &Self) {
        let row = self.row(other).await.unwrap();
        linking::end(&self.app, self.moderator.id, row.id, false).await.unwrap();
    }

    /// The events of the journal, oldest first.
    async fn journal(&self) -> Vec<String> {
        let lines = linking::journal(&self.app, self.community.id, None, 100).await.unwrap();
        lines.into_iter().rev().map(|line| line.row.event).collect()
    }

    async fn listed(&self) -> Vec<Linked> {
        linking::list(&self.app, self.community.id).await.unwrap()
    }
}

async fn link(net: &Network, lower: &End, upper: &End) {
    lower.propose(net, upper, Relation::Upper).await;
    net.settle().await;
    upper.accept(lower).await;
    net.settle().await;
    assert_eq!(lower.state(upper).await, Some(LinkState::Active));
    assert_eq!(upper.state(lower).await, Some(LinkState::Active));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_is_proposed_by_either_end_agreed_by_the_other_and_listed_by_both() {
    each_network(TWO, |net: Arc<Network>| async move {
        let lower = End::of(net.node("alpha"), "velo").await;
        let upper = End::of(net.node("beta"), "velo").await;
        for (from, to, relation) in [(&lower, &upper, Relation::Upper), (&upper, &lower, Relation::Lower)] {
            from.propose(&net, to, relation).await;
            net.settle().await;
            assert_eq!(from.state(to).await, Some(LinkState::Proposed));
            assert_eq!(to.state(from).await, Some(LinkState::Asked));
            assert!(from.listed().await.is_empty() && to.listed().await.is_empty());
            to.accept(from).await;
            net.settle().await;
            for (end, other, relation) in [(from, to, relation), (to, from, relation.inverse())] {
                let listed = end.listed().await;
                assert_eq!(listed.len(), 1);
                let [linked] = listed.as_slice() else { panic!("{listed:?}") };
                assert_eq!((linked.relation, &linked.other.ap_id), (relation, &other.community.ap_id));
                let there = actor_at(&end.app, &other.community.ap_id).await.unwrap().id;
                let seen = end.app.read(move |conn| links::list_elsewhere(conn, there)).await.unwrap();
                assert_eq!(seen, [(end.community.ap_id.clone(), relation.inverse())]);
            }
            let everything = Policy { shares: Sharing::Everything, accepts: Accepting::Everything };
            assert_eq!(from.row(to).await.unwrap().policy().unwrap(), everything);
            assert_eq!(to.row(from).await.unwrap().other_policy().unwrap(), everything);
            assert_eq!(from.row(to).await.unwrap().other_policy().unwrap(), Policy::default());
            to.end(from).await;
            net.settle().await;
            assert_eq!(from.state(to).await, Some(LinkState::Ended));
            assert!(from.listed().await.is_empty() && to.listed().await.is_empty());
        }
        let first = ["link_proposed", "link_agreed", "link_ended"];
        let second = ["link_asked", "link_agreed", "link_ended"];
        assert_eq!(lower.journal().await, [first, second].concat());
        assert_eq!(upper.journal().await, [second, first].concat());
        let [.., line] = &linking::journal(&upper.app, upper.community.id, None, 100).await.unwrap()[..]
        else {
            panic!("an empty journal")
        };
        assert_eq!((line.actor.as_ref(), line.detail("relation").as_deref()), (None, Some("lower")));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_link_and_one_that_is_taken_back_can_be_proposed_again() {
    each_network(TWO, |net: Arc<Network>| async move {
        let (one, two) = (End::of(net.node("alpha"), "velo").await, End::of(net.node("beta"), "velo").await);
        one.propose(&net, &two, Relation::Peer).await;
        net.settle().await;
        let asked = two.row(&one).await.unwrap();
        linking::refuse(&two.app, two.moderator.id, asked.id).await.unwrap();
        net.settle().await;
        assert_eq!(one.state(&two).await, Some(LinkState::Refused));
        let again = linking::refuse(&two.app, two.moderator.id, asked.id).await.unwrap_err();
        assert_eq!(again.refusal(), Some(Refusal::NoLink));
        let second = one.propose(&net, &two, Relation::Peer).await;
        assert_ne!(second.offer, asked.offer, "a new proposal has an id of its own");
        net.settle().await;
        one.end(&two).await;
        net.settle().await;
        assert_eq!(two.state(&one).await, Some(LinkState::Ended));
        one.propose(&net, &two, Relation::Peer).await;
        net.settle().await;
        two.accept(&one).await;
        net.settle().await;
        assert_eq!(one.state(&two).await, Some(LinkState::Active));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn proposals_that_meet_are_an_agreement_and_a_counter_proposal_replaces_the_first() {
    each_network(TWO, |net: Arc<Network>| async move {
        let (one, two) = (End::of(net.node("alpha"), "velo").await, End::of(net.node("beta"), "velo").await);
        // Both at once: neither has heard of the other.
        let (there, here) = (two.at(&net, &one).await, one.at(&net, &two).await);
        let usual = Policy::default();
        let (first, second) = tokio::join!(
            linking::propose(&one.app, one.moderator.id, one.community.id, there.id, Relation::Upper, usual),
            linking::propose(&two.app, two.moderator.id, two.community.id, here.id, Relation::Lower, usual),
        );
        assert!(first.is_ok() && second.is_ok());
        net.settle().await;
        for (end, other) in [(&one, &two), (&two, &one)] {
            assert_eq!(end.state(other).await, Some(LinkState::Active));
        }
        one.end(&two).await;
        net.settle().await;
        assert_eq!(two.state(&one).await, Some(LinkState::Ended));

        one.propose(&net, &two, Relation::Upper).await;
        net.settle().await;
        two.propose(&net, &one, Relation::Peer).await;
        net.settle().await;
        let row = one.row(&two).await.unwrap();
        assert_eq!((row.state().unwrap(), row.relation().unwrap()), (LinkState::Asked, Relation::Peer));
        one.accept(&two).await;
        net.settle().await;
        let row = two.row(&one).await.unwrap();
        assert_eq!((row.state().unwrap(), row.relation().unwrap()), (LinkState::Active, Relation::Peer));
        let refused = one.try_to_propose(&net, &two, Relation::Upper).await.unwrap_err();
        assert_eq!(refused.refusal(), Some(Refusal::AlreadyLinked));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn either_end_changes_what_it_shares_and_the_other_records_it_with_its_own_clock() {
    each_network(TWO, |net: Arc<Network>| async move {
        let lower = End::of(net.node("alpha"), "velo").await;
        let upper = End::of(net.node("beta"), "velo").await;
        link(&net, &lower, &upper).await;
        let policy = Policy { shares: Sharing::Moderator, accepts: Accepting::Nothing };
        for (end, other) in [(&lower, &upper), (&upper, &lower)] {
            let before = other.row(end).await.unwrap();
            net.clock.advance(1_000);
            let row = end.row(other).await.unwrap();
            linking::change_policy(&end.app, end.moderator.id, row.id, policy).await.unwrap();
            net.settle().await;
            let after = other.row(end).await.unwrap();
            assert_eq!(after.other_policy().unwrap(), policy);
            assert_eq!(after.policy().unwrap(), before.policy().unwrap());
            assert!(after.effective_at >= before.effective_at + 1_000);
            assert_eq!(other.journal().await.last().map(String::as_str), Some("link_policy"));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn within_one_instance_the_moderators_of_the_other_end_are_asked_too() {
    each_network(TWO, |net: Arc<Network>| async move {
        let alpha = net.node("alpha");
        let marc = person(alpha, "marc").await;
        let mairie = linking::administrator(alpha).await.unwrap();
        let hamlet = community(alpha, "hameau", Posting::Everybody).await;
        let town = communities::find(alpha, "velo").await.unwrap();
        clocher_app::moderating::moderate_person(
            alpha,
            mairie.id,
            hamlet.id,
            marc.id,
            clocher_domain::moderation::Act::Appoint,
            clocher_app::moderating::Terms::default(),
        )
        .await
        .unwrap();
        let lower = End { app: alpha.clone(), community: hamlet, moderator: marc.clone() };
        let upper = End { app: alpha.clone(), community: town, moderator: mairie };
        lower.propose(&net, &upper, Relation::Upper).await;
        assert_eq!(upper.state(&lower).await, Some(LinkState::Asked));
        let row = upper.row(&lower).await.unwrap();
        let refused = linking::accept(alpha, marc.id, row.id, Policy::default()).await.unwrap_err();
        assert_eq!(refused.refusal(), Some(Refusal::NotAModerator));
        upper.accept(&lower).await;
        for (end, other) in [(&lower, &upper), (&upper, &lower)] {
            assert_eq!(end.state(other).await, Some(LinkState::Active));
        }
        lower.end(&upper).await;
        assert_eq!(upper.state(&lower).await, Some(LinkState::Ended));
        // Whoever moderates both need not ask.
        upper.propose(&net, &lower, Relation::Lower).await;
        assert_eq!(lower.state(&upper).await, Some(LinkState::Active));
        assert_eq!(lower.row(&upper).await.unwrap().other_policy().unwrap().shares, Sharing::Everything);
        net.settle().await;
        let events = ["link_proposed", "link_agreed", "link_ended", "link_asked", "link_agreed"];
        assert_eq!(lower.journal().await, events);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_community_has_several_uppers_and_a_known_circle_is_refused() {
    each_network(THREE, |net: Arc<Network>| async move {
        let commune = End::of(net.node("alpha"), "velo").await;
        let (canton, pays) =
            (End::of(net.node("beta"), "velo").await, End::of(net.node("gamma"), "velo").await);
        link(&net, &commune, &canton).await;
        link(&net, &commune, &pays).await;
        assert_eq!(commune.listed().await.len(), 2);
        link(&net, &canton, &pays).await;
        let refused = pays.try_to_propose(&net, &commune, Relation::Upper).await.unwrap_err();
        assert_eq!(refused.refusal(), Some(Refusal::LinkCycle));
        let hamlet = End::of(net.node("gamma"), "hameau").await;
        hamlet.propose(&net, &pays, Relation::Lower).await;
        assert_eq!(hamlet.state(&pays).await, Some(LinkState::Active));
        // The hamlet is above the pays, which is above the commune: the commune heard of it from the pays.
        net.settle().await;
        let refused = commune.try_to_propose(&net, &hamlet, Relation::Lower).await.unwrap_err();
        assert_eq!(refused.refusal(), Some(Refusal::LinkCycle));
        let refused = hamlet.try_to_propose(&net, &commune, Relation::Upper).await.unwrap_err();
        assert_eq!(refused.refusal(), Some(Refusal::LinkCycle));
        link(&net, &commune, &hamlet).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_follows_a_community_elsewhere_is_offered_what_it_is_linked_with() {
    each_network(THREE, |net: Arc<Network>| async move {
        let network = End::of(net.node("alpha"), "velo").await;
        let (town, valley) =
            (End::of(net.node("beta"), "ville").await, End::of(net.node("beta"), "vallee").await);
        town.propose(&net, &valley, Relation::Upper).await;
        link(&net, &network, &town).await;
        let gamma = net.node("gamma");
        let reader = person(gamma, "zoe").await;
        let followed = net.find(gamma, &network.community.ap_id).await.unwrap();
        let offered = async || {
            net.settle().await;
            let reachable = placing::list_reachable(gamma, followed.id).await.unwrap();
            reachable.beyond.into_iter().map(|one| one.community.name).collect::<Vec<_>>()
        };
        assert!(offered().await.is_empty(), "nobody here follows it");
        membership::join(gamma, reader.id, followed.id).await.unwrap();
        assert_eq!(offered().await, ["ville", "vallee"]);
        let choir = End::of(net.node("alpha"), "chorale").await;
        network.propose(&net, &choir, Relation::Peer).await;
        assert_eq!(offered().await, ["chorale", "ville", "vallee"], "what is new is told");
        network.end(&town).await;
        assert_eq!(offered().await, ["chorale"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_circle_that_three_close_at_once_is_harmless_and_stands_in_the_journals() {
    each_network(THREE, |net: Arc<Network>| async move {
        let ends = [
            End::of(net.node("alpha"), "velo").await,
            End::of(net.node("beta"), "velo").await,
            End::of(net.node("gamma"), "velo").await,
        ];
        let [a, b, c] = &ends;
        for (lower, upper) in [(a, b), (b, c), (c, a)] {
            lower.propose(&net, upper, Relation::Upper).await;
        }
        net.settle().await;
        for (lower, upper) in [(a, b), (b, c), (c, a)] {
            upper.accept(lower).await;
        }
        net.settle().await;
        let mut told = 0;
        for end in &ends {
            told += end.journal().await.iter().filter(|event| *event == "link_cycle").count();
        }
        let mut active = 0;
        for (lower, upper) in [(a, b), (b, c), (c, a)] {
            let (one, other) = (lower.state(upper).await, upper.state(lower).await);
            assert_eq!(one == Some(LinkState::Active), other == Some(LinkState::Active));
            active += usize::from(one == Some(LinkState::Active));
        }
        assert!(active < 3 || told >= 2, "{active} links of a circle, {told} lines about it");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_community_with_300_children_is_read_whole_by_the_next_one() {
    for ways in [Ways::SqliteHttp, Ways::PostgresHttp] {
        if ways == Ways::PostgresHttp && clocher_storage::testing::postgres_url().is_none() {
            continue;
        }
        let mut net = Network::start(ways, TWO, &[]).await;
        let upper = End::of(net.node("alpha"), "velo").await;
        for number in 0..300 {
            let child = End::of(&upper.app, &format!("commune{number}")).await;
            let row = linking::propose(
                &upper.app,
                upper.moderator.id,
                upper.community.id,
                child.community.id,
                Relation::Lower,
                Policy::default(),
            );
            assert_eq!(row.await.unwrap().state().unwrap(), LinkState::Active);
        }
        let lower = End::of(net.node("beta"), "velo").await;
        link(&net, &lower, &upper).await;
        assert_eq!(upper.listed().await.len(), 301);
        let there = actor_at(&lower.app, &upper.community.ap_id).await.unwrap().id;
        let seen = lower.app.read(move |conn| links::list_elsewhere(conn, there)).await.unwrap();
        assert_eq!(seen.len(), 301);
        net.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_in_the_middle_loses_nothing_of_the_agreement() {
    for ways in [Ways::SqliteHttp, Ways::SqliteDirect] {
        let mut net = Network::start(ways, TWO, &[]).await;
        let lower = End::of(net.node("alpha"), "velo").await;
        let upper = End::of(net.node("beta"), "velo").await;
        lower.propose(&net, &upper, Relation::Upper).await;
        net.restart().await;
        net.clock.advance(10 * MINUTE);
        net.settle().await;
        let (lower, upper) =
            (End::of(net.node("alpha"), "velo").await, End::of(net.node("beta"), "velo").await);
        upper.accept(&lower).await;
        // Beta agrees while alpha does not stand.
        net.restart_only(|app| app.site().domain().starts_with("beta")).await;
        net.restart().await;
        // What the workers of before had in hand is free again.
        net.clock.advance(10 * MINUTE);
        net.settle().await;
        for (end, other) in [(&lower, &upper), (&upper, &lower)] {
            assert_eq!(end.state(other).await, Some(LinkState::Active), "on {ways:?}");
        }
        net.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_ends_a_link_may_withdraw_what_came_by_it_alone() {
    each_network(TWO, |net: Arc<Network>| async move {
        let (alpha, beta) = (net.node("alpha"), net.node("beta"));
        let upper = End::of(alpha, "velo").await;
        let lower = End::of(alpha, "hameau").await;
        let beside = End::of(beta, "velo").await;
        link(&net, &upper, &beside).await;
        lower.propose(&net, &upper, Relation::Upper).await;
        let there = beside.at(&net, &upper).await.id;
        let mut placed = Vec::new();
        for neighbours in [vec![lower.community.id], vec![lower.community.id, there]] {
            let new = thread(&lower.moderator, &lower.community, "La fête", "Dimanche.");
            let post = posting::write(alpha, new).await.unwrap();
            let community_id = upper.community.id;
            let id = alpha.write(move |deed| {
                let (id, now) = (deed.app.mint(), deed.now());
                let row = PlacementRow {
                    id,
                    thread_id: post.id,
                    community_id,
                    state: PlacementState::Placed.as_str().to_owned(),
                    ways: placement::Ways::default().with(Way::Up).bits(),
                    path: "[]".to_owned(),
                    announce: None,
                    accepted_title: None,
                    accepted_html: None,
                    decider_id: None,
                    created_at: now,
                    changed_at: now,
                    dated_at: now,
                };
                placements::put(deed.conn, &row)?;
                for neighbour_id in neighbours {
                    let arrival = ArrivalRow {
                        placement_id: id,
                        neighbour_id,
                        way: Way::Up.as_str().to_owned(),
                        path: "[]".to_owned(),
                        announces: "[]".to_owned(),
                        offer: String::new(),
                        created_at: now,
                    };
                    placements::put_arrival(deed.conn, &arrival)?;
                }
                Ok::<_, clocher_app::Error>(id)
            });
            placed.push(id.await.unwrap());
        }
        let states = async || {
            let ids = placed.clone();
            let read = alpha.read(move |conn| {
                ids.iter().map(|id| placements::find(conn, *id)).collect::<Result<Vec<_>, _>>()
            });
            read.await.unwrap().into_iter().map(|row| row.unwrap().state().unwrap()).collect::<Vec<_>>()
        };
        upper.end(&lower).await;
        assert_eq!(states().await, [PlacementState::Placed, PlacementState::Placed], "what was placed stays");
        lower.propose(&net, &upper, Relation::Upper).await;
        let row = upper.row(&lower).await.unwrap();
        linking::end(alpha, upper.moderator.id, row.id, true).await.unwrap();
        assert_eq!(states().await, [PlacementState::Withdrawn, PlacementState::Placed]);
    })
    .await;
}
