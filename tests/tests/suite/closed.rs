//! Closed and hidden communities between two instances: who is let in, what they get, and what they get no more.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use clocher_app::ports::Directory;
use clocher_app::{App, admitting, membership, posting, readers, reading, voting};
use clocher_domain::Refusal;
use clocher_domain::audience::Visibility;
use clocher_domain::community::Openness;
use clocher_domain::membership::Standing;
use clocher_domain::vote::Vote;
use clocher_storage::actors::ActorRow;
use clocher_storage::communities;
use clocher_storage::posts::PostRow;
use clocher_tests::request::get;
use clocher_tests::stage::each_storage;
use clocher_tests::{Network, actor_at, circle, each_network, person, post_at, reply, thread};
use std::sync::Arc;

const TWO: &[&str] = &["alpha", "beta"];

/// Whether that person of an instance reads the message with that id there.
async fn reads(app: &App, person: &ActorRow, ap_id: &str) -> bool {
    let Some(post) = post_at(app, ap_id).await else { return false };
    let id = person.id;
    let may = app.read(move |conn| readers::may_read(conn, &post, Some(id))).await.unwrap();
    let post = post_at(app, ap_id).await.unwrap();
    assert!(
        !app.read(move |conn| readers::may_read(conn, &post, None)).await.unwrap(),
        "a stranger reads {ap_id}"
    );
    may
}

async fn openness_at(app: &App, ap_id: &str) -> Openness {
    let id = actor_at(app, ap_id).await.unwrap().id;
    app.read(move |conn| communities::find_openness(conn, id)).await.unwrap().unwrap()
}

/// Alice's closed community of alpha, and Bob and Carol of beta, where it is known.
struct Council {
    alice: ActorRow,
    bob: ActorRow,
    carol: ActorRow,
    home: ActorRow,
    at_beta: ActorRow,
}

impl Council {
    async fn of(net: &Network) -> Self {
        let (alpha, beta) = (net.node("alpha"), net.node("beta"));
        let alice = person(alpha, "alice").await;
        let (bob, carol) = (person(beta, "bob").await, person(beta, "carol").await);
        let home = circle(alpha, "conseil", Openness::Closed, &alice).await;
        let at_beta = net.find(beta, &format!("!conseil@{}", alpha.site().domain())).await.unwrap();
        Self { alice, bob, carol, home, at_beta }
    }

    async fn writes(&self, net: &Network, title: &str) -> PostRow {
        let new = thread(&self.alice, &self.home, title, "Réservé aux membres.");
        let post = posting::write(net.node("alpha"), new).await.unwrap();
        net.settle().await;
        post
    }

    /// Bob asks, and Alice lets him in.
    async fn let_bob_in(&self, net: &Network) {
        let (alpha, beta) = (net.node("alpha"), net.node("beta"));
        let standing = membership::join(beta, self.bob.id, self.at_beta.id).await.unwrap();
        assert_eq!(standing, Standing::Requested);
        net.settle().await;
        let admission = admitting::list(alpha, self.alice.id, self.home.id).await.unwrap().unwrap();
        let [request] = admission.requests.as_slice() else { panic!("{admission:?}") };
        assert_eq!(request.person.ap_id, self.bob.ap_id);
        admitting::answer(alpha, self.alice.id, self.home.id, request.person.id, true).await.unwrap();
        net.settle().await;
    }

    async fn standing_of_bob(&self, net: &Network) -> Option<Standing> {
        let joined = reading::joined(net.node("beta"), self.bob.id).await.unwrap();
        joined.into_iter().find(|(row, _)| row.id == self.at_beta.id).map(|(_, standing)| standing)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_let_into_a_closed_community_takes_part_until_removed_and_gets_nothing_afterwards() {
    each_network(TWO, |net: Arc<Network>| async move {
        let council = Council::of(&net).await;
        let (alpha, beta) = (net.node("alpha"), net.node("beta"));
        assert_eq!(openness_at(beta, &council.home.ap_id).await, Openness::Closed);
        let before = council.writes(&net, "Avant").await;
        council.let_bob_in(&net).await;
        assert_eq!(council.standing_of_bob(&net).await, Some(Standing::Accepted));
        assert!(post_at(beta, &before.ap_id).await.is_none());

        let top = council.writes(&net, "Compte rendu").await;
        let copy = post_at(beta, &top.ap_id).await.expect("the thread at the member's server");
        assert_eq!(copy.visibility().unwrap(), Visibility::Members);
        assert_eq!(copy.home_id, Some(council.at_beta.id));
        assert!(reads(beta, &council.bob, &top.ap_id).await);
        assert!(!reads(beta, &council.carol, &top.ap_id).await);
        let outsider = posting::write(beta, reply(&council.carol, &copy, "Et moi ?")).await;
        assert!(matches!(outsider, Err(clocher_app::Error::Refused(Refusal::NotFound))), "{outsider:?}");

        let answer = posting::write(beta, reply(&council.bob, &copy, "Merci.")).await.unwrap();
        voting::vote(beta, council.bob.id, copy.id, Some(Vote::Like)).await.unwrap();
        net.settle().await;
        let arrived = post_at(alpha, &answer.ap_id).await.expect("the reply at its home");
        assert_eq!(arrived.visibility().unwrap(), Visibility::Members);
        assert!(reads(alpha, &council.alice, &answer.ap_id).await);
        let top_now = post_at(alpha, &top.ap_id).await.unwrap();
        assert_eq!((top_now.likes, top_now.replies), (1, 1));

        // No list and no address shows it to a stranger.
        for app in [alpha, beta] {
            let home = reading::home(app, None, None).await.unwrap();
            assert!(home.page.threads.is_empty());
            let host = app.site().domain().to_owned();
            let path = |ap_id: &str| ap_id.replace(&app.site().address(""), "");
            let mut targets: Vec<String> = [&before, &top, &answer]
                .into_iter()
                .filter(|post| app.site().owns(&post.ap_id))
                .flat_map(|post| {
                    let path = path(&post.ap_id);
                    [path.clone(), format!("{path}/context"), format!("{path}/replies")]
                })
                .collect();
            if app.site().owns(&council.home.ap_id) {
                let group = path(&council.home.ap_id);
                let parts = ["outbox", "followers", "moderators", "featured", "affiliations"];
                targets.extend(parts.map(|part| format!("{group}/{part}")));
            }
            assert_eq!(get(net.address, &host, targets).await, []);
        }

        let at_alpha = actor_at(alpha, &council.bob.ap_id).await.unwrap();
        admitting::remove(alpha, council.alice.id, council.home.id, at_alpha.id).await.unwrap();
        net.settle().await;
        assert_eq!(council.standing_of_bob(&net).await, None);
        assert!(!reads(beta, &council.bob, &top.ap_id).await);
        assert!(!reads(beta, &council.bob, &answer.ap_id).await, "one's own, after one has left");
        let after = council.writes(&net, "Après").await;
        posting::edit(alpha, council.alice.id, top.id, Some("Changé".into()), "Autre.".into()).await.unwrap();
        net.settle().await;
        assert!(post_at(beta, &after.ap_id).await.is_none());
        assert_eq!(post_at(beta, &top.ap_id).await.unwrap().title.as_deref(), Some("Compte rendu"));
        // Who is removed may ask again.
        let again = membership::join(beta, council.bob.id, council.at_beta.id).await.unwrap();
        assert_eq!(again, Standing::Requested);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_outlives_a_restart_and_may_be_refused_or_withdrawn() {
    for ways in each_storage() {
        let mut net = Network::start(ways, TWO, &[]).await;
        let council = Council::of(&net).await;
        membership::join(net.node("beta"), council.bob.id, council.at_beta.id).await.unwrap();
        net.settle().await;
        net.restart().await;
        let at_alpha = actor_at(net.node("alpha"), &council.bob.ap_id).await.unwrap();
        let (alice, closed) = (council.alice.id, council.home.id);
        admitting::answer(net.node("alpha"), alice, closed, at_alpha.id, false).await.unwrap();
        net.settle().await;
        assert_eq!(council.standing_of_bob(&net).await, None);
        council.let_bob_in(&net).await;
        net.restart().await;
        let top = council.writes(&net, "Compte rendu").await;
        assert!(reads(net.node("beta"), &council.bob, &top.ap_id).await);
        membership::leave(net.node("beta"), council.bob.id, council.at_beta.id).await.unwrap();
        net.settle().await;
        let members = admitting::list(net.node("alpha"), alice, closed).await.unwrap().unwrap().members;
        assert_eq!(members.len(), 1, "{members:?}");
        let after = council.writes(&net, "Après").await;
        assert!(post_at(net.node("beta"), &after.ap_id).await.is_none());
        net.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hidden_community_is_known_to_whom_it_invites_and_to_nobody_else() {
    each_network(TWO, |net: Arc<Network>| async move {
        let (alpha, beta) = (net.node("alpha"), net.node("beta"));
        let (alice, dave) = (person(alpha, "alice").await, person(alpha, "dave").await);
        let (bob, carol) = (person(beta, "bob").await, person(beta, "carol").await);
        let hidden = circle(alpha, "cercle", Openness::Hidden, &alice).await;
        let handle = format!("!cercle@{}", alpha.site().domain());
        assert!(net.find(beta, &handle).await.is_err());
        assert!(net.find(beta, &hidden.ap_id).await.is_err());
        let refused = membership::join(alpha, dave.id, hidden.id).await;
        assert!(matches!(refused, Err(clocher_app::Error::Refused(Refusal::NotFound))), "{refused:?}");
        let listed = reading::home(alpha, None, None).await.unwrap().communities;
        assert!(listed.iter().all(|line| line.actor.id != hidden.id));

        let at_alpha = net.find(alpha, &bob.ap_id).await.unwrap();
        net.directory().learn_software(alpha, &at_alpha).await.unwrap();
        admitting::invite(alpha, alice.id, hidden.id, at_alpha.id).await.unwrap();
        admitting::invite(alpha, alice.id, hidden.id, dave.id).await.unwrap();
        net.settle().await;
        let [invitation] = &admitting::invitations_for(beta, bob.id).await.unwrap()[..] else {
            panic!("no invitation")
        };
        assert_eq!(invitation.ap_id, hidden.ap_id);
        assert_eq!(openness_at(beta, &hidden.ap_id).await, Openness::Hidden);
        assert_eq!(membership::join(alpha, dave.id, hidden.id).await.unwrap(), Standing::Accepted);
        membership::join(beta, bob.id, invitation.id).await.unwrap();
        net.settle().await;
        assert_eq!(admitting::invitations_for(beta, bob.id).await.unwrap(), []);

        let top = posting::write(alpha, thread(&alice, &hidden, "Entre nous", "Chut.")).await.unwrap();
        net.settle().await;
        assert!(reads(beta, &bob, &top.ap_id).await && reads(alpha, &dave, &top.ap_id).await);
        assert!(!reads(beta, &carol, &top.ap_id).await);
        let (carols, group) = (carol.id, invitation.clone());
        assert!(!beta.read(move |conn| readers::may_know(conn, &group, Some(carols))).await.unwrap());
        let elsewhere = reading::home(beta, None, None).await.unwrap().elsewhere;
        assert_eq!(elsewhere.len(), 0, "a hidden community is named to nobody");

        membership::leave(beta, bob.id, invitation.id).await.unwrap();
        net.settle().await;
        let after = posting::write(alpha, thread(&alice, &hidden, "Après", "Chut.")).await.unwrap();
        net.settle().await;
        assert!(post_at(beta, &after.ap_id).await.is_none());
        membership::join(beta, bob.id, invitation.id).await.unwrap();
        net.settle().await;
        let members = admitting::list(alpha, alice.id, hidden.id).await.unwrap().unwrap().members;
        assert_eq!(members.len(), 2, "who has left is not let in again unasked");
    })
    .await;
}
